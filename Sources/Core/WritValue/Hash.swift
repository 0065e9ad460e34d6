/// Content hashes: the same for equal values in every space, image and run, because images keep them.
///
/// They need no secret seed: a lookup that probes too long falls back to binary search, so chosen keys cannot
/// make it slow.
public enum ContentHash {
    @inlinable @inline(__always)
    public static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = (a ^ 0x9e37_79b9_7f4a_7c15).multipliedFullWidth(by: b ^ 0xd6e8_feb8_6659_fd93)
        return product.high ^ product.low
    }

    /// Hash of a string's bytes.
    @inlinable
    public static func bytes(_ pointer: UnsafeRawPointer, _ count: Int) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: count)
        var index = 0
        while index &+ 8 <= count {
            hash = mix(hash, UInt64(littleEndian: pointer.loadUnaligned(fromByteOffset: index, as: UInt64.self)))
            index &+= 8
        }
        if index < count {
            if count >= 8 {
                hash = mix(
                    hash, UInt64(littleEndian: pointer.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)))
            } else {
                var tail: UInt64 = 0
                while index < count {
                    tail = tail &<< 8 | UInt64(pointer.load(fromByteOffset: index, as: UInt8.self))
                    index &+= 1
                }
                hash = mix(hash, tail)
            }
        }
        return mix(hash, 0x2545_f491_4f6c_dd1d)
    }
}

extension Space {
    /// Hash of a value's content. Values that are equal in Rego (1 and 1.0) have equal hashes.
    @inlinable
    public func hash(_ value: Value) -> UInt64 {
        switch value.tag {
        case Value.Tag.shortString: return ContentHash.mix(value.low, value.high)
        case Value.Tag.longString: return ContentHash.mix(UInt64(value.storedHash), UInt64(value.longLength))
        case Value.Tag.integer: return ContentHash.mix(value.low, 3)
        default: return hashWhole(value)
        }
    }

    /// A value that holds the same part many times over may stand for more than can be visited: its hash is of what
    /// comes first, so that equal values still have equal ones.
    private static var hashVisits: Int { 1 &<< 22 }

    @usableFromInline
    func hashWhole(_ value: Value) -> UInt64 {
        state.pointee.visitsLeft = Space.hashVisits
        return hashSlowly(value, depth: 0)
    }

    /// The hash of a key list.
    func hashKeys(_ keys: Elements) -> UInt64 {
        state.pointee.visitsLeft = Space.hashVisits
        return hashElements(keys, seed: 14, 0)
    }

    @usableFromInline
    func hashSlowly(_ value: Value, depth: Int) -> UInt64 {
        guard depth < Space.depthLimit else {
            note(.depthLimit)
            return 0
        }
        guard state.pointee.visitsLeft > 0 else { return 0 }
        state.pointee.visitsLeft &-= 1
        switch value.tag {
        case Value.Tag.shortString, Value.Tag.longString, Value.Tag.integer: return hash(value)
        case Value.Tag.decimal, Value.Tag.numberText: return numberHash(value)
        case Value.Tag.array:
            return hashElements(elements(value), seed: 10, depth)
        case Value.Tag.set:
            return hashElements(elements(value), seed: 12, depth)
        case Value.Tag.object:
            let entries = entries(value)
            return ContentHash.mix(
                hashElements(entries.keys, seed: 11, depth), hashElements(entries.values, seed: 13, depth))
        default: return ContentHash.mix(value.low, value.high)
        }
    }

    private func hashElements(_ elements: Elements, seed: UInt64, _ depth: Int) -> UInt64 {
        var hash = seed
        for index in 0..<elements.count {
            if state.pointee.visitsLeft <= 0 { break }
            hash = ContentHash.mix(hash, hashSlowly(elements[index], depth: depth &+ 1))
        }
        return ContentHash.mix(hash, UInt64(truncatingIfNeeded: elements.count))
    }
}
