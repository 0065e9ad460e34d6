/// The syntax tree of GraphQL, shaped as the builtins give it to policies.

/// A type as it is written: a name or a list of another type, maybe with "!".
final class GraphQLType {
    var name = ""
    var element: GraphQLType?
    var isNonNull = false
    var position: GraphQLPosition?

    init(name: String = "", element: GraphQLType? = nil, isNonNull: Bool = false) {
        self.name = name
        self.element = element
        self.isNonNull = isNonNull
    }

    /// The named type inside.
    var innermost: String {
        var type = self
        while type.name.isEmpty, let element = type.element { type = element }
        return type.name
    }

    var shown: String {
        // Lists inside lists, without recursion.
        var open = 0
        var suffixes: [String] = []
        var type = self
        while type.name.isEmpty, let element = type.element {
            open += 1
            suffixes.append(type.isNonNull ? "]!" : "]")
            type = element
        }
        let inner = type.name + (type.isNonNull ? "!" : "")
        return String(repeating: "[", count: open) + inner + suffixes.reversed().joined()
    }

    /// Whether a value of this type may stand where `other` is asked for.
    func isCompatible(with other: GraphQLType) -> Bool {
        var (left, right) = (self, other)
        while true {
            guard left.name == right.name, !right.isNonNull || left.isNonNull else { return false }
            guard let next = left.element else { return true }
            guard let otherNext = right.element else { return false }
            (left, right) = (next, otherNext)
        }
    }
}

/// The kinds of values, by the number that the tree shows.
enum GraphQLValueKind: Int {
    case variable, int, float, string, block, boolean, null, enumeration, list, object
}

final class GraphQLValue {
    struct Child {
        var name = ""
        var value: GraphQLValue
        var comment: [String] = []
        var position: GraphQLPosition?
    }

    var raw = ""
    var children: [Child] = []
    var kind: GraphQLValueKind
    var comment: [String] = []
    var position: GraphQLPosition?
    // Found while validating.
    var expectedType: GraphQLType?
    var expectedTypeHasDefault = false
    var definition: GraphQLDefinition?
    var variable: GraphQLVariable?

    init(_ kind: GraphQLValueKind) { self.kind = kind }

    func child(_ name: String) -> Child? { children.first { $0.name == name } }
}

final class GraphQLArgument {
    var name = ""
    var value = GraphQLValue(.null)
    var comment: [String] = []
    var position: GraphQLPosition?
}

final class GraphQLDirective {
    var name = ""
    var arguments: [GraphQLArgument] = []
    var location = ""
    var position: GraphQLPosition?
    var definition: GraphQLDirectiveDefinition?
}

final class GraphQLVariable {
    var name = ""
    var type = GraphQLType()
    var defaultValue: GraphQLValue?
    var directives: [GraphQLDirective] = []
    var comment: [String] = []
    var position: GraphQLPosition?
    var definition: GraphQLDefinition?
    var isUsed = false
}

enum GraphQLSelection {
    case field(GraphQLField)
    case spread(GraphQLSpread)
    case inline(GraphQLInlineFragment)
}

final class GraphQLField {
    var alias = ""
    var name = ""
    var arguments: [GraphQLArgument] = []
    var directives: [GraphQLDirective] = []
    var selections: [GraphQLSelection] = []
    var comment: [String] = []
    var position: GraphQLPosition?
    var definition: GraphQLFieldDefinition?
    var parent: GraphQLDefinition?
}

final class GraphQLSpread {
    var name = ""
    var directives: [GraphQLDirective] = []
    var comment: [String] = []
    var position: GraphQLPosition?
    var parent: GraphQLDefinition?
}

final class GraphQLInlineFragment {
    var typeCondition = ""
    var directives: [GraphQLDirective] = []
    var selections: [GraphQLSelection] = []
    var comment: [String] = []
    var position: GraphQLPosition?
    var parent: GraphQLDefinition?
}

final class GraphQLOperation {
    var operation = "query"
    var name = ""
    var variables: [GraphQLVariable] = []
    var directives: [GraphQLDirective] = []
    var selections: [GraphQLSelection] = []
    var comment: [String] = []
    var position: GraphQLPosition?
}

final class GraphQLFragment {
    var name = ""
    var variables: [GraphQLVariable] = []
    var typeCondition = ""
    var directives: [GraphQLDirective] = []
    var selections: [GraphQLSelection] = []
    var comment: [String] = []
    var position: GraphQLPosition?
    var definition: GraphQLDefinition?
}

struct GraphQLQuery {
    var operations: [GraphQLOperation] = []
    var fragments: [GraphQLFragment] = []
}

// MARK: Schemas

final class GraphQLArgumentDefinition {
    var description = ""
    var name = ""
    var defaultValue: GraphQLValue?
    var type = GraphQLType()
    var directives: [GraphQLDirective] = []
    var before: [String] = []
    var after: [String] = []
    var position: GraphQLPosition?
}

final class GraphQLFieldDefinition {
    var description = ""
    var name = ""
    var arguments: [GraphQLArgumentDefinition] = []
    var defaultValue: GraphQLValue?
    var type = GraphQLType()
    var directives: [GraphQLDirective] = []
    var before: [String] = []
    var after: [String] = []
    var position: GraphQLPosition?
}

final class GraphQLEnumValue {
    var description = ""
    var name = ""
    var directives: [GraphQLDirective] = []
    var before: [String] = []
    var after: [String] = []
    var position: GraphQLPosition?
}

enum GraphQLDefinitionKind: String {
    case scalar = "SCALAR"
    case object = "OBJECT"
    case interface = "INTERFACE"
    case union = "UNION"
    case enumeration = "ENUM"
    case input = "INPUT_OBJECT"
}

final class GraphQLDefinition {
    var kind: GraphQLDefinitionKind
    var description = ""
    var name = ""
    var directives: [GraphQLDirective] = []
    var interfaces: [String] = []
    var fields: [GraphQLFieldDefinition] = []
    var types: [String] = []
    var values: [GraphQLEnumValue] = []
    var isBuiltIn = false
    var before: [String] = []
    var after: [String] = []
    var end: [String] = []
    var position: GraphQLPosition?

    init(_ kind: GraphQLDefinitionKind) { self.kind = kind }

    func field(_ name: String) -> GraphQLFieldDefinition? { fields.first { $0.name == name } }

    var isInput: Bool { kind == .scalar || kind == .enumeration || kind == .input }
    var isLeaf: Bool { kind == .scalar || kind == .enumeration }
    var isComposite: Bool { kind == .object || kind == .interface || kind == .union }
    var isAbstract: Bool { kind == .interface || kind == .union }
}

final class GraphQLDirectiveDefinition {
    var description = ""
    var name = ""
    var arguments: [GraphQLArgumentDefinition] = []
    var locations: [String] = []
    var isRepeatable = false
    var before: [String] = []
    var after: [String] = []
    var position: GraphQLPosition?
}

final class GraphQLSchemaDefinition {
    struct Root {
        var operation = ""
        var type = ""
        var comment: [String] = []
        var position: GraphQLPosition?
    }

    var description = ""
    var directives: [GraphQLDirective] = []
    var roots: [Root] = []
    var before: [String] = []
    var after: [String] = []
    var end: [String] = []
    var position: GraphQLPosition?
}

struct GraphQLSchemaDocument {
    var schema: [GraphQLSchemaDefinition] = []
    var schemaExtensions: [GraphQLSchemaDefinition] = []
    var directives: [GraphQLDirectiveDefinition] = []
    var definitions: [GraphQLDefinition] = []
    var extensions: [GraphQLDefinition] = []
    var comment: [String] = []
}
