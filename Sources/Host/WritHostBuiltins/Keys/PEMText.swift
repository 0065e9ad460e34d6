/// A block of PEM text (RFC 7468, and RFC 1421's headers): what stands between a BEGIN line and its END line.
struct PEMBlock {
    /// What the BEGIN line names: `CERTIFICATE`.
    let label: [UInt8]
    let contents: [UInt8]

    func isLabelled(_ label: StaticString) -> Bool { self.label.equals(label) }
}

/// Finds PEM blocks in text in the order they stand. Broken blocks are passed over, as in Go.
struct PEMReader {
    private let text: [UInt8]
    /// Where the text that was not read yet begins.
    private(set) var position = 0
    /// The next END line, once one was looked for; it is not looked for again before it was passed.
    private var nextEnd: Int?
    /// The last lines of the form `name: value` that were passed: another block may begin among them.
    private var headers: Range<Int>?

    init(_ text: [UInt8]) { self.text = text }

    var isAtEnd: Bool { position >= text.count }

    /// The next whole block; nil, with the position as it was, when none follows.
    mutating func next() -> PEMBlock? {
        var start = position
        while let line = beginning(from: start) {
            let (label, afterLabel) = lineRange(from: line)
            start = afterLabel
            guard text[label].ends(with: Self.dashes) else { continue }
            guard let body = afterHeaders(&start) else { return nil }
            let name = text[label.lowerBound..<(label.upperBound - Self.dashes.count)]
            switch block(name, body, headers: body != afterLabel) {
            case .found(let block, let rest):
                position = rest
                return block
            case .broken: continue
            case .endless: return nil
            }
        }
        return nil
    }

    private enum Outcome {
        case found(PEMBlock, rest: Int)
        case broken
        /// No END line follows at all, so no block does either.
        case endless
    }

    private static let begin = Array("\n-----BEGIN ".utf8)
    private static let end = Array("\n-----END ".utf8)
    private static let dashes = Array("-----".utf8)

    /// The position after the next `-----BEGIN ` at the start of a line.
    private func beginning(from start: Int) -> Int? {
        if text[start...].starts(with: Self.begin.dropFirst()) { return start + Self.begin.count - 1 }
        return find(Self.begin, from: start).map { $0 + Self.begin.count }
    }

    /// A line without the white space at its end, and where the next one begins.
    private func lineRange(from start: Int) -> (Range<Int>, next: Int) {
        let newline = text[start...].firstIndex(of: UInt8(ascii: "\n"))
        var end = newline ?? text.count
        if newline != nil, end > start, text[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        while end > start, text[end - 1] == UInt8(ascii: " ") || text[end - 1] == UInt8(ascii: "\t") { end -= 1 }
        return (start..<end, newline.map { $0 + 1 } ?? text.count)
    }

    /// Passes over lines of the form `name: value`; nil when the text ends with them.
    private mutating func afterHeaders(_ start: inout Int) -> Int? {
        let first = start
        if let headers, headers.contains(start) {
            start = headers.upperBound
        } else {
            while start < text.count {
                let (line, next) = lineRange(from: start)
                guard text[line].contains(UInt8(ascii: ":")) else { break }
                start = next
            }
            headers = first..<start
        }
        return start < text.count ? start : nil
    }

    private mutating func block(_ label: ArraySlice<UInt8>, _ body: Int, headers: Bool) -> Outcome {
        let end: Int
        let trailer: Int
        if !headers, text[body...].starts(with: Self.end.dropFirst()) {
            end = body
            trailer = body + Self.end.count - 1
        } else {
            guard let found = endLine(from: body) else { return .endless }
            end = found
            trailer = found + Self.end.count
        }
        let expected = label + Self.dashes
        guard text[trailer...].starts(with: expected) else { return .broken }
        guard lineRange(from: trailer + expected.count).0.isEmpty else { return .broken }
        var digits: [UInt8] = []
        for byte in text[body..<end] where byte != UInt8(ascii: " ") && byte != UInt8(ascii: "\t") {
            // Said at once: of many beginnings before one end, none is read to that end.
            guard Base64Text.isPart(byte) else { return .broken }
            digits.append(byte)
        }
        guard let contents = try? Base64Text.decode(digits) else { return .broken }
        return .found(PEMBlock(label: Array(label), contents: contents), rest: lineRange(from: trailer).next)
    }

    private mutating func endLine(from start: Int) -> Int? {
        if let nextEnd, nextEnd >= start { return nextEnd }
        nextEnd = find(Self.end, from: start)
        return nextEnd
    }

    private func find(_ pattern: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + pattern.count <= text.count {
            guard let first = text[index...].firstIndex(of: pattern[0]) else { return nil }
            if text[first...].starts(with: pattern) { return first }
            index = first + 1
        }
        return nil
    }
}

extension Collection where Element == UInt8 {
    /// Whether these are the bytes of a literal.
    func equals(_ literal: StaticString) -> Bool {
        elementsEqual(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    func ends(with suffix: some Collection<UInt8>) -> Bool {
        count >= suffix.count && self.suffix(suffix.count).elementsEqual(suffix)
    }

    func starts(withLiteral literal: StaticString) -> Bool {
        starts(with: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }
}
