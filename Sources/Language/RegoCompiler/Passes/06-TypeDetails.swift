import RegoSyntax
import WritSource

/// What a type error says beside its message: the lines of OPA's plain form, and its `details` as JSON.
enum TypeDetail {
    /// The operands of a call, and what its function takes.
    case operands(have: [StaticType?], want: [Operand])
    /// The two sides of a unification.
    case match(StaticType?, StaticType?)
    /// A reference into a value that has no parts, up to a position (0 is the head).
    case unsupported(Ref, position: Int, have: StaticType?)
    /// A reference with a part that the value there does not have.
    case invalid(Ref, position: Int, have: StaticType?, want: StaticType?, oneOf: [TreeKey])

    /// An operand as a function declares it.
    struct Operand {
        var name: StaticString = ""
        var documentation: StaticString = ""
        var type: StaticType?
    }
}

extension StaticTypes {
    /// A type error with its details.
    func diagnostic(_ message: String, at span: Span, _ detail: TypeDetail) -> Diagnostic {
        var diagnostic = Diagnostic(.regoTypeError, message, at: span, notes: notes(detail))
        diagnostic.detailJSON = json(detail)
        return diagnostic
    }

    // MARK: Lines

    private func notes(_ detail: TypeDetail) -> [String] {
        switch detail {
        case .operands(let have, let want): return ["have: (" + list(have) + ")", "want: (" + list(want) + ")"]
        case .match(let left, let right): return ["left  : " + text(left), "right : " + text(right)]
        case .unsupported(let ref, let position, let have):
            let marked = text(of: ref, upTo: position + 1)
            return [text(of: ref), String(repeating: "^", count: marked.utf8.count), "have: " + text(have)]
        case .invalid(let ref, let position, let have, let want, let oneOf):
            let pad = String(repeating: " ", count: text(of: ref, upTo: position).utf8.count + 1)
            var notes = [text(of: ref), pad + "^"]
            if let have {
                notes.append(pad + "have (type): " + text(have))
            } else {
                let part = position > 0 && position <= ref.parts.count ? ref.parts[position - 1] : ref.head
                notes.append(pad + "have: " + names.text(of: part))
            }
            if oneOf.isEmpty {
                notes.append(pad + "want (type): " + text(want))
            } else {
                var texts = ""
                for (index, key) in oneOf.enumerated() {
                    if index > 0 { texts += " " }
                    texts += names.text(of: key.term)
                }
                notes.append(pad + "want (one of): [" + texts + "]")
            }
            return notes
        }
    }

    private func list(_ operands: [TypeDetail.Operand]) -> String {
        var result = ""
        for (index, operand) in operands.enumerated() {
            if index > 0 { result += ", " }
            if operand.name.utf8CodeUnitCount > 0 { result += "\(operand.name): " }
            result += text(operand.type)
        }
        return result
    }

    func text(of ref: Ref, upTo count: Int? = nil) -> String {
        guard let count else { return names.text(of: ref) }
        return names.text(of: Ref(head: ref.head, parts: Array(ref.parts.prefix(max(0, count - 1))), span: ref.span))
    }

    // MARK: JSON

    private func json(_ detail: TypeDetail) -> [UInt8] {
        var json = TypeJSON(types: self)
        switch detail {
        case .operands(let have, let want):
            json.put("{\"have\":")
            json.list(have) { $0.type($1) }
            json.put(",\"want\":{\"args\":")
            json.list(want) { $0.operand($1) }
            json.put("}}")
        case .match(let left, let right):
            json.put("{\"a\":")
            json.type(left)
            json.put(",\"b\":")
            json.type(right)
            json.put("}")
        case .unsupported(let ref, let position, let have):
            json.put("{\"have\":")
            json.type(have)
            json.ref(ref, position)
            json.put("}")
        case .invalid(let ref, let position, let have, let want, let oneOf):
            json.put("{")
            if have != nil {
                json.put("\"have\":")
                json.type(have)
                json.put(",")
            }
            json.put("\"want\":")
            json.type(want)
            json.put(",\"oneOf\":")
            if oneOf.isEmpty { json.put("null") } else { json.list(oneOf) { $0.key($1) } }
            json.ref(ref, position)
            json.put("}")
        }
        return json.bytes
    }
}

extension TreeKey {
    var term: Term {
        switch kind {
        case .string, .composite: Term(.string(name), .none)
        case .number: Term(.number(name), .none)
        case .boolean: Term(.bool(name == .true), .none)
        case .null: Term(.null, .none)
        }
    }
}

/// Writes static types as OPA's JSON: those of capabilities and of error details.
struct TypeJSON {
    let types: StaticTypes
    private(set) var bytes: [UInt8] = []
    private static let noFile = SourceFile(name: [], text: [])

    init(types: StaticTypes) { self.types = types }

    mutating func put(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }

    mutating func put(_ number: Int64) { bytes += Array(String(number).utf8) }

    mutating func list<Element>(_ elements: [Element], _ write: (inout TypeJSON, Element) -> Void) {
        put("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { put(",") }
            write(&self, element)
        }
        put("]")
    }

    mutating func string(_ text: StaticString) {
        string(text.withUTF8Buffer { Array($0) })
    }

    mutating func string(_ text: [UInt8]) {
        put("\"")
        for byte in text {
            if byte == 0x22 || byte == 0x5C { put("\\") }
            if byte < 0x20 || byte == 0x26 || byte == 0x3C || byte == 0x3E {
                put("\\u00")
                for half in [byte >> 4, byte & 15] { bytes.append(half < 10 ? half + 0x30 : half + 0x57) }
            } else {
                bytes.append(byte)
            }
        }
        put("\"")
    }

    mutating func key(_ key: TreeKey) {
        switch key.kind {
        case .string, .composite: string(Array(types.names[key.name]))
        case .number: bytes += types.names[key.name]
        case .boolean: if key.name == .true { put("true") } else { put("false") }
        case .null: put("null")
        }
    }

    /// `,"ref":[...],"pos":N`
    mutating func ref(_ ref: Ref, _ position: Int) {
        put(",\"ref\":")
        list([ref.head] + ref.parts) { json, term in
            json.bytes += ASTJSON.term(term, file: Self.noFile, names: json.types.names)
        }
        put(",\"pos\":")
        bytes += Array(String(position).utf8)
    }

    mutating func operand(_ operand: TypeDetail.Operand) {
        guard let type = operand.type else {
            put("null")
            return
        }
        write(type, name: operand.name, documentation: operand.documentation)
    }

    mutating func type(_ type: StaticType?) {
        guard let type else {
            put("null")
            return
        }
        write(type, name: "", documentation: "")
    }

    /// A type with its members in the order of their names, as Go writes maps.
    private mutating func write(_ type: StaticType, name: StaticString, documentation: StaticString) {
        var isFirst = true
        func member(_ key: StaticString, _ json: inout TypeJSON) {
            json.put(isFirst ? "{\"" : ",\"")
            json.put(key)
            json.put("\":")
            isFirst = false
        }
        let named = name.utf8CodeUnitCount > 0
        if case .function(let arguments, _) = type, !arguments.isEmpty {
            member("args", &self)
            list(arguments) { $0.type($1) }
        }
        if documentation.utf8CodeUnitCount > 0 {
            member("description", &self)
            string(documentation)
        }
        switch type {
        case .array(_, let rest, true):
            member("dynamic", &self)
            self.type(rest)
        case .object(_, let rest?):
            member("dynamic", &self)
            put("{\"key\":")
            self.type(rest.key)
            put(",\"value\":")
            self.type(rest.value)
            put("}")
        default: break
        }
        if named {
            member("name", &self)
            string(name)
        }
        var kind: StaticString
        switch type {
        case .null: kind = "null"
        case .boolean: kind = "boolean"
        case .number: kind = "number"
        case .string: kind = "string"
        case .array(let elements, _, _):
            kind = "array"
            if !elements.isEmpty {
                member("static", &self)
                list(elements) { $0.type($1) }
            }
        case .object(let properties, _):
            kind = "object"
            if !properties.isEmpty {
                member("static", &self)
                list(properties) { json, property in
                    json.put("{\"key\":")
                    json.key(property.key)
                    json.put(",\"value\":")
                    json.type(property.type)
                    json.put("}")
                }
            }
        case .set(let element):
            kind = "set"
            if element != nil {
                member("of", &self)
                self.type(element)
            }
        case .any(let members):
            kind = "any"
            if !members.isEmpty {
                member("of", &self)
                list(members) { $0.type($1) }
            }
        case .function(_, let result):
            kind = "function"
            if result != nil {
                member("result", &self)
                self.type(result)
            }
        }
        member("type", &self)
        string(kind)
        put("}")
    }
}
