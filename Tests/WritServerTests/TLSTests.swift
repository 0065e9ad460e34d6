#if canImport(NIOSSL)
    import Glibc
    import NIOCore
    import NIOPosix
    import NIOSSL
    import Testing

    @testable import WritServer

    /// Certificates and a key made for these tests only, on P-256, good until 2120.
    enum PEM {
        /// CN=root, an authority.
        static let root = """
            -----BEGIN CERTIFICATE-----
            MIIBIDCByKADAgECAgEHMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBHJvb3QwIBcN
            MjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMA8xDTALBgNVBAMMBHJvb3Qw
            WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATnFXJqhHCfFtVkwdTvClJZU7ynlH0K
            ZPk0cNAZ/0WHxKwt6lsgmgng8hZ2sn9ed8+oVBAvRWwY3aD7/fR10oQKoxMwETAP
            BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIHUqLBIfV3UBI/3sxOKB
            cf4FPg+LDuEHLHiGAqn6XHC0AiA4hXEB6ts6sDcNBxOHC1hzszQIgT3qDZUOmQ3u
            vLjuQg==
            -----END CERTIFICATE-----

            """
        /// CN=mid, which root signed.
        static let intermediate = """
            -----BEGIN CERTIFICATE-----
            MIIBIDCBx6ADAgECAgEHMAoGCCqGSM49BAMCMA8xDTALBgNVBAMMBHJvb3QwIBcN
            MjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMA4xDDAKBgNVBAMMA21pZDBZ
            MBMGByqGSM49AgEGCCqGSM49AwEHA0IABOgnbZeo6OWEtJGiTF6OVQs1GJaDfxX6
            3U7PFjQ957v8L/cK1FgZQN4B/FOBAqxnythoT7ELYWx/+m9THKWY7NOjEzARMA8G
            A1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgOMySCNY2khULez67bVop
            wN7Z4A7aTsJZIyXGqdpTO1wCIQCwtMN19SkgAvyF2ow3sTfUR45C7dk3Pd1GXuFN
            MZmtZA==
            -----END CERTIFICATE-----

            """
        /// For *.device.example, which mid signed.
        static let leaf = """
            -----BEGIN CERTIFICATE-----
            MIIBTjCB9aADAgECAgEHMAoGCCqGSM49BAMCMA4xDDAKBgNVBAMMA21pZDAgFw0y
            MDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowDzENMAsGA1UEAwwEbGVhZjBZ
            MBMGByqGSM49AgEGCCqGSM49AwEHA0IABFOeVDl2kXmMYzmv7ygbWYErmgtQ5UGr
            +6WiVnRxWI8z8mrXzT5fx/uPneQwzPhUAAVPMbq6Vs5iQpjC0jCCzcSjQTA/MAwG
            A1UdEwEB/wQCMAAwLwYDVR0RBCgwJoIQKi5kZXZpY2UuZXhhbXBsZYYSc3BpZmZl
            Oi8vZXhhbXBsZS9kMAoGCCqGSM49BAMCA0gAMEUCIFtrQwO3OMmDakVeAq2HGcCN
            jGfov99CtVT7I//bdGcMAiEAlEdIMv8YxPvnDV8QL9nvEEhTvAX11yJo1/QEUxrg
            b2g=
            -----END CERTIFICATE-----

            """
        /// The leaf's key.
        static let leafKey = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1PyUSGW3NzytI7zQ
            y4FnyQKWiMogkq8BEAwll7M081ahRANCAARTnlQ5dpF5jGM5r+8oG1mBK5oLUOVB
            q/ulolZ0cViPM/Jq180+X8f7j53kMMz4VAAFTzG6ulbOYkKYwtIwgs3E
            -----END PRIVATE KEY-----

            """
    }

    /// Gathers what a server sends until it closes, or the failure.
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = NIOCore.ByteBuffer

        private var text = ""
        private let promise: EventLoopPromise<String>

        init(_ promise: EventLoopPromise<String>) { self.promise = promise }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
        }

        func channelInactive(context: ChannelHandlerContext) { promise.succeed(text) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            promise.fail(error)
            context.close(promise: nil)
        }
    }

    @Suite struct TLSTests {
        private let folder: String

        init() throws {
            var template = Array("/tmp/writ-tls-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw ClientFailure(message: "mkdtemp") }
            folder = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            try write("chain.pem", PEM.leaf + PEM.intermediate)
            try write("key.pem", PEM.leafKey)
            try write("root.pem", PEM.root)
        }

        private func write(_ name: String, _ text: String) throws {
            guard let file = fopen("\(folder)/\(name)", "w") else { throw ClientFailure(message: "fopen") }
            defer { fclose(file) }
            fputs(text, file)
        }

        private func server(authority: String? = nil, refresh: Double = 0) throws -> TestServer {
            try TestServer { configuration in
                var settings = TLSSettings(
                    certificateFile: "\(folder)/chain.pem", keyFile: "\(folder)/key.pem")
                settings.authorityFile = authority.map { "\(folder)/\($0)" }
                settings.refreshPeriod = refresh
                configuration.tls = settings
            }
        }

        /// What a server answers a client that trusts root, and shows the leaf's certificate where it is to.
        private func ask(_ port: Int, showsCertificate: Bool = false, oldest: TLSVersion = .tlsv12) throws -> String {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = oldest
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(PEM.root.utf8)))
            if showsCertificate {
                let chain = try NIOSSLCertificate.fromPEMBytes(Array((PEM.leaf + PEM.intermediate).utf8))
                configuration.certificateChain = chain.map { .certificate($0) }
                configuration.privateKey = .privateKey(
                    try NIOSSLPrivateKey(bytes: Array(PEM.leafKey.utf8), format: .pem))
            }
            let context = try NIOSSLContext(configuration: configuration)
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let promise = loop.makePromise(of: String.self)
            let channel = try ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers([
                            try NIOSSLClientHandler(context: context, serverHostname: "a.device.example"),
                            Collector(promise),
                        ])
                    }
                }
                .connect(host: "127.0.0.1", port: port).wait()
            let request = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            channel.writeAndFlush(NIOCore.ByteBuffer(string: request), promise: nil)
            return try promise.futureResult.wait()
        }

        @Test func decisionsOverTLS() throws {
            let server = try server()
            #expect(try ask(server.server.port).hasPrefix("HTTP/1.1 200 OK"))
            // Plain HTTP is not understood there.
            let client = try Client(port: server.server.port)
            client.send(Client.request("GET", "/health"))
            #expect(throws: ClientFailure.self) { try client.response() }
        }

        @Test func clientsMustShowACertificate() throws {
            let server = try server(authority: "root.pem")
            #expect(try ask(server.server.port, showsCertificate: true).hasPrefix("HTTP/1.1 200 OK"))
            let refused = try? ask(server.server.port)
            #expect(refused == nil || refused == "")
        }

        @Test func certificatesAreReadAgain() throws {
            let server = try server(refresh: 0.05)
            #expect(try ask(server.server.port).hasPrefix("HTTP/1.1 200 OK"))
            // A file that holds none changes nothing; a chain that the client cannot follow is shown to it.
            try write("chain.pem", "nothing")
            usleep(200_000)
            #expect(try ask(server.server.port).hasPrefix("HTTP/1.1 200 OK"))
            try write("chain.pem", PEM.leaf)
            #expect(Gate.eventually { (try? ask(server.server.port)) == nil })
        }

        @Test func filesThatAreNone() throws {
            try write("key.pem", "nothing")
            #expect(throws: ServerFailure.self) { try server() }
            #expect(throws: ServerFailure.self) {
                try TestServer { $0.tls = TLSSettings(certificateFile: "/nonexistent", keyFile: "/nonexistent") }
            }
        }
    }
#endif
