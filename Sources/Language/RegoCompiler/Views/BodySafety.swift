import RegoSyntax

extension CompiledModules {
    /// A body in the order in which its variables are bound before they are needed, comprehensions in it too.
    func ordered(_ branch: Branch) -> Body {
        var known: Set<Name> = [.input, .data]
        for argument in branch.arguments { VariableWalk().term(argument, &known) }
        return BodySafety(modules: self).ordered(branch.body, known)
    }
}

/// OPA's order of bodies on syntax trees.
///
/// The modules compile, so every variable is bound somewhere: only the order is found here, which stays as it was written
/// wherever that is safe.
struct BodySafety {
    let modules: CompiledModules

    /// What the order knows of an expression.
    private struct Item {
        var variables: Set<Name>
        /// What its closures have of the body's variables.
        var closed: Set<Name>
        var isPlaced = false
        /// How many variables were bound when it was looked at last.
        var triedAt = -1
    }

    func ordered(_ body: Body, _ globals: Set<Name>) -> Body {
        let bodyVariables = VariableWalk.safety.variables(of: body)
        var safe = bodyVariables.intersection(globals)
        var items = body.map { expression in
            var closed: Set<Name> = []
            closures(in: expression, &closed)
            return Item(
                variables: VariableWalk.safety.variables(of: expression),
                closed: closed.intersection(bodyVariables).subtracting(globals))
        }
        var result: Body = []
        let steps = modules.steps
        while result.count < body.count, !steps.areSpent {
            let before = result.count
            for index in body.indices where !items[index].isPlaced && items[index].triedAt < safe.count {
                if steps.areSpent { break }
                steps.take(8 + safe.count + items[index].variables.count)
                items[index].triedAt = safe.count
                let outputs = outputs(of: body[index], safe)
                let closed = items[index].closed
                // An expression with a closure over what it binds itself waits for others to bind that.
                if !closed.isEmpty, closed == outputs { continue }
                let needed = closed.isEmpty ? items[index].variables : closed
                guard needed.allSatisfy({ outputs.contains($0) || safe.contains($0) }) else { continue }
                items[index].isPlaced = true
                result.append(body[index])
                safe.formUnion(outputs)
            }
            if result.count == before { break }
        }
        // In a module that compiles nothing is left over, but where it takes too long.
        for index in body.indices where !items[index].isPlaced { result.append(body[index]) }
        return orderingClosures(of: result, globals)
    }

    private func orderingClosures(of body: Body, _ globals: Set<Name>) -> Body {
        var known = globals
        var result: Body = []
        var previous: Expr?
        for expression in body {
            if let previous { VariableWalk.safety.expression(previous, &known) }
            if case .every(let every) = expression.kind {
                if let key = every.key { VariableWalk().term(key, &known) }
                VariableWalk().term(every.value, &known)
            }
            var view = modules
            result.append(
                ClosureWalk.changing(expression, &view) { _, inner in inner = ordered(inner, known) })
            previous = expression
        }
        return result
    }

    /// The variables in the closures of an expression.
    private func closures(in expression: Expr, _ found: inout Set<Name>) {
        let walk = VariableWalk()
        switch expression.kind {
        case .term(let term): closures(in: term, &found)
        case .call(let call): for argument in call.arguments { closures(in: argument, &found) }
        case .some: break
        case .every(let every):
            closures(in: every.domain, &found)
            walk.body(every.body, &found)
        case .not(let not): walk.body(not.body, &found)
        case .and(let logical), .or(let logical):
            walk.body(logical.left, &found)
            walk.body(logical.right, &found)
        }
        for with in expression.with { closures(in: with.value, &found) }
    }

    private func closures(in term: Term, _ found: inout Set<Name>) {
        switch term.kind {
        case .null, .bool, .number, .string, .variable, .template: break
        case .ref(let ref):
            closures(in: ref.head, &found)
            for part in ref.parts { closures(in: part, &found) }
        case .array(let elements), .set(let elements): for element in elements { closures(in: element, &found) }
        case .object(let entries):
            for entry in entries {
                closures(in: entry.key, &found)
                closures(in: entry.value, &found)
            }
        case .call(let call): for argument in call.arguments { closures(in: argument, &found) }
        case .arrayComprehension, .setComprehension, .objectComprehension: VariableWalk().term(term, &found)
        }
    }

    // MARK: Outputs

    /// What an expression binds once the safe variables are bound.
    func outputs(of expression: Expr, _ safe: Set<Name>) -> Set<Name> {
        if expression.isNegated { return [] }
        for with in expression.with {
            var needed: Set<Name> = []
            VariableWalk.safety.with(with, &needed)
            if !needed.isSubset(of: safe) { return [] }
        }
        var found: Set<Name> = []
        switch expression.kind {
        case .term(let term): scanned(term, safe, &found)
        case .every(let every): scanned(every.domain, safe, &found)
        case .some, .not, .and, .or: break
        case .call(let call):
            if call.simpleName == .eq {
                guard call.arguments.count == 2 else { return safe }
                scanned(call, expression.with, safe, &found)
                found.formUnion(safe)
                var unification = SafeUnification(safe: found, steps: modules.steps)
                unification.unify(call.arguments[0], call.arguments[1])
                return found.union(unification.unified).subtracting(safe)
            }
            guard let arity = modules.arity(of: call.function) else { return [] }
            scanned(call, expression.with, safe, &found)
            guard arity < call.arguments.count else { return found }
            let walk = VariableWalk(
                skipsReferenceHeads: true, skipsObjectKeys: true, skipsSets: true, skipsClosures: true)
            var needed: Set<Name> = []
            for argument in call.arguments[..<arity] { walk.term(argument, &needed) }
            if !needed.subtracting(found).isSubset(of: safe) { return [] }
            for argument in call.arguments[arity...] { walk.term(argument, &found) }
        }
        return found
    }

    private func scanned(_ call: Call, _ with: [With], _ safe: Set<Name>, _ found: inout Set<Name>) {
        for argument in call.arguments { scanned(argument, safe, &found) }
        for with in with { scanned(with.value, safe, &found) }
    }

    /// The variables that references iterate with.
    private func scanned(_ term: Term, _ safe: Set<Name>, _ found: inout Set<Name>) {
        switch term.kind {
        case .ref(let ref):
            guard Self.isSafe(ref, safe) else { return }
            if ref.parts.contains(where: { !$0.isGround }) {
                VariableWalk(skipsReferenceHeads: true).reference(ref, &found)
            }
            scanned(ref.head, safe, &found)
            for part in ref.parts { scanned(part, safe, &found) }
        case .array(let elements), .set(let elements): for element in elements { scanned(element, safe, &found) }
        case .object(let entries):
            for entry in entries {
                scanned(entry.key, safe, &found)
                scanned(entry.value, safe, &found)
            }
        case .call(let call): for argument in call.arguments { scanned(argument, safe, &found) }
        case .null, .bool, .number, .string, .variable, .template, .arrayComprehension, .setComprehension,
            .objectComprehension:
            break
        }
    }

    static func isSafe(_ ref: Ref, _ safe: Set<Name>) -> Bool {
        if let name = ref.headName { return safe.contains(name) }
        return VariableWalk.safety.variables(of: ref.head).isSubset(of: safe)
    }
}

/// What unifying two terms binds.
private struct SafeUnification {
    let safe: Set<Name>
    private(set) var unified: Set<Name> = []
    /// Variables that are bound once those in their sets are.
    private var unknown: [Name: Set<Name>] = [:]

    private let steps: ViewSteps

    init(safe: Set<Name>, steps: ViewSteps) {
        self.safe = safe
        self.steps = steps
    }

    private func isSafe(_ name: Name) -> Bool { safe.contains(name) || unified.contains(name) }

    // Terms nest as deep as the parser lets them.
    mutating func unify(_ left: Term, _ right: Term) {
        switch (left.kind, right.kind) {
        case (.variable(let one), .variable(let other)):
            if isSafe(other) {
                mark(one)
            } else if isSafe(one) {
                mark(other)
            } else {
                unknown[one, default: []].insert(other)
                unknown[other, default: []].insert(one)
            }
        case (.variable(let name), .array), (.variable(let name), .object): unify(name, right)
        case (.array, .variable(let name)), (.object, .variable(let name)): unify(name, left)
        case (.variable(let name), _): if isKnown(right) { mark(name) }
        case (.ref, _), (.call, _):
            guard isKnown(left) else { return }
            switch right.kind {
            case .variable(let name): mark(name)
            case .array, .object: markAll(right)
            default: break
            }
        case (.arrayComprehension, .array), (.objectComprehension, .object): markAll(right)
        case (.array(let one), .array(let other)):
            guard one.count == other.count else { return }
            for (left, right) in zip(one, other) { unify(left, right) }
        case (.object(let one), .object(let other)):
            guard one.count == other.count else { return }
            for entry in one where !steps.areSpent {
                steps.take(other.count)
                if let match = other.first(where: { Self.isSame(entry.key, $0.key) }) {
                    unify(entry.value, match.value)
                }
            }
        case (.array, .arrayComprehension), (.array, .objectComprehension), (.array, .setComprehension): markAll(left)
        case (.array, .ref), (.array, .call), (.object, .ref), (.object, .call): if isKnown(right) { markAll(left) }
        case (.array, _), (.object, _): break
        case (_, .variable(let name)): mark(name)
        default: break
        }
    }

    /// Whether keys of patterns are the same constants.
    private static func isSame(_ left: Term, _ right: Term) -> Bool {
        switch (left.kind, right.kind) {
        case (.null, .null): return true
        case (.bool(let one), .bool(let other)): return one == other
        case (.number(let one), .number(let other)), (.string(let one), .string(let other)),
            (.variable(let one), .variable(let other)):
            return one == other
        case (.array(let one), .array(let other)):
            return one.count == other.count && zip(one, other).allSatisfy { isSame($0, $1) }
        default: return false
        }
    }

    private func isKnown(_ term: Term) -> Bool {
        switch term.kind {
        case .ref(let ref): BodySafety.isSafe(ref, safe)
        case .call: VariableWalk.safety.variables(of: term).isSubset(of: safe)
        default: true
        }
    }

    private mutating func unify(_ name: Name, _ pattern: Term) {
        if isSafe(name) { return markAll(pattern) }
        let open = VariableWalk.pattern.variables(of: pattern).subtracting(safe).subtracting(unified)
        if open.isEmpty { mark(name) } else { unknown[name, default: []].formUnion(open) }
    }

    private mutating func markAll(_ term: Term) {
        for name in VariableWalk.pattern.variables(of: term) { mark(name) }
    }

    private mutating func mark(_ name: Name) {
        var pending = [name]
        while let name = pending.popLast(), !steps.areSpent {
            steps.take(unknown.count)
            unified.insert(name)
            if let waiting = unknown.removeValue(forKey: name) { pending.append(contentsOf: waiting) }
            for (other, open) in unknown where open.contains(name) {
                unknown[other]?.remove(name)
                if unknown[other]?.isEmpty ?? false {
                    unknown[other] = nil
                    pending.append(other)
                }
            }
        }
    }
}
