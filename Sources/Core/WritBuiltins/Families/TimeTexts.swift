import WritValue

extension Time {
    static let texts: [Builtin] = [
        Builtin(
            "time.parse_ns", [Parameter("layout", .string), Parameter("value", .string)], Parameter("ns", .number),
            .pure { (context, arguments) throws(Fault) in
                let layout = TimeLayout.layout(try context.text(arguments, 0))
                return try parse(context, layout, try context.text(arguments, 1))
            },
            """
            The moment that `value` tells when read as `layout` says, a layout of Go's or the name of one, such as \
            `RFC3339`. Without a zone in it, UTC is meant. A text that does not fit, and a moment outside 64-bit \
            nanoseconds, are errors.
            """),
        Builtin(
            "time.parse_rfc3339_ns", [Parameter("value", .string)], Parameter("ns", .number),
            .pure { (context, arguments) throws(Fault) in
                let layout: StaticString = "2006-01-02T15:04:05Z07:00"
                return try parse(
                    context, Bytes(start: layout.utf8Start, count: layout.utf8CodeUnitCount),
                    try context.text(arguments, 0))
            },
            """
            The moment that a text in the format of RFC 3339 tells. A text that does not fit, and a moment outside \
            64-bit nanoseconds, are errors.
            """),
        Builtin(
            "time.parse_duration_ns", [Parameter("duration", .string)], Parameter("ns", .number),
            .pure(parseDuration),
            """
            A duration such as `1h15m30.918273645s` in nanoseconds. Units are ns, us, ms, s, m, h, d, w and y (24 \
            hours, 7 days, 365 days). A malformed text and a duration of more than 64 bits are errors.
            """),
        Builtin(
            "time.format",
            [
                Parameter(
                    "x", .union([.number, .tuple([.number, .string]), .tuple([.number, .string, .string])]))
            ], Parameter("formatted timestamp", .string), .pure(format),
            """
            A moment as text: in UTC or in the zone given with it, as the layout given with both says, or in the \
            format of RFC 3339 with nanoseconds. A number that is no whole 64-bit number and an unknown zone are \
            errors.
            """),
    ]

    private static func format(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let moment = try Moment(context, arguments, 0)
        let buffer = context.begin()
        let writer = TimeWriter(buffer: buffer, time: moment.wall)
        if context.space.byteCount(moment.layout) == 0 {
            let layout = TimeLayout.rfc3339Nano
            try writer.write(Bytes(start: layout.utf8Start, count: layout.utf8CodeUnitCount))
        } else {
            try context.space.withBytes(
                moment.layout, throwing: { (bytes) throws(Fault) in try writer.write(TimeLayout.layout(bytes)) })
        }
        try context.spend(8 &+ buffer.count &>> 2)
        return try context.written()
    }

    // MARK: Parsing moments

    private static func parse(
        _ context: BuiltinContext, _ layout: Bytes, _ value: Bytes
    ) throws(Fault) -> Value {
        try context.spend(8 &+ (layout.count &+ value.count) &>> 2)
        let moment: (seconds: Int64, nanosecond: Int)
        do throws(TimeSyntaxError) {
            moment = try TimeReader.read(value, as: layout)
        } catch {
            throw fault(context, layout, value, error)
        }
        return try nanoseconds(context, moment.seconds, moment.nanosecond)
    }

    private static func fault(
        _ context: BuiltinContext, _ layout: Bytes, _ value: Bytes, _ error: TimeSyntaxError
    ) -> Fault {
        context.message(.builtin) { (buffer) throws(Fault) in
            try buffer.append("parsing time ")
            try buffer.append(goTimeQuoted: value)
            switch error {
            case .mismatch(let element, let rest):
                try buffer.append(" as ")
                try buffer.append(goTimeQuoted: layout)
                try buffer.append(": cannot parse ")
                try buffer.append(goTimeQuoted: rest)
                try buffer.append(" as ")
                try buffer.append(goTimeQuoted: element)
            case .refused(let what):
                try buffer.append(": ")
                try buffer.append(what)
            case .extra(let rest):
                try buffer.append(": extra text: ")
                try buffer.append(goTimeQuoted: rest)
            }
        }
    }

    // MARK: Durations

    private static func parseDuration(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        try context.spend(text.count)
        do throws(DurationError) {
            return .integer(try DurationReader.read(text))
        } catch {
            throw context.message(.builtin) { (buffer) throws(Fault) in
                switch error {
                case .invalid: try buffer.append("time: invalid duration ")
                case .missingUnit: try buffer.append("time: missing unit in duration ")
                case .unknownUnit(let unit):
                    try buffer.append("time: unknown unit ")
                    try buffer.append(goTimeQuoted: unit)
                    try buffer.append(" in duration ")
                case .malformed:
                    try buffer.append("time: invalid duration ")
                    return try buffer.append(quoted: text)
                case .missingLetter:
                    try buffer.append("time: missing unit in duration ")
                    return try buffer.append(quoted: text)
                case .unknownLetter(let letter):
                    try buffer.append("time: unknown unit \"")
                    try buffer.append(letter)
                    try buffer.append("\" in duration ")
                    return try buffer.append(quoted: text)
                }
                try buffer.append(goTimeQuoted: text)
            }
        }
    }
}

extension Scratch {
    /// Appends a text in double quotes as Go's package `time` does: bytes beyond ASCII as `\x..`.
    func append(goTimeQuoted text: Bytes) throws(Fault) {
        try append(UInt8(ascii: "\""))
        for byte in text {
            if byte >= 0x80 || byte < 0x20 {
                try append("\\x")
                try append(hex: UInt32(byte), digits: 2)
            } else {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { try append(UInt8(ascii: "\\")) }
                try append(byte)
            }
        }
        try append(UInt8(ascii: "\""))
    }
}
