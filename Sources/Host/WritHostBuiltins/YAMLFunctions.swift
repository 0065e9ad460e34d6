import Writ
import WritYAML

extension HostFunctions {
    /// Provides `yaml.is_valid` and `yaml.unmarshal`.
    mutating func provideYAML() {
        provide("yaml.is_valid") { (context, arguments) throws(Fault) in
            guard arguments[0].isString else { return .false }
            let text = context.space.bytes(arguments[0])
            try context.spend(text.count)
            do throws(YAMLFailure) { _ = try convertYAML(text) } catch { return .false }
            return .true
        }
        provide("yaml.unmarshal") { (context, arguments) throws(Fault) in
            let text = try context.text(arguments, 0)
            try context.spend(text.count)
            let json: [UInt8]
            do throws(YAMLFailure) { json = try convertYAML(text) } catch { throw context.error(error.message) }
            do throws(JSONError) { return try context.space.readJSON(json) } catch {
                throw context.error(String(decoding: error.message, as: UTF8.self))
            }
        }
    }
}
