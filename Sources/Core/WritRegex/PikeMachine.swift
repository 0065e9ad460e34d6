/// Runs all threads of a program side by side, one character at a time: time is at most text × program, whatever the
/// pattern. The engine of last resort; needs no bound on the text.
///
/// Scratch memory is allocated once and reused.
struct PikeMachine {
    private struct ThreadList {
        /// Instruction numbers in order of priority.
        let dense: UnsafeMutablePointer<UInt32>
        /// Where an instruction is in `dense`, if it is there.
        let sparse: UnsafeMutablePointer<UInt32>
        /// Slots of the threads, a row for each instruction that waits for a character or has matched.
        var rows: UnsafeMutablePointer<Int>
        var count = 0

        init(_ capacity: Int) {
            dense = .allocate(capacity: capacity)
            dense.initialize(repeating: 0, count: capacity)
            sparse = .allocate(capacity: capacity)
            sparse.initialize(repeating: 0, count: capacity)
            rows = .allocate(capacity: 0)
        }

        /// Adds an instruction; false if it was there already.
        @inline(__always)
        mutating func insert(_ pc: UInt32) -> Bool {
            let slot = Int(sparse[Int(pc)])
            if slot < count, dense[slot] == pc { return false }
            sparse[Int(pc)] = UInt32(truncatingIfNeeded: count)
            dense[count] = pc
            count &+= 1
            return true
        }

        func deallocate() {
            dense.deallocate()
            sparse.deallocate()
            rows.deallocate()
        }
    }

    /// What is still to be explored while following empty transitions: an instruction, or (with the top bit) a slot
    /// to set back to `value`.
    private struct Pending {
        var item: UInt32
        var value: Int
    }

    private static let restore: UInt32 = 1 << 31

    private let program: Program
    private var first: ThreadList
    private var second: ThreadList
    private let pending: UnsafeMutablePointer<Pending>
    /// The row number of each instruction that has one.
    private let rowOf: UnsafeMutablePointer<UInt32>
    private let rowCount: Int
    private let slots: UnsafeMutablePointer<Int>
    /// Slots that the rows have room for.
    private var rowWidth = 0
    /// Instructions visited since the machine was made; tests count them.
    private(set) var steps = 0

    init(_ program: Program) {
        self.program = program
        let count = program.instructions.count
        first = ThreadList(count)
        second = ThreadList(count)
        pending = .allocate(capacity: count + 1)
        rowOf = .allocate(capacity: count)
        var rows = 0
        for pc in 0..<count {
            let instruction = program.instructions[pc]
            rowOf[pc] = UInt32(rows)
            if instruction.consumes || instruction.kind == .match { rows += 1 }
        }
        rowCount = rows
        slots = .allocate(capacity: program.slotCount)
        slots.initialize(repeating: -1, count: program.slotCount)
    }

    func deallocate() {
        first.deallocate()
        second.deallocate()
        pending.deallocate()
        rowOf.deallocate()
        slots.deallocate()
    }

    var byteCount: Int {
        program.instructions.count * (16 + 4 + MemoryLayout<Pending>.stride) + 2 * 8 * rowCount * rowWidth
    }

    /// Finds the leftmost-first match in `text[from..<end]`. Assertions see the whole text. Fills `result`, which has
    /// room for `width` slots; with width 0 it only tells whether there is a match.
    mutating func search(
        _ text: UnsafeBufferPointer<UInt8>, from: Int, end: Int, result: UnsafeMutablePointer<Int>, width: Int
    ) -> Bool {
        if program.anchoredAtStart, from > 0 { return false }
        reserve(width)
        var current = first
        var next = second
        var matched = false
        var position = from
        while true {
            if current.count == 0 {
                if matched || (program.anchoredAtStart && position > from) { break }
                if !program.anchoredAtStart {
                    guard let found = program.nextCandidate(text, from: position, end: end) else { break }
                    position = found
                }
            }
            if !matched, !program.anchoredAtStart || position == from {
                for slot in 0..<width { slots[slot] = -1 }
                add(
                    program.start, to: &current, at: position, holding: Assertion.holding(text, position),
                    width: width)
            }
            var scalar: UInt32 = 0
            var size = 0
            var flags: UInt8 = 0
            if position < end {
                let decoded = UTF8Text.decode(text, position)
                scalar = decoded.scalar
                size = decoded.width
                if program.assertions != 0 { flags = Assertion.holding(text, position &+ size) }
            }
            steps &+= current.count
            next.count = 0
            var index = 0
            while index < current.count {
                let pc = current.dense[index]
                index &+= 1
                let instruction = program.instructions[Int(pc)]
                if instruction.consumes {
                    guard size > 0, program.accepts(instruction, scalar) else { continue }
                    let row = current.rows + Int(rowOf[Int(pc)]) &* width
                    for slot in 0..<width { slots[slot] = row[slot] }
                    add(instruction.out, to: &next, at: position &+ size, holding: flags, width: width)
                } else if instruction.kind == .match {
                    matched = true
                    if width == 0 { return true }
                    let row = current.rows + Int(rowOf[Int(pc)]) &* width
                    for slot in 0..<width { result[slot] = row[slot] }
                    // Threads of less priority are of no interest any more.
                    break
                }
            }
            if size == 0 { break }
            position &+= size
            swap(&current, &next)
        }
        return matched
    }

    private mutating func reserve(_ width: Int) {
        guard width > rowWidth else { return }
        rowWidth = width
        first.rows.deallocate()
        second.rows.deallocate()
        first.rows = .allocate(capacity: rowCount * width)
        second.rows = .allocate(capacity: rowCount * width)
    }

    /// Follows empty transitions from `start`, in order of priority.
    @inline(__always)
    private func add(
        _ start: UInt32, to list: inout ThreadList, at position: Int, holding flags: UInt8, width: Int
    ) {
        var depth = 1
        pending[0] = Pending(item: start, value: 0)
        while depth > 0 {
            depth &-= 1
            let top = pending[depth]
            if top.item & Self.restore != 0 {
                slots[Int(top.item & ~Self.restore)] = top.value
                continue
            }
            var pc = top.item
            follow: while list.insert(pc) {
                let instruction = program.instructions[Int(pc)]
                switch instruction.kind {
                case .split:
                    pending[depth] = Pending(item: instruction.argument, value: 0)
                    depth &+= 1
                case .capture:
                    let slot = Int(instruction.argument)
                    if slot < width {
                        pending[depth] = Pending(item: Self.restore | instruction.argument, value: slots[slot])
                        depth &+= 1
                        slots[slot] = position
                    }
                case .assertion:
                    if flags & UInt8(truncatingIfNeeded: instruction.argument) == 0 { break follow }
                default:
                    let row = list.rows + Int(rowOf[Int(pc)]) &* width
                    for slot in 0..<width { row[slot] = slots[slot] }
                    break follow
                }
                pc = instruction.out
            }
        }
    }
}
