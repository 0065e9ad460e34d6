/// Terms as text in messages, the way OPA prints them.
extension NameTable {
    /// A term as Rego text on one line (operators appear as calls: `plus(1, 2)`).
    public func text(of term: Term) -> String {
        var writer = TermWriter(names: self)
        writer.write(term)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// A reference as Rego text: `data.a["b c"][x]`.
    public func text(of ref: Ref) -> String {
        var writer = TermWriter(names: self)
        writer.write(ref)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// An expression as Rego text.
    public func text(of expression: Expr) -> String {
        var writer = TermWriter(names: self)
        writer.write(expression)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension Parser {
    func text(of ref: Ref) -> String { lexer.names.text(of: ref) }

    func text(of name: Name) -> String { lexer.names.isWildcard(name) ? "_" : lexer.names.text(name) }
}

private struct TermWriter {
    let names: NameTable
    var bytes: [UInt8] = []

    init(names: NameTable) { self.names = names }

    mutating func write(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }

    mutating func write(_ name: Name) { bytes.append(contentsOf: names[name]) }

    mutating func write(_ term: Term) {
        switch term.kind {
        case .null: write("null")
        case .bool(let value): write(value ? "true" : "false")
        case .number(let spelling): write(spelling)
        case .string(let name): writeQuoted(names[name])
        case .variable(let name): write(names.isWildcard(name) ? .underscore : name)
        case .ref(let ref): write(ref)
        case .array(let terms):
            write("[")
            write(terms)
            write("]")
        case .set(let terms):
            if terms.isEmpty {
                write("set()")
            } else {
                write("{")
                write(terms)
                write("}")
            }
        case .object(let entries):
            write("{")
            for (index, entry) in entries.enumerated() {
                if index > 0 { write(", ") }
                write(entry.key)
                write(": ")
                write(entry.value)
            }
            write("}")
        case .arrayComprehension(let term, let body):
            write("[")
            write(term)
            writeComprehension(body, "]")
        case .setComprehension(let term, let body):
            write("{")
            write(term)
            writeComprehension(body, "}")
        case .objectComprehension(let key, let value, let body):
            write("{")
            write(key)
            write(": ")
            write(value)
            writeComprehension(body, "}")
        case .call(let call):
            write(call.function)
            write("(")
            write(call.arguments)
            write(")")
        case .template(let template): write(template)
        }
    }

    private mutating func write(_ terms: [Term]) {
        for (index, term) in terms.enumerated() {
            if index > 0 { write(", ") }
            write(term)
        }
    }

    private mutating func writeComprehension(_ body: Body, _ end: StaticString) {
        write(" | ")
        write(body)
        write(end)
    }

    private mutating func write(_ body: Body) {
        for (index, expression) in body.enumerated() {
            if index > 0 { write("; ") }
            write(expression)
        }
    }

    mutating func write(_ ref: Ref) {
        write(ref.head)
        for part in ref.parts {
            if case .string(let name) = part.kind, isWord(names[name]), !name.isKeyword(in: .v1) {
                write(".")
                write(name)
            } else {
                write("[")
                write(part)
                write("]")
            }
        }
    }

    private func isWord(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first, !(0x30...0x39).contains(first) else { return false }
        return text.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 == 0x5F || $0 &- 0x30 < 10 }
    }

    private mutating func write(_ template: Template) {
        write(template.isMultiLine ? "$`" : "$\"")
        for part in template.parts {
            switch part {
            case .text(let term):
                if case .string(let name) = term.kind {
                    bytes.append(contentsOf: names[name])
                } else {
                    write("{")
                    write(term)
                    write("}")
                }
            case .expression(let expression):
                write("{")
                write(expression)
                write("}")
            }
        }
        write(template.isMultiLine ? "`" : "\"")
    }

    mutating func write(_ expression: Expr) {
        if expression.isNegated { write("not ") }
        switch expression.kind {
        case .term(let term): write(term)
        case .call(let call): writeOperation(call)
        case .some(.names(let terms)):
            write("some ")
            write(terms)
        case .some(.membership(let key, let value, let collection, _)):
            write("some ")
            if let key {
                write(key)
                write(", ")
            }
            write(value)
            write(" in ")
            write(collection)
        case .every(let every):
            write("every ")
            if let key = every.key {
                write(key)
                write(", ")
            }
            write(every.value)
            write(" in ")
            write(every.domain)
            write(" { ")
            write(every.body)
            write(" }")
        case .not(let not):
            write("not ")
            writeOperand(not.body, not.isExplicit)
        case .and(let logical):
            writeOperand(logical.left, logical.isLeftExplicit)
            write(" and ")
            writeOperand(logical.right, logical.isRightExplicit)
        case .or(let logical):
            writeOperand(logical.left, logical.isLeftExplicit)
            write(" or ")
            writeOperand(logical.right, logical.isRightExplicit)
        }
        for with in expression.with {
            write(" with ")
            write(with.target)
            write(" as ")
            write(with.value)
        }
    }

    private mutating func writeOperand(_ body: Body, _ isExplicit: Bool) {
        if isExplicit { write("{ ") }
        write(body)
        if isExplicit { write(" }") }
    }

    private mutating func writeOperation(_ call: Call) {
        guard let name = call.simpleName, call.arguments.count == 2, let sign = Self.sign(name) else {
            write(Term(.call(call), call.function.span))
            return
        }
        write(call.arguments[0])
        write(" ")
        write(sign)
        write(" ")
        write(call.arguments[1])
    }

    private static func sign(_ name: Name) -> StaticString? {
        switch name {
        case .assign: ":="
        case .eq: "="
        case .equal: "=="
        case .neq: "!="
        case .lt: "<"
        case .lte: "<="
        case .gt: ">"
        case .gte: ">="
        case .plus: "+"
        case .minus: "-"
        case .mul: "*"
        case .div: "/"
        case .rem: "%"
        case .and: "&"
        case .or: "|"
        default: nil
        }
    }

    /// A string in double quotes with Go's escapes.
    private mutating func writeQuoted(_ text: ArraySlice<UInt8>) {
        write("\"")
        for byte in text {
            switch byte {
            case 0x22: write("\\\"")
            case 0x5C: write("\\\\")
            case 0x07: write("\\a")
            case 0x08: write("\\b")
            case 0x09: write("\\t")
            case 0x0A: write("\\n")
            case 0x0B: write("\\v")
            case 0x0C: write("\\f")
            case 0x0D: write("\\r")
            case 0..<0x20, 0x7F:
                let digits: [UInt8] = Array("0123456789abcdef".utf8)
                write("\\x")
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        write("\"")
    }
}
