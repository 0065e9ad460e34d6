import Glibc
import Writ
import WritTelemetry

/// OPA's configuration: what every part of the process takes its settings from.
public struct RuntimeSettings: Sendable {
    /// Sorted by name; `id` and `version` among them.
    public private(set) var labels: [(name: String, value: String)] = []
    public private(set) var services: [ServiceSettings] = []
    public private(set) var keys: [KeySettings] = []
    public private(set) var bundles: [BundleSettings] = []
    /// Whether the configuration names bundles at all, if only none.
    public private(set) var hasBundles = false
    public private(set) var discovery: DiscoverySettings?
    /// Repositories whose signed metadata says which bundles are good.
    public private(set) var trust = TrustSettings()
    public private(set) var status: StatusSettings?
    /// Which requests are traced; nil for none.
    public private(set) var tracing: TracingSettings?
    /// Where what outlives a restart is kept: `.opa` in the folder that the process was started in, unless set.
    public private(set) var persistenceFolder = ".opa"
    /// Whether results of builtins that need not be the same again are told in decision logs.
    public private(set) var keepsNondeterministicResults = false
    /// The whole configuration as JSON text, secrets among it.
    public let json: [UInt8]
    /// The configuration as `/v1/config` shows it: with defaults and labels, without secrets.
    public private(set) var shown: [UInt8] = []
    public let id: String
    public let version: String
    /// The keys of other parts of the process.
    public let supported: [String]

    /// The keys of a configuration.
    public static let known = [
        "labels", "default_decision", "default_authorization_decision", "caching", "server", "services", "bundle",
        "bundles", "decision_logs", "status", "discovery", "plugins", "keys", "storage", "persistence_directory",
        "distributed_tracing", "nd_builtin_cache", "trust",
    ]

    /// Reads a configuration of JSON text (`{}` for none). `id` and `version` become labels. `supported` are keys of
    /// other parts of the process that are built; others that OPA has are refused rather than ignored, as what they
    /// ask for would not happen.
    ///
    /// `trigger` is that of discovery where the configuration was discovered.
    public init(
        reading json: [UInt8], id: String, version: String, supported: [String] = [], trigger: TriggerMode? = nil
    ) throws(SettingsFailure) {
        self.json = json
        self.id = id
        self.version = version
        self.supported = supported
        let space = Space.create(memoryLimit: 1 << 28)
        defer { space.destroy() }
        var value: Value
        do throws(JSONError) { value = try space.readJSON(json) } catch {
            throw SettingsFailure(String(decoding: error.message, as: UTF8.self))
        }
        if value.isNull { value = .emptyObject }
        guard value.isObject else { throw SettingsFailure("the configuration must be an object") }
        let root = try SettingsObject(value, in: space, at: "", known: Self.known)
        for key in ["decision_logs", "plugins", "storage", "distributed_tracing"] where root.has(key) {
            guard supported.contains(key) else { throw SettingsFailure("\(key): not supported yet") }
        }
        keys = try KeySettings.list(root)
        services = try ServiceSettings.list(root, keys: keys)
        trust = try TrustSettings.read(root, services)
        discovery = try DiscoverySettings.read(root, services, keys, trust)
        let trigger = trigger ?? discovery?.trigger
        hasBundles = root.has("bundles") || root.has("bundle")
        bundles = try BundleSettings.list(root, services, keys, trust, trigger: trigger)
        tracing = try TracingSettings.read(root)
        status = try StatusSettings.read(root, services, trigger: trigger)
        if let folder = try root.text("persistence_directory") { persistenceFolder = folder }
        keepsNondeterministicResults = try root.flag("nd_builtin_cache") ?? false
        var labels = try root.textMembers("labels").filter { $0.name != "id" && $0.name != "version" }
        labels += [("id", id), ("version", version)]
        self.labels = labels.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        shown = try Self.shown(value, id, version, space)
    }

    /// Reads members of the configuration that belong to another part of the process. Values live until `body` ends.
    public func read<Result>(
        _ body: (SettingsObject) throws(SettingsFailure) -> Result
    ) throws(SettingsFailure) -> Result {
        let space = Space.create(memoryLimit: 1 << 28)
        defer { space.destroy() }
        let value: Value
        do throws(JSONError) { value = try space.readJSON(json) } catch {
            throw SettingsFailure(String(decoding: error.message, as: UTF8.self))
        }
        return try body(try SettingsObject(value.isNull ? .emptyObject : value, in: space, at: "", known: Self.known))
    }

    // MARK: What is shown

    private static func shown(
        _ root: Value, _ id: String, _ version: String, _ space: Space
    ) throws(SettingsFailure) -> [UInt8] {
        var text = ByteBuffer()
        text.append(
            "{\"default_authorization_decision\":\"/system/authz/allow\",\"default_decision\":\"/system/main\"}")
        var own = ByteBuffer()
        own.append("{\"labels\":{\"id\":")
        own.appendJSONString(id)
        own.append(",\"version\":")
        own.appendJSONString(version)
        own.append("}}")
        let shown: Result<[UInt8], SettingsFailure>
        do {
            var visible = try withoutMembers(["credentials"], of: "services", in: root, space)
            visible = try withoutMembers(["key", "private_key"], of: "keys", in: visible, space)
            let whole = try space.merged(
                try space.merged(try space.readJSON(text.bytes), visible), try space.readJSON(own.bytes))
            shown = .success(try space.json(whole))
        } catch {
            shown = .failure(SettingsFailure("the configuration is too large"))
        }
        return try shown.get()
    }

    /// The configuration without some members of each entry below a key: secrets.
    private static func withoutMembers(
        _ names: [String], of key: String, in root: Value, _ space: Space
    ) throws(Fault) -> Value {
        let key = try space.string(Array(key.utf8))
        let parent = space.member(root, key)
        func cleaned(_ entry: Value) throws(Fault) -> Value {
            var entry = entry
            for name in names where entry.isObject {
                let member = try space.string(Array(name.utf8))
                if space.member(entry, member).isDefined { entry = try space.setting(entry, member, to: .undefined) }
            }
            return entry
        }
        if parent.isArray {
            let elements = space.elements(parent)
            var list = ValueList()
            for index in 0..<elements.count { try list.append(cleaned(elements[index]), in: space) }
            return try space.setting(root, key, to: space.array(list))
        }
        guard parent.isObject else { return root }
        let entries = space.entries(parent)
        var list = ValueList()
        for index in 0..<entries.count {
            try list.append(entries.keys[index], in: space)
            try list.append(cleaned(entries.values[index]), in: space)
        }
        return try space.setting(root, key, to: space.object(pairs: list))
    }
}
