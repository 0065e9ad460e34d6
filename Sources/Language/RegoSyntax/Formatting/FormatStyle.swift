import WritSource

/// Words that references write in brackets.
enum FormatKeywords {
    case v0, v1
    /// None besides those of v0, whatever the module imports.
    case none
}

extension FormatStyle {
    init(_ module: Module, _ names: NameTable, _ options: FormatOptions) {
        isSameLanguage = options.target == module.version || options.target == .v0 && module.version == .v0v1
        if options.target != .v0 {
            isV1 = true
            usesIf = true
            usesContains = true
        }
        var hasFutureImport = false
        for `import` in module.imports {
            if `import`.isFuture { hasFutureImport = true }
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
        // v1 has its keywords without imports; what it does not have must have been imported to be used.
        if options.target == .v0 || !futureKeywords.isEmpty || hasFutureImport { findKeywords(module) }
    }

    /// Finds the operators that need an import: `in` and `every` as expressions, `not` with a body, `and`, `or`.
    private mutating func findKeywords(_ module: Module) {
        var walk = ExpressionWalk()
        for rule in module.rules { walk.visit(rule) }
        for expression in walk.found {
            let keyword: Name
            switch expression.kind {
            case .call(let call) where call.membership != nil: keyword = .in
            case .every: keyword = .every
            case .not: keyword = .not
            case .and: keyword = .and
            case .or: keyword = .or
            default: continue
            }
            if !usedKeywords.contains(keyword) { usedKeywords.append(keyword) }
        }
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
