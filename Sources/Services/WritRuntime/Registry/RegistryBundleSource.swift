import Synchronization
import WritRegistry

/// A bundle in a registry, as OPA's service type `oci` has it. Its validator is the digest of the archive, in hexadecimal.
final class RegistryBundleSource: BundleSource {
    private struct State {
        /// The manifest that was looked at last, and the archive that it names.
        var manifest: ContentDigest?
        var archive: ContentDigest?
    }

    private let text: String
    private let reference: Result<RegistryReference, RegistryFailure>
    private let client: RegistryClient
    /// Bytes of the largest archive.
    private let limit: Int
    private let state = Mutex(State())
    /// Where images go.
    private let file: BodyFile?

    /// `text` is the reference. Its registry is not used: the service says where that is, as in OPA.
    init(
        _ service: ServiceClient, reference text: String, limit: Int,
        patience: Download.Patience = Download.Patience(), file: BodyFile? = nil
    ) {
        self.text = text
        self.limit = limit
        self.file = file
        reference = Result { () throws(RegistryFailure) in try RegistryReference(text) }
        client = RegistryClient(
            service, repository: (try? reference.get())?.repository ?? "", patience: patience)
    }

    /// Throws where a resource of the configuration is no reference.
    static func check(_ resource: String, _ place: String) throws(SettingsFailure) {
        do throws(RegistryFailure) { _ = try RegistryReference(resource) } catch {
            throw SettingsFailure("invalid configuration for \(place): \(error.message)")
        }
    }

    /// The validator of an archive that is here already.
    static func validator(of archive: [UInt8]) async -> String {
        await BundlePoller.offline { ContentDigest(of: archive).hexadecimal }
    }

    func fetch(_ question: BundleQuestion) async -> BundleAnswer {
        let resumes = client.resumeCount
        var answer: BundleAnswer
        do throws(RegistryFailure) {
            answer = BundleAnswer(outcome: try await ask(question))
        } catch {
            var problem = BundleProblem("failed to pull \(text): \(error.message)", httpCode: error.status)
            problem.progress = client.progress
            if [.digest, .limit, .manifest, .reference, .storage].contains(error.code) { problem.kind = .lasting }
            answer = BundleAnswer(outcome: .failed(problem))
        }
        // Registries do not wait.
        answer.waits = false
        answer.resumes = client.resumeCount - resumes
        return answer
    }

    private func ask(_ question: BundleQuestion) async throws(RegistryFailure) -> BundleAnswer.Outcome {
        func here(_ archive: ContentDigest) -> BundleAnswer.Outcome? {
            if archive.hexadecimal == question.known { return .unchanged }
            return archive.hexadecimal == question.refused ? .refused : nil
        }
        let object = try reference.get().object
        // The same manifest means the same archive: then a few headers are all that is sent.
        let seen = state.withLock { $0 }
        if let manifest = seen.manifest, let outcome = seen.archive.flatMap(here),
            try await client.digest(of: object) == manifest
        {
            return outcome
        }
        let (text, digest) = try await client.manifest(object)
        let layer = try RegistryManifest(reading: text).policyLayer()
        state.withLock { $0 = State(manifest: digest, archive: layer.digest) }
        if let outcome = here(layer.digest) { return outcome }
        let content = try await client.content(layer, limit: limit, file: file)
        if let file = content.file { return .image(file, etag: layer.digest.hexadecimal) }
        return .archive(content.body, etag: layer.digest.hexadecimal)
    }
}
