/// Writes syntax trees as `opa parse` prints them: a line a node, a blank a level.
///
/// A `%` in a string comes out as in OPA, whose printer takes the text for a format: `%v` is `%!v(MISSING)`.
public struct ASTPretty {
    private let names: NameTable
    private var bytes: [UInt8] = []
    private var depth = 0

    /// A module as lines of text.
    public static func module(_ module: Module, names: NameTable) -> [UInt8] {
        var writer = ASTPretty(names: names)
        writer.write(module)
        return writer.bytes
    }

    private init(names: NameTable) { self.names = names }

    // MARK: Lines

    private mutating func line(_ text: [UInt8]) {
        for _ in 0..<depth { bytes.append(0x20) }
        bytes += text
        bytes.append(0x0A)
    }

    private mutating func line(_ text: StaticString) { line(text.withUTF8Buffer { Array($0) }) }

    /// A line, and what stands below it.
    private mutating func node(_ text: StaticString, _ children: (inout ASTPretty) -> Void = { _ in }) {
        line(text)
        depth += 1
        children(&self)
        depth -= 1
    }

    /// A text that goes through a formatter without arguments.
    private static func formatted(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            result.append(text[index])
            index += 1
            guard result.last == 0x25 else { continue }
            // Flags, width and precision do not show.
            while index < text.count, isFlag(text[index]) { index += 1 }
            guard index < text.count else { return result + Array("!(NOVERB)".utf8) }
            if text[index] == 0x25 {
                index += 1
                continue
            }
            var width = 1
            while index + width < text.count, text[index + width] & 0xC0 == 0x80 { width += 1 }
            result.append(0x21)
            result += text[index..<index + width]
            result += Array("(MISSING)".utf8)
            index += width
        }
        return result
    }

    private static func isFlag(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || byte == 0x2B || byte == 0x2D || byte == 0x23 || byte == 0x20 || byte == 0x2E
    }

    // MARK: Modules

    private mutating func write(_ module: Module) {
        node("module") { writer in
            writer.node("package") { $0.write(module.package.path) }
            for item in module.imports {
                writer.node("import") { writer in
                    writer.write(item.path)
                    writer.line(item.alias.map { Array(writer.names[$0]) } ?? [])
                }
            }
            for rule in module.rules { writer.write(rule) }
            for _ in module.annotations { writer.line("annotations") }
            for _ in module.comments { writer.line("comment") }
        }
    }

    private mutating func write(_ rule: Rule) {
        node("rule") { writer in
            writer.write(rule.head, rule.head.arguments, rule.head.value, hasKey: rule.head.key != nil)
            writer.write(rule.body)
            writer.write(rule.elseBranches[...], rule)
        }
    }

    private mutating func write(_ branches: ArraySlice<Else>, _ rule: Rule) {
        // Each branch stands below the one before.
        for branch in branches {
            line("rule")
            depth += 1
            write(rule.head, branch.arguments, branch.value, hasKey: false)
            write(branch.body)
        }
        depth -= branches.count
    }

    private mutating func write(_ head: Head, _ arguments: [Term]?, _ value: Term?, hasKey: Bool) {
        node("head") { writer in
            writer.write(head.reference)
            if let arguments, !arguments.isEmpty {
                writer.node("args") { writer in for argument in arguments { writer.write(argument) } }
            }
            if let value {
                writer.write(value)
            } else if !hasKey {
                writer.line("true")
            }
        }
    }

    // MARK: Bodies

    private mutating func write(_ body: Body?) {
        node("body") { writer in
            guard let body else {
                writer.node("expr index=0") { $0.line("true") }
                return
            }
            for (index, expression) in body.enumerated() { writer.write(expression, index) }
        }
    }

    private mutating func write(_ expression: Expr, _ index: Int) {
        line(Array((expression.isNegated ? "expr negated index=\(index)" : "expr index=\(index)").utf8))
        depth += 1
        switch expression.kind {
        case .term(let term): write(term)
        case .call(let call): write(call)
        case .some(let declaration): write(declaration)
        case .every(let every):
            node("every") { writer in
                if let key = every.key { writer.write(key) }
                writer.write(every.value)
                writer.write(every.domain)
                writer.write(every.body)
            }
        case .not(let not): node("not") { $0.write(not.body) }
        case .and(let logical): write(logical, "and")
        case .or(let logical): write(logical, "or")
        }
        for with in expression.with {
            node("with") { writer in
                if with.target.parts.isEmpty, with.target.headName != .input, with.target.headName != .data {
                    writer.write(with.target.head)
                } else {
                    writer.write(with.target)
                }
                writer.write(with.value)
            }
        }
        depth -= 1
    }

    private mutating func write(_ logical: Logical, _ name: StaticString) {
        node(name) { writer in
            writer.write(logical.left)
            writer.write(logical.right)
        }
    }

    private mutating func write(_ declaration: SomeDeclaration) {
        node("somedecl") { writer in
            switch declaration {
            case .names(let names): for name in names { writer.write(name) }
            case .membership(let key, let value, let collection, _):
                writer.node("call") { writer in
                    writer.node("ref") { writer in
                        writer.line("internal")
                        writer.line(key == nil ? "\"member_2\"" : "\"member_3\"")
                    }
                    for term in [key, value, collection] {
                        if let term { writer.write(term) }
                    }
                }
            }
        }
    }

    // MARK: Terms

    private mutating func write(_ ref: Ref) {
        node("ref") { writer in
            writer.write(ref.head)
            for part in ref.parts { writer.write(part) }
        }
    }

    /// The function and the arguments, without a line for the call.
    private mutating func write(_ call: Call) {
        write(call.function)
        for argument in call.arguments { write(argument) }
    }

    private mutating func write(_ term: Term) {
        switch term.kind {
        case .null: line("null")
        case .bool(let value): line(value ? "true" : "false")
        case .number(let name): line(Array(names[name]))
        case .string: line(Self.formatted(Array(names.text(of: term).utf8)))
        case .variable(let name): line(names.isWildcard(name) ? [0x5F] : Array(names[name]))
        case .ref(let ref): write(ref)
        case .array(let elements):
            node("array") { writer in for element in elements { writer.write(element) } }
        case .set(let elements):
            node("set") { writer in for element in writer.names.sorted(elements) { writer.write(element) } }
        case .object(let entries):
            node("object") { writer in
                for entry in writer.names.sorted(entries) {
                    writer.write(entry.key)
                    writer.write(entry.value)
                }
            }
        case .arrayComprehension(let head, let body): comprehension("arraycomprehension", [head], body)
        case .setComprehension(let head, let body): comprehension("setcomprehension", [head], body)
        case .objectComprehension(let key, let value, let body):
            comprehension("objectcomprehension", [key, value], body)
        case .call(let call): node("call") { $0.write(call) }
        case .template(let template):
            node("templatestring") { writer in
                for part in template.parts {
                    switch part {
                    case .text(let term): writer.write(term)
                    case .expression(let expression): writer.write(expression, 0)
                    }
                }
            }
        }
    }

    private mutating func comprehension(_ name: StaticString, _ heads: [Term], _ body: Body) {
        node(name) { writer in
            for head in heads { writer.write(head) }
            writer.write(body)
        }
    }
}
