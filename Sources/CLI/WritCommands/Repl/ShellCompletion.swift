import Writ
import WritHostBuiltins

/// What Tab offers: commands, keywords, builtins, paths of rules and of loaded data, names of the active package.
extension Shell {
    private static let keywords = [
        "as", "contains", "data", "default", "else", "every", "false", "if", "import", "in", "input", "not", "null",
        "package", "some", "true", "with",
    ]

    /// Where the word before the cursor begins, and what it may become. Candidates are sorted and none stands twice.
    func complete(_ line: [UInt8], at cursor: Int) -> (start: Int, candidates: [[UInt8]]) {
        let cursor = min(max(0, cursor), line.count)
        var start = cursor
        while start > 0, Self.belongsToWord(line[start - 1]) { start -= 1 }
        let word = Array(line[start..<cursor])
        var found: Set<[UInt8]> = []
        func offer(_ candidate: [UInt8]) {
            if candidate.count > word.count, candidate.starts(with: word) { found.insert(candidate) }
        }
        let head = line[..<cursor].drop { $0 == 0x20 }
        if head.startIndex <= start, !head.contains(0x20) {
            for command in ShellCommand.all where command.name.utf8.starts(with: head) {
                offer(Array(command.name.utf8.dropFirst(start - head.startIndex)))
            }
            // Names of commands may have hyphens; then nothing else fits.
            if head.contains(UInt8(ascii: "-")), !found.isEmpty { return (start, Array(found)) }
        }
        for keyword in Self.keywords { offer(Array(keyword.utf8)) }
        for builtin in BuiltinReference.all where builtin.infix == nil && !builtin.isDeprecated {
            if !builtin.name.hasPrefix("internal.") { offer(Array(builtin.name.utf8)) }
        }
        let names = policies.names()
        for path in names.rules { offer(path) }
        let package = Array("data.\(policies.active.package).".utf8)
        for path in names.rules where path.starts(with: package) { offer(Array(path.dropFirst(package.count))) }
        for item in policies.active.imports { offer(Array(Self.bound(by: item).utf8)) }
        if word.starts(with: "data".utf8) { for path in dataPaths(below: word) { offer(path) } }
        return (start, found.sorted { $0.lexicographicallyPrecedes($1) })
    }

    private static func belongsToWord(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x5F || byte == 0x2E
            || byte >= 0x80
    }

    /// The keys of loaded data at the path that a word such as `data.a.b` has up to its last dot.
    private func dataPaths(below word: [UInt8]) -> [[UInt8]] {
        guard let dot = word.lastIndex(of: 0x2E) else { return [] }
        let place = word[..<dot].split(separator: 0x2E, omittingEmptySubsequences: false).dropFirst().map { Array($0) }
        guard let policy = try? Policy.compile([]) else { return [] }
        let snapshot = Snapshot(policy: policy, data: baseData)
        let evaluator = Evaluator(snapshot)
        evaluator.begin()
        guard let value = try? evaluator.evaluate(snapshot.target(place), input: .undefined), value.isObject else {
            return []
        }
        let keys = evaluator.space.keys(of: value, limit: 10_000)
        return keys.filter { Self.isName($0) }.map { Array(word[...dot]) + $0 }
    }

    private static func isName(_ key: [UInt8]) -> Bool {
        guard let first = key.first, first == 0x5F || (first | 0x20) &- 0x61 < 26 else { return false }
        return key.allSatisfy { $0 == 0x5F || ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 }
    }
}

extension Space {
    /// The keys of an object that are text.
    fileprivate func keys(of object: Value, limit: Int) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        for index in 0..<min(object.count, limit) {
            let key = key(object, at: index)
            if key.isString { keys.append(bytes(key)) }
        }
        return keys
    }
}
