import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization

/// Sends batches by the method `Export` of gRPC's service `TraceService`: one request, one answer, over HTTP/2.
final class GRPCTransport: SpanTransport {
    private struct Connection: Sendable {
        let channel: any Channel
        let streams: NIOHTTP2Handler.StreamMultiplexer
    }

    private let settings: TracingSettings
    private let tls: NIOSSLContext?
    private let group: MultiThreadedEventLoopGroup
    private let connection = Mutex<Connection?>(nil)

    init(
        _ settings: TracingSettings, _ tls: TLSConfiguration?, _ group: MultiThreadedEventLoopGroup
    ) throws(TracingFailure) {
        self.settings = settings
        self.group = group
        guard var tls else {
            self.tls = nil
            return
        }
        tls.applicationProtocols = ["h2"]
        do { self.tls = try NIOSSLContext(configuration: tls) } catch {
            throw TracingFailure("distributed_tracing: TLS: \(error)")
        }
    }

    func send(_ message: [UInt8], nanoseconds: Int64) async -> ExportOutcome {
        let known = connection.withLock { $0 }
        if let known, known.channel.isActive {
            let outcome = await call(known, message, nanoseconds)
            // A connection that the collector gave up meanwhile says nothing about the collector.
            guard case .failed = outcome, !known.channel.isActive else { return outcome }
        }
        let fresh: Connection
        do { fresh = try await connect() } catch {
            return .failed("rpc error: code = Unavailable desc = \(error)", mayPass: true)
        }
        connection.withLock { $0 = fresh }
        return await call(fresh, message, nanoseconds)
    }

    func close() async {
        let last = connection.withLock { connection in
            defer { connection = nil }
            return connection
        }
        try? await last?.channel.close()
    }

    private func connect() async throws -> Connection {
        let (tls, host) = (tls, settings.host)
        // Addresses are no names to ask for a certificate by.
        let name = (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
        return try await ClientBootstrap(group: group).connectTimeout(.seconds(10))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(host: host, port: settings.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name)) }
                    let streams = try pipeline.configureHTTP2Pipeline(
                        mode: .client, connectionConfiguration: .init(), streamConfiguration: .init()
                    ) { $0.close() }
                    return Connection(channel: channel, streams: streams)
                }
            }
    }

    private func call(_ connection: Connection, _ message: [UInt8], _ nanoseconds: Int64) async -> ExportOutcome {
        let loop = connection.channel.eventLoop
        let outcome = loop.makePromise(of: ExportOutcome.self)
        let limit = loop.scheduleTask(in: .nanoseconds(max(0, nanoseconds))) {
            outcome.succeed(.failed("rpc error: code = DeadlineExceeded", mayPass: true))
        }
        var head = HTTPRequestHead(
            version: .http2, method: .POST, uri: "/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        head.headers.add(name: "host", value: "\(settings.host):\(settings.port)")
        head.headers.add(name: "content-type", value: "application/grpc")
        head.headers.add(name: "te", value: "trailers")
        head.headers.add(name: "user-agent", value: "Writ")
        head.headers.add(name: "grpc-timeout", value: "\(max(1, min(nanoseconds / 1_000_000, 99_999_999)))m")
        let (request, isSecure) = (head, tls != nil)
        let stream = connection.streams.createStreamChannel { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandlers([
                    HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: isSecure ? .https : .http),
                    GRPCCall(request, message, outcome),
                ])
            }
        }
        stream.whenFailure { error in
            outcome.succeed(.failed("rpc error: code = Unavailable desc = \(error)", mayPass: true))
        }
        let result = await withTaskCancellationHandler {
            try? await outcome.futureResult.get()
        } onCancel: {
            outcome.succeed(.failed("rpc error: code = Canceled", mayPass: false))
        }
        limit.cancel()
        // What is still under way is not waited for.
        stream.whenSuccess { $0.close(promise: nil) }
        return result ?? .failed("rpc error: code = Unknown", mayPass: false)
    }
}

/// One call, on a stream of its own.
private final class GRPCCall: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead
    private let message: [UInt8]
    private let outcome: EventLoopPromise<ExportOutcome>
    private var answer: [UInt8] = []
    private var status: Int = 200
    private var headers = HTTPHeaders()

    init(_ head: HTTPRequestHead, _ message: [UInt8], _ outcome: EventLoopPromise<ExportOutcome>) {
        self.head = head
        self.message = message
        self.outcome = outcome
    }

    func channelActive(context: ChannelHandlerContext) {
        var body = context.channel.allocator.buffer(capacity: message.count + 5)
        body.writeBytes(GRPCMessage.framed(message))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = Int(head.status.code)
            headers = head.headers
        case .body(let bytes):
            guard answer.count + bytes.readableBytes <= answerLimit else { return }
            answer += bytes.readableBytesView
        case .end(let trailers):
            // Where there is nothing but trailers they come as the head.
            outcome.succeed(GRPCMessage.outcome(status, trailers ?? headers, answer))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        outcome.succeed(.failed("rpc error: code = Unavailable desc = the stream was closed", mayPass: true))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        outcome.succeed(.failed("rpc error: code = Unavailable desc = \(error)", mayPass: true))
        context.close(promise: nil)
    }
}

/// What gRPC puts around messages, and how a call ends.
enum GRPCMessage {
    private static let names = [
        "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists",
        "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented",
        "Internal", "Unavailable", "DataLoss", "Unauthenticated",
    ]
    /// Cancelled, deadline exceeded, aborted, out of range, unavailable, data loss: as OTLP lists them.
    private static let passing = [1, 4, 10, 11, 14, 15]

    /// A message that is not packed, with its length before it.
    static func framed(_ message: [UInt8]) -> [UInt8] {
        let count = UInt32(clamping: message.count)
        return [0] + withUnsafeBytes(of: count.bigEndian) { Array($0) } + message
    }

    /// What the end of a call says.
    static func outcome(_ status: Int, _ trailers: HTTPHeaders, _ answer: [UInt8]) -> ExportOutcome {
        guard let text = trailers.first(name: "grpc-status"), let code = Int(text) else {
            return .failed(
                "rpc error: code = Unavailable desc = HTTP status \(status) and no gRPC status",
                mayPass: status == 429 || status >= 502 && status <= 504)
        }
        guard code == 0 else {
            let name = names.indices.contains(code) ? names[code] : text
            let reason = trailers.first(name: "grpc-message") ?? ""
            return .failed("rpc error: code = \(name) desc = \(reason)", mayPass: passing.contains(code))
        }
        // Answers are short: what is packed though it was not asked for is not looked into.
        guard answer.count > 5, answer.first == 0 else { return .taken(refused: 0, reason: "") }
        let refused = TraceBatch.refused(answer.dropFirst(5))
        return .taken(refused: Int(clamping: refused.count), reason: refused.reason)
    }
}
