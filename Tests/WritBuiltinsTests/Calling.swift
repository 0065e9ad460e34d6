import WritBuiltins
import WritValue

/// Calls builtins on operands written as Rego terms and gives their results likewise.
final class Caller {
    private let space = Space.create()
    let context: BuiltinContext

    init() { context = BuiltinContext(space: space) }

    deinit { space.destroy() }

    /// "name term ; term" → the result as a Rego term, "undefined", or "type: message", "builtin: message",
    /// "conflict: message" and so on for a fault.
    func call(_ text: String) -> String {
        space.reset()
        let parts = text.split(separator: " ", maxSplits: 1)
        guard let number = Registry.find(Array(parts[0].utf8)) else { return "no such builtin" }
        guard case .pure(let body) = Registry.all[number].kind else { return "not a pure builtin" }
        guard let operands = TermReader.list(parts.count > 1 ? String(parts[1]) : "", in: space) else {
            return "operands cannot be read"
        }
        do throws(Fault) {
            let result = try operands.withUnsafeBufferPointer { (buffer) throws(Fault) in
                try body(context, Arguments(buffer.baseAddress, count: buffer.count))
            }
            try space.check()
            return result.isUndefined ? "undefined" : String(decoding: try space.rego(result), as: UTF8.self)
        } catch {
            let message = error.message.isString ? String(decoding: space.bytes(error.message), as: UTF8.self) : ""
            return "\(error.code): \(message)"
        }
    }
}
