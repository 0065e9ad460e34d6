import RegoCompiler
import WritBuiltins
import WritPlan
import WritVM

public typealias CompileWork = RegoCompiler.CompileWork

/// Compiles modules again and again: what did not change since the last time, and does not depend on what did, is
/// taken over. The policies are the same as those that `Policy.compile` gives.
///
/// Files are told apart by their names. A compilation that fails keeps what it made of the files without errors.
public struct PolicyCompiler: Sendable {
    public let options: CompileOptions
    /// What the last compilation did.
    public private(set) var work = CompileWork()

    private struct Parsed: Sendable {
        var version: RegoVersion
        var module: Module?
        var diagnostics: [Diagnostic]
        var stamp: UInt64
    }

    private var compilation = Compilation()
    private var sources = SourceMap()
    /// The source numbers of files by name; the same name may stand for several files.
    private var numbers: [[UInt8]: [Int]] = [:]
    private var parsed: [Parsed?] = []
    private var stamp: UInt64 = 0
    private var lowered: LoweredPolicy?
    private var program: Program?
    /// Names after the first compilation, to tell when most are no longer used.
    private var firstNameCount = 0

    public init(options: CompileOptions = CompileOptions()) { self.options = options }

    /// Compiles modules together. Throws with all errors of the first check that finds some.
    public mutating func compile(_ files: [PolicyFile]) throws(CompileFailure) -> Policy {
        try assemble(resolve(files, toleratesMissingBuiltins: false), files)
    }

    /// Runs every check on modules together, without making a program of them.
    public mutating func check(_ files: [PolicyFile]) throws(CompileFailure) -> CheckReport {
        let resolved = try resolve(files, toleratesMissingBuiltins: true)
        return CheckReport(warnings: resolved.warnings, sources: sources)
    }

    private mutating func resolve(
        _ files: [PolicyFile], toleratesMissingBuiltins: Bool
    ) throws(CompileFailure) -> ResolvedPolicy {
        work = CompileWork()
        forgetWhatIsDead(files.count)
        try checkSizes(files)
        let (inputs, diagnostics) = parse(files)
        guard diagnostics.isEmpty else { throw failure(diagnostics, inputs) }
        let before = compilation.work
        var options = Policy.compilerOptions(options, compilation.names)
        options.toleratesMissingBuiltins = toleratesMissingBuiltins
        let result = compilation.resolve(inputs, sources: sources, options: options)
        work = work + compilation.work.since(before)
        switch result {
        case .failure(let list): throw failure(list.diagnostics, inputs)
        case .success(let resolved): return resolved
        }
    }

    /// The errors with help beside them.
    private func failure(_ diagnostics: [Diagnostic], _ inputs: [ModuleInput]) -> CompileFailure {
        var diagnostics = diagnostics
        Advice(modules: inputs.map { $0.module }, names: compilation.names, sources: sources).add(to: &diagnostics)
        return CompileFailure(diagnostics: diagnostics, sources: sources)
    }

    // MARK: Steps

    private mutating func parse(_ files: [PolicyFile]) -> ([ModuleInput], [Diagnostic]) {
        var inputs: [ModuleInput] = []
        var diagnostics: [Diagnostic] = []
        var used: [[UInt8]: Int] = [:]
        for file in files {
            let occurrence = used[file.name, default: 0]
            used[file.name] = occurrence + 1
            let number = number(of: file, occurrence)
            work.linked += 4
            if let known = parsed[number], known.version == file.version,
                sources.files[number].text == file.text
            {
                diagnostics += known.diagnostics
                if let module = known.module { inputs.append(ModuleInput(module, stamp: known.stamp)) }
                continue
            }
            let id = SourceID(UInt32(truncatingIfNeeded: number))
            if parsed[number] != nil { sources.replace(id, text: file.text) }
            stamp += 1
            var entry = Parsed(version: file.version, module: nil, diagnostics: [], stamp: stamp)
            work.bytesParsed += file.text.count
            if let source = sources.file(id) {
                var parser = Policy.parserOptions(file.version, options.capabilities)
                parser.readYAML = options.readYAML
                (entry.module, entry.diagnostics) = parseModule(source, options: parser, names: &compilation.names)
            }
            parsed[number] = entry
            diagnostics += entry.diagnostics
            if let module = entry.module { inputs.append(ModuleInput(module, stamp: entry.stamp)) }
        }
        guard diagnostics.isEmpty, let transform = options.transform else { return (inputs, diagnostics) }
        var modules = inputs.map { $0.module }
        transform(&modules, &compilation.names, sources)
        return (zip(modules, inputs).map { ModuleInput($0, stamp: $1.stamp) }, [])
    }

    /// The number that the file of this name has for good.
    private mutating func number(of file: PolicyFile, _ occurrence: Int) -> Int {
        if let list = numbers[file.name], occurrence < list.count { return list[occurrence] }
        let id = sources.add(name: file.name, text: file.text)
        numbers[file.name, default: []].append(Int(id.index))
        parsed.append(nil)
        return Int(id.index)
    }

    private mutating func assemble(
        _ found: ResolvedPolicy, _ files: [PolicyFile]
    ) throws(CompileFailure) -> Policy {
        var resolved = found
        resolved.isTraced = options.isTraced
        let (next, made, work) = try Policy.assemble(
            resolved, after: lowered, extending: program, query: nil, options, sources)
        lowered = next
        program = made
        self.work = self.work + work
        if firstNameCount == 0 { firstNameCount = resolved.names.count }
        return Policy(
            sources: sources, files: files, resolved: resolved, options: options, lowered: next, program: made)
    }

    /// Names and numbers are never given to others: once most of them are dead, all is made anew.
    private mutating func forgetWhatIsDead(_ fileCount: Int) {
        guard
            compilation.isMostlyDead || compilation.names.count > 2 * firstNameCount + 100_000
                || sources.files.count > 2 * fileCount + 1_000
        else { return }
        self = PolicyCompiler(options: options)
    }

    private func checkSizes(_ files: [PolicyFile]) throws(CompileFailure) {
        var total = 0
        for file in files {
            if file.text.count > options.limits.fileSize {
                throw Policy.limitFailure(
                    "`\(String(decoding: file.name, as: UTF8.self))` is larger than \(options.limits.fileSize) bytes",
                    sources)
            }
            total += file.text.count
        }
        if total > options.limits.totalSize {
            throw Policy.limitFailure("the modules are larger than \(options.limits.totalSize) bytes in all", sources)
        }
    }
}
