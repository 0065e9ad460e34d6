import AsyncHTTPClient
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One request with its redirects and retries. It holds no thread: the traffic has an event loop of its own.
final class HTTPExchange: Sendable {
    private struct State {
        var outcome: Result<HTTPResponse, HTTPFailure>?
        var task: HTTPClient.Task<HTTPClient.Response>?
        var isCancelled = false
    }

    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    /// Where the system's resolver is asked, which blocks.
    static let resolving: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()
    private static let redirectLimit = 10

    private let options: HTTPRequestOptions
    private let network: NetworkOptions
    private let attachment: (any Sendable)?
    private let shared: HTTPClient
    private let state = NIOLockedValueBox(State())
    private let loop = HTTPExchange.group.next()

    /// `attachment` is what the evaluation has of the request that it decides.
    init(_ options: HTTPRequestOptions, _ network: NetworkOptions, _ attachment: (any Sendable)? = nil) {
        self.options = options
        self.attachment = attachment
        self.network = network
        shared = Self.client(network.bodyLimit)
    }

    /// The outcome, once `start` has called back.
    var outcome: Result<HTTPResponse, HTTPFailure> {
        state.withLockedValue { $0.outcome } ?? .failure(.network("context canceled"))
    }

    /// Sends the request; calls `done` once when there is an outcome.
    func start(_ done: @escaping @Sendable () -> Void) {
        attempt(0).whenComplete { result in
            self.state.withLockedValue { state in
                switch result {
                case .success(let response): state.outcome = .success(response)
                case .failure(let error as HTTPFailure): state.outcome = .failure(error)
                case .failure(let error): state.outcome = .failure(.network("\(error)"))
                }
                state.task = nil
            }
            done()
        }
    }

    /// Gives up; `done` is called soon.
    func cancel() {
        let task = state.withLockedValue { state in
            state.isCancelled = true
            return state.task
        }
        task?.fail(reason: HTTPClientError.cancelled)
    }

    // MARK: Retries and redirects

    private func attempt(_ number: Int) -> EventLoopFuture<HTTPResponse> {
        let deadline: NIODeadline? = options.timeout > 0 ? .now() + .nanoseconds(options.timeout) : nil
        return follow(options, hops: 0, deadline).flatMapError { error in
            let isFinal = self.state.withLockedValue { $0.isCancelled } || number >= self.options.retries
            guard let failure = error as? HTTPFailure, failure.mayPass, !isFinal else {
                return self.loop.makeFailedFuture(error)
            }
            return self.loop.scheduleTask(in: Self.pause(before: number)) {}.futureResult
                .flatMap { self.attempt(number + 1) }
        }
    }

    /// The first retry comes at once, those after it in growing intervals from 160 ms to a minute.
    private static func pause(before retry: Int) -> TimeAmount {
        guard retry > 0 else { return .nanoseconds(0) }
        var pause = 0.1
        for _ in 0..<min(retry, 20) { pause = min(60, pause * 1.6) }
        return .nanoseconds(Int64(pause * Double.random(in: 0.8...1.2) * 1e9))
    }

    private func follow(
        _ options: HTTPRequestOptions, hops: Int, _ deadline: NIODeadline?
    ) -> EventLoopFuture<HTTPResponse> {
        let shown = "\(options.verb) \"\(options.url)\""
        let address: HTTPAddress
        do throws(HTTPFailure) { address = try Self.address(options, network, isRedirect: hops > 0) } catch {
            return loop.makeFailedFuture(error)
        }
        return pinned(address, shown).flatMap { place in
            self.send(options, address, pinned: place, deadline)
        }.flatMap { response in
            guard options.followsRedirects, let target = Self.redirect(response, address) else {
                return self.loop.makeSucceededFuture(response)
            }
            guard hops < Self.redirectLimit else {
                let text = "\(shown): stopped after \(Self.redirectLimit) redirects"
                return self.loop.makeFailedFuture(HTTPFailure.network(text))
            }
            let next = options.redirected(response.code, from: address, to: target, first: self.options)
            return self.follow(next, hops: hops + 1, deadline)
        }
    }

    private static func redirect(_ response: HTTPResponse, _ address: HTTPAddress) -> String? {
        guard [301, 302, 303, 307, 308].contains(response.code), let target = response.header("location"),
            !target.isEmpty
        else { return nil }
        return address.resolving(target)
    }

    /// The address to ask, where it is one and may be asked.
    private static func address(
        _ options: HTTPRequestOptions, _ network: NetworkOptions, isRedirect: Bool
    ) throws(HTTPFailure) -> HTTPAddress {
        let shown = "\(options.verb) \"\(options.url)\""
        let address: HTTPAddress
        do throws(HTTPAddress.Refusal) { address = try HTTPAddress(options.url) } catch {
            switch error {
            case .control:
                throw .refused("parse \"\(options.url)\": net/url: invalid control character in URL")
            case .scheme(let name): throw .network("\(shown): unsupported protocol scheme \"\(name)\"")
            case .host: throw .network("\(shown): http: no Host in request URL")
            }
        }
        guard !network.isAllowed(address.host) else { return address }
        let text = "unallowed host: \(address.host)"
        throw isRedirect ? .network("\(shown): \(text)") : .refused(text)
    }

    // MARK: One message

    /// Where private addresses are refused: the one address of the host that is then connected to, so that what was
    /// looked at is what is asked. Nil where the client may look the host up itself.
    private func pinned(_ address: HTTPAddress, _ shown: String) -> EventLoopFuture<String?> {
        guard network.refusesPrivateAddresses else { return loop.makeSucceededFuture(nil) }
        let refusal = HTTPFailure.refused("unallowed address of host: \(address.host)")
        guard address.socket.isEmpty else { return loop.makeFailedFuture(refusal) }
        return Self.resolving.runIfActive(eventLoop: loop) { self.network.resolve(address.host) }
            .flatMapThrowing { found in
                guard let first = found.first else {
                    throw HTTPFailure.network("\(shown): dial tcp: lookup \(address.host): no such host")
                }
                if found.contains(where: self.network.isRefused) { throw refusal }
                return first
            }
    }

    private func send(
        _ options: HTTPRequestOptions, _ address: HTTPAddress, pinned: String?, _ deadline: NIODeadline?
    ) -> EventLoopFuture<HTTPResponse> {
        let shown = "\(options.verb) \"\(address.socket.isEmpty ? options.url : address.text)\""
        let name = Self.serverName(options, address)
        var request: HTTPClient.Request
        do throws(HTTPFailure) {
            request = try Self.request(options, address, name, shown)
        } catch {
            return loop.makeFailedFuture(error)
        }
        let watched = network.watch?(attachment, options.method, address.text)
        for (name, value) in watched?.headers ?? [] { request.headers.replaceOrAdd(name: name, value: value) }
        // A client of its own is the way to say which address a name stands for.
        let isOwn = name != nil || pinned != nil
        let client =
            isOwn ? Self.client(for: name ?? address.host, at: pinned ?? address.host, network.bodyLimit) : shared
        let accumulator = ResponseAccumulator(request: request, maxBodySize: network.bodyLimit)
        let task = client.execute(
            request: request, delegate: accumulator, eventLoop: .delegateAndChannel(on: loop), deadline: deadline)
        let isCancelled = state.withLockedValue { state in
            state.task = task
            return state.isCancelled
        }
        if isCancelled { task.fail(reason: HTTPClientError.cancelled) }
        let isUnpacked = options.isUnpacked
        return task.futureResult
            .map { Self.response($0, isUnpacked: isUnpacked) }
            .flatMapErrorThrowing { throw Self.failure($0, options, address, shown) }
            .always { result in
                if isOwn { client.shutdown { _ in } }
                switch result {
                case .success(let response): watched?.end(response.code, nil)
                case .failure(let error): watched?.end(nil, (error as? HTTPFailure)?.text ?? "\(error)")
                }
            }
    }

    private static func request(
        _ options: HTTPRequestOptions, _ address: HTTPAddress, _ name: String?, _ shown: String
    ) throws(HTTPFailure) -> HTTPClient.Request {
        let tls = try HTTPTLS.configuration(options.tls)
        guard HTTPRequestOptions.isToken(options.method) else {
            throw .refused("net/http: invalid method \"\(options.method)\"")
        }
        var headers = HTTPHeaders()
        for (name, value) in options.headers {
            guard HTTPRequestOptions.isToken(name) else {
                throw .network("\(shown): net/http: invalid header field name \"\(name)\"")
            }
            guard !value.utf8.contains(where: { $0 < 0x20 && $0 != 9 || $0 == 0x7f }) else {
                throw .network("\(shown): net/http: invalid header field value for \"\(name)\"")
            }
            headers.add(name: name, value: value)
        }
        if !headers.contains(name: "Host") {
            headers.add(name: "Host", value: address.authority)
        }
        if !headers.contains(name: "User-Agent") { headers.add(name: "User-Agent", value: "Writ") }
        if options.isUnpacked { headers.add(name: "Accept-Encoding", value: "gzip") }
        if let user = address.user, !headers.contains(name: "Authorization") {
            headers.add(name: "Authorization", value: "Basic \(Self.basic(user))")
        }
        do {
            return try HTTPClient.Request(
                url: address.clientURL(under: name), method: HTTPMethod(rawValue: options.method), headers: headers,
                body: options.body.isEmpty ? nil : .bytes(options.body), tlsConfiguration: tls)
        } catch {
            throw .network("\(shown): \(error)")
        }
    }

    /// Name and password as they stand in an address, for the header.
    private static func basic(_ user: String) -> String {
        let parts = user.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let text = parts.map { HTTPAddress.unescaped($0, plus: false) }.joined(separator: ":")
        let whole = parts.count == 1 ? text + ":" : text
        return String(decoding: Base64Text.encode(Array(whole.utf8), url: false, padding: true), as: UTF8.self)
    }

    /// The name under which a server shows its certificate, where it is not that of the address.
    private static func serverName(_ options: HTTPRequestOptions, _ address: HTTPAddress) -> String? {
        guard address.scheme == "https" else { return nil }
        var name = options.tls.serverName
        if name.isEmpty { name = options.header("Host") ?? "" }
        if let colon = name.lastIndex(of: ":"), !name.contains("]"), !name[..<colon].contains(":") {
            name = String(name[..<colon])
        }
        return name.isEmpty || name == address.host ? nil : name
    }

    private static func response(_ response: HTTPClient.Response, isUnpacked: Bool) -> HTTPResponse {
        var body: [UInt8] = []
        if let buffer = response.body { body = Array(buffer.readableBytesView) }
        var headers = response.headers.map { ($0.name.lowercased(), $0.value) }
        // What was packed for the way only is not told of.
        if isUnpacked, response.headers.first(name: "Content-Encoding")?.lowercased() == "gzip" {
            headers.removeAll { $0.0 == "content-encoding" || $0.0 == "content-length" }
        }
        headers.removeAll { $0.0 == "transfer-encoding" }
        return HTTPResponse(
            status: "\(response.status.code) \(response.status.reasonPhrase)", code: Int(response.status.code),
            headers: headers, body: body)
    }

    // MARK: Clients

    private static let clients = NIOLockedValueBox<[Int: HTTPClient]>([:])

    /// The client for requests without wishes of their own; one for each limit of bodies, of which there are few.
    private static func client(_ bodyLimit: Int) -> HTTPClient {
        clients.withLockedValue { clients in
            if let client = clients[bodyLimit] { return client }
            let client = HTTPClient(eventLoopGroup: group, configuration: configuration(bodyLimit))
            clients[bodyLimit] = client
            return client
        }
    }

    /// A client for which a name stands for one address.
    private static func client(for name: String, at place: String, _ bodyLimit: Int) -> HTTPClient {
        var configuration = configuration(bodyLimit)
        configuration.dnsOverride = [name: place]
        return HTTPClient(eventLoopGroup: group, configuration: configuration)
    }

    private static func configuration(_ bodyLimit: Int) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.tlsConfiguration = HTTPTLS.base
        configuration.timeout.connect = .seconds(30)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.decompression = .enabled(limit: .size(bodyLimit))
        configuration.httpVersion = .http1Only
        return configuration
    }

    // MARK: Failures

    private static func failure(
        _ error: any Error, _ options: HTTPRequestOptions, _ address: HTTPAddress, _ shown: String
    ) -> HTTPFailure {
        if let failure = error as? HTTPFailure { return failure }
        if let failure = error as? HTTPClientError {
            let isLate = [.deadlineExceeded, .readTimeout, .connectTimeout, .tlsHandshakeTimeout].contains(failure)
            if isLate { return .timeout(options.verb, options.url) }
            if failure == .cancelled { return .network("\(shown): context canceled") }
            if failure == .remoteConnectionClosed { return .network("\(shown): EOF") }
        }
        if error is ResponseAccumulator.ResponseTooBigError {
            return .refused("the response is larger than the limit")
        }
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return .network(
                "\(shown): tls: failed to verify certificate: x509: certificate signed by unknown authority")
        }
        if let failure = error as? NIOConnectionError, failure.connectionErrors.isEmpty {
            return .network("\(shown): dial tcp: lookup \(address.host): no such host")
        }
        let place = address.socket.isEmpty ? "tcp \(address.place)" : "unix \(address.socket)"
        let causes = [(111, "connection refused"), (2, "no such file or directory"), (13, "permission denied")]
        for (code, cause) in causes where text.contains("errno: \(code))") {
            return .network("\(shown): dial \(place): connect: \(cause)")
        }
        return .network("\(shown): \(text)")
    }
}

extension HTTPFailure {
    /// What happened, in words.
    fileprivate var text: String {
        switch self {
        case .operand(let text), .refused(let text), .network(let text): text
        case .timeout(let verb, let url): "\(verb) \"\(url)\": context deadline exceeded"
        case .fault: "the evaluation ended"
        }
    }

    /// Whether another attempt may end otherwise.
    fileprivate var mayPass: Bool {
        switch self {
        case .network, .timeout: true
        case .operand, .refused, .fault: false
        }
    }
}
