import WritBuiltins
import WritPlan
import WritSource

extension Policy {
    /// The policy as OPA's plan.json, with a plan for each entrypoint (such as `authz/allow`).
    ///
    /// Throws `writ_entrypoint_error` for an entrypoint that names neither a rule nor a package with rules,
    /// `writ_plan_error` for what the IR cannot say.
    public func writePlan(entrypoints: [String]) throws(PlanFailure) -> [UInt8] {
        let snapshot = Snapshot(policy: self)
        var questions: [PlanQuestion] = []
        for entrypoint in entrypoints {
            let path = entrypoint.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            let target = snapshot.target(path.map { Array($0) })
            guard let function = target.function, target.rest.isEmpty, plan.functions[function.int].kind != .function
            else {
                throw PlanFailure(
                    code: "writ_entrypoint_error",
                    message: "entrypoint \"\(entrypoint)\" does not refer to a rule or policy decision", place: "")
            }
            questions.append(PlanQuestion(name: Array(entrypoint.utf8), function: function, answers: .document))
        }
        return try plan.writeOPA(questions, sources)
    }
}

extension PreparedQuery {
    /// The query as OPA's plan.json: one plan of this name, whose results are objects of the query's bindings.
    ///
    /// Throws `writ_plan_error` for what the IR cannot say.
    public func writePlan(named name: String) throws(PlanFailure) -> [UInt8] {
        let names = bindings.map { Array($0.utf8) }
        let question = PlanQuestion(name: Array(name.utf8), function: function, answers: .bindings(names))
        return try snapshot.policy.plan.writeOPA([question], sources)
    }
}

extension Plan {
    fileprivate func writeOPA(_ questions: [PlanQuestion], _ sources: SourceMap) throws(PlanFailure) -> [UInt8] {
        let surroundings = PlanSurroundings(
            builtin: { number in
                guard Registry.all.indices.contains(number) else { return nil }
                let builtin = Registry.all[number]
                return PlanBuiltinText(
                    name: builtin.name.withUTF8Buffer { Array($0) },
                    declaration: Array(BuiltinDeclaration(builtin).text.utf8))
            }, number: { Registry.find($0) },
            position: { range in
                guard range.file != .max else { return nil }
                let span = Span(source: SourceID(range.file), start: range.start, end: range.end)
                return sources.position(of: span).map { ($0.row, $0.column) }
            })
        do throws(PlanError) { return try writeOPA(questions, in: surroundings) } catch { throw PlanFailure(error) }
    }
}
