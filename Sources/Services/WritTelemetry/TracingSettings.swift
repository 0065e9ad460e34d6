/// Which requests are traced, and where spans go.
public struct TracingSettings: Sendable, Equatable {
    /// How spans are sent.
    public enum Transport: Sendable {
        case grpc, http
    }

    /// What the collector is spoken to with.
    public enum Encryption: Sendable {
        case off, tls, mutual
    }

    public var transport: Transport
    /// Host and port of the collector.
    public var host: String
    public var port: Int
    public var serviceName = "opa"
    public var serviceVersion = ""
    public var serviceInstance = ""
    public var serviceNamespace = ""
    public var environment = ""
    /// Per cent of the traces that begin here; of others whoever began them decides.
    public var samplePercentage = 100.0
    public var encryption = Encryption.off
    public var verifiesServer = true
    /// Files of PEM text; empty for none.
    public var certificateFile = ""
    public var keyFile = ""
    public var authorityFile = ""
    /// Milliseconds after which spans are sent at the latest, and that sending them may take.
    public var batchTimeout = 5_000
    public var exportTimeout = 30_000
    /// Spans that are sent at once, and that may wait.
    public var batchSize = 512
    public var queueSize = 2_048

    public init(_ transport: Transport, host: String, port: Int) {
        self.transport = transport
        self.host = host
        self.port = port
    }

    /// What all spans tell of this process.
    var resource: [(StaticString, String)] {
        let all: [(StaticString, String)] = [
            ("service.name", serviceName), ("service.version", serviceVersion),
            ("service.instance.id", serviceInstance), ("service.namespace", serviceNamespace),
            ("deployment.environment", environment),
        ]
        return all.filter { !$0.1.isEmpty }
    }
}
