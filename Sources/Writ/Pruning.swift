import RegoCompiler

/// What entrypoints cannot reach, and the modules without it.
public struct Pruning: Sendable {
    /// The modules in their order: nil where nothing of one is left, its own text where all of it is.
    public var texts: [[UInt8]?] = []
    /// The rules that went, from `data` on, each path once, sorted.
    public var rules: [[[UInt8]]] = []
    /// The base documents that are read, from below `data` on; an empty path for all of them.
    public var documents: [[[UInt8]]] = []
}

extension Policy {
    /// Finds what the entrypoints (`authz/allow`) reach through references, and takes all other rules out of the
    /// modules that the policy was compiled of.
    ///
    /// A reference with a part that is only known at run time reaches everything below the part before. Modules that
    /// say something of the packages below them in metadata stay, if only with that.
    public func pruning(
        _ files: [PolicyFile], entrypoints: [String], readYAML: (@Sendable ([UInt8]) -> MetadataText)? = nil
    ) -> Pruning {
        guard let resolved = try? compiled().resolved else {
            return Pruning(texts: files.map { $0.text }, documents: [[]])
        }
        var finder = DependencyFinder(resolved)
        finder.needsReplaced = true
        var result = Pruning()
        for entrypoint in entrypoints {
            let steps = entrypoint.utf8.split(separator: 0x2F).map { Array($0) }
            result.documents.append(steps)
            for (index, group) in resolved.groups.enumerated() {
                let path = group.path.map { Array(resolved.names[$0]) }
                if path.starts(with: steps) || steps.starts(with: path) { finder.need(index) }
            }
        }
        finder.finish()
        for path in finder.base where path.first == Array("data".utf8) {
            result.documents.append(Array(path.dropFirst()))
        }
        var kept: Set<Place> = []
        var gone: Set<[[UInt8]]> = []
        for (index, group) in resolved.groups.enumerated() {
            if finder.needed.contains(index) {
                for rule in group.rules + (group.defaultRule.map { [$0] } ?? []) {
                    guard let file = sources.file(rule.span.source) else { continue }
                    kept.insert(Place(file: file.name, offset: rule.span.start))
                }
            } else if !group.rules.isEmpty || group.defaultRule != nil {
                gone.insert([Array("data".utf8)] + group.path.map { Array(resolved.names[$0]) })
            }
        }
        result.rules = gone.sorted(by: Self.precedes)
        for file in files { result.texts.append(Self.text(of: file, keeping: kept, readYAML)) }
        return result
    }

    private struct Place: Hashable {
        let file: [UInt8]
        let offset: UInt32
    }

    static func precedes(_ one: [[UInt8]], _ two: [[UInt8]]) -> Bool {
        for (a, b) in zip(one, two) where a != b { return a.lexicographicallyPrecedes(b) }
        return one.count < two.count
    }

    /// A module's text without the rules that are not kept; nil where nothing that matters is left.
    private static func text(
        of file: PolicyFile, keeping kept: Set<Place>, _ readYAML: (@Sendable ([UInt8]) -> MetadataText)?
    ) -> [UInt8]? {
        var names = NameTable()
        var options = ParserOptions(version: file.version)
        options.readYAML = readYAML
        let source = SourceFile(name: file.name, text: file.text)
        let (module, errors) = parseModule(source, options: options, names: &names)
        guard let module, errors.isEmpty else { return file.text }
        var cuts: [Range<Int>] = []
        var isEmpty = true
        for rule in module.rules {
            if kept.contains(Place(file: file.name, offset: rule.span.start)) {
                isEmpty = false
            } else {
                cuts.append(Int(rule.span.start)..<Int(rule.span.end))
            }
        }
        if cuts.isEmpty, !module.rules.isEmpty { return file.text }
        if isEmpty, !module.annotations.contains(where: { $0.scope == .subpackages }) { return nil }
        return cut(cuts, from: module, source)
    }

    /// Takes rules out with the comments that stand on the lines above them and behind them.
    private static func cut(_ cuts: [Range<Int>], from module: Module, _ source: SourceFile) -> [UInt8] {
        // Comments that have a line of their own, by that line.
        var alone: Set<Int> = []
        var ends: [Int: Int] = [:]
        for comment in module.comments {
            let row = source.row(at: comment.span.start)
            let before = source.text[source.lineRange(row: row).lowerBound..<Int(comment.span.start)]
            if before.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { alone.insert(row) }
            ends[row] = Int(comment.span.end)
        }
        var result: [UInt8] = []
        var place = 0
        for cut in cuts.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            var row = source.row(at: UInt32(cut.lowerBound))
            let first = source.lineRange(row: row).lowerBound
            var start = cut.lowerBound
            if source.text[first..<start].allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
                while row > 1, alone.contains(row - 1) { row -= 1 }
                start = source.lineRange(row: row).lowerBound
            }
            let last = source.row(at: UInt32(max(cut.lowerBound, cut.upperBound - 1)))
            var end = cut.upperBound
            if let comment = ends[last], comment > end,
                source.text[end..<comment].drop(while: { $0 == 0x20 || $0 == 0x09 }).first == UInt8(ascii: "#")
            {
                end = comment
            }
            start = max(start, place)
            guard end > start else { continue }
            result += source.text[place..<start]
            place = end
        }
        return result + source.text[place...]
    }
}
