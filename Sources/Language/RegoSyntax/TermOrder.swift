/// Rego's order of terms: how OPA sorts the elements of sets and the keys of objects in a syntax tree.
///
/// null < false < true < number < string < variable < reference < array < object < set < array, object and set
/// comprehension < call < template string. Collections compare element by element.
extension NameTable {
    /// Negative, zero or positive as `left` comes before, equals or comes after `right`.
    public func compare(_ left: Term, _ right: Term) -> Int {
        let (l, r) = (left.kind.rank, right.kind.rank)
        if l != r { return l - r }
        switch (left.kind, right.kind) {
        case (.bool(let l), .bool(let r)): return (l ? 1 : 0) - (r ? 1 : 0)
        case (.number(let l), .number(let r)): return l == r ? 0 : DecimalText.compare(self[l], self[r])
        case (.string(let l), .string(let r)), (.variable(let l), .variable(let r)): return compare(l, r)
        case (.ref(let l), .ref(let r)): return compare(l, r)
        case (.array(let l), .array(let r)): return compare(l, r)
        case (.object(let l), .object(let r)): return compare(sorted(l), sorted(r))
        case (.set(let l), .set(let r)): return compare(sorted(l), sorted(r))
        case (.arrayComprehension(let l, let lBody), .arrayComprehension(let r, let rBody)),
            (.setComprehension(let l, let lBody), .setComprehension(let r, let rBody)):
            let order = compare(l, r)
            return order != 0 ? order : compare(lBody, rBody)
        case (
            .objectComprehension(let lKey, let lValue, let lBody), .objectComprehension(let rKey, let rValue, let rBody)
        ):
            let keys = compare(lKey, rKey)
            if keys != 0 { return keys }
            let values = compare(lValue, rValue)
            return values != 0 ? values : compare(lBody, rBody)
        case (.call(let l), .call(let r)): return compare(l, r)
        case (.template(let l), .template(let r)): return compare(l, r)
        default: return 0
        }
    }

    /// The elements of a set: sorted, each once (the first spelling stays).
    public func sorted(_ elements: [Term]) -> [Term] {
        var result: [Term] = []
        result.reserveCapacity(elements.count)
        for term in stable(elements, { self.compare($0, $1) }) {
            if let last = result.last, compare(last, term) == 0 { continue }
            result.append(term)
        }
        return result
    }

    /// The entries of an object: sorted by key, each key once (with its first spelling and its last value).
    public func sorted(_ entries: [ObjectEntry]) -> [ObjectEntry] {
        var result: [ObjectEntry] = []
        result.reserveCapacity(entries.count)
        for entry in stable(entries, { self.compare($0.key, $1.key) }) {
            if let last = result.last, compare(last.key, entry.key) == 0 {
                result[result.count - 1].value = entry.value
            } else {
                result.append(entry)
            }
        }
        return result
    }

    private func stable<Element>(_ elements: [Element], _ order: (Element, Element) -> Int) -> [Element] {
        let indices = elements.indices.sorted { left, right in
            let result = order(elements[left], elements[right])
            return result != 0 ? result < 0 : left < right
        }
        return indices.map { elements[$0] }
    }

    /// Names by their bytes.
    public func compare(_ left: Name, _ right: Name) -> Int {
        if left == right { return 0 }
        return compare(self[left], self[right])
    }

    private func compare(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
        var (l, r) = (left.startIndex, right.startIndex)
        while l < left.endIndex, r < right.endIndex {
            if left[l] != right[r] { return Int(left[l]) - Int(right[r]) }
            l += 1
            r += 1
        }
        return left.count - right.count
    }

    private func compare(_ left: Ref, _ right: Ref) -> Int {
        let heads = compare(left.head, right.head)
        return heads != 0 ? heads : compare(left.parts, right.parts)
    }

    private func compare(_ left: Call, _ right: Call) -> Int {
        let functions = compare(left.function, right.function)
        return functions != 0 ? functions : compare(left.arguments, right.arguments)
    }

    private func compare(_ left: [Term], _ right: [Term]) -> Int {
        for (l, r) in zip(left, right) {
            let order = compare(l, r)
            if order != 0 { return order }
        }
        return left.count - right.count
    }

    private func compare(_ left: [ObjectEntry], _ right: [ObjectEntry]) -> Int {
        for (l, r) in zip(left, right) {
            let keys = compare(l.key, r.key)
            if keys != 0 { return keys }
            let values = compare(l.value, r.value)
            if values != 0 { return values }
        }
        return left.count - right.count
    }

    private func compare(_ left: Template, _ right: Template) -> Int {
        for (l, r) in zip(left.parts, right.parts) {
            let order: Int
            switch (l, r) {
            case (.text(let l), .text(let r)): order = compare(l, r)
            case (.expression(let l), .expression(let r)): order = compare(l, r)
            case (.text, .expression): order = -1
            case (.expression, .text): order = 1
            }
            if order != 0 { return order }
        }
        return left.parts.count - right.parts.count
    }

    private func compare(_ left: Body, _ right: Body) -> Int {
        for (l, r) in zip(left, right) {
            let order = compare(l, r)
            if order != 0 { return order }
        }
        return left.count - right.count
    }

    private func compare(_ left: Expr, _ right: Expr) -> Int {
        let (l, r) = (left.kind.rank, right.kind.rank)
        if l != r { return l - r }
        if left.isNegated != right.isNegated { return left.isNegated ? 1 : -1 }
        let terms = compareTerms(left, right)
        if terms != 0 { return terms }
        for (l, r) in zip(left.with, right.with) {
            let targets = compare(l.target, r.target)
            if targets != 0 { return targets }
            let values = compare(l.value, r.value)
            if values != 0 { return values }
        }
        return left.with.count - right.with.count
    }

    private func compareTerms(_ left: Expr, _ right: Expr) -> Int {
        switch (left.kind, right.kind) {
        case (.term(let l), .term(let r)): return compare(l, r)
        case (.call(let l), .call(let r)): return compare(l, r)
        case (.some(.names(let l)), .some(.names(let r))): return compare(l, r)
        case (.some(.names), .some): return -1
        case (.some, .some(.names)): return 1
        case (
            .some(.membership(let lKey, let lValue, let lSource, _)),
            .some(.membership(let rKey, let rValue, let rSource, _))
        ):
            return compare([lKey, lValue, lSource].compactMap { $0 }, [rKey, rValue, rSource].compactMap { $0 })
        case (.every(let l), .every(let r)):
            let terms = compare(
                [l.key, l.value, l.domain].compactMap { $0 }, [r.key, r.value, r.domain].compactMap { $0 })
            return terms != 0 ? terms : compare(l.body, r.body)
        case (.not(let l), .not(let r)): return compare(l.body, r.body)
        case (.and(let l), .and(let r)), (.or(let l), .or(let r)):
            let sides = compare(l.left, r.left)
            return sides != 0 ? sides : compare(l.right, r.right)
        default: return 0
        }
    }
}

extension Term.Kind {
    fileprivate var rank: Int {
        switch self {
        case .null: 0
        case .bool: 1
        case .number: 2
        case .string: 3
        case .variable: 4
        case .ref: 5
        case .array: 6
        case .object: 7
        case .set: 8
        case .arrayComprehension: 9
        case .objectComprehension: 10
        case .setComprehension: 11
        case .call: 12
        case .template: 13
        }
    }
}

extension Expr.Kind {
    fileprivate var rank: Int {
        switch self {
        case .some: 0
        case .term: 1
        case .call: 2
        case .every: 3
        case .not: 4
        case .and: 5
        case .or: 6
        }
    }
}

/// Spellings of numbers compared by their exact value.
enum DecimalText {
    /// Sign, digits without leading zeros, and the power of ten of the point before the first of them.
    private struct Parts {
        var isNegative = false
        var digits: [UInt8] = []
        var scale: Int64 = 0

        init(_ text: ArraySlice<UInt8>) {
            var hasPoint = false
            var index = text.startIndex
            if index < text.endIndex, text[index] == 0x2D {
                isNegative = true
                index += 1
            }
            while index < text.endIndex, text[index] == 0x2E || text[index] &- 0x30 < 10 {
                let byte = text[index]
                if byte == 0x2E {
                    hasPoint = true
                } else if byte != 0x30 || !digits.isEmpty {
                    digits.append(byte)
                    if !hasPoint { scale += 1 }
                } else if hasPoint {
                    scale -= 1
                }
                index += 1
            }
            var exponent: Int64 = 0
            var isExponentNegative = false
            while index < text.endIndex {
                if text[index] == 0x2D { isExponentNegative = true }
                if text[index] &- 0x30 < 10, exponent < 1_000_000_000 {
                    exponent = exponent * 10 + Int64(text[index] - 0x30)
                }
                index += 1
            }
            scale += isExponentNegative ? -exponent : exponent
            while digits.last == 0x30 { digits.removeLast() }
            if digits.isEmpty { (isNegative, scale) = (false, 0) }
        }
    }

    static func compare(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
        let (l, r) = (Parts(left), Parts(right))
        if l.isNegative != r.isNegative { return l.isNegative ? -1 : 1 }
        let sign = l.isNegative ? -1 : 1
        if l.digits.isEmpty || r.digits.isEmpty {
            return sign * ((l.digits.isEmpty ? 0 : 1) - (r.digits.isEmpty ? 0 : 1))
        }
        if l.scale != r.scale { return l.scale < r.scale ? -sign : sign }
        for (a, b) in zip(l.digits, r.digits) where a != b { return a < b ? -sign : sign }
        return sign * (l.digits.count - r.digits.count)
    }
}
