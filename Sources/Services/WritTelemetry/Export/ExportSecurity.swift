import Glibc
import NIOSSL

/// What a collector is shown and asked for over TLS.
enum ExportSecurity {
    /// Nil where no TLS is spoken. Throws for files that are none; they are looked at even where they are not used.
    static func configuration(_ settings: TracingSettings) throws(TracingFailure) -> TLSConfiguration? {
        guard settings.certificateFile.isEmpty == settings.keyFile.isEmpty else {
            throw TracingFailure(
                "distributed_tracing.tls_cert_file and distributed_tracing.tls_private_key_file must be specified together"
            )
        }
        var chain: [NIOSSLCertificate] = []
        var key: NIOSSLPrivateKey?
        if !settings.certificateFile.isEmpty {
            chain = try certificates(settings.certificateFile)
            let text = try read(settings.keyFile)
            key = try? NIOSSLPrivateKey(bytes: text, format: .pem)
            guard key != nil else { throw TracingFailure("\(settings.keyFile): no private key") }
        }
        let authorities = settings.authorityFile.isEmpty ? nil : try certificates(settings.authorityFile)
        guard settings.encryption != .off else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let authorities { configuration.trustRoots = .certificates(authorities) }
        if !settings.verifiesServer { configuration.certificateVerification = .none }
        guard settings.encryption == .mutual else { return configuration }
        guard let key else { throw TracingFailure("distributed_tracing.tls_cert_file required but not supplied") }
        configuration.certificateChain = chain.map { .certificate($0) }
        configuration.privateKey = .privateKey(key)
        return configuration
    }

    private static func certificates(_ path: String) throws(TracingFailure) -> [NIOSSLCertificate] {
        let text = try read(path)
        guard let found = try? NIOSSLCertificate.fromPEMBytes(text), !found.isEmpty else {
            throw TracingFailure("\(path): no certificate")
        }
        return found
    }

    /// The first megabyte of a file: no certificates are longer.
    private static func read(_ path: String) throws(TracingFailure) -> [UInt8] {
        guard let file = fopen(path, "rb") else {
            throw TracingFailure(
                "open \(path): \(errno == EACCES ? "permission denied" : "no such file or directory")")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }
}
