import WritPlan
import WritValue

/// A kind of step whose time a measured program tells, in the terms of OPA's evaluator.
public enum MeasuredStep: Int32, Sendable, CaseIterable {
    /// A value is made of others: an array, an object, a set, what is gathered, a rule's value, an answer.
    case plug
    /// A reference into base data, or one into the input by which rules are chosen, is followed.
    case resolve
    /// The rules of a path are found: from the call until the first of them is tried, or the result is known.
    case ruleIndex
    /// A builtin is called.
    case builtinCall
}

/// What a measured program tells of its evaluation. It comes in pairs around steps; what a step's failing skips is told
/// on its way out.
public enum MeasuredEvent: UInt8, Sendable {
    /// A step of the kind `id` begins.
    case begin
    /// The step that began last at this depth of calls is over.
    case end
    /// A part of a reference was followed, which begins in the register `id`: the rest comes later, or never.
    case endPart
    /// A reference was followed to its end, or failed; it began in the register `id`.
    case endReference
    /// The function `id` is about to be called, for a rule's value or a function's result.
    case call
    /// A part of a document is about to be looked up whose path is not known before; see `Machine.foreseen`.
    case document
    /// The call or look-up at this depth has its answer; `id` is 1 where that is undefined.
    case back
    /// The rules of the function are tried now; `id` is 1 where its index left none of them.
    case chosen
    /// The path `id` led to something in base data.
    case read
    /// The path `id` led to nothing in base data.
    case lack
    /// An element of a document in base data is taken in a loop.
    case element
    /// A comprehension is computed.
    case comprehension
}

/// What assembling a measured program remembers of the function at hand.
struct Measuring {
    /// A register that holds what a path into base data or the input leads to.
    struct Chain {
        var isData: Bool
        /// The register that it began in.
        var root: Int32
        var path: [Int32]
    }

    var chains: [Int32: Chain] = [:]
    /// Registers that further steps go on from.
    var sources: Set<Int32> = []
    /// Registers of what the index looks at.
    var keys: Set<Int32> = []
    /// Negations around the statement at hand: what is in them chooses no rules.
    var negations = 0
    /// The rules are tried in a dispatch that is still to come.
    var expectsDispatch = false
    /// Where no rule is tried the function has no value.
    var isAlone = false
    /// The function gathers a rule's document, which is no comprehension.
    var gathersDocument = false

    /// A candidate of a dispatch has registers of its own.
    mutating func beginCandidate(_ block: Block) {
        chains.removeAll(keepingCapacity: true)
        sources.removeAll(keepingCapacity: true)
        prepare(block)
    }

    /// Takes note of the registers that a block's look-ups go on from.
    mutating func prepare(_ block: Block) {
        for statement in block.statements {
            switch statement.kind {
            case .dot(let target, .local(let source), _) where source != target: sources.insert(source.index)
            case .block(let inner), .not(let inner), .outside(let inner), .with(_, let inner),
                .scan(_, _, _, let inner), .documentScan(_, _, let inner):
                prepare(inner)
            case .dispatch(let dispatch): for key in dispatch.keys { keys.insert(key.index) }
            default: break
            }
        }
    }
}

/// Assembling for measuring: the statements of the plan as they are, with events around those that are measured.
extension Assembler {
    mutating func measure(_ event: MeasuredEvent, _ id: Int32 = 0) {
        emit(Instruction(.trace, b: ~Int32(event.rawValue), c: id))
    }

    /// Begins a function.
    mutating func beginMeasuring(_ function: Function) {
        guard isMeasured else { return }
        measuring = Measuring()
        measuring.prepare(function.body)
        guard function.kind == .rule || function.kind == .function else { return }
        if case .gather = function.body.statements.first?.kind { measuring.gathersDocument = true }
        measuring.expectsDispatch = function.body.statements.contains { Self.dispatches($0) }
        measuring.isAlone =
            !measuring.gathersDocument && (function.body.statements.last.map { Self.dispatches($0) } ?? false)
        if !measuring.expectsDispatch { measure(.chosen) }
    }

    private static func dispatches(_ statement: Statement) -> Bool {
        switch statement.kind {
        case .dispatch: true
        case .block(let block):
            block.statements.contains { statement in
                if case .dispatch = statement.kind { return true }
                return false
            }
        default: false
        }
    }

    /// A dispatch is about to try its candidates, those that the index left where there is a register of them.
    mutating func measureChoice(_ register: UInt16?) {
        guard isMeasured, measuring.expectsDispatch else { return }
        measuring.expectsDispatch = false
        guard let register, measuring.isAlone else { return measure(.chosen) }
        // Nothing is left: told apart at run time, as the state is a range.
        measure(.chosen, ~Int32(register))
    }

    /// Whether a loop runs over a document of base data.
    func takesElements(_ generator: Generator) -> Bool {
        guard case .collection(.local(let source)) = generator else { return false }
        return measuring.chains[source.index]?.isData == true
    }

    // MARK: Blocks

    mutating func assembleMeasured(_ block: Block) throws(Fault) {
        let statements = block.statements
        var index = 0
        while index < statements.count {
            range = statements[index].range
            if let run = run(at: index, statements) {
                try assemble(run, statements)
                index = run.end
            } else {
                try assembleMeasured(statements[index])
                index += 1
            }
        }
    }

    private mutating func assembleMeasured(_ statement: Statement) throws(Fault) {
        switch statement.kind {
        case .call(_, let function, _):
            guard plan.functions.indices.contains(function.int),
                plan.functions[function.int].kind == .rule || plan.functions[function.int].kind == .function
            else { return try assemble(statement) }
            try assemble(statement, from: .call, function.index, to: .back)
        case .documentDot(_, let source, let key):
            try assemble(statement, from: .document, path([source.index, operand(key)]), to: .back)
        case .documentValue(_, let source):
            try assemble(statement, from: .document, path([source.index]), to: .back)
        case .builtin, .host, .notEqual, .ordered:
            try assemble(statement, from: .begin, MeasuredStep.builtinCall.rawValue, to: .end)
        case .gather:
            if !measuring.gathersDocument { measure(.comprehension) }
            measuring.gathersDocument = false
            try assembleMaking(statement)
        case .makeArray, .makeSet, .makeObject, .makeRecord, .add, .insert, .insertPath, .gathered, .upsert, .merge,
            .assignOnce, .emit:
            try assembleMaking(statement)
        default: try assemble(statement)
        }
    }

    /// A step that makes a value; it does not fail.
    private mutating func assembleMaking(_ statement: Statement) throws(Fault) {
        measure(.begin, MeasuredStep.plug.rawValue)
        try assemble(statement)
        measure(.end)
    }

    /// A step that may fail: its end is told either way.
    private mutating func assemble(
        _ statement: Statement, from first: MeasuredEvent, _ id: Int32, to last: MeasuredEvent
    ) throws(Fault) {
        let failed = newLabel()
        let past = newLabel()
        measure(first, id)
        scopes.append(Scope(end: failed, exit: .nothing))
        try assemble(statement)
        scopes.removeLast()
        measure(last)
        jump(past)
        place(failed)
        measure(last, 1)
        jump(failure)
        place(past)
    }

    private mutating func path(_ operands: [Int32]) -> Int32 {
        measuredPaths.append(operands)
        return Int32(truncatingIfNeeded: measuredPaths.count - 1)
    }

    // MARK: References

    /// Look-ups one behind the other, each going on from the one before.
    private struct Run {
        var start: Int
        var end: Int
        var chain: Measuring.Chain
        var isMeasured: Bool
        /// No further look-up goes on from its end.
        var isFinal: Bool
    }

    private mutating func run(at start: Int, _ statements: [Statement]) -> Run? {
        var chain: Measuring.Chain
        var last: Local
        switch statements[start].kind {
        case .data(let target):
            chain = Measuring.Chain(isData: true, root: target.index, path: [])
            last = target
        case .input(let target):
            chain = Measuring.Chain(isData: false, root: target.index, path: [])
            last = target
        case .dot(let target, let source, let key):
            guard case .local(let source) = source, let known = measuring.chains[source.index] else {
                measuring.chains[target.index] = nil
                return nil
            }
            chain = known
            chain.path.append(operand(key))
            last = target
        default: return nil
        }
        measuring.chains[last.index] = chain
        var end = start + 1
        while end < statements.count, case .dot(let target, .local(let source), let key) = statements[end].kind,
            source == last
        {
            chain.path.append(operand(key))
            last = target
            measuring.chains[last.index] = chain
            end += 1
        }
        let isFinal = !measuring.sources.contains(last.index)
        let isMeasured = chain.isData || isFinal && end < statements.count && chooses(last, statements[end])
        return Run(start: start, end: end, chain: chain, isMeasured: isMeasured, isFinal: isFinal)
    }

    /// Whether a statement tells rules apart by a value: the index looks at it, or it has to equal a constant.
    private func chooses(_ local: Local, _ statement: Statement) -> Bool {
        switch statement.kind {
        case .assign(let key, .local(let value)): value == local && measuring.keys.contains(key.index)
        case .equal(.local(let value), .constant), .equal(.constant, .local(let value)):
            value == local && measuring.negations == 0
        default: false
        }
    }

    private mutating func assemble(_ run: Run, _ statements: [Statement]) throws(Fault) {
        guard run.isMeasured else {
            for statement in statements[run.start..<run.end] {
                range = statement.range
                try assemble(statement)
            }
            return
        }
        let step = MeasuredStep.resolve.rawValue
        let number = run.chain.isData ? path(run.chain.path) : 0
        let failed = newLabel()
        let past = newLabel()
        measure(.begin, step)
        scopes.append(Scope(end: failed, exit: .nothing))
        for statement in statements[run.start..<run.end] {
            range = statement.range
            try assemble(statement)
        }
        scopes.removeLast()
        measure(run.isFinal ? .endReference : .endPart, run.chain.root)
        if run.chain.isData, run.isFinal { measure(.read, number) }
        jump(past)
        place(failed)
        measure(.endReference, run.chain.root)
        if run.chain.isData { measure(.lack, number) }
        jump(failure)
        place(past)
    }
}

extension Generator {
    /// Its turns are those of the builtin `walk`.
    var isWalk: Bool {
        if case .walk = self { return true }
        return false
    }
}

// MARK: - Running

extension Machine {
    /// What a look-up at a place of the document tree is going to meet.
    public enum Foreseen {
        /// A rule: its function.
        case rule(Int)
        /// Base data, at this path: each step as JSON text.
        case base([[UInt8]])
        /// A part of a value that is there already, or an inner node.
        case nothing
    }

    /// Tells an event of a traced or a measured program.
    @inline(never)
    func tell(_ instruction: Instruction) {
        if instruction.b >= 0 {
            if let event = TraceEvent(rawValue: UInt8(truncatingIfNeeded: instruction.b)) {
                onTrace?(event, instruction.c)
            }
        } else if let event = MeasuredEvent(rawValue: UInt8(truncatingIfNeeded: ~instruction.b)) {
            var id = instruction.c
            if event == .chosen, id < 0 {
                let range = state.pointee.stack[state.pointee.base + Int(~id)].low
                id = range & 0xffff_ffff >= range &>> 32 ? 1 : 0
            }
            onMeasure?(event, id)
        }
    }

    /// The steps of a path that a measured program looks up, as JSON text; only inside `onMeasure`.
    public func measuredPath(_ id: Int32) -> [[UInt8]] {
        operands(id).map { text(of: value(of: $0)) }
    }

    /// What the look-up of an event `document` is going to meet; only inside `onMeasure`.
    public func foreseen(_ id: Int32) -> Foreseen {
        let operands = operands(id)
        guard let first = operands.first else { return .nothing }
        let source = value(of: first)
        guard source.tag == Value.Tag.document else { return .nothing }
        let node = Int(truncatingIfNeeded: source.low)
        guard program.nodes.indices.contains(node) else { return .nothing }
        guard operands.count > 1 else {
            return program.nodes[node].function == nil ? .base(path(of: node)) : .nothing
        }
        let key = value(of: operands[1])
        for child in program.nodes[node].children {
            let compiled = program.nodes[Int(child)]
            guard let constant = compiled.key, space.equal(constants[Int(constant)], key) else { continue }
            guard let function = compiled.function else { break }
            return compiled.isRule ? .rule(function.int) : .nothing
        }
        return .base(path(of: node) + [text(of: key)])
    }

    private func operands(_ id: Int32) -> [Int32] {
        program.measuredPaths.indices.contains(Int(id)) ? program.measuredPaths[Int(id)] : []
    }

    private func value(of operand: Int32) -> Value {
        traced(operand >= 0 ? .local(Local(Int(operand))) : .constant(~operand))
    }

    private func text(of value: Value) -> [UInt8] { (try? space.json(value)) ?? [] }

    private func path(of node: Int) -> [[UInt8]] {
        var path: [[UInt8]] = []
        var node = node
        while let parent = program.nodes[node].parent, let key = program.nodes[node].key,
            path.count < Space.depthLimit
        {
            path.append(text(of: constants[Int(key)]))
            node = Int(parent)
        }
        return path.reversed()
    }
}
