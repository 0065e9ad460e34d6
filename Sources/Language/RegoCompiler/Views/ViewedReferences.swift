import RegoSyntax
import WritSource

/// Names become references: imports, and the rules of the package.
extension CompiledModules {
    mutating func resolveReferences() {
        let rulesOfPackages = referencesToRules()
        for index in modules.indices {
            let resolver = ReferenceResolver(
                imports: imports(of: modules[index]), rules: rulesOfPackages[path(of: modules[index].package)] ?? [:])
            for number in rules[index].indices {
                var rule = rules[index][number]
                for place in rule.branches.indices {
                    resolver.resolve(&rule.branches[place], &rule.parts, isElse: place > 0)
                }
                rules[index][number] = rule
            }
        }
    }

    /// What the names of rules stand for, package by package: a package may have as many modules as there are.
    private func referencesToRules() -> [[Name]: [Name: Ref]] {
        var found: [[Name]: [Name: Ref]] = [:]
        for module in modules {
            let package = path(of: module.package)
            for rule in module.rules where found[package]?[rule.head.name] == nil {
                var path = module.package.path
                path.parts.append(Term(.string(rule.head.name), rule.head.span))
                found[package, default: [:]][rule.head.name] = path
            }
        }
        return found
    }

    private func imports(of module: Module) -> [Name: Ref] {
        var imports: [Name: Ref] = [:]
        for item in module.imports {
            guard let head = item.path.headName, head != .future, head != .rego, let name = item.boundName else {
                continue
            }
            imports[name] = item.path
        }
        return imports
    }

    /// A part of a head that is more than a variable or a scalar is computed in the body.
    mutating func takeOutHeadParts(_ rule: inout ViewedRule) {
        for index in rule.parts.indices {
            if rule.parts[index].isScalar || rule.parts[index].variableName != nil { continue }
            let (step, variable) = bind(rule.parts[index])
            rule.parts[index] = variable
            rule.branches[0].body.append(step)
        }
    }
}

private struct ReferenceResolver {
    /// What the module's imports are named, before the rules of its package.
    let imports: [Name: Ref]
    let rules: [Name: Ref]

    /// The names that hide rules and imports, scope by scope.
    typealias Hidden = [Set<Name>]

    func resolve(_ branch: inout CompiledModules.Branch, _ parts: inout [Term], isElse: Bool) {
        var arguments: Set<Name> = []
        for argument in branch.arguments { Self.addPatterns(argument, &arguments) }
        let hidden: Hidden = [arguments, Self.declared(branch.body)]
        if !isElse { parts = parts.map { term($0, hidden) } }
        branch.key = branch.key.map { term($0, hidden) }
        branch.value = branch.value.map { term($0, hidden) }
        branch.body = body(branch.body, hidden)
    }

    private func target(_ name: Name, _ hidden: Hidden) -> Ref? {
        guard let target = imports[name] ?? rules[name], !hidden.contains(where: { $0.contains(name) }) else {
            return nil
        }
        return target
    }

    private func body(_ body: Body, _ hidden: Hidden) -> Body { body.map { expression($0, hidden) } }

    private func expression(_ expression: Expr, _ hidden: Hidden) -> Expr {
        var result = expression
        switch expression.kind {
        case .term(let term): result.kind = .term(self.term(term, hidden))
        case .call(let call): result.kind = .call(self.call(call, hidden))
        case .some(.names): break
        case .some(.membership(let key, let value, let collection, let place)):
            result.kind = .some(
                .membership(
                    key: key.map { term($0, hidden) }, value: term(value, hidden),
                    collection: term(collection, hidden), place: place))
        case .every(var every):
            var own: Set<Name> = []
            if let key = every.key { VariableWalk().term(key, &own) }
            VariableWalk().term(every.value, &own)
            let inner = hidden + [own]
            every.domain = term(every.domain, inner)
            every.body = body(every.body, inner)
            result.kind = .every(every)
        case .not(var not):
            not.body = body(not.body, hidden)
            result.kind = .not(not)
        case .and(let logical): result.kind = .and(self.logical(logical, hidden))
        case .or(let logical): result.kind = .or(self.logical(logical, hidden))
        }
        for index in result.with.indices {
            result.with[index].target = reference(result.with[index].target, hidden)
            result.with[index].value = term(result.with[index].value, hidden)
        }
        return result
    }

    private func logical(_ logical: Logical, _ hidden: Hidden) -> Logical {
        var result = logical
        result.left = body(logical.left, hidden)
        result.right = body(logical.right, hidden)
        return result
    }

    private func call(_ call: Call, _ hidden: Hidden) -> Call {
        Call(
            reference(call.function, hidden), call.arguments.map { term($0, hidden) }, isInfix: call.isInfix)
    }

    private func reference(_ reference: Ref, _ hidden: Hidden) -> Ref {
        var result = reference
        if let name = reference.headName {
            if let target = target(name, hidden) {
                result.head = target.head
                result.parts = target.parts
            } else {
                result.parts = []
            }
        } else {
            result.head = term(reference.head, hidden)
            result.parts = []
        }
        for part in reference.parts { result.parts.append(term(part, hidden)) }
        return result
    }

    private func term(_ term: Term, _ hidden: Hidden) -> Term {
        var result = term
        switch term.kind {
        case .null, .bool, .number, .string: break
        case .variable(let name):
            if let target = target(name, hidden) { result.kind = .ref(target) }
        case .ref(let ref): result.kind = .ref(reference(ref, hidden))
        case .array(let elements): result.kind = .array(elements.map { self.term($0, hidden) })
        case .set(let elements): result.kind = .set(elements.map { self.term($0, hidden) })
        case .object(let entries):
            result.kind = .object(
                entries.map { ObjectEntry(self.term($0.key, hidden), self.term($0.value, hidden)) })
        case .arrayComprehension(let head, let body):
            let inner = hidden + [Self.declared(body)]
            result.kind = .arrayComprehension(self.term(head, inner), body: self.body(body, inner))
        case .setComprehension(let head, let body):
            let inner = hidden + [Self.declared(body)]
            result.kind = .setComprehension(self.term(head, inner), body: self.body(body, inner))
        case .objectComprehension(let key, let value, let body):
            let inner = hidden + [Self.declared(body)]
            result.kind = .objectComprehension(
                key: self.term(key, inner), value: self.term(value, inner), body: self.body(body, inner))
        case .call(let call): result.kind = .call(self.call(call, hidden))
        case .template(var template):
            template.parts = template.parts.map { part in
                if case .expression(let expression) = part { return .expression(self.expression(expression, hidden)) }
                return part
            }
            result.kind = .template(template)
        }
        return result
    }

    // MARK: What hides

    /// The variables of an argument's pattern.
    private static func addPatterns(_ term: Term, _ found: inout Set<Name>) {
        switch term.kind {
        case .variable(let name): found.insert(name)
        case .ref(let ref):
            addPatterns(ref.head, &found)
            for part in ref.parts { addPatterns(part, &found) }
        case .array(let elements): for element in elements { addPatterns(element, &found) }
        case .object(let entries): for entry in entries { addPatterns(entry.value, &found) }
        default: break
        }
    }

    /// The names that a body declares, also in bodies inside of it, but not in comprehensions.
    private static func declared(_ body: Body) -> Set<Name> {
        var found: Set<Name> = []
        addDeclared(body, &found)
        return found
    }

    private static func addDeclared(_ body: Body, _ found: inout Set<Name>) {
        let walk = VariableWalk()
        for expression in body {
            switch expression.kind {
            case .call(let call):
                if call.simpleName == .assign, call.arguments.count == 2 { walk.term(call.arguments[0], &found) }
            case .some(.names(let terms)): for term in terms { walk.term(term, &found) }
            case .some(.membership(let key, let value, _, _)):
                if let key { walk.term(key, &found) }
                walk.term(value, &found)
            case .every(let every): addDeclared(every.body, &found)
            case .not(let not): addDeclared(not.body, &found)
            case .and(let logical), .or(let logical):
                addDeclared(logical.left, &found)
                addDeclared(logical.right, &found)
            case .term: break
            }
        }
    }
}
