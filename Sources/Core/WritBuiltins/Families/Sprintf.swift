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
    var reader: FormatReader

    init(context: BuiltinContext, buffer: Scratch, format: Bytes, values: Elements) {
        self.context = context
        self.buffer = buffer
        self.format = format
        self.values = values
        reader = FormatReader(format, count: values.count)
    }

    mutating func run() throws(Fault) {
        let end = format.count
        while reader.index < end {
            let start = reader.index
            let percent = ByteSearch.find(UInt8(ascii: "%"), in: format, from: start, through: end &- 1)
            try buffer.append(format.part(start, percent < 0 ? end : percent))
            if percent < 0 { break }
            reader.index = percent &+ 1
            if try simpleVerb() { continue }
            guard try verb() else { break }
        }
        if !reader.isReordered, reader.next < values.count { try appendExtra() }
    }

    // MARK: Verbs

    /// A lower-case verb without flags, width or index, whose value needs no more than to be copied.
    @inline(__always)
    private mutating func simpleVerb() throws(Fault) -> Bool {
        guard reader.index < format.count, reader.next < values.count else { return false }
        let letter = format[reader.index]
        guard letter == UInt8(ascii: "s") || letter == UInt8(ascii: "v") || letter == UInt8(ascii: "d") else {
            return false
        }
        let value = values[reader.next]
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
        reader.index &+= 1
        reader.next &+= 1
        return true
    }

    /// Reads one verb behind its `%` and writes its value; false at the end of the format.
    private mutating func verb() throws(Fault) -> Bool {
        let (context, values) = (context, values)
        let verb = reader.verb { position in
            let value = values[position]
            return value.isNumber ? context.integerBySpelling(value) : nil
        }
        if reader.hasBadWidth { try buffer.append("%!(BADWIDTH)") }
        if reader.hasBadPrecision { try buffer.append("%!(BADPREC)") }
        switch verb {
        case .none:
            try buffer.append("%!(NOVERB)")
            return false
        case .percent: try buffer.append(UInt8(ascii: "%"))
        case .badIndex: try appendFault(reader.spec.verb, "(BADINDEX)")
        case .missing: try appendFault(reader.spec.verb, "(MISSING)")
        case .value(let position): try append(values[position], reader.spec)
        }
        return true
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
        for position in reader.next..<values.count {
            if position > reader.next { try buffer.append(", ") }
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
