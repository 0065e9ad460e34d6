#if !WRIT_LIGHT
    import NIOConcurrencyHelpers
    import Testing
    import Writ

    @testable import WritHostBuiltins

    /// Asks expressions in which `URL` stands for a server's address, one decision each on one evaluator.
    func answers(
        _ expressions: [String], _ server: LocalServer, _ options: NetworkOptions = NetworkOptions()
    ) throws -> [String] {
        var options = options
        options.cache = InterQueryCache()
        return try answersKeeping(expressions, server, options)
    }

    func answersKeeping(_ expressions: [String], _ server: LocalServer, _ options: NetworkOptions) throws -> [String] {
        var functions = HostFunctions.standard
        functions.provideNetwork(options)
        var text = "package t\n"
        for (index, expression) in expressions.enumerated() {
            text += "p\(index) := \(expression.replacing("URL", with: server.address))\n"
        }
        let file = PolicyFile(name: "t.rego", text: Array(text.utf8))
        let snapshot = Snapshot(policy: try Policy.compile([file], options: CompileOptions(functions: functions)))
        let evaluator = Evaluator(snapshot)
        evaluator.isStrict = true
        return expressions.indices.map { index in
            var answer = ByteBuffer()
            let target = snapshot.target([Array("t".utf8), Array("p\(index)".utf8)])
            do throws(DecisionFailure) {
                guard try evaluator.decide(target, input: nil, into: &answer) else { return "undefined" }
                return answer.withBytes { String(decoding: $0, as: UTF8.self) }
            } catch {
                return "error: " + error.message.replacing(server.address, with: "URL")
            }
        }
    }

    @Suite("http.send against a server on this machine")
    struct HTTPSendTests {
        /// Requests and what is made of their responses; what fails is worded as OPA words it.
        @Test(arguments: [
            (#"http.send({"method": "get", "url": "URL/"}).body.method"#, #""GET""#),
            (#"http.send({"method": "POST", "url": "URL/", "body": [1, 2]}).body.body"#, #""[1,2]""#),
            (#"http.send({"method": "PUT", "url": "URL/", "raw_body": "abc"}).body.body"#, #""abc""#),
            (#"http.send({"method": "GET", "url": "URL/text"}).body"#, "null"),
            (#"http.send({"method": "GET", "url": "URL/text", "force_json_decode": true}).body.method"#, #""GET""#),
            (#"http.send({"method": "GET", "url": "URL/yaml"}).body"#, #"{"a":[1,"x"]}"#),
            (#"http.send({"method": "GET", "url": "URL/r/404"}).status"#, #""404 Not Found""#),
            (#"http.send({"method": "GET", "url": "URL/", "headers": {"x-echo": "e"}}).headers["x-echo"]"#, #"["e"]"#),
            (
                #"http.send({"method": "GET", "url": "URL/", "headers": {"x-echo": "e"}}).body.headers["X-Echo"]"#,
                #""e""#
            ),
            (#"http.send({"method": "GET", "url": "URL/a b?c=ü#f"}).body.path"#, #""/a%20b?c=%C3%BC""#),
            (
                #"http.send({"method": "GET", "url": "URL/slow", "timeout": "100ms", "raise_error": false}).error.code"#,
                #""eval_http_send_network_error""#
            ),
            (
                #"http.send({"method": "GET", "url": "http://127.0.0.1:1/", "raise_error": false})"#,
                #"{"error":{"code":"eval_http_send_network_error","message":"Get \"http://127.0.0.1:1/\": "#
                    + #"dial tcp 127.0.0.1:1: connect: connection refused"},"status_code":0}"#
            ),
            (
                #"http.send({"method": "GET", "url": "unix://localhost/a?socket=/no.sock"})"#,
                #"error: http.send: Get "http://localhost/a": dial unix /no.sock: connect: no such file or directory"#
            ),
            (
                #"http.send({"method": "GET", "url": "ftp://a/"})"#,
                #"error: http.send: Get "ftp://a/": unsupported protocol scheme "ftp""#
            ),
            (
                #"http.send({"method": "GET", "url": "URL/a\r\nX: y"})"#,
                #"error: http.send: parse "URL/a"# + "\r\n" + #"X: y": net/url: invalid control character in URL"#
            ),
            (
                #"http.send({"method": "g t", "url": "URL/"})"#,
                #"error: http.send: net/http: invalid method "G T""#
            ),
            (
                #"http.send({"method": "get", "url": "URL/", "headers": {"a": "b\r\nc: d"}})"#,
                #"error: http.send: Get "URL/": net/http: invalid header field value for "A""#
            ),
            (
                #"http.send({"method": "get", "url": "URL/", "headers": {"a b": "c"}})"#,
                #"error: http.send: Get "URL/": net/http: invalid header field name "a b""#
            ),
            (
                #"http.send({"url": "URL/"})"#,
                #"error: http.send: operand 1 missing required request parameters(s): {"method"}"#
            ),
            (
                #"http.send({"method": "GET", "url": "URL/", "verb": 1})"#,
                #"error: http.send: operand 1 invalid request parameters(s): {"verb"}"#
            ),
            (
                #"http.send({"method": "GET", "url": "URL/slow", "timeout": "100ms"})"#,
                "error: http.send: Get URL/slow: request timed out"
            ),
            (
                #"http.send({"method": "GET", "url": "URL/", "force_cache": true})"#,
                "error: http.send: 'force_cache' set but 'force_cache_duration_seconds' parameter is missing"
            ),
            (
                #"http.send({"method": "GET", "url": "URL/", "force_cache": true, "force_cache_duration_seconds": "a"})"#,
                #"error: http.send: strconv.ParseInt: parsing "\"a\"": invalid syntax"#
            ),
            (
                #"http.send({"method": "GET", "url": "URL/", "cache_ignored_headers": 1})"#,
                "error: http.send: cache_ignored_headers must be an array of strings"
            ),
        ])
        func response(_ expression: String, _ expected: String) throws {
            #expect(try answers([expression], try LocalServer()) == [expected])
        }

        /// Redirects: what is sent to the second address.
        @Test(arguments: [
            (302, #""GET""#, #""""#), (303, #""GET""#, #""""#), (307, #""POST""#, #""x""#), (308, #""POST""#, #""x""#),
        ])
        func redirect(_ status: Int, _ method: String, _ body: String) throws {
            let server = try LocalServer()
            let request = #"http.send({"method": "POST", "raw_body": "x", "url": "URL/r/\#(status)/location=there""#
            let found = try answers(
                [request + "}).status_code", request + #", "enable_redirect": true}).body"#], server)
            #expect(found[0] == "\(status)")
            #expect(found[1].contains("\"method\":\(method)"))
            #expect(found[1].contains("\"body\":\(body)"))
            #expect(found[1].contains("\"path\":\"/r/\(status)/there\""))
            #expect(found[1].contains("\"Referer\":\"\(server.address)/r/\(status)/location=there\""))
        }

        @Test func aBrokenConnectionIsTriedAgain() throws {
            let server = try LocalServer()
            let request = #"http.send({"method": "GET", "url": "URL/breaks", "max_retry_attempts": 2}).body.n"#
            #expect(try answers([request], server) == ["2"])
            let single = #"http.send({"method": "GET", "url": "URL/breaks", "raise_error": false}).status_code"#
            #expect(try answers([single], server) == ["0"])
        }

        @Test func redirectsEnd() throws {
            let server = try LocalServer()
            let request = #"http.send({"method": "GET", "url": "URL/loop", "enable_redirect": true})"#
            #expect(
                try answers([request], server)
                    == [#"error: http.send: Get "URL/loop": stopped after 10 redirects"#])
            #expect(server.count == 11)
        }
    }

    @Suite("What http.send may reach")
    struct NetworkLimitTests {
        @Test func hostsThatAreNotAllowedAreNotAsked() throws {
            let server = try LocalServer()
            var options = NetworkOptions()
            options.allowedHosts = ["example.com"]
            let found = try answers(
                [
                    #"http.send({"method": "GET", "url": "URL/"})"#,
                    #"http.send({"method": "GET", "url": "http://example.com@127.0.0.1:1/"})"#,
                    #"net.lookup_ip_addr("localhost")"#,
                ], server, options)
            #expect(found[0] == "error: http.send: unallowed host: 127.0.0.1")
            #expect(found[1] == "error: http.send: unallowed host: 127.0.0.1")
            #expect(found[2] == "error: net.lookup_ip_addr: unallowed host: localhost")
            #expect(server.count == 0)
        }

        @Test func aRedirectDoesNotLeadOut() throws {
            let server = try LocalServer()
            var options = NetworkOptions()
            options.allowedHosts = ["127.0.0.1"]
            let request =
                #"http.send({"method": "GET", "url": "URL/r/302/location=http://localhost:1/x", "#
                + #""enable_redirect": true})"#
            #expect(
                try answers([request], server, options)
                    == [#"error: http.send: Get "http://localhost:1/x": unallowed host: localhost"#])
            #expect(server.count == 1)
        }

        @Test func privateAddressesAreRefused() throws {
            let server = try LocalServer()
            var options = NetworkOptions()
            options.refusesPrivateAddresses = true
            let found = try answers(
                [
                    #"http.send({"method": "GET", "url": "URL/"})"#,
                    #"http.send({"method": "GET", "url": "http://localhost:1/"})"#,
                    #"http.send({"method": "GET", "url": "http://[::ffff:127.0.0.1]:1/"})"#,
                    #"http.send({"method": "GET", "url": "http://0x7f000001:1/"})"#,
                    #"http.send({"method": "GET", "url": "unix://localhost/?socket=/tmp/s"})"#,
                ], server, options)
            for answer in found { #expect(answer.hasPrefix("error: http.send: unallowed address of host")) }
            #expect(server.count == 0)
        }

        /// The name's second address is refused; the first is the one that was looked at, so it is the one asked.
        @Test func aNameThatChangesItsAddressGainsNothing() throws {
            let server = try LocalServer()
            let lookups = NIOLockedValueBox(0)
            var options = NetworkOptions()
            options.refusesPrivateAddresses = true
            options.isRefused = { $0 == "10.0.0.1" }
            options.resolve = { _ in
                lookups.withLockedValue { count in
                    count += 1
                    return count == 1 ? ["127.0.0.1"] : ["10.0.0.1"]
                }
            }
            let place = "http://changing.test:\(server.port)"
            let found = try answers(
                [
                    #"http.send({"method": "GET", "url": "\#(place)/"}).body.headers.Host"#,
                    #"http.send({"method": "GET", "url": "\#(place)/again"})"#,
                ], server, options)
            #expect(found[0] == "\"changing.test:\(server.port)\"")
            #expect(found[1] == "error: http.send: unallowed address of host: changing.test")
            #expect(lookups.withLockedValue { $0 } == 2)
            #expect(server.count == 1)
        }

        @Test func aRedirectIsLookedUpAgain() throws {
            let server = try LocalServer()
            let lookups = NIOLockedValueBox(0)
            var options = NetworkOptions()
            options.refusesPrivateAddresses = true
            options.isRefused = { $0 == "10.0.0.1" }
            options.resolve = { _ in
                lookups.withLockedValue { count in
                    count += 1
                    return count == 1 ? ["127.0.0.1"] : ["10.0.0.1"]
                }
            }
            let request =
                #"http.send({"method": "GET", "url": "http://a.test:PORT/r/302/location=there", "#
                + #""enable_redirect": true})"#
            let found = try answers([request.replacing("PORT", with: "\(server.port)")], server, options)
            #expect(found == ["error: http.send: unallowed address of host: a.test"])
            #expect(server.count == 1)
        }

        @Test func bodiesBeyondTheLimitAreNotTaken() throws {
            let server = try LocalServer()
            var options = NetworkOptions()
            options.bodyLimit = 10
            let found = try answers([#"http.send({"method": "GET", "url": "URL/"})"#], server, options)
            #expect(found == ["error: http.send: the response is larger than the limit"])
        }

        @Test(arguments: [
            ("127.0.0.1", true), ("10.1.2.3", true), ("172.20.0.1", true), ("192.168.0.1", true), ("169.254.1.1", true),
            ("8.8.8.8", false), ("::1", true), ("fe80::1", true), ("fd00::1", true), ("::ffff:10.0.0.1", true),
            ("2001:4860:4860::8888", false), ("64:ff9b::7f00:1", true), ("2002:7f00:1::", true),
        ])
        func privateAddresses(_ address: String, _ isPrivate: Bool) {
            #expect(NetworkOptions.isPrivate(address) == isPrivate)
        }
    }

    @Suite("http.send over TLS")
    struct HTTPSendTLSTests {
        private func request(_ members: String) -> String {
            #"http.send({"method": "GET", "url": "URL/", \#(members)}).status_code"#
        }

        private func quoted(_ pem: String) -> String { "\"" + pem.replacing("\n", with: "\\n") + "\"" }

        @Test func certificatesAreVerified() throws {
            let server = try LocalServer(tls: try LocalServer.tls())
            let root = quoted(TestCertificates.root)
            let found = try answers(
                [
                    request(#""tls_ca_cert": \#(root), "tls_server_name": "a.device.example""#),
                    request(#""tls_ca_cert": \#(root), "headers": {"Host": "a.device.example"}"#),
                    request(#""tls_insecure_skip_verify": true"#),
                    request(#""tls_server_name": "a.device.example""#),
                    request(#""tls_ca_cert": \#(root), "tls_server_name": "example.com""#),
                    request(#""tls_ca_cert": \#(root)"#),
                ], server)
            #expect(found[..<3] == ["200", "200", "200"])
            #expect(found[3].contains("x509: certificate signed by unknown authority"))
            for answer in found[4...] { #expect(answer.hasPrefix("error: http.send: Get")) }
            #expect(server.count == 3)
        }

        @Test func theClientShowsItsCertificate() throws {
            let server = try LocalServer(tls: try LocalServer.tls(asksForCertificate: true))
            let chain = quoted(TestCertificates.leaf + TestCertificates.intermediate)
            let key = quoted(TestCertificates.leafKey)
            let found = try answers(
                [
                    request(
                        #""tls_insecure_skip_verify": true, "tls_client_cert": \#(chain), "tls_client_key": \#(key)"#),
                    request(#""tls_insecure_skip_verify": true"#),
                ], server)
            #expect(found[0] == "200")
            #expect(found[1].hasPrefix("error"))
            #expect(server.count == 1)
        }

        @Test(arguments: [
            (#""tls_ca_cert": "x""#, "could not append certificates"),
            (#""tls_ca_cert_file": "/nonexistent""#, "open /nonexistent: no such file or directory"),
            (
                #""tls_ca_cert_env_variable": "WRIT_NOT_SET""#,
                "could not add CA certificates from envvar \"WRIT_NOT_SET\": could not append certificates"
            ),
            (
                #""tls_client_cert": "x", "tls_client_key": "y""#,
                "tls: failed to find any PEM data in certificate input"
            ),
            (
                #""tls_client_cert_env_variable": "WRIT_A", "tls_client_key_env_variable": "WRIT_B""#,
                "cannot extract public/private key pair from envvars \"WRIT_A\", \"WRIT_B\": tls: failed to find any "
                    + "PEM data in certificate input"
            ),
        ])
        func refused(_ members: String, _ message: String) throws {
            let found = try answers([request(members)], try LocalServer())
            #expect(found == ["error: http.send: \(message)"])
        }
    }
#endif
