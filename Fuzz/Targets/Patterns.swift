import WritRegex

/// The first byte is the length of a pattern, the second chooses delimiters; the rest is text to match.
func fuzzRegex(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count >= 2 else { return }
    let rest = UnsafeBufferPointer(rebasing: bytes[2...])
    let length = min(Int(bytes[0]), rest.count)
    let pattern = UnsafeBufferPointer(rebasing: rest[..<length])
    let text = UnsafeBufferPointer(rebasing: rest[length...])

    if let regex = try? Regex(pattern: pattern) {
        precondition(Regex.isValid(pattern: pattern), "compiled, but not valid")
        // Twice: later searches use engines that were made in the earlier ones.
        for _ in 0..<2 {
            let range = regex.firstRange(in: text)
            precondition(regex.matches(text) == (range != nil), "matches and ranges differ")
            var captures = CaptureSlots()
            let found = regex.firstMatch(in: text, captures: &captures)
            precondition(found == (range != nil) && (!found || captures[0] == range), "captures and ranges differ")
            if let range { precondition(range.lowerBound >= 0 && range.upperBound <= text.count, "outside the text") }
        }
    }
    let delimiters: [UInt32] = [UInt32(bytes[1])]
    delimiters.withUnsafeBufferPointer { delimiters in
        if let glob = try? Glob(pattern: pattern, delimiters: delimiters) { _ = glob.matches(text) }
    }
}
