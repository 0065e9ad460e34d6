#if !WRIT_LIGHT
    import Glibc
    import Writ
    import WritTooling
    import WritTrust

    // Keys in several hands: `key`, `sign`, and what is published of `staged/`.
    extension TrustCommand {
        /// A key of one's own: the private one for its holder only, the public one for whoever keeps the repository.
        func makeKey(_ console: Console) throws {
            guard operands.count == 2 else { throw UsageFailure(message: "key needs the file that it is written to") }
            let path = operands[1]
            let signer = TrustSigner()
            let open = (path.hasSuffix(".pem") ? String(path.dropLast(4)) : path) + ".pub.pem"
            try FileSystem.makeFolder(of: path)
            try FileSystem.saveSecret(signer.pem, to: path)
            try FileSystem.save(signer.publicPEM, to: open)
            say("made key \(signer.key.id) in \(path); give away \(open)", console)
        }

        // MARK: Staging

        func stage(_ repository: inout TrustRepository, _ console: Console) throws {
            try setLifetimes(&repository)
            let files = try repository.stage()
            try write(files, console)
            for file in files where file.path.hasPrefix("staged/") {
                let envelope = try TrustEnvelope(reading: file.content, file.path)
                try tell(try counts(envelope, name(of: file.path), repository), name(of: file.path), console)
            }
        }

        private func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

        /// Staged metadata, the root first, then targets, then delegated roles.
        private func staged() throws -> [(name: String, text: [UInt8])] {
            let folder = repository + "/staged"
            func rank(_ name: String) -> Int {
                switch TrustRepository.role(ofFile: name) {
                case "root": 0
                case "targets": 1
                default: 2
                }
            }
            return try TrustFiles.names(in: folder).filter { TrustRepository.role(ofFile: $0) != nil }
                .sorted { (rank($0), $0) < (rank($1), $1) }
                .map { ($0, try FileSystem.read(folder + "/" + $0)) }
        }

        /// Publishes what is staged, if enough have signed all of it.
        func publishStaged(_ console: Console) throws {
            let files = try staged()
            guard let first = files.first else {
                throw TrustFailure(.missing, "staged", "nothing is staged in \(repository)")
            }
            var target: TrustRepository
            // The timestamp is written last: without one, publishing the first root did not come to its end.
            if first.name != "1.root.json" || TrustFiles.exists(repository + "/metadata/timestamp.json") {
                target = try open()
            } else {
                target = try TrustRepository(stagedRoot: first.text, now: now)
                for signer in try TrustFiles.signers(keyFolder) { target.signers[signer.key.id] = signer }
            }
            // What is there already was published by one who did not come to removing it, nor perhaps to the timestamp.
            for file in files where try !target.isPublished(staged: file.text, file.name) {
                try target.take(staged: file.text, file.name)
            }
            try target.checkTaken()
            try commit(&target, console)
            for file in files { try FileSystem.remove("\(repository)/staged/\(file.name)") }
        }

        // MARK: Signing

        /// How many signed, of those who count for one set of keys.
        struct SignatureCount {
            var delegator: String
            var good: Int
            var keys: TrustRoleKeys
        }

        /// Adds one's own signature, and those of copies; nothing but the metadata itself and one's own key is needed.
        func sign(_ console: Console) throws {
            guard operands.count >= 2 else { throw UsageFailure(message: "sign needs the file of staged metadata") }
            let path = operands[1]
            let file = name(of: path)
            guard let named = TrustRepository.role(ofFile: file) else {
                throw UsageFailure(message: "\(file) is no name of metadata, such as 2.root.json")
            }
            if let role, role != named {
                throw TrustFailure(.request, named, "\(file) is metadata of \(named), not of \(role)")
            }
            // What is shown is what is signed: the file is read once.
            var envelope = try TrustEnvelope(reading: FileSystem.read(path), named)
            let before = envelope.text
            for line in try envelope.summary(named) { say(line, console) }
            let whole = TrustFiles.exists(repository + "/metadata/1.root.json") ? try open() : nil
            let known = try counts(envelope, file, whole)
            var keys: [String: TrustKey] = [:]
            for count in known { keys.merge(count.keys.keys) { first, _ in first } }
            for copy in operands.dropFirst(2) {
                let bad = try envelope.merge(try TrustEnvelope(reading: FileSystem.read(copy), named), copy, keys: keys)
                for id in bad { say("\(copy): the signature of key \(id) is not good: left out", console) }
            }
            for file in keyFiles {
                let signer = try TrustSigner(pem: FileSystem.read(file), file)
                guard known.isEmpty || known.contains(where: { $0.keys.ids.contains(signer.key.id) }) else {
                    throw TrustFailure(.key, named, "the key \(signer.key.id.prefix(8)) of \(file) is none that counts")
                }
                try envelope.sign(signer)
                say("signed \(path) with key \(signer.key.id)", console)
            }
            if envelope.text != before { try FileSystem.save(envelope.text, to: path) }
            for id in envelope.badSignatures(keys) { say("\(file): the signature of key \(id) is not good", console) }
            let found = try counts(envelope, file, whole)
            try tell(found, file, console)
            guard checks else { return }
            guard !found.isEmpty else {
                throw TrustFailure(.missing, named, "it is not known who must sign: name the root with --root")
            }
            if named == "root", envelope.version > 1, found.count < 2 {
                throw TrustFailure(.missing, named, "the root before is not at hand: name it with --root")
            }
            for count in found { try envelope.verify(count.keys, named, under: count.delegator) }
        }

        private func tell(_ counts: [SignatureCount], _ file: String, _ console: Console) throws {
            for count in counts {
                say(
                    "\(file): \(count.good) of \(count.keys.threshold) signatures that \(count.delegator) asks for",
                    console)
            }
            if counts.isEmpty { say("\(file): who must sign is not known here; see --root and --repo", console) }
        }

        private static func root(_ text: [UInt8]) throws(TrustFailure) -> TrustRoot {
            let envelope = try TrustEnvelope(reading: text, "root")
            try envelope.checkKeyIDs("root")
            return try TrustRoot(envelope)
        }

        /// Under which keys metadata must be signed, as far as what is at hand says so: a root speaks for itself, beside it
        /// the root before; for others the root, or who delegates.
        private func counts(
            _ envelope: TrustEnvelope, _ file: String, _ whole: TrustRepository?
        ) throws -> [SignatureCount] {
            guard let role = TrustRepository.role(ofFile: file) else { return [] }
            func count(_ keys: TrustRoleKeys?, _ delegator: String) -> [SignatureCount] {
                guard let keys else { return [] }
                return [SignatureCount(delegator: delegator, good: envelope.goodSignatures(keys), keys: keys)]
            }
            var given: TrustRoot?
            if let rootFile { given = try Self.root(FileSystem.read(rootFile)) }
            if role == "root" {
                let new = try TrustRoot(envelope)
                var before = given
                if before == nil, let text = try TrustFiles.read("\(repository)/metadata/\(new.version - 1).root.json")
                {
                    before = try Self.root(text)
                }
                if let before, before.version != new.version - 1 {
                    throw TrustFailure(
                        .request, role,
                        "\(rootFile ?? "") is version \(before.version); version \(new.version - 1) is before it")
                }
                return count(before?.roles["root"], "root version \(before?.version ?? 0)")
                    + count(new.roles["root"], "root version \(new.version)")
            }
            if let given, TrustRole(rawValue: role) != nil {
                return count(given.roles[role], "root version \(given.version)")
            }
            guard var whole else { return [] }
            for file in try staged() { try whole.lay(staged: file.text, file.name) }
            let found = try whole.roleKeys(role)
            return count(found.keys, found.delegator)
        }
    }
#endif
