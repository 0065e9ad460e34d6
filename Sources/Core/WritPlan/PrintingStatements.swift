extension PlanPrinter {
    mutating func print(_ statement: Statement) {
        switch statement.kind {
        case .scan, .documentScan, .block, .not, .leave, .yield, .dispatch, .with, .outside:
            printControl(statement.kind)
        default: printSimple(statement)
        }
    }

    private mutating func printSimple(_ statement: Statement) {
        switch statement.kind {
        case .assign(let target, let value): line(.local(target), " = ", .operand(value))
        case .assignOnce(let target, let value, let conflict):
            line(.local(target), " = ", .operand(value), " once", .text(conflict == .function ? " (function)" : ""))
        case .reset(let target): line(.local(target), " = undefined")
        case .keep(let target): line("keep ", .local(target))
        case .makeArray(let target, let values): line(.local(target), " = [", .operands(values), "]")
        case .makeSet(let target, let values): line(.local(target), " = set(", .operands(values), ")")
        case .makeObject(let target, let entries):
            var items: [Item] = [.local(target), " = {"]
            for (index, entry) in entries.enumerated() {
                if index > 0 { items.append(", ") }
                items += [.operand(entry.key), ": ", .operand(entry.value)]
            }
            line(items + ["}"])
        case .makeRecord(let target, let template, let values):
            line(.local(target), " = like ", .operand(.constant(template)), " {", .operands(values), "}")
        case .gather(let target, let kind): line(.local(target), " = gather ", .text(name(kind)))
        case .regather(let target, let kind): line(.local(target), " = gather on as ", .text(name(kind)))
        case .add(let target, let value): line(.local(target), " << ", .operand(value))
        case .insert(let target, let key, let value, let conflict):
            line(
                .local(target), "[", .operand(key), "] << ", .operand(value),
                .text(conflict == .replaces ? " replacing" : ""))
        case .insertPath(let target, let path, let value, _):
            var items: [Item] = [.local(target)]
            for key in value == nil ? path.dropLast() : path[...] { items += ["[", .operand(key), "]"] }
            items.append(" << ")
            if let last = value ?? path.last { items.append(.operand(last)) }
            line(items)
        case .gathered(let target, let source): line(.local(target), " = gathered ", .local(source))
        case .merge(let target, let base, let over):
            line(.local(target), " = merge ", .operand(base), ", ", .operand(over))
        case .upsert(let target, let source, let path, let value):
            var items: [Item] = [.local(target), " = ", .operand(source), " but "]
            for key in path { items += ["[", .operand(key), "]"] }
            line(items + [" = ", .operand(value)])
        case .dot(let target, let source, let key):
            line(.local(target), " = ", .operand(source), "[", .operand(key), "]")
        case .length(let target, let source): line(.local(target), " = length ", .operand(source))
        case .call(let target, let function, let values):
            line(.local(target), " = ", .function(function), "(", .operands(values), ")")
        case .builtin(let target, let builtin, let values):
            line(.local(target), " = ", .builtin(builtin), "(", .operands(values), ")")
        case .host(let target, let builtin, let values):
            line(.local(target), " = host ", .builtin(builtin), "(", .operands(values), ")")
        case .print(let values): line("print ", .operands(values))
        case .emit(let value): line("emit ", .operand(value))
        case .input(let target): line(.local(target), " = input")
        case .data(let target): line(.local(target), " = base data")
        case .document(let target, let node): line(.local(target), " = ", .path(node))
        case .documentDot(let target, let source, let key):
            line(.local(target), " = document ", .local(source), "[", .operand(key), "]")
        case .documentValue(let target, let source): line(.local(target), " = value of ", .local(source))
        case .mark(let local): line(.local(local), " = mark")
        case .rewind(let local): line("rewind to ", .local(local))
        case .trace(let event, let id): line("trace ", .text(name(event)), " ", .number(Int(id)))
        default: printCheck(statement.kind)
        }
    }

    private mutating func printCheck(_ kind: Statement.Kind) {
        switch kind {
        case .equal(let a, let b): line(.operand(a), " == ", .operand(b))
        case .notEqual(let a, let b): line(.operand(a), " != ", .operand(b))
        case .ordered(let a, let ordering, let b):
            let sign: StaticString =
                switch ordering {
                case .less: " < "
                case .lessOrEqual: " <= "
                case .greater: " > "
                case .greaterOrEqual: " >= "
                }
            line(.operand(a), .text(sign), .operand(b))
        case .truthy(let value): line("true ", .operand(value))
        case .isDefined(let local): line("defined ", .local(local))
        case .isUndefined(let local): line("undefined ", .local(local))
        case .isArray(let value): line("array ", .operand(value))
        case .isObject(let value): line("object ", .operand(value))
        case .isSet(let value): line("set ", .operand(value))
        case .isCollection(let value): line("collection ", .operand(value))
        case .isTuple(let value, let count): line("array of ", .number(count), " ", .operand(value))
        case .hasKeyCount(let value, let count): line("object of ", .number(count), " ", .operand(value))
        default: line("?")
        }
    }

    private mutating func printControl(_ kind: Statement.Kind) {
        switch kind {
        case .scan(let generator, let key, let value, let block):
            var items: [Item] = ["scan "]
            switch generator {
            case .collection(let source): items.append(.operand(source))
            case .walk(let source): items += ["walk ", .operand(source)]
            case .range(let from, let to): items += [.operand(from), " to ", .operand(to)]
            }
            items.append(": ")
            items.append(key.map { .local($0) } ?? "_")
            items.append(", ")
            items.append(value.map { .local($0) } ?? "_")
            line(items)
            print(block)
        case .documentScan(let source, let key, let block):
            line("scan document ", .local(source), ": ", .local(key))
            print(block)
        case .block(let block):
            line("block")
            print(block)
        case .not(let block):
            line("not")
            print(block)
        case .leave(let count): line("leave ", .number(count))
        case .yield(let value): line("yield ", .operand(value))
        case .dispatch(let dispatch): print(dispatch)
        case .with(let overrides, let block):
            var items: [Item] = ["with"]
            for (index, override) in overrides.enumerated() {
                if index > 0 { items.append(",") }
                items.append(" ")
                items += text(override)
            }
            line(items)
            print(block)
        case .outside(let block):
            line("outside")
            print(block)
        default: line("?")
        }
    }

    private func text(_ override: Override) -> [Item] {
        var items: [Item] = []
        switch override.target {
        case .input(let path): items += ["input", .keys(path)]
        case .data(let path, _): items += ["data", .keys(path)]
        case .function(let function): items.append(.function(function))
        case .builtin(let builtin): items.append(.builtin(builtin))
        }
        items.append(" as ")
        switch override.replacement {
        case .value(let value): items.append(.operand(value))
        case .function(let function): items.append(.function(function))
        case .builtin(let builtin): items.append(.builtin(builtin))
        }
        return items
    }

    private mutating func print(_ dispatch: Dispatch) {
        line("dispatch")
        indented { printer in
            printer.print(dispatch.index, dispatch)
            for (index, candidate) in dispatch.candidates.enumerated() {
                printer.line("candidate ", .number(index))
                printer.print(candidate)
            }
        }
    }

    private mutating func print(_ index: IndexNode, _ dispatch: Dispatch) {
        switch index {
        case .candidates(let list):
            var items: [Item] = ["try"]
            for candidate in list { items += [" ", .number(Int(candidate))] }
            line(items)
        case .branch(let key, let branches, let otherwise):
            let local: Item = dispatch.keys.indices.contains(key) ? .local(dispatch.keys[key]) : "?"
            for branch in branches {
                line("if ", local, " == ", .operand(.constant(branch.constant)))
                indented { $0.print(branch.node, dispatch) }
            }
            line("else")
            indented { $0.print(otherwise, dispatch) }
        }
    }

    private func name(_ kind: Gathering) -> StaticString {
        switch kind {
        case .array: "array"
        case .set: "set"
        case .object: "object"
        }
    }

    private func name(_ event: TraceEvent) -> StaticString {
        switch event {
        case .enter: "enter"
        case .expression: "expression"
        case .redo: "redo"
        case .exit: "exit"
        case .fail: "fail"
        case .done: "done"
        case .testCase: "test case"
        case .index: "index"
        case .call: "call"
        }
    }
}
