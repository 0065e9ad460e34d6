/// A schema that makes sense: its types by name, with what every schema has built in.
final class GraphQLSchema {
    private(set) var types: [String: GraphQLDefinition] = [:]
    private(set) var directives: [String: GraphQLDirectiveDefinition] = [:]
    /// The object types (and interfaces) that an interface or union may stand for.
    private(set) var possibleTypes: [String: [GraphQLDefinition]] = [:]
    private(set) var query: GraphQLDefinition?
    private(set) var mutation: GraphQLDefinition?
    private(set) var subscription: GraphQLDefinition?
    private let context: HostContext

    /// Checks a document. Changes its definitions: extensions become part of them.
    init(_ document: GraphQLSchemaDocument, _ context: HostContext) throws(GraphQLError) {
        self.context = context
        var prelude = GraphQLParser(Array(Self.prelude.utf8), context)
        let builtIn = try prelude.schema(isBuiltIn: true)
        var definitions = builtIn.definitions + document.definitions
        for definition in definitions {
            guard types[definition.name] == nil else {
                throw .message("Cannot redeclare type \(definition.name).", definition.position)
            }
            types[definition.name] = definition
        }
        for part in document.extensions { try extend(with: part, &definitions) }
        for definition in definitions { enter(definition) }
        try enter(builtIn.directives + document.directives)
        try readRoots(document)
        try spend(document.definitions.count + 32)
        for name in types.keys.sorted(by: Self.isBefore) {
            if let definition = types[name] { try check(definition) }
        }
        for name in directives.keys.sorted(by: Self.isBefore) {
            guard let directive = directives[name] else { continue }
            try checkName(directive.name, directive.position)
            try check(directive.arguments, of: directive)
        }
        if document.schema.isEmpty {
            query = query ?? types["Query"]
            mutation = mutation ?? types["Mutation"]
            subscription = subscription ?? types["Subscription"]
        }
        if let query { addIntrospection(to: query) }
    }

    private static func isBefore(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

    private func spend(_ count: Int) throws(GraphQLError) {
        do throws(Fault) { try context.spend(count) } catch { throw .fault(error) }
    }

    /// What a type may be at run time.
    func possible(_ definition: GraphQLDefinition) -> [GraphQLDefinition] {
        definition.kind == .union || definition.kind == .interface
            ? possibleTypes[definition.name] ?? [] : [definition]
    }

    private func extend(
        with part: GraphQLDefinition, _ definitions: inout [GraphQLDefinition]
    ) throws(GraphQLError) {
        let base: GraphQLDefinition
        if let known = types[part.name] {
            base = known
        } else {
            base = GraphQLDefinition(part.kind)
            base.name = part.name
            base.position = part.position
            types[part.name] = base
            definitions.append(base)
        }
        guard base.kind == part.kind else {
            throw .message(
                "Cannot extend type \(part.name) because the base type is a \(base.kind.rawValue), "
                    + "not \(part.kind.rawValue).", part.position)
        }
        base.directives += part.directives
        base.interfaces += part.interfaces
        base.fields += part.fields
        base.types += part.types
        base.values += part.values
    }

    private func enter(_ definition: GraphQLDefinition) {
        switch definition.kind {
        case .union:
            for name in definition.types {
                if let type = types[name] { possibleTypes[definition.name, default: []].append(type) }
            }
        case .input, .object:
            for name in definition.interfaces { possibleTypes[name, default: []].append(definition) }
            possibleTypes[definition.name, default: []].append(definition)
        case .interface:
            for name in definition.interfaces { possibleTypes[name, default: []].append(definition) }
        case .scalar, .enumeration: return
        }
    }

    private func enter(_ list: [GraphQLDirectiveDefinition]) throws(GraphQLError) {
        let builtIn: Set<String> = ["include", "skip", "deprecated", "specifiedBy", "defer", "oneOf"]
        for directive in list {
            if directives[directive.name] != nil, !builtIn.contains(directive.name) {
                throw .message("Cannot redeclare directive \(directive.name).", directive.position)
            }
            directives[directive.name] = directive
        }
    }

    private func readRoots(_ document: GraphQLSchemaDocument) throws(GraphQLError) {
        if document.schema.count > 1 {
            throw .message(
                "Cannot have multiple schema entry points, consider schema extensions instead.",
                document.schema[1].position)
        }
        for part in document.schema + document.schemaExtensions {
            for root in part.roots {
                guard let type = types[root.type] else {
                    throw .message(
                        "Schema root \(root.operation) refers to a type \(root.type) that does not exist.",
                        root.position)
                }
                switch root.operation {
                case "query": query = type
                case "mutation": mutation = type
                case "subscription": subscription = type
                default: break
                }
            }
        }
    }

    private func addIntrospection(to query: GraphQLDefinition) {
        let schema = GraphQLFieldDefinition()
        schema.name = "__schema"
        schema.type = GraphQLType(name: "__Schema", isNonNull: true)
        let type = GraphQLFieldDefinition()
        type.name = "__type"
        type.type = GraphQLType(name: "__Type")
        let name = GraphQLArgumentDefinition()
        name.name = "name"
        name.type = GraphQLType(name: "String", isNonNull: true)
        type.arguments = [name]
        query.fields += [schema, type]
    }

    // MARK: Checks

    private func check(_ definition: GraphQLDefinition) throws(GraphQLError) {
        try spend(definition.fields.count + definition.values.count + 1)
        for field in definition.fields {
            try checkName(field.name, field.position)
            try check(field.type)
            try check(field.arguments, of: nil)
            let location = definition.kind == .input ? "INPUT_FIELD_DEFINITION" : "FIELD_DEFINITION"
            try check(field.directives, location, of: nil)
        }
        for name in definition.types {
            guard let type = types[name] else {
                throw .message("Undefined type \(GraphQLText.quoted(name)).", definition.position)
            }
            guard type.kind == .object else {
                throw .message(
                    "\(definition.kind.rawValue) type \(GraphQLText.quoted(name)) must be OBJECT.",
                    definition.position)
            }
        }
        for name in definition.interfaces { try check(definition, implements: name) }
        try checkMembers(definition)
        var seen: Set<String> = []
        for field in definition.fields where !seen.insert(field.name).inserted {
            throw .message("Field \(definition.name).\(field.name) can only be defined once.", field.position)
        }
        if !definition.isBuiltIn { try checkName(definition.name, definition.position) }
        try check(definition.directives, definition.kind.rawValue, of: nil)
    }

    private func checkMembers(_ definition: GraphQLDefinition) throws(GraphQLError) {
        let shown = "\(definition.kind.rawValue) \(definition.name)"
        switch definition.kind {
        case .object, .interface:
            guard !definition.fields.isEmpty else {
                throw .message("\(shown): must define one or more fields.", definition.position)
            }
            for field in definition.fields {
                guard let type = types[field.type.innermost], type.kind == .input else { continue }
                throw .message(
                    "\(shown): field must be one of SCALAR, OBJECT, INTERFACE, UNION, ENUM.", field.position)
            }
        case .enumeration:
            guard !definition.values.isEmpty else {
                throw .message("\(shown): must define one or more unique enum values.", definition.position)
            }
            for value in definition.values where ["true", "false", "null"].contains(value.name) {
                throw .message("\(shown): non-enum value \(value.name).", definition.position)
            }
        case .input:
            guard !definition.fields.isEmpty else {
                throw .message("\(shown): must define one or more input fields.", definition.position)
            }
            for field in definition.fields {
                guard let type = types[field.type.innermost], !type.isInput else { continue }
                throw .message(
                    "\(type.kind.rawValue) \(field.name): field must be one of SCALAR, ENUM, INPUT_OBJECT.",
                    field.position)
            }
        case .scalar, .union: return
        }
    }

    private func checkName(_ name: String, _ position: GraphQLPosition?) throws(GraphQLError) {
        guard name.utf8.starts(with: "__".utf8) else { return }
        throw .message(
            "Name \"\(name)\" must not begin with \"__\", which is reserved by GraphQL introspection.", position)
    }

    private func check(_ type: GraphQLType) throws(GraphQLError) {
        guard types[type.innermost] == nil else { return }
        throw .message("Undefined type \(type.innermost).", type.position)
    }

    private func check(
        _ arguments: [GraphQLArgumentDefinition], of directive: GraphQLDirectiveDefinition?
    ) throws(GraphQLError) {
        try spend(arguments.count)
        for argument in arguments {
            try checkName(argument.name, argument.position)
            try check(argument.type)
            if let type = types[argument.type.innermost], !type.isInput {
                throw .message(
                    "cannot use \(argument.type.shown) as argument \(argument.name) because \(type.kind.rawValue) "
                        + "is not a valid input type", argument.position)
            }
            try check(argument.directives, "ARGUMENT_DEFINITION", of: directive)
        }
    }

    private func check(
        _ list: [GraphQLDirective], _ location: String, of current: GraphQLDirectiveDefinition?
    ) throws(GraphQLError) {
        for directive in list {
            try checkName(directive.name, directive.position)
            if let current, current.name == directive.name {
                throw .message("Directive \(directive.name) cannot refer to itself.", directive.position)
            }
            guard let definition = directives[directive.name] else {
                throw .message("Undefined directive \(directive.name).", directive.position)
            }
            guard definition.locations.contains(location) else {
                throw .message("Directive \(directive.name) is not applicable on \(location).", directive.position)
            }
        }
    }

    private func check(_ definition: GraphQLDefinition, implements name: String) throws(GraphQLError) {
        guard let interface = types[name] else {
            throw .message("Undefined type \(GraphQLText.quoted(name)).", definition.position)
        }
        guard interface.kind == .interface else {
            throw .message(
                "\(GraphQLText.quoted(name)) is a non interface type \(interface.kind.rawValue).", definition.position)
        }
        let prefix = "For \(definition.name) to implement \(interface.name)"
        for wanted in interface.fields {
            try spend(definition.fields.count)
            guard let field = definition.field(wanted.name) else {
                throw .message("\(prefix) it must have a field called \(wanted.name).", definition.position)
            }
            guard isCovariant(wanted.type, field.type) else {
                throw .message(
                    "\(prefix) the field \(wanted.name) must have type \(wanted.type.shown).", field.position)
            }
            try check(wanted, field, prefix)
        }
        for other in interface.interfaces where !definition.interfaces.contains(other) {
            if other == definition.name {
                throw .message(
                    "Type \(definition.name) cannot implement \(name) because it would create a circular reference.",
                    definition.position)
            }
            throw .message(
                "Type \(definition.name) must implement \(other) because it is implemented by \(name).",
                definition.position)
        }
    }

    private func check(
        _ wanted: GraphQLFieldDefinition, _ field: GraphQLFieldDefinition, _ prefix: String
    ) throws(GraphQLError) {
        let same = "\(prefix) the field \(wanted.name) must have the same arguments but"
        for argument in wanted.arguments {
            guard let found = field.arguments.first(where: { $0.name == argument.name }) else {
                throw .message("\(same) it is missing \(argument.name).", field.position)
            }
            guard argument.type.isCompatible(with: found.type) else {
                throw .message("\(same) \(argument.name) has the wrong type.", found.position)
            }
        }
        for argument in field.arguments where argument.type.isNonNull && argument.defaultValue == nil {
            guard !wanted.arguments.contains(where: { $0.name == argument.name }) else { continue }
            throw .message(
                "\(prefix) any additional arguments on \(field.name) must be optional or have a default value but "
                    + "\(argument.name) is required.", argument.position)
        }
    }

    private func isCovariant(_ wanted: GraphQLType, _ given: GraphQLType) -> Bool {
        var (left, right) = (wanted, given)
        while true {
            if left.isNonNull, !right.isNonNull { return false }
            if !left.name.isEmpty {
                return left.name == right.name
                    || (possibleTypes[left.name] ?? []).contains { $0.name == right.name }
            }
            guard let next = left.element, let other = right.element else { return false }
            (left, right) = (next, other)
        }
    }

    /// What every schema has: the specification's scalars, directives and types of introspection.
    private static let prelude = """
        scalar Int scalar Float scalar String scalar Boolean scalar ID
        directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
        directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
        directive @deprecated(reason: String = "No longer supported")
          on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
        directive @specifiedBy(url: String!) on SCALAR
        directive @defer(if: Boolean = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
        directive @oneOf on INPUT_OBJECT
        type __Schema {
          description: String types: [__Type!]! queryType: __Type! mutationType: __Type subscriptionType: __Type
          directives: [__Directive!]!
        }
        type __Type {
          kind: __TypeKind! name: String description: String specifiedByURL: String
          fields(includeDeprecated: Boolean = false): [__Field!] interfaces: [__Type!] possibleTypes: [__Type!]
          enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
          inputFields(includeDeprecated: Boolean = false): [__InputValue!] ofType: __Type isOneOf: Boolean
        }
        enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }
        type __Field {
          name: String! description: String args(includeDeprecated: Boolean = false): [__InputValue!]! type: __Type!
          isDeprecated: Boolean! deprecationReason: String
        }
        type __InputValue {
          name: String! description: String type: __Type! defaultValue: String isDeprecated: Boolean!
          deprecationReason: String
        }
        type __EnumValue {
          name: String! description: String isDeprecated: Boolean! deprecationReason: String
        }
        type __Directive {
          name: String! description: String locations: [__DirectiveLocation!]!
          args(includeDeprecated: Boolean = false): [__InputValue!]! isRepeatable: Boolean!
        }
        enum __DirectiveLocation {
          QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION
          SCHEMA SCALAR OBJECT FIELD_DEFINITION ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT
          INPUT_FIELD_DEFINITION
        }
        """
}
