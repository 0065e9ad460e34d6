import Writ

extension TestCase {
    /// What reads metadata.
    static let readYAML: @Sendable ([UInt8]) -> MetadataText = { readSimpleYAML($0) }
}

/// Reads the block style of YAML that the cases' metadata is written in: mappings, lists and plain or quoted texts.
///
/// The runner has no packages, so it has no real reader of YAML; that one is tested with the command line.
func readSimpleYAML(_ text: [UInt8]) -> MetadataText {
    var reader = SimpleYAML(text)
    guard let json = reader.block(0) else { return .failure("yaml: line 1: did not find expected node content") }
    return .json(Array(json.utf8))
}

private struct SimpleYAML {
    private var lines: [(indent: Int, text: Substring)] = []
    private var index = 0

    init(_ text: [UInt8]) {
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let rest = line.drop { $0 == " " }
            if !rest.isEmpty, rest.first != "#" { lines.append((line.count - rest.count, rest)) }
        }
    }

    /// What stands at this indentation or deeper, as JSON.
    mutating func block(_ indent: Int) -> String? {
        guard index < lines.count, lines[index].indent >= indent else { return "null" }
        let own = lines[index].indent
        if isItem(lines[index].text) { return list(own) }
        guard key(lines[index].text) != nil else {
            defer { index += 1 }
            return scalar(lines[index].text)
        }
        var members: [String] = []
        while index < lines.count, lines[index].indent == own, !isItem(lines[index].text) {
            guard let (key, rest) = key(lines[index].text) else { return nil }
            index += 1
            // A list may stand at its key's own indentation.
            let isList = index < lines.count && lines[index].indent == own && isItem(lines[index].text)
            guard let value = rest.isEmpty ? block(isList ? own : own + 1) : scalar(rest) else { return nil }
            members.append(JSONCanon.quoted(Array(key.utf8)) + ":" + value)
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    private mutating func list(_ indent: Int) -> String? {
        var elements: [String] = []
        while index < lines.count, lines[index].indent == indent, isItem(lines[index].text) {
            let rest = lines[index].text.dropFirst().drop { $0 == " " }
            // What follows the dash is a block of its own, further to the right.
            lines[index] = (indent + lines[index].text.count - rest.count, rest)
            guard let element = block(indent + 1) else { return nil }
            elements.append(element)
        }
        return "[" + elements.joined(separator: ",") + "]"
    }

    private func isItem(_ text: Substring) -> Bool { text == "-" || text.hasPrefix("- ") }

    private func key(_ text: Substring) -> (Substring, Substring)? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = text[text.index(after: colon)...]
        guard rest.isEmpty || rest.first == " " else { return nil }
        return (text[..<colon], rest.drop { $0 == " " })
    }

    private func scalar(_ text: Substring) -> String? {
        if text.first == "[" || text.first == "{" { return nil }
        if ["true", "false", "null"].contains(text) || Int(text) != nil { return String(text) }
        let isQuoted = text.count > 1 && text.first == text.last && (text.first == "\"" || text.first == "'")
        return JSONCanon.quoted(Array((isQuoted ? text.dropFirst().dropLast() : text).utf8))
    }
}
