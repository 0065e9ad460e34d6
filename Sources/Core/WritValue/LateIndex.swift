/// Indexes of collections that an evaluation itself reads or makes.
///
/// They come without one, because most are only iterated. A large set or key list that is asked often gets its index
/// then: in the results area, which no rewind shortens, and so only for collections that lie there too. Its place is
/// noted in the header, whose bytes behind the slot count are zero elsewhere:
///
///     UInt32 0 (no slots behind the values), UInt32 lookups so far, UInt32 offset and UInt16 piece of the index
extension Layout {
    /// Up to this many elements binary search is good enough.
    static var searched: Int { 32 }
}

extension Space {
    /// The index of a collection without slots of its own, if it lies in the results area and is asked often.
    ///
    /// `header` is the collection's, with all its values readable behind it.
    @inline(never)
    func lateIndex(
        _ header: UnsafeRawPointer, _ piece: UInt16, _ count: Int
    ) -> (table: UnsafePointer<UInt32>, slots: Int)? {
        guard count > Layout.searched, Int(piece) < PieceNumber.temporaries else { return nil }
        let slots = Layout.slots(for: count)
        let place = header.load(fromByteOffset: 12, as: UInt16.self)
        if place != 0 {
            let index = Value.reference(
                Value.Tag.shape, offset: header.load(fromByteOffset: 8, as: UInt32.self), upper: 0, piece: place)
            guard let address = address(index, bytes: slots &* 4) else { return nil }
            return (address.assumingMemoryBound(to: UInt32.self), slots)
        }
        let notes = UnsafeMutableRawPointer(mutating: header)
        let lookups = header.load(fromByteOffset: 4, as: UInt32.self) &+ 1
        notes.storeBytes(of: lookups, toByteOffset: 4, as: UInt32.self)
        // An index pays for itself after about this many searches.
        guard Int(truncatingIfNeeded: lookups) > 8 &+ count &>> 6 else { return nil }
        do throws(Fault) {
            let before = allocatesTemporaries
            allocatesTemporaries = false
            defer { allocatesTemporaries = before }
            let memory = try allocate(slots &* 4)
            let table = memory.address.bindMemory(to: UInt32.self, capacity: slots)
            for slot in 0..<slots { table[slot] = 0 }
            let values = (header + Layout.header).assumingMemoryBound(to: Value.self)
            for position in 0..<count {
                Space.enter(position, hash(load(values + position, from: piece)), table, slots)
            }
            notes.storeBytes(of: memory.offset, toByteOffset: 8, as: UInt32.self)
            notes.storeBytes(of: memory.piece, toByteOffset: 12, as: UInt16.self)
            return (UnsafePointer(table), slots)
        } catch {
            // No memory for it: the search goes on without, and asks again after as many lookups.
            notes.storeBytes(of: 0, toByteOffset: 4, as: UInt32.self)
            return nil
        }
    }
}
