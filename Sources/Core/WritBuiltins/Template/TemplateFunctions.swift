import WritValue

/// The functions that every template of Go has.
enum TemplateFunctions {
    static func isKnown(_ name: [UInt8]) -> Bool {
        let names: [StaticString] = [
            "and", "call", "html", "index", "js", "len", "not", "or", "print", "printf", "println", "slice",
            "urlquery", "eq", "ge", "gt", "le", "lt", "ne",
        ]
        for known in names where known.bytes == name { return true }
        return false
    }

    /// How many arguments a function takes: exactly, or at least.
    static func arguments(of name: [UInt8]) -> (count: Int, isExact: Bool) {
        if name == ascii("not") || name == ascii("len") { return (1, true) }
        for two: StaticString in ["ne", "lt", "le", "gt", "ge"] where two.bytes == name { return (2, true) }
        for one: StaticString in ["and", "or", "index", "slice", "call", "eq", "printf"] where one.bytes == name {
            return (1, false)
        }
        return (0, false)
    }

    static func call(
        _ name: [UInt8], _ arguments: [TemplateValue], _ command: TemplateCommand, _ machine: TemplateMachine
    ) throws(TemplateError) -> TemplateValue {
        let context = machine.context
        if name == ascii("not") { return .data(.boolean(!TemplateText.isTrue(arguments[0], context))) }
        if name == ascii("len") { return try length(arguments[0], context) }
        if name == ascii("index") { return try index(arguments, machine) }
        if name == ascii("slice") { return try slice(arguments, machine) }
        if name == ascii("call") {
            let shown = command.operands.count > 1 ? command.operands[1].shown : ascii("nil")
            throw .text(
                "non-function ", .bytes(shown), " of type ", .literal(TemplateText.typeName(arguments[0])))
        }
        if name == ascii("print") { return .data(try machine.string(try joined(arguments, context))) }
        if name == ascii("println") {
            var bytes: [UInt8] = []
            for (index, argument) in arguments.enumerated() {
                if index > 0 { bytes.append(0x20) }
                bytes += try TemplateText.text(argument, context)
            }
            return .data(try machine.string(bytes + [10]))
        }
        if name == ascii("printf") { return .data(try machine.string(try TemplateFormat.text(arguments, context))) }
        if name == ascii("html") { return .data(try machine.string(html(try escaped(arguments, machine)))) }
        if name == ascii("js") { return .data(try machine.string(script(try escaped(arguments, machine)))) }
        if name == ascii("urlquery") { return .data(try machine.string(query(try escaped(arguments, machine)))) }
        return .data(.boolean(try compare(name, arguments, context)))
    }

    // MARK: Collections

    private static func length(_ value: TemplateValue, _ context: BuiltinContext) throws(TemplateError) -> TemplateValue
    {
        switch value {
        case .missing: throw .text("reflect: call of reflect.Value.Type on zero Value")
        case .data(let data):
            switch data.kind {
            case .string: return .integer(Int64(context.space.byteCount(data)))
            case .number: return .integer(Int64(context.space.withNumberText(data) { $0.count }))
            case .array, .object: return .integer(Int64(data.count))
            case .null: throw .text("len of nil pointer")
            default: break
            }
        default: break
        }
        throw .text("len of type ", .literal(TemplateText.typeName(value)))
    }

    private static func index(_ arguments: [TemplateValue], _ machine: TemplateMachine) throws(TemplateError)
        -> TemplateValue
    {
        var value = arguments[0]
        let space = machine.context.space
        if kind(value) == .nothing { throw .text("index of untyped nil") }
        for key in arguments.dropFirst() {
            guard case .data(let data) = value, !data.isNull else { throw .text("index of untyped nil") }
            switch data.kind {
            case .array:
                if kind(key) == .nothing { throw .text("cannot index slice/array with nil") }
                guard case .integer(let position) = key else {
                    throw .text(
                        "cannot index slice/array with type ", .literal(TemplateText.typeName(key)))
                }
                guard position >= 0, position < Int64(data.count) else {
                    // Go's check lets the position behind the last through.
                    if position == Int64(data.count) { throw .text("reflect: slice index out of range") }
                    throw .text("index out of range: ", .number(Int(clamping: position)))
                }
                value = .data(space.element(data, Int(position)))
            case .string:
                guard case .integer(let position) = key, position >= 0,
                    position < Int64(space.byteCount(data))
                else { throw .text("index out of range") }
                value = .integer(Int64(space.bytes(data)[Int(position)]))
            case .object:
                guard case .data(let name) = key, name.isString else {
                    throw .text(
                        "value has type ", .literal(TemplateText.typeName(key)), "; should be string")
                }
                let member = space.member(data, name)
                value = member.isDefined ? .data(member) : .missing
            default: throw .text("can't index item of type ", .literal(TemplateText.typeName(value)))
            }
        }
        return value
    }

    private static func slice(_ arguments: [TemplateValue], _ machine: TemplateMachine) throws(TemplateError)
        -> TemplateValue
    {
        let space = machine.context.space
        guard case .data(let data) = arguments[0], !data.isNull else { throw .text("slice of untyped nil") }
        guard arguments.count <= 4 else { throw .text("too many slice indexes: ", .number(arguments.count - 1)) }
        let count: Int
        switch data.kind {
        case .string: count = space.byteCount(data)
        case .array: count = data.count
        default: throw .text("can't slice item of type ", .literal(TemplateText.typeName(arguments[0])))
        }
        if arguments.count == 4, data.isString { throw .text("cannot 3-index slice a string") }
        var bounds = [0, count]
        for (place, argument) in arguments.dropFirst().enumerated() {
            guard case .integer(let bound) = argument else {
                throw .text("cannot index slice/array with type ", .literal(TemplateText.typeName(argument)))
            }
            guard bound >= 0, bound <= Int64(count) else {
                throw .text("index out of range: ", .number(Int(clamping: bound)))
            }
            if place < 2 { bounds[place] = Int(bound) }
        }
        guard bounds[0] <= bounds[1] else {
            throw .text("invalid slice index: ", .number(bounds[0]), " > ", .number(bounds[1]))
        }
        if data.isString { return .data(try machine.string(Array(space.bytes(data)[bounds[0]..<bounds[1]]))) }
        do throws(Fault) {
            return .data(try space.array(slicing: data, from: bounds[0], to: bounds[1]))
        } catch {
            throw .fault(error)
        }
    }

    // MARK: Comparison

    private enum Kind { case boolean, integer, float, text, other, nothing }

    private static func kind(_ value: TemplateValue) -> Kind {
        switch value {
        case .missing: return .nothing
        case .integer: return .integer
        case .float: return .float
        case .data(let data):
            switch data.kind {
            case .boolean: return .boolean
            case .string, .number: return .text
            case .null: return .nothing
            default: return .other
            }
        }
    }

    private static func compare(
        _ name: [UInt8], _ arguments: [TemplateValue], _ context: BuiltinContext
    ) throws(TemplateError) -> Bool {
        if name == ascii("eq") {
            guard arguments.count > 1 else { throw .text("missing argument for comparison") }
            for other in arguments.dropFirst() where try areEqual(arguments[0], other, context) { return true }
            return false
        }
        if name == ascii("ne") { return try !areEqual(arguments[0], arguments[1], context) }
        if name == ascii("lt") { return try isLess(arguments[0], arguments[1], context) }
        if name == ascii("gt") { return try !isLessOrEqual(arguments[0], arguments[1], context) }
        if name == ascii("le") { return try isLessOrEqual(arguments[0], arguments[1], context) }
        return try !isLess(arguments[0], arguments[1], context)
    }

    private static func isLessOrEqual(
        _ a: TemplateValue, _ b: TemplateValue, _ context: BuiltinContext
    ) throws(TemplateError) -> Bool {
        if try isLess(a, b, context) { return true }
        return try areEqual(a, b, context)
    }

    private static func incompatible(_ a: TemplateValue, _ b: TemplateValue) -> TemplateError {
        .text(
            "incompatible types for comparison: ", .literal(TemplateText.typeName(a)), " and ",
            .literal(TemplateText.typeName(b)))
    }

    private static func areEqual(
        _ a: TemplateValue, _ b: TemplateValue, _ context: BuiltinContext
    ) throws(TemplateError) -> Bool {
        let (left, right) = (kind(a), kind(b))
        if left == .nothing || right == .nothing { return left == right }
        guard left == right else { throw incompatible(a, b) }
        if left == .other {
            let (one, two) = (TemplateText.typeName(a), TemplateText.typeName(b))
            if one.bytes == two.bytes {
                throw .text("non-comparable type ", .bytes(try TemplateFormat.strings(b, context)), ": ", .literal(two))
            }
            throw .text(
                "non-comparable types ", .bytes(try TemplateFormat.strings(a, context)), ": ", .literal(one), ", ",
                .literal(two), ": ", .bytes(try TemplateText.text(b, context)))
        }
        switch (a, b) {
        case (.integer(let x), .integer(let y)): return x == y
        case (.float(let x), .float(let y)): return x == y
        default: return try TemplateText.text(a, context) == TemplateText.text(b, context)
        }
    }

    private static func isLess(
        _ a: TemplateValue, _ b: TemplateValue, _ context: BuiltinContext
    ) throws(TemplateError) -> Bool {
        let (left, right) = (kind(a), kind(b))
        for kind in [left, right] where kind == .other || kind == .nothing {
            throw .text("invalid type for comparison")
        }
        guard left == right else { throw incompatible(a, b) }
        if left == .boolean { throw .text("invalid type for comparison") }
        switch (a, b) {
        case (.integer(let x), .integer(let y)): return x < y
        case (.float(let x), .float(let y)): return x < y
        default:
            return try TemplateText.text(a, context).lexicographicallyPrecedes(TemplateText.text(b, context))
        }
    }

    // MARK: Texts

    /// Go's `fmt.Sprint`: a space between two operands of which neither is a text.
    private static func joined(_ arguments: [TemplateValue], _ context: BuiltinContext) throws(TemplateError) -> [UInt8]
    {
        var bytes: [UInt8] = []
        var wasText = true
        for argument in arguments {
            let isText = kind(argument) == .text
            if !isText, !wasText { bytes.append(0x20) }
            bytes += try TemplateText.text(argument, context)
            wasText = isText
        }
        return bytes
    }

    /// What the functions that escape make of their operands: nothing is a text of its own there.
    private static func escaped(_ arguments: [TemplateValue], _ machine: TemplateMachine) throws(TemplateError)
        -> [UInt8]
    {
        var shown: [TemplateValue] = []
        for argument in arguments {
            shown.append(kind(argument) == .nothing ? .data(try machine.string(ascii("<no value>"))) : argument)
        }
        return try joined(shown, machine.context)
    }

    private static func html(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for byte in text {
            switch byte {
            case 0: result += [0xef, 0xbf, 0xbd]
            case UInt8(ascii: "\""): result += ascii("&#34;")
            case UInt8(ascii: "'"): result += ascii("&#39;")
            case UInt8(ascii: "&"): result += ascii("&amp;")
            case UInt8(ascii: "<"): result += ascii("&lt;")
            case UInt8(ascii: ">"): result += ascii("&gt;")
            default: result.append(byte)
            }
        }
        return result
    }

    private static func script(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        text.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                let (scalar, length) = Scalars.decode(bytes, at: index)
                switch scalar {
                case 0x5c, 0x27, 0x22: result += [0x5c, UInt8(truncatingIfNeeded: scalar)]
                case 0x3c, 0x3e, 0x26, 0x3d, 0..<0x20:
                    let low = UInt8(truncatingIfNeeded: scalar)
                    result += ascii("\\u00") + [Hexadecimal.upperDigit(low &>> 4), Hexadecimal.upperDigit(low & 15)]
                default:
                    if scalar >= 0x80, !Printable.contains(scalar) {
                        result += ascii("\\u")
                        var shift: UInt32 = 16
                        while shift > 0 {
                            shift -= 4
                            result.append(Hexadecimal.upperDigit(UInt8(truncatingIfNeeded: scalar &>> shift) & 15))
                        }
                    } else {
                        result += bytes[index..<(index + length)]
                    }
                }
                index += length
            }
        }
        return result
    }

    private static func query(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for byte in text {
            let isPlain =
                (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
                || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "~")
            if isPlain {
                result.append(byte)
            } else if byte == 0x20 {
                result.append(UInt8(ascii: "+"))
            } else {
                result += [UInt8(ascii: "%"), Hexadecimal.upperDigit(byte &>> 4), Hexadecimal.upperDigit(byte & 15)]
            }
        }
        return result
    }
}
