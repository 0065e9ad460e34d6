import Writ
import WritBundle

/// When something is asked for again.
public enum TriggerMode: String, Sendable {
    case periodic
    /// Only when the program asks; a server never does.
    case manual

    init(_ object: SettingsObject, _ inherited: TriggerMode?) throws(SettingsFailure) {
        guard let text = try object.text("trigger") else {
            self = inherited ?? .periodic
            return
        }
        guard let mode = TriggerMode(rawValue: text) else {
            throw SettingsFailure("invalid trigger mode \"\(text)\" (want \"periodic\" or \"manual\")")
        }
        guard inherited == nil || inherited == mode else {
            throw SettingsFailure(
                "trigger mode mismatch: \(inherited?.rawValue ?? "") and \(mode.rawValue) "
                    + "(hint: check discovery configuration)")
        }
        self = mode
    }
}

/// How often a bundle is asked for.
public struct PollingSettings: Sendable, Equatable {
    /// Seconds between two requests that went well: a number between these.
    public var minimumDelay = 60
    public var maximumDelay = 120
    /// Seconds for which the server may hold a request back until there is something new; nil for no such requests.
    public var longPollTimeout: Int?

    public init() {}

    static let known = ["min_delay_seconds", "max_delay_seconds", "long_polling_timeout_seconds"]

    init(_ parent: SettingsObject) throws(SettingsFailure) {
        let object = try parent.object("polling", Self.known)
        let range = 0...Int(Int32.max)
        let minimum = try object.number("min_delay_seconds", range)
        let maximum = try object.number("max_delay_seconds", range)
        switch (minimum, maximum) {
        case (let minimum?, let maximum?):
            guard minimum <= maximum else {
                throw SettingsFailure("max polling delay must be >= min polling delay")
            }
            (minimumDelay, maximumDelay) = (minimum, maximum)
        case (_?, nil): throw SettingsFailure("polling configuration missing 'max_delay_seconds'")
        case (nil, _?): throw SettingsFailure("polling configuration missing 'min_delay_seconds'")
        case (nil, nil): break
        }
        longPollTimeout = try object.number("long_polling_timeout_seconds", 0...86_400)
        guard longPollTimeout != 0 else {
            throw SettingsFailure("'long_polling_timeout_seconds' must be at least 1")
        }
    }
}

/// What signatures of a bundle are held against.
public struct SigningSettings: Sendable, Equatable {
    public var keys: [KeySettings]
    public var keyID = ""
    public var scope = ""
    public var excluded: [String] = []

    /// Nil where nothing is to be verified: without `signing`, and without keys.
    static func read(_ parent: SettingsObject, _ keys: [KeySettings]) throws(SettingsFailure) -> SigningSettings? {
        let object = try parent.object("signing", ["keyid", "scope", "exclude_files"])
        guard object.isPresent || !keys.isEmpty else { return nil }
        var result = SigningSettings(keys: keys)
        result.keyID = try object.text("keyid") ?? ""
        result.scope = try object.text("scope") ?? ""
        result.excluded = try object.texts("exclude_files")
        guard result.keyID.isEmpty || keys.contains(where: { $0.name == result.keyID }) else {
            throw SettingsFailure("key id \(result.keyID) not found")
        }
        return result
    }

    public var verification: BundleVerification {
        BundleVerification(
            keys: keys.map { key in
                BundleVerification.Key(
                    id: key.name, key: Array((key.key.isEmpty ? key.privateKey : key.key).utf8),
                    algorithm: key.algorithm, scope: key.scope)
            }, keyID: keyID, scope: scope, excluded: excluded)
    }
}

/// Where a bundle comes from.
public struct BundleSettings: Sendable, Equatable {
    public enum Source: Sendable, Equatable {
        /// A path below a service's address.
        case service(name: String, path: String)
        /// An archive or a folder of this machine.
        case file(String)
        /// A target of a repository, by what its metadata says.
        case trusted(repository: String, target: String)
    }

    public var name: String
    public var source: Source
    public var polling = PollingSettings()
    public var trigger = TriggerMode.periodic
    /// Whether the last good one is kept on disk.
    public var persists = false
    public var signing: SigningSettings?
    /// Bytes of the largest file in it.
    public var sizeLimit = 1 << 30
    /// Bytes of the largest archive, or image (`max_download_bytes`).
    public var archiveLimit = BundleLimits().totalSize
    /// Whether it is the one bundle of the old `bundle` key, whose modules keep their paths as ids.
    public var isLegacy = false

    public init(name: String, source: Source) {
        self.name = name
        self.source = source
    }

    private static let known = [
        "service", "resource", "polling", "trigger", "persist", "signing", "size_limit_bytes", "max_download_bytes",
        "trust", "target",
    ]

    /// All bundles: those of `bundles`, or the one of `bundle`.
    static func list(
        _ root: SettingsObject, _ services: [ServiceSettings], _ keys: [KeySettings], _ trust: TrustSettings,
        trigger: TriggerMode?
    ) throws(SettingsFailure) -> [BundleSettings] {
        if root.has("bundle") {
            let bundle = try legacy(root, services, trigger)
            try trust.check(bundle.source, "bundle")
            return [bundle]
        }
        var bundles: [BundleSettings] = []
        for (name, value) in try root.named("bundles").members where !value.isNull {
            let object = try SettingsObject(value, in: root.space, at: "bundles.\(name)", known: known)
            func failure(_ text: String) -> SettingsFailure {
                SettingsFailure("invalid configuration for bundle \"\(name)\": \(text)")
            }
            guard isName(name) else { throw failure("a name must not lead out of a folder") }
            var resource = try object.text("resource") ?? ""
            if resource.isEmpty { resource = "bundles/\(name)" }
            var bundle: BundleSettings
            do throws(SettingsFailure) {
                if let source = try trust.source(object) {
                    bundle = BundleSettings(name: name, source: source)
                } else if resource.hasPrefix("file://") {
                    let path = String(resource.dropFirst("file://".count))
                    bundle = BundleSettings(name: name, source: .file(path))
                } else {
                    let service = try serviceName(object, services)
                    bundle = BundleSettings(name: name, source: .service(name: service, path: resource))
                }
                try trust.check(bundle.source, "bundles.\(name)")
                bundle.polling = try PollingSettings(object)
                bundle.trigger = try TriggerMode(object, trigger)
                bundle.persists = try object.flag("persist") ?? false
                bundle.signing = try SigningSettings.read(object, keys)
                let limit = try object.number("size_limit_bytes", Int.min...Int.max) ?? 0
                if limit > 0 { bundle.sizeLimit = limit }
                if let most = try object.number("max_download_bytes", 1...BundleLimits().totalSize) {
                    bundle.archiveLimit = most
                }
            } catch {
                guard error.suggestion == nil else { throw error }
                throw failure(error.message)
            }
            bundles.append(bundle)
        }
        return bundles
    }

    private static func legacy(
        _ root: SettingsObject, _ services: [ServiceSettings], _ trigger: TriggerMode?
    ) throws(SettingsFailure) -> BundleSettings {
        let object = try root.object("bundle", ["name", "prefix", "service", "polling", "trigger"])
        let name = try object.text("name") ?? ""
        guard !name.isEmpty, isName(name) else { throw SettingsFailure("invalid bundle name \"\(name)\"") }
        let prefix = (try object.text("prefix") ?? "bundles").split(separator: "/").joined(separator: "/")
        let path = prefix.isEmpty ? name : "\(prefix)/\(name)"
        var bundle = BundleSettings(
            name: name, source: .service(name: try serviceName(object, services), path: path))
        bundle.polling = try PollingSettings(object)
        bundle.trigger = try TriggerMode(object, trigger)
        bundle.isLegacy = true
        return bundle
    }

    /// The service of a plugin: the one that it names, else the first that there is.
    static func serviceName(
        _ object: SettingsObject, _ services: [ServiceSettings]
    ) throws(SettingsFailure) -> String {
        let name = try object.text("service") ?? ""
        if name.isEmpty, let first = services.first { return first.name }
        guard services.contains(where: { $0.name == name }) else {
            throw SettingsFailure("service name \"\(name)\" not found")
        }
        return name
    }

    /// Whether a folder can be called so: names may have slashes, but no steps that lead elsewhere.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.utf8.contains(0)
            && !name.split(separator: "/", omittingEmptySubsequences: false).contains { $0 == ".." || $0 == "." }
    }
}

/// Where the rest of the configuration comes from.
public struct DiscoverySettings: Sendable, Equatable {
    /// The folder that the bundle is kept in.
    public var name = "discovery"
    public var service = ""
    public var path = ""
    /// The target that it is, and its repository; nil for what the service has at the path.
    public var trusted: BundleSettings.Source?
    /// The steps of the document that is the configuration; none for all of `data`.
    public var decision: [[UInt8]] = []
    public var polling = PollingSettings()
    public var trigger: TriggerMode = .periodic
    public var persists = false
    public var signing: SigningSettings?

    static func read(
        _ root: SettingsObject, _ services: [ServiceSettings], _ keys: [KeySettings], _ trust: TrustSettings
    ) throws(SettingsFailure) -> DiscoverySettings? {
        let object = try root.object(
            "discovery",
            [
                "name", "prefix", "decision", "resource", "signing", "service", "persist", "polling", "trigger",
                "trust", "target",
            ])
        guard object.isPresent else { return nil }
        var result = DiscoverySettings()
        let name = try object.text("name")
        let resource = try object.text("resource")
        do throws(SettingsFailure) { result.trusted = try trust.source(object) } catch {
            throw SettingsFailure("invalid configuration for discovery: \(error.message)")
        }
        try trust.check(result.trusted ?? .file(""), "discovery")
        guard name != nil || resource != nil || result.trusted != nil else {
            throw SettingsFailure("missing required discovery.resource field")
        }
        if let name {
            guard BundleSettings.isName(name) else { throw SettingsFailure("invalid discovery.name \"\(name)\"") }
            result.name = name
        }
        func trimmed(_ text: String) -> String { text.split(separator: "/").joined(separator: "/") }
        let prefix = try object.text("prefix") ?? "bundles"
        result.path = resource ?? "\(trimmed(prefix))/\(trimmed(name ?? ""))"
        let service = try object.text("service") ?? ""
        if service.isEmpty, services.count != 1, result.trusted == nil {
            throw SettingsFailure(
                "invalid configuration for discovery service: "
                    + (services.isEmpty ? "no service is defined" : "more than one service is defined"))
        }
        do throws(SettingsFailure) {
            if case .trusted(let repository, _) = result.trusted {
                result.service = trust.repositories.first { $0.name == repository }?.service ?? ""
            } else {
                result.service = try BundleSettings.serviceName(object, services)
            }
        } catch {
            throw SettingsFailure("invalid configuration for discovery service: \(error.message)")
        }
        let decision = try object.text("decision") ?? name ?? ""
        // `a/b` and `a.b` are both paths, as OPA writes the one as the other.
        result.decision = decision.utf8.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") }.map { Array($0) }
        result.polling = try PollingSettings(object)
        result.trigger = try TriggerMode(object, nil)
        result.persists = try object.flag("persist") ?? false
        result.signing = try SigningSettings.read(object, keys)
        return result
    }
}

/// Where the state of this process is told.
public struct StatusSettings: Sendable, Equatable {
    /// The service that is sent updates; nil for none.
    public var service: String?
    public var partition = ""
    public var isOnConsole = false
    /// Whether `/metrics` has bundles and plugins.
    public var isInMetrics = false
    public var trigger = TriggerMode.periodic
    /// Upper bounds of the buckets of `bundle_loading_duration_ns`, in nanoseconds.
    public var durationBounds: [Double] = (0..<20).map { Double(1000 << $0) }

    /// Nil where nothing is to be told.
    static func read(
        _ root: SettingsObject, _ services: [ServiceSettings], trigger: TriggerMode?
    ) throws(SettingsFailure) -> StatusSettings? {
        guard root.has("status") else { return nil }
        let object = try root.object(
            "status",
            ["plugin", "prometheus_config", "trigger", "service", "partition_name", "console", "prometheus"])
        if let plugin = try object.text("plugin") {
            throw SettingsFailure("invalid plugin name \"\(plugin)\" in status")
        }
        var result = StatusSettings()
        result.isOnConsole = try object.flag("console") ?? false
        result.isInMetrics = try object.flag("prometheus") ?? false
        result.partition = try object.text("partition_name") ?? ""
        if let service = try object.text("service"), !service.isEmpty {
            guard services.contains(where: { $0.name == service }) else {
                throw SettingsFailure("invalid service name \"\(service)\" in status")
            }
            result.service = service
        } else if !result.isOnConsole, !result.isInMetrics {
            guard let first = services.first else { return nil }
            result.service = first.name
        }
        result.trigger = try TriggerMode(object, trigger)
        let collectors = try object.object("prometheus_config", ["collectors"])
            .object("collectors", ["bundle_loading_duration_ns"])
        let durations = try collectors.object("bundle_loading_duration_ns", ["buckets"])
        if durations.has("buckets") { result.durationBounds = try durations.growingNumbers("buckets") }
        return result
    }
}
