/// Lengths of time as Go writes them: `300ms`, `1.5h`, `2m30s`.
enum GoDuration {
    /// Seconds, or nil for a text that is none.
    static func seconds(_ text: String) -> Double? {
        if text == "0" { return 0 }
        var rest = Array(text.utf8)[...]
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 || $0 == 0x2E }
            guard let number = Double(String(decoding: digits, as: UTF8.self)) else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !($0 >= 0x30 && $0 <= 0x39 || $0 == 0x2E) }
            rest = rest.dropFirst(unit.count)
            switch String(decoding: unit, as: UTF8.self) {
            case "ns": total += number / 1e9
            case "us", "µs": total += number / 1e6
            case "ms": total += number / 1e3
            case "s": total += number
            case "m": total += number * 60
            case "h": total += number * 3600
            default: return nil
            }
        }
        return total
    }

    /// Nanoseconds as Go prints them: `1.5ms`, `420ns`.
    static func text(nanoseconds: UInt64) -> String {
        let (divisor, unit): (Double, String) =
            switch nanoseconds {
            case 0..<1_000: (1, "ns")
            case 0..<1_000_000: (1_000, "µs")
            case 0..<1_000_000_000: (1_000_000, "ms")
            default: (1_000_000_000, "s")
            }
        let value = Double(nanoseconds) / divisor
        return value == value.rounded() ? "\(Int(value))\(unit)" : "\(value)\(unit)"
    }
}
