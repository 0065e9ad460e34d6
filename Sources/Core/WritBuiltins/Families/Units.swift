import WritValue

/// Amounts with a unit: "100m", "1.5Ki", "10MB".
enum Units {
    static let builtins: [Builtin] = [
        Builtin(
            "units.parse", [Parameter("x", .string)], Parameter("y", .number), .pure(parse),
            """
            The amount in a text such as `100m` or `1.5Ki`, in the base unit. Decimal units are m (thousandth), K, M, \
            G, T, P and E, binary ones Ki, Mi, Gi, Ti, Pi and Ei; case matters for m and M alone. A result that is \
            no integer has ten digits after the point. Spaces, other units and malformed amounts are errors.
            """),
        Builtin(
            "units.parse_bytes", [Parameter("x", .string)], Parameter("y", .number), .pure(parseBytes),
            """
            The number of bytes in a text such as `10MB` or `1.5KiB`, cut off to an integer. Units are KB, MB, GB, TB, \
            PB and EB, binary ones with an `i`; the `B` may be left out and case does not matter. Spaces, other units \
            and malformed amounts are errors.
            """),
    ]

    /// What a unit multiplies by: 10^decimal · 2^binary.
    struct Scale {
        var decimal = 0
        var binary = 0
        /// Thousandths, which OPA takes as the double nearest to 0.001.
        var isMilli = false
    }

    /// The double nearest to 0.001, times 10^60: exactly an integer.
    private static let milli: StaticString = "1000000000000000020816681711721685132943093776702880859375"

    // MARK: Builtins

    private static func parse(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let amount = try Amount(context, try context.text(arguments, 0), bytes: false)
        guard let scale = scale(of: amount.unit, bytes: false) else {
            let unit = amount.unit
            throw context.message(.builtin) { (buffer) throws(Fault) in
                try buffer.append("units.parse: unit ")
                try buffer.append(unit.part(0, 1))
                try appendLower(unit.part(1, unit.count), to: buffer)
                try buffer.append(" not recognized")
            }
        }
        guard let number = Decimal(amount.number) else {
            throw context.error("units.parse: could not parse amount to a number")
        }
        guard let number = number.checked else { throw context.error("units.parse: exponent too large") }
        return try exact(context, number, scale)
    }

    private static func parseBytes(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let amount = try Amount(context, try context.text(arguments, 0), bytes: true)
        guard let scale = scale(of: amount.unit, bytes: true) else {
            let unit = amount.unit
            throw context.message(.builtin) { (buffer) throws(Fault) in
                try buffer.append("units.parse_bytes: byte unit ")
                try appendLower(unit, to: buffer)
                try buffer.append(" not recognized")
            }
        }
        guard let number = Decimal(amount.number) else {
            throw context.error("units.parse_bytes: could not parse byte amount to a number")
        }
        guard let number = number.checked else { throw context.error("units.parse_bytes: exponent too large") }
        if let small = number.smallInteger, let result = multiply(small, scale) { return .integer(result) }
        // As OPA does: a float with 64 bits of mantissa, cut off.
        let buffer = context.begin()
        try number.write(to: buffer)
        let text: [UInt8]
        do throws(NumberError) {
            let factor = scale.binary > 0 ? Int64(1) &<< Int64(scale.binary) : power(scale.decimal)
            text = try BinaryFloat(buffer.bytes).multiplied(by: BinaryFloat(factor)).truncated().decimalText
        } catch {
            throw Fault(.sizeLimit)
        }
        return try context.space.number(text)
    }

    private static func power(_ exponent: Int) -> Int64 {
        var result: Int64 = 1
        for _ in 0..<min(18, max(0, exponent)) { result &*= 10 }
        return result
    }

    private static func multiply(_ number: Int64, _ scale: Scale) -> Int64? {
        guard !scale.isMilli else { return nil }
        let factor = scale.binary > 0 ? Int64(1) &<< Int64(scale.binary) : power(scale.decimal)
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    /// The exact product; ten digits after the point unless it is an integer.
    private static func exact(
        _ context: BuiltinContext, _ number: Decimal, _ scale: Scale
    ) throws(Fault) -> Value {
        if let small = number.smallInteger, let result = multiply(small, scale) { return .integer(result) }
        try context.spend(number.digits.count &+ abs(number.exponent) &>> 4)
        let buffer = context.begin()
        // The digits of the product, to be read as an integer times 10^exponent.
        var exponent = number.exponent &+ (scale.isMilli ? -60 : scale.decimal)
        try number.writeDigits(to: buffer)
        if scale.binary > 0 || scale.isMilli {
            let text: [UInt8]
            do throws(NumberError) {
                let factor =
                    scale.isMilli
                    ? try BigInteger(decimal: Bytes(start: milli.utf8Start, count: milli.utf8CodeUnitCount))
                    : BigInteger(UInt64(1) &<< UInt64(scale.binary))
                text = try BigInteger(decimal: buffer.bytes).multiplied(by: factor).decimalText
            } catch {
                throw Fault(.sizeLimit)
            }
            buffer.truncate(to: 0)
            for digit in text { try buffer.append(digit) }
        }
        // An integer may still have zeros behind the point.
        while exponent < 0, buffer.count > 1, buffer.bytes[buffer.count &- 1] == UInt8(ascii: "0") {
            buffer.truncate(to: buffer.count &- 1)
            exponent &+= 1
        }
        if buffer.count == 1, buffer.bytes[0] == UInt8(ascii: "0") { return .integer(0) }
        // Written again behind the digits, whose bytes are read anew as the buffer may move.
        let count = buffer.count
        if exponent >= 0 {
            if number.isNegative { try buffer.append(UInt8(ascii: "-")) }
            for index in 0..<count { try buffer.append(buffer.bytes[index]) }
            try buffer.append(repeating: UInt8(ascii: "0"), count: exponent)
            return try context.space.number(buffer.bytes(from: count))
        }
        try round(buffer, count, places: 0 &- exponent)
        let end = buffer.count
        var start = count
        while end &- start > places &+ 1, buffer.bytes[start] == UInt8(ascii: "0") { start &+= 1 }
        if number.isNegative { try buffer.append(UInt8(ascii: "-")) }
        for index in start..<end {
            if index == end &- places { try buffer.append(UInt8(ascii: ".")) }
            try buffer.append(buffer.bytes[index])
        }
        return try context.space.number(buffer.bytes(from: end))
    }

    /// Digits after the point of a result that is no integer.
    private static let places = 10

    /// Writes behind the first `count` digits, whose point stands `places` before their end, the same number
    /// rounded to `Units.places` places, halves away from 0, as one integer with a zero or more in front.
    private static func round(_ buffer: Scratch, _ count: Int, places: Int) throws(Fault) {
        let wanted = count &- places &+ Self.places
        let zeros = wanted < Self.places &+ 1 ? Self.places &+ 1 &- max(0, wanted) : 1
        try buffer.append(repeating: UInt8(ascii: "0"), count: zeros)
        for index in 0..<max(0, wanted) {
            try buffer.append(index < count ? buffer.bytes[index] : UInt8(ascii: "0"))
        }
        if wanted >= 0, wanted < count, buffer.bytes[wanted] >= UInt8(ascii: "5") { buffer.increment(from: count) }
    }

    // MARK: Units

    static func scale(of unit: Bytes, bytes: Bool) -> Scale? {
        if unit.count == 0 { return Scale() }
        if !bytes, unit.count == 1, unit[0] == UInt8(ascii: "m") { return Scale(isMilli: true) }
        let step: Int
        switch unit[0] | 0x20 {
        case UInt8(ascii: "k"): step = 1
        case UInt8(ascii: "m"): step = 2
        case UInt8(ascii: "g"): step = 3
        case UInt8(ascii: "t"): step = 4
        case UInt8(ascii: "p"): step = 5
        case UInt8(ascii: "e"): step = 6
        default: return nil
        }
        var rest = unit.part(1, unit.count)
        if bytes, rest.count > 0, rest[rest.count &- 1] | 0x20 == UInt8(ascii: "b") {
            rest = rest.part(0, rest.count &- 1)
        }
        if rest.count == 0 { return Scale(decimal: step &* 3) }
        return rest.count == 1 && rest[0] | 0x20 == UInt8(ascii: "i") ? Scale(binary: step &* 10) : nil
    }

    private static func appendLower(_ text: Bytes, to buffer: Scratch) throws(Fault) {
        var index = 0
        while index < text.count {
            let (scalar, length) = Scalars.decode(text, at: index)
            try buffer.append(scalar: CaseMapping.lower(scalar))
            index &+= length
        }
    }
}

/// A text cut into an amount and a unit.
private struct Amount {
    let number: Bytes
    let unit: Bytes

    /// Quotes are dropped; throws when the text holds a space or begins with no number.
    init(_ context: BuiltinContext, _ raw: Bytes, bytes: Bool) throws(Fault) {
        try context.spend(raw.count)
        var text = raw
        if ByteSearch.find(UInt8(ascii: "\""), in: raw, from: 0, through: raw.count &- 1) >= 0 {
            // Kept as a value of the space, so that it outlives the scratch buffer.
            let buffer = context.begin()
            for byte in raw where byte != UInt8(ascii: "\"") { try buffer.append(byte) }
            try buffer.append(repeating: 0, count: Value.shortCapacity &+ 1)
            text = context.space.longBytes(try context.written())
            text = text.part(0, text.count &- Value.shortCapacity &- 1)
        }
        if ByteSearch.find(UInt8(ascii: " "), in: text, from: 0, through: text.count &- 1) >= 0 {
            throw bytes
                ? context.error("units.parse_bytes: spaces not allowed in resource strings")
                : context.error("units.parse: spaces not allowed in resource strings")
        }
        let end = Self.numberEnd(text)
        guard end > 0 else {
            throw bytes
                ? context.error("units.parse_bytes: no byte amount provided")
                : context.error("units.parse: no amount provided")
        }
        number = text.part(0, end)
        unit = text.part(end, text.count)
    }

    /// Where the number ends: an `e` belongs to it only when a digit or a sign follows.
    private static func numberEnd(_ text: Bytes) -> Int {
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte | 0x20 == UInt8(ascii: "e") {
                guard index &+ 1 < text.count else { return index }
                let next = text[index &+ 1]
                let isSign = next == UInt8(ascii: "+") || next == UInt8(ascii: "-")
                guard isSign || next &- UInt8(ascii: "0") < 10 else { return index }
                if isSign { index &+= 1 }
            } else if byte &- UInt8(ascii: "0") > 9, byte != UInt8(ascii: "."), byte != UInt8(ascii: "+"),
                byte != UInt8(ascii: "-")
            {
                return index
            }
            index &+= 1
        }
        return index
    }
}
