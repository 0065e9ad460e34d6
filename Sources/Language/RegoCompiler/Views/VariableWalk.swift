import RegoSyntax

/// Finds the variables of syntax trees; functions' names count as variables unless they are skipped.
struct VariableWalk {
    var skipsReferenceHeads = false
    var skipsObjectKeys = false
    var skipsSets = false
    var skipsClosures = false
    /// Functions' names, and the heads of what `with` replaces.
    var skipsFunctions = false

    /// What the check of safety looks at.
    static var safety: VariableWalk { VariableWalk(skipsClosures: true, skipsFunctions: true) }
    /// What a pattern binds.
    static var pattern: VariableWalk {
        VariableWalk(skipsReferenceHeads: true, skipsObjectKeys: true, skipsClosures: true)
    }

    func variables(of term: Term) -> Set<Name> {
        var found: Set<Name> = []
        self.term(term, &found)
        return found
    }

    func variables(of expression: Expr) -> Set<Name> {
        var found: Set<Name> = []
        self.expression(expression, &found)
        return found
    }

    func variables(of body: Body) -> Set<Name> {
        var found: Set<Name> = []
        self.body(body, &found)
        return found
    }

    func body(_ body: Body, _ found: inout Set<Name>) {
        for expression in body { self.expression(expression, &found) }
    }

    func expression(_ expression: Expr, _ found: inout Set<Name>) {
        switch expression.kind {
        case .term(let term): self.term(term, &found)
        case .call(let call): self.call(call, &found)
        case .some(.names(let terms)): for term in terms { self.term(term, &found) }
        case .some(.membership(let key, let value, let collection, _)):
            if let key { term(key, &found) }
            term(value, &found)
            term(collection, &found)
        case .every(let every):
            term(every.domain, &found)
            // What it runs under is a matter of its domain's step.
            if skipsClosures { return }
            if let key = every.key { term(key, &found) }
            term(every.value, &found)
            body(every.body, &found)
        case .not(let not): if !skipsClosures { body(not.body, &found) }
        case .and(let logical), .or(let logical):
            if !skipsClosures {
                body(logical.left, &found)
                body(logical.right, &found)
            }
        }
        for with in expression.with { self.with(with, &found) }
    }

    func with(_ with: With, _ found: inout Set<Name>) {
        reference(with.target, isFunction: true, &found)
        term(with.value, &found)
    }

    func call(_ call: Call, _ found: inout Set<Name>) {
        reference(call.function, isFunction: true, &found)
        for argument in call.arguments { term(argument, &found) }
    }

    func reference(_ reference: Ref, isFunction: Bool = false, _ found: inout Set<Name>) {
        if !skipsReferenceHeads, !(isFunction && skipsFunctions) { term(reference.head, &found) }
        for part in reference.parts { term(part, &found) }
    }

    func term(_ term: Term, _ found: inout Set<Name>) {
        switch term.kind {
        case .null, .bool, .number, .string: break
        case .variable(let name): found.insert(name)
        case .ref(let ref): reference(ref, &found)
        case .array(let elements): for element in elements { self.term(element, &found) }
        case .set(let elements): if !skipsSets { for element in elements { self.term(element, &found) } }
        case .object(let entries):
            for entry in entries {
                if !skipsObjectKeys { self.term(entry.key, &found) }
                self.term(entry.value, &found)
            }
        case .arrayComprehension(let head, let body), .setComprehension(let head, let body):
            if skipsClosures { return }
            self.term(head, &found)
            self.body(body, &found)
        case .objectComprehension(let key, let value, let body):
            if skipsClosures { return }
            self.term(key, &found)
            self.term(value, &found)
            self.body(body, &found)
        case .call(let call): self.call(call, &found)
        case .template(let template):
            for part in template.parts {
                if case .expression(let expression) = part { self.expression(expression, &found) }
            }
        }
    }
}
