import ArgumentParser
import Glibc
import Writ
import WritBundle
import WritHostBuiltins
import WritTooling

/// `writ build`: policies and data as a bundle, also with OPA's plan, signed if asked.
struct BuildCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Makes a bundle of policies and data.",
        discussion: """
            With --target image: one file that Writ maps and uses in place, with the compiled policy and its data. \
            With --bundle the paths are bundles (folders, archives), whose manifests count; several become one. The same \
            input gives the same bytes. Wasm and optimisation (-O) come later.
            """)
    static let usage = "<path> [<path> [...]] [flags]"
    static let example = "writ build -t plan -e authz/allow -b policy -o bundle.tar.gz"
    static let flags =
        [
            FlagSpec("target", "t"), FlagSpec("entrypoint", "e"), FlagSpec("output", "o"),
            FlagSpec("bundle", "b", .boolean), FlagSpec("revision", "r"), FlagSpec("ignore"), FlagSpec("optimize", "O"),
            FlagSpec("prune-unused", nil, .boolean), FlagSpec("capabilities"), FlagSpec("partial-namespace"),
            FlagSpec("debug", nil, .boolean), FlagSpec("follow-symlinks", nil, .boolean),
            FlagSpec("wasm-include-print", nil, .boolean),
        ] + SharedFlags.versions + SigningOptions.flags + VerificationOptions.flags

    @Option(
        name: [.customLong("target"), .customShort("t")],
        help: "What is made: a bundle (rego), one with OPA's plan (plan), a policy image (image).")
    var target = "rego"
    @Option(
        name: [.customLong("entrypoint"), .customShort("e")],
        help: "A document that is asked for, such as authz/allow (repeatable).")
    var entrypoints: [String] = []
    @Option(
        name: [.customLong("output"), .customShort("o")],
        help: "The file to write. (default: bundle.tar.gz; policy.image for an image)")
    var output: String?
    @Flag(name: [.customLong("bundle"), .customShort("b")], help: "The paths are bundles: folders and archives.")
    var isBundle = false
    @Option(name: [.customLong("revision"), .customShort("r")], help: "The revision that the manifest names.")
    var revision: String?
    @Option(name: .customLong("ignore"), help: "A shell pattern for names to leave out within folders (repeatable).")
    var ignored: [String] = []
    @Option(name: [.customLong("optimize"), .customShort("O")], help: "Accepted, with a warning: it does nothing yet.")
    var optimize = "0"
    @Flag(
        name: .customLong("prune-unused"),
        help: "Leave out rules and data that the entrypoints cannot reach, and say on standard error what went.")
    var prunes = false
    @Option(name: .customLong("capabilities"), help: "A version, or a file of JSON: what policies may use.")
    var capabilities: String?
    @Option(name: .customLong("partial-namespace"), help: .hidden) var namespace = "partial"
    @Flag(name: .customLong("debug"), help: "Tell on standard error what is done.") var debugs = false
    @Flag(name: .customLong("follow-symlinks"), help: "Follow symbolic links to files within folders.")
    var followsLinks = false
    @Flag(name: .customLong("wasm-include-print"), help: .hidden) var includesPrint = false
    @OptionGroup var versions: VersionOptions
    @OptionGroup var signing: SigningOptions
    @OptionGroup var verification: VerificationOptions
    @Argument(help: "Files and folders.")
    var paths: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        guard !paths.isEmpty else { throw UsageFailure(message: "expected at least one path") }
        guard ["rego", "plan", "wasm", "image"].contains(target) else {
            throw UsageFailure(
                message:
                    "invalid argument \"\(target)\" for \"-t, --target\" flag: must be one of {rego,wasm,plan,image}",
                suggestion: nearest(target, among: ["rego", "plan", "image"]))
        }
        guard let level = Int(optimize), level >= 0 else {
            throw UsageFailure(
                message: "invalid argument \"\(optimize)\" for \"-O, --optimize\" flag: must be a number")
        }
        do {
            let made = try contents(console, level: level)
            try FileSystem.save(made, to: output ?? (target == "image" ? "policy.image" : "bundle.tar.gz"))
            return ExitStatus.success
        } catch let report as ProblemReport {
            // OPA tells it on standard output, without excerpts.
            let stage = report.stage == .loading ? "load error: " : ""
            console.print(Array("error: \(stage)".utf8) + report.concise())
        } catch let failure as BundleFailure {
            console.print("error: \(failure.message)")
        } catch let failure as PlanFailure {
            console.print("error: \(failure.message)\(failure.place.isEmpty ? "" : " at \(failure.place)")")
        } catch let failure as DataFailure {
            console.print("error: \(failure.message)")
        } catch let failure as FileFailure {
            console.print("error: \(failure.message)")
        }
        return ExitStatus.failure
    }

    /// Loads and compiles what the bundle or the image is to hold, and writes it.
    private func contents(_ console: Console, level: Int) throws -> [UInt8] {
        let verification = try verification.verification(algorithm: signing.algorithm)
        let signing = try signing.signing(keyID: self.verification.keyID)
        guard isBundle || verification == nil && signing == nil else {
            throw BundleFailure("enable bundle mode (ie. --bundle) to verify or sign bundle files or directories")
        }
        guard target != "wasm" else { throw BundleFailure("the target wasm is not supported yet") }
        warn(console, level: level)
        var bundle = BundleContents()
        let loaded = try isBundle ? loadBundles(verification, into: &bundle) : loadFiles(into: &bundle)
        var options = CompileOptions(functions: .all)
        if let capabilities {
            var declarations = DeclarationOptions()
            declarations.capabilities = capabilities
            try declarations.apply(to: &options)
        }
        options.dataConflicts = { loaded.data.contains($0) }
        let policy: Policy
        do throws(CompileFailure) { policy = try Policy.compile(loaded.files, options: options) } catch {
            throw ProblemReport(error)
        }
        let entrypoints = try entrypoints(of: policy, loaded.files, options, level: level)
        if target == "plan" { try addPlan(of: policy, entrypoints, to: &bundle) }
        if prunes, !entrypoints.isEmpty {
            let report = try PruneReport.prune(
                &bundle, loaded.files, policy, loaded.data, entrypoints: entrypoints, options)
            for line in report.lines { console.report(line) }
        }
        if let revision { bundle.manifest.revision = revision }
        if target == "image" {
            let snapshot = try prunes ? Self.snapshot(of: bundle, options) : loaded.snapshot(policy)
            return try ImageFile.bytes(of: snapshot, bundle.manifest, signing: signing)
        }
        if let signing {
            bundle.signatures = nil
            try bundle.sign(signing)
        }
        return try bundle.archive()
    }

    /// What is left of modules and data after pruning.
    private static func snapshot(of bundle: BundleContents, _ options: CompileOptions) throws -> Snapshot {
        let files = bundle.modules.map { module in
            let version = bundle.manifest.regoVersion(of: module.path) ?? bundle.manifest.regoVersion ?? 1
            return PolicyFile(name: module.path, text: module.text, version: version == 0 ? .v0 : .v1)
        }
        let data = BaseData()
        try data.add(bundle.data)
        let piece = try data.freeze()
        do throws(CompileFailure) {
            return Snapshot(policy: try Policy.compile(files, options: options), data: piece)
        } catch { throw ProblemReport(error) }
    }

    private func warn(_ console: Console, level: Int) {
        if level > 0 {
            console.report(
                "Warning: optimisation (-O \(level)) does nothing yet: policies go into the bundle as they are.")
        }
        guard !isBundle else { return }
        for path in paths {
            let file = (path.hasSuffix("/") ? path : path + "/") + ".manifest"
            guard access(file, F_OK) == 0 else { continue }
            console.report(
                "Warning: .manifest file found in \"\(path)\" but -b flag not specified. Manifest will be ignored.")
        }
    }

    // MARK: Loading

    private struct Loaded {
        var files: [PolicyFile]
        var data: BaseData

        func snapshot(_ policy: Policy) throws(DataFailure) -> Snapshot {
            Snapshot(policy: policy, data: try data.freeze())
        }
    }

    private func loadFiles(into bundle: inout BundleContents) throws -> Loaded {
        var loader = LoaderOptions()
        loader.version = versions.version
        loader.ignored = ignored.flatMap { $0.split(separator: ",").map(String.init) }
        loader.followsLinks = followsLinks
        let found = try Loader.load(paths, options: loader)
        bundle.manifest.regoVersion = versions.version == .v0 ? 0 : 1
        let files = found.policies.sorted { $0.name.lexicographicallyPrecedes($1.name) }
        bundle.modules = try files.map { file in
            (Self.path(String(decoding: file.name, as: UTF8.self)), try Self.formatted(file))
        }
        bundle.data = try found.data.json()
        return Loaded(files: files, data: found.data)
    }

    /// Bundles as one: their modules and data together. Of one alone the manifest stays; several have no revision.
    private func loadBundles(
        _ verification: BundleVerification?, into bundle: inout BundleContents
    ) throws -> Loaded {
        var options = Bundles.Options()
        options.version = versions.version
        options.ignored = ignored.flatMap { $0.split(separator: ",").map(String.init) }
        options.followsLinks = followsLinks
        options.verification = verification
        options.skipsVerification = false
        var bundles: [LoadedBundle] = []
        for path in paths where !bundles.contains(where: { $0.name == path }) {
            do throws(BundleFailure) {
                let next = try Bundles.load(path, options)
                guard next.changes == nil else {
                    throw BundleFailure("bundle \(path): a delta bundle holds changes only and cannot be built from")
                }
                bundles.append(next)
            } catch { throw BundleFailure("load error: \(error.message)", code: error.code, member: error.member) }
        }
        bundles.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        bundle.manifest = try Self.merged(bundles, versions.version)
        if bundles.count == 1 { bundle.signatures = bundles[0].signatures }
        let data = BaseData()
        var files: [PolicyFile] = []
        for next in bundles {
            try data.add(next.data.builder.json())
            for module in next.modules {
                files.append(module.file)
                bundle.modules.append((Self.path(module.location), try Self.formatted(module.file)))
            }
            bundle.wasm += next.wasm.map { (Self.path($0.location), $0.content) }
            bundle.plans += next.plans.map { (Self.path($0.location), $0.content) }
        }
        bundle.data = try data.json()
        // In the order in which folders are walked, whatever order an archive had.
        let order = files.indices.sorted { Self.precedes(bundle.modules[$0].path, bundle.modules[$1].path) }
        bundle.modules = order.map { bundle.modules[$0] }
        return Loaded(files: order.map { files[$0] }, data: data)
    }

    /// The manifest of several bundles: all their roots, and the versions of files that differ from the whole.
    private static func merged(
        _ bundles: [LoadedBundle], _ version: RegoVersion
    ) throws(BundleFailure) -> Manifest {
        let given = version == .v0 ? 0 : 1
        var result = Manifest()
        if let first = bundles.first, bundles.count == 1 { result = first.manifest }
        let whole = bundles.count == 1 ? result.regoVersion ?? given : given
        result.regoVersion = whole
        var fileVersions: [(pattern: String, version: Int)] = []
        for bundle in bundles {
            let isStated = bundle.manifest.regoVersion != nil || !bundle.manifest.fileRegoVersions.isEmpty
            for module in bundle.modules where bundles.count == 1 || isStated {
                let own = bundle.manifest.regoVersion(of: module.path) ?? whole
                if own != whole { fileVersions.append((path(module.location), own)) }
            }
        }
        result.fileRegoVersions = fileVersions.sorted { $0.pattern.utf8.lexicographicallyPrecedes($1.pattern.utf8) }
        guard bundles.count > 1 else { return result }
        result.roots = bundles.flatMap(\.manifest.roots)
        for (index, root) in result.roots.enumerated() {
            for other in result.roots[(index + 1)...] where Manifest.overlap(root, other) {
                throw BundleFailure(
                    "bundle merge failed: manifest has overlapped roots: '\(root)' and '\(other)'", code: .roots)
            }
        }
        return result
    }

    /// A module as `fmt` lays it out: so OPA writes modules. One that does not parse stays for the compiler to refuse.
    static func formatted(_ file: PolicyFile) throws -> [UInt8] {
        let options = FormatOptions(target: file.version)
        do throws(FormatFailure) { return try file.formatted(options) } catch {
            guard error.isResultInvalid else { return file.text }
            throw ProblemReport(.compiling, error.diagnostics.map { Problem($0) }, sources: error.sources)
        }
    }

    // MARK: Entrypoints and plans

    /// The documents that are asked for: those of the command line, then those of metadata.
    private func entrypoints(
        of policy: Policy, _ files: [PolicyFile], _ options: CompileOptions, level: Int
    ) throws -> [String] {
        var asked: [String] = []
        for name in entrypoints {
            let name = name.split(separator: "/", omittingEmptySubsequences: true).joined(separator: "/")
            guard !name.isEmpty else { throw BundleFailure("entrypoint \(name) not valid: use <package>/<rule>") }
            if !asked.contains(name) { asked.append(name) }
        }
        if let readYAML = options.readYAML {
            for name in Policy.annotatedEntrypoints(files, readYAML: readYAML) where !asked.contains(name) {
                asked.append(name)
            }
        }
        if asked.isEmpty, level > 0 { throw BundleFailure("bundle optimizations require at least one entrypoint") }
        guard target == "plan" else {
            if level > 0 || prunes, let missing = asked.first(where: { !policy.hasEntrypoint($0) }) {
                throw BundleFailure("undefined entrypoint data.\(missing.split(separator: "/").joined(separator: "."))")
            }
            if prunes, asked.isEmpty { throw BundleFailure("pruning requires at least one entrypoint") }
            return asked
        }
        guard !asked.isEmpty else { throw BundleFailure("plan compilation requires at least one entrypoint") }
        // Before dependents are looked for: what is not there has none.
        if let missing = asked.first(where: { !policy.hasEntrypoint($0) }) {
            throw BundleFailure("entrypoint \"\(missing)\" does not refer to a rule or policy decision")
        }
        return asked
    }

    private func addPlan(of policy: Policy, _ entrypoints: [String], to bundle: inout BundleContents) throws {
        var asked = entrypoints
        if !prunes { asked += policy.dependents(of: asked).filter { !asked.contains($0) && policy.hasEntrypoint($0) } }
        bundle.plans.append(("/plan.json", try policy.writePlan(entrypoints: asked)))
    }

    /// Whether a path comes before another where folders are walked name by name.
    private static func precedes(_ one: String, _ two: String) -> Bool {
        let (a, b) = (one.utf8.split(separator: 0x2F), two.utf8.split(separator: 0x2F))
        for (a, b) in zip(a, b) where !a.elementsEqual(b) { return a.lexicographicallyPrecedes(b) }
        return a.count < b.count
    }

    /// A file's path inside the bundle.
    private static func path(_ name: String) -> String {
        "/" + name.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
