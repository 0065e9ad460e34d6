/// Where the parts of an image lie. All numbers have their low byte first.
///
///      0   8  "WRITIMG" and 0
///      8   4  version of the format
///     12   4  number of sections
///     16   8  length of the image: its last section ends there, what follows is no part of it (a signature)
///     24  40  zeros
///     64  80  for each section:
///              0   4  kind (`Kind`)
///              4   4  zeros
///              8   8  offset, a multiple of 4096
///             16   8  length
///             24  16  for frozen values the value that they are read by, else zeros
///             40  32  SHA-256
///             72   8  zeros
///
/// Header and table are what is signed: the hashes in the table hold the rest to them. Gaps hold zeros.
public struct ImageLayout: Sendable {
    public static let magic: [UInt8] = Array("WRITIMG".utf8) + [0]
    /// The version that this build writes and reads.
    public static let version: UInt32 = 1

    public enum Kind: UInt32, Sendable, CaseIterable {
        /// The manifest of the bundle, as JSON.
        case manifest = 1
        /// The modules' texts.
        case modules = 2
        /// The plan of the policy, without its constants.
        case plan = 3
        /// The plan's constants, a frozen array.
        case constants = 4
        /// The base data, a frozen object.
        case data = 5
    }

    public struct Section: Sendable {
        public let kind: Kind
        public let range: Range<Int>
        let root: Value
        public let digest: [UInt8]
    }

    /// One for each kind, in their order.
    public let sections: [Section]
    /// Bytes of the image without what follows it.
    public let length: Int
    /// Bytes of header and table: what is hashed for the image's digest, and signed.
    public static let headSize = headerSize + Kind.allCases.count * entrySize

    static let page = 4096
    private static let headerSize = 64
    private static let entrySize = 80

    public subscript(kind: Kind) -> Section? { sections.first { $0.kind == kind } }

    /// Whether bytes begin as an image does.
    public static func isImage(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.prefix(8).elementsEqual(magic) }

    /// Reads header and table. Nothing outside of them is looked at, but every part lies inside of the bytes.
    public init(reading bytes: UnsafeRawBufferPointer) throws(ImageFailure) {
        guard Self.isImage(bytes) else { throw ImageFailure(.format, "this is no image") }
        guard bytes.count >= 16 else { throw .damaged("it ends in its header") }
        let version = Self.number32(bytes, 8)
        guard version == Self.version else {
            throw ImageFailure(
                .version,
                "the image has version \(version) of the format, and this build of Writ reads version \(Self.version): "
                    + "build it again with `writ build -t image`")
        }
        guard bytes.count >= Self.headSize else { throw .damaged("it ends in its table of sections") }
        guard Int(Self.number32(bytes, 12)) == Kind.allCases.count,
            (24..<64).allSatisfy({ bytes[$0] == 0 })
        else { throw .damaged("its header is not of this version") }
        let length = Self.number64(bytes, 16)
        guard length <= UInt64(bytes.count) else { throw .damaged("it ends before its last section does") }
        self.length = Int(length)
        var sections: [Section] = []
        var end = Self.headSize
        for (index, kind) in Kind.allCases.enumerated() {
            let entry = Self.headerSize + index * Self.entrySize
            let offset = Self.number64(bytes, entry + 8)
            let size = Self.number64(bytes, entry + 16)
            guard Self.number32(bytes, entry) == kind.rawValue, Self.number32(bytes, entry + 4) == 0,
                Self.number64(bytes, entry + 72) == 0
            else { throw .damaged("its table does not have the sections of this version") }
            guard offset == UInt64(Self.wholePages(end)), size <= length, offset <= length - size else {
                throw .damaged("a section lies where it cannot")
            }
            end = Int(offset + size)
            sections.append(
                Section(
                    kind: kind, range: Int(offset)..<end,
                    root: Value(low: Self.number64(bytes, entry + 24), high: Self.number64(bytes, entry + 32)),
                    digest: Array(bytes[entry + 40..<entry + 72])))
        }
        guard end == self.length else { throw .damaged("its length is not that of its sections") }
        self.sections = sections
    }

    /// Holds each section against its hash, and sees that there is nothing between them.
    public func verify(
        _ bytes: UnsafeRawBufferPointer, sha256: (UnsafeRawBufferPointer) -> [UInt8]
    ) throws(ImageFailure) {
        var end = Self.headSize
        for section in sections {
            guard section.range.upperBound <= bytes.count else { throw .damaged("it became shorter") }
            guard bytes[end..<section.range.lowerBound].allSatisfy({ $0 == 0 }) else {
                throw ImageFailure(.digest, "there is something between the image's sections")
            }
            end = section.range.upperBound
            guard sha256(UnsafeRawBufferPointer(rebasing: bytes[section.range])) == section.digest else {
                throw ImageFailure(.digest, "the section `\(section.kind)` of the image is not as it was written")
            }
        }
    }

    /// An image of sections in the order of their kinds.
    static func image(
        _ parts: [(kind: Kind, content: [UInt8], root: Value)], sha256: (UnsafeRawBufferPointer) -> [UInt8]
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: headSize)
        func store(_ number: UInt64, _ width: Int, at offset: Int) {
            for index in 0..<width { bytes[offset + index] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(index))) }
        }
        bytes.replaceSubrange(0..<8, with: magic)
        store(UInt64(version), 4, at: 8)
        store(UInt64(parts.count), 4, at: 12)
        bytes.reserveCapacity(parts.reduce(headSize) { $0 + $1.content.count + page })
        for (index, part) in parts.enumerated() {
            bytes += [UInt8](repeating: 0, count: wholePages(bytes.count) - bytes.count)
            let entry = headerSize + index * entrySize
            store(UInt64(part.kind.rawValue), 4, at: entry)
            store(UInt64(bytes.count), 8, at: entry + 8)
            store(UInt64(part.content.count), 8, at: entry + 16)
            store(part.root.low, 8, at: entry + 24)
            store(part.root.high, 8, at: entry + 32)
            bytes.replaceSubrange(entry + 40..<entry + 72, with: part.content.withUnsafeBytes(sha256))
            bytes += part.content
        }
        store(UInt64(bytes.count), 8, at: 16)
        return bytes
    }

    private static func wholePages(_ count: Int) -> Int { (count + page - 1) / page * page }

    private static func number32(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    private static func number64(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
