import ArgumentParser
import Glibc
import Writ
import WritBundle
import WritHostBuiltins
import WritTooling

/// `writ build`: policies and data as a bundle, also with OPA's plan. Optimisation, Wasm and signatures come later.
struct BuildCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Makes a bundle of policies and data. (Optimisation, Wasm and signatures come later.)")
    static let usage = "<path> [<path> [...]] [flags]"
    static let example = "writ build -t plan -e authz/allow -b policy -o bundle.tar.gz"
    static let flags =
        [
            FlagSpec("target", "t"), FlagSpec("entrypoint", "e"), FlagSpec("output", "o"),
            FlagSpec("bundle", "b", .boolean), FlagSpec("revision", "r"), FlagSpec("ignore"),
        ] + SharedFlags.versions + refused

    /// Flags of OPA's that are understood but not there yet.
    private static let refused = [
        FlagSpec("optimize", "O"), FlagSpec("prune-unused", nil, .boolean), FlagSpec("signing-key"),
        FlagSpec("signing-alg"), FlagSpec("claims-file"), FlagSpec("verification-key"),
        FlagSpec("verification-key-id"), FlagSpec("scope"), FlagSpec("exclude-files-verify"), FlagSpec("capabilities"),
        FlagSpec("partial-namespace"), FlagSpec("debug", nil, .boolean), FlagSpec("follow-symlinks", nil, .boolean),
    ]

    @Option(name: [.customLong("target"), .customShort("t")], help: "What the bundle is for: rego, plan.")
    var target = "rego"
    @Option(
        name: [.customLong("entrypoint"), .customShort("e")],
        help: "A document that is asked for, such as authz/allow (repeatable).")
    var entrypoints: [String] = []
    @Option(name: [.customLong("output"), .customShort("o")], help: "The file to write.")
    var output = "bundle.tar.gz"
    @Flag(name: [.customLong("bundle"), .customShort("b")], help: "The paths are folders of bundles.")
    var isBundle = false
    @Option(name: [.customLong("revision"), .customShort("r")], help: "The revision that the manifest names.")
    var revision: String?
    @Option(name: .customLong("ignore"), help: "A shell pattern for names to leave out within folders (repeatable).")
    var ignored: [String] = []
    @OptionGroup var versions: VersionOptions
    @OptionGroup var later: LaterBuildOptions
    @Argument(help: "Files and folders.")
    var paths: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        try later.check()
        guard !paths.isEmpty else { throw UsageFailure(message: "expected at least one path") }
        guard target == "rego" || target == "plan" else {
            guard target != "wasm" else { throw UsageFailure(message: "Wasm (--target wasm): not supported yet") }
            throw UsageFailure(
                message: "invalid argument \"\(target)\" for \"-t, --target\" flag: must be one of {rego,plan}")
        }
        do {
            try FileSystem.save(contents().archive(), to: output)
        } catch let report as ProblemReport {
            // OPA tells it on standard output, without excerpts.
            console.print(Array("error: ".utf8) + report.concise())
            return ExitStatus.failure
        } catch let failure as BundleFailure {
            console.print("error: \(failure.message)")
            return ExitStatus.failure
        } catch let failure as PlanFailure {
            console.print("error: \(failure.message)\(failure.place.isEmpty ? "" : " at \(failure.place)")")
            return ExitStatus.failure
        } catch let failure as DataFailure {
            console.print("error: \(failure.message)")
            return ExitStatus.failure
        } catch let failure as FileFailure {
            console.print("error: \(failure.message)")
            return ExitStatus.failure
        }
        return ExitStatus.success
    }

    /// Loads and compiles what the bundle is to hold.
    private func contents() throws -> BundleContents {
        var bundle = BundleContents()
        var loader = LoaderOptions()
        loader.version = versions.version
        loader.ignored = ignored.flatMap { $0.split(separator: ",").map(String.init) }
        loader.isBundle = isBundle
        let files = try Loader.load(paths, options: loader)
        var options = CompileOptions(functions: .all)
        let base = files.data
        options.dataConflicts = { base.contains($0) }
        let policy: Policy
        do throws(CompileFailure) { policy = try Policy.compile(files.policies, options: options) } catch {
            throw ProblemReport(error)
        }
        if isBundle { bundle.manifest = try manifest() }
        if let revision { bundle.manifest.revision = revision }
        bundle.manifest.regoVersion = versions.version == .v0 ? 0 : 1
        bundle.modules = files.policies.map { (Self.path(String(decoding: $0.name, as: UTF8.self)), $0.text) }
        bundle.data = try files.data.json()
        var asked = entrypoints
        if let readYAML = options.readYAML {
            for name in Policy.annotatedEntrypoints(files.policies, readYAML: readYAML) where !asked.contains(name) {
                asked.append(name)
            }
        }
        if target == "plan" {
            guard !asked.isEmpty else { throw BundleFailure("plan compilation requires at least one entrypoint") }
            bundle.plan = try policy.writePlan(entrypoints: asked)
        } else if let missing = entrypoints.first(where: { !policy.hasEntrypoint($0) }) {
            throw BundleFailure("entrypoint \"\(missing)\" does not refer to a rule or policy decision")
        }
        return bundle
    }

    /// The manifests of the folders as one: their roots together, the rest of the first that has a manifest.
    private func manifest() throws -> Manifest {
        var result: Manifest?
        for path in paths {
            let file = (path.hasSuffix("/") ? path : path + "/") + ".manifest"
            let text: [UInt8]
            do throws(FileFailure) { text = try FileSystem.read(file) } catch {
                guard error.number == ENOENT else { throw error }
                continue
            }
            let manifest = try Manifest(reading: text)
            guard let first = result else {
                result = manifest
                continue
            }
            result?.roots += manifest.roots.filter { !first.roots.contains($0) }
        }
        return result ?? Manifest()
    }

    /// A file's path inside the bundle.
    private static func path(_ name: String) -> String {
        "/" + name.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}

/// Flags of `build` that are understood but not there yet.
struct LaterBuildOptions: ParsableArguments {
    @Option(name: [.customLong("optimize"), .customShort("O")], help: .hidden) var optimize: String?
    @Flag(name: .customLong("prune-unused"), help: .hidden) var prunes = false
    @Option(name: .customLong("signing-key"), help: .hidden) var signingKey: String?
    @Option(name: .customLong("signing-alg"), help: .hidden) var signingAlgorithm: String?
    @Option(name: .customLong("claims-file"), help: .hidden) var claims: String?
    @Option(name: .customLong("verification-key"), help: .hidden) var verificationKey: String?
    @Option(name: .customLong("verification-key-id"), help: .hidden) var verificationKeyID: String?
    @Option(name: .customLong("scope"), help: .hidden) var scope: String?
    @Option(name: .customLong("exclude-files-verify"), help: .hidden) var unverified: [String] = []
    @Option(name: .customLong("capabilities"), help: .hidden) var capabilities: String?
    @Option(name: .customLong("partial-namespace"), help: .hidden) var namespace: String?
    @Flag(name: .customLong("debug"), help: .hidden) var debugs = false
    @Flag(name: .customLong("follow-symlinks"), help: .hidden) var followsLinks = false

    /// Refuses what would change the bundle.
    func check() throws(UsageFailure) {
        let asked: [(Bool, String)] = [
            (optimize.map { $0 != "0" } ?? false, "optimisation (--optimize)"),
            (prunes, "leaving unused rules out (--prune-unused)"), (signingKey != nil, "signatures (--signing-key)"),
            (claims != nil, "signatures (--claims-file)"), (verificationKey != nil, "signatures (--verification-key)"),
            (capabilities != nil, "capabilities (--capabilities)"),
            (namespace != nil, "optimisation (--partial-namespace)"),
        ]
        guard let first = asked.first(where: { $0.0 }) else { return }
        throw UsageFailure(message: "\(first.1): not supported yet")
    }
}
