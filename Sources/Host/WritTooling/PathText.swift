import Writ

/// Paths of documents as text.
public enum PathText {
    /// As Rego writes it: `data.a["b c"]`.
    public static func reference(_ path: [[UInt8]]) -> String { TestCatalog.reference(path) }

    /// As OPA's JSON of a reference, its further lines `indent` deep.
    public static func json(_ path: [[UInt8]], indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        let terms = path.enumerated().map { index, step in
            var value = ByteBuffer()
            value.appendJSONString(step)
            return """
                \(margin)  {
                \(margin)    "type": "\(index == 0 ? "var" : "string")",
                \(margin)    "value": \(String(decoding: value.bytes, as: UTF8.self))
                \(margin)  }
                """
        }
        return "[\n" + terms.joined(separator: ",\n") + "\n\(margin)]"
    }

    /// The steps of a path such as `data.a["b"]`; nil for anything else.
    public static func steps(_ text: String) -> [[UInt8]]? {
        var names = NameTable()
        let (term, errors) = parseTerm(SourceFile(name: [], text: Array(text.utf8)), names: &names)
        guard errors.isEmpty, let term else { return nil }
        switch term.kind {
        case .variable(let name): return [Array(names[name])]
        case .ref(let ref):
            guard let head = ref.headName else { return nil }
            var path = [Array(names[head])]
            for part in ref.parts {
                guard case .string(let name) = part.kind else { return nil }
                path.append(Array(names[name]))
            }
            return path
        default: return nil
        }
    }
}
