/// A 64-bit hash of bytes: multiply and fold, eight bytes a step. Not for keys that an attacker may choose at will to
/// collide in more than speed: a table entry is always compared in full, and probing is bounded.
enum ContentHash {
    static func of(_ bytes: UnsafeBufferPointer<UInt8>, seed: UInt64 = 0) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
        var position = 0
        if let base = bytes.baseAddress {
            let raw = UnsafeRawPointer(base)
            while position &+ 8 <= bytes.count {
                hash = mix(hash ^ (raw + position).loadUnaligned(as: UInt64.self))
                position &+= 8
            }
            var tail: UInt64 = 0
            while position < bytes.count {
                tail = tail &<< 8 | UInt64(base[position])
                position &+= 1
            }
            hash = mix(hash ^ tail)
        }
        return hash
    }

    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low
    }
}

/// A hash table from bytes (and a salt) to values, bounded in entries and bytes, that evicts by the clock algorithm.
final class BoundedTable<Value> {
    private struct Entry {
        var hash: UInt64
        var salt: UInt64
        var key: UnsafeMutableBufferPointer<UInt8>
        /// Nil in a free entry.
        var value: Value?
        var byteCount: Int
        /// The next entry with the same bucket, or the next free one; -1 at the end.
        var next: Int32
        /// Whether it was used since the clock's hand last passed.
        var used: Bool
    }

    @exclusivity(unchecked) private var maxEntries: Int
    private let maxBytes: Int
    @exclusivity(unchecked) private var entries: UnsafeMutablePointer<Entry>
    /// Entries that are initialized, free ones included.
    @exclusivity(unchecked) private var entryCount = 0
    @exclusivity(unchecked) private var capacity = 8
    /// The first entry of each bucket, or -1. Their number is a power of two.
    @exclusivity(unchecked) private var buckets: UnsafeMutablePointer<Int32>
    @exclusivity(unchecked) private var bucketCount = 16
    @exclusivity(unchecked) private var firstFree: Int32 = -1
    @exclusivity(unchecked) private var hand = 0
    @exclusivity(unchecked) private(set) var count = 0
    @exclusivity(unchecked) private(set) var byteCount = 0

    init(maxEntries: Int, maxBytes: Int) {
        self.maxEntries = max(1, min(maxEntries, 1 << 20))
        self.maxBytes = maxBytes
        entries = .allocate(capacity: capacity)
        buckets = .allocate(capacity: bucketCount)
        buckets.initialize(repeating: -1, count: bucketCount)
    }

    deinit {
        removeAll()
        entries.deallocate()
        buckets.deallocate()
    }

    /// Keeps at most so many entries from now on, at least 1.
    func limit(entries limit: Int) {
        maxEntries = max(1, min(limit, 1 << 20))
        while count > maxEntries { evict(keeping: -1) }
    }

    func removeAll() {
        for index in 0..<entryCount where entries[index].value != nil { entries[index].key.deallocate() }
        entries.deinitialize(count: entryCount)
        entryCount = 0
        buckets.initialize(repeating: -1, count: bucketCount)
        firstFree = -1
        hand = 0
        count = 0
        byteCount = 0
    }

    /// Calls `body` with each key and its value.
    func forEach(_ body: (UnsafeBufferPointer<UInt8>, Value) -> Void) {
        for index in 0..<entryCount {
            if let value = entries[index].value { body(UnsafeBufferPointer(entries[index].key), value) }
        }
    }

    /// The number of a key's entry, which is marked as used; -1 if there is none.
    @inline(__always)
    func find(_ key: UnsafeBufferPointer<UInt8>, salt: UInt64, hash: UInt64) -> Int {
        var index = Int(buckets[bucket(hash)])
        while index >= 0 {
            let entry = entries + index
            if entry.pointee.hash == hash, entry.pointee.salt == salt, Self.equal(entry.pointee.key, key) {
                entry.pointee.used = true
                return index
            }
            index = Int(entry.pointee.next)
        }
        return -1
    }

    /// The value of an entry that `find` gave.
    @inline(__always)
    subscript(index: Int) -> Value? { entries[index].value }

    /// Records what an entry takes now, and evicts others if that is too much.
    @inline(__always)
    func resize(_ index: Int, byteCount size: Int) {
        if entries[index].byteCount != size { change(index, size) }
    }

    private func change(_ index: Int, _ size: Int) {
        byteCount += size - entries[index].byteCount
        entries[index].byteCount = size
        while byteCount > maxBytes, count > 1 { evict(keeping: index) }
    }

    /// Adds a key that is not there.
    func insert(
        _ key: UnsafeBufferPointer<UInt8>, salt: UInt64, hash: UInt64, value: Value, byteCount size: Int
    ) {
        while count > 0, count >= maxEntries || byteCount + size > maxBytes { evict(keeping: -1) }
        if count >= bucketCount { growBuckets() }
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: key.count)
        _ = copy.initialize(from: key)
        let entry = Entry(
            hash: hash, salt: salt, key: copy, value: value, byteCount: size, next: buckets[bucket(hash)], used: false)
        let index: Int
        if firstFree >= 0 {
            index = Int(firstFree)
            firstFree = entries[index].next
            entries[index] = entry
        } else {
            if entryCount == capacity { growEntries() }
            index = entryCount
            (entries + index).initialize(to: entry)
            entryCount += 1
        }
        buckets[bucket(hash)] = Int32(index)
        count += 1
        byteCount += size
    }

    @inline(__always)
    private func bucket(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (bucketCount &- 1) }

    @inline(__always)
    private static func equal(_ a: UnsafeMutableBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        let count = a.count
        guard count == b.count else { return false }
        guard count > 0, let first = UnsafeRawPointer(a.baseAddress), let second = UnsafeRawPointer(b.baseAddress)
        else { return true }
        var position = 0
        while position &+ 8 <= count {
            if (first + position).loadUnaligned(as: UInt64.self) != (second + position).loadUnaligned(as: UInt64.self) {
                return false
            }
            position &+= 8
        }
        while position < count {
            if a[position] != b[position] { return false }
            position &+= 1
        }
        return true
    }

    private func evict(keeping kept: Int) {
        while true {
            if hand >= entryCount { hand = 0 }
            let index = hand
            hand += 1
            if index == kept || entries[index].value == nil { continue }
            if entries[index].used {
                entries[index].used = false
                continue
            }
            unlink(index)
            entries[index].key.deallocate()
            entries[index].value = nil
            entries[index].next = firstFree
            firstFree = Int32(index)
            byteCount -= entries[index].byteCount
            count -= 1
            return
        }
    }

    private func unlink(_ index: Int) {
        let bucket = bucket(entries[index].hash)
        var at = Int(buckets[bucket])
        if at == index {
            buckets[bucket] = entries[index].next
            return
        }
        while at >= 0 {
            if Int(entries[at].next) == index {
                entries[at].next = entries[index].next
                return
            }
            at = Int(entries[at].next)
        }
    }

    private func growEntries() {
        let larger = UnsafeMutablePointer<Entry>.allocate(capacity: 2 * capacity)
        larger.moveInitialize(from: entries, count: entryCount)
        entries.deallocate()
        entries = larger
        capacity *= 2
    }

    private func growBuckets() {
        buckets.deallocate()
        bucketCount *= 2
        buckets = .allocate(capacity: bucketCount)
        buckets.initialize(repeating: -1, count: bucketCount)
        for index in 0..<entryCount where entries[index].value != nil {
            let bucket = bucket(entries[index].hash)
            entries[index].next = buckets[bucket]
            buckets[bucket] = Int32(index)
        }
    }
}
