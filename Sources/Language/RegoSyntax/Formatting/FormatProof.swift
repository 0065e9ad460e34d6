import WritSource

/// Looks whether a text with comments within rules is a fixed point, and settles what is not.
///
/// Where a line ends depends on where comments stand, and those move to line ends: a layout may take a second look to
/// settle. A rule that does not settle, or whose layout would not read as the same, is copied as it is.
struct FormatProof {
    let module: Module
    let file: SourceFile
    let names: NameTable
    let options: FormatOptions

    /// The number of times that a text may change before its rules are copied instead.
    private static let attempts = 4
    /// The number of times that single rules are looked for before all that have comments are copied.
    private static let rounds = 6

    func settled(_ first: [UInt8]) -> [UInt8] {
        var copied: Set<UInt32> = []
        var rounds = 0
        var text = first
        while true {
            var state = text
            var culprits: [Int]?
            for _ in 0..<Self.attempts {
                let (next, changed) = again(state)
                guard let next else {
                    culprits = changed
                    break
                }
                if changed.isEmpty { return next }
                culprits = changed
                state = next
            }
            rounds += 1
            let found = (rounds > Self.rounds ? commented : culprits ?? []).filter { module.rules.indices.contains($0) }
            let starts = found.map { module.rules[$0].span.start }.filter { !copied.contains($0) }
            // What is copied stays; should nothing be left to copy, this is the best there is.
            if starts.isEmpty { return text }
            copied.formUnion(starts)
            var formatter = Formatter(file, names, options)
            formatter.copiedRules = copied
            formatter.module(module)
            text = formatter.text
        }
    }

    /// The layout of a text that was laid out, and the rules that it changes. nil if the text is not that of the module.
    private func again(_ text: [UInt8]) -> ([UInt8]?, [Int]) {
        let laidOut = SourceFile(id: file.id, name: file.name, text: text)
        var table = names
        let parserOptions = ParserOptions(version: options.target == .v1 ? .v1 : .v0)
        let (parsed, errors) = parseModule(laidOut, options: parserOptions, names: &table)
        guard errors.isEmpty, let parsed, parsed.rules.count == module.rules.count,
            parsed.comments.count == module.comments.count
        else { return (nil, commented) }
        var formatter = Formatter(laidOut, table, options)
        formatter.module(parsed)
        if formatter.text == text { return (text, []) }
        return (formatter.text, changes(from: parsed, in: text, to: formatter))
    }

    /// The rules whose text is another one.
    private func changes(from parsed: Module, in text: [UInt8], to formatter: Formatter) -> [Int] {
        var result: [Int] = []
        for index in commented {
            guard index < formatter.ruleStarts.count, index < parsed.rules.count else { return commented }
            let before = Int(parsed.rules[index].span.start)
            let after = formatter.ruleStarts[index]
            let length = Int(parsed.rules[index].span.end) - before
            guard after + length <= formatter.text.count,
                text[before..<before + length] == formatter.text[after..<after + length]
            else {
                result.append(index)
                continue
            }
        }
        return result.isEmpty ? commented : result
    }

    /// The rules with comments in them.
    private var commented: [Int] {
        var result: [Int] = []
        var next = 0
        let formatter = Formatter(file, names, options)
        for (index, rule) in module.rules.enumerated() {
            while next < module.comments.count, module.comments[next].span.start < rule.span.start { next += 1 }
            if next < module.comments.count, module.comments[next].span.start < formatter.extent(of: rule).end {
                result.append(index)
            }
        }
        return result
    }
}
