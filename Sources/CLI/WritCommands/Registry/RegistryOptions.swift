#if !WRIT_LIGHT
    import ArgumentParser
    import Writ
    import WritBundle
    import WritRegistry
    import WritRuntime
    import WritTooling

    /// The flags of commands that talk to a registry.
    struct RegistryOptions: ParsableArguments {
        static let flags = [
            FlagSpec("username", "u"), FlagSpec("password-stdin", nil, .boolean),
            FlagSpec("plain-http", nil, .boolean), FlagSpec("ca-cert"), FlagSpec("format", "f"),
        ]
        static let discussion = """
            Credentials: --username with --password-stdin or the variable WRIT_REGISTRY_PASSWORD, or a token in \
            WRIT_REGISTRY_TOKEN. Registries of this machine (localhost, 127.0.0.1) are asked over plain HTTP, others only \
            with --plain-http.
            """

        @Option(name: [.customLong("username"), .customShort("u")], help: "Whose password it is.")
        var username: String?
        @Flag(name: .customLong("password-stdin"), help: "Read the password from standard input.")
        var readsPassword = false
        @Flag(name: .customLong("plain-http"), help: "Ask over HTTP without TLS, and send credentials so.")
        var isPlain = false
        @Option(
            name: .customLong("ca-cert"), help: "A file of authorities in PEM that the registry's certificate is of.")
        var authorityFile: String?
        @Option(name: [.customLong("format"), .customShort("f")], help: "How to print: pretty, json.")
        var format = "pretty"

        func check() throws(UsageFailure) {
            guard format == "pretty" || format == "json" else {
                throw UsageFailure(
                    message: "invalid argument \"\(format)\" for \"-f, --format\" flag: must be one of {pretty,json}",
                    suggestion: nearest(format, among: ["pretty", "json"]))
            }
            if isPlain, authorityFile != nil {
                throw UsageFailure(message: "--plain-http has no certificates: leave --ca-cert out")
            }
        }

        /// A client for the repository of a reference.
        func client(_ reference: RegistryReference, _ console: Console) throws(UsageFailure) -> RegistryClient {
            let isPlain = isPlain || reference.isLoopback && authorityFile == nil
            // The name that Docker Hub goes by is not that of its registry.
            let host = reference.registry == "docker.io" ? "registry-1.docker.io" : reference.registry
            var settings = ServiceSettings(name: "registry", url: "\(isPlain ? "http" : "https")://\(host)")
            settings.authorityFile = authorityFile
            settings.headTimeout = 30
            settings.credentials = try credentials(console)
            return RegistryClient(ServiceClient(settings), repository: reference.repository)
        }

        private func credentials(_ console: Console) throws(UsageFailure) -> ServiceCredentials {
            func variable(_ name: String) -> String? {
                guard let value = console.environment(name), !value.isEmpty else { return nil }
                return value
            }
            var bearer = ServiceCredentials.Bearer()
            if let username = username ?? variable("WRIT_REGISTRY_USERNAME") {
                var password = variable("WRIT_REGISTRY_PASSWORD")
                if readsPassword {
                    password = String(decoding: console.input().prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
                }
                guard let password, !password.isEmpty else {
                    throw UsageFailure(
                        message: "no password for \(username): give it with --password-stdin or WRIT_REGISTRY_PASSWORD")
                }
                guard !username.utf8.contains(UInt8(ascii: ":")) else {
                    throw UsageFailure(message: "a user's name has no colon")
                }
                bearer.token = "\(username):\(password)"
                bearer.scheme = "Basic"
                bearer.encodes = true
                return .bearer(bearer)
            }
            guard !readsPassword else { throw UsageFailure(message: "--password-stdin wants --username") }
            guard let token = variable("WRIT_REGISTRY_TOKEN") else { return .none }
            bearer.token = token
            return .bearer(bearer)
        }

        /// Does what a command does, and tells its failures; gives the exit code. `status` is that of a bundle's failure.
        func run(
            _ reference: String, _ console: Console,
            status: (BundleFailure.Code) -> Int32 = { _ in ExitStatus.failure }, _ work: () throws -> Void
        ) throws -> Int32 {
            do {
                try work()
                return ExitStatus.success
            } catch let failure as RegistryFailure {
                report(reference, failure.code.rawValue, failure.message, console)
            } catch let failure as BundleFailure {
                report(reference, failure.code.rawValue, failure.message, console)
                return status(failure.code)
            } catch let failure as FileFailure {
                report(reference, "file", failure.message, console)
            }
            return ExitStatus.failure
        }

        /// An answer as the format wants it: a line, or its members as JSON.
        func tell(_ line: String, _ members: [(String, Member)], _ console: Console) {
            if format == "json" { console.print(Self.json(members)) } else { console.print(line) }
        }

        /// A failure as the format wants it.
        private func report(_ reference: String, _ code: String, _ message: String, _ console: Console) {
            guard format == "json" else {
                console.report("error: \(code): \(message)")
                return
            }
            var text = ByteBuffer()
            text.append("{\"reference\":")
            text.appendJSONString(reference)
            text.append(",\"errors\":[{\"code\":")
            text.appendJSONString(code)
            text.append(",\"message\":")
            text.appendJSONString(message)
            text.append("}]}")
            console.print(JSONLayout.indented(text.bytes) + [0x0A])
        }

        /// Members of an answer as JSON.
        private static func json(_ members: [(String, Member)]) -> [UInt8] {
            var text = ByteBuffer()
            for (index, (name, member)) in members.enumerated() {
                text.append(index == 0 ? "{" : ",")
                text.appendJSONString(name)
                text.append(":")
                switch member {
                case .text(let value): text.appendJSONString(value)
                case .number(let value): text.appendDecimal(value)
                case .flag(let value): text.append(value ? "true" : "false")
                }
            }
            text.append("}")
            return JSONLayout.indented(text.bytes) + [0x0A]
        }

        enum Member {
            case text(String)
            case number(Int)
            case flag(Bool)
        }
    }
#endif
