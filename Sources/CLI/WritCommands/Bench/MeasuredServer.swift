import NIOCore
import NIOHTTP1
import NIOPosix
import Writ
import WritServer
import WritTooling
import WritYAML

/// A server on a free port of the loopback interface, and one connection to it on which a question is asked again and
/// again.
final class MeasuredServer {
    /// What the server said.
    struct Answer {
        let isDefined: Bool
        fileprivate let body: [UInt8]
        fileprivate let evaluator: Evaluator

        /// The timers and counters that the answer tells.
        func metrics() throws(ProblemReport) -> [(name: String, value: UInt64)] {
            let space = evaluator.space
            let metrics = try MeasuredServer.member("metrics", of: body, evaluator)
            guard metrics.isObject else { return [] }
            let entries = space.entries(metrics)
            return (0..<entries.count).compactMap { index in
                guard let text = try? space.json(entries.values[index]),
                    let value = UInt64(String(decoding: text, as: UTF8.self))
                else { return nil }
                return (String(decoding: space.bytes(entries.keys[index]), as: UTF8.self), value)
            }
        }
    }

    private let server: Server
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: any Channel
    private let asker: Asker
    private let evaluator: Evaluator
    private let gracePeriod: Double

    init(
        _ snapshot: Snapshot, _ configFile: String?, query: String, input: [UInt8]?, showsMetrics: Bool,
        gracePeriod: Double
    ) throws(ProblemReport) {
        var configuration = ServerConfiguration()
        var options = ConfigurationOptions()
        options.file = configFile
        options.settings = []
        options.settingFiles = []
        do throws(UsageFailure) {
            let settings = try options.read(id: "bench", version: VersionCommand.current)
            settings.apply(to: &configuration)
        } catch {
            throw Self.failure(error.message)
        }
        configuration.addresses = ["127.0.0.1:0"]
        configuration.version = VersionCommand.current
        self.gracePeriod = gracePeriod
        evaluator = Evaluator(snapshot)
        do throws(ServerFailure) {
            server = try Server.start(SnapshotStore(snapshot), configuration)
        } catch {
            throw Self.failure(error.message)
        }
        let question = Question(query, input)
        let asker = Asker(
            question.path + (showsMetrics ? "?metrics=true" : ""), port: server.port, question.body)
        self.asker = asker
        do {
            channel = try ClientBootstrap(group: group)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(asker)
                    }
                }
                .connect(host: "127.0.0.1", port: server.port).wait()
        } catch {
            server.stop(gracePeriod: 0)
            try? group.syncShutdownGracefully()
            throw Self.failure("\(error)")
        }
    }

    /// Asks once. The time until it returns is the request's, and that of a wake-up of this thread.
    func ask() throws(ProblemReport) -> Answer {
        let (status, body): (Int, [UInt8])
        do {
            (status, body) = try asker.ask(channel).wait()
        } catch {
            throw Self.failure("the request failed: \(error)")
        }
        guard status == 200 else {
            throw Self.failure("the server answered \(status): \(String(decoding: body, as: UTF8.self))")
        }
        return Answer(
            isDefined: try !Self.member("result", of: body, evaluator).isUndefined, body: body, evaluator: evaluator)
    }

    /// Ends the connection, then the server.
    func stop() {
        try? channel.close().wait()
        server.stop(gracePeriod: gracePeriod)
        try? group.syncShutdownGracefully()
    }

    private static func member(
        _ name: StaticString, of body: [UInt8], _ evaluator: Evaluator
    ) throws(ProblemReport) -> Value {
        evaluator.begin()
        let read: Result<Value, DecisionFailure> = body.withUnsafeBufferPointer { bytes in
            do throws(DecisionFailure) { return .success(try evaluator.read(bytes)) } catch { return .failure(error) }
        }
        guard case .success(let value) = read, value.isObject else {
            throw failure("the answer is no JSON object: \(String(decoding: body.prefix(200), as: UTF8.self))")
        }
        let entries = evaluator.space.entries(value)
        for index in 0..<entries.count
        where evaluator.space.bytes(entries.keys[index]).elementsEqual(Array("\(name)".utf8)) {
            return entries.values[index]
        }
        return .undefined
    }

    private static func failure(_ message: String) -> ProblemReport {
        ProblemReport(.evaluating, [Problem(message: message)])
    }
}

/// Sends the one question and gives on the answer; on the connection's event loop only, but for `ask`.
private final class Asker: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead
    private let question: NIOCore.ByteBuffer
    private var status = 0
    private var body: [UInt8] = []
    private var promise: EventLoopPromise<(Int, [UInt8])>?

    init(_ path: String, port: Int, _ question: [UInt8]) {
        head = HTTPRequestHead(
            version: .http1_1, method: .POST, uri: path,
            headers: [
                "host": "127.0.0.1:\(port)", "content-type": "application/json",
                "content-length": String(question.count),
            ])
        self.question = NIOCore.ByteBuffer(bytes: question)
    }

    func ask(_ channel: any Channel) -> EventLoopFuture<(Int, [UInt8])> {
        let promise = channel.eventLoop.makePromise(of: (Int, [UInt8]).self)
        channel.eventLoop.execute {
            self.promise = promise
            channel.write(HTTPClientRequestPart.head(self.head), promise: nil)
            channel.write(HTTPClientRequestPart.body(.byteBuffer(self.question)), promise: nil)
            channel.writeAndFlush(HTTPClientRequestPart.end(nil)).cascadeFailure(to: promise)
        }
        return promise.futureResult
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = Int(head.status.code)
            body = []
        case .body(let part): body += part.readableBytesView
        case .end:
            promise?.succeed((status, body))
            promise = nil
        }
    }

    func channelInactive(context: ChannelHandlerContext) { fail(ChannelError.eof) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
        context.close(promise: nil)
    }

    private func fail(_ error: any Error) {
        promise?.fail(error)
        promise = nil
    }
}
