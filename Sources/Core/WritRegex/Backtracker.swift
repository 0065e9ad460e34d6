/// Tries the ways through a program depth first, but never twice from the same instruction at the same position, so
/// that time is at most text × program. Faster than the Pike machine, for windows small enough for its bit map.
struct Backtracker {
    /// Bits of the map: 32 KiB.
    static let maxBits = 1 << 18

    private struct Job {
        /// An instruction, or with the top bit a slot to set back to `position`.
        var item: UInt32
        var position: Int
    }

    private static let restore: UInt32 = 1 << 31

    private let program: Program
    private var visited: [UInt64] = []
    private var jobs: [Job] = []
    /// Instructions executed since the machine was made; tests count them.
    private(set) var steps = 0

    init(_ program: Program) {
        self.program = program
    }

    var byteCount: Int { visited.capacity * 8 + jobs.capacity * MemoryLayout<Job>.stride }

    /// Whether a window of that many bytes is small enough.
    static func fits(_ program: Program, _ length: Int) -> Bool {
        length < maxBits && (length + 1) * program.instructions.count <= maxBits
    }

    /// Finds the leftmost-first match in `text[from..<end]`, which must fit. Assertions see the whole text. Fills
    /// the `width` slots of `result`.
    mutating func search(
        _ text: UnsafeBufferPointer<UInt8>, from: Int, end: Int, result: UnsafeMutablePointer<Int>, width: Int
    ) -> Bool {
        if program.anchoredAtStart, from > 0 { return false }
        let columns = end - from + 1
        let words = (columns * program.instructions.count + 63) / 64
        if visited.count < words {
            visited.append(contentsOf: repeatElement(0, count: words - visited.count))
        }
        for word in 0..<words { visited[word] = 0 }
        for slot in 0..<width { result[slot] = -1 }
        var position = from
        while position <= end {
            if !program.anchoredAtStart {
                guard let found = program.nextCandidate(text, from: position, end: end) else { return false }
                position = found
            }
            if run(text, at: position, from: from, end: end, columns: columns, result: result, width: width) {
                return true
            }
            if program.anchoredAtStart || position == end { break }
            position += UTF8Text.decode(text, position).width
        }
        return false
    }

    private mutating func run(
        _ text: UnsafeBufferPointer<UInt8>, at start: Int, from: Int, end: Int, columns: Int,
        result: UnsafeMutablePointer<Int>, width: Int
    ) -> Bool {
        jobs.removeAll(keepingCapacity: true)
        jobs.append(Job(item: program.start, position: start))
        while let job = jobs.popLast() {
            if job.item & Self.restore != 0 {
                result[Int(job.item & ~Self.restore)] = job.position
                continue
            }
            var pc = Int(job.item)
            var position = job.position
            follow: while true {
                let bit = pc &* columns &+ (position &- from)
                let mask: UInt64 = 1 &<< UInt64(truncatingIfNeeded: bit & 63)
                if visited[bit &>> 6] & mask != 0 { break }
                visited[bit &>> 6] |= mask
                steps &+= 1
                let instruction = program.instructions[pc]
                switch instruction.kind {
                case .match:
                    return true
                case .split:
                    jobs.append(Job(item: instruction.argument, position: position))
                case .capture:
                    let slot = Int(instruction.argument)
                    if slot < width {
                        jobs.append(Job(item: Self.restore | instruction.argument, position: result[slot]))
                        result[slot] = position
                    }
                case .assertion:
                    let wanted = UInt8(truncatingIfNeeded: instruction.argument)
                    if Assertion.holding(text, position) & wanted == 0 { break follow }
                default:
                    guard position < end else { break follow }
                    let (scalar, size) = UTF8Text.decode(text, position)
                    guard program.accepts(instruction, scalar) else { break follow }
                    position &+= size
                }
                pc = Int(instruction.out)
            }
        }
        return false
    }
}
