import RegoSyntax
import WritBuiltins
import WritSource

/// Takes expressions apart into the steps that OPA traces: calls, references and comprehensions inside an expression
/// are steps of their own that bind generated variables.
///
/// What is computed stays the same. Only the traced flavour is lowered from it.
struct TraceExpansion {
    /// The rule's variables; generated ones are added.
    var variables: [Name]
    /// The name that generated variables have in the table.
    let generatedName: Name
    /// The terms that generated variables stand for, by variable.
    var generated: [Int32: Span] = [:]
    /// The pass of OPA's compiler that makes each of them, if it is not the last.
    var passes: [Int32: Pass] = [:]
    /// The variables that catch the values of a query's expressions.
    var catching: Set<Int32> = []
    private let equal: Int?

    /// The passes of OPA's compiler that generate variables, in their order.
    enum Pass: Int, CaseIterable {
        /// Results of calls, and what `every` runs over.
        case calls
        /// What comprehensions gather.
        case gathered
        /// What heads compute.
        case heads
        /// What `with` puts in place.
        case replacements
        /// Operands: references and comprehensions.
        case operands
    }

    func pass(of variable: Int32) -> Pass { passes[variable] ?? .operands }

    init(variables: [Name], generatedName: Name) {
        self.variables = variables
        self.generatedName = generatedName
        equal = Registry.find(Array("equal".utf8))
    }

    // MARK: Rules

    /// A rule whose body is a list of steps and whose head has nothing left to compute.
    mutating func expand(_ rule: ResolvedRule, namesCases: Bool) -> ResolvedRule {
        var result = rule
        result.body = self.body(rule.body, at: rule.span)
        if namesCases {
            for index in result.suffix.indices { placeCase(&result, index) }
        } else {
            for index in result.suffix.indices { result.suffix[index] = head(result.suffix[index], &result.body) }
        }
        if let key = result.key { result.key = head(key, &result.body) }
        result.value = head(result.value, &result.body)
        for index in result.elseBranches.indices {
            var body = self.body(result.elseBranches[index].body, at: result.elseBranches[index].span)
            result.elseBranches[index].value = head(result.elseBranches[index].value, &body)
            Self.dropTrue(&body)
            result.elseBranches[index].body = body
        }
        result.variables = variables
        Self.dropTrue(&result.body)
        return result
    }

    /// A body that only says `true` gives way to the steps of the head.
    private static func dropTrue(_ body: inout [ResolvedExpression]) {
        guard body.count > 1, body[0].with.isEmpty, body.dropFirst().allSatisfy({ $0.style.contains(.generated) }),
            case .term(let term) = body[0].kind, case .boolean(true) = term.kind
        else { return }
        body.removeFirst()
    }

    mutating func body(_ body: [ResolvedExpression], at span: Span) -> [ResolvedExpression] {
        guard !body.isEmpty else {
            return [ResolvedExpression(.term(ResolvedTerm(.boolean(true), span)), span)]
        }
        var result: [ResolvedExpression] = []
        for expression in body { expand(expression, &result) }
        return result
    }

    private mutating func head(
        _ term: ResolvedTerm, _ body: inout [ResolvedExpression], by pass: Pass = .heads
    ) -> ResolvedTerm {
        let expanded = calls(in: term, [], &body)
        guard Self.isComputed(expanded) else { return expanded }
        return one(expanded, [], &body, whole: pass)
    }

    /// The name of a test's case is computed as early as what it needs is known.
    private mutating func placeCase(_ rule: inout ResolvedRule, _ index: Int) {
        let term = rule.suffix[index]
        guard Self.isComputed(term) else { return }
        var needed: Set<Int32> = []
        Self.variables(of: term, &needed)
        var place = 0
        for variable in needed {
            let first = rule.body.firstIndex { Self.mentions($0, variable) }
            if let first { place = max(place, first + 1) }
        }
        var steps: [ResolvedExpression] = []
        let expanded = calls(in: term, [], &steps)
        rule.suffix[index] = Self.isComputed(expanded) ? one(expanded, [], &steps, whole: .heads) : expanded
        rule.body.insert(contentsOf: steps, at: min(place, rule.body.count))
    }

    // MARK: Expressions

    private mutating func expand(_ expression: ResolvedExpression, _ result: inout [ResolvedExpression]) {
        var main = expression
        for index in main.with.indices {
            guard case .term(let value) = main.with[index].replacement else { continue }
            let expanded = calls(in: value, [], &result)
            main.with[index].replacement = .term(
                Self.isComputed(expanded) ? one(expanded, [], &result, whole: .replacements) : expanded)
        }
        let with = main.with
        switch main.kind {
        case .term(let term): main.kind = condition(term, with, &result)
        case .unify(let left, let right):
            adopt(left, as: right, &main)
            if case .call = left.kind, case .variable(let variable) = right.kind, catching.contains(variable.index) {
                main.style.insert(.outputOperand)
            }
            if case .call(let callee, let arguments) = right.kind, main.style.contains(.outputOperand) {
                main.kind = .unify(left, ResolvedTerm(.call(callee, operands(arguments, with, &result)), right.span))
            } else if case .call(let callee, let arguments) = left.kind, main.style.contains(.outputOperand) {
                main.kind = .unify(ResolvedTerm(.call(callee, operands(arguments, with, &result)), left.span), right)
            } else {
                let one = calls(in: left, with, &result)
                let two = calls(in: right, with, &result)
                let left = inside(one, with, &result)
                main.kind = .unify(left, inside(two, with, &result))
            }
        case .member(let key, let value, let collection):
            let source = inside(calls(in: collection, with, &result), with, &result)
            main.kind = .member(key: key, value: value, collection: source)
        case .not(let body):
            if main.style.contains(.plainNot), body.count == 1, let inner = body.first {
                var steps: [ResolvedExpression] = []
                expand(ResolvedExpression(inner.kind, with: [], inner.span), &steps)
                if let last = steps.popLast() {
                    for index in steps.indices { steps[index].with = with }
                    result += steps
                    main.kind = .not([last])
                }
            } else {
                main.kind = .not(self.body(body, at: main.span))
            }
        case .every(let key, let value, let domain, let body):
            let expanded = calls(in: domain, with, &result)
            let source = Self.isVariable(expanded) ? expanded : bind(expanded, with, &result, by: .calls)
            if case .variable(let variable) = source.kind, generated[variable.index] != nil {
                passes[variable.index] = .calls
            }
            main.kind = .every(key: key, value: value, domain: source, body: self.body(body, at: main.span))
        case .and(let left, let right):
            main.kind = .and(self.body(left, at: main.span), self.body(right, at: main.span))
        case .or(let left, let right):
            main.kind = .or(self.body(left, at: main.span), self.body(right, at: main.span))
        case .print: break
        }
        result.append(main)
    }

    /// The steps that were made before count as those that are made here.
    private mutating func adopt(_ left: ResolvedTerm, as right: ResolvedTerm, _ main: inout ResolvedExpression) {
        guard case .variable(let variable) = left.kind, variables.indices.contains(variable.int),
            variables[variable.int] == generatedName, generated[variable.index] == nil
        else { return }
        generated[variable.index] = right.span
        if case .call = right.kind { passes[variable.index] = .calls }
        main.style.insert(.generated)
    }

    private mutating func condition(
        _ term: ResolvedTerm, _ with: [ResolvedWith], _ result: inout [ResolvedExpression]
    ) -> ResolvedExpression.Kind {
        guard case .call(let callee, let arguments) = term.kind else {
            return .term(inside(calls(in: term, with, &result), with, &result))
        }
        if case .builtin(let number) = callee, number == equal, arguments.count == 2 {
            let one = calls(in: arguments[0], with, &result)
            let two = calls(in: arguments[1], with, &result)
            let left = inside(one, with, &result)
            return .unify(left, inside(two, with, &result))
        }
        return .term(ResolvedTerm(.call(callee, operands(arguments, with, &result)), term.span))
    }

    private mutating func operands(
        _ arguments: [ResolvedTerm], _ with: [ResolvedWith], _ result: inout [ResolvedExpression]
    ) -> [ResolvedTerm] {
        let expanded = arguments.map { calls(in: $0, with, &result) }
        return expanded.map { one($0, with, &result) }
    }

    // MARK: Terms

    /// Calls become steps.
    private mutating func calls(
        in term: ResolvedTerm, _ with: [ResolvedWith], _ result: inout [ResolvedExpression]
    ) -> ResolvedTerm {
        switch term.kind {
        case .null, .boolean, .number, .string, .variable, .template: return term
        case .call(let callee, let arguments):
            let call = ResolvedTerm(.call(callee, operands(arguments, with, &result)), term.span)
            return bind(call, with, &result, style: .outputOperand)
        case .reference(var reference):
            if case .term(let base) = reference.base {
                let expanded = calls(in: base, with, &result)
                if case .variable(let variable) = expanded.kind {
                    reference.base = .variable(variable)
                } else {
                    reference.base = .term(expanded)
                }
            }
            reference.parts = reference.parts.map { calls(in: $0, with, &result) }
            return ResolvedTerm(.reference(reference), term.span)
        case .array(let elements):
            return ResolvedTerm(.array(elements.map { calls(in: $0, with, &result) }), term.span)
        case .set(let elements): return ResolvedTerm(.set(elements.map { calls(in: $0, with, &result) }), term.span)
        case .object(let entries):
            return ResolvedTerm(
                .object(entries.map { (calls(in: $0.key, with, &result), calls(in: $0.value, with, &result)) }),
                term.span)
        case .arrayComprehension(let head, let body):
            var inner = self.body(body, at: term.span)
            return ResolvedTerm(.arrayComprehension(self.head(head, &inner, by: .gathered), body: inner), term.span)
        case .setComprehension(let head, let body):
            var inner = self.body(body, at: term.span)
            return ResolvedTerm(.setComprehension(self.head(head, &inner, by: .gathered), body: inner), term.span)
        case .objectComprehension(let key, let value, let body):
            var inner = self.body(body, at: term.span)
            let key = self.head(key, &inner, by: .gathered)
            return ResolvedTerm(
                .objectComprehension(key: key, value: self.head(value, &inner, by: .gathered), body: inner), term.span)
        }
    }

    /// An operand: references and comprehensions become steps.
    private mutating func one(
        _ term: ResolvedTerm, _ with: [ResolvedWith], _ result: inout [ResolvedExpression], whole pass: Pass? = nil
    ) -> ResolvedTerm {
        let whole = pass != nil
        switch term.kind {
        case .reference:
            let expanded = inside(term, with, &result)
            return bind(expanded, with, &result, by: pass)
        case .arrayComprehension, .setComprehension, .objectComprehension:
            return bind(term, with, &result, by: pass)
        case .array(let elements):
            let expanded = ResolvedTerm(.array(elements.map { one($0, with, &result) }), term.span)
            return whole ? bind(expanded, with, &result, by: pass) : expanded
        case .set(let elements):
            let expanded = ResolvedTerm(.set(elements.map { one($0, with, &result) }), term.span)
            return whole ? bind(expanded, with, &result, by: pass) : expanded
        case .object(let entries):
            let expanded = ResolvedTerm(
                .object(entries.map { (one($0.key, with, &result), one($0.value, with, &result)) }), term.span)
            return whole ? bind(expanded, with, &result, by: pass) : expanded
        case .template where whole: return bind(term, with, &result, by: pass)
        default: return term
        }
    }

    /// A reference or a comprehension that stays where it is; what it is looked up by becomes steps.
    private mutating func inside(
        _ term: ResolvedTerm, _ with: [ResolvedWith], _ result: inout [ResolvedExpression]
    ) -> ResolvedTerm {
        switch term.kind {
        case .reference(var reference):
            reference.parts = reference.parts.map { one($0, with, &result) }
            return ResolvedTerm(.reference(reference), term.span)
        case .arrayComprehension, .setComprehension, .objectComprehension: return term
        default: return one(term, with, &result)
        }
    }

    private mutating func bind(
        _ term: ResolvedTerm, _ with: [ResolvedWith], _ result: inout [ResolvedExpression],
        style: ClosureStyle = [], by pass: Pass? = nil
    ) -> ResolvedTerm {
        let number = Int32(truncatingIfNeeded: variables.count)
        variables.append(generatedName)
        generated[number] = term.span
        if style.contains(.outputOperand) { passes[number] = .calls } else if let pass { passes[number] = pass }
        let variable = ResolvedTerm(.variable(Variable(Int(number))), term.span)
        let kind: ResolvedExpression.Kind =
            style.contains(.outputOperand) ? .unify(term, variable) : .unify(variable, term)
        var step = ResolvedExpression(kind, with: with, term.span)
        step.style = style.union(.generated)
        result.append(step)
        return variable
    }

    // MARK: Questions

    private static func isVariable(_ term: ResolvedTerm) -> Bool {
        if case .variable = term.kind { return true }
        return false
    }

    /// Whether something has to be evaluated for a term's value.
    private static func isComputed(_ term: ResolvedTerm) -> Bool {
        switch term.kind {
        case .null, .boolean, .number, .string, .variable: return false
        case .reference, .call, .arrayComprehension, .setComprehension, .objectComprehension, .template: return true
        case .array(let terms), .set(let terms): return terms.contains { isComputed($0) }
        case .object(let entries): return entries.contains { isComputed($0.key) || isComputed($0.value) }
        }
    }

    /// The variables of a term outside of comprehensions.
    static func variables(of term: ResolvedTerm, _ found: inout Set<Int32>) {
        switch term.kind {
        case .null, .boolean, .number, .string, .template, .arrayComprehension, .setComprehension,
            .objectComprehension:
            break
        case .variable(let variable): found.insert(variable.index)
        case .reference(let reference):
            switch reference.base {
            case .input, .data: break
            case .variable(let variable): found.insert(variable.index)
            case .term(let base): variables(of: base, &found)
            }
            for part in reference.parts { variables(of: part, &found) }
        case .array(let terms), .set(let terms), .call(_, let terms):
            for term in terms { variables(of: term, &found) }
        case .object(let entries):
            for entry in entries {
                variables(of: entry.key, &found)
                variables(of: entry.value, &found)
            }
        }
    }

    private static func mentions(_ expression: ResolvedExpression, _ variable: Int32) -> Bool {
        var found: Set<Int32> = []
        variables(of: expression, &found)
        return found.contains(variable)
    }

    /// The variables of an expression outside of closures.
    static func variables(of expression: ResolvedExpression, _ found: inout Set<Int32>) {
        switch expression.kind {
        case .term(let term): variables(of: term, &found)
        case .unify(let left, let right):
            variables(of: left, &found)
            variables(of: right, &found)
        case .member(let key, let value, let collection):
            if let key { variables(of: key, &found) }
            variables(of: value, &found)
            variables(of: collection, &found)
        case .every(_, _, let domain, _): variables(of: domain, &found)
        case .not, .and, .or, .print: break
        }
    }
}
