/// An engine for anchored patterns that leave one way at each byte, as most patterns of paths and names do: it fills
/// the groups while it reads, without trying anything twice.
///
/// It reads ASCII only; a text with more goes to another engine.
struct OnePass {
    enum Outcome {
        case noMatch
        case match
        /// The text is not all ASCII.
        case unknown
    }

    /// What a position between two characters can do: the ways on are in `table`.
    private struct Node {
        /// The slots to set when the pattern matches here; nil if it does not.
        var match: Action?
        /// Whether it only matches at the end of the text.
        var matchesAtEndOnly = false
    }

    /// A range of `slots`: those that are set to the position.
    private struct Action {
        var start: UInt16
        var count: UInt16
    }

    /// A way on: to a node, by way of some slots. `next` is a node's number plus one, 0 for none.
    private struct Way {
        var next: UInt16 = 0
        var action = Action(start: 0, count: 0)
    }

    private static let maxInstructions = 256
    private static let maxCells = 1 << 12

    private let nodes: [Node]
    private let slots: [UInt16]
    private let columns: Int
    private let column: UnsafeMutablePointer<UInt8>
    private let table: UnsafeMutablePointer<Way>

    /// Nil for a pattern that leaves more than one way, looks around, or is large.
    init?(_ program: Program) {
        guard program.anchoredAtStart, program.instructions.count <= Self.maxInstructions else { return nil }
        var builder = Builder(program)
        guard builder.build(maxCells: Self.maxCells) else { return nil }
        nodes = builder.nodes
        slots = builder.slots
        columns = builder.samples.count
        column = .allocate(capacity: 128)
        for byte in 0..<128 { column[byte] = builder.column[byte] }
        table = .allocate(capacity: builder.cells.count)
        for (index, way) in builder.cells.enumerated() { (table + index).initialize(to: way) }
    }

    func deallocate() {
        column.deallocate()
        table.deallocate()
    }

    var byteCount: Int { nodes.count * (columns + 1) * MemoryLayout<Way>.stride + slots.count * 2 + 256 }

    /// Finds the match, which begins at the beginning of the text, and fills `width` slots of `result`.
    func search(_ text: UnsafeBufferPointer<UInt8>, result: UnsafeMutablePointer<Int>, width: Int) -> Outcome {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: width) { current in
            for slot in 0..<width { current[slot] = -1 }
            var found = false
            var node = 0
            var position = 0
            while true {
                if let match = nodes[node].match, !nodes[node].matchesAtEndOnly || position == text.count {
                    found = true
                    for slot in 0..<width { result[slot] = current[slot] }
                    set(match, position, result, width)
                }
                guard position < text.count else { break }
                let byte = text[position]
                guard byte < 128 else { return .unknown }
                let way = table[node &* columns &+ Int(column[Int(byte)])]
                guard way.next != 0 else { break }
                if way.action.count != 0, let base = current.baseAddress { set(way.action, position, base, width) }
                node = Int(way.next) &- 1
                position &+= 1
            }
            return found ? .match : .noMatch
        }
    }

    @inline(__always)
    private func set(_ action: Action, _ position: Int, _ values: UnsafeMutablePointer<Int>, _ width: Int) {
        for index in Int(action.start)..<Int(action.start) &+ Int(action.count) where Int(slots[index]) < width {
            values[Int(slots[index])] = position
        }
    }

    // MARK: Making it

    private struct Builder {
        private let program: Program
        private(set) var nodes: [Node] = []
        private(set) var slots: [UInt16] = []
        private(set) var cells: [Way] = []
        /// A byte of each column, and the column of each byte.
        private(set) var samples: [UInt8] = []
        private(set) var column = [UInt8](repeating: 0, count: 128)
        /// The instructions that nodes begin with, and the nodes by them.
        private var starts: [UInt32] = []
        private var nodeOf: [Int]

        init(_ program: Program) {
            self.program = program
            nodeOf = [Int](repeating: -1, count: program.instructions.count)
            sortBytes()
        }

        /// Bytes that every class treats alike share a column.
        private mutating func sortBytes() {
            let consuming = program.instructions.filter { $0.consumes }
            for byte in 0..<UInt32(128) {
                if byte > 0, consuming.allSatisfy({ program.accepts($0, byte) == program.accepts($0, byte - 1) }) {
                    column[Int(byte)] = column[Int(byte) - 1]
                } else {
                    column[Int(byte)] = UInt8(samples.count)
                    samples.append(UInt8(byte))
                }
            }
        }

        mutating func build(maxCells: Int) -> Bool {
            _ = node(program.start)
            while nodes.count < starts.count {
                guard (nodes.count + 1) * samples.count <= maxCells, expand(starts[nodes.count]) else { return false }
            }
            return true
        }

        private mutating func node(_ pc: UInt32) -> Int {
            if nodeOf[Int(pc)] < 0 {
                nodeOf[Int(pc)] = starts.count
                starts.append(pc)
            }
            return nodeOf[Int(pc)]
        }

        /// Follows all ways from an instruction in order of priority. False if a byte leaves more than one.
        private mutating func expand(_ start: UInt32) -> Bool {
            let isFirst = nodes.isEmpty
            let row = cells.count
            cells.append(contentsOf: repeatElement(Way(), count: samples.count))
            var node = Node()
            var seen = [Bool](repeating: false, count: program.instructions.count)
            var pending: [(pc: UInt32, slots: [UInt16], atEnd: Bool)] = [(start, [], false)]
            while let (pc, set, atEnd) = pending.popLast() {
                // Reached in two ways, or anything beside a match that is certain.
                if seen[Int(pc)] { return false }
                seen[Int(pc)] = true
                let instruction = program.instructions[Int(pc)]
                switch instruction.kind {
                case .match:
                    if node.match != nil { return false }
                    node.match = action(set)
                    node.matchesAtEndOnly = atEnd
                    // What has less priority counts for nothing.
                    if !atEnd { pending.removeAll() }
                case .split:
                    pending.append((instruction.argument, set, atEnd))
                    pending.append((instruction.out, set, atEnd))
                case .capture:
                    pending.append((instruction.out, set + [UInt16(truncatingIfNeeded: instruction.argument)], atEnd))
                case .assertion:
                    switch UInt8(truncatingIfNeeded: instruction.argument) {
                    case Assertion.beginText:
                        if isFirst { pending.append((instruction.out, set, atEnd)) }
                    case Assertion.endText: pending.append((instruction.out, set, true))
                    default: return false
                    }
                default:
                    // Nothing can be read behind the end.
                    guard !atEnd else { continue }
                    // The first node is the beginning of the text, where no way leads back to.
                    if instruction.out == program.start { return false }
                    let way = Way(
                        next: UInt16(self.node(instruction.out) + 1), action: action(set))
                    for (index, byte) in samples.enumerated() where program.accepts(instruction, UInt32(byte)) {
                        if cells[row + index].next != 0 { return false }
                        cells[row + index] = way
                    }
                }
            }
            nodes.append(node)
            return slots.count < 1 << 15
        }

        private mutating func action(_ set: [UInt16]) -> Action {
            let start = UInt16(truncatingIfNeeded: slots.count)
            slots += set
            return Action(start: start, count: UInt16(truncatingIfNeeded: set.count))
        }
    }
}
