import Synchronization
import Writ
import WritTelemetry

/// Drives the parts of the process that the configuration asks for: bundles, status, discovery and those that are
/// given beside them.
public final class Runtime: Sendable {
    private struct State {
        var settings: RuntimeSettings
        var services: [String: ServiceClient] = [:]
        var trust: [String: TrustFollower] = [:]
        var isStarted = false
    }

    private let state: Mutex<State>
    private let store: any PolicyStore
    private let logger: RuntimeLogger
    private let bundles = BundlePlugin()
    private let statusPlugin = StatusPlugin()
    private let discovery = DiscoveryPlugin()
    private let further: [any RuntimePlugin]
    private let tracer: SpanTracer?
    private let verifiesImagesAlways: Bool
    /// Lets one change of settings through at a time.
    private let turn = AsyncTurn()

    /// `further` are parts beside those that are always there; `tracer` records requests to services. Images that
    /// are known to be good are verified again where that is asked for.
    public init(
        _ settings: RuntimeSettings, _ store: any PolicyStore, logger: RuntimeLogger = RuntimeLogger(),
        further: [any RuntimePlugin] = [], tracer: SpanTracer? = nil, verifiesImagesAlways: Bool = false
    ) {
        self.verifiesImagesAlways = verifiesImagesAlways
        self.tracer = tracer
        state = Mutex(State(settings: settings))
        self.store = store
        self.logger = logger
        self.further = further
    }

    /// Those that settings are put in force for, in this order.
    private var plugins: [any RuntimePlugin] { [bundles as any RuntimePlugin] + further + [statusPlugin] }

    /// The settings that are in force.
    public var settings: RuntimeSettings { state.withLock { $0.settings } }

    /// The client of a service; nil for one that there is not.
    public func service(_ name: String) -> ServiceClient? { state.withLock { $0.services[name] } }

    // MARK: Life cycle

    /// Checks that all parts can work with the settings.
    public func check() throws(SettingsFailure) {
        let settings = settings
        for plugin in plugins { try plugin.check(settings) }
    }

    /// Starts all parts. Bundles that were kept on disk are active when it returns.
    public func start() async {
        await turn.take()
        let context = context(settings)
        for plugin in plugins { await plugin.start(context) }
        state.withLock { $0.isStarted = true }
        await turn.give()
        await discovery.start(context)
        statusPlugin.changed()
    }

    /// Puts other settings in force. Throws, and changes nothing, where a part refuses them.
    public func reconfigure(_ settings: RuntimeSettings) async throws(SettingsFailure) {
        await turn.take()
        do throws(SettingsFailure) {
            for plugin in plugins { try plugin.check(settings) }
        } catch {
            await turn.give()
            throw error
        }
        let context = context(settings)
        for plugin in plugins { await plugin.reconfigure(context) }
        await turn.give()
        statusPlugin.changed()
    }

    /// Stops all parts.
    public func stop() async {
        await discovery.stop()
        await turn.take()
        for plugin in plugins { await plugin.stop() }
        await turn.give()
    }

    /// Does as `start`, and holds the thread meanwhile; not for an event loop's.
    public func startAndWait() { ServiceConnections.shared.wait { await self.start() } }

    /// Does as `stop`, and holds the thread meanwhile; not for an event loop's.
    public func stopAndWait() { ServiceConnections.shared.wait { await self.stop() } }

    private func context(_ settings: RuntimeSettings) -> RuntimeContext {
        let (services, trust) = state.withLock { state in
            // A client that nothing changes for keeps its tokens and certificates.
            var services: [String: ServiceClient] = [:]
            for service in settings.services {
                let known = state.services[service.name]
                services[service.name] =
                    known.flatMap { $0.settings == service ? $0 : nil } ?? ServiceClient(service, tracer: tracer)
            }
            state.services = services
            state.settings = settings
            // One that nothing changes for keeps what it knows.
            var trust: [String: TrustFollower] = [:]
            for repository in settings.trust.repositories {
                guard let client = services[repository.service] else { continue }
                let new = TrustFollower(repository, client, persistenceFolder: settings.persistenceFolder)
                let known = state.trust[repository.name]
                trust[repository.name] = known.flatMap { $0.isSame(as: new) ? $0 : nil } ?? new
            }
            state.trust = trust
            return (services, trust)
        }
        return RuntimeContext(
            settings: settings, services: services, verifiesImagesAlways: verifiesImagesAlways, trust: trust,
            store: store, logger: logger,
            changed: { [weak self] in self?.statusPlugin.changed() },
            adopt: { [weak self] (settings) throws(SettingsFailure) in try await self?.reconfigure(settings) },
            status: { [weak self] in self?.document() ?? [] }, states: { [weak self] in self?.pluginStates ?? [] })
    }

    // MARK: What is told

    /// The states of all parts, sorted by name.
    public var pluginStates: [(name: String, state: PluginState)] {
        var states = [(discovery.name, discovery.state ?? .ok)]
        for plugin in plugins {
            if let state = plugin.state { states.append((plugin.name, state)) }
        }
        return states.sorted { $0.0 < $1.0 }
    }

    /// What `/v1/status` answers, as JSON text; nil where the status is not asked for by the configuration.
    public var status: [UInt8]? { statusPlugin.state == nil ? nil : document() }

    private func document() -> [UInt8] {
        var output = ByteBuffer()
        output.append("{\"labels\":{")
        for (index, label) in settings.labels.enumerated() {
            if index > 0 { output.append(",") }
            output.appendJSONString(label.name)
            output.append(":")
            output.appendJSONString(label.value)
        }
        output.append("}")
        for plugin in [discovery as any RuntimePlugin] + plugins {
            guard let report = plugin.report else { continue }
            output.append(",")
            output.appendJSONString(report.name)
            output.append(":")
            output.append(report.json)
        }
        output.append(",\"plugins\":{")
        for (index, plugin) in pluginStates.enumerated() {
            if index > 0 { output.append(",") }
            output.appendJSONString(plugin.name)
            output.append(":{\"state\":")
            output.appendJSONString(plugin.state.rawValue)
            output.append("}")
        }
        output.append("}}")
        return output.bytes
    }

    /// The metrics of all parts as Prometheus reads them; empty unless the configuration asks for them.
    public var metrics: [UInt8] {
        guard settings.status?.isInMetrics == true else { return [] }
        var output = ByteBuffer()
        statusPlugin.writeStates(pluginStates, settings.version, &output)
        for plugin in plugins { plugin.metrics(&output) }
        return output.bytes
    }
}

/// Lets one task through at a time, in the order in which they came.
actor AsyncTurn {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        guard isTaken else {
            isTaken = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func give() {
        guard waiting.isEmpty else {
            waiting.removeFirst().resume()
            return
        }
        isTaken = false
    }
}
