/// Tries the ways through a program depth first, but never twice from the same instruction at the same position, so
/// that time is at most text × program. Faster than the Pike machine, for windows small enough for its bit map.
///
/// The map is of junctions only: an instruction that follows one other is not met twice at a position where that one
/// is not.
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
    private var visited: UnsafeMutablePointer<UInt64>
    private var words = 0
    private var jobs: UnsafeMutablePointer<Job>
    private var jobCapacity = 0
    /// Instructions executed since the machine was made; tests count them.
    private(set) var steps = 0

    init(_ program: Program) {
        self.program = program
        visited = .allocate(capacity: 0)
        jobs = .allocate(capacity: 0)
    }

    func deallocate() {
        visited.deallocate()
        jobs.deallocate()
    }

    var byteCount: Int { words * 8 + jobCapacity * MemoryLayout<Job>.stride }

    /// Whether a window of that many bytes is small enough.
    static func fits(_ program: Program, _ length: Int) -> Bool {
        length < maxBits && (length + 1) * program.junctionCount <= maxBits
    }

    /// Finds the leftmost-first match in `text[from..<end]`, which must fit. Assertions see the whole text. Fills
    /// the `width` slots of `result`.
    mutating func search(
        _ text: UnsafeBufferPointer<UInt8>, from: Int, end: Int, result: UnsafeMutablePointer<Int>, width: Int
    ) -> Bool {
        if program.anchoredAtStart, from > 0 { return false }
        let columns = end - from + 1
        reserve(columns * program.junctionCount)
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

    /// Clears room for so many bits. There is a job for at most each bit, and one for where the search begins.
    private mutating func reserve(_ bits: Int) {
        let needed = (bits + 63) / 64
        if needed > words {
            visited.deallocate()
            words = max(needed, 2 * words)
            visited = .allocate(capacity: words)
        }
        visited.initialize(repeating: 0, count: needed)
        if jobCapacity == 0 {
            jobs.deallocate()
            jobCapacity = 64
            jobs = .allocate(capacity: jobCapacity)
        }
    }

    private mutating func growJobs() {
        let larger = UnsafeMutablePointer<Job>.allocate(capacity: 2 * jobCapacity)
        larger.initialize(from: jobs, count: jobCapacity)
        jobs.deallocate()
        jobs = larger
        jobCapacity *= 2
    }

    private mutating func run(
        _ text: UnsafeBufferPointer<UInt8>, at start: Int, from: Int, end: Int, columns: Int,
        result: UnsafeMutablePointer<Int>, width: Int
    ) -> Bool {
        let instructions = program.instructions
        let visited = visited
        var count = 1
        var executed = 0
        defer { steps &+= executed }
        for slot in 0..<width { result[slot] = -1 }
        jobs[0] = Job(item: program.start, position: start)
        while count > 0 {
            count &-= 1
            let job = jobs[count]
            if job.item & Self.restore != 0 {
                result[Int(job.item & ~Self.restore)] = job.position
                continue
            }
            var pc = Int(job.item)
            var position = job.position
            follow: while true {
                let instruction = instructions[pc]
                if instruction.junction != 0 {
                    let bit = Int(instruction.junction &- 1) &* columns &+ (position &- from)
                    let mask: UInt64 = 1 &<< UInt64(truncatingIfNeeded: bit & 63)
                    if visited[bit &>> 6] & mask != 0 { break }
                    visited[bit &>> 6] |= mask
                }
                executed &+= 1
                // Each turn adds one job at most.
                if count == jobCapacity { growJobs() }
                switch instruction.kind {
                case .match:
                    return true
                case .split:
                    jobs[count] = Job(item: instruction.argument, position: position)
                    count &+= 1
                case .capture:
                    let slot = Int(instruction.argument)
                    if slot < width {
                        // Where there is no other way left, nobody needs what was there before.
                        if count > 0 {
                            jobs[count] = Job(item: Self.restore | instruction.argument, position: result[slot])
                            count &+= 1
                        }
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
