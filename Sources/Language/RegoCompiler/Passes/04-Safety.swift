import RegoSyntax
import WritSource

/// Pass 4: orders the expressions of bodies so that every variable is bound before it is needed, and reports the
/// variables that nothing binds.
///
/// The written order stays wherever it is safe.
struct Safety {
    var names: NameTable
    let generatedName: Name
    let equal: Int?
    var errors: StagedErrors
    /// Names of the present rule's variables.
    var variables: [Name] = []
    /// The present rule's name if another rule begins on its row; messages name it then.
    var neighbor = ""
    var bound: [Bool] = []
    /// The order in which variables were bound, to undo it.
    var trail: [Int32] = []
    /// When each variable was bound last, and the number of bindings so far.
    var boundAt: [Int32] = []
    var bindings: Int32 = 0
    /// Stamps of `gather`, whose result is `found`.
    var marks: [UInt32] = []
    var generation: UInt32 = 0
    var found: [Int32] = []
    var hasClosure = false
    /// What `findOutputs` found.
    var outputs: [Int32] = []
    var scans = false
    /// Variables that a unification binds once the others are bound.
    var unknown: [Int32: [Int32]] = [:]
    var nextOrigin: Int32 = 0
    /// Generated variables whose calls fail for unsafe heads of references only.
    var excused: Set<Int32> = []
    /// Variables that nothing binds, with the place of the expression that needs them.
    var unsafe: [(variable: Int32, span: Span)] = []

    init(names: NameTable, generatedName: Name, equal: Int?, errors: StagedErrors) {
        self.names = names
        self.generatedName = generatedName
        self.equal = equal
        self.errors = errors
    }

    mutating func begin(_ variables: [Name]) {
        self.variables = variables
        bound.removeAll(keepingCapacity: true)
        bound.append(contentsOf: repeatElement(false, count: variables.count))
        marks.removeAll(keepingCapacity: true)
        marks.append(contentsOf: repeatElement(0, count: variables.count))
        boundAt.removeAll(keepingCapacity: true)
        boundAt.append(contentsOf: repeatElement(0, count: variables.count))
        bindings = 0
        generation = 0
        trail.removeAll(keepingCapacity: true)
        unsafe.removeAll(keepingCapacity: true)
        if !excused.isEmpty { excused.removeAll() }
        nextOrigin = 0
    }

    mutating func setBound(_ variable: Int32) {
        guard !bound[Int(variable)] else { return }
        bound[Int(variable)] = true
        bindings &+= 1
        boundAt[Int(variable)] = bindings
        trail.append(variable)
    }

    mutating func undo(to mark: Int) {
        while trail.count > mark, let variable = trail.popLast() { bound[Int(variable)] = false }
    }

    // MARK: Ordering

    /// Orders atoms under the variables bound now, and treats their closures. What is bound stays as it was.
    /// The result are the numbers of the atoms in order; those that are never safe are missing.
    mutating func order(_ atoms: inout [Atom]) -> [Int] {
        var hasClosures = false
        var hasPrints = false
        for index in atoms.indices {
            beginGathering()
            hasClosure = false
            gather(atoms[index].expression)
            atoms[index].variables = found
            // Inside of a term only the walk for closures finds what hides in them.
            atoms[index].hasClosure = hasClosure
            if hasClosure { hasClosures = true }
            if case .print = atoms[index].expression.kind { hasPrints = true }
        }
        if hasClosures { findClosed(&atoms) }
        if hasPrints { checkPrints(atoms) }
        let mark = trail.count
        var order: [Int] = []
        order.reserveCapacity(atoms.count)
        var left: [Int] = []
        for index in atoms.indices {
            if place(&atoms[index]) { order.append(index) } else { left.append(index) }
        }
        if !left.isEmpty { placeLate(&left, &atoms, &order) }
        for index in left { reportUnsafe(atoms[index]) }
        if hasClosures {
            undo(to: mark)
            for index in order {
                if atoms[index].hasClosure { treatClosures(&atoms[index]) }
                for variable in atoms[index].variables { setBound(variable) }
            }
        }
        undo(to: mark)
        return order
    }

    /// Places what could not be placed where it stands: round after round over what is left, in its order. An atom has its
    /// turn only when one of its variables was bound since the last one, so that long chains written backwards take
    /// no longer than others.
    private mutating func placeLate(_ left: inout [Int], _ atoms: inout [Atom], _ order: inout [Int]) {
        var users: [Int32: [Int]] = [:]
        for index in left {
            for variable in atoms[index].variables where !bound[Int(variable)] {
                users[variable, default: []].append(index)
            }
            for variable in atoms[index].closed where !bound[Int(variable)] {
                users[variable, default: []].append(index)
            }
        }
        var isPlaced = [Bool](repeating: true, count: atoms.count)
        for index in left { isPlaced[index] = false }
        var isQueued = isPlaced.map { !$0 }
        var now = IndexQueue(left)
        var next = IndexQueue([])
        var seen = trail.count
        while let index = now.popFirst() {
            isQueued[index] = false
            if place(&atoms[index]) {
                isPlaced[index] = true
                order.append(index)
                for variable in trail[seen...] {
                    for user in users[variable] ?? [] where !isPlaced[user] && !isQueued[user] {
                        isQueued[user] = true
                        if user > index { now.insert(user) } else { next.insert(user) }
                    }
                }
                seen = trail.count
            }
            if now.isEmpty { swap(&now, &next) }
        }
        left.removeAll { isPlaced[$0] }
    }

    /// Finds for every atom the variables that its closures share with the body around them.
    private mutating func findClosed(_ atoms: inout [Atom]) {
        var isOutside = [Bool](repeating: false, count: bound.count)
        for atom in atoms { for variable in atom.variables { isOutside[Int(variable)] = true } }
        for index in atoms.indices where atoms[index].hasClosure {
            beginGathering()
            gatherClosed(atoms[index].expression, isInside: false)
            atoms[index].closed = found.filter { isOutside[Int($0)] && !bound[Int($0)] }
        }
    }

    /// Tries to place an atom next; binds what it binds.
    private mutating func place(_ atom: inout Atom) -> Bool {
        var isReady = true
        for variable in atom.variables where !bound[Int(variable)] {
            isReady = false
            break
        }
        if isReady { for variable in atom.closed where !bound[Int(variable)] { isReady = false } }
        if isReady { return true }
        // What did not fit before does not fit now unless one of its variables was bound since.
        if atom.triedAt >= 0, !wasBound(since: atom.triedAt, atom) { return false }
        atom.triedAt = bindings
        findOutputs(atom)
        if !atom.closed.isEmpty {
            let open = atom.closed.filter { !bound[Int($0)] }
            // It would close over just what it binds itself.
            if !open.isEmpty, open.count == outputs.count, open.allSatisfy({ outputs.contains($0) }) { return false }
        }
        beginGathering()
        for variable in outputs { marks[Int(variable)] = generation }
        for variable in atom.variables where !bound[Int(variable)] && marks[Int(variable)] != generation {
            return false
        }
        for variable in atom.closed where !bound[Int(variable)] && marks[Int(variable)] != generation { return false }
        atom.scans = scans
        for variable in outputs { setBound(variable) }
        return true
    }

    private func wasBound(since time: Int32, _ atom: Atom) -> Bool {
        for variable in atom.variables where bound[Int(variable)] && boundAt[Int(variable)] > time { return true }
        for variable in atom.closed where bound[Int(variable)] && boundAt[Int(variable)] > time { return true }
        return false
    }

    private mutating func reportUnsafe(_ atom: Atom) {
        findOutputs(atom)
        var own = outputs
        let open = atom.closed.filter { !bound[Int($0)] }
        if !open.isEmpty, open.count == own.count, open.allSatisfy({ own.contains($0) }) { own = [] }
        own += excusedOutputs(atom)
        for variable in atom.variables + atom.closed where !bound[Int(variable)] && !own.contains(variable) {
            unsafe.append((variable, atom.expression.span))
        }
    }

    /// What a call would bind if only heads of references in its operands were bound: that the head is unsafe is
    /// told, that the output is so too goes without saying.
    private mutating func excusedOutputs(_ atom: Atom) -> [Int32] {
        guard case .unify(let left, let right) = atom.expression.kind else { return [] }
        for item in atom.expression.with {
            if case .term(let value) = item.replacement, !areBound(value) { return [] }
        }
        if case .variable(let variable) = right.kind, excused.contains(variable.index) {
            return atom.variables
        }
        if atom.generated >= 0, case .template = right.kind {
            excused.insert(atom.generated)
            return [atom.generated]
        }
        let output: ResolvedTerm
        let call: ResolvedTerm
        if atom.generated >= 0, right.isCall {
            (output, call) = (left, right)
        } else if atom.expression.style.contains(.outputOperand) {
            (output, call) = (right, left)
        } else {
            return []
        }
        guard case .call(_, let arguments) = call.kind else { return [] }
        beginGathering()
        for argument in arguments { gatherOperand(argument) }
        guard found.allSatisfy({ bound[Int($0)] }) else { return [] }
        if atom.generated >= 0 { excused.insert(atom.generated) }
        beginGathering()
        gatherPattern(output)
        return found
    }

    /// Operands of `print` may only use what expressions before it bind.
    private mutating func checkPrints(_ atoms: [Atom]) {
        let mark = trail.count
        for atom in atoms {
            if case .print(let parts) = atom.expression.kind {
                for part in parts {
                    guard case .expression(let term, _) = part else { continue }
                    beginGathering()
                    gather(term)
                    for variable in found where !bound[Int(variable)] && variables[Int(variable)] != generatedName {
                        errors.add(.prints, .regoCompileError, "var \(text(variable)) is undeclared", at: term.span)
                    }
                }
            } else {
                findOutputs(atom)
                for variable in outputs { setBound(variable) }
            }
        }
        undo(to: mark)
    }

    /// Variables that the compiler made, or that pass for such.
    func isGenerated(_ variable: Int32) -> Bool {
        let name = variables[Int(variable)]
        return name == generatedName || names[name].starts(with: Array("__local".utf8))
    }

    func text(_ variable: Int32) -> String {
        let name = variables[Int(variable)]
        return names.isWildcard(name) ? "_" : names.text(name)
    }

    // MARK: Reporting

    /// Reports what was found unsafe in one body with all that is inside: each variable once, at its first place.
    mutating func reportUnsafe() {
        guard !unsafe.isEmpty else { return }
        var first: [(variable: Int32, span: Span)] = []
        var numbers: [Int32: Int] = [:]
        for item in unsafe {
            if let index = numbers[item.variable] {
                if item.span.start < first[index].span.start { first[index].span = item.span }
            } else {
                numbers[item.variable] = first.count
                first.append(item)
            }
        }
        var reported = false
        for (variable, span) in first where !isGenerated(variable) {
            errors.add(.safetyOfBodies, .regoUnsafeVarError, unsafeMessage(variable), at: span)
            reported = true
        }
        if !reported {
            var places: Set<Span> = []
            for (_, span) in first where places.insert(span).inserted {
                errors.add(.safetyOfBodies, .regoUnsafeVarError, "expression is unsafe", at: span)
            }
        }
        unsafe.removeAll(keepingCapacity: true)
    }

    func unsafeMessage(_ variable: Int32) -> String {
        let name = variables[Int(variable)]
        let text = text(variable)
        if !neighbor.isEmpty { return "var \(text) is unsafe in rule \(neighbor)" }
        let keywords: [Name] = [.in, .every, .contains, .if, .not, .and, .or]
        if keywords.contains(name) {
            return "var \(text) is unsafe (hint: `import future.keywords.\(text)` to import a future keyword)"
        }
        return "var \(text) is unsafe"
    }
}
