import NIOSSL
import Synchronization

/// What a service is shown and asked for over TLS. Files are read again where they may have changed.
final class ServiceSecurity: Sendable {
    private struct State {
        var texts: [[UInt8]] = []
        var configuration: TLSConfiguration?
        var looked: UInt64 = 0
    }

    private let settings: ServiceSettings
    private let state = Mutex(State())

    init(_ settings: ServiceSettings) { self.settings = settings }

    /// The configuration of the next request; nil where nothing special is asked for.
    func configuration() throws(ServiceFailure) -> TLSConfiguration? {
        var client: ServiceCredentials.ClientTLS?
        if case .clientTLS(let settings) = settings.credentials { client = settings }
        guard client != nil || settings.authorityFile != nil || settings.allowsInsecureTLS else { return nil }
        let settings = settings
        let result: Result<TLSConfiguration?, ServiceFailure> = state.withLock { state in
            let interval = UInt64(client?.rereadInterval ?? 0) * 1_000_000_000
            let now = SteadyClock.nanoseconds()
            if state.configuration != nil, interval > 0, now &- state.looked < interval {
                return .success(state.configuration)
            }
            do throws(ServiceFailure) {
                var texts: [[UInt8]] = []
                if let file = settings.authorityFile { texts.append(try Files.read(file)) }
                if let client {
                    texts.append(try Files.read(client.certificateFile))
                    texts.append(try Files.read(client.keyFile))
                }
                state.looked = now
                if state.configuration == nil || texts != state.texts {
                    state.configuration = try Self.make(settings, client, texts)
                    state.texts = texts
                }
                return .success(state.configuration)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func make(
        _ settings: ServiceSettings, _ client: ServiceCredentials.ClientTLS?, _ texts: [[UInt8]]
    ) throws(ServiceFailure) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if settings.allowsInsecureTLS { configuration.certificateVerification = .none }
        if let file = settings.authorityFile {
            guard let roots = try? NIOSSLCertificate.fromPEMBytes(texts[0]), !roots.isEmpty else {
                throw ServiceFailure("\(file): unable to parse CA certificates")
            }
            if settings.usesSystemAuthorities {
                configuration.additionalTrustRoots = [.certificates(roots)]
            } else {
                configuration.trustRoots = .certificates(roots)
            }
        }
        guard let client, texts.count > 1 else { return configuration }
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(texts[texts.count - 2]), !chain.isEmpty else {
            throw ServiceFailure("\(client.certificateFile): no certificate")
        }
        let key: NIOSSLPrivateKey?
        if client.passphrase.isEmpty {
            key = try? NIOSSLPrivateKey(bytes: texts[texts.count - 1], format: .pem)
        } else {
            let passphrase = Array(client.passphrase.utf8)
            key = try? NIOSSLPrivateKey(bytes: texts[texts.count - 1], format: .pem) { give in give(passphrase) }
        }
        guard let key else { throw ServiceFailure("\(client.keyFile): no private key, or another passphrase") }
        configuration.certificateChain = chain.map { .certificate($0) }
        configuration.privateKey = .privateKey(key)
        return configuration
    }
}
