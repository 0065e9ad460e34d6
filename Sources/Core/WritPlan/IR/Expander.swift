import WritValue

/// Expands our statements into OPA's 34.
///
/// Register `n` becomes local `n + 2`, behind input and data, which are locals 0 and 1 of every function. What `with`
/// replaces in input and data is a WithStmt around the block. What it replaces among rules and functions is known
/// where the plan is written: a function that is called under replacements which it can reach is written once more
/// for them, with its calls going where they lead. Values that replace functions and are known at run time only are
/// further parameters of such a copy.
struct Expander {
    let plan: Plan
    let space: Space
    let surroundings: PlanSurroundings
    let constants: PlanConstants
    var document = IRDocument()
    /// The builtins that are called, in order of their first call.
    var builtins: [Int] = []

    // MARK: Of the function at hand

    var output: [IRStatement] = []
    var range = SourceRange.none
    /// The blocks around, outermost first.
    var scopes: [Scope] = []
    /// Scopes that a statement met so far leaves by their flags; outermost first, each once.
    var escapes: [Int] = []
    var nextLocal: Int32 = 2
    /// What registers stand for that are cursors of the document tree.
    var cursors: [Cursor?] = []
    /// What registers gather.
    var gatherings: [Gathering?] = []
    /// Objects beside gatherings; see `expandInsertPath`.
    var shadows: [Int32?] = []
    /// What is replaced here, by target.
    var context: [Replaced] = []
    /// The `with`s around, outermost first.
    var withs: [WithScope] = []
    /// How `emit` gives its operand.
    var answers = PlanQuestion.Answers.document

    // MARK: Of the whole

    var reach: Reach
    /// The written copies of each function.
    var copies: [[Copy]]
    var copyCount = 0
    var pending: [Pending] = []
    /// Functions of equal names share a class; copies of one class are told apart by their generation.
    var classes: [Int32]
    var generations: [Int32]
    /// The path of each function's document, in constants; nil for functions that are none.
    var paths: [[Int32]?]
    /// Constant → static string + 1.
    private var strings: [Int32]
    private var otherStrings: [(text: [UInt8], index: Int32)] = []

    struct Scope {
        /// A block of a BlockStmt: a BreakStmt may leave it.
        var isPlain: Bool
        /// The block of a NotStmt: whether it is defined at its end matters.
        var isNegated = false
        /// The local that says that the block is being left from inside a loop.
        var flag: Int32?
    }

    struct WithScope {
        /// What was replaced outside of it.
        var outer: [Replaced]
        /// The locals that keep the former input and data, where it replaces them.
        var input: Int32?
        var data: Int32?
    }

    /// One thing that is replaced: function `target`, or builtin `~target`.
    struct Replaced {
        enum By {
            /// Base data at the function's path, which `with` has put there.
            case data
            case function(Int32)
            case builtin(Int32)
            case constant(Int32)
            /// A local of the function at hand.
            case local(Int32)
        }
        var target: Int32
        var by: By
    }

    struct Copy {
        /// What is replaced in it, in pairs of numbers.
        var key: [Int32]
        var name: [UInt8]
    }

    struct Pending {
        var function: Int
        var name: [UInt8]
        var generation: Int32
        var context: [Replaced]
    }

    /// Copies of functions for what `with` replaces, at most.
    static var cloneLimit: Int { 20_000 }

    init(_ plan: Plan, _ space: Space, _ surroundings: PlanSurroundings) {
        self.plan = plan
        self.space = space
        self.surroundings = surroundings
        constants = PlanConstants(plan, in: space)
        strings = [Int32](repeating: 0, count: plan.constantCount)
        copies = [[Copy]](repeating: [], count: plan.functions.count)
        paths = [[Int32]?](repeating: nil, count: plan.functions.count)
        (classes, generations) = Self.classes(plan.functions)
        reach = Reach(plan)
        document.files = plan.sources
        findPaths()
    }

    /// Numbers the distinct names of functions.
    private static func classes(_ functions: [Function]) -> ([Int32], [Int32]) {
        let order = functions.indices.sorted { FunctionNames.compare(functions[$0].name, functions[$1].name) < 0 }
        var classes = [Int32](repeating: 0, count: functions.count)
        var count: Int32 = 0
        for (position, index) in order.enumerated() {
            if position > 0, functions[order[position - 1]].name != functions[index].name { count += 1 }
            classes[index] = count
        }
        return (classes, [Int32](repeating: 0, count: Int(count) + 1))
    }

    private mutating func findPaths() {
        for (index, node) in plan.documents.enumerated() {
            guard let function = node.function, paths.indices.contains(function.int) else { continue }
            paths[function.int] = path(ofNode: index)
        }
    }

    /// The keys from `data` down to a node.
    func path(ofNode index: Int) -> [Int32] {
        var path: [Int32] = []
        var next: Int? = index
        while let node = next, plan.documents.indices.contains(node), let key = plan.documents[node].key {
            path.append(key)
            next = plan.documents[node].parent.map { Int($0) }
        }
        return path.reversed()
    }

    // MARK: Functions

    /// Writes the plan of a question.
    mutating func expand(_ question: PlanQuestion) throws(PlanError) {
        guard plan.functions.indices.contains(question.function.int) else {
            throw Place().error(.reference, "a question names a function that is not there")
        }
        let function = plan.functions[question.function.int]
        answers = question.answers
        begin(function)
        switch question.answers {
        case .document:
            let value = fresh()
            try call(value, question.function.int, [])
            emitAnswer(.local(value), named: Array("result".utf8))
        case .bindings: try expand(statements: function.body)
        }
        document.plans.append(IRPlan(name: question.name, blocks: [IRBlock(statements: output)]))
    }

    mutating func expandPending() throws(PlanError) {
        while let next = pending.popLast() {
            let function = plan.functions[next.function]
            begin(function)
            var parameters: [Int32] = [0, 1]
            for parameter in 0..<function.parameterCount {
                parameters.append(Int32(truncatingIfNeeded: parameter + 2))
            }
            context = next.context.map { replaced in
                guard case .local = replaced.by else { return replaced }
                let parameter = fresh()
                parameters.append(parameter)
                return Replaced(target: replaced.target, by: .local(parameter))
            }
            range = function.range
            try expand(statements: function.body)
            let body = IRBlock(statements: output)
            // What was never assigned is undefined.
            let result = function.result.map { local($0) } ?? fresh()
            let end = IRBlock(statements: [located(.returnLocal(result))])
            document.functions.append(
                IRFunction(
                    name: next.name, path: dynamicPath(next), parameters: parameters, result: result,
                    blocks: [body, end]))
        }
    }

    private mutating func begin(_ function: Function) {
        output = []
        range = .none
        scopes = [Scope(isPlain: true)]
        escapes = []
        nextLocal = Int32(truncatingIfNeeded: function.localCount + 2)
        cursors = [Cursor?](repeating: nil, count: function.localCount)
        gatherings = [Gathering?](repeating: nil, count: function.localCount)
        context = []
        withs = []
        findShadows(function.body)
    }

    /// Under which path dynamic calls find it; OPA's begin with the generation.
    private func dynamicPath(_ function: Pending) -> [Value] {
        guard let path = paths[function.function] else { return [] }
        var text = Array("g".utf8)
        text.append(decimal: Int(function.generation))
        var result = [(try? space.string(text)) ?? .emptyString]
        for key in path { result.append(constants[key]) }
        return result
    }

    /// The name of a function for what is replaced around a call; writes it later if it is new.
    mutating func name(of function: Int, under context: [Replaced]) throws(PlanError) -> [UInt8] {
        let key = Self.key(context)
        for copy in copies[function] where copy.key == key { return copy.name }
        if !key.isEmpty {
            copyCount += 1
            guard copyCount <= Self.cloneLimit else {
                throw Place().error(.limit, "`with` would need more than 20000 copies of functions")
            }
        }
        let generation = generations[Int(classes[function])]
        generations[Int(classes[function])] += 1
        var name = Array("g".utf8)
        name.append(decimal: Int(generation))
        name.append(UInt8(ascii: "."))
        name.append(contentsOf: plan.functions[function].name)
        copies[function].append(Copy(key: key, name: name))
        pending.append(Pending(function: function, name: name, generation: generation, context: context))
        return name
    }

    private static func key(_ context: [Replaced]) -> [Int32] {
        var key: [Int32] = []
        for replaced in context {
            key.append(replaced.target)
            switch replaced.by {
            case .data: key += [0, 0]
            case .function(let number): key += [1, number]
            case .builtin(let number): key += [2, number]
            case .constant(let number): key += [3, number]
            case .local: key += [4, 0]
            }
        }
        return key
    }

    // MARK: Locals, strings, statements

    func local(_ local: Local) -> Int32 { local.index + 2 }

    mutating func fresh() -> Int32 {
        nextLocal += 1
        return nextLocal - 1
    }

    /// Rows and columns are offsets until they are written.
    func located(_ kind: IRStatement.Kind) -> IRStatement {
        IRStatement(
            kind: kind, file: range.file == .max ? -1 : Int32(truncatingIfNeeded: range.file), row: range.start,
            column: range.end)
    }

    mutating func emit(_ kind: IRStatement.Kind) { output.append(located(kind)) }

    /// The static string of a string constant.
    mutating func string(_ constant: Int32) -> Int32 {
        let index = Int(constant)
        guard strings.indices.contains(index) else { return 0 }
        if strings[index] == 0 {
            document.strings.append(constants[Int32(truncatingIfNeeded: index)])
            strings[index] = Int32(truncatingIfNeeded: document.strings.count)
        }
        return strings[index] - 1
    }

    /// The static string of a text that is no constant.
    mutating func string(text: [UInt8]) -> Int32 {
        for known in otherStrings where known.text == text { return known.index }
        document.strings.append((try? space.string(text)) ?? .emptyString)
        let index = Int32(truncatingIfNeeded: document.strings.count - 1)
        otherStrings.append((text, index))
        return index
    }

    mutating func string(literal: StaticString) -> Int32 {
        var text: [UInt8] = []
        text.append(literal)
        return string(text: text)
    }
}
