import Writ
import WritDecisionLog
import WritRuntime
import WritTelemetry

/// How a server listens and what it allows.
public struct ServerConfiguration: Sendable {
    /// Where to listen: `localhost:8181`, `:8181` (every interface), `unix:///path`.
    public var addresses = ["localhost:8181"]
    /// Where only `/health` and `/metrics` are answered, without authorization; written like `addresses`.
    public var diagnosticAddresses: [String] = []
    /// Certificates for HTTPS; nil for plain HTTP.
    public var tls: TLSSettings?
    /// How clients say who they are.
    public var authentication = Authentication.off
    /// Whether a policy says who may ask what.
    public var authorizes = false
    /// The document that says it.
    public var authorizationDecision: [[UInt8]] = [Array("system".utf8), Array("authz".utf8), Array("allow".utf8)]
    /// Whether HTTP/2 is spoken with clients that begin with it over plain connections (h2c). Over TLS it is always offered.
    public var speaksPlainHTTP2 = false
    /// The permissions of unix sockets; nil to leave them to the umask.
    public var socketPermissions: Int?
    /// Bytes of answers that each thread keeps, for decisions whose next answer can only be the same; 0 for none.
    public var cacheSize = 0
    /// Nanoseconds that a decision takes on average from which on its answers are kept.
    public var cachedFrom: UInt64 = 20_000
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
    /// Turns certificates in DER into JSON text of a list, as policies that say who may ask are given them. Nil where
    /// they are not told.
    public var describeCertificates: (@Sendable ([[UInt8]]) -> [UInt8]?)?
    /// Gives what a watched evaluation did, as JSON text, for `explain`: of a mode (`notes`, `fails`, `full`, `debug`), as
    /// lines of text or as events. Nil where nothing is explained.
    public var explain:
        (@Sendable (_ tracer: Tracer, _ sources: SourceMap, _ mode: String, _ asLines: Bool) -> [UInt8])?
    public var logger = ServerLogger(level: .off)
    /// Bundles that the snapshot came from: what they own is not changed over HTTP.
    public var bundles: [ActiveBundle] = []
    /// What changes policies and data, where others change them too; nil for one of the server's own.
    public var writer: PolicyWriter?
    /// The states of what else runs in this process, such as `bundle`: `OK`, `NOT_READY`, ...; for `/health`.
    public var pluginStates: @Sendable () -> [(name: String, state: String)] = { [] }
    /// What `/v1/config` shows: a JSON object without white space.
    public var shownConfiguration = Array("{}".utf8)
    /// The same where it changes while the server runs; nil to show `shownConfiguration`.
    public var currentConfiguration: (@Sendable () -> [UInt8])?
    /// What `/v1/status` answers, as JSON text; nil where the status is not asked for.
    public var status: @Sendable () -> [UInt8]? = { nil }
    /// Metrics of what else runs in this process, as Prometheus reads them.
    public var furtherMetrics: @Sendable () -> [UInt8] = { [] }
    /// Upper bounds of the buckets of `http_request_duration_seconds`, growing.
    public var durationBounds: [Double] = [1e-6, 5e-6, 1e-5, 5e-5, 1e-4, 5e-4, 1e-3, 0.01, 0.1, 1]
    /// Where decisions are logged; nil for nowhere.
    public var decisionLog: DecisionLogSlot?
    /// What records requests; nil for nothing.
    public var tracer: SpanTracer?
    /// Answers of at least so many bytes are packed for clients that read gzip.
    public var packedFrom = 1024

    public init() {}
}

/// How clients say who they are.
public enum Authentication: Sendable {
    /// They do not.
    case off
    /// By a bearer's token.
    case token
    /// By a certificate, which is verified.
    case tls
}

/// What a server shows and asks for over TLS: files of PEM text.
public struct TLSSettings: Sendable {
    public var certificateFile: String
    public var keyFile: String
    /// Authorities whose certificates clients must show; nil to ask for none.
    public var authorityFile: String?
    /// Whether clients must show a certificate even where no authorities are named: the system's count then.
    public var requiresCertificate = false
    /// The cipher suites up to TLS 1.2, by the names that IANA gives them; empty for the default ones.
    public var cipherSuites: [String] = []
    /// Whether TLS 1.3 is the oldest that is spoken, rather than 1.2.
    public var isStrict = false
    /// Seconds after which the files are read again, where they changed; 0 for never.
    public var refreshPeriod = 0.0

    public init(certificateFile: String, keyFile: String) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}

/// Why a YAML body is refused.
public struct YAMLRefusal: Error, Sendable {
    public let message: String

    public init(_ message: String) { self.message = message }
}
