import Synchronization
import Writ
import WritDecisionLog
import WritJournal

/// The decision log as a part of the process: opened, changed and closed as the configuration says.
public final class DecisionLogPlugin: RuntimePlugin {
    private struct Shared {
        var settings: DecisionLogSettings?
        var labels: [String] = []
        var state: PluginState?
    }

    public let name = "decision_logs"
    private let shared = Mutex(Shared())
    /// Where event loops find the log.
    public let slot = DecisionLogSlot()

    /// The service that events go to: its client may change while the log does not.
    private let clients = Mutex<ServiceClient?>(nil)

    /// Seconds for shipping what waits when the process ends.
    private static let lastSeconds = 5.0

    public init() {}

    /// The log that is in force; nil for none.
    public var log: DecisionLog? { slot.log }

    public var state: PluginState? { shared.withLock { $0.state } }

    /// What the settings ask for.
    static func read(_ settings: RuntimeSettings) throws(SettingsFailure) -> DecisionLogSettings? {
        try settings.read { (root) throws(SettingsFailure) in
            try DecisionLogSettings.read(
                root, services: settings.services, trigger: settings.discovery?.trigger,
                persistenceFolder: settings.persistenceFolder)
        }
    }

    public func check(_ settings: RuntimeSettings) throws(SettingsFailure) {
        let new = try Self.read(settings)
        let old = shared.withLock { $0.settings }
        if case .journal(let before) = old?.buffer, case .journal(let after) = new?.buffer,
            before.directory == after.directory, before != after
        {
            throw SettingsFailure("decision_logs.journal: to change it, restart with another configuration")
        }
    }

    public func start(_ context: RuntimeContext) async { await reconfigure(context) }

    public func reconfigure(_ context: RuntimeContext) async {
        let settings = (try? Self.read(context.settings)) ?? nil
        let labels = context.settings.labels
        let names = labels.flatMap { [$0.name, $0.value] }
        let (old, isSame) = shared.withLock { shared in
            (slot.log, shared.settings == settings && shared.labels == names && shared.settings != nil)
        }
        // The client of the service may be another one, with the same settings of the log: it is asked for by name.
        let client = settings?.service.flatMap { context.services[$0] }
        clients.withLock { $0 = client }
        guard !isSame else { return }
        guard let settings else {
            exchange(nil, nil, names, nil)
            await old?.stop(seconds: Self.lastSeconds)
            return
        }
        let logger = context.logger
        do throws(JournalFailure) {
            let resource = settings.resource
            let log = try DecisionLog(
                settings, labels: labels,
                upload: { [weak self] chunk in
                    guard let client = self?.clients.withLock({ $0 }) else {
                        return ShippingFailure("there is no service")
                    }
                    return await Self.upload(chunk, to: resource, of: client)
                },
                console: { event in logger.console(Self.line(event)) },
                complain: { text in logger.log(.error, text, [("plugin", "decision_logs")]) }, replacing: old)
            exchange(log, settings, names, .ok)
            logger.log(.info, "Starting decision logger.", [("plugin", name)])
            if let old { await log.takeOver(old) }
            log.start()
        } catch {
            logger.log(.error, "the decision log cannot be opened: \(error.message)", [("plugin", name)])
            shared.withLock { $0.state = .error }
        }
    }

    private func exchange(
        _ log: DecisionLog?, _ settings: DecisionLogSettings?, _ labels: [String], _ state: PluginState?
    ) {
        shared.withLock { shared in
            shared.settings = settings
            shared.labels = labels
            shared.state = state
        }
        slot.replace(with: log)
    }

    public func stop() async {
        shared.withLock { shared in shared.state = shared.state == nil ? nil : .notReady }
        await slot.log?.stop(seconds: Self.lastSeconds)
    }

    private static func upload(
        _ chunk: [UInt8], to resource: String, of client: ServiceClient
    ) async -> ShippingFailure? {
        var request = ServiceRequest(path: resource)
        request.method = "POST"
        request.headers = [
            ServiceSettings.Header("Content-Type", "application/json"),
            ServiceSettings.Header("Content-Encoding", "gzip"),
        ]
        request.body = chunk
        do throws(ServiceFailure) {
            let response = try await client.send(request)
            guard (200..<300).contains(response.status) else {
                return ShippingFailure(
                    "log upload failed, server replied with HTTP \(response.status) "
                        + HTTPStatus.phrase(response.status), status: response.status)
            }
            return nil
        } catch {
            return ShippingFailure("log upload failed: \(error.message)")
        }
    }

    /// The event as a line of the log.
    private static func line(_ event: [UInt8]) -> [UInt8] {
        var line = ByteBuffer()
        line.append(Array(event.dropLast()))
        line.append(",\"level\":\"info\",\"msg\":\"Decision Log\",\"time\":\"")
        line.append(Array(Timestamp.now().text.utf8))
        line.append("\",\"type\":\"openpolicyagent.org/decision_logs\"}\n")
        return line.bytes
    }

    // MARK: What is told

    public var report: (name: String, json: [UInt8])? {
        guard let log = slot.log else { return nil }
        let status = log.status
        var output = ByteBuffer()
        output.append("{")
        if let failure = status.failure {
            output.append("\"code\":\"decision_log_error\",\"message\":")
            output.appendJSONString(failure.message)
            if let number = failure.status {
                output.append(",\"http_code\":\"")
                output.appendDecimal(number)
                output.append("\"")
            }
            output.append(",")
        }
        output.append("\"metrics\":{")
        for (index, metric) in Self.counters(status).enumerated() {
            if index > 0 { output.append(",") }
            output.append("\"counter_")
            output.append(Array(metric.name.utf8))
            output.append("\":")
            output.appendDecimal(Int(clamping: metric.value))
        }
        output.append("}}")
        return ("decision_logs", output.bytes)
    }

    /// OPA's names where it has one for what is counted.
    private static func counters(_ status: DecisionLogStatus) -> [(name: String, value: UInt64, help: String)] {
        let counters = status.counters
        return [
            ("decision_logs_accepted", counters.accepted, "Decisions that were accepted for the log."),
            ("decision_logs_damaged", counters.damaged, "Events that were found damaged on the disk."),
            (
                "decision_logs_dropped_buffer_size_limit_exceeded", counters.droppedFull,
                "Events dropped for want of room."
            ),
            ("decision_logs_dropped_by_policy", counters.droppedByPolicy, "Events that the policy drops."),
            (
                "decision_logs_dropped_rate_limit_exceeded", counters.rateLimited,
                "Events dropped because there were too many in a second."
            ),
            ("decision_logs_encoding_failure", counters.tooLarge, "Events dropped because they are too large."),
            (
                "decision_logs_nd_builtin_cache_dropped", counters.withoutResults,
                "Events that were told without results of builtins, to be small enough."
            ),
            (
                "decision_logs_policy_failure", counters.policyFailures,
                "Events dropped because masking or dropping failed."
            ),
            ("decision_logs_shipped", counters.shipped, "Events that the service and the file have."),
        ]
    }

    public func metrics(_ output: inout ByteBuffer) {
        guard let log = slot.log else { return }
        let status = log.status
        var writer = MetricWriter()
        for metric in Self.counters(status) {
            writer.begin(metric.name, "counter", metric.help)
            writer.add([], String(metric.value))
        }
        writer.begin("decision_logs_pending", "gauge", "Events that wait to be taken away.")
        writer.add([], String(status.pending))
        writer.begin("decision_logs_buffer_bytes", "gauge", "Bytes of events that wait.")
        writer.add([], String(status.bytes))
        if let journal = status.journal {
            writer.begin("decision_logs_journal_failures", "counter", "Times that the disk failed the journal.")
            writer.add([], String(journal.failures))
            writer.begin("decision_logs_journal_segments", "gauge", "Files of the journal.")
            writer.add([], String(journal.segments))
        }
        output.append(writer.output)
    }
}
