import WritValue

/// `sprintf`: texts from formats of Go's `fmt`.
enum Sprintf {
    static let builtins: [Builtin] = [
        Builtin(
            "sprintf", [Parameter("format", .string), Parameter("values", .array(.any))],
            Parameter("output", .string), .pure(format),
            """
            `format` with its verbs replaced by `values`, as Go's `fmt.Sprintf` does it: flags, widths, precisions, \
            `*` and argument indexes. Integers arrive as int64, or big integers beyond 64 bits, numbers with a point \
            as float64, and everything else as string, collections in Rego's notation. There are no errors: what does \
            not fit is told in the text, as in `%!d(string=hi)`, `%!d(MISSING)` or `%!(EXTRA int64=1)`.
            """)
    ]

    private static func format(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let format = try context.text(arguments, 0)
        guard arguments[1].isArray else { throw context.typeError(2, "array", got: arguments[1]) }
        let buffer = context.begin()
        var formatter = Formatter(
            context: context, buffer: buffer, format: format, values: context.space.elements(arguments[1]))
        try formatter.run()
        try context.spend(1 &+ (format.count &+ buffer.count) &>> 4)
        return try context.written()
    }
}

/// One run over a format.
private struct Formatter {
    let context: BuiltinContext
    let buffer: Scratch
    let format: Bytes
    let values: Elements
    /// Where reading stands in the format.
    var index = 0
    /// The value that the next verb takes.
    var next = 0
    /// Whether an index in brackets was seen: extra values are not told of then.
    var isReordered = false
    var hasGoodIndex = true
    var isAfterIndex = false
    /// Known when a bracket was looked for and not found, so that looking again costs nothing.
    var hasNoBracket = false

    init(context: BuiltinContext, buffer: Scratch, format: Bytes, values: Elements) {
        self.context = context
        self.buffer = buffer
        self.format = format
        self.values = values
    }

    mutating func run() throws(Fault) {
        let end = format.count
        while index < end {
            let percent = ByteSearch.find(UInt8(ascii: "%"), in: format, from: index, through: end &- 1)
            try buffer.append(format.part(index, percent < 0 ? end : percent))
            if percent < 0 { break }
            index = percent &+ 1
            if try simpleVerb() { continue }
            guard try verb() else { break }
        }
        if !isReordered, next < values.count { try appendExtra() }
    }

    // MARK: Verbs

    /// A lower-case verb without flags, width or index, whose value needs no more than to be copied.
    @inline(__always)
    private mutating func simpleVerb() throws(Fault) -> Bool {
        guard index < format.count, next < values.count else { return false }
        let letter = format[index]
        guard letter == UInt8(ascii: "s") || letter == UInt8(ascii: "v") || letter == UInt8(ascii: "d") else {
            return false
        }
        let value = values[next]
        switch value.tag {
        case Value.Tag.shortString, Value.Tag.longString:
            if letter == UInt8(ascii: "d") { return false }
            try buffer.append(value, in: context.space)
        case Value.Tag.integer:
            if letter == UInt8(ascii: "s") { return false }
            try buffer.append(decimal: value.integerValue)
        case Value.Tag.decimal, Value.Tag.numberText: return false
        default:
            if letter == UInt8(ascii: "d") { return false }
            try context.writeRego(value, to: buffer)
        }
        index &+= 1
        next &+= 1
        return true
    }

    /// Reads one verb behind its `%` and writes its value; false at the end of the format.
    private mutating func verb() throws(Fault) -> Bool {
        var spec = FormatSpec(verb: 0)
        hasGoodIndex = true
        isAfterIndex = false
        readFlags(&spec)
        readIndex()
        try readWidth(&spec)
        try readPrecision(&spec)
        if !isAfterIndex { readIndex() }
        guard index < format.count else {
            try buffer.append("%!(NOVERB)")
            return false
        }
        let (scalar, length) = Scalars.decode(format, at: index)
        index &+= length
        spec.verb = scalar
        if scalar == UInt32(UInt8(ascii: "%")) {
            try buffer.append(UInt8(ascii: "%"))
        } else if !hasGoodIndex {
            try appendFault(scalar, "(BADINDEX)")
        } else if next >= values.count {
            try appendFault(scalar, "(MISSING)")
        } else {
            try append(values[next], spec)
            next &+= 1
        }
        return true
    }

    private mutating func readFlags(_ spec: inout FormatSpec) {
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

    private mutating func readWidth(_ spec: inout FormatSpec) throws(Fault) {
        if index < format.count, format[index] == UInt8(ascii: "*") {
            index &+= 1
            spec.width = takeInteger()
            if spec.width == nil { try buffer.append("%!(BADWIDTH)") }
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

    private mutating func readPrecision(_ spec: inout FormatSpec) throws(Fault) {
        // A point at the very end is no precision but the verb.
        guard index &+ 1 < format.count, format[index] == UInt8(ascii: ".") else { return }
        index &+= 1
        if isAfterIndex { hasGoodIndex = false }
        readIndex()
        if index < format.count, format[index] == UInt8(ascii: "*") {
            index &+= 1
            spec.precision = takeInteger()
            if let precision = spec.precision, precision < 0 { spec.precision = nil }
            if spec.precision == nil { try buffer.append("%!(BADPREC)") }
            isAfterIndex = false
        } else {
            spec.precision = readNumber(end: format.count) ?? 0
        }
    }

    /// The value that `*` takes, if it is an integer of at most a million either way.
    private mutating func takeInteger() -> Int? {
        guard next < values.count else { return nil }
        let value = values[next]
        next &+= 1
        guard value.isNumber, let number = context.integerBySpelling(value), number.magnitude <= 1_000_000 else {
            return nil
        }
        return Int(truncatingIfNeeded: number)
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
        if isNumber, let number, number >= 1, number <= values.count {
            next = number &- 1
        } else {
            hasGoodIndex = false
        }
    }

    // MARK: Output

    private func appendFault(_ verb: UInt32, _ text: StaticString) throws(Fault) {
        try buffer.append("%!")
        try buffer.append(scalar: verb)
        try buffer.append(text)
    }

    private func append(_ value: Value, _ spec: FormatSpec) throws(Fault) {
        if try appendPadded(value, spec) { return }
        var text: [UInt8] = []
        GoFormat.append(try argument(value), spec, to: &text)
        // Widths make the output much longer than the format: paid for at once.
        try context.spend(text.count &>> 4)
        let buffer = buffer
        try text.withUnsafeBufferPointerThrowing { (bytes) throws(Fault) in try buffer.append(bytes) }
    }

    /// The common verbs with a width: `%5d`, `%05d`, `%-20s`. False when it is none of them.
    private func appendPadded(_ value: Value, _ spec: FormatSpec) throws(Fault) -> Bool {
        guard spec.precision == nil, !spec.sharp, !spec.space else { return false }
        let start = buffer.count
        let width = spec.width ?? 0
        if value.isInteger, spec.verb == UInt32(UInt8(ascii: "d")) {
            let isNegative = value.integerValue < 0
            if spec.plus, !isNegative { try buffer.append(UInt8(ascii: "+")) }
            try buffer.append(decimal: value.integerValue)
            let missing = width &- (buffer.count &- start)
            if missing <= 0 { return true }
            try context.spend(missing &>> 4)
            if spec.minus {
                try buffer.append(repeating: UInt8(ascii: " "), count: missing)
            } else if spec.zero {
                // Zeros go between the sign and the digits.
                try buffer.insert(
                    repeating: UInt8(ascii: "0"), count: missing, at: isNegative || spec.plus ? start &+ 1 : start)
            } else {
                try buffer.insert(repeating: UInt8(ascii: " "), count: missing, at: start)
            }
            return true
        }
        guard value.isString, spec.verb == UInt32(UInt8(ascii: "s")), !spec.plus, !spec.zero else { return false }
        try buffer.append(value, in: context.space)
        let missing = width &- Scalars.count(buffer.bytes(from: start))
        if missing <= 0 { return true }
        try context.spend(missing &>> 4)
        if spec.minus {
            try buffer.append(repeating: UInt8(ascii: " "), count: missing)
        } else {
            try buffer.insert(repeating: UInt8(ascii: " "), count: missing, at: start)
        }
        return true
    }

    private func argument(_ value: Value) throws(Fault) -> FormatArgument {
        switch value.kind {
        case .number:
            if let small = context.integerBySpelling(value) { return .integer(small) }
            return context.space.withNumberText(value) { NumberText.formatArgument($0) }
        case .string: return .string(context.space.bytes(value))
        default: return .string(try context.space.rego(value))
        }
    }

    /// Tells of the values that no verb took.
    private func appendExtra() throws(Fault) {
        try buffer.append("%!(EXTRA ")
        for position in next..<values.count {
            if position > next { try buffer.append(", ") }
            let argument = try argument(values[position])
            var text = GoFormat.typeName(argument)
            text.append(UInt8(ascii: "="))
            GoFormat.append(argument, FormatSpec(verb: UInt32(UInt8(ascii: "v"))), to: &text)
            let buffer = buffer
            try text.withUnsafeBufferPointerThrowing { (bytes) throws(Fault) in try buffer.append(bytes) }
        }
        try buffer.append(UInt8(ascii: ")"))
    }
}
