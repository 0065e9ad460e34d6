import RegoSyntax
import WritBuiltins
import WritSource

/// What heads, comprehensions, `with` and operands need becomes steps before them.
extension CompiledModules {
    // MARK: Metadata

    /// The values of `rego.metadata`'s functions are steps at the beginning of a body.
    mutating func rewriteMetadata(_ sources: SourceMap) {
        var calls = MetadataCalls(
            chain: [names.intern("metadata"), names.intern("chain")],
            rule: [names.intern("metadata"), names.intern("rule")])
        for rule in rules.joined() { for branch in rule.branches { calls.find(in: branch) } }
        guard calls.callsChain || calls.callsRule else { return dropAnnotations() }
        var errors: [Diagnostic] = []
        let annotations = AnnotationSet(modules, sources, &errors)
        for module in rules.indices {
            for index in rules[module].indices {
                let span = modules[module].rules[index].span
                for place in rules[module][index].branches.indices {
                    var branch = rules[module][index].branches[place]
                    calls.reset()
                    calls.find(in: branch)
                    var steps: Body = []
                    if calls.callsChain {
                        let value = annotations.chainValue(index, in: module, isElse: place > 0, at: span, &names)
                        let (step, variable) = bind(value)
                        steps.append(step)
                        calls.chainValue = variable
                    }
                    if calls.callsRule {
                        let value = annotations.ruleValue(index, in: module, isElse: place > 0, at: span, &names)
                        let (step, variable) = bind(value)
                        steps.append(step)
                        calls.ruleValue = variable
                    }
                    guard !steps.isEmpty else { continue }
                    let found = calls
                    branch.key = branch.key.map { found.replaced($0, &self) }
                    branch.value = branch.value.map { found.replaced($0, &self) }
                    branch.body = steps + found.replaced(branch.body, &self)
                    rules[module][index].branches[place] = branch
                }
            }
        }
    }

    // MARK: Heads

    mutating func takeOutComprehensionHeads(_ branch: inout Branch) {
        branch.arguments = branch.arguments.map { gathered($0) }
        branch.key = branch.key.map { gathered($0) }
        branch.value = branch.value.map { gathered($0) }
        branch.body = gathered(branch.body)
    }

    private mutating func gathered(_ body: Body) -> Body { body.map { gathered($0) } }

    private mutating func gathered(_ expression: Expr) -> Expr {
        var result = expression
        switch expression.kind {
        case .term(let term): result.kind = .term(gathered(term))
        case .call(var call):
            for index in call.arguments.indices { call.arguments[index] = gathered(call.arguments[index]) }
            result.kind = .call(call)
        case .some: break
        case .every(var every):
            every.body = gathered(every.body)
            result.kind = .every(every)
        case .not(var not):
            not.body = gathered(not.body)
            result.kind = .not(not)
        case .and(var logical):
            logical.left = gathered(logical.left)
            logical.right = gathered(logical.right)
            result.kind = .and(logical)
        case .or(var logical):
            logical.left = gathered(logical.left)
            logical.right = gathered(logical.right)
            result.kind = .or(logical)
        }
        for index in result.with.indices { result.with[index].value = gathered(result.with[index].value) }
        return result
    }

    private mutating func gathered(_ term: Term) -> Term {
        var result = term
        switch term.kind {
        case .null, .bool, .number, .string, .variable, .template, .call: break
        case .ref(var ref):
            for index in ref.parts.indices { ref.parts[index] = gathered(ref.parts[index]) }
            result.kind = .ref(ref)
        case .array(let elements): result.kind = .array(elements.map { gathered($0) })
        case .set(let elements): result.kind = .set(names.sorted(elements).map { gathered($0) })
        case .object(let entries):
            var sorted = names.sorted(entries)
            for index in sorted.indices {
                sorted[index] = ObjectEntry(gathered(sorted[index].key), gathered(sorted[index].value))
            }
            result.kind = .object(sorted)
        case .arrayComprehension(var head, var body):
            takeOut(&head, &body)
            head = gathered(head)
            result.kind = .arrayComprehension(head, body: gathered(body))
        case .setComprehension(var head, var body):
            takeOut(&head, &body)
            head = gathered(head)
            result.kind = .setComprehension(head, body: gathered(body))
        case .objectComprehension(var key, var value, var body):
            takeOut(&key, &body)
            takeOut(&value, &body)
            key = gathered(key)
            value = gathered(value)
            result.kind = .objectComprehension(key: key, value: value, body: gathered(body))
        }
        return result
    }

    private mutating func takeOut(_ term: inout Term, _ body: inout Body) {
        guard term.requiresEvaluation else { return }
        let (step, variable) = bind(term)
        term = variable
        body.append(step)
    }

    mutating func takeOutHeads(_ branch: inout Branch) {
        if var key = branch.key {
            takeOut(&key, &branch.body)
            branch.key = key
        }
        if var value = branch.value {
            takeOut(&value, &branch.body)
            branch.value = value
        }
        for index in branch.arguments.indices { takeOut(&branch.arguments[index], &branch.body) }
    }

    // MARK: With

    /// The values of `with` are steps before it, in a body before the bodies inside of it.
    mutating func takeOutReplacements(_ body: Body) -> Body {
        var result: Body = []
        // The steps of one written expression have its `with`, whose value is computed once.
        var computed: [Span: Term] = [:]
        for expression in body {
            var main = expression
            for index in main.with.indices {
                if let known = computed[main.with[index].span] {
                    main.with[index].value = known
                } else if replacesWithValue(&main.with[index]) {
                    let (step, variable) = bind(main.with[index].value)
                    computed[main.with[index].span] = variable
                    main.with[index].value = variable
                    result.append(step)
                }
            }
            result.append(main)
        }
        return result.map {
            ClosureWalk.changing($0, &self) { view, body in body = view.takeOutReplacements(body) }
        }
    }

    /// Whether a value replaces that has to be computed; functions that replace others have their names.
    private func replacesWithValue(_ with: inout With) -> Bool {
        if let name = with.value.variableName, Registry.find(names[name]) != nil {
            with.value.kind = .ref(Self.function(name, with.value.span))
        }
        if with.target.headName != .input, case .ref(let value) = with.value.kind {
            if isRule(value) {
                guard with.target.headName == .data, let path = path(of: value) else { return false }
                // Documents replace documents by their values, and functions by themselves.
                if let target = self.path(of: with.target), arities[target].map({ $0 > 0 }) ?? false { return false }
                return !(arities[path].map { $0 > 0 } ?? false)
            }
            if value.headName != .input, value.headName != .data, arity(of: value) != nil { return false }
        }
        return with.value.requiresEvaluation
    }

    private func isRule(_ reference: Ref) -> Bool {
        guard reference.headName == .data, let path = path(of: reference) else { return false }
        return rulePaths.contains(path)
    }

    // MARK: Operands

    /// `==` between expressions' operands is `=`.
    static func unifying(_ body: Body) -> Body {
        body.map { expression in
            var result = expression
            if case .call(var call) = expression.kind, call.simpleName == .equal, call.arguments.count == 2 {
                call.function = function(.eq, call.function.span)
                result.kind = .call(call)
            }
            return result
        }
    }

    /// References and comprehensions among operands are steps of their own.
    mutating func takeOutOperands(_ body: Body) -> Body {
        var result: Body = []
        for expression in body {
            var main = expression
            switch main.kind {
            case .term(let term): main.kind = .term(kept(term, main.with, &result))
            case .call(var call):
                let isEquality = call.simpleName == .eq && call.arguments.count == 2
                for index in call.arguments.indices {
                    call.arguments[index] =
                        isEquality
                        ? kept(call.arguments[index], main.with, &result)
                        : operand(call.arguments[index], main.with, &result)
                }
                main.kind = .call(call)
            case .some: break
            case .every(var every):
                every.domain = operand(every.domain, main.with, &result)
                every.body = takeOutOperands(Self.unifying(every.body))
                main.kind = .every(every)
            case .not(var not):
                not.body = takeOutOperands(Self.unifying(not.body))
                main.kind = .not(not)
            case .and(var logical):
                logical.left = takeOutOperands(Self.unifying(logical.left))
                logical.right = takeOutOperands(Self.unifying(logical.right))
                main.kind = .and(logical)
            case .or(var logical):
                logical.left = takeOutOperands(Self.unifying(logical.left))
                logical.right = takeOutOperands(Self.unifying(logical.right))
                main.kind = .or(logical)
            }
            result.append(main)
        }
        return result
    }

    /// A reference or a comprehension that stays; what it is looked up by is taken out.
    private mutating func kept(_ term: Term, _ with: [With], _ result: inout Body) -> Term {
        switch term.kind {
        case .ref(var ref):
            for index in ref.parts.indices { ref.parts[index] = operand(ref.parts[index], with, &result) }
            return Term(.ref(ref), term.span)
        case .arrayComprehension, .setComprehension, .objectComprehension: return withOperands(term)
        default: return operand(term, with, &result)
        }
    }

    private mutating func withOperands(_ term: Term) -> Term {
        var result = term
        switch term.kind {
        case .arrayComprehension(let head, let body):
            result.kind = .arrayComprehension(head, body: takeOutOperands(Self.unifying(body)))
        case .setComprehension(let head, let body):
            result.kind = .setComprehension(head, body: takeOutOperands(Self.unifying(body)))
        case .objectComprehension(let key, let value, let body):
            result.kind = .objectComprehension(
                key: key, value: value, body: takeOutOperands(Self.unifying(body)))
        default: break
        }
        return result
    }

    private mutating func operand(_ term: Term, _ with: [With], _ result: inout Body) -> Term {
        switch term.kind {
        case .ref, .arrayComprehension, .setComprehension, .objectComprehension:
            var (step, variable) = (Expr(.term(term), span: term.span), term)
            if case .ref = term.kind {
                let inner = kept(term, with, &result)
                (step, variable) = bind(inner)
            } else {
                let inner = withOperands(term)
                (step, variable) = bind(inner)
            }
            step.with = with
            result.append(step)
            return variable
        case .array(let elements):
            return Term(.array(elements.map { operand($0, with, &result) }), term.span)
        case .set(let elements):
            return Term(.set(names.sorted(elements).map { operand($0, with, &result) }), term.span)
        case .object(let entries):
            var sorted = names.sorted(entries)
            for index in sorted.indices {
                let key = operand(sorted[index].key, with, &result)
                sorted[index] = ObjectEntry(key, operand(sorted[index].value, with, &result))
            }
            return Term(.object(sorted), term.span)
        case .null, .bool, .number, .string, .variable, .call, .template: return term
        }
    }
}

/// The calls of `rego.metadata`'s functions in a rule.
private struct MetadataCalls {
    let chain: [Name]
    let rule: [Name]
    var callsChain = false
    var callsRule = false
    var chainValue: Term?
    var ruleValue: Term?

    init(chain: [Name], rule: [Name]) {
        self.chain = chain
        self.rule = rule
    }

    mutating func reset() { self = MetadataCalls(chain: chain, rule: rule) }

    private func calls(_ call: Call, _ path: [Name]) -> Bool {
        guard call.function.headName == .rego, call.function.parts.count == path.count else { return false }
        for (part, name) in zip(call.function.parts, path) {
            guard case .string(let text) = part.kind, text == name else { return false }
        }
        return true
    }

    mutating func find(in branch: CompiledModules.Branch) {
        for term in [branch.key, branch.value].compactMap({ $0 }) { find(in: term) }
        for expression in branch.body { find(in: expression) }
    }

    private mutating func find(in expression: Expr) {
        switch expression.kind {
        case .term(let term): find(in: term)
        case .call(let call):
            if calls(call, chain) { callsChain = true }
            if calls(call, rule) { callsRule = true }
            for argument in call.arguments { find(in: argument) }
        case .some: break
        case .every(let every): for inner in every.body { find(in: inner) }
        case .not(let not): for inner in not.body { find(in: inner) }
        case .and(let logical), .or(let logical): for inner in logical.left + logical.right { find(in: inner) }
        }
        for with in expression.with { find(in: with.value) }
    }

    private mutating func find(in term: Term) {
        switch term.kind {
        case .null, .bool, .number, .string, .variable, .template, .call: break
        case .ref(let ref): for part in ref.parts { find(in: part) }
        case .array(let elements), .set(let elements): for element in elements { find(in: element) }
        case .object(let entries):
            for entry in entries {
                find(in: entry.key)
                find(in: entry.value)
            }
        case .arrayComprehension(_, let body), .setComprehension(_, let body), .objectComprehension(_, _, let body):
            for expression in body { find(in: expression) }
        }
    }

    func replaced(_ term: Term, _ view: inout CompiledModules) -> Term {
        ClosureWalk.changing(term, &view) { view, body in body = replaced(body, &view) }
    }

    func replaced(_ body: Body, _ view: inout CompiledModules) -> Body {
        body.map { expression in
            let inner = ClosureWalk.changing(expression, &view) { view, body in body = replaced(body, &view) }
            guard case .call(let call) = inner.kind else { return inner }
            guard let value = calls(call, chain) ? chainValue : calls(call, rule) ? ruleValue : nil else {
                return inner
            }
            var result = Expr(.term(value), span: inner.span)
            if let output = call.arguments.first {
                result = CompiledModules.equality(output, value)
                result.span = inner.span
            }
            result.isGenerated = true
            return result
        }
    }
}
