#if !WRIT_LIGHT
    import NIOCore
    import NIOHTTP1
    import NIOPosix
    import Testing

    import Writ
    import WritHostBuiltins

    /// Answers requests on a port of the loopback interface: it tells what it was asked, or what the path says.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private var head: HTTPRequestHead?
        private var body = ""

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
            var headers = HTTPHeaders([("Content-Type", "application/json")])
            var status = HTTPResponseStatus.ok
            var text = "{\"method\": \"\(head.method.rawValue)\", \"body\": \"\(body.filter { $0 != "\"" })\"}"
            switch head.uri {
            case "/text": headers.replaceOrAdd(name: "Content-Type", value: "text/plain")
            case "/yaml":
                headers.replaceOrAdd(name: "Content-Type", value: "application/yaml")
                text = "a: [1, x]"
            case "/moved":
                status = .found
                headers.add(name: "Location", value: "/there")
            case "/missing": status = .notFound
            case "/slow": return
            default: break
            }
            if head.headers["X-Echo"].first != nil { headers.add(name: "X-Echo", value: head.headers["X-Echo"][0]) }
            headers.add(name: "Content-Length", value: "\(text.utf8.count)")
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
                promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(NIOCore.ByteBuffer(string: text)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    @Suite("http.send against a server on this machine", .serialized)
    struct HTTPSendTests {
        /// The value of an expression, in which `URL` stands for the server's address.
        private func value(_ expression: String) throws -> String {
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            defer { try? group.syncShutdownGracefully() }
            let server = try ServerBootstrap(group: group)
                .childChannelInitializer { channel in
                    channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                        try channel.pipeline.syncOperations.addHandler(Handler())
                    }
                }
                .bind(host: "127.0.0.1", port: 0).wait()
            defer { try? server.close().wait() }
            let text = expression.replacing("URL", with: "http://127.0.0.1:\(server.localAddress?.port ?? 0)")
            return try Asked.value(text)
        }

        @Test(arguments: [
            (#"http.send({"method": "get", "url": "URL/"}).body"#, #"{"body":"","method":"GET"}"#),
            (
                #"http.send({"method": "POST", "url": "URL/", "body": [1, 2]}).body"#,
                #"{"body":"[1,2]","method":"POST"}"#
            ),
            (
                #"http.send({"method": "PUT", "url": "URL/", "raw_body": "abc"}).body"#,
                #"{"body":"abc","method":"PUT"}"#
            ),
            (#"http.send({"method": "GET", "url": "URL/text"}).body"#, "null"),
            (#"http.send({"method": "GET", "url": "URL/text", "force_json_decode": true}).body.method"#, #""GET""#),
            (#"http.send({"method": "GET", "url": "URL/yaml"}).body"#, #"{"a":[1,"x"]}"#),
            (#"http.send({"method": "GET", "url": "URL/missing"}).status"#, #""404 Not Found""#),
            (#"http.send({"method": "GET", "url": "URL/moved"}).status_code"#, "302"),
            (#"http.send({"method": "GET", "url": "URL/moved", "enable_redirect": true}).status_code"#, "200"),
            (#"http.send({"method": "GET", "url": "URL/", "headers": {"X-Echo": "e"}}).headers["x-echo"]"#, #"["e"]"#),
            (
                #"http.send({"method": "GET", "url": "URL/slow", "timeout": "100ms", "raise_error": false}).error.code"#,
                #""eval_http_send_network_error""#
            ),
        ])
        func response(_ expression: String, _ expected: String) throws {
            #expect(try value(expression) == expected)
        }

        @Test(arguments: [
            #"http.send({"url": "URL/"})"#, #"http.send({"method": "GET", "url": "URL/", "verb": 1})"#,
            #"http.send({"method": "GET", "url": "URL/slow", "timeout": "100ms"})"#,
            #"http.send({"method": "GET", "url": "URL/", "force_cache": true})"#,
        ])
        func refused(_ expression: String) {
            #expect(throws: DecisionFailure.self) { try value(expression) }
        }

        @Test func hostsThatAreNotAllowedAreNotAsked() throws {
            var options = NetworkOptions()
            options.allowedHosts = ["example.com"]
            var functions = HostFunctions()
            functions.provideNetwork(options)
            let text = "package t\np := http.send({\"method\": \"GET\", \"url\": \"http://127.0.0.1:1/\"})"
            let file = PolicyFile(name: "t.rego", text: Array(text.utf8))
            let snapshot = Snapshot(policy: try Policy.compile([file], options: CompileOptions(functions: functions)))
            let evaluator = Evaluator(snapshot)
            evaluator.isStrict = true
            var answer = Writ.ByteBuffer()
            let target = snapshot.target([Array("t".utf8), Array("p".utf8)])
            #expect(throws: DecisionFailure.self) { try evaluator.decide(target, input: nil, into: &answer) }
        }

        @Test(arguments: [
            ("127.0.0.1", true), ("10.1.2.3", true), ("172.20.0.1", true), ("192.168.0.1", true), ("169.254.1.1", true),
            ("8.8.8.8", false), ("::1", true), ("fe80::1", true), ("fd00::1", true), ("::ffff:10.0.0.1", true),
            ("2001:4860:4860::8888", false),
        ])
        func privateAddresses(_ address: String, _ isPrivate: Bool) {
            #expect(NetworkOptions.isPrivate(address) == isPrivate)
        }
    }
#endif
