import WritRegex
import WritValue

/// The keywords of a schema, in the order in which gojsonschema reads them: it decides which error is reported.
extension SchemaCompiler {
    // MARK: Objects

    func readProperties(_ document: Value, _ node: SchemaNode) throws(SchemaError) {
        let space = context.space
        let properties = try member(document, "properties")
        if properties.isDefined {
            guard properties.isObject else { throw .text("Properties must be of type object") }
            let entries = space.entries(properties)
            for index in 0..<entries.count {
                node.properties.append(
                    try read(entries.values[index], property: space.bytes(entries.keys[index])))
            }
        }
        node.additionalProperties = try rest(document, "additionalProperties")
        try readPatternProperties(document, node)
        let names = try member(document, "propertyNames")
        if names.isDefined, isSixOrLater {
            guard names.isBoolean || names.isObject else {
                throw Self.invalidType("Valid Schema", "patternProperties")
            }
            node.propertyNames = try read(names, property: ascii("propertyNames"))
        }
        try readDependencies(document, node)
    }

    private func readPatternProperties(_ document: Value, _ node: SchemaNode) throws(SchemaError) {
        let patterns = try member(document, "patternProperties")
        guard patterns.isDefined else { return }
        guard patterns.isObject else { throw Self.invalidType("Valid Schema", "patternProperties") }
        let entries = context.space.entries(patterns)
        for index in 0..<entries.count {
            let source = context.space.bytes(entries.keys[index])
            guard let regex = try? Regex(pattern: source) else {
                throw .text("Invalid regex pattern '", .bytes(source), "'")
            }
            node.patternProperties.append((regex, try read(entries.values[index], property: source)))
        }
    }

    private func readDependencies(_ document: Value, _ node: SchemaNode) throws(SchemaError) {
        let value = try member(document, "dependencies")
        guard value.isDefined else { return }
        guard value.isObject else { throw .text("dependencies must be of type object") }
        let refused = SchemaError.text("Dependency must be of type Schema Or Array Of Strings")
        let entries = context.space.entries(value)
        for index in 0..<entries.count {
            let key = context.space.bytes(entries.keys[index])
            let needs = entries.values[index]
            if needs.isArray {
                var keys: [[UInt8]] = []
                let elements = context.space.elements(needs)
                for position in 0..<elements.count {
                    guard elements[position].isString else { throw refused }
                    keys.append(context.space.bytes(elements[position]))
                }
                if !keys.isEmpty { node.dependencies.append((key, .keys(keys))) }
            } else if needs.isBoolean || needs.isObject {
                node.dependencies.append((key, .schema(try read(needs, property: key))))
            } else {
                throw refused
            }
        }
    }

    /// `additionalProperties` and `additionalItems`.
    private func rest(_ document: Value, _ key: StaticString) throws(SchemaError) -> SchemaRest {
        let value = try member(document, key)
        guard value.isDefined else { return .anything }
        if value.isBoolean { return value.isTrue ? .anything : .nothing }
        guard value.isObject else { throw Self.invalidType("boolean/Valid Schema", key) }
        return .schema(try read(value, property: key.bytes))
    }

    // MARK: Arrays

    func readItems(_ document: Value, _ node: SchemaNode) throws(SchemaError) {
        let items = try member(document, "items")
        if items.isArray {
            let elements = context.space.elements(items)
            for index in 0..<elements.count {
                guard elements[index].isObject || elements[index].isBoolean else {
                    throw Self.invalidType("Valid Schema/Array Of Schemas", "items")
                }
                node.items.append(try read(elements[index], property: ascii("items")))
            }
        } else if items.isObject || items.isBoolean {
            node.items.append(try read(items, property: ascii("items")))
            node.hasOneItemSchema = true
        } else if items.isDefined {
            throw Self.invalidType("Valid Schema/Array Of Schemas", "items")
        }
        node.additionalItems = try rest(document, "additionalItems")
    }

    // MARK: Numbers

    func readNumbers(_ document: Value, _ node: SchemaNode) throws(SchemaError) {
        let multiple = try member(document, "multipleOf")
        if multiple.isDefined {
            guard multiple.isNumber else { throw Self.invalidType("Number", "multipleOf") }
            guard context.space.compare(multiple, .integer(0)) > 0 else {
                throw .text("multipleOf must be strictly greater than 0")
            }
            node.multipleOf = spelling(multiple)
        }
        node.minimum = try bound(document, "minimum")
        try readExclusive(document, "exclusiveMinimum", "minimum", &node.minimum, &node.exclusiveMinimum)
        node.maximum = try bound(document, "maximum")
        try readExclusive(document, "exclusiveMaximum", "maximum", &node.maximum, &node.exclusiveMaximum)
    }

    private func spelling(_ number: Value) -> [UInt8] { context.space.withNumberText(number) { Array($0) } }

    private func bound(_ document: Value, _ key: StaticString) throws(SchemaError) -> [UInt8]? {
        let value = try member(document, key)
        guard value.isDefined else { return nil }
        guard value.isNumber else { throw .text(.literal(key), " must be of a Number") }
        return spelling(value)
    }

    /// Draft 4 marks a bound as exclusive; later ones have bounds of their own for it.
    private func readExclusive(
        _ document: Value, _ key: StaticString, _ inclusive: StaticString, _ bound: inout [UInt8]?,
        _ exclusive: inout [UInt8]?
    ) throws(SchemaError) {
        let value = try member(document, key)
        guard value.isDefined else { return }
        let allowed = exclusiveBounds
        if value.isNumber, allowed.numbers {
            exclusive = spelling(value)
            return
        }
        guard value.isBoolean, allowed.booleans else {
            let expected: StaticString =
                allowed.booleans ? allowed.numbers ? "boolean/number" : "boolean" : "number"
            throw Self.invalidType(expected, key)
        }
        guard bound != nil else {
            throw .text(.literal(key), " cannot be used without ", .literal(inclusive))
        }
        if value.isTrue {
            exclusive = bound
            bound = nil
        }
    }

    // MARK: Strings and sizes

    func readLengths(_ document: Value, _ node: SchemaNode) throws(SchemaError) {
        node.minLength = try size(document, "minLength")
        node.maxLength = try size(document, "maxLength")
        if let minimum = node.minLength, let maximum = node.maxLength, minimum > maximum {
            throw .text("minLength cannot be greater than maxLength")
        }
        if let source = try text(document, "pattern") {
            guard let regex = try? Regex(pattern: source) else { throw .text("pattern must be a valid regex") }
            node.pattern = (source, regex)
        }
        node.format = try text(document, "format") ?? []
        node.minProperties = try size(document, "minProperties")
        node.maxProperties = try size(document, "maxProperties")
        if let minimum = node.minProperties, let maximum = node.maxProperties, minimum > maximum {
            throw .text("minProperties cannot be greater than maxProperties")
        }
    }

    /// An integer in plain digits: 2, but neither 2.0 nor 2e0.
    private func size(_ document: Value, _ key: StaticString) throws(SchemaError) -> Int? {
        let value = try member(document, key)
        guard value.isDefined else { return nil }
        guard value.isNumber, let number = context.integerBySpelling(value), value.isInteger || number == 0 else {
            throw .text(.literal(key), " must be of an integer")
        }
        guard number >= 0 else { throw .text(.literal(key), " must be greater than or equal to 0") }
        return Int(clamping: number)
    }

    // MARK: Values

    func readValues(_ document: Value, _ node: SchemaNode) throws(SchemaError) {
        if let required = try list(document, "required") {
            var seen: Set<[UInt8]> = []
            for index in 0..<required.count {
                guard required[index].isString else { throw Self.invalidType("string", "required") }
                let name = context.space.bytes(required[index])
                guard seen.insert(name).inserted else { throw .text("required items must be unique") }
                node.required.append(name)
            }
        }
        node.minItems = try size(document, "minItems")
        node.maxItems = try size(document, "maxItems")
        let unique = try member(document, "uniqueItems")
        if unique.isDefined {
            guard unique.isBoolean else { throw .text("uniqueItems must be of a boolean") }
            node.uniqueItems = unique.isTrue
        }
        let contains = try member(document, "contains")
        if contains.isDefined, isSixOrLater { node.contains = try read(contains, property: ascii("contains")) }
        let constant = try member(document, "const")
        if constant.isDefined, isSixOrLater { node.constant = try canonical(constant) }
        guard let alternatives = try list(document, "enum") else { return }
        var texts: [[UInt8]] = []
        var seen: Set<[UInt8]> = []
        for index in 0..<alternatives.count {
            let text = try canonical(alternatives[index])
            guard seen.insert(text).inserted else { throw .text("enum items must be unique") }
            texts.append(text)
        }
        node.alternatives = texts
    }

    private func canonical(_ value: Value) throws(SchemaError) -> [UInt8] {
        do throws(Fault) { return try SchemaCanonical.text(value, context) } catch { throw .fault(error) }
    }

    // MARK: Combinations

    func readCombinations(_ document: Value, _ node: SchemaNode) throws(SchemaError) {
        node.oneOf = try schemas(document, "oneOf")
        node.anyOf = try schemas(document, "anyOf")
        node.allOf = try schemas(document, "allOf")
        node.not = try schema(document, "not")
        guard isSevenOrLater else { return }
        node.condition = try schema(document, "if")
        node.then = try schema(document, "then")
        node.otherwise = try schema(document, "else")
    }

    private func schemas(_ document: Value, _ key: StaticString) throws(SchemaError) -> [Int] {
        guard let elements = try list(document, key) else { return [] }
        var numbers: [Int] = []
        for index in 0..<elements.count { numbers.append(try read(elements[index], property: key.bytes)) }
        return numbers
    }

    private func schema(_ document: Value, _ key: StaticString) throws(SchemaError) -> Int? {
        let value = try member(document, key)
        guard value.isDefined else { return nil }
        guard value.isBoolean || value.isObject else { throw .text(.literal(key), " must be of an object") }
        return try read(value, property: key.bytes)
    }
}
