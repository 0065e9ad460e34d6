import RegoSyntax

/// How OPA orders numbers that are keys of a static type: integers before what is no integer, the other way round by
/// value, integers by the sign of a difference that may overflow. This is no order: of `{1.5: "a", 2: "b"}` the key 2
/// stands first and is not found again, and so OPA refuses some objects that are right. What it refuses is refused
/// here too.
enum NumberKey {
    /// -1, 0 or 1; only 1 and -1 for numbers of which the first alone is an integer.
    static func compare(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Int {
        guard let left = integer(a) else { return DecimalKey(a).compare(DecimalKey(b)) }
        guard let right = integer(b) else { return -1 }
        return Int((left &- right).signum())
    }

    /// The 64-bit integer that a number without an exponent is; a point and zeros are taken up to 19 characters.
    private static func integer(_ text: ArraySlice<UInt8>) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        var size: UInt64 = 0
        var hasPoint = false
        for byte in isNegative ? text.dropFirst() : text {
            switch byte {
            case UInt8(ascii: "."): hasPoint = true
            case 0x30 where hasPoint: break
            case 0x30...0x39 where !hasPoint:
                let (tens, isTooLarge) = size.multipliedReportingOverflow(by: 10)
                size = tens &+ UInt64(byte &- 0x30)
                if isTooLarge || size > UInt64(Int64.max) + 1 { return nil }
            default: return nil
            }
        }
        if hasPoint, text.count - (isNegative ? 1 : 0) > 19 { return nil }
        if isNegative { return Int64(truncatingIfNeeded: 0 &- size) }
        return Int64(exactly: size)
    }
}

extension StaticTypes {
    /// Objects have their properties in order; of equal keys the first one stays, with the value of the last.
    func object(_ properties: [StaticProperty], rest: StaticEntry?) -> StaticType {
        guard properties.count > 1 else { return .object(properties, rest: rest) }
        let hasNumbers = properties.contains { $0.key.kind == .number }
        let sorted = properties.sorted { (hasNumbers ? compareValues($0.key, $1.key) : compare($0.key, $1.key)) < 0 }
        var unique: [StaticProperty] = []
        unique.reserveCapacity(sorted.count)
        for property in sorted {
            if let last = unique.last, compareValues(last.key, property.key) == 0 {
                unique[unique.count - 1].type = property.type
            } else {
                unique.append(property)
            }
        }
        return .object(hasNumbers ? ordered(unique) : unique, rest: rest)
    }

    private func compareValues(_ a: TreeKey, _ b: TreeKey) -> Int {
        guard a.kind == .number, b.kind == .number else { return compare(a, b) }
        return DecimalKey(names[a.name]).compare(DecimalKey(names[b.name]))
    }

    /// Where the order of numbers is none, OPA's depends on how it sorts: a few by insertion.
    private func ordered(_ properties: [StaticProperty]) -> [StaticProperty] {
        guard properties.count <= 12 else { return properties.sorted { compare($0.key, $1.key) < 0 } }
        var result = properties
        for index in result.indices {
            var place = index
            while place > 0, compare(result[place].key, result[place - 1].key) < 0 {
                result.swapAt(place, place - 1)
                place -= 1
            }
        }
        return result
    }
}
