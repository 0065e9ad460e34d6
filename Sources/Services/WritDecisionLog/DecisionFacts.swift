import Writ

/// What is known of a decision when it is logged. Values lie in the space of the evaluator that decided.
public struct DecisionFacts {
    /// The document that was asked for, without a slash at its start; empty where a query was.
    public var path: [UInt8] = []
    /// The query that was asked, if one was.
    public var query: [UInt8] = []
    public var input = Value.undefined
    public var result = Value.undefined
    /// The error that ended the decision, as JSON text.
    public var error: [UInt8]?
    /// The identifier of a batch that the decision belongs to.
    public var batch: String?
    /// The identifiers of the trace, as 32 and 16 hexadecimal digits; empty for none.
    public var trace = ""
    public var span = ""
    /// Who asked: an address with its port.
    public var requestedBy: [UInt8] = []
    /// The request's number; 0 for none.
    public var request: UInt64 = 0
    /// Nanoseconds since 1970 when the decision began.
    public var timestamp: Int64 = 0
    /// Names without quotation marks, and times and counts.
    public var metrics: [(StaticString, UInt64)] = []
    /// The headers of the request that are logged, with their values.
    public var headers: [(name: String, values: [String])] = []
    /// What builtins gave, where that is logged.
    public var results: BuiltinResults?
    /// The active bundles with their revisions, as JSON text of an object; nil for none.
    public var bundles: [UInt8]?

    public init() {}

    /// What is known of a request before its decision.
    public init(
        path: [UInt8], requestedBy: [UInt8], request: UInt64, timestamp: Int64, trace: String, span: String,
        headers: [(name: String, values: [String])], bundles: [UInt8]?
    ) {
        self.path = path
        self.requestedBy = requestedBy
        self.request = request
        self.timestamp = timestamp
        self.trace = trace
        self.span = span
        self.headers = headers
        self.bundles = bundles
    }
}
