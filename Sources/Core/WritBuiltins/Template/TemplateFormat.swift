import WritValue

/// `printf` of templates.
enum TemplateFormat {
    static func text(_ arguments: [TemplateValue], _ context: BuiltinContext) throws(TemplateError) -> [UInt8] {
        guard case .data(let format) = arguments[0], format.isString else {
            throw .text(
                "wrong type for value; expected string; got ", .literal(TemplateText.typeName(arguments[0])))
        }
        let text = context.space.bytes(format)
        let result: Result<[UInt8], TemplateError> = text.withUnsafeBufferPointer { bytes in
            do throws(TemplateError) {
                return .success(try written(bytes, arguments.dropFirst(), context))
            } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// What `%s` makes of a value: inside it is told of what is no text.
    static func strings(_ value: TemplateValue, _ context: BuiltinContext) throws(TemplateError) -> [UInt8] {
        var result: [UInt8] = []
        try append(value, FormatSpec(verb: UInt32(UInt8(ascii: "s"))), context, &result)
        return result
    }

    private static func written(
        _ text: Bytes, _ arguments: ArraySlice<TemplateValue>, _ context: BuiltinContext
    ) throws(TemplateError) -> [UInt8] {
        let values = Array(arguments)
        var reader = FormatReader(text, count: values.count)
        var result: [UInt8] = []
        format: while reader.index < text.count {
            let byte = text[reader.index]
            reader.index += 1
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            let verb = reader.verb { position in
                if case .integer(let number) = values[position] { number } else { nil }
            }
            let spec = reader.spec
            if reader.hasBadWidth { result += ascii("%!(BADWIDTH)") }
            if reader.hasBadPrecision { result += ascii("%!(BADPREC)") }
            switch verb {
            case .none:
                result += ascii("%!(NOVERB)")
                break format
            case .percent: result.append(byte)
            case .badIndex: result += fault(spec.verb) + ascii("(BADINDEX)")
            case .missing: result += fault(spec.verb) + ascii("(MISSING)")
            case .value(let position):
                // Padding is paid for.
                let padding = min(max(spec.width ?? 0, spec.precision ?? 0), FormatSpec.maximumSize)
                do throws(Fault) { try context.spend(padding &>> 3) } catch { throw .fault(error) }
                try append(values[position], spec, context, &result)
            }
            guard result.count <= context.space.memoryLimit else { throw .fault(Fault(.memoryLimit)) }
        }
        if !reader.isReordered, reader.next < values.count { try extra(values[reader.next...], context, &result) }
        return result
    }

    private static func fault(_ verb: UInt32) -> [UInt8] {
        let letter = UnicodeScalar(verb).flatMap { UTF8.encode($0) }
        return ascii("%!") + (letter.map { Array($0) } ?? [0xef, 0xbf, 0xbd])
    }

    private static func append(
        _ value: TemplateValue, _ spec: FormatSpec, _ context: BuiltinContext, _ result: inout [UInt8]
    ) throws(TemplateError) {
        if spec.verb == UInt32(UInt8(ascii: "T")) {
            return GoFormat.append(.string(TemplateText.typeName(value).bytes), string(spec), to: &result)
        }
        switch value {
        case .integer(let number): append(.integer(number), as: "int", "int64", spec, &result)
        case .float(let number): GoFormat.append(.double(number), spec, to: &result)
        case .missing: nothing(spec, &result)
        case .data(let data):
            if data.isNull { return nothing(spec, &result) }
            try append(data, spec, context, 0, &result)
        }
    }

    private static func nothing(_ spec: FormatSpec, _ result: inout [UInt8]) {
        guard spec.verb == UInt32(UInt8(ascii: "v")) else {
            result += fault(spec.verb) + ascii("(<nil>)")
            return
        }
        GoFormat.append(.string(ascii("<nil>")), string(spec), to: &result)
    }

    /// The verb goes for every part of a collection, also for keys.
    private static func append(
        _ value: Value, _ spec: FormatSpec, _ context: BuiltinContext, _ depth: Int, _ result: inout [UInt8]
    ) throws(TemplateError) {
        guard depth < SchemaCompiler.depthLimit else { throw .fault(Fault(.depthLimit)) }
        let padding = min(max(spec.width ?? 0, spec.precision ?? 0), FormatSpec.maximumSize)
        let cost = 1 + context.space.byteCount(value) &>> 3 + (depth > 0 ? padding &>> 3 : 0)
        do throws(Fault) { try context.spend(cost) } catch { throw .fault(error) }
        guard result.count <= context.space.memoryLimit else { throw .fault(Fault(.memoryLimit)) }
        switch value.kind {
        case .string: GoFormat.append(.string(context.space.bytes(value)), spec, to: &result)
        case .number:
            let text = context.space.withNumberText(value) { Array($0) }
            append(.string(text), as: "json.Number", "string", spec, &result)
        case .boolean:
            let text = ascii(value.isTrue ? "true" : "false")
            if spec.verb == UInt32(UInt8(ascii: "t")) || spec.verb == UInt32(UInt8(ascii: "v")) {
                GoFormat.append(.string(text), string(spec), to: &result)
            } else {
                result += fault(spec.verb) + ascii("(bool=")
                GoFormat.append(.string(text), string(spec), to: &result)
                result.append(UInt8(ascii: ")"))
            }
        case .array:
            result.append(UInt8(ascii: "["))
            let elements = context.space.elements(value)
            for index in 0..<elements.count {
                if index > 0 { result.append(0x20) }
                try append(elements[index], spec, context, depth + 1, &result)
            }
            result.append(UInt8(ascii: "]"))
        case .object:
            result += ascii("map[")
            let entries = context.space.entries(value)
            for index in 0..<entries.count {
                if index > 0 { result.append(0x20) }
                try append(entries.keys[index], spec, context, depth + 1, &result)
                result.append(UInt8(ascii: ":"))
                try append(entries.values[index], spec, context, depth + 1, &result)
            }
            result.append(UInt8(ascii: "]"))
        default: result += ascii("<nil>")
        }
    }

    private static func string(_ spec: FormatSpec) -> FormatSpec {
        var spec = spec
        spec.verb = UInt32(UInt8(ascii: "s"))
        spec.precision = nil
        return spec
    }

    /// Appends an argument; a fault such as `%!d(string=10)` gets the name that its type has in templates.
    private static func append(
        _ argument: FormatArgument, as name: StaticString, _ old: StaticString, _ spec: FormatSpec,
        _ result: inout [UInt8]
    ) {
        var text: [UInt8] = []
        GoFormat.append(argument, spec, to: &text)
        let begin = fault(spec.verb) + [UInt8(ascii: "(")]
        let faulty = begin + old.bytes + [UInt8(ascii: "=")]
        guard text.starts(with: faulty) else {
            result += text
            return
        }
        result += begin + name.bytes + [UInt8(ascii: "=")] + text[faulty.count...]
    }

    private static func extra(
        _ arguments: ArraySlice<TemplateValue>, _ context: BuiltinContext, _ result: inout [UInt8]
    ) throws(TemplateError) {
        result += ascii("%!(EXTRA ")
        for (index, argument) in arguments.enumerated() {
            if index > 0 { result += ascii(", ") }
            let type = TemplateText.typeName(argument)
            if type.bytes != ascii("<nil>") { result += type.bytes + [UInt8(ascii: "=")] }
            result += try TemplateText.text(argument, context)
        }
        result.append(UInt8(ascii: ")"))
    }
}
