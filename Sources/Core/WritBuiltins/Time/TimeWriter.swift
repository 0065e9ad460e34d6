import WritValue

/// Writes wall times as layouts say.
struct TimeWriter {
    let buffer: Scratch
    let time: WallTime

    func write(_ layout: Bytes) throws(Fault) {
        var layout = TimeLayout(layout)
        while true {
            let (prefix, element, _) = layout.next()
            try buffer.append(prefix)
            if case .end = element { return }
            try write(element)
        }
    }

    private func write(_ element: LayoutElement) throws(Fault) {
        switch element {
        case .end: break
        case .longYear: try number(Int(time.year), 4)
        case .year: try number(Int(max(0, time.year) % 100), 2)
        case .longMonth: try buffer.append(Calendar.monthName(time.month))
        case .month: try short(Calendar.monthName(time.month))
        case .numberMonth: try number(time.month, 0)
        case .zeroMonth: try number(time.month, 2)
        case .longWeekday: try buffer.append(Calendar.weekdayName(time.weekday))
        case .weekday: try short(Calendar.weekdayName(time.weekday))
        case .day: try number(time.day, 0)
        case .spacedDay:
            if time.day < 10 { try buffer.append(UInt8(ascii: " ")) }
            try number(time.day, 0)
        case .zeroDay: try number(time.day, 2)
        case .spacedDayOfYear:
            if time.dayOfYear < 100 { try buffer.append(UInt8(ascii: " ")) }
            if time.dayOfYear < 10 { try buffer.append(UInt8(ascii: " ")) }
            try number(time.dayOfYear, 0)
        case .zeroDayOfYear: try number(time.dayOfYear, 3)
        case .hour: try number(time.hour, 2)
        case .hour12: try number(time.hour % 12 == 0 ? 12 : time.hour % 12, 0)
        case .zeroHour12: try number(time.hour % 12 == 0 ? 12 : time.hour % 12, 2)
        case .minute: try number(time.minute, 0)
        case .zeroMinute: try number(time.minute, 2)
        case .second: try number(time.second, 0)
        case .zeroSecond: try number(time.second, 2)
        case .upperPM: try buffer.append(time.hour >= 12 ? "PM" : "AM")
        case .lowerPM: try buffer.append(time.hour >= 12 ? "pm" : "am")
        case .zoneName: try zoneName()
        case .offset(let style): try offset(style)
        case .fraction(let digits, let separator): try fraction(digits, separator, trim: false)
        case .trimmedFraction(let digits, let separator): try fraction(digits, separator, trim: true)
        }
    }

    /// A number with zeros in front up to `width` digits; a minus does not count.
    private func number(_ value: Int, _ width: Int) throws(Fault) {
        if value < 0 { try buffer.append(UInt8(ascii: "-")) }
        let magnitude = Int(truncatingIfNeeded: value.magnitude)
        var limit = 10
        var digits = 1
        while digits < width {
            if magnitude < limit { try buffer.append(UInt8(ascii: "0")) }
            limit &*= 10
            digits &+= 1
        }
        try buffer.append(decimal: magnitude)
    }

    private func short(_ name: StaticString) throws(Fault) {
        try buffer.append(Bytes(start: name.utf8Start, count: 3))
    }

    private func zoneName() throws(Fault) {
        if time.zone.isEmpty {
            try offset(OffsetStyle(zulu: false, colons: false, minutes: true, seconds: false))
        } else {
            for byte in time.zone { try buffer.append(byte) }
        }
    }

    private func offset(_ style: OffsetStyle) throws(Fault) {
        if style.zulu, time.offset == 0 {
            try buffer.append(UInt8(ascii: "Z"))
            return
        }
        let minutes = time.offset / 60
        try buffer.append(minutes < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
        try number(abs(minutes) / 60, 2)
        if style.minutes {
            if style.colons { try buffer.append(UInt8(ascii: ":")) }
            try number(abs(minutes) % 60, 2)
        }
        if style.seconds {
            if style.colons { try buffer.append(UInt8(ascii: ":")) }
            try number((minutes < 0 ? 0 &- time.offset : time.offset) % 60, 2)
        }
    }

    private func fraction(_ digits: Int, _ separator: UInt8, trim: Bool) throws(Fault) {
        if trim, digits == 0 || time.nanosecond == 0 { return }
        try buffer.append(separator)
        try number(time.nanosecond, 9)
        var end = buffer.count
        if digits < 9 { end &-= 9 &- digits }
        if trim {
            while end > 0, buffer.bytes[end &- 1] == UInt8(ascii: "0") { end &-= 1 }
            if end > 0, buffer.bytes[end &- 1] == separator { end &-= 1 }
        }
        buffer.truncate(to: end)
    }
}
