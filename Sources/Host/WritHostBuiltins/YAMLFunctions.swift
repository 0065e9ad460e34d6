import Writ
import WritYAML

extension HostFunctions {
    /// Provides `yaml.is_valid` and `yaml.unmarshal`.
    mutating func provideYAML() {
        // Here a key may come twice, unlike in the files that are loaded: the last one counts.
        let options: YAMLOptions = {
            var options = YAMLOptions()
            options.allowsDuplicateKeys = true
            return options
        }()
        provide("yaml.is_valid") { (context, arguments) throws(Fault) in
            guard arguments[0].isString else { return .false }
            let text = context.space.bytes(arguments[0])
            try context.spend(text.count)
            do throws(YAMLFailure) { _ = try convertYAML(text, options: options) } catch { return .false }
            return .true
        }
        provide("yaml.unmarshal") { (context, arguments) throws(Fault) in
            let text = try context.text(arguments, 0)
            try context.spend(text.count)
            let json: [UInt8]
            do throws(YAMLFailure) { json = try convertYAML(text, options: options) } catch {
                throw context.error(HostFunctions.worded(error))
            }
            do throws(JSONError) { return try context.space.readJSON(json) } catch {
                throw context.error(String(decoding: error.message, as: UTF8.self))
            }
        }
    }

    /// Floats that JSON has no place for are refused by OPA's writer of JSON, not by its reader of YAML.
    private static func worded(_ failure: YAMLFailure) -> String {
        guard failure.problem.hasPrefix("unsupported value: ") else { return failure.message }
        let text = failure.problem.dropFirst(19).lowercased()
        if text.hasSuffix("nan") { return "json: unsupported value: NaN" }
        return "json: unsupported value: " + (text.hasPrefix("-") ? "-Inf" : "+Inf")
    }
}
