import WritValue

/// Moments in nanoseconds since 1970, and how calendars and clocks show them.
enum Time {
    static let builtins: [Builtin] = fields + texts

    private static let fields: [Builtin] = [
        Builtin(
            "time.now_ns", [], Parameter("now", .number), deterministic: false, .host(.clock),
            "The present moment in nanoseconds since 1970, the same for one whole query."),
        Builtin(
            "time.date", [Parameter("x", moment)], Parameter("date", .tuple([.number, .number, .number])),
            .pure { (context, arguments) throws(Fault) in
                let time = try Moment(context, arguments, 0).wall
                return try array(context, Int(time.year), time.month, time.day)
            },
            """
            Year, month and day of a moment, in UTC or in the zone given with it. A number that is no whole 64-bit \
            number and an unknown zone are errors.
            """),
        Builtin(
            "time.clock", [Parameter("x", moment)],
            Parameter("output", .tuple([.number, .number, .number])),
            .pure { (context, arguments) throws(Fault) in
                let time = try Moment(context, arguments, 0).wall
                return try array(context, time.hour, time.minute, time.second)
            },
            """
            Hour, minute and second of a moment, in UTC or in the zone given with it. A number that is no whole 64-bit \
            number and an unknown zone are errors.
            """),
        Builtin(
            "time.weekday", [Parameter("x", moment)], Parameter("day", .string),
            .pure { (context, arguments) throws(Fault) in
                try context.space.string(Calendar.weekdayName(try Moment(context, arguments, 0).wall.weekday))
            },
            """
            The English name of a moment's day of the week, in UTC or in the zone given with it. A number that is no \
            whole 64-bit number and an unknown zone are errors.
            """),
        Builtin(
            "time.add_date",
            [
                Parameter("ns", .number), Parameter("years", .number), Parameter("months", .number),
                Parameter("days", .number),
            ], Parameter("output", .number), .pure(addDate),
            """
            A moment moved by years, months and days on the calendar: the 31st of a shorter month becomes a day of \
            the next. A result outside 64-bit nanoseconds is an error.
            """),
        Builtin(
            "time.diff", [Parameter("ns1", moment), Parameter("ns2", moment)],
            Parameter("output", .tuple([.number, .number, .number, .number, .number, .number])), .pure(difference),
            """
            The time between two moments, whichever comes first, as years, months, days, hours, minutes and seconds \
            on the calendar of the first one's zone.
            """),
    ]

    static let moment = TypeSpec.union([.number, .tuple([.number, .string])])

    private static func array(_ context: BuiltinContext, _ numbers: Int...) throws(Fault) -> Value {
        var list = ValueList()
        for number in numbers { try list.append(.integer(number), in: context.space) }
        return try context.space.array(list)
    }

    private static func addDate(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let moment = try Moment(context, arguments, 0)
        let years = Int64(try context.integer(arguments, 1))
        let months = Int64(try context.integer(arguments, 2))
        let days = Int64(try context.integer(arguments, 3))
        let time = moment.wall
        let (year, month, date) = (time.year &+ years, Int64(time.month) &+ months, Int64(time.day) &+ days)
        let second = Int64(time.hour &* 3600 &+ time.minute &* 60 &+ time.second)
        // Beyond this the result lies outside 64-bit nanoseconds, unless Go's numbers run over.
        let limit: Int64 = 1_000_000
        let isNear = years.magnitude < limit && months.magnitude < limit && days.magnitude < limit
        let wall =
            isNear
            ? Calendar.day(year: year, month: month, day: date) &* Calendar.secondsPerDay &+ second
            : Calendar.runningOver(year: year, month: month, day: date) &+ second
        guard wall.magnitude < 100_000_000_000 else { throw context.error("time outside of valid range") }
        return try nanoseconds(context, moment.zone.universal(wall), time.nanosecond)
    }

    /// A moment as a number; an error outside 64 bits.
    static func nanoseconds(
        _ context: BuiltinContext, _ seconds: Int64, _ nanosecond: Int
    ) throws(Fault) -> Value {
        // Counted from the second after when negative, so that the first moments of the range do not overflow.
        let isNegative = seconds < 0 && nanosecond > 0
        let whole = isNegative ? seconds &+ 1 : seconds
        let rest = Int64(nanosecond) &- (isNegative ? 1_000_000_000 : 0)
        let (product, overflow) = whole.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(rest)
        guard !overflow, !carry else { throw context.error("time outside of valid range") }
        return .integer(sum)
    }

    private static func difference(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        var one = try Moment(context, arguments, 0)
        var two = try Moment(context, arguments, 1)
        two.zone = one.zone
        if two.nanoseconds < one.nanoseconds { swap(&one, &two) }
        let (a, b) = (one.wall, two.wall)
        var years = Int(b.year &- a.year)
        var months = b.month &- a.month
        var days = b.day &- a.day
        var hours = b.hour &- a.hour
        var minutes = b.minute &- a.minute
        var seconds = b.second &- a.second
        if seconds < 0 {
            seconds &+= 60
            minutes &-= 1
        }
        if minutes < 0 {
            minutes &+= 60
            hours &-= 1
        }
        if hours < 0 {
            hours &+= 24
            days &-= 1
        }
        if days < 0 {
            days &+= Calendar.days(inMonth: a.month, ofYear: a.year)
            months &-= 1
        }
        if months < 0 {
            months &+= 12
            years &-= 1
        }
        return try array(context, years, months, days, hours, minutes, seconds)
    }
}

/// An operand that is a moment: a number, or an array of a number, a zone's name and a layout.
struct Moment {
    let nanoseconds: Int64
    var zone: TimeZone
    /// The layout that the operand names; undefined when there is none.
    private(set) var layout: Value = .undefined

    init(_ context: BuiltinContext, _ arguments: Arguments, _ index: Int) throws(Fault) {
        let value = arguments[index]
        var number = value
        zone = TimeZone.utc
        if value.isArray, value.count > 0 {
            let space = context.space
            number = space.element(value, 0)
            // Errors name operand 1, whichever it is.
            guard number.isNumber else { throw context.typeError(1, "number", got: number) }
            if value.count > 1 {
                let name = space.element(value, 1)
                guard name.isString else { throw context.typeError(1, "string", got: name) }
                zone = try space.withBytes(
                    name, throwing: { (bytes) throws(Fault) in try context.timeZone(named: bytes) })
            }
            if value.count > 2 {
                layout = space.element(value, 2)
                guard layout.isString else { throw context.typeError(1, "string", got: layout) }
            }
        } else if !value.isNumber {
            throw context.typeError(1, "either number (ns) or [number (ns), string (tz)]", got: value)
        }
        guard let exact = context.space.int64(number) else { throw context.error("timestamp too big") }
        nanoseconds = exact
    }

    /// What a clock in the moment's zone shows.
    var wall: WallTime {
        let seconds = Calendar.floorDivide(nanoseconds, 1_000_000_000)
        return WallTime(
            seconds: seconds, nanosecond: Int(nanoseconds &- seconds &* 1_000_000_000), in: zone)
    }
}

extension BuiltinContext {
    /// The zone of this name, from the cache or from the host. Throws for a name that there is not.
    func timeZone(named name: Bytes) throws(Fault) -> TimeZone {
        // The local zone is UTC: where a decision is made must not change it.
        if name.count == 0 || name.equals("UTC") || name.equals("Local") { return TimeZone.utc }
        for entry in timeZones where entry.name.count == name.count {
            let isSame = entry.name.withUnsafeBufferPointer { $0.matches(name, at: 0) }
            if isSame { return entry.zone }
        }
        guard name[0] != UInt8(ascii: "/"), name[0] != UInt8(ascii: "\\"), !Self.hasTwoDots(name) else {
            throw error("time: invalid location name")
        }
        try spend(1000)
        guard name.count <= 255, let bytes = loadTimeZone?([UInt8](name)), let zone = TimeZone(bytes) else {
            throw message(.builtin) { (buffer) throws(Fault) in
                try buffer.append("unknown time zone ")
                try buffer.append(name)
            }
        }
        // There are some six hundred zones; a decision needs few of them.
        if timeZones.count >= 64 { timeZones.removeAll() }
        timeZones.append((name: [UInt8](name), zone: zone))
        return zone
    }

    private static func hasTwoDots(_ name: Bytes) -> Bool {
        for index in 0..<max(0, name.count &- 1)
        where name[index] == UInt8(ascii: ".") && name[index &+ 1] == UInt8(ascii: ".") {
            return true
        }
        return false
    }
}
