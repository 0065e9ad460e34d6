/// The rule of a POSIX TZ string such as `CET-1CEST,M3.5.0,M10.5.0/3`: standard and daylight time year by year.
struct TimeZoneRule: Sendable {
    private enum Date {
        /// Day 1...365, 29 February never counted.
        case julian(Int)
        /// Day 0...365.
        case dayOfYear(Int)
        case weekday(month: Int, week: Int, day: Int)
    }

    private struct Change {
        var date: Date
        /// Seconds after midnight.
        var time: Int
    }

    private let standardName: [UInt8]
    private let standardOffset: Int
    private let daylight: (name: [UInt8], offset: Int, start: Change, end: Change)?

    /// Reads a rule; nil when it is malformed or empty.
    init?(_ text: [UInt8]) {
        var reader = Reader(text: text)
        guard let name = reader.name(), let offset = reader.offset() else { return nil }
        standardName = name
        standardOffset = 0 - offset
        if reader.isAtEnd || reader.peek == UInt8(ascii: ",") {
            daylight = nil
            return
        }
        guard let daylightName = reader.name() else { return nil }
        var daylightOffset = standardOffset + 3600
        if !reader.isAtEnd, reader.peek != UInt8(ascii: ",") {
            guard let offset = reader.offset() else { return nil }
            daylightOffset = 0 - offset
        }
        if reader.isAtEnd {
            // The rule of the United States, where none is given.
            daylight = (
                daylightName, daylightOffset,
                Change(date: .weekday(month: 3, week: 2, day: 0), time: 7200),
                Change(date: .weekday(month: 11, week: 1, day: 0), time: 7200)
            )
            return
        }
        guard reader.take(UInt8(ascii: ",")) || reader.take(UInt8(ascii: ";")), let start = reader.change(),
            reader.take(UInt8(ascii: ",")), let end = reader.change(), reader.isAtEnd
        else { return nil }
        daylight = (daylightName, daylightOffset, start, end)
    }

    /// The period of a moment after the last transition of the file, which was at `last`.
    func period(at seconds: Int64, after last: Int64) -> TimeZone.Period {
        guard let daylight else {
            return TimeZone.Period(name: standardName, offset: standardOffset, start: last, end: .max)
        }
        let day = Calendar.floorDivide(seconds, Calendar.secondsPerDay)
        let year = Calendar.date(ofDay: day).year
        let yearStart = Calendar.day(year: year, month: 1, day: 1) &* Calendar.secondsPerDay
        let second = seconds &- yearStart
        var start = Self.second(of: daylight.start, year) &- Int64(standardOffset)
        var end = Self.second(of: daylight.end, year) &- Int64(daylight.offset)
        var outside = (name: standardName, offset: standardOffset)
        var inside = (name: daylight.name, offset: daylight.offset)
        if end < start {
            // South of the equator the year begins with daylight time.
            swap(&start, &end)
            swap(&outside, &inside)
        }
        if second < start {
            return TimeZone.Period(
                name: outside.name, offset: outside.offset, start: yearStart, end: yearStart &+ start)
        }
        if second >= end {
            return TimeZone.Period(
                name: outside.name, offset: outside.offset, start: yearStart &+ end,
                end: yearStart &+ 365 &* Calendar.secondsPerDay)
        }
        return TimeZone.Period(
            name: inside.name, offset: inside.offset, start: yearStart &+ start, end: yearStart &+ end)
    }

    /// Seconds from the beginning of the year to a change, by the wall clock.
    private static func second(of change: Change, _ year: Int64) -> Int64 {
        let day: Int64
        switch change.date {
        case .julian(let number): day = Int64(number - 1) + (Calendar.isLeap(year) && number >= 60 ? 1 : 0)
        case .dayOfYear(let number): day = Int64(number)
        case .weekday(let month, let week, let weekday):
            let first = Calendar.day(year: year, month: Int64(month), day: 1)
            var offset = weekday - Calendar.weekday(ofDay: first)
            if offset < 0 { offset += 7 }
            for _ in 1..<max(1, week) where offset + 7 < Calendar.days(inMonth: month, ofYear: year) { offset += 7 }
            day = first &- Calendar.day(year: year, month: 1, day: 1) &+ Int64(offset)
        }
        return day &* Calendar.secondsPerDay &+ Int64(change.time)
    }

    private struct Reader {
        let text: [UInt8]
        var index = 0

        init(text: [UInt8]) { self.text = text }

        var isAtEnd: Bool { index >= text.count }
        var peek: UInt8 { index < text.count ? text[index] : 0 }

        mutating func take(_ byte: UInt8) -> Bool {
            guard !isAtEnd, peek == byte else { return false }
            index += 1
            return true
        }

        /// Three letters or more, or anything between angle brackets.
        mutating func name() -> [UInt8]? {
            if take(UInt8(ascii: "<")) {
                let start = index
                while !isAtEnd, peek != UInt8(ascii: ">") { index += 1 }
                let end = index
                return take(UInt8(ascii: ">")) ? [UInt8](text[start..<end]) : nil
            }
            let start = index
            while !isAtEnd {
                let byte = peek
                if byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "+")
                {
                    break
                }
                index += 1
            }
            return index - start >= 3 ? [UInt8](text[start..<index]) : nil
        }

        mutating func number(_ least: Int, _ most: Int) -> Int? {
            var value = 0
            let start = index
            while peek &- UInt8(ascii: "0") < 10, !isAtEnd {
                value = value * 10 + Int(peek - UInt8(ascii: "0"))
                if value > most { return nil }
                index += 1
            }
            return index > start && value >= least ? value : nil
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func offset() -> Int? {
            var sign = 1
            if take(UInt8(ascii: "-")) { sign = -1 } else if take(UInt8(ascii: "+")) { sign = 1 }
            guard let hours = number(0, 24 * 7) else { return nil }
            var seconds = hours * 3600
            if take(UInt8(ascii: ":")) {
                guard let minutes = number(0, 59) else { return nil }
                seconds += minutes * 60
                if take(UInt8(ascii: ":")) {
                    guard let rest = number(0, 59) else { return nil }
                    seconds += rest
                }
            }
            return sign * seconds
        }

        mutating func change() -> Change? {
            let date: Date
            if take(UInt8(ascii: "J")) {
                guard let day = number(1, 365) else { return nil }
                date = .julian(day)
            } else if take(UInt8(ascii: "M")) {
                guard let month = number(1, 12), take(UInt8(ascii: ".")), let week = number(1, 5),
                    take(UInt8(ascii: ".")), let day = number(0, 6)
                else { return nil }
                date = .weekday(month: month, week: week, day: day)
            } else {
                guard let day = number(0, 365) else { return nil }
                date = .dayOfYear(day)
            }
            guard take(UInt8(ascii: "/")) else { return Change(date: date, time: 7200) }
            guard let time = offset() else { return nil }
            return Change(date: date, time: time)
        }
    }
}
