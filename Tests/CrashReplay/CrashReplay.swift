import Glibc
import WritFiles

/// The states that a disk may be in after the power went at some place of a recording.
public struct CrashReplay {
    private let operations: [FileOperation]
    private let root: String
    /// Places with no more unsynced changes are looked at in every combination of them; others by the plain ones (none,
    /// all, one, all but one, what came first, what came last) and some at random.
    public var exhaustive = 8
    public var randomStates = 8
    public var seed: UInt64 = 1

    /// `root` is the folder that was there before.
    public init(_ trace: FileTrace, root: String) {
        operations = trace.operations
        self.root = root
    }

    /// One such state.
    public struct State {
        public let image: DiskImage
        /// The marks that were set before the power went.
        public let marks: [Int]
        /// For messages: how many operations had been done, and which unsynced ones of them reached the disk.
        public let text: String
    }

    /// Calls `body` with each state once, and gives how many there were.
    @discardableResult
    public func forEachState(_ body: (State) async throws -> Void) async rethrows -> Int {
        var model = DiskModel()
        var marks: [Int] = []
        var seen: Set<Int> = []
        var chance = Chance(state: seed)
        for index in 0...operations.count {
            if index > 0 {
                if case .mark(let mark) = operations[index - 1] { marks.append(mark) }
                model.apply(operations[index - 1], index - 1)
            }
            for choice in choices(model, &chance) {
                let image = model.image(choice, below: root)
                var hasher = Hasher()
                hasher.combine(image)
                hasher.combine(marks.count)
                guard seen.insert(hasher.finalize()).inserted else { continue }
                let shown = choice.sorted { $0.key < $1.key }.map { place, mask in
                    "\(model.entries[place].index)\(mask == .max ? "" : "/\(String(mask, radix: 2))")"
                }
                let pending = model.pending.map { "\(model.entries[$0].index)" }
                try await body(
                    State(
                        image: image, marks: marks,
                        text: "after \(index) operations, of \(pending) unsynced: \(shown)"))
            }
        }
        return seen.count
    }

    /// The operations, a line each, for messages.
    public var text: String {
        operations.enumerated().map { index, operation in
            switch operation {
            case .write(let file, let offset, let bytes): "\(index) write \(file) at \(offset): \(bytes.count) bytes"
            default: "\(index) \(operation)"
            }
        }.joined(separator: "\n")
    }

    private func choices(_ model: DiskModel, _ chance: inout Chance) -> [[Int: UInt64]] {
        let pending = model.pending
        func whole(_ places: some Sequence<Int>) -> [Int: UInt64] {
            Dictionary(uniqueKeysWithValues: places.map { ($0, UInt64.max) })
        }
        var result: [[Int: UInt64]] = []
        if pending.count <= exhaustive {
            for mask in 0..<(1 << pending.count) {
                result.append(whole(pending.indices.filter { mask & (1 << $0) != 0 }.map { pending[$0] }))
            }
        } else {
            for count in 0...pending.count {
                result.append(whole(pending.prefix(count)))
                result.append(whole(pending.suffix(count)))
            }
            for place in pending {
                result.append(whole([place]))
                result.append(whole(pending.filter { $0 != place }))
            }
            for _ in 0..<randomStates {
                result.append(whole(pending.filter { _ in Bool.random(using: &chance) }))
            }
        }
        // The last write, torn between sectors.
        guard let last = pending.last(where: { model.sectors($0) > 1 }) else { return result }
        let count = min(model.sectors(last), 63)
        for cut in 1..<min(count, 9) {
            var torn = whole(pending)
            torn[last] = (1 << UInt64(cut)) - 1
            result.append(torn)
            torn[last] = ~((1 << UInt64(cut)) - 1)
            result.append(torn)
        }
        for _ in 0..<4 {
            var torn: [Int: UInt64] = [:]
            for place in pending where Bool.random(using: &chance) {
                torn[place] = model.sectors(place) > 1 ? UInt64.random(in: 1 ... .max, using: &chance) : .max
            }
            result.append(torn)
        }
        return result
    }
}

/// A folder that goes with whoever holds it.
public final class CrashFolder: Sendable {
    public let path: String

    /// In memory, where the system has a place for that.
    public init() {
        let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        path = "\(base)/writ-crash-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        mkdir(path, 0o700)
    }

    /// One that holds what a disk has.
    public convenience init(_ image: DiskImage) {
        self.init()
        for folder in image.folders.sorted() { mkdir("\(path)/\(folder)", 0o700) }
        for (name, bytes) in image.files {
            let file = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            _ = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            close(file)
        }
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        guard let stream = opendir(path) else {
            unlink(path)
            return
        }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        closedir(stream)
        for name in names { remove("\(path)/\(name)") }
        rmdir(path)
    }
}

/// Repeatable chance (SplitMix64).
struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
