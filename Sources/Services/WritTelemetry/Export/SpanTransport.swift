/// Why tracing cannot work as it is configured.
public struct TracingFailure: Error, Sendable {
    public let message: String

    public init(_ message: String) { self.message = message }
}

/// What came of sending a batch.
enum ExportOutcome: Sendable, Equatable {
    /// The collector has it, but for as many spans as it refused.
    case taken(refused: Int, reason: String)
    /// The collector does not have it. Where that may pass, the batch can be sent again, after so many seconds if the
    /// collector said so.
    case failed(String, mayPass: Bool, after: Double? = nil)
}

/// Brings batches to a collector, one at a time.
protocol SpanTransport: Sendable {
    /// Sends a message `ExportTraceServiceRequest`. Takes no longer than `nanoseconds`; ends early when the task is
    /// cancelled.
    func send(_ message: [UInt8], nanoseconds: Int64) async -> ExportOutcome
    func close() async
}

/// What is read of an answer: no collector has more to say.
let answerLimit = 64 << 10
