import WritValue

/// Carries a template out. Every step is paid for; the output is limited as values are.
struct TemplateMachine {
    let context: BuiltinContext
    private let root: Value
    private let templates: [[UInt8]: [TemplateNode]]
    private let text: [UInt8]
    private(set) var output: [UInt8] = []
    private var variables: [(name: [UInt8], value: TemplateValue, isElement: Bool)] = []
    /// Whether the dot is an element that a range goes over: errors call its type another name.
    private var dotIsElement = false
    private var depth = 0
    /// What was evaluated last: errors name it.
    private var place: (offset: Int, shown: [UInt8]) = (0, [])
    private var name = ascii("template")

    private enum Flow { case goesOn, breaks, continues }

    init(
        _ text: [UInt8], _ root: Value, _ templates: [[UInt8]: [TemplateNode]], _ context: BuiltinContext
    ) {
        self.text = text
        self.root = root
        self.templates = templates
        self.context = context
    }

    mutating func run(_ nodes: [TemplateNode]) throws(TemplateError) {
        variables = [([UInt8(ascii: "$")], .data(root), false)]
        _ = try walk(nodes, .data(root))
    }

    private func spend(_ count: Int) throws(TemplateError) {
        do throws(Fault) { try context.spend(count) } catch { throw .fault(error) }
    }

    private mutating func at(_ offset: Int, _ shown: [UInt8]) { place = (offset, shown) }

    func failure(_ pieces: SchemaText...) -> TemplateError { failure(SchemaText.join(pieces)) }

    private func failure(_ message: [UInt8]) -> TemplateError {
        let before = text.prefix(place.offset)
        let line = 1 + before.reduce(0) { $0 + ($1 == 10 ? 1 : 0) }
        let column = place.offset - (before.lastIndex(of: 10).map { $0 + 1 } ?? 0)
        return .text(
            "template: template:", .number(line), ":", .number(column), ": executing \"", .bytes(name), "\" at <",
            .bytes(place.shown), ">: ", .bytes(message))
    }

    // MARK: Nodes

    private mutating func walk(_ nodes: [TemplateNode], _ dot: TemplateValue) throws(TemplateError) -> Flow {
        depth += 1
        defer { depth -= 1 }
        guard depth < TemplateParser.depthLimit * 2 else { throw .fault(Fault(.depthLimit)) }
        for node in nodes {
            try spend(1)
            switch node {
            case .text(let bytes): try write(bytes)
            case .action(let pipe):
                let value = try evaluate(pipe, dot)
                if pipe.declared.isEmpty { try write(try TemplateText.shown(value, context)) }
            case .leave(let isContinue): return isContinue ? .continues : .breaks
            case .branch(let isWith, let pipe, let body, let otherwise):
                let known = variables.count
                let value = try evaluate(pipe, dot)
                let isTrue = TemplateText.isTrue(value, context)
                let outer = dotIsElement
                if isTrue, isWith { dotIsElement = false }
                let flow = try walk(isTrue ? body : otherwise, isTrue && isWith ? value : dot)
                dotIsElement = outer
                variables.removeLast(variables.count - known)
                if flow != .goesOn { return flow }
            case .range(let pipe, let body, let otherwise): try range(pipe, body, otherwise, dot)
            case .template(let name, let pipe, let offset): try call(name, pipe, offset, dot)
            }
        }
        return .goesOn
    }

    private mutating func write(_ bytes: [UInt8]) throws(TemplateError) {
        try spend(bytes.count &>> 3)
        guard output.count + bytes.count <= context.space.memoryLimit else { throw .fault(Fault(.memoryLimit)) }
        output += bytes
    }

    private mutating func call(
        _ name: [UInt8], _ pipe: TemplatePipe?, _ offset: Int, _ dot: TemplateValue
    ) throws(TemplateError) {
        guard let nodes = templates[name] else {
            let argument = pipe.map { [0x20] + $0.shown } ?? []
            at(offset, ascii("{{template \"") + name + ascii("\"") + argument + ascii("}}"))
            throw failure("template \"", .bytes(name), "\" not defined")
        }
        var value = TemplateValue.missing
        if let pipe { value = try evaluate(pipe, dot) }
        let (outer, outerName, outerDot) = (variables, self.name, dotIsElement)
        variables = [([UInt8(ascii: "$")], value, false)]
        self.name = name
        dotIsElement = false
        _ = try walk(nodes, value)
        (variables, self.name, dotIsElement) = (outer, outerName, outerDot)
    }

    private mutating func range(
        _ pipe: TemplatePipe, _ body: [TemplateNode], _ otherwise: [TemplateNode], _ dot: TemplateValue
    ) throws(TemplateError) {
        let known = variables.count
        defer { variables.removeLast(variables.count - known) }
        let declared = pipe.declared
        let value = try evaluate(pipe, dot, declares: false)
        let items = try items(value)
        if items.isEmpty {
            _ = try walk(otherwise, dot)
            return
        }
        if !pipe.assigns { for name in declared { variables.append((name, .missing, false)) } }
        let inner = variables.count
        let outer = dotIsElement
        defer { dotIsElement = outer }
        for (key, item) in items {
            try spend(1)
            if case .data = item { dotIsElement = true } else { dotIsElement = false }
            if let last = declared.last { set(last, item, isElement: dotIsElement) }
            if declared.count > 1 { set(declared[0], key) }
            let flow = try walk(body, item)
            variables.removeLast(variables.count - inner)
            if flow == .breaks { return }
        }
    }

    /// What a range goes over: positions and elements, keys and values, or numbers from 0.
    private func items(_ value: TemplateValue) throws(TemplateError) -> [(TemplateValue, TemplateValue)] {
        switch value {
        case .missing: return []
        case .integer(let count):
            guard count > 0 else { return [] }
            try spend(Int(clamping: count))
            return (0..<count).map { (.integer($0), .integer($0)) }
        case .data(let data):
            if data.isNull { return [] }
            if data.isArray {
                let elements = context.space.elements(data)
                try spend(elements.count)
                return (0..<elements.count).map { (.integer(Int64($0)), .data(elements[$0])) }
            }
            if data.isObject {
                let entries = context.space.entries(data)
                try spend(entries.count)
                return (0..<entries.count).map { (.data(entries.keys[$0]), .data(entries.values[$0])) }
            }
        case .float: break
        }
        throw failure("range can't iterate over ", .bytes(try TemplateText.shown(value, context)))
    }

    private mutating func set(_ name: [UInt8], _ value: TemplateValue, isElement: Bool = false) {
        guard let index = variables.lastIndex(where: { $0.name == name }) else { return }
        (variables[index].value, variables[index].isElement) = (value, isElement)
    }

    // MARK: Pipelines

    private mutating func evaluate(
        _ pipe: TemplatePipe, _ dot: TemplateValue, declares: Bool = true
    ) throws(TemplateError) -> TemplateValue {
        depth += 1
        defer { depth -= 1 }
        guard depth < TemplateParser.depthLimit * 2 else { throw .fault(Fault(.depthLimit)) }
        var value: TemplateValue?
        for command in pipe.commands { value = try evaluate(command, dot, last: value) }
        let result = value ?? .missing
        if declares {
            for name in pipe.declared {
                if pipe.assigns { set(name, result) } else { variables.append((name, result, false)) }
            }
        }
        return result
    }

    private mutating func evaluate(
        _ command: TemplateCommand, _ dot: TemplateValue, last: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        try spend(1)
        let first = command.operands[0]
        let hasArguments = command.operands.count > 1 || last != nil
        if case .function(let name) = first.kind {
            return try call(name, command, dot, last)
        }
        if hasArguments {
            at(first.offset, first.shown)
            switch first.kind {
            case .fields(let names), .variable(_, let names), .chain(_, let names):
                _ = try operand(first, dot)
                at(first.offset, first.shown)
                throw failure(.bytes(names.last ?? first.shown), " is not a method but has arguments")
            default: throw failure("can't give argument to non-function ", .bytes(first.shown))
            }
        }
        at(first.offset, first.shown)
        if case .null = first.kind { throw failure("nil is not a command") }
        return try operand(first, dot)
    }

    private mutating func operand(
        _ operand: TemplateOperand, _ dot: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        at(operand.offset, operand.shown)
        switch operand.kind {
        case .dot: return dot
        case .null: return .data(.null)
        case .constant(let value): return value
        case .string(let bytes): return .data(try string(bytes))
        case .fields(let names): return try members(of: dot, names, isElement: dotIsElement)
        case .variable(let name, let names):
            guard let variable = variables.last(where: { $0.name == name }) else { return .missing }
            return try members(of: variable.value, names, isElement: variable.isElement)
        case .pipe(let pipe): return try evaluate(pipe, dot)
        case .chain(let inner, let names):
            // Errors name what was looked at last, which is within the inner operand.
            let value = try self.operand(inner, dot)
            return try members(of: value, names, isElement: false)
        case .function(let name):
            let command = TemplateCommand(operands: [operand], offset: operand.offset)
            return try call(name, command, dot, nil)
        }
    }

    func string(_ bytes: [UInt8]) throws(TemplateError) -> Value {
        do throws(Fault) { return try context.space.string(bytes) } catch { throw .fault(error) }
    }

    private func members(
        of value: TemplateValue, _ names: [[UInt8]], isElement: Bool
    ) throws(TemplateError) -> TemplateValue {
        var value = value
        for (place, name) in names.enumerated() {
            switch value {
            case .missing: continue
            case .data(let data) where data.isObject:
                let member = context.space.member(data, try string(name))
                value = member.isDefined ? .data(member) : .missing
            case .data(let data) where data.isNull:
                throw failure("nil pointer evaluating interface {}.", .bytes(name))
            default:
                // Members and elements of JSON have no type of their own in Go.
                let type = place > 0 || isElement ? "interface {}" : TemplateText.typeName(value)
                throw failure("can't evaluate field ", .bytes(name), " in type ", .literal(type))
            }
        }
        return value
    }

    // MARK: Functions

    private mutating func call(
        _ name: [UInt8], _ command: TemplateCommand, _ dot: TemplateValue, _ last: TemplateValue?
    ) throws(TemplateError) -> TemplateValue {
        let count = command.operands.count - 1 + (last == nil ? 0 : 1)
        at(command.operands[0].offset, name)
        let needs = TemplateFunctions.arguments(of: name)
        if needs.isExact ? count != needs.count : count < needs.count {
            let wanted: SchemaText = needs.isExact ? "" : "at least "
            throw failure(
                "wrong number of args for ", .bytes(name), ": want ", wanted, .number(needs.count), " got ",
                .number(count))
        }
        let isAnd = name == ascii("and")
        if isAnd || name == ascii("or") {
            // The rest is not looked at once the answer is known.
            var value = TemplateValue.missing
            for operand in command.operands.dropFirst() {
                value = try self.operand(operand, dot)
                if TemplateText.isTrue(value, context) != isAnd { return value }
            }
            return last ?? value
        }
        var arguments: [TemplateValue] = []
        for operand in command.operands.dropFirst() { arguments.append(try self.operand(operand, dot)) }
        if let last { arguments.append(last) }
        let inner = place
        at(command.offset, command.shown)
        do throws(TemplateError) {
            let result = try TemplateFunctions.call(name, arguments, command, self)
            place = inner
            return result
        } catch {
            guard case .message(let message) = error else { throw error }
            throw failure(ascii("error calling ") + name + ascii(": ") + message)
        }
    }
}
