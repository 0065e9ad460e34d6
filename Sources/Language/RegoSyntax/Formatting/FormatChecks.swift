import WritSource

/// What a module must not do for its text to become one of v1: OPA refuses to lay it out.
///
/// These are the checks that a compiler makes of v1 modules anyway. A module that was read as v0 has them here.
struct FormatChecks {
    let names: NameTable
    /// Whether a dotted name is that of a builtin that v1 does not have any more.
    let isDeprecated: (ArraySlice<UInt8>) -> Bool
    private var found: [Diagnostic] = []

    init(_ names: NameTable, isDeprecated: @escaping (ArraySlice<UInt8>) -> Bool) {
        self.names = names
        self.isDeprecated = isDeprecated
    }

    /// The errors of a module, in OPA's order.
    mutating func check(_ module: Module) -> [Diagnostic] {
        duplicateImports(module)
        for rule in module.rules { rootDocuments(rule) }
        var walk = ExpressionWalk()
        for rule in module.rules { walk.visit(rule) }
        for expression in walk.found { assignment(expression) }
        for expression in walk.found { deprecated(expression) }
        for rule in module.rules where rule.head.reference.parts.isEmpty && rule.head.name.isKeyword(in: .v1) {
            let message = names.text(rule.head.name) + " keyword cannot be used for rule name"
            add(.regoParseError, message, rule.span)
            for branch in rule.elseBranches { add(.regoParseError, message, branch.span) }
        }
        return found
    }

    private mutating func add(_ code: DiagnosticCode, _ message: String, _ span: Span) {
        found.append(Diagnostic(code, message, at: span))
    }

    private static var compileError: DiagnosticCode { DiagnosticCode("rego_compile_error") }

    private mutating func duplicateImports(_ module: Module) {
        var firsts: [(Name, Import)] = []
        for item in module.imports {
            guard let name = item.boundName else { continue }
            guard let first = firsts.first(where: { $0.0 == name })?.1 else {
                firsts.append((name, item))
                continue
            }
            var text = "import must not shadow import " + names.text(of: first.path)
            if let alias = first.alias { text += " as " + (names.isWildcard(alias) ? "_" : names.text(alias)) }
            add(Self.compileError, text, item.span)
        }
    }

    private mutating func rootDocuments(_ rule: Rule) {
        if let name = rule.head.reference.headName, isRoot(name) {
            add(Self.compileError, "rules must not shadow \(names.text(name)) (use a different rule name)", rule.span)
        }
        for argument in rule.head.arguments ?? [] {
            guard let name = plainName(argument), isRoot(name) else { continue }
            add(
                Self.compileError, "args must not shadow \(names.text(name)) (use a different variable name)",
                argument.span)
        }
    }

    private mutating func assignment(_ expression: Expr) {
        guard case .call(let call) = expression.kind, call.simpleName == .assign, let target = call.arguments.first,
            let name = plainName(target), isRoot(name)
        else { return }
        add(
            Self.compileError, "variables must not shadow \(names.text(name)) (use a different variable name)",
            expression.span)
    }

    private mutating func deprecated(_ expression: Expr) {
        guard case .call(let call) = expression.kind, let name = dottedName(call.function), isDeprecated(name[...])
        else { return }
        let text = String(decoding: name, as: UTF8.self)
        add(
            DiagnosticCode("rego_type_error"), "deprecated built-in function calls in expression: \(text)",
            expression.span)
    }

    private func isRoot(_ name: Name) -> Bool { name == .input || name == .data }

    private func plainName(_ term: Term) -> Name? {
        switch term.kind {
        case .variable(let name): name
        case .ref(let ref): ref.parts.isEmpty ? ref.headName : nil
        default: nil
        }
    }

    private func dottedName(_ ref: Ref) -> [UInt8]? {
        guard let head = ref.headName else { return nil }
        var text = Array(names[head])
        for part in ref.parts {
            guard case .string(let name) = part.kind else { return nil }
            text.append(0x2E)
            text += names[name]
        }
        return text
    }
}
