/// Tells in time that grows with the number of fields that no two of one response name differ. Where it cannot tell,
/// the pairs are compared (`GraphQLOverlaps`), which takes the square.
struct GraphQLMerging {
    private struct Group {
        let first: GraphQLField
        var count = 1
        var selections: [[GraphQLSelection]] = []
    }

    private let validator: GraphQLValidator
    private var depth = 0

    init(_ validator: GraphQLValidator) { self.validator = validator }

    /// Whether the fields of these selection sets, taken together, are the same wherever they share a name: fields of
    /// one type, with the same arguments, whose own selections merge.
    mutating func surelyMerge(_ sets: [[GraphQLSelection]]) throws(GraphQLError) -> Bool {
        guard depth < GraphQLParser.depthLimit else { return false }
        depth += 1
        defer { depth -= 1 }
        var groups: [String: Group] = [:]
        var spread: Set<String> = []
        var open = sets
        while let selections = open.popLast() {
            try validator.spend(4 * selections.count)
            for selection in selections {
                switch selection {
                case .inline(let fragment): open.append(fragment.selections)
                case .spread(let fragment):
                    guard spread.insert(fragment.name).inserted else { continue }
                    if let found = validator.fragments[fragment.name] { open.append(found.selections) }
                case .field(let field):
                    guard add(field, to: &groups) else { return false }
                }
            }
        }
        for group in groups.values where group.count > 1 && !group.selections.isEmpty {
            guard try surelyMerge(group.selections) else { return false }
        }
        return true
    }

    private func add(_ field: GraphQLField, to groups: inout [String: Group]) -> Bool {
        guard field.definition != nil, let parent = field.parent else { return false }
        let name = field.alias.isEmpty ? field.name : field.alias
        guard var group = groups.removeValue(forKey: name) else {
            groups[name] = Group(
                first: field, selections: field.selections.isEmpty ? [] : [field.selections])
            return true
        }
        let first = group.first
        guard first.parent === parent, first.name == field.name,
            GraphQLOverlaps.areEqual(first.arguments, field.arguments),
            GraphQLOverlaps.areEqual(field.arguments, first.arguments)
        else { return false }
        group.count += 1
        if !field.selections.isEmpty { group.selections.append(field.selections) }
        groups[name] = group
        return true
    }
}
