import RegoSyntax

/// Finds and changes the bodies that stand inside of expressions and terms: those of comprehensions, `every`, `not`, `and`
/// and `or`. What stands in a body that was found is left to the caller.
enum ClosureWalk {
    typealias Change = (inout CompiledModules, inout Body) -> Void

    static func changing(_ expression: Expr, _ view: inout CompiledModules, _ change: Change) -> Expr {
        var result = expression
        switch expression.kind {
        case .term(let term): result.kind = .term(changing(term, &view, change))
        case .call(let call): result.kind = .call(changing(call, &view, change))
        case .some: break
        case .every(var every):
            every.domain = changing(every.domain, &view, change)
            change(&view, &every.body)
            result.kind = .every(every)
        case .not(var not):
            change(&view, &not.body)
            result.kind = .not(not)
        case .and(var logical):
            change(&view, &logical.left)
            change(&view, &logical.right)
            result.kind = .and(logical)
        case .or(var logical):
            change(&view, &logical.left)
            change(&view, &logical.right)
            result.kind = .or(logical)
        }
        for index in result.with.indices {
            result.with[index].value = changing(result.with[index].value, &view, change)
        }
        return result
    }

    private static func changing(_ call: Call, _ view: inout CompiledModules, _ change: Change) -> Call {
        var result = call
        for index in call.arguments.indices {
            result.arguments[index] = changing(call.arguments[index], &view, change)
        }
        return result
    }

    static func changing(_ term: Term, _ view: inout CompiledModules, _ change: Change) -> Term {
        var result = term
        switch term.kind {
        case .null, .bool, .number, .string, .variable, .template: break
        case .ref(var ref):
            ref.head = changing(ref.head, &view, change)
            for index in ref.parts.indices { ref.parts[index] = changing(ref.parts[index], &view, change) }
            result.kind = .ref(ref)
        case .array(let elements): result.kind = .array(elements.map { changing($0, &view, change) })
        case .set(let elements):
            result.kind = .set(view.names.sorted(elements).map { changing($0, &view, change) })
        case .object(let entries):
            var sorted = view.names.sorted(entries)
            for index in sorted.indices {
                sorted[index].key = changing(sorted[index].key, &view, change)
                sorted[index].value = changing(sorted[index].value, &view, change)
            }
            result.kind = .object(sorted)
        case .arrayComprehension(let head, var body):
            change(&view, &body)
            result.kind = .arrayComprehension(changing(head, &view, change), body: body)
        case .setComprehension(let head, var body):
            change(&view, &body)
            result.kind = .setComprehension(changing(head, &view, change), body: body)
        case .objectComprehension(let key, let value, var body):
            change(&view, &body)
            let key = changing(key, &view, change)
            result.kind = .objectComprehension(key: key, value: changing(value, &view, change), body: body)
        case .call(let call): result.kind = .call(changing(call, &view, change))
        }
        return result
    }
}
