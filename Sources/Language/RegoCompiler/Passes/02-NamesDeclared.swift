import RegoSyntax

/// What a body declares and which names it uses directly, found before its expressions are resolved.
extension NameResolver {
    /// Hides rules and imports behind all names that a body declares, in the bodies of `every`, `not`, `and` and
    /// `or` too, but not in comprehensions.
    mutating func hideDeclared(in body: Body) {
        for expression in body {
            var found: [Name] = []
            declaredForHiding(by: expression) { found.append($0) }
            for name in found { scopes.hide(name) }
            switch expression.kind {
            case .every(let every): hideDeclared(in: every.body)
            case .not(let not): hideDeclared(in: not.body)
            case .and(let logical), .or(let logical):
                hideDeclared(in: logical.left)
                hideDeclared(in: logical.right)
            case .term, .call, .some: break
            }
        }
    }

    mutating func hideNames(_ term: Term) {
        var found: [Name] = []
        variables(of: term) { found.append($0) }
        for name in found { scopes.hide(name) }
    }

    /// Begins a body in the present frame: the names that it uses directly get their variables.
    mutating func enter(_ body: Body, heads: [Term]) {
        for expression in body {
            var found: [Name] = []
            declared(by: expression) { found.append($0) }
            for name in found { scopes.declareHere(name) }
        }
        for expression in body { direct(expression) }
        for head in heads { direct(head) }
    }

    // MARK: Declarations

    /// The names that one expression declares in its own body.
    func declared(by expression: Expr, _ visit: (Name) -> Void) {
        switch expression.kind {
        case .call(let call) where call.simpleName == .assign && call.arguments.count == 2:
            assignedNames(call.arguments[0], visit)
        case .some(.names(let terms)):
            for term in terms { if let name = Self.plainName(term) { visit(name) } }
        case .some(.membership(let key, let value, let collection, _)):
            for name in memberNames(key, value, collection) { visit(name) }
        default: break
        }
    }

    /// The names that one expression hides: all those in the patterns.
    private func declaredForHiding(by expression: Expr, _ visit: (Name) -> Void) {
        switch expression.kind {
        case .call(let call) where call.simpleName == .assign && call.arguments.count == 2:
            variables(of: call.arguments[0], visit)
        case .some(.names(let terms)):
            for term in terms { if let name = Self.plainName(term) { visit(name) } }
        case .some(.membership(let key, let value, _, _)):
            if let key { variables(of: key, visit) }
            variables(of: value, visit)
        default: break
        }
    }

    static func plainName(_ term: Term) -> Name? {
        switch term.kind {
        case .variable(let name): return name
        case .ref(let ref) where ref.parts.isEmpty: return ref.headName
        default: return nil
        }
    }

    private func assignedNames(_ term: Term, _ visit: (Name) -> Void) {
        switch term.kind {
        case .variable(let name): visit(name)
        case .ref: if let name = Self.plainName(term) { visit(name) }
        case .array(let elements): for element in elements { assignedNames(element, visit) }
        case .object(let entries): for entry in entries { assignedNames(entry.value, visit) }
        default: break
        }
    }

    /// The names that `some key, value in collection` declares: what the patterns bind, but no name that the
    /// collection uses.
    func memberNames(_ key: Term?, _ value: Term, _ collection: Term) -> [Name] {
        var found: [Name] = []
        if let key { variables(of: key) { found.append($0) } }
        switch value.kind {
        case .variable(let name): found.append(name)
        case .ref(let ref): if ref.parts.isEmpty, let name = ref.headName { found.append(name) }
        case .array, .object: patternNames(value) { found.append($0) }
        default: break
        }
        guard !found.isEmpty else { return [] }
        var used: [Name] = []
        variables(of: collection) { used.append($0) }
        var result: [Name] = []
        for name in found where !used.contains(name) && !result.contains(name) { result.append(name) }
        return result
    }

    /// The variables that matching a pattern binds.
    private func patternNames(_ term: Term, _ visit: (Name) -> Void) {
        switch term.kind {
        case .variable(let name): visit(name)
        case .array(let elements), .set(let elements): for element in elements { patternNames(element, visit) }
        case .object(let entries): for entry in entries { patternNames(entry.value, visit) }
        case .ref(let ref): for part in ref.parts { patternNames(part, visit) }
        case .call(let call): for argument in call.arguments { patternNames(argument, visit) }
        default: break
        }
    }

    /// All variables of a term, those of comprehensions and functions' names too.
    func variables(of term: Term, _ visit: (Name) -> Void) {
        switch term.kind {
        case .null, .bool, .number, .string: break
        case .variable(let name): visit(name)
        case .ref(let ref): variables(of: ref, visit)
        case .array(let elements), .set(let elements): for element in elements { variables(of: element, visit) }
        case .object(let entries):
            for entry in entries {
                variables(of: entry.key, visit)
                variables(of: entry.value, visit)
            }
        case .arrayComprehension(let head, let body), .setComprehension(let head, let body):
            variables(of: head, visit)
            for expression in body { variables(of: expression, visit) }
        case .objectComprehension(let key, let value, let body):
            variables(of: key, visit)
            variables(of: value, visit)
            for expression in body { variables(of: expression, visit) }
        case .call(let call): for argument in call.arguments { variables(of: argument, visit) }
        case .template(let template):
            for part in template.parts {
                if case .expression(let expression) = part { variables(of: expression, visit) }
            }
        }
    }

    private func variables(of ref: Ref, _ visit: (Name) -> Void) {
        variables(of: ref.head, visit)
        for part in ref.parts { variables(of: part, visit) }
    }

    private func variables(of expression: Expr, _ visit: (Name) -> Void) {
        switch expression.kind {
        case .term(let term): variables(of: term, visit)
        case .call(let call): for argument in call.arguments { variables(of: argument, visit) }
        case .some(.names(let terms)): for term in terms { variables(of: term, visit) }
        case .some(.membership(let key, let value, let collection, _)):
            if let key { variables(of: key, visit) }
            variables(of: value, visit)
            variables(of: collection, visit)
        case .every(let every):
            variables(of: every.domain, visit)
            for inner in every.body { variables(of: inner, visit) }
        case .not(let not): for inner in not.body { variables(of: inner, visit) }
        case .and(let logical), .or(let logical):
            for inner in logical.left { variables(of: inner, visit) }
            for inner in logical.right { variables(of: inner, visit) }
        }
        for with in expression.with { variables(of: with.value, visit) }
    }

    // MARK: Direct uses

    /// Binds the names that an expression uses outside of closures.
    private mutating func direct(_ expression: Expr) {
        switch expression.kind {
        case .term(let term): direct(term)
        case .call(let call): for argument in call.arguments { direct(argument) }
        case .some(.names): break
        case .some(.membership(let key, let value, let collection, _)):
            if let key { direct(key) }
            direct(value)
            direct(collection)
        case .every(let every): direct(every.domain)
        case .not(let not): if !not.isExplicit { for inner in not.body { direct(inner) } }
        case .and(let logical), .or(let logical):
            if !logical.isLeftExplicit { for inner in logical.left { direct(inner) } }
            if !logical.isRightExplicit { for inner in logical.right { direct(inner) } }
        }
        for with in expression.with { direct(with.value) }
    }

    private mutating func direct(_ term: Term) {
        switch term.kind {
        case .variable(let name): directName(name)
        case .ref(let ref):
            direct(ref.head)
            for part in ref.parts { direct(part) }
        case .array(let elements), .set(let elements): for element in elements { direct(element) }
        case .object(let entries):
            for entry in entries {
                direct(entry.key)
                direct(entry.value)
            }
        case .call(let call): for argument in call.arguments { direct(argument) }
        case .template(let template):
            for part in template.parts {
                if case .expression(let expression) = part { direct(expression) }
            }
        case .null, .bool, .number, .string: break
        case .arrayComprehension, .setComprehension, .objectComprehension: break
        }
    }

    private mutating func directName(_ name: Name) {
        if name == .input || name == .data || isGlobal(name) { return }
        scopes.bindImplicitly(name)
    }
}
