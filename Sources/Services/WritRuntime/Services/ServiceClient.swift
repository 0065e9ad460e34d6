import AsyncHTTPClient
import NIOPosix
import Synchronization
import Writ
import WritTelemetry

/// Why a service did not answer, or could not be asked.
public struct ServiceFailure: Error, Sendable {
    private enum Kind: Sendable {
        case service, tooLarge, local
    }

    /// For people: the cause, and how far it got.
    public var message: String { progress.isEmpty ? cause : "\(cause); \(progress)" }
    /// What went wrong, in the same words each time that it does.
    let cause: String
    /// How much had come; empty for nothing.
    let progress: String
    private let kind: Kind

    public init(_ message: String) { self.init(message, .service) }

    init(_ cause: String, progress: String) { self.init(cause, .service, progress) }
    init(tooLarge message: String) { self.init(message, .tooLarge) }
    /// What came could not be written to the disk of this machine.
    init(local message: String) { self.init(message, .local) }

    private init(_ cause: String, _ kind: Kind, _ progress: String = "") {
        self.cause = cause
        self.progress = progress
        self.kind = kind
    }

    /// Whether there was more to read than the limit allows.
    var isTooLarge: Bool { kind == .tooLarge }
    /// Whether it is this machine's disk, and nothing of the service.
    var isLocal: Bool { kind == .local }
}

/// A request to a service.
public struct ServiceRequest: Sendable {
    public var method = "GET"
    /// Below the service's address.
    public var path: String
    /// A whole address instead of the path; credentials go there only if it is on the service's host, or if
    /// `showsCredentials` says so. The headers of the settings go to the service's host only.
    var address: String?
    var showsCredentials = false
    /// The value of `Authorization` for the service's host, in the place of its credentials.
    var authorization: String?
    /// Beside, and over, those of the settings.
    public var headers: [ServiceSettings.Header] = []
    public var body: [UInt8] = []
    /// Bytes of the largest body of a response.
    public var bodyLimit = 16 << 20
    /// Seconds by which the head of the response may come later than the settings allow: what was asked to be waited.
    public var patience = 0
    /// Bytes of the largest body of a response that is a part of the whole (206).
    var partLimit: Int?
    /// Whether a body that ends too early is a response with `cut`, and not a failure.
    var keepsCutBody = false
    /// Where the body goes if it is an image; nil for memory.
    var file: BodyFile?

    public init(path: String) { self.path = path }
}

/// The answer of a service.
public struct ServiceResponse: Sendable {
    public var status: Int
    /// Names in lower case.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// Where it came from, after all redirects.
    var url = ""
    /// The file that the body, or this part of it, went to; nil where it is in memory.
    var file: BodyFile?
    /// Bytes of the body that went there.
    var fileCount = 0
    /// Bytes of the body.
    var size: Int { body.count + fileCount }
    /// Why the body is not whole; nil where it is.
    var cut: ServiceFailure?

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

    /// Sends a request and reads its response. Follows redirects; credentials go to the service's own host only.
    public func send(_ request: ServiceRequest) async throws(ServiceFailure) -> ServiceResponse {
        var outgoing = OutgoingRequest(method: request.method, url: request.address ?? address(request.path))
        outgoing.body = request.body
        outgoing.set("User-Agent", "Writ")
        // Redirects are followed with them, as in OPA; what somebody else names is not asked with them to begin with.
        let own = isOwn(outgoing.url) ? settings.headers : []
        for header in own + request.headers { outgoing.set(header.name, header.value) }
        let origin = Self.origin(request.showsCredentials ? outgoing.url : settings.url)
        for _ in 0...Self.redirectLimit {
            var signed = outgoing
            if Self.origin(signed.url) != origin {
                for name in ["Authorization", "Cookie"] { signed.remove(name) }
            } else if let authorization = request.authorization {
                signed.set("Authorization", authorization)
            } else {
                try await credentials.sign(&signed)
            }
            var response = try await traced(signed, request)
            response.url = signed.url
            guard [301, 302, 303, 307, 308].contains(response.status), let target = response.header("location"),
                let next = Self.resolve(target, from: outgoing.url)
            else { return response }
            if response.status < 307, outgoing.method != "GET" {
                outgoing.method = "GET"
                outgoing.body = []
            }
            outgoing.url = next
        }
        let shown = Self.shown(outgoing.url)
        throw ServiceFailure("\(outgoing.method) \(shown): stopped after \(Self.redirectLimit) redirects")
    }

    /// Sends one message, and records that.
    private func traced(
        _ outgoing: OutgoingRequest, _ request: ServiceRequest
    ) async throws(ServiceFailure) -> ServiceResponse {
        var outgoing = outgoing
        let span = tracer?.beginRequest(outgoing.method, Self.shown(outgoing.url), below: nil)
        for (name, value) in span?.context.headers ?? [] { outgoing.set(name, value) }
        do throws(ServiceFailure) {
            let response = try await Self.exchange(
                outgoing, tls: try security.configuration(), headTimeout: settings.headTimeout,
                patience: request.patience, bodyLimit: request.bodyLimit, partLimit: request.partLimit,
                keepsCutBody: request.keepsCutBody, file: request.file)
            if let span { tracer?.endRequest(span, status: response.status, failure: response.cut?.message) }
            return response
        } catch {
            if let span { tracer?.endRequest(span, status: nil, failure: error.message) }
            throw error
        }
    }

    /// A path's address at the service.
    func address(_ path: String) -> String {
        var path = path[...]
        while path.hasPrefix("/") { path = path.dropFirst() }
        while path.hasSuffix("/") { path = path.dropLast() }
        return settings.url + "/" + path
    }

    /// Whether an address is the service's own: what it says there is the service's word.
    func isOwn(_ url: String) -> Bool { Self.origin(url) == Self.origin(settings.url) }

    /// An address as it is told of: scheme, host and path. A query may be signed, and then is as good as a password; what
    /// stands before a host is one.
    static func shown(_ url: String) -> String {
        let whole = url.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let slash = UInt8(ascii: "/")
        var steps = whole.split(separator: slash, maxSplits: 3, omittingEmptySubsequences: false)
        if steps.count >= 3, let at = steps[2].lastIndex(of: UInt8(ascii: "@")) {
            steps[2] = steps[2][steps[2].index(after: at)...]
        }
        return String(decoding: Array(steps.joined(separator: [slash])), as: UTF8.self)
    }

    /// Scheme, host and port.
    private static func origin(_ url: String) -> String {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.prefix(3).joined(separator: "/").lowercased()
    }

    static func resolve(_ target: String, from url: String) -> String? {
        if target.hasPrefix("http://") || target.hasPrefix("https://") { return target }
        if target.hasPrefix("//") { return nil }
        if target.hasPrefix("/") { return origin(url) + target }
        return nil
    }
}
