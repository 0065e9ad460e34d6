/// Turns syntax trees into values, as policies see them: nulls, empty collections and places are left out.
struct GraphQLTree {
    let space: Space

    private typealias Members = [(StaticString, Value)]

    private func object(_ members: Members) throws(Fault) -> Value {
        var list = ValueList()
        for (name, value) in members where value.isDefined {
            try list.append(try space.string(name), in: space)
            try list.append(value, in: space)
        }
        return try space.object(pairs: list)
    }

    private func text(_ text: String) throws(Fault) -> Value { try space.string(Array(text.utf8)) }

    private func array<T>(_ items: [T], _ convert: (T) throws(Fault) -> Value) throws(Fault) -> Value {
        var list = ValueList()
        for item in items {
            let value = try convert(item)
            // An object without members is left out as well.
            if value.isObject, value.count == 0 { continue }
            try list.append(value, in: space)
        }
        return list.count == 0 ? .undefined : try space.array(list)
    }

    private func texts(_ items: [String]) throws(Fault) -> Value {
        try array(items) { (item) throws(Fault) in try text(item) }
    }

    private func comments(_ items: [String]) throws(Fault) -> Value {
        guard !items.isEmpty else { return .undefined }
        let list = try array(items) { (item) throws(Fault) in try object([("Value", try text(item))]) }
        return try object([("List", list)])
    }

    // MARK: Queries

    func query(_ query: GraphQLQuery) throws(Fault) -> Value {
        try object([
            ("Operations", try array(query.operations) { (item) throws(Fault) in try operation(item) }),
            ("Fragments", try array(query.fragments) { (item) throws(Fault) in try fragment(item) }),
        ])
    }

    private func operation(_ operation: GraphQLOperation) throws(Fault) -> Value {
        try object([
            ("Operation", try text(operation.operation)), ("Name", try text(operation.name)),
            ("VariableDefinitions", try variables(operation.variables)),
            ("Directives", try directives(operation.directives)),
            ("SelectionSet", try selections(operation.selections)), ("Comment", try comments(operation.comment)),
        ])
    }

    private func fragment(_ fragment: GraphQLFragment) throws(Fault) -> Value {
        try object([
            ("Name", try text(fragment.name)), ("VariableDefinition", try variables(fragment.variables)),
            ("TypeCondition", try text(fragment.typeCondition)),
            ("Directives", try directives(fragment.directives)),
            ("SelectionSet", try selections(fragment.selections)), ("Comment", try comments(fragment.comment)),
        ])
    }

    private func variables(_ variables: [GraphQLVariable]) throws(Fault) -> Value {
        try array(variables) { (variable) throws(Fault) in
            try object([
                ("Variable", try text(variable.name)), ("Type", try type(variable.type)),
                ("DefaultValue", try optional(variable.defaultValue)),
                ("Directives", try directives(variable.directives)), ("Used", .boolean(false)),
                ("Comment", try comments(variable.comment)),
            ])
        }
    }

    private func selections(_ selections: [GraphQLSelection]) throws(Fault) -> Value {
        try array(selections) { (selection) throws(Fault) in
            switch selection {
            case .field(let field):
                try object([
                    ("Alias", try text(field.alias)), ("Name", try text(field.name)),
                    ("Arguments", try arguments(field.arguments)),
                    ("Directives", try directives(field.directives)),
                    ("SelectionSet", try self.selections(field.selections)),
                    ("Comment", try comments(field.comment)),
                ])
            case .spread(let spread):
                try object([
                    ("Name", try text(spread.name)), ("Directives", try directives(spread.directives)),
                    ("Comment", try comments(spread.comment)),
                ])
            case .inline(let fragment):
                try object([
                    ("TypeCondition", try text(fragment.typeCondition)),
                    ("Directives", try directives(fragment.directives)),
                    ("SelectionSet", try self.selections(fragment.selections)),
                    ("Comment", try comments(fragment.comment)),
                ])
            }
        }
    }

    private func arguments(_ arguments: [GraphQLArgument]) throws(Fault) -> Value {
        try array(arguments) { (argument) throws(Fault) in
            try object([
                ("Name", try text(argument.name)), ("Value", try value(argument.value)),
                ("Comment", try comments(argument.comment)),
            ])
        }
    }

    private func directives(_ directives: [GraphQLDirective]) throws(Fault) -> Value {
        try array(directives) { (directive) throws(Fault) in
            try object([
                ("Name", try text(directive.name)), ("Arguments", try arguments(directive.arguments)),
                ("Location", try text("")),
            ])
        }
    }

    private func type(_ type: GraphQLType) throws(Fault) -> Value {
        var inner = Value.undefined
        if let element = type.element { inner = try self.type(element) }
        return try object([
            ("NamedType", try text(type.name)), ("Elem", inner), ("NonNull", .boolean(type.isNonNull)),
        ])
    }

    private func optional(_ value: GraphQLValue?) throws(Fault) -> Value {
        guard let value else { return .undefined }
        return try self.value(value)
    }

    private func value(_ value: GraphQLValue) throws(Fault) -> Value {
        let children = try array(value.children) { (child) throws(Fault) in
            try object([
                ("Name", try text(child.name)), ("Value", try self.value(child.value)),
                ("Comment", try comments(child.comment)),
            ])
        }
        return try object([
            ("Raw", try text(value.raw)), ("Children", children), ("Kind", .integer(value.kind.rawValue)),
            ("ExpectedTypeHasDefault", .boolean(false)), ("Comment", try comments(value.comment)),
        ])
    }

    // MARK: Schemas

    func schema(_ document: GraphQLSchemaDocument) throws(Fault) -> Value {
        try object([
            ("Schema", try array(document.schema) { (item) throws(Fault) in try schema(item) }),
            ("SchemaExtension", try array(document.schemaExtensions) { (item) throws(Fault) in try schema(item) }),
            ("Directives", try array(document.directives) { (item) throws(Fault) in try directive(item) }),
            ("Definitions", try array(document.definitions) { (item) throws(Fault) in try definition(item) }),
            ("Extensions", try array(document.extensions) { (item) throws(Fault) in try definition(item) }),
            ("Comment", try comments(document.comment)),
        ])
    }

    private func schema(_ schema: GraphQLSchemaDefinition) throws(Fault) -> Value {
        let roots = try array(schema.roots) { (root) throws(Fault) in
            try object([
                ("Operation", try text(root.operation)), ("Type", try text(root.type)),
                ("Comment", try comments(root.comment)),
            ])
        }
        return try object([
            ("Description", try text(schema.description)), ("Directives", try directives(schema.directives)),
            ("OperationTypes", roots), ("BeforeDescriptionComment", try comments(schema.before)),
            ("AfterDescriptionComment", try comments(schema.after)),
            ("EndOfDefinitionComment", try comments(schema.end)),
        ])
    }

    private func directive(_ directive: GraphQLDirectiveDefinition) throws(Fault) -> Value {
        try object([
            ("Description", try text(directive.description)), ("Name", try text(directive.name)),
            ("Arguments", try arguments(directive.arguments)), ("Locations", try texts(directive.locations)),
            ("IsRepeatable", .boolean(directive.isRepeatable)),
            ("BeforeDescriptionComment", try comments(directive.before)),
            ("AfterDescriptionComment", try comments(directive.after)),
        ])
    }

    private func arguments(_ arguments: [GraphQLArgumentDefinition]) throws(Fault) -> Value {
        try array(arguments) { (argument) throws(Fault) in
            try object([
                ("Description", try text(argument.description)), ("Name", try text(argument.name)),
                ("DefaultValue", try optional(argument.defaultValue)), ("Type", try type(argument.type)),
                ("Directives", try directives(argument.directives)),
                ("BeforeDescriptionComment", try comments(argument.before)),
                ("AfterDescriptionComment", try comments(argument.after)),
            ])
        }
    }

    private func definition(_ definition: GraphQLDefinition) throws(Fault) -> Value {
        let fields = try array(definition.fields) { (field) throws(Fault) in
            try object([
                ("Description", try text(field.description)), ("Name", try text(field.name)),
                ("Arguments", try arguments(field.arguments)),
                ("DefaultValue", try optional(field.defaultValue)), ("Type", try type(field.type)),
                ("Directives", try directives(field.directives)),
                ("BeforeDescriptionComment", try comments(field.before)),
                ("AfterDescriptionComment", try comments(field.after)),
            ])
        }
        let values = try array(definition.values) { (value) throws(Fault) in
            try object([
                ("Description", try text(value.description)), ("Name", try text(value.name)),
                ("Directives", try directives(value.directives)),
                ("BeforeDescriptionComment", try comments(value.before)),
                ("AfterDescriptionComment", try comments(value.after)),
            ])
        }
        return try object([
            ("Kind", try text(definition.kind.rawValue)), ("Description", try text(definition.description)),
            ("Name", try text(definition.name)), ("Directives", try directives(definition.directives)),
            ("Interfaces", try texts(definition.interfaces)), ("Fields", fields),
            ("Types", try texts(definition.types)), ("EnumValues", values),
            ("BuiltIn", .boolean(definition.isBuiltIn)),
            ("BeforeDescriptionComment", try comments(definition.before)),
            ("AfterDescriptionComment", try comments(definition.after)),
            ("EndOfDefinitionComment", try comments(definition.end)),
        ])
    }
}
