import WritBuiltins

/// `graphql.*`: queries and schemas of GraphQL, as OPA reads and checks them.
enum GraphQLFunctions {
    static func add(to functions: inout HostFunctions) {
        functions.provide("graphql.parse_query") { (context, arguments) throws(Fault) in
            let text = try context.text(arguments, 0)
            return try failing(context) { () throws(GraphQLError) in
                let query = try query(text, context)
                return try made { () throws(Fault) in try GraphQLTree(space: context.space).query(query) }
            }
        }
        functions.provide("graphql.parse_schema") { (context, arguments) throws(Fault) in
            let text = try context.text(arguments, 0)
            return try failing(context) { () throws(GraphQLError) in
                let schema = try schema(text, context)
                return try made { () throws(Fault) in try GraphQLTree(space: context.space).schema(schema) }
            }
        }
        functions.provide("graphql.parse") { (context, arguments) throws(Fault) in
            for index in 0..<2 where !arguments[index].isString && !arguments[index].isObject {
                // The query is read before the schema is looked at.
                if index == 1 {
                    _ = try failing(context) { () throws(GraphQLError) in
                        _ = try query(arguments[0], context)
                        return .null
                    }
                }
                throw context.typeError(index, "one of {string, object}", got: arguments[index])
            }
            return try failing(context) { () throws(GraphQLError) in
                try parse(context, arguments, verdict: [])
            }
        }
        functions.provide("graphql.parse_and_verify") { (context, arguments) throws(Fault) in
            do throws(GraphQLError) { return try parse(context, arguments, verdict: [.true]) } catch {
                if case .fault(let fault) = error { throw fault }
                return try array([.false, .emptyObject, .emptyObject], context.space)
            }
        }
        functions.provide("graphql.is_valid") { (context, arguments) throws(Fault) in
            try holds { () throws(GraphQLError) in try verify(context, arguments) }
        }
        functions.provide("graphql.schema_is_valid") { (context, arguments) throws(Fault) in
            try holds { () throws(GraphQLError) in
                _ = try GraphQLSchema(try schema(arguments[0], context), context)
            }
        }
    }

    // MARK: Reading

    private static func query(_ text: [UInt8], _ context: HostContext) throws(GraphQLError) -> GraphQLQuery {
        var parser = GraphQLParser(text, context)
        do throws(GraphQLError) { return try parser.query() } catch { throw placed(error) }
    }

    private static func schema(
        _ text: [UInt8], _ context: HostContext
    ) throws(GraphQLError) -> GraphQLSchemaDocument {
        var parser = GraphQLParser(text, context)
        do throws(GraphQLError) { return try parser.schema() } catch { throw placed(error) }
    }

    /// An error of syntax with its place in the message.
    private static func placed(_ error: GraphQLError) -> GraphQLError {
        guard case .message(let message, let position?) = error else { return error }
        return .message("\(message) in GraphQL string at location \(position.line):\(position.column)", nil)
    }

    private static func query(_ value: Value, _ context: HostContext) throws(GraphQLError) -> GraphQLQuery {
        if value.isString { return try query(context.space.bytes(value), context) }
        guard value.isObject else { throw .message("wrong type", nil) }
        var reader = GraphQLTreeReader(space: context.space)
        return try reader.query(value)
    }

    private static func schema(
        _ value: Value, _ context: HostContext
    ) throws(GraphQLError) -> GraphQLSchemaDocument {
        if value.isString { return try schema(context.space.bytes(value), context) }
        guard value.isObject else { throw .message("wrong type", nil) }
        var reader = GraphQLTreeReader(space: context.space)
        return try reader.schema(value)
    }

    // MARK: Checking

    private static func verify(_ context: HostContext, _ arguments: Arguments) throws(GraphQLError) {
        let query = try query(arguments[0], context)
        try check(query, try schema(arguments[1], context), context)
    }

    private static func check(
        _ query: GraphQLQuery, _ document: GraphQLSchemaDocument, _ context: HostContext
    ) throws(GraphQLError) {
        let schema: GraphQLSchema
        do throws(GraphQLError) { schema = try GraphQLSchema(document, context) } catch {
            guard case .message(let message, let position) = error else { throw error }
            let place = position.map { "\($0.line):\($0.column)" } ?? "-1:-1"
            throw .message(
                "Error in gqlparser SchemaDocument to Schema conversion: input:\(place): \(message)", nil)
        }
        let validator = GraphQLValidator(query, schema, context)
        try validator.run()
        guard let first = validator.problems.first else { return }
        // The place of the first error stands behind all of them.
        guard let place = first.position else {
            let lines = validator.problems.map { "input: \($0.message)\n" }.joined()
            throw .message("GraphQL parse error: \(lines)", nil)
        }
        var text = first.message
        for problem in validator.problems.dropFirst() {
            let position = problem.position.map { ":\($0.line):\($0.column)" } ?? ""
            text += "\ninput\(position): \(problem.message)"
        }
        text = text.hasSuffix(".") ? String(text.dropLast()) : text + "\n"
        throw .message("\(text) in GraphQL string at location \(place.line):\(place.column)", nil)
    }

    /// The trees of a query that fits its schema, behind the values of `verdict`.
    private static func parse(
        _ context: HostContext, _ arguments: Arguments, verdict: [Value]
    ) throws(GraphQLError) -> Value {
        let query = try query(arguments[0], context)
        let schema = try schema(arguments[1], context)
        let tree = GraphQLTree(space: context.space)
        // The trees are made before checking, which changes them.
        let trees = try made { () throws(Fault) in
            try array(verdict + [try tree.query(query), try tree.schema(schema)], context.space)
        }
        try check(query, schema, context)
        return trees
    }

    // MARK: Errors

    private static func made(_ body: () throws(Fault) -> Value) throws(GraphQLError) -> Value {
        do throws(Fault) { return try body() } catch { throw .fault(error) }
    }

    private static func failing(
        _ context: HostContext, _ body: () throws(GraphQLError) -> Value
    ) throws(Fault) -> Value {
        do throws(GraphQLError) { return try body() } catch {
            switch error {
            case .fault(let fault): throw fault
            case .message(let message, _): throw context.error(message)
            }
        }
    }

    private static func holds(_ body: () throws(GraphQLError) -> Void) throws(Fault) -> Value {
        do throws(GraphQLError) {
            try body()
            return .true
        } catch {
            if case .fault(let fault) = error { throw fault }
            return .false
        }
    }

    private static func array(_ values: [Value], _ space: Space) throws(Fault) -> Value {
        var list = ValueList()
        for value in values { try list.append(value, in: space) }
        return try space.array(list)
    }
}
