import WritPlan
import WritValue

/// Lowers a plan to instructions.
///
/// Each block has a label for "this block ended early". A failing step jumps there, so backtracking needs no
/// state at run time: the label of a loop's block is the loop's next turn, that of a `with` leaves its context.
struct Assembler {
    let plan: Plan
    let isTraced: Bool
    /// Whether events are put around the steps that are measured.
    let isMeasured: Bool
    let constants: PlanConstants

    var code: [Instruction] = []
    var ranges: [SourceRange] = []
    var functions: [CompiledFunction] = []
    var operands: [Int32] = []
    var calls: [CallRecord] = []
    var dispatches: [DispatchTable] = []
    var overrides: [[CompiledOverride]] = []
    /// The operands of what a measured program looks up.
    var measuredPaths: [[Int32]] = []
    var measuring = Measuring()
    var largestFrame = 0
    var longestOperandList = 0

    /// Label number → position; -1 until placed.
    var labels: [Int32] = []
    /// Positions of instructions whose target is a label still to be replaced.
    var scopes: [Scope] = []
    var nextRegister = 0
    var range = SourceRange.none
    /// Context registers of the `with` blocks around, innermost last.
    var contexts: [UInt16] = []

    /// A block being assembled.
    struct Scope {
        /// Where to go on when the block ends early.
        var end: Int32
        /// What must be done on the way out when leaving through it.
        var exit: Exit
        /// Whether `Statement.leave` counts it (`with` and `outside` blocks count as well).
        enum Exit {
            case nothing
            /// Back to the context in this register.
            case leaveContext(UInt16)
            case setContext(UInt16)
        }
    }

    init(plan: Plan, traced: Bool, measured: Bool) {
        self.plan = plan
        isTraced = traced
        isMeasured = measured
        constants = PlanConstants(plan)
    }

    /// Assembles all functions, or with `changed` only these: behind the code of `base`, whose plan had the same
    /// functions under the same numbers but for those that are listed.
    mutating func assemble(extending base: Program? = nil, changed: [FunctionID] = []) throws(Fault) {
        defer { constants.close() }
        if let base { take(over: base) }
        let firstDispatch = dispatches.count
        let first = code.count
        if base == nil {
            for function in plan.functions { functions.append(try assemble(function)) }
        } else {
            while functions.count < plan.functions.count { functions.append(.none) }
            for id in changed where plan.functions.indices.contains(id.int) {
                functions[id.int] = try assemble(plan.functions[id.int])
            }
            for index in functions.indices {
                functions[index].memo = plan.functions[index].memo
                functions[index].reads = plan.functions[index].reads
            }
        }
        // Jump threading: a jump to a jump goes to its end at once.
        for index in first..<code.count where code[index].opcode.hasTarget {
            var target = labels[Int(code[index].target)]
            var hops = 0
            while hops < 8, Int(target) < code.count, code[Int(target)].opcode == .jump,
                code[Int(target)].target >= 0
            {
                // What comes before it has its targets already.
                let next = Int(target) < index ? code[Int(target)].target : labels[Int(code[Int(target)].target)]
                if next == target { break }
                target = next
                hops += 1
            }
            code[index].target = target
        }
        for index in firstDispatch..<dispatches.count {
            for candidate in dispatches[index].starts.indices {
                dispatches[index].starts[candidate] = labels[Int(dispatches[index].starts[candidate])]
            }
        }
    }

    private mutating func take(over base: Program) {
        code = Array(UnsafeBufferPointer(start: base.code, count: base.codeCount))
        ranges = base.ranges
        functions = base.functions
        operands = base.operands
        calls = base.calls
        dispatches = base.dispatches
        overrides = base.overrides
        measuredPaths = base.measuredPaths
        largestFrame = base.largestFrame
        longestOperandList = base.longestOperandList
    }

    private mutating func assemble(_ function: Function) throws(Fault) -> CompiledFunction {
        guard function.localCount < 60_000 else { throw Fault(.sizeLimit) }
        nextRegister = max(function.localCount, function.parameterCount)
        let start = code.count
        let frameStart = nextRegister
        highest = frameStart
        let end = newLabel()
        scopes = [Scope(end: end, exit: .nothing)]
        beginMeasuring(function)
        try assemble(function.body)
        scopes = []
        place(end)
        range = function.range
        if let result = function.result {
            emit(Instruction(.yield, b: Int32(result.int)))
        } else {
            emit(Instruction(.yieldNothing))
        }
        guard highest < 65_000 else { throw Fault(.sizeLimit) }
        largestFrame = max(largestFrame, highest)
        return CompiledFunction(
            start: Int32(start), frameSize: Int32(highest), parameterCount: Int32(function.parameterCount),
            memo: function.memo, kind: function.kind, reads: function.reads)
    }

    /// The highest register used in the function at hand, plus 1.
    var highest = 0

    /// Takes registers for the state of a loop or a context; `release` gives them back in reverse.
    mutating func take(_ count: Int) -> UInt16 {
        let first = nextRegister
        nextRegister += count
        highest = max(highest, nextRegister)
        return UInt16(truncatingIfNeeded: first)
    }

    mutating func release(_ count: Int) { nextRegister -= count }

    mutating func assemble(_ block: Block) throws(Fault) {
        guard !isMeasured else { return try assembleMeasured(block) }
        for statement in block.statements {
            range = statement.range
            try assemble(statement)
        }
    }

    /// Assembles a block whose early end goes to `end`.
    mutating func assemble(_ block: Block, end: Int32, exit: Scope.Exit = .nothing) throws(Fault) {
        scopes.append(Scope(end: end, exit: exit))
        try assemble(block)
        scopes.removeLast()
    }

    // MARK: Emitting

    var failure: Int32 { scopes.last?.end ?? 0 }

    mutating func emit(_ instruction: Instruction) {
        code.append(instruction)
        ranges.append(range)
    }

    mutating func newLabel() -> Int32 {
        labels.append(-1)
        return Int32(truncatingIfNeeded: labels.count - 1)
    }

    mutating func place(_ label: Int32) { labels[Int(label)] = Int32(truncatingIfNeeded: code.count) }

    mutating func jump(_ label: Int32) { emit(Instruction(.jump, target: label)) }

    func register(_ local: Local) -> UInt16 { UInt16(truncatingIfNeeded: local.index) }

    func operand(_ operand: Operand) -> Int32 {
        switch operand {
        case .local(let local): local.index
        case .constant(let constant): ~constant
        }
    }

    mutating func list(_ values: [Operand]) -> (start: Int32, count: Int32) {
        let start = operands.count
        for value in values { operands.append(operand(value)) }
        longestOperandList = max(longestOperandList, values.count)
        return (Int32(truncatingIfNeeded: start), Int32(truncatingIfNeeded: values.count))
    }

    mutating func callRecord(_ callee: Int, _ values: [Operand]) -> Int32 {
        let (start, count) = list(values)
        calls.append(
            CallRecord(callee: Int32(truncatingIfNeeded: callee), operandStart: start, operandCount: count))
        return Int32(truncatingIfNeeded: calls.count - 1)
    }
}

extension Opcode {
    /// Whether `target` is a place in the code.
    var hasTarget: Bool {
        switch self {
        case .jump, .dispatchNext, .dot, .length, .scanStart, .scanNext, .walkNext, .rangeStart, .rangeNext, .equal,
            .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .truthy, .isDefined, .isUndefined, .isArray,
            .isObject, .isSet, .isCollection, .isTuple, .hasKeyCount, .regather, .call, .builtin, .host, .input,
            .documentDot, .documentValue:
            true
        default: false
        }
    }
}
