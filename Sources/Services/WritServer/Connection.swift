import NIOCore
import NIOHTTP1
import Writ
import WritTelemetry

/// One client's connection: takes requests from NIO's decoder, lets the worker answer each as soon as it is whole, and
/// writes the answers as bytes. Requests sent ahead are answered in their order, and wait while the client does not
/// read.
final class Connection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = IOData

    private typealias Buffer = NIOCore.ByteBuffer

    /// What the connection waits for; a limit of time belongs to each.
    private enum State {
        case waiting
        case reading(HTTPRequestHead, HeaderFacts)
        /// The decision stands still.
        case deciding(DeferredAnswer)
        /// The answer is written and the connection is to close; nothing more is read.
        case closing
    }

    /// What a client's certificate says, as policies are told it.
    private struct ClientCertificate {
        let subject: [UInt8]
        let json: [UInt8]?
    }

    private let worker: Worker
    private var state = State.waiting
    private var body: Buffer?
    private var received = 0
    /// When the state began, and when the client last stopped to read.
    private var since = Worker.now()
    private var blockedSince: UInt64?
    /// Parts that came while the client did not read.
    private var queued = CircularBuffer<HTTPServerRequestPart>()
    private var isReadHeld = false
    /// Whether the client reads its answers: the channel's own word, which costs more to ask for.
    private var isWritable = true
    private var mustFlush = false
    private var watch: Scheduled<Void>?
    private var context: ChannelHandlerContext?
    /// The number of the request at hand, where requests are logged.
    private var requestNumber = 0
    /// The client's address and port.
    private var peer: [UInt8] = []

    /// The span of the request at hand, where requests are recorded.
    private var span: TraceSpan?
    /// The request of that span, while its decision stands still.
    private var undecided: HTTPRequestHead?

    private let isDiagnostic: Bool
    /// The row of the table that the request at hand matched.
    private var route = 0

    /// The connection that this is a stream of, with HTTP/2: one request, then its end.
    private let whole: MultiplexedConnection?
    /// The client's certificate; nil before that is looked at.
    private var certificate: ClientCertificate??

    init(_ worker: Worker, isDiagnostic: Bool = false, streamOf whole: MultiplexedConnection? = nil) {
        self.worker = worker
        self.isDiagnostic = isDiagnostic
        self.whole = whole
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isWritable = context.channel.isWritable
        worker.connections[ObjectIdentifier(self)] = self
        whole?.opened()
        schedule(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { forget() }

    func channelInactive(context: ChannelHandlerContext) {
        forget()
        context.fireChannelInactive()
    }

    private func forget() {
        if case .deciding(let decision) = state {
            decision.abandon()
            if let context, span != nil { record(nil, undecided, context) }
        }
        watch?.cancel()
        watch = nil
        guard context != nil else { return }
        context = nil
        worker.connections[ObjectIdentifier(self)] = nil
        whole?.closed()
    }

    /// Closes as soon as no request is in flight.
    func stopWhenIdle() {
        if case .waiting = state, queued.isEmpty { closeNow() }
    }

    func closeNow() { context?.close(promise: nil) }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard takesParts, queued.isEmpty else {
            queued.append(part)
            return
        }
        take(part, context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if mustFlush {
            mustFlush = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    /// No bytes are taken from a client that does not take its answers.
    func read(context: ChannelHandlerContext) {
        if takesParts && queued.isEmpty || mayReadAhead {
            context.read()
        } else {
            isReadHeld = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable {
            blockedSince = nil
            takeQueued(context)
        } else {
            blockedSince = Worker.now()
            context.flush()
        }
        context.fireChannelWritabilityChanged()
    }

    /// Whether the next part may be looked at: the client reads its answers, and no decision stands still.
    private var takesParts: Bool {
        if case .deciding = state { return false }
        return isWritable && context != nil
    }

    /// Reading goes on while a decision stands still, so that a client that leaves is noticed; but not without end.
    private var mayReadAhead: Bool {
        if case .deciding = state { return queued.count < 64 && isWritable && context != nil }
        return false
    }

    /// Goes on with what came meanwhile.
    private func takeQueued(_ context: ChannelHandlerContext) {
        while takesParts, let part = queued.popFirst() { take(part, context) }
        if mustFlush {
            mustFlush = false
            context.flush()
        }
        if isReadHeld, queued.isEmpty, takesParts {
            isReadHeld = false
            context.read()
        }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (part, state) {
        case (_, .closing), (_, .deciding): return
        case (.head(let head), _): begin(head, context)
        case (.body(var bytes), .reading):
            received += bytes.readableBytes
            guard received <= worker.configuration.bodyLimit else {
                refuseBody(context)
                return
            }
            if body == nil { body = bytes } else { body?.writeBuffer(&bytes) }
        case (.end, .reading(let head, let facts)): finish(head, facts, context)
        case (.body, .waiting), (.end, .waiting): return
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let facts = HeaderFacts(head.headers)
        state = .reading(head, facts)
        body = nil
        received = 0
        since = Worker.nearlyNow()
        guard whole != nil || facts.isClear(head.version) else {
            worker.output.removeAll()
            var answer = worker.plain(400, "400 Bad Request")
            answer.extra = []
            end(answer, context)
            return
        }
        if let length = facts.length, length > worker.configuration.bodyLimit {
            refuseBody(context)
            return
        }
        if facts.expectsContinue, head.version == .http1_1 {
            context.writeAndFlush(
                wrapOutboundOut(.byteBuffer(Buffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))), promise: nil)
        }
    }

    private func refuseBody(_ context: ChannelHandlerContext) {
        let answer = worker.error(
            400, ErrorBody(code: "invalid_parameter", message: "request body too large"))
        end(answer, context)
    }

    // MARK: Answering

    private func finish(_ head: HTTPRequestHead, _ facts: HeaderFacts, _ context: ChannelHandlerContext) {
        let start = Worker.now()
        if worker.logsDecisions, peer.isEmpty { peer = Array(Self.address(context).utf8) }
        if worker.logsDecisions || worker.logsRequests { requestNumber = worker.counter.next() }
        if worker.logsRequests { worker.configuration.logger.log(.info, "Received request.", fields(head, context)) }
        if let tracer = worker.configuration.tracer {
            span = tracer.begin(
                .server, below: Self.parent(head.headers), isRemote: true, &worker.identifiers)
            worker.trace = span?.context
        }
        let answer = answer(head, facts, start)
        route = worker.lastRoute
        body = nil
        // The decoder understands nothing behind a request for another protocol.
        let isOther = facts.hasUpgrade || head.method == .CONNECT
        let isKept = head.isKeepAlive && !isOther
        if let answer {
            deliver(answer, head, context, start, isKept: isKept)
            return
        }
        guard let decision = worker.deferred else { return }
        worker.deferred = nil
        state = .deciding(decision)
        if span != nil { undecided = head }
        decision.deliver = { [weak self] answer in
            guard let self, let context = self.context else { return }
            deliver(answer, head, context, start, isKept: isKept)
            takeQueued(context)
        }
    }

    private func deliver(
        _ answer: AnswerHead, _ head: HTTPRequestHead, _ context: ChannelHandlerContext, _ start: UInt64, isKept: Bool
    ) {
        var answer = answer
        worker.pack(&answer, head.headers)
        let now = Worker.now()
        worker.metrics.record(route, head.method.place, answer.status, now &- start)
        if span != nil { record(answer, head, context) }
        state = .waiting
        since = now
        write(answer, head, context, isLast: !isKept || worker.isStopping)
        if worker.logsRequests {
            worker.configuration.logger.log(
                .info, "Sent response.",
                fields(head, context) + [
                    ("resp_status", .number(answer.status)), ("resp_bytes", .number(worker.output.count)),
                    ("resp_duration", .decimal(Double(Worker.now() &- start) / 1_000_000)),
                ])
        }
    }

    private func answer(_ head: HTTPRequestHead, _ facts: HeaderFacts, _ start: UInt64) -> AnswerHead? {
        guard let destination = worker.destinations.find(head.uri) else {
            worker.output.removeAll()
            return worker.plain(400, "400 Bad Request")
        }
        var request = Request(
            method: head.method, destination: destination, headers: head.headers, facts: facts,
            isDiagnostic: isDiagnostic)
        if worker.logsDecisions {
            request.peer = peer
            request.number = requestNumber
        }
        request.start = start
        request.trace = span?.context
        if case .tls = worker.configuration.authentication, let certificate = clientCertificate() {
            request.certificateSubject = certificate.subject
            request.certificates = certificate.json
        }
        guard let body else { return worker.answer(request, UnsafeBufferPointer(start: nil, count: 0)) }
        worker.body = body
        defer { worker.body = nil }
        return body.withUnsafeReadableBytes { worker.answer(request, $0.bindMemory(to: UInt8.self)) }
    }

    /// The head and the body as one buffer: the one copy that an answer's bytes make.
    private func write(_ answer: AnswerHead, _ head: HTTPRequestHead?, _ context: ChannelHandlerContext, isLast: Bool) {
        if whole != nil {
            writeStream(answer, head, context)
            return
        }
        let count = worker.output.count
        var buffer = worker.outgoing
        worker.outgoing = Buffer()
        buffer.clear(minimumCapacity: count + 256 + answer.extra.count)
        if !isLast, answer.status == 200, answer.varies, answer.extra.isEmpty, case .json = answer.content,
            let head, head.version.minor != 0, head.method != .HEAD
        {
            buffer.writeBytes(worker.headOfUsualAnswer())
            buffer.writeString(String(count))
            buffer.writeStaticString("\r\n\r\n")
            worker.output.withBytes { _ = buffer.writeBytes($0) }
            send(buffer, context, isLast: false)
            return
        }
        buffer.writeString(head?.version.minor == 0 ? "HTTP/1.0 " : "HTTP/1.1 ")
        buffer.writeString(String(answer.status))
        buffer.writeStaticString(" ")
        buffer.writeStaticString(AnswerHead.phrase(answer.status))
        buffer.writeStaticString("\r\n")
        if answer.content.type.utf8CodeUnitCount > 0 {
            buffer.writeStaticString("Content-Type: ")
            buffer.writeStaticString(answer.content.type)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeBytes(answer.extra)
        if answer.varies { buffer.writeStaticString("Vary: Accept-Encoding\r\n") }
        buffer.writeStaticString("Date: ")
        buffer.writeBytes(worker.httpDate())
        // An answer that has no content says nothing of its length.
        if answer.status != 204, answer.status != 304 {
            buffer.writeStaticString("\r\nContent-Length: ")
            buffer.writeString(String(count))
        }
        if isLast {
            buffer.writeStaticString("\r\nConnection: close")
        } else if head?.version.minor == 0 {
            buffer.writeStaticString("\r\nConnection: keep-alive")
        }
        buffer.writeStaticString("\r\n\r\n")
        if head?.method != .HEAD { worker.output.withBytes { _ = buffer.writeBytes($0) } }
        send(buffer, context, isLast: isLast)
    }

    private func send(_ buffer: Buffer, _ context: ChannelHandlerContext, isLast: Bool) {
        if buffer.capacity <= Worker.keptOutgoing { worker.outgoing = buffer }
        let promise: EventLoopPromise<Void>? = isLast ? context.eventLoop.makePromise() : nil
        if isLast {
            state = .closing
            promise?.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.closeNow() }
        }
        context.write(wrapOutboundOut(.byteBuffer(buffer)), promise: promise)
        mustFlush = true
        if isLast || !isWritable {
            mustFlush = false
            context.flush()
        }
    }

    /// An answer as HTTP/2 has it; the stream ends with it.
    private func writeStream(_ answer: AnswerHead, _ head: HTTPRequestHead?, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders()
        if answer.content.type.utf8CodeUnitCount > 0 {
            headers.add(name: "content-type", value: "\(answer.content.type)")
        }
        for line in answer.extra.split(separator: 0x0A) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == 0x20 }.prefix { $0 != 0x0D }
            headers.add(
                name: String(decoding: line[..<colon], as: UTF8.self).lowercased(),
                value: String(decoding: value, as: UTF8.self))
        }
        if answer.varies { headers.add(name: "vary", value: "Accept-Encoding") }
        headers.add(name: "date", value: String(decoding: worker.httpDate(), as: UTF8.self))
        let hasBody = answer.status != 204 && answer.status != 304
        if hasBody { headers.add(name: "content-length", value: String(worker.output.count)) }
        let part = HTTPResponseHead(
            version: .http2, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
        context.write(NIOAny(HTTPServerResponsePart.head(part)), promise: nil)
        if hasBody, head?.method != .HEAD, worker.output.count > 0 {
            var buffer = context.channel.allocator.buffer(capacity: worker.output.count)
            worker.output.withBytes { _ = buffer.writeBytes($0) }
            context.write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(buffer))), promise: nil)
        }
        state = .closing
        since = Worker.now()
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.closeNow() }
        context.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)), promise: promise)
    }

    /// What the certificate says that the client showed.
    private func clientCertificate() -> ClientCertificate? {
        if let certificate { return certificate }
        // A stream's certificate is its connection's; a connection's own parent is what listens, on another loop.
        let bytes = context.flatMap { context in
            (whole == nil ? context.channel : context.channel.parent).flatMap {
                TLSContext.clientCertificate(of: $0)
            }
        }
        let found = bytes.flatMap { bytes in
            CertificateSubject.text(of: bytes).map { subject in
                let describe = worker.configuration.authorizes ? worker.configuration.describeCertificates : nil
                return ClientCertificate(subject: subject, json: describe?([bytes]))
            }
        }
        certificate = .some(found)
        return found
    }

    /// Answers out of turn, and closes.
    private func end(_ answer: AnswerHead, _ context: ChannelHandlerContext) {
        body = nil
        write(answer, nil, context, isLast: true)
    }

    // MARK: Traces

    /// The span of whoever asks, as its headers tell.
    private static func parent(_ headers: HTTPHeaders) -> TraceContext? {
        guard let text = headers.first(name: "traceparent"), var context = TraceContext(text) else { return nil }
        // Sent on as they are, as long as they are short.
        func short(_ name: String) -> String {
            let text = headers[name].joined(separator: ",")
            return text.utf8.count <= 8192 ? text : ""
        }
        context.state = short("tracestate")
        context.baggage = short("baggage")
        return context
    }

    /// Ends the span of a request; without an answer the client has left.
    private func record(_ answer: AnswerHead?, _ head: HTTPRequestHead?, _ context: ChannelHandlerContext) {
        guard let span, let tracer = worker.configuration.tracer else { return }
        self.span = nil
        undecided = nil
        // Whoever reads metrics is not traced, as in OPA.
        guard span.isRecorded, let head, !Route.isMetrics(route) else { return }
        var request = ServedRequest()
        request.method = head.method.rawValue
        request.handler = "\(Route.handlerName(route))"
        let path = Array(head.uri.utf8.prefix { $0 != UInt8(ascii: "?") })
        request.route = Route.pattern(route, path)
        request.path = String(decoding: RequestTarget.unescape(path[...]) ?? path, as: UTF8.self)
        request.host = head.headers.first(name: "Host") ?? ""
        request.agent = head.headers.first(name: "User-Agent") ?? ""
        request.forwardedFor = head.headers.first(name: "X-Forwarded-For") ?? ""
        if let remote = context.channel.remoteAddress, let address = remote.ipAddress {
            request.peer = address
            request.peerPort = remote.port
        }
        request.isSecure = worker.configuration.tls != nil
        request.version = whole == nil ? "1.\(head.version.minor)" : "2.0"
        request.received = received
        if let answer {
            request.status = answer.status
            request.decision = answer.decision.map { String(decoding: $0, as: UTF8.self) } ?? ""
            request.sent = head.method == .HEAD ? 0 : worker.output.count
        }
        tracer.end(span, request)
    }

    // MARK: What goes wrong

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .closing = state { return }
        guard let error = error as? HTTPParserError else {
            context.close(promise: nil)
            return
        }
        worker.output.removeAll()
        let isLong = error == .headerOverflow
        var answer = worker.plain(
            isLong ? 431 : 400, isLong ? "431 Request Header Fields Too Large" : "400 Bad Request")
        answer.extra = []
        end(answer, context)
    }

    /// Looks now and then whether the client has stalled.
    private func schedule(_ context: ChannelHandlerContext) {
        let configuration = worker.configuration
        let seconds = max(0.05, min(5, min(configuration.idleTimeout, configuration.stallTimeout) / 4))
        watch = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(seconds * 1000))) {
            [weak self] in
            guard let self, let context = self.context else { return }
            self.check(context)
            if self.context != nil { self.schedule(context) }
        }
    }

    private func check(_ context: ChannelHandlerContext) {
        let now = Worker.now()
        func seconds(_ start: UInt64) -> Double { Double(now &- start) / 1e9 }
        let configuration = worker.configuration
        if let blockedSince, seconds(blockedSince) > configuration.stallTimeout {
            context.close(promise: nil)
            return
        }
        switch state {
        case .waiting:
            if queued.isEmpty, seconds(since) > configuration.idleTimeout { context.close(promise: nil) }
        case .reading:
            guard queued.isEmpty else { return }
            let allowed = configuration.stallTimeout + Double(received) / Double(max(1, configuration.slowestRate))
            if seconds(since) > allowed {
                worker.output.removeAll()
                end(worker.plain(408, "408 Request Timeout"), context)
            }
        case .deciding: return
        case .closing:
            if seconds(since) > configuration.stallTimeout { context.close(promise: nil) }
        }
    }

    private static func address(_ context: ChannelHandlerContext) -> String {
        guard let remote = context.channel.remoteAddress, let ip = remote.ipAddress, let port = remote.port else {
            return ""
        }
        return remote.protocol == .inet6 ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }

    private func fields(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) -> [(String, ServerLogger.Field)] {
        let path = head.uri.prefix { $0 != "?" }
        return [
            ("client_addr", .text(Self.address(context))), ("req_id", .number(requestNumber)),
            ("req_method", .text(head.method.rawValue)), ("req_path", .text(String(path))),
        ]
    }
}
