import WritValue

/// Reads a template into nodes. Nesting is limited.
struct TemplateParser {
    static let depthLimit = 100

    private var lexer: TemplateLexer
    private var peeked: TemplateToken?
    private let context: BuiltinContext
    /// Templates that are defined inside.
    private(set) var templates: [[UInt8]: [TemplateNode]] = [:]
    private var variables: [[UInt8]] = [[UInt8(ascii: "$")]]
    private var depth = 0
    private var ranges = 0

    init(_ text: [UInt8], _ context: BuiltinContext) {
        lexer = TemplateLexer(text)
        self.context = context
    }

    private enum Stop {
        case end, endOfText
        /// What stands behind `else`: nothing, `if` or `with`.
        case otherwise([UInt8])
    }

    mutating func parse() throws(TemplateError) -> [TemplateNode] {
        let (nodes, stop) = try list()
        switch stop {
        case .endOfText:
            try add(nodes, as: ascii("template"))
            return templates[ascii("template")] ?? nodes
        case .end: throw failure("unexpected {{end}}")
        case .otherwise: throw failure("unexpected {{else}}")
        }
    }

    /// A template of a name that another one has replaces only one that is empty.
    private mutating func add(_ nodes: [TemplateNode], as name: [UInt8]) throws(TemplateError) {
        guard let other = templates[name], !Self.isEmpty(other) else {
            templates[name] = nodes
            return
        }
        guard Self.isEmpty(nodes) else {
            var quoted: [UInt8] = []
            GoFormat.quote(name, to: &quoted)
            throw failure("template: multiple definition of template ", .bytes(quoted))
        }
    }

    private static func isEmpty(_ nodes: [TemplateNode]) -> Bool {
        nodes.allSatisfy { node in
            guard case .text(let text) = node else { return false }
            return text.allSatisfy { $0 == 0x20 || $0 >= 9 && $0 <= 13 }
        }
    }

    private func failure(_ pieces: SchemaText...) -> TemplateError {
        lexer.failure(.bytes(SchemaText.join(pieces)), at: lexer.index)
    }

    // MARK: Tokens

    private mutating func next() throws(TemplateError) -> TemplateToken {
        do throws(Fault) { try context.spend(1) } catch { throw .fault(error) }
        if let token = peeked {
            peeked = nil
            return token
        }
        return try lexer.token()
    }

    private mutating func peek() throws(TemplateError) -> TemplateToken {
        if let peeked { return peeked }
        let token = try lexer.token()
        peeked = token
        return token
    }

    private mutating func skipSpace() throws(TemplateError) { while try peek().kind == .space { _ = try next() } }

    private mutating func nextPlain() throws(TemplateError) -> TemplateToken {
        try skipSpace()
        return try next()
    }

    private mutating func close(_ what: StaticString) throws(TemplateError) {
        let token = try nextPlain()
        guard token.kind == .closeAction else { throw unexpected(token, what) }
    }

    private func unexpected(_ token: TemplateToken, _ what: StaticString) -> TemplateError {
        let isMark = token.kind == .comma || token.kind == .close || token.kind == .character
        let quote: SchemaText = isMark ? "\"" : token.kind == .text ? "" : "<"
        let unquote: SchemaText = isMark ? "\"" : token.kind == .text ? "" : ">"
        if token.kind == .declare || token.kind == .assign {
            return failure("unexpected \"", .bytes(token.bytes), "\" in ", .literal(what))
        }
        return failure("unexpected ", quote, .bytes(token.bytes), unquote, " in ", .literal(what))
    }

    // MARK: Nodes

    private mutating func list() throws(TemplateError) -> ([TemplateNode], Stop) {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw .fault(Fault(.depthLimit)) }
        var nodes: [TemplateNode] = []
        while true {
            let (text, hasAction) = try lexer.plain()
            if !text.isEmpty { nodes.append(.text(text)) }
            guard hasAction else { return (nodes, .endOfText) }
            try skipSpace()
            let token = try peek()
            guard token.kind == .identifier else {
                nodes.append(.action(try pipe("command", .closeAction)))
                continue
            }
            if token.bytes == ascii("end") {
                _ = try next()
                try close("end")
                return (nodes, .end)
            }
            if token.bytes == ascii("else") {
                _ = try next()
                let word = try nextPlain()
                if word.kind == .closeAction { return (nodes, .otherwise([])) }
                let isChain = word.bytes == ascii("if") || word.bytes == ascii("with")
                guard word.kind == .identifier, isChain else { throw unexpected(word, "else") }
                return (nodes, .otherwise(word.bytes))
            }
            if let node = try control(token) { nodes.append(node) }
        }
    }

    /// An action that begins with a word; nil for a definition.
    private mutating func control(_ token: TemplateToken) throws(TemplateError) -> TemplateNode? {
        let word = token.bytes
        if word == ascii("if") || word == ascii("with") {
            _ = try next()
            return try branch(isWith: word == ascii("with"))
        }
        if word == ascii("range") {
            _ = try next()
            return try range()
        }
        if word == ascii("break") || word == ascii("continue") {
            _ = try next()
            guard ranges > 0 else { throw failure("{{", .bytes(word), "}} outside {{range}}") }
            try close("break")
            return .leave(isContinue: word == ascii("continue"))
        }
        if word == ascii("template") {
            _ = try next()
            let (name, offset) = try name("template clause")
            try skipSpace()
            if try peek().kind == .closeAction {
                _ = try next()
                return .template(name, nil, offset: offset)
            }
            return .template(name, try pipe("template clause", .closeAction), offset: offset)
        }
        if word == ascii("define") {
            _ = try next()
            // Definitions stand at the top.
            guard depth == 1 else { throw unexpected(token, "command") }
            let (name, _) = try name("define clause")
            try close("define clause")
            try add(try body("define clause"), as: name)
            return nil
        }
        if word == ascii("block") {
            _ = try next()
            let (name, offset) = try name("block clause")
            let argument = try pipe("block clause", .closeAction)
            try add(try body("block clause"), as: name)
            return .template(name, argument, offset: offset)
        }
        return .action(try pipe("command", .closeAction))
    }

    /// The name of a template, and where it stands: errors of its call name that place.
    private mutating func name(_ what: StaticString) throws(TemplateError) -> (name: [UInt8], offset: Int) {
        let token = try nextPlain()
        guard token.kind == .text else { throw unexpected(token, what) }
        return (token.value, token.offset)
    }

    /// Nodes up to `{{end}}`, with variables of their own.
    private mutating func body(_ what: StaticString) throws(TemplateError) -> [TemplateNode] {
        let (outer, outerRanges) = (variables, ranges)
        variables = [[UInt8(ascii: "$")]]
        ranges = 0
        defer { (variables, ranges) = (outer, outerRanges) }
        let (nodes, stop) = try list()
        switch stop {
        case .end: return nodes
        case .endOfText: throw failure("unexpected EOF")
        case .otherwise: throw failure("unexpected {{else}} in ", .literal(what))
        }
    }

    private mutating func branch(isWith: Bool) throws(TemplateError) -> TemplateNode {
        let known = variables.count
        defer { variables.removeLast(variables.count - known) }
        let pipe = try pipe(isWith ? "with" : "if", .closeAction)
        let (nodes, stop) = try list()
        return .branch(isWith: isWith, pipe, nodes, otherwise: try otherwise(stop))
    }

    private mutating func range() throws(TemplateError) -> TemplateNode {
        let known = variables.count
        defer { variables.removeLast(variables.count - known) }
        let pipe = try pipe("range", .closeAction)
        ranges += 1
        let (nodes, stop) = try list()
        ranges -= 1
        if case .otherwise(let word) = stop, !word.isEmpty { throw failure("unexpected <", .bytes(word), "> in else") }
        return .range(pipe, nodes, otherwise: try otherwise(stop))
    }

    private mutating func otherwise(_ stop: Stop) throws(TemplateError) -> [TemplateNode] {
        switch stop {
        case .end: return []
        case .endOfText: throw failure("unexpected EOF")
        case .otherwise(let word):
            if !word.isEmpty { return [try branch(isWith: word == ascii("with"))] }
            let (nodes, end) = try list()
            switch end {
            case .end: return nodes
            case .endOfText: throw failure("unexpected EOF")
            case .otherwise: throw failure("expected end; found {{else}}")
            }
        }
    }

    // MARK: Pipelines

    private mutating func pipe(
        _ what: StaticString, _ end: TemplateToken.Kind
    ) throws(TemplateError) -> TemplatePipe {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.depthLimit else { throw .fault(Fault(.depthLimit)) }
        try skipSpace()
        let pipe = TemplatePipe(offset: try peek().offset)
        try declarations(pipe, isRange: what.bytes == ascii("range"))
        while true {
            let token = try nextPlain()
            if token.kind == end {
                guard !pipe.commands.isEmpty else { throw failure("missing value for ", .literal(what)) }
                for command in pipe.commands.dropFirst() {
                    switch command.operands[0].kind {
                    case .function, .fields, .variable, .chain, .pipe: continue
                    default:
                        let position = (pipe.commands.firstIndex { $0.offset == command.offset } ?? 0) + 1
                        throw failure("non executable command in pipeline stage ", .number(position))
                    }
                }
                return pipe
            }
            switch token.kind {
            case .identifier, .field, .variable, .text, .number, .open, .dot:
                peeked = token
                pipe.commands.append(try command(end))
            default: throw unexpected(token, what)
            }
        }
    }

    /// `$x :=`, `$x =`, and for ranges `$i, $x :=`.
    private mutating func declarations(_ pipe: TemplatePipe, isRange: Bool) throws(TemplateError) {
        let start = lexer
        let saved = peeked
        var names: [[UInt8]] = []
        while try peek().kind == .variable {
            names.append(try next().bytes)
            try skipSpace()
            let token = try peek()
            if token.kind == .declare || token.kind == .assign {
                _ = try next()
                pipe.declared = names
                pipe.assigns = token.kind == .assign
                if !pipe.assigns { variables += names }
                return
            }
            guard token.kind == .comma else { break }
            guard isRange, names.count < 2 else {
                throw failure("too many declarations in ", isRange ? "range" : "command")
            }
            _ = try next()
            try skipSpace()
        }
        // No declaration after all.
        lexer = start
        peeked = saved
    }

    private mutating func command(_ end: TemplateToken.Kind) throws(TemplateError) -> TemplateCommand {
        var command = TemplateCommand(operands: [], offset: try peek().offset)
        while true {
            try skipSpace()
            if let operand = try operand() { command.operands.append(operand) }
            let token = try next()
            switch token.kind {
            case .space: continue
            case .closeAction, .close:
                peeked = token
            case .pipe: break
            default: throw unexpected(token, "operand")
            }
            guard !command.operands.isEmpty else { throw failure("empty command") }
            return command
        }
    }

    private mutating func operand() throws(TemplateError) -> TemplateOperand? {
        guard let first = try term() else { return nil }
        guard try peek().kind == .field else { return first }
        let offset = try peek().offset
        var names: [[UInt8]] = []
        var shown = first.shown
        while try peek().kind == .field {
            let token = try next()
            names.append(Array(token.bytes.dropFirst()))
            shown += token.bytes
        }
        switch first.kind {
        case .fields(let own): return TemplateOperand(.fields(own + names), offset: offset, shown: shown)
        case .variable(let name, let own):
            return TemplateOperand(.variable(name, own + names), offset: offset, shown: shown)
        case .string, .constant, .null, .dot: throw failure("unexpected . after term ", .bytes(first.shown))
        default: return TemplateOperand(.chain(first, names), offset: offset, shown: shown)
        }
    }

    private mutating func term() throws(TemplateError) -> TemplateOperand? {
        let token = try next()
        func made(_ kind: TemplateOperand.Kind) -> TemplateOperand {
            TemplateOperand(kind, offset: token.offset, shown: token.bytes)
        }
        switch token.kind {
        case .dot: return made(.dot)
        case .field: return made(.fields([Array(token.bytes.dropFirst())]))
        case .text: return made(.string(token.value))
        case .variable:
            guard variables.contains(token.bytes) else {
                throw failure("undefined variable \"", .bytes(token.bytes), "\"")
            }
            return made(.variable(token.bytes, []))
        case .number:
            if token.bytes == ascii(".") { throw failure("illegal number syntax: \".\"") }
            guard let value = TemplateNumber.read(token.bytes) else {
                throw failure("bad number syntax: \"", .bytes(token.bytes), "\"")
            }
            return made(.constant(value))
        case .identifier:
            if token.bytes == ascii("true") { return made(.constant(.data(.true))) }
            if token.bytes == ascii("false") { return made(.constant(.data(.false))) }
            if token.bytes == ascii("nil") { return made(.null) }
            guard TemplateFunctions.isKnown(token.bytes) else {
                throw failure("function \"", .bytes(token.bytes), "\" not defined")
            }
            return made(.function(token.bytes))
        case .open:
            let pipe = try pipe("parenthesized pipeline", .close)
            return TemplateOperand(
                .pipe(pipe), offset: token.offset, shown: ascii("(") + pipe.shown + ascii(")"))
        default:
            peeked = token
            return nil
        }
    }
}

/// Numbers as templates write them.
enum TemplateNumber {
    static func read(_ text: [UInt8]) -> TemplateValue? {
        if text.first == UInt8(ascii: "'") { return character(text) }
        let plain = text.filter { $0 != UInt8(ascii: "_") }
        var digits = plain[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        if let value = integer(Array(digits)) { return .integer(isNegative ? 0 &- value : value) }
        guard digits.first.map({ $0 &- UInt8(ascii: "0") < 10 || $0 == UInt8(ascii: ".") }) ?? false else { return nil }
        // A point alone on a side is allowed here, not in JSON.
        var json: [UInt8] = []
        for byte in digits {
            if byte == UInt8(ascii: "."), json.isEmpty { json.append(UInt8(ascii: "0")) }
            json.append(byte)
        }
        if json.last == UInt8(ascii: ".") { json.removeLast() }
        guard let value = DoubleText.parse(json) else { return nil }
        let hasPoint = text.contains(UInt8(ascii: "."))
        if !hasPoint, value.magnitude < 9e18, value == value.rounded(.towardZero) {
            return .integer(Int64(isNegative ? 0 - value : value))
        }
        return .float(isNegative ? 0 - value : value)
    }

    private static func integer(_ digits: [UInt8]) -> Int64? {
        var base: Int64 = 10
        var rest = digits[...]
        if rest.count > 1, rest.first == UInt8(ascii: "0") {
            switch digits[1] | 0x20 {
            case UInt8(ascii: "x"): base = 16
            case UInt8(ascii: "o"): base = 8
            case UInt8(ascii: "b"): base = 2
            default: base = 0
            }
            rest = rest.dropFirst(base == 0 ? 1 : 2)
            if base == 0 { base = 8 }
        }
        guard !rest.isEmpty else { return nil }
        var value: Int64 = 0
        for byte in rest {
            guard let digit = Hexadecimal.value(byte), Int64(digit) < base else { return nil }
            let (product, overflows) = value.multipliedReportingOverflow(by: base)
            let (sum, more) = product.addingReportingOverflow(Int64(digit))
            guard !overflows, !more else { return nil }
            value = sum
        }
        return value
    }

    private static func character(_ text: [UInt8]) -> TemplateValue? {
        guard text.count >= 3, let inner = TemplateLexer.unescaped(Array(text.dropFirst().dropLast())) else {
            return nil
        }
        return inner.withUnsafeBufferPointer { bytes in
            guard bytes.count > 0 else { return nil }
            let (scalar, length) = Scalars.decode(bytes, at: 0)
            return length == bytes.count ? .integer(Int64(scalar)) : nil
        }
    }
}
