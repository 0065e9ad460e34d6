/// Base64 (RFC 4648) as Go reads it: line breaks may stand anywhere, the unused bits at the end may be anything.
enum Base64Text {
    /// What was refused: the position of a byte, counted as Go counts it.
    struct Failure: Error {
        let position: Int

        var message: String { "illegal base64 data at input byte \(position)" }
    }

    /// Decodes a text into memory that holds at least three bytes for every four of the text, rounded up.
    ///
    /// Reads the text as if `missing` padding characters followed it. Gives the number of bytes written.
    static func decode(
        _ text: UnsafeBufferPointer<UInt8>, url: Bool, missing: Int = 0, into output: UnsafeMutablePointer<UInt8>
    ) throws(Failure) -> Int {
        let values = url ? urlValues : standardValues
        var written = 0
        var index = 0
        // Whole groups without a line break; anything else is left to the careful loop.
        while index &+ 4 <= text.count {
            let a = values[Int(text[index])]
            let b = values[Int(text[index &+ 1])]
            let c = values[Int(text[index &+ 2])]
            let d = values[Int(text[index &+ 3])]
            guard (a | b | c | d) < 64 else { break }
            output[written] = a &<< 2 | b &>> 4
            output[written &+ 1] = b &<< 4 | c &>> 2
            output[written &+ 2] = c &<< 6 | d
            written &+= 3
            index &+= 4
        }
        var rest = Rest(text: text, count: text.count + missing, index: index, written: written)
        try rest.decode(values, into: output)
        return rest.written
    }

    /// Whether a byte can stand in base64 of the standard alphabet: a digit, padding or a line break.
    static func isPart(_ byte: UInt8) -> Bool {
        standardValues[Int(byte)] < 64 || byte == UInt8(ascii: "=") || byte == 0x0A || byte == 0x0D
    }

    static func decode(_ text: some Collection<UInt8>, url: Bool = false) throws(Failure) -> [UInt8] {
        let text = Array(text)
        var result: Result<Int, Failure> = .success(0)
        let decoded = [UInt8](unsafeUninitializedCapacity: (text.count + 3) / 4 * 3) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            result = text.withUnsafeBufferPointer { text in
                do throws(Failure) { return .success(try decode(text, url: url, into: base)) } catch {
                    return .failure(error)
                }
            }
            count = (try? result.get()) ?? 0
        }
        _ = try result.get()
        return decoded
    }

    static func encode(_ bytes: some Collection<UInt8>, url: Bool = false, padding: Bool = true) -> [UInt8] {
        let digits = url ? urlDigits : standardDigits
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var held = 0
        for byte in bytes {
            group = group &<< 8 | UInt32(byte)
            held += 1
            guard held == 3 else { continue }
            for shift in [18, 12, 6, 0] as [UInt32] { text.append(digits[Int(group &>> shift & 63)]) }
            group = 0
            held = 0
        }
        guard held > 0 else { return text }
        group = group &<< UInt32(8 * (3 - held))
        text.append(digits[Int(group &>> 18 & 63)])
        text.append(digits[Int(group &>> 12 & 63)])
        if held == 2 { text.append(digits[Int(group &>> 6 & 63)]) }
        if padding { for _ in held..<3 { text.append(UInt8(ascii: "=")) } }
        return text
    }

    /// What follows the groups that were read at full speed: line breaks, padding, what is refused.
    private struct Rest {
        let text: UnsafeBufferPointer<UInt8>
        let count: Int
        var index: Int
        var written: Int
        var group: UInt32 = 0
        var digits = 0

        init(text: UnsafeBufferPointer<UInt8>, count: Int, index: Int, written: Int) {
            self.text = text
            self.count = count
            self.index = index
            self.written = written
        }

        mutating func decode(_ values: [UInt8], into output: UnsafeMutablePointer<UInt8>) throws(Failure) {
            while index < count {
                let next = byte(index)
                index += 1
                let value = values[Int(next)]
                if value < 64 {
                    group = group &<< 6 | UInt32(value)
                    digits += 1
                    if digits == 4 { write(3, into: output) }
                } else if !isLineBreak(next) {
                    return try finish(next, into: output)
                }
            }
            guard digits == 0 else { throw Failure(position: count - digits) }
        }

        /// Only padding is left to be good: after two digits two of it, after three one.
        private mutating func finish(
            _ next: UInt8, into output: UnsafeMutablePointer<UInt8>
        ) throws(Failure) {
            guard next == UInt8(ascii: "="), digits >= 2 else { throw Failure(position: index - 1) }
            if digits == 2 {
                skipLineBreaks()
                guard index < count else { throw Failure(position: count) }
                guard byte(index) == UInt8(ascii: "=") else { throw Failure(position: index - 1) }
                index += 1
            }
            skipLineBreaks()
            guard index == count else { throw Failure(position: index) }
            group = group &<< UInt32((4 - digits) * 6)
            write(digits - 1, into: output)
        }

        private func byte(_ index: Int) -> UInt8 { index < text.count ? text[index] : UInt8(ascii: "=") }

        private func isLineBreak(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

        private mutating func skipLineBreaks() { while index < count, isLineBreak(byte(index)) { index += 1 } }

        private mutating func write(_ bytes: Int, into output: UnsafeMutablePointer<UInt8>) {
            for number in 0..<bytes {
                output[written] = UInt8(truncatingIfNeeded: group &>> UInt32(16 - 8 * number))
                written += 1
            }
            group = 0
            digits = 0
        }
    }

    private static let common = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let standardDigits = common + Array("+/".utf8)
    private static let urlDigits = common + Array("-_".utf8)
    private static let standardValues = values(of: standardDigits)
    private static let urlValues = values(of: urlDigits)

    /// The value of each byte as a digit, 255 for those that are none.
    private static func values(of digits: [UInt8]) -> [UInt8] {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }
}
