import WritValue

extension Arguments {
    /// The bytes of the string operand at `index`; empty for anything else.
    ///
    /// A short string's bytes are read where the operand lies, so the buffer is good for the length of the call.
    @inline(__always)
    func bytes(_ index: Int, in space: Space) -> Bytes {
        guard let base, UInt(bitPattern: index) < UInt(bitPattern: count) else { return Bytes(start: nil, count: 0) }
        let value = base[index]
        if value.tag == Value.Tag.shortString {
            // The layout of a short string is its bytes in order, on the little-endian hosts that Writ has.
            return Bytes(
                start: UnsafeRawPointer(base + index).assumingMemoryBound(to: UInt8.self),
                count: min(value.shortLength, Value.shortCapacity))
        }
        return space.longBytes(value)
    }
}

extension BuiltinContext {
    /// The string operand at `index` (from 0). Throws a type error for anything else.
    @inline(__always)
    func text(_ arguments: Arguments, _ index: Int) throws(Fault) -> Bytes {
        guard arguments[index].isString else { throw typeError(index &+ 1, "string", got: arguments[index]) }
        return arguments.bytes(index, in: space)
    }

    /// The operand at `index` as an integer. Its spelling counts: 2 and 2.0 are integers, 2e0 is not.
    func integer(_ arguments: Arguments, _ index: Int) throws(Fault) -> Int {
        let value = arguments[index]
        if value.isInteger { return Int(clamping: value.integerValue) }
        guard value.isNumber else { throw typeError(index &+ 1, "number", got: value) }
        if let exact = integerBySpelling(value) { return Int(clamping: exact) }
        throw operandError(index &+ 1, "must be integer number but got floating-point number")
    }

    /// The integer that a number without exponent is, if it fits 64 bits.
    func integerBySpelling(_ value: Value) -> Int64? {
        guard value.tag == Value.Tag.numberText else { return space.int64(value) }
        // Zero with a sign keeps its text: "-0", "-0.0".
        let isZero = space.withNumberText(value) { text in
            for byte in text where byte != UInt8(ascii: "-") && byte != UInt8(ascii: "0") && byte != UInt8(ascii: ".") {
                return false
            }
            return true
        }
        return isZero ? 0 : nil
    }

    /// The error "operand 2 must be …".
    func operandError(_ position: Int, _ what: StaticString) -> Fault {
        message(.type) { (buffer) throws(Fault) in
            try buffer.append("operand ")
            try buffer.append(decimal: position)
            try buffer.append(" ")
            try buffer.append(what)
        }
    }

    /// The error "operand 2 must be array of strings but got array containing number".
    func elementError(_ position: Int, of collection: Value, _ wanted: StaticString, got element: Value) -> Fault {
        message(.type) { (buffer) throws(Fault) in
            try buffer.append("operand ")
            try buffer.append(decimal: position)
            try buffer.append(" must be ")
            try buffer.append(Self.typeName(collection))
            try buffer.append(" of ")
            try buffer.append(wanted)
            try buffer.append(" but got ")
            try buffer.append(Self.typeName(collection))
            try buffer.append(" containing ")
            try buffer.append(Self.typeName(element))
        }
    }

    /// A fault whose message `write` puts together. Takes the scratch buffer: what lies there is lost.
    func message(_ code: Fault.Code, _ write: (Scratch) throws(Fault) -> Void) -> Fault {
        let buffer = begin()
        do throws(Fault) {
            try write(buffer)
            return Fault(code, message: try space.string(buffer.bytes))
        } catch {
            return error.code == .memoryLimit ? error : Fault(code)
        }
    }

    /// The scratch buffer, emptied.
    @inline(__always)
    func begin() -> Scratch {
        scratch.begin(limit: space.memoryLimit)
        return scratch
    }

    /// What was written to the scratch buffer, as a string value.
    @inline(__always)
    func written() throws(Fault) -> Value { try space.string(scratch.bytes) }

    /// A string value of a part of another string: the value itself when it is the whole of it.
    @inline(__always)
    func slice(_ bytes: Bytes, _ from: Int, _ to: Int, of whole: Value) throws(Fault) -> Value {
        if from <= 0, to >= bytes.count { return whole }
        return try space.string(bytes.part(from, to))
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The bytes from `from` up to `to`, both clamped.
    @inline(__always)
    func part(_ from: Int, _ to: Int) -> Bytes {
        let start = Swift.min(Swift.max(0, from), count)
        let end = Swift.min(Swift.max(start, to), count)
        guard let baseAddress else { return Bytes(start: nil, count: 0) }
        return Bytes(start: baseAddress + start, count: end &- start)
    }

    @inline(__always)
    func hasPrefix(_ other: Bytes) -> Bool { matches(other, at: 0) }

    @inline(__always)
    func hasSuffix(_ other: Bytes) -> Bool { matches(other, at: count &- other.count) }

    /// Whether `other` stands at `position`.
    @inline(__always)
    func matches(_ other: Bytes, at position: Int) -> Bool {
        guard position >= 0, other.count <= count &- position else { return false }
        guard let left = baseAddress.map({ UnsafeRawPointer($0 + position) }), other.count > 0,
            let right = other.baseAddress.map({ UnsafeRawPointer($0) })
        else { return other.count == 0 }
        let count = other.count
        if count >= 8 {
            // Whole words, and the last eight bytes once more.
            var index = 0
            while index &+ 8 <= count {
                if left.word(index) != right.word(index) { return false }
                index &+= 8
            }
            return left.word(count &- 8) == right.word(count &- 8)
        }
        if count >= 4 { return left.half(0) == right.half(0) && left.half(count &- 4) == right.half(count &- 4) }
        for index in 0..<count
        where left.load(fromByteOffset: index, as: UInt8.self) != right.load(fromByteOffset: index, as: UInt8.self) {
            return false
        }
        return true
    }

    /// Whether the bytes are those of a literal.
    func equals(_ literal: StaticString) -> Bool {
        guard literal.hasPointerRepresentation, literal.utf8CodeUnitCount == count else { return false }
        return matches(Bytes(start: literal.utf8Start, count: count), at: 0)
    }

    /// Order by bytes: negative when these come first.
    func order(_ other: Bytes) -> Int {
        let common = Swift.min(count, other.count)
        var index = 0
        while index < common {
            if self[index] != other[index] { return self[index] < other[index] ? -1 : 1 }
            index &+= 1
        }
        return count == other.count ? 0 : count < other.count ? -1 : 1
    }
}

extension UnsafeRawPointer {
    /// The eight bytes at an offset, which need not be aligned.
    @inline(__always)
    fileprivate func word(_ offset: Int) -> UInt64 { loadUnaligned(fromByteOffset: offset, as: UInt64.self) }

    @inline(__always)
    fileprivate func half(_ offset: Int) -> UInt32 { loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
}
