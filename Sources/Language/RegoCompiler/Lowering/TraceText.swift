import RegoSyntax
import WritBuiltins
import WritPlan
import WritSource
import WritValue

/// Writes resolved terms and expressions as OPA shows them in traces.
struct TraceText {
    let names: NameTable
    let variables: [Name]
    /// Names of generated variables.
    let generated: (Int32) -> [UInt8]
    let groupPath: (Int) -> [UInt8]
    private(set) var bytes: [UInt8] = []

    init(
        names: NameTable, variables: [Name], generated: @escaping (Int32) -> [UInt8],
        groupPath: @escaping (Int) -> [UInt8]
    ) {
        self.names = names
        self.variables = variables
        self.generated = generated
        self.groupPath = groupPath
    }

    private mutating func write(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }

    mutating func write(_ body: [ResolvedExpression]) {
        for (index, expression) in body.enumerated() {
            if index > 0 { write("; ") }
            write(expression)
        }
    }

    mutating func write(_ expression: ResolvedExpression) {
        switch expression.kind {
        case .term(let term): writeCondition(term)
        case .unify(let left, let right):
            if case .call(let callee, let arguments) = left.kind, expression.style.contains(.outputOperand) {
                writeCall(callee, arguments + [right])
            } else {
                write(left)
                write(" = ")
                write(right)
            }
        case .member(let key, let value, let collection):
            write(value)
            write(" = ")
            write(collection)
            write("[")
            if let key { write(key) } else { write("_") }
            write("]")
        case .not(let body):
            write("not ")
            write(body)
        case .every(let key, let value, let domain, let body):
            write("every ")
            if let key {
                write(key)
                write(", ")
            }
            write(value)
            write(" in ")
            write(domain)
            write(" { ")
            write(body)
            write(" }")
        case .and(let left, let right):
            write(left)
            write(" and ")
            write(right)
        case .or(let left, let right):
            write(left)
            write(" or ")
            write(right)
        case .print(let parts):
            write("print(")
            write(parts, separator: ", ")
            write(")")
        }
        for with in expression.with { write(with) }
    }

    private mutating func write(_ with: ResolvedWith) {
        write(" with ")
        switch with.target {
        case .input(let path):
            write("input")
            for name in path { writeStep(names[name]) }
        case .data(let path):
            write("data")
            for name in path { writeStep(names[name]) }
        case .callee(let callee): write(callee)
        }
        write(" as ")
        switch with.replacement {
        case .term(let term): write(term)
        case .callee(let callee): write(callee)
        }
    }

    private mutating func writeCondition(_ term: ResolvedTerm) {
        guard case .call(let callee, let arguments) = term.kind, case .builtin(let number) = callee,
            Registry.all.indices.contains(number), let infix = Registry.all[number].infix, arguments.count == 2
        else { return write(term) }
        write(arguments[0])
        write(" ")
        write(infix)
        write(" ")
        write(arguments[1])
    }

    private mutating func writeCall(_ callee: Callee, _ arguments: [ResolvedTerm]) {
        write(callee)
        write("(")
        write(arguments)
        write(")")
    }

    private mutating func write(_ callee: Callee) {
        switch callee {
        case .builtin(let number):
            if Registry.all.indices.contains(number) { write(Registry.all[number].name) }
        case .group(let group): bytes += groupPath(group)
        }
    }

    private mutating func write(_ terms: [ResolvedTerm]) {
        for (index, term) in terms.enumerated() {
            if index > 0 { write(", ") }
            write(term)
        }
    }

    private mutating func write(_ parts: [ResolvedTerm.TemplatePart], separator: StaticString) {
        for (index, part) in parts.enumerated() {
            if index > 0 { write(separator) }
            switch part {
            case .text(let term): write(term)
            case .expression(let term, _): write(term)
            }
        }
    }

    mutating func write(_ variable: Variable) {
        guard variables.indices.contains(variable.int) else { return write("_") }
        let name = variables[variable.int]
        let known = generated(variable.index)
        if !known.isEmpty {
            bytes += known
        } else if names.isWildcard(name) {
            write("_")
        } else {
            bytes += names[name]
        }
    }

    mutating func write(_ term: ResolvedTerm) {
        switch term.kind {
        case .null: write("null")
        case .boolean(let value): write(value ? "true" : "false")
        case .number(let name): bytes += names[name]
        case .string(let name): writeQuoted(names[name])
        case .variable(let variable): write(variable)
        case .reference(let reference):
            switch reference.base {
            case .input: write("input")
            case .data: write("data")
            case .variable(let variable): write(variable)
            case .term(let base): write(base)
            }
            for part in reference.parts {
                if case .string(let name) = part.kind {
                    writeStep(names[name])
                } else {
                    write("[")
                    write(part)
                    write("]")
                }
            }
        case .array(let terms):
            write("[")
            write(terms)
            write("]")
        case .set(let terms):
            if terms.isEmpty { return write("set()") }
            write("{")
            write(terms)
            write("}")
        case .object(let entries):
            write("{")
            for (index, entry) in sorted(entries).enumerated() {
                if index > 0 { write(", ") }
                write(entry.key)
                write(": ")
                write(entry.value)
            }
            write("}")
        case .arrayComprehension(let head, let body):
            write("[")
            write(head)
            write(" | ")
            write(body)
            write("]")
        case .setComprehension(let head, let body):
            write("{")
            write(head)
            write(" | ")
            write(body)
            write("}")
        case .objectComprehension(let key, let value, let body):
            write("{")
            write(key)
            write(": ")
            write(value)
            write(" | ")
            write(body)
            write("}")
        case .call(let callee, let arguments): writeCall(callee, arguments)
        case .template(let parts):
            write("$\"")
            write(parts, separator: "")
            write("\"")
        }
    }

    /// Entries with string keys in the order of their keys, as OPA keeps them.
    private func sorted(
        _ entries: [(key: ResolvedTerm, value: ResolvedTerm)]
    ) -> [(key: ResolvedTerm, value: ResolvedTerm)] {
        var keyed: [(bytes: [UInt8], index: Int)] = []
        for (index, entry) in entries.enumerated() {
            guard case .string(let name) = entry.key.kind else { return entries }
            keyed.append((Array(names[name]), index))
        }
        keyed.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        return keyed.map { entries[$0.index] }
    }

    private mutating func writeStep(_ step: ArraySlice<UInt8>) {
        if Self.isWord(step) {
            write(".")
            bytes += step
        } else {
            write("[")
            writeQuoted(step)
            write("]")
        }
    }

    /// Whether a step is written behind a dot: a word that is none of the language's.
    private static func isWord(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first, !(first >= 0x30 && first <= 0x39) else { return false }
        for byte in text {
            let isLetter = byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A
            guard isLetter || byte == 0x5F || byte >= 0x30 && byte <= 0x39 else { return false }
        }
        let word = Array(text)
        for keyword in keywords where keyword == word { return false }
        return true
    }

    private static let keywords = [
        "not", "package", "import", "as", "default", "else", "with", "null", "true", "false", "some", "every", "in",
        "if", "contains",
    ].map { Array($0.utf8) }

    private mutating func writeQuoted(_ text: ArraySlice<UInt8>) {
        bytes.append(0x22)
        for byte in text {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0x0A: write("\\n")
            case 0x0D: write("\\r")
            case 0x09: write("\\t")
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
