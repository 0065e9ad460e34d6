/// Documents that define types.
extension GraphQLParser {
    private struct Description {
        var text = ""
        var comment: [String] = []
    }

    mutating func schema(isBuiltIn: Bool = false) throws(GraphQLError) -> GraphQLSchemaDocument {
        var document = GraphQLSchemaDocument()
        while try peek().kind != .end {
            let description = try self.description()
            let token = try peek()
            guard token.kind == .name else { throw unexpected(token) }
            switch token.value {
            case "schema": document.schema.append(try schemaDefinition(description))
            case "directive": document.directives.append(try directiveDefinition(description))
            case "extend":
                if !description.text.isEmpty { throw unexpected(previous) }
                try schemaExtension(&document)
            default:
                guard let definition = try definition(description) else { throw unexpected(token) }
                definition.isBuiltIn = isBuiltIn
                document.definitions.append(definition)
            }
        }
        document.comment = comment
        return document
    }

    private mutating func description() throws(GraphQLError) -> Description {
        let token = try peek()
        guard token.kind == .string || token.kind == .blockString else { return Description() }
        let before = comment
        return Description(text: try next().value, comment: before)
    }

    /// A description of a member; its comments count only where it says something.
    private mutating func member() throws(GraphQLError) -> (Description, after: [String]) {
        var description = try self.description()
        if description.text.isEmpty { description.comment = [] }
        return (description, try comments())
    }

    // MARK: Types

    private mutating func definition(_ description: Description) throws(GraphQLError) -> GraphQLDefinition? {
        guard let kind = Self.kind(try peek().value) else { return nil }
        let definition = GraphQLDefinition(kind)
        definition.after = comment
        try next()
        definition.position = try position()
        definition.before = description.comment
        definition.description = description.text
        definition.name = try name()
        if kind == .object || kind == .interface { definition.interfaces = try interfaces() }
        definition.directives = try directives(isConstant: true)
        try body(definition)
        return definition
    }

    private static func kind(_ word: String) -> GraphQLDefinitionKind? {
        switch word {
        case "scalar": .scalar
        case "type": .object
        case "interface": .interface
        case "union": .union
        case "enum": .enumeration
        case "input": .input
        default: nil
        }
    }

    private mutating func interfaces() throws(GraphQLError) -> [String] {
        guard try peek().value == "implements" else { return [] }
        try next()
        _ = try skip(.amp)
        var names = [try name()]
        while try skip(.amp) { names.append(try name()) }
        return names
    }

    private mutating func body(_ definition: GraphQLDefinition) throws(GraphQLError) {
        switch definition.kind {
        case .scalar: return
        case .object, .interface:
            definition.end = try list(.braceLeft, .braceRight) { (parser) throws(GraphQLError) in
                definition.fields.append(try parser.fieldDefinition())
            }
        case .input:
            definition.end = try list(.braceLeft, .braceRight) { (parser) throws(GraphQLError) in
                definition.fields.append(try parser.inputField())
            }
        case .enumeration:
            definition.end = try list(.braceLeft, .braceRight) { (parser) throws(GraphQLError) in
                definition.values.append(try parser.enumValue())
            }
        case .union:
            guard try skip(.equals) else { return }
            _ = try skip(.pipe)
            definition.types.append(try name())
            while try skip(.pipe) { definition.types.append(try name()) }
        }
    }

    private mutating func fieldDefinition() throws(GraphQLError) -> GraphQLFieldDefinition {
        let field = GraphQLFieldDefinition()
        field.position = try position()
        let (description, after) = try member()
        (field.before, field.description, field.after) = (description.comment, description.text, after)
        field.name = try name()
        field.arguments = try argumentDefinitions()
        try expect(.colon)
        field.type = try type()
        field.directives = try directives(isConstant: true)
        return field
    }

    private mutating func inputField() throws(GraphQLError) -> GraphQLFieldDefinition {
        let field = GraphQLFieldDefinition()
        field.position = try position()
        let (description, after) = try member()
        (field.before, field.description, field.after) = (description.comment, description.text, after)
        field.name = try name()
        try expect(.colon)
        field.type = try type()
        if try skip(.equals) { field.defaultValue = try value(isConstant: true) }
        field.directives = try directives(isConstant: true)
        return field
    }

    private mutating func enumValue() throws(GraphQLError) -> GraphQLEnumValue {
        let value = GraphQLEnumValue()
        value.position = try position()
        let (description, after) = try member()
        (value.before, value.description, value.after) = (description.comment, description.text, after)
        value.name = try name()
        value.directives = try directives(isConstant: true)
        return value
    }

    private mutating func argumentDefinitions() throws(GraphQLError) -> [GraphQLArgumentDefinition] {
        var arguments: [GraphQLArgumentDefinition] = []
        try list(.parenLeft, .parenRight) { (parser) throws(GraphQLError) in
            let argument = GraphQLArgumentDefinition()
            argument.position = try parser.position()
            let (description, after) = try parser.member()
            (argument.before, argument.description, argument.after) = (description.comment, description.text, after)
            argument.name = try parser.name()
            try parser.expect(.colon)
            argument.type = try parser.type()
            if try parser.skip(.equals) { argument.defaultValue = try parser.value(isConstant: true) }
            argument.directives = try parser.directives(isConstant: true)
            arguments.append(argument)
        }
        return arguments
    }

    // MARK: Directives and schemas

    private mutating func directiveDefinition(
        _ description: Description
    ) throws(GraphQLError) -> GraphQLDirectiveDefinition {
        let directive = GraphQLDirectiveDefinition()
        directive.after = try keyword("directive")
        try expect(.at)
        directive.position = try position()
        directive.before = description.comment
        directive.description = description.text
        directive.name = try name()
        directive.arguments = try argumentDefinitions()
        if try peek().value == "repeatable", try skip(.name) { directive.isRepeatable = true }
        try keyword("on")
        _ = try skip(.pipe)
        repeat {
            let token = try expect(.name)
            guard Self.locations.contains(token.value) else { throw unexpected(token) }
            directive.locations.append(token.value)
        } while try skip(.pipe)
        return directive
    }

    private static let locations: Set<String> = [
        "QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION", "SCHEMA", "SCALAR", "OBJECT", "FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INTERFACE",
        "UNION", "ENUM", "ENUM_VALUE", "INPUT_OBJECT", "INPUT_FIELD_DEFINITION",
    ]

    private mutating func schemaDefinition(
        _ description: Description
    ) throws(GraphQLError) -> GraphQLSchemaDefinition {
        let schema = GraphQLSchemaDefinition()
        schema.after = try keyword("schema")
        schema.position = try position()
        schema.before = description.comment
        schema.description = description.text
        try roots(schema)
        return schema
    }

    private mutating func roots(_ schema: GraphQLSchemaDefinition) throws(GraphQLError) {
        schema.directives = try directives(isConstant: true)
        schema.end = try list(.braceLeft, .braceRight) { (parser) throws(GraphQLError) in
            var root = GraphQLSchemaDefinition.Root()
            root.position = try parser.position()
            root.comment = parser.comment
            let token = try parser.next()
            guard ["query", "mutation", "subscription"].contains(token.value) else { throw parser.unexpected(token) }
            root.operation = token.value
            try parser.expect(.colon)
            root.type = try parser.name()
            schema.roots.append(root)
        }
    }

    private mutating func schemaExtension(_ document: inout GraphQLSchemaDocument) throws(GraphQLError) {
        let before = try keyword("extend")
        let token = try peek()
        if token.value == "schema" {
            let schema = GraphQLSchemaDefinition()
            try keyword("schema")
            schema.position = try position()
            schema.after = before
            try roots(schema)
            if schema.directives.isEmpty, schema.roots.isEmpty { throw unexpected(try peek()) }
            document.schemaExtensions.append(schema)
            return
        }
        guard let kind = Self.kind(token.value), token.kind == .name else { throw unexpected(token) }
        try next()
        let definition = GraphQLDefinition(kind)
        definition.position = try position()
        definition.after = before
        definition.name = try name()
        if kind == .object { definition.interfaces = try interfaces() }
        definition.directives = try directives(isConstant: kind != .input)
        try body(definition)
        let isEmpty =
            definition.interfaces.isEmpty && definition.directives.isEmpty && definition.fields.isEmpty
            && definition.values.isEmpty && definition.types.isEmpty
        if isEmpty { throw unexpected(try peek()) }
        document.extensions.append(definition)
    }
}
