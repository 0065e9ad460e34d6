import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Writ
import WritTelemetry

/// Why a service did not answer, or could not be asked.
public struct ServiceFailure: Error, Sendable {
    public let message: String

    public init(_ message: String) { self.message = message }
}

/// A request to a service.
public struct ServiceRequest: Sendable {
    public var method = "GET"
    /// Below the service's address.
    public var path: String
    /// Beside, and over, those of the settings.
    public var headers: [ServiceSettings.Header] = []
    public var body: [UInt8] = []
    /// Bytes of the largest body of a response.
    public var bodyLimit = 16 << 20
    /// Seconds by which the head of the response may come later than the settings allow: what was asked to be waited.
    public var patience = 0

    public init(path: String) { self.path = path }
}

/// The answer of a service.
public struct ServiceResponse: Sendable {
    public var status: Int
    /// Names in lower case.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    /// The first header of a name in lower case.
    public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// The connections that all services share.
final class ServiceConnections: Sendable {
    static let shared = ServiceConnections()

    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let client: HTTPClient
    /// Where what takes long is done: reading, verifying, activating, disk.
    let pool = NIOThreadPool(numberOfThreads: 2)

    private init() {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroup: group, configuration: configuration)
        pool.start()
    }

    /// Holds the thread until something is done; not for an event loop's thread.
    func wait(_ body: @escaping @Sendable () async -> Void) {
        let promise = group.next().makePromise(of: Void.self)
        promise.completeWithTask { await body() }
        try? promise.futureResult.wait()
    }
}

/// Asks one service, as its settings say, with its credentials.
public final class ServiceClient: Sendable {
    public let settings: ServiceSettings
    let credentials: any CredentialProvider
    private let security: ServiceSecurity
    private let tracer: SpanTracer?

    /// With a tracer, each request is a span of its own.
    public init(_ settings: ServiceSettings, tracer: SpanTracer? = nil) {
        self.settings = settings
        self.tracer = tracer
        credentials = Credentials.provider(settings)
        security = ServiceSecurity(settings)
    }

    private static let redirectLimit = 10
    /// A body may take so many seconds, and a second more for each `slowestRate` bytes that have come.
    private static let bodyPatience = 60
    private static let slowestRate = 1024

    /// Sends a request and reads its response. Follows redirects; credentials go to the service's own host only.
    public func send(_ request: ServiceRequest) async throws(ServiceFailure) -> ServiceResponse {
        var path = request.path[...]
        while path.hasPrefix("/") { path = path.dropFirst() }
        while path.hasSuffix("/") { path = path.dropLast() }
        var outgoing = OutgoingRequest(method: request.method, url: settings.url + "/" + path)
        outgoing.body = request.body
        outgoing.set("User-Agent", "Writ")
        for header in settings.headers + request.headers { outgoing.set(header.name, header.value) }
        let origin = Self.origin(outgoing.url)
        for _ in 0...Self.redirectLimit {
            var signed = outgoing
            if Self.origin(signed.url) == origin { try await credentials.sign(&signed) }
            let response = try await traced(signed, request)
            guard [301, 302, 303, 307, 308].contains(response.status), let target = response.header("location"),
                let next = Self.resolve(target, from: outgoing.url)
            else { return response }
            if response.status < 307, outgoing.method != "GET" {
                outgoing.method = "GET"
                outgoing.body = []
            }
            outgoing.url = next
        }
        throw ServiceFailure("\(outgoing.method) \(outgoing.url): stopped after \(Self.redirectLimit) redirects")
    }

    /// Sends one message, and records that.
    private func traced(
        _ outgoing: OutgoingRequest, _ request: ServiceRequest
    ) async throws(ServiceFailure) -> ServiceResponse {
        var outgoing = outgoing
        let span = tracer?.beginRequest(outgoing.method, outgoing.url, below: nil)
        for (name, value) in span?.context.headers ?? [] { outgoing.set(name, value) }
        do throws(ServiceFailure) {
            let response = try await Self.exchange(
                outgoing, tls: try security.configuration(), headTimeout: settings.headTimeout,
                patience: request.patience, bodyLimit: request.bodyLimit)
            if let span { tracer?.endRequest(span, status: response.status, failure: nil) }
            return response
        } catch {
            if let span { tracer?.endRequest(span, status: nil, failure: error.message) }
            throw error
        }
    }

    /// Scheme, host and port.
    private static func origin(_ url: String) -> String {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.prefix(3).joined(separator: "/").lowercased()
    }

    private static func resolve(_ target: String, from url: String) -> String? {
        if target.hasPrefix("http://") || target.hasPrefix("https://") { return target }
        if target.hasPrefix("//") { return nil }
        if target.hasPrefix("/") { return origin(url) + target }
        return nil
    }

    // MARK: One message

    /// Sends one message and reads what comes back. Cancelling the task ends it.
    static func exchange(
        _ outgoing: OutgoingRequest, tls: TLSConfiguration?, headTimeout: Int, patience: Int = 0,
        bodyLimit: Int = 1 << 20
    ) async throws(ServiceFailure) -> ServiceResponse {
        let shown = "\(outgoing.shownMethod) \"\(outgoing.url)\""
        var request = HTTPClientRequest(url: outgoing.url)
        request.method = HTTPMethod(rawValue: outgoing.method)
        for header in outgoing.headers { request.headers.add(name: header.name, value: header.value) }
        if !outgoing.body.isEmpty { request.body = .bytes(outgoing.body) }
        request.tlsConfiguration = tls
        let limit = headTimeout == 0 ? nil : headTimeout + patience
        let watch = Deadline(seconds: limit)
        let sent = request
        let work = Task { () async -> Result<ServiceResponse, ServiceFailure> in
            do {
                let response = try await ServiceConnections.shared.client.execute(sent, deadline: .distantFuture)
                watch.extend(seconds: bodyPatience)
                var body: [UInt8] = []
                if let length = response.headers.first(name: "Content-Length").flatMap({ Int($0) }) {
                    guard length <= bodyLimit else { throw ServiceFailure(tooLarge(shown, bodyLimit)) }
                    body.reserveCapacity(min(max(0, length), 64 << 20))
                }
                for try await part in response.body {
                    guard body.count + part.readableBytes <= bodyLimit else {
                        throw ServiceFailure(tooLarge(shown, bodyLimit))
                    }
                    body += part.readableBytesView
                    watch.extend(seconds: bodyPatience + body.count / slowestRate)
                }
                return .success(
                    ServiceResponse(
                        status: Int(response.status.code),
                        headers: response.headers.map { ($0.name.lowercased(), $0.value) }, body: body))
            } catch let failure as ServiceFailure {
                return .failure(failure)
            } catch {
                return .failure(ServiceFailure(describe(error, shown)))
            }
        }
        let guarding = Task {
            while let left = watch.left {
                if left <= 0 {
                    watch.expire()
                    work.cancel()
                    return
                }
                try await Task.sleep(nanoseconds: UInt64(left))
            }
        }
        let result = await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            work.cancel()
        }
        guarding.cancel()
        if watch.isExpired {
            throw ServiceFailure("\(shown): the response took too long (Client.Timeout exceeded while awaiting it)")
        }
        return try result.get()
    }

    private static func tooLarge(_ shown: String, _ limit: Int) -> String {
        "\(shown): the response is larger than \(limit) bytes"
    }

    private static func describe(_ error: any Error, _ shown: String) -> String {
        if let failure = error as? HTTPClientError {
            switch failure {
            case .remoteConnectionClosed: return "\(shown): EOF"
            case .connectTimeout: return "\(shown): dial tcp: i/o timeout"
            case .cancelled: return "\(shown): context canceled"
            default: return "\(shown): \(failure.shortDescription)"
            }
        }
        if error is CancellationError { return "\(shown): context canceled" }
        let text = "\(error)"
        if text.contains("CERTIFICATE_VERIFY_FAILED") {
            return "\(shown): tls: failed to verify certificate: x509: certificate signed by unknown authority"
        }
        if let failure = error as? NIOConnectionError {
            if failure.connectionErrors.isEmpty { return "\(shown): dial tcp: lookup \(failure.host): no such host" }
            if text.contains("errno: 111)") { return "\(shown): dial tcp: connect: connection refused" }
        }
        if text.contains("errno: 111)") { return "\(shown): dial tcp: connect: connection refused" }
        if text.contains("errno: 104)") { return "\(shown): read tcp: connection reset by peer" }
        return "\(shown): \(text)"
    }
}

/// A message as it is made ready.
struct OutgoingRequest: Sendable {
    var method: String
    var url: String
    private(set) var headers: [ServiceSettings.Header] = []
    var body: [UInt8] = []

    init(method: String, url: String) {
        self.method = method
        self.url = url
    }

    /// Puts a header in the place of one of its name.
    mutating func set(_ name: String, _ value: String) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
        headers.append(ServiceSettings.Header(name, value))
    }

    /// `Get`, as Go's messages begin.
    var shownMethod: String { method.prefix(1) + method.dropFirst().lowercased() }
}

/// A time that may be moved while somebody waits for it.
private final class Deadline: Sendable {
    /// Nanoseconds of the clock that never goes back; 0 for never, -1 once it has passed.
    private let time: Atomic<Int64>

    init(seconds: Int?) { time = Atomic(seconds.map { Self.now() + Int64($0) * 1_000_000_000 } ?? 0) }

    private let start = Deadline.now()

    /// Moves it to some seconds after the first call.
    func extend(seconds: Int) {
        guard !isExpired else { return }
        time.store(start + Int64(seconds + 10) * 1_000_000_000, ordering: .relaxed)
    }

    /// Nanoseconds that are left; nil where nothing is waited for any more.
    var left: Int64? {
        let time = time.load(ordering: .relaxed)
        if time < 0 { return nil }
        return time == 0 ? 1_000_000_000 : time - Self.now()
    }

    func expire() { time.store(-1, ordering: .relaxed) }
    var isExpired: Bool { time.load(ordering: .relaxed) < 0 }

    static func now() -> Int64 { Int64(clamping: SteadyClock.nanoseconds()) }
}

/// Nanoseconds of a clock that never goes back.
enum SteadyClock {
    static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
