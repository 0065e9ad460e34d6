import Synchronization
import Writ
import WritBundle

/// Keeps the bundles of the configuration active: asks for them, activates what is good, keeps the last good one on
/// disk, and tells how it went.
final class BundlePlugin: RuntimePlugin {
    private struct Entry {
        var settings: BundleSettings
        var status: BundleStatus
        /// The tag of what is active.
        var etag = ""
        var poller: BundlePoller?
        var isActive = false
    }

    private struct State {
        var context: RuntimeContext?
        var entries: [String: Entry] = [:]
        var isReady = false
        var metrics = BundleMetrics()
    }

    let name = "bundle"
    private let shared = Mutex(State())
    private let activator = BundleActivator()
    private let keeper = BundleKeeper()
    /// How often bundles that were kept on disk are tried: one may need another.
    private static let attempts = 10

    var state: PluginState? {
        shared.withLock { state in
            guard state.context?.settings.hasBundles == true else { return nil }
            return state.isReady || state.entries.isEmpty ? .ok : .notReady
        }
    }

    func check(_ settings: RuntimeSettings) throws(SettingsFailure) {
        for bundle in settings.bundles {
            guard case .service(let name, let path) = bundle.source else {
                try TrustFollower.check(bundle.source, settings)
                continue
            }
            guard let service = settings.services.first(where: { $0.name == name }) else {
                throw SettingsFailure("service name \"\(name)\" not found")
            }
            if service.isRegistry { try RegistryBundleSource.check(path, "bundle \"\(bundle.name)\"") }
        }
        if let discovery = settings.discovery,
            settings.services.contains(where: { $0.name == discovery.service && $0.isRegistry })
        {
            try RegistryBundleSource.check(discovery.path, "discovery")
        }
    }

    // MARK: Life cycle

    func start(_ context: RuntimeContext) async {
        shared.withLock { state in
            state.context = context
            for bundle in context.settings.bundles {
                state.entries[bundle.name] = Entry(settings: bundle, status: BundleStatus(name: bundle.name))
            }
        }
        await loadFromDisk(context.settings.bundles.filter(\.persists), context)
        for bundle in context.settings.bundles { startPoller(bundle, context) }
    }

    func reconfigure(_ context: RuntimeContext) async {
        let former = shared.withLock { state in
            let former = state.context
            state.context = context
            return former
        }
        let bundles = context.settings.bundles
        var dropped: [(name: String, poller: BundlePoller?)] = []
        var changed: [(settings: BundleSettings, poller: BundlePoller?, isElsewhere: Bool)] = []
        shared.withLock { state in
            for (name, entry) in state.entries where !bundles.contains(where: { $0.name == name }) {
                dropped.append((name, entry.poller))
            }
            for bundle in bundles {
                guard let entry = state.entries[bundle.name] else {
                    changed.append((bundle, nil, false))
                    continue
                }
                let isElsewhere = Self.isElsewhere(entry.settings, former, bundle, context)
                if entry.settings != bundle || isElsewhere { changed.append((bundle, entry.poller, isElsewhere)) }
            }
        }
        for entry in dropped { await entry.poller?.stop() }
        for entry in changed { await entry.poller?.stop() }
        for entry in dropped { await drop(entry.name, context) }
        for (bundle, _, isElsewhere) in changed {
            if isElsewhere || !bundle.persists { keeper.forget(bundle.name) }
            let isNew = shared.withLock { state in
                if isElsewhere { state.entries[bundle.name]?.etag = "" }
                let isNew = state.entries[bundle.name] == nil
                state.entries[bundle.name, default: Entry(settings: bundle, status: BundleStatus(name: bundle.name))]
                    .settings = bundle
                state.isReady = false
                return isNew
            }
            if isNew, bundle.persists { await loadFromDisk([bundle], context) }
            context.logger.log(
                .info,
                isNew
                    ? "New bundle loader configuration added. Starting bundle loader."
                    : "Bundle loader configuration changed. Restarting bundle loader.", fields(bundle.name))
            startPoller(bundle, context)
        }
    }

    /// Whether what was said of a bundle that is active, by its validator, says nothing under other settings: another
    /// calls other things so, it was not held against these keys, or it was not kept.
    private static func isElsewhere(
        _ old: BundleSettings, _ former: RuntimeContext?, _ new: BundleSettings, _ context: RuntimeContext
    ) -> Bool {
        guard old.source == new.source, old.signing == new.signing, old.persists || !new.persists else { return true }
        switch new.source {
        case .service(let name, _): return former?.services[name] !== context.services[name]
        case .trusted(let repository, _): return former?.trust[repository] !== context.trust[repository]
        case .file: return false
        }
    }

    func stop() async {
        let pollers = shared.withLock { state in
            let pollers = state.entries.values.map(\.poller)
            for name in state.entries.keys { state.entries[name]?.poller = nil }
            return pollers
        }
        for poller in pollers { await poller?.stop() }
    }

    /// Asks for every bundle once, whatever its mode. Gives whether all went well.
    func trigger() async -> Bool {
        let pollers = shared.withLock { $0.entries.values.compactMap(\.poller) }
        var isGood = true
        for poller in pollers where await !poller.trigger() { isGood = false }
        return isGood
    }

    private func startPoller(_ bundle: BundleSettings, _ context: RuntimeContext) {
        let name = bundle.name
        let poller = BundlePoller(
            bundle, context, etag: { [weak self] in self?.shared.withLock { $0.entries[name]?.etag } ?? "" },
            take: { [weak self] update in await self?.take(update, bundle) })
        shared.withLock { $0.entries[name]?.poller = poller }
        context.logger.log(.info, "Starting bundle loader.", fields(name))
        poller.start()
    }

    private func drop(_ name: String, _ context: RuntimeContext) async {
        context.logger.log(
            .info, "Bundle loader configuration removed. Stopping bundle loader.", fields(name))
        let activator = activator
        let store = context.store
        let problem = await BundlePoller.offline { () -> String? in
            do throws(ActivationFailure) { try activator.deactivate(name, in: store) } catch { return error.message }
            return nil
        }
        keeper.forget(name)
        if let problem { context.logger.log(.error, "Failed to deactivate bundle: \(problem)", fields(name)) }
        shared.withLock { state in
            state.entries[name] = nil
            state.metrics.forget(name)
        }
    }

    // MARK: What comes

    /// Takes what a poller brought. Gives what is wrong with it.
    private func take(_ update: BundleUpdate, _ settings: BundleSettings) async -> BundleProblem? {
        guard let context = shared.withLock({ $0.context }) else { return nil }
        let name = settings.name
        var times = [("timer_bundle_request_ns", update.requested)]
        var problem: BundleProblem?
        shared.withLock { state in
            state.entries[name]?.status.lastRequest = .now()
            state.entries[name]?.status.trust = update.trust
        }
        switch update.outcome {
        case .failed(let found):
            problem = found
            context.logger.log(.error, "Bundle load failed: \(found.message)", fields(name))
        case .empty:
            succeed(name) { $0.lastSuccessfulRequest = $0.lastRequest }
        case .unchanged:
            succeed(name) { $0.lastSuccessfulRequest = $0.lastRequest }
            // To say that nothing has changed since nothing is a lie.
            if shared.withLock({ $0.entries[name]?.isActive }) != true {
                problem = BundleProblem("server replied with not modified, but no bundle is active", httpCode: 304)
            } else if settings.persists {
                problem = await keeper.keepAgain(settings, context)
            }
        case .loaded(let found):
            succeed(name) { status in
                status.lastSuccessfulRequest = status.lastRequest
                status.lastSuccessfulDownload = status.lastRequest
                status.type = found.bundle.changes == nil ? "snapshot" : "delta"
            }
            let result = await activate(found, settings, context)
            times.append(("timer_rego_load_bundles_ns", update.loaded &+ result.took))
            times.append(("timer_rego_module_compile_ns", result.compiled))
            problem = result.problem
        }
        shared.withLock { state in
            state.entries[name]?.status.problem = problem
            state.entries[name]?.status.times = times.map { ($0.0, $0.1) }
            let isLoad: Bool
            if case .loaded = update.outcome { isLoad = true } else { isLoad = false }
            let bounds = context.settings.status?.durationBounds ?? []
            state.metrics.record(name, problem, isLoad: isLoad, times, bounds: bounds)
            state.metrics.record(name, resumes: update.resumes)
            Self.checkReadiness(&state)
        }
        context.changed()
        return problem
    }

    private func succeed(_ name: String, _ change: (inout BundleStatus) -> Void) {
        shared.withLock { state in
            if var status = state.entries[name]?.status {
                change(&status)
                state.entries[name]?.status = status
            }
        }
    }

    private typealias Activation = (problem: BundleProblem?, took: UInt64, compiled: UInt64)

    /// Activates a bundle, and keeps it on disk where that is asked for.
    private func activate(
        _ found: DownloadedBundle, _ settings: BundleSettings, _ context: RuntimeContext
    ) async -> Activation {
        let name = settings.name
        let activator = activator
        let store = context.store
        let generation = store.generation
        let result = await BundlePoller.offline { () -> Activation in
            let start = SteadyClock.nanoseconds()
            do throws(ActivationFailure) {
                let compiled = try activator.activate(found.bundle, etag: found.etag, settings, in: store)
                return (nil, SteadyClock.nanoseconds() &- start, compiled)
            } catch {
                return (BundleProblem(error, generation: generation), SteadyClock.nanoseconds() &- start, 0)
            }
        }
        if let problem = result.problem {
            context.logger.log(.error, "Bundle activation failed: \(Self.text(problem))", fields(name))
            return result
        }
        shared.withLock { state in
            state.entries[name]?.isActive = true
            state.entries[name]?.etag = found.etag
            state.entries[name]?.status.lastSuccessfulActivation = .now()
            state.entries[name]?.status.activeRevision = found.bundle.manifest.revision
            state.entries[name]?.status.size = found.size
        }
        let tag = found.etag.isEmpty ? "" : " Etag updated to \(found.etag)."
        context.logger.log(.info, "Bundle loaded and activated successfully.\(tag)", fields(name))
        if !found.bundle.wasm.isEmpty {
            context.logger.log(
                .warn, "The bundle has WebAssembly, which is kept and not run.", fields(name))
        }
        guard settings.persists, found.bundle.changes == nil, found.isFile else { return result }
        // It is active; but it would not be after a restart.
        guard let problem = await keeper.keep(found, settings, context) else { return result }
        if !keeper.isWaiting(name) { shared.withLock { $0.entries[name]?.etag = "" } }
        return (problem, result.took, result.compiled)
    }

    private static func checkReadiness(_ state: inout State) {
        guard !state.isReady else { return }
        state.isReady = state.entries.values.allSatisfy { entry in
            entry.isActive && entry.status.problem?.compilation == nil
        }
    }

    private static func text(_ problem: BundleProblem) -> String {
        guard let failure = problem.compilation else { return problem.message }
        let renderer = DiagnosticRenderer(sources: failure.sources)
        let lines = failure.diagnostics.map {
            String(decoding: renderer.concise($0, includingDetails: false), as: UTF8.self)
        }
        return "\(lines.count) error\(lines.count == 1 ? "" : "s") occurred: " + lines.joined(separator: "; ")
    }

    private func fields(_ name: String) -> [(String, String)] { [("name", name), ("plugin", self.name)] }

    // MARK: Disk

    /// Activates what was kept of bundles. What fails is told, and asked for like everything else.
    private func loadFromDisk(_ bundles: [BundleSettings], _ context: RuntimeContext) async {
        var waiting: [(settings: BundleSettings, found: DownloadedBundle)] = []
        for bundle in bundles {
            switch await KeptBundle.load(bundle, context) {
            case .loaded(let found):
                shared.withLock { $0.entries[bundle.name]?.status.trust = found.trust }
                waiting.append((bundle, found))
            case .failed(let problem): note(problem, bundle.name, context)
            case .empty, .unchanged, nil: continue
            }
        }
        for _ in 0..<Self.attempts where !waiting.isEmpty {
            var left: [(settings: BundleSettings, found: DownloadedBundle)] = []
            for (settings, found) in waiting {
                // It is on disk already.
                var once = settings
                once.persists = false
                let result = await activate(found, once, context)
                shared.withLock { state in
                    state.entries[settings.name]?.status.problem = result.problem ?? found.concern
                    state.entries[settings.name]?.status.type = "snapshot"
                    Self.checkReadiness(&state)
                }
                if result.problem != nil {
                    if found.bundle.image != nil {
                        left.append((settings, found))
                        continue
                    }
                    // Its data was put together with other data on the way; it is read again.
                    let again = await BundlePoller.read(archive: found.archive, etag: found.etag, settings)
                    if case .loaded(var fresh) = again.outcome {
                        (fresh.trust, fresh.concern) = (found.trust, found.concern)
                        left.append((settings, fresh))
                    }
                }
            }
            if left.count == waiting.count { break }
            waiting = left
        }
    }

    private func note(_ problem: BundleProblem, _ name: String, _ context: RuntimeContext) {
        context.logger.log(.error, "Failed to load bundle from disk: \(problem.message)", fields(name))
        shared.withLock { $0.entries[name]?.status.problem = problem }
    }

    // MARK: What is told

    var report: (name: String, json: [UInt8])? {
        let (isLegacy, statuses) = shared.withLock { state in
            (
                state.entries.values.contains { $0.settings.isLegacy },
                state.entries.values.map(\.status).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            )
        }
        guard !statuses.isEmpty else { return nil }
        if isLegacy, let first = statuses.first { return ("bundle", first.json()) }
        var output = ByteBuffer()
        for (index, status) in statuses.enumerated() {
            output.append(index == 0 ? "{" : ",")
            output.appendJSONString(status.name)
            output.append(":")
            output.append(status.json())
        }
        output.append("}")
        return ("bundles", output.bytes)
    }

    func metrics(_ output: inout ByteBuffer) {
        let (metrics, statuses) = shared.withLock { ($0.metrics, $0.entries.values.map(\.status)) }
        metrics.write(statuses.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }, &output)
    }
}
