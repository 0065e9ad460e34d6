import CZlib
import Glibc
import WritFiles

/// One mapped file of records.
///
///     0   8  "WRITJNL1"
///     8   8  number of the segment: they are read in its order
///    16   8  sequence of the first record that was stored, or 0 before there was one
///    24   4  1 where records were left out since (`Room`), else 0
///    28   4  CRC-32 of bytes 0 to 28
///    32  32  zeros
///    64   .  records (`RecordLayout`), then zeros
///
/// Sendable, because the journal's lock guards what changes in it; a finished segment's bytes do not change any more.
final class Segment: @unchecked Sendable {
    static let headerSize = 64
    static let magic: [UInt8] = Array("WRITJNL1".utf8)
    private static let page = 4096

    let number: UInt64
    let path: String
    /// Bytes of the file.
    let size: Int
    private let base: UnsafeMutableRawPointer
    private let file: OpenedFile
    private let calls: SystemCalls

    /// Where the next record goes.
    private(set) var used = headerSize
    /// Up to where it is on the disk itself.
    private(set) var synced = 0
    /// Of the records in it that are not acknowledged.
    private(set) var pending: UInt64 = 0
    private(set) var pendingAllows: UInt64 = 0
    /// The sequence that its first record had, and that of the last record in it.
    private(set) var first: UInt64 = 0
    private(set) var last: UInt64 = 0
    /// Whether records were left out of it.
    let isCompacted: Bool
    /// False for a file whose first page the disk does not have as it was stored.
    private(set) var hasHeader = true

    static func wholePages(_ bytes: Int) -> Int { (bytes + page - 1) / page * page }

    static func name(_ number: UInt64) -> String {
        let digits = String(number)
        return "segment-" + String(repeating: "0", count: max(0, 20 - digits.count)) + digits + ".wj"
    }

    static func number(of name: String) -> UInt64? {
        guard name.hasPrefix("segment-"), name.hasSuffix(".wj") else { return nil }
        return UInt64(name.dropFirst(8).dropLast(3))
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: size) }
    var room: Int { size - used }

    /// Makes a new file and gives it its blocks. The file is on the disk, and has its name there, when this returns.
    init(
        creating number: UInt64, in folder: String, as name: String? = nil, size: Int, isCompacted: Bool = false,
        _ calls: SystemCalls
    ) throws(JournalFailure) {
        self.number = number
        self.calls = calls
        self.size = Self.wholePages(size)
        self.isCompacted = isCompacted
        path = folder + "/" + (name ?? Self.name(number))
        let file = try calls.open(path, O_RDWR | O_CREAT | O_TRUNC)
        self.file = file
        // The mapping is enough: a journal of many small segments holds no descriptors.
        defer { file.close() }
        do throws(JournalFailure) {
            try calls.allocate(file, self.size, path)
            base = try SystemCalls.map(file, self.size, path)
        } catch {
            calls.files.remove(path)
            throw error
        }
        storeHeader()
    }

    /// Opens a file that is there; records are found by `scan`. Nil for one that is too short to have any: the power went
    /// while it was made.
    init?(opening number: UInt64, in folder: String, _ calls: SystemCalls) throws(JournalFailure) {
        self.number = number
        self.calls = calls
        path = folder + "/" + Self.name(number)
        let file = try calls.open(path, O_RDWR)
        self.file = file
        defer { file.close() }
        size = try SystemCalls.size(file, path)
        guard size >= Self.headerSize else { return nil }
        base = try SystemCalls.map(file, size, path)
        let bytes = UnsafeRawBufferPointer(start: base, count: size)
        if bytes.prefix(7).elementsEqual(Self.magic.prefix(7)), bytes[7] != Self.magic[7] {
            munmap(base, size)
            throw JournalFailure(.format, path, "is a segment of another version of the journal")
        }
        let checksum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 28, as: UInt32.self))
        let isGood =
            bytes.prefix(8).elementsEqual(Self.magic) && checksum == Self.checksum(base)
            && UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)) == number
        first = isGood ? UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)) : 0
        isCompacted = isGood && bytes.loadUnaligned(fromByteOffset: 24, as: UInt32.self) != 0
        hasHeader = isGood
    }

    deinit { munmap(base, size) }

    private static func checksum(_ base: UnsafeRawPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: crc32(0, base.assumingMemoryBound(to: UInt8.self), 28))
    }

    private func storeHeader() {
        UnsafeMutableRawBufferPointer(start: base, count: 8).copyBytes(from: Self.magic)
        base.storeBytes(of: number.littleEndian, toByteOffset: 8, as: UInt64.self)
        base.storeBytes(of: first.littleEndian, toByteOffset: 16, as: UInt64.self)
        base.storeBytes(of: (isCompacted ? UInt32(1) : 0).littleEndian, toByteOffset: 24, as: UInt32.self)
        base.storeBytes(of: Self.checksum(base).littleEndian, toByteOffset: 28, as: UInt32.self)
        synced = 0
        calls.files.stored(UnsafeRawBufferPointer(start: base, count: Self.headerSize), at: 0, of: file)
    }

    // MARK: Records

    /// Whether a record with such a payload has room.
    func hasRoom(for payload: Int) -> Bool { RecordLayout.size(payload) <= room }

    /// Stores a record; the caller has seen that there is room. `first` is what the header says where it is the first.
    func append(
        _ payload: UnsafeRawBufferPointer, checksum: UInt32, sequence: UInt64, verdict: JournalVerdict,
        first firstStored: UInt64? = nil
    ) {
        if first == 0 {
            first = firstStored ?? sequence
            storeHeader()
        }
        RecordLayout.store(payload, checksum: checksum, sequence: sequence, verdict: verdict, at: base + used)
        let size = RecordLayout.size(payload.count)
        calls.files.stored(UnsafeRawBufferPointer(start: base + used, count: size), at: used, of: file)
        used += size
        last = sequence
        pending += 1
        if verdict == .allowed { pendingAllows += 1 }
    }

    /// Finds the records of a file that was opened, up to where it ends or is damaged, and counts those behind
    /// `acknowledged`. Sequences grow, and so stop at what an older use of the same blocks could have left.
    func scan(acknowledged: UInt64) {
        guard hasHeader else { return }
        while true {
            switch RecordLayout.verified(at: used, of: bytes) {
            case .end, .damaged: return
            case .record(let header):
                guard header.sequence > last, header.sequence >= first else { return }
                used += RecordLayout.size(header.length)
                last = header.sequence
                guard header.sequence > acknowledged else { continue }
                pending += 1
                if header.verdict == .allowed { pendingAllows += 1 }
            }
        }
    }

    /// Calls `body` with each record behind a sequence, from an offset on, until it says false; gives the offset behind
    /// the last one that it took.
    @discardableResult
    func forEach(
        after sequence: UInt64, from offset: Int = headerSize,
        _ body: (RecordLayout.Header, UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        var position = offset
        while position < used, case .record(let header) = RecordLayout.header(at: position, of: bytes) {
            let next = position + RecordLayout.size(header.length)
            if header.sequence > sequence {
                let start = position + RecordLayout.headerSize
                guard body(header, UnsafeRawBufferPointer(rebasing: bytes[start..<start + header.length])) else {
                    break
                }
            }
            position = next
        }
        return position
    }

    /// Takes the records up to a sequence from the pending ones, which are those behind `acknowledged`.
    func acknowledge(after acknowledged: UInt64, upTo sequence: UInt64) -> UInt64 {
        guard pending > 0 else { return 0 }
        let before = pending
        if sequence >= last {
            pending = 0
            pendingAllows = 0
            return before
        }
        forEach(after: acknowledged) { header, _ in
            guard header.sequence <= sequence else { return false }
            pending -= 1
            if header.verdict == .allowed { pendingAllows -= 1 }
            return true
        }
        return before - pending
    }

    // MARK: The disk

    /// What is not on the disk itself: from the page of the first such byte on.
    var unsynced: Range<Int>? { synced < used ? (synced / Self.page * Self.page)..<used : nil }

    /// Writes a part that `unsynced` gave; without the journal's lock.
    func write(_ range: Range<Int>) throws(JournalFailure) {
        try calls.sync(file, mappedAt: base, range, path)
    }

    /// Notes that the bytes up to there are on the disk.
    func wrote(upTo offset: Int) { synced = max(synced, offset) }

    /// Takes its file's name away; the bytes go with the last use of them.
    func remove(from folder: String) { calls.files.remove(folder + "/" + Self.name(number)) }
}
