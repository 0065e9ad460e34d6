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
                file is written only if all is good. Exit codes: 0 it is there, 1 it is not, 2 its signature is not good. \
                \(RegistryOptions.discussion)
                """)
        static let usage = "<registry/repository:tag> [flags]"
        static let example = "writ pull localhost:5000/fleet/policy:1.0 -o pulled.tar.gz"
        static let flags =
            [FlagSpec("output", "o"), FlagSpec("signing-alg")] + RegistryOptions.flags + SharedFlags.versions
            + VerificationOptions.flags

        @Option(
            name: [.customLong("output"), .customShort("o")],
            help: "The file to write; else bundle.tar.gz or policy.image.")
        var output: String?
        @Option(
            name: .customLong("signing-alg"),
            help: "The algorithm of the keys: RS, PS, ES or HS with 256, 384 or 512; EdDSA.")
        var algorithm = "RS256"
        @OptionGroup var registry: RegistryOptions
        @OptionGroup var versions: VersionOptions
        @OptionGroup var verification: VerificationOptions
        @Argument(help: "Where it is: a tag, or a digest behind an @.")
        var references: [String] = []

        func execute(_ console: Console) throws -> Int32 {
            guard let name = references.first, references.count == 1 else {
                throw UsageFailure(message: "specify exactly one reference")
            }
            try registry.check()
            do {
                let reference = try RegistryReference(name)
                var options = Bundles.Options()
                options.version = versions.version
                options.verification = try verification.verification(algorithm: algorithm)
                options.skipsVerification = options.verification == nil
                let client = try registry.client(reference, console)
                let limit = options.limits.totalSize
                let pulled = try RegistryArtifact.waiting { () async throws(RegistryFailure) in
                    try await RegistryArtifact.pull(reference.object, from: client, limit: limit)
                }
                let file = output ?? (pulled.isImage ? "policy.image" : "bundle.tar.gz")
                let bundle = try save(pulled.content, to: file, options)
                report(name, file, bundle, pulled, console)
                return ExitStatus.success
            } catch let failure as RegistryFailure {
                registry.report(name, failure.code.rawValue, failure.message, console)
            } catch let failure as BundleFailure {
                registry.report(name, failure.code.rawValue, failure.message, console)
                if [.signature, .scope, .digest, .unlisted, .missing, .expired].contains(failure.code) { return 2 }
            } catch let failure as FileFailure {
                registry.report(name, "file", failure.message, console)
            }
            return ExitStatus.failure
        }

        /// Puts content in the place of a file once it is a bundle, and verified where that is asked for.
        private func save(_ content: [UInt8], to file: String, _ options: Bundles.Options) throws -> LoadedBundle {
            let temporary = "\(file).part-\(getpid())"
            try FileSystem.save(content, to: temporary)
            do {
                let bundle = try Bundles.load(temporary, options)
                guard rename(temporary, file) == 0 else {
                    throw FileFailure(operation: "rename", path: file, number: errno)
                }
                return bundle
            } catch {
                unlink(temporary)
                guard let failure = error as? BundleFailure else { throw error }
                throw BundleFailure(
                    failure.message.split(separator: temporary, omittingEmptySubsequences: false).joined(
                        separator: file),
                    code: failure.code, member: failure.member)
            }
        }

        private func report(
            _ name: String, _ file: String, _ bundle: LoadedBundle, _ pulled: RegistryArtifact.Pulled,
            _ console: Console
        ) {
            let revision = bundle.manifest.revision
            guard registry.format == "json" else {
                let told = revision.isEmpty ? "" : ", revision \(revision)"
                let signed = bundle.isVerified ? ", signature verified" : ""
                console.print("\(file): \(pulled.digest)\(told), \(pulled.content.count) bytes\(signed)")
                return
            }
            console.print(
                RegistryOptions.json([
                    ("reference", .text(name)), ("file", .text(file)), ("digest", .text(pulled.digest.description)),
                    ("layer", .text(pulled.layer.digest.description)), ("size", .number(pulled.content.count)),
                    ("revision", .text(revision)), ("verified", .flag(bundle.isVerified)),
                ]))
        }
    }
#endif
