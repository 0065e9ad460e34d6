#if !WRIT_LIGHT
    import ArgumentParser
    import Glibc
    import Writ
    import WritBundle
    import WritTooling
    import WritTrust

    /// `writ trust`: repositories of bundles with roles, thresholds, expiry and delegation (The Update Framework).
    struct TrustCommand: WritCommand {
        static let configuration = CommandConfiguration(
            commandName: "trust",
            abstract: "Keeps and reads repositories whose metadata is The Update Framework's (TUF).",
            discussion: """
                init: a new repository and its keys. add-key: one more key for a role. rotate: new keys in the place of old \
                ones. delegate: a role that may ship bundles of some paths, and no others. publish: puts a bundle into the \
                repository, or signs snapshot and timestamp again (and --role). verify: what a client does, from a trusted root to a \
                bundle. With --staged what changes waits in staged/ until enough key holders have signed it. key: a key of \
                one's own. sign: adds the signature of --key to staged metadata, or those of copies; --check says whether \
                they are enough. Docs/trust.md says what this protects against.
                """)
        static let usage = "init|add-key|rotate|delegate|publish|verify|key|sign [flags]"
        static let example = "writ trust init --threshold root=2 --key-count root=3"
        static let flags = [
            FlagSpec("repo"), FlagSpec("keys"), FlagSpec("role"), FlagSpec("key"), FlagSpec("remove"),
            FlagSpec("threshold"), FlagSpec("key-count"), FlagSpec("path"), FlagSpec("terminating", nil, .boolean),
            FlagSpec("target"), FlagSpec("expires"), FlagSpec("root"), FlagSpec("state"), FlagSpec("output", "o"),
            FlagSpec("at"), FlagSpec("no-clock", nil, .boolean), FlagSpec("staged", nil, .boolean),
            FlagSpec("check", nil, .boolean),
        ]

        @Option(name: .customLong("repo"), help: "The repository's folder: metadata and targets.")
        var repository = "trust"
        @Option(name: .customLong("keys"), help: "The folder of private keys (PEM, .pem).")
        var keyFolder = "keys"
        @Option(name: .customLong("role"), help: "root, targets, snapshot, timestamp, or a delegated role.")
        var role: String?
        @Option(
            name: .customLong("key"),
            help: "A key in PEM, private or public, in the place of a new one; init: ROLE=FILE (repeatable).")
        var keyFiles: [String] = []
        @Option(name: .customLong("remove"), help: "rotate: the id of the key to take away; else all (repeatable).")
        var removed: [String] = []
        @Option(name: .customLong("threshold"), help: "How many keys must sign: ROLE=N (repeatable).")
        var thresholds: [String] = []
        @Option(name: .customLong("key-count"), help: "How many keys to make: ROLE=N (repeatable).")
        var counts: [String] = []
        @Option(name: .customLong("path"), help: "delegate: a path below data, such as fleet/medical (repeatable).")
        var paths: [String] = []
        @Flag(name: .customLong("terminating"), help: "delegate: ask no role behind it for these paths.")
        var isTerminating = false
        @Option(
            name: .customLong("target"),
            help: "The name that a bundle has in the repository; its folder is what it may own.")
        var target: String?
        @Option(
            name: .customLong("expires"),
            help: "How long metadata is good: ROLE=DURATION, as timestamp=48h (repeatable).")
        var lifetimes: [String] = []
        @Option(name: .customLong("root"), help: "verify: the trusted root to begin with; sign: the root before.")
        var rootFile: String?
        @Option(name: .customLong("state"), help: "verify: the folder of what is trusted already.")
        var stateFolder: String?
        @Option(name: [.customLong("output"), .customShort("o")], help: "verify: where to write the bundle.")
        var output: String?
        @Option(name: .customLong("at"), help: "The time, in seconds since 1970; else the clock.")
        var moment: Int?
        @Flag(
            name: .customLong("no-clock"),
            help: "verify: there is no trusted clock; expiry as far as metadata proves the time.")
        var hasNoClock = false
        @Flag(
            name: .customLong("staged"),
            help: "Leave what changes in staged/, for its key holders to sign; publish: publish what they signed.")
        var isStaged = false
        @Flag(name: .customLong("check"), help: "sign: fail unless enough have signed.")
        var checks = false
        @Argument(help: "What to do; behind publish the bundle, behind sign metadata and signed copies of it.")
        var operands: [String] = []

        private static let actions = ["init", "add-key", "rotate", "delegate", "publish", "verify", "key", "sign"]

        var now: Int { moment ?? time(nil) }

        func execute(_ console: Console) throws -> Int32 {
            guard let action = operands.first else {
                throw UsageFailure(message: "specify what to do: \(Self.actions.joined(separator: ", "))")
            }
            do {
                switch action {
                case "init": try initialise(console)
                case "add-key": try addKey(console)
                case "rotate": try rotate(console)
                case "delegate": try delegate(console)
                case "publish": try publish(console)
                case "verify": try verify(console)
                case "key": try makeKey(console)
                case "sign": try sign(console)
                default:
                    throw UsageFailure(
                        message: "unknown action \"\(action)\"", suggestion: nearest(action, among: Self.actions))
                }
                return ExitStatus.success
            } catch let failure as TrustFailure {
                report("\(failure.code.rawValue): \(failure.message)", console)
            } catch let failure as FileFailure {
                report(failure.message, console)
            } catch let failure as BundleFailure {
                report("\(failure.code.rawValue): \(failure.message)", console)
            }
            return ExitStatus.failure
        }

        /// Prints a line. Names come from repositories and files of others: none of them forges lines.
        func say(_ line: String, _ console: Console) { console.print(TrustText.line(line)) }

        private func report(_ message: String, _ console: Console) {
            console.report("error: " + TrustText.line(message))
        }

        // MARK: Actions

        private func initialise(_ console: Console) throws {
            guard !TrustFiles.exists(repository + "/metadata/1.root.json") else {
                throw TrustFailure(.request, "root", "there is a repository in \(repository) already")
            }
            var keys: [TrustRole: [TrustKey]] = [:]
            var limits: [TrustRole: Int] = [:]
            var signers: [TrustSigner] = []
            let counts = try Self.numbers(counts, "--key-count")
            let thresholds = try Self.numbers(thresholds, "--threshold")
            let given = try Self.pairs(keyFiles, "--key")
            for (role, _) in given where TrustRole(rawValue: role) == nil {
                throw UsageFailure(
                    message: "--key wants ROLE=FILE with a role of every repository: \(role)",
                    suggestion: nearest(role, among: TrustRole.allCases.map(\.rawValue)))
            }
            for role in TrustRole.allCases {
                let threshold = thresholds[role.rawValue] ?? 1
                let files = given.filter { $0.0 == role.rawValue }.map(\.1)
                if files.isEmpty {
                    let made = try make(counts[role.rawValue] ?? threshold, role.rawValue, console)
                    signers += made
                    keys[role] = made.map(\.key)
                } else {
                    let found = try Self.read(files)
                    signers += found.signers
                    keys[role] = found.keys
                }
                limits[role] = threshold
            }
            var new = try TrustRepository(keys: keys, thresholds: limits, now: now)
            for signer in signers { new.signers[signer.key.id] = signer }
            guard !isStaged else { return try stage(&new, console) }
            try commit(&new, console)
            say("\(repository): a new repository; give clients \(repository)/metadata/1.root.json", console)
        }

        private func addKey(_ console: Console) throws {
            let role = try require(role, "--role")
            var repository = try open()
            let added = try keys(role, &repository, console)
            try repository.setKeys(
                of: role, adding: added, threshold: try Self.numbers(thresholds, "--threshold")[role])
            try finish(&repository, console)
        }

        private func rotate(_ console: Console) throws {
            let role = try require(role, "--role")
            var repository = try open()
            let before = try repository.keys(of: role)
            let gone = removed.isEmpty ? before.ids : removed
            var added: [TrustKey] = []
            if keyFiles.isEmpty {
                for signer in try make(gone.count, role, console) {
                    repository.signers[signer.key.id] = signer
                    added.append(signer.key)
                }
            } else {
                added = try keys(role, &repository, console)
            }
            try repository.setKeys(
                of: role, adding: added, removing: gone, threshold: try Self.numbers(thresholds, "--threshold")[role])
            try finish(&repository, console)
        }

        private func delegate(_ console: Console) throws {
            let role = try require(role, "--role")
            guard !paths.isEmpty else { throw UsageFailure(message: "name what is delegated with --path") }
            var repository = try open()
            let added = try keys(role, &repository, console)
            try repository.delegate(
                to: role, roots: paths, keys: added,
                threshold: try Self.numbers(thresholds, "--threshold")[role] ?? 1, isTerminating: isTerminating)
            try finish(&repository, console)
        }

        private func publish(_ console: Console) throws {
            if isStaged, operands.count == 1, role == nil { return try publishStaged(console) }
            var repository = try open()
            if operands.count > 1 {
                guard operands.count == 2 else { throw UsageFailure(message: "publish one bundle at a time") }
                let target = try require(target, "--target")
                let bundle = try Bundles.load(operands[1])
                let content: [UInt8]
                do throws(FileFailure) { content = try FileSystem.read(operands[1]) } catch {
                    // Folders are readable bundles, too.
                    throw BundleFailure("\(operands[1]) is no archive: make one with writ build -b", code: .archive)
                }
                try Self.checkRoots(of: bundle, target)
                try repository.add(
                    content, as: target, by: role ?? "targets", custom: TrustFiles.custom(of: bundle.manifest))
            } else if let role {
                try repository.renew(role)
            }
            try finish(&repository, console)
        }

        private func verify(_ console: Console) throws {
            let source = TrustFiles.source(repository)
            let state = try TrustFiles.state(stateFolder, root: rootFile)
            var client = try TrustClient(
                state, source: source, clock: hasNoClock ? .none : .trusted(now),
                persist: TrustFiles.keeper(stateFolder))
            try client.update()
            say(
                "metadata is good: root version \(client.rootVersion), snapshot version \(client.snapshotVersion)",
                console)
            guard let target else { return }
            let found = try client.target(target)
            let content = try client.fetch(found)
            let bundle = try TrustFiles.bundle(content, target)
            try Self.checkRoots(of: bundle, target)
            if let output { try FileSystem.save(content, to: output) }
            let revision = bundle.manifest.revision.isEmpty ? "no revision" : "revision \(bundle.manifest.revision)"
            say("\(target): good: \(revision), signed by role \(found.role)", console)
        }

        // MARK: Parts

        /// A bundle may own what its target's folder names.
        private static func checkRoots(of bundle: LoadedBundle, _ target: String) throws(BundleFailure) {
            var gate = BundleGate(now: 0)
            gate.roots = [TrustTarget.root(of: target)]
            if let objection = gate.objections(to: bundle).first(where: { $0.code == .breadth }) { throw objection }
        }

        private func require(_ value: String?, _ flag: String) throws(UsageFailure) -> String {
            guard let value, !value.isEmpty else {
                throw UsageFailure(message: "\(operands.first ?? "") needs \(flag)")
            }
            return value
        }

        func open() throws -> TrustRepository {
            var result = try TrustRepository(
                reading: { (path) throws(TrustFailure) in try TrustFiles.read(repository + "/" + path) }, now: now)
            for signer in try TrustFiles.signers(keyFolder) { result.signers[signer.key.id] = signer }
            return result
        }

        /// Publishes what changed, or leaves it to be signed.
        private func finish(_ repository: inout TrustRepository, _ console: Console) throws {
            if isStaged { try stage(&repository, console) } else { try commit(&repository, console) }
        }

        func commit(_ repository: inout TrustRepository, _ console: Console) throws {
            try setLifetimes(&repository)
            try write(try repository.commit(), console)
        }

        func write(_ files: [(path: String, content: [UInt8])], _ console: Console) throws {
            for file in files {
                let path = repository + "/" + file.path
                try FileSystem.makeFolder(of: path)
                try FileSystem.save(file.content, to: path)
                say("wrote \(path)", console)
            }
        }

        func setLifetimes(_ repository: inout TrustRepository) throws {
            for (name, text) in try Self.pairs(lifetimes, "--expires") {
                guard let role = TrustRole(rawValue: name), let seconds = GoDuration.seconds(text), seconds >= 1,
                    seconds < 1e10
                else { throw UsageFailure(message: "--expires wants ROLE=DURATION, as timestamp=48h: \(name)=\(text)") }
                repository.lifetimes[role] = Int(seconds)
            }
        }

        /// The keys that are named, or a new one.
        private func keys(_ role: String, _ repository: inout TrustRepository, _ console: Console) throws -> [TrustKey]
        {
            guard !keyFiles.isEmpty else {
                let made = try make(try Self.numbers(counts, "--key-count")[role] ?? 1, role, console)
                for signer in made { repository.signers[signer.key.id] = signer }
                return made.map(\.key)
            }
            let found = try Self.read(keyFiles)
            for signer in found.signers { repository.signers[signer.key.id] = signer }
            return found.keys
        }

        /// The keys of files, private or public.
        private static func read(_ files: [String]) throws -> (keys: [TrustKey], signers: [TrustSigner]) {
            var keys: [TrustKey] = []
            var signers: [TrustSigner] = []
            for file in files {
                let text = try FileSystem.read(file)
                if let signer = try? TrustSigner(pem: text, file) {
                    signers.append(signer)
                    keys.append(signer.key)
                } else {
                    keys.append(try TrustKey(pem: text, file))
                }
            }
            return (keys, signers)
        }

        /// New keys, each in a file that only its owner reads.
        private func make(_ count: Int, _ role: String, _ console: Console) throws -> [TrustSigner] {
            guard count >= 1, count <= 64 else { throw UsageFailure(message: "a role has 1 to 64 keys") }
            var result: [TrustSigner] = []
            for _ in 0..<count {
                let signer = TrustSigner()
                let path = "\(keyFolder)/\(role)-\(signer.key.id.prefix(8)).pem"
                try FileSystem.makeFolder(of: path)
                try FileSystem.saveSecret(signer.pem, to: path)
                say("made key \(signer.key.id) in \(path)", console)
                result.append(signer)
            }
            return result
        }

        private static func pairs(_ texts: [String], _ flag: String) throws(UsageFailure) -> [(String, String)] {
            var result: [(String, String)] = []
            for text in texts {
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2 else { throw UsageFailure(message: "\(flag) wants ROLE=VALUE: \(text)") }
                result.append((parts[0], parts[1]))
            }
            return result
        }

        private static func numbers(_ texts: [String], _ flag: String) throws(UsageFailure) -> [String: Int] {
            var result: [String: Int] = [:]
            for (name, text) in try pairs(texts, flag) {
                guard let number = Int(text), number >= 1 else {
                    throw UsageFailure(message: "\(flag) wants ROLE=N with N from 1 on: \(name)=\(text)")
                }
                result[name] = number
            }
            return result
        }
    }
#endif
