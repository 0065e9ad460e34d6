/// Writes a tar archive of files, byte for byte the same for the same files.
///
/// Entries are regular files of owner 0, readable by their owner, from the beginning of 1970, in the order given. The
/// format is POSIX ustar; names that do not fit are written as extended headers of POSIX.1-2001, which every reader
/// of today knows.
public struct TarWriter {
    private static let blockSize = 512

    private var bytes: [UInt8] = []

    public init() {}

    /// Adds a file. Names may be of any length; sizes are below 8 GiB because an array's count is checked.
    public mutating func add(_ name: [UInt8], _ content: [UInt8]) throws(BundleFailure) {
        guard !name.isEmpty, !name.contains(0) else { throw BundleFailure("a file of a bundle has no usable name") }
        guard content.count < 1 << 33 else { throw BundleFailure("a file of a bundle is larger than 8 GiB") }
        if let (prefix, rest) = Self.split(name) {
            addHeader(prefix, rest, content.count, type: UInt8(ascii: "0"))
        } else {
            let record = Self.pathRecord(name)
            addHeader([], Array("PaxHeaders.0/path".utf8), record.count, type: UInt8(ascii: "x"))
            addContent(record)
            addHeader([], Array(name.prefix(100)), content.count, type: UInt8(ascii: "0"))
        }
        addContent(content)
    }

    /// The archive with its end mark.
    public consuming func finish() -> [UInt8] {
        bytes.append(contentsOf: repeatElement(0, count: 2 * Self.blockSize))
        return bytes
    }

    /// A name as ustar holds it: up to 100 bytes, or up to 155 before a slash and up to 100 behind it.
    static func split(_ name: [UInt8]) -> (prefix: [UInt8], rest: [UInt8])? {
        if name.count <= 100 { return ([], name) }
        guard name.count <= 256 else { return nil }
        for (index, byte) in name.enumerated() where byte == UInt8(ascii: "/") {
            let rest = name.count - index - 1
            if index > 0, index <= 155, rest > 0, rest <= 100 {
                return (Array(name[..<index]), Array(name[(index + 1)...]))
            }
        }
        return nil
    }

    /// `LENGTH path=NAME`, where the length counts itself.
    private static func pathRecord(_ name: [UInt8]) -> [UInt8] {
        let body = Array(" path=".utf8) + name + [UInt8(ascii: "\n")]
        var length = body.count
        while length != body.count + String(length).utf8.count { length = body.count + String(length).utf8.count }
        return Array(String(length).utf8) + body
    }

    private mutating func addContent(_ content: [UInt8]) {
        bytes.append(contentsOf: content)
        let rest = content.count % Self.blockSize
        if rest > 0 { bytes.append(contentsOf: repeatElement(0, count: Self.blockSize - rest)) }
    }

    private mutating func addHeader(_ prefix: [UInt8], _ name: [UInt8], _ size: Int, type: UInt8) {
        var header = [UInt8](repeating: 0, count: Self.blockSize)
        func put(_ text: [UInt8], at offset: Int) {
            for (index, byte) in text.enumerated() { header[offset + index] = byte }
        }
        /// Octal digits that fill a field but for the zero at its end.
        func put(_ number: Int, at offset: Int, digits: Int) {
            let text = String(number, radix: 8)
            put(Array((String(repeating: "0", count: digits - text.utf8.count) + text).utf8), at: offset)
        }
        put(name, at: 0)
        put(0o600, at: 100, digits: 7)
        put(0, at: 108, digits: 7)
        put(0, at: 116, digits: 7)
        put(size, at: 124, digits: 11)
        put(0, at: 136, digits: 11)
        put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148)
        header[156] = type
        put(Array("ustar".utf8), at: 257)
        put(Array("00".utf8), at: 263)
        put(prefix, at: 345)
        var sum = 0
        for byte in header { sum += Int(byte) }
        put(sum, at: 148, digits: 6)
        header[154] = 0
        bytes.append(contentsOf: header)
    }
}
