import RegoSyntax
import WritBuiltins
import WritSource

/// Makes syntax of resolved terms again, so that messages can show them.
struct TermRestorer {
    let names: NameTable
    /// Names of the variables by number.
    let variables: [Name]
    let collection: Collection

    func term(_ term: ResolvedTerm) -> Term {
        switch term.kind {
        case .null: return Term(.null, term.span)
        case .boolean(let value): return Term(.bool(value), term.span)
        case .number(let name): return Term(.number(name), term.span)
        case .string(let name): return Term(.string(name), term.span)
        case .variable(let variable): return self.variable(variable, term.span)
        case .reference(let reference):
            let head: Term
            switch reference.base {
            case .input: head = Term(.variable(.input), term.span)
            case .data: head = Term(.variable(.data), term.span)
            case .variable(let variable): head = self.variable(variable, term.span)
            case .term(let base): head = self.term(base)
            }
            let parts = reference.parts.map { self.term($0) }
            return Term(.ref(Ref(head: head, parts: parts, span: term.span)), term.span)
        case .array(let elements): return Term(.array(elements.map { self.term($0) }), term.span)
        case .set(let elements): return Term(.set(elements.map { self.term($0) }), term.span)
        case .object(let entries):
            return Term(.object(entries.map { ObjectEntry(self.term($0.key), self.term($0.value)) }), term.span)
        case .arrayComprehension(let head, let body):
            return Term(.arrayComprehension(self.term(head), body: self.body(body)), term.span)
        case .setComprehension(let head, let body):
            return Term(.setComprehension(self.term(head), body: self.body(body)), term.span)
        case .objectComprehension(let key, let value, let body):
            return Term(
                .objectComprehension(key: self.term(key), value: self.term(value), body: self.body(body)), term.span)
        case .call(let callee, let arguments): return Term(.call(call(callee, arguments)), term.span)
        case .template(let parts):
            let restored = parts.map { part -> Template.Part in
                switch part {
                case .text(let text): .text(self.term(text))
                case .expression(let inner, _): .expression(Expr(.term(self.term(inner)), span: inner.span))
                }
            }
            return Term(.template(Template(parts: restored, isMultiLine: false)), term.span)
        }
    }

    private func variable(_ variable: Variable, _ span: Span) -> Term {
        Term(.variable(variables.indices.contains(variable.int) ? variables[variable.int] : .underscore), span)
    }

    private func call(_ callee: Callee, _ arguments: [ResolvedTerm]) -> Call {
        var function: [Name] = []
        var isInfix = false
        switch callee {
        case .builtin(let number):
            let builtin = Registry.all[number]
            isInfix = builtin.infix != nil
            let text = builtin.name.withUTF8Buffer { Array($0) }
            function = text.split(separator: UInt8(ascii: ".")).map { names.find(Array($0)) ?? .empty }
        case .group(let group):
            function = [.data]
            let node = collection.groupNodes.indices.contains(group) ? collection.groupNodes[group] : 0
            function += collection.tree.path(node).map { $0.name }
        }
        return call(function, arguments.map { term($0) }, isInfix: isInfix)
    }

    private func call(_ function: [Name], _ arguments: [Term], isInfix: Bool) -> Call {
        let head = Term(.variable(function.first ?? .empty), .none)
        let parts = function.dropFirst().map { Term(.string($0), .none) }
        return Call(Ref(head: head, parts: parts, span: .none), arguments, isInfix: isInfix)
    }

    private func body(_ body: [ResolvedExpression]) -> Body { body.map { expression($0) } }

    func expression(_ expression: ResolvedExpression) -> Expr {
        let kind: Expr.Kind
        switch expression.kind {
        case .term(let term):
            if case .call(let callee, let arguments) = term.kind {
                kind = .call(call(callee, arguments))
            } else {
                kind = .term(self.term(term))
            }
        case .unify(let left, let right):
            kind = .call(call([.eq], [term(left), term(right)], isInfix: true))
        case .member(let key, let value, let collection):
            kind = .some(
                .membership(
                    key: key.map { term($0) }, value: term(value), collection: term(collection),
                    place: expression.span))
        case .not(let body): kind = .not(Not(body: self.body(body), isExplicit: true))
        case .every(let key, let value, let domain, let body):
            kind = .every(
                Every(
                    key: key.map { variable($0, expression.span) }, value: variable(value, expression.span),
                    domain: term(domain), body: self.body(body), span: expression.span))
        case .and(let left, let right): kind = .and(logical(left, right))
        case .or(let left, let right): kind = .or(logical(left, right))
        case .print: kind = .call(call([.print], [], isInfix: false))
        }
        return Expr(kind, span: expression.span)
    }

    private func logical(_ left: [ResolvedExpression], _ right: [ResolvedExpression]) -> Logical {
        Logical(left: body(left), right: body(right), isLeftExplicit: true, isRightExplicit: true)
    }
}
