import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Writ

/// Why a server cannot start.
public struct ServerFailure: Error, Sendable {
    public let message: String
}

/// Answers decisions over HTTP until it is stopped.
public final class Server: Sendable {
    private let configuration: ServerConfiguration
    private let group: MultiThreadedEventLoopGroup
    private let listeners: [any Channel]
    private let workers: Workers
    private let offline: Offline

    /// The workers, each touched on its own loop only.
    private struct Workers: @unchecked Sendable {
        let byLoop: [ObjectIdentifier: Worker]

        func callAsFunction(_ loop: any EventLoop) -> Worker? { byLoop[ObjectIdentifier(loop)] }
    }

    /// Listens at every address and begins to answer. Returns once that is so.
    public static func start(
        _ store: SnapshotStore, _ configuration: ServerConfiguration
    ) throws(ServerFailure) -> Server {
        let group = MultiThreadedEventLoopGroup(
            numberOfThreads: configuration.threads > 0 ? configuration.threads : System.coreCount)
        let counter = RequestCounter()
        let loops = group.makeIterator().map {
            (loop: $0, metrics: LoopMetrics(requestBounds: configuration.durationBounds))
        }
        let offline = offline(store, configuration, loops.map { $0.metrics })
        var byLoop: [ObjectIdentifier: Worker] = [:]
        for (loop, metrics) in loops {
            byLoop[ObjectIdentifier(loop)] = Worker(configuration, store, counter, loop, offline, metrics)
        }
        let workers = Workers(byLoop: byLoop)
        for (loop, metrics) in loops { watch(loop, metrics, workers) }
        var listeners: [any Channel] = []
        let places = configuration.addresses.map { ($0, false) } + configuration.diagnosticAddresses.map { ($0, true) }
        var place = ""
        do {
            let security = try configuration.tls.map { try TLSContext($0, group, configuration.logger) }
            for (address, isDiagnostic) in places {
                place = "listen \(address): "
                listeners.append(
                    try listen(address, group, workers, configuration, security, isDiagnostic: isDiagnostic))
            }
        } catch {
            for listener in listeners { try? listener.close().wait() }
            offline.stop()
            try? group.syncShutdownGracefully()
            throw ServerFailure(message: "\(place)\(Self.describe(error))")
        }
        return Server(configuration, group, listeners, workers, offline)
    }

    private static func offline(
        _ store: SnapshotStore, _ configuration: ServerConfiguration, _ metrics: [LoopMetrics]
    ) -> Offline {
        let writes = NIOThreadPool(numberOfThreads: 1)
        let queries = NIOThreadPool(numberOfThreads: 2)
        writes.start()
        queries.start()
        let writer = configuration.writer ?? PolicyWriter(store, configuration.bundles)
        return Offline(
            answers: OfflineAnswers(configuration: configuration, store: store, writer: writer), writes: writes,
            queries: queries, metrics: ServerMetrics(loops: metrics, requestBounds: configuration.durationBounds))
    }

    /// Measures now and then how late a loop is, and lets one that has nothing to do give up what is no longer current.
    private static func watch(_ loop: any EventLoop, _ metrics: LoopMetrics, _ workers: Workers) {
        // Often while requests come, so that what holds the loop for some milliseconds is met.
        @Sendable func look() {
            let pause: UInt64 = metrics.wasBusy() ? 20_000_000 : 500_000_000
            let due = Worker.now() &+ pause
            loop.scheduleTask(in: .nanoseconds(Int64(pause))) {
                let now = Worker.now()
                metrics.lagged(now > due ? now - due : 0)
                workers(loop)?.forgetOlder()
                look()
            }
        }
        look()
    }

    private init(
        _ configuration: ServerConfiguration, _ group: MultiThreadedEventLoopGroup, _ listeners: [any Channel],
        _ workers: Workers, _ offline: Offline
    ) {
        self.offline = offline
        self.configuration = configuration
        self.group = group
        self.listeners = listeners
        self.workers = workers
    }

    /// Where the server listens, as `host:port` or the socket's path.
    public var addresses: [String] {
        listeners.map { listener in
            guard let address = listener.localAddress else { return "" }
            if let path = address.pathname, address.ipAddress == nil { return path }
            let host = address.ipAddress ?? ""
            return address.protocol == .inet6 ? "[\(host)]:\(address.port ?? 0)" : "\(host):\(address.port ?? 0)"
        }
    }

    /// The first address's port.
    public var port: Int { listeners.first?.localAddress?.port ?? 0 }

    /// Takes no more connections, lets the requests in flight finish within `gracePeriod` seconds, then closes what is
    /// left. Blocks until all is done; not for an event loop's thread.
    public func stop(gracePeriod: Double) {
        for listener in listeners {
            let path = listener.localAddress?.pathname
            try? listener.close().wait()
            if let path, !path.isEmpty { unlink(path) }
        }
        let workers = workers
        for loop in group.makeIterator() {
            try? loop.submit {
                guard let worker = workers(loop) else { return }
                worker.isStopping = true
                for connection in Array(worker.connections.values) { connection.stopWhenIdle() }
                for connection in Array(worker.multiplexed.values) { connection.stopWhenIdle() }
            }.wait()
        }
        let deadline = Worker.now() &+ UInt64(max(0, gracePeriod) * 1e9)
        while connectionCount > 0, Worker.now() < deadline {
            // Connections end on the loops; looking 50 times a second keeps this free of shared state.
            try? group.next().scheduleTask(in: .milliseconds(20)) {}.futureResult.wait()
        }
        for loop in group.makeIterator() {
            try? loop.submit {
                for connection in Array((workers(loop)?.connections ?? [:]).values) { connection.closeNow() }
                for connection in Array((workers(loop)?.multiplexed ?? [:]).values) { connection.closeNow() }
            }.wait()
        }
        offline.stop()
        try? group.syncShutdownGracefully()
    }

    /// Connections that are open. Blocks; not for an event loop's thread.
    var connectionCount: Int {
        let workers = workers
        var count = 0
        for loop in group.makeIterator() {
            count +=
                (try? loop.submit {
                    (workers(loop)?.connections.count ?? 0) + (workers(loop)?.multiplexed.count ?? 0)
                }.wait()) ?? 0
        }
        return count
    }

    // MARK: Listening

    private static func listen(
        _ address: String, _ group: MultiThreadedEventLoopGroup, _ workers: Workers,
        _ configuration: ServerConfiguration, _ security: TLSContext?, isDiagnostic: Bool
    ) throws -> any Channel {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let worker = workers(channel.eventLoop), !worker.isStopping else {
                        throw ServerFailure(message: "stopping")
                    }
                    let protocols = Protocols(worker: worker, isDiagnostic: isDiagnostic)
                    if let security {
                        try security.secure(channel)
                        try protocols.negotiate(on: channel)
                    } else if configuration.speaksPlainHTTP2 {
                        try protocols.sniff(on: channel)
                    } else {
                        try protocols.speakHTTP1(on: channel)
                    }
                }
            }
        if let path = unixPath(address) {
            let listener = try bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).wait()
            if let permissions = configuration.socketPermissions { chmod(path, mode_t(permissions)) }
            return listener
        }
        guard let (host, port) = hostAndPort(address) else {
            throw ServerFailure(message: "an address is written as host:port, :port or unix://path")
        }
        return try bootstrap.bind(host: host, port: port).wait()
    }

    static func unixPath(_ address: String) -> String? {
        let prefix = "unix://"
        return address.utf8.starts(with: prefix.utf8) ? String(address.utf8.dropFirst(prefix.utf8.count)) : nil
    }

    /// `host:port`, `[v6]:port`, `:port` (every interface), `http://host:port`.
    static func hostAndPort(_ address: String) -> (host: String, port: Int)? {
        var bytes = Array(address.utf8)[...]
        if bytes.starts(with: "http://".utf8) { bytes = bytes.dropFirst(7) }
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")),
            let port = Int(String(decoding: bytes[(colon + 1)...], as: UTF8.self)), (0...65535).contains(port)
        else { return nil }
        var host = bytes[..<colon]
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") { host = host.dropFirst().dropLast() }
        return (host.isEmpty ? "0.0.0.0" : String(decoding: host, as: UTF8.self), port)
    }

    private static func describe(_ error: any Error) -> String {
        if let failure = error as? ServerFailure { return failure.message }
        if let failure = error as? IOError {
            return failure.errnoCode == EADDRINUSE ? "bind: address already in use" : failure.description
        }
        return "\(error)"
    }
}
