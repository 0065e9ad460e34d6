/// Numbers as they stand in a plan's bytes: seven bits a byte, the lowest first, the high bit where more follow.
struct BinaryWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func put(_ number: Int) { put(UInt64(truncatingIfNeeded: number)) }
    mutating func put(_ number: Int32) { put(UInt64(UInt32(bitPattern: number))) }
    mutating func put(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    /// A number that may be missing.
    mutating func put(optional number: Int32?) { put(number.map { UInt64(UInt32(bitPattern: $0)) &+ 1 } ?? 0) }

    mutating func put(text: [UInt8]) {
        put(text.count)
        bytes += text
    }

    mutating func append(_ other: BinaryWriter) { bytes += other.bytes }
}

/// Reads what `BinaryWriter` wrote. Whatever the bytes are, it stays inside of them, and takes no more memory than they
/// can be worth.
struct BinaryReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// How many bytes there are in all.
    var size: Int { bytes.count }
    var isAtEnd: Bool { position == bytes.count }

    mutating func byte() throws(PlanError) -> UInt8 {
        guard position < bytes.count else { throw failure("ends in the middle") }
        defer { position &+= 1 }
        return bytes[position]
    }

    mutating func number() throws(PlanError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try byte()
            guard shift < 63 || byte <= 1 else { throw failure("has a number of more than 64 bits") }
            result |= UInt64(byte & 0x7f) &<< shift
            if byte & 0x80 == 0 { return result }
            shift &+= 7
        }
    }

    /// A number of 32 bits.
    mutating func number32() throws(PlanError) -> Int32 {
        let number = try number()
        guard number <= UInt64(UInt32.max) else { throw failure("has a number of more than 32 bits") }
        return Int32(bitPattern: UInt32(truncatingIfNeeded: number))
    }

    /// A number that counts something, or a register or a reference: from 0 to 2³¹ - 1.
    mutating func count() throws(PlanError) -> Int {
        let number = try number()
        guard number <= UInt64(Int32.max) else { throw failure("has a count of more than 31 bits") }
        return Int(truncatingIfNeeded: number)
    }

    /// How many entries follow, of which each takes at least `size` bytes.
    mutating func entries(of size: Int = 1) throws(PlanError) -> Int {
        let count = try count()
        guard count <= (bytes.count &- position) / size else { throw failure("has fewer entries than it says") }
        return count
    }

    mutating func optional() throws(PlanError) -> Int32? {
        let number = try number()
        guard number <= UInt64(UInt32.max) &+ 1 else { throw failure("has a number of more than 32 bits") }
        return number == 0 ? nil : Int32(bitPattern: UInt32(truncatingIfNeeded: number &- 1))
    }

    mutating func flag() throws(PlanError) -> Bool {
        let byte = try byte()
        guard byte <= 1 else { throw failure("has a flag that is neither set nor not") }
        return byte == 1
    }

    mutating func text() throws(PlanError) -> [UInt8] {
        let count = try entries()
        defer { position &+= count }
        return Array(bytes[position..<position &+ count])
    }

    /// An error at the byte that was read last.
    func failure(_ message: StaticString) -> PlanError {
        var text: [UInt8] = []
        text.append("byte ")
        text.append(decimal: position)
        var reason: [UInt8] = []
        reason.append(message)
        return PlanError(.form, reason, at: text)
    }
}
