/// Where the archive of one bundle is fetched from. What it gives goes the same way whatever the source is: it is read,
/// held against its signatures, activated as a whole or not at all, and kept on disk.
///
/// A source may keep what has come of an archive that is not whole yet, for the next time. It is asked by one task at a
/// time.
protocol BundleSource: Sendable {
    /// Asks once. A failure leaves the source able to be asked again.
    func fetch(_ question: BundleQuestion) async -> BundleAnswer
}

/// What is asked of a source.
struct BundleQuestion: Sendable {
    /// The validator of what is active, as the source gave it; empty for none.
    var known: String
    /// Seconds for which the source may wait for something new before it answers; nil to answer at once.
    var wait: Int?
    /// The validator of content that was refused; empty for none. Sources that know beforehand what would come do not
    /// fetch that again.
    var refused = ""
}

/// What a source gave.
struct BundleAnswer: Sendable {
    enum Outcome: Sendable {
        /// A whole archive, and its validator; empty where it has none.
        case archive([UInt8], etag: String)
        /// A whole image, in a file already.
        case image(BodyFile, etag: String)
        /// There is nothing newer than what is known.
        case unchanged
        /// There is nothing but what was refused.
        case refused
        /// An answer with nothing in it.
        case empty
        case failed(BundleProblem)
    }

    var outcome: Outcome
    /// Whether the source waits where it is asked to; nil where the answer does not tell.
    var waits: Bool?
    /// How often a transfer that was cut went on.
    var resumes = 0
    /// What is told of the trust that it came by; nil for sources without.
    var trust: TrustReport?
}

/// A bundle at an address of an HTTP service, as OPA asks for it.
final class ServiceBundleSource: BundleSource {
    private let path: String
    private let download: Download
    /// Where images go.
    private let file: BodyFile?

    /// `limit` is the bytes of the largest archive.
    init(
        _ client: ServiceClient, path: String, limit: Int, patience: Download.Patience = Download.Patience(),
        file: BodyFile? = nil
    ) {
        self.path = path
        self.file = file
        download = Download(client, identity: .entityTag, limit: limit, patience: patience)
    }

    func fetch(_ question: BundleQuestion) async -> BundleAnswer {
        let resumes = download.resumeCount
        var answer = await ask(question)
        answer.resumes = download.resumeCount - resumes
        return answer
    }

    private func ask(_ question: BundleQuestion) async -> BundleAnswer {
        // What has come of a transfer goes on at once, whatever the server would wait for.
        let again = request(question.known, wait: nil)
        let first = question.wait == nil ? again : request(question.known, wait: question.wait)
        let response: ServiceResponse
        do throws(ServiceFailure) { response = try await download.get(first, again: again) } catch {
            return BundleAnswer(outcome: .failed(BundleProblem(error)))
        }
        let waits = response.header("content-type") == "application/vnd.openpolicyagent.bundles"
        switch response.status {
        case 200:
            guard response.size > 0 else { return BundleAnswer(outcome: .empty, waits: waits) }
            var tag = response.header("etag") ?? ""
            // What cannot be sent back is of no use.
            if !ServiceSettings.isHeader(ServiceSettings.Header("etag", tag)) { tag = "" }
            if let file = response.file { return BundleAnswer(outcome: .image(file, etag: tag), waits: waits) }
            return BundleAnswer(outcome: .archive(response.body, etag: tag), waits: waits)
        case 304: return BundleAnswer(outcome: .unchanged)
        default:
            let problem = BundleProblem(
                "server replied with \(HTTPStatus.phrase(response.status))", httpCode: response.status)
            return BundleAnswer(outcome: .failed(problem))
        }
    }

    private func request(_ known: String, wait: Int?) -> ServiceRequest {
        var request = ServiceRequest(path: path)
        request.file = file
        if !known.isEmpty { request.headers.append(ServiceSettings.Header("If-None-Match", known)) }
        var preference = "modes=snapshot,delta"
        if let wait {
            preference += ";wait=\(wait)"
            request.patience = wait
        }
        request.headers.append(ServiceSettings.Header("Prefer", preference))
        return request
    }
}
