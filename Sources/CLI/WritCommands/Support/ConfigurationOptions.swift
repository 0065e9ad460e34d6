import ArgumentParser
import Glibc
import Writ
import WritHostBuiltins
import WritServer
import WritTooling
import WritYAML

/// OPA's configuration, from a file and from flags.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        name: [.customLong("config-file"), .customShort("c")],
        help: "OPA's configuration, as YAML or JSON; ${NAME} stands for a variable of the environment.")
    var file: String?
    @Option(
        name: .customLong("set"), help: "A value over those of the file (repeatable): caching.x.y=1,labels.a=b.")
    var settings: [String] = []

    /// The settings; `id` and `version` become labels.
    func read(id: String, version: String) throws(UsageFailure) -> ServerSettings {
        var json = Array("{}".utf8)
        if let file {
            let text: [UInt8]
            do throws(FileFailure) { text = try FileSystem.read(file) } catch {
                throw UsageFailure(message: error.message)
            }
            do throws(YAMLFailure) { json = try convertYAML(Self.replacingVariables(text)) } catch {
                throw UsageFailure(message: "\(file): \(error.message)")
            }
        }
        json = try merged(json)
        do throws(SettingsFailure) {
            return try ServerSettings(reading: json, id: id, version: version)
        } catch {
            let suggestion = error.suggestion.flatMap { nearest($0.word, among: $0.known) }
            throw UsageFailure(message: error.message, suggestion: suggestion)
        }
    }

    /// The functions of policies, with the caches that the settings ask for.
    static func functions(_ settings: ServerSettings) -> HostFunctions {
        var functions = HostFunctions.all
        #if !WRIT_LIGHT
            var cache = InterQueryCacheOptions()
            if let size = settings.cacheSize { cache.sizeLimit = size }
            if let threshold = settings.cacheThreshold { cache.threshold = threshold }
            if let period = settings.cacheStalePeriod { cache.stalePeriod = period }
            var network = NetworkOptions()
            network.cache = InterQueryCache(cache)
            functions.provideNetwork(network)
        #endif
        return functions
    }

    /// JSON text with the values of `--set` over it.
    private func merged(_ json: [UInt8]) throws(UsageFailure) -> [UInt8] {
        guard !settings.isEmpty else { return json }
        let space = Space.create(memoryLimit: 1 << 28)
        defer { space.destroy() }
        var root: Value
        do throws(JSONError) { root = try space.readJSON(json) } catch {
            throw UsageFailure(message: String(decoding: error.message, as: UTF8.self))
        }
        if !root.isObject { root = .emptyObject }
        for setting in settings.flatMap({ $0.split(separator: ",") }) {
            guard let equals = setting.firstIndex(of: "="), equals > setting.startIndex else {
                throw UsageFailure(message: "invalid setting: \(setting): must be KEY=VALUE")
            }
            let path = setting[..<equals].split(separator: ".", omittingEmptySubsequences: false)
            do throws(Fault) {
                var keys = ValueList()
                for step in path { try keys.append(try space.string(Array(step.utf8)), in: space) }
                let value = try Self.value(setting[equals...].dropFirst(), space)
                root = try space.upserting(root, path: keys, value: value)
            } catch {
                throw UsageFailure(message: "invalid setting: \(setting)")
            }
        }
        do throws(Fault) { return try space.json(root) } catch {
            throw UsageFailure(message: "the configuration is too large")
        }
    }

    /// A number, `true`, `false` or `null`; else a text.
    private static func value(_ text: Substring, _ space: Space) throws(Fault) -> Value {
        if let value = try? space.readJSON(Array(text.utf8)), value.isNumber || value.isBoolean || value.isNull {
            return value
        }
        return try space.string(Array(text.utf8))
    }

    /// The text with `${NAME}` replaced by what the environment has, by nothing where it has nothing.
    static func replacingVariables(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "$"), index + 1 < text.count, text[index + 1] == UInt8(ascii: "{"),
                let end = text[(index + 2)...].firstIndex(of: UInt8(ascii: "}"))
            {
                let name = String(decoding: text[(index + 2)..<end], as: UTF8.self)
                if let value = getenv(name) { result += Array(String(cString: value).utf8) }
                index = end + 1
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }
}
