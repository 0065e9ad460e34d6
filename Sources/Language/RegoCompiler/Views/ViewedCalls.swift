import RegoSyntax
import WritSource

/// Templates and `print` become calls of internal functions; calls inside of expressions become steps of their own.
extension CompiledModules {
    // MARK: Templates

    mutating func rewriteTemplates(_ branch: inout Branch) {
        for index in branch.body.indices { template(&branch.body[index]) }
        for index in branch.arguments.indices { template(&branch.arguments[index]) }
        if var key = branch.key {
            template(&key)
            branch.key = key
        }
        if var value = branch.value {
            template(&value)
            branch.value = value
        }
    }

    private mutating func template(_ body: inout Body) {
        for index in body.indices { template(&body[index]) }
    }

    private mutating func template(_ expression: inout Expr) {
        switch expression.kind {
        case .term(var term):
            template(&term)
            expression.kind = .term(term)
        case .call(var call):
            for index in call.arguments.indices { template(&call.arguments[index]) }
            expression.kind = .call(call)
        case .some: break
        case .every(var every):
            template(&every.domain)
            template(&every.body)
            expression.kind = .every(every)
        case .not(var not):
            template(&not.body)
            expression.kind = .not(not)
        case .and(var logical):
            template(&logical.left)
            template(&logical.right)
            expression.kind = .and(logical)
        case .or(var logical):
            template(&logical.left)
            template(&logical.right)
            expression.kind = .or(logical)
        }
        for index in expression.with.indices { template(&expression.with[index].value) }
    }

    private mutating func template(_ term: inout Term) {
        switch term.kind {
        case .null, .bool, .number, .string, .variable: break
        case .ref(var ref):
            template(&ref.head)
            for index in ref.parts.indices { template(&ref.parts[index]) }
            term.kind = .ref(ref)
        case .array(var elements):
            for index in elements.indices { template(&elements[index]) }
            term.kind = .array(elements)
        case .set(let elements):
            var sorted = names.sorted(elements)
            for index in sorted.indices { template(&sorted[index]) }
            term.kind = .set(sorted)
        case .object(let entries):
            var sorted = names.sorted(entries)
            for index in sorted.indices {
                template(&sorted[index].key)
                template(&sorted[index].value)
            }
            term.kind = .object(sorted)
        case .arrayComprehension(var head, var body):
            template(&body)
            template(&head)
            term.kind = .arrayComprehension(head, body: body)
        case .setComprehension(var head, var body):
            template(&body)
            template(&head)
            term.kind = .setComprehension(head, body: body)
        case .objectComprehension(var key, var value, var body):
            template(&body)
            template(&key)
            template(&value)
            term.kind = .objectComprehension(key: key, value: value, body: body)
        case .call(var call):
            for index in call.arguments.indices { template(&call.arguments[index]) }
            term.kind = .call(call)
        case .template(let written):
            var parts: [Term] = []
            for part in written.parts {
                switch part {
                case .text(let text): parts.append(text)
                case .expression(let expression):
                    parts.append(defined(expression) ?? capture(expression))
                }
            }
            if parts.isEmpty { parts.append(Term(.string(.empty), term.span)) }
            for index in parts.indices { template(&parts[index]) }
            let function = internalFunction("template_string", term.span)
            term.kind = .call(Call(function, [Term(.array(parts), term.span)], isInfix: false))
        }
    }

    /// A set of a term that always has a value; nil for what may have none.
    private func defined(_ expression: Expr) -> Term? {
        guard case .term(let term) = expression.kind else { return nil }
        switch term.kind {
        case .variable: break
        case .ref(let ref):
            guard ref.headName == .data, let path = Self.ground(ref.parts), definedPaths.contains(path) else {
                return nil
            }
        default: return nil
        }
        return Term(.set([term]), term.span)
    }

    /// Finds the rules whose documents always have a value: sets, rules by default, and single constants.
    mutating func findDefined() {
        var known: [[TreeKey]: Int] = [:]
        for (index, module) in modules.enumerated() {
            for (written, rule) in zip(module.rules, rules[index]) where written.head.arguments == nil {
                guard
                    let path = Self.ground(
                        module.package.path.parts + [Term(.string(written.head.name), .none)] + rule.parts)
                else { continue }
                if written.isDefault || rule.branches[0].key != nil { definedPaths.insert(path) }
                known[path, default: 0] += Self.isConstant(rule.branches[0]) ? 1 : 2
            }
        }
        for (path, count) in known where count == 1 { definedPaths.insert(path) }
    }

    private static func isConstant(_ branch: Branch) -> Bool {
        guard branch.body.count == 1, case .term(let term) = branch.body[0].kind, case .bool(true) = term.kind else {
            return false
        }
        switch branch.value?.kind {
        case nil, .null, .bool, .number, .string, .array, .object, .set: return true
        default: return false
        }
    }

    /// The keys of a path; nil where it has something else.
    private static func ground(_ parts: [Term]) -> [TreeKey]? {
        var path: [TreeKey] = []
        for part in parts {
            guard let key = TreeKey(part) else { return nil }
            path.append(key)
        }
        return path
    }

    /// A set with the value of an expression, or with none.
    private mutating func capture(_ expression: Expr) -> Term {
        let term: Term
        switch expression.kind {
        case .term(let value): term = value
        case .call(let call): term = Term(.call(call), expression.span)
        default: return Term(.set([]), expression.span)
        }
        return capture(term, expression.with)
    }

    private mutating func capture(_ term: Term, _ with: [With]) -> Term {
        let variable = generate(term.span)
        var step = Self.equality(variable, term)
        step.with = with
        return Term(.setComprehension(variable, body: [step]), term.span)
    }

    private mutating func internalFunction(_ name: StaticString, _ span: Span) -> Ref {
        var function = Self.function(.internal, span)
        function.parts = [Term(.string(names.intern(name)), span)]
        return function
    }

    // MARK: Print

    mutating func rewritePrints(_ branch: inout Branch, isKept: Bool) {
        branch.key = branch.key.map { prints(in: $0, isKept) }
        branch.value = branch.value.map { prints(in: $0, isKept) }
        prints(in: &branch.body, isKept)
    }

    private mutating func prints(in term: Term, _ isKept: Bool) -> Term {
        ClosureWalk.changing(term, &self) { view, body in view.prints(in: &body, isKept) }
    }

    private mutating func prints(in body: inout Body, _ isKept: Bool) {
        let span = body.first?.span ?? .none
        if !isKept {
            body.removeAll { expression in
                if case .call(let call) = expression.kind { return call.simpleName == .print }
                return false
            }
            if body.isEmpty { body = Self.truth(span) }
        }
        for index in body.indices {
            body[index] = ClosureWalk.changing(body[index], &self) { view, inner in view.prints(in: &inner, isKept) }
        }
        guard isKept else { return }
        for index in body.indices {
            guard case .call(let call) = body[index].kind, call.simpleName == .print else { continue }
            let span = body[index].span
            let values = call.arguments.map { capture($0, []) }
            let function = internalFunction("print", span)
            body[index] = Expr(.call(Call(function, [Term(.array(values), span)], isInfix: false)), span: span)
        }
    }

    // MARK: Calls

    mutating func takeOutCalls(_ branch: inout Branch) {
        var steps: Body = []
        for index in branch.arguments.indices { branch.arguments[index] = flat(branch.arguments[index], &steps) }
        if let key = branch.key { branch.key = flat(key, &steps) }
        if let value = branch.value { branch.value = flat(value, &steps) }
        branch.body = flat(branch.body + steps)
    }

    private mutating func flat(_ body: Body) -> Body {
        var result: Body = []
        for expression in body { flat(expression, &result) }
        return result
    }

    private mutating func flat(_ expression: Expr, _ result: inout Body) {
        var main = expression
        for index in main.with.indices { main.with[index].value = flat(main.with[index].value, &result) }
        var steps: Body = []
        switch main.kind {
        case .term(let term): main.kind = .term(flat(term, &steps))
        case .call(var call):
            for index in call.arguments.indices { call.arguments[index] = flat(call.arguments[index], &steps) }
            main.kind = .call(call)
        case .some: break
        case .every(var every):
            // The variable of the domain has its number before the calls in it have theirs; the body's come last.
            var (step, variable) = bind(every.domain)
            step.with = main.with
            flat(step, &result)
            every.domain = variable
            every.body = flat(every.body)
            main.kind = .every(every)
            result.append(main)
            return
        case .not(var not):
            not.body = flat(not.body)
            main.kind = .not(not)
        case .and(var logical):
            logical.left = flat(logical.left)
            logical.right = flat(logical.right)
            main.kind = .and(logical)
        case .or(var logical):
            logical.left = flat(logical.left)
            logical.right = flat(logical.right)
            main.kind = .or(logical)
        }
        if !main.with.isEmpty { for index in steps.indices { steps[index].with = main.with } }
        result += steps
        result.append(main)
    }

    private mutating func flat(_ term: Term, _ steps: inout Body) -> Term {
        switch term.kind {
        case .null, .bool, .number, .string, .variable, .template: return term
        case .call(var call):
            for index in call.arguments.indices { call.arguments[index] = flat(call.arguments[index], &steps) }
            let output = generate(term.span)
            call.arguments.append(output)
            var step = Expr(.call(call), span: term.span)
            step.isGenerated = true
            steps.append(step)
            return output
        case .ref(var ref):
            ref.head = flat(ref.head, &steps)
            for index in ref.parts.indices { ref.parts[index] = flat(ref.parts[index], &steps) }
            switch ref.head.kind {
            case .array, .object, .set, .arrayComprehension, .setComprehension, .objectComprehension, .call:
                let (step, variable) = bind(ref.head)
                steps.append(step)
                ref.head = variable
            default: break
            }
            return Term(.ref(ref), term.span)
        case .array(let elements): return Term(.array(elements.map { flat($0, &steps) }), term.span)
        case .set(let elements): return Term(.set(names.sorted(elements).map { flat($0, &steps) }), term.span)
        case .object(let entries):
            var result: [ObjectEntry] = []
            for entry in names.sorted(entries) {
                let key = flat(entry.key, &steps)
                result.append(ObjectEntry(key, flat(entry.value, &steps)))
            }
            return Term(.object(result), term.span)
        case .arrayComprehension(let head, let body):
            var inner: Body = []
            let head = flat(head, &inner)
            return Term(.arrayComprehension(head, body: flat(body + inner)), term.span)
        case .setComprehension(let head, let body):
            var inner: Body = []
            let head = flat(head, &inner)
            return Term(.setComprehension(head, body: flat(body + inner)), term.span)
        case .objectComprehension(let key, let value, let body):
            var inner: Body = []
            let key = flat(key, &inner)
            let value = flat(value, &inner)
            return Term(.objectComprehension(key: key, value: value, body: flat(body + inner)), term.span)
        }
    }
}
