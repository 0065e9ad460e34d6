/// The rules for operations, fields, fragments and directives, one after another as gqlparser registers them.
extension GraphQLValidator {
    // MARK: Operations

    func checkOperation(_ operation: GraphQLOperation, _ root: GraphQLDefinition?) throws(GraphQLError) {
        if root == nil {
            add("Schema does not support operation type \"\(operation.operation)\"", operation.position)
        }
        if operation.name.isEmpty, query.operations.count > 1 {
            add("This anonymous operation must be the only defined operation.", operation.position)
        }
        for variable in operation.variables where !variable.isUsed {
            let place = operation.name.isEmpty ? "" : " in operation \"\(operation.name)\""
            add("Variable \"$\(variable.name)\" is never used\(place).", variable.position)
        }
        try reportOverlaps(in: operation.selections)
        if operation.operation == "subscription", schema.subscription != nil { checkSubscription(operation) }
        if !seenOperations.insert(operation.name).inserted {
            add("There can be only one operation named \"\(operation.name)\".", operation.position)
        }
        var seen: [String: Int] = [:]
        for variable in operation.variables {
            let count = seen[variable.name, default: 0]
            if count == 1 {
                add("There can be only one variable named \"$\(variable.name)\".", variable.position)
            }
            seen[variable.name] = count + 1
        }
        for variable in operation.variables {
            guard let definition = variable.definition, !definition.isInput else { continue }
            add(
                "Variable \"$\(variable.name)\" cannot be non-input type \"\(variable.type.shown)\".",
                variable.position)
        }
    }

    func checkVariable(_ variable: GraphQLVariable) {
        let name = variable.type.innermost
        if schema.types[name] == nil { add("Unknown type \"\(name)\".", variable.position) }
    }

    private func checkSubscription(_ operation: GraphQLOperation) {
        let name = operation.name.isEmpty ? "Anonymous Subscription" : "Subscription \"\(operation.name)\""
        var fields: [(name: String, position: GraphQLPosition?)] = []
        var visited: Set<String> = []
        var seen: Set<String> = []
        func gather(_ selections: [GraphQLSelection]) {
            for selection in selections {
                switch selection {
                case .field(let field):
                    if seen.insert(field.name).inserted { fields.append((field.name, field.position)) }
                case .inline(let fragment): gather(fragment.selections)
                case .spread(let spread):
                    if visited.insert(spread.name).inserted, let fragment = fragments[spread.name] {
                        gather(fragment.selections)
                    }
                }
            }
        }
        gather(operation.selections)
        if fields.count > 1 { add("\(name) must select only one top level field.", fields[1].position) }
        for field in fields where field.name.utf8.starts(with: "__".utf8) {
            add("\(name) must not select an introspection top level field.", field.position)
        }
    }

    // MARK: Fields

    func checkField(_ field: GraphQLField) throws(GraphQLError) {
        checkExists(field)
        if let definition = field.definition, let parent = field.parent {
            for argument in field.arguments
            where !definition.arguments.contains(where: { $0.name == argument.name }) {
                let hint = GraphQLSuggestions.quoted("Did you mean", argument.name, definition.arguments.map(\.name))
                add(
                    "Unknown argument \"\(argument.name)\" on field \"\(parent.name).\(field.name)\".\(hint)",
                    field.position)
            }
        }
        if operation != nil { try reportOverlaps(in: field.selections) }
        if let definition = field.definition {
            for argument in definition.arguments where argument.type.isNonNull && argument.defaultValue == nil {
                guard !field.arguments.contains(where: { $0.name == argument.name }) else { continue }
                add(
                    "Field \"\(field.name)\" argument \"\(argument.name)\" of type \"\(argument.type.shown)\" is "
                        + "required, but it was not provided.", field.position)
            }
            checkLeaf(field, definition)
        }
        checkUnique(field.arguments)
    }

    private func checkExists(_ field: GraphQLField) {
        guard let parent = field.parent, field.definition == nil else { return }
        var message = "Cannot query field \"\(field.name)\" on type \"\(parent.name)\"."
        let types = suggestedTypes(parent, field.name)
        let names =
            parent.kind == .object || parent.kind == .interface
            ? GraphQLSuggestions.list(field.name, parent.fields.map(\.name)) : []
        if !types.isEmpty {
            message += " Did you mean to use an inline fragment on \(GraphQLSuggestions.orList(types, quoted: true))?"
        } else if !names.isEmpty {
            message += " Did you mean \(GraphQLSuggestions.orList(names, quoted: true))?"
        }
        add(message, field.position)
    }

    /// Types that have the field, and their interfaces, those of most types first.
    private func suggestedTypes(_ parent: GraphQLDefinition, _ name: String) -> [String] {
        guard parent.isAbstract else { return [] }
        var objects: [String] = []
        var interfaces: [String] = []
        var uses: [String: Int] = [:]
        for type in schema.possible(parent) where type.field(name) != nil {
            objects.append(type.name)
            for interface in type.interfaces where schema.types[interface]?.field(name) != nil {
                if uses[interface, default: 0] == 0 { interfaces.append(interface) }
                uses[interface, default: 0] += 1
            }
        }
        return (interfaces + objects).sorted { a, b in
            let (left, right) = (uses[a, default: 0], uses[b, default: 0])
            return left == right ? a.utf8.lexicographicallyPrecedes(b.utf8) : left > right
        }
    }

    private func checkLeaf(_ field: GraphQLField, _ definition: GraphQLFieldDefinition) {
        guard let type = schema.types[definition.type.innermost] else { return }
        if type.isLeaf, !field.selections.isEmpty {
            add(
                "Field \"\(field.name)\" must not have a selection since type \"\(type.name)\" has no subfields.",
                field.position)
        }
        if !type.isLeaf, field.selections.isEmpty {
            add(
                "Field \"\(field.name)\" of type \"\(definition.type.shown)\" must have a selection of subfields. "
                    + "Did you mean \"\(field.name) { ... }\"?", field.position)
        }
    }

    private func checkUnique(_ arguments: [GraphQLArgument]) {
        var seen: [String: Int] = [:]
        for argument in arguments {
            let count = seen[argument.name, default: 0]
            if count == 1 { add("There can be only one argument named \"\(argument.name)\".", argument.position) }
            seen[argument.name] = count + 1
        }
    }

    // MARK: Directives

    func checkDirective(_ directive: GraphQLDirective) {
        if let definition = directive.definition {
            for argument in directive.arguments
            where !definition.arguments.contains(where: { $0.name == argument.name }) {
                let hint = GraphQLSuggestions.quoted("Did you mean", argument.name, definition.arguments.map(\.name))
                add(
                    "Unknown argument \"\(argument.name)\" on directive \"@\(directive.name)\".\(hint)",
                    directive.position)
            }
            if !definition.locations.contains(directive.location) {
                // A fragment is walked more than once.
                let place = directive.position.map { "\($0.line):\($0.column)" } ?? ""
                if misplacedDirectives.insert("\(directive.name) \(place)").inserted {
                    add(
                        "Directive \"@\(directive.name)\" may not be used on \(directive.location).", directive.position
                    )
                }
            }
            for argument in definition.arguments where argument.type.isNonNull && argument.defaultValue == nil {
                guard !directive.arguments.contains(where: { $0.name == argument.name }) else { continue }
                add(
                    "Directive \"@\(directive.name)\" argument \"\(argument.name)\" of type "
                        + "\"\(argument.type.shown)\" is required, but it was not provided.", directive.position)
            }
        } else {
            add("Unknown directive \"@\(directive.name)\".", directive.position)
        }
        checkUnique(directive.arguments)
    }

    func checkUniqueDirectives(_ directives: [GraphQLDirective]) {
        var seen: Set<String> = []
        for directive in directives where !seen.insert(directive.name).inserted && directive.name != "repeatable" {
            add("The directive \"@\(directive.name)\" can only be used once at this location.", directive.position)
        }
    }

    // MARK: Fragments

    func checkInline(_ fragment: GraphQLInlineFragment) throws(GraphQLError) {
        let type = schema.types[fragment.typeCondition]
        if let type, !type.isComposite {
            add("Fragment cannot condition on non composite type \"\(fragment.typeCondition)\".", fragment.position)
        }
        if !fragment.typeCondition.isEmpty, type == nil {
            add("Unknown type \"\(fragment.typeCondition)\".", fragment.position)
        }
        try reportOverlaps(in: fragment.selections)
        if let parent = fragment.parent, try !canSpread(parent, type) {
            add(
                "Fragment cannot be spread here as objects of type \"\(parent.name)\" can never be of type "
                    + "\"\(fragment.typeCondition)\".", fragment.position)
        }
    }

    func checkSpread(_ spread: GraphQLSpread, _ fragment: GraphQLFragment?) throws(GraphQLError) {
        if !isInFragments { usedFragments.insert(spread.name) }
        guard let fragment else { return add("Unknown fragment \"\(spread.name)\".", spread.position) }
        guard let parent = spread.parent, try !canSpread(parent, schema.types[fragment.typeCondition]) else { return }
        add(
            "Fragment \"\(spread.name)\" cannot be spread here as objects of type \"\(parent.name)\" can never be of "
                + "type \"\(fragment.typeCondition)\".", spread.position)
    }

    /// Whether a type and a fragment's type have possible types in common.
    private func canSpread(_ parent: GraphQLDefinition, _ type: GraphQLDefinition?) throws(GraphQLError) -> Bool {
        guard parent.isComposite, let type, type.isComposite else { return true }
        let names = Set(schema.possible(parent).map(\.name))
        try spend(names.count)
        return schema.possible(type).contains { names.contains($0.name) }
    }

    func checkFragment(_ fragment: GraphQLFragment) throws(GraphQLError) {
        isInFragments = true
        if let type = fragment.definition, !fragment.typeCondition.isEmpty, !type.isComposite {
            add(
                "Fragment \"\(fragment.name)\" cannot condition on non composite type \"\(fragment.typeCondition)\".",
                fragment.position)
        }
        if fragment.definition == nil {
            let hint = GraphQLSuggestions.quoted("Did you mean", fragment.typeCondition, schema.types.keys.sorted())
            add("Unknown type \"\(fragment.typeCondition)\".\(hint)", fragment.position)
        }
        try checkCycles(fragment)
        if !usedFragments.contains(fragment.name) {
            add("Fragment \"\(fragment.name)\" is never used.", fragment.position)
        }
        try reportOverlaps(in: fragment.selections)
        if !seenFragments.insert(fragment.name).inserted {
            add("There can be only one fragment named \"\(fragment.name)\".", fragment.position)
        }
    }

    private func checkCycles(_ fragment: GraphQLFragment) throws(GraphQLError) {
        var path: [GraphQLSpread] = []
        var starts: [String: Int] = [:]
        func visit(_ fragment: GraphQLFragment, _ depth: Int) throws(GraphQLError) {
            guard cyclesVisited.insert(fragment.name).inserted else { return }
            guard depth < GraphQLParser.depthLimit else { throw .fault(Fault(.depthLimit)) }
            let spreads = try Self.spreads(in: fragment.selections, self)
            guard !spreads.isEmpty else { return }
            starts[fragment.name] = path.count
            for spread in spreads {
                path.append(spread)
                defer { path.removeLast() }
                if let start = starts[spread.name] {
                    let names = path[start..<(path.count - 1)].map { "\"\($0.name)\"" }.joined(separator: ", ")
                    let via = names.isEmpty ? "" : " via \(names)"
                    add("Cannot spread fragment \"\(spread.name)\" within itself\(via).", spread.position)
                } else if let next = fragments[spread.name] {
                    try visit(next, depth + 1)
                }
            }
            starts[fragment.name] = nil
        }
        try visit(fragment, 0)
    }

    /// The spreads in a selection, those of the last inner selections first.
    private static func spreads(
        in selections: [GraphQLSelection], _ validator: GraphQLValidator
    ) throws(GraphQLError) -> [GraphQLSpread] {
        var spreads: [GraphQLSpread] = []
        var open = [selections]
        while let set = open.popLast() {
            try validator.spend(set.count)
            for selection in set {
                switch selection {
                case .field(let field): if !field.selections.isEmpty { open.append(field.selections) }
                case .inline(let fragment): open.append(fragment.selections)
                case .spread(let spread): spreads.append(spread)
                }
            }
        }
        return spreads
    }

    private func reportOverlaps(in selections: [GraphQLSelection]) throws(GraphQLError) {
        for conflict in try overlaps.conflicts(in: selections, self) {
            add(
                "Fields \"\(conflict.name)\" conflict because \(conflict.reason). Use different aliases on the fields "
                    + "to fetch both if this was intentional.", conflict.position)
        }
    }
}
