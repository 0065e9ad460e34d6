/// How a value is written as JSON.
public struct JSONStyle: BitwiseCopyable, Sendable {
    /// Whether `<`, `>` and `&` are escaped, as Go does unless told otherwise.
    public var escapesHTML: Bool
    /// Whether every member stands on a line of its own, indented by two spaces a level.
    public var isPretty: Bool

    public init(escapesHTML: Bool = true, isPretty: Bool = false) {
        self.escapesHTML = escapesHTML
        self.isPretty = isPretty
    }
}

extension Space {
    /// Appends a value as the JSON text that Go's `encoding/json` (and so OPA) gives.
    ///
    /// Sets become arrays in Rego's order; keys that are no strings become the JSON text of the key, and where
    /// two keys have the same text the later one in Rego's order stays. Keys are in the order of their bytes.
    /// Throws `depthLimit` for values nested deeper than `Space.depthLimit`, `sizeLimit` past the buffer's limit,
    /// `malformed` for damaged pieces; what was written until then stays in the buffer.
    public func writeJSON(
        _ value: Value, to buffer: inout ByteBuffer, style: JSONStyle = JSONStyle()
    ) throws(Fault) {
        let writer = JSONWriter(space: self, style: style)
        try writer.write(value, &buffer, depth: 0)
        try check()
    }

    /// The JSON text of a value. Allocates: for hosts and error paths.
    public func json(_ value: Value, style: JSONStyle = JSONStyle()) throws(Fault) -> [UInt8] {
        var buffer = ByteBuffer()
        try writeJSON(value, to: &buffer, style: style)
        return buffer.bytes
    }
}

/// Writes values as JSON text.
struct JSONWriter {
    let space: Space
    let style: JSONStyle

    func write(_ value: Value, _ buffer: inout ByteBuffer, depth: Int) throws(Fault) {
        try buffer.checkLimit()
        switch value.tag {
        case Value.Tag.null: buffer.append("null")
        case Value.Tag.boolean: buffer.append(value.isTrue ? "true" : "false")
        case Value.Tag.integer: Self.integer(value.integerValue, &buffer)
        case Value.Tag.decimal, Value.Tag.numberText: space.withNumberText(value) { buffer.append($0) }
        case Value.Tag.shortString: shortString(value, &buffer)
        case Value.Tag.longString: try string(space.longBytes(value), &buffer)
        case Value.Tag.array, Value.Tag.set: try array(space.elements(value), &buffer, depth)
        case Value.Tag.object: try object(value, &buffer, depth)
        default: throw Fault(.defect)
        }
    }

    // MARK: Containers

    private func array(_ elements: Elements, _ buffer: inout ByteBuffer, _ depth: Int) throws(Fault) {
        guard elements.count > 0 else {
            buffer.append("[]")
            return
        }
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        buffer.append(UInt8(ascii: "["))
        for index in 0..<elements.count {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            if style.isPretty { newLine(depth &+ 1, &buffer) }
            try write(elements[index], &buffer, depth: depth &+ 1)
        }
        if style.isPretty { newLine(depth, &buffer) }
        buffer.append(UInt8(ascii: "]"))
    }

    private func object(_ object: Value, _ buffer: inout ByteBuffer, _ depth: Int) throws(Fault) {
        let entries = space.entries(object)
        guard entries.count > 0 else {
            buffer.append("{}")
            return
        }
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        // Strings stand together in Rego's order, so the first and the last key tell for all.
        guard entries.keys[0].isString, entries.keys[entries.count &- 1].isString else {
            return try mixedObject(entries, &buffer, depth)
        }
        buffer.append(UInt8(ascii: "{"))
        for index in 0..<entries.count {
            if index > 0 { buffer.append(UInt8(ascii: ",")) }
            if style.isPretty { newLine(depth &+ 1, &buffer) }
            try write(entries.keys[index], &buffer, depth: depth &+ 1)
            buffer.append(UInt8(ascii: ":"))
            if style.isPretty { buffer.append(UInt8(ascii: " ")) }
            try write(entries.values[index], &buffer, depth: depth &+ 1)
        }
        if style.isPretty { newLine(depth, &buffer) }
        buffer.append(UInt8(ascii: "}"))
    }

    /// An object some of whose keys are no strings: their texts are sorted anew. Rare, so it may allocate.
    private func mixedObject(_ entries: Entries, _ buffer: inout ByteBuffer, _ depth: Int) throws(Fault) {
        var texts = ByteBuffer(limit: buffer.limit)
        var keys: [(start: Int, end: Int, index: Int)] = []
        keys.reserveCapacity(entries.count)
        // Keys are compact even in pretty text.
        let inner = JSONWriter(space: space, style: JSONStyle(escapesHTML: style.escapesHTML))
        for index in 0..<entries.count {
            let start = texts.count
            let key = entries.keys[index]
            if key.isString {
                space.withBytes(key) { texts.append($0) }
            } else {
                try inner.write(key, &texts, depth: depth &+ 1)
            }
            keys.append((start, texts.count, index))
        }
        try texts.checkLimit()
        texts.withBytes { all in
            keys.sort { one, two in
                let order = ByteOrder.compare(
                    UnsafeBufferPointer(rebasing: all[one.start..<one.end]),
                    UnsafeBufferPointer(rebasing: all[two.start..<two.end]))
                return order == 0 ? one.index < two.index : order < 0
            }
        }
        buffer.append(UInt8(ascii: "{"))
        var isFirst = true
        for (place, key) in keys.enumerated() {
            if place &+ 1 < keys.count,
                texts.withBytes({ all in
                    let next = keys[place &+ 1]
                    return ByteOrder.equal(
                        UnsafeBufferPointer(rebasing: all[key.start..<key.end]),
                        UnsafeBufferPointer(rebasing: all[next.start..<next.end]))
                })
            {
                continue
            }
            if !isFirst { buffer.append(UInt8(ascii: ",")) }
            isFirst = false
            if style.isPretty { newLine(depth &+ 1, &buffer) }
            try text(texts, key.start, key.end, &buffer)
            buffer.append(UInt8(ascii: ":"))
            if style.isPretty { buffer.append(UInt8(ascii: " ")) }
            try write(entries.values[key.index], &buffer, depth: depth &+ 1)
        }
        if style.isPretty { newLine(depth, &buffer) }
        buffer.append(UInt8(ascii: "}"))
    }

    private func text(
        _ texts: borrowing ByteBuffer, _ start: Int, _ end: Int, _ buffer: inout ByteBuffer
    ) throws(Fault) {
        guard let base = texts.base else { return try string(UnsafeBufferPointer(start: nil, count: 0), &buffer) }
        try string(UnsafeBufferPointer(start: base + start, count: end &- start), &buffer)
    }

    private func newLine(_ depth: Int, _ buffer: inout ByteBuffer) {
        let count = depth &* 2 &+ 1
        let out = buffer.room(count)
        out[0] = UInt8(ascii: "\n")
        for index in 1..<max(1, count) { out[index] = UInt8(ascii: " ") }
        buffer.filled &+= count
    }

    // MARK: Strings

    /// Whether a byte stands for itself in a JSON string. The high bit marks what HTML escaping adds.
    @inline(__always)
    private func marks(_ word: UInt64) -> UInt64 {
        var marks = Lanes.stops(word)
        if style.escapesHTML {
            marks |=
                Lanes.equal(word, UInt8(ascii: "<")) | Lanes.equal(word, UInt8(ascii: ">"))
                | Lanes.equal(word, UInt8(ascii: "&"))
        }
        return marks
    }

    @inline(__always)
    private func shortString(_ value: Value, _ buffer: inout ByteBuffer) {
        // 14 bytes and two quotes; escapes make at most 6 of one.
        let length = value.shortLength
        let high = value.high & 0x0000_ffff_ffff_ffff
        // The padding behind the text is zero, which looks like control characters: fill it with spaces.
        let text = length >= 8 ? UInt64.max : ~(UInt64.max &<< UInt64(truncatingIfNeeded: length &* 8))
        let more = length <= 8 ? 0 : ~(UInt64.max &<< UInt64(truncatingIfNeeded: (length &- 8) &* 8))
        let spaces = Lanes.ones &* 0x20
        guard marks(value.low | spaces & ~text) | marks(high | spaces & ~more) == 0 else {
            space.withBytes(value) { bytes in
                if let base = bytes.baseAddress { escaped(base, bytes.count, &buffer) }
            }
            return
        }
        let out = buffer.room(18)
        let raw = UnsafeMutableRawPointer(out)
        out[0] = UInt8(ascii: "\"")
        raw.storeBytes(of: value.low.littleEndian, toByteOffset: 1, as: UInt64.self)
        raw.storeBytes(of: high.littleEndian, toByteOffset: 9, as: UInt64.self)
        out[length &+ 1] = UInt8(ascii: "\"")
        buffer.filled &+= length &+ 2
    }

    func string(_ bytes: UnsafeBufferPointer<UInt8>, _ buffer: inout ByteBuffer) throws(Fault) {
        guard let base = bytes.baseAddress else {
            buffer.append("\"\"")
            return
        }
        let count = bytes.count
        // Plain text is copied eight bytes at a time while it is looked at.
        let out = buffer.room(count &+ 10)
        out[0] = UInt8(ascii: "\"")
        var index = 0
        while index &+ 8 <= count {
            let word = Lanes.load(base + index)
            if marks(word) != 0 { break }
            UnsafeMutableRawPointer(out + (index &+ 1)).storeBytes(of: word.littleEndian, as: UInt64.self)
            index &+= 8
        }
        while index < count, isPlain(base[index]) {
            out[index &+ 1] = base[index]
            index &+= 1
        }
        if index == count {
            out[index &+ 1] = UInt8(ascii: "\"")
            buffer.filled &+= count &+ 2
            return
        }
        buffer.filled &+= index &+ 1
        try rest(base, index, count, &buffer)
    }

    private func escaped(_ base: UnsafePointer<UInt8>, _ count: Int, _ buffer: inout ByteBuffer) {
        buffer.append(UInt8(ascii: "\""))
        part(base, 0, count, count, &buffer)
        buffer.append(UInt8(ascii: "\""))
    }

    /// Writes the bytes from `start` on, in parts so that the limit holds, and the closing quote.
    private func rest(
        _ base: UnsafePointer<UInt8>, _ start: Int, _ count: Int, _ buffer: inout ByteBuffer
    ) throws(Fault) {
        var index = start
        while index < count {
            index = part(base, index, min(count, index &+ 4096), count, &buffer)
            try buffer.checkLimit()
        }
        buffer.append(UInt8(ascii: "\""))
    }

    /// Writes the characters that start in `start..<stop`; gives where the next one starts.
    @discardableResult
    private func part(
        _ base: UnsafePointer<UInt8>, _ start: Int, _ stop: Int, _ count: Int, _ buffer: inout ByteBuffer
    ) -> Int {
        var out = buffer.room((stop &- start) &* 6 &+ 8)
        let first = out
        var index = start
        while index < stop {
            let byte = base[index]
            if isPlain(byte) {
                out.pointee = byte
                out += 1
                index &+= 1
            } else if byte < 0x80 {
                out += escape(byte, out)
                index &+= 1
            } else {
                let length = UTF8Decoding.length(base + index, count &- index)
                if length == 0 {
                    out += unicodeEscape(0xfffd, out)
                    index &+= 1
                } else if length == 3, byte == 0xe2, base[index &+ 1] == 0x80, base[index &+ 2] & 0xfe == 0xa8 {
                    // U+2028 and U+2029 end lines in JavaScript.
                    out += unicodeEscape(0x2000 | UInt32(base[index &+ 2] & 0x3f), out)
                    index &+= 3
                } else {
                    for step in 0..<length { out[step] = base[index &+ step] }
                    out += length
                    index &+= length
                }
            }
        }
        buffer.filled &+= out - first
        return index
    }

    @inline(__always)
    private func isPlain(_ byte: UInt8) -> Bool {
        if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
        return !style.escapesHTML
            || (byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">") && byte != UInt8(ascii: "&"))
    }

    private func escape(_ byte: UInt8, _ out: UnsafeMutablePointer<UInt8>) -> Int {
        let letter: UInt8
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): letter = byte
        case 8: letter = UInt8(ascii: "b")
        case 9: letter = UInt8(ascii: "t")
        case 10: letter = UInt8(ascii: "n")
        case 12: letter = UInt8(ascii: "f")
        case 13: letter = UInt8(ascii: "r")
        default: return unicodeEscape(UInt32(byte), out)
        }
        out[0] = UInt8(ascii: "\\")
        out[1] = letter
        return 2
    }

    private func unicodeEscape(_ unit: UInt32, _ out: UnsafeMutablePointer<UInt8>) -> Int {
        out[0] = UInt8(ascii: "\\")
        out[1] = UInt8(ascii: "u")
        for digit in 0..<4 { out[5 &- digit] = Hex.digit(unit &>> UInt32(digit &* 4)) }
        return 6
    }

    // MARK: Numbers

    static func integer(_ value: Int64, _ buffer: inout ByteBuffer) {
        let out = buffer.room(20)
        var magnitude = value.magnitude
        var start = 0
        if value < 0 {
            out[0] = UInt8(ascii: "-")
            start = 1
        }
        // Count the digits first, so that they are written in place.
        var count = 1
        var bound: UInt64 = 10
        while count < 19, magnitude >= bound {
            count &+= 1
            bound &*= 10
        }
        if count == 19, magnitude >= 10_000_000_000_000_000_000 { count = 20 }
        var index = start &+ count
        while index > start {
            index &-= 1
            let rest = magnitude / 10
            out[index] = UInt8(truncatingIfNeeded: magnitude &- rest &* 10) &+ UInt8(ascii: "0")
            magnitude = rest
        }
        buffer.filled &+= start &+ count
    }
}

/// Hexadecimal digits.
enum Hex {
    /// The lower-case digit of the lowest four bits.
    @inline(__always)
    static func digit(_ value: UInt32) -> UInt8 {
        let nibble = UInt8(truncatingIfNeeded: value & 0xf)
        return nibble < 10 ? nibble &+ UInt8(ascii: "0") : nibble &- 10 &+ UInt8(ascii: "a")
    }
}
