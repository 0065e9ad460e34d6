import WritSource

// Modules: packages, imports, and the order of statements.
extension Parser {
    private enum Statement {
        case package(Package)
        case `import`(Import)
        case rules([ParsedRule])
        case body(Body)
    }

    /// The whole text as a module.
    mutating func module() -> (Module?, [Diagnostic]) {
        var builder = ModuleBuilder()
        scan()
        while token != .endOfFile {
            let start = state.start
            if let statement = statement(withRules: true) {
                add(statement, &builder)
            } else {
                guard options.recovers, skipStatement(from: start) else { break }
                builder.first = false
            }
            memo.clear()
        }
        let metadata = readMetadata()
        if errors.isEmpty || options.recovers { finish(&builder) }
        guard let package = builder.package else { return (nil, errors) }
        let rules = builder.rules.map { $0.rule }
        let annotations =
            errors.isEmpty || options.recovers ? attach(metadata, package, builder.imports, rules) : []
        let module = Module(
            source: file.id, package: package, imports: builder.imports, rules: rules, comments: comments,
            annotations: annotations, version: builder.version(options.version))
        return (module, errors)
    }

    /// Goes to the first line behind the start of a broken statement that may begin another one.
    private mutating func skipStatement(from start: Int) -> Bool {
        var row = file.row(at: UInt32(truncatingIfNeeded: start)) + 1
        while row <= file.lineStarts.count {
            let line = file.lineRange(row: row)
            if let first = file.text[line].first, Self.beginsStatement(first), line.lowerBound > start {
                var next = State()
                next.position = line.lowerBound
                next.wildcards = state.wildcards
                earlierErrors += state.errors
                state = next
                scan()
                return true
            }
            row += 1
        }
        return false
    }

    private static func beginsStatement(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte == 0x5F }

    /// The whole text as expressions.
    mutating func queryStatements() -> Body {
        var body: Body = []
        scan()
        while token != .endOfFile {
            let start = span
            guard let statement = statement(withRules: false) else { break }
            switch statement {
            case .body(let expressions): body += expressions
            case .rules: break
            case .import: error("expected body but got *ast.Import", at: start)
            case .package: error("expected body but got *ast.Package", at: start)
            }
            memo.clear()
        }
        return body
    }

    /// The whole text as statements of any kind.
    mutating func shellStatements() -> [ShellStatement] {
        var statements: [ShellStatement] = []
        scan()
        while token != .endOfFile {
            let start = span
            guard let statement = statement(withRules: true) else { break }
            let kind: ShellStatement.Kind
            switch statement {
            case .package(let package): kind = .package(package)
            case .import(let `import`): kind = .import(`import`)
            case .rules(let rules): kind = .rules(rules.map { $0.rule })
            case .body(let body): kind = .body(body)
            }
            statements.append(ShellStatement(kind: kind, span: extended(start)))
            memo.clear()
        }
        return statements
    }

    private struct ModuleBuilder {
        var first = true
        var package: Package?
        var imports: [Import] = []
        var rules: [ParsedRule] = []
        /// Problems of statements that parse, reported only when all do.
        var late: [(Body, Int)] = []
        var packages: [Package] = []
        var firstSpan = Span.none
        var hasRegoV1 = false

        func version(_ asked: RegoVersion) -> RegoVersion {
            asked == .v0 && hasRegoV1 ? .v0v1 : asked
        }
    }

    private mutating func add(_ statement: Statement, _ builder: inout ModuleBuilder) {
        if builder.first {
            builder.first = false
            if case .package(let package) = statement {
                builder.package = package
                return
            }
            switch statement {
            case .import(let `import`): builder.firstSpan = `import`.span
            case .rules(let rules): builder.firstSpan = rules.first?.rule.span ?? .none
            case .body(let body): builder.firstSpan = body.first?.span ?? .none
            case .package: break
            }
            // What stands in the place of the package is not looked at again, but further bodies of a rule are.
            if case .rules(let rules) = statement { builder.rules += rules.dropFirst() }
            return
        }
        switch statement {
        case .package(let package): builder.packages.append(package)
        case .import(let `import`):
            builder.imports.append(`import`)
            if `import`.isRegoV1 { builder.hasRegoV1 = true }
        case .rules(let rules): builder.rules += rules
        case .body(let body): builder.late.append((body, builder.rules.count + builder.late.count))
        }
    }

    /// The checks that come when every statement was understood.
    private mutating func finish(_ builder: inout ModuleBuilder) {
        func report(_ message: String, _ place: Span) {
            state.errors.append(Diagnostic(.regoParseError, message, at: place))
        }
        if builder.first {
            var diagnostic = Diagnostic(.regoParseError, "empty module", at: span(0, 0))
            diagnostic.position = Position(row: 0, column: 0)
            state.errors.append(diagnostic)
            return
        }
        if builder.package == nil { report("package expected", builder.firstSpan) }
        for package in builder.packages { report("unexpected package", package.span) }
        if !builder.late.isEmpty { mergeLate(&builder) }
        if builder.version(options.version) != .v0 {
            for rule in builder.rules { checkV1(rule) }
        }
    }

    /// Puts the rules without bodies in their places among the others.
    private mutating func mergeLate(_ builder: inout ModuleBuilder) {
        var merged: [ParsedRule] = []
        merged.reserveCapacity(builder.rules.count + builder.late.count)
        var next = 0
        var position = 0
        for (body, place) in builder.late {
            while position < place {
                merged.append(builder.rules[next])
                next += 1
                position += 1
            }
            position += 1
            if let rule = rule(from: body) { merged.append(rule) }
        }
        merged += builder.rules[next...]
        builder.rules = merged
    }

    /// The next statement; nil with errors if it cannot be read.
    private mutating func statement(withRules: Bool) -> Statement? {
        let saved = state
        if token == .package {
            if let package = package() { return .package(package) }
            if state.errorCount > 0 { return nil }
            state = saved
        }
        if token == .import {
            if let `import` = importStatement() {
                if `import`.path.headName == .rego {
                    useRegoImport(`import`)
                } else if `import`.path.headName == .future {
                    useFutureImport(`import`)
                }
                return .import(`import`)
            }
            if state.errorCount > 0 { return nil }
            state = saved
        }
        if withRules {
            if let rules = rules() { return .rules(rules) }
            if state.errorCount > 0 { return nil }
            state = saved
        }
        return query(until: .endOfFile, single: true).map { .body($0) }
    }

    // MARK: package

    private mutating func package() -> Package? {
        let start = span
        guard beginPath() else { return nil }
        guard let term = term() else {
            if state.errorCount == 0 { error("expected path", at: span) }
            return nil
        }
        let data: (Span) -> Term = { Term(.variable(.data), $0) }
        var parts: [Term] = []
        switch term.kind {
        case .variable(let name): parts.append(Term(.string(name), term.span))
        case .ref(let ref):
            guard let name = ref.headName else {
                error("unexpected " + ref.head.kind.name.description + " token: expecting var", at: ref.head.span)
                return nil
            }
            parts.append(Term(.string(name), ref.head.span))
            guard areStrings(ref.parts) else { return nil }
            parts += ref.parts
        default:
            unexpected()
            return nil
        }
        let path = Ref(head: data(parts[0].span), parts: parts, span: term.span)
        return Package(path: path, span: extended(start))
    }

    /// Behind `package` or `import`: a path follows unless this is a reference such as `import.x`.
    private mutating func beginPath() -> Bool {
        scanWithSpace()
        if token == .dot || token == .leftBracket { return false }
        if token == .whitespace { scan() }
        if token == .identifier { return true }
        if isKeywordInReference {
            token = .identifier
            return true
        }
        unexpected()
        return false
    }

    private mutating func areStrings(_ parts: [Term]) -> Bool {
        for part in parts {
            if case .string = part.kind { continue }
            error("unexpected " + part.kind.name.description + " token: expecting string", at: part.span)
            return false
        }
        return true
    }

    // MARK: import

    private mutating func importStatement() -> Import? {
        let start = span
        guard beginPath() else { return nil }
        // In a path no word but the first version's keywords is one, and neither is the token behind it.
        let keywords = lexer.keywords
        lexer.keywords = []
        let ownMemo = memo
        memo = TermMemo(size: 0)
        let term = term()
        memo = ownMemo
        var path: Ref?
        switch term?.kind {
        case .variable: path = term.map { Ref(head: $0, parts: [], span: $0.span) }
        case .ref(let ref):
            guard areStrings(ref.parts) else {
                lexer.keywords = keywords
                return nil
            }
            path = ref
        default: break
        }
        lexer.keywords = keywords
        guard let path else {
            error("expected path", at: span)
            return nil
        }
        switch path.headName {
        case .data?, .input?, .future?, .rego?: break
        default:
            hint("if this is unexpected, try updating OPA")
            error(
                "unexpected import path, must begin with one of: {data, future, input, rego}, got: "
                    + lexer.names.text(of: path.head), at: path.span)
            return nil
        }
        if token == .as { return aliased(path, start) }
        checkLast(path)
        return Import(path: path, alias: nil, span: extended(start))
    }

    private mutating func aliased(_ path: Ref, _ start: Span) -> Import? {
        scan()
        guard token == .identifier else {
            unexpected("expected var")
            return nil
        }
        guard let term = term(), case .variable(let alias) = term.kind else {
            unexpected("expected var")
            return nil
        }
        return Import(path: path, alias: alias, span: extended(start))
    }

    /// A path that ends in a keyword would bind a name that cannot be used.
    private mutating func checkLast(_ path: Ref) {
        let name: Name
        let place: Span
        if let last = path.parts.last {
            guard path.headName != .future, case .string(let text) = last.kind else { return }
            (name, place) = (text, last.span)
        } else {
            guard let head = path.headName else { return }
            (name, place) = (head, path.head.span)
        }
        guard name.isKeyword(in: options.version) else { return }
        hint("import a different path or use an alias")
        error("unexpected import path, must not end with a keyword, got: " + lexer.names.text(name), at: place)
    }

    private mutating func useFutureImport(_ import: Import) {
        let path = `import`.path
        guard let first = path.parts.first, case .string(.keywords) = first.kind else {
            error("invalid import, must be `future.keywords`", at: path.span)
            return
        }
        if `import`.alias != nil {
            error("`future` imports cannot be aliased", at: path.span)
            return
        }
        if path.parts.count == 2, case .string(let name) = path.parts[1].kind {
            let importable = options.features.importable
            guard let keyword = KeywordSet(importing: name), !keyword.isDisjoint(with: importable) else {
                error("unexpected keyword, must be one of " + importable.list, at: path.span)
                return
            }
            lexer.keywords.insert(keyword)
            if keyword.contains(.not) { hasNotBodies = true }
            return
        }
        let importable = options.features.importable
        lexer.keywords.formUnion(importable)
        if importable.contains(.not) { hasNotBodies = true }
    }

    private mutating func useRegoImport(_ import: Import) {
        guard options.features.hasRegoV1Import else {
            error(
                "invalid import, `rego.v1` is not supported by current capabilities", at: `import`.path.span)
            return
        }
        guard `import`.isRegoV1 else {
            error("invalid import `" + text(of: `import`.path) + "`, must be `rego.v1`", at: `import`.path.span)
            return
        }
        if options.version == .v1 { return }
        if `import`.alias != nil {
            error("`rego` imports cannot be aliased", at: `import`.path.span)
            return
        }
        lexer.keywords.insert(.v1)
    }
}

extension Import {
    /// `import rego.v1`
    public var isRegoV1: Bool {
        guard path.headName == .rego, path.parts.count == 1, case .string(.v1) = path.parts[0].kind else {
            return false
        }
        return true
    }

    /// `import future.keywords` and those below it.
    public var isFuture: Bool { path.headName == .future }
}
