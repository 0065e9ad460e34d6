/// Walks over all matches of a text by Go's rules: matches do not overlap, and an empty match directly after another
/// match does not count.
public struct MatchCursor {
    private var position = 0
    private var previousEnd = -1
    private var remaining: Int

    /// - Parameter limit: the most matches to report; negative for all.
    public init(limit: Int = -1) {
        remaining = limit < 0 ? Int.max : limit
    }

    /// Finds the next match. Fills the groups that `captures` has room for: all of them, unless it was made for the
    /// whole match only.
    mutating func advance(
        _ regex: Regex, _ text: UnsafeBufferPointer<UInt8>, captures: inout CaptureSlots
    ) -> Bool {
        while remaining > 0, position <= text.count {
            guard regex.search(text, from: position, captures: &captures) else { break }
            let start = captures.values[0]
            let end = captures.values[1]
            var accepted = true
            if end == position {
                // An empty match: not if it touches the match before; go on behind the next character.
                if start == previousEnd { accepted = false }
                let width = UTF8Text.width(text, position)
                position = width > 0 ? position + width : text.count + 1
            } else {
                position = end
            }
            previousEnd = end
            if accepted {
                remaining -= 1
                return true
            }
        }
        remaining = 0
        return false
    }

    /// Finds the next match and the ranges of its groups.
    public mutating func next(
        _ regex: Regex, in text: UnsafeBufferPointer<UInt8>, captures: inout CaptureSlots
    ) -> Bool {
        captures.resize(regex.program.slotCount)
        return advance(regex, text, captures: &captures)
    }
}

extension Regex {
    /// Calls `body` with the range of each match, until it returns false.
    /// - Parameter limit: the most matches to report; negative for all.
    public func forEachRange(
        in text: UnsafeBufferPointer<UInt8>, limit: Int = -1, _ body: (Range<Int>) -> Bool
    ) {
        var cursor = MatchCursor(limit: limit)
        var captures = takeWholeMatchSlots()
        while cursor.advance(self, text, captures: &captures), let range = captures[0] {
            if !body(range) { break }
        }
        giveBack(wholeMatchSlots: captures)
    }

    /// Calls `body` with the groups of each match, until it returns false.
    /// - Parameters:
    ///   - limit: the most matches to report; negative for all.
    ///   - captures: memory to reuse.
    public func forEachMatch(
        in text: UnsafeBufferPointer<UInt8>, limit: Int = -1, captures: inout CaptureSlots,
        _ body: (borrowing CaptureSlots) -> Bool
    ) {
        var cursor = MatchCursor(limit: limit)
        while cursor.next(self, in: text, captures: &captures) {
            if !body(captures) { break }
        }
    }

    /// Calls `body` with the ranges of the text between the matches, as Go's `Split`.
    /// - Parameter limit: the most pieces; the last is the rest of the text. Negative for all; 0 for none.
    public func split(
        _ text: UnsafeBufferPointer<UInt8>, limit: Int = -1, _ body: (Range<Int>) -> Bool
    ) {
        if limit == 0 { return }
        if patternLength > 0, text.isEmpty {
            _ = body(0..<0)
            return
        }
        var begin = 0
        var end = 0
        var pieces = 0
        var isStopped = false
        forEachRange(in: text, limit: limit) { match in
            if limit > 0, pieces == limit - 1 { return false }
            end = match.lowerBound
            if match.upperBound != 0 {
                guard body(begin..<end) else {
                    isStopped = true
                    return false
                }
                pieces += 1
            }
            begin = match.upperBound
            return true
        }
        if !isStopped, end != text.count { _ = body(begin..<text.count) }
    }

    /// Appends the text with every match replaced by the expanded template (see `expand`).
    public func replaceAll(
        in text: UnsafeBufferPointer<UInt8>, with template: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]
    ) {
        let needsGroups = template.contains(UInt8(ascii: "$"))
        var captures = needsGroups ? takeAllSlots() : takeWholeMatchSlots()
        var copied = 0
        var position = 0
        while position <= text.count, search(text, from: position, captures: &captures) {
            let start = captures.values[0]
            let end = captures.values[1]
            output.append(contentsOf: UnsafeBufferPointer(rebasing: text[copied..<start]))
            // An empty match directly after another match is not replaced.
            if end > copied || start == 0 {
                if needsGroups {
                    expand(template, text: text, captures: captures, into: &output)
                } else {
                    output.append(contentsOf: template)
                }
            }
            copied = end
            let width = UTF8Text.width(text, position)
            if position + width > end {
                position += width
            } else if position + 1 > end {
                position += 1
            } else {
                position = end
            }
        }
        if copied < text.count { output.append(contentsOf: UnsafeBufferPointer(rebasing: text[copied...])) }
        if needsGroups { giveBack(allSlots: captures) } else { giveBack(wholeMatchSlots: captures) }
    }

    /// Appends a template with its variables replaced: `$1`, `${1}`, `$name`, `${name}`, and `$$` for a dollar. A name
    /// is as long as possible (`$1x` is the group "1x"). What is no variable stays; a group that there is not, or that
    /// took no part, is empty.
    public func expand(
        _ template: UnsafeBufferPointer<UInt8>, text: UnsafeBufferPointer<UInt8>, captures: borrowing CaptureSlots,
        into output: inout [UInt8]
    ) {
        var position = 0
        while position < template.count {
            guard
                let dollar = LiteralSearch.firstIndex(
                    of: UInt8(ascii: "$"), in: template, from: position, end: template.count)
            else { break }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: template[position..<dollar]))
            position = dollar + 1
            if position < template.count, template[position] == UInt8(ascii: "$") {
                output.append(UInt8(ascii: "$"))
                position += 1
                continue
            }
            guard let variable = Self.variable(template, at: position) else {
                output.append(UInt8(ascii: "$"))
                continue
            }
            position = variable.end
            if let range = range(of: variable, template, captures) {
                output.append(contentsOf: UnsafeBufferPointer(rebasing: text[range]))
            }
        }
        if position < template.count {
            output.append(contentsOf: UnsafeBufferPointer(rebasing: template[position...]))
        }
    }

    private struct Variable {
        var name: Range<Int>
        /// The group number, or -1 if the name is no number.
        var number: Int
        var end: Int
    }

    private func range(
        of variable: Variable, _ template: UnsafeBufferPointer<UInt8>, _ captures: borrowing CaptureSlots
    ) -> Range<Int>? {
        if variable.number >= 0 { return captures[variable.number] }
        let names = groupNames
        for group in names.indices where names[group].elementsEqual(template[variable.name]) {
            if let range = captures[group] { return range }
        }
        return nil
    }

    /// Reads a variable behind its dollar sign.
    private static func variable(_ template: UnsafeBufferPointer<UInt8>, at start: Int) -> Variable? {
        guard start < template.count else { return nil }
        let braced = template[start] == UInt8(ascii: "{")
        let nameStart = braced ? start + 1 : start
        var position = nameStart
        while position < template.count {
            let (scalar, width) = UTF8Text.decode(template, position)
            if scalar != 0x5F, !UnicodeData.isLetterOrDigit(scalar) { break }
            position += width
        }
        if position == nameStart { return nil }
        let name = nameStart..<position
        if braced {
            guard position < template.count, template[position] == UInt8(ascii: "}") else { return nil }
            position += 1
        }
        var number = 0
        for index in name {
            let byte = template[index]
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), number < 100_000_000 else {
                number = -1
                break
            }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        if template[nameStart] == UInt8(ascii: "0"), name.count > 1 { number = -1 }
        return Variable(name: name, number: number, end: position)
    }
}
