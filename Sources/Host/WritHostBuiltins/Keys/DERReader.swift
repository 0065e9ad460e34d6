/// Reads DER (ITU-T X.690), the encoding of keys and certificates, one element after the other.
///
/// Only what DER allows is read: definite lengths in their shortest form, tags below 31. It never reads beyond its end
/// and never recurses.
struct DERReader {
    /// The tags that keys and certificates use.
    enum Tag {
        static let boolean: UInt8 = 0x01
        static let integer: UInt8 = 0x02
        static let bits: UInt8 = 0x03
        static let octets: UInt8 = 0x04
        static let null: UInt8 = 0x05
        static let identifier: UInt8 = 0x06
        static let utf8: UInt8 = 0x0c
        static let numeric: UInt8 = 0x12
        static let printable: UInt8 = 0x13
        static let teletex: UInt8 = 0x14
        static let ia5: UInt8 = 0x16
        static let utcTime: UInt8 = 0x17
        static let generalizedTime: UInt8 = 0x18
        static let bmp: UInt8 = 0x1e
        static let sequence: UInt8 = 0x30
        static let set: UInt8 = 0x31
        /// Context-specific and primitive.
        static func context(_ number: UInt8) -> UInt8 { 0x80 | number }
        /// Context-specific and constructed.
        static func explicit(_ number: UInt8) -> UInt8 { 0xa0 | number }
    }

    /// The element is not there or is not encoded as DER asks.
    struct Malformed: Error {}

    private let source: [UInt8]
    private var position: Int
    private let end: Int

    init(_ bytes: [UInt8]) {
        source = bytes
        position = 0
        end = bytes.count
    }

    private init(_ source: [UInt8], _ range: Range<Int>) {
        self.source = source
        position = range.lowerBound
        end = range.upperBound
    }

    var isEmpty: Bool { position >= end }

    /// What is left to be read.
    var rest: ArraySlice<UInt8> { source[position..<end] }

    /// The tag of the next element.
    var nextTag: UInt8? { isEmpty ? nil : source[position] }

    /// Reads the next element whatever its tag is: the reader of its contents, and all of its bytes.
    mutating func any() throws(Malformed) -> (tag: UInt8, contents: DERReader, element: ArraySlice<UInt8>) {
        let start = position
        let (tag, length) = try header()
        let contents = position
        guard end - contents >= length else {
            position = start
            throw Malformed()
        }
        position = contents + length
        return (tag, DERReader(source, contents..<position), source[start..<position])
    }

    /// Reads the tag of the next element and the length of its contents, which may be more than there is. Where they
    /// are malformed nothing is read.
    private mutating func header() throws(Malformed) -> (tag: UInt8, length: Int) {
        let start = position
        guard end - start >= 2 else { throw Malformed() }
        let tag = source[start]
        guard tag & 0x1f != 0x1f else { throw Malformed() }
        var length = Int(source[start + 1])
        var size = 2
        if length >= 0x80 {
            let bytes = length & 0x7f
            guard bytes >= 1, bytes <= 4, end - start >= 2 + bytes else { throw Malformed() }
            length = 0
            for index in 0..<bytes { length = length << 8 | Int(source[start + 2 + index]) }
            size += bytes
            // The shortest form that holds the length.
            guard length >= 0x80, bytes == 1 || length >> (8 * (bytes - 1)) != 0 else { throw Malformed() }
        }
        position = start + size
        return (tag, length)
    }

    /// Reads an element of this tag: the reader of its contents.
    mutating func element(_ tag: UInt8) throws(Malformed) -> DERReader { try whole(tag).contents }

    /// Reads an element of this tag: the reader of its contents, and all of its bytes.
    mutating func whole(_ tag: UInt8) throws(Malformed) -> (contents: DERReader, element: ArraySlice<UInt8>) {
        guard nextTag == tag else { throw Malformed() }
        let (_, contents, element) = try any()
        return (contents, element)
    }

    /// Reads an element of this tag if it comes next.
    mutating func optional(_ tag: UInt8) throws(Malformed) -> DERReader? {
        nextTag == tag ? try element(tag) : nil
    }

    /// What is wrong with the tag and length at the beginning of a text, in the words of Go's reader; nil where nothing is.
    static func problem(ofFirst bytes: [UInt8]) -> String? {
        guard let tag = bytes.first else { return "asn1: syntax error: sequence truncated" }
        guard tag & 0x1f != 0x1f else { return nil }
        guard bytes.count > 1 else { return "asn1: syntax error: truncated tag or length" }
        var length = Int(bytes[1])
        var header = 2
        if length >= 0x80 {
            let count = length & 0x7f
            if count == 0 { return "asn1: syntax error: indefinite length found (not DER)" }
            length = 0
            for index in 0..<count {
                guard 2 + index < bytes.count else { return "asn1: syntax error: truncated tag or length" }
                if length >= 1 << 23 { return "asn1: structure error: length too large" }
                length = length << 8 | Int(bytes[2 + index])
                if length == 0 { return "asn1: structure error: superfluous leading zeros in length" }
            }
            if length < 0x80 { return "asn1: structure error: non-minimal length" }
            header += count
        }
        // Another tag is found before that.
        guard tag == Tag.sequence else { return nil }
        return bytes.count - header < length ? "asn1: syntax error: data truncated" : nil
    }

    /// Reads an element of this tag inside an explicit one, where they come next, as Go's reader does: it asks neither
    /// how long the outer one is, nor whether the inner one ends with it. Nil, and nothing read, where other tags come.
    mutating func optional(_ tag: UInt8, inExplicit number: UInt8) throws(Malformed) -> DERReader? {
        let start = position
        guard !isEmpty else { return nil }
        let outer = try header()
        // An outer element at the end is refused whatever its tag is.
        guard position < end else { throw Malformed() }
        guard outer.tag == Tag.explicit(number) || outer.tag == Tag.context(number) && outer.length == 0 else {
            position = start
            return nil
        }
        guard outer.length > 0 else { throw Malformed() }
        let inner = try header()
        guard inner.tag == tag else {
            position = start
            return nil
        }
        guard end - position >= inner.length else { throw Malformed() }
        position += inner.length
        return DERReader(source, (position - inner.length)..<position)
    }

    mutating func sequence() throws(Malformed) -> DERReader { try element(Tag.sequence) }

    /// Reads an integer: its bytes in two's complement, in the shortest form.
    mutating func integer(_ tag: UInt8 = Tag.integer) throws(Malformed) -> ArraySlice<UInt8> {
        let bytes = try element(tag).rest
        guard let first = bytes.first else { throw Malformed() }
        if bytes.count > 1 {
            let second = bytes[bytes.startIndex + 1]
            guard !(first == 0 && second < 0x80), !(first == 0xff && second >= 0x80) else { throw Malformed() }
        }
        return bytes
    }

    /// Reads an integer that is not negative: its bytes without leading zeros.
    mutating func magnitude() throws(Malformed) -> [UInt8] {
        let bytes = try integer()
        guard bytes.first ?? 0 < 0x80 else { throw Malformed() }
        return Array(bytes.drop { $0 == 0 })
    }

    /// Reads an integer that fits 64 bits.
    mutating func small(_ tag: UInt8 = Tag.integer) throws(Malformed) -> Int {
        let bytes = try integer(tag)
        guard bytes.count <= 8 else { throw Malformed() }
        var value = bytes.first ?? 0 >= 0x80 ? -1 : 0
        for byte in bytes { value = value << 8 | Int(byte) }
        return value
    }

    mutating func boolean() throws(Malformed) -> Bool {
        let bytes = try element(Tag.boolean).rest
        switch (bytes.count, bytes.first) {
        case (1, 0x00): return false
        case (1, 0xff): return true
        default: throw Malformed()
        }
    }

    /// Reads a bit string as a number of bits: moved to the right by those of the last byte that are unused.
    mutating func alignedBits() throws(Malformed) -> [UInt8] {
        let (bytes, unused) = try bits()
        guard unused > 0 else { return bytes }
        var carried: UInt8 = 0
        return bytes.map { byte in
            defer { carried = byte << UInt8(8 - unused) }
            return carried | byte >> UInt8(unused)
        }
    }

    /// Reads a bit string: its bytes, and how many bits of the last are unused. Those must be zero.
    mutating func bits() throws(Malformed) -> ([UInt8], unused: Int) {
        try Self.bits(of: try element(Tag.bits).rest)
    }

    /// The bytes that the contents of a bit string say, and how many bits of the last are unused.
    static func bits(of bytes: ArraySlice<UInt8>) throws(Malformed) -> ([UInt8], unused: Int) {
        guard let unused = bytes.first, unused < 8 else { throw Malformed() }
        let contents = Array(bytes.dropFirst())
        guard !contents.isEmpty || unused == 0 else { throw Malformed() }
        if let last = contents.last, last & (1 << unused - 1) != 0 { throw Malformed() }
        return (contents, Int(unused))
    }

    mutating func identifier(_ tag: UInt8 = Tag.identifier) throws(Malformed) -> ObjectIdentifier {
        guard let identifier = ObjectIdentifier(encoded: try element(tag).rest) else { throw Malformed() }
        return identifier
    }
}

/// An object identifier: the number of a kind of thing in the tree that ITU and ISO keep.
struct ObjectIdentifier: Equatable {
    let numbers: [Int]

    init(_ numbers: Int...) { self.numbers = numbers }

    /// Nil for what is not in its shortest form, or has a part beyond 31 bits.
    init?(encoded bytes: ArraySlice<UInt8>) {
        guard let last = bytes.last, last < 0x80 else { return nil }
        var numbers: [Int] = []
        var value = 0
        var isStart = true
        for byte in bytes {
            guard !(isStart && byte == 0x80) else { return nil }
            value = value << 7 | Int(byte & 0x7f)
            guard value <= Int(Int32.max) else { return nil }
            isStart = byte < 0x80
            guard isStart else { continue }
            if numbers.isEmpty {
                // The first two parts share one number.
                numbers = value < 80 ? [value / 40, value % 40] : [2, value - 80]
            } else {
                numbers.append(value)
            }
            value = 0
        }
        self.numbers = numbers
    }

    /// In the notation with dots.
    var text: String { numbers.map(String.init).joined(separator: ".") }
}
