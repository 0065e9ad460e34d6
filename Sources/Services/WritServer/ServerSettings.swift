import Writ

/// Why a configuration cannot be used.
public struct SettingsFailure: Error, Sendable {
    public let message: String
    /// A key that is meant perhaps, for one that there is not.
    public var suggestion: (word: String, known: [String])?

    init(_ message: String) { self.message = message }
}

/// OPA's configuration: what of it this server knows.
///
/// Keys that Writ does not have yet are refused rather than ignored, as what they ask for would not happen.
public struct ServerSettings: Sendable {
    /// The documents that `POST /` and `--authorization=basic` ask for.
    public private(set) var defaultDecision: [[UInt8]]?
    public private(set) var authorizationDecision: [[UInt8]]?
    /// `caching.inter_query_builtin_cache`: bytes (0 for no bound), per cent, seconds.
    public private(set) var cacheSize: Int?
    public private(set) var cacheThreshold: Int?
    public private(set) var cacheStalePeriod: Int?
    /// `server.encoding.gzip.min_length`, `server.decoding.max_length`.
    public private(set) var packedFrom: Int?
    public private(set) var bodyLimit: Int?
    /// The configuration as `/v1/config` shows it.
    public private(set) var shown: [UInt8] = []

    private static let known = [
        "labels", "default_decision", "default_authorization_decision", "caching", "server",
    ]
    private static let later = [
        "services", "bundle", "bundles", "decision_logs", "status", "discovery", "plugins", "keys", "storage",
        "persistence_directory", "distributed_tracing", "nd_builtin_cache",
    ]

    /// Reads a configuration of JSON text (`{}` for none). `id` and `version` become labels.
    public init(reading json: [UInt8], id: String, version: String) throws(SettingsFailure) {
        let space = Space.create(memoryLimit: 1 << 28)
        defer { space.destroy() }
        var root: Value
        do throws(JSONError) { root = try space.readJSON(json) } catch {
            throw SettingsFailure(String(decoding: error.message, as: UTF8.self))
        }
        if root.isNull { root = .emptyObject }
        guard root.isObject else { throw SettingsFailure("the configuration must be an object") }
        let reader = SettingsReader(space: space)
        try reader.check(root, "", Self.known, later: Self.later)
        defaultDecision = try reader.path(root, "default_decision")
        authorizationDecision = try reader.path(root, "default_authorization_decision")
        try readCaching(root, reader)
        try readServer(root, reader)
        let labels = space.member(root, .short("labels"))
        if labels.isDefined {
            guard labels.isObject else { throw SettingsFailure("labels must be an object of strings") }
            let entries = space.entries(labels)
            for index in 0..<entries.count where !entries.values[index].isString {
                throw SettingsFailure("labels must be an object of strings")
            }
        }
        shown = try Self.shown(root, id, version, space)
    }

    private mutating func readCaching(_ root: Value, _ reader: SettingsReader) throws(SettingsFailure) {
        let caching = try reader.object(
            root, "caching", ["inter_query_builtin_cache", "inter_query_builtin_value_cache"])
        let responses = try reader.object(
            caching, "inter_query_builtin_cache",
            ["max_size_bytes", "forced_eviction_threshold_percentage", "stale_entry_eviction_period_seconds"])
        cacheSize = try reader.number(responses, "max_size_bytes", 0...Int.max)
        cacheThreshold = try reader.number(responses, "forced_eviction_threshold_percentage", 0...100)
        cacheStalePeriod = try reader.number(responses, "stale_entry_eviction_period_seconds", 0...Int(Int32.max))
        // Compiled patterns and the like are kept by each evaluator within bounds of its own: what is said here is
        // checked, and has nothing else to bound.
        let values = try reader.object(caching, "inter_query_builtin_value_cache", ["max_num_entries", "named"])
        _ = try reader.number(values, "max_num_entries", 0...Int.max)
        let named = reader.member(values, "named")
        guard named.isDefined else { return }
        guard named.isObject else { throw SettingsFailure("named must be an object") }
        let entries = reader.space.entries(named)
        for index in 0..<entries.count {
            let name = String(decoding: reader.space.bytes(entries.keys[index]), as: UTF8.self)
            let entry = entries.values[index]
            guard entry.isObject else { throw SettingsFailure("named.\(name) must be an object") }
            guard try reader.number(entry, "max_num_entries", 0...Int.max) != nil else {
                throw SettingsFailure("named.\(name): max_num_entries is missing")
            }
        }
    }

    private mutating func readServer(_ root: Value, _ reader: SettingsReader) throws(SettingsFailure) {
        let server = try reader.object(root, "server", ["encoding", "decoding"], later: ["metrics"])
        let encoding = try reader.object(server, "encoding", ["gzip"])
        let packing = try reader.object(encoding, "gzip", ["min_length", "compression_level"])
        packedFrom = try reader.number(packing, "min_length", 1...Int.max)
        _ = try reader.number(packing, "compression_level", 0...9)
        let decoding = try reader.object(server, "decoding", ["max_length", "gzip"])
        bodyLimit = try reader.number(decoding, "max_length", 1...Int.max)
        let unpacking = try reader.object(decoding, "gzip", ["max_length"])
        if let limit = try reader.number(unpacking, "max_length", 1...Int.max) {
            bodyLimit = min(bodyLimit ?? .max, limit)
        }
    }

    /// The configuration with its defaults and the server's own labels.
    private static func shown(
        _ root: Value, _ id: String, _ version: String, _ space: Space
    ) throws(SettingsFailure) -> [UInt8] {
        var text = OutputBuffer()
        text.append(
            "{\"default_authorization_decision\":\"/system/authz/allow\",\"default_decision\":\"/system/main\"}")
        var own = OutputBuffer()
        own.append("{\"labels\":{\"id\":")
        own.appendJSONString(id)
        own.append(",\"version\":")
        own.appendJSONString(version)
        own.append("}}")
        let shown: Result<[UInt8], SettingsFailure>
        do {
            let whole = try space.merged(
                try space.merged(try space.readJSON(text.bytes), root), try space.readJSON(own.bytes))
            shown = .success(try space.json(whole))
        } catch {
            shown = .failure(SettingsFailure("the configuration is too large"))
        }
        return try shown.get()
    }

    /// Puts what was said into a configuration.
    public func apply(to configuration: inout ServerConfiguration) {
        if let defaultDecision { configuration.defaultDecision = defaultDecision }
        if let authorizationDecision { configuration.authorizationDecision = authorizationDecision }
        if let packedFrom { configuration.packedFrom = packedFrom }
        if let bodyLimit { configuration.bodyLimit = bodyLimit }
        configuration.shownConfiguration = shown
    }
}

/// Reads the members of a configuration.
private struct SettingsReader {
    let space: Space

    func member(_ object: Value, _ name: String) -> Value {
        guard object.isObject, let key = try? space.string(Array(name.utf8)) else { return .undefined }
        return space.member(object, key)
    }

    /// An object's member that is an object of known keys; undefined where it is not there.
    func object(
        _ parent: Value, _ name: String, _ known: [String], later: [String] = []
    ) throws(SettingsFailure) -> Value {
        let value = member(parent, name)
        if value.isUndefined || value.isNull { return .undefined }
        guard value.isObject else { throw SettingsFailure("\(name) must be an object") }
        try check(value, "\(name).", known, later: later)
        return value
    }

    func check(_ object: Value, _ prefix: String, _ known: [String], later: [String]) throws(SettingsFailure) {
        let entries = space.entries(object)
        for index in 0..<entries.count {
            let name = String(decoding: space.bytes(entries.keys[index]), as: UTF8.self)
            if known.contains(where: { $0.utf8.elementsEqual(name.utf8) }) { continue }
            if later.contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
                throw SettingsFailure("\(prefix)\(name): not supported yet")
            }
            var failure = SettingsFailure("unknown key in the configuration: \(prefix)\(name)")
            failure.suggestion = (name, known)
            throw failure
        }
    }

    func number(_ object: Value, _ name: String, _ range: ClosedRange<Int>) throws(SettingsFailure) -> Int? {
        let value = member(object, name)
        if value.isUndefined || value.isNull { return nil }
        guard value.isNumber, let number = space.int64(value), range.contains(Int(number)) else {
            let shown = String(decoding: (try? space.json(value)) ?? [], as: UTF8.self)
            throw SettingsFailure("invalid \(name) \(shown)")
        }
        return Int(number)
    }

    /// A path such as `/system/main` or `system/main`.
    func path(_ object: Value, _ name: String) throws(SettingsFailure) -> [[UInt8]]? {
        let value = member(object, name)
        if value.isUndefined || value.isNull { return nil }
        guard value.isString else { throw SettingsFailure("\(name) must be a string") }
        let steps = space.bytes(value).split(separator: UInt8(ascii: "/")).map { Array($0) }
        guard !steps.isEmpty else { throw SettingsFailure("\(name) must name a document") }
        return steps
    }
}
