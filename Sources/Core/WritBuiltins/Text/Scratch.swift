import WritValue

/// Read-only bytes of a string value, without a copy.
typealias Bytes = UnsafeBufferPointer<UInt8>

/// A growing buffer in which builtins put their result together. It keeps its memory from call to call, so that
/// a steady state takes nothing from the heap.
///
/// A handle, as `Space` is: copies share one buffer. One builtin at a time uses it, and starts with `begin`.
struct Scratch: BitwiseCopyable {
    private struct State {
        var base: UnsafeMutablePointer<UInt8>
        var count: Int
        var capacity: Int
        var limit: Int
    }

    private let state: UnsafeMutablePointer<State>

    /// Memory beyond this is given back when the next builtin begins.
    private static let retained = 1 << 20
    private static let initial = 1 << 10

    static func create() -> Scratch { Scratch() }

    private init() {
        state = .allocate(capacity: 1)
        state.initialize(to: State(base: .allocate(capacity: Self.initial), count: 0, capacity: Self.initial, limit: 0))
    }

    func destroy() {
        state.pointee.base.deallocate()
        state.deallocate()
    }

    /// Empties the buffer. It may grow to `limit` bytes.
    @inline(__always)
    func begin(limit: Int) {
        state.pointee.count = 0
        state.pointee.limit = limit
        if state.pointee.capacity > Self.retained { shrink() }
    }

    private func shrink() {
        state.pointee.base.deallocate()
        state.pointee.base = .allocate(capacity: Self.initial)
        state.pointee.capacity = Self.initial
    }

    @inline(__always) var count: Int { state.pointee.count }

    /// What was written. Good until the next write.
    @inline(__always) var bytes: Bytes { Bytes(start: state.pointee.base, count: state.pointee.count) }

    /// What was written from `start` on. Good until the next write.
    func bytes(from start: Int) -> Bytes {
        let from = min(max(0, start), count)
        return Bytes(start: state.pointee.base + from, count: count &- from)
    }

    /// Forgets all but the first `kept` bytes.
    func truncate(to kept: Int) { if kept >= 0, kept < count { state.pointee.count = kept } }

    @inline(__always)
    func append(_ byte: UInt8) throws(Fault) {
        let count = state.pointee.count
        if count == state.pointee.capacity { try grow(by: 1) }
        state.pointee.base[count] = byte
        state.pointee.count = count &+ 1
    }

    @inline(__always)
    func append(_ bytes: Bytes) throws(Fault) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        let count = state.pointee.count
        if bytes.count > state.pointee.capacity &- count { try grow(by: bytes.count) }
        (state.pointee.base + count).update(from: source, count: bytes.count)
        state.pointee.count = count &+ bytes.count
    }

    /// Appends a string value. A short one is two stores, without a call.
    @inline(__always)
    func append(_ value: Value, in space: Space) throws(Fault) {
        guard value.tag == Value.Tag.shortString else { return try append(space.longBytes(value)) }
        let count = state.pointee.count
        // The bytes behind the string are overwritten by what follows.
        if state.pointee.capacity &- count < 16 { try grow(by: 16) }
        let target = UnsafeMutableRawPointer(state.pointee.base + count)
        target.storeBytes(of: value.low.littleEndian, as: UInt64.self)
        target.storeBytes(of: value.high.littleEndian, toByteOffset: 8, as: UInt64.self)
        state.pointee.count = count &+ min(value.shortLength, Value.shortCapacity)
    }

    /// Appends eight bytes, the first of them the lowest.
    @inline(__always)
    func append(word: UInt64) throws(Fault) {
        let count = state.pointee.count
        if state.pointee.capacity &- count < 8 { try grow(by: 8) }
        UnsafeMutableRawPointer(state.pointee.base + count).storeBytes(of: word.littleEndian, as: UInt64.self)
        state.pointee.count = count &+ 8
    }

    @inline(__always)
    func append(_ literal: StaticString) throws(Fault) {
        guard literal.hasPointerRepresentation else { return }
        try append(Bytes(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    func append(repeating byte: UInt8, count repeats: Int) throws(Fault) {
        guard repeats > 0 else { return }
        let count = state.pointee.count
        if repeats > state.pointee.capacity &- count { try grow(by: repeats) }
        (state.pointee.base + count).update(repeating: byte, count: repeats)
        state.pointee.count = count &+ repeats
    }

    /// Appends the scalar's UTF-8.
    func append(scalar: UInt32) throws(Fault) {
        if scalar < 0x80 {
            try append(UInt8(truncatingIfNeeded: scalar))
        } else if scalar < 0x800 {
            try append(UInt8(truncatingIfNeeded: 0xc0 | scalar &>> 6))
            try append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f))
        } else if scalar < 0x10000 {
            try append(UInt8(truncatingIfNeeded: 0xe0 | scalar &>> 12))
            try append(UInt8(truncatingIfNeeded: 0x80 | (scalar &>> 6) & 0x3f))
            try append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f))
        } else {
            try append(UInt8(truncatingIfNeeded: 0xf0 | (scalar &>> 18) & 7))
            try append(UInt8(truncatingIfNeeded: 0x80 | (scalar &>> 12) & 0x3f))
            try append(UInt8(truncatingIfNeeded: 0x80 | (scalar &>> 6) & 0x3f))
            try append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3f))
        }
    }

    func append(decimal number: Int) throws(Fault) { try append(decimal: Int64(number)) }

    func append(decimal number: Int64) throws(Fault) {
        if number < 0 { try append(UInt8(ascii: "-")) }
        let start = count
        var magnitude = number.magnitude
        repeat {
            try append(UInt8(truncatingIfNeeded: magnitude % 10) &+ UInt8(ascii: "0"))
            magnitude /= 10
        } while magnitude > 0
        reverse(from: start)
    }

    /// Turns round the order of the bytes from `start` on.
    func reverse(from start: Int) {
        var low = start
        var high = count &- 1
        while low < high {
            let byte = state.pointee.base[low]
            state.pointee.base[low] = state.pointee.base[high]
            state.pointee.base[high] = byte
            low &+= 1
            high &-= 1
        }
    }

    /// Adds one to the decimal digits from `start` on; there must be a digit 0 in front for the carry.
    func increment(from start: Int) {
        var index = count &- 1
        while index >= start {
            if state.pointee.base[index] != UInt8(ascii: "9") {
                state.pointee.base[index] &+= 1
                return
            }
            state.pointee.base[index] = UInt8(ascii: "0")
            index &-= 1
        }
    }

    /// Puts `count` equal bytes at `position`, moving what follows.
    func insert(repeating byte: UInt8, count repeats: Int, at position: Int) throws(Fault) {
        let count = count
        guard repeats > 0, position >= 0, position <= count else { return }
        try append(repeating: byte, count: repeats)
        let start = state.pointee.base + position
        (start + repeats).update(from: start, count: count &- position)
        start.update(repeating: byte, count: repeats)
    }

    /// Room for `more` bytes beyond the ones there.
    func reserve(_ more: Int) throws(Fault) {
        if more > state.pointee.capacity &- state.pointee.count { try grow(by: more) }
    }

    @inline(never)
    private func grow(by more: Int) throws(Fault) {
        let count = state.pointee.count
        guard more <= state.pointee.limit &- count else { throw Fault(.memoryLimit) }
        let capacity = min(max(state.pointee.capacity &* 2, count &+ more), state.pointee.limit)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        grown.update(from: state.pointee.base, count: count)
        state.pointee.base.deallocate()
        state.pointee.base = grown
        state.pointee.capacity = capacity
    }
}
