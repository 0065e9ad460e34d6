/// Reads GraphQL texts with the grammar, and the errors, of gqlparser. Nesting is limited.
struct GraphQLParser {
    static let depthLimit = 200

    private var lexer: GraphQLLexer
    private var peeked: GraphQLToken?
    /// The token before the one to come.
    private(set) var previous: GraphQLToken
    /// The comments right before the token to come, once that was looked at.
    private(set) var comment: [String] = []
    private var depth = 0
    private let context: HostContext

    init(_ text: [UInt8], _ context: HostContext) {
        lexer = GraphQLLexer(text)
        self.context = context
        previous = GraphQLToken(kind: .end, value: "", position: GraphQLPosition(line: 1, column: 1))
    }

    // MARK: Tokens

    mutating func peek() throws(GraphQLError) -> GraphQLToken {
        if let peeked { return peeked }
        var token = lexer.next()
        if token.kind == .comment {
            comment = []
            while token.kind == .comment {
                comment.append(token.value)
                previous = token
                token = lexer.next()
            }
        }
        peeked = token
        return token
    }

    @discardableResult
    mutating func next() throws(GraphQLError) -> GraphQLToken {
        do throws(Fault) { try context.spend(1) } catch { throw .fault(error) }
        let token = try peek()
        peeked = nil
        comment = []
        previous = token
        return token
    }

    /// The comments before the token to come.
    mutating func comments() throws(GraphQLError) -> [String] {
        _ = try peek()
        return comment
    }

    mutating func position() throws(GraphQLError) -> GraphQLPosition { try peek().position }

    func unexpected(_ token: GraphQLToken) -> GraphQLError { .message("Unexpected \(token.shown)", token.position) }

    /// Takes a keyword; gives the comments before it.
    @discardableResult
    mutating func keyword(_ word: String) throws(GraphQLError) -> [String] {
        let token = try peek()
        guard token.kind == .name, token.value == word else {
            throw .message("Expected \"\(word)\", found \(token.shown)", token.position)
        }
        let before = comment
        try next()
        return before
    }

    @discardableResult
    mutating func expect(_ kind: GraphQLToken.Kind) throws(GraphQLError) -> GraphQLToken {
        let token = try peek()
        guard token.kind == kind else {
            throw .message("Expected \(kind.rawValue), found \(token.kind.rawValue)", token.position)
        }
        return try next()
    }

    mutating func skip(_ kind: GraphQLToken.Kind) throws(GraphQLError) -> Bool {
        guard try peek().kind == kind else { return false }
        try next()
        return true
    }

    mutating func name() throws(GraphQLError) -> String { try expect(.name).value }

    /// What stands between two marks, where the first is there; gives the comments before the last.
    @discardableResult
    mutating func list(
        _ open: GraphQLToken.Kind, _ close: GraphQLToken.Kind, mayBeEmpty: Bool = false,
        _ element: (inout GraphQLParser) throws(GraphQLError) -> Void
    ) throws(GraphQLError) -> [String] {
        guard try skip(open) else { return [] }
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw .fault(Fault(.depthLimit)) }
        var isEmpty = true
        while try peek().kind != close {
            isEmpty = false
            try element(&self)
        }
        if isEmpty, !mayBeEmpty {
            let token = try peek()
            throw .message("expected at least one definition, found \(token.kind.rawValue)", token.position)
        }
        let before = comment
        try next()
        return before
    }

    // MARK: Queries

    mutating func query() throws(GraphQLError) -> GraphQLQuery {
        var query = GraphQLQuery()
        while true {
            let token = try peek()
            switch (token.kind, token.value) {
            case (.end, _): return query
            case (.name, "query"), (.name, "mutation"), (.name, "subscription"), (.braceLeft, _):
                query.operations.append(try operation())
            case (.name, "fragment"): query.fragments.append(try fragmentDefinition())
            default: throw unexpected(token)
            }
        }
    }

    private mutating func operation() throws(GraphQLError) -> GraphQLOperation {
        let operation = GraphQLOperation()
        operation.position = try position()
        guard try peek().kind != .braceLeft else {
            operation.selections = try requiredSelections()
            return operation
        }
        operation.comment = comment
        operation.operation = try next().value
        if try peek().kind == .name { operation.name = try next().value }
        operation.variables = try variables()
        operation.directives = try directives(isConstant: false)
        operation.selections = try requiredSelections()
        return operation
    }

    private mutating func variables() throws(GraphQLError) -> [GraphQLVariable] {
        var variables: [GraphQLVariable] = []
        try list(.parenLeft, .parenRight) { (parser) throws(GraphQLError) in
            let variable = GraphQLVariable()
            variable.position = try parser.position()
            variable.comment = parser.comment
            try parser.expect(.dollar)
            variable.name = try parser.name()
            try parser.expect(.colon)
            variable.type = try parser.type()
            if try parser.skip(.equals) { variable.defaultValue = try parser.value(isConstant: true) }
            variable.directives = try parser.directives(isConstant: false)
            variables.append(variable)
        }
        return variables
    }

    private mutating func requiredSelections() throws(GraphQLError) -> [GraphQLSelection] {
        let token = try peek()
        guard token.kind == .braceLeft else {
            throw .message("Expected {, found \(token.kind.rawValue)", token.position)
        }
        return try selections()
    }

    private mutating func selections() throws(GraphQLError) -> [GraphQLSelection] {
        var selections: [GraphQLSelection] = []
        try list(.braceLeft, .braceRight) { (parser) throws(GraphQLError) in
            if try parser.peek().kind == .spread {
                selections.append(try parser.fragment())
            } else {
                selections.append(.field(try parser.field()))
            }
        }
        return selections
    }

    private mutating func field() throws(GraphQLError) -> GraphQLField {
        let field = GraphQLField()
        field.position = try position()
        field.comment = comment
        field.alias = try name()
        field.name = try skip(.colon) ? try name() : field.alias
        field.arguments = try arguments(isConstant: false)
        field.directives = try directives(isConstant: false)
        if try peek().kind == .braceLeft { field.selections = try selections() }
        return field
    }

    private mutating func fragment() throws(GraphQLError) -> GraphQLSelection {
        let before = try comments()
        try expect(.spread)
        let token = try peek()
        if token.kind == .name, token.value != "on" {
            let spread = GraphQLSpread()
            spread.position = token.position
            spread.comment = before
            spread.name = try name()
            spread.directives = try directives(isConstant: false)
            return .spread(spread)
        }
        let fragment = GraphQLInlineFragment()
        fragment.position = token.position
        fragment.comment = before
        if token.value == "on" {
            try next()
            fragment.typeCondition = try name()
        }
        fragment.directives = try directives(isConstant: false)
        fragment.selections = try requiredSelections()
        return .inline(fragment)
    }

    private mutating func fragmentDefinition() throws(GraphQLError) -> GraphQLFragment {
        let fragment = GraphQLFragment()
        fragment.position = try position()
        fragment.comment = comment
        try keyword("fragment")
        let token = try peek()
        guard token.value != "on" else { throw unexpected(token) }
        fragment.name = try name()
        fragment.variables = try variables()
        try keyword("on")
        fragment.typeCondition = try name()
        fragment.directives = try directives(isConstant: false)
        fragment.selections = try requiredSelections()
        return fragment
    }

    // MARK: Parts of both

    private mutating func arguments(isConstant: Bool) throws(GraphQLError) -> [GraphQLArgument] {
        var arguments: [GraphQLArgument] = []
        try list(.parenLeft, .parenRight) { (parser) throws(GraphQLError) in
            let argument = GraphQLArgument()
            argument.position = try parser.position()
            argument.comment = parser.comment
            argument.name = try parser.name()
            try parser.expect(.colon)
            argument.value = try parser.value(isConstant: isConstant)
            arguments.append(argument)
        }
        return arguments
    }

    mutating func directives(isConstant: Bool) throws(GraphQLError) -> [GraphQLDirective] {
        var directives: [GraphQLDirective] = []
        while try skip(.at) {
            let directive = GraphQLDirective()
            directive.position = try position()
            directive.name = try name()
            directive.arguments = try arguments(isConstant: isConstant)
            directives.append(directive)
        }
        return directives
    }

    mutating func type() throws(GraphQLError) -> GraphQLType {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw .fault(Fault(.depthLimit)) }
        let type = GraphQLType()
        if try skip(.bracketLeft) {
            type.position = try position()
            type.element = try self.type()
            try expect(.bracketRight)
        } else {
            type.position = try position()
            type.name = try name()
        }
        type.isNonNull = try skip(.bang)
        return type
    }

    mutating func value(isConstant: Bool) throws(GraphQLError) -> GraphQLValue {
        let token = try peek()
        let value: GraphQLValue
        switch token.kind {
        case .bracketLeft: return try listValue(isConstant)
        case .braceLeft: return try objectValue(isConstant)
        case .dollar:
            guard !isConstant else { throw unexpected(token) }
            value = GraphQLValue(.variable)
            value.position = token.position
            try next()
            value.raw = try name()
            return value
        case .int: value = GraphQLValue(.int)
        case .float: value = GraphQLValue(.float)
        case .string: value = GraphQLValue(.string)
        case .blockString: value = GraphQLValue(.block)
        case .name:
            switch token.value {
            case "true", "false": value = GraphQLValue(.boolean)
            case "null": value = GraphQLValue(.null)
            default: value = GraphQLValue(.enumeration)
            }
        default: throw unexpected(token)
        }
        try next()
        value.position = token.position
        value.raw = token.value
        return value
    }

    private mutating func listValue(_ isConstant: Bool) throws(GraphQLError) -> GraphQLValue {
        let value = GraphQLValue(.list)
        value.position = try position()
        value.comment = comment
        try list(.bracketLeft, .bracketRight, mayBeEmpty: true) { (parser) throws(GraphQLError) in
            value.children.append(GraphQLValue.Child(value: try parser.value(isConstant: isConstant)))
        }
        return value
    }

    private mutating func objectValue(_ isConstant: Bool) throws(GraphQLError) -> GraphQLValue {
        let value = GraphQLValue(.object)
        value.position = try position()
        value.comment = comment
        try list(.braceLeft, .braceRight, mayBeEmpty: true) { (parser) throws(GraphQLError) in
            let position = try parser.position()
            let before = parser.comment
            let name = try parser.name()
            try parser.expect(.colon)
            value.children.append(
                GraphQLValue.Child(
                    name: name, value: try parser.value(isConstant: isConstant), comment: before, position: position))
        }
        return value
    }
}
