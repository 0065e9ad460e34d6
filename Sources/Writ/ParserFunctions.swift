import WritBuiltins
import WritVM

extension HostFunctions {
    /// Provides `rego.parse_module`.
    mutating func provideParser() {
        provide("rego.parse_module") { (context, arguments) throws(Fault) in
            let name = try context.text(arguments, 0)
            // OPA counts both operands as the first.
            guard arguments[1].isString else { throw context.typeError(1, "string", got: arguments[1]) }
            let text = context.space.bytes(arguments[1])
            // The parser and the two passages through JSON cost more than one unit a byte.
            try context.spend(text.count * 4)
            let file = PolicyFile(name: "", text: text).named(name)
            let json: [UInt8]
            do throws(CompileFailure) { json = try SyntaxTree.parse(file).json() } catch {
                throw context.error(error.listed)
            }
            do throws(JSONError) { return try context.space.readJSON(json) } catch {
                throw context.error("json: " + String(decoding: error.message, as: UTF8.self))
            }
        }
    }
}

extension PolicyFile {
    /// The file under a name of any bytes.
    fileprivate func named(_ name: [UInt8]) -> PolicyFile {
        var file = self
        file.name = name
        return file
    }
}

extension CompileFailure {
    /// All errors as one text, the way OPA joins them.
    var listed: String {
        let renderer = DiagnosticRenderer(sources: sources)
        // OPA does not count what it says of a module without anything in it.
        if diagnostics.count == 1, diagnostics[0].message == "empty module" {
            let name = String(decoding: diagnostics[0].fileName(in: sources) ?? [], as: UTF8.self)
            return (name.isEmpty ? "0:0" : name + ":0") + ": rego_parse_error: empty module"
        }
        let lines = diagnostics.map { String(decoding: renderer.concise($0, includingDetails: true), as: UTF8.self) }
        if lines.count == 1 { return "1 error occurred: " + lines[0] }
        return "\(lines.count) errors occurred:\n" + lines.joined(separator: "\n")
    }
}
