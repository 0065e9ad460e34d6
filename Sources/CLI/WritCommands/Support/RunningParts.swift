import Writ
import WritRuntime
import WritServer

/// What runs beside a server because its configuration asks for it: bundles, decision logs, status, discovery.
struct RunningParts {
    #if WRIT_LIGHT
        init(
            _ settings: RuntimeSettings, _ store: SnapshotStore, _ configuration: inout ServerConfiguration,
            isWatching: Bool
        ) throws(UsageFailure) {
            guard settings.services.isEmpty, !settings.hasBundles, settings.discovery == nil else {
                throw UsageFailure(message: "this build has no services")
            }
        }

        func start() {}
        func stop() {}
    #else
        private let runtime: Runtime

        /// Connects the parts with the server that they run beside.
        init(
            _ settings: RuntimeSettings, _ store: SnapshotStore, _ configuration: inout ServerConfiguration,
            isWatching: Bool
        ) throws(UsageFailure) {
            guard !isWatching || !settings.hasBundles && settings.discovery == nil else {
                throw UsageFailure(
                    message:
                        "--watch puts the files in place of all that is served: not with bundles of the configuration")
            }
            let writer = PolicyWriter(store, configuration.bundles)
            let logger = configuration.logger
            let lines = RuntimeLogger(
                log: { level, message, fields in
                    let level: ServerLogger.Level =
                        switch level {
                        case .debug: .debug
                        case .info: .info
                        case .warn: .warn
                        case .error: .error
                        }
                    logger.log(level, message, fields.map { ($0.0, .text($0.1)) })
                }, console: { ServerLogger.writeToStandardError($0) })
            let decisions = DecisionLogPlugin()
            let runtime = Runtime(settings, writer, logger: lines, further: [decisions])
            do throws(SettingsFailure) { try runtime.check() } catch {
                throw UsageFailure(message: error.message)
            }
            self.runtime = runtime
            configuration.writer = writer
            configuration.decisionLog = decisions.slot
            configuration.pluginStates = { runtime.pluginStates.map { ($0.name, $0.state.rawValue) } }
            configuration.currentConfiguration = { runtime.settings.shown }
            configuration.status = { runtime.status }
            configuration.furtherMetrics = { runtime.metrics }
        }

        /// Begins. Bundles that were kept on disk are active when it returns.
        func start() { runtime.startAndWait() }

        /// Ends; holds the thread until all is done.
        func stop() { runtime.stopAndWait() }
    #endif
}
