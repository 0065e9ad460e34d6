import ArgumentParser
import WritServer

/// Who may reach a server, and how.
struct AccessOptions: ParsableArguments {
    @Option(
        name: .customLong("authentication"),
        help: "How clients say who they are: off, token, tls (by the certificate they show).")
    var authentication = "off"
    @Option(
        name: .customLong("authorization"),
        help: "Who may ask what: off (anybody), basic (what data.system.authz.allow says).")
    var authorization = "off"
    @Option(
        name: .customLong("diagnostic-addr"),
        help: "Where only /health and /metrics are answered, without authorization (repeatable).")
    var diagnosticAddresses: [String] = []
    @Option(name: .customLong("tls-cert-file"), help: "The server's certificate and its chain, as PEM.")
    var certificate: String?
    @Option(name: .customLong("tls-private-key-file"), help: "The certificate's key, as PEM.")
    var privateKey: String?
    @Option(
        name: .customLong("tls-ca-cert-file"), help: "Authorities of which clients must show a certificate, as PEM.")
    var authority: String?
    @Option(
        name: .customLong("tls-cert-refresh-period"),
        help: "How often the files are looked at for new certificates, such as 10m.")
    var refreshPeriod: String?
    @Option(name: .customLong("min-tls-version"), help: "The oldest version of TLS that is spoken: 1.2, 1.3.")
    var oldestVersion = "1.2"

    @Option(
        name: .customLong("tls-cipher-suites"),
        help: "Cipher suites up to TLS 1.2, by their IANA names (repeatable); without it the library's default.")
    var cipherSuites: [String] = []

    /// Puts what was asked for into a configuration.
    func apply(to configuration: inout ServerConfiguration) throws(UsageFailure) {
        switch authentication {
        case "off": configuration.authentication = .off
        case "token": configuration.authentication = .token
        case "tls":
            configuration.authentication = .tls
            guard certificate != nil else {
                throw UsageFailure(
                    message: "--authentication=tls needs --tls-cert-file and --tls-private-key-file")
            }
        default: throw UsageFailure(message: "unknown authentication: \(authentication): must be off, token or tls")
        }
        switch authorization {
        case "off": configuration.authorizes = false
        case "basic": configuration.authorizes = true
        default: throw UsageFailure(message: "unknown authorization: \(authorization): must be off or basic")
        }
        configuration.diagnosticAddresses = diagnosticAddresses.flatMap { $0.split(separator: ",").map(String.init) }
        guard certificate != nil || privateKey != nil || authority != nil else { return }
        guard let certificate, let privateKey else {
            throw UsageFailure(message: "--tls-cert-file and --tls-private-key-file must be specified together")
        }
        var settings = TLSSettings(certificateFile: certificate, keyFile: privateKey)
        settings.authorityFile = authority
        settings.requiresCertificate = authentication == "tls"
        settings.cipherSuites = cipherSuites.flatMap { $0.split(separator: ",").map(String.init) }
        switch oldestVersion {
        case "1.2": settings.isStrict = false
        case "1.3": settings.isStrict = true
        default: throw UsageFailure(message: "unknown TLS version: \(oldestVersion): must be 1.2 or 1.3")
        }
        if let refreshPeriod {
            guard let seconds = GoDuration.seconds(refreshPeriod) else {
                throw UsageFailure(message: "invalid duration: \(refreshPeriod)")
            }
            settings.refreshPeriod = seconds
        }
        configuration.tls = settings
    }
}
