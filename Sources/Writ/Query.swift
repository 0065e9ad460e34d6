import RegoCompiler
import WritPlan
import WritVM

/// A query compiled against a snapshot.
public final class PreparedQuery: Sendable {
    /// The snapshot with the query's own program.
    let snapshot: Snapshot
    let function: FunctionID
    /// Names of the variables that answers bind, in order.
    public let bindings: [String]
    /// The query's expressions as written, with their places.
    public let expressions: [(text: String, position: Position)]

    private init(
        snapshot: Snapshot, function: FunctionID, bindings: [String], expressions: [(text: String, position: Position)]
    ) {
        self.snapshot = snapshot
        self.function = function
        self.bindings = bindings
        self.expressions = expressions
    }

    /// Compiles a query. Its diagnostics have no file name.
    public static func prepare(_ text: [UInt8], for snapshot: Snapshot) throws(CompileFailure) -> PreparedQuery {
        let policy = snapshot.policy
        var sources = policy.sources
        let id = sources.add(name: [], text: text)
        guard let file = sources.file(id) else { throw CompileFailure(diagnostics: [], sources: sources) }
        var resolved = policy.resolved
        let (body, found) = parseQuery(
            file, options: ParserOptions(version: policy.options.queryVersion), names: &resolved.names)
        guard found.isEmpty else { throw CompileFailure(diagnostics: found, sources: sources) }
        let (query, diagnostics) = resolve(
            query: body, policy: &resolved, options: Policy.compilerOptions(policy.options, resolved.names))
        guard let query, diagnostics.isEmpty else { throw CompileFailure(diagnostics: diagnostics, sources: sources) }
        let (plan, program) = try Policy.assemble(resolved, query, policy.options, sources)
        return PreparedQuery(
            snapshot: Snapshot(
                policy: policy.with(sources: sources, resolved: resolved, plan: plan, program: program),
                data: snapshot.data),
            function: FunctionID(plan.functions.count - 1),
            bindings: query.bindings.map { variable in
                query.variables.indices.contains(variable.int) ? resolved.names.text(query.variables[variable.int]) : ""
            },
            expressions: query.shown.map { item in
                (String(decoding: file.bytes(of: item.span), as: UTF8.self), file.position(at: item.span.start))
            })
    }

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
        _ = try run(query.function, input: input)
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
