import Writ

/// Which lines of policies were evaluated: a line counts where an expression begins or a rule's head stands.
public struct CoverageReport: Sendable {
    /// Lines next to each other.
    public struct Range: Sendable, Equatable {
        public var first: Int
        public var last: Int
    }

    public struct File: Sendable {
        public var name: String
        public var covered: [Range]
        public var notCovered: [Range]

        public var coveredLines: Int { covered.reduce(0) { $0 + $1.last - $1.first + 1 } }
        public var notCoveredLines: Int { notCovered.reduce(0) { $0 + $1.last - $1.first + 1 } }
        /// In percent.
        public var coverage: Double { percent(coveredLines, notCoveredLines) }
    }

    /// Sorted by name.
    public var files: [File]
    public var coveredLines: Int { files.reduce(0) { $0 + $1.coveredLines } }
    public var notCoveredLines: Int { files.reduce(0) { $0 + $1.notCoveredLines } }
    /// In percent; 0 where there is nothing to cover.
    public var coverage: Double { percent(coveredLines, notCoveredLines) }

    /// The report for what a tracer of a workspace's policy hit.
    public init(_ workspace: Workspace, hits: [Bool]) {
        let evaluator = Evaluator(workspace.snapshot)
        self.init(workspace, Tracer(evaluator, .coverage), hits: hits)
    }

    public init(_ workspace: Workspace, _ tracer: Tracer, hits: [Bool]) {
        var rows: [String: Set<Int>] = [:]
        for (index, isHit) in hits.enumerated() where isHit {
            let node = tracer.node(index)
            if !node.file.isEmpty { rows[node.file, default: []].insert(node.position.row) }
        }
        var names = NameTable()
        files = []
        for (index, file) in workspace.files.enumerated() {
            let source = SourceFile(id: SourceID(UInt32(clamping: index)), name: file.name, text: file.text)
            let (module, _) = parseModule(source, options: ParserOptions(version: file.version), names: &names)
            let name = String(decoding: file.name, as: UTF8.self)
            let covered = rows[name] ?? []
            var lines = CoverableLines(source)
            if let module { lines.visit(module) }
            files.append(
                File(
                    name: name, covered: Self.ranges(covered), notCovered: Self.ranges(lines.rows.subtracting(covered)))
            )
        }
        files.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private static func ranges(_ rows: Set<Int>) -> [Range] {
        var result: [Range] = []
        for row in rows.sorted() {
            if let last = result.last, row == last.last + 1 {
                result[result.count - 1].last = row
            } else {
                result.append(Range(first: row, last: row))
            }
        }
        return result
    }
}

private func percent(_ covered: Int, _ notCovered: Int) -> Double {
    covered + notCovered == 0 ? 0 : 100 * Double(covered) / Double(covered + notCovered)
}

/// The lines that a module could have covered.
private struct CoverableLines {
    let source: SourceFile
    var rows: Set<Int> = []

    init(_ source: SourceFile) { self.source = source }

    private mutating func add(_ span: Span) { rows.insert(source.row(at: span.start)) }

    mutating func visit(_ module: Module) {
        for rule in module.rules {
            add(rule.span)
            if let body = rule.body { visit(body) } else { add(rule.impliedSpan) }
            for term in rule.head.reference.parts { visit(term) }
            for term in rule.head.arguments ?? [] { visit(term) }
            if let key = rule.head.key { visit(key) }
            if let value = rule.head.value { visit(value) }
            for branch in rule.elseBranches {
                add(branch.span)
                if let value = branch.value { visit(value) }
                if let body = branch.body { visit(body) }
            }
        }
    }

    private mutating func visit(_ body: Body) { for expression in body { visit(expression) } }

    private mutating func visit(_ expression: Expr) {
        if case .some = expression.kind {} else { add(expression.span) }
        expression.forEachPart({ visit($0) }, { visit($0) })
    }

    private mutating func visit(_ term: Term) { term.forEachPart({ visit($0) }, { visit($0) }) }
}
