/// Memory handed out for one value.
@usableFromInline
struct Allocation {
    @usableFromInline let address: UnsafeMutableRawPointer
    @usableFromInline let offset: UInt32
    @usableFromInline let piece: UInt16

    @inlinable @inline(__always)
    init(address: UnsafeMutableRawPointer, offset: UInt32, piece: UInt16) {
        self.address = address
        self.offset = offset
        self.piece = piece
    }
}

/// A position in the temporaries area.
public struct Mark: BitwiseCopyable, Sendable {
    @usableFromInline var chunk: Int32
    @usableFromInline var used: UInt32

    @inlinable
    init(chunk: Int32, used: UInt32) {
        self.chunk = chunk
        self.used = used
    }

    /// The mark as one word, so that a machine can keep it in a register.
    @inlinable public var word: UInt64 { UInt64(UInt32(bitPattern: chunk)) &<< 32 | UInt64(used) }

    @inlinable
    public init(word: UInt64) {
        chunk = Int32(truncatingIfNeeded: word &>> 32)
        used = UInt32(truncatingIfNeeded: word)
    }
}

/// Bump memory in chunks. Each chunk has its own piece number and never moves, so an address stays good
/// until the area is reset or rewound past it. Chunks double, so that few numbers are enough.
@usableFromInline
struct Area {
    /// Piece number of the first chunk; the others follow it.
    @usableFromInline let first: Int
    @usableFromInline let chunkSize: Int
    @usableFromInline var current: UnsafeMutableRawPointer?
    @usableFromInline var used: Int
    @usableFromInline var size: Int
    /// Index of the chunk in use, -1 before the first.
    @usableFromInline var chunk: Int

    @usableFromInline static var maximumChunks: Int { @inlinable get { 63 } }

    @usableFromInline
    init(first: Int, chunkSize: Int) {
        self.first = first
        self.chunkSize = max(1024, (chunkSize + 15) & ~15)
        current = nil
        used = 0
        size = 0
        chunk = -1
    }

    @inlinable @inline(__always)
    mutating func bump(_ bytes: Int) -> Allocation? {
        let need = (bytes &+ 15) & ~15
        // As unsigned numbers, so that what overflowed to a negative one is too large.
        guard let current, UInt(bitPattern: need) <= UInt(bitPattern: size &- used) else { return nil }
        let result = Allocation(
            address: current + used, offset: UInt32(truncatingIfNeeded: used &>> 4),
            piece: UInt16(truncatingIfNeeded: first &+ chunk))
        used &+= need
        return result
    }

    /// The slow path of `bump`: goes on in the next chunk that is large enough, taking a new one when none is.
    @usableFromInline
    static func refill(
        _ area: inout Area, _ bytes: Int, _ state: UnsafeMutablePointer<SpaceState>
    ) throws(Fault) -> Allocation {
        // A single value of more than 2 GiB would overflow sizes on 32-bit hosts.
        guard bytes >= 0, bytes <= Int(Int32.max) &- 15 else { throw Fault(.memoryLimit) }
        let need = (bytes &+ 15) & ~15
        while area.chunk &+ 1 < maximumChunks {
            area.chunk &+= 1
            let entry = state.pointee.pieces + (area.first &+ area.chunk)
            if let base = entry.pointee.base {
                area.enter(base, entry.pointee.size)
            } else {
                let wanted = max(need, area.size == 0 ? area.chunkSize : min(area.size &* 2, 64 &<< 20))
                guard wanted <= state.pointee.memoryLimit &- state.pointee.memoryUsed else {
                    area.chunk &-= 1
                    throw Fault(.memoryLimit)
                }
                let base = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
                entry.pointee.base = UnsafeRawPointer(base)
                entry.pointee.size = wanted
                state.pointee.memoryUsed &+= wanted
                area.enter(UnsafeRawPointer(base), wanted)
            }
            if let allocation = area.bump(bytes) { return allocation }
        }
        throw Fault(.memoryLimit)
    }

    @inlinable
    mutating func enter(_ base: UnsafeRawPointer, _ size: Int) {
        current = UnsafeMutableRawPointer(mutating: base)
        used = 0
        self.size = size
    }

    @inlinable @inline(__always)
    func mark() -> Mark { Mark(chunk: Int32(truncatingIfNeeded: chunk), used: UInt32(truncatingIfNeeded: used &>> 4)) }

    @inlinable @inline(__always)
    mutating func rewind(to mark: Mark, _ state: UnsafeMutablePointer<SpaceState>) {
        #if DEBUG
            poison(from: mark, state)
        #endif
        if Int(mark.chunk) == chunk {
            used = Int(mark.used) &<< 4
        } else {
            rewindChunks(to: mark, state)
        }
    }

    @usableFromInline
    mutating func rewindChunks(to mark: Mark, _ state: UnsafeMutablePointer<SpaceState>) {
        chunk = Int(mark.chunk)
        guard chunk >= 0 else {
            current = nil
            used = 0
            size = 0
            return
        }
        let entry = state.pointee.pieces[first &+ chunk]
        guard let base = entry.base else { return }
        enter(base, entry.size)
        used = Int(mark.used) &<< 4
    }

    /// Debug builds overwrite what was rewound, so that a use after it shows.
    @usableFromInline
    func poison(from mark: Mark, _ state: UnsafeMutablePointer<SpaceState>) {
        var index = max(0, Int(mark.chunk))
        while index <= chunk {
            let entry = state.pointee.pieces[first &+ index]
            if let base = entry.base {
                let start = index == Int(mark.chunk) ? Int(mark.used) &<< 4 : 0
                let end = index == chunk ? used : entry.size
                if end > start {
                    UnsafeMutableRawPointer(mutating: base).advanced(by: start)
                        .initializeMemory(as: UInt8.self, repeating: 0xdb, count: end - start)
                }
            }
            index += 1
        }
    }

    /// Empties the area; chunks beyond `keeping` bytes in all go back to the system.
    @usableFromInline
    mutating func reset(keeping: Int, _ state: UnsafeMutablePointer<SpaceState>) {
        #if DEBUG
            poison(from: Mark(chunk: 0, used: 0), state)
        #endif
        var kept = 0
        var index = 0
        var empty = 0
        while index < Area.maximumChunks {
            let entry = state.pointee.pieces + (first &+ index)
            guard let base = entry.pointee.base else { break }
            if kept &+ entry.pointee.size > keeping {
                state.pointee.memoryUsed &-= entry.pointee.size
                UnsafeMutableRawPointer(mutating: base).deallocate()
                entry.pointee = PieceEntry()
            } else {
                // Chunks that stay close ranks: their numbers mean nothing once their values are gone.
                kept &+= entry.pointee.size
                if empty != index {
                    state.pointee.pieces[first &+ empty] = entry.pointee
                    entry.pointee = PieceEntry()
                }
                empty &+= 1
            }
            index &+= 1
        }
        if let base = state.pointee.pieces[first].base {
            chunk = 0
            enter(base, state.pointee.pieces[first].size)
        } else {
            chunk = -1
            current = nil
            used = 0
            size = 0
        }
    }
}
