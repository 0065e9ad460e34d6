import CZlib
import Glibc
import WritFiles

/// What is acknowledged, and the counts: a mapped file of two slots, written in turn, so that one of them is whole at
/// any time.
///
///     0   8  "WRITJST1"
///     8   8  number of the write
///    16   8  acknowledged up to this sequence
///    24   8  the largest sequence that was given out when it was written
///    32   8  number of the segment whose ".new" takes its place, or 0
///    40   8  number of the segment that is dropped, or 0
///    48  48  the counts of `JournalCounters.fields`
///    96   4  CRC-32 of bytes 0 to 96
///
/// Sendable, because the journal's lock guards it.
final class StateFile: @unchecked Sendable {
    struct Contents: Equatable {
        var acknowledged: UInt64 = 0
        var sequence: UInt64 = 0
        /// What is under way, so that it is ended by whoever opens the folder next and nothing is counted twice.
        var replacing: UInt64 = 0
        var dropping: UInt64 = 0
        var counters = JournalCounters()
    }

    static let name = "state.wj"
    private static let magic: [UInt8] = Array("WRITJST1".utf8)
    private static let slotSize = 512
    private static let size = 4096
    private static let countsOffset = 48
    private static let checked = countsOffset + 8 * JournalCounters.fields.count

    private let path: String
    private let file: OpenedFile
    private let calls: SystemCalls
    private let base: UnsafeMutableRawPointer
    private var write: UInt64 = 0
    private var isChanged = false

    /// What the file said when it was opened; zeros for a new one or where neither slot is whole.
    private(set) var contents = Contents()

    init(in folder: String, _ calls: SystemCalls) throws(JournalFailure) {
        self.calls = calls
        path = folder + "/" + Self.name
        file = try calls.open(path, O_RDWR | O_CREAT)
        do throws(JournalFailure) {
            if try SystemCalls.size(file, path) < Self.size { try calls.allocate(file, Self.size, path) }
            base = try SystemCalls.map(file, Self.size, path)
        } catch {
            file.close()
            throw error
        }
        for slot in 0..<2 {
            let bytes = UnsafeRawBufferPointer(start: base + slot * Self.slotSize, count: Self.slotSize)
            guard bytes.prefix(8).elementsEqual(Self.magic), Self.checksum(bytes) == Self.number32(bytes, Self.checked)
            else { continue }
            let number = Self.number64(bytes, 8)
            guard number > write else { continue }
            write = number
            contents = Contents(
                acknowledged: Self.number64(bytes, 16), sequence: Self.number64(bytes, 24),
                replacing: Self.number64(bytes, 32), dropping: Self.number64(bytes, 40))
            for (index, field) in JournalCounters.fields.enumerated() {
                contents.counters[keyPath: field] = Self.number64(bytes, Self.countsOffset + 8 * index)
            }
        }
    }

    deinit {
        munmap(base, Self.size)
        file.close()
    }

    /// Stores new contents: from now on they survive the end of the process.
    func store(_ new: Contents) {
        guard new != contents else { return }
        contents = new
        write += 1
        isChanged = true
        let slot = base + Int(write % 2) * Self.slotSize
        UnsafeMutableRawBufferPointer(start: slot, count: 8).copyBytes(from: Self.magic)
        slot.storeBytes(of: write.littleEndian, toByteOffset: 8, as: UInt64.self)
        slot.storeBytes(of: new.acknowledged.littleEndian, toByteOffset: 16, as: UInt64.self)
        slot.storeBytes(of: new.sequence.littleEndian, toByteOffset: 24, as: UInt64.self)
        slot.storeBytes(of: new.replacing.littleEndian, toByteOffset: 32, as: UInt64.self)
        slot.storeBytes(of: new.dropping.littleEndian, toByteOffset: 40, as: UInt64.self)
        for (index, field) in JournalCounters.fields.enumerated() {
            slot.storeBytes(
                of: new.counters[keyPath: field].littleEndian, toByteOffset: Self.countsOffset + 8 * index,
                as: UInt64.self)
        }
        let bytes = UnsafeRawBufferPointer(start: slot, count: Self.slotSize)
        slot.storeBytes(of: Self.checksum(bytes).littleEndian, toByteOffset: Self.checked, as: UInt32.self)
        calls.files.stored(bytes, at: Int(write % 2) * Self.slotSize, of: file)
    }

    /// Whether something was stored since the last time this was asked.
    func takeChanged() -> Bool {
        defer { isChanged = false }
        return isChanged
    }

    /// Writes it to the disk; without the journal's lock.
    func sync() throws(JournalFailure) {
        try calls.sync(file, mappedAt: base, 0..<Self.size, path)
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(
            truncatingIfNeeded: crc32(0, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32(checked)))
    }

    private static func number64(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    private static func number32(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
