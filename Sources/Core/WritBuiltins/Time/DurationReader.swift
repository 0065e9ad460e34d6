import WritValue

/// Why a text is no duration. Its bytes are those of the operand: it never leaves the call.
enum DurationError: Error, @unchecked Sendable {
    case invalid
    case missingUnit
    case unknownUnit(Bytes)
    /// As these, of a text with days, weeks or years, which is quoted otherwise.
    case malformed
    case missingLetter
    case unknownLetter(UInt8)
}

/// Reads durations: `[+-]` and numbers, each with a unit. Gives nanoseconds.
struct DurationReader {
    static func read(_ text: Bytes) throws(DurationError) -> Int64 {
        guard ByteSearch.contains(text, UInt8(ascii: "d"), UInt8(ascii: "w"), UInt8(ascii: "y")) else {
            return try sum(text)
        }
        let hours = try inHours(text)
        let result: Result<Int64, DurationError> = hours.withUnsafeBufferPointer { bytes in
            do throws(DurationError) {
                return .success(try sum(bytes))
            } catch {
                // The bytes do not outlive this closure.
                return switch error {
                case .unknownUnit(let unit): .failure(.unknownLetter(unit[0]))
                case .missingUnit: .failure(.missingLetter)
                default: .failure(.malformed)
                }
            }
        }
        return try result.get()
    }

    /// The duration with days, weeks and years written as hours, in floating point as OPA does it.
    private static func inHours(_ text: Bytes) throws(DurationError) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        if text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+") {
            result.append(text[0])
            index = 1
        }
        guard index < text.count else { throw .malformed }
        while index < text.count {
            let start = index
            while index < text.count, isDigit(text[index]) || text[index] == UInt8(ascii: ".") { index &+= 1 }
            let number = text.part(start, index)
            let length = unitLength(text.part(index, text.count))
            guard number.count > 0, length > 0 else { throw .malformed }
            let factor: Double =
                switch text[index] {
                case UInt8(ascii: "d"): 24
                case UInt8(ascii: "w"): 168
                case UInt8(ascii: "y"): 8760
                default: 0
                }
            if factor > 0 {
                guard let value = double(number), value.isFinite else { throw .malformed }
                DoubleText.append(value * factor, UInt8(ascii: "f"), to: &result)
                result.append(UInt8(ascii: "h"))
            } else {
                for byte in text.part(start, index &+ length) { result.append(byte) }
            }
            index &+= length
        }
        return result
    }

    /// Length in bytes of what may be a unit: ns, us (also with U+00B5), ms or one letter.
    private static func unitLength(_ text: Bytes) -> Int {
        if text.part(0, 3).equals("\u{b5}s") { return 3 }
        let two = text.part(0, 2)
        if two.equals("ns") || two.equals("us") || two.equals("ms") { return 2 }
        return text.count > 0 && text[0] &- UInt8(ascii: "a") < 26 ? 1 : 0
    }

    /// The number that digits and at most one point are.
    private static func double(_ text: Bytes) -> Double? {
        var digits: [UInt8] = []
        var points = 0
        for byte in text {
            let isZero = digits.count == 1 && digits[0] == UInt8(ascii: "0")
            if byte == UInt8(ascii: ".") {
                points &+= 1
                // JSON's grammar wants digits on both sides of the point.
                if digits.isEmpty { digits.append(UInt8(ascii: "0")) }
            } else if isZero {
                digits.removeLast()
            }
            digits.append(byte)
        }
        guard points <= 1, text.count > points else { return nil }
        if digits.last == UInt8(ascii: ".") { digits.removeLast() }
        return DoubleText.parse(digits)
    }

    private static func sum(_ text: Bytes) throws(DurationError) -> Int64 {
        var index = 0
        let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
        if isNegative || (text.count > 0 && text[0] == UInt8(ascii: "+")) { index = 1 }
        if text.count == index &+ 1, text[index] == UInt8(ascii: "0") { return 0 }
        guard index < text.count else { throw .invalid }
        // The magnitude may reach 2^63, which only a negative duration can be.
        let most: UInt64 = 1 &<< 63
        var total: UInt64 = 0
        while index < text.count {
            guard text[index] == UInt8(ascii: ".") || isDigit(text[index]) else { throw .invalid }
            var whole: UInt64 = 0
            let start = index
            while index < text.count, isDigit(text[index]) {
                guard whole <= most / 10 else { throw .invalid }
                whole = whole &* 10 &+ UInt64(text[index] &- UInt8(ascii: "0"))
                guard whole <= most else { throw .invalid }
                index &+= 1
            }
            var digits = index &- start
            var fraction: UInt64 = 0
            var scale = 1.0
            if index < text.count, text[index] == UInt8(ascii: ".") {
                index &+= 1
                digits &+= readFraction(text, &index, &fraction, &scale)
            }
            guard digits > 0 else { throw .invalid }
            let unitStart = index
            while index < text.count, text[index] != UInt8(ascii: "."), !isDigit(text[index]) { index &+= 1 }
            guard index > unitStart else { throw .missingUnit }
            let name = text.part(unitStart, index)
            guard let unit = nanoseconds(name) else { throw .unknownUnit(name) }
            guard whole <= most / unit else { throw .invalid }
            whole &*= unit
            if fraction > 0 {
                // In floating point, as Go reckons it, so that the last digit agrees.
                whole &+= UInt64(Double(fraction) * (Double(unit) / scale))
                guard whole <= most else { throw .invalid }
            }
            total &+= whole
            guard total <= most else { throw .invalid }
        }
        if isNegative { return Int64(bitPattern: 0 &- total) }
        guard total < most else { throw .invalid }
        return Int64(bitPattern: total)
    }

    /// Reads the digits behind a point; those beyond 18 or so count for nothing. Gives how many there are.
    private static func readFraction(
        _ text: Bytes, _ index: inout Int, _ fraction: inout UInt64, _ scale: inout Double
    ) -> Int {
        let start = index
        var isFull = false
        while index < text.count, isDigit(text[index]) {
            let digit = UInt64(text[index] &- UInt8(ascii: "0"))
            index &+= 1
            if isFull { continue }
            if fraction > UInt64(Int64.max) / 10 || fraction &* 10 &+ digit > 1 &<< 63 {
                isFull = true
                continue
            }
            fraction = fraction &* 10 &+ digit
            scale *= 10
        }
        return index &- start
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private static func nanoseconds(_ unit: Bytes) -> UInt64? {
        if unit.equals("ns") { return 1 }
        // The two signs for micro, U+00B5 and U+03BC.
        if unit.equals("us") || unit.equals("\u{b5}s") || unit.equals("\u{3bc}s") { return 1000 }
        if unit.equals("ms") { return 1_000_000 }
        if unit.equals("s") { return 1_000_000_000 }
        if unit.equals("m") { return 60_000_000_000 }
        return unit.equals("h") ? 3_600_000_000_000 : nil
    }
}

extension ByteSearch {
    /// Whether any of three bytes occurs.
    static func contains(_ text: Bytes, _ a: UInt8, _ b: UInt8, _ c: UInt8) -> Bool {
        for byte in text where byte == a || byte == b || byte == c { return true }
        return false
    }
}
