import NIOCore
import NIOPosix

#if WRIT_LIGHT
    /// This build has no TLS.
    final class TLSContext: Sendable {
        init(
            _ settings: TLSSettings, _ group: MultiThreadedEventLoopGroup, _ logger: ServerLogger
        ) throws(ServerFailure) {
            throw ServerFailure(message: "this build has no TLS")
        }

        func secure(_ channel: any Channel) throws {}

        static func clientCertificate(of channel: any Channel) -> [UInt8]? { nil }
    }
#else
    import Glibc
    import NIOConcurrencyHelpers
    import NIOSSL

    /// Certificate and key of a server, read again where the files change.
    final class TLSContext: Sendable {
        private struct State {
            var context: NIOSSLContext
            var texts: [[UInt8]]
            /// What was wrong when the files were last looked at.
            var problem: String?
        }

        private let settings: TLSSettings
        private let logger: ServerLogger
        private let state: NIOLockedValueBox<State>

        init(
            _ settings: TLSSettings, _ group: MultiThreadedEventLoopGroup, _ logger: ServerLogger
        ) throws(ServerFailure) {
            self.settings = settings
            self.logger = logger
            let texts = try Self.texts(settings)
            state = NIOLockedValueBox(State(context: try Self.context(settings, texts), texts: texts))
            guard settings.refreshPeriod > 0 else { return }
            let period = TimeAmount.nanoseconds(Int64(settings.refreshPeriod * 1e9))
            group.next().scheduleRepeatedTask(initialDelay: period, delay: period) { [weak self] task in
                guard let self else {
                    task.cancel()
                    return
                }
                refresh()
            }
        }

        /// Takes what the files hold now; where that is no certificate and key, the former ones stay, and the log says
        /// so once.
        private func refresh() {
            do throws(ServerFailure) {
                let texts = try Self.texts(settings)
                guard texts != state.withLockedValue({ $0.texts }) else {
                    state.withLockedValue { $0.problem = nil }
                    return
                }
                let context = try Self.context(settings, texts)
                state.withLockedValue { $0 = State(context: context, texts: texts) }
                logger.log(.info, "Refreshed TLS certificates.", [("cert-file", .text(settings.certificateFile))])
            } catch {
                let message = error.message
                let isNew = state.withLockedValue { state in
                    defer { state.problem = message }
                    return state.problem != message
                }
                guard isNew else { return }
                logger.log(
                    .error, "Failed to refresh TLS certificates; the former ones stay in use.",
                    [("cert-file", .text(settings.certificateFile)), ("err", .text(message))])
            }
        }

        /// The certificate that a client showed, in DER; nil without one.
        static func clientCertificate(of channel: any Channel) -> [UInt8]? {
            let handler = try? channel.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
            return try? handler?.peerCertificate?.toDERBytes()
        }

        func secure(_ channel: any Channel) throws {
            let context = state.withLockedValue { $0.context }
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
        }

        private static func context(_ settings: TLSSettings, _ texts: [[UInt8]]) throws(ServerFailure) -> NIOSSLContext
        {
            guard let chain = try? NIOSSLCertificate.fromPEMBytes(texts[0]), !chain.isEmpty else {
                throw ServerFailure(message: "\(settings.certificateFile): no certificate")
            }
            guard let key = try? NIOSSLPrivateKey(bytes: texts[1], format: .pem) else {
                throw ServerFailure(message: "\(settings.keyFile): no private key")
            }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.minimumTLSVersion = settings.isStrict ? .tlsv13 : .tlsv12
            configuration.applicationProtocols = ["h2", "http/1.1"]
            if !settings.cipherSuites.isEmpty {
                configuration.cipherSuites = settings.cipherSuites.joined(separator: ":")
            }
            if texts.count > 2 {
                guard let authorities = try? NIOSSLCertificate.fromPEMBytes(texts[2]), !authorities.isEmpty else {
                    throw ServerFailure(message: "\(settings.authorityFile ?? ""): no certificate")
                }
                configuration.trustRoots = .certificates(authorities)
                configuration.certificateVerification = .noHostnameVerification
            } else if settings.requiresCertificate {
                configuration.trustRoots = .default
                configuration.certificateVerification = .noHostnameVerification
            }
            do { return try NIOSSLContext(configuration: configuration) } catch {
                throw ServerFailure(message: "TLS: \(error)")
            }
        }

        private static func texts(_ settings: TLSSettings) throws(ServerFailure) -> [[UInt8]] {
            var texts = [try read(settings.certificateFile), try read(settings.keyFile)]
            if let file = settings.authorityFile { texts.append(try read(file)) }
            return texts
        }

        /// The first megabyte of a file: no certificates are longer.
        private static func read(_ path: String) throws(ServerFailure) -> [UInt8] {
            guard let file = fopen(path, "rb") else {
                throw ServerFailure(
                    message: "open \(path): \(errno == EACCES ? "permission denied" : "no such file or directory")")
            }
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            let count = fread(&bytes, 1, bytes.count, file)
            return Array(bytes[..<count])
        }
    }
#endif
