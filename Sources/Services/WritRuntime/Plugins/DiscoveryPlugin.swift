import Glibc
import Synchronization
import Writ
import WritBundle

/// Takes the rest of the configuration from a bundle, and puts it in force whenever that changes.
///
/// What the process was started with wins over what is discovered; the settings of discovery itself, its service and
/// the keys of the start cannot be changed.
final class DiscoveryPlugin: RuntimePlugin {
    private struct State {
        var context: RuntimeContext?
        var status = BundleStatus(name: "discovery")
        var etag = ""
        var poller: BundlePoller?
        var isReady = false
    }

    let name = "discovery"
    private let shared = Mutex(State())
    private let keeper = BundleKeeper()

    var state: PluginState? {
        shared.withLock { state in
            guard state.context?.settings.discovery != nil else { return .ok }
            return state.isReady ? .ok : .notReady
        }
    }

    var report: (name: String, json: [UInt8])? {
        shared.withLock { state in
            state.context?.settings.discovery == nil ? nil : ("discovery", state.status.json())
        }
    }

    func start(_ context: RuntimeContext) async {
        shared.withLock { $0.context = context }
        guard let discovery = context.settings.discovery else { return }
        var settings = BundleSettings(
            name: discovery.name,
            source: discovery.trusted ?? .service(name: discovery.service, path: discovery.path))
        settings.polling = discovery.polling
        settings.trigger = discovery.trigger
        settings.persists = discovery.persists
        settings.signing = discovery.signing
        if discovery.persists { await loadFromDisk(settings, context) }
        let taken = settings
        let poller = BundlePoller(
            settings, context,
            etag: { [weak self] in self?.shared.withLock { $0.etag } ?? "" },
            take: { [weak self] update in await self?.take(update, taken) })
        shared.withLock { $0.poller = poller }
        poller.start()
    }

    /// Settings of discovery do not change while the process runs.
    func reconfigure(_ context: RuntimeContext) async {}

    func stop() async {
        let poller = shared.withLock { state in
            let poller = state.poller
            state.poller = nil
            state.isReady = false
            return poller
        }
        await poller?.stop()
    }

    // MARK: What comes

    /// Takes what a poller brought. Gives what is wrong with it.
    private func take(_ update: BundleUpdate, _ settings: BundleSettings) async -> BundleProblem? {
        guard let context = shared.withLock({ $0.context }) else { return nil }
        shared.withLock { state in
            state.status.lastRequest = .now()
            state.status.trust = update.trust
        }
        var problem: BundleProblem?
        switch update.outcome {
        case .failed(let found):
            problem = found
            context.logger.log(.error, "Discovery download failed: \(found.message)", [("plugin", name)])
        case .unchanged, .empty:
            shared.withLock { $0.status.lastSuccessfulRequest = $0.status.lastRequest }
            if settings.persists { problem = await keeper.keepAgain(settings, context) }
        case .loaded(let found):
            shared.withLock { state in
                state.status.lastSuccessfulRequest = state.status.lastRequest
                state.status.lastSuccessfulDownload = state.status.lastRequest
                state.status.type = found.bundle.changes == nil ? "snapshot" : "delta"
                state.status.size = found.size
            }
            problem = await process(found, context)
            if problem == nil, settings.persists {
                problem = await keeper.keep(found, settings, context)
                if problem != nil, !keeper.isWaiting(settings.name) { shared.withLock { $0.etag = "" } }
            }
        }
        shared.withLock { $0.status.problem = problem }
        context.changed()
        return problem
    }

    private func loadFromDisk(_ settings: BundleSettings, _ context: RuntimeContext) async {
        var problem: BundleProblem?
        switch await KeptBundle.load(settings, context) {
        case .loaded(let found):
            shared.withLock { $0.status.trust = found.trust }
            problem = await process(found, context) ?? found.concern
        case .failed(let failure): problem = failure
        case .empty, .unchanged: break
        case nil: return
        }
        if let problem {
            context.logger.log(
                .error, "Failed to load discovery bundle from disk: \(problem.message)", [("plugin", name)])
        }
        shared.withLock { $0.status.problem = problem }
    }

    /// Makes settings of a bundle and puts them in force.
    private func process(_ found: DownloadedBundle, _ context: RuntimeContext) async -> BundleProblem? {
        let boot = context.settings
        let made = await BundlePoller.offline { () -> Result<(RuntimeSettings, [String]), BundleProblem> in
            do throws(BundleProblem) { return .success(try DiscoveredSettings.make(found.bundle, boot)) } catch {
                return .failure(error)
            }
        }
        do {
            let (settings, overridden) = try made.get()
            try await context.adopt(settings)
            shared.withLock { state in
                state.isReady = true
                state.etag = found.etag
                state.status.lastSuccessfulActivation = .now()
                state.status.activeRevision = found.bundle.manifest.revision
                state.status.note =
                    overridden.isEmpty
                    ? ""
                    : "Keys in the discovered configuration overridden by boot configuration: "
                        + overridden.joined(separator: ", ")
            }
            context.logger.log(.info, "Discovery update processed successfully.", [("plugin", name)])
            return nil
        } catch {
            var problem: BundleProblem
            if let found = error as? BundleProblem {
                problem = found
            } else {
                problem = BundleProblem((error as? SettingsFailure)?.message ?? "\(error)")
            }
            problem.kind = .lasting
            context.logger.log(
                .error, "Discovery reconfiguration error occurred: \(problem.message)", [("plugin", name)])
            return problem
        }
    }
}

/// Settings that a bundle holds.
enum DiscoveredSettings {
    /// Evaluates a bundle to a configuration, and puts that of the start over it. Gives the keys too that both have
    /// with different values.
    static func make(
        _ bundle: LoadedBundle, _ boot: RuntimeSettings
    ) throws(BundleProblem) -> (RuntimeSettings, overridden: [String]) {
        let text = ConfigurationText.replacingVariables(try evaluate(bundle, boot))
        let space = Space.create(memoryLimit: 1 << 28)
        defer { space.destroy() }
        var overridden: [String] = []
        let merged: [UInt8]
        do {
            var found = try space.readJSON(text)
            guard found.isObject else { throw BundleProblem("the discovered configuration must be an object") }
            // Settings of discovery itself would be beyond recall if they were wrong.
            found = try space.setting(found, space.string(Array("discovery".utf8)), to: .undefined)
            let over = try space.readJSON(boot.json)
            try checkRestrictions(found, boot, space)
            merged = try space.json(merge(over, over: found, "", &overridden, space))
        } catch let problem as BundleProblem {
            throw problem
        } catch {
            throw BundleProblem("the discovered configuration cannot be read")
        }
        do throws(SettingsFailure) {
            let settings = try RuntimeSettings(
                reading: merged, id: boot.id, version: boot.version, supported: boot.supported,
                trigger: boot.discovery?.trigger)
            return (settings, overridden)
        } catch { throw BundleProblem(error.message) }
    }

    private static func evaluate(_ bundle: LoadedBundle, _ boot: RuntimeSettings) throws(BundleProblem) -> [UInt8] {
        let policy: Policy
        do throws(CompileFailure) { policy = try Policy.compile(bundle.modules.map(\.file)) } catch {
            throw BundleProblem(ActivationFailure(error))
        }
        let data: Piece
        do throws(DataFailure) {
            if let lent = bundle.image?.image.snapshot.data {
                data = lent
            } else {
                data = try bundle.data.builder.freeze()
            }
        } catch {
            throw BundleProblem(error.message)
        }
        let snapshot = Snapshot(policy: policy, data: data)
        let evaluator = Evaluator(snapshot)
        evaluator.runtime = runtime(boot)
        var output = ByteBuffer()
        let isDefined: Bool
        do throws(DecisionFailure) {
            let decision = boot.discovery?.decision ?? []
            isDefined = try evaluator.decide(snapshot.target(decision), input: nil, into: &output)
        } catch {
            throw BundleProblem(error.message)
        }
        guard isDefined else { throw BundleProblem("undefined configuration") }
        return output.bytes
    }

    /// What `opa.runtime` tells: the configuration, the environment, the version.
    private static func runtime(_ boot: RuntimeSettings) -> [UInt8] {
        var text = ByteBuffer()
        text.append("{\"version\":")
        text.appendJSONString(boot.version)
        text.append(",\"config\":")
        text.append(boot.shown)
        text.append(",\"env\":{")
        var next = environ
        var isFirst = true
        while let entry = next.pointee {
            let pair = String(cString: entry)
            if let equals = pair.firstIndex(of: "=") {
                if !isFirst { text.append(",") }
                isFirst = false
                text.appendJSONString(String(pair[..<equals]))
                text.append(":")
                text.appendJSONString(String(pair[pair.index(after: equals)...]))
            }
            next += 1
        }
        text.append("}}")
        return text.bytes
    }

    private static func checkRestrictions(
        _ found: Value, _ boot: RuntimeSettings, _ space: Space
    ) throws {
        let root = try SettingsObject(named: found, in: space, at: "")
        let keys = try KeySettings.list(root)
        // Whoever says what is trusted would be trusted for everything.
        if boot.trust != TrustSettings() {
            for key in ["trust", "persistence_directory"] where root.has(key) {
                throw BundleProblem("updates to \(key) are not allowed where the boot configuration has trust")
            }
        }
        if boot.discovery?.signing != nil || !boot.keys.isEmpty {
            for key in keys {
                if let known = boot.keys.first(where: { $0.name == key.name }), known != key {
                    throw BundleProblem("updates to keys specified in the boot configuration are not allowed")
                }
            }
        }
        for service in try ServiceSettings.list(root, keys: keys + boot.keys)
        where service.name == boot.discovery?.service {
            if let known = boot.services.first(where: { $0.name == service.name }), known != service {
                throw BundleProblem("updates to the discovery service are not allowed")
            }
        }
    }

    private static func merge(
        _ source: Value, over base: Value, _ prefix: String, _ overridden: inout [String], _ space: Space
    ) throws -> Value {
        var result = base
        let entries = space.entries(source)
        for index in 0..<entries.count {
            let key = entries.keys[index]
            let value = entries.values[index]
            let name = prefix + String(decoding: space.bytes(key), as: UTF8.self)
            let old = space.member(base, key)
            if old.isDefined, old.isObject, value.isObject {
                result = try space.setting(result, key, to: merge(value, over: old, name + ".", &overridden, space))
                continue
            }
            if old.isDefined, try space.json(old) != space.json(value) { overridden.append(name) }
            result = try space.setting(result, key, to: value)
        }
        return result
    }
}
