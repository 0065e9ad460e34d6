import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Writ

extension ServiceClient {
    /// Sends one message and reads what comes back. Cancelling the task ends it.
    static func exchange(
        _ outgoing: OutgoingRequest, tls: TLSConfiguration?, headTimeout: Int, patience: Int = 0,
        bodyLimit: Int = 1 << 20, partLimit: Int? = nil, keepsCutBody: Bool = false, file: BodyFile? = nil
    ) async throws(ServiceFailure) -> ServiceResponse {
        let shown = "\(outgoing.shownMethod) \"\(shown(outgoing.url))\""
        let message: HTTPClient.Request
        do {
            var request = try HTTPClient.Request(url: outgoing.url, method: HTTPMethod(rawValue: outgoing.method))
            for header in outgoing.headers { request.headers.add(name: header.name, value: header.value) }
            if !outgoing.body.isEmpty { request.body = .bytes(outgoing.body) }
            request.tlsConfiguration = tls
            message = request
        } catch { throw ServiceFailure(describe(error, shown)) }
        let watch = Deadline(seconds: headTimeout == 0 ? nil : headTimeout + patience)
        let reader = ResponseReader(
            watch, limit: bodyLimit, partLimit: min(partLimit ?? bodyLimit, bodyLimit),
            hasBody: outgoing.method != "HEAD", file: file)
        let task = ServiceConnections.shared.client.execute(
            request: message, delegate: reader, deadline: .distantFuture)
        let guarding = Task {
            while let left = watch.left {
                if left <= 0 {
                    watch.expire()
                    task.cancel()
                    return
                }
                // It may be moved to an earlier time meanwhile.
                try await Task.sleep(nanoseconds: UInt64(min(left, 2_000_000_000)))
            }
        }
        defer { guarding.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await task.get()
            } onCancel: {
                task.cancel()
            }
        } catch let error as ServiceFailure {
            throw error
        } catch let error as ResponseReader.TooLarge {
            throw ServiceFailure(tooLarge: "\(shown): the response is larger than \(error.limit) bytes")
        } catch let error as ResponseReader.Enough {
            return error.response
        } catch {
            let failure = ServiceFailure(watch.isExpired ? tooLate(shown) : describe(error, shown))
            guard keepsCutBody, var response = reader.received else { throw failure }
            response.cut = failure
            return response
        }
    }

    private static func tooLate(_ shown: String) -> String {
        "\(shown): the response took too long (Client.Timeout exceeded while awaiting it)"
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
        if let failure = error as? HTTPParserError, failure == .invalidEOFState { return "\(shown): unexpected EOF" }
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

    mutating func remove(_ name: String) { headers.removeAll { $0.name.lowercased() == name.lowercased() } }

    /// `Get`, as Go's messages begin.
    var shownMethod: String { method.prefix(1) + method.dropFirst().lowercased() }
}

/// Gathers a response on the event loop that it comes on: whatever came before a connection ended is there.
private final class ResponseReader: HTTPClientResponseDelegate {
    typealias Response = ServiceResponse

    struct TooLarge: Error {
        var limit: Int
    }

    /// What need not be read to its end.
    struct Enough: Error {
        var response: ServiceResponse
    }

    /// Bytes of the largest body that is no content, but says why there is none; what is behind them is not read.
    private static let reasonLimit = 64 << 10

    private let watch: Deadline
    private let limit: Int
    private let partLimit: Int
    private let hasBody: Bool
    private let file: BodyFile?
    private let found = Mutex<ServiceResponse?>(nil)

    init(_ watch: Deadline, limit: Int, partLimit: Int, hasBody: Bool, file: BodyFile?) {
        self.file = file
        self.watch = watch
        self.limit = limit
        self.partLimit = partLimit
        self.hasBody = hasBody
    }

    /// What has come; nil before the head.
    var received: ServiceResponse? { found.withLock { $0 } }

    func didReceiveHead(task: HTTPClient.Task<Response>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        watch.extend(received: 0)
        var response = ServiceResponse(
            status: Int(head.status.code), headers: head.headers.map { ($0.name.lowercased(), $0.value) }, body: [])
        let limit = limit(response.status)
        // Content that begins at its beginning: nothing of other content is of use.
        if response.status == 200 { file?.drop() }
        // A response to HEAD tells the length of what it does not have.
        if hasBody, let length = response.header("content-length").flatMap({ Int($0) }) {
            guard length <= limit || !isContent(response.status) else {
                return task.eventLoop.makeFailedFuture(TooLarge(limit: limit))
            }
            response.body.reserveCapacity(min(max(0, length), limit, 64 << 20))
        }
        found.withLock { $0 = response }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Response>, _ buffer: NIOCore.ByteBuffer) -> EventLoopFuture<Void> {
        let failure = found.withLock { found -> (any Error)? in
            guard let status = found?.status, let count = found?.size else { return nil }
            let limit = limit(status)
            guard count + buffer.readableBytes <= limit else {
                guard !isContent(status), var response = found else { return TooLarge(limit: limit) }
                response.body += buffer.readableBytesView.prefix(limit - count)
                return Enough(response: response)
            }
            watch.extend(received: count + buffer.readableBytes)
            do throws(ServiceFailure) { try store(buffer, &found) } catch {
                // Part of what came may be in it.
                file?.drop()
                return ServiceFailure(local: error.message)
            }
            return nil
        }
        if let failure { return task.eventLoop.makeFailedFuture(failure) }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    /// Keeps a part of the body: in the file, where it is of an image and there is one.
    private func store(_ part: NIOCore.ByteBuffer, _ found: inout ServiceResponse?) throws(ServiceFailure) {
        guard let file, let status = found?.status else {
            found?.body += part.readableBytesView
            return
        }
        if found?.file != nil || status == 206 && found?.size == 0 && file.isOpen {
            try file.append(Array(part.readableBytesView))
            found?.file = file
            found?.fileCount += part.readableBytes
            return
        }
        let isStart = (found?.body.count ?? 0) < BodyFile.startLength
        found?.body += part.readableBytesView
        guard status == 200, isStart, let body = found?.body, body.count >= BodyFile.startLength, BodyFile.begins(body)
        else { return }
        try file.begin(body)
        found?.file = file
        found?.fileCount = body.count
        found?.body = []
    }

    func didFinishRequest(task: HTTPClient.Task<Response>) throws -> ServiceResponse {
        guard let found = received else { throw HTTPClientError.remoteConnectionClosed }
        return found
    }

    private func isContent(_ status: Int) -> Bool { status == 200 || status == 206 }

    private func limit(_ status: Int) -> Int {
        isContent(status) ? status == 206 ? partLimit : limit : min(limit, Self.reasonLimit)
    }
}

/// A time that may be moved while somebody waits for it.
private final class Deadline: Sendable {
    /// A body may take so many seconds, and a second more for each `slowestRate` bytes that have come.
    private static let bodyPatience = 70
    private static let slowestRate = 1024
    /// Seconds without a byte after which a link is taken for dead.
    private static let idlePatience = 60
    private static let second: Int64 = 1_000_000_000

    /// Nanoseconds of the clock that never goes back; 0 for never, -1 once it has passed.
    private let time: Atomic<Int64>

    init(seconds: Int?) { time = Atomic(seconds.map { Self.now() + Int64($0) * Self.second } ?? 0) }

    private let start = Deadline.now()

    /// Moves it once something has come: the head, with no bytes, or so many bytes of the body altogether.
    func extend(received count: Int) {
        guard !isExpired else { return }
        let whole = start + Int64(Self.bodyPatience + count / Self.slowestRate) * Self.second
        time.store(min(whole, Self.now() + Int64(Self.idlePatience) * Self.second), ordering: .relaxed)
    }

    /// Nanoseconds that are left; nil where nothing is waited for any more.
    var left: Int64? {
        let time = time.load(ordering: .relaxed)
        if time < 0 { return nil }
        return time == 0 ? Self.second : time - Self.now()
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
