import Writ
import WritYAML

/// Reads documents that may be JSON or YAML: inputs, request bodies.
public enum Document {
    /// The JSON text of a document. Text that is JSON stays as it is; anything else is read as YAML.
    ///
    /// A text that begins like JSON but is neither gives JSON's error in the excerpt and, as OPA, YAML's as message.
    public static func json(
        _ text: [UInt8], name: String, options: YAMLOptions = YAMLOptions()
    ) throws(ProblemReport) -> [UInt8] {
        let bytes = Loader.withoutMark(text)
        let space = Space.create(memoryLimit: 16 << 30)
        defer { space.destroy() }
        let jsonError: JSONError
        do throws(JSONError) {
            _ = try space.readJSON(bytes)
            return bytes
        } catch {
            jsonError = error
        }
        do throws(YAMLFailure) { return try convertYAML(bytes, options: options) } catch {
            var sources = SourceMap()
            let first = bytes.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x09 && $0 != 0x0D }
            let isJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || first == UInt8(ascii: "\"")
            var position = error.position ?? Position(row: 1, column: 1)
            var shown = error.problem
            if isJSON {
                let place = bytes.withUnsafeBufferPointer { jsonError.position(in: $0) }
                position = Position(row: place.row, column: place.column)
                shown = String(decoding: jsonError.message, as: UTF8.self)
            }
            let diagnostic = sources.diagnostic(.loadError, shown, name: name, text: bytes, at: position)
            throw ProblemReport(
                .loading, [Problem(message: error.message, diagnostic: diagnostic)], sources: sources)
        }
    }
}
