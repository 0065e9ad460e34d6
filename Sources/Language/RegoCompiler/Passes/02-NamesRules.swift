import RegoSyntax
import WritBuiltins
import WritSource

extension NameResolver {
    /// Resolves the rules of a module, in its order; their bodies are as written. `home` is the place of its first
    /// rule in the collection.
    mutating func resolve(
        _ module: Module, package: Int32, home: Int, _ metadata: [RuleMetadata], _ counts: inout [Int32]
    ) -> [ResolvedRule] {
        enter(module, package: package)
        if !options.capabilities.language.hasGeneralReferenceHeads { checkHeads(module) }
        var rules: [ResolvedRule] = []
        rules.reserveCapacity(module.rules.count)
        for (index, rule) in module.rules.enumerated() {
            let home = collection.homes[home + index]
            questions.partsOnPath.append(Int32(truncatingIfNeeded: home.partsOnPath))
            expressionCount = 0
            self.metadata = metadata.isEmpty ? nil : metadata[index]
            rules.append(self.rule(rule, home))
            counts.append(Int32(truncatingIfNeeded: expressionCount))
        }
        self.metadata = nil
        if options.isStrict { checkUnusedImports(module) }
        return rules
    }

    /// For each rule of a module that begins on one row with another one its name, else nothing.
    static func neighbors(in module: Module, _ sources: SourceMap, _ names: NameTable) -> [Span: String] {
        var result: [Span: String] = [:]
        guard module.rules.count > 1, let file = sources.file(module.source) else { return result }
        for index in 1..<module.rules.count {
            let one = module.rules[index - 1]
            let other = module.rules[index]
            // Most rules stand on rows of their own: only look at those that are close.
            guard other.span.start &- one.span.start < 4096, !other.isChained,
                file.row(at: one.span.start) == file.row(at: other.span.start)
            else { continue }
            for rule in [one, other] {
                var ground = rule.head.reference
                ground.parts = Array(ground.parts.prefix { TreeKey($0) != nil })
                result[rule.span] = names.text(of: ground)
            }
        }
        return result
    }

    private mutating func enter(_ module: Module, package node: Int32) {
        package = node
        beginQuestions()
        isV1 = module.version != .v0
        imports = [:]
        usedImports = []
        for item in module.imports { bind(item) }
        if isV1 || options.isStrict { checkImports(module) }
    }

    mutating func bind(_ item: Import) {
        guard let head = item.path.headName, head == .data || head == .input, let name = item.boundName else { return }
        var path: [Name] = []
        for part in item.path.parts {
            guard case .string(let text) = part.kind else { return }
            path.append(text)
        }
        imports[name] = GlobalTarget(isInput: head == .input, path: path)
    }

    // MARK: Rules

    private mutating func rule(_ rule: Rule, _ home: RuleHome) -> ResolvedRule {
        scopes.reset()
        declarationErrors = 0
        let head = rule.head
        let heads = head.reference.parts + [head.key, head.value].compactMap { $0 }
        let own = branch(rule, body: rule.body, heads: heads, arguments: nil) { resolver in
            let suffix = resolver.suffix(head, home)
            let key = head.key.map { resolver.term($0) }
            return (suffix, key, resolver.value(head.value, head.span))
        }
        var result = ResolvedRule(
            suffix: own.heads.0, arguments: own.arguments, key: own.heads.1, value: own.heads.2, body: own.body,
            elseBranches: [], variables: [], span: rule.span, headSpan: head.span)
        isInElse = true
        defer { isInElse = false }
        for other in rule.elseBranches {
            declarationErrors = 0
            let resolved = branch(
                rule, body: other.body, heads: [other.value].compactMap { $0 }, arguments: own.names
            ) { $0.value(other.value, other.span) }
            result.elseBranches.append(ResolvedElse(value: resolved.heads, body: resolved.body, span: other.span))
        }
        if options.isStrict { checkUnusedArguments(rule, own.names) }
        result.variables = scopes.variables
        if isV1 || options.isStrict { checkRootDocuments(rule) }
        return result
    }

    private typealias ArgumentNames = [(name: Name, variable: Int32)]

    /// Resolves a body with what of the head belongs to its scope: the rule's own, or that of an `else`.
    private mutating func branch<Heads>(
        _ rule: Rule, body: Body?, heads: [Term], arguments: ArgumentNames?,
        _ resolve: (inout NameResolver) -> Heads
    ) -> (body: [ResolvedExpression], arguments: [ResolvedTerm], names: ArgumentNames, heads: Heads) {
        scopes.push()
        defer { scopes.pop() }
        let body = body ?? []
        for argument in rule.head.arguments ?? [] { hideArgument(argument, rule) }
        hideDeclared(in: body)
        var names: ArgumentNames = arguments ?? []
        var patterns: [ResolvedTerm] = []
        if let arguments {
            for (name, variable) in arguments { scopes.declareArgument(name, variable) }
        } else {
            patterns = (rule.head.arguments ?? []).map { self.argument($0, &names) }
        }
        enter(body, heads: heads)
        let resolved = self.body(body)
        isInHead = true
        let resolvedHeads = resolve(&self)
        isInHead = false
        checkUnused(body)
        return (resolved, patterns, names, resolvedHeads)
    }

    private mutating func value(_ term: Term?, _ span: Span) -> ResolvedTerm {
        guard let term else { return ResolvedTerm(.boolean(true), span) }
        return self.term(term)
    }

    /// What of the head's path lies below its group.
    private mutating func suffix(_ head: Head, _ home: RuleHome) -> [ResolvedTerm] {
        var suffix: [ResolvedTerm] = []
        var skip = home.partsOnPath
        if skip <= 0 {
            // The group lies above the package: the rest of the package and the name belong to the suffix.
            let path = collection.tree.path(package).suffix(-skip)
            suffix += path.map { ResolvedTerm(.string($0.name), head.span) }
            suffix.append(ResolvedTerm(.string(head.name), head.span))
            skip = 1
        }
        for part in head.reference.parts.dropFirst(skip - 1) { suffix.append(term(part)) }
        return suffix
    }

    // MARK: Arguments

    /// Hides rules and imports behind the names of an operand's pattern.
    private mutating func hideArgument(_ term: Term, _ rule: Rule) {
        switch term.kind {
        case .variable(let name): scopes.hide(name)
        case .ref(let ref):
            if ref.parts.isEmpty, let name = ref.headName {
                errors.add(
                    .arguments, .regoCompileError,
                    "args must not shadow \(names.text(name)) (use a different variable name)", at: rule.span)
                return
            }
            hideArgument(ref.head, rule)
            for part in ref.parts { hideArgument(part, rule) }
        case .array(let elements): for element in elements { hideArgument(element, rule) }
        case .object(let entries): for entry in entries { hideArgument(entry.value, rule) }
        default: break
        }
    }

    private mutating func argument(_ term: Term, _ known: inout ArgumentNames) -> ResolvedTerm {
        switch term.kind {
        case .variable(let name):
            if scopes.meaning(name).kind < .argument {
                let variable = scopes.declare(name, .argument).variable
                known.append((name, variable))
                return ResolvedTerm(.variable(Variable(Int(variable))), term.span)
            }
            return self.term(term)
        case .array(let elements):
            return ResolvedTerm(.array(elements.map { argument($0, &known) }), term.span)
        case .object(let entries):
            return ResolvedTerm(.object(entries.map { (self.term($0.key), argument($0.value, &known)) }), term.span)
        case .call(let call):
            errors.add(.locals, .regoCompileError, "rule arguments cannot contain calls", at: term.span)
            // The names in it count as arguments, the function's too.
            if call.function.parts.isEmpty { _ = argument(call.function.head, &known) }
            for operand in call.arguments { _ = argument(operand, &known) }
            return ResolvedTerm(.null, term.span)
        default:
            return self.term(term)
        }
    }

    private mutating func checkUnusedArguments(_ rule: Rule, _ arguments: ArgumentNames) {
        for (name, variable) in arguments where scopes.uses[Int(variable)] == 0 && !names.isWildcard(name) {
            errors.add(
                .locals, .regoCompileError,
                "unused argument \(names.text(name)). (hint: use _ (wildcard variable) instead)", at: rule.head.span)
        }
    }

    // MARK: Imports and root documents

    private mutating func checkImports(_ module: Module) {
        var seen: [Name: Import] = [:]
        for item in module.imports {
            guard let name = item.boundName else { continue }
            if let first = seen[name] {
                errors.add(
                    .imports, .regoCompileError, "import must not shadow \(importText(first))", at: item.span)
            } else {
                seen[name] = item
            }
        }
    }

    private func importText(_ item: Import) -> String {
        var text = "import " + names.text(of: item.path)
        if let alias = item.alias { text += " as " + (names.isWildcard(alias) ? "_" : names.text(alias)) }
        return text
    }

    private mutating func checkUnusedImports(_ module: Module) {
        for item in module.imports {
            guard let head = item.path.headName, head == .data || head == .input, let name = item.boundName,
                !usedImports.contains(name)
            else { continue }
            errors.add(.arguments, .regoCompileError, "\(importText(item)) unused", at: item.span)
        }
    }

    /// Heads that older engines cannot read.
    private mutating func checkHeads(_ module: Module) {
        let hasReferences = options.capabilities.language.hasReferenceHeads
        for rule in module.rules {
            let head = rule.head
            if !hasReferences, !rule.hasName(head) {
                errors.add(
                    .heads, .regoCompileError,
                    "rule heads with refs are not supported: \(names.text(of: head.reference))", at: rule.span)
                continue
            }
            for (index, part) in head.reference.parts.enumerated() {
                guard head.kind == .partialSet || index != head.reference.parts.count - 1 else { break }
                if case .string = part.kind { continue }
                errors.add(
                    .heads, .regoTypeError,
                    "rule heads with general refs (containing variables) are not supported: "
                        + names.text(of: head.reference), at: rule.span)
            }
        }
    }

    /// `data := 1` and the like are refused in v1.
    private mutating func checkRootDocuments(_ rule: Rule) {
        let name = rule.head.name
        if name == .input || name == .data {
            errors.add(
                .rootDocuments, .regoCompileError,
                "rules must not shadow \(names.text(name)) (use a different rule name)", at: rule.span)
        }
        for expression in rule.body ?? [] { checkRootDocuments(expression) }
        for branch in rule.elseBranches { for expression in branch.body ?? [] { checkRootDocuments(expression) } }
    }

    private mutating func checkRootDocuments(_ expression: Expr) {
        switch expression.kind {
        case .call(let call) where call.simpleName == .assign && call.arguments.count == 2:
            if let name = Self.plainName(call.arguments[0]), name == .input || name == .data {
                errors.add(
                    .rootDocuments, .regoCompileError,
                    "variables must not shadow \(names.text(name)) (use a different variable name)",
                    at: expression.span)
            }
        case .every(let every): for inner in every.body { checkRootDocuments(inner) }
        case .not(let not): for inner in not.body { checkRootDocuments(inner) }
        case .and(let logical), .or(let logical):
            for inner in logical.left { checkRootDocuments(inner) }
            for inner in logical.right { checkRootDocuments(inner) }
        default: break
        }
    }
}
