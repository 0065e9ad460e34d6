/// Checks a query against a schema: walks it as gqlparser does, so that errors come in its order. The rules stand
/// in the other files of this folder.
final class GraphQLValidator {
    struct Problem {
        let message: String
        let position: GraphQLPosition?
    }

    let schema: GraphQLSchema
    let query: GraphQLQuery
    let context: HostContext
    private(set) var problems: [Problem] = []

    /// The operation that is being walked, nil within fragments of their own.
    private(set) var operation: GraphQLOperation?
    private(set) var fragments: [String: GraphQLFragment] = [:]
    private var walkedSpreads: Set<String> = []
    var isInFragments = false
    var usedFragments: Set<String> = []
    var seenFragments: Set<String> = []
    var seenOperations: Set<String> = []
    var cyclesVisited: Set<String> = []
    var misplacedDirectives: Set<String> = []
    var overlaps: GraphQLOverlaps

    private static let problemLimit = 1_000

    init(_ query: GraphQLQuery, _ schema: GraphQLSchema, _ context: HostContext) {
        self.query = query
        self.schema = schema
        self.context = context
        overlaps = GraphQLOverlaps()
        for fragment in query.fragments where fragments[fragment.name] == nil { fragments[fragment.name] = fragment }
    }

    func add(_ message: String, _ position: GraphQLPosition?) {
        if problems.count < Self.problemLimit { problems.append(Problem(message: message, position: position)) }
    }

    func spend(_ count: Int) throws(GraphQLError) {
        do throws(Fault) { try context.spend(count) } catch { throw .fault(error) }
    }

    // MARK: Walking

    func run() throws(GraphQLError) {
        for operation in query.operations {
            walkedSpreads = []
            try walk(operation)
        }
        for fragment in query.fragments {
            walkedSpreads = []
            fragment.definition = schema.types[fragment.typeCondition]
            try walk(fragment.directives, "FRAGMENT_DEFINITION")
            try walk(fragment.selections, in: fragment.definition)
            try checkFragment(fragment)
        }
    }

    private func walk(_ operation: GraphQLOperation) throws(GraphQLError) {
        self.operation = operation
        for variable in operation.variables {
            variable.definition = schema.types[variable.type.innermost]
            checkVariable(variable)
            variable.defaultValue?.expectedType = variable.type
            variable.defaultValue?.definition = variable.definition
        }
        for variable in operation.variables {
            if let value = variable.defaultValue { try walk(value) }
            try walk(variable.directives, "VARIABLE_DEFINITION")
        }
        let root: GraphQLDefinition?
        switch operation.operation {
        case "mutation": root = schema.mutation
        case "subscription": root = schema.subscription
        default: root = schema.query
        }
        try walk(operation.directives, operation.operation.uppercased())
        try walk(operation.selections, in: root)
        try checkOperation(operation, root)
        self.operation = nil
    }

    private func walk(_ selections: [GraphQLSelection], in parent: GraphQLDefinition?) throws(GraphQLError) {
        for selection in selections {
            try spend(2)
            switch selection {
            case .field(let field): try walk(field, in: parent)
            case .inline(let fragment):
                fragment.parent = parent
                let inner = fragment.typeCondition.isEmpty ? parent : schema.types[fragment.typeCondition]
                try walk(fragment.directives, "INLINE_FRAGMENT")
                try walk(fragment.selections, in: inner)
                try checkInline(fragment)
            case .spread(let spread):
                spread.parent = parent
                let fragment = fragments[spread.name]
                try walk(spread.directives, "FRAGMENT_SPREAD")
                if let fragment, walkedSpreads.insert(fragment.name).inserted {
                    fragment.definition = schema.types[fragment.typeCondition]
                    try walk(fragment.selections, in: fragment.definition)
                }
                try checkSpread(spread, fragment)
            }
        }
    }

    private func walk(_ field: GraphQLField, in parent: GraphQLDefinition?) throws(GraphQLError) {
        if field.name == "__typename" {
            let definition = GraphQLFieldDefinition()
            definition.name = field.name
            definition.type = GraphQLType(name: "String")
            field.definition = definition
        } else {
            try spend(parent?.fields.count ?? 0)
            field.definition = parent?.field(field.name)
        }
        field.parent = parent
        for argument in field.arguments {
            try walk(argument, field.definition?.arguments.first { $0.name == argument.name })
        }
        try walk(field.directives, "FIELD")
        try walk(field.selections, in: field.definition.flatMap { schema.types[$0.type.innermost] })
        try checkField(field)
    }

    private func walk(_ directives: [GraphQLDirective], _ location: String) throws(GraphQLError) {
        for directive in directives {
            try spend(1)
            let definition = schema.directives[directive.name]
            directive.definition = definition
            directive.location = location
            for argument in directive.arguments {
                try walk(argument, definition?.arguments.first { $0.name == argument.name })
            }
            checkDirective(directive)
        }
        checkUniqueDirectives(directives)
    }

    private func walk(
        _ argument: GraphQLArgument, _ definition: GraphQLArgumentDefinition?
    ) throws(GraphQLError) {
        if let definition {
            argument.value.expectedType = definition.type
            argument.value.expectedTypeHasDefault = definition.defaultValue.map { $0.kind != .null } ?? false
            argument.value.definition = schema.types[definition.type.innermost]
        }
        try walk(argument.value)
    }

    private func walk(_ value: GraphQLValue) throws(GraphQLError) {
        try spend(1)
        if value.kind == .variable, let operation {
            value.variable = operation.variables.first { $0.name == value.raw }
            value.variable?.isUsed = true
        }
        for child in value.children {
            if value.kind == .object {
                if let field = value.definition?.field(child.name) {
                    child.value.expectedType = field.type
                    child.value.expectedTypeHasDefault = field.defaultValue.map { $0.kind != .null } ?? false
                    child.value.definition = schema.types[field.type.innermost]
                }
            } else if value.kind == .list, let element = value.expectedType?.element {
                child.value.expectedType = element
                child.value.definition = value.definition
            }
            try walk(child.value)
        }
        try checkValue(value)
    }
}
