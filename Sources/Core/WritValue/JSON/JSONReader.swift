extension Space {
    /// Reads a JSON text into a value of this space.
    ///
    /// Accepts what Go's `encoding/json` does, as OPA uses it: strict JSON with white space around it; numbers
    /// keep their spelling; of equal keys the last one's value counts; invalid UTF-8 and lone surrogates in
    /// strings become U+FFFD. Objects come out in Rego's order of keys. The text is not kept.
    ///
    /// Uses scratch memory of the space, so reading in steady state allocates nothing. Time is linear in the
    /// text but for the sorting of keys, native stack constant.
    public func readJSON(
        _ text: UnsafeBufferPointer<UInt8>, options: JSONOptions = JSONOptions()
    ) throws(JSONError) -> Value {
        guard text.count <= options.sizeLimit else { throw JSONError(.sizeLimit, offset: options.sizeLimit) }
        guard let start = text.baseAddress, text.count > 0 else { throw JSONError(.empty, offset: 0) }
        var parser = JSONParser(start, count: text.count, space: self, scratch: jsonScratch, options: options)
        defer { parser.finish() }
        return try parser.document()
    }

    /// Reads a JSON text into a value of this space; see the other `readJSON`.
    public func readJSON(_ text: [UInt8], options: JSONOptions = JSONOptions()) throws(JSONError) -> Value {
        let result: Result<Value, JSONError> = text.withUnsafeBufferPointer { buffer in
            do throws(JSONError) {
                return .success(try readJSON(buffer, options: options))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    var jsonScratch: UnsafeMutablePointer<JSONScratch> {
        if let scratch = state.pointee.json { return scratch }
        let scratch = UnsafeMutablePointer<JSONScratch>.allocate(capacity: 1)
        scratch.initialize(to: JSONScratch())
        state.pointee.json = scratch
        return scratch
    }
}

/// Reads a JSON text into a value of `space`; see `Space.readJSON`.
public func readJSON(
    _ text: UnsafeBufferPointer<UInt8>, into space: Space, options: JSONOptions = JSONOptions()
) throws(JSONError) -> Value {
    try space.readJSON(text, options: options)
}

/// One pass over one text. Open containers lie on a stack of their own, not on the native one.
struct JSONParser {
    let start: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>
    /// The next byte.
    var at: UnsafePointer<UInt8>
    let space: Space
    let scratch: UnsafeMutablePointer<JSONScratch>
    let depthLimit: Int
    let takesFirst: Bool
    /// Where finished values go, if the document is not to stay in the space.
    var drain: UnsafeMutablePointer<JSONDrain>?
    /// The value stack, copied from the scratch memory to lie in a register.
    var values: UnsafeMutablePointer<Value>
    var capacity: Int

    init(
        _ text: UnsafePointer<UInt8>, count: Int, space: Space, scratch: UnsafeMutablePointer<JSONScratch>,
        options: JSONOptions
    ) {
        start = text
        end = text + count
        at = text
        self.space = space
        self.scratch = scratch
        depthLimit = options.depthLimit
        takesFirst = options.takesFirst
        values = scratch.pointee.values
        capacity = scratch.pointee.valueCapacity
        scratch.pointee.shapes.startDocument()
    }

    mutating func finish() { scratch.pointee.trim() }

    // MARK: Structure

    mutating func document() throws(JSONError) -> Value {
        skipSpace()
        if at == end { throw JSONError(.empty, offset: at - start) }
        // The innermost open container: where its values start, and the hash of its keys.
        var depth = 0
        var base = 0
        var inObject = false
        var keys: UInt64 = 0
        // Values on the stack.
        var top = 0
        while true {
            // A value is due at `at`.
            var value: Value
            switch peek() {
            case UInt8(ascii: "\""):
                at += 1
                value = try string()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let opensObject = peek() == UInt8(ascii: "{")
                at += 1
                skipSpace()
                if peek() == (opensObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    at += 1
                    value = opensObject ? .emptyObject : .emptyArray
                    break
                }
                if depth == scratch.pointee.frameCapacity { scratch.pointee.growFrames(depth) }
                scratch.pointee.frames[depth] = JSONFrame(start: base, isObject: inObject, keys: keys)
                depth &+= 1
                guard depth <= depthLimit else { throw JSONError(.depthLimit, offset: at - start) }
                base = top
                inObject = opensObject
                keys = 0
                if opensObject { try key(&top, &keys) }
                continue
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): value = try number()
            case UInt8(ascii: "t"):
                try word("true", .inTrue)
                value = .true
            case UInt8(ascii: "f"):
                try word("false", .inFalse)
                value = .false
            case UInt8(ascii: "n"):
                try word("null", .inNull)
                value = .null
            default: throw unexpected(.beginningOfValue)
            }
            // A value is complete; it may complete its container, that one the next, and so on.
            while true {
                if depth == 0 {
                    if takesFirst { return value }
                    skipSpace()
                    if at != end { throw unexpected(.afterTopLevel) }
                    return value
                }
                if top == capacity { try grow(top) }
                values[top] = value
                top &+= 1
                skipSpace()
                let next = peek()
                if next == UInt8(ascii: ",") {
                    at += 1
                    skipSpace()
                    if inObject { try key(&top, &keys) }
                    break
                }
                if inObject {
                    guard next == UInt8(ascii: "}") else { throw unexpected(.afterMember) }
                    at += 1
                    value = try object(values + base, (top &- base) &>> 1, keys)
                } else {
                    guard next == UInt8(ascii: "]") else { throw unexpected(.afterElement) }
                    at += 1
                    value = try array(values + base, top &- base)
                }
                top = base
                depth &-= 1
                let frame = scratch.pointee.frames[depth]
                base = frame.start
                inObject = frame.isObject
                keys = frame.keys
                if drain != nil { value = try drained(value, top) }
            }
        }
    }

    /// A container that is complete, out of the space where there is much in that.
    @inline(never)
    private mutating func drained(_ value: Value, _ top: Int) throws(JSONError) -> Value {
        guard let drain else { return value }
        drain.pointee.popped(to: top)
        guard drain.pointee.isDue(space) else { return value }
        return try drain.pointee.run(values, top, value, at: at - start)
    }

    /// Reads a key and its colon, and pushes the key.
    @inline(__always)
    private mutating func key(_ top: inout Int, _ keys: inout UInt64) throws(JSONError) {
        guard peek() == UInt8(ascii: "\"") else { throw unexpected(.beginningOfKey) }
        at += 1
        let key = try keyString()
        // A long key's place differs from one document to the next, its hash and length do not.
        let isShort = key.tag == Value.Tag.shortString
        keys = (keys ^ (isShort ? key.low : key.low &>> 32)) &* 0x9e37_79b9_7f4a_7c15
        keys = (keys ^ keys &>> 29 ^ (isShort ? key.high : key.high & 0xffff_ffff)) &* 0xd6e8_feb8_6659_fd93
        if top == capacity { try grow(top) }
        values[top] = key
        top &+= 1
        skipSpace()
        guard peek() == UInt8(ascii: ":") else { throw unexpected(.afterKey) }
        at += 1
        skipSpace()
    }

    private func array(_ elements: UnsafeMutablePointer<Value>, _ count: Int) throws(JSONError) -> Value {
        let memory = try allocate(count &* Layout.value)
        memory.address.bindMemory(to: Value.self, capacity: count).update(from: elements, count: count)
        return Value.reference(
            Value.Tag.array, offset: memory.offset, upper: UInt32(truncatingIfNeeded: count), piece: memory.piece)
    }

    // MARK: Memory and errors

    @inline(__always)
    func allocate(_ bytes: Int) throws(JSONError) -> Allocation {
        do throws(Fault) {
            return try space.allocate(bytes)
        } catch {
            throw JSONError(.memoryLimit, offset: at - start)
        }
    }

    private mutating func grow(_ top: Int) throws(JSONError) {
        // What waits on the stack ends up in the space, so it is held to the same limit. Counts of collections
        // have room for this many.
        guard capacity < Int(Int32.max) &>> 5, capacity &* 16 <= space.memoryLimit else {
            throw JSONError(.memoryLimit, offset: at - start)
        }
        scratch.pointee.growValues(top)
        values = scratch.pointee.values
        capacity = scratch.pointee.valueCapacity
    }

    /// The next byte; 0, which no JSON text may hold outside of strings, at the end.
    @inline(__always)
    func peek() -> UInt8 { at < end ? at.pointee : 0 }

    @inline(__always)
    mutating func skipSpace() {
        if at < end, at.pointee <= UInt8(ascii: " ") { skipSpaces() }
    }

    @inline(never)
    mutating func skipSpaces() {
        while at < end {
            let byte = at.pointee
            if byte == UInt8(ascii: " ") {
                // Indentation.
                while end - at >= 8, Lanes.load(at) == Lanes.ones &* 0x20 { at += 8 }
                while at < end, at.pointee == UInt8(ascii: " ") { at += 1 }
            } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\t") {
                at += 1
            } else {
                return
            }
        }
    }

    /// The error that the byte at `at`, or the end there, is.
    @inline(never)
    func unexpected(_ reason: JSONError.Reason, expected: UInt8 = 0) -> JSONError {
        guard at < end else { return JSONError(.endOfText, offset: at - start) }
        return JSONError(reason, offset: at - start, byte: at.pointee, expected: expected)
    }

    /// Reads `true`, `false` or `null`.
    @inline(__always)
    private mutating func word(_ text: StaticString, _ reason: JSONError.Reason) throws(JSONError) {
        let count = text.utf8CodeUnitCount
        for index in 0..<count {
            guard at < end, at.pointee == text.utf8Start[index] else {
                throw unexpected(reason, expected: text.utf8Start[index])
            }
            at += 1
        }
    }
}
