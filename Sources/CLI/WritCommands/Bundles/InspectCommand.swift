import ArgumentParser
import Writ
import WritBundle
import WritHostBuiltins
import WritTooling

/// `writ inspect`: what is in a bundle, or in a module.
struct InspectCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Shows what is in a bundle, a folder or a module.",
        discussion: """
            Lists the manifest, the packages and documents with the files that they come from, signatures, what modules \
            need of an engine, and with --annotations what is said in `# METADATA`. Signatures are shown, not verified.
            """)
    static let usage = "<path> [flags]"
    static let example = "writ inspect -a bundle"
    static let flags =
        [FlagSpec("annotations", "a", .boolean), FlagSpec("details", nil, .boolean), FlagSpec("format", "f")]
        + SharedFlags.versions

    @Flag(name: [.customLong("annotations"), .customShort("a")], help: "List what is said in `# METADATA`.")
    var listsAnnotations = false
    @Flag(name: .customLong("details"), help: "List also what the signature says, and the sizes of files.")
    var hasDetails = false
    @Option(name: [.customLong("format"), .customShort("f")], help: "How to print: pretty, json.")
    var format = "pretty"
    @OptionGroup var versions: VersionOptions
    @Argument(help: "A bundle's folder or archive, or a module.")
    var paths: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        guard let path = paths.first, paths.count == 1 else {
            throw UsageFailure(message: "specify exactly one OPA bundle or path")
        }
        guard format == "pretty" || format == "json" else {
            throw UsageFailure(
                message: "invalid argument \"\(format)\" for \"-f, --format\" flag: must be one of {pretty,json}",
                suggestion: nearest(format, among: ["pretty", "json"]))
        }
        do {
            let summary = try path.hasSuffix(".rego") ? module(path) : bundle(path)
            console.print(Array((format == "json" ? try summary.json() : summary.pretty()).utf8))
            return ExitStatus.success
        } catch let failure as BundleFailure {
            console.report("error: \(failure.message)")
        } catch let report as ProblemReport {
            console.report(Array("error: ".utf8) + report.concise())
        }
        return ExitStatus.failure
    }

    private func module(_ path: String) throws -> BundleSummary {
        var loader = LoaderOptions()
        loader.version = versions.version
        let files = try Loader.load([path], options: loader).policies
        var summary = BundleSummary()
        try describe(files, &summary) { String(decoding: $0.name, as: UTF8.self) }
        return summary
    }

    private func bundle(_ path: String) throws -> BundleSummary {
        var options = Bundles.Options()
        options.version = versions.version
        let bundle = try Bundles.load(path, options)
        var summary = BundleSummary()
        summary.manifest = bundle.manifest
        summary.signatures = bundle.signatures
        if hasDetails { summary.details = try BundleDetails(path, options, bundle.signatures) }
        try describe(bundle.modules.map(\.file), &summary) { String(decoding: $0.name, as: UTF8.self) }
        for file in bundle.dataFiles where !file.path.hasSuffix(".yml") {
            let steps = file.path.split(separator: "/").dropLast()
            let name = (["data"] + steps.map(String.init)).joined(separator: ".")
            summary.add(name, bundle.isFolder ? file.location : file.shown)
        }
        for module in bundle.wasm { summary.wasm.append((module.location, module.path)) }
        return summary
    }

    /// Packages, annotations and requirements of modules.
    private func describe(
        _ files: [PolicyFile], _ summary: inout BundleSummary, _ name: (PolicyFile) -> String
    ) throws {
        for file in files {
            guard let package = PackageName.of(file) else { continue }
            summary.add("data." + package.text.dropFirst("package ".count), name(file))
        }
        let options = CompileOptions(functions: .all)
        let policy: Policy
        do throws(CompileFailure) {
            policy = try Policy.compile(files, options: options)
            if listsAnnotations, let readYAML = options.readYAML {
                summary.annotations = try ListedAnnotation.all(in: files, readYAML: readYAML)
            }
        } catch { throw ProblemReport(error) }
        summary.requirements = policy.requirements(of: files).json()
    }
}
