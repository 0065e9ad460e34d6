extension Space {
    /// Sorts values in place and drops all but the first of equal ones; gives how many are left.
    @usableFromInline
    func sortUnique(_ base: UnsafeMutablePointer<Value>, _ count: Int) -> Int {
        sort(base, count, stride: 1)
        var kept = 0
        for index in 0..<count {
            if kept > 0, equal(base[kept &- 1], base[index]) { continue }
            base[kept] = base[index]
            kept &+= 1
        }
        return kept
    }

    /// Sorts (key, value) pairs by key in place. Of equal keys one pair is left: the first one's key with the
    /// last one's value.
    @usableFromInline
    func sortPairs(_ base: UnsafeMutablePointer<Value>, _ count: Int) -> Int {
        sort(base, count, stride: 2)
        var kept = 0
        for index in 0..<count {
            if kept > 0, equal(base[(kept &- 1) &* 2], base[index &* 2]) {
                base[(kept &- 1) &* 2 &+ 1] = base[index &* 2 &+ 1]
                continue
            }
            base[kept &* 2] = base[index &* 2]
            base[kept &* 2 &+ 1] = base[index &* 2 &+ 1]
            kept &+= 1
        }
        return kept
    }

    /// A stable sort in Rego's order of records of `stride` values (1 or 2) by their first value.
    ///
    /// Insertion sort of short runs, then merging in place where runs are in order already; needs scratch
    /// memory of half the size only when they are not.
    @usableFromInline
    func sort(_ base: UnsafeMutablePointer<Value>, _ count: Int, stride: Int) {
        let run = 12
        var start = 0
        while start < count {
            insertionSort(base + start &* stride, min(run, count &- start), stride)
            start &+= run
        }
        guard count > run else { return }
        // Half of the records at most wait there while two runs are merged.
        let mark = state.pointee.temporaries.mark()
        defer { rewind(to: mark) }
        guard let scratch = sortingScratch(count &* stride) else { return }
        var width = run
        while width < count {
            var left = 0
            while left &+ width < count {
                merge(base, left, left &+ width, min(count, left &+ width &* 2), stride, scratch)
                left &+= width &* 2
            }
            width &*= 2
        }
    }

    /// Memory behind the temporaries, or nil (and a pending fault) when there is none.
    private func sortingScratch(_ count: Int) -> UnsafeMutablePointer<Value>? {
        do throws(Fault) {
            let bytes = count &* Layout.value
            let memory: Allocation
            if let fast = state.pointee.temporaries.bump(bytes) {
                memory = fast
            } else {
                memory = try Area.refill(&state.pointee.temporaries, bytes, state)
            }
            return memory.address.bindMemory(to: Value.self, capacity: count)
        } catch {
            note(error.code)
            return nil
        }
    }

    func insertionSort(_ base: UnsafeMutablePointer<Value>, _ count: Int, _ stride: Int) {
        guard count > 1 else { return }
        for index in 1..<count {
            let key = base[index &* stride]
            let payload = stride == 2 ? base[index &* stride &+ 1] : .undefined
            var hole = index
            while hole > 0, compare(base[(hole &- 1) &* stride], key) > 0 {
                base[hole &* stride] = base[(hole &- 1) &* stride]
                if stride == 2 { base[hole &* stride &+ 1] = base[(hole &- 1) &* stride &+ 1] }
                hole &-= 1
            }
            guard hole != index else { continue }
            base[hole &* stride] = key
            if stride == 2 { base[hole &* stride &+ 1] = payload }
        }
    }

    func merge(
        _ base: UnsafeMutablePointer<Value>, _ low: Int, _ middle: Int, _ high: Int, _ stride: Int,
        _ scratch: UnsafeMutablePointer<Value>
    ) {
        if compare(base[(middle &- 1) &* stride], base[middle &* stride]) <= 0 { return }
        let count = (middle &- low) &* stride
        scratch.update(from: base + low &* stride, count: count)
        var left = 0
        var right = middle &* stride
        var out = low &* stride
        while left < count {
            let takesRight = right < high &* stride && compare(base[right], scratch[left]) < 0
            if takesRight {
                base[out] = base[right]
                if stride == 2 { base[out &+ 1] = base[right &+ 1] }
                right &+= stride
            } else {
                base[out] = scratch[left]
                if stride == 2 { base[out &+ 1] = scratch[left &+ 1] }
                left &+= stride
            }
            out &+= stride
        }
    }
}
