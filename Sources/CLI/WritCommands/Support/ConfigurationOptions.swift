import ArgumentParser
import Writ
import WritHostBuiltins
import WritRuntime
import WritServer
import WritTelemetry
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
    @Option(
        name: .customLong("set-file"),
        help: "A value that a file holds, over those of the configuration (repeatable): keys.a.key=key.pem.")
    var settingFiles: [String] = []

    /// The settings; `id` and `version` become labels.
    func read(id: String, version: String) throws(UsageFailure) -> ServerSettings {
        var json = Array("{}".utf8)
        if let file {
            let text: [UInt8]
            do throws(FileFailure) { text = try FileSystem.read(file) } catch {
                throw UsageFailure(message: error.message)
            }
            do throws(YAMLFailure) { json = try convertYAML(ConfigurationText.replacingVariables(text)) } catch {
                throw UsageFailure(message: "\(file): \(error.message)")
            }
        }
        do throws(SettingsFailure) {
            json = try ConfigurationText.setting(settings, over: json)
            json = try ConfigurationText.setting(settingFiles, over: json) { (name) throws(SettingsFailure) in
                do throws(FileFailure) { return try FileSystem.read(name) } catch {
                    throw SettingsFailure(error.message)
                }
            }
            return try ServerSettings(
                reading: json, id: id, version: version, supported: ["decision_logs", "distributed_tracing"])
        } catch {
            let suggestion = error.suggestion.flatMap { nearest($0.word, among: $0.known) }
            throw UsageFailure(message: error.message, suggestion: suggestion)
        }
    }

    /// The functions of policies, with the caches that the settings ask for.
    ///
    /// A tracer records the requests of `http.send` that belong to a request of its own.
    static func functions(_ settings: ServerSettings, _ tracer: SpanTracer?) -> HostFunctions {
        var functions = HostFunctions.all
        functions.keptValues = settings.keptValues
        #if !WRIT_LIGHT
            var cache = InterQueryCacheOptions()
            if let size = settings.cacheSize { cache.sizeLimit = size }
            if let threshold = settings.cacheThreshold { cache.threshold = threshold }
            if let period = settings.cacheStalePeriod { cache.stalePeriod = period }
            var network = NetworkOptions()
            network.cache = InterQueryCache(cache)
            if let tracer {
                network.watch = { attachment, method, url in
                    guard let context = attachment as? TraceContext else { return nil }
                    let span = tracer.beginRequest(method, url, below: context)
                    return WatchedRequest(headers: span.context.headers) { status, failure in
                        tracer.endRequest(span, status: status, failure: failure)
                    }
                }
            }
            functions.provideNetwork(network)
        #endif
        return functions
    }
}
