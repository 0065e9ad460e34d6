import WritSource

/// Words that references write in brackets.
enum FormatKeywords {
    case v0, v1
    /// None besides those of v0, whatever the module imports.
    case none
}

extension FormatStyle {
    init(_ module: Module, _ names: NameTable, _ options: FormatOptions) {
        source = module.version
        if options.target != .v0 {
            isV1 = true
            usesIf = true
            usesContains = true
        }
        for `import` in module.imports {
            if `import`.isRegoV1 {
                usesIf = true
                usesContains = true
            }
            guard `import`.isFuture, case .string(.keywords)? = `import`.path.parts.first?.kind else { continue }
            guard `import`.path.parts.count == 2, case .string(let keyword) = `import`.path.parts[1].kind else {
                usesIf = true
                usesContains = true
                continue
            }
            futureKeywords.append(keyword)
            if keyword == .contains { usesContains = true }
            if keyword == .if { usesIf = true }
        }
        for rule in module.rules {
            let count = rule.head.reference.parts.count
            if count > 1 || count == 1 && rule.head.key != nil { hasReferenceHeads = true }
        }
        hasGeneratedNames = names.hasGeneratedNames
        var finder = KeywordFinder()
        for rule in module.rules { finder.visit(rule) }
        usedKeywords = finder.keywords
    }

    var keywords: FormatKeywords { isV1 ? .v1 : .v0 }

    /// Whether a reference cannot name the word without brackets where keywords are not allowed in references.
    func isKeyword(_ name: Name, _ keywords: FormatKeywords) -> Bool {
        switch keywords {
        case .v1: name.isKeyword(in: .v1)
        case .v0: name.isKeyword(in: .v0) || futureKeywords.contains(name)
        case .none: name.isKeyword(in: .v0)
        }
    }
}

extension NameTable {
    /// Whether a name looks like those of variables that compilers make.
    fileprivate var hasGeneratedNames: Bool {
        let prefix: StaticString = "__local"
        return prefix.withUTF8Buffer { bytes in
            var id: UInt32 = 0
            while Int(id) < count {
                let name = self[Name(id: id)]
                if name.count >= bytes.count, name.first == 0x5F, zip(name, bytes).allSatisfy({ $0 == $1 }) {
                    return true
                }
                id += 1
            }
            return false
        }
    }
}

/// Finds the operators that need an import: `in` and `every` as expressions, `not` with a body, `and`, `or`.
private struct KeywordFinder {
    var keywords: [Name] = []

    mutating func note(_ name: Name) { if !keywords.contains(name) { keywords.append(name) } }

    mutating func visit(_ rule: Rule) {
        for term in rule.head.arguments ?? [] { visit(term) }
        if let key = rule.head.key { visit(key) }
        if let value = rule.head.value { visit(value) }
        visit(rule.body ?? [])
        for branch in rule.elseBranches {
            if let value = branch.value { visit(value) }
            visit(branch.body ?? [])
        }
    }

    mutating func visit(_ body: Body) { for expression in body { visit(expression) } }

    mutating func visit(_ expression: Expr) {
        switch expression.kind {
        case .term(let term): visit(term)
        case .call(let call):
            if call.membership != nil { note(.in) }
            visit(call)
        case .some(.names): break
        case .some(.membership(let key, let value, let collection, _)):
            if let key { visit(key) }
            visit(value)
            visit(collection)
        case .every(let every):
            note(.every)
            visit(every.domain)
            visit(every.body)
        case .not(let not):
            note(.not)
            visit(not.body)
        case .and(let logical):
            note(.and)
            visit(logical.left)
            visit(logical.right)
        case .or(let logical):
            note(.or)
            visit(logical.left)
            visit(logical.right)
        }
        for with in expression.with { visit(with.value) }
    }

    mutating func visit(_ call: Call) {
        visit(call.function)
        for argument in call.arguments { visit(argument) }
    }

    mutating func visit(_ ref: Ref) {
        visit(ref.head)
        for part in ref.parts { visit(part) }
    }

    mutating func visit(_ term: Term) {
        switch term.kind {
        case .null, .bool, .number, .string, .variable: break
        case .ref(let ref): visit(ref)
        case .array(let terms), .set(let terms): for term in terms { visit(term) }
        case .object(let entries):
            for entry in entries {
                visit(entry.key)
                visit(entry.value)
            }
        case .arrayComprehension(let term, let body), .setComprehension(let term, let body):
            visit(term)
            visit(body)
        case .objectComprehension(let key, let value, let body):
            visit(key)
            visit(value)
            visit(body)
        case .call(let call): visit(call)
        case .template(let template):
            for part in template.parts {
                if case .expression(let expression) = part { visit(expression) }
            }
        }
    }
}

extension Call {
    /// The number of operands if this is `in`: 2, or 3 with a key.
    var membership: Int? {
        guard function.headName == .internal, function.parts.count == 1,
            case .string(let name) = function.parts[0].kind
        else { return nil }
        if name == .member2 { return 2 }
        if name == .member3 { return 3 }
        return nil
    }

    /// The sign of an operator's function.
    var sign: StaticString? {
        guard let name = simpleName else { return nil }
        switch name {
        case .assign: return ":="
        case .eq: return "="
        case .equal: return "=="
        case .neq: return "!="
        case .lt: return "<"
        case .lte: return "<="
        case .gt: return ">"
        case .gte: return ">="
        case .plus: return "+"
        case .minus: return "-"
        case .mul: return "*"
        case .div: return "/"
        case .rem: return "%"
        case .and: return "&"
        case .or: return "|"
        default: return nil
        }
    }

    /// Whether it is the union of two sets, whose sign would begin the body of a comprehension.
    var isUnion: Bool { simpleName == .or && arguments.count == 2 }
}
