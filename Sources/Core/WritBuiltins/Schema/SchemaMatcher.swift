import WritRegex
import WritValue

/// One way in which a document does not fit.
struct SchemaProblem {
    let type: StaticString
    /// Where: names and positions with points between them.
    let field: [UInt8]
    let description: [UInt8]
}

/// What a document's comparison with a schema gave.
struct SchemaResult {
    var problems: [SchemaProblem] = []
    /// How much of the schema fitted: of alternatives that all fail, the errors of the best are told.
    var score = 0

    var isValid: Bool { problems.isEmpty }

    mutating func merge(_ other: SchemaResult) {
        problems += other.problems
        score += other.score
    }
}

/// Compares a document with a compiled schema, telling the errors that gojsonschema tells, in its order; where that
/// follows the order of a Go map, the order is that of the keys.
struct SchemaMatcher {
    let schema: CompiledSchema
    let context: BuiltinContext
    private var path: [[UInt8]] = []
    private var depth = 0

    init(_ schema: CompiledSchema, _ context: BuiltinContext) {
        self.schema = schema
        self.context = context
    }

    mutating func match(_ document: Value) throws(Fault) -> SchemaResult {
        try result(0, document)
    }

    // MARK: Telling

    private func tell(_ result: inout SchemaResult, _ type: StaticString, _ pieces: SchemaText...) throws(Fault) {
        let description = SchemaText.join(pieces)
        let field = field
        try context.spend((description.count + field.count) &>> 3)
        result.problems.append(SchemaProblem(type: type, field: field, description: description))
        result.score -= 2
    }

    private var field: [UInt8] {
        path.isEmpty ? ascii("(Root)") : Array(path.joined(separator: [UInt8(ascii: ".")]))
    }

    // MARK: A schema

    private mutating func result(_ number: Int, _ value: Value) throws(Fault) -> SchemaResult {
        var result = SchemaResult()
        try match(number, value, &result)
        return result
    }

    /// As `result`, for a part of the document.
    private mutating func result(_ number: Int, _ value: Value, at step: [UInt8]) throws(Fault) -> SchemaResult {
        path.append(step)
        defer { path.removeLast() }
        return try result(number, value)
    }

    private mutating func match(_ number: Int, _ value: Value, _ result: inout SchemaResult) throws(Fault) {
        depth += 1
        defer { depth -= 1 }
        guard depth < SchemaCompiler.depthLimit, schema.nodes.indices.contains(number) else {
            throw Fault(.depthLimit)
        }
        try context.spend(4)
        let node = schema.nodes[number]
        if let pass = node.pass {
            if !pass { try tell(&result, "false", "False always fails validation") }
            return
        }
        if let reference = node.reference { return try match(reference, value, &result) }
        guard try hasType(node, value, &result) else { return }
        try combinations(node, value, &result)
        switch value.kind {
        case .array:
            try array(node, value, &result)
            try common(node, value, &result)
        case .object:
            try object(node, value, &result)
            try common(node, value, &result)
            for child in node.properties {
                let name = schema.nodes[child].property
                let member = context.space.member(value, try context.space.string(name))
                guard member.isDefined else { continue }
                path.append(name)
                defer { path.removeLast() }
                try match(child, member, &result)
            }
        case .number:
            try numeric(node, value, &result)
            try common(node, value, &result)
        case .string:
            try common(node, value, &result)
            try string(node, value, &result)
        default: try common(node, value, &result)
        }
        result.score += 1
    }

    private func hasType(_ node: SchemaNode, _ value: Value, _ result: inout SchemaResult) throws(Fault) -> Bool {
        guard !node.types.isEmpty else { return true }
        let given: SchemaType
        switch value.kind {
        case .null: given = .null
        case .boolean: given = .boolean
        case .number: given = isInteger(value) ? .integer : .number
        case .string: given = .string
        case .array: given = .array
        default: given = .object
        }
        if node.types.contains(given) || given == .integer && node.types.contains(.number) { return true }
        var expected: [UInt8] = []
        for type in node.types {
            if !expected.isEmpty { expected.append(UInt8(ascii: ",")) }
            expected += type.name.bytes
        }
        if node.types.count > 1 { expected = [UInt8(ascii: "[")] + expected + [UInt8(ascii: "]")] }
        try tell(
            &result, "invalid_type", "Invalid type. Expected: ", .bytes(expected), ", given: ", .literal(given.name))
        return false
    }

    private func isInteger(_ value: Value) -> Bool {
        value.isInteger || context.space.withNumberText(value) { SchemaNumber($0).map { $0.exponent >= 0 } ?? false }
    }

    // MARK: Combinations

    private mutating func combinations(
        _ node: SchemaNode, _ value: Value, _ result: inout SchemaResult
    ) throws(Fault) {
        try anyOf(node, value, &result)
        try oneOf(node, value, &result)
        if !node.allOf.isEmpty {
            var isValid = true
            for number in node.allOf {
                let found = try self.result(number, value)
                isValid = isValid && found.isValid
                result.merge(found)
            }
            if !isValid { try tell(&result, "number_all_of", "Must validate all the schemas (allOf)") }
        }
        if let not = node.not, try self.result(not, value).isValid {
            try tell(&result, "number_not", "Must not validate the schema (not)")
        }
        if value.isObject { try dependencies(node, value, &result) }
        if let condition = node.condition { try conditional(condition, node, value, &result) }
        result.score += 1
    }

    private mutating func anyOf(_ node: SchemaNode, _ value: Value, _ result: inout SchemaResult) throws(Fault) {
        guard !node.anyOf.isEmpty else { return }
        var best: SchemaResult?
        for number in node.anyOf {
            let found = try self.result(number, value)
            if found.isValid { return }
            if best.map({ found.score > $0.score }) ?? true { best = found }
        }
        try tell(&result, "number_any_of", "Must validate at least one schema (anyOf)")
        if let best { result.merge(best) }
    }

    private mutating func oneOf(_ node: SchemaNode, _ value: Value, _ result: inout SchemaResult) throws(Fault) {
        guard !node.oneOf.isEmpty else { return }
        var valid = 0
        var best: SchemaResult?
        for number in node.oneOf {
            let found = try self.result(number, value)
            if found.isValid {
                valid += 1
            } else if valid == 0, best.map({ found.score > $0.score }) ?? true {
                best = found
            }
        }
        guard valid != 1 else { return }
        try tell(&result, "number_one_of", "Must validate one and only one schema (oneOf)")
        if valid == 0, let best { result.merge(best) }
    }

    private mutating func dependencies(
        _ node: SchemaNode, _ value: Value, _ result: inout SchemaResult
    ) throws(Fault) {
        for dependency in node.dependencies {
            guard try has(value, dependency.key) else { continue }
            switch dependency.needs {
            case .keys(let keys):
                for key in keys where try !has(value, key) {
                    try tell(&result, "missing_dependency", "Has a dependency on ", .bytes(key))
                }
            case .schema(let number): try match(number, value, &result)
            }
        }
    }

    private mutating func conditional(
        _ condition: Int, _ node: SchemaNode, _ value: Value, _ result: inout SchemaResult
    ) throws(Fault) {
        if try self.result(condition, value).isValid {
            guard let then = node.then else { return }
            let found = try self.result(then, value)
            guard !found.isValid else { return }
            try tell(&result, "condition_then", "Must validate \"then\" as \"if\" was valid")
            result.merge(found)
        } else {
            guard let otherwise = node.otherwise else { return }
            let found = try self.result(otherwise, value)
            guard !found.isValid else { return }
            try tell(&result, "condition_else", "Must validate \"else\" as \"if\" was not valid")
            result.merge(found)
        }
    }

    // MARK: Values of any kind

    private func common(_ node: SchemaNode, _ value: Value, _ result: inout SchemaResult) throws(Fault) {
        if let constant = node.constant, try SchemaCanonical.text(value, context) != constant {
            try tell(&result, "const", .bytes(field), " does not match: ", .bytes(constant))
        }
        if let alternatives = node.alternatives {
            let text = try SchemaCanonical.text(value, context)
            try context.spend(alternatives.count)
            if !alternatives.contains(text) {
                let allowed = Array(alternatives.joined(separator: ascii(", ")))
                try tell(
                    &result, "enum", .bytes(field), " must be one of the following: ", .bytes(allowed))
            }
        }
        if !node.format.isEmpty, value.isString {
            try context.spend(context.space.byteCount(value) &>> 2)
            if !SchemaFormat.matches(node.format, context.space.bytes(value)) {
                try tell(&result, "format", "Does not match format '", .bytes(node.format), "'")
            }
        }
        result.score += 1
    }

    // MARK: Arrays

    private mutating func array(_ node: SchemaNode, _ value: Value, _ result: inout SchemaResult) throws(Fault) {
        let elements = context.space.elements(value)
        if node.hasOneItemSchema, let item = node.items.first {
            for index in 0..<elements.count {
                result.merge(try self.result(item, elements[index], at: Self.decimal(index)))
            }
        } else if !node.items.isEmpty {
            for index in 0..<min(node.items.count, elements.count) {
                result.merge(try self.result(node.items[index], elements[index], at: Self.decimal(index)))
            }
            if node.items.count < elements.count { try additionalItems(node, elements, &result) }
        }
        if let minimum = node.minItems, elements.count < minimum {
            try tell(&result, "array_min_items", "Array must have at least ", .number(minimum), " items")
        }
        if let maximum = node.maxItems, elements.count > maximum {
            try tell(&result, "array_max_items", "Array must have at most ", .number(maximum), " items")
        }
        if node.uniqueItems { try unique(elements, &result) }
        if let contains = node.contains { try self.contains(contains, elements, &result) }
        result.score += 1
    }

    private mutating func additionalItems(
        _ node: SchemaNode, _ elements: Elements, _ result: inout SchemaResult
    ) throws(Fault) {
        switch node.additionalItems {
        case .anything: return
        case .nothing: try tell(&result, "array_no_additional_items", "No additional items allowed on array")
        case .schema(let number):
            for index in node.items.count..<elements.count {
                result.merge(try self.result(number, elements[index], at: Self.decimal(index)))
            }
        }
    }

    private func unique(_ elements: Elements, _ result: inout SchemaResult) throws(Fault) {
        var last: [[UInt8]: Int] = [:]
        for index in 0..<elements.count {
            let text = try SchemaCanonical.text(elements[index], context)
            if let other = last.updateValue(index, forKey: text) {
                try tell(
                    &result, "unique", "array items[", .number(other), ",", .number(index), "] must be unique")
            }
        }
    }

    private mutating func contains(
        _ number: Int, _ elements: Elements, _ result: inout SchemaResult
    ) throws(Fault) {
        var best: SchemaResult?
        for index in 0..<elements.count {
            let found = try self.result(number, elements[index], at: Self.decimal(index))
            if found.isValid { return }
            if best.map({ found.score > $0.score }) ?? true { best = found }
        }
        try tell(&result, "contains", "At least one of the items must match")
        if let best { result.merge(best) }
    }

    private static func decimal(_ number: Int) -> [UInt8] {
        var text = TextBuilder()
        text.append(number)
        return text.bytes
    }

    // MARK: Objects

    private mutating func object(_ node: SchemaNode, _ value: Value, _ result: inout SchemaResult) throws(Fault) {
        if let minimum = node.minProperties, value.count < minimum {
            try tell(&result, "array_min_properties", "Must have at least ", .number(minimum), " properties")
        }
        if let maximum = node.maxProperties, value.count > maximum {
            try tell(&result, "array_max_properties", "Must have at most ", .number(maximum), " properties")
        }
        for name in node.required {
            if try has(value, name) {
                result.score += 1
            } else {
                try tell(&result, "required", .bytes(name), " is required")
            }
        }
        try additional(node, context.space.entries(value), &result)
        if let names = node.propertyNames {
            let keys = context.space.entries(value).keys
            for index in 0..<keys.count {
                let found = try self.result(names, keys[index])
                guard !found.isValid else { continue }
                try tell(
                    &result, "invalid_property_name", "Property name of \"", .bytes(context.space.bytes(keys[index])),
                    "\" does not match")
                result.merge(found)
            }
        }
        result.score += 1
    }

    /// The properties that patterns describe, and those that nothing does.
    private mutating func additional(
        _ node: SchemaNode, _ entries: Entries, _ result: inout SchemaResult
    ) throws(Fault) {
        var isOpen = false
        if case .anything = node.additionalProperties { isOpen = true }
        if isOpen, node.patternProperties.isEmpty { return }
        for index in 0..<entries.count {
            let key = context.space.bytes(entries.keys[index])
            let value = entries.values[index]
            try context.spend(1)
            var isDescribed = false
            for (pattern, schema) in node.patternProperties {
                try context.spend(1 + key.count &>> 2)
                guard key.withUnsafeBufferPointer({ pattern.matches($0) }) else { continue }
                isDescribed = true
                result.merge(try self.result(schema, value, at: key))
            }
            if isDescribed { result.score += 1 }
            if isDescribed || isProperty(key, of: node) { continue }
            switch node.additionalProperties {
            case .anything: continue
            case .nothing:
                try tell(
                    &result, "additional_property_not_allowed", "Additional property ", .bytes(key),
                    " is not allowed")
            case .schema(let number): result.merge(try self.result(number, value, at: key))
            }
        }
    }

    private func isProperty(_ key: [UInt8], of node: SchemaNode) -> Bool {
        var low = 0
        var high = node.properties.count
        while low < high {
            let middle = (low + high) / 2
            let name = schema.nodes[node.properties[middle]].property
            if name == key { return true }
            if name.lexicographicallyPrecedes(key) { low = middle + 1 } else { high = middle }
        }
        return false
    }

    private func has(_ object: Value, _ key: [UInt8]) throws(Fault) -> Bool {
        try context.spend(1)
        return context.space.member(object, try context.space.string(key)).isDefined
    }

    // MARK: Strings and numbers

    private func string(_ node: SchemaNode, _ value: Value, _ result: inout SchemaResult) throws(Fault) {
        if node.minLength != nil || node.maxLength != nil {
            try context.spend(context.space.byteCount(value) &>> 4)
            let count = context.space.withBytes(value) { Scalars.count($0) }
            if let minimum = node.minLength, count < minimum {
                try tell(
                    &result, "string_gte", "String length must be greater than or equal to ", .number(minimum))
            }
            if let maximum = node.maxLength, count > maximum {
                try tell(&result, "string_lte", "String length must be less than or equal to ", .number(maximum))
            }
        }
        if let (source, regex) = node.pattern {
            try context.spend(context.space.byteCount(value))
            if !context.space.withBytes(value, { regex.matches($0) }) {
                try tell(&result, "pattern", "Does not match pattern '", .bytes(source), "'")
            }
        }
        result.score += 1
    }

    private func numeric(_ node: SchemaNode, _ value: Value, _ result: inout SchemaResult) throws(Fault) {
        if let multiple = node.multipleOf, try !isMultiple(value, of: multiple) {
            try tell(&result, "multiple_of", "Must be a multiple of ", .bytes(SchemaNumber.shown(multiple)))
        }
        if let bound = node.maximum, try order(value, bound) > 0 {
            try tell(&result, "number_lte", "Must be less than or equal to ", .bytes(SchemaNumber.shown(bound)))
        }
        if let bound = node.exclusiveMaximum, try order(value, bound) >= 0 {
            try tell(&result, "number_lt", "Must be less than ", .bytes(SchemaNumber.shown(bound)))
        }
        if let bound = node.minimum, try order(value, bound) < 0 {
            try tell(&result, "number_gte", "Must be greater than or equal to ", .bytes(SchemaNumber.shown(bound)))
        }
        if let bound = node.exclusiveMinimum, try order(value, bound) <= 0 {
            try tell(&result, "number_gt", "Must be greater than ", .bytes(SchemaNumber.shown(bound)))
        }
        result.score += 1
    }

    private func order(_ value: Value, _ bound: [UInt8]) throws(Fault) -> Int {
        context.space.compare(value, try context.space.number(bound))
    }

    private func isMultiple(_ value: Value, of multiple: [UInt8]) throws(Fault) -> Bool {
        guard let left = context.space.withNumberText(value, { SchemaNumber($0) }),
            let right = multiple.withUnsafeBufferPointer({ SchemaNumber($0) })
        else { return false }
        try context.spend((left.digits.count + right.digits.count) &>> 2)
        guard let isMultiple = left.isMultiple(of: right) else {
            throw context.error("number too large for multipleOf")
        }
        return isMultiple
    }
}
