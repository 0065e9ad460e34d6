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
        case .success(let trusted): answer = await fetch(trusted, known: question.known)
        }
        answer.trust = report
        return answer
    }

    private func fetch(_ trusted: TrustedTarget, known: String) async -> BundleAnswer {
        let tag = trusted.target.tag
        if tag == known { return BundleAnswer(outcome: .unchanged) }
        do throws(TrustFailure) {
            guard trusted.target.length <= limit else {
                throw TrustFailure(.limit, path, "\(trusted.target.length) bytes; \(limit) are allowed")
            }
            for place in trusted.places {
                guard let (response, resumes) = try await content(at: place, trusted.target) else { continue }
                if let file = response.file {
                    return BundleAnswer(outcome: .image(file, etag: tag), resumes: resumes)
                }
                return BundleAnswer(outcome: .archive(response.body, etag: tag), resumes: resumes)
            }
            throw TrustFailure(.missing, path, "the repository does not have it")
        } catch {
            return BundleAnswer(outcome: .failed(BundleProblem(error)))
        }
    }

    /// What is at a place, if it is the target; nil where nothing is.
    private func content(
        at place: String, _ target: TrustTarget
    ) async throws(TrustFailure) -> (response: ServiceResponse, resumes: Int)? {
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
                throw TrustFailure(.limit, path, "more than the \(target.length) bytes that \(target.role) names")
            }
            throw TrustFailure(.storage, path, "request failed: \(error.message)")
        }
        switch response.status {
        case 200: break
        case 403, 404, 410: return nil
        default:
            throw TrustFailure(.storage, path, "server replied with \(HTTPStatus.phrase(response.status))")
        }
        let failure = await BundlePoller.offline { () -> TrustFailure? in
            do throws(TrustFailure) { try response.check(target) } catch { return error }
            return nil
        }
        self.download.withLock { $0 = nil }
        if let failure {
            response.file?.drop()
            throw failure
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
                TrustFailure(.target, target, "it is a delta bundle: what is signed for must be whole"))
        }
        var gate = BundleGate(now: 0)
        gate.roots = [target.split(separator: "/").dropLast().joined(separator: "/")]
        guard let objection = gate.objections(to: bundle).first(where: { $0.code == .breadth }) else { return nil }
        return BundleProblem(objection.message, code: objection.code.rawValue)
    }

    /// What came, unless it is more than it may be.
    func confined(_ outcome: BundleUpdate.Outcome) -> BundleUpdate.Outcome {
        guard case .loaded(let found) = outcome, let objection = objection(to: found.bundle) else { return outcome }
        return .failed(objection)
    }
}
