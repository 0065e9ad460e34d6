/// Why a text is no address, in the words of Go's `netip.ParseAddr`.
struct AddressProblem {
    var message: StaticString = ""
    /// The rest of the text from where the problem was found; empty where none is told.
    var place: [UInt8] = []

    /// For a text that was refused.
    init(_ text: [UInt8]) {
        let zone = text.firstIndex(of: UInt8(ascii: "%")) ?? text.count
        for byte in text[..<zone] {
            if byte == UInt8(ascii: ".") {
                version4(text[...])
                return
            }
            if byte == UInt8(ascii: ":") {
                version6(text, zone)
                return
            }
        }
        message = zone < text.count ? "missing IPv6 address" : "unable to parse IP"
    }

    private mutating func set(_ message: StaticString, at place: ArraySlice<UInt8> = []) {
        self.message = message
        self.place = Array(place)
    }

    private mutating func version6(_ text: [UInt8], _ zone: Int) {
        guard zone != text.count - 1 else { return set("zone must be a non-empty string") }
        var rest = text[..<zone]
        var hasGap = false
        if rest.starts(with: [UInt8(ascii: ":"), UInt8(ascii: ":")]) {
            hasGap = true
            rest = rest.dropFirst(2)
        }
        var count = 0
        while count < 16, !rest.isEmpty {
            let digits = rest.prefix { Hexadecimal.value($0) != nil }
            if digits.count > 4 { return set("each group must have 4 or less digits", at: rest) }
            if digits.isEmpty { return set("each colon-separated field must have at least one digit", at: rest) }
            if rest.dropFirst(digits.count).first == UInt8(ascii: ".") {
                if !hasGap, count != 12 {
                    return set("embedded IPv4 address must replace the final 2 fields of the address", at: rest)
                }
                if count + 4 > 16 {
                    return set("too many hex fields to fit an embedded IPv4 at the end of the address", at: rest)
                }
                version4(rest)
                if !message.bytes.isEmpty { return }
                count += 4
                rest = []
                break
            }
            count += 2
            rest = rest.dropFirst(digits.count)
            guard let next = rest.first else { break }
            if next != UInt8(ascii: ":") { return set("unexpected character, want colon", at: rest) }
            if rest.count == 1 { return set("colon must be followed by more characters", at: rest) }
            rest = rest.dropFirst()
            guard rest.first == UInt8(ascii: ":") else { continue }
            if hasGap { return set("multiple :: in address", at: rest) }
            hasGap = true
            rest = rest.dropFirst()
        }
        if !rest.isEmpty { return set("trailing garbage after address", at: rest) }
        if count < 16 { return set("address string too short") }
        set("the :: must expand to at least one field of zeros")
    }

    /// Sets nothing where the four fields are good.
    private mutating func version4(_ text: ArraySlice<UInt8>) {
        var value = 0
        var digits = 0
        var fields = 0
        var last: UInt8 = UInt8(ascii: ".")
        for (index, byte) in zip(text.indices, text) {
            if byte &- UInt8(ascii: "0") < 10 {
                if digits == 1, value == 0 { return set("IPv4 field has octet with leading zero") }
                value = value * 10 + Int(byte &- UInt8(ascii: "0"))
                digits += 1
                if value > 255 { return set("IPv4 field has value >255") }
            } else if byte == UInt8(ascii: ".") {
                if last == UInt8(ascii: ".") || index == text.endIndex - 1 {
                    return set("IPv4 field must have at least one digit", at: text[index...])
                }
                if fields == 3 { return set("IPv4 address too long") }
                fields += 1
                value = 0
                digits = 0
            } else {
                return set("unexpected character", at: text[index...])
            }
            last = byte
        }
        if fields < 3 { set("IPv4 address too short") }
    }
}
