/// Finding one text in another, in time linear in both.
enum ByteSearch {
    /// The position of the first `needle` at or after `start`, or -1. An empty needle is found at `start`.
    static func find(_ needle: Bytes, in text: Bytes, from start: Int = 0) -> Int {
        guard start >= 0, needle.count <= text.count &- start else { return -1 }
        guard needle.count > 0 else { return start }
        let first = needle[0]
        let last = text.count &- needle.count
        var position = start
        // Plain search does well until the text is made against it: then the two-way search takes over.
        var patience = 64 &+ (text.count &- start) &* 4
        while true {
            position = find(first, in: text, from: position, through: last)
            if position < 0 { return -1 }
            if needle.count == 1 { return position }
            var index = 1
            while index < needle.count, text[position &+ index] == needle[index] { index &+= 1 }
            if index == needle.count { return position }
            patience &-= index
            position &+= 1
            if patience < 0 { return TwoWay.find(needle, in: text, from: position) }
        }
    }

    /// The position of a byte, or -1; not beyond `last`.
    @inline(__always)
    static func find(_ byte: UInt8, in text: Bytes, from start: Int, through last: Int) -> Int {
        guard let base = text.baseAddress else { return -1 }
        var index = start
        let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
        // Eight bytes at a time: a byte of the difference is zero where the wanted one stands.
        while index &+ 7 <= last {
            let word = UnsafeRawPointer(base).loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ pattern
            let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if zeros != 0 { return index &+ UInt64(littleEndian: zeros).trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index <= last {
            if base[index] == byte { return index }
            index &+= 1
        }
        return -1
    }
}

/// The two-way string search of Crochemore and Perrin: linear time, constant memory.
enum TwoWay {
    static func find(_ needle: Bytes, in text: Bytes, from start: Int) -> Int {
        let length = needle.count
        guard length > 0, length <= text.count &- start else { return length == 0 ? start : -1 }
        let one = maximalSuffix(needle, reversed: false)
        let two = maximalSuffix(needle, reversed: true)
        let cut = one.start > two.start ? one.start : two.start
        let period = one.start > two.start ? one.period : two.period
        if isPeriodic(needle, cut, period) { return periodic(needle, text, start, cut, period) }
        // The two halves do not repeat: shifts of more than half the needle need no memory.
        let shift = max(cut, length &- cut) &+ 1
        var position = start
        while position <= text.count &- length {
            var index = cut
            while index < length, needle[index] == text[position &+ index] { index &+= 1 }
            if index < length {
                position &+= index &- cut &+ 1
                continue
            }
            index = cut &- 1
            while index >= 0, needle[index] == text[position &+ index] { index &-= 1 }
            if index < 0 { return position }
            position &+= shift
        }
        return -1
    }

    private static func periodic(_ needle: Bytes, _ text: Bytes, _ start: Int, _ cut: Int, _ period: Int) -> Int {
        let length = needle.count
        var position = start
        // How much of the needle's front is known to match already.
        var known = 0
        while position <= text.count &- length {
            var index = max(cut, known)
            while index < length, needle[index] == text[position &+ index] { index &+= 1 }
            if index < length {
                position &+= index &- cut &+ 1
                known = 0
                continue
            }
            index = cut &- 1
            while index >= known, needle[index] == text[position &+ index] { index &-= 1 }
            if index < known { return position }
            position &+= period
            known = length &- period
        }
        return -1
    }

    private static func isPeriodic(_ needle: Bytes, _ cut: Int, _ period: Int) -> Bool {
        guard cut &+ period <= needle.count else { return false }
        for index in 0..<cut where needle[index] != needle[index &+ period] { return false }
        return true
    }

    /// The start and the period of the greatest suffix, under the order of bytes or its reverse.
    private static func maximalSuffix(_ needle: Bytes, reversed: Bool) -> (start: Int, period: Int) {
        var best = -1
        var candidate = 0
        var offset = 1
        var period = 1
        while candidate &+ offset < needle.count {
            let a = needle[candidate &+ offset]
            let b = needle[best &+ offset]
            if a == b {
                if offset == period {
                    candidate &+= period
                    offset = 1
                } else {
                    offset &+= 1
                }
            } else if reversed ? a > b : a < b {
                candidate &+= offset
                offset = 1
                period = candidate &- best
            } else {
                best = candidate
                candidate &+= 1
                offset = 1
                period = 1
            }
        }
        return (best &+ 1, period)
    }
}
