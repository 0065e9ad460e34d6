import Writ
import WritRuntime

/// What of OPA's configuration says how requests are answered, beside what `RuntimeSettings` reads.
public struct ServerSettings: Sendable {
    /// The whole configuration.
    public let runtime: RuntimeSettings
    /// The documents that `POST /` and `--authorization=basic` ask for.
    public private(set) var defaultDecision: [[UInt8]]?
    public private(set) var authorizationDecision: [[UInt8]]?
    /// `caching.inter_query_builtin_cache`: bytes (0 for no bound), per cent, seconds.
    public private(set) var cacheSize: Int?
    public private(set) var cacheThreshold: Int?
    public private(set) var cacheStalePeriod: Int?
    /// `caching.inter_query_builtin_value_cache`: what each evaluator keeps, 0 for no bound of the configuration's.
    public private(set) var keptValues = KeptValues()
    /// `server.encoding.gzip.min_length`, `server.decoding.max_length`.
    public private(set) var packedFrom: Int?
    public private(set) var bodyLimit: Int?
    /// `server.metrics.prom.http_request_duration_seconds.buckets`.
    public private(set) var durationBounds: [Double]?
    /// The configuration as `/v1/config` shows it.
    public var shown: [UInt8] { runtime.shown }

    /// Reads a configuration of JSON text (`{}` for none). `id` and `version` become labels; `supported` are keys that
    /// other parts of the process understand.
    public init(
        reading json: [UInt8], id: String, version: String, supported: [String] = []
    ) throws(SettingsFailure) {
        let whole = try RuntimeSettings(reading: json, id: id, version: version, supported: supported)
        runtime = whole
        try whole.read { (root) throws(SettingsFailure) in
            defaultDecision = try root.document("default_decision")
            authorizationDecision = try root.document("default_authorization_decision")
            try readCaching(root)
            try readServer(root)
        }
    }

    private mutating func readCaching(_ root: SettingsObject) throws(SettingsFailure) {
        let caching = try root.object("caching", ["inter_query_builtin_cache", "inter_query_builtin_value_cache"])
        let responses = try caching.object(
            "inter_query_builtin_cache",
            ["max_size_bytes", "forced_eviction_threshold_percentage", "stale_entry_eviction_period_seconds"])
        cacheSize = try responses.number("max_size_bytes", 0...Int.max)
        cacheThreshold = try responses.number("forced_eviction_threshold_percentage", 0...100)
        cacheStalePeriod = try responses.number("stale_entry_eviction_period_seconds", 0...Int(Int32.max))
        // Each evaluator keeps compiled patterns and the like within bounds of its own, which these make narrower.
        let values = try caching.object("inter_query_builtin_value_cache", ["max_num_entries", "named"])
        keptValues.patterns = try values.number("max_num_entries", 0...Int.max).flatMap { $0 > 0 ? $0 : nil }
        let named = try values.named("named")
        for (name, _) in named.members {
            let entry = try named.object(name, ["max_num_entries"])
            guard let count = try entry.number("max_num_entries", 0...Int.max) else {
                throw SettingsFailure("named.\(name): max_num_entries is missing")
            }
            if name == "io_jwt", count > 0 { keptValues.tokenKeys = count }
        }
    }

    private mutating func readServer(_ root: SettingsObject) throws(SettingsFailure) {
        let server = try root.object("server", ["encoding", "decoding", "metrics"])
        try readMetrics(server)
        let packing = try server.object("encoding", ["gzip"]).object("gzip", ["min_length", "compression_level"])
        packedFrom = try packing.number("min_length", 1...Int.max)
        _ = try packing.number("compression_level", 0...9)
        let decoding = try server.object("decoding", ["max_length", "gzip"])
        bodyLimit = try decoding.number("max_length", 1...Int.max)
        let unpacking = try decoding.object("gzip", ["max_length"])
        if let limit = try unpacking.number("max_length", 1...Int.max) {
            bodyLimit = min(bodyLimit ?? .max, limit)
        }
    }

    private mutating func readMetrics(_ server: SettingsObject) throws(SettingsFailure) {
        let durations = try server.object("metrics", ["prom"]).object("prom", ["http_request_duration_seconds"])
            .object("http_request_duration_seconds", ["buckets"])
        guard durations.has("buckets") else { return }
        var bounds = try durations.growingNumbers("buckets")
        // What Prometheus' library takes where it is given none.
        if bounds.isEmpty { bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] }
        durationBounds = bounds
    }

    /// Puts what was said into a configuration.
    public func apply(to configuration: inout ServerConfiguration) {
        if let defaultDecision { configuration.defaultDecision = defaultDecision }
        if let authorizationDecision { configuration.authorizationDecision = authorizationDecision }
        if let packedFrom { configuration.packedFrom = packedFrom }
        if let bodyLimit { configuration.bodyLimit = bodyLimit }
        if let durationBounds { configuration.durationBounds = durationBounds }
        let shown = shown
        configuration.shownConfiguration = shown
    }
}
