extension PlanEncoder {
    mutating func put(_ kind: Statement.Kind) throws(PlanError) {
        switch kind {
        case .scan, .block, .not, .dispatch, .with, .outside, .documentScan: try putBlocks(kind)
        case .trace: throw Place().error(.form, "is of the traced flavour, which has no bytes")
        default: putSimple(kind)
        }
    }

    private mutating func putSimple(_ kind: Statement.Kind) {
        switch kind {
        case .assign(let target, let value): put(.assign, target, value)
        case .assignOnce(let target, let value, let conflict):
            put(.assignOnce, target, value)
            writer.put(Int(conflict.rawValue))
        case .reset(let local): put(.reset, local)
        case .keep(let local): put(.keep, local)
        case .makeArray(let target, let operands):
            put(.makeArray, target)
            put(operands)
        case .makeSet(let target, let operands):
            put(.makeSet, target)
            put(operands)
        case .makeObject(let target, let entries):
            put(.makeObject, target)
            writer.put(entries.count)
            for entry in entries {
                put(entry.key)
                put(entry.value)
            }
        case .makeRecord(let target, let template, let operands):
            put(.makeRecord, target)
            writer.put(template)
            put(operands)
        case .gather(let target, let gathering):
            put(.gather, target)
            writer.put(Int(gathering.rawValue))
        case .add(let target, let value): put(.add, target, value)
        case .insert(let target, let key, let value, let conflict):
            put(.insert, target, key, value)
            writer.put(Int(conflict.rawValue))
        case .insertPath(let target, let path, let value, let conflict):
            put(.insertPath, target)
            put(path)
            writer.put(value != nil)
            if let value { put(value) }
            writer.put(Int(conflict.rawValue))
        case .gathered(let target, let source):
            put(.gathered, target)
            put(source)
        case .regather(let target, let gathering):
            put(.regather, target)
            writer.put(Int(gathering.rawValue))
        case .merge(let target, let one, let two): put(.merge, target, one, two)
        case .upsert(let target, let source, let path, let value):
            put(.upsert, target, source, value)
            put(path)
        case .dot(let target, let value, let key): put(.dot, target, value, key)
        case .length(let target, let value): put(.length, target, value)
        default: putCheck(kind)
        }
    }

    private mutating func putCheck(_ kind: Statement.Kind) {
        switch kind {
        case .equal(let one, let two): put(.equal, one, two)
        case .notEqual(let one, let two): put(.notEqual, one, two)
        case .ordered(let one, let ordering, let two):
            put(.ordered, one, two)
            writer.put(Int(ordering.rawValue))
        case .truthy(let value): put(.truthy, value)
        case .isDefined(let local): put(.isDefined, local)
        case .isUndefined(let local): put(.isUndefined, local)
        case .isArray(let value): put(.isArray, value)
        case .isObject(let value): put(.isObject, value)
        case .isSet(let value): put(.isSet, value)
        case .isCollection(let value): put(.isCollection, value)
        case .isTuple(let value, let count):
            put(.isTuple, value)
            writer.put(count)
        case .hasKeyCount(let value, let count):
            put(.hasKeyCount, value)
            writer.put(count)
        case .leave(let count):
            put(.leave)
            writer.put(count)
        case .yield(let value): put(.yield, value)
        case .call(let target, let function, let operands):
            put(.call, target)
            writer.put(function.index)
            put(operands)
        case .builtin(let target, let builtin, let operands):
            put(.builtin, target)
            put(builtin: builtin)
            put(operands)
        case .host(let target, let builtin, let operands):
            put(.host, target)
            put(builtin: builtin)
            put(operands)
        case .print(let operands):
            put(.print)
            put(operands)
        case .emit(let value): put(.emit, value)
        case .input(let target): put(.input, target)
        case .data(let target): put(.data, target)
        case .document(let target, let node):
            put(.document, target)
            writer.put(node)
        case .documentDot(let target, let source, let key):
            put(.documentDot, target, key)
            put(source)
        case .documentValue(let target, let source):
            put(.documentValue, target)
            put(source)
        case .mark(let local): put(.mark, local)
        case .rewind(let local): put(.rewind, local)
        default: break
        }
    }

    private mutating func putBlocks(_ kind: Statement.Kind) throws(PlanError) {
        switch kind {
        case .scan(let generator, let key, let value, let block):
            put(.scan)
            put(generator)
            writer.put(optional: key?.index)
            writer.put(optional: value?.index)
            try put(block)
        case .block(let block): try put(.block, block)
        case .not(let block): try put(.not, block)
        case .outside(let block): try put(.outside, block)
        case .dispatch(let dispatch): try put(dispatch)
        case .with(let overrides, let block):
            put(.with)
            writer.put(overrides.count)
            for override in overrides { put(override) }
            try put(block)
        case .documentScan(let source, let key, let block):
            put(.documentScan)
            put(source)
            put(key)
            try put(block)
        default: break
        }
    }

    private mutating func put(_ generator: Generator) {
        switch generator {
        case .collection(let value):
            writer.put(0)
            put(value)
        case .walk(let value):
            writer.put(1)
            put(value)
        case .range(let from, let to):
            writer.put(2)
            put(from)
            put(to)
        }
    }

    private mutating func put(_ dispatch: Dispatch) throws(PlanError) {
        put(.dispatch)
        writer.put(dispatch.keys.count)
        for key in dispatch.keys { put(key) }
        put(dispatch.index)
        writer.put(dispatch.candidates.count)
        for candidate in dispatch.candidates { try put(candidate) }
    }

    private mutating func put(_ index: IndexNode) {
        switch index {
        case .candidates(let list):
            writer.put(0)
            put(list)
        case .branch(let key, let branches, let otherwise):
            writer.put(1)
            writer.put(key)
            writer.put(branches.count)
            for branch in branches {
                writer.put(branch.constant)
                put(branch.node)
            }
            put(otherwise)
        }
    }

    private mutating func put(_ override: Override) {
        switch override.target {
        case .input(let path):
            writer.put(0)
            put(path)
        case .data(let path, let affected):
            writer.put(1)
            put(path)
            writer.put(affected.count)
            for item in affected {
                writer.put(item.function.index)
                put(item.path)
            }
        case .function(let function):
            writer.put(2)
            writer.put(function.index)
        case .builtin(let builtin):
            writer.put(3)
            put(builtin: builtin)
        }
        switch override.replacement {
        case .value(let value):
            writer.put(0)
            put(value)
        case .function(let function):
            writer.put(1)
            writer.put(function.index)
        case .builtin(let builtin):
            writer.put(2)
            put(builtin: builtin)
        }
    }
}
