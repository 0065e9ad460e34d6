/// Bytes that are being written: memory that grows by doubling and is kept when the content is removed, so that
/// a buffer in steady use allocates nothing.
public struct ByteBuffer: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>?
    @usableFromInline var filled: Int
    @usableFromInline var capacity: Int
    /// The JSON and Rego writers stop with `sizeLimit` once the content is longer than this many bytes: a value
    /// whose parts are shared can be exponentially larger as text than in memory.
    public var limit: Int

    /// What a buffer holds at most unless told otherwise: 1 GiB.
    public static var defaultLimit: Int { 1 &<< 30 }

    public init(limit: Int = defaultLimit) {
        base = nil
        filled = 0
        capacity = 0
        self.limit = limit
    }

    deinit { base?.deallocate() }

    /// Length of the content in bytes.
    public var count: Int { @inlinable get { filled } }

    /// Forgets the content; keeps the memory.
    @inlinable public mutating func removeAll() { filled = 0 }

    /// Forgets all but the first `kept` bytes.
    @inlinable public mutating func truncate(to kept: Int) { if kept >= 0, kept < filled { filled = kept } }

    /// Forgets the content, and its memory too where that is more than `kept` bytes.
    public mutating func removeAll(keepingAtMost kept: Int) {
        filled = 0
        guard capacity > kept else { return }
        base?.deallocate()
        base = nil
        capacity = 0
    }

    /// Calls `body` with the content.
    @inlinable
    public func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        body(UnsafeBufferPointer(start: base, count: filled))
    }

    /// A copy of the content.
    public var bytes: [UInt8] { withBytes { Array($0) } }

    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) {
        room(1).pointee = byte
        filled &+= 1
    }

    @inlinable
    public mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        room(bytes.count).update(from: source, count: bytes.count)
        filled &+= bytes.count
    }

    @inlinable
    public mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append($0) } }

    @inlinable @inline(__always)
    public mutating func append(_ literal: StaticString) {
        if literal.hasPointerRepresentation {
            append(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
        }
    }

    /// Room for `bytes` more after the content; whoever fills it adds to `filled`.
    @inlinable @inline(__always)
    mutating func room(_ bytes: Int) -> UnsafeMutablePointer<UInt8> {
        if let base, capacity &- filled >= bytes { return base + filled }
        return grow(bytes)
    }

    @usableFromInline
    mutating func grow(_ bytes: Int) -> UnsafeMutablePointer<UInt8> {
        // Beyond 1 GiB it grows by what is needed, so that 32-bit hosts do not overflow.
        let doubled = capacity < 1 &<< 30 ? capacity &* 2 : capacity
        let wanted = max(256, max(doubled, filled + bytes))
        let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
        if let base {
            fresh.update(from: base, count: filled)
            base.deallocate()
        }
        base = fresh
        capacity = wanted
        return fresh + filled
    }

    /// Throws `sizeLimit` when the content is longer than the limit.
    @inlinable @inline(__always)
    func checkLimit() throws(Fault) { if filled > limit { throw Fault(.sizeLimit) } }
}
