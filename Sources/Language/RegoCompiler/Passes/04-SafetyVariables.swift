import RegoSyntax
import WritSource

/// The variables of terms and expressions, gathered into `found` once each.
extension Safety {
    mutating func beginGathering() {
        generation &+= 1
        found.removeAll(keepingCapacity: true)
    }

    mutating func gather(_ variable: Variable) {
        guard marks[variable.int] != generation else { return }
        marks[variable.int] = generation
        found.append(variable.index)
    }

    /// Variables of a term outside of closures.
    mutating func gather(_ term: ResolvedTerm) {
        switch term.kind {
        case .null, .boolean, .number, .string: break
        case .variable(let variable): gather(variable)
        case .reference(let reference):
            switch reference.base {
            case .input, .data: break
            case .variable(let variable): gather(variable)
            case .term(let base): gather(base)
            }
            for part in reference.parts { gather(part) }
        case .array(let elements), .set(let elements): for element in elements { gather(element) }
        case .object(let entries):
            for entry in entries {
                gather(entry.key)
                gather(entry.value)
            }
        case .arrayComprehension, .setComprehension, .objectComprehension: hasClosure = true
        case .call(_, let arguments): for argument in arguments { gather(argument) }
        case .template: hasClosure = true
        }
    }

    mutating func gather(_ part: ResolvedTerm.TemplatePart) {
        guard case .expression(let term, let body) = part else { return }
        if body.isEmpty { return gather(term) }
        for expression in body {
            if case .unify(_, let value) = expression.kind { gather(value) }
            gather(expression.with)
        }
    }

    mutating func gather(_ with: [ResolvedWith]) {
        for item in with { if case .term(let value) = item.replacement { gather(value) } }
    }

    /// Variables of an expression outside of closures.
    mutating func gather(_ expression: ResolvedExpression) {
        switch expression.kind {
        case .term(let term): gather(term)
        case .unify(let left, let right):
            gather(left)
            gather(right)
        case .member(let key, let value, let collection):
            if let key { gather(key) }
            gather(value)
            gather(collection)
        case .not(let body):
            if expression.style.contains(.plainNot) || expression.style.contains(.implicitLeft) {
                for inner in body { gather(inner) }
            }
            if !expression.style.contains(.plainNot) { hasClosure = true }
        case .every(_, _, let domain, _):
            hasClosure = true
            gather(domain)
        case .and(let left, let right), .or(let left, let right):
            hasClosure = true
            if expression.style.contains(.implicitLeft) { for inner in left { gather(inner) } }
            if expression.style.contains(.implicitRight) { for inner in right { gather(inner) } }
        case .print: hasClosure = true
        }
        gather(expression.with)
    }

    // MARK: Inside of closures

    /// Variables of a term's closures; of all of it when `isInside`.
    mutating func gatherClosed(_ term: ResolvedTerm, isInside: Bool) {
        switch term.kind {
        case .null, .boolean, .number, .string: break
        case .variable(let variable): if isInside { gather(variable) }
        case .reference(let reference):
            switch reference.base {
            case .input, .data: break
            case .variable(let variable): if isInside { gather(variable) }
            case .term(let base): gatherClosed(base, isInside: isInside)
            }
            for part in reference.parts { gatherClosed(part, isInside: isInside) }
        case .array(let elements), .set(let elements):
            for element in elements { gatherClosed(element, isInside: isInside) }
        case .object(let entries):
            for entry in entries {
                gatherClosed(entry.key, isInside: isInside)
                gatherClosed(entry.value, isInside: isInside)
            }
        case .arrayComprehension(let head, let body), .setComprehension(let head, let body):
            gatherClosed(head, isInside: true)
            for expression in body { gatherClosed(expression, isInside: true) }
        case .objectComprehension(let key, let value, let body):
            gatherClosed(key, isInside: true)
            gatherClosed(value, isInside: true)
            for expression in body { gatherClosed(expression, isInside: true) }
        case .call(_, let arguments): for argument in arguments { gatherClosed(argument, isInside: isInside) }
        case .template(let parts): for part in parts { gatherClosed(part, isInside: true) }
        }
    }

    private mutating func gatherClosed(_ part: ResolvedTerm.TemplatePart, isInside: Bool) {
        guard case .expression(let term, let body) = part else { return }
        if body.isEmpty { return gatherClosed(term, isInside: isInside) }
        for expression in body {
            if case .unify(_, let value) = expression.kind { gatherClosed(value, isInside: isInside) }
            gatherClosed(expression.with, isInside: isInside)
        }
    }

    private mutating func gatherClosed(_ with: [ResolvedWith], isInside: Bool) {
        for item in with { if case .term(let value) = item.replacement { gatherClosed(value, isInside: isInside) } }
    }

    mutating func gatherClosed(_ expression: ResolvedExpression, isInside: Bool) {
        switch expression.kind {
        case .term(let term): gatherClosed(term, isInside: isInside)
        case .unify(let left, let right):
            gatherClosed(left, isInside: isInside)
            gatherClosed(right, isInside: isInside)
        case .member(let key, let value, let collection):
            if let key { gatherClosed(key, isInside: isInside) }
            gatherClosed(value, isInside: isInside)
            gatherClosed(collection, isInside: isInside)
        case .not(let body):
            let inside = isInside || !expression.style.contains(.plainNot)
            for inner in body { gatherClosed(inner, isInside: inside) }
        case .every(let key, let value, let domain, let body):
            gatherClosed(domain, isInside: isInside)
            // Key and value shadow what is outside: they have numbers of their own.
            if isInside {
                if let key { gather(key) }
                gather(value)
            }
            for inner in body { gatherClosed(inner, isInside: true) }
        case .and(let left, let right), .or(let left, let right):
            for inner in left { gatherClosed(inner, isInside: true) }
            for inner in right { gatherClosed(inner, isInside: true) }
        case .print(let parts): for part in parts { gatherClosed(part, isInside: true) }
        }
        gatherClosed(expression.with, isInside: isInside)
    }

    // MARK: What patterns bind

    /// Variables that a pattern binds when it is matched: no heads of references, keys of objects or closures.
    mutating func gatherPattern(_ term: ResolvedTerm) {
        switch term.kind {
        case .variable(let variable): gather(variable)
        case .reference(let reference): for part in reference.parts { gatherPattern(part) }
        case .array(let elements), .set(let elements): for element in elements { gatherPattern(element) }
        case .object(let entries): for entry in entries { gatherPattern(entry.value) }
        case .call(_, let arguments): for argument in arguments { gatherPattern(argument) }
        case .null, .boolean, .number, .string, .arrayComprehension, .setComprehension, .objectComprehension,
            .template:
            break
        }
    }

    /// Variables of an operand but for heads of references, keys of objects, elements of sets and closures.
    mutating func gatherOperand(_ term: ResolvedTerm) {
        switch term.kind {
        case .set: break
        case .array(let elements): for element in elements { gatherOperand(element) }
        case .object(let entries): for entry in entries { gatherOperand(entry.value) }
        default: gatherPattern(term)
        }
    }

    /// Variables that iterating through safe references of a term binds.
    mutating func gatherScanned(_ term: ResolvedTerm) {
        switch term.kind {
        case .reference(let reference):
            guard isSafe(reference.base) else { return }
            for part in reference.parts { gatherParts(part) }
        case .array(let elements), .set(let elements): for element in elements { gatherScanned(element) }
        case .object(let entries):
            for entry in entries {
                gatherScanned(entry.key)
                gatherScanned(entry.value)
            }
        case .call(_, let arguments): for argument in arguments { gatherScanned(argument) }
        case .null, .boolean, .number, .string, .variable, .arrayComprehension, .setComprehension,
            .objectComprehension, .template:
            break
        }
    }

    /// All variables of a reference's part but for heads of references in it.
    private mutating func gatherParts(_ term: ResolvedTerm) {
        switch term.kind {
        case .variable(let variable): gather(variable)
        case .reference(let reference): for part in reference.parts { gatherParts(part) }
        case .array(let elements), .set(let elements): for element in elements { gatherParts(element) }
        case .object(let entries):
            for entry in entries {
                gatherParts(entry.key)
                gatherParts(entry.value)
            }
        case .call(_, let arguments): for argument in arguments { gatherParts(argument) }
        case .null, .boolean, .number, .string, .arrayComprehension, .setComprehension, .objectComprehension,
            .template:
            break
        }
    }

    func isSafe(_ base: ResolvedReference.Base) -> Bool {
        switch base {
        case .input, .data: return true
        case .variable(let variable): return bound[variable.int]
        case .term(let term): return areBound(term)
        }
    }

    /// Whether all variables of a term outside of closures are bound.
    func areBound(_ term: ResolvedTerm) -> Bool {
        switch term.kind {
        case .variable(let variable): return bound[variable.int]
        case .reference(let reference): return isSafe(reference.base) && reference.parts.allSatisfy { areBound($0) }
        case .array(let elements), .set(let elements): return elements.allSatisfy { areBound($0) }
        case .object(let entries): return entries.allSatisfy { areBound($0.key) && areBound($0.value) }
        case .call(_, let arguments): return arguments.allSatisfy { areBound($0) }
        case .null, .boolean, .number, .string, .arrayComprehension, .setComprehension, .objectComprehension,
            .template:
            return true
        }
    }
}
