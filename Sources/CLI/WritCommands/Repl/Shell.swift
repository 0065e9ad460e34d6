import Writ
import WritHostBuiltins
import WritTooling

/// The interactive shell without its terminal: it is given lines and prints what comes of them.
///
/// Lines are OPA's: a command, or statements of Rego. What cannot be read yet goes on in the next line, up to an empty
/// one. A body that assigns to a name is taken as a rule.
final class Shell {
    /// What the user switches.
    struct Settings {
        var isJSON = false
        var explain = ExplainMode.off
        var showsMetrics = false
        var isInstrumented = false
        var isProfiled = false
        var isStrict = false
        var cellLimit = 80
    }

    /// What comes after a line.
    enum Outcome {
        case goOn, exit
    }

    var settings = Settings()
    var policies: ShellPolicies
    /// Lines that wait for more.
    private var buffer: [[UInt8]] = []
    let console: Console
    private let version: RegoVersion
    /// What is loaded from files.
    private(set) var data: BaseData
    private(set) var baseData: Piece
    /// The code of the error that was told last.
    private(set) var lastCode: String?
    /// Where an interrupt ends an evaluation.
    var interrupt: UnsafePointer<Bool>?

    /// Input of more bytes is refused: nobody types it.
    static let inputLimit = 16 << 20

    init(_ loaded: LoadedFiles, version: RegoVersion, options: CompileOptions, _ console: Console)
        throws(ProblemReport)
    {
        self.console = console
        self.version = version
        data = loaded.data
        baseData = try Self.freeze(loaded.data)
        policies = ShellPolicies(loaded, version: version, options: options)
        _ = try policies.policy(isTraced: false)
    }

    private static func freeze(_ data: BaseData) throws(ProblemReport) -> Piece {
        do throws(DataFailure) { return try data.freeze() } catch {
            throw ProblemReport(.loading, [Problem(message: error.message)])
        }
    }

    /// Takes other files in place of those before. When they do not compile, those before stay.
    func reload(_ loaded: LoadedFiles) throws(ProblemReport) {
        var next = policies
        next.replace(loaded)
        _ = try next.policy(isTraced: false)
        baseData = try Self.freeze(loaded.data)
        data = loaded.data
        policies = next
    }

    var prompt: String { buffer.isEmpty ? "> " : "| " }

    // MARK: Lines

    /// Does what a line says.
    func handle(_ line: [UInt8]) -> Outcome {
        do {
            if buffer.isEmpty, let command = ShellCommand(line) { return try run(command) }
            buffer.append(line)
            let text = Array(buffer.joined(separator: [0x0A]))
            guard text.count <= Self.inputLimit else {
                buffer = []
                throw ShellFailure("the input is larger than \(Self.inputLimit) bytes")
            }
            if text.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) {
                buffer = []
            } else if buffer.count == 1 {
                try evaluate(text, isWhole: false)
            } else if line.isEmpty {
                try evaluate(text, isWhole: true)
            }
        } catch let report as ProblemReport {
            tell(report)
        } catch let failure as ShellFailure {
            console.print(failure.message)
        } catch {
            console.print("\(error)")
        }
        return .goOn
    }

    /// Evaluates what waits for more when there is no more.
    func finish() {
        if !buffer.isEmpty { _ = handle([]) }
    }

    /// Forgets the lines that wait for more.
    func abandon() { buffer = [] }

    /// The statements of a text, one after the other; text that cannot be read is kept unless it is all there is.
    private func evaluate(_ text: [UInt8], isWhole: Bool) throws {
        var start = Measurements.now()
        var sources = SourceMap()
        let id = sources.add(name: [], text: text)
        guard let file = sources.file(id) else { return }
        var options = ParserOptions(version: version)
        options.isBuiltin = { Self.builtins.contains(Array($0)) }
        options.importedKeywords = PreparedQuery.importedKeywords(policies.active.imports)
        var names = NameTable()
        let (statements, errors) = parseStatements(file, options: options, names: &names)
        let parsing = Measurements.now() &- start
        guard errors.isEmpty else {
            guard isWhole else { return }
            buffer = []
            throw ProblemReport(.compiling, errors.map { Problem($0) }, sources: sources)
        }
        buffer = []
        for statement in statements {
            var measurements = Measurements()
            measurements.add("rego_query_parse", parsing)
            start = Measurements.now()
            try take(statement, file, names, &measurements)
        }
    }

    private static let builtins = Set(BuiltinReference.all.map { Array($0.name.utf8) })

    private func take(
        _ statement: ShellStatement, _ file: SourceFile, _ names: NameTable, _ measurements: inout Measurements
    ) throws {
        switch statement.kind {
        case .package(let package): policies.enter(package: Self.text(of: package, names))
        case .import(let item):
            var text = names.text(of: item.path)
            if let alias = item.alias { text += " as " + names.text(alias) }
            try policies.add(import: text)
        case .rules(let rules):
            try define(rules.map { $0.head }, statement, file, names)
        case .body(let body):
            if let head = try Definition(body, names, isTaken: { isGlobal($0) }).head {
                try define([head], statement, file, names)
            } else {
                try answer(statement, file, &measurements)
            }
        }
    }

    /// The path of a package as it stands behind `package`.
    static func text(of package: Package, _ names: NameTable) -> String {
        let whole = Array(names.text(of: package.path).utf8)
        let start = Array("data.".utf8)
        return String(decoding: whole.starts(with: start) ? Array(whole.dropFirst(start.count)) : whole, as: UTF8.self)
    }

    // MARK: Rules

    private func define(
        _ heads: [Head], _ statement: ShellStatement, _ file: SourceFile, _ names: NameTable
    ) throws {
        guard let first = heads.first else { return }
        let rule = ShellModule.Rule(
            name: Array(names[first.name]), text: Array(file.bytes(of: statement.span)), input: file.text,
            offset: Int(statement.span.start))
        let isReplaced = try policies.add([rule], replacing: first.isAssign)
        guard !settings.isJSON else { return }
        for head in heads {
            let name = names.text(of: head.reference)
            let verb = isReplaced ? "re-defined" : "defined"
            console.print(
                "Rule '\(name)' \(verb) in package \(policies.active.package). Type 'show' to see rules.")
        }
    }

    /// Whether a name stands for an import or a rule of the active package.
    private func isGlobal(_ name: [UInt8]) -> Bool {
        let module = policies.active
        if module.rules.contains(where: { $0.name == name }) { return true }
        if module.imports.contains(where: { Array(Self.bound(by: $0).utf8) == name }) { return true }
        return policies.names().rules.contains(Array("data.\(module.package).".utf8) + name)
    }

    /// The name that an import binds.
    static func bound(by item: String) -> String {
        let words = item.split(separator: " ")
        if words.count == 3, let alias = words.last { return String(alias) }
        return String(item.split(separator: ".").last ?? "")
    }

    func unset(rule name: [UInt8]) throws -> Bool { try policies.remove(rule: name) }
    func unset(package: String) -> Bool { policies.remove(package: package) }

    // MARK: Queries

    private func answer(
        _ statement: ShellStatement, _ file: SourceFile, _ measurements: inout Measurements
    ) throws {
        let isTraced = settings.explain != .off || settings.isProfiled
        var start = Measurements.now()
        var policy = try policies.policy(isTraced: isTraced)
        if settings.isInstrumented { policy = try policy.measured() }
        let snapshot = Snapshot(policy: policy, data: baseData)
        measurements.add("rego_module_compile", Measurements.now() &- start)
        start = Measurements.now()
        let query: PreparedQuery
        do throws(CompileFailure) {
            query = try PreparedQuery.prepare(
                Self.alone(statement.span, in: file), for: snapshot, package: policies.active.package,
                imports: policies.active.imports)
        } catch {
            // OPA's shell does not tell what only follows from another error.
            var report = ProblemReport(error, stage: .compiling)
            let own = report.problems.filter { $0.diagnostic?.isConsequence != true }
            if !own.isEmpty { report.problems = own }
            throw report
        }
        measurements.add("rego_query_compile", Measurements.now() &- start)
        let evaluator = query.makeEvaluator()
        evaluator.isStrict = settings.isStrict
        evaluator.interrupt = interrupt
        evaluator.onPrint = { [console] line, _, _ in console.report(line) }
        do throws(DecisionFailure) {
            evaluator.begin()
            let input = try evaluator.evaluate(
                evaluator.snapshot.target([Array(ShellPolicies.defaultPackage.utf8), Array("input".utf8)]),
                input: .undefined)
            let tracer = isTraced ? Tracer(evaluator, settings.explain != .off ? .events : .profile) : nil
            let meter = settings.isInstrumented ? StepMeter(evaluator) : nil
            start = Measurements.now()
            let answers = try evaluator.answers(to: query, input: input)
            tracer?.finish()
            measurements.add("rego_query_eval", Measurements.now() &- start)
            measurements.steps = meter?.figures ?? []
            show(answers, query, evaluator, tracer, measurements)
        } catch {
            let report = policies.localized(ProblemReport(error, sources: query.sources))
            if settings.isJSON { console.print(report.json()) } else { tell(report) }
        }
    }

    private func show(
        _ answers: [Answer], _ query: PreparedQuery, _ evaluator: Evaluator, _ tracer: Tracer?,
        _ measurements: Measurements
    ) {
        var presentation = EvalPresentation(answers, of: query, in: evaluator.space)
        presentation.cellLimit = settings.cellLimit
        if settings.showsMetrics { presentation.members.measurements = measurements }
        if let tracer, settings.explain != .off {
            let trace = Trace(tracer.events, TraceNodes(tracer, query.sources))
            presentation.members.explanation = (trace, trace.events(settings.explain), false)
        } else if let tracer {
            var profile = ProfileReport(tracer, query.sources)
            profile.arrange([], limit: 0)
            presentation.members.profile = profile
        }
        do throws(Fault) {
            console.print(try presentation.text(settings.isJSON ? .json : .pretty))
        } catch {
            console.print("an answer is too large or too deep to be written")
        }
    }

    /// A statement with blanks in place of all that stands around it, so that rows and columns stay.
    private static func alone(_ span: Span, in file: SourceFile) -> [UInt8] {
        let range = Int(span.start)..<Int(span.end)
        return file.text.prefix(range.upperBound).enumerated().map { index, byte in
            range.contains(index) || byte == 0x0A ? byte : 0x20
        }
    }

    private func tell(_ report: ProblemReport) {
        lastCode = report.problems.first?.diagnostic.map { "\($0.code.text)" }
        console.print(console.showsExcerpts ? report.excerpts() : report.concise())
    }
}

/// Something that a shell refuses, in one sentence.
struct ShellFailure: Error {
    let message: String

    init(_ message: String) { self.message = message }

    /// OPA's word for arguments that a command does not take.
    static func badArguments(_ message: String) -> ShellFailure { ShellFailure("code bad arguments: \(message)") }
}

/// Whether a body is meant as a rule: a single `x := v`, `x = v` or `f(x) := v`.
private struct Definition {
    /// The head of the rule.
    var head: Head?

    init(_ body: Body, _ names: NameTable, isTaken: ([UInt8]) -> Bool) throws {
        guard body.count == 1, let expression = body.first, case .call(let call) = expression.kind,
            call.arguments.count == 2, let left = call.arguments.first, let right = call.arguments.last,
            call.function.parts.isEmpty, let name = call.function.headName
        else { return }
        let isAssign = names[name].elementsEqual("assign".utf8)
        guard isAssign || names[name].elementsEqual("eq".utf8) else { return }
        var head = Head(
            reference: Ref(head: left, parts: [], span: left.span), arguments: nil, key: nil, value: right,
            isAssign: isAssign, span: expression.span)
        switch left.kind {
        case .variable(let variable):
            if !isAssign, isTaken(Array(names[variable])) { return }
        case .ref(let reference):
            if !isAssign, reference.parts.isEmpty, let root = reference.headName, isTaken(Array(names[root])) {
                return
            }
            // Only names of one part define rules; `data.x[i] = y` asks.
            guard reference.parts.isEmpty else { return }
            head.reference = reference
        case .call(let function):
            guard function.function.parts.isEmpty, function.function.headName != nil else { return }
            head.reference = function.function
            head.arguments = function.arguments
        default: break
        }
        if expression.isNegated { throw ShellFailure("negated expressions cannot be used for rule head") }
        guard expression.with.isEmpty else {
            throw ShellFailure("expressions using with keyword cannot be used for rule head")
        }
        self.head = head
    }
}
