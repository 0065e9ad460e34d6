import WritPlan
import WritValue

/// Plans as OPA writes them, from the few parts that a test is about.
enum IR {
    /// A document of functions and one plan `eval` with these statements.
    static func document(
        _ statements: [String], functions: [String] = [], strings: [String] = ["a", "b", "3"], files: [String] = []
    ) -> String {
        let texts = strings.map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
        let names = files.map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
        return """
            {"static":{"strings":[\(texts)],"files":[\(names)]},
             "plans":{"plans":[{"name":"eval","blocks":[\(block(statements))]}]},
             "funcs":{"funcs":[\(functions.joined(separator: ","))]}}
            """
    }

    static func block(_ statements: [String]) -> String { #"{"stmts":[\#(statements.joined(separator: ","))]}"# }

    /// `statement("AssignVar", "target", 3, ...)`: values are JSON texts.
    static func statement(_ type: String, _ fields: KeyValuePairs<String, String> = [:]) -> String {
        let members = fields.map { #""\#($0.key)":\#($0.value)"# }.joined(separator: ",")
        return #"{"type":"\#(type)Stmt","stmt":{\#(members)}}"#
    }

    static func function(_ name: String, _ parameters: [Int], path: [String] = [], _ blocks: [[String]]) -> String {
        let steps = path.map { #""\#($0)""# }.joined(separator: ",")
        return """
            {"name":"\(name)","path":[\(steps)],"params":\(parameters),"return":99,
             "blocks":[\(blocks.map { block($0) }.joined(separator: ","))]}
            """
    }

    static func local(_ number: Int) -> String { #"{"type":"local","value":\#(number)}"# }
    static func string(_ index: Int) -> String { #"{"type":"string_index","value":\#(index)}"# }
    static func bool(_ value: Bool) -> String { #"{"type":"bool","value":\#(value)}"# }
}

/// How reading went: the plan's text, or the error as `reason: message at place`.
func read(_ json: String) -> String {
    do throws(PlanError) {
        return String(decoding: try plan(json).text(builtinName: builtinName), as: UTF8.self)
    } catch {
        let message = String(decoding: error.message, as: UTF8.self)
        let place = String(decoding: error.place, as: UTF8.self)
        return "\(error.reason): \(message)" + (place.isEmpty ? "" : " at \(place)")
    }
}

func plan(_ json: String) throws(PlanError) -> Plan {
    try Plan.read(opa: Array(json.utf8)) { name in
        switch String(decoding: name, as: UTF8.self) {
        case "count": PlanBuiltin(number: 0, operandCount: 1, kind: .pure)
        case "plus": PlanBuiltin(number: 1, operandCount: 2, kind: .pure)
        case "time.now_ns": PlanBuiltin(number: 2, operandCount: 0, kind: .host)
        case "walk": PlanBuiltin(number: 3, operandCount: 1, kind: .walk)
        case "internal.print": PlanBuiltin(number: 4, operandCount: 1, kind: .print)
        case "http.send": PlanBuiltin(number: 5, operandCount: 1, kind: .missing)
        default: nil
        }
    }
}

func builtinName(_ number: Int) -> [UInt8]? {
    let names = ["count", "plus", "time.now_ns", "walk"]
    return names.indices.contains(number) ? Array(names[number].utf8) : nil
}

/// The lines of the plan's query, without the load of input and data and without their indentation.
func raised(_ statements: [String], functions: [String] = []) -> [String] {
    let lines = read(IR.document(statements, functions: functions)).split(separator: "\n").map { String($0) }
    guard let start = lines.firstIndex(where: { $0.hasPrefix("query ") }) else { return lines }
    // The load of the input (two lines), of the data, and the plan's own block.
    return lines[(start + 5)...].map { String($0.dropFirst(4)) }
}
