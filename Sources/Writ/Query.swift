import RegoCompiler
import WritPlan
import WritVM

/// A query compiled against a snapshot: only its own functions are compiled, and linked with the policy's.
public final class PreparedQuery: Sendable {
    /// The snapshot with the query's own program.
    let snapshot: Snapshot
    let function: FunctionID
    /// What compiling the query did.
    public let work: CompileWork
    /// Names of the variables that answers bind, in order.
    public let bindings: [String]
    /// The query's expressions as written, with their places.
    public let expressions: [(text: String, position: Position)]

    private init(
        snapshot: Snapshot, function: FunctionID, work: CompileWork, bindings: [String],
        expressions: [(text: String, position: Position)]
    ) {
        self.work = work
        self.snapshot = snapshot
        self.function = function
        self.bindings = bindings
        self.expressions = expressions
    }

    /// Compiles a query. Its diagnostics have no file name.
    ///
    /// The query may name the rules of `package` (such as `a.b`) without it, and what `imports` (such as
    /// `data.x as y`) bind. The query itself may not call the builtins in `refusing`; the policy's rules may.
    /// Without `namesFunctions` a reference to a function is refused as an undefined one, as by OPA's server.
    public static func prepare(
        _ text: [UInt8], for snapshot: Snapshot, package: String? = nil, imports: [String] = [],
        refusing: [StaticString] = [], namesFunctions: Bool = true
    ) throws(CompileFailure) -> PreparedQuery {
        let policy = snapshot.policy
        var sources = policy.sources
        let id = sources.add(name: [], text: text)
        guard let file = sources.file(id) else { throw CompileFailure(diagnostics: [], sources: sources) }
        let compiled = try policy.compiled()
        var resolved = compiled.resolved
        var parser = Policy.parserOptions(policy.options.queryVersion, policy.options.capabilities)
        parser.importedKeywords = importedKeywords(imports)
        let (body, found) = parseQuery(file, options: parser, names: &resolved.names)
        guard found.isEmpty else { throw CompileFailure(diagnostics: found, sources: sources) }
        var scope: Module?
        if package != nil || !imports.isEmpty {
            scope = try Self.scope(package, imports, &sources, &resolved.names, policy.options)
        }
        let path = package == nil ? nil : scope.map { Self.names(of: $0.package) }
        var options = Policy.compilerOptions(policy.options.without(refusing), resolved.names)
        options.namesFunctionReferences = namesFunctions
        let (query, diagnostics) = resolve(
            query: body, package: path, imports: scope?.imports ?? [], policy: &resolved, options: options)
        guard let query, diagnostics.isEmpty else {
            var advised = diagnostics
            Advice(modules: [], names: resolved.names, sources: sources).add(to: &advised)
            throw CompileFailure(diagnostics: advised, sources: sources)
        }
        let (lowered, program, linking) = try Policy.assemble(
            resolved, after: compiled.lowered, extending: compiled.program, query: query, policy.options, sources)
        var work = linking
        work.bytesParsed = text.count
        work.expressionsResolved = query.expressionCount
        work.expressionsTyped = query.expressionCount
        guard let function = lowered.query else { throw CompileFailure(diagnostics: [], sources: sources) }
        return PreparedQuery(
            snapshot: Snapshot(
                policy: Policy(
                    sources: sources, files: policy.files, resolved: resolved, options: policy.options,
                    lowered: lowered, program: program),
                data: snapshot.data),
            function: function, work: work,
            bindings: query.bindings.map { variable in
                query.variables.indices.contains(variable.int) ? resolved.names.text(query.variables[variable.int]) : ""
            },
            expressions: query.shown.map { item in
                (String(decoding: file.bytes(of: item.span), as: UTF8.self), file.position(at: item.span.start))
            })
    }

    /// The keywords that imports such as `future.keywords.in` and `rego.v1` put in force, as a parser takes them.
    public static func importedKeywords(_ imports: [String]) -> [[UInt8]?] {
        let start = Array("future.keywords".utf8)
        var keywords: [[UInt8]?] = []
        for item in imports {
            let path = Array(item.utf8)
            if path == Array("rego.v1".utf8) {
                keywords += ["in", "every", "contains", "if"].map { Array($0.utf8) }
            } else if path == start {
                keywords.append(nil)
            } else if path.starts(with: start + [UInt8(ascii: ".")]) {
                keywords.append(Array(path.dropFirst(start.count + 1)))
            }
        }
        return keywords
    }

    /// Parses a query without compiling it.
    public static func check(syntaxOf text: [UInt8], for policy: Policy) throws(CompileFailure) {
        var sources = SourceMap()
        var names = NameTable()
        let id = sources.add(name: [], text: text)
        guard let file = sources.file(id) else { return }
        let options = Policy.parserOptions(policy.options.queryVersion, policy.options.capabilities)
        let (_, found) = parseQuery(file, options: options, names: &names)
        guard found.isEmpty else { throw CompileFailure(diagnostics: found, sources: sources) }
    }

    /// A package and imports as the head of a module that the query stands in.
    private static func scope(
        _ package: String?, _ imports: [String], _ sources: inout SourceMap, _ names: inout NameTable,
        _ options: CompileOptions
    ) throws(CompileFailure) -> Module? {
        var text = "package \(package ?? "query")\n"
        for item in imports { text += "import \(item)\n" }
        let id = sources.add(name: [], text: Array(text.utf8))
        guard let file = sources.file(id) else { return nil }
        let (module, found) = parseModule(file, options: ParserOptions(version: options.queryVersion), names: &names)
        guard found.isEmpty else { throw CompileFailure(diagnostics: found, sources: sources) }
        return module
    }

    /// The path of a package below `data`.
    private static func names(of package: Package) -> [Name] {
        package.path.parts.compactMap { part in
            if case .string(let name) = part.kind { return name }
            return nil
        }
    }

    /// The texts that errors point into: the policy's and the query's own.
    public var sources: SourceMap { snapshot.policy.sources }

    /// An evaluator that can answer this query.
    public func makeEvaluator(limits: Limits = Limits()) -> Evaluator { Evaluator(snapshot, limits: limits) }
}

/// One solution of a query.
public struct Answer {
    /// The values of the query's expressions, in its order.
    public let expressions: Elements
    /// The values of its bindings.
    public let bindings: Elements
}

extension Evaluator {
    /// All solutions of a query, for an input made in `space` after `begin` (undefined for none).
    ///
    /// The evaluator must be one of the query's own. The answers' values lie in `space`.
    public func answers(to query: PreparedQuery, input: Value) throws(DecisionFailure) -> [Answer] {
        meter?.begin()
        _ = try run(query.function, input: input)
        guard let meter else { return gatheredAnswers() }
        return meter.measure(.plug) { gatheredAnswers() }
    }

    private func gatheredAnswers() -> [Answer] {
        let results = machine.results
        var answers: [Answer] = []
        for index in 0..<results.count {
            answers.append(
                Answer(
                    expressions: space.elements(space.element(results[index], 0)),
                    bindings: space.elements(space.element(results[index], 1))))
        }
        return answers
    }
}
