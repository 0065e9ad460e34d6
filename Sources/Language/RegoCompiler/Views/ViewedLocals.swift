import RegoSyntax
import WritSource

/// Local variables get names of their own; what declared them is gone afterwards.
extension CompiledModules {
    /// The names of one scope.
    struct LocalScope {
        /// The new name by the written one; names that are only used keep theirs.
        var names: [Name: Name] = [:]
        /// Those that are only used.
        var used: Set<Name> = []
    }

    /// The scopes around a term, the innermost last.
    struct LocalScopes {
        var scopes = [LocalScope()]

        func declared(_ name: Name) -> Name? {
            for scope in scopes.reversed() { if let found = scope.names[name] { return found } }
            return nil
        }

        mutating func use(_ name: Name) -> Name {
            if let found = declared(name) { return found }
            insert(name, name)
            scopes[scopes.count - 1].used.insert(name)
            return name
        }

        mutating func insert(_ name: Name, _ new: Name) { scopes[scopes.count - 1].names[name] = new }
    }

    mutating func renameLocals(_ rule: inout ViewedRule) {
        var arguments = LocalScopes()
        for index in rule.branches[0].arguments.indices {
            renameArgument(&rule.branches[0].arguments[index], &arguments)
        }
        for index in rule.branches.indices {
            renameLocals(&rule.branches[index], &rule.parts, arguments, isElse: index > 0)
        }
    }

    private mutating func renameArgument(_ term: inout Term, _ scopes: inout LocalScopes) {
        switch term.kind {
        case .variable(let name):
            if let known = scopes.declared(name) {
                term.kind = .variable(known)
            } else {
                let fresh = generate(term.span)
                scopes.insert(name, fresh.variableName ?? name)
                term.kind = fresh.kind
            }
        case .array(var elements):
            for index in elements.indices { renameArgument(&elements[index], &scopes) }
            term.kind = .array(elements)
        case .object(let entries):
            var sorted = names.sorted(entries)
            for index in sorted.indices { renameArgument(&sorted[index].value, &scopes) }
            term.kind = .object(sorted)
        case .ref(var ref):
            if ref.headName != .input, ref.headName != .data { renameArgument(&ref.head, &scopes) }
            for index in ref.parts.indices { renameArgument(&ref.parts[index], &scopes) }
            term.kind = .ref(ref)
        default: break
        }
    }

    private mutating func renameLocals(
        _ branch: inout Branch, _ parts: inout [Term], _ arguments: LocalScopes, isElse: Bool
    ) {
        let mayHaveVariables =
            branch.arguments.contains { !$0.isScalar } || branch.key.map { !$0.isScalar } ?? false
            || branch.value.map { !$0.isScalar } ?? false || parts.contains { !$0.isScalar }
        // What comprehensions of the head declare comes first.
        if mayHaveVariables {
            if var key = branch.key {
                renameInHead(&key)
                branch.key = key
            }
            if var value = branch.value {
                renameInHead(&value)
                branch.value = value
            }
        }
        var scopes = arguments
        branch.body = renamed(branch.body, &scopes)
        guard mayHaveVariables else { return }
        let renaming = Renaming(names: scopes.scopes[0].names)
        branch.arguments = branch.arguments.map { renaming.term($0) }
        if !isElse { parts = parts.map { renaming.term($0) } }
        branch.key = branch.key.map { renaming.term($0) }
        branch.value = branch.value.map { renaming.term($0) }
    }

    /// What comprehensions in a head declare: they stand outside of the body's scope.
    private mutating func renameInHead(_ term: inout Term) {
        switch term.kind {
        case .null, .bool, .number, .string, .variable: break
        case .arrayComprehension, .setComprehension, .objectComprehension, .template:
            var scopes = LocalScopes()
            rename(&term, &scopes)
        case .array(var elements):
            for index in elements.indices { renameInHead(&elements[index]) }
            term.kind = .array(elements)
        case .set(let elements):
            var sorted = names.sorted(elements)
            for index in sorted.indices { renameInHead(&sorted[index]) }
            term.kind = .set(sorted)
        case .object(let entries):
            var sorted = names.sorted(entries)
            for index in sorted.indices {
                renameInHead(&sorted[index].key)
                renameInHead(&sorted[index].value)
            }
            term.kind = .object(sorted)
        case .ref(var ref):
            if ref.headName == nil { renameInHead(&ref.head) }
            for index in ref.parts.indices { renameInHead(&ref.parts[index]) }
            term.kind = .ref(ref)
        case .call(var call):
            for index in call.arguments.indices { renameInHead(&call.arguments[index]) }
            term.kind = .call(call)
        }
    }

    // MARK: Bodies

    private mutating func renamed(_ body: Body, _ scopes: inout LocalScopes) -> Body {
        steps.take(body.count + 1)
        var result: Body = []
        for expression in body {
            var renamed = expression
            switch expression.kind {
            case .call(let call) where call.simpleName == .assign && call.arguments.count == 2:
                renamed = assignment(expression, call, &scopes)
            case .some(.names(let terms)):
                for term in terms { if let name = NameResolver.plainName(term) { declare(name, term.span, &scopes) } }
                continue
            case .some(.membership(let key, let value, let collection, _)):
                renamed = membership(expression, key, value, collection, &scopes)
            case .every(let every): renamed = self.every(expression, every, &scopes)
            default: rename(&renamed, &scopes)
            }
            result.append(renamed)
        }
        return result.isEmpty ? Self.truth(body.first?.span ?? .none) : result
    }

    @discardableResult
    private mutating func declare(_ name: Name, _ span: Span, _ scopes: inout LocalScopes) -> Term {
        let fresh = generate(span)
        scopes.insert(name, fresh.variableName ?? name)
        return fresh
    }

    private mutating func assignment(_ expression: Expr, _ call: Call, _ scopes: inout LocalScopes) -> Expr {
        var result = expression
        var call = call
        rename(&call.arguments[1], &scopes)
        for index in result.with.indices { rename(&result.with[index].value, &scopes) }
        declarePattern(&call.arguments[0], &scopes)
        call.function = Self.function(.eq, call.function.span)
        result.kind = .call(call)
        return result
    }

    /// The left side of `:=`.
    private mutating func declarePattern(_ term: inout Term, _ scopes: inout LocalScopes) {
        switch term.kind {
        case .variable(let name): term = declare(name, term.span, &scopes)
        case .ref(let ref):
            if let name = ref.headName, ref.parts.isEmpty { term = declare(name, term.span, &scopes) }
        case .array(var elements):
            for index in elements.indices { declarePattern(&elements[index], &scopes) }
            term.kind = .array(elements)
        case .object(let entries):
            var sorted = names.sorted(entries)
            for index in sorted.indices { declarePattern(&sorted[index].value, &scopes) }
            term.kind = .object(sorted)
        default: break
        }
    }

    /// `some key, value in collection` is a look-up in the collection.
    private mutating func membership(
        _ expression: Expr, _ key: Term?, _ value: Term, _ collection: Term, _ scopes: inout LocalScopes
    ) -> Expr {
        let key = key ?? generate(value.span)
        var entry: Ref
        if case .ref(let ref) = collection.kind {
            entry = ref
        } else {
            entry = Ref(head: collection, parts: [], span: collection.span)
        }
        entry.parts.append(key)
        var result = expression
        result.kind = .call(
            Call(
                Self.function(.eq, expression.span), [value, Term(.ref(entry), collection.span)], isInfix: true))
        var plain = result
        plain.with = []
        let used = VariableWalk().variables(of: collection)
        var outputs = BodySafety(modules: self).outputs(of: plain, used).map { ($0, Array(names[$0])) }
        outputs.sort { $0.1.lexicographicallyPrecedes($1.1) }
        for output in outputs { declare(output.0, value.span, &scopes) }
        rename(&result, &scopes)
        return result
    }

    private mutating func every(_ expression: Expr, _ every: Every, _ scopes: inout LocalScopes) -> Expr {
        var result = expression
        var every = every
        rename(&every.domain, &scopes)
        scopes.scopes.append(LocalScope())
        every.key = every.key.map { declareEvery($0, &scopes) } ?? generate(every.span)
        every.value = declareEvery(every.value, &scopes)
        every.body = renamed(every.body, &scopes)
        result.kind = .every(every)
        // OPA walks over all of it once more, and gives inner `every` in comprehensions further names.
        steps.take(ViewSteps.ofSecondWalk)
        if !steps.areSpent { rename(&result, &scopes) }
        scopes.scopes.removeLast()
        return result
    }

    private mutating func declareEvery(_ term: Term, _ scopes: inout LocalScopes) -> Term {
        guard let name = NameResolver.plainName(term), !names.isWildcard(name) else { return term }
        return declare(name, term.span, &scopes)
    }

    // MARK: Uses

    private mutating func rename(_ expression: inout Expr, _ scopes: inout LocalScopes) {
        switch expression.kind {
        case .term(var term):
            rename(&term, &scopes)
            expression.kind = .term(term)
        case .call(var call):
            rename(&call.arguments, &scopes)
            expression.kind = .call(call)
        case .some: break
        case .every(var every):
            if var key = every.key {
                rename(&key, &scopes)
                every.key = key
            }
            rename(&every.value, &scopes)
            rename(&every.domain, &scopes)
            for index in every.body.indices { rename(&every.body[index], &scopes) }
            expression.kind = .every(every)
        case .not(var not):
            not.body = closure(not.body, not.isExplicit, &scopes)
            expression.kind = .not(not)
        case .and(let logical): expression.kind = .and(self.logical(logical, &scopes))
        case .or(let logical): expression.kind = .or(self.logical(logical, &scopes))
        }
        for index in expression.with.indices {
            rename(&expression.with[index].target.parts, &scopes)
            rename(&expression.with[index].value, &scopes)
        }
    }

    private mutating func logical(_ logical: Logical, _ scopes: inout LocalScopes) -> Logical {
        var result = logical
        result.left = closure(logical.left, logical.isLeftExplicit, &scopes)
        result.right = closure(logical.right, logical.isRightExplicit, &scopes)
        return result
    }

    /// A body in braces is a scope.
    private mutating func closure(_ body: Body, _ isExplicit: Bool, _ scopes: inout LocalScopes) -> Body {
        if isExplicit { scopes.scopes.append(LocalScope()) }
        let result = renamed(body, &scopes)
        if isExplicit { scopes.scopes.removeLast() }
        return result
    }

    private mutating func rename(_ terms: inout [Term], _ scopes: inout LocalScopes) {
        for index in terms.indices { rename(&terms[index], &scopes) }
    }

    private mutating func rename(_ term: inout Term, _ scopes: inout LocalScopes) {
        switch term.kind {
        case .null, .bool, .number, .string: break
        case .variable(let name): term.kind = .variable(scopes.use(name))
        case .ref(var ref):
            if ref.parts.isEmpty, let name = ref.headName, name == .input || name == .data {
                if let known = scopes.declared(name), known != name { term.kind = .variable(known) }
                return
            }
            rename(&ref.head, &scopes)
            rename(&ref.parts, &scopes)
            term.kind = .ref(ref)
        case .array(var elements):
            rename(&elements, &scopes)
            term.kind = .array(elements)
        case .set(let elements):
            var sorted = names.sorted(elements)
            rename(&sorted, &scopes)
            term.kind = .set(sorted)
        case .object(let entries):
            var sorted = names.sorted(entries)
            for index in sorted.indices {
                rename(&sorted[index].key, &scopes)
                rename(&sorted[index].value, &scopes)
            }
            term.kind = .object(sorted)
        case .arrayComprehension(var head, var body):
            comprehension(&body, &scopes) { $0.rename(&head, &$1) }
            term.kind = .arrayComprehension(head, body: body)
        case .setComprehension(var head, var body):
            comprehension(&body, &scopes) { $0.rename(&head, &$1) }
            term.kind = .setComprehension(head, body: body)
        case .objectComprehension(var key, var value, var body):
            comprehension(&body, &scopes) {
                $0.rename(&key, &$1)
                $0.rename(&value, &$1)
            }
            term.kind = .objectComprehension(key: key, value: value, body: body)
        case .call(var call):
            rename(&call.arguments, &scopes)
            term.kind = .call(call)
        case .template(var template):
            for index in template.parts.indices {
                guard case .expression(var expression) = template.parts[index] else { continue }
                rename(&expression, &scopes)
                template.parts[index] = .expression(expression)
            }
            term.kind = .template(template)
        }
    }

    private mutating func comprehension(
        _ body: inout Body, _ scopes: inout LocalScopes,
        _ heads: (inout CompiledModules, inout LocalScopes) -> Void
    ) {
        scopes.scopes.append(LocalScope())
        body = renamed(body, &scopes)
        heads(&self, &scopes)
        scopes.scopes.removeLast()
    }
}

/// Puts other names in the place of variables, in comprehensions too.
private struct Renaming {
    let names: [Name: Name]

    func body(_ body: Body) -> Body { body.map { expression($0) } }

    func expression(_ expression: Expr) -> Expr {
        var result = expression
        switch expression.kind {
        case .term(let term): result.kind = .term(self.term(term))
        case .call(let call): result.kind = .call(self.call(call))
        case .some: break
        case .every(var every):
            every.key = every.key.map { term($0) }
            every.value = term(every.value)
            every.domain = term(every.domain)
            every.body = body(every.body)
            result.kind = .every(every)
        case .not(var not):
            not.body = body(not.body)
            result.kind = .not(not)
        case .and(let logical): result.kind = .and(self.logical(logical))
        case .or(let logical): result.kind = .or(self.logical(logical))
        }
        for index in result.with.indices {
            result.with[index].target.parts = result.with[index].target.parts.map { term($0) }
            result.with[index].value = term(result.with[index].value)
        }
        return result
    }

    private func logical(_ logical: Logical) -> Logical {
        var result = logical
        result.left = body(logical.left)
        result.right = body(logical.right)
        return result
    }

    private func call(_ call: Call) -> Call {
        Call(call.function, call.arguments.map { term($0) }, isInfix: call.isInfix)
    }

    func term(_ term: Term) -> Term {
        var result = term
        switch term.kind {
        case .null, .bool, .number, .string: break
        case .variable(let name): result.kind = .variable(names[name] ?? name)
        case .ref(let ref):
            let isRoot = ref.parts.isEmpty && (ref.headName == .input || ref.headName == .data)
            if isRoot, let name = ref.headName {
                if let new = names[name], new != name { result.kind = .variable(new) }
            } else {
                result.kind = .ref(
                    Ref(head: self.term(ref.head), parts: ref.parts.map { self.term($0) }, span: ref.span))
            }
        case .array(let elements): result.kind = .array(elements.map { self.term($0) })
        case .set(let elements): result.kind = .set(elements.map { self.term($0) })
        case .object(let entries):
            result.kind = .object(entries.map { ObjectEntry(self.term($0.key), self.term($0.value)) })
        case .arrayComprehension(let head, let body):
            result.kind = .arrayComprehension(self.term(head), body: self.body(body))
        case .setComprehension(let head, let body):
            result.kind = .setComprehension(self.term(head), body: self.body(body))
        case .objectComprehension(let key, let value, let body):
            result.kind = .objectComprehension(
                key: self.term(key), value: self.term(value), body: self.body(body))
        case .call(let call): result.kind = .call(self.call(call))
        case .template(var template):
            template.parts = template.parts.map { part in
                if case .expression(let expression) = part { return .expression(self.expression(expression)) }
                return part
            }
            result.kind = .template(template)
        }
        return result
    }
}
