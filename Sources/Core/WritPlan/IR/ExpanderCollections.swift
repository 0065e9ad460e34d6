import WritValue

extension Expander {
    mutating func expandMaking(_ kind: Statement.Kind) throws(PlanError) {
        switch kind {
        case .makeArray(let target, let values): try make(.array, target, values)
        case .makeSet(let target, let values): try make(.set, target, values)
        case .makeObject(let target, let entries):
            var pairs: [(key: IROperand, value: IROperand)] = []
            for entry in entries {
                let key = try operand(entry.key)
                pairs.append((key, try operand(entry.value)))
            }
            makeObject(target, pairs)
        case .makeRecord(let target, let template, let values):
            let keys = space.entries(constants[template]).keys
            var pairs: [(key: IROperand, value: IROperand)] = []
            for (index, value) in values.enumerated() {
                let key = try made(keys[index], depth: 0)
                pairs.append((key, try operand(value)))
            }
            makeObject(target, pairs)
        case .gather(let target, let kind):
            note(kind, target)
            emit(.make(kind, local(target)))
            if let shadow = shadow(of: target) { emit(.make(.object, shadow)) }
        case .add(let target, let value): try expandAdd(target, value)
        case .insert(let target, let key, let value, let conflict):
            let key = try operand(key)
            let value = try operand(value)
            if conflict == .replaces {
                emit(.insert(key: key, value: value, into: local(target), once: false))
            } else {
                try emitInsert(key, value, into: Holder(collection: local(target), made: shadow(of: target)))
            }
        case .insertPath(let target, let path, let value, _): try expandInsertPath(target, path, value)
        case .gathered(let target, let source): emit(.assign(operand(source), local(target)))
        case .regather(let target, let kind):
            note(kind, target)
            switch kind {
            case .array: emit(.isArray(operand(target)))
            case .set: emit(.isSet(operand(target)))
            case .object: emit(.isObject(operand(target)))
            }
        case .merge(let target, let base, let over):
            let base = local(holding: try operand(base))
            let over = local(holding: try operand(over))
            // OPA's first operand stands where both have a value.
            emit(.merge(over, base, local(target)))
        case .upsert:
            throw Place().error(.unsupported, "an upsert outside of `with` has no statement in the IR")
        default: break
        }
    }

    private mutating func note(_ kind: Gathering, _ target: Local) {
        if gatherings.indices.contains(target.int) { gatherings[target.int] = kind }
    }

    private mutating func make(_ kind: Gathering, _ target: Local, _ values: [Operand]) throws(PlanError) {
        var operands: [IROperand] = []
        for value in values { operands.append(try operand(value)) }
        // The register may be an operand of its own collection.
        let made = fresh()
        emit(.make(kind, made))
        for operand in operands { emit(.add(operand, to: made, kind)) }
        emit(.assign(.local(made), local(target)))
    }

    private mutating func makeObject(_ target: Local, _ pairs: [(key: IROperand, value: IROperand)]) {
        let made = fresh()
        emit(.make(.object, made))
        for pair in pairs { emit(.insert(key: pair.key, value: pair.value, into: made, once: false)) }
        emit(.assign(.local(made), local(target)))
    }

    /// OPA has a statement for arrays and one for sets.
    private mutating func expandAdd(_ target: Local, _ value: Operand) throws(PlanError) {
        let value = try operand(value)
        guard gatherings.indices.contains(target.int), let kind = gatherings[target.int] else {
            throw Place().error(.unsupported, "it is not known what is added to")
        }
        emit(.add(value, to: local(target), kind))
    }

    /// OPA's way: look for the inner collection or make it, put the value in, put the inner ones back.
    ///
    /// Where rules reach to different depths, a value that one gives could be taken for a collection that holds the
    /// values of others. Then a second object beside the gathering has the collections made here, and nothing else.
    private mutating func expandInsertPath(
        _ target: Local, _ path: [Operand], _ value: Operand?
    ) throws(PlanError) {
        guard let last = path.last else { return }
        var keys: [IROperand] = []
        for key in path.dropLast() { keys.append(try operand(key)) }
        let element = try operand(last)
        var inserted = IROperand.boolean(true)
        if let value { inserted = try operand(value) }
        // A set at the end: its holder is looked up like the objects above, the last key is its element.
        let isSet = value == nil
        var holders = [Holder(collection: local(target), made: shadow(of: target))]
        for (index, key) in keys.enumerated() {
            let kind: Gathering = isSet && index == keys.count - 1 ? .set : .object
            holders.append(try holder(key, in: holders[index], kind))
        }
        let innermost = holders[holders.count - 1]
        if isSet {
            emit(.add(element, to: innermost.collection, .set))
        } else {
            try emitInsert(element, inserted, into: innermost)
        }
        for index in keys.indices.reversed() {
            emit(
                .insert(
                    key: keys[index], value: .local(holders[index + 1].collection), into: holders[index].collection,
                    once: false))
            if let outer = holders[index].made, let inner = holders[index + 1].made {
                emit(.insert(key: keys[index], value: .local(inner), into: outer, once: false))
            }
        }
    }

    /// A collection that is being gathered, and the object of the collections inside it.
    private struct Holder {
        var collection: Int32
        var made: Int32?
    }

    private func shadow(of target: Local) -> Int32? {
        shadows.indices.contains(target.int) ? shadows[target.int] : nil
    }

    /// Adds an entry; another value there, or a collection that holds others' values, is a conflict.
    private mutating func emitInsert(
        _ key: IROperand, _ value: IROperand, into holder: Holder
    ) throws(PlanError) {
        if let made = holder.made {
            try emitBlock { expander throws(PlanError) in
                expander.emit(.dot(source: .local(made), key: key, expander.fresh()))
                expander.emitConflict()
            }
        }
        emit(.insert(key: key, value: value, into: holder.collection, once: true))
    }

    /// A conflict of two values for one key.
    private mutating func emitConflict() {
        let object = fresh()
        emit(.make(.object, object))
        emit(.insert(key: .boolean(true), value: .boolean(false), into: object, once: true))
        emit(.insert(key: .boolean(true), value: .boolean(true), into: object, once: true))
    }

    private mutating func holder(
        _ key: IROperand, in outer: Holder, _ kind: Gathering
    ) throws(PlanError) -> Holder {
        let inner = fresh()
        let made: Int32? = outer.made == nil ? nil : fresh()
        emit(.reset(inner))
        try emitBlock { expander throws(PlanError) in
            expander.emit(.dot(source: .local(outer.collection), key: key, inner))
        }
        if let made, let shadow = outer.made {
            emit(.reset(made))
            try emitBlock { expander throws(PlanError) in
                expander.emit(.dot(source: .local(shadow), key: key, made))
            }
        }
        try emitBlock { expander throws(PlanError) in
            expander.emit(.isUndefined(inner))
            expander.emit(.make(kind, inner))
            expander.emit(.insert(key: key, value: .local(inner), into: outer.collection, once: false))
            if let made, let shadow = outer.made {
                expander.emit(.make(.object, made))
                expander.emit(.insert(key: key, value: .local(made), into: shadow, once: false))
            }
        }
        // What is there already and is no such collection is a conflict of values.
        try emitBlock { expander throws(PlanError) in
            let check: IRStatement.Kind = kind == .set ? .isSet(.local(inner)) : .isObject(.local(inner))
            expander.emit(.not(IRBlock(statements: [expander.located(check)])))
            expander.emitConflict()
        }
        if let made {
            try emitBlock { expander throws(PlanError) in
                expander.emit(.isUndefined(made))
                expander.emitConflict()
            }
        }
        return Holder(collection: inner, made: made)
    }

    // MARK: Depths

    /// Finds the gatherings of a function to which paths of different lengths lead.
    mutating func findShadows(_ body: Block) {
        var depths = [Int](repeating: 0, count: gatherings.count)
        var differs = [Bool](repeating: false, count: gatherings.count)
        body.forEachStatement { statement in
            let depth: Int
            let target: Local
            switch statement {
            case .insert(let local, _, _, _): (target, depth) = (local, 2)
            // A set's element is no key.
            case .insertPath(let local, let path, let value, _):
                (target, depth) = (local, path.count * 2 + (value == nil ? 1 : 0))
            default: return
            }
            guard depths.indices.contains(target.int) else { return }
            if depths[target.int] == 0 { depths[target.int] = depth }
            if depths[target.int] != depth { differs[target.int] = true }
        }
        shadows = [Int32?](repeating: nil, count: gatherings.count)
        for index in differs.indices where differs[index] { shadows[index] = fresh() }
    }
}
