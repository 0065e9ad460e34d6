import Writ

/// How a server listens and what it allows.
public struct ServerConfiguration: Sendable {
    /// Where to listen: `localhost:8181`, `:8181` (every interface), `unix:///path`.
    public var addresses = ["localhost:8181"]
    /// Threads that serve requests; 0 for one a core.
    public var threads = 0
    /// Bodies of more bytes are refused.
    public var bodyLimit = 256 << 20
    /// Heads of more bytes, all headers together, are refused.
    public var headLimit = 1 << 20
    /// Headers of more bytes are refused.
    public var headerLimit = 80 << 10
    /// Seconds after which a connection that waits for a request is closed.
    public var idleTimeout = 120.0
    /// Seconds that a body may take beside a second for each `slowestRate` bytes of it, and that an answer may wait
    /// for a client that does not read.
    public var stallTimeout = 30.0
    /// Bytes a second below which a client counts as stalled.
    public var slowestRate = 1024
    /// Decisions of one thread that may stand still at once for something outside, such as `http.send`; beyond it
    /// requests are answered with 503.
    public var waitingLimit = 256
    /// The document that `POST /` asks for.
    public var defaultDecision: [[UInt8]] = [Array("system".utf8), Array("main".utf8)]
    /// What each decision may take.
    public var limits = DecisionLimits()
    /// The version that answers name.
    public var version = ""
    /// Turns YAML into JSON; the failure is the message for the client. Nil where YAML is not understood.
    public var decodeYAML: (@Sendable ([UInt8]) -> Result<[UInt8], YAMLRefusal>)?
    public var logger = ServerLogger(level: .off)

    public init() {}
}

/// Why a YAML body is refused.
public struct YAMLRefusal: Error, Sendable {
    public let message: String

    public init(_ message: String) { self.message = message }
}
