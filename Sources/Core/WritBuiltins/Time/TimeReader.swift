import WritValue

/// Why a text does not follow its layout. Its bytes are those of the operands: it never leaves the call.
enum TimeSyntaxError: Error, @unchecked Sendable {
    /// "cannot parse `value` as `element`".
    case mismatch(element: Bytes, value: Bytes)
    /// "`what` out of range" and the like, as one text.
    case refused(StaticString)
    /// ": extra text: `value`".
    case extra(Bytes)
}

/// Reads a text as a layout says. The rules, generous ones included, are those of Go's `time.Parse`.
struct TimeReader {
    private var layout: TimeLayout
    private var value: Bytes
    private var year: Int64 = 0
    private var month = -1
    private var day = -1
    private var dayOfYear = -1
    private var hour = 0
    private var minute = 0
    private var second = 0
    private var nanosecond = 0
    private var isPM = false
    private var isAM = false
    private var isUniversal = false
    /// Seconds east of UTC; -1 stands for none, so that an offset of a second west counts as none (as in Go).
    private var offset = -1
    /// What the element being read refuses, apart from its syntax.
    private var refusal: StaticString?

    /// Reads the whole text. Gives seconds since 1970 and nanoseconds.
    static func read(
        _ value: Bytes, as layout: Bytes
    ) throws(TimeSyntaxError) -> (seconds: Int64, nanosecond: Int) {
        var reader = TimeReader(layout: TimeLayout(layout), value: value)
        try reader.readElements()
        return try reader.finish()
    }

    private init(layout: TimeLayout, value: Bytes) {
        self.layout = layout
        self.value = value
    }

    private mutating func readElements() throws(TimeSyntaxError) {
        while true {
            let (prefix, element, text) = layout.next()
            guard skip(prefix) else { throw .mismatch(element: prefix, value: value) }
            if case .end = element {
                if value.count > 0 { throw .extra(value) }
                return
            }
            let before = value
            refusal = nil
            let isGood = read(element)
            if let refusal { throw .refused(refusal) }
            guard isGood else { throw .mismatch(element: text, value: before) }
        }
    }

    // MARK: Elements

    /// Reads one element; false when the text does not fit.
    private mutating func read(_ element: LayoutElement) -> Bool {
        switch element {
        case .end: return true
        case .year:
            guard value.count >= 2, let number = Self.signed(value.part(0, 2)) else { return false }
            drop(2)
            year = number >= 69 ? number &+ 1900 : number &+ 2000
            return true
        case .longYear:
            guard value.count >= 4, Self.isDigit(value, 0), let number = Self.signed(value.part(0, 4)) else {
                return false
            }
            drop(4)
            year = number
            return true
        case .month: return name(short: true, count: 12, Calendar.monthName, first: 1) { $0.month = $1 }
        case .longMonth: return name(short: false, count: 12, Calendar.monthName, first: 1) { $0.month = $1 }
        case .weekday: return name(short: true, count: 7, Calendar.weekdayName, first: 0) { _, _ in }
        case .longWeekday: return name(short: false, count: 7, Calendar.weekdayName, first: 0) { _, _ in }
        case .numberMonth, .zeroMonth:
            guard let number = number(fixed: element.isZero) else { return false }
            month = number
            if number < 1 || number > 12 { refusal = "month out of range" }
            return true
        case .day, .spacedDay, .zeroDay:
            if case .spacedDay = element { dropSpace() }
            guard let number = number(fixed: element.isZero) else { return false }
            day = number
            return true
        case .spacedDayOfYear, .zeroDayOfYear: return readDayOfYear(element)
        case .hour:
            guard let number = number(fixed: false) else { return false }
            hour = number
            if number > 23 { refusal = "hour out of range" }
            return true
        case .hour12, .zeroHour12:
            guard let number = number(fixed: element.isZero) else { return false }
            hour = number
            if number > 12 { refusal = "hour out of range" }
            return true
        case .minute, .zeroMinute:
            guard let number = number(fixed: element.isZero) else { return false }
            minute = number
            if number > 59 { refusal = "minute out of range" }
            return true
        case .second, .zeroSecond: return readSecond(element)
        case .upperPM, .lowerPM: return readHalf(element)
        case .zoneName: return readZoneName()
        case .offset(let style): return readOffset(style)
        case .fraction(let digits, _):
            guard value.count > digits, let number = Self.nanoseconds(value, digits &+ 1) else { return false }
            if number < 0 { refusal = "fractional second out of range" }
            nanosecond = number
            drop(digits &+ 1)
            return true
        case .trimmedFraction:
            guard value.count >= 2, Self.isSeparator(value[0]), Self.isDigit(value, 1) else { return true }
            return readFraction()
        }
    }

    private mutating func readDayOfYear(_ element: LayoutElement) -> Bool {
        if case .spacedDayOfYear = element {
            dropSpace()
            dropSpace()
        }
        var number = 0
        var digits = 0
        while digits < 3, Self.isDigit(value, digits) {
            number = number &* 10 &+ Int(value[digits] &- UInt8(ascii: "0"))
            digits &+= 1
        }
        guard digits > 0, !element.isZero || digits == 3 else { return false }
        drop(digits)
        dayOfYear = number
        return true
    }

    private mutating func readSecond(_ element: LayoutElement) -> Bool {
        guard let number = number(fixed: element.isZero) else { return false }
        second = number
        if number > 59 {
            refusal = "second out of range"
            return true
        }
        // A fraction may follow the seconds though the layout has none.
        guard value.count >= 2, Self.isSeparator(value[0]), Self.isDigit(value, 1) else { return true }
        var ahead = layout
        switch ahead.next().element {
        case .fraction, .trimmedFraction: return true
        default: return readFraction()
        }
    }

    /// Reads a separator and all digits behind it.
    private mutating func readFraction() -> Bool {
        var end = 2
        while Self.isDigit(value, end) { end &+= 1 }
        guard let number = Self.nanoseconds(value, end) else { return false }
        nanosecond = number
        drop(end)
        return true
    }

    private mutating func readHalf(_ element: LayoutElement) -> Bool {
        guard value.count >= 2 else { return false }
        let half = value.part(0, 2)
        drop(2)
        if case .upperPM = element {
            if half.equals("PM") { isPM = true } else if half.equals("AM") { isAM = true } else { return false }
        } else {
            if half.equals("pm") { isPM = true } else if half.equals("am") { isAM = true } else { return false }
        }
        return true
    }

    private mutating func readZoneName() -> Bool {
        if value.part(0, 3).equals("UTC") {
            isUniversal = true
            drop(3)
            return true
        }
        // The name of a zone that is not known moves nothing.
        guard let length = ZoneName.length(value) else { return false }
        drop(length)
        return true
    }

    private mutating func readOffset(_ style: OffsetStyle) -> Bool {
        if style.zulu, value.count > 0, value[0] == UInt8(ascii: "Z") {
            drop(1)
            isUniversal = true
            return true
        }
        let length = style.length
        guard value.count >= length else { return false }
        let step = style.colons ? 3 : 2
        if style.minutes, style.colons, value[3] != UInt8(ascii: ":") { return false }
        if style.seconds, style.colons, value[6] != UInt8(ascii: ":") { return false }
        let text = value
        drop(length)
        // The first of the three numbers that is malformed leaves those behind it unread.
        let hours = Self.twoDigits(text, 1)
        let minutes = style.minutes ? hours == nil ? 0 : Self.twoDigits(text, 1 &+ step) : 0
        let seconds = style.seconds ? minutes == nil || hours == nil ? 0 : Self.twoDigits(text, 1 &+ 2 &* step) : 0
        if let hours, hours > 24 { refusal = "time zone offset hour out of range" }
        if let minutes, minutes > 60 { refusal = "time zone offset minute out of range" }
        if let seconds, seconds > 60 { refusal = "time zone offset second out of range" }
        guard let hours, let minutes, let seconds else { return false }
        offset = (hours &* 60 &+ minutes) &* 60 &+ seconds
        if text[0] == UInt8(ascii: "-") {
            offset = 0 &- offset
        } else if text[0] != UInt8(ascii: "+") {
            return false
        }
        return true
    }

    // MARK: Pieces of text

    private mutating func drop(_ count: Int) { value = value.part(count, value.count) }

    private mutating func dropSpace() { if value.count > 0, value[0] == UInt8(ascii: " ") { drop(1) } }

    /// Takes plain text; a space in it stands for any number of them.
    private mutating func skip(_ prefix: Bytes) -> Bool {
        var index = 0
        while index < prefix.count {
            if prefix[index] == UInt8(ascii: " ") {
                if value.count > 0, value[0] != UInt8(ascii: " ") { return false }
                while index < prefix.count, prefix[index] == UInt8(ascii: " ") { index &+= 1 }
                while value.count > 0, value[0] == UInt8(ascii: " ") { drop(1) }
            } else {
                guard value.count > 0, value[0] == prefix[index] else { return false }
                index &+= 1
                drop(1)
            }
        }
        return true
    }

    /// Takes one or two digits, exactly two if `fixed`.
    private mutating func number(fixed: Bool) -> Int? {
        guard Self.isDigit(value, 0) else { return nil }
        let first = Int(value[0] &- UInt8(ascii: "0"))
        guard Self.isDigit(value, 1) else {
            if fixed { return nil }
            drop(1)
            return first
        }
        let second = Int(value[1] &- UInt8(ascii: "0"))
        drop(2)
        return first &* 10 &+ second
    }

    /// Takes one of several names, whatever its case.
    private mutating func name(
        short: Bool, count: Int, _ names: (Int) -> StaticString, first: Int, _ found: (inout TimeReader, Int) -> Void
    ) -> Bool {
        for number in first..<(first &+ count) {
            let name = names(number)
            let length = short ? 3 : name.utf8CodeUnitCount
            guard length <= value.count else { continue }
            var index = 0
            while index < length {
                let (one, two) = (value[index], name.utf8Start[index])
                if one != two, one | 0x20 != two | 0x20 || (one | 0x20) &- UInt8(ascii: "a") > 25 { break }
                index &+= 1
            }
            if index == length {
                drop(length)
                found(&self, number)
                return true
            }
        }
        return false
    }

    static func isDigit(_ text: Bytes, _ index: Int) -> Bool {
        index < text.count && text[index] &- UInt8(ascii: "0") < 10
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ".") || byte == UInt8(ascii: ",") }

    private static func twoDigits(_ text: Bytes, _ start: Int) -> Int? {
        guard isDigit(text, start), isDigit(text, start &+ 1) else { return nil }
        return Int(text[start] &- UInt8(ascii: "0")) &* 10 &+ Int(text[start &+ 1] &- UInt8(ascii: "0"))
    }

    /// An integer with an optional sign; nothing at all counts as 0.
    private static func signed(_ text: Bytes) -> Int64? {
        var index = 0
        let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
        if isNegative || (text.count > 0 && text[0] == UInt8(ascii: "+")) { index = 1 }
        var number: Int64 = 0
        while index < text.count {
            guard isDigit(text, index), number < 1_000_000_000_000 else { return nil }
            number = number &* 10 &+ Int64(text[index] &- UInt8(ascii: "0"))
            index &+= 1
        }
        return isNegative ? 0 &- number : number
    }

    /// The nanoseconds in a separator and digits, `length` bytes in all; digits beyond the ninth are dropped. A sign
    /// is read as one, so that the result may be negative.
    private static func nanoseconds(_ text: Bytes, _ length: Int) -> Int? {
        guard text.count > 0, length >= 1, isSeparator(text[0]) else { return nil }
        let end = min(length, 10)
        guard let digits = signed(text.part(1, end)) else { return nil }
        var number = Int(truncatingIfNeeded: digits)
        for _ in end..<10 { number &*= 10 }
        return number
    }

    // MARK: The whole

    private mutating func finish() throws(TimeSyntaxError) -> (seconds: Int64, nanosecond: Int) {
        if isPM, hour < 12 { hour &+= 12 } else if isAM, hour == 12 { hour = 0 }
        if dayOfYear >= 0 { try resolveDayOfYear() }
        if month < 0 { month = 1 }
        if day < 0 { day = 1 }
        guard day >= 1, day <= Calendar.days(inMonth: month, ofYear: year) else { throw .refused("day out of range") }
        let number = Calendar.day(year: year, month: Int64(month), day: Int64(day))
        var seconds = number &* Calendar.secondsPerDay &+ Int64(hour &* 3600 &+ minute &* 60 &+ second)
        if !isUniversal, offset != -1 { seconds &-= Int64(offset) }
        return (seconds, nanosecond)
    }

    private mutating func resolveDayOfYear() throws(TimeSyntaxError) {
        var found = (month: 0, day: 0)
        var number = dayOfYear
        if Calendar.isLeap(year) {
            if number == 60 { found = (2, 29) } else if number > 60 { number &-= 1 }
        }
        guard number >= 1, number <= 365 else { throw .refused("day-of-year out of range") }
        if found.month == 0 {
            found.month = (number &- 1) / 31 &+ 1
            if Calendar.daysBefore(month: found.month &+ 1) < number { found.month &+= 1 }
            found.day = number &- Calendar.daysBefore(month: found.month)
        }
        if month >= 0, month != found.month { throw .refused("day-of-year does not match month") }
        month = found.month
        if day >= 0, day != found.day { throw .refused("day-of-year does not match day") }
        day = found.day
    }
}

extension LayoutElement {
    /// Whether the element is written with zeros in front, and so read with all of its digits.
    fileprivate var isZero: Bool {
        switch self {
        case .zeroMonth, .zeroDay, .zeroDayOfYear, .zeroHour12, .zeroMinute, .zeroSecond: true
        default: false
        }
    }
}

/// What looks like the abbreviation of a time zone.
private enum ZoneName {
    /// Length in bytes of the abbreviation that a text begins with; nil for none.
    static func length(_ text: Bytes) -> Int? {
        guard text.count >= 3 else { return nil }
        if text.part(0, 4).equals("ChST") || text.part(0, 4).equals("MeST") { return 4 }
        if text.part(0, 3).equals("GMT") { return 3 &+ signedHours(text.part(3, text.count)) }
        if text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-") {
            let length = signedHours(text)
            return length > 0 ? length : nil
        }
        var capitals = 0
        while capitals < 6, capitals < text.count, text[capitals] &- UInt8(ascii: "A") < 26 { capitals &+= 1 }
        switch capitals {
        case 5: return text[4] == UInt8(ascii: "T") ? 5 : nil
        case 4: return text[3] == UInt8(ascii: "T") || text.part(0, 4).equals("WITA") ? 4 : nil
        case 3: return 3
        default: return nil
        }
    }

    /// Length of a sign and a number of at most 23; 0 for anything else.
    private static func signedHours(_ text: Bytes) -> Int {
        guard text.count > 0, text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-") else { return 0 }
        var index = 1
        var number = 0
        while TimeReader.isDigit(text, index) {
            if number < 1000 { number = number &* 10 &+ Int(text[index] &- UInt8(ascii: "0")) }
            index &+= 1
        }
        return index > 1 && number <= 23 ? index : 0
    }
}
