import Writ
import WritRuntime
import WritServer
import WritTelemetry

/// What runs beside a server because its configuration asks for it: bundles, decision logs, status, discovery.
struct RunningParts {
    #if WRIT_LIGHT
        init(
            _ settings: RuntimeSettings, _ store: SnapshotStore, _ configuration: inout ServerConfiguration,
            isWatching: Bool, verifiesImagesAlways: Bool = false
        ) throws(UsageFailure) {
            guard settings.services.isEmpty, !settings.hasBundles, settings.discovery == nil,
                settings.tracing == nil
            else {
                throw UsageFailure(message: "this build has no services")
            }
        }

        func start() {}
        func stop() {}
    #else
        private let runtime: Runtime
        private let exporter: SpanExporter?

        /// Seconds for sending the spans that wait when the process ends.
        private static let lastSeconds = 5.0

        /// Connects the parts with the server that they run beside.
        init(
            _ settings: RuntimeSettings, _ store: SnapshotStore, _ configuration: inout ServerConfiguration,
            isWatching: Bool, verifiesImagesAlways: Bool = false
        ) throws(UsageFailure) {
            guard !isWatching || !settings.hasBundles && settings.discovery == nil else {
                throw UsageFailure(
                    message:
                        "--watch puts the files in place of all that is served: not with bundles of the configuration")
            }
            guard !settings.trust.isRequired || configuration.bundles.isEmpty else {
                throw UsageFailure(
                    message:
                        "trust.required: bundles come from the configuration's repositories, not from the command line")
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
            let tracer = configuration.tracer
            let runtime = Runtime(
                settings, writer, logger: lines, further: [decisions], tracer: tracer,
                verifiesImagesAlways: verifiesImagesAlways)
            do throws(SettingsFailure) { try runtime.check() } catch {
                throw UsageFailure(message: error.message)
            }
            do throws(TracingFailure) {
                exporter = try tracer.map { (tracer) throws(TracingFailure) in
                    try SpanExporter(tracer, version: settings.version) { lines.log(.warn, $0, []) }
                }
            } catch {
                throw UsageFailure(message: error.message)
            }
            self.runtime = runtime
            configuration.writer = writer
            configuration.decisionLog = decisions.slot
            configuration.pluginStates = { runtime.pluginStates.map { ($0.name, $0.state.rawValue) } }
            configuration.currentConfiguration = { runtime.settings.shown }
            configuration.status = { runtime.status }
            configuration.furtherMetrics = { runtime.metrics + (tracer?.metrics ?? []) }
        }

        /// Begins. Bundles that were kept on disk are active when it returns.
        func start() {
            exporter?.start()
            runtime.startAndWait()
        }

        /// Ends; holds the thread until all is done.
        func stop() {
            runtime.stopAndWait()
            exporter?.stopAndWait(seconds: Self.lastSeconds)
        }
    #endif
}
