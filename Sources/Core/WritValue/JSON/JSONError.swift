/// Why a text is not accepted as JSON, and where.
public struct JSONError: Error, BitwiseCopyable, Sendable {
    public enum Reason: UInt8, BitwiseCopyable, Sendable {
        /// There is nothing but white space.
        case empty
        /// The text ends inside a value.
        case endOfText
        case beginningOfValue
        case beginningOfKey
        case afterKey
        case afterMember
        case afterElement
        case afterTopLevel
        /// A control character in a string.
        case inString
        case inEscape
        case inHexEscape
        case inNumber
        case inFraction
        case inExponent
        case inTrue
        case inFalse
        case inNull
        /// Containers are nested deeper than `JSONOptions.depthLimit`.
        case depthLimit
        /// The text is longer than `JSONOptions.sizeLimit`.
        case sizeLimit
        /// The space may not take the memory that the value needs.
        case memoryLimit
    }

    public var reason: Reason
    /// The byte that was not expected; for the words `true`, `false`, `null` see also `expected`.
    public var byte: UInt8
    /// The byte that a literal's word wants here, 0 elsewhere.
    public var expected: UInt8
    /// Offset in bytes of the offending byte from the start of the text.
    public var offset: Int

    @inlinable
    public init(_ reason: Reason, offset: Int, byte: UInt8 = 0, expected: UInt8 = 0) {
        self.reason = reason
        self.byte = byte
        self.expected = expected
        self.offset = offset
    }

    /// What went wrong, in the words of Go's decoder (which OPA's errors quote), without the position.
    public var message: [UInt8] {
        var out: [UInt8] = []
        func add(_ text: StaticString) { text.withUTF8Buffer { out.append(contentsOf: $0) } }
        switch reason {
        case .empty: add("EOF")
        case .endOfText: add("unexpected EOF")
        case .depthLimit: add("exceeded max depth")
        case .sizeLimit: add("JSON text is too long")
        case .memoryLimit: add("JSON value takes more memory than allowed")
        default:
            // Behind the value OPA reads another token, and words the error itself when there is one.
            let isToken = reason == .afterTopLevel && startsValue
            if isToken { add("error: ") }
            add("invalid character ")
            appendQuoted(&out)
            add(" ")
            add(reason == .afterTopLevel && !isToken ? "looking for beginning of value" : context)
            if expected != 0 {
                add(" (expecting '")
                out.append(expected)
                add("')")
            }
        }
        return out
    }

    var startsValue: Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "\""), UInt8(ascii: "["),
            UInt8(ascii: "{"), UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            true
        default: false
        }
    }

    private var context: StaticString {
        switch reason {
        case .beginningOfValue: "looking for beginning of value"
        case .beginningOfKey: "looking for beginning of object key string"
        case .afterKey: "after object key"
        case .afterMember: "after object key:value pair"
        case .afterElement: "after array element"
        case .afterTopLevel: "after top-level value"
        case .inString: "in string literal"
        case .inEscape: "in string escape code"
        case .inHexEscape: "in \\u hexadecimal character escape"
        case .inNumber: "in numeric literal"
        case .inFraction: "after decimal point in numeric literal"
        case .inExponent: "in exponent of numeric literal"
        case .inTrue: "in literal true"
        case .inFalse: "in literal false"
        case .inNull: "in literal null"
        case .empty, .endOfText, .depthLimit, .sizeLimit, .memoryLimit: ""
        }
    }

    /// The byte as Go quotes it: as a character of Latin-1 between single quotes.
    private func appendQuoted(_ out: inout [UInt8]) {
        out.append(UInt8(ascii: "'"))
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "\""): out.append(byte)
        default:
            var buffer = ByteBuffer()
            GoQuote.append(UInt32(byte), to: &buffer)
            buffer.withBytes { out.append(contentsOf: $0) }
        }
        out.append(UInt8(ascii: "'"))
    }

    /// Row and column (both from 1, the column in bytes) of the error in the text that was read.
    public func position(in text: UnsafeBufferPointer<UInt8>) -> (row: Int, column: Int) {
        var row = 1
        var lineStart = 0
        let end = min(offset, text.count)
        for index in 0..<end where text[index] == UInt8(ascii: "\n") {
            row &+= 1
            lineStart = index &+ 1
        }
        return (row, end &- lineStart &+ 1)
    }

    /// The same as a fault of an evaluation, its message a string of `space`.
    public func fault(in space: Space) -> Fault {
        let code: Fault.Code =
            switch reason {
            case .depthLimit: .depthLimit
            case .sizeLimit: .sizeLimit
            case .memoryLimit: .memoryLimit
            default: .syntax
            }
        var text = Value.undefined
        do throws(Fault) { text = try space.string(message) } catch { text = .undefined }
        return Fault(code, message: text, position: UInt32(clamping: offset))
    }
}

/// Limits of one reading.
public struct JSONOptions: BitwiseCopyable, Sendable {
    /// Containers nested deeper than this are refused. Go's decoder allows 10,000; here values are limited by
    /// `Space.depthLimit`, and the default leaves room below it for what a policy wraps around its input.
    public var depthLimit: Int
    /// Texts of more bytes are refused.
    public var sizeLimit: Int
    /// Whether a text may go on behind its first value. What is there is not looked at.
    public var takesFirst = false

    public static var standardDepth: Int { Space.depthLimit - 100 }

    public init(depthLimit: Int = JSONOptions.standardDepth, sizeLimit: Int = Int(Int32.max)) {
        // A deeper value could not be compared, hashed or frozen.
        self.depthLimit = max(0, min(depthLimit, Space.depthLimit - 1))
        self.sizeLimit = max(0, sizeLimit)
    }
}
