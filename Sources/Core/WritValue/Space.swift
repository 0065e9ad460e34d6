/// One row of a space's table: the memory that a piece number stands for.
@usableFromInline
struct PieceEntry {
    @usableFromInline var base: UnsafeRawPointer?
    /// Bytes that may be read from `base`.
    @usableFromInline var size: Int
    /// Where the piece's declared imports lie in this table (stored piece n+1 is `imports[n]`).
    @usableFromInline var imports: UnsafePointer<UInt16>?
    @usableFromInline var importCount: Int

    @inlinable
    init() {
        base = nil
        size = 0
        imports = nil
        importCount = 0
    }
}

/// The numbering of pieces in every space.
@usableFromInline
enum PieceNumber {
    /// Chunks of the results area.
    @usableFromInline static var results: Int { @inlinable get { 1 } }
    /// Chunks of the temporaries area.
    @usableFromInline static var temporaries: Int { @inlinable get { 64 } }
    /// Key lists of JSON objects, which outlive a reset.
    @usableFromInline static var shapes: Int { @inlinable get { 127 } }
    /// Immutable pieces: constants, data, compiled modules, writes.
    @usableFromInline static var attached: Int { @inlinable get { 128 } }
}

/// What a space holds. Lives in its own allocation; `Space` is a pointer to it, so that passing a space
/// around copies 8 bytes and needs neither ARC nor an exclusivity check.
@usableFromInline
struct SpaceState {
    @usableFromInline var pieces: UnsafeMutablePointer<PieceEntry>
    @usableFromInline var pieceCapacity: Int
    @usableFromInline var pieceCount: Int
    @usableFromInline var results: Area
    @usableFromInline var temporaries: Area
    /// Bytes that both areas together may take.
    @usableFromInline var memoryLimit: Int
    @usableFromInline var memoryUsed: Int
    /// The first fault that a function without `throws` met (nesting too deep, damaged piece).
    @usableFromInline var pending: Fault.Code?
    /// Whether new memory comes from the temporaries area.
    @usableFromInline var allocatesTemporaries: Bool
    /// Values that the hash or the comparison under way may still visit.
    @usableFromInline var visitsLeft = 0
    /// What reading JSON needs beside the areas; taken on first use.
    var json: UnsafeMutablePointer<JSONScratch>?
}

/// Values and the memory they live in: the working memory of one evaluation, and the immutable pieces
/// (constants, data) that it reads.
///
/// A handle: copies refer to the same space. Whoever calls `create` must call `destroy`. Not thread-safe; a
/// space belongs to one machine. All functions that follow references check every offset, so a damaged piece
/// gives wrong answers or a fault, but never reads out of bounds.
public struct Space: BitwiseCopyable, @unchecked Sendable {
    @usableFromInline let state: UnsafeMutablePointer<SpaceState>

    /// Values nested deeper than this fault with `depthLimit` rather than exhaust the native stack.
    public static var depthLimit: Int { 2_000 }
    /// What one evaluation may take unless the host says otherwise: 1 GiB.
    public static var defaultMemoryLimit: Int { 1 &<< 30 }
    /// Memory kept between evaluations, in bytes for each area; more goes back to the system.
    public static var retainedMemory: Int { 4 &<< 20 }

    /// A new space. `firstChunk` is the size in bytes of each area's first piece of memory, taken on first use.
    public static func create(memoryLimit: Int = defaultMemoryLimit, firstChunk: Int = 64 &<< 10) -> Space {
        let state = UnsafeMutablePointer<SpaceState>.allocate(capacity: 1)
        let capacity = PieceNumber.attached + 16
        let pieces = UnsafeMutablePointer<PieceEntry>.allocate(capacity: capacity)
        pieces.initialize(repeating: PieceEntry(), count: capacity)
        state.initialize(
            to: SpaceState(
                pieces: pieces, pieceCapacity: capacity, pieceCount: PieceNumber.attached,
                results: Area(first: PieceNumber.results, chunkSize: firstChunk),
                temporaries: Area(first: PieceNumber.temporaries, chunkSize: firstChunk),
                memoryLimit: memoryLimit, memoryUsed: 0, pending: nil, allocatesTemporaries: false,
                json: nil))
        return Space(state: state)
    }

    @usableFromInline
    init(state: UnsafeMutablePointer<SpaceState>) { self.state = state }

    /// Gives all memory back. The handle and every value of the space are dead afterwards.
    public func destroy() {
        for number in 1..<PieceNumber.attached {
            if let base = state.pointee.pieces[number].base { UnsafeMutableRawPointer(mutating: base).deallocate() }
        }
        for number in PieceNumber.attached..<state.pointee.pieceCount {
            state.pointee.pieces[number].imports?.deallocate()
        }
        if let json = state.pointee.json {
            json.pointee.deallocate()
            json.deallocate()
        }
        state.pointee.pieces.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// Forgets all values of both areas, keeping up to `retainedMemory` of each area for the next evaluation.
    public func reset() {
        state.pointee.results.reset(keeping: Space.retainedMemory, state)
        state.pointee.temporaries.reset(keeping: Space.retainedMemory, state)
        state.pointee.json?.pointee.shapes.renew(state.pointee.pieces + PieceNumber.shapes)
        state.pointee.pending = nil
        state.pointee.allocatesTemporaries = false
    }

    /// What both areas together may take, in bytes.
    public var memoryLimit: Int {
        get { state.pointee.memoryLimit }
        nonmutating set { state.pointee.memoryLimit = newValue }
    }

    /// Bytes that both areas hold now, used or not.
    public var memoryHeld: Int { state.pointee.memoryUsed }

    /// Counts memory that lies outside of the areas, in bytes, for as long as it is held. Throws `memoryLimit`.
    public func charge(_ bytes: Int) throws(Fault) {
        guard bytes <= state.pointee.memoryLimit &- state.pointee.memoryUsed else { throw Fault(.memoryLimit) }
        state.pointee.memoryUsed &+= bytes
    }

    /// Gives back what was counted by `charge`.
    public func discharge(_ bytes: Int) { state.pointee.memoryUsed &-= bytes }

    /// Throws what a function without `throws` met since the last `reset`, if anything.
    @inlinable @inline(__always)
    public func check() throws(Fault) {
        if let code = state.pointee.pending { throw Fault(code) }
    }

    @usableFromInline
    func note(_ code: Fault.Code) {
        if state.pointee.pending == nil { state.pointee.pending = code }
    }

    // MARK: Pieces

    /// How many pieces one space can read.
    public static var pieceLimit: Int { 65_535 - PieceNumber.attached }

    /// How many pieces are attached.
    public var attachedPieces: Int { state.pointee.pieceCount &- PieceNumber.attached }

    /// Makes an immutable piece readable here and gives its number. The piece must outlive its use.
    ///
    /// Beyond `pieceLimit` the number is 0, under which nothing can be read, and `check` throws `sizeLimit`.
    ///
    /// Pieces that it refers to are attached with it, each once.
    public func attach(_ piece: Piece) -> UInt16 {
        var imports: UnsafeMutablePointer<UInt16>?
        if !piece.imports.isEmpty {
            let numbers = UnsafeMutablePointer<UInt16>.allocate(capacity: piece.imports.count)
            for index in piece.imports.indices {
                numbers[index] = piece.imports[index].map { self.number(of: $0) ?? attach($0) } ?? 0
            }
            imports = numbers
        }
        let number = state.pointee.pieceCount
        guard attachedPieces < Space.pieceLimit else {
            note(.sizeLimit)
            imports?.deallocate()
            return 0
        }
        makeRoom(for: number)
        state.pointee.pieces[number].base = piece.base
        state.pointee.pieces[number].size = piece.size
        state.pointee.pieces[number].imports = imports.map { UnsafePointer($0) }
        state.pointee.pieces[number].importCount = piece.imports.count
        state.pointee.pieceCount = number &+ 1
        return UInt16(truncatingIfNeeded: number)
    }

    /// Makes memory readable that a piece is being written to; nil where there are too many pieces.
    func attachGrowing(_ base: UnsafeRawPointer, _ size: Int) -> UInt16? {
        guard attachedPieces < Space.pieceLimit else { return nil }
        let number = state.pointee.pieceCount
        makeRoom(for: number)
        moveGrowing(UInt16(truncatingIfNeeded: number), base, size)
        state.pointee.pieceCount = number &+ 1
        return UInt16(truncatingIfNeeded: number)
    }

    /// Tells where that memory is now.
    func moveGrowing(_ number: UInt16, _ base: UnsafeRawPointer, _ size: Int) {
        state.pointee.pieces[Int(number)].base = base
        state.pointee.pieces[Int(number)].size = size
    }

    /// The piece is written.
    func settleGrowing(_ number: UInt16, size: Int) { state.pointee.pieces[Int(number)].size = size }

    /// Forgets the piece that was attached last.
    func detachLast(_ number: UInt16) {
        guard Int(number) == state.pointee.pieceCount &- 1, Int(number) >= PieceNumber.attached else { return }
        state.pointee.pieces[Int(number)] = PieceEntry()
        state.pointee.pieceCount &-= 1
    }

    private func makeRoom(for number: Int) {
        guard number == state.pointee.pieceCapacity else { return }
        let grown = UnsafeMutablePointer<PieceEntry>.allocate(capacity: number &* 2)
        grown.initialize(repeating: PieceEntry(), count: number &* 2)
        grown.update(from: state.pointee.pieces, count: number)
        state.pointee.pieces.deallocate()
        state.pointee.pieces = grown
        state.pointee.pieceCapacity = number &* 2
    }

    /// The number of a piece that is attached; nil for one that is not.
    public func number(of piece: Piece) -> UInt16? {
        for number in PieceNumber.attached..<state.pointee.pieceCount
        where state.pointee.pieces[number].base == piece.base {
            return UInt16(truncatingIfNeeded: number)
        }
        return nil
    }

    /// The value that a piece was made of, as seen from this space.
    public func root(of piece: Piece, attachedAs number: UInt16) -> Value {
        guard piece.root.isReference else { return piece.root }
        return piece.root.piece == 0 ? piece.root.inPiece(number) : imported(piece.root, by: number)
    }

    /// Forgets all attached pieces, so that another snapshot's can take their numbers.
    public func detachAll() {
        for number in PieceNumber.attached..<state.pointee.pieceCount {
            state.pointee.pieces[number].imports?.deallocate()
            state.pointee.pieces[number] = PieceEntry()
        }
        state.pointee.pieceCount = PieceNumber.attached
    }

    // MARK: Memory

    /// The address of `bytes` readable bytes behind a reference, or nil when the piece does not hold them.
    @inlinable @inline(__always)
    func address(_ value: Value, bytes: Int) -> UnsafeRawPointer? {
        let number = Int(value.piece)
        guard number < state.pointee.pieceCount else { return nil }
        let entry = state.pointee.pieces + number
        let start = Int(truncatingIfNeeded: UInt64(value.offset) &<< 4)
        guard let base = entry.pointee.base, bytes >= 0, start >= 0, start <= entry.pointee.size,
            bytes <= entry.pointee.size &- start
        else { return nil }
        return base + start
    }

    /// A value read from the memory of piece `piece`: a reference without a piece number is to that piece.
    @inlinable @inline(__always)
    func load(_ pointer: UnsafePointer<Value>, from piece: UInt16) -> Value {
        let value = pointer.pointee
        guard value.tag >= Value.Tag.address else { return value }
        if value.isReference, value.piece == 0 { return value.inPiece(piece) }
        return Int(piece) < PieceNumber.attached ? value : imported(value, by: piece)
    }

    @usableFromInline
    func imported(_ value: Value, by piece: UInt16) -> Value {
        let entry = state.pointee.pieces[Int(piece)]
        // Piece number 0 holds nothing: what a damaged piece says of one that it does not import leads nowhere.
        // Machine-internal values, addresses among them, are never taken from a piece: it may be damaged.
        guard value.isReference, let imports = entry.imports, Int(value.piece) <= entry.importCount else {
            note(.malformed)
            return .undefined
        }
        return value.inPiece(imports[Int(value.piece) &- 1])
    }

    /// Memory for a new value in the current area; 16-byte aligned, not initialised.
    @inlinable @inline(__always)
    func allocate(_ bytes: Int) throws(Fault) -> Allocation {
        if state.pointee.allocatesTemporaries {
            if let fast = state.pointee.temporaries.bump(bytes) { return fast }
            return try Area.refill(&state.pointee.temporaries, bytes, state)
        }
        if let fast = state.pointee.results.bump(bytes) { return fast }
        return try Area.refill(&state.pointee.results, bytes, state)
    }

    /// Whether new values go to the temporaries area, which `rewind` empties.
    @inlinable
    public var allocatesTemporaries: Bool {
        get { state.pointee.allocatesTemporaries }
        nonmutating set { state.pointee.allocatesTemporaries = newValue }
    }

    /// Where the temporaries area stands now.
    @inlinable @inline(__always)
    public func mark() -> Mark { state.pointee.temporaries.mark() }

    /// Forgets every temporary made since `mark`. Nothing that is still needed may lie there: see `kept`.
    @inlinable @inline(__always)
    public func rewind(to mark: Mark) { state.pointee.temporaries.rewind(to: mark, state) }

    /// Whether the value lies, in whole or part, in memory that a rewind can take away.
    @inlinable @inline(__always)
    func isTemporary(_ value: Value) -> Bool {
        value.isReference && Int(value.piece) >= PieceNumber.temporaries && Int(value.piece) < PieceNumber.shapes
    }
}

extension Space {
    /// Raw memory of the current area, 16-byte aligned, good until reset or rewound. Not initialised.
    public func scratch(bytes: Int) throws(Fault) -> UnsafeMutableRawPointer { try allocate(bytes).address }

    /// A zeroed table of slots in the current area.
    public func slots(_ count: Int) throws(Fault) -> UnsafeMutablePointer<UInt32> {
        guard count >= 0, count < 1 &<< 28 else { throw Fault(.sizeLimit) }
        let table = try allocate(count &* 4).address.bindMemory(to: UInt32.self, capacity: count)
        table.initialize(repeating: 0, count: count)
        return table
    }
}
