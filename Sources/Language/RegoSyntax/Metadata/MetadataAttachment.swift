import WritSource

extension Parser {
    /// Ties blocks to the statements behind them and reports what cannot stand there.
    mutating func attach(
        _ read: [(block: MetadataBlock, fields: MetadataFields)], _ package: Package, _ imports: [Import],
        _ rules: [Rule]
    ) -> [Annotation] {
        var result: [Annotation] = []
        for (block, fields) in read {
            let node = statement(behind: block, package, imports, rules)
            let named = fields.scope ?? []
            guard let scope = named.isEmpty ? node.usualScope(fields.isEntrypoint) : Annotation.Scope(named) else {
                refuseScope(named.isEmpty && node.isImport ? Array("import".utf8) : named, block)
                if fields.isEntrypoint { refuseEntrypoint(node.isImport ? "import" : text(of: named), block) }
                continue
            }
            switch scope {
            case .rule, .document:
                if node.target.isRule { break }
                refuse(scope, "rule", node, block)
            case .package, .subpackages:
                if node.target == .package { break }
                refuse(scope, "package", node, block)
            }
            if fields.isEntrypoint, scope != .document, scope != .package {
                refuseEntrypoint(scope.name.description, block)
            }
            guard let target = node.target else { continue }
            result.append(fields.annotation(target, scope))
        }
        return result
    }

    private struct Node {
        var target: Annotation.Target?
        var isImport = false

        /// The scope of a block that names none.
        func usualScope(_ isEntrypoint: Bool) -> Annotation.Scope? {
            switch target {
            case .package: .package
            case .rule: isEntrypoint ? .document : .rule
            case nil: nil
            }
        }

        /// What stands there, for messages.
        var kind: String {
            isImport ? " (have import)" : target == nil ? "" : target.isRule ? " (have rule)" : " (have package)"
        }
    }

    /// The first statement on a row below the block's first one.
    private func statement(
        behind block: MetadataBlock, _ package: Package, _ imports: [Import], _ rules: [Rule]
    ) -> Node {
        let line = file.row(at: block.span.start)
        let start = line < file.lineStarts.count ? file.lineStarts[line] : UInt32(truncatingIfNeeded: file.text.count)
        if package.span.start >= start { return Node(target: .package) }
        let ruleIndex = rules.firstIndex { $0.span.start >= start }
        let importIndex = imports.firstIndex { $0.span.start >= start }
        if let importIndex, ruleIndex.map({ imports[importIndex].span.start < rules[$0].span.start }) ?? true {
            return Node(target: nil, isImport: true)
        }
        return Node(target: ruleIndex.map { .rule($0) })
    }

    private func text(of bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private mutating func refuse(_ scope: Annotation.Scope, _ wanted: String, _ node: Node, _ block: MetadataBlock) {
        refuse("annotation scope '\(scope.name)' must be applied to " + wanted + node.kind, block)
    }

    private mutating func refuseScope(_ scope: [UInt8], _ block: MetadataBlock) {
        refuse(
            "invalid annotation scope '" + text(of: scope)
                + "'. Use one of 'rule', 'document', 'package', or 'subpackages'", block)
    }

    private mutating func refuseEntrypoint(_ scope: String, _ block: MetadataBlock) {
        refuse("annotation entrypoint applied to non-document or package scope '" + scope + "'", block)
    }

    private mutating func refuse(_ message: String, _ block: MetadataBlock) {
        state.errors.append(Diagnostic(.regoParseError, message, at: block.markSpan))
    }
}

extension Annotation.Scope {
    /// The scope of that name.
    init?(_ text: [UInt8]) {
        for scope in [Annotation.Scope.rule, .document, .package, .subpackages] {
            if scope.name.withUTF8Buffer({ text.elementsEqual($0) }) {
                self = scope
                return
            }
        }
        return nil
    }
}

extension Annotation.Target? {
    var isRule: Bool {
        if case .rule = self { return true }
        return false
    }
}

extension Module {
    /// The path of a rule from `data` on, up to the first part that is no constant.
    public func groundPath(of rule: Rule) -> [Term] {
        var path = [package.path.head] + package.path.parts
        path.append(Term(.string(rule.head.name), rule.head.reference.head.span))
        for part in rule.head.reference.parts {
            guard part.isGround else { break }
            path.append(part)
        }
        return path
    }

    /// For each rule the annotations that OPA shows with it, as indexes into `annotations`: those of the whole document
    /// and those of the rule itself.
    public func annotationsOfRules(_ names: NameTable) -> [[Int]] {
        guard !annotations.isEmpty else { return [] }
        let paths = rules.map { groundPath(of: $0) }
        // A rule's own block belongs to the first rule of that path behind it.
        var isTaken = [Bool](repeating: false, count: annotations.count)
        return rules.indices.map { number in
            var result: [Int] = []
            var last: Int?
            for (index, annotation) in annotations.enumerated() {
                guard !isTaken[index], case .rule(let target) = annotation.target,
                    names.areEqual(paths[number], paths[target])
                else { continue }
                if annotation.scope == .document {
                    result.append(index)
                } else if annotation.scope == .rule, annotation.span.start < rules[number].span.start {
                    result.append(index)
                    last = index
                }
            }
            if let last { isTaken[last] = true }
            return result
        }
    }
}

extension NameTable {
    /// Whether two paths are the same.
    func areEqual(_ left: [Term], _ right: [Term]) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where compare(left[index], right[index]) != 0 { return false }
        return true
    }
}
