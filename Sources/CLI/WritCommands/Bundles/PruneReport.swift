import Writ
import WritBundle
import WritTooling

/// Takes what entrypoints cannot reach out of a bundle, and tells what went.
struct PruneReport {
    private var rules: [String] = []
    private var files: [String] = []
    private var documents: [(path: String, bytes: Int)] = []
    private var moduleBytes = 0
    private var dataBytes = 0

    /// `files` are the modules of the bundle in its order, as the policy was compiled of them.
    static func prune(
        _ bundle: inout BundleContents, _ files: [PolicyFile], _ policy: Policy, _ data: BaseData,
        entrypoints: [String], _ options: CompileOptions
    ) throws -> PruneReport {
        var report = PruneReport()
        let pruning = policy.pruning(files, entrypoints: entrypoints, readYAML: options.readYAML)
        report.rules = pruning.rules.map(PathText.reference)
        var modules: [(path: String, text: [UInt8])] = []
        var left: [PolicyFile] = []
        for (index, file) in files.enumerated() where bundle.modules.indices.contains(index) {
            let module = bundle.modules[index]
            guard let text = pruning.texts[index] else {
                report.files.append(module.path)
                report.moduleBytes += module.text.count
                continue
            }
            var kept = file
            kept.text = text
            left.append(kept)
            guard text != file.text else {
                modules.append(module)
                continue
            }
            let formatted = try BuildCommand.formatted(kept)
            report.moduleBytes += module.text.count - formatted.count
            modules.append((module.path, formatted))
        }
        // What was cut must still be a policy: what is asked for there is what was asked for before.
        let again: Policy
        do throws(CompileFailure) { again = try Policy.compile(left, options: options) } catch {
            throw ProblemReport(error)
        }
        if let missing = entrypoints.first(where: { !again.hasEntrypoint($0) }) {
            throw BundleFailure("pruning lost the entrypoint \(missing)")
        }
        bundle.modules = modules
        let paths = Set(modules.map(\.path))
        bundle.manifest.fileRegoVersions.removeAll {
            $0.pattern.hasPrefix("/") && !$0.pattern.contains("*")
                && !paths.contains($0.pattern)
        }
        let kept = try data.keeping(pruning.documents)
        report.documents = kept.dropped.map { (PathText.reference([Array("data".utf8)] + $0.path), $0.bytes) }
        report.dataBytes = bundle.data.count - kept.json.count
        bundle.data = kept.json
        return report
    }

    /// What went, a line each, and what it saved.
    var lines: [String] {
        var lines = rules.map { "pruned: rule \($0)" }
        lines += files.map { "pruned: file \($0)" }
        lines += documents.map { "pruned: \($0.path) (\($0.bytes) bytes)" }
        lines.append(
            "pruned: \(rules.count) rules, \(files.count) files, \(documents.count) documents; "
                + "\(moduleBytes) bytes of policies and \(dataBytes) bytes of data less")
        return lines
    }
}
