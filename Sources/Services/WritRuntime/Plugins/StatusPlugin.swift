import Synchronization
import Writ

/// Tells how the process is: on the console, to a service, in `/metrics`.
final class StatusPlugin: RuntimePlugin {
    private struct State {
        var context: RuntimeContext?
        var signal: AsyncStream<Void>.Continuation?
        var task: Task<Void, Never>?
    }

    let name = "status"
    private let shared = Mutex(State())

    var state: PluginState? {
        shared.withLock { state in
            guard state.context?.settings.status != nil else { return nil }
            return state.task == nil ? .notReady : .ok
        }
    }

    func start(_ context: RuntimeContext) async { await reconfigure(context) }

    func reconfigure(_ context: RuntimeContext) async {
        let isRunning = shared.withLock { state in
            state.context = context
            return state.task != nil
        }
        guard context.settings.status != nil else {
            await stop()
            return
        }
        guard !isRunning else { return }
        context.logger.log(.info, "Starting status reporter.", [("plugin", name)])
        // Of several changes that wait the last counts: it tells them all.
        let (stream, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let task = Task { [weak self] in
            for await _ in stream {
                guard let self, !Task.isCancelled else { return }
                await tell()
            }
        }
        shared.withLock { state in
            state.signal = signal
            state.task = task
        }
        changed()
    }

    func stop() async {
        let (signal, task) = shared.withLock { state in
            let found = (state.signal, state.task)
            state.signal = nil
            state.task = nil
            return found
        }
        signal?.finish()
        task?.cancel()
        await task?.value
    }

    /// Something is to be told.
    func changed() { _ = shared.withLock { $0.signal }?.yield() }

    private func tell() async {
        guard let context = shared.withLock({ $0.context }), let settings = context.settings.status else { return }
        let document = context.status()
        if settings.isOnConsole { context.logger.console(Self.line(document)) }
        guard let service = settings.service, let client = context.services[service],
            settings.trigger == .periodic
        else { return }
        var request = ServiceRequest(path: settings.partition.isEmpty ? "status" : "status/\(settings.partition)")
        request.method = "POST"
        request.headers = [ServiceSettings.Header("Content-Type", "application/json")]
        request.body = document
        do throws(ServiceFailure) {
            let response = try await client.send(request)
            guard (200..<300).contains(response.status) else {
                throw ServiceFailure(
                    "server replied with HTTP \(response.status) \(HTTPStatus.phrase(response.status))")
            }
            context.logger.log(.debug, "Status update sent successfully.", [("plugin", name)])
        } catch {
            context.logger.log(.error, "status update failed: \(error.message).", [("plugin", name)])
        }
    }

    /// The document as a line of the log.
    private static func line(_ document: [UInt8]) -> [UInt8] {
        var line = ByteBuffer()
        line.append(Array(document.dropLast()))
        line.append(",\"level\":\"info\",\"msg\":\"Status Log\",\"time\":\"")
        line.append(Array(Timestamp.now().text.utf8))
        line.append("\",\"type\":\"openpolicyagent.org/status\"}\n")
        return line.bytes
    }

    // MARK: Metrics

    func writeStates(
        _ states: [(name: String, state: PluginState)], _ version: String, _ output: inout ByteBuffer
    ) {
        var writer = MetricWriter()
        writer.begin("opa_info", "gauge", "Information about the OPA environment.")
        writer.add([("version", version)], "1")
        writer.begin("plugin_status_gauge", "gauge", "Gauge for the plugin by status.")
        for (name, state) in states { writer.add([("name", name), ("status", state.rawValue)], "1") }
        output.append(writer.output)
    }
}

/// Writes metrics as Prometheus reads them.
public struct MetricWriter {
    public private(set) var output: [UInt8] = []
    private var name = ""

    public init() {}

    /// Begins a family of metrics.
    public mutating func begin(_ name: String, _ kind: String, _ help: String) {
        self.name = name
        output += Array("# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n".utf8)
    }

    /// Adds a metric of the family; `suffix` is that of a histogram's parts.
    public mutating func add(_ labels: [(String, String)], _ value: String, suffix: String = "") {
        output += Array((name + suffix).utf8)
        for (index, label) in labels.enumerated() {
            output += index == 0 ? [UInt8(ascii: "{")] : [UInt8(ascii: ",")]
            output += Array("\(label.0)=\"".utf8)
            for byte in label.1.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): output += Array("\\\\".utf8)
                case UInt8(ascii: "\""): output += Array("\\\"".utf8)
                case 0x0A: output += Array("\\n".utf8)
                default: output.append(byte)
                }
            }
            output.append(UInt8(ascii: "\""))
        }
        if !labels.isEmpty { output.append(UInt8(ascii: "}")) }
        output += Array(" \(value)\n".utf8)
    }
}
