import Synchronization
import Writ
import WritBundle
import WritTrust

/// A bundle as the target that a repository's metadata says it is: nothing else is given out.
final class TrustedBundleSource: BundleSource {
    private let follower: TrustFollower
    private let path: String
    /// Bytes of the largest archive.
    private let limit: Int
    /// What is being fetched: names hold digests, so what has come of one is good for the next time.
    private let download = Mutex<(place: String, download: Download)?>(nil)

    /// Where images go.
    private let file: BodyFile?

    init(_ follower: TrustFollower, target path: String, limit: Int, file: BodyFile? = nil) {
        self.file = file
        self.follower = follower
        self.path = path
        self.limit = limit
    }

    func fetch(_ question: BundleQuestion) async -> BundleAnswer {
        let (found, report) = await follower.target(path)
        var answer: BundleAnswer
        switch found {
        case .failure(let failure): answer = BundleAnswer(outcome: .failed(BundleProblem(failure)))
        case .success(let trusted): answer = await fetch(trusted, question)
        }
        answer.trust = report
        return answer
    }

    private func fetch(_ trusted: TrustedTarget, _ question: BundleQuestion) async -> BundleAnswer {
        let tag = trusted.target.tag
        if tag == question.known, !tag.isEmpty { return BundleAnswer(outcome: .unchanged) }
        if tag == question.refused, !tag.isEmpty { return BundleAnswer(outcome: .refused) }
        do throws(BundleProblem) {
            guard trusted.target.length <= limit else {
                let failure = TrustFailure(.limit, path, "\(trusted.target.length) bytes; \(limit) are allowed")
                throw BundleProblem(failure, .lasting)
            }
            var status = 404
            for place in trusted.places {
                let (response, resumes) = try await content(at: place, trusted.target)
                guard response.status == 200 else {
                    status = response.status
                    continue
                }
                if let file = response.file {
                    return BundleAnswer(outcome: .image(file, etag: tag), resumes: resumes)
                }
                return BundleAnswer(outcome: .archive(response.body, etag: tag), resumes: resumes)
            }
            let told = "the repository does not have it" + TrustFollower.told(status)
            throw BundleProblem(TrustFailure(.missing, path, told))
        } catch {
            var problem = error
            problem.progress = download.withLock { $0?.download.progress ?? "" }
            return BundleAnswer(outcome: .failed(problem))
        }
    }

    /// What is at a place: the target, or the answer that there is nothing.
    private func content(
        at place: String, _ target: TrustTarget
    ) async throws(BundleProblem) -> (response: ServiceResponse, resumes: Int) {
        let download = self.download.withLock { kept in
            if let kept, kept.place == place { return kept.download }
            let identity = target.isNamed(byDigest: place) ? Download.Identity.address : .entityTag
            let new = Download(follower.client, identity: identity, limit: target.length)
            kept = (place, new)
            return new
        }
        let before = download.resumeCount
        let response: ServiceResponse
        do throws(ServiceFailure) {
            var request = ServiceRequest(path: follower.address(of: place))
            request.file = file
            response = try await download.get(request)
        } catch {
            guard !error.isTooLarge else {
                let told = "more than the \(target.length) bytes that \(target.role) names"
                throw BundleProblem(TrustFailure(.limit, path, told), .lasting)
            }
            let failure = TrustFailure(.storage, path, "request failed: \(error.cause)")
            throw BundleProblem(failure, error.isLocal ? .lasting : .service)
        }
        switch response.status {
        case 200: break
        case 403, 404, 410: return (response, 0)
        default:
            let told = "server replied with \(HTTPStatus.phrase(response.status))"
            throw BundleProblem(TrustFailure(.storage, path, told))
        }
        let failure = await BundlePoller.offline { () -> TrustFailure? in
            do throws(TrustFailure) { try response.check(target) } catch { return error }
            return nil
        }
        self.download.withLock { $0 = nil }
        if let failure {
            response.file?.drop()
            throw BundleProblem(failure, .lasting)
        }
        return (response, download.resumeCount - before)
    }
}

extension ServiceResponse {
    /// Throws unless the body is a target.
    fileprivate func check(_ target: TrustTarget) throws(TrustFailure) {
        guard let file else { return try target.check(body) }
        let outcome: Result<Void, TrustFailure>
        do throws(ServiceFailure) {
            outcome = try file.withBytes { bytes in
                Result<Void, TrustFailure> { () throws(TrustFailure) in try target.check(bytes) }
            }
        } catch { throw TrustFailure(.storage, target.path, error.message) }
        try outcome.get()
    }
}

extension TrustTarget {
    /// What stands for its content: the digest that names it.
    var tag: String {
        for algorithm in ["sha256", "sha512"] {
            if let digest = hashes[algorithm] { return "\(algorithm):\(digest)" }
        }
        return ""
    }

    /// Whether a name has a digest of its content in it.
    func isNamed(byDigest place: String) -> Bool {
        guard let name = place.split(separator: "/").last else { return false }
        return ["sha256", "sha512"].contains { hashes[$0].map { name.hasPrefix($0 + ".") } ?? false }
    }
}

extension TrustReport {
    /// A bundle may own what the folder of its target's name says, and is whole.
    func objection(to bundle: LoadedBundle) -> BundleProblem? {
        guard bundle.changes == nil else {
            return BundleProblem(
                TrustFailure(.target, target, "it is a delta bundle: what is signed for must be whole"),
                .content(generation: nil))
        }
        var gate = BundleGate(now: 0)
        gate.roots = [TrustTarget.root(of: target)]
        guard let objection = gate.objections(to: bundle).first(where: { $0.code == .breadth }) else { return nil }
        return BundleProblem(objection.message, code: objection.code.rawValue, .content(generation: nil))
    }

    /// What came, unless it is more than it may be.
    func confined(_ outcome: BundleUpdate.Outcome) -> BundleUpdate.Outcome {
        guard case .loaded(let found) = outcome, let objection = objection(to: found.bundle) else { return outcome }
        return .failed(objection)
    }
}
