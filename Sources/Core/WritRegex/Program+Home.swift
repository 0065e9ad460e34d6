extension Program {
    /// Whether threads that have read something can be told from those that begin by the instructions they wait at:
    /// each has, beside it, one that waits where none that begins does.
    ///
    /// False also where finding out would take long.
    var knowsHome: Bool {
        guard !anchoredAtStart else { return false }
        var search = HomeSearch(self)
        return search.run()
    }
}

private struct HomeSearch {
    private let program: Program
    /// The round in which an instruction was last visited; the first is that of the threads that begin.
    private var visited: [UInt32]
    private var isBeginning: [Bool]
    private var round: UInt32 = 0
    private var pending: [UInt32] = []
    private var workLeft: Int

    init(_ program: Program) {
        self.program = program
        let count = program.instructions.count
        visited = [UInt32](repeating: 0, count: count)
        isBeginning = [Bool](repeating: false, count: count)
        workLeft = 1_000 + 16 * count
    }

    mutating func run() -> Bool {
        _ = finds(from: program.start, isStart: true)
        for instruction in program.instructions where instruction.consumes {
            guard finds(from: instruction.out, isStart: false) else { return false }
        }
        return true
    }

    /// Visits the instructions at which threads wait that come from one without reading: marks them (`isStart`), or
    /// looks for one that is not marked.
    ///
    /// An assertion that needs the next byte is waited at. One that looks behind may hold or not.
    private mutating func finds(from start: UInt32, isStart: Bool) -> Bool {
        round += 1
        pending.removeAll(keepingCapacity: true)
        pending.append(start)
        while let pc = pending.popLast(), workLeft > 0 {
            workLeft -= 1
            if visited[Int(pc)] == round { continue }
            visited[Int(pc)] = round
            let instruction = program.instructions[Int(pc)]
            var waits = true
            switch instruction.kind {
            case .split:
                pending.append(instruction.argument)
                pending.append(instruction.out)
                waits = false
            case .capture:
                pending.append(instruction.out)
                waits = false
            case .assertion:
                if isStart { pending.append(instruction.out) }
                waits = isStart || UInt8(truncatingIfNeeded: instruction.argument) & Assertion.behind == 0
            default: break
            }
            guard waits else { continue }
            if isStart { isBeginning[Int(pc)] = true } else if !isBeginning[Int(pc)] { return true }
        }
        return false
    }
}
