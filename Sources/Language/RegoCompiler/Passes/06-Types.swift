import RegoSyntax
import WritBuiltins
import WritSource

/// The types of the documents that rules define, by node of the rule tree.
struct TypeEnvironment: Sendable {
    var types: [StaticType?]
    /// Whether a node, or one below it, has a type.
    var isPresent: [Bool]

    init(nodeCount: Int) {
        types = Array(repeating: nil, count: nodeCount)
        isPresent = Array(repeating: false, count: nodeCount)
    }
}

/// A term while it is checked: its variables may still get a type.
indirect enum TypedTerm {
    case leaf(StaticType?)
    /// Its type could not be found; nothing more is said of it.
    case unknown
    case variable(Int)
    case array([TypedTerm])
    case object([(key: TreeKey?, keyTerm: TypedTerm, value: TypedTerm)])
    case set([TypedTerm])
}

/// Pass 6: finds calls with operands of the wrong type, unifications that can never hold, and references into
/// values that have no such part.
///
/// Rules are checked after those that they refer to. As in OPA, the bodies of `every` and of the `not`, `and` and
/// `or` of the future keywords only have their references checked.
struct TypeChecker {
    var types: StaticTypes
    let collection: Collection
    var environment: TypeEnvironment
    var builtins = BuiltinTypes()
    /// What the present rule's variables are known to be.
    var variables = VariableTypes()
    var variableNames: [Name] = []
    private let generatedName: Name
    /// What variables were unified with first, for those that the compiler made.
    var definitions: [Int: ResolvedTerm] = [:]
    var found: [Diagnostic] = []
    /// The types of calls that were checked before the expressions around them.
    var computed: [Span: TypedTerm] = [:]
    /// What the expressions around replace by `with`, the innermost last.
    var overlays: [TypeOverlay] = []
    /// Bytes of the details of all errors so far.
    private var detailSize = 0
    /// Errors behind so many bytes of details have none: a few are shown, and types can be large.
    private static let detailLimit = 8 << 20
    private var isExhaustionNoted = false
    /// See `CompilerOptions`.
    var namesFunctionReferences = true
    /// Who reads what; nil where no rules are known.
    var dependents: Dependents?
    /// Whether something that was checked depends on who reads a document.
    var usesDependents = false
    /// How often a `with` let what reads the replaced document be of any type, and whether that is left out now.
    var dependentUses = 0
    var ignoresDependents = false
    /// The next term is a comprehension that stays a side of an equation, or an expression of its own.
    private var staysWhole = false
    /// What schemas say of the documents that the present rule uses.
    var described: DescribedDocuments
    private let schemas: SchemaChecks
    let equal: Int?

    init(
        types: StaticTypes, collection: Collection, environment: TypeEnvironment, equal: Int?,
        graph: DependencyGraph? = nil, schemas: SchemaChecks = SchemaChecks()
    ) {
        dependents = graph.map { Dependents($0, nodeCount: collection.tree.nodes.count) }
        self.types = types
        self.schemas = schemas
        described = DescribedDocuments(input: schemas.input)
        self.collection = collection
        self.environment = environment
        self.equal = equal
        generatedName = self.types.names.intern("$generated")
    }

    // MARK: Rules

    /// Takes what schemas say of the documents that the next rule to check uses.
    mutating func describe(_ rule: RuleID) { described = schemas.documents(of: rule) }

    /// Checks a rule with its `else` branches and enters its type at its node.
    mutating func check(_ rule: ResolvedRule, node: Int32, suffixStart: Int) {
        begin(rule.variables)
        checkBranch(rule, value: rule.value, key: rule.key, body: rule.body, node: node, suffixStart)
        for branch in rule.elseBranches {
            begin(rule.variables)
            checkBranch(rule, value: branch.value, key: nil, body: branch.body, node: node, suffixStart)
        }
    }

    mutating func begin(_ names: [Name]) {
        variableNames = names
        computed.removeAll(keepingCapacity: true)
        definitions.removeAll(keepingCapacity: true)
        variables.reset(names.count)
    }

    private mutating func checkBranch(
        _ rule: ResolvedRule, value: ResolvedTerm, key: ResolvedTerm?, body: [ResolvedExpression], node: Int32,
        _ suffixStart: Int
    ) {
        let before = found.count
        check(body)
        for part in rule.suffix.dropFirst(suffixStart) { computeCalls(part) }
        let suffix = rule.suffix.dropFirst(suffixStart).map { evaluate($0) }
        if let key { computeCalls(key) }
        computeCalls(value)
        let keyTerm = key.map { evaluate($0) }
        let valueTerm = evaluate(value)
        if found.count > before {
            if suffix.isEmpty { put(.anything, node) }
            return
        }
        if !rule.arguments.isEmpty {
            let arguments = rule.arguments.map { evaluate($0) }
            for argument in arguments { bindAnything(argument) }
            let result: StaticType = .function(arguments.map { type(of: $0) }, result: type(of: valueTerm))
            insert(result, node)
            return
        }
        var result = type(of: valueTerm)
        if let keyTerm {
            guard let element = type(of: keyTerm) else { return }
            result = .set(element)
        }
        guard var nested = result else { return }
        for part in suffix.reversed() {
            guard let key = type(of: part) else { return }
            nested = .object([], rest: StaticEntry(key: key, value: nested))
        }
        insert(nested, node)
    }

    // MARK: Bodies

    mutating func check(_ body: [ResolvedExpression]) {
        for expression in body {
            check(expression)
            guard types.isExhausted else { continue }
            noteExhaustion(expression.span)
            return
        }
    }

    /// Says once where the types became too much to compare; nothing that is found behind that means anything.
    private mutating func noteExhaustion(_ span: Span) {
        guard !isExhaustionNoted else { return }
        isExhaustionNoted = true
        let message = "the types of rules take more than \(types.stepLimit) steps to compare"
        found.append(Diagnostic(.writLimitError, message, at: span))
    }

    private mutating func check(_ expression: ResolvedExpression) {
        if !expression.with.isEmpty {
            let values = expression.with.map { item -> StaticType? in
                guard case .term(let value) = item.replacement else { return nil }
                let typed = evaluate(value)
                // What has to be computed is bound to a variable of its own first: what has no type yet may be anything.
                if Safety.requiresEvaluation(value), types.isUnknown(type(of: typed)) {
                    _ = accept(typed, .anything, union: false)
                }
                return type(of: typed)
            }
            if replace(expression.with, values) {
                for item in expression.with { checkArity(item) }
                checkKind(expression)
                overlays.removeLast()
                return
            }
            for item in expression.with { checkArity(item) }
        }
        checkKind(expression)
    }

    private mutating func checkKind(_ expression: ResolvedExpression) {
        switch expression.kind {
        case .term(let term):
            if case .call(let callee, let arguments) = term.kind {
                for argument in arguments { computeCalls(argument) }
                if case .builtin(let number) = callee, number == equal, arguments.count == 2 {
                    checkEquality(arguments[0], arguments[1], expression.span)
                } else {
                    _ = call(callee, arguments, expression.span, isNested: false, output: nil)
                }
            } else {
                computeCalls(term)
                staysWhole = Self.isComprehension(term)
                _ = evaluate(term)
            }
        case .unify(let left, let right):
            if expression.style.contains(.outputOperand), case .call(let callee, let arguments) = left.kind {
                for argument in arguments { computeCalls(argument) }
                computeCalls(right)
                _ = call(callee, arguments, expression.span, isNested: false, output: right)
                return
            }
            computeCalls(left)
            computeCalls(right)
            checkEquality(left, right, expression.span)
        case .member(let key, let value, let collection):
            if let key { computeCalls(key) }
            computeCalls(value)
            computeCalls(collection)
            checkMember(key, value, collection, expression.span)
        case .not(let body):
            if expression.style.contains(.plainNot) { check(body) } else { checkInner(body) }
        case .every(_, _, let domain, let body):
            // It is bound to a variable of its own.
            bindAnything(evaluate(domain))
            checkInner(body)
        case .and(let left, let right), .or(let left, let right): checkInner(left + right)
        case .print(let parts): for part in parts { evaluate(part) }
        }
    }

    private mutating func checkEquality(_ left: ResolvedTerm, _ right: ResolvedTerm, _ span: Span) {
        let before = found.count
        staysWhole = Self.isComprehension(left)
        let one = evaluate(left)
        let middle = found.count
        staysWhole = Self.isComprehension(right)
        let other = evaluate(right)
        let isExcused = middle > before && Self.isWhole(left) || found.count > middle && Self.isWhole(right)
        // Of two comprehensions with errors OPA tells those of the second.
        if middle > before, found.count > middle, Self.isComprehension(left), Self.isComprehension(right) {
            found.removeSubrange(before..<middle)
        }
        if case .variable(let variable) = left.kind { definitions[variable.int] = right }
        // What has no type because of its errors says nothing of the other side.
        if isExcused, Self.isWhole(left) && type(of: one) == nil || Self.isWhole(right) && type(of: other) == nil {
            return
        }
        // The compiler's own variable for a call's result is the call's operand, and gets its type as it is.
        if case .variable(let variable) = left.kind, variables[variable.int] == nil, case .call = right.kind,
            variableNames.indices.contains(variable.int), variableNames[variable.int] == generatedName
        {
            _ = accept(one, type(of: other), union: false)
            return
        }
        if isPartlyUnknown(right, other), types.isUnknown(type(of: one)) { return bindAnything(one) }
        if isPartlyUnknown(left, one), types.isUnknown(type(of: other)) { return bindAnything(other) }
        unify(one, other, span, isExcused: isExcused)
    }

    /// Whether a term is a call that gives a collection without a type of its elements. It is bound to a variable of
    /// its own, and what such a variable is compared with may be anything.
    private func isPartlyUnknown(_ term: ResolvedTerm, _ typed: TypedTerm) -> Bool {
        guard case .call = term.kind, case .leaf(let type?) = typed else { return false }
        return types.isUnknown(type)
    }

    private mutating func checkMember(
        _ key: ResolvedTerm?, _ value: ResolvedTerm, _ collection: ResolvedTerm, _ span: Span
    ) {
        let before = found.count
        let reference: ResolvedReference
        switch collection.kind {
        case .null, .boolean, .number, .string:
            add("match error", span, .match(nil, nil))
            return
        default:
            let place = key ?? ResolvedTerm(.string(.empty), span)
            reference =
                element(of: collection, key, span) ?? ResolvedReference(.term(collection), [place], collection.span)
        }
        let element = evaluate(reference, hiddenKey: key == nil)
        let isExcused = found.count > before
        let pattern = evaluate(value)
        unify(pattern, element, span, isExcused: isExcused)
    }

    /// The reference that `some … in` stands for where the collection is a reference or a variable; without a key its
    /// last part is only a place.
    func element(of collection: ResolvedTerm, _ key: ResolvedTerm?, _ span: Span) -> ResolvedReference? {
        let part = key ?? ResolvedTerm(.string(.empty), span)
        switch collection.kind {
        case .reference(var reference):
            reference.parts.append(part)
            return reference
        case .variable(let variable): return ResolvedReference(.variable(variable), [part], collection.span)
        default: return nil
        }
    }

    /// Checks that a function stands in for one with operands like its own.
    private mutating func checkArity(_ with: ResolvedWith) {
        guard case .callee(let other) = with.replacement, case .callee(let target) = with.target,
            !isReplaced(target), !isReplaced(other),
            let want = functionType(target), let have = functionType(other), !types.unifies(want, have),
            case .function(let arguments, _) = have
        else { return }
        add(
            "\(name(target)): arity mismatch", with.span,
            .operands(have: arguments, want: parameters(target, withResult: false)))
    }

    /// Whether a document that stands in has something other than a function at its place.
    func isReplaced(_ callee: Callee) -> Bool {
        guard case .group(let group) = callee, let replaced = replacedType(group) else { return false }
        if case .function = replaced { return false }
        return true
    }

    private mutating func functionType(_ callee: Callee) -> StaticType? {
        switch callee {
        case .builtin(let number):
            let signature = builtins.signature(number, &types)
            return .function(signature.parameters, result: signature.result)
        case .group(let group):
            guard collection.groupNodes.indices.contains(group) else { return nil }
            let type = environment.types[Int(collection.groupNodes[group])]
            guard case .function = type else { return nil }
            return type
        }
    }

    static func hasCall(_ term: ResolvedTerm) -> Bool {
        switch term.kind {
        case .call, .template: true
        case .reference(let reference): reference.parts.contains { hasCall($0) }
        case .array(let elements), .set(let elements): elements.contains { hasCall($0) }
        case .object(let entries): entries.contains { hasCall($0.key) || hasCall($0.value) }
        default: false
        }
    }

    // MARK: Terms

    /// Checks a term and what is inside of it.
    mutating func evaluate(_ term: ResolvedTerm) -> TypedTerm {
        switch term.kind {
        case .null: return .leaf(.null)
        case .boolean: return .leaf(.boolean)
        case .number: return .leaf(.number)
        case .string: return .leaf(.string)
        case .variable(let variable): return .variable(variable.int)
        case .reference(let reference): return evaluate(reference, hiddenKey: false)
        case .array(let elements): return .array(elements.map { evaluate($0) })
        case .set(let elements): return .set(elements.map { evaluate($0) })
        case .object(let entries):
            return .object(entries.map { (entryKey($0.key), evaluate($0.key), evaluate($0.value)) })
        case .call(let callee, let arguments):
            if let known = takeComputed(term) { return known }
            guard let result = call(callee, arguments, term.span, isNested: true, output: nil) else { return .unknown }
            return .leaf(result)
        case .template(let parts):
            if let known = takeComputed(term) { return known }
            for part in parts { evaluate(part) }
            return .leaf(.string)
        case .arrayComprehension(let head, let body):
            // Of elements without a type nothing is said.
            return comprehension([head], body, term.span) { .array([], rest: $0[0], hasRest: $0[0] != nil) }
        case .setComprehension(let head, let body):
            return comprehension([head], body, term.span) { .set($0[0]) }
        case .objectComprehension(let key, let value, let body):
            return comprehension([key, value], body, term.span) {
                .object([], rest: StaticEntry(key: $0[0], value: $0[1]))
            }
        }
    }

    private mutating func evaluate(_ part: ResolvedTerm.TemplatePart) {
        guard case .expression(let term, let body) = part else { return }
        check(body)
        // OPA forgets what it knows of a variable that stands alone in a template.
        if case .variable(let variable) = term.kind, body.isEmpty { variables[variable.int] = .anything }
        _ = evaluate(term)
    }

    private mutating func comprehension(
        _ heads: [ResolvedTerm], _ body: [ResolvedExpression], _ span: Span, _ make: ([StaticType?]) -> StaticType
    ) -> TypedTerm {
        let isWhole = staysWhole
        staysWhole = false
        let before = found.count
        let uses = dependentUses
        // What the body tells of the variables around holds inside only.
        let mark = variables.mark()
        defer { variables.restore(to: mark) }
        check(body)
        for head in heads { computeCalls(head) }
        let terms = heads.map { evaluate($0) }
        if found.count > before { return .unknown }
        let result = make(terms.map { type(of: $0) })
        guard dependentUses != uses, !ignoresDependents else { return .leaf(result) }
        variables.goBack(to: mark)
        if let alone = typesAlone(heads, body) { return .leaf(make(alone)) }
        if isWhole { return .leaf(nil) }
        // It is bound to a variable of the compiler's, which is no value either.
        add("match error", span, .match(nil, nil))
        return .unknown
    }

    /// The types of a comprehension's heads when nothing is known of who reads what a `with` in it replaces; nil where
    /// that makes errors. OPA finds its type with a checker of its own that does not know it, and there is none then.
    private mutating func typesAlone(_ heads: [ResolvedTerm], _ body: [ResolvedExpression]) -> [StaticType?]? {
        let (found, computed, definitions, size) = (self.found, self.computed, self.definitions, detailSize)
        let mark = variables.mark()
        ignoresDependents = true
        defer {
            ignoresDependents = false
            variables.restore(to: mark)
            (self.found, self.computed, self.definitions, detailSize) = (found, computed, definitions, size)
        }
        check(body)
        for head in heads { computeCalls(head) }
        let terms = heads.map { evaluate($0) }
        return self.found.count == found.count ? terms.map { type(of: $0) } : nil
    }

    /// The key that a constant is in a type.
    private mutating func entryKey(_ term: ResolvedTerm) -> TreeKey? {
        if let key = Self.key(term) { return key }
        guard let type = jsonType(term) else { return nil }
        let restorer = TermRestorer(names: types.names, variables: variableNames, collection: collection)
        let name = types.names.intern(Array(types.names.text(of: restorer.term(term)).utf8))
        types.composites[name] = type
        return TreeKey(.composite, name)
    }

    /// The type of a constant as JSON, where sets are arrays; nil for what is computed.
    private mutating func jsonType(_ term: ResolvedTerm) -> StaticType? {
        switch term.kind {
        case .null: return .null
        case .boolean: return .boolean
        case .number: return .number
        case .string: return .string
        case .array(let elements), .set(let elements):
            var members: [StaticType?] = []
            for element in elements {
                guard let type = jsonType(element) else { return nil }
                members.append(type)
            }
            return .array(members, rest: nil, hasRest: false)
        case .object(let entries):
            var properties: [StaticProperty] = []
            for entry in entries {
                guard let key = entryKey(entry.key), let type = jsonType(entry.value) else { return nil }
                properties.append(StaticProperty(key: key, type: type))
            }
            return types.object(properties, rest: nil)
        case .variable, .reference, .arrayComprehension, .setComprehension, .objectComprehension, .call, .template:
            return nil
        }
    }

    static func key(_ term: ResolvedTerm) -> TreeKey? {
        switch term.kind {
        case .string(let name): TreeKey(.string, name)
        case .number(let name): TreeKey(.number, name)
        case .boolean(let value): TreeKey(.boolean, value ? .true : .false)
        case .null: TreeKey(.null, .null)
        default: nil
        }
    }

    func type(of term: TypedTerm) -> StaticType? {
        switch term {
        case .leaf(let type): return type
        case .unknown: return nil
        case .variable(let number): return variables[number]
        case .array(let elements):
            let hasRest = elements.isEmpty
            return .array(elements.map { type(of: $0) }, rest: hasRest ? .anything : nil, hasRest: hasRest)
        case .set(let elements):
            var result: StaticType?
            for element in elements { result = types.union(result, type(of: element)) }
            return .set(result ?? .anything)
        case .object(let entries):
            var properties: [StaticProperty] = []
            var rest: StaticEntry?
            for entry in entries {
                if let key = entry.key {
                    properties.append(StaticProperty(key: key, type: type(of: entry.value)))
                } else {
                    rest = StaticEntry(key: type(of: entry.keyTerm), value: type(of: entry.value))
                }
            }
            if entries.isEmpty { rest = StaticEntry(key: .anything, value: .anything) }
            return types.object(properties, rest: rest)
        }
    }

    // MARK: Calls

    /// Checks a call; its type, nil after an error.
    private mutating func call(
        _ callee: Callee, _ arguments: [ResolvedTerm], _ span: Span, isNested: Bool, output: ResolvedTerm?
    ) -> StaticType? {
        let terms = arguments.map { evaluate($0) }
        let outputTerm = output.map { evaluate($0) }
        // References are compared with a variable of the compiler's before the call.
        for term in terms { if case .leaf(nil) = term { add("match error", span, .match(nil, nil)) } }
        let parameters: [StaticType?]
        let result: StaticType?
        switch callee {
        case .builtin(let number):
            let signature = builtins.signature(number, &types)
            parameters = signature.parameters
            result = signature.result
        case .group(let group):
            var type = functionType(callee)
            if let replaced = replacedType(group) {
                switch replaced {
                // Where any document may stand in place of the function, OPA learns nothing of the operands, not even
                // that they are values.
                case .any: return .anything
                case .function: type = replaced
                default:
                    add("undefined function \(name(callee))", span, .match(nil, nil))
                    found[found.count - 1].notes = []
                    found[found.count - 1].detailJSON = []
                    return nil
                }
            }
            guard case .function(let own, let ownResult) = type else {
                // The function's own error is enough: none follows from what is not known of its operands.
                for term in terms { bindAnything(term) }
                if let outputTerm { bindAnything(outputTerm) }
                return .anything
            }
            parameters = own
            result = ownResult
        }
        // What is known of the operands rules, before any of them tells of another.
        var fits = true
        for index in terms.indices where fits && index < parameters.count {
            let own = type(of: terms[index])
            fits = types.isUnknown(own) || types.unifies(own, parameters[index])
        }
        for index in terms.indices where fits && index < parameters.count {
            fits = accept(terms[index], parameters[index], union: false)
        }
        if fits, let outputTerm { fits = accept(outputTerm, result, union: false) }
        if fits { return result ?? .anything }
        var have = terms.map { type(of: $0) }
        if let outputTerm { have.append(type(of: outputTerm)) } else if isNested { have.append(nil) }
        add(
            "\(name(callee)): invalid argument(s)", span,
            .operands(have: have, want: self.parameters(callee, withResult: true)))
        return nil
    }

    private func name(_ callee: Callee) -> String {
        switch callee {
        case .builtin(let number): "\(Registry.all[number].name)"
        case .group(let group): path(collection.groupNodes[group])
        }
    }

    private func path(_ node: Int32) -> String {
        let parts = collection.tree.path(node).map { Term(.string($0.name), .none) }
        return types.names.text(of: Ref(head: Term(.variable(.data), .none), parts: parts, span: .none))
    }

    private mutating func parameters(_ callee: Callee, withResult: Bool) -> [TypeDetail.Operand] {
        switch callee {
        case .builtin(let number): return builtins.operands(number, withResult: withResult, &types)
        case .group:
            guard case .function(let arguments, let result) = functionType(callee) else { return [] }
            return (withResult ? arguments + [result] : arguments).map { TypeDetail.Operand(type: $0) }
        }
    }

    mutating func add(_ message: String, _ span: Span, _ detail: TypeDetail) {
        guard detailSize < Self.detailLimit else {
            found.append(Diagnostic(.regoTypeError, message, at: span))
            return
        }
        let diagnostic = types.diagnostic(message, at: span, detail)
        detailSize += diagnostic.detailJSON?.count ?? 0
        found.append(diagnostic)
    }

    // MARK: Unification

    /// Whether a term stays where it is when OPA takes nested references and comprehensions out of an expression:
    /// their errors excuse that the whole does not match.
    private static func isWhole(_ term: ResolvedTerm) -> Bool {
        if case .reference = term.kind { return true }
        return isComprehension(term)
    }

    private static func isComprehension(_ term: ResolvedTerm) -> Bool {
        switch term.kind {
        case .arrayComprehension, .setComprehension, .objectComprehension: true
        default: false
        }
    }

    private mutating func unify(_ a: TypedTerm, _ b: TypedTerm, _ span: Span, isExcused: Bool) {
        let left = type(of: a)
        let right = type(of: b)
        if unify(a, left, b, right) { return }
        if isExcused, types.isUnknown(left) || types.isUnknown(right) { return }
        add("match error", span, .match(left, right))
    }

    private mutating func unify(_ a: TypedTerm, _ typeA: StaticType?, _ b: TypedTerm, _ typeB: StaticType?) -> Bool {
        let unknownA = types.isUnknown(typeA)
        let unknownB = types.isUnknown(typeB)
        if unknownA, !unknownB {
            if case .leaf(nil) = a { return false }
            return accept(a, typeB, union: false)
        }
        if unknownB, !unknownA {
            if case .leaf(nil) = b { return false }
            return accept(b, typeA, union: false)
        }
        if !unknownA { return types.unifies(typeA, typeB) }
        switch (a, b) {
        case (.unknown, _):
            bindAnything(b)
            return true
        case (_, .unknown):
            bindAnything(a)
            return true
        // A reference to what has no type, and nothing to give it one.
        case (.leaf(nil), _), (_, .leaf(nil)): return false
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return false }
            for index in left.indices where !unifyParts(left[index], right[index]) { return false }
            return true
        case (.object(let left), .object(let right)):
            guard left.count == right.count else { return false }
            for entry in left {
                guard let key = entry.key, let other = right.first(where: { $0.key == key }) else { return false }
                if !unifyParts(entry.value, other.value) { return false }
            }
            return true
        case (.variable, .variable), (.variable, .array), (.variable, .object), (.variable, .set):
            return accept(b, .anything, union: false) && accept(a, type(of: b), union: false)
        case (.array, .variable), (.object, .variable), (.set, .variable):
            return accept(a, .anything, union: false) && accept(b, type(of: a), union: false)
        // A comprehension over what has no type yet is a collection all the same.
        case (.variable, .leaf(let type)): return accept(a, type, union: false)
        case (.leaf(let type), .variable): return accept(b, type, union: false)
        default: return false
        }
    }

    /// Parts of collections: calls and comprehensions there are bound to variables of their own.
    private mutating func unifyParts(_ a: TypedTerm, _ b: TypedTerm) -> Bool {
        let left = type(of: a)
        let right = type(of: b)
        switch (a, b) {
        case (.leaf(.some), .variable) where types.isUnknown(left) && types.isUnknown(right): bindAnything(b)
        case (.variable, .leaf(.some)) where types.isUnknown(left) && types.isUnknown(right): bindAnything(a)
        default: return unify(a, left, b, right)
        }
        return true
    }

    /// Gives the variables of a term that have no type yet the type of anything.
    mutating func bindAnything(_ term: TypedTerm) {
        switch term {
        case .leaf, .unknown: break
        case .variable(let number): if variables[number] == nil { variables[number] = .anything }
        case .array(let elements), .set(let elements): for element in elements { bindAnything(element) }
        case .object(let entries):
            for entry in entries {
                bindAnything(entry.keyTerm)
                bindAnything(entry.value)
            }
        }
    }

    /// Whether a term can have a type; variables without one get it.
    mutating func accept(_ term: TypedTerm, _ want: StaticType?, union: Bool) -> Bool {
        switch term {
        case .unknown, .leaf(nil): return true
        case .leaf(let type): return types.unifies(type, want)
        case .variable(let number):
            if union {
                variables[number] = types.bounded(types.union(variables[number], want))
                return true
            }
            if let type = variables[number] { return types.unifies(type, want) }
            variables[number] = types.bounded(want)
            return true
        case .array(let elements):
            switch want {
            case .array(let wanted, let rest, let hasRest):
                guard elements.count == wanted.count || hasRest else { return false }
                for index in elements.indices {
                    let part = index < wanted.count ? wanted[index] : rest
                    if !accept(elements[index], part, union: union) { return false }
                }
                return true
            case .any(let members):
                return acceptAny(term, members) {
                    for element in elements { _ = $0.accept(element, .anything, union: true) }
                }
            default: return false
            }
        case .object(let entries):
            switch want {
            case .object(let properties, let rest):
                guard entries.count == properties.count || rest != nil else { return false }
                for entry in entries {
                    guard let key = entry.key else {
                        _ = accept(entry.value, .anything, union: union)
                        continue
                    }
                    guard let part = types.select(want, key), accept(entry.value, part, union: union) else {
                        return false
                    }
                }
                return true
            case .any(let members):
                return acceptAny(term, members) { checker in
                    for entry in entries {
                        _ = checker.accept(entry.keyTerm, .anything, union: true)
                        _ = checker.accept(entry.value, .anything, union: true)
                    }
                }
            default: return false
            }
        case .set(let elements):
            switch want {
            case .set(let element):
                for item in elements where !accept(item, element, union: union) { return false }
                return true
            case .any(let members):
                return acceptAny(term, members) {
                    for element in elements { _ = $0.accept(element, .anything, union: true) }
                }
            default: return false
            }
        }
    }

    private mutating func acceptAny(
        _ term: TypedTerm, _ members: [StaticType], _ acceptParts: (inout TypeChecker) -> Void
    ) -> Bool {
        if members.isEmpty {
            acceptParts(&self)
            return true
        }
        var fits = false
        for member in members { fits = accept(term, member, union: true) || fits }
        return fits
    }
}
