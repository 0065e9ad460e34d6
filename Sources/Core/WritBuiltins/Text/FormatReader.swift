import WritValue

/// Reads the verbs of a format of Go's `fmt`: flags, widths, precisions, `*` and argument indexes.
struct FormatReader {
    enum Verb {
        /// The format ended.
        case none
        case percent
        case badIndex
        case missing
        /// The position of the value that it takes.
        case value(Int)
    }

    let format: Bytes
    /// How many values there are.
    let count: Int
    /// Where reading stands in the format.
    var index = 0
    /// The value that the next verb takes.
    var next = 0
    /// Whether an index in brackets was seen: extra values are not told of then.
    private(set) var isReordered = false
    private(set) var spec = FormatSpec(verb: 0)
    /// A `*` of this verb took a value that is no width, or no precision.
    private(set) var hasBadWidth = false
    private(set) var hasBadPrecision = false
    private var hasGoodIndex = true
    private var isAfterIndex = false
    /// Known when a bracket was looked for and not found, so that looking again costs nothing.
    private var hasNoBracket = false

    init(_ format: Bytes, count: Int) {
        self.format = format
        self.count = count
    }

    /// Reads one verb behind its `%`. `integer` gives the value at a position where it is an integer.
    mutating func verb(integer: (Int) -> Int64?) -> Verb {
        spec = FormatSpec(verb: 0)
        hasGoodIndex = true
        isAfterIndex = false
        hasBadWidth = false
        hasBadPrecision = false
        readFlags()
        readIndex()
        readWidth(integer)
        readPrecision(integer)
        if !isAfterIndex { readIndex() }
        guard index < format.count else { return .none }
        let (scalar, length) = Scalars.decode(format, at: index)
        index &+= length
        spec.verb = scalar
        if scalar == UInt32(UInt8(ascii: "%")) { return .percent }
        guard hasGoodIndex else { return .badIndex }
        guard next < count else { return .missing }
        next &+= 1
        return .value(next &- 1)
    }

    private mutating func readFlags() {
        while index < format.count {
            switch format[index] {
            case UInt8(ascii: "#"): spec.sharp = true
            case UInt8(ascii: "0"): spec.zero = true
            case UInt8(ascii: "+"): spec.plus = true
            case UInt8(ascii: "-"): spec.minus = true
            case UInt8(ascii: " "): spec.space = true
            default: return
            }
            index &+= 1
        }
    }

    private mutating func readWidth(_ integer: (Int) -> Int64?) {
        if index < format.count, format[index] == UInt8(ascii: "*") {
            index &+= 1
            spec.width = takeInteger(integer)
            hasBadWidth = spec.width == nil
            if let width = spec.width, width < 0 {
                spec.width = 0 &- width
                spec.minus = true
                spec.zero = false
            }
            isAfterIndex = false
        } else {
            spec.width = readNumber(end: format.count)
            if isAfterIndex, spec.width != nil { hasGoodIndex = false }
        }
    }

    private mutating func readPrecision(_ integer: (Int) -> Int64?) {
        // A point at the very end is no precision but the verb.
        guard index &+ 1 < format.count, format[index] == UInt8(ascii: ".") else { return }
        index &+= 1
        if isAfterIndex { hasGoodIndex = false }
        readIndex()
        if index < format.count, format[index] == UInt8(ascii: "*") {
            index &+= 1
            spec.precision = takeInteger(integer)
            if let precision = spec.precision, precision < 0 { spec.precision = nil }
            hasBadPrecision = spec.precision == nil
            isAfterIndex = false
        } else {
            spec.precision = readNumber(end: format.count) ?? 0
        }
    }

    /// The value that `*` takes, if it is an integer of at most a million either way.
    private mutating func takeInteger(_ integer: (Int) -> Int64?) -> Int? {
        guard next < count else { return nil }
        let value = integer(next)
        next &+= 1
        guard let value, value.magnitude <= 1_000_000 else { return nil }
        return Int(truncatingIfNeeded: value)
    }

    /// Digits up to `end`. A number that grows beyond a million is none, and reading goes on at `end`.
    private mutating func readNumber(end: Int) -> Int? {
        var number = 0
        var found = false
        while index < end, format[index] &- UInt8(ascii: "0") < 10 {
            if number > 1_000_000 {
                index = end
                return nil
            }
            number = number &* 10 &+ Int(format[index] &- UInt8(ascii: "0"))
            found = true
            index &+= 1
        }
        return found ? number : nil
    }

    /// An index such as `[2]`, if one stands here.
    private mutating func readIndex() {
        isAfterIndex = false
        guard index < format.count, format[index] == UInt8(ascii: "[") else { return }
        isReordered = true
        let start = index
        var close = -1
        if format.count &- start >= 3, !hasNoBracket {
            close = ByteSearch.find(UInt8(ascii: "]"), in: format, from: start &+ 1, through: format.count &- 1)
            hasNoBracket = close < 0
        }
        guard close >= 0 else {
            hasGoodIndex = false
            index = start &+ 1
            return
        }
        index = start &+ 1
        let number = readNumber(end: close)
        let isNumber = number != nil && index == close
        index = close &+ 1
        isAfterIndex = isNumber
        if isNumber, let number, number >= 1, number <= count {
            next = number &- 1
        } else {
            hasGoodIndex = false
        }
    }
}
