#if !WRIT_LIGHT
    import ArgumentParser
    import Writ
    import WritBundle
    import WritRegistry
    import WritRuntime
    import WritTooling

    /// `writ push`: a bundle into a registry.
    struct PushCommand: WritCommand {
        static let configuration = CommandConfiguration(
            commandName: "push", abstract: "Puts a bundle or a policy image into a registry of artifacts (OCI).",
            discussion: """
                What the registry has already is not sent. The artifact is one that OPA's services of type oci take, and its \
                digest depends on the bundle and the annotations alone. Servers get it as Docs/bundles.md says. Exit codes: 0 \
                it is there, 1 it is not. \(RegistryOptions.discussion)
                """)
        static let usage = "<registry/repository:tag> <bundle> [flags]"
        static let example = "writ push localhost:5000/fleet/policy:1.0 bundle.tar.gz"
        static let flags = [FlagSpec("annotation")] + RegistryOptions.flags + SharedFlags.versions

        @Option(
            name: .customLong("annotation"),
            help: "A note on the artifact: NAME=VALUE, as org.opencontainers.image.source=… (repeatable).")
        var annotations: [String] = []
        @OptionGroup var registry: RegistryOptions
        @OptionGroup var versions: VersionOptions
        @Argument(help: "Where to put it, and the archive of a bundle or a policy image.")
        var operands: [String] = []

        func execute(_ console: Console) throws -> Int32 {
            guard operands.count == 2 else { throw UsageFailure(message: "specify a reference and one bundle") }
            try registry.check()
            let (name, path) = (operands[0], operands[1])
            let noted = try notes()
            return try registry.run(name, console) {
                let reference = try RegistryReference(name)
                guard let tag = reference.tag else {
                    throw RegistryFailure(.reference, "\(name): it needs a tag to be pushed to")
                }
                let (artifact, revision) = try artifact(path, noted)
                if let digest = reference.digest, digest != artifact.digest {
                    throw RegistryFailure(.digest, "\(path) is \(artifact.digest), not what \(name) names")
                }
                let client = try registry.client(reference, console)
                let pushed = try RegistryArtifact.waiting { () async throws(RegistryFailure) in
                    try await artifact.push(to: client, tag: tag)
                }
                report(name, revision, artifact, pushed, console)
            }
        }

        private func notes() throws(UsageFailure) -> [String: String] {
            var result: [String: String] = [:]
            for note in annotations {
                guard let equals = note.firstIndex(of: "="), equals > note.startIndex else {
                    throw UsageFailure(message: "invalid --annotation \"\(note)\": must be NAME=VALUE")
                }
                result[String(note[..<equals])] = String(note[note.index(after: equals)...])
            }
            return result
        }

        /// Reads what is to be pushed: only what a server could load.
        private func artifact(
            _ path: String, _ noted: [String: String]
        ) throws -> (artifact: RegistryArtifact, revision: String) {
            var options = Bundles.Options()
            options.version = versions.version
            let bundle = try Bundles.load(path, options)
            let isImage = Bundles.isImage(path)
            let content: [UInt8]
            do throws(FileFailure) { content = try FileSystem.read(path) } catch {
                // Folders are readable bundles, too.
                throw BundleFailure("\(path) is no archive: make one with writ build -b", code: .archive)
            }
            var unpacked = ContentDigest(of: content)
            if !isImage, let digest = ContentDigest(sha256: try Gzip.contentDigest(of: content)) { unpacked = digest }
            var annotations = noted
            let revision = bundle.manifest.revision
            if !revision.isEmpty, annotations["org.opencontainers.image.revision"] == nil {
                annotations["org.opencontainers.image.revision"] = revision
            }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return (
                RegistryArtifact(content, isImage: isImage, name: name, unpacked: unpacked, annotations: annotations),
                revision
            )
        }

        private func report(
            _ name: String, _ revision: String, _ artifact: RegistryArtifact, _ pushed: RegistryArtifact.Pushed,
            _ console: Console
        ) {
            let told = revision.isEmpty ? "" : ", revision \(revision)"
            let work = pushed.isNew ? "\(pushed.sent) bytes sent" : "there already"
            registry.tell(
                "\(name): \(pushed.digest)\(told), \(work)",
                [
                    ("reference", .text(name)), ("digest", .text(pushed.digest.description)),
                    ("layer", .text(artifact.layer.digest.description)), ("size", .number(artifact.content.count)),
                    ("revision", .text(revision)), ("sent", .number(pushed.sent)), ("new", .flag(pushed.isNew)),
                ], console)
        }
    }
#endif
