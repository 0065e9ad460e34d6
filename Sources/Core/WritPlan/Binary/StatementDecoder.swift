extension PlanDecoder {
    mutating func statement() throws(PlanError) -> Statement.Kind {
        guard let code = StatementCode(rawValue: try reader.byte()) else {
            throw reader.failure("has no such statement")
        }
        switch code {
        case .scan, .block, .not, .dispatch, .with, .outside, .documentScan: return try withBlocks(code)
        case .equal, .notEqual, .ordered, .truthy, .isDefined, .isUndefined, .isArray, .isObject, .isSet,
            .isCollection, .isTuple, .hasKeyCount:
            return try check(code)
        case .leave, .yield, .call, .builtin, .host, .print, .emit, .input, .data, .document, .documentDot,
            .documentValue, .mark, .rewind:
            return try control(code)
        default: return try making(code)
        }
    }

    private mutating func making(_ code: StatementCode) throws(PlanError) -> Statement.Kind {
        let target = try local()
        switch code {
        case .assign: return .assign(target, try operand())
        case .assignOnce: return .assignOnce(target, try operand(), try conflict())
        case .reset: return .reset(target)
        case .keep: return .keep(target)
        case .makeArray: return .makeArray(target, try operands())
        case .makeSet: return .makeSet(target, try operands())
        case .makeObject:
            var entries: [(key: Operand, value: Operand)] = []
            for _ in 0..<(try reader.entries(of: 2)) { entries.append((try operand(), try operand())) }
            return .makeObject(target, entries)
        case .makeRecord: return .makeRecord(target, like: try reader.number32(), try operands())
        case .gather: return .gather(target, try gathering())
        case .add: return .add(to: target, try operand())
        case .insert: return .insert(into: target, key: try operand(), value: try operand(), try conflict())
        case .insertPath:
            let path = try operands()
            let value = try reader.flag() ? try operand() : nil
            return .insertPath(into: target, path, value: value, try conflict())
        case .gathered: return .gathered(target, from: try local())
        case .regather: return .regather(target, try gathering())
        case .merge: return .merge(target, try operand(), try operand())
        case .upsert:
            let source = try operand()
            let value = try operand()
            return .upsert(target, source, path: try operands(), value: value)
        case .dot: return .dot(target, try operand(), try operand())
        case .length: return .length(target, try operand())
        default: throw reader.failure("has no such statement")
        }
    }

    private mutating func check(_ code: StatementCode) throws(PlanError) -> Statement.Kind {
        switch code {
        case .isDefined: return .isDefined(try local())
        case .isUndefined: return .isUndefined(try local())
        default: break
        }
        let value = try operand()
        switch code {
        case .equal: return .equal(value, try operand())
        case .notEqual: return .notEqual(value, try operand())
        case .ordered:
            let other = try operand()
            guard let ordering = Ordering(rawValue: try reader.byte()) else {
                throw reader.failure("compares in no order")
            }
            return .ordered(value, ordering, other)
        case .truthy: return .truthy(value)
        case .isArray: return .isArray(value)
        case .isObject: return .isObject(value)
        case .isSet: return .isSet(value)
        case .isCollection: return .isCollection(value)
        case .isTuple: return .isTuple(value, try reader.count())
        case .hasKeyCount: return .hasKeyCount(value, try reader.count())
        default: throw reader.failure("has no such statement")
        }
    }

    private mutating func control(_ code: StatementCode) throws(PlanError) -> Statement.Kind {
        switch code {
        case .leave: return .leave(try reader.count())
        case .yield: return .yield(try operand())
        case .print: return .print(try operands())
        case .emit: return .emit(try operand())
        default: break
        }
        let target = try local()
        switch code {
        case .call: return .call(target, try functionID(), try operands())
        case .builtin: return .builtin(target, builtin: try builtin(), try operands())
        case .host: return .host(target, builtin: try builtin(), try operands())
        case .input: return .input(target)
        case .data: return .data(target)
        case .document: return .document(target, node: try reader.number32())
        case .documentDot:
            let key = try operand()
            return .documentDot(target, from: try local(), key: key)
        case .documentValue: return .documentValue(target, from: try local())
        case .mark: return .mark(target)
        case .rewind: return .rewind(target)
        default: throw reader.failure("has no such statement")
        }
    }

    private mutating func withBlocks(_ code: StatementCode) throws(PlanError) -> Statement.Kind {
        switch code {
        case .scan:
            let generator = try generator()
            let key = try reader.optional().map { Local(Int($0)) }
            let value = try reader.optional().map { Local(Int($0)) }
            return .scan(generator, key: key, value: value, try block())
        case .block: return .block(try block())
        case .not: return .not(try block())
        case .outside: return .outside(try block())
        case .dispatch: return .dispatch(try dispatch())
        case .with:
            var overrides: [Override] = []
            for _ in 0..<(try reader.entries(of: 3)) { overrides.append(try override()) }
            return .with(overrides, try block())
        case .documentScan: return .documentScan(from: try local(), key: try local(), try block())
        default: throw reader.failure("has no such statement")
        }
    }

    private mutating func generator() throws(PlanError) -> Generator {
        switch try reader.byte() {
        case 0: return .collection(try operand())
        case 1: return .walk(try operand())
        case 2: return .range(try operand(), try operand())
        default: throw reader.failure("goes through nothing")
        }
    }

    private mutating func dispatch() throws(PlanError) -> Dispatch {
        var keys: [Local] = []
        for _ in 0..<(try reader.entries()) { keys.append(try local()) }
        let index = try index(0)
        var candidates: [Block] = []
        for _ in 0..<(try reader.entries()) { candidates.append(try block()) }
        return Dispatch(keys: keys, index: index, candidates: candidates)
    }

    private mutating func index(_ depth: Int) throws(PlanError) -> IndexNode {
        guard depth < Self.depthLimit else { throw reader.failure("nests an index too deeply") }
        switch try reader.byte() {
        case 0: return .candidates(try numbers())
        case 1:
            let key = try reader.count()
            var branches: [(constant: Int32, node: IndexNode)] = []
            for _ in 0..<(try reader.entries(of: 3)) {
                branches.append((try reader.number32(), try index(depth + 1)))
            }
            return .branch(key: key, branches, otherwise: try index(depth + 1))
        default: throw reader.failure("has an index of no kind")
        }
    }

    private mutating func override() throws(PlanError) -> Override {
        let target: Override.Target
        switch try reader.byte() {
        case 0: target = .input(try numbers())
        case 1:
            let path = try numbers()
            var affected: [(function: FunctionID, path: [Int32])] = []
            for _ in 0..<(try reader.entries(of: 2)) { affected.append((try functionID(), try numbers())) }
            target = .data(path, affected)
        case 2: target = .function(try functionID())
        case 3: target = .builtin(try builtin())
        default: throw reader.failure("replaces nothing")
        }
        switch try reader.byte() {
        case 0: return Override(target, .value(try operand()))
        case 1: return Override(target, .function(try functionID()))
        case 2: return Override(target, .builtin(try builtin()))
        default: throw reader.failure("replaces by nothing")
        }
    }
}
