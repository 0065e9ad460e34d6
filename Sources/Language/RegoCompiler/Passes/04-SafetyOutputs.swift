import RegoSyntax
import WritSource

/// Which variables an expression binds once others are bound.
extension Safety {
    /// Gathers into `outputs` what an atom binds at this point; `scans` tells whether by iterating.
    mutating func findOutputs(_ atom: Atom) {
        outputs.removeAll(keepingCapacity: true)
        scans = false
        let expression = atom.expression
        // Values of `with` come first.
        for item in expression.with {
            if case .term(let value) = item.replacement, !areBound(value) { return }
        }
        beginGathering()
        switch expression.kind {
        case .term(let term):
            gatherScanned(term)
            takeScanned()
        case .unify(let left, let right):
            gatherScanned(left)
            gatherScanned(right)
            unifyAfterScan(left, right, isAssignment: expression.style.contains(.assignment))
        case .member(let key, let value, let collection):
            gatherScanned(value)
            gatherScanned(collection)
            let isSafe = isCollectionSafe(collection)
            if let key, isSafe { gatherAll(key) }
            takeScanned()
            guard isSafe else { return }
            switch value.kind {
            case .variable, .array, .object:
                gatherPattern(value)
                for variable in found where !bound[Int(variable)] && !outputs.contains(variable) {
                    outputs.append(variable)
                }
            default: break
            }
        case .every(_, _, let domain, _):
            gatherScanned(domain)
            takeScanned()
        case .not, .and, .or, .print: break
        }
    }

    private func isCollectionSafe(_ collection: ResolvedTerm) -> Bool {
        if case .reference(let reference) = collection.kind { return isSafe(reference.base) }
        return areBound(collection)
    }

    private mutating func gatherAll(_ term: ResolvedTerm) {
        let closure = hasClosure
        gather(term)
        hasClosure = closure
    }

    /// What was gathered as scanned and is not bound yet is output.
    private mutating func takeScanned() {
        for variable in found where !bound[Int(variable)] {
            outputs.append(variable)
            scans = true
        }
    }

    private mutating func unifyAfterScan(_ left: ResolvedTerm, _ right: ResolvedTerm, isAssignment: Bool) {
        takeScanned()
        let scanned = outputs.count
        for variable in outputs { bound[Int(variable)] = true }
        unknown.removeAll(keepingCapacity: true)
        unify(left, right)
        for variable in outputs { bound[Int(variable)] = false }
        guard isAssignment, outputs.count > scanned else { return }
        // The right side of `:=` is never bound by the left one.
        beginGathering()
        gatherPattern(left)
        var kept = scanned
        for index in scanned..<outputs.count where marks[Int(outputs[index])] == generation {
            outputs[kept] = outputs[index]
            kept += 1
        }
        outputs.removeLast(outputs.count - kept)
    }

    // MARK: Unification

    /// Follows OPA's unifier: `outputs` gains what is bound, `unknown` holds what waits for others.
    private mutating func unify(_ a: ResolvedTerm, _ b: ResolvedTerm) {
        switch (a.kind, b.kind) {
        case (.variable(let left), .variable(let right)):
            if bound[right.int] {
                markSafe(left.index)
            } else if bound[left.int] {
                markSafe(right.index)
            } else {
                wait(left.index, for: right.index)
                wait(right.index, for: left.index)
            }
        case (.variable(let variable), .array), (.variable(let variable), .object): unifyAll(variable, b)
        case (.array, .variable(let variable)), (.object, .variable(let variable)): unifyAll(variable, a)
        case (.variable(let variable), .reference(let reference)), (.reference(let reference), .variable(let variable)):
            if isSafe(reference.base) { markSafe(variable.index) }
        case (.variable(let variable), .call), (.call, .variable(let variable)):
            if areBound(a.isCall ? a : b) { markSafe(variable.index) }
        case (.variable(let variable), _), (_, .variable(let variable)): markSafe(variable.index)
        case (.reference(let reference), .array), (.reference(let reference), .object):
            if isSafe(reference.base) { markPattern(b) }
        case (.array, .reference(let reference)), (.object, .reference(let reference)):
            if isSafe(reference.base) { markPattern(a) }
        case (.call, .array), (.call, .object): if areBound(a) { markPattern(b) }
        case (.array, .call), (.object, .call): if areBound(b) { markPattern(a) }
        case (.arrayComprehension, .array), (.objectComprehension, .object): markPattern(b)
        case (.array, .arrayComprehension), (.array, .objectComprehension), (.array, .setComprehension):
            markPattern(a)
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return }
            for index in left.indices { unify(left[index], right[index]) }
        case (.object(let left), .object(let right)):
            guard left.count == right.count else { return }
            for entry in left {
                for other in right where Self.isSameKey(entry.key, other.key) { unify(entry.value, other.value) }
            }
        default: break
        }
    }

    private static func isSameKey(_ a: ResolvedTerm, _ b: ResolvedTerm) -> Bool {
        switch (a.kind, b.kind) {
        case (.string(let left), .string(let right)), (.number(let left), .number(let right)): return left == right
        case (.boolean(let left), .boolean(let right)): return left == right
        case (.null, .null): return true
        case (.variable(let left), .variable(let right)): return left == right
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return false }
            for index in left.indices where !isSameKey(left[index], right[index]) { return false }
            return true
        default: return false
        }
    }

    private mutating func unifyAll(_ variable: Variable, _ pattern: ResolvedTerm) {
        if bound[variable.int] { return markPattern(pattern) }
        let unbound = patternVariables(pattern)
        if unbound.isEmpty {
            markSafe(variable.index)
        } else {
            for other in unbound { wait(variable.index, for: other) }
        }
    }

    private mutating func markPattern(_ pattern: ResolvedTerm) {
        for variable in patternVariables(pattern) { markSafe(variable) }
    }

    /// The variables of a pattern that are not bound.
    private mutating func patternVariables(_ pattern: ResolvedTerm) -> [Int32] {
        beginGathering()
        gatherPattern(pattern)
        return found.filter { !bound[Int($0)] }
    }

    private mutating func wait(_ variable: Int32, for other: Int32) {
        unknown[variable, default: []].append(other)
    }

    private mutating func markSafe(_ variable: Int32) {
        var pending = [variable]
        while let next = pending.popLast() {
            guard !bound[Int(next)] else { continue }
            bound[Int(next)] = true
            outputs.append(next)
            guard !unknown.isEmpty else { continue }
            if let others = unknown.removeValue(forKey: next) { pending += others }
            for (waiting, others) in unknown where others.contains(next) {
                let rest = others.filter { $0 != next }
                if rest.isEmpty {
                    unknown.removeValue(forKey: waiting)
                    pending.append(waiting)
                } else {
                    unknown[waiting] = rest
                }
            }
        }
    }
}

extension ResolvedTerm {
    var isCall: Bool { if case .call = kind { true } else { false } }
}
