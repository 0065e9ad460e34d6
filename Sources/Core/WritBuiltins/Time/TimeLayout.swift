/// What one part of a layout stands for. Layouts are Go's: the moment Mon Jan 2 15:04:05 MST 2006, written as wanted.
enum LayoutElement {
    /// The layout ends in plain text.
    case end
    case longMonth, month, numberMonth, zeroMonth
    case longWeekday, weekday
    case day, spacedDay, zeroDay, spacedDayOfYear, zeroDayOfYear
    case hour, hour12, zeroHour12, minute, zeroMinute, second, zeroSecond
    case longYear, year
    case upperPM, lowerPM
    case zoneName
    /// An offset from UTC.
    case offset(OffsetStyle)
    /// `.000`: exactly so many digits, behind this byte.
    case fraction(digits: Int, separator: UInt8)
    /// `.999`: at most so many digits, without zeros at the end.
    case trimmedFraction(digits: Int, separator: UInt8)
}

/// How an offset from UTC is written.
struct OffsetStyle {
    /// Whether "Z" stands for no offset.
    var zulu: Bool
    var colons: Bool
    /// Whether there are minutes, and seconds.
    var minutes: Bool
    var seconds: Bool

    /// Length in bytes of an offset in this style, sign included.
    var length: Int { 3 + (minutes ? (colons ? 3 : 2) : 0) + (seconds ? (colons ? 3 : 2) : 0) }
}

/// A layout being read from left to right.
struct TimeLayout {
    /// What is still to be read.
    private(set) var rest: Bytes

    init(_ layout: Bytes) { rest = layout }

    /// Takes the plain text up to the next element, and the element.
    mutating func next() -> (prefix: Bytes, element: LayoutElement, text: Bytes) {
        var index = 0
        while index < rest.count {
            let (length, element, skipped) = Self.element(rest, index)
            if length > 0 {
                let prefix = rest.part(0, index &+ skipped)
                let text = rest.part(index &+ skipped, index &+ length)
                rest = rest.part(index &+ length, rest.count)
                return (prefix, element, text)
            }
            index &+= 1
        }
        let prefix = rest
        rest = rest.part(rest.count, rest.count)
        return (prefix, .end, rest)
    }

    /// The element that begins at `index`, its length (0 for none), and how much of it is plain text in front.
    private static func element(_ text: Bytes, _ index: Int) -> (length: Int, element: LayoutElement, skipped: Int) {
        let none = (length: 0, element: LayoutElement.end, skipped: 0)
        func has(_ literal: StaticString) -> Bool {
            text.matches(Bytes(start: literal.utf8Start, count: literal.utf8CodeUnitCount), at: index)
        }
        func lowerFollows(_ length: Int) -> Bool {
            index &+ length < text.count && text[index &+ length] &- UInt8(ascii: "a") < 26
        }
        switch text[index] {
        case UInt8(ascii: "J"):
            if has("January") { return (7, .longMonth, 0) }
            return has("Jan") && !lowerFollows(3) ? (3, .month, 0) : none
        case UInt8(ascii: "M"):
            if has("Monday") { return (6, .longWeekday, 0) }
            if has("Mon"), !lowerFollows(3) { return (3, .weekday, 0) }
            return has("MST") ? (3, .zoneName, 0) : none
        case UInt8(ascii: "0"): return zeroElement(text, index)
        case UInt8(ascii: "1"): return has("15") ? (2, .hour, 0) : (1, .numberMonth, 0)
        case UInt8(ascii: "2"): return has("2006") ? (4, .longYear, 0) : (1, .day, 0)
        case UInt8(ascii: "_"):
            // The underscore of "_2006" is plain text.
            if has("_2006") { return (5, .longYear, 1) }
            if has("_2") { return (2, .spacedDay, 0) }
            return has("__2") ? (3, .spacedDayOfYear, 0) : none
        case UInt8(ascii: "3"): return (1, .hour12, 0)
        case UInt8(ascii: "4"): return (1, .minute, 0)
        case UInt8(ascii: "5"): return (1, .second, 0)
        case UInt8(ascii: "P"): return has("PM") ? (2, .upperPM, 0) : none
        case UInt8(ascii: "p"): return has("pm") ? (2, .lowerPM, 0) : none
        case UInt8(ascii: "-"), UInt8(ascii: "Z"): return offsetElement(text, index)
        case UInt8(ascii: "."), UInt8(ascii: ","): return fractionElement(text, index)
        default: return none
        }
    }

    private static func zeroElement(
        _ text: Bytes, _ index: Int
    ) -> (length: Int, element: LayoutElement, skipped: Int) {
        guard index &+ 1 < text.count else { return (0, .end, 0) }
        switch text[index &+ 1] {
        case UInt8(ascii: "1"): return (2, .zeroMonth, 0)
        case UInt8(ascii: "2"): return (2, .zeroDay, 0)
        case UInt8(ascii: "3"): return (2, .zeroHour12, 0)
        case UInt8(ascii: "4"): return (2, .zeroMinute, 0)
        case UInt8(ascii: "5"): return (2, .zeroSecond, 0)
        case UInt8(ascii: "6"): return (2, .year, 0)
        case UInt8(ascii: "0"):
            return index &+ 2 < text.count && text[index &+ 2] == UInt8(ascii: "2")
                ? (3, .zeroDayOfYear, 0) : (0, .end, 0)
        default: return (0, .end, 0)
        }
    }

    private static func offsetElement(
        _ text: Bytes, _ index: Int
    ) -> (length: Int, element: LayoutElement, skipped: Int) {
        let zulu = text[index] == UInt8(ascii: "Z")
        func has(_ literal: StaticString) -> Bool {
            text.matches(Bytes(start: literal.utf8Start, count: literal.utf8CodeUnitCount), at: index &+ 1)
        }
        func style(_ colons: Bool, _ minutes: Bool, _ seconds: Bool) -> LayoutElement {
            .offset(OffsetStyle(zulu: zulu, colons: colons, minutes: minutes, seconds: seconds))
        }
        if has("070000") { return (7, style(false, true, true), 0) }
        if has("07:00:00") { return (9, style(true, true, true), 0) }
        if has("0700") { return (5, style(false, true, false), 0) }
        if has("07:00") { return (6, style(true, true, false), 0) }
        return has("07") ? (3, style(false, false, false), 0) : (0, .end, 0)
    }

    private static func fractionElement(
        _ text: Bytes, _ index: Int
    ) -> (length: Int, element: LayoutElement, skipped: Int) {
        guard index &+ 1 < text.count else { return (0, .end, 0) }
        let digit = text[index &+ 1]
        guard digit == UInt8(ascii: "0") || digit == UInt8(ascii: "9") else { return (0, .end, 0) }
        var end = index &+ 1
        while end < text.count, text[end] == digit { end &+= 1 }
        if end < text.count, text[end] &- UInt8(ascii: "0") < 10 { return (0, .end, 0) }
        let digits = end &- index &- 1
        // Go keeps the number of digits in twelve bits.
        let kept = digits & 0xfff
        return digit == UInt8(ascii: "0")
            ? (digits &+ 1, .fraction(digits: kept, separator: text[index]), 0)
            : (digits &+ 1, .trimmedFraction(digits: kept, separator: text[index]), 0)
    }

    /// The layout that a name such as `RFC3339` stands for; nil when it is no name.
    static func named(_ name: Bytes) -> StaticString? {
        if name.equals("ANSIC") { return "Mon Jan _2 15:04:05 2006" }
        if name.equals("UnixDate") { return "Mon Jan _2 15:04:05 MST 2006" }
        if name.equals("RubyDate") { return "Mon Jan 02 15:04:05 -0700 2006" }
        if name.equals("RFC822") { return "02 Jan 06 15:04 MST" }
        if name.equals("RFC822Z") { return "02 Jan 06 15:04 -0700" }
        if name.equals("RFC850") { return "Monday, 02-Jan-06 15:04:05 MST" }
        if name.equals("RFC1123") { return "Mon, 02 Jan 2006 15:04:05 MST" }
        if name.equals("RFC1123Z") { return "Mon, 02 Jan 2006 15:04:05 -0700" }
        if name.equals("RFC3339") { return "2006-01-02T15:04:05Z07:00" }
        return name.equals("RFC3339Nano") ? rfc3339Nano : nil
    }

    static let rfc3339Nano: StaticString = "2006-01-02T15:04:05.999999999Z07:00"

    /// The layout that a text stands for: that of its name, or itself.
    static func layout(_ text: Bytes) -> Bytes {
        guard let literal = named(text) else { return text }
        return Bytes(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
    }
}
