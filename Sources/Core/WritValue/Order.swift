extension Space {
    /// Whether two values are equal in Rego: by content, numbers by exact value, strings by bytes.
    @inlinable @inline(__always)
    public func equal(_ a: Value, _ b: Value) -> Bool {
        if Value.identical(a, b) { return true }
        // Different bits decide between short strings, and between integers.
        if a.tag == b.tag, a.tag == Value.Tag.shortString || a.tag == Value.Tag.integer { return false }
        return equalSlowly(a, b)
    }

    @usableFromInline
    func equalSlowly(_ a: Value, _ b: Value) -> Bool {
        switch a.tag {
        case Value.Tag.longString:
            guard b.tag == Value.Tag.longString, a.storedHash == b.storedHash, a.longLength == b.longLength else {
                return false
            }
            return ByteOrder.equal(longBytes(a), longBytes(b))
        case Value.Tag.integer, Value.Tag.decimal, Value.Tag.numberText:
            return b.isNumber && compareNumbers(a, b) == 0
        case Value.Tag.array, Value.Tag.set, Value.Tag.object:
            return a.tag == b.tag && a.count == b.count && compareWhole(a, b) == 0
        default: return false
        }
    }

    /// Rego's total order: null < false < true < numbers < strings < arrays < objects < sets.
    ///
    /// Negative when `a` comes first, 0 when equal. Strings order by UTF-8 bytes, arrays and sets element by
    /// element, objects by their sorted keys and then values, pairwise.
    @inlinable
    public func compare(_ a: Value, _ b: Value) -> Int {
        if Value.identical(a, b) { return 0 }
        if a.tag == Value.Tag.shortString, b.tag == Value.Tag.shortString { return ByteOrder.compareShort(a, b) }
        if a.tag == Value.Tag.integer, b.tag == Value.Tag.integer { return a.integerValue < b.integerValue ? -1 : 1 }
        return compareWhole(a, b)
    }

    /// Values that hold the same part many times over may stand for more than can be visited: comparing them is given
    /// up, and `check` throws `stepLimit`.
    private static var comparisonVisits: Int { 1 &<< 26 }

    @usableFromInline
    func compareWhole(_ a: Value, _ b: Value) -> Int {
        state.pointee.visitsLeft = Space.comparisonVisits
        return compareDeeply(a, b, depth: 0)
    }

    private func compareDeeply(_ a: Value, _ b: Value, depth: Int) -> Int {
        let kinds = (a.kind.rawValue, b.kind.rawValue)
        if kinds.0 != kinds.1 { return kinds.0 < kinds.1 ? -1 : 1 }
        if Value.identical(a, b) { return 0 }
        guard depth < Space.depthLimit else {
            note(.depthLimit)
            return 0
        }
        guard state.pointee.visitsLeft > 0 else {
            note(.stepLimit)
            return 0
        }
        state.pointee.visitsLeft &-= 1
        switch a.kind {
        case .boolean: return a.low < b.low ? -1 : 1
        case .number: return compareNumbers(a, b)
        case .string:
            if a.tag == Value.Tag.shortString, b.tag == Value.Tag.shortString { return ByteOrder.compareShort(a, b) }
            return withBytes(a) { left in withBytes(b) { right in ByteOrder.compare(left, right) } }
        case .array, .set: return compareElements(elements(a), elements(b), depth)
        case .object: return compareObjects(a, b, depth)
        case .undefined, .null: return 0
        }
    }

    private func compareElements(_ a: Elements, _ b: Elements, _ depth: Int) -> Int {
        let common = min(a.count, b.count)
        for index in 0..<common {
            if state.pointee.visitsLeft <= 0 { break }
            let (left, right) = (a[index], b[index])
            if Value.identical(left, right) { continue }
            let order = compareDeeply(left, right, depth: depth &+ 1)
            if order != 0 { return order }
        }
        return a.count == b.count ? 0 : a.count < b.count ? -1 : 1
    }

    private func compareObjects(_ a: Value, _ b: Value, _ depth: Int) -> Int {
        let left = entries(a)
        let right = entries(b)
        let common = min(left.count, right.count)
        for index in 0..<common {
            if state.pointee.visitsLeft <= 0 { break }
            let key = compareDeeply(left.keys[index], right.keys[index], depth: depth &+ 1)
            if key != 0 { return key }
            let value = compareDeeply(left.values[index], right.values[index], depth: depth &+ 1)
            if value != 0 { return value }
        }
        return left.count == right.count ? 0 : left.count < right.count ? -1 : 1
    }
}

/// Comparison of strings by their UTF-8 bytes.
@usableFromInline
enum ByteOrder {
    /// Order of two different short strings: zero padding makes the words comparable as big-endian numbers.
    @inlinable @inline(__always)
    static func compareShort(_ a: Value, _ b: Value) -> Int {
        if a.low != b.low { return a.low.byteSwapped < b.low.byteSwapped ? -1 : 1 }
        // The length is the lowest of the compared bytes, so "a" comes before "a\0"; the tag is shifted out.
        let left = a.high.byteSwapped &>> 8
        let right = b.high.byteSwapped &>> 8
        return left < right ? -1 : left == right ? 0 : 1
    }

    @usableFromInline
    static func compare(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
        let common = min(a.count, b.count)
        var index = 0
        if let first = a.baseAddress, let second = b.baseAddress {
            let left = UnsafeRawPointer(first)
            let right = UnsafeRawPointer(second)
            while index &+ 8 <= common {
                let one = left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                let two = right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                if one != two { return UInt64(bigEndian: one) < UInt64(bigEndian: two) ? -1 : 1 }
                index &+= 8
            }
            while index < common {
                if a[index] != b[index] { return a[index] < b[index] ? -1 : 1 }
                index &+= 1
            }
        }
        return a.count == b.count ? 0 : a.count < b.count ? -1 : 1
    }

    @usableFromInline
    static func equal(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        a.count == b.count && compare(a, b) == 0
    }
}
