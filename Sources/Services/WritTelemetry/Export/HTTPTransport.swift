import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends batches by POST, as `OTLP/HTTP` with protobuf.
final class HTTPTransport: SpanTransport {
    private let client: HTTPClient
    private let url: String

    init(_ settings: TracingSettings, _ tls: TLSConfiguration?, _ group: MultiThreadedEventLoopGroup) {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.tlsConfiguration = tls
        client = HTTPClient(eventLoopGroup: group, configuration: configuration)
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        url = "\(tls == nil ? "http" : "https")://\(host):\(settings.port)/v1/traces"
    }

    func send(_ message: [UInt8], nanoseconds: Int64) async -> ExportOutcome {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-protobuf")
        request.headers.add(name: "User-Agent", value: "Writ")
        request.body = .bytes(message)
        do {
            let response = try await client.execute(request, deadline: .now() + .nanoseconds(nanoseconds))
            var body: [UInt8] = []
            for try await part in response.body {
                guard body.count + part.readableBytes <= answerLimit else { break }
                body += part.readableBytesView
            }
            return Self.outcome(
                Int(response.status.code), body, after: response.headers.first(name: "Retry-After").flatMap(Double.init)
            )
        } catch {
            return .failed("Post \"\(url)\": \(error)", mayPass: true)
        }
    }

    /// What an answer says.
    static func outcome(_ status: Int, _ body: [UInt8], after: Double?) -> ExportOutcome {
        guard (200..<300).contains(status) else {
            return .failed(
                "failed to send to the collector: HTTP status \(status)",
                mayPass: [429, 502, 503, 504].contains(status), after: after)
        }
        let refused = TraceBatch.refused(body[...])
        return .taken(refused: Int(clamping: refused.count), reason: refused.reason)
    }

    func close() async { try? await client.shutdown() }
}
