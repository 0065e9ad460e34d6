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
    /// `malformed` for damaged pieces; what was written until then stays in the buffer. Allocates nothing once the
    /// buffer is large enough, and does not recurse but for keys that are collections.
    public func writeJSON(
        _ value: Value, to buffer: inout ByteBuffer, style: JSONStyle = JSONStyle()
    ) throws(Fault) {
        // Patched objects and unusual keys are written out flat on the way; that is given back at the end.
        let before = allocatesTemporaries
        let mark = mark()
        allocatesTemporaries = true
        defer {
            rewind(to: mark)
            allocatesTemporaries = before
        }
        var writer = JSONWriter(space: self, style: style, scratch: jsonScratch, output: &buffer, depth: 0)
        let result: Result<Void, Fault>
        do throws(Fault) {
            result = .success(try writer.write(value, &buffer))
        } catch {
            result = .failure(error)
        }
        writer.flush(&buffer)
        try result.get()
        try check()
        if buffer.filled > buffer.limit { throw Fault(.sizeLimit) }
    }

    /// The JSON text of a value. Allocates: for hosts and error paths.
    public func json(_ value: Value, style: JSONStyle = JSONStyle()) throws(Fault) -> [UInt8] {
        var buffer = ByteBuffer()
        try writeJSON(value, to: &buffer, style: style)
        return buffer.bytes
    }
}

/// A container that is being written.
struct WriterFrame {
    /// The keys of an object; nil for an array or set.
    var keys: UnsafePointer<Value>?
    var values: UnsafePointer<Value>
    var keyPiece: UInt16
    var valuePiece: UInt16
    /// Of the member being written.
    var index: Int
    var count: Int
    var isArray = false
}

/// Writes one value. The open containers lie on a stack in scratch memory; the place in the output lies in the
/// writer and reaches the buffer by `flush`.
struct JSONWriter {
    let space: Space
    let style: JSONStyle
    let scratch: UnsafeMutablePointer<JSONScratch>
    /// Where the next byte goes, and the end of the memory there.
    var out: UnsafeMutablePointer<UInt8>
    var end: UnsafeMutablePointer<UInt8>
    /// Containers around the value to be written.
    let outerDepth: Int

    /// Room that is there before every value: a short key and a short string, all escaped, with punctuation.
    static var step: Int { 256 }

    init(
        space: Space, style: JSONStyle, scratch: UnsafeMutablePointer<JSONScratch>, output: inout ByteBuffer,
        depth: Int
    ) {
        self.space = space
        self.style = style
        self.scratch = scratch
        outerDepth = depth
        out = output.room(JSONWriter.step)
        end = out + (output.capacity &- output.filled)
    }

    /// Tells the buffer how much was written.
    func flush(_ buffer: inout ByteBuffer) {
        if let base = buffer.base { buffer.filled = out - UnsafeMutablePointer(base) }
    }

    /// Makes room for `count` bytes more and another step behind them.
    @inline(__always)
    mutating func reserve(_ count: Int, _ buffer: inout ByteBuffer) throws(Fault) {
        if end - out < count &+ JSONWriter.step { try grow(count, &buffer) }
    }

    @inline(never)
    private mutating func grow(_ count: Int, _ buffer: inout ByteBuffer) throws(Fault) {
        flush(&buffer)
        if buffer.filled > buffer.limit { throw Fault(.sizeLimit) }
        out = buffer.room(count &+ JSONWriter.step)
        end = out + (buffer.capacity &- buffer.filled)
    }

    // MARK: Structure

    mutating func write(_ root: Value, _ buffer: inout ByteBuffer) throws(Fault) {
        var value = root
        var depth = outerDepth
        var frame = WriterFrame(
            keys: nil, values: UnsafePointer(scratch.pointee.values), keyPiece: 0, valuePiece: 0, index: 0, count: 0)
        while true {
            try reserve(0, &buffer)
            switch value.tag {
            case Value.Tag.shortString: shortString(value)
            case Value.Tag.longString: try string(space.longBytes(value), &buffer)
            case Value.Tag.integer: out += DecimalText.write(value.integerValue, to: out)
            case Value.Tag.decimal: out += DecimalText.write(value.integerValue, scale: value.decimalScale, to: out)
            case Value.Tag.numberText: try copy(space.longBytes(value), &buffer)
            case Value.Tag.null: literal("null")
            case Value.Tag.boolean: if value.isTrue { literal("true") } else { literal("false") }
            case Value.Tag.array, Value.Tag.set, Value.Tag.object:
                guard let inner = try open(value, depth, &buffer) else { break }
                guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
                push(frame, depth)
                frame = inner
                depth &+= 1
                byte(frame.keys == nil ? UInt8(ascii: "[") : UInt8(ascii: "{"))
            default: throw Fault(space.state.pointee.pending ?? .defect)
            }
            // A value is complete, or a container was opened; the next member follows, or the container is
            // complete too.
            while true {
                if depth == outerDepth { return }
                frame.index &+= 1
                if frame.index < frame.count {
                    if frame.index > 0 { byte(UInt8(ascii: ",")) }
                    if style.isPretty { try newLine(depth, &buffer) }
                    value = try member(frame, &buffer)
                    break
                }
                depth &-= 1
                if style.isPretty { try newLine(depth, &buffer) } else { try reserve(0, &buffer) }
                byte(frame.keys == nil ? UInt8(ascii: "]") : UInt8(ascii: "}"))
                frame = scratch.pointee.writing[depth]
            }
        }
    }

    @inline(__always)
    private func push(_ frame: WriterFrame, _ depth: Int) {
        if depth >= scratch.pointee.writingCapacity { scratch.pointee.growWriting(depth) }
        scratch.pointee.writing[depth] = frame
    }

    /// The members of a container, or nil when it is empty (which is written then).
    @inline(__always)
    private mutating func open(_ value: Value, _ depth: Int, _ buffer: inout ByteBuffer) throws(Fault) -> WriterFrame? {
        if value.tag == Value.Tag.object {
            var entries = space.entries(value)
            // Strings stand together in Rego's order, so the first and the last key tell for all.
            if entries.count > 0, !entries.keys[0].isString || !entries.keys[entries.count &- 1].isString {
                entries = try space.entries(stringKeyed(entries, depth))
            }
            if let keys = entries.keys.base, let values = entries.values.base {
                return WriterFrame(
                    keys: keys, values: values, keyPiece: entries.keys.piece, valuePiece: entries.values.piece,
                    index: -1, count: entries.count)
            }
            literal("{}")
            return nil
        }
        let elements = space.elements(value)
        guard let values = elements.base else {
            literal("[]")
            return nil
        }
        return WriterFrame(
            keys: nil, values: values, keyPiece: 0, valuePiece: elements.piece, index: -1, count: elements.count)
    }

    /// Writes the key of the member that is due, if it has one, and gives its value.
    @inline(__always)
    private mutating func member(_ frame: WriterFrame, _ buffer: inout ByteBuffer) throws(Fault) -> Value {
        if let keys = frame.keys {
            let key = space.load(keys + frame.index, from: frame.keyPiece)
            if key.tag == Value.Tag.shortString {
                shortString(key)
            } else {
                try string(space.longBytes(key), &buffer)
            }
            byte(UInt8(ascii: ":"))
            if style.isPretty { byte(UInt8(ascii: " ")) }
        }
        return space.load(frame.values + frame.index, from: frame.valuePiece)
    }

    /// The object with the JSON texts of its keys for keys. Rare, so it takes memory of the space, and recurses
    /// for keys that are collections.
    @inline(never)
    private func stringKeyed(_ entries: Entries, _ depth: Int) throws(Fault) -> Value {
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        var list = ValueList()
        try list.reserve(entries.count &* 2, in: space)
        var text = ByteBuffer()
        for index in 0..<entries.count {
            var key = entries.keys[index]
            if !key.isString {
                text.removeAll()
                // Compact even in pretty text.
                var writer = JSONWriter(
                    space: space, style: JSONStyle(escapesHTML: style.escapesHTML), scratch: scratch, output: &text,
                    depth: depth &+ 1)
                try writer.write(key, &text)
                writer.flush(&text)
                key = try string(text)
            }
            try list.append(key, in: space)
            try list.append(entries.values[index], in: space)
        }
        return try space.object(pairs: list)
    }

    private func string(_ text: borrowing ByteBuffer) throws(Fault) -> Value {
        try space.string(UnsafeBufferPointer(start: text.base, count: text.filled))
    }

    // MARK: Tokens

    @inline(__always)
    private mutating func byte(_ byte: UInt8) {
        out.pointee = byte
        out += 1
    }

    @inline(__always)
    private mutating func literal(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        for index in 0..<count { out[index] = text.utf8Start[index] }
        out += count
    }

    private mutating func copy(_ bytes: UnsafeBufferPointer<UInt8>, _ buffer: inout ByteBuffer) throws(Fault) {
        guard let base = bytes.baseAddress else { return }
        try reserve(bytes.count, &buffer)
        out.update(from: base, count: bytes.count)
        out += bytes.count
    }

    @inline(never)
    private mutating func newLine(_ depth: Int, _ buffer: inout ByteBuffer) throws(Fault) {
        let count = depth &* 2
        try reserve(count &+ 8, &buffer)
        byte(UInt8(ascii: "\n"))
        var index = 0
        while index < count {
            UnsafeMutableRawPointer(out + index).storeBytes(of: Lanes.ones &* 0x20, as: UInt64.self)
            index &+= 8
        }
        out += count
        try reserve(0, &buffer)
    }
}
