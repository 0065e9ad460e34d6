import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// A server on a free port of the loopback address that answers what a test says, and remembers what it was asked.
final class AnsweringServer: Sendable {
    struct Question: Sendable {
        var method: String
        var path: String
        var headers: HTTPHeaders
        /// The bytes of the body.
        var content: [UInt8]

        var body: String { String(decoding: content, as: UTF8.self) }
    }

    struct Answer: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// The length that is told, where it is to be another than that of the body.
        var toldLength: Int?
        /// Milliseconds before the answer begins.
        var delay = 0
    }

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let listener: any Channel
    private let answer: NIOLockedValueBox<@Sendable (Question) -> Answer>
    private let asked = NIOLockedValueBox<[Question]>([])
    let port: Int

    var address: String { "http://127.0.0.1:\(port)" }
    var questions: [Question] { asked.withLockedValue { $0 } }

    init(port: Int = 0, _ answer: @escaping @Sendable (Question) -> Answer) throws {
        let box = NIOLockedValueBox(answer)
        let asked = asked
        self.answer = box
        listener = try ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(box, asked))
                }
            }
            .bind(host: "127.0.0.1", port: port).wait()
        self.port = listener.localAddress?.port ?? 0
    }

    /// Answers otherwise from now on.
    func change(_ answer: @escaping @Sendable (Question) -> Answer) { self.answer.withLockedValue { $0 = answer } }

    func stop() async {
        try? await listener.close()
        try? await group.shutdownGracefully()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answer: NIOLockedValueBox<@Sendable (Question) -> Answer>
        private let asked: NIOLockedValueBox<[Question]>
        private var question: Question?

        init(
            _ answer: NIOLockedValueBox<@Sendable (Question) -> Answer>, _ asked: NIOLockedValueBox<[Question]>
        ) {
            self.answer = answer
            self.asked = asked
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                question = Question(method: head.method.rawValue, path: head.uri, headers: head.headers, content: [])
            case .body(let part): question?.content += part.readableBytesView
            case .end:
                guard let question else { return }
                asked.withLockedValue { $0.append(question) }
                let answer = answer.withLockedValue { $0 }(question)
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                context.eventLoop.scheduleTask(in: .milliseconds(Int64(answer.delay))) {
                    let (handler, context) = bound.value
                    handler.write(answer, context)
                }
            }
        }

        private func write(_ answer: Answer, _ context: ChannelHandlerContext) {
            var headers = HTTPHeaders(answer.headers)
            headers.replaceOrAdd(name: "Content-Length", value: "\(answer.toldLength ?? answer.body.count)")
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            if !answer.body.isEmpty {
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
            }
            if answer.toldLength != nil {
                context.flush()
                context.close(promise: nil)
            } else {
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
