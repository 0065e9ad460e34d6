/// Reads syntax trees back from values, where a policy hands one in instead of a text. They have no places.
///
/// As in OPA every selection is read as a field.
struct GraphQLTreeReader {
    let space: Space
    private var depth = 0

    init(space: Space) { self.space = space }

    private func member(_ object: Value, _ name: StaticString) throws(GraphQLError) -> Value {
        do throws(Fault) { return space.member(object, try space.string(name)) } catch { throw .fault(error) }
    }

    private func refused(_ value: Value, _ name: StaticString, _ wanted: String) -> GraphQLError {
        let given = value.isObject ? "object" : value.isArray ? "array" : value.isString ? "string" : "number"
        let shown = value.isBoolean ? "bool" : given
        return .message("json: cannot unmarshal \(shown) into Go struct field \(name) of type \(wanted)", nil)
    }

    private func text(_ object: Value, _ name: StaticString) throws(GraphQLError) -> String {
        let value = try member(object, name)
        if value.isUndefined || value.isNull { return "" }
        guard value.isString else { throw refused(value, name, "string") }
        return String(decoding: space.bytes(value), as: UTF8.self)
    }

    private func flag(_ object: Value, _ name: StaticString) throws(GraphQLError) -> Bool {
        let value = try member(object, name)
        if value.isUndefined || value.isNull { return false }
        guard value.isBoolean else { throw refused(value, name, "bool") }
        return value.isTrue
    }

    private mutating func list<T>(
        _ object: Value, _ name: StaticString,
        _ convert: (inout GraphQLTreeReader, Value) throws(GraphQLError) -> T
    ) throws(GraphQLError) -> [T] {
        let value = try member(object, name)
        if value.isUndefined || value.isNull { return [] }
        guard value.isArray else { throw refused(value, name, "list") }
        depth += 1
        defer { depth -= 1 }
        guard depth < GraphQLParser.depthLimit else { throw .fault(Fault(.depthLimit)) }
        var result: [T] = []
        let elements = space.elements(value)
        for index in 0..<elements.count {
            guard elements[index].isObject else { throw refused(elements[index], name, "object") }
            result.append(try convert(&self, elements[index]))
        }
        return result
    }

    private func texts(_ object: Value, _ name: StaticString) throws(GraphQLError) -> [String] {
        let value = try member(object, name)
        if value.isUndefined || value.isNull { return [] }
        guard value.isArray else { throw refused(value, name, "list") }
        var result: [String] = []
        let elements = space.elements(value)
        for index in 0..<elements.count {
            guard elements[index].isString else { throw refused(elements[index], name, "string") }
            result.append(String(decoding: space.bytes(elements[index]), as: UTF8.self))
        }
        return result
    }

    // MARK: Queries

    mutating func query(_ object: Value) throws(GraphQLError) -> GraphQLQuery {
        var query = GraphQLQuery()
        query.operations = try list(object, "Operations") { (reader, value) throws(GraphQLError) in
            let operation = GraphQLOperation()
            operation.operation = try reader.text(value, "Operation")
            operation.name = try reader.text(value, "Name")
            operation.variables = try reader.variables(value, "VariableDefinitions")
            operation.directives = try reader.directives(value)
            operation.selections = try reader.selections(value)
            return operation
        }
        query.fragments = try list(object, "Fragments") { (reader, value) throws(GraphQLError) in
            let fragment = GraphQLFragment()
            fragment.name = try reader.text(value, "Name")
            fragment.variables = try reader.variables(value, "VariableDefinition")
            fragment.typeCondition = try reader.text(value, "TypeCondition")
            fragment.directives = try reader.directives(value)
            fragment.selections = try reader.selections(value)
            return fragment
        }
        return query
    }

    private mutating func variables(
        _ object: Value, _ name: StaticString
    ) throws(GraphQLError) -> [GraphQLVariable] {
        try list(object, name) { (reader, value) throws(GraphQLError) in
            let variable = GraphQLVariable()
            variable.name = try reader.text(value, "Variable")
            variable.type = try reader.type(try reader.member(value, "Type"))
            variable.defaultValue = try reader.optional(value)
            variable.directives = try reader.directives(value)
            return variable
        }
    }

    private mutating func selections(_ object: Value) throws(GraphQLError) -> [GraphQLSelection] {
        try list(object, "SelectionSet") { (reader, value) throws(GraphQLError) in
            let field = GraphQLField()
            field.alias = try reader.text(value, "Alias")
            field.name = try reader.text(value, "Name")
            field.arguments = try reader.arguments(value)
            field.directives = try reader.directives(value)
            field.selections = try reader.selections(value)
            return .field(field)
        }
    }

    private mutating func arguments(_ object: Value) throws(GraphQLError) -> [GraphQLArgument] {
        try list(object, "Arguments") { (reader, value) throws(GraphQLError) in
            let argument = GraphQLArgument()
            argument.name = try reader.text(value, "Name")
            argument.value = try reader.value(try reader.member(value, "Value"))
            return argument
        }
    }

    private mutating func directives(_ object: Value) throws(GraphQLError) -> [GraphQLDirective] {
        try list(object, "Directives") { (reader, value) throws(GraphQLError) in
            let directive = GraphQLDirective()
            directive.name = try reader.text(value, "Name")
            directive.arguments = try reader.arguments(value)
            return directive
        }
    }

    private mutating func type(_ object: Value) throws(GraphQLError) -> GraphQLType {
        depth += 1
        defer { depth -= 1 }
        guard depth < GraphQLParser.depthLimit else { throw .fault(Fault(.depthLimit)) }
        let type = GraphQLType()
        guard object.isObject else { return type }
        type.name = try text(object, "NamedType")
        let element = try member(object, "Elem")
        if element.isObject { type.element = try self.type(element) }
        type.isNonNull = try flag(object, "NonNull")
        return type
    }

    private mutating func optional(_ object: Value) throws(GraphQLError) -> GraphQLValue? {
        let value = try member(object, "DefaultValue")
        return value.isObject ? try self.value(value) : nil
    }

    private mutating func value(_ object: Value) throws(GraphQLError) -> GraphQLValue {
        let number = space.int64(try member(object, "Kind")).map { Int(clamping: $0) } ?? 0
        guard let kind = GraphQLValueKind(rawValue: number) else {
            throw .message("unknown value kind \(number)", nil)
        }
        let value = GraphQLValue(kind)
        value.raw = try text(object, "Raw")
        value.children = try list(object, "Children") { (reader, child) throws(GraphQLError) in
            GraphQLValue.Child(
                name: try reader.text(child, "Name"), value: try reader.value(try reader.member(child, "Value")))
        }
        return value
    }

    // MARK: Schemas

    mutating func schema(_ object: Value) throws(GraphQLError) -> GraphQLSchemaDocument {
        var document = GraphQLSchemaDocument()
        document.schema = try list(object, "Schema") { (reader, value) throws(GraphQLError) in
            try reader.schemaDefinition(value)
        }
        document.schemaExtensions = try list(object, "SchemaExtension") { (reader, value) throws(GraphQLError) in
            try reader.schemaDefinition(value)
        }
        document.directives = try list(object, "Directives") { (reader, value) throws(GraphQLError) in
            let directive = GraphQLDirectiveDefinition()
            directive.description = try reader.text(value, "Description")
            directive.name = try reader.text(value, "Name")
            directive.arguments = try reader.argumentDefinitions(value)
            directive.locations = try reader.texts(value, "Locations")
            directive.isRepeatable = try reader.flag(value, "IsRepeatable")
            return directive
        }
        document.definitions = try list(object, "Definitions") { (reader, value) throws(GraphQLError) in
            try reader.definition(value)
        }
        document.extensions = try list(object, "Extensions") { (reader, value) throws(GraphQLError) in
            try reader.definition(value)
        }
        return document
    }

    private mutating func schemaDefinition(_ value: Value) throws(GraphQLError) -> GraphQLSchemaDefinition {
        let schema = GraphQLSchemaDefinition()
        schema.description = try text(value, "Description")
        schema.directives = try directives(value)
        schema.roots = try list(value, "OperationTypes") { (reader, root) throws(GraphQLError) in
            GraphQLSchemaDefinition.Root(
                operation: try reader.text(root, "Operation"), type: try reader.text(root, "Type"))
        }
        return schema
    }

    private mutating func argumentDefinitions(
        _ object: Value
    ) throws(GraphQLError) -> [GraphQLArgumentDefinition] {
        try list(object, "Arguments") { (reader, value) throws(GraphQLError) in
            let argument = GraphQLArgumentDefinition()
            argument.description = try reader.text(value, "Description")
            argument.name = try reader.text(value, "Name")
            argument.defaultValue = try reader.optional(value)
            argument.type = try reader.type(try reader.member(value, "Type"))
            argument.directives = try reader.directives(value)
            return argument
        }
    }

    private mutating func definition(_ object: Value) throws(GraphQLError) -> GraphQLDefinition {
        let kind = try text(object, "Kind")
        guard let known = GraphQLDefinitionKind(rawValue: kind) else {
            throw .message("unknown kind of definition \(kind)", nil)
        }
        let definition = GraphQLDefinition(known)
        definition.description = try text(object, "Description")
        definition.name = try text(object, "Name")
        definition.directives = try directives(object)
        definition.interfaces = try texts(object, "Interfaces")
        definition.types = try texts(object, "Types")
        definition.isBuiltIn = try flag(object, "BuiltIn")
        definition.fields = try list(object, "Fields") { (reader, value) throws(GraphQLError) in
            let field = GraphQLFieldDefinition()
            field.description = try reader.text(value, "Description")
            field.name = try reader.text(value, "Name")
            field.arguments = try reader.argumentDefinitions(value)
            field.defaultValue = try reader.optional(value)
            field.type = try reader.type(try reader.member(value, "Type"))
            field.directives = try reader.directives(value)
            return field
        }
        definition.values = try list(object, "EnumValues") { (reader, value) throws(GraphQLError) in
            let item = GraphQLEnumValue()
            item.description = try reader.text(value, "Description")
            item.name = try reader.text(value, "Name")
            item.directives = try reader.directives(value)
            return item
        }
        return definition
    }
}
