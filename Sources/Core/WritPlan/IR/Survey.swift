/// What the statements of one function do with its locals, found before any is raised. Locals go by register.
///
/// Blocks are numbered in the order in which they are met; 0 is the function's own, around all others.
struct Survey {
    private struct Facts {
        /// The innermost block around all mentions; -1 before the first.
        var home: Int32 = -1
        var first: Int32 = -1
        var beginsWritten = false
        /// The innermost scan around all writes: the number of its block, -1 outside of scans.
        var writeScan: Int32 = -1
        var isWritten = false
        var isWrittenInSeveral = false
        var makes: Int32 = 0
        var adds: Int32 = 0
    }

    private var facts: [Facts] = []
    private var blocks: [(parent: Int32, depth: Int32, scan: Int32)] = [(-1, 0, -1)]

    /// Numbers a block inside another one.
    mutating func block(in parent: Int32, isScan: Bool) -> Int32 {
        let number = Int32(truncatingIfNeeded: blocks.count)
        let around = blocks[Int(parent)]
        blocks.append((parent, around.depth + 1, isScan ? number : around.scan))
        return number
    }

    mutating func read(_ register: Local, in block: Int32) { mention(register, block, isWrite: false) }

    mutating func write(_ register: Local, in block: Int32) {
        mention(register, block, isWrite: true)
        let scan = blocks[Int(block)].scan
        if facts[register.int].isWritten {
            if facts[register.int].writeScan != scan { facts[register.int].isWrittenInSeveral = true }
        } else {
            facts[register.int].isWritten = true
            facts[register.int].writeScan = scan
        }
    }

    mutating func make(_ register: Local) { facts[register.int].makes += 1 }

    mutating func add(_ register: Local, in block: Int32) {
        read(register, in: block)
        facts[register.int].adds += 1
    }

    private mutating func mention(_ register: Local, _ block: Int32, isWrite: Bool) {
        while facts.count <= register.int { facts.append(Facts()) }
        if facts[register.int].home < 0 {
            facts[register.int].home = block
            facts[register.int].first = block
            facts[register.int].beginsWritten = isWrite
            return
        }
        var a = facts[register.int].home
        var b = block
        while a != b {
            if blocks[Int(a)].depth >= blocks[Int(b)].depth {
                a = blocks[Int(a)].parent
            } else {
                b = blocks[Int(b)].parent
            }
        }
        facts[register.int].home = a
    }

    // MARK: Answers

    /// Whether the register is added to as a collection.
    func isBuilder(_ register: Local) -> Bool { register.int < facts.count && facts[register.int].adds > 0 }

    /// Whether what a loop's turn writes may be read in a later turn or after the loop.
    ///
    /// It cannot where all mentions are in one block of the turn that begins by writing it.
    func outlivesTurns(_ register: Local) -> Bool {
        guard register.int < facts.count, facts[register.int].isWritten else { return false }
        let facts = facts[register.int]
        let scan = blocks[Int(facts.home)].scan
        if facts.isWrittenInSeveral || facts.writeScan != scan { return true }
        return scan >= 0 && !(facts.beginsWritten && facts.first == facts.home)
    }

    /// How often the register is added to, where it is made once, in this block, and mentioned nowhere else.
    func additions(ofLiteral register: Local, in block: Int32) -> Int? {
        guard register.int < facts.count else { return nil }
        let facts = facts[register.int]
        guard facts.makes == 1, facts.adds > 0, facts.home == block, facts.first == block, facts.beginsWritten else {
            return nil
        }
        return Int(facts.adds)
    }

    func isInScan(_ block: Int32) -> Bool { blocks[Int(block)].scan >= 0 }
}

extension IRStatement.Kind {
    /// Tells the locals that the statement itself reads and then those that it writes, without its blocks'.
    func mentions<E: Error>(
        read: (Int32) throws(E) -> Void, write: (Int32) throws(E) -> Void
    ) throws(E) {
        func operand(_ operand: IROperand) throws(E) {
            if case .local(let local) = operand { try read(local) }
        }
        switch self {
        case .returnLocal(let local), .isDefined(let local), .isUndefined(let local), .addResult(let local):
            try read(local)
        case .call(_, let operands, let result):
            for item in operands { try operand(item) }
            try write(result)
        case .callDynamic(let path, let arguments, let result):
            for item in path { try operand(item) }
            for local in arguments { try read(local) }
            try write(result)
        case .dot(let source, let key, let target):
            try operand(source)
            try operand(key)
            try write(target)
        case .length(let source, let target), .assign(let source, let target):
            try operand(source)
            try write(target)
        case .assignOnce(let source, let target):
            try operand(source)
            try read(target)
            try write(target)
        case .assignInteger(_, let target), .reset(let target), .makeNull(let target), .makeNumber(_, let target),
            .make(_, let target):
            try write(target)
        case .equal(let a, let b), .notEqual(let a, let b):
            try operand(a)
            try operand(b)
        case .isArray(let value), .isObject(let value), .isSet(let value): try operand(value)
        case .add(let value, let target, _):
            try operand(value)
            try read(target)
        case .insert(let key, let value, let target, _):
            try operand(key)
            try operand(value)
            try read(target)
        case .merge(let a, let b, let target):
            try read(a)
            try read(b)
            try write(target)
        case .scan(let source, _, _, _): try read(source)
        case .with(let local, _, let value, _):
            try operand(value)
            try read(local)
            try write(local)
        case .block, .not, .leave, .nothing: break
        }
    }
}
