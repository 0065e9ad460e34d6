extension Validator {
    mutating func check(_ statement: Statement) throws(PlanError) {
        // Statements with blocks have functions of their own, so that deep nesting meets only small frames.
        switch statement.kind {
        case .block(let block), .not(let block): try check(block)
        case .scan, .leave, .dispatch, .with, .outside, .documentScan: try checkControl(statement.kind)
        default: try checkSimple(statement)
        }
    }

    private mutating func checkSimple(_ statement: Statement) throws(PlanError) {
        switch statement.kind {
        case .assign(let target, let value), .assignOnce(let target, let value, _), .length(let target, let value),
            .add(let target, let value):
            try check(target)
            try check(value)
        case .reset(let local), .keep(let local), .gather(let local, _), .regather(let local, _), .isDefined(let local),
            .isUndefined(let local), .input(let local), .data(let local):
            try check(local)
        case .gathered(let target, let source), .documentValue(let target, let source): try check(target, source)
        case .makeArray(let target, let operands), .makeSet(let target, let operands):
            try check(target)
            try check(list: operands)
        case .makeObject(let target, let entries):
            try check(target)
            for entry in entries { try check(entry.key, entry.value) }
        case .makeRecord(let target, let template, let operands):
            try check(target)
            try check(record: template, values: operands.count)
            try check(list: operands)
        case .insert(let target, let key, let value, _), .dot(let target, let key, let value),
            .merge(let target, let key, let value):
            try check(target)
            try check(key, value)
        case .insertPath(let target, let path, let value, _):
            guard !path.isEmpty else { throw place.error(.form, "has an empty path") }
            try check(target)
            try check(list: path)
            if let value { try check(value) }
        case .upsert(let target, let source, let path, let value):
            try check(target)
            try check(source, value)
            try check(list: path)
        case .equal(let a, let b), .notEqual(let a, let b), .ordered(let a, _, let b): try check(a, b)
        case .truthy(let value), .isArray(let value), .isObject(let value), .isSet(let value),
            .isCollection(let value), .isTuple(let value, _), .hasKeyCount(let value, _), .yield(let value),
            .emit(let value):
            try check(value)
        case .print(let operands): try check(list: operands)
        case .call(let target, let function, let operands):
            try check(target)
            try check(function: function, operands: operands.count)
            try check(list: operands)
        case .builtin(let target, let builtin, let operands), .host(let target, let builtin, let operands):
            try check(target)
            try check(builtin: builtin, operands: operands.count)
            try check(list: operands)
        case .document(let target, let node):
            try check(target)
            try check(node: node)
        case .documentDot(let target, let source, let key):
            try check(target, source)
            try check(key)
        case .mark(let local), .rewind(let local): try check(mark: local)
        case .trace, .scan, .block, .not, .leave, .dispatch, .with, .outside, .documentScan: break
        }
    }

    private mutating func checkControl(_ kind: Statement.Kind) throws(PlanError) {
        switch kind {
        case .scan(let generator, let key, let value, let block):
            try check(generator, key, value)
            try check(block)
        case .documentScan(let source, let key, let block):
            try check(source, key)
            try check(block)
        case .leave(let count): try checkLeave(count)
        case .dispatch(let dispatch): try check(dispatch)
        case .with(let overrides, let block):
            for override in overrides { try check(override) }
            try check(block, inContext: 1)
        case .outside(let block):
            try checkOutside()
            try check(block, inContext: -1)
        default: break
        }
    }

    private mutating func check(_ generator: Generator, _ key: Local?, _ value: Local?) throws(PlanError) {
        switch generator {
        case .collection(let source), .walk(let source): try check(source)
        case .range(let from, let to): try check(from, to)
        }
        if let key { try check(key) }
        if let value { try check(value) }
    }

    private mutating func check(_ dispatch: Dispatch) throws(PlanError) {
        for key in dispatch.keys { try check(key) }
        try check(dispatch.index, dispatch, depth: 0)
        place.push("candidates")
        for index in dispatch.candidates.indices {
            place.push(index)
            try check(dispatch.candidates[index])
            place.pop()
        }
        place.pop()
    }

    private func check(_ index: IndexNode, _ dispatch: Dispatch, depth: Int) throws(PlanError) {
        guard depth < Self.depthLimit else { throw place.error(.limit, "its index is nested too deeply") }
        switch index {
        case .candidates(let list):
            for candidate in list where candidate < 0 || Int(candidate) >= dispatch.candidates.count {
                throw place.error(.reference, "its index names a candidate that it does not have")
            }
        case .branch(let key, let branches, let otherwise):
            guard dispatch.keys.indices.contains(key) else {
                throw place.error(.reference, "its index names a key that it does not have")
            }
            for branch in branches {
                try check(constant: branch.constant)
                try check(branch.node, dispatch, depth: depth + 1)
            }
            try check(otherwise, dispatch, depth: depth + 1)
        }
    }

    private mutating func check(_ override: Override) throws(PlanError) {
        var operands: Int?
        switch override.target {
        case .input(let path): for key in path { try check(constant: key) }
        case .data(let path, let affected):
            for key in path { try check(constant: key) }
            for item in affected {
                try check(function: item.function, operands: nil)
                for key in item.path { try check(constant: key) }
            }
        case .function(let function):
            try check(function: function, operands: nil)
            operands = plan.functions[function.int].parameterCount
        case .builtin(let builtin):
            try check(builtin: builtin, operands: nil)
            operands = operandCount?(builtin)
        }
        switch override.replacement {
        case .value(let value): try check(value)
        case .function(let function): try check(function: function, operands: operands)
        case .builtin(let builtin): try check(builtin: builtin, operands: operands)
        }
    }
}
