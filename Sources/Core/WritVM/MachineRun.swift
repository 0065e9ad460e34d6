import WritBuiltins
import WritPlan
import WritValue

extension Machine {
    /// The interpreter: runs from the saved position until the first frame returns or the host is needed.
    ///
    /// `pc`, `base` and `registers` mirror the state; they are written back before anything that may suspend,
    /// fault or move the stack.
    func run() throws(Fault) -> Outcome {
        let code = program.code
        let constants = self.constants
        let space = self.space
        let state = self.state
        let steps = builtins.stepsLeft
        var pc = state.pointee.position
        var base = state.pointee.base
        var registers = state.pointee.stack + base

        @inline(__always)
        func operand(_ operand: Int32) -> Value {
            operand >= 0 ? registers[Int(operand)] : constants[Int(~operand)]
        }

        do throws(Fault) {
            while true {
                let instruction = code[pc]
                pc &+= 1
                switch instruction.opcode {

                // MARK: Control
                case .jump: pc = Int(instruction.target)
                case .yield, .yieldNothing:
                    let result = instruction.opcode == .yield ? operand(instruction.b) : .undefined
                    let frame = state.pointee.frames[state.pointee.frameCount &- 1]
                    state.pointee.frameCount &-= 1
                    state.pointee.context = Int(frame.context)
                    dropContexts(to: Int(frame.contextCount))
                    let kept = try remember(result, of: Int(frame.function))
                    guard frame.caller >= 0 else {
                        try space.check()
                        return .finished(kept)
                    }
                    base = Int(frame.base)
                    registers = state.pointee.stack + base
                    let call = code[Int(frame.caller)]
                    if kept.isUndefined {
                        pc = Int(call.target)
                    } else {
                        registers[Int(call.a)] = kept
                        pc = Int(frame.caller) &+ 1
                    }
                case .dispatchStart:
                    registers[Int(instruction.a)] = choose(program.dispatches[Int(instruction.b)], registers)
                case .dispatchNext:
                    // The state is a range of the table's candidate list.
                    let range = registers[Int(instruction.a)].low
                    let next = Int(truncatingIfNeeded: range & 0xffff_ffff)
                    if next >= Int(truncatingIfNeeded: range &>> 32) {
                        pc = Int(instruction.target)
                    } else {
                        registers[Int(instruction.a)].low = range &+ 1
                        pc = start(ofCandidate: next, program.dispatches[Int(instruction.b)])
                    }

                // MARK: Moving
                case .move: registers[Int(instruction.a)] = operand(instruction.b)
                case .moveOnce:
                    let value = operand(instruction.b)
                    let old = registers[Int(instruction.a)]
                    if old.isUndefined {
                        registers[Int(instruction.a)] = try space.kept(value)
                    } else if !space.equal(old, value) {
                        throw conflict(instruction.c)
                    }
                case .reset: registers[Int(instruction.a)] = .undefined
                case .keep: registers[Int(instruction.a)] = try space.kept(registers[Int(instruction.a)])

                // MARK: Making
                case .makeArray:
                    registers[Int(instruction.a)] = try space.array(
                        load(instruction.b, instruction.c, registers))
                case .makeSet:
                    registers[Int(instruction.a)] = try makeSet(load(instruction.b, instruction.c, registers))
                case .makeObject:
                    registers[Int(instruction.a)] = try makeObject(load(instruction.b, instruction.c, registers))
                case .makeRecord:
                    registers[Int(instruction.a)] = try space.object(
                        shape: space.shape(constants[Int(instruction.target)]),
                        load(instruction.b, instruction.c, registers))
                case .gather:
                    let kind = Gathering(rawValue: UInt8(truncatingIfNeeded: instruction.b)) ?? .array
                    registers[Int(instruction.a)] = try space.inResults { () throws(Fault) in
                        try Gatherer.make(kind, space)
                    }
                case .add: try add(operand(instruction.b), to: registers[Int(instruction.a)])
                case .insert:
                    try insert(
                        operand(instruction.b), operand(instruction.c), into: registers[Int(instruction.a)],
                        instruction.target)
                case .insertPath: try insertPath(instruction, registers)
                case .gathered:
                    registers[Int(instruction.a)] = try gathered(registers[Int(instruction.b)])
                case .regather:
                    let source = registers[Int(instruction.a)]
                    let gathering = try regathered(source, instruction.b)
                    if gathering.isUndefined {
                        pc = Int(instruction.target)
                    } else {
                        registers[Int(instruction.a)] = gathering
                    }
                case .upsert:
                    registers[Int(instruction.a)] = try upserted(load(instruction.b, instruction.c, registers))
                case .merge:
                    registers[Int(instruction.a)] = try space.merged(operand(instruction.b), operand(instruction.c))

                // MARK: Looking
                case .dot:
                    let source = operand(instruction.b)
                    let key = operand(instruction.c)
                    let value: Value
                    if source.tag == Value.Tag.object {
                        value = space.member(source, key)
                    } else {
                        value = element(of: source, key)
                    }
                    if value.isUndefined {
                        pc = Int(instruction.target)
                    } else {
                        registers[Int(instruction.a)] = value
                    }
                case .length:
                    let source = operand(instruction.b)
                    if source.isCollection || source.isString {
                        registers[Int(instruction.a)] = .integer(
                            source.isCollection ? source.count : scalarCount(source))
                    } else {
                        pc = Int(instruction.target)
                    }
                case .scanStart:
                    let source = operand(instruction.b)
                    if source.isCollection, source.count > 0 {
                        startScan(source, registers + Int(instruction.a))
                    } else {
                        pc = Int(instruction.target)
                    }
                case .scanNext:
                    if !scanNext(registers + Int(instruction.a), instruction.b, instruction.c, registers) {
                        pc = Int(instruction.target)
                    } else {
                        steps.pointee &-= 1
                        if steps.pointee < 0 { try builtins.refuel() }
                    }
                case .walkStart: startWalk(operand(instruction.b), registers + Int(instruction.a))
                case .walkNext:
                    if try !walkNext(registers + Int(instruction.a), instruction.b, instruction.c, registers) {
                        pc = Int(instruction.target)
                    } else {
                        steps.pointee &-= 1
                        if steps.pointee < 0 { try builtins.refuel() }
                    }
                case .rangeStart:
                    if let from = space.int64(operand(instruction.b)), let to = space.int64(operand(instruction.c)) {
                        registers[Int(instruction.a)] = Value(low: UInt64(bitPattern: from), high: 0)
                        registers[Int(instruction.a) &+ 1] = Value(low: UInt64(bitPattern: to), high: 0)
                    } else {
                        pc = Int(instruction.target)
                    }
                case .rangeNext:
                    if rangeNext(registers + Int(instruction.a), instruction.b, instruction.c, registers) {
                        steps.pointee &-= 1
                        if steps.pointee < 0 { try builtins.refuel() }
                    } else {
                        pc = Int(instruction.target)
                    }

                // MARK: Checking
                case .equal:
                    if !space.equal(operand(instruction.b), operand(instruction.c)) { pc = Int(instruction.target) }
                case .notEqual:
                    if space.equal(operand(instruction.b), operand(instruction.c)) { pc = Int(instruction.target) }
                case .less:
                    if space.compare(operand(instruction.b), operand(instruction.c)) >= 0 {
                        pc = Int(instruction.target)
                    }
                case .lessOrEqual:
                    if space.compare(operand(instruction.b), operand(instruction.c)) > 0 {
                        pc = Int(instruction.target)
                    }
                case .greater:
                    if space.compare(operand(instruction.b), operand(instruction.c)) <= 0 {
                        pc = Int(instruction.target)
                    }
                case .greaterOrEqual:
                    if space.compare(operand(instruction.b), operand(instruction.c)) < 0 {
                        pc = Int(instruction.target)
                    }
                case .truthy:
                    let value = operand(instruction.b)
                    if value.isUndefined || value.isFalse { pc = Int(instruction.target) }
                case .isDefined:
                    if registers[Int(instruction.a)].isUndefined { pc = Int(instruction.target) }
                case .isUndefined:
                    if registers[Int(instruction.a)].isDefined { pc = Int(instruction.target) }
                case .isArray: if !operand(instruction.b).isArray { pc = Int(instruction.target) }
                case .isObject: if !operand(instruction.b).isObject { pc = Int(instruction.target) }
                case .isSet: if !operand(instruction.b).isSet { pc = Int(instruction.target) }
                case .isCollection: if !operand(instruction.b).isCollection { pc = Int(instruction.target) }
                case .isTuple:
                    let value = operand(instruction.b)
                    if !value.isArray || value.count != Int(instruction.c) { pc = Int(instruction.target) }
                case .hasKeyCount:
                    let value = operand(instruction.b)
                    if !value.isObject || value.count != Int(instruction.c) { pc = Int(instruction.target) }

                // MARK: Calling
                case .call:
                    let record = program.calls[Int(instruction.b)]
                    let context = state.pointee.contexts + state.pointee.context
                    var callee = Int(record.callee)
                    var isReplacement = false
                    if context.pointee.override >= 0 {
                        switch replaced(record.callee, in: context.pointee.override) {
                        case .nothing: break
                        case .value(let value):
                            if value.isUndefined {
                                pc = Int(instruction.target)
                            } else {
                                registers[Int(instruction.a)] = value
                            }
                            continue
                        case .function(let other):
                            callee = other
                            isReplacement = true
                        case .builtin(let other):
                            if let call = hostCall(other, record, registers) {
                                state.pointee.position = pc &- 1
                                state.pointee.base = base
                                return .suspended(call)
                            }
                            let value = try callBuiltin(other, record, registers, at: pc &- 1)
                            if value.isUndefined {
                                pc = Int(instruction.target)
                            } else {
                                registers[Int(instruction.a)] = value
                            }
                            continue
                        }
                    }
                    let function = program.functions[callee]
                    if function.memo != .never {
                        let entry = context.pointee.memo + callee
                        if entry.pointee.generation == context.pointee.generation {
                            let value = entry.pointee.value
                            if value.isUndefined {
                                pc = Int(instruction.target)
                            } else {
                                registers[Int(instruction.a)] = value
                            }
                            continue
                        }
                        if function.memo == .snapshot, !context.pointee.differs, lasting[callee].isKnown {
                            let value = lasting[callee].value
                            if value.isUndefined {
                                pc = Int(instruction.target)
                            } else {
                                registers[Int(instruction.a)] = value
                            }
                            continue
                        }
                    }
                    steps.pointee &-= 1
                    if steps.pointee < 0 { try builtins.refuel() }
                    let caller = state.pointee.frames[state.pointee.frameCount &- 1]
                    let newBase = base &+ Int(program.functions[Int(caller.function)].frameSize)
                    try pushFrame(callee, caller: pc &- 1, base: base, at: newBase)
                    let old = state.pointee.stack + base
                    registers = state.pointee.stack + newBase
                    program.operands.withUnsafeBufferPointer { operands in
                        for index in 0..<Int(record.operandCount) {
                            let operand = operands[Int(record.operandStart) &+ index]
                            registers[index] = operand >= 0 ? old[Int(operand)] : constants[Int(~operand)]
                        }
                    }
                    if isReplacement { try forgetMocks() }
                    base = newBase
                    pc = Int(function.start)
                case .builtin, .host:
                    let record = program.calls[Int(instruction.b)]
                    var builtin = Int(record.callee)
                    var replacement: Value?
                    if state.pointee.contexts[state.pointee.context].override >= 0 {
                        switch replaced(~record.callee, in: state.pointee.contexts[state.pointee.context].override) {
                        case .nothing: break
                        case .value(let value): replacement = value
                        case .builtin(let other): builtin = other
                        case .function(let other):
                            let caller = state.pointee.frames[state.pointee.frameCount &- 1]
                            let newBase = base &+ Int(program.functions[Int(caller.function)].frameSize)
                            let count = Int(record.operandCount)
                            let arguments = load(record.operandStart, record.operandCount, registers)
                            try pushFrame(other, caller: pc &- 1, base: base, at: newBase)
                            registers = state.pointee.stack + newBase
                            for index in 0..<count { registers[index] = arguments[index] }
                            try forgetMocks()
                            base = newBase
                            pc = Int(program.functions[other].start)
                            continue
                        }
                    }
                    let value: Value
                    if let replacement {
                        value = replacement
                    } else if instruction.opcode == .host || builtin != Int(record.callee),
                        let call = hostCall(builtin, record, registers)
                    {
                        state.pointee.position = pc &- 1
                        state.pointee.base = base
                        return .suspended(call)
                    } else {
                        value = try callBuiltin(builtin, record, registers, at: pc &- 1)
                    }
                    if value.isUndefined {
                        pc = Int(instruction.target)
                    } else {
                        registers[Int(instruction.a)] = value
                    }
                case .print:
                    let arguments = load(instruction.b, instruction.c, registers)
                    try print(Arguments(arguments.baseAddress, count: arguments.count), program.ranges[pc &- 1])
                case .emit:
                    let value = try space.kept(operand(instruction.b))
                    try space.inResults { () throws(Fault) in
                        try state.pointee.results.append(value, in: space)
                    }

                // MARK: Context
                case .withEnter:
                    try enter(program.overrides[Int(instruction.b)], registers, Int(instruction.a))
                case .withLeave:
                    state.pointee.context = Int(truncatingIfNeeded: registers[Int(instruction.a)].low)
                    dropContexts(to: Int(truncatingIfNeeded: registers[Int(instruction.a) &+ 1].low))
                case .contextSet:
                    state.pointee.context = Int(truncatingIfNeeded: registers[Int(instruction.a)].low)

                // MARK: Documents
                case .input:
                    let value = state.pointee.contexts[state.pointee.context].input
                    if value.isUndefined {
                        pc = Int(instruction.target)
                    } else {
                        registers[Int(instruction.a)] = value
                    }
                case .data:
                    registers[Int(instruction.a)] = state.pointee.contexts[state.pointee.context].data
                case .document:
                    registers[Int(instruction.a)] = cursor(Int(instruction.b))
                case .documentDot, .documentValue:
                    let source = registers[Int(instruction.b)]
                    let found =
                        instruction.opcode == .documentDot
                        ? document(source, operand(instruction.c)) : document(source)
                    switch found {
                    case .value(let value):
                        if value.isUndefined {
                            pc = Int(instruction.target)
                        } else {
                            registers[Int(instruction.a)] = value
                        }
                    case .function(let callee):
                        let caller = state.pointee.frames[state.pointee.frameCount &- 1]
                        let newBase = base &+ Int(program.functions[Int(caller.function)].frameSize)
                        try pushFrame(callee, caller: pc &- 1, base: base, at: newBase)
                        registers = state.pointee.stack + newBase
                        base = newBase
                        pc = Int(program.functions[callee].start)
                    }
                case .documentKeys:
                    registers[Int(instruction.a)] = try documentKeys(registers[Int(instruction.b)])

                // MARK: Memory and tracing
                case .mark: registers[Int(instruction.a)] = Value(low: space.mark().word, high: 0)
                case .rewind: space.rewind(to: Mark(word: registers[Int(instruction.a)].low))
                case .trace:
                    state.pointee.base = base
                    tell(instruction)
                }
            }
        } catch {
            state.pointee.faultPosition = pc &- 1
            throw error
        }
    }
}
