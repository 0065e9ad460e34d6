import WritBuiltins
import WritPlan
import WritValue

/// Evaluates the functions of one program against one snapshot's data.
///
/// One evaluation at a time; not thread-safe. Pool machines to evaluate at once. In steady state an evaluation
/// takes no memory from the system: what it makes lies in the space, which the next `begin` empties.
public final class Machine {
    public let program: Program
    public let space: Space
    public let builtins: BuiltinContext
    public var limits: Limits { didSet { space.memoryLimit = limits.memory } }
    /// Builtin errors end the evaluation rather than make their expression undefined.
    public var isStrict = false
    /// Set by the host from any thread to end an evaluation; polled every `BuiltinContext.slice` steps.
    public var interrupt: UnsafePointer<Bool>?
    /// A clock that only goes forward, in nanoseconds; see `Limits.nanoseconds`.
    public var now: (() -> Int64)?
    /// The interrupt that `builtins.poll` asks; meaningless while that asks the clock too.
    private var polled: UnsafePointer<Bool>?
    private var asksClock = false
    /// Receives what `print` gives, a line at a time: a value for each operand, undefined where it has none.
    public var onPrint: ((_ arguments: Arguments, _ range: SourceRange) -> Void)?
    /// Receives the events of a traced program.
    public var onTrace: ((_ event: TraceEvent, _ id: Int32) -> Void)?
    /// Receives the events of a measured program.
    public var onMeasure: ((_ event: MeasuredEvent, _ id: Int32) -> Void)?

    let state: UnsafeMutablePointer<MachineState>
    /// The program's constants, their references made absolute.
    let constants: UnsafeMutablePointer<Value>
    public let data: Value
    var memos: [UnsafeMutablePointer<MemoEntry>] = []
    let lasting: UnsafeMutablePointer<LastingEntry>
    /// Pieces that hold lasting results; attached to the space.
    var lastingPieces: [Piece] = []
    var overrides: [ActiveOverride] = []
    /// Walks under way, outermost first; what is behind `walkCount` waits to be used again.
    var walks: [Walk] = []
    var walkCount = 0
    /// What runs each pure builtin, by number.
    let implementations = Registry.implementations
    private let dataPiece: Piece?

    /// A machine for a program. `data` is the base document (nil: an empty object).
    public init(program: Program, data: Piece?, limits: Limits = Limits()) {
        self.program = program
        self.limits = limits
        space = Space.create(memoryLimit: limits.memory)
        builtins = BuiltinContext(space: space)
        constants = .allocate(capacity: max(1, program.constantCount))
        constants.initialize(repeating: .undefined, count: max(1, program.constantCount))
        dataPiece = data
        self.data = data.map { [space] in space.root(of: $0, attachedAs: space.attach($0)) } ?? .emptyObject
        lasting = .allocate(capacity: max(1, program.functions.count))
        lasting.initialize(
            repeating: LastingEntry(value: .undefined, isKnown: false), count: max(1, program.functions.count))
        let stackCapacity = max(1024, program.largestFrame &* 4)
        state = .allocate(capacity: 1)
        state.initialize(
            to: MachineState(
                stack: .allocate(capacity: stackCapacity), stackCapacity: stackCapacity,
                frames: .allocate(capacity: 64), frameCapacity: 64, frameCount: 0,
                contexts: .allocate(capacity: 8), contextCapacity: 8, contextCount: 0, context: 0, generation: 0,
                position: 0, base: 0, results: ValueList(),
                arguments: .allocate(capacity: max(8, program.longestOperandList)), faultPosition: -1))
        if let piece = program.constants { load(piece, at: 0) }
        for block in program.addedConstants { load(block.piece, at: block.first) }
    }

    /// Puts the constants of a piece into the table.
    private func load(_ piece: Piece, at first: Int) {
        let list = space.elements(space.root(of: piece, attachedAs: space.attach(piece)))
        for index in 0..<max(0, min(list.count, program.constantCount - first)) {
            constants[first + index] = list[index]
        }
    }

    deinit {
        state.pointee.stack.deallocate()
        state.pointee.frames.deallocate()
        state.pointee.contexts.deallocate()
        state.pointee.arguments.deallocate()
        state.deallocate()
        lasting.deallocate()
        constants.deallocate()
        for memo in memos { memo.deallocate() }
        space.destroy()
    }

    // MARK: One evaluation

    /// Empties the space for a new evaluation. Its input is then made in `space`.
    public func begin() {
        space.reset()
        state.pointee.frameCount = 0
        state.pointee.contextCount = 0
        state.pointee.results = ValueList()
        state.pointee.faultPosition = -1
        overrides.removeAll(keepingCapacity: true)
        walkCount = 0
        forgetExtraMemory()
        startClock()
        builtins.begin(steps: limits.steps)
    }

    /// Lets the machine be asked now and then whether to go on, where something may end it.
    private func startClock() {
        var deadline: Int64?
        if let limit = limits.nanoseconds, let now {
            let (end, isTooLate) = now().addingReportingOverflow(limit)
            deadline = isTooLate ? .max : end
        }
        let interrupt = interrupt
        guard let end = deadline else {
            // The closure of an interrupt alone serves any number of evaluations: none of them allocates it.
            guard asksClock || polled != interrupt else { return }
            asksClock = false
            polled = interrupt
            if let interrupt {
                builtins.poll = { interrupt.pointee ? .cancelled : nil }
            } else {
                builtins.poll = nil
            }
            return
        }
        let now = now
        asksClock = true
        builtins.poll = {
            if let interrupt, interrupt.pointee { return .cancelled }
            if let now, now() >= end { return .timeLimit }
            return nil
        }
    }

    /// Memory of tables that one evaluation in need of many left behind.
    private func forgetExtraMemory() {
        while memos.count > 8, let memo = memos.popLast() {
            memo.deallocate()
            space.discharge(memoSize)
        }
        let size = state.pointee.stackCapacity &* MemoryLayout<Value>.size
        guard size > Space.retainedMemory, state.pointee.stackCapacity > firstStack else { return }
        space.discharge(size)
        state.pointee.stack.deallocate()
        state.pointee.stack = .allocate(capacity: firstStack)
        state.pointee.stackCapacity = firstStack
    }

    private var memoSize: Int { max(1, program.functions.count) &* MemoryLayout<MemoEntry>.size }
    private var firstStack: Int { max(1024, program.largestFrame &* 4) }

    /// Starts a function without parameters. `input` is a value of `space`, undefined for none.
    public func start(_ function: FunctionID, input: Value) throws(Fault) -> Outcome {
        guard function.int >= 0, function.int < program.functions.count else { throw Fault(.defect) }
        if program.functions[function.int].memo == .snapshot, lasting[function.int].isKnown {
            return .finished(lasting[function.int].value)
        }
        space.allocatesTemporaries = true
        state.pointee.frameCount = 0
        state.pointee.contextCount = 0
        state.pointee.context = try pushContext(
            input: input, data: data, override: -1, differs: false, overridesBefore: 0)
        try pushFrame(function.int, caller: -1, base: 0, at: 0)
        state.pointee.base = 0
        state.pointee.position = Int(program.functions[function.int].start)
        return try run()
    }

    /// Goes on with the host's answer; undefined fails the expression.
    public func resume(with answer: Value) throws(Fault) -> Outcome {
        let instruction = program.code[state.pointee.position]
        if answer.isUndefined {
            state.pointee.position = Int(instruction.target)
        } else {
            state.pointee.stack[state.pointee.base + Int(instruction.a)] = answer
            state.pointee.position += 1
        }
        return try run()
    }

    /// Goes on after the host refused the call: undefined where builtin errors are not strict, else the fault, which
    /// came from the call.
    public func resume(after fault: Fault) throws(Fault) -> Outcome {
        guard fault.isBuiltinError, !isStrict else {
            state.pointee.faultPosition = state.pointee.position
            throw fault
        }
        return try resume(with: .undefined)
    }

    /// The results that the query emitted.
    public var results: ValueList { state.pointee.results }

    /// Where the last fault came from.
    public var faultRange: SourceRange {
        let position = state.pointee.faultPosition
        return program.ranges.indices.contains(position) ? program.ranges[position] : .none
    }

    // MARK: Tracing

    /// The value of an operand of the function that an event comes from; only inside `onTrace` and `onMeasure`.
    public func traced(_ operand: Operand) -> Value {
        switch operand {
        case .local(let local): state.pointee.stack[state.pointee.base + local.int]
        case .constant(let constant): constants[Int(constant)]
        }
    }

    /// What a function gave before and would give again without being run; nil where it would run, or where something
    /// else stands in for it. Only inside `onTrace` and `onMeasure`.
    public func remembered(_ function: Int) -> Value? {
        guard program.functions.indices.contains(function), program.functions[function].memo != .never else {
            return nil
        }
        let context = state.pointee.contexts[state.pointee.context]
        if context.override >= 0 {
            guard case .nothing = replaced(Int32(truncatingIfNeeded: function), in: context.override) else {
                return nil
            }
        }
        if case .value(let value) = Document.some(function, self) { return value }
        return nil
    }

    /// How many calls are under way; only inside `onTrace` and `onMeasure`.
    public var callDepth: Int { state.pointee.frameCount }

    // MARK: Frames and contexts

    /// Makes room for a callee's registers above the caller's and clears them. Arguments are copied by the caller.
    func pushFrame(_ function: Int, caller: Int, base: Int, at newBase: Int) throws(Fault) {
        let size = Int(program.functions[function].frameSize)
        if newBase + size > state.pointee.stackCapacity { try growStack(newBase + size) }
        if state.pointee.frameCount == state.pointee.frameCapacity { growFrames() }
        guard state.pointee.frameCount < limits.depth else { throw Fault(.depthLimit) }
        (state.pointee.stack + newBase).update(repeating: .undefined, count: size)
        state.pointee.frames[state.pointee.frameCount] = Frame(
            caller: Int32(truncatingIfNeeded: caller), base: Int32(truncatingIfNeeded: base),
            function: Int32(truncatingIfNeeded: function), context: Int32(truncatingIfNeeded: state.pointee.context),
            contextCount: Int32(truncatingIfNeeded: state.pointee.contextCount))
        state.pointee.frameCount &+= 1
    }

    private func growStack(_ needed: Int) throws(Fault) {
        let capacity = max(needed, state.pointee.stackCapacity * 2)
        // The first stack is the program's, what it grows by is the evaluation's.
        let former = state.pointee.stackCapacity > firstStack ? state.pointee.stackCapacity : 0
        try space.charge((capacity &- former) &* MemoryLayout<Value>.size)
        let grown = UnsafeMutablePointer<Value>.allocate(capacity: capacity)
        grown.update(from: state.pointee.stack, count: state.pointee.stackCapacity)
        state.pointee.stack.deallocate()
        state.pointee.stack = grown
        state.pointee.stackCapacity = capacity
    }

    private func growFrames() {
        let capacity = state.pointee.frameCapacity * 2
        let grown = UnsafeMutablePointer<Frame>.allocate(capacity: capacity)
        grown.update(from: state.pointee.frames, count: state.pointee.frameCount)
        state.pointee.frames.deallocate()
        state.pointee.frames = grown
        state.pointee.frameCapacity = capacity
    }

    func pushContext(
        input: Value, data: Value, override: Int32, differs: Bool, overridesBefore: Int
    ) throws(Fault) -> Int {
        let index = state.pointee.contextCount
        guard index < limits.depth else { throw Fault(.depthLimit) }
        if index == state.pointee.contextCapacity {
            let grown = UnsafeMutablePointer<Context>.allocate(capacity: index * 2)
            grown.update(from: state.pointee.contexts, count: index)
            state.pointee.contexts.deallocate()
            state.pointee.contexts = grown
            state.pointee.contextCapacity = index * 2
        }
        if index == memos.count {
            try space.charge(memoSize)
            let memo = UnsafeMutablePointer<MemoEntry>.allocate(capacity: max(1, program.functions.count))
            memo.initialize(
                repeating: MemoEntry(value: .undefined, generation: 0), count: max(1, program.functions.count))
            memos.append(memo)
        }
        state.pointee.generation &+= 1
        state.pointee.contexts[index] = Context(
            input: input, data: data, memo: memos[index], generation: state.pointee.generation, override: override,
            differs: differs, overridesBefore: overridesBefore)
        state.pointee.contextCount = index + 1
        return index
    }

    /// Forgets all contexts but `count`, and the replaced functions that only they knew.
    @inline(__always)
    func dropContexts(to count: Int) {
        guard state.pointee.contextCount > count else { return }
        let before = state.pointee.contexts[count].overridesBefore
        state.pointee.contextCount = count
        if overrides.count > before { overrides.removeLast(overrides.count &- before) }
    }

    // MARK: Faults

    /// A fault whose message is a literal.
    func fault(_ code: Fault.Code, _ message: StaticString) -> Fault {
        Fault(code, message: (try? space.string(message)) ?? .undefined)
    }

    func conflict(_ kind: Int32) -> Fault {
        switch Conflict(rawValue: UInt8(truncatingIfNeeded: kind)) {
        case .function: fault(.conflict, "functions must not produce multiple outputs for same inputs")
        case .objectKey: fault(.conflict, "object keys must be unique")
        default: fault(.conflict, "complete rules must not produce multiple outputs")
        }
    }
}
