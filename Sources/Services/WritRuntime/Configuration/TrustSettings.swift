import Writ

/// A repository of The Update Framework that bundles come from.
public struct TrustRepositorySettings: Sendable, Equatable {
    public var name: String
    /// The service that has it.
    public var service: String
    /// Where below the service's address `metadata/` and `targets/` are; empty for the address itself.
    public var path = ""
    /// The file of the root that is trusted to begin with.
    public var root: String
    /// Whether the clock of this machine is trusted; else expiry is held against what metadata has proved of the time.
    public var hasClock = true

    public init(name: String, service: String, root: String) {
        self.name = name
        self.service = service
        self.root = root
    }
}

/// Which bundles must come as signed targets, and from where.
public struct TrustSettings: Sendable, Equatable {
    /// Whether no bundle may come otherwise.
    public var isRequired = false
    public var repositories: [TrustRepositorySettings] = []

    public init() {}

    static func read(_ root: SettingsObject, _ services: [ServiceSettings]) throws(SettingsFailure) -> TrustSettings {
        let object = try root.object("trust", ["required", "repositories"])
        var result = TrustSettings()
        result.isRequired = try object.flag("required") ?? false
        for (name, value) in try object.named("repositories").members where !value.isNull {
            let place = "trust.repositories.\(name)"
            let entry = try SettingsObject(
                value, in: root.space, at: place, known: ["service", "resource", "root", "clock"])
            // Its state lies in a folder of this name.
            guard BundleSettings.isName(name), !name.contains("/") else {
                throw SettingsFailure("\(place): a name must not lead out of a folder")
            }
            let service: String
            do throws(SettingsFailure) { service = try BundleSettings.serviceName(entry, services) } catch {
                throw SettingsFailure("\(place): \(error.message)")
            }
            guard let file = try entry.text("root"), !file.isEmpty else {
                throw SettingsFailure("\(place).root is missing: the file of the root that is trusted")
            }
            var repository = TrustRepositorySettings(name: name, service: service, root: file)
            repository.path = (try entry.text("resource") ?? "").split(separator: "/").joined(separator: "/")
            repository.hasClock = try entry.flag("clock") ?? true
            result.repositories.append(repository)
        }
        return result
    }

    /// The source of a bundle that names a repository; nil for one that does not.
    func source(_ object: SettingsObject) throws(SettingsFailure) -> BundleSettings.Source? {
        let target = try object.text("target")
        guard let name = try object.text("trust") else {
            guard target == nil else {
                throw SettingsFailure("target needs trust: the repository that has it")
            }
            return nil
        }
        guard repositories.contains(where: { $0.name == name }) else {
            var failure = SettingsFailure("trust: there is no repository \"\(name)\" in trust.repositories")
            failure.suggestion = (name, repositories.map(\.name))
            throw failure
        }
        guard let target else { throw SettingsFailure("trust needs target: the name of the bundle in the repository") }
        let steps = target.split(separator: "/", omittingEmptySubsequences: false)
        guard !steps.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
            throw SettingsFailure("\"\(target)\" is no path of a target")
        }
        for key in ["service", "resource"] where object.has(key) {
            throw SettingsFailure("\(key): a bundle with trust comes from its repository's service")
        }
        guard !(try object.object("polling", PollingSettings.known)).has("long_polling_timeout_seconds") else {
            throw SettingsFailure("long_polling_timeout_seconds: metadata is not held back; leave it out with trust")
        }
        return .trusted(repository: name, target: target)
    }

    /// Throws for a bundle that must not be loaded.
    func check(_ source: BundleSettings.Source, _ name: String) throws(SettingsFailure) {
        guard isRequired else { return }
        if case .trusted = source { return }
        throw SettingsFailure("\(name): trust.required: name its repository with trust, and its target")
    }
}
