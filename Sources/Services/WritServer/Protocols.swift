import NIOCore
import NIOHTTP1

#if !WRIT_LIGHT
    import NIOHTTP2
    import NIOTLS
#endif

/// Puts on a connection what speaks the protocol that its client wants.
struct Protocols {
    let worker: Worker
    let isDiagnostic: Bool

    func speakHTTP1(on channel: any Channel) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = worker.configuration.headerLimit
        limits.maxHeaderListSize = worker.configuration.headLimit
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
        try channel.pipeline.syncOperations.addHandlers([
            ByteToMessageHandler(decoder), Connection(worker, isDiagnostic: isDiagnostic),
        ])
    }

    #if WRIT_LIGHT
        func negotiate(on channel: any Channel) throws { try speakHTTP1(on: channel) }
        func sniff(on channel: any Channel) throws { try speakHTTP1(on: channel) }
    #else
        /// HTTP/2 or 1.1, as the TLS handshake agrees.
        func negotiate(on channel: any Channel) throws {
            try channel.pipeline.syncOperations.addHandler(ProtocolChoice(self, byHandshake: true))
        }

        /// HTTP/2 or 1.1, as the first bytes tell.
        func sniff(on channel: any Channel) throws {
            try channel.pipeline.syncOperations.addHandler(ProtocolChoice(self, byHandshake: false))
        }

        func speakHTTP2(on channel: any Channel) throws {
            var connection = NIOHTTP2Handler.ConnectionConfiguration()
            connection.initialSettings = [
                HTTP2Setting(parameter: .maxConcurrentStreams, value: 128),
                HTTP2Setting(parameter: .maxHeaderListSize, value: worker.configuration.headLimit),
            ]
            let whole = MultiplexedConnection(worker)
            let parts = NIOLoopBound((worker, whole, isDiagnostic), eventLoop: channel.eventLoop)
            _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
                mode: .server, connectionConfiguration: connection, streamConfiguration: .init()
            ) { stream in
                stream.eventLoop.makeCompletedFuture {
                    let (worker, whole, isDiagnostic) = parts.value
                    try stream.pipeline.syncOperations.addHandlers([
                        HTTP2FramePayloadToHTTP1ServerCodec(),
                        Connection(worker, isDiagnostic: isDiagnostic, streamOf: whole),
                    ])
                }
            }
            try channel.pipeline.syncOperations.addHandler(whole)
        }
    #endif
}

#if WRIT_LIGHT
    /// This build has no HTTP/2.
    final class MultiplexedConnection {
        func opened() {}
        func closed() {}
        func stopWhenIdle() {}
        func closeNow() {}
    }
#else
    /// Waits until it is known which protocol the client speaks, for a limited time.
    final class ProtocolChoice: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = NIOCore.ByteBuffer
        typealias InboundOut = NIOCore.ByteBuffer

        private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

        private let protocols: Protocols
        private let byHandshake: Bool
        private var received = NIOCore.ByteBuffer()
        private var deadline: Scheduled<Void>?
        private var isDone = false

        init(_ protocols: Protocols, byHandshake: Bool) {
            self.protocols = protocols
            self.byHandshake = byHandshake
        }

        func handlerAdded(context: ChannelHandlerContext) {
            let seconds = protocols.worker.configuration.stallTimeout
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            deadline = context.eventLoop.scheduleTask(in: .milliseconds(Int64(seconds * 1000))) {
                bound.value.close(promise: nil)
            }
        }

        func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

        func channelInactive(context: ChannelHandlerContext) {
            deadline?.cancel()
            context.fireChannelInactive()
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if byHandshake, let event = event as? TLSUserEvent, case .handshakeCompleted(let chosen) = event {
                choose(isHTTP2: chosen == "h2", context)
            }
            context.fireUserInboundEventTriggered(event)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            if isDone {
                context.fireChannelRead(data)
                return
            }
            received.writeBuffer(&bytes)
            guard !byHandshake else { return }
            let start = received.readableBytesView.prefix(Self.preface.count)
            guard Self.preface.starts(with: start) else {
                choose(isHTTP2: false, context)
                return
            }
            if start.count == Self.preface.count { choose(isHTTP2: true, context) }
        }

        private func choose(isHTTP2: Bool, _ context: ChannelHandlerContext) {
            guard !isDone else { return }
            isDone = true
            deadline?.cancel()
            do {
                if isHTTP2 {
                    try protocols.speakHTTP2(on: context.channel)
                } else {
                    try protocols.speakHTTP1(on: context.channel)
                }
            } catch {
                context.close(promise: nil)
                return
            }
            if received.readableBytes > 0 {
                context.fireChannelRead(wrapInboundOut(received))
                context.fireChannelReadComplete()
            }
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
    }

    /// A connection of HTTP/2: what its streams have in common.
    final class MultiplexedConnection: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame
        typealias OutboundOut = HTTP2Frame

        private let worker: Worker
        private var context: ChannelHandlerContext?
        private var streams = 0
        /// When the last stream ended.
        private var since = Worker.now()
        private var watch: RepeatedTask?

        init(_ worker: Worker) { self.worker = worker }

        func handlerAdded(context: ChannelHandlerContext) {
            self.context = context
            worker.multiplexed[ObjectIdentifier(self)] = self
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            let pause = TimeAmount.milliseconds(Int64(max(0.05, min(5, worker.configuration.idleTimeout / 4)) * 1000))
            watch = context.eventLoop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { _ in bound.value.check()
            }
        }

        func handlerRemoved(context: ChannelHandlerContext) { forget() }

        func channelInactive(context: ChannelHandlerContext) {
            forget()
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // Errors of one stream are that stream's.
            if error is NIOHTTP2Errors.StreamClosed || error is NIOHTTP2Errors.NoSuchStream { return }
            context.close(promise: nil)
        }

        private func forget() {
            watch?.cancel()
            watch = nil
            context = nil
            worker.multiplexed[ObjectIdentifier(self)] = nil
        }

        func opened() { streams += 1 }

        func closed() {
            streams -= 1
            since = Worker.now()
            if worker.isStopping, streams <= 0 { closeNow() }
        }

        private func check() {
            guard streams <= 0, Double(Worker.now() &- since) / 1e9 > worker.configuration.idleTimeout else { return }
            closeNow()
        }

        /// Tells the client to begin no more streams, and closes once those there are have ended.
        func stopWhenIdle() {
            guard let context else { return }
            let frame = HTTP2Frame(
                streamID: .rootStream, payload: .goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil))
            context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
            if streams <= 0 { closeNow() }
        }

        func closeNow() { context?.close(promise: nil) }
    }
#endif
