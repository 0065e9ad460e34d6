#if !WRIT_LIGHT
    import ArgumentParser
    import Glibc
    import Writ
    import WritBundle
    import WritRegistry
    import WritRuntime
    import WritTooling

    /// `writ pull`: a bundle out of a registry.
    struct PullCommand: WritCommand {
        static let configuration = CommandConfiguration(
            commandName: "pull", abstract: "Gets a bundle or a policy image out of a registry of artifacts (OCI).",
            discussion: """
                The digests of manifest and content are verified, with --verification-key the bundle's signature too; the \
                file is written only if all is good. Exit codes: 0 it is there, 1 it is not, 2 its signature is not good, 3 the signature \
                is expired. \
                \(RegistryOptions.discussion)
                """)
        static let usage = "<registry/repository:tag> [flags]"
        static let example = "writ pull localhost:5000/fleet/policy:1.0 -o pulled.tar.gz"
        static let flags =
            [FlagSpec("output", "o")] + RegistryOptions.flags + SharedFlags.versions
            + KeyedVerificationOptions.flags

        @Option(
            name: [.customLong("output"), .customShort("o")],
            help: "The file to write; else bundle.tar.gz or policy.image.")
        var output: String?
        @OptionGroup var registry: RegistryOptions
        @OptionGroup var versions: VersionOptions
        @OptionGroup var verification: KeyedVerificationOptions
        @Argument(help: "Where it is: a tag, or a digest behind an @.")
        var references: [String] = []

        func execute(_ console: Console) throws -> Int32 {
            guard let name = references.first, references.count == 1 else {
                throw UsageFailure(message: "specify exactly one reference")
            }
            try registry.check()
            return try registry.run(name, console, status: VerifyCommand.status) {
                let reference = try RegistryReference(name)
                var options = Bundles.Options()
                options.version = versions.version
                options.verification = try verification.verification()
                options.skipsVerification = options.verification == nil
                let client = try registry.client(reference, console)
                let limit = options.limits.totalSize
                let pulled = try RegistryArtifact.waiting { () async throws(RegistryFailure) in
                    try await RegistryArtifact.pull(reference.object, from: client, limit: limit)
                }
                let file = output ?? (pulled.isImage ? "policy.image" : "bundle.tar.gz")
                let bundle = try save(pulled.content, to: file, options)
                report(name, file, bundle, pulled, console)
            }
        }

        /// Puts content in the place of a file once it is a bundle, and verified where that is asked for.
        private func save(_ content: [UInt8], to file: String, _ options: Bundles.Options) throws -> LoadedBundle {
            try FileSystem.save(content, to: file) { temporary in
                do throws(BundleFailure) { return try Bundles.load(temporary, options) } catch {
                    throw BundleFailure(
                        error.message.split(separator: temporary, omittingEmptySubsequences: false).joined(
                            separator: file),
                        code: error.code, member: error.member)
                }
            }
        }

        private func report(
            _ name: String, _ file: String, _ bundle: LoadedBundle, _ pulled: RegistryArtifact.Pulled,
            _ console: Console
        ) {
            let revision = bundle.manifest.revision
            let told = revision.isEmpty ? "" : ", revision \(revision)"
            let signed = bundle.isVerified ? ", signature verified" : ""
            registry.tell(
                "\(file): \(pulled.digest)\(told), \(pulled.content.count) bytes\(signed)",
                [
                    ("reference", .text(name)), ("file", .text(file)), ("digest", .text(pulled.digest.description)),
                    ("layer", .text(pulled.layer.digest.description)), ("size", .number(pulled.content.count)),
                    ("revision", .text(revision)), ("verified", .flag(bundle.isVerified)),
                ], console)
        }
    }
#endif
