import RegoSyntax
import WritBuiltins
import WritSource

/// Pass 2: every name becomes a variable's number, a path below `data` or `input`, or a function.
///
/// Scopes are OPA's: a name that a body declares anywhere hides rules and imports in all of that body; the
/// variable itself begins at its declaration; a name that nothing declares belongs to the outermost body that
/// uses it directly.
struct NameResolver {
    var names: NameTable
    let collection: Collection
    let options: CompilerOptions
    var errors = StagedErrors()
    /// Calls of builtins that are not built, and the builtins that some `with` replaces.
    var missingCalls: [(number: Int, span: Span)] = []
    var mockedBuiltins: Set<Int> = []
    var scopes: Scopes
    /// The module being resolved and its package.
    var package: Int32 = 0
    var imports: [Name: GlobalTarget] = [:]
    var usedImports: Set<Name> = []
    /// The name of generated variables.
    let generated: Name
    /// Builtins that were looked up, by name; -1 for none.
    private var builtins: [Name: Int] = [:]
    /// Calls of deprecated builtins are errors in v1 modules.
    var isV1 = true
    /// The terms of a rule's head are being resolved, outside of comprehensions.
    var isInHead = false
    /// Errors of this rule's declarations so far: unused variables are only reported without any.
    var declarationErrors = 0
    let walk: Int?
    let printName: Int?
    /// What `rego.metadata`'s functions give in the rule at hand; nil outside of rules.
    var metadata: RuleMetadata?
    /// A branch behind `else` is being resolved: what is said of the rule is not said of it.
    var isInElse = false

    /// What the module at hand asked of the others.
    var questions = Questions()
    /// The module for which each name was last asked, and whether a path was.
    private var askedFor: [Int32]
    private var askedPaths: Set<[Name]> = []
    private var moduleNumber: Int32 = 0
    /// Expressions resolved.
    var expressionCount = 0

    init(_ collection: Collection, _ names: NameTable, _ options: CompilerOptions) {
        var names = names
        generated = names.intern("$generated")
        self.names = names
        askedFor = [Int32](repeating: 0, count: names.count)
        self.options = options
        self.collection = collection
        scopes = Scopes(nameCount: names.count)
        walk = Registry.find(Array("walk".utf8))
        printName = Registry.find(Array("print".utf8))
    }

    // MARK: Globals

    /// What a name of the module leads to when no variable hides it.
    mutating func global(_ name: Name) -> GlobalTarget? {
        if scopes.isHidden(name) { return nil }
        if let target = imports[name] {
            usedImports.insert(name)
            return target
        }
        guard isExported(name) else { return nil }
        return GlobalTarget(isInput: false, path: collection.tree.path(package).map { $0.name } + [name])
    }

    mutating func isGlobal(_ name: Name) -> Bool {
        if scopes.isHidden(name) { return false }
        if imports[name] != nil { return true }
        return isExported(name)
    }

    /// Whether the module's package has rules of this name.
    private mutating func isExported(_ name: Name) -> Bool {
        let answer = collection.exports(name, from: package)
        if Int(name.id) < askedFor.count, askedFor[Int(name.id)] != moduleNumber {
            askedFor[Int(name.id)] = moduleNumber
            questions.names.append((name, answer))
        }
        return answer
    }

    /// What stands at a path below `data`.
    mutating func lookUp(_ path: [Name]) -> PathAnswer {
        let answer = collection.answer(path)
        if askedPaths.insert(path).inserted { questions.paths.append((path, answer)) }
        return answer
    }

    /// Starts a module: it asks its questions anew.
    mutating func beginQuestions() {
        questions = Questions()
        questions.package = package
        moduleNumber += 1
        askedPaths.removeAll(keepingCapacity: true)
    }

    private func strings(_ path: [Name], _ span: Span) -> [ResolvedTerm] {
        path.map { ResolvedTerm(.string($0), span) }
    }

    // MARK: Terms

    mutating func generate() -> Variable { Variable(Int(scopes.newVariable(generated))) }

    mutating func term(_ term: Term) -> ResolvedTerm {
        switch term.kind {
        case .null: return ResolvedTerm(.null, term.span)
        case .bool(let value): return ResolvedTerm(.boolean(value), term.span)
        case .number(let spelling): return ResolvedTerm(.number(spelling), term.span)
        case .string(let text): return ResolvedTerm(.string(text), term.span)
        case .variable(let name): return variable(name, [], term.span, headSpan: term.span)
        case .ref(let ref): return reference(ref, term.span)
        case .array(let elements):
            return ResolvedTerm(.array(elements.map { self.term($0) }), term.span)
        case .set(let elements):
            return ResolvedTerm(.set(elements.map { self.term($0) }), term.span)
        case .object(let entries):
            // Of equal keys the last one's value stands; the others are never computed. Keys that turn out equal are
            // put in this order too, as in OPA: what is computed comes after constants.
            return ResolvedTerm(
                .object(names.sorted(entries).map { (self.term($0.key), self.term($0.value)) }), term.span)
        case .arrayComprehension(let head, let body):
            return comprehension([head], body) { .arrayComprehension($0[0], body: $1) }.at(term.span)
        case .setComprehension(let head, let body):
            return comprehension([head], body) { .setComprehension($0[0], body: $1) }.at(term.span)
        case .objectComprehension(let key, let value, let body):
            return comprehension([key, value], body) {
                .objectComprehension(key: $0[0], value: $0[1], body: $1)
            }.at(term.span)
        case .call(let call): return self.call(call, term.span, isNested: true)
        case .template(let template):
            return ResolvedTerm(.template(template.parts.map { part($0) }), term.span)
        }
    }

    /// A variable, or a reference whose head is one.
    private mutating func variable(_ name: Name, _ parts: [ResolvedTerm], _ span: Span, headSpan: Span) -> ResolvedTerm
    {
        if let target = global(name) {
            let base: ResolvedReference.Base = target.isInput ? .input : .data
            return ResolvedTerm(
                .reference(ResolvedReference(base, strings(target.path, headSpan) + parts, span)), span)
        }
        if name == .input || name == .data, scopes.meaning(name).kind < .argument {
            return ResolvedTerm(.reference(ResolvedReference(name == .input ? .input : .data, parts, span)), span)
        }
        let variable = Variable(Int(scopes.use(name)))
        if parts.isEmpty { return ResolvedTerm(.variable(variable), span) }
        return ResolvedTerm(.reference(ResolvedReference(.variable(variable), parts, span)), span)
    }

    mutating func reference(_ ref: Ref, _ span: Span) -> ResolvedTerm {
        guard let head = ref.headName else {
            let base = term(ref.head)
            let parts = ref.parts.map { term($0) }
            return ResolvedTerm(.reference(ResolvedReference(.term(base), parts, span)), span)
        }
        // The head comes first: an unused declaration is only told from the order of uses.
        guard !ref.parts.isEmpty else { return variable(head, [], span, headSpan: ref.head.span) }
        var result = variable(head, [], ref.head.span, headSpan: ref.head.span)
        let parts = ref.parts.map { term($0) }
        result.span = span
        switch result.kind {
        case .variable(let variable):
            result.kind = .reference(ResolvedReference(.variable(variable), parts, span))
        case .reference(var reference):
            reference.parts += parts
            reference.span = span
            result.kind = .reference(reference)
        default: break
        }
        return result
    }

    private mutating func comprehension(
        _ heads: [Term], _ body: Body,
        _ make: ([ResolvedTerm], [ResolvedExpression]) -> ResolvedTerm.Kind
    ) -> ResolvedTerm {
        let wasInHead = isInHead
        isInHead = false
        defer { isInHead = wasInHead }
        scopes.push()
        hideDeclared(in: body)
        enter(body, heads: heads)
        let resolved = self.body(body)
        let resolvedHeads = heads.map { term($0) }
        checkUnused(body)
        scopes.pop()
        return ResolvedTerm(make(resolvedHeads, resolved), .none)
    }

    private mutating func part(_ part: Template.Part) -> ResolvedTerm.TemplatePart {
        switch part {
        case .text(let text): return .text(term(text))
        case .expression(let expression):
            let value: ResolvedTerm
            switch expression.kind {
            case .term(let inner): value = term(inner)
            case .call(let call):
                value = self.call(call, expression.span, isNested: true)
                if case .call(.builtin(let number), _) = value.kind, number == walk {
                    errors.add(
                        .templates, .regoCompileError,
                        "illegal call to relation built-in 'walk' that may cause multiple outputs", at: expression.span)
                }
            case .and, .or, .not, .some, .every:
                errors.add(
                    .templates, .regoCompileError,
                    "unexpected template-string expression type: " + Self.typeName(expression.kind),
                    at: expression.span)
                value = ResolvedTerm(.null, expression.span)
            }
            if expression.with.isEmpty { return .expression(value, body: []) }
            let variable = ResolvedTerm(.variable(generate()), expression.span)
            let capture = ResolvedExpression(
                .unify(variable, value), with: expression.with.compactMap { with($0) }, expression.span)
            return .expression(variable, body: [capture])
        }
    }

    private static func typeName(_ kind: Expr.Kind) -> String {
        switch kind {
        case .or: "*ast.LogicalOr"
        case .and: "*ast.LogicalAnd"
        case .not: "*ast.Not"
        case .some: "*ast.SomeDecl"
        case .every: "*ast.Every"
        case .term, .call: "*ast.Term"
        }
    }

    // MARK: Calls

    /// Number of the builtin of a dotted name.
    mutating func builtin(_ function: Ref) -> Int? {
        var text: [UInt8] = []
        guard let head = function.headName else { return nil }
        if function.parts.isEmpty {
            if let known = builtins[head] { return known < 0 ? nil : known }
            text = Array(names[head])
        } else {
            text.append(contentsOf: names[head])
            for part in function.parts {
                guard case .string(let name) = part.kind else { return nil }
                text.append(UInt8(ascii: "."))
                text.append(contentsOf: names[name])
            }
        }
        var found = Registry.find(text)
        if let number = found, !options.capabilities.contains(builtin: number) { found = nil }
        if function.parts.isEmpty { builtins[head] = found ?? -1 }
        return found
    }

    enum Function {
        case builtin(Int)
        /// A path below `data` with the group there, if any.
        case rules(path: [Name], group: Int?)
        case shadowed
        case unknown
    }

    /// What a function's name stands for.
    mutating func function(_ ref: Ref) -> Function {
        guard let head = ref.headName else { return .unknown }
        var path: [Name] = []
        if let target = global(head) {
            if target.isInput { return .unknown }
            path = target.path
        } else if scopes.meaning(head).kind >= .argument {
            _ = scopes.use(head)
            return .shadowed
        } else if head != .data {
            scopes.see(head)
            if let number = builtin(ref) { return .builtin(number) }
            return .unknown
        }
        for part in ref.parts {
            guard case .string(let name) = part.kind else { return .unknown }
            path.append(name)
        }
        let answer = lookUp(path)
        return .rules(path: path, group: answer.hasRules && answer.group >= 0 ? Int(answer.group) : nil)
    }

    /// A call. With one argument more than parameters that one is the output: the answer is a unification then,
    /// see `ResolvedExpression.Kind.unify`, given back through `output`.
    mutating func call(_ call: Call, _ span: Span, isNested: Bool) -> ResolvedTerm {
        var output: ResolvedTerm?
        return self.call(call, span, isNested: isNested, output: &output)
    }

    mutating func call(_ call: Call, _ span: Span, isNested: Bool, output: inout ResolvedTerm?) -> ResolvedTerm {
        let function = self.function(call.function)
        let callee: Callee
        let arity: Int
        switch function {
        case .builtin(let number):
            if let value = metadataValue(number, call, span, isNested: isNested, output: &output) { return value }
            callee = .builtin(number)
            arity = Registry.all[number].parameters.count
            checkBuiltin(number, call, span, isNested: isNested)
        case .rules(let path, let group):
            guard let group, collection.groups[group].path.count == path.count else {
                return undefined(call, span, path: path)
            }
            callee = .group(group)
            arity = collection.groups[group].kind == .function ? collection.groups[group].arity : 0
            // A rule called without operands passes the count of operands, but it is no function.
            if arity == 0, call.arguments.isEmpty { return undefined(call, span, path: path, .types) }
        case .shadowed:
            if isNested, !isInHead {
                errors.add(
                    .locals, .regoCompileError, "called function \(names.text(of: call.function)) shadowed", at: span)
                declarationErrors += 1
            }
            return undefined(call, span, path: nil)
        case .unknown:
            return undefined(call, span, path: nil)
        }
        var arguments = call.arguments.map { term($0) }
        let isPrint = if case .builtin(let number) = callee { number == printName } else { false }
        let count = arguments.count
        if !isPrint, count != arity, isNested || count != arity + 1 {
            arityError(callee, arity, arguments, span, isNested: isNested)
            return ResolvedTerm(.boolean(true), span)
        }
        if !isPrint, count == arity + 1 { output = arguments.removeLast() }
        return ResolvedTerm(.call(callee, arguments), span)
    }

    private mutating func undefined(
        _ call: Call, _ span: Span, path: [Name]?, _ stage: Stage = .functions
    ) -> ResolvedTerm {
        for argument in call.arguments { _ = term(argument) }
        if options.unknownFunctions == .refuse {
            let text = path.map { dataPath($0) } ?? names.text(of: call.function)
            errors.add(stage, .regoTypeError, "undefined function \(text)", at: span)
        }
        return ResolvedTerm(.reference(ResolvedReference(.data, [ResolvedTerm(.string(generated), span)], span)), span)
    }

    /// A path below `data` as text.
    func dataPath(_ path: [Name]) -> String {
        let parts = path.map { Term(.string($0), .none) }
        return names.text(of: Ref(head: Term(.variable(.data), .none), parts: parts, span: .none))
    }
}

extension ResolvedTerm {
    func at(_ span: Span) -> ResolvedTerm { ResolvedTerm(kind, span) }
}
