import CZlib

/// What was decided, as far as it says what may be dropped first.
public enum JournalVerdict: UInt8, Sendable {
    /// Neither allowed nor denied: undefined, an error, another answer.
    case other = 0
    case allowed = 1
    case denied = 2
}

/// One record, as it is read back.
public struct JournalRecord: Sendable, Equatable {
    /// Its place in the journal. Later records have larger numbers; those between may have been dropped.
    public let sequence: UInt64
    public let verdict: JournalVerdict
    public let payload: [UInt8]

    public init(sequence: UInt64, verdict: JournalVerdict, payload: [UInt8]) {
        self.sequence = sequence
        self.verdict = verdict
        self.payload = payload
    }
}

/// The bytes of a record in a segment, all numbers with their low byte first:
///
///     0  4  length of the payload; 0 where no record follows
///     4  4  CRC-32 of the payload and then of bytes 8 to 20
///     8  8  sequence
///    16  1  verdict, then 3 bytes of 0
///    20  4  the length once more, so that a record torn at its start is seen
///    24  .  payload, and zeros up to a multiple of 8
///
/// The length is stored last: until then, readers and recovery see the end of the segment.
enum RecordLayout {
    static let headerSize = 24

    /// What a record with such a payload takes.
    static func size(_ payload: Int) -> Int { headerSize + (payload + 7) & ~7 }

    static func checksum(of payload: UnsafeRawBufferPointer) -> UInt32 {
        var result: UInt = 0
        var rest = payload[...]
        // zlib counts in 32 bits.
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            result = crc32(result, part.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32(part.count))
            rest = rest.dropFirst(part.count)
        }
        return UInt32(truncatingIfNeeded: result)
    }

    /// The checksum of a record whose header stands at `header`, when that of its payload is known.
    static func checksum(_ payload: UInt32, header: UnsafeRawPointer) -> UInt32 {
        let fields = (header + 8).assumingMemoryBound(to: UInt8.self)
        return UInt32(truncatingIfNeeded: crc32(UInt(payload), fields, 16))
    }

    /// Stores a record at a place that has room for it; `checksum` is that of its payload.
    static func store(
        _ payload: UnsafeRawBufferPointer, checksum: UInt32, sequence: UInt64, verdict: JournalVerdict,
        at place: UnsafeMutableRawPointer
    ) {
        let length = UInt32(payload.count)
        place.storeBytes(of: sequence.littleEndian, toByteOffset: 8, as: UInt64.self)
        place.storeBytes(of: UInt32(verdict.rawValue).littleEndian, toByteOffset: 16, as: UInt32.self)
        place.storeBytes(of: length.littleEndian, toByteOffset: 20, as: UInt32.self)
        UnsafeMutableRawBufferPointer(start: place + headerSize, count: payload.count).copyMemory(from: payload)
        let whole = self.checksum(checksum, header: UnsafeRawPointer(place))
        place.storeBytes(of: whole.littleEndian, toByteOffset: 4, as: UInt32.self)
        Publication.store(length.littleEndian, at: place)
    }

    /// A record's header where it is whole and its payload undamaged.
    struct Header {
        let sequence: UInt64
        let verdict: JournalVerdict
        let length: Int
    }

    enum Reading {
        case record(Header)
        /// Nothing was stored here.
        case end
        case damaged
    }

    /// Reads the header at an offset of a segment, without its checksum.
    static func header(at offset: Int, of bytes: UnsafeRawBufferPointer) -> Reading {
        guard offset >= 0, bytes.count - offset >= headerSize, let base = bytes.baseAddress else { return .end }
        let length = Publication.load(base + offset)
        guard length != 0 else { return .end }
        let room = bytes.count - offset
        let again = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 20, as: UInt32.self))
        let mark = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt32.self))
        guard again == length, mark <= 2, let verdict = JournalVerdict(rawValue: UInt8(mark)),
            Int(length) <= room - headerSize, size(Int(length)) <= room
        else { return .damaged }
        let sequence = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        return .record(Header(sequence: sequence, verdict: verdict, length: Int(length)))
    }

    /// The same with the checksum.
    static func verified(at offset: Int, of bytes: UnsafeRawBufferPointer) -> Reading {
        let reading = header(at: offset, of: bytes)
        guard case .record(let header) = reading, let base = bytes.baseAddress else { return reading }
        let payload = UnsafeRawBufferPointer(start: base + offset + headerSize, count: header.length)
        let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self))
        return checksum(checksum(of: payload), header: base + offset) == stored ? reading : .damaged
    }
}
