import Writ
import WritTooling

/// A module that was typed into a shell, statement by statement.
struct ShellModule {
    /// A rule as it was typed.
    struct Rule {
        /// The first part of its name: `p` of `p.q[x] := 1`.
        var name: [UInt8]
        var text: [UInt8]
        /// The whole input that it came from, and where in it the rule begins.
        var input: [UInt8]
        var offset: Int
    }

    /// The path as it stands behind `package`.
    let package: String
    /// What stands behind `import`, such as `data.devices as d`.
    var imports: [String] = []
    var rules: [Rule] = []

    init(package: String) { self.package = package }

    /// The name under which it is compiled.
    var fileName: String { "<\(package)>" }

    /// The module's text, and where each rule lies in it.
    func text() -> (bytes: [UInt8], places: [Range<Int>]) {
        var bytes = Array("package \(package)\n".utf8)
        for item in imports { bytes += Array("import \(item)\n".utf8) }
        var places: [Range<Int>] = []
        for rule in rules {
            let start = bytes.count
            bytes += rule.text
            places.append(start..<bytes.count)
            // A blank line between rules, as `show` prints them.
            bytes += [0x0A, 0x0A]
        }
        return (bytes, places)
    }
}

/// Everything that a shell compiles: the policies of files, and the modules that were typed.
struct ShellPolicies {
    /// By package path, in the order in which they were begun.
    private(set) var modules: [ShellModule] = []
    /// The number of the module that rules and imports go to; nil before there is one.
    private(set) var current: Int?
    private var files: [PolicyFile] = []
    private var data: BaseData
    private let options: CompileOptions
    let version: RegoVersion
    /// Compilers without and with marks for traces. They keep what did not change.
    private var compilers: [PolicyCompiler?] = [nil, nil]
    private var compiled: [Policy?] = [nil, nil] {
        didSet { if compiled[0] == nil { defined = nil } }
    }
    private var defined: ShellNames?

    static let defaultPackage = "repl"

    init(_ loaded: LoadedFiles, version: RegoVersion, options: CompileOptions) {
        self.version = version
        self.options = options
        files = loaded.policies
        data = loaded.data
    }

    /// The module that queries stand in.
    var active: ShellModule { current.map { modules[$0] } ?? ShellModule(package: Self.defaultPackage) }
    var policyFiles: [PolicyFile] { files }

    /// What rules and packages there are.
    mutating func names() -> ShellNames {
        if let defined { return defined }
        let names = ShellNames(self)
        defined = names
        return names
    }

    // MARK: Changes

    /// Takes other files in place of those before.
    mutating func replace(_ loaded: LoadedFiles) {
        files = loaded.policies
        data = loaded.data
        compilers = [nil, nil]
        compiled = [nil, nil]
    }

    mutating func enter(package: String) {
        current = modules.firstIndex { $0.package == package } ?? modules.endIndex
        if current == modules.endIndex {
            modules.append(ShellModule(package: package))
            compiled = [nil, nil]
        }
    }

    /// Takes a package out; false where there is none of that path.
    mutating func remove(package: String) -> Bool {
        guard let index = modules.firstIndex(where: { $0.package == package }) else { return false }
        modules.remove(at: index)
        if let active = current { current = active == index ? nil : active > index ? active - 1 : active }
        compiled = [nil, nil]
        return true
    }

    /// Adds an import to the active module.
    mutating func add(import item: String) throws(ProblemReport) {
        try change { module in
            if !module.imports.contains(item) { module.imports.append(item) }
        }
    }

    /// Adds rules; with `replacing` those of the same name go. Says whether some went.
    mutating func add(_ rules: [ShellModule.Rule], replacing: Bool) throws(ProblemReport) -> Bool {
        var isReplaced = false
        try change { module in
            if replacing {
                let count = module.rules.count
                module.rules.removeAll { old in rules.contains { $0.name == old.name } }
                isReplaced = module.rules.count != count
            }
            module.rules += rules
        }
        return isReplaced
    }

    /// Takes the rules of a name out of the active module; false where it has none.
    mutating func remove(rule name: [UInt8]) throws(ProblemReport) -> Bool {
        guard active.rules.contains(where: { $0.name == name }) else { return false }
        try change { module in module.rules.removeAll { $0.name == name } }
        return true
    }

    /// Changes the active module, if everything still compiles.
    private mutating func change(_ edit: (inout ShellModule) -> Void) throws(ProblemReport) {
        let before = (modules, current)
        if current == nil { enter(package: Self.defaultPackage) }
        guard let current else { return }
        edit(&modules[current])
        compiled = [nil, nil]
        do throws(ProblemReport) { _ = try policy(isTraced: false) } catch {
            (modules, self.current) = before
            compiled = [nil, nil]
            throw error
        }
    }

    // MARK: Compiling

    mutating func policy(isTraced: Bool) throws(ProblemReport) -> Policy {
        let index = isTraced ? 1 : 0
        if let policy = compiled[index] { return policy }
        var compiler: PolicyCompiler
        if let known = compilers[index] {
            compiler = known
        } else {
            var options = options
            options.isTraced = isTraced
            options.queryVersion = version
            let data = data
            options.dataConflicts = { data.contains($0) }
            compiler = PolicyCompiler(options: options)
        }
        // One holder only, or everything that the compiler keeps would be copied.
        compilers[index] = nil
        defer { compilers[index] = compiler }
        let typed = modules.map {
            PolicyFile(name: $0.fileName, text: $0.text().bytes, version: version)
        }
        do throws(CompileFailure) {
            let policy = try compiler.compile(files + typed)
            compiled[index] = policy
            return policy
        } catch {
            throw localized(ProblemReport(error, stage: .compiling))
        }
    }

    /// The problems, those in typed rules at their places in what was typed.
    func localized(_ report: ProblemReport) -> ProblemReport {
        var sources = report.sources
        var inputs: [[Int]: SourceID] = [:]
        func moved(_ span: Span) -> Span? {
            guard let file = report.sources.file(span.source),
                let index = modules.firstIndex(where: { Array($0.fileName.utf8) == file.name })
            else { return nil }
            let start = Int(span.start)
            let places = modules[index].text().places
            guard let number = places.firstIndex(where: { $0.lowerBound <= start && start <= $0.upperBound }) else {
                return nil
            }
            let rule = modules[index].rules[number]
            let id = inputs[[index, number]] ?? sources.add(name: [], text: rule.input)
            inputs[[index, number]] = id
            let shift = rule.offset - places[number].lowerBound
            return Span(
                source: id, start: UInt32(clamping: start + shift), end: UInt32(clamping: Int(span.end) + shift))
        }
        let problems = report.problems.map { problem in
            guard var diagnostic = problem.diagnostic, let place = diagnostic.span.flatMap(moved) else {
                return problem
            }
            diagnostic.span = place
            diagnostic.position = nil
            diagnostic.labels = diagnostic.labels.map { DiagnosticLabel(moved($0.span) ?? $0.span, $0.message) }
            return Problem(diagnostic)
        }
        return ProblemReport(report.stage, problems, sources: sources)
    }
}
