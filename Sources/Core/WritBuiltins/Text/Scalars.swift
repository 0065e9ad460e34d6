/// Unicode scalars in UTF-8 bytes. A byte that begins no scalar counts as one, as U+FFFD, so that damaged text
/// is never read past its end.
enum Scalars {
    static let replacement: UInt32 = 0xfffd

    /// Length in bytes of the scalar at `index`, which must be inside.
    @inline(__always)
    static func length(_ bytes: Bytes, at index: Int) -> Int {
        bytes[index] < 0x80 ? 1 : decode(bytes, at: index).length
    }

    /// The scalar at `index`, which must be inside.
    static func decode(_ bytes: Bytes, at index: Int) -> (scalar: UInt32, length: Int) {
        let first = bytes[index]
        if first < 0x80 { return (UInt32(first), 1) }
        let length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
        guard first >= 0xc2, first < 0xf5, length <= bytes.count &- index else { return (replacement, 1) }
        var scalar = UInt32(first) & (length == 2 ? 0x1f : length == 3 ? 0x0f : 0x07)
        for offset in 1..<length {
            let byte = bytes[index &+ offset]
            guard byte & 0xc0 == 0x80 else { return (replacement, 1) }
            scalar = scalar &<< 6 | UInt32(byte & 0x3f)
        }
        let overlong = (length == 3 && scalar < 0x800) || (length == 4 && scalar < 0x10000)
        if overlong || scalar > 0x10ffff || (scalar >= 0xd800 && scalar < 0xe000) { return (replacement, 1) }
        return (scalar, length)
    }

    /// Length in bytes of the scalar that ends before `end`, which must be above 0.
    static func lengthBefore(_ bytes: Bytes, _ end: Int) -> Int {
        var start = end &- 1
        while start > 0, end &- start < 4, bytes[start] & 0xc0 == 0x80 { start &-= 1 }
        return decode(bytes, at: start).length == end &- start ? end &- start : 1
    }

    /// Whether all bytes are below 0x80.
    static func isASCII(_ bytes: Bytes) -> Bool {
        guard let base = bytes.baseAddress.map({ UnsafeRawPointer($0) }) else { return true }
        var index = 0
        while index &+ 8 <= bytes.count {
            if base.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return false }
            index &+= 8
        }
        while index < bytes.count {
            if bytes[index] >= 0x80 { return false }
            index &+= 1
        }
        return true
    }

    /// How many scalars there are.
    static func count(_ bytes: Bytes) -> Int {
        var index = 0
        var count = 0
        while index < bytes.count {
            index &+= length(bytes, at: index)
            count &+= 1
        }
        return count
    }

    /// The byte position of the scalar number `wanted` counted from position `start`; the end when there are fewer.
    static func position(_ bytes: Bytes, after wanted: Int, from start: Int = 0) -> Int {
        var index = start
        var left = wanted
        while left > 0, index < bytes.count {
            index &+= length(bytes, at: index)
            left &-= 1
        }
        return index
    }

    /// White space as Unicode's property of that name has it.
    static func isSpace(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 9...13, 32, 0x85, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000: true
        default: false
        }
    }
}
