import RegoSyntax
import WritBuiltins
import WritSource

/// What OPA's compiler makes of modules, as syntax trees: references resolved, local variables renamed, expressions
/// taken apart, bodies in the order in which they are safe.
///
/// The numbers in the names of variables count over all modules, a stage after the other, so the modules are treated
/// together. They must be ones that compile: what is wrong with others is not found here.
public struct CompiledModules {
    /// The modules in the order in which they were given, as they are after OPA's last stage.
    public private(set) var modules: [Module]
    /// The table that their names belong to.
    public var names: NameTable
    var rules: [[ViewedRule]] = []
    /// What the functions of all modules are called with, by their paths below `data`.
    private(set) var arities: [[Name]: Int] = [:]
    /// Whether rules lie at a path, or below it.
    private(set) var rulePaths: Set<[Name]> = []
    /// The paths of rules that always have a value.
    var definedPaths: Set<[TreeKey]> = []
    /// The next number of a generated variable.
    private var nextNumber = 0
    /// Names that are as old as this were written in some module.
    private let writtenNames: Int
    let steps: ViewSteps
    /// False where making the trees would have taken too long: they are not what OPA shows then.
    public var isComplete: Bool { !steps.areSpent }

    /// A rule while it is rewritten.
    struct ViewedRule {
        /// What stands behind the name in the head.
        var parts: [Term]
        /// The rule itself, and each `else` behind it.
        var branches: [Branch]
    }

    /// A body with its head.
    struct Branch {
        var arguments: [Term]
        var key: Term?
        var value: Term?
        var body: Body
    }

    /// `modules` are in the order of their ids and were parsed with `names`; where one calls `rego.metadata`'s
    /// functions they have their annotations. Without `keepsPrints` the calls of `print` are left out. `steps` is what
    /// making them may take.
    public init(
        _ modules: [Module], names: NameTable, sources: SourceMap, keepsPrints: Bool, steps: Int = ViewSteps.most
    ) {
        self.steps = ViewSteps(steps)
        self.modules = modules
        self.names = names
        writtenNames = names.count
        rules = modules.map { module in module.rules.map { ViewedRule($0) } }
        collectRules()
        resolveReferences()
        each { view, rule in view.takeOutHeadParts(&rule) }
        for index in self.modules.indices { self.modules[index].imports = [] }
        each { view, rule in view.renameLocals(&rule) }
        findDefined()
        eachBranch { view, branch in view.rewriteTemplates(&branch) }
        eachBranch { view, branch in view.rewritePrints(&branch, isKept: keepsPrints) }
        eachBranch { view, branch in view.takeOutCalls(&branch) }
        rewriteMetadata(sources)
        eachBranch { view, branch in view.takeOutComprehensionHeads(&branch) }
        eachBranch { view, branch in view.takeOutHeads(&branch) }
        eachBranch { view, branch in branch.body = view.takeOutReplacements(branch.body) }
        eachBranch { view, branch in branch.body = view.ordered(branch) }
        eachBranch { view, branch in branch.body = view.takeOutOperands(Self.unifying(branch.body)) }
        for index in self.modules.indices { write(index) }
    }

    // MARK: Rules

    private mutating func each(_ change: (inout CompiledModules, inout ViewedRule) -> Void) {
        for module in rules.indices {
            for index in rules[module].indices {
                var rule = rules[module][index]
                change(&self, &rule)
                rules[module][index] = rule
            }
        }
    }

    private mutating func eachBranch(_ change: (inout CompiledModules, inout Branch) -> Void) {
        each { view, rule in
            for index in rule.branches.indices { change(&view, &rule.branches[index]) }
        }
    }

    /// The path of a package below `data`.
    func path(of package: Package) -> [Name] {
        package.path.parts.compactMap { part in
            if case .string(let name) = part.kind { return name }
            return nil
        }
    }

    private mutating func collectRules() {
        for module in modules {
            let package = path(of: module.package)
            for rule in module.rules {
                var path = package + [rule.head.name]
                for part in rule.head.reference.parts {
                    guard case .string(let name) = part.kind else { break }
                    path.append(name)
                }
                if arities[path] == nil { arities[path] = rule.head.arguments?.count ?? 0 }
                for length in 0...path.count { rulePaths.insert(Array(path[..<length])) }
            }
        }
    }

    /// The number of operands that a function takes; nil for what is no function.
    func arity(of function: Ref) -> Int? {
        guard let head = function.headName else { return nil }
        if head == .data { return path(of: function).flatMap { arities[$0] } }
        var text = Array(names[head])
        for part in function.parts {
            guard case .string(let name) = part.kind else { return nil }
            text.append(0x2E)
            text += names[name]
        }
        return Registry.find(text).map { Registry.all[$0].parameters.count }
    }

    /// The strings behind the head of a reference, if it has nothing else.
    func path(of reference: Ref) -> [Name]? {
        var path: [Name] = []
        for part in reference.parts {
            guard case .string(let name) = part.kind else { return nil }
            path.append(name)
        }
        return path
    }

    private mutating func write(_ index: Int) {
        for (number, rule) in rules[index].enumerated() {
            var written = modules[index].rules[number]
            written.head.reference.parts = rule.parts
            for (place, branch) in rule.branches.enumerated() {
                if place == 0 {
                    if written.head.arguments != nil { written.head.arguments = branch.arguments }
                    written.head.key = branch.key
                    written.head.value = branch.value
                    written.body = branch.body
                } else {
                    if written.elseBranches[place - 1].arguments != nil {
                        written.elseBranches[place - 1].arguments = branch.arguments
                    }
                    written.elseBranches[place - 1].value = branch.value
                    written.elseBranches[place - 1].body = branch.body
                }
            }
            modules[index].rules[number] = written
        }
    }

    /// Gives the modules no annotations: only a compilation that needs them reads them.
    mutating func dropAnnotations() {
        for index in modules.indices { modules[index].annotations = [] }
    }

    // MARK: Generated variables

    /// Another variable.
    mutating func generate(_ span: Span) -> Term {
        steps.take(ViewSteps.ofName)
        while true {
            let text = Array("__local".utf8) + Array(String(nextNumber).utf8) + [0x5F, 0x5F]
            nextNumber += 1
            let name = names.intern(text)
            if Int(name.id) >= writtenNames { return Term(.variable(name), span) }
        }
    }

    /// A step that binds a generated variable to a term, and the variable.
    mutating func bind(_ term: Term) -> (step: Expr, variable: Term) {
        let variable = generate(term.span)
        var step = Self.equality(variable, term)
        step.isGenerated = true
        return (step, variable)
    }

    static func equality(_ left: Term, _ right: Term) -> Expr {
        Expr(.call(Call(function(.eq, right.span), [left, right], isInfix: true)), span: right.span)
    }

    static func function(_ name: Name, _ span: Span) -> Ref {
        Ref(head: Term(.variable(name), span), parts: [], span: span)
    }

    static func truth(_ span: Span) -> Body { [Expr(.term(Term(.bool(true), span)), span: span)] }
}

extension CompiledModules.ViewedRule {
    init(_ rule: Rule) {
        let head = rule.head
        parts = head.reference.parts
        branches = [
            CompiledModules.Branch(
                arguments: head.arguments ?? [], key: head.key, value: head.value,
                body: rule.body ?? CompiledModules.truth(rule.span))
        ]
        for other in rule.elseBranches {
            branches.append(
                CompiledModules.Branch(
                    arguments: other.arguments ?? [], key: nil, value: other.value,
                    body: other.body ?? CompiledModules.truth(other.span)))
        }
    }
}

extension Term {
    var isScalar: Bool {
        switch kind {
        case .null, .bool, .number, .string: true
        default: false
        }
    }

    var variableName: Name? {
        if case .variable(let name) = kind { return name }
        return nil
    }

    /// Whether something has to be looked up or computed for its value.
    var requiresEvaluation: Bool {
        switch kind {
        case .null, .bool, .number, .string, .variable: false
        case .ref, .call, .template, .arrayComprehension, .setComprehension, .objectComprehension: true
        case .array(let terms), .set(let terms): terms.contains { $0.requiresEvaluation }
        case .object(let entries): entries.contains { $0.key.requiresEvaluation || $0.value.requiresEvaluation }
        }
    }
}
