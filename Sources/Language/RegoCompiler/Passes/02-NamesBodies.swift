import RegoSyntax
import WritBuiltins
import WritSource

extension NameResolver {
    /// Resolves the expressions of a body whose frame was entered before.
    mutating func body(_ body: Body) -> [ResolvedExpression] {
        var result: [ResolvedExpression] = []
        result.reserveCapacity(body.count)
        for expression in body { self.expression(expression, &result) }
        return result
    }

    private mutating func declarationError(_ message: String, at span: Span) {
        errors.add(.locals, .regoCompileError, message, at: span)
        declarationErrors += 1
    }

    private mutating func clash(_ clash: Scopes.Clash, _ name: Name, at span: Span) {
        let text = names.text(name)
        switch clash {
        case .referenced: declarationError("var \(text) referenced above", at: span)
        case .assigned: declarationError("var \(text) assigned above", at: span)
        case .declared: declarationError("var \(text) declared above", at: span)
        case .argument: declarationError("arg \(text) redeclared", at: span)
        }
    }

    private mutating func expression(_ expression: Expr, _ result: inout [ResolvedExpression]) {
        expressionCount += 1
        var kind: ResolvedExpression.Kind
        var style: ClosureStyle = []
        var withs: [ResolvedWith]?
        switch expression.kind {
        case .some(.names(let terms)):
            for term in terms { declareName(term, expression.span) }
            return
        case .some(.membership(let key, let value, let collection, _)):
            kind = membership(key, value, collection, expression.span)
        case .every(let every):
            kind = self.every(every)
        case .not(let not):
            style = not.isExplicit ? [] : .implicitLeft
            kind = .not(
                closure(
                    not.body, isExplicit: not.isExplicit, "cannot assign vars inside negated expression",
                    expression.span))
        case .and(let logical):
            (kind, style) = self.logical(logical, isAnd: true)
        case .or(let logical):
            (kind, style) = self.logical(logical, isAnd: false)
        case .term(let term):
            kind = .term(self.term(term))
        case .call(let call):
            if call.simpleName == .assign, call.isInfix || call.arguments.count == 2 {
                if expression.isNegated {
                    declarationError("cannot assign vars inside negated expression", at: expression.span)
                    return
                }
                kind = assignment(call, expression, &withs)
                style = .assignment
            } else {
                kind = self.call(call, expression.span, &style)
            }
        }
        var resolved = ResolvedExpression(
            kind, with: withs ?? expression.with.compactMap { with($0) }, expression.span)
        resolved.style = style
        if expression.isNegated {
            let outer = resolved.with
            resolved.with = []
            resolved = ResolvedExpression(.not([resolved]), with: outer, expression.span)
            resolved.style = .plainNot
        }
        result.append(resolved)
    }

    /// A call that stands as an expression.
    private mutating func call(
        _ call: Call, _ span: Span, _ style: inout ClosureStyle
    ) -> ResolvedExpression.Kind {
        if call.simpleName == .eq, call.arguments.count == 2, !isGlobal(.eq) {
            let left = term(call.arguments[0])
            return .unify(left, term(call.arguments[1]))
        }
        var output: ResolvedTerm?
        let resolved = self.call(call, span, isNested: false, output: &output)
        if case .call(.builtin(let number), let arguments) = resolved.kind, number == printName {
            return .print(arguments.map { .expression($0, body: []) })
        }
        if let output {
            style = .outputOperand
            return .unify(resolved, output)
        }
        return .term(resolved)
    }

    /// `left := right`: the right side is resolved first, then the names on the left are declared.
    private mutating func assignment(
        _ call: Call, _ expression: Expr, _ withs: inout [ResolvedWith]?
    ) -> ResolvedExpression.Kind {
        let right = term(call.arguments[1])
        withs = expression.with.compactMap { with($0) }
        let left = pattern(call.arguments[0])
        return .unify(left, right)
    }

    /// The left side of `:=`.
    private mutating func pattern(_ term: Term) -> ResolvedTerm {
        switch term.kind {
        case .variable(let name):
            return assigned(name, term.span)
        case .ref(let ref) where ref.parts.isEmpty && (ref.headName == .input || ref.headName == .data):
            return assigned(ref.headName ?? .input, term.span)
        case .array(let elements):
            return ResolvedTerm(.array(elements.map { pattern($0) }), term.span)
        case .object(let entries):
            return ResolvedTerm(.object(entries.map { (self.term($0.key), pattern($0.value)) }), term.span)
        default:
            declarationError("cannot assign to \(Self.valueName(term))", at: term.span)
            return ResolvedTerm(.null, term.span)
        }
    }

    private mutating func assigned(_ name: Name, _ span: Span) -> ResolvedTerm {
        let (variable, clash) = scopes.declare(name, .assigned)
        if let clash { self.clash(clash, name, at: span) }
        return ResolvedTerm(.variable(Variable(Int(max(variable, 0)))), span)
    }

    static func valueName(_ term: Term) -> String {
        switch term.kind {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .variable: "var"
        case .ref: "ref"
        case .array: "array"
        case .set: "set"
        case .object: "object"
        case .arrayComprehension: "arraycomprehension"
        case .setComprehension: "setcomprehension"
        case .objectComprehension: "objectcomprehension"
        case .call: "call"
        case .template: "templatestring"
        }
    }

    private mutating func declareName(_ term: Term, _ span: Span) {
        let name: Name
        switch term.kind {
        case .variable(let variable): name = variable
        case .ref(let ref) where ref.parts.isEmpty: name = ref.headName ?? .empty
        default: return
        }
        if let clash = scopes.declare(name, .declared).clash { self.clash(clash, name, at: span) }
    }

    /// `some key, value in collection` declares what the patterns bind; names of the collection are uses.
    private mutating func membership(
        _ key: Term?, _ value: Term, _ collection: Term, _ span: Span
    ) -> ResolvedExpression.Kind {
        for name in memberNames(key, value, collection) {
            if let clash = scopes.declare(name, .declared).clash { self.clash(clash, name, at: span) }
        }
        let resolvedValue = term(value)
        let domain = term(collection)
        return .member(key: key.map { term($0) }, value: resolvedValue, collection: domain)
    }

    private mutating func every(_ every: Every) -> ResolvedExpression.Kind {
        // The names of key and value hide rules in the domain too.
        scopes.push()
        if let key = every.key { hideNames(key) }
        hideNames(every.value)
        let domain = term(every.domain)
        scopes.push()
        let key = every.key.map { declareEvery($0, every.span) }
        let value = declareEvery(every.value, every.span)
        enter(every.body, heads: [])
        let body = self.body(every.body)
        checkUnused(every.body)
        scopes.pop()
        scopes.pop()
        return .every(key: key, value: value, domain: domain, body: body)
    }

    private mutating func declareEvery(_ term: Term, _ span: Span) -> Variable {
        let name: Name
        switch term.kind {
        case .variable(let variable): name = variable
        case .ref(let ref) where ref.parts.isEmpty: name = ref.headName ?? .empty
        default: return generate()
        }
        if names.isWildcard(name) { return Variable(Int(scopes.newVariable(name))) }
        let (variable, clash) = scopes.declare(name, .declared)
        if let clash { self.clash(clash, name, at: span) }
        return Variable(Int(max(variable, 0)))
    }

    /// The body of `not` or an operand of `and` and `or`. Without braces it may not declare anything.
    private mutating func closure(
        _ body: Body, isExplicit: Bool, _ refusal: String, _ span: Span
    ) -> [ResolvedExpression] {
        if !isExplicit {
            for expression in body {
                if case .call(let call) = expression.kind, call.simpleName == .assign {
                    declarationError(refusal, at: span)
                    return []
                }
            }
            return self.body(body)
        }
        scopes.push()
        enter(body, heads: [])
        let result = self.body(body)
        checkUnused(body)
        scopes.pop()
        return result
    }

    private mutating func logical(_ logical: Logical, isAnd: Bool) -> (ResolvedExpression.Kind, ClosureStyle) {
        var style: ClosureStyle = []
        if !logical.isLeftExplicit { style.insert(.implicitLeft) }
        if !logical.isRightExplicit { style.insert(.implicitRight) }
        let refusal = "cannot assign vars inside implicit \(isAnd ? "and" : "or") operand"
        let left = closure(
            logical.left, isExplicit: logical.isLeftExplicit, refusal, logical.left.first?.span ?? .none)
        // An operand behind one that assigns too is said to stand where that one does.
        let place = left.isEmpty ? logical.left.first?.span : logical.right.first?.span
        let right = closure(logical.right, isExplicit: logical.isRightExplicit, refusal, place ?? .none)
        return (isAnd ? .and(left, right) : .or(left, right), style)
    }

    // MARK: Unused variables

    /// Reports the variables of the present frame that `some` or `every` declared in vain; strictly the assigned
    /// ones too.
    mutating func checkUnused(_ body: Body) {
        guard declarationErrors == 0 else { return }
        for (variable, kind) in scopes.ownDeclarations where scopes.uses[Int(variable)] == 0 {
            let name = scopes.variables[Int(variable)]
            let isWildcard = names.isWildcard(name)
            if kind == .assigned, isWildcard || !options.isStrict { continue }
            let place = body.first { declares($0, name) } ?? body.first
            let what = kind == .assigned ? "assigned" : "declared"
            errors.add(
                .locals, .regoCompileError, "\(what) var \(isWildcard ? "_" : names.text(name)) unused", at: place?.span
            )
            declarationErrors += 1
        }
    }

    private func declares(_ expression: Expr, _ name: Name) -> Bool {
        var found = false
        declared(by: expression) { if $0 == name { found = true } }
        return found
    }
}
