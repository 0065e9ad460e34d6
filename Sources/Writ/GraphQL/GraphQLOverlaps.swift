/// Finds fields of one response name that differ, in a selection set with all fragments that it spreads.
struct GraphQLOverlaps {
    struct Conflict {
        let name: String
        let reason: String
        let position: GraphQLPosition?
    }

    /// Fields by response name, in order, and the fragments that are spread.
    private struct Gathered {
        var names: [String] = []
        var fields: [String: [GraphQLField]] = [:]
        var spreads: [GraphQLSpread] = []
        /// What tells one selection set from another.
        var identity: [ObjectIdentifier] = []
    }

    private struct Pair: Hashable {
        let first: String
        let second: String
    }

    /// Fragments that were compared, and whether only as mutually exclusive ones.
    private var pairs: [Pair: Bool] = [:]
    private var compared: Set<String> = []
    private var depth = 0

    mutating func conflicts(
        in selections: [GraphQLSelection], _ validator: GraphQLValidator
    ) throws(GraphQLError) -> [Conflict] {
        guard !selections.isEmpty else { return [] }
        var merging = GraphQLMerging(validator)
        if try merging.surelyMerge([selections]) { return [] }
        var conflicts: [Conflict] = []
        let all = try gather(selections, validator)
        for name in all.names {
            let fields = all.fields[name] ?? []
            for first in fields.indices {
                for second in fields.indices.dropFirst(first + 1) {
                    if let found = try conflict(false, fields[first], fields[second], validator) {
                        conflicts.append(found)
                    }
                }
            }
        }
        compared = []
        for first in all.spreads.indices {
            try between(all, all.spreads[first], false, &conflicts, validator)
            for second in all.spreads.indices.dropFirst(first + 1) {
                try between(all.spreads[first], all.spreads[second], false, &conflicts, validator)
            }
        }
        return conflicts
    }

    private func gather(
        _ selections: [GraphQLSelection], _ validator: GraphQLValidator
    ) throws(GraphQLError) -> Gathered {
        var result = Gathered()
        func add(_ selections: [GraphQLSelection]) throws(GraphQLError) {
            try validator.spend(selections.count)
            for selection in selections {
                switch selection {
                case .field(let field):
                    let name = field.alias.isEmpty ? field.name : field.alias
                    if result.fields[name] == nil { result.names.append(name) }
                    result.fields[name, default: []].append(field)
                    result.identity.append(ObjectIdentifier(field))
                case .inline(let fragment): try add(fragment.selections)
                case .spread(let spread): result.spreads.append(spread)
                }
            }
        }
        try add(selections)
        return result
    }

    /// Fields against a fragment and those that it spreads.
    private mutating func between(
        _ all: Gathered, _ spread: GraphQLSpread, _ isExclusive: Bool, _ conflicts: inout [Conflict],
        _ validator: GraphQLValidator
    ) throws(GraphQLError) {
        guard compared.insert(spread.name).inserted, let fragment = validator.fragments[spread.name] else { return }
        let other = try gather(fragment.selections, validator)
        if all.identity == other.identity { return }
        try between(all, other, isExclusive, &conflicts, validator)
        for next in other.spreads where next.name != spread.name {
            try between(all, next, isExclusive, &conflicts, validator)
        }
    }

    /// Two fragments, and those that they spread.
    private mutating func between(
        _ first: GraphQLSpread, _ second: GraphQLSpread, _ isExclusive: Bool, _ conflicts: inout [Conflict],
        _ validator: GraphQLValidator
    ) throws(GraphQLError) {
        var open = [(first, second)]
        while let (left, right) = open.popLast() {
            guard left.name != right.name else { continue }
            let key = Pair(first: min(left.name, right.name), second: max(left.name, right.name))
            // Compared without exclusivity covers both.
            if let known = pairs[key], isExclusive || !known { continue }
            pairs[key] = isExclusive
            guard let one = validator.fragments[left.name], let two = validator.fragments[right.name] else { continue }
            let a = try gather(one.selections, validator)
            let b = try gather(two.selections, validator)
            try between(a, b, isExclusive, &conflicts, validator)
            for spread in b.spreads { open.append((left, spread)) }
            for spread in a.spreads { open.append((spread, right)) }
        }
    }

    private mutating func between(
        _ first: Gathered, _ second: Gathered, _ isExclusive: Bool, _ conflicts: inout [Conflict],
        _ validator: GraphQLValidator
    ) throws(GraphQLError) {
        for name in first.names {
            for one in first.fields[name] ?? [] {
                for two in second.fields[name] ?? [] {
                    if let found = try conflict(isExclusive, one, two, validator) { conflicts.append(found) }
                }
            }
        }
    }

    private mutating func conflict(
        _ parentsAreExclusive: Bool, _ first: GraphQLField, _ second: GraphQLField, _ validator: GraphQLValidator
    ) throws(GraphQLError) -> Conflict? {
        // Pairs are many where fields are; a comparison takes the time of some tens of steps.
        try validator.spend(32)
        guard let parent = first.parent, let other = second.parent else { return nil }
        // Fields that their types do not have may conflict as well, but exclude nothing.
        let areKnown = first.definition != nil && second.definition != nil
        let isExclusive =
            parentsAreExclusive
            || areKnown && parent.name != other.name && parent.kind == .object && other.kind == .object
        let name = first.alias.isEmpty ? first.name : first.alias
        if !isExclusive {
            if first.name != second.name {
                return Conflict(
                    name: name, reason: "\"\(first.name)\" and \"\(second.name)\" are different fields",
                    position: second.position)
            }
            if !Self.areEqual(first.arguments, second.arguments) {
                return Conflict(name: name, reason: "they have differing arguments", position: second.position)
            }
        }
        if let one = first.definition, let two = second.definition, try Self.conflict(one.type, two.type, validator) {
            return Conflict(
                name: name,
                reason: "they return conflicting types \"\(one.type.shown)\" and \"\(two.type.shown)\"",
                position: second.position)
        }
        depth += 1
        defer { depth -= 1 }
        guard depth < GraphQLParser.depthLimit else { throw .fault(Fault(.depthLimit)) }
        let found = try inside(first.selections, second.selections, isExclusive, validator)
        guard !found.isEmpty else { return nil }
        let reasons = found.map { "subfields \"\($0.name)\" conflict because \($0.reason)" }
        return Conflict(name: name, reason: reasons.joined(separator: " and "), position: second.position)
    }

    /// The selections of two fields of one name.
    private mutating func inside(
        _ first: [GraphQLSelection], _ second: [GraphQLSelection], _ isExclusive: Bool, _ validator: GraphQLValidator
    ) throws(GraphQLError) -> [Conflict] {
        var conflicts: [Conflict] = []
        let a = try gather(first, validator)
        let b = try gather(second, validator)
        try between(a, b, isExclusive, &conflicts, validator)
        for spread in b.spreads {
            compared = []
            try between(a, spread, isExclusive, &conflicts, validator)
        }
        for spread in a.spreads {
            compared = []
            try between(b, spread, isExclusive, &conflicts, validator)
        }
        for one in a.spreads {
            for two in b.spreads { try between(one, two, isExclusive, &conflicts, validator) }
        }
        return conflicts
    }

    static func areEqual(_ first: [GraphQLArgument], _ second: [GraphQLArgument]) -> Bool {
        guard first.count == second.count else { return false }
        return first.allSatisfy { one in
            second.contains { $0.name == one.name && areEqual(one.value, $0.value) }
        }
    }

    private static func areEqual(_ first: GraphQLValue, _ second: GraphQLValue) -> Bool {
        first.kind == second.kind && first.raw.utf8.elementsEqual(second.raw.utf8)
            && GraphQLValidator.shown(first).utf8.elementsEqual(GraphQLValidator.shown(second).utf8)
    }

    /// Whether two types cannot stand under one name: other lists or nulls, or other leaves.
    private static func conflict(
        _ first: GraphQLType, _ second: GraphQLType, _ validator: GraphQLValidator
    ) throws(GraphQLError) -> Bool {
        var (left, right) = (first, second)
        while true {
            if (left.element == nil) != (right.element == nil) { return true }
            if left.isNonNull != right.isNonNull { return true }
            guard let next = left.element, let other = right.element else { break }
            (left, right) = (next, other)
        }
        guard let one = validator.schema.types[left.name], let two = validator.schema.types[right.name] else {
            return false
        }
        return (one.isLeaf || two.isLeaf) && one.name != two.name
    }
}
