import WritRegex
import WritValue

/// A key of a mapping that is written.
struct YAMLKey {
    let bytes: [UInt8]
    /// Its place in the value.
    let index: Int
    fileprivate let scalars: [UInt32]
    fileprivate let isASCII: Bool

    init(_ bytes: [UInt8], _ index: Int) {
        self.bytes = bytes
        self.index = index
        var scalars: [UInt32] = []
        bytes.withUnsafeBufferPointer { text in
            var position = 0
            while position < text.count {
                let (scalar, length) = Scalars.decode(text, at: position)
                scalars.append(scalar)
                position += length
            }
        }
        self.scalars = scalars
        isASCII = scalars.count == bytes.count
    }
}

/// go-yaml's order of keys: digits count as numbers, letters come behind other characters.
struct YAMLKeyOrder {
    /// Made when the first key comes that is not ASCII.
    private var classes: LettersAndDigits?

    mutating func sort(_ keys: inout [YAMLKey]) {
        if classes == nil, keys.contains(where: { !$0.isASCII }) { classes = LettersAndDigits() }
        keys.sort { isBefore($0.scalars, $1.scalars) }
    }

    private func isBefore(_ a: [UInt32], _ b: [UInt32]) -> Bool {
        for index in 0..<min(a.count, b.count) where a[index] != b[index] {
            let (isLetter, isOtherLetter) = (isLetter(a[index]), self.isLetter(b[index]))
            if isLetter, isOtherLetter { return a[index] < b[index] }
            if isLetter || isOtherLetter { return isOtherLetter }
            return isBefore(a, b, at: index)
        }
        return a.count < b.count
    }

    private func isBefore(_ a: [UInt32], _ b: [UInt32], at index: Int) -> Bool {
        var start: Int64 = 0
        if a[index] == 0x30 || b[index] == 0x30 {
            // A zero behind other digits is one of them.
            var before = index - 1
            while before >= 0, isDigit(a[before]) {
                if a[before] != 0x30 {
                    start = 1
                    break
                }
                before -= 1
            }
        }
        let (left, leftEnd) = number(a, index, start)
        let (right, rightEnd) = number(b, index, start)
        if left != right { return left < right }
        return leftEnd == rightEnd ? a[index] < b[index] : leftEnd < rightEnd
    }

    /// Digits of other scripts count from the zero of ASCII, too.
    private func number(_ text: [UInt32], _ start: Int, _ initial: Int64) -> (value: Int64, end: Int) {
        var value = initial
        var index = start
        while index < text.count, isDigit(text[index]) {
            value = value &* 10 &+ (Int64(text[index]) - 0x30)
            index += 1
        }
        return (value, index)
    }

    private func isLetter(_ scalar: UInt32) -> Bool {
        guard let classes, scalar >= 0x80 else { return (scalar | 0x20) &- 0x61 < 26 }
        return classes.isLetter(scalar)
    }

    private func isDigit(_ scalar: UInt32) -> Bool {
        guard let classes, scalar >= 0x80 else { return scalar &- 0x30 < 10 }
        return classes.isDigit(scalar)
    }
}
