import RegoSyntax

/// What is known of a value before evaluation. Nil in place of a type means that nothing is known.
indirect enum StaticType: Sendable {
    case null, boolean, number, string
    /// The types of the first elements, and that of any further ones.
    case array([StaticType?], rest: StaticType?, hasRest: Bool)
    /// Known keys, sorted, and the types of any others.
    case object([StaticProperty], rest: StaticEntry?)
    case set(StaticType?)
    /// One of these, sorted; any value at all if there are none.
    case any([StaticType])
    case function([StaticType?], result: StaticType?)

    static var anything: StaticType { .any([]) }

    var isAnything: Bool {
        if case .any(let members) = self { return members.isEmpty }
        return false
    }

    /// Unions of more types than this count as anything, so that they stay small.
    static var unionLimit: Int { 64 }
}

struct StaticProperty: Sendable {
    var key: TreeKey
    var type: StaticType?
}

struct StaticEntry: Sendable {
    var key: StaticType?
    var value: StaticType?
}

/// How much more types may be compared: unions of large types would otherwise take time without limit.
final class TypeWork {
    let limit: Int
    private var left: Int

    init(_ limit: Int) {
        self.limit = limit
        left = limit
    }

    /// Whether there is some left, after taking one step of it.
    func takeStep() -> Bool {
        left -= 1
        return left > 0
    }

    var isExhausted: Bool { left <= 0 }
}

/// Static types with the names that their keys are made of.
struct StaticTypes {
    var names: NameTable
    private let work: TypeWork
    /// The types of keys that are collections, by their text.
    var composites: [Name: StaticType] = [:]

    init(names: NameTable, stepLimit: Int = CompilerOptions().typeSteps) {
        self.names = names
        work = TypeWork(stepLimit)
    }

    /// More comparisons were asked for than may be made: from then on types only seem to fit.
    var isExhausted: Bool { work.isExhausted }
    var stepLimit: Int { work.limit }

    // MARK: Order

    private func rank(_ type: StaticType?) -> Int {
        switch type {
        case nil: -1
        case .null: 0
        case .boolean: 1
        case .number: 2
        case .string: 3
        case .array: 4
        case .object: 5
        case .set: 6
        case .any: 7
        case .function: 8
        }
    }

    func compare(_ a: StaticType?, _ b: StaticType?) -> Int {
        let left = rank(a)
        let right = rank(b)
        if left != right { return left < right ? -1 : 1 }
        switch (a, b) {
        case (.array(let a, let restA, let hasA), .array(let b, let restB, let hasB)):
            if hasA != hasB { return hasA ? 1 : -1 }
            let order = compare(restA, restB)
            return order != 0 ? order : compare(a, b)
        case (.object(let a, let restA), .object(let b, let restB)):
            if (restA == nil) != (restB == nil) { return restA != nil ? 1 : -1 }
            if let restA, let restB {
                let keys = compare(restA.key, restB.key)
                if keys != 0 { return keys }
                let values = compare(restA.value, restB.value)
                if values != 0 { return values }
            }
            for index in 0..<min(a.count, b.count) {
                let keys = compare(a[index].key, b[index].key)
                if keys != 0 { return keys }
                let values = compare(a[index].type, b[index].type)
                if values != 0 { return values }
            }
            return a.count == b.count ? 0 : a.count < b.count ? -1 : 1
        case (.set(let a), .set(let b)): return compare(a, b)
        case (.any(let a), .any(let b)):
            for index in 0..<min(a.count, b.count) {
                let order = compare(a[index], b[index])
                if order != 0 { return order }
            }
            return a.count == b.count ? 0 : a.count < b.count ? -1 : 1
        case (.function(let a, let resultA), .function(let b, let resultB)):
            if a.count != b.count { return a.count < b.count ? -1 : 1 }
            let order = compare(a, b)
            return order != 0 ? order : compare(resultA, resultB)
        default: return 0
        }
    }

    private func compare(_ a: [StaticType?], _ b: [StaticType?]) -> Int {
        for index in 0..<min(a.count, b.count) {
            let order = compare(a[index], b[index])
            if order != 0 { return order }
        }
        return a.count == b.count ? 0 : a.count < b.count ? -1 : 1
    }

    func compare(_ a: TreeKey, _ b: TreeKey) -> Int {
        if a == b { return 0 }
        if a.kind != b.kind { return rank(a.kind) < rank(b.kind) ? -1 : 1 }
        let left = names[a.name]
        let right = names[b.name]
        if a.kind == .number { return NumberKey.compare(left, right) }
        return left.lexicographicallyPrecedes(right) ? -1 : 1
    }

    private func rank(_ kind: TreeKey.Kind) -> Int {
        switch kind {
        case .null: 0
        case .boolean: 1
        case .number: 2
        case .string: 3
        case .composite: 4
        }
    }

    // MARK: Unions

    func union(_ a: StaticType?, _ b: StaticType?) -> StaticType? {
        guard let a else { return b }
        guard let b else { return a }
        switch (a, b) {
        case (.function(let left, let resultA), .function(let right, let resultB)):
            // What functions with other numbers of operands have in common is as good as none of them.
            if left.isEmpty { return b }
            if right.isEmpty { return a }
            guard left.count == right.count else { return .function([], result: nil) }
            var arguments: [StaticType?] = []
            for index in left.indices { arguments.append(union(left[index], right[index])) }
            return .function(arguments, result: union(resultA, resultB))
        case (.function, _), (_, .function): return nil
        case (.any(let left), .any(let right)):
            if left.isEmpty || right.isEmpty { return .anything }
            var merged = left
            for type in right { merge(type, into: &merged) }
            return limited(merged)
        case (.any(let members), let other), (let other, .any(let members)):
            if members.isEmpty { return .anything }
            var merged = members
            merge(other, into: &merged)
            return limited(merged)
        default:
            let order = compare(a, b)
            return order == 0 ? a : .any(order < 0 ? [a, b] : [b, a])
        }
    }

    private func limited(_ members: [StaticType]) -> StaticType {
        members.count > StaticType.unionLimit ? .anything : .any(members)
    }

    private func merge(_ type: StaticType, into members: inout [StaticType]) {
        var index = 0
        while index < members.count {
            let order = compare(members[index], type)
            if order == 0 { return }
            if order > 0 { break }
            index += 1
        }
        members.insert(type, at: index)
    }

    // MARK: Parts

    func type(of key: TreeKey) -> StaticType {
        switch key.kind {
        case .string: .string
        case .number: .number
        case .boolean: .boolean
        case .null: .null
        case .composite: composites[key.name] ?? .anything
        }
    }

    /// The keys that one can iterate over; nil where there are none.
    func keys(_ type: StaticType?) -> StaticType? {
        switch type {
        case .array: return .number
        case .object(let properties, let rest):
            var result: StaticType?
            for property in properties { result = union(result, self.type(of: property.key)) }
            if let rest { result = union(result, rest.key) }
            return result
        case .set(let element): return element
        case .any(let members):
            if members.isEmpty { return .anything }
            var result: StaticType?
            for member in members { result = union(keys(member), result) }
            return result
        default: return nil
        }
    }

    func values(_ type: StaticType?) -> StaticType? {
        switch type {
        case .array(let elements, let rest, _):
            var result: StaticType?
            for element in elements { result = union(result, element) }
            return union(result, rest)
        case .object(let properties, let rest):
            var result: StaticType?
            for property in properties { result = union(result, property.type) }
            if let rest { result = union(result, rest.value) }
            return result
        case .set(let element): return element
        case .any(let members):
            if members.isEmpty { return .anything }
            var result: StaticType?
            for member in members { result = union(values(member), result) }
            return result
        default: return nil
        }
    }

    /// What lies under a constant key.
    func select(_ type: StaticType?, _ key: TreeKey) -> StaticType? {
        switch type {
        case .array(let elements, let rest, _):
            guard key.kind == .number, let position = wholeNumber(key.name), position >= 0 else { return nil }
            return position < elements.count ? elements[position] : rest
        case .object(let properties, let rest):
            if let property = find(key, properties) { return property.type }
            guard let rest, contains(rest.key, self.type(of: key)) else { return nil }
            return rest.value
        case .set(let element):
            let own = self.type(of: key)
            if compare(element, own) == 0 { return element }
            if case .any(let members) = element, contains(.any(members), own) { return own }
            return nil
        case .any(let members):
            if members.isEmpty { return .anything }
            var result: StaticType?
            for member in members { result = union(select(member, key), result) }
            return result
        default: return nil
        }
    }

    /// The property of a key: the first one that is not below it, as in OPA, whose order of numbers is none.
    private func find(_ key: TreeKey, _ properties: [StaticProperty]) -> StaticProperty? {
        // Few objects have collections for keys.
        if key.kind == .composite { return properties.first { $0.key == key } }
        var low = 0
        var high = properties.count
        while low < high {
            let middle = (low + high) / 2
            if compare(properties[middle].key, key) < 0 { low = middle + 1 } else { high = middle }
        }
        guard low < properties.count, compare(properties[low].key, key) == 0 else { return nil }
        return properties[low]
    }

    func contains(_ a: StaticType?, _ b: StaticType) -> Bool {
        if case .any(let members) = a { return members.isEmpty || members.contains { compare($0, b) == 0 } }
        return compare(a, b) == 0
    }

    private func wholeNumber(_ name: Name) -> Int? {
        var result = 0
        let text = names[name]
        guard let first = text.first else { return nil }
        let isNegative = first == UInt8(ascii: "-")
        for byte in isNegative ? text.dropFirst() : text {
            guard byte >= 0x30, byte <= 0x39, result < 1_000_000_000 else { return nil }
            result = result * 10 + Int(byte - 0x30)
        }
        return isNegative ? -result : result
    }

    /// Whether something in a type is unknown.
    func isUnknown(_ type: StaticType?) -> Bool {
        switch type {
        case nil: return true
        case .array(let elements, let rest, let hasRest):
            return elements.contains { isUnknown($0) } || hasRest && isUnknown(rest)
        case .object(let properties, let rest):
            if properties.contains(where: { isUnknown($0.type) }) { return true }
            guard let rest else { return false }
            return isUnknown(rest.key) || isUnknown(rest.value)
        case .set(let element): return isUnknown(element)
        case .function(let arguments, let result): return arguments.contains { isUnknown($0) } || isUnknown(result)
        default: return false
        }
    }

    // MARK: Unification

    /// Whether a value may have both types.
    func unifies(_ a: StaticType?, _ b: StaticType?) -> Bool {
        guard let a, let b else { return false }
        // Whoever checks a body looks afterwards whether it was so.
        guard work.takeStep() else { return true }
        switch (a, b) {
        case (.any(let members), let other), (let other, .any(let members)):
            if case .function = other { return false }
            if members.isEmpty { return true }
            if case .any(let others) = other, others.isEmpty { return true }
            return members.contains { unifies($0, other) }
        case (.null, .null), (.boolean, .boolean), (.number, .number), (.string, .string): return true
        case (.array(let left, let restA, let hasA), .array(let right, let restB, let hasB)):
            for index in 0..<max(left.count, right.count) {
                let one = index < left.count ? left[index] : restA
                let other = index < right.count ? right[index] : restB
                if !unifies(one, other) { return false }
            }
            return !hasA || !hasB || unifies(restA, restB)
        case (.object(let left, let restA), .object(let right, let restB)):
            // A key that the other object lacks is no mismatch where something is known of the values under computed keys
            // of either, as in OPA.
            let mayLack = restA?.value != nil || restB?.value != nil
            for property in left {
                let other = select(b, property.key)
                if other == nil ? !mayLack : !unifies(select(a, property.key), other) { return false }
            }
            for property in right {
                let other = select(a, property.key)
                if other == nil ? !mayLack : !unifies(other, select(b, property.key)) { return false }
            }
            guard let valueA = restA?.value, let valueB = restB?.value else { return true }
            return unifies(valueA, valueB)
        case (.set(let left), .set(let right)): return unifies(left, right)
        case (.function(let left, _), .function(let right, _)):
            guard left.count == right.count else { return false }
            for index in left.indices where !unifies(left[index], right[index]) { return false }
            return true
        default: return false
        }
    }

    // MARK: Size

    /// The type, or anything at all where it is too large to work with.
    func bounded(_ type: StaticType?) -> StaticType? {
        var budget = 10_000
        return fits(type, &budget) ? type : .anything
    }

    private func fits(_ type: StaticType?, _ budget: inout Int) -> Bool {
        budget -= 1
        guard budget > 0 else { return false }
        switch type {
        case .array(let elements, let rest, _):
            for element in elements where !fits(element, &budget) { return false }
            return fits(rest, &budget)
        case .object(let properties, let rest):
            for property in properties where !fits(property.type, &budget) { return false }
            guard let rest else { return true }
            return fits(rest.key, &budget) && fits(rest.value, &budget)
        case .set(let element): return fits(element, &budget)
        case .any(let members):
            for member in members where !fits(member, &budget) { return false }
            return true
        case .function(let arguments, let result):
            for argument in arguments where !fits(argument, &budget) { return false }
            return fits(result, &budget)
        default: return true
        }
    }

    // MARK: Text

    func text(_ type: StaticType?) -> String {
        switch type {
        case nil: return "???"
        case .null: return "null"
        case .boolean: return "boolean"
        case .number: return "number"
        case .string: return "string"
        case .array(let elements, let rest, let hasRest):
            var result = "array"
            if !elements.isEmpty { result += "<" + list(elements) + ">" }
            if hasRest { result += "[" + text(rest) + "]" }
            return result
        case .object(let properties, let rest):
            var result = "object"
            if !properties.isEmpty {
                result += "<"
                for (index, property) in properties.enumerated() {
                    if index > 0 { result += ", " }
                    result += names.text(property.key.name) + ": " + text(property.type)
                }
                result += ">"
            }
            if let rest { result += "[" + text(rest.key) + ": " + text(rest.value) + "]" }
            return result
        case .set(let element): return "set[" + text(element) + "]"
        case .any(let members): return members.isEmpty ? "any" : "any<" + list(members.map { $0 }) + ">"
        case .function(let arguments, let result): return "(" + list(arguments) + ") => " + text(result)
        }
    }

    func list(_ types: [StaticType?]) -> String {
        var result = ""
        for (index, type) in types.enumerated() {
            if index > 0 { result += ", " }
            result += text(type)
        }
        return result
    }
}
