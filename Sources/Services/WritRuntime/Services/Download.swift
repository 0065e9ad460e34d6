import Synchronization
import Writ

/// Content that is large beside the link that it comes over: where the connection ends before it is whole, the rest is
/// asked for (`Range`, RFC 9110), within one call and from call to call. What is not whole is never given out.
///
/// A part is only put behind another where both are of one content: the server gave a strong entity tag and holds the
/// request against it (`If-Range`), or the address names the content by its digest, which the caller checks.
final class Download: Sendable {
    /// What shows that parts belong together.
    enum Identity: Sendable {
        /// The strong entity tag of the response; without one, nothing is kept.
        case entityTag
        /// The address itself. The caller must check the digest of what comes.
        case address
    }

    /// How often and when it goes on.
    struct Patience: Sendable {
        /// Requests of one call.
        var attempts = 200
        /// Requests behind each other that bring less than `progress`.
        var fruitless = 5
        /// How often what has come is dropped.
        var restarts = 3
        /// Bytes from which on a request counts as one that got further.
        var progress = 1 << 10
        /// Nanoseconds before going on; after each fruitless request twice that.
        var pause: UInt64 = 100_000_000
    }

    private struct Kept {
        /// The response that it began with; its body is what has come so far.
        var response: ServiceResponse
        var tag: String
        var total: Int?
    }

    private let client: ServiceClient
    private let identity: Identity
    /// Bytes of the largest content.
    private let limit: Int
    private let patience: Patience
    private let kept = Mutex<Kept?>(nil)
    private let resumes = Mutex(0)

    init(_ client: ServiceClient, identity: Identity, limit: Int, patience: Patience = Patience()) {
        self.client = client
        self.identity = identity
        self.limit = limit
        self.patience = patience
    }

    /// Bytes that wait for the rest.
    var keptCount: Int { kept.withLock { $0?.response.size ?? 0 } }
    /// Requests that went on with what had come before.
    var resumeCount: Int { resumes.withLock { $0 } }

    /// Forgets what has come so far.
    func forget() { forget(for: nil) }

    /// Forgets what had come before a response; not the file, where the response is in it since.
    private func forget(for response: ServiceResponse?) {
        kept.withLock { kept in
            if let file = kept?.response.file, file !== response?.file { file.drop() }
            kept = nil
        }
    }

    /// The response with its whole content, or one without content (such as 304 and 404). `again` is sent instead of
    /// `request` where something has come already.
    func get(
        _ request: ServiceRequest, again: ServiceRequest? = nil
    ) async throws(ServiceFailure) -> ServiceResponse {
        var fruitless = 0
        var restarts = 0
        var isAnswered = false
        var isFurther = false
        var failure = ServiceFailure("no request was sent")
        for attempt in 0..<patience.attempts {
            if attempt > 0 {
                let pause = patience.pause << UInt64(fruitless)
                try? await Task.sleep(nanoseconds: pause / 4 * 3 + UInt64.random(in: 0...pause / 2))
                if Task.isCancelled { throw ServiceFailure("\(failure.cause): context canceled") }
            }
            let before = keptCount
            let step: Step
            do throws(ServiceFailure) {
                step = try take(await client.send(message(before > 0 ? again ?? request : request)), from: before)
                isAnswered = true
            } catch {
                // More than there is left to come is a lie; and what could not be written is gone.
                if error.isTooLarge || error.isLocal { forget() }
                if before == 0 || error.isLocal || error.isTooLarge && restarts >= patience.restarts { throw error }
                step = error.isTooLarge ? .restart(error) : .goOn(error)
            }
            switch step {
            case .done(let response): return response
            case .goOn(let reason): failure = reason
            case .restart(let reason):
                failure = reason
                restarts += 1
            case .wait(let response):
                failure = ServiceFailure("the rest was answered with \(response.status)")
                if fruitless + 1 >= patience.fruitless { return response }
            }
            // What cannot be gone on with is left to whoever calls.
            if restarts > patience.restarts || keptCount == 0 && before == 0 { throw failure }
            let isProgress = keptCount - before >= patience.progress
            isFurther = isFurther || isProgress
            fruitless = isProgress ? 0 : fruitless + 1
            if fruitless >= patience.fruitless { break }
        }
        // A server that answers without bringing it further may be one that cannot go on at all.
        if isAnswered, !isFurther { forget() }
        throw ServiceFailure(failure.cause, progress: progress)
    }

    /// What is told of what has come; empty where that is nothing.
    var progress: String {
        let (count, total) = kept.withLock { ($0?.response.size ?? 0, $0?.total) }
        guard count > 0 else { return "" }
        return "\(count)\(total.map { " of \($0)" } ?? "") bytes have come and are kept"
    }

    // MARK: One request

    private enum Step {
        case done(ServiceResponse)
        case goOn(ServiceFailure)
        /// What had come is of no use.
        case restart(ServiceFailure)
        /// As `done`, where waiting does not help.
        case wait(ServiceResponse)
    }

    private func message(_ request: ServiceRequest) -> ServiceRequest {
        var request = request
        request.bodyLimit = limit
        request.keepsCutBody = true
        kept.withLock { kept in
            guard let kept else { return }
            request.headers.append(ServiceSettings.Header("Range", "bytes=\(kept.response.size)-"))
            if case .entityTag = identity { request.headers.append(ServiceSettings.Header("If-Range", kept.tag)) }
            request.partLimit = (kept.total ?? limit) - kept.response.size
        }
        return request
    }

    private func take(_ response: ServiceResponse, from start: Int) throws(ServiceFailure) -> Step {
        switch response.status {
        case 200: return begin(response, isAgain: start > 0)
        case 206 where start > 0: return append(response)
        // There is no such range: the content is another one.
        case 416 where start > 0:
            forget()
            return .restart(ServiceFailure("the server has no range that begins at \(start)"))
        case 408, 429, 500...599: return start > 0 ? .wait(response) : .done(response)
        case 304, 404, 410:
            forget()
            return .done(response)
        default: return .done(response)
        }
    }

    /// Takes what begins at the beginning.
    private func begin(_ response: ServiceResponse, isAgain: Bool) -> Step {
        guard let cut = response.cut else {
            forget(for: response)
            return .done(response)
        }
        let tag = response.header("etag") ?? ""
        let isResumable: Bool
        switch identity {
        case .address: isResumable = true
        case .entityTag: isResumable = Self.isStrong(tag)
        }
        guard isResumable, response.size > 0 else {
            forget()
            response.file?.drop()
            return isAgain ? .restart(cut) : .goOn(cut)
        }
        let total = response.header("content-length").flatMap { Int($0) }
        kept.withLock { $0 = Kept(response: response, tag: tag, total: total) }
        return isAgain ? .restart(cut) : .goOn(cut)
    }

    /// Puts a part behind what has come. Whatever does not fit exactly shows that the server speaks of something else,
    /// or lies; then all begins anew.
    private func append(_ part: ServiceResponse) -> Step {
        kept.withLock { state -> Step in
            guard var whole = state else { return .done(part) }
            state = nil
            var isOfUse = false
            defer { if !isOfUse { whole.response.file?.drop() } }
            let start = whole.response.size
            guard let range = ContentRange(part.header("content-range") ?? ""), range.first == start,
                let total = range.total ?? whole.total, total == whole.total ?? total, total <= limit,
                range.last < total, part.size <= range.last - range.first + 1,
                part.cut != nil || part.size == range.last - range.first + 1
            else { return .restart(ServiceFailure("the server sent another range than the one from \(start)")) }
            if case .entityTag = identity, part.header("etag") != whole.tag {
                return .restart(ServiceFailure("the server sent a range of something else"))
            }
            resumes.withLock { $0 += 1 }
            // Both went to the file, or neither.
            guard (part.file == nil) == (whole.response.file == nil) || part.size == 0 else {
                return .restart(ServiceFailure("what has come is gone"))
            }
            isOfUse = true
            whole.response.body += part.body
            whole.response.fileCount += part.fileCount
            whole.total = total
            guard whole.response.size == total else {
                state = whole
                return .goOn(part.cut ?? ServiceFailure("the server sent less than the rest"))
            }
            whole.response.cut = nil
            return .done(whole.response)
        }
    }

    /// Whether an entity tag is one that stands for the very bytes, and can stand in a header.
    static func isStrong(_ tag: String) -> Bool {
        tag.utf8.count > 2 && tag.hasPrefix("\"") && tag.hasSuffix("\"")
            && ServiceSettings.isHeader(ServiceSettings.Header("etag", tag))
    }
}

/// `Content-Range: bytes 5-9/10`: where in the whole a part lies.
struct ContentRange: Equatable {
    var first: Int
    var last: Int
    /// Bytes of the whole; nil where the server does not tell.
    var total: Int?

    init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
        let parts = words[1].split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last else {
            return nil
        }
        self.first = first
        self.last = last
        if parts[1] == "*" { return }
        guard let total = Self.number(parts[1]) else { return nil }
        self.total = total
    }

    /// Digits only; so large that no sum of two overflows.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 17, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            return nil
        }
        return Int(text)
    }
}
