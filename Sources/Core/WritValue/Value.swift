/// A Rego value: 16 bytes of plain data, without ARC, class or payload box.
///
/// The high byte of `high` is the tag. Scalars and strings of up to 14 bytes lie inside. Everything else is a
/// reference: a piece number and an offset into that piece's memory, which only a `Space` can follow.
///
///     string ≤ 14   low  = bytes 0…7            high = bytes 8…13 | length << 48 | tag << 56
///     string        low  = offset | hash << 32  high = length     | piece << 32  | tag << 56
///     integer       low  = two's complement     high =                             tag << 56
///     decimal       low  = mantissa             high = scale                     | tag << 56
///     number text   low  = offset | hash << 32  high = length     | piece << 32  | tag << 56
///     array         low  = offset | count << 32 high =              piece << 32  | tag << 56
///     object, set   low  = offset | count << 32 high =              piece << 32  | tag << 56
///
/// Offsets count 16-byte granules. Piece 0 means "the piece in which this reference is stored", which makes a
/// piece position-independent; a value in a register always carries its piece's number in the space's table.
public struct Value: BitwiseCopyable, Sendable {
    public var low: UInt64
    public var high: UInt64

    @inlinable @inline(__always)
    public init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// What kind of thing a value is. References come last, so that one comparison finds them.
    @frozen
    public enum Tag {
        public static let undefined: UInt8 = 0
        public static let null: UInt8 = 1
        public static let boolean: UInt8 = 2
        public static let integer: UInt8 = 3
        public static let decimal: UInt8 = 4
        public static let shortString: UInt8 = 5
        /// Machine-internal, never part of a document: a raw address (accumulators, cursors).
        public static let address: UInt8 = 6
        /// Machine-internal: a node of the document tree whose children are not computed yet.
        public static let document: UInt8 = 7
        public static let numberText: UInt8 = 8
        public static let longString: UInt8 = 9
        public static let array: UInt8 = 10
        public static let object: UInt8 = 11
        public static let set: UInt8 = 12
        /// The sorted key list that objects of the same keys share.
        public static let shape: UInt8 = 13
        /// An object stored as a base object and sorted changes to it.
        public static let patch: UInt8 = 14
    }

    /// The types that a policy sees, in Rego's order.
    public enum Kind: UInt8, Sendable {
        case undefined, null, boolean, number, string, array, object, set
    }

    @inlinable @inline(__always) public var tag: UInt8 { UInt8(truncatingIfNeeded: high &>> 56) }

    /// Whether the value points into a piece.
    @inlinable @inline(__always) public var isReference: Bool { tag >= Tag.numberText }

    @inlinable public var kind: Kind {
        switch tag {
        case Tag.null: .null
        case Tag.boolean: .boolean
        case Tag.integer, Tag.decimal, Tag.numberText: .number
        case Tag.shortString, Tag.longString: .string
        case Tag.array: .array
        case Tag.object: .object
        case Tag.set: .set
        default: .undefined
        }
    }

    @inlinable @inline(__always) public var isUndefined: Bool { high &>> 56 == 0 }
    @inlinable @inline(__always) public var isDefined: Bool { high &>> 56 != 0 }
    @inlinable @inline(__always) public var isNull: Bool { tag == Tag.null }
    @inlinable @inline(__always) public var isBoolean: Bool { tag == Tag.boolean }
    @inlinable @inline(__always) public var isFalse: Bool { tag == Tag.boolean && low == 0 }
    @inlinable @inline(__always) public var isTrue: Bool { tag == Tag.boolean && low == 1 }
    @inlinable @inline(__always) public var isNumber: Bool {
        tag == Tag.integer || tag == Tag.decimal || tag == Tag.numberText
    }
    @inlinable @inline(__always) public var isString: Bool { tag == Tag.shortString || tag == Tag.longString }
    @inlinable @inline(__always) public var isArray: Bool { tag == Tag.array }
    @inlinable @inline(__always) public var isObject: Bool { tag == Tag.object }
    @inlinable @inline(__always) public var isSet: Bool { tag == Tag.set }
    @inlinable @inline(__always) public var isCollection: Bool { tag >= Tag.array && tag <= Tag.set }

    // MARK: Fields of a reference

    @inlinable @inline(__always) public var offset: UInt32 { UInt32(truncatingIfNeeded: low) }
    @inlinable @inline(__always) public var piece: UInt16 { UInt16(truncatingIfNeeded: high &>> 32) }
    /// Number of elements or entries of a collection.
    @inlinable @inline(__always) public var count: Int {
        #if _pointerBitWidth(_32)
            // A damaged piece can claim more than can be; bounded, sizes in bytes do not wrap around.
            return Int(truncatingIfNeeded: (low &>> 32) & 0x07ff_ffff)
        #else
            return Int(truncatingIfNeeded: low &>> 32)
        #endif
    }
    /// Length in bytes of a long string or a number's text.
    @inlinable @inline(__always) public var longLength: Int { Int(truncatingIfNeeded: high & 0x7fff_ffff) }
    /// Length in bytes of a short string; at most 15, the bytes that are there, even in a damaged piece.
    @inlinable @inline(__always) public var shortLength: Int { Int(truncatingIfNeeded: (high &>> 48) & 0xf) }
    /// The content hash kept beside a long string or a number's text.
    @inlinable @inline(__always) public var storedHash: UInt32 { UInt32(truncatingIfNeeded: low &>> 32) }

    @inlinable @inline(__always)
    static func reference(_ tag: UInt8, offset: UInt32, upper: UInt32, piece: UInt16, extra: UInt32 = 0) -> Value {
        Value(
            low: UInt64(offset) | UInt64(upper) &<< 32,
            high: UInt64(extra) | UInt64(piece) &<< 32 | UInt64(tag) &<< 56)
    }

    /// The same reference seen from inside another piece's numbering.
    @inlinable @inline(__always)
    func inPiece(_ piece: UInt16) -> Value {
        Value(low: low, high: high & ~0x0000_ffff_0000_0000 | UInt64(piece) &<< 32)
    }

    // MARK: Scalars

    public static var undefined: Value { @inlinable @inline(__always) get { Value(low: 0, high: 0) } }
    public static var null: Value { @inlinable @inline(__always) get { Value(low: 0, high: 1 &<< 56) } }
    public static var `true`: Value { @inlinable @inline(__always) get { Value(low: 1, high: 2 &<< 56) } }
    public static var `false`: Value { @inlinable @inline(__always) get { Value(low: 0, high: 2 &<< 56) } }
    public static var emptyString: Value { @inlinable @inline(__always) get { Value(low: 0, high: 5 &<< 56) } }
    public static var emptyArray: Value { @inlinable @inline(__always) get { Value(low: 0, high: 10 &<< 56) } }
    public static var emptyObject: Value { @inlinable @inline(__always) get { Value(low: 0, high: 11 &<< 56) } }
    public static var emptySet: Value { @inlinable @inline(__always) get { Value(low: 0, high: 12 &<< 56) } }

    @inlinable @inline(__always)
    public static func boolean(_ value: Bool) -> Value { value ? .true : .false }

    @inlinable @inline(__always)
    public static func integer(_ value: Int64) -> Value {
        Value(low: UInt64(bitPattern: value), high: UInt64(Tag.integer) &<< 56)
    }

    @inlinable @inline(__always)
    public static func integer(_ value: Int) -> Value { integer(Int64(value)) }

    /// `mantissa / 10^scale`, written with exactly `scale` digits after the point: 1.50 is (150, 2).
    ///
    /// The spelling of the literal is kept by construction; a scale of 0 is not allowed (that is an integer).
    @inlinable @inline(__always)
    public static func decimal(mantissa: Int64, scale: UInt8) -> Value {
        Value(low: UInt64(bitPattern: mantissa), high: UInt64(scale) | UInt64(Tag.decimal) &<< 56)
    }

    @inlinable @inline(__always) public var isInteger: Bool { tag == Tag.integer }
    /// The integer inside; meaningful only where `isInteger`.
    @inlinable @inline(__always) public var integerValue: Int64 { Int64(bitPattern: low) }
    @inlinable @inline(__always) public var decimalScale: UInt8 { UInt8(truncatingIfNeeded: high) }

    // MARK: Short strings

    /// The longest string that lies inside a value, in bytes.
    public static var shortCapacity: Int { @inlinable @inline(__always) get { 14 } }

    /// A string of at most 14 bytes; nil when it is longer.
    @inlinable
    public static func shortString(_ bytes: UnsafeBufferPointer<UInt8>) -> Value? {
        guard bytes.count <= 14 else { return nil }
        return packed(bytes.baseAddress, bytes.count)
    }

    /// A string literal of at most 14 bytes of UTF-8. Longer literals give an empty string: use `Space.string`.
    public static func short(_ literal: StaticString) -> Value {
        guard literal.hasPointerRepresentation, literal.utf8CodeUnitCount <= 14 else { return .emptyString }
        return packed(literal.utf8Start, literal.utf8CodeUnitCount)
    }

    @inlinable
    static func packed(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Value {
        var low: UInt64 = 0
        var high: UInt64 = 0
        if let bytes {
            let raw = UnsafeRawPointer(bytes)
            if count >= 8 {
                low = UInt64(littleEndian: raw.loadUnaligned(as: UInt64.self))
                let rest = count &- 8
                if rest > 0 {
                    // Overlapping load of the last 8 bytes, shifted down to the ones not yet seen.
                    let tail = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: rest, as: UInt64.self))
                    high = tail &>> UInt64(truncatingIfNeeded: (8 &- rest) &* 8)
                }
            } else if count >= 4 {
                let head = UInt64(UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self)))
                let tail = UInt64(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
                low = head | tail &<< UInt64(truncatingIfNeeded: (count &- 4) &* 8)
            } else if count > 0 {
                low =
                    UInt64(bytes[0]) | UInt64(bytes[count &>> 1]) &<< UInt64(truncatingIfNeeded: (count &>> 1) &* 8)
                    | UInt64(bytes[count &- 1]) &<< UInt64(truncatingIfNeeded: (count &- 1) &* 8)
            }
        }
        return Value(
            low: low, high: high | UInt64(truncatingIfNeeded: count) &<< 48 | UInt64(Tag.shortString) &<< 56)
    }

    /// Whether the two are the same 16 bytes. Equal bits are equal values; different bits decide nothing
    /// unless both are short strings or integers.
    @inlinable @inline(__always)
    public static func identical(_ a: Value, _ b: Value) -> Bool { (a.low ^ b.low) | (a.high ^ b.high) == 0 }
}
