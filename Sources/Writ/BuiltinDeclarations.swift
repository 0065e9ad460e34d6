import WritBuiltins
import WritPlan

/// Types of builtins as the JSON of OPA's capabilities and plans.
struct BuiltinDeclaration {
    private(set) var text = ""

    /// The type of a builtin, with names and descriptions of operands where there are any.
    init(_ builtin: Builtin) {
        text = "{"
        if !builtin.parameters.isEmpty {
            text += "\"args\":["
            for (index, parameter) in builtin.parameters.enumerated() {
                if index > 0 { text += "," }
                add(parameter)
            }
            text += "],"
        }
        text += "\"result\":"
        add(builtin.result)
        text += ",\"type\":\"function\"}"
    }

    private mutating func add(_ parameter: Parameter) {
        let name = "\(parameter.name)"
        let documentation = "\(parameter.documentation)"
        add(
            parameter.type, documentation.isEmpty ? nil : ("description", documentation),
            name.isEmpty ? nil : ("name", name))
    }

    /// Members go in the order of their names, as Go writes maps.
    private mutating func add(
        _ type: TypeSpec, _ description: (String, String)? = nil, _ name: (String, String)? = nil
    ) {
        text += "{"
        for case (let key, let value)? in [description] { text += "\"\(key)\":\(Self.quoted(value))," }
        var named = ""
        if let name { named = "\"\(name.0)\":\(Self.quoted(name.1))," }
        switch type {
        case .any: text += named + "\"type\":\"any\""
        case .null: text += named + "\"type\":\"null\""
        case .boolean: text += named + "\"type\":\"boolean\""
        case .number: text += named + "\"type\":\"number\""
        case .string: text += named + "\"type\":\"string\""
        case .array(let element):
            text += "\"dynamic\":"
            add(element)
            text += "," + named + "\"type\":\"array\""
        case .tuple(let types):
            text += named + "\"static\":"
            add(types)
            text += ",\"type\":\"array\""
        case .set(let element):
            text += named + "\"of\":"
            add(element)
            text += ",\"type\":\"set\""
        case .union(let types):
            text += named + "\"of\":"
            add(types)
            text += ",\"type\":\"any\""
        case .dictionary(let key, let value):
            addDynamic(key, value)
            text += "," + named + "\"type\":\"object\""
        case .record(let fields, let rest):
            if case .of(let key, let value) = rest {
                addDynamic(key, value)
                text += ","
            }
            text += named
            addFields(fields)
            text += ",\"type\":\"object\""
        case .function(let operands, let result):
            text += "\"args\":"
            add(operands)
            text += "," + named + "\"result\":"
            add(result)
            text += ",\"type\":\"function\""
        }
        text += "}"
    }

    private mutating func add(_ types: [TypeSpec]) {
        text += "["
        for (index, type) in types.enumerated() {
            if index > 0 { text += "," }
            add(type)
        }
        text += "]"
    }

    private mutating func addDynamic(_ key: TypeSpec, _ value: TypeSpec) {
        text += "\"dynamic\":{\"key\":"
        add(key)
        text += ",\"value\":"
        add(value)
        text += "}"
    }

    private mutating func addFields(_ fields: [(key: StaticString, type: TypeSpec)]) {
        text += "\"static\":["
        for (index, field) in fields.enumerated() {
            if index > 0 { text += "," }
            text += "{\"key\":\(Self.quoted("\(field.key)")),\"value\":"
            add(field.type)
            text += "}"
        }
        text += "]"
    }

    /// Texts of declarations are printable; quotes and backslashes are what they may hold.
    private static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\" + String(scalar)
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "<": text += "\\u003c"
            case ">": text += "\\u003e"
            case "&": text += "\\u0026"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
