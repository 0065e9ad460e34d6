import RegoSyntax
import WritSource

/// Checks that the rules at one path, and those above and below it, can stand together.
struct ConflictCheck {
    let modules: [Module]
    let collection: Collection
    let names: NameTable
    let sources: SourceMap

    func check(_ errors: inout StagedErrors, _ options: CompilerOptions) {
        var stack: [Int32] = [0]
        while let node = stack.popLast() {
            let here = collection.tree.nodes[Int(node)]
            stack += here.children.reversed()
            if !here.rules.isEmpty { check(node, &errors) }
        }
        if let hasData = options.dataConflicts { checkData(hasData, &errors) }
        checkPackages(&errors)
    }

    private func rule(_ id: RuleID) -> Rule { modules[Int(id.module)].rules[Int(id.rule)] }

    private func isGround(_ rule: Rule) -> Bool { rule.head.reference.parts.allSatisfy { TreeKey($0) != nil } }

    private func check(_ node: Int32, _ errors: inout StagedErrors) {
        let here = collection.tree.nodes[Int(node)]
        var defaults: [RuleID] = []
        var hasSets = false
        var hasValues = false
        var hasGroundSets = false
        var hasGroundValues = false
        var hasVariables = false
        var arity: Int?
        var hasArities = false
        for id in here.rules {
            let rule = self.rule(id)
            let isSet = rule.head.key != nil
            let ground = isGround(rule)
            if isSet { hasSets = true } else { hasValues = true }
            if !ground { hasVariables = true } else if isSet { hasGroundSets = true } else { hasGroundValues = true }
            let count = rule.head.arguments?.count ?? 0
            if let arity, arity != count { hasArities = true }
            arity = count
            if rule.isDefault { defaults.append(id) }
        }
        guard let first = here.rules.first, let last = here.rules.last else { return }
        let place = self.rule(first).span
        let name = text(last)
        if hasGroundSets || hasGroundValues, !here.children.isEmpty {
            let below = rulesBelow(node)
            if !below.isEmpty {
                var message = "rule \(name) conflicts with:"
                for id in below { message += "\n  rule \(text(id)) at \(location(self.rule(id).span))" }
                errors.add(.conflicts, .regoTypeError, message, at: place)
                return
            }
        }
        if hasSets && hasValues || hasArities || (hasGroundSets || hasGroundValues) && hasVariables {
            errors.add(.conflicts, .regoTypeError, "conflicting rules \(name) found", at: place)
        } else if defaults.count > 1 {
            var message = "multiple default rules \(name) found at "
            for (index, id) in defaults.enumerated() {
                if index > 0 { message += ", " }
                message += location(self.rule(id).span)
            }
            let module = modules[Int(defaults[0].module)]
            errors.add(.conflicts, .regoTypeError, message, at: module.package.span)
        }
    }

    /// One rule for every path below a node; where paths begin alike only the shortest.
    private func rulesBelow(_ node: Int32) -> [RuleID] {
        var found: [RuleID] = []
        var stack = sortedChildren(node)
        while let next = stack.popLast() {
            if let id = collection.tree.nodes[Int(next)].rules.first {
                found.append(id)
            } else {
                stack += sortedChildren(next)
            }
        }
        return found
    }

    /// Children, the last in order first.
    private func sortedChildren(_ node: Int32) -> [Int32] {
        collection.tree.nodes[Int(node)].children.sorted { a, b in
            let left = collection.tree.nodes[Int(a)].key
            let right = collection.tree.nodes[Int(b)].key
            if left.kind != right.kind { return Self.rank(left.kind) > Self.rank(right.kind) }
            return names[right.name].lexicographicallyPrecedes(names[left.name])
        }
    }

    private static func rank(_ kind: TreeKey.Kind) -> Int {
        switch kind {
        case .null: 0
        case .boolean: 1
        case .number: 2
        case .string: 3
        case .composite: 4
        }
    }

    /// A rule's whole path as text.
    func text(_ id: RuleID) -> String {
        let rule = self.rule(id)
        var parts = collection.tree.path(collection.packageNodes[Int(id.module)]).map { Term(.string($0.name), .none) }
        parts.append(Term(.string(rule.head.name), .none))
        parts += rule.head.reference.parts
        return names.text(of: Ref(head: Term(.variable(.data), .none), parts: parts, span: .none))
    }

    /// `file:row`
    private func location(_ span: Span) -> String {
        guard let file = sources.file(span.source) else { return "?" }
        return String(decoding: file.name, as: UTF8.self) + ":\(file.row(at: span.start))"
    }

    // MARK: Packages and data

    /// A package may not have the path of a rule.
    private func checkPackages(_ errors: inout StagedErrors) {
        for home in collection.homes {
            let rule = self.rule(home.id)
            guard isGround(rule) else { continue }
            for other in collection.tree.nodes[Int(home.node)].modules {
                let module = modules[Int(home.id.module)]
                let package = collection.tree.path(collection.packageNodes[Int(other)])
                let path = Ref(
                    head: Term(.variable(package.first?.name ?? .data), .none),
                    parts: package.dropFirst().map { Term(.string($0.name), .none) }, span: .none)
                errors.add(
                    .conflicts, .regoTypeError,
                    "package \(names.text(of: path)) conflicts with rule \(names.text(of: rule.head.reference)) defined at \(location(rule.span))",
                    at: module.package.span)
            }
        }
    }

    /// Base data may not lie where rules are, or above them.
    private func checkData(_ hasData: ([Name]) -> Bool, _ errors: inout StagedErrors) {
        for node in collection.tree.order {
            let here = collection.tree.nodes[Int(node)]
            guard let first = here.rules.first else { continue }
            var path = collection.tree.path(node)
            if let other = path.firstIndex(where: { $0.kind != .string }) { path.removeLast(path.count - other) }
            guard hasData(path.map { $0.name }) else { continue }
            errors.add(
                .conflicts, .regoCompileError, "conflicting rule for data path \(slashed(path)) found",
                at: rule(first).span)
        }
    }

    private func slashed(_ path: [TreeKey]) -> String {
        var text = ""
        for (index, key) in path.enumerated() {
            if index > 0 { text += "/" }
            text += names.text(key.name)
        }
        return text
    }
}
