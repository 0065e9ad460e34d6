#if !WRIT_LIGHT
    import Glibc
    import NIOConcurrencyHelpers
    import NIOCore
    import NIOHTTP1
    import NIOPosix
    import NIOSSL

    @testable import WritHostBuiltins

    /// A server on a free port of the loopback address that tells what it was asked, and answers as the path says:
    /// `/r/STATUS/name=value;name=value` gives that status and those headers.
    final class LocalServer {
        private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        private let listener: any Channel
        fileprivate let counter = NIOLockedValueBox(0)
        let port: Int
        let scheme: String

        /// Requests that came so far.
        var count: Int { counter.withLockedValue { $0 } }
        var address: String { "\(scheme)://127.0.0.1:\(port)" }

        init(tls: TLSConfiguration? = nil) throws {
            let counter = counter
            let context = try tls.map { try NIOSSLContext(configuration: $0) }
            listener = try ServerBootstrap(group: group)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                        try pipeline.configureHTTPServerPipeline()
                        try pipeline.addHandler(Handler(counter))
                    }
                }
                .bind(host: "127.0.0.1", port: 0).wait()
            port = listener.localAddress?.port ?? 0
            scheme = tls == nil ? "http" : "https"
        }

        deinit {
            try? listener.close().wait()
            try? group.syncShutdownGracefully()
        }

        /// What a server for `*.device.example` shows.
        static func tls(asksForCertificate: Bool = false) throws -> TLSConfiguration {
            let chain = try NIOSSLCertificate.fromPEMBytes(
                Array((TestCertificates.leaf + TestCertificates.intermediate).utf8))
            let key = try NIOSSLPrivateKey(bytes: Array(TestCertificates.leafKey.utf8), format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
            if asksForCertificate {
                configuration.certificateVerification = .noHostnameVerification
                configuration.trustRoots = .certificates(
                    try NIOSSLCertificate.fromPEMBytes(Array(TestCertificates.root.utf8)))
            }
            return configuration
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let counter: NIOLockedValueBox<Int>
        private var head: HTTPRequestHead?
        private var body = ""

        init(_ counter: NIOLockedValueBox<Int>) { self.counter = counter }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = ""
            case .body(let part): body += String(buffer: part)
            case .end: answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            guard let head else { return }
            let number = counter.withLockedValue { count in
                count += 1
                return count
            }
            let path = (head.uri.split(separator: "?").first.map(String.init) ?? "/").replacing("%20", with: " ")
            var headers = HTTPHeaders([("Content-Type", "application/json"), ("Date", Self.date())])
            var status = HTTPResponseStatus.ok
            var text = Self.json(head, body, number)
            let parts = path.split(separator: "/", maxSplits: 2).map(String.init)
            switch parts.first {
            case "text": headers.replaceOrAdd(name: "Content-Type", value: "text/plain")
            case "yaml":
                headers.replaceOrAdd(name: "Content-Type", value: "application/yaml")
                text = "a: [1, x]"
            case "slow": return
            case "loop":
                status = .found
                headers.add(name: "Location", value: "/loop")
            case "breaks":
                // Every second request finds the connection closed.
                if number % 2 == 1 {
                    context.close(promise: nil)
                    return
                }
            case "r":
                status = HTTPResponseStatus(statusCode: Int(parts[1]) ?? 200)
                for pair in (parts.count > 2 ? parts[2] : "").split(separator: ";") {
                    let items = pair.split(separator: "=", maxSplits: 1).map(String.init)
                    let value = items.count > 1 ? items[1] : ""
                    if value == "-" {
                        headers.remove(name: items[0])
                    } else {
                        headers.replaceOrAdd(name: items[0], value: value)
                    }
                }
                if let tag = headers["ETag"].first, head.headers["If-None-Match"].first == tag {
                    status = .notModified
                    text = ""
                }
            default: break
            }
            if let echo = head.headers["X-Echo"].first { headers.add(name: "X-Echo", value: echo) }
            headers.add(name: "Content-Length", value: "\(text.utf8.count)")
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
                promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(NIOCore.ByteBuffer(string: text)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }

        private static func json(_ head: HTTPRequestHead, _ body: String, _ number: Int) -> String {
            func quoted(_ text: String) -> String { "\"" + text.filter { $0 != "\"" && $0 != "\\" } + "\"" }
            let headers = head.headers.map { "\(quoted($0.name)): \(quoted($0.value))" }.joined(separator: ", ")
            return "{\"n\": \(number), \"method\": \(quoted(head.method.rawValue)), \"path\": \(quoted(head.uri)), "
                + "\"body\": \(quoted(body)), \"headers\": {\(headers)}}"
        }

        private static func date() -> String {
            var now = time(nil)
            var parts = tm()
            gmtime_r(&now, &parts)
            var text = [CChar](repeating: 0, count: 64)
            strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
#endif
