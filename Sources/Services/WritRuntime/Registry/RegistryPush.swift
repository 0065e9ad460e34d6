import Writ
import WritRegistry

extension RegistryClient {
    /// How often the upload of one blob is tried.
    private static let uploadAttempts = 3
    /// Bytes a second of the slowest link that an upload is waited for on.
    private static let slowestUpload = 8 << 10

    /// Uploads content, unless the registry has it. Gives whether it was sent.
    public func push(
        _ content: [UInt8], _ descriptor: RegistryDescriptor
    ) async throws(RegistryFailure) -> Bool {
        var failure = RegistryFailure(.service, "")
        for attempt in 0..<Self.uploadAttempts {
            if attempt > 0 { try? await Task.sleep(nanoseconds: 500_000_000 << UInt64(attempt)) }
            if Task.isCancelled { break }
            do throws(RegistryFailure) {
                if try await has(descriptor) { return attempt > 0 }
                try await upload(content, descriptor)
                return true
            } catch {
                failure = error
                // A registry that answers means it.
                if let status = error.status, status < 500 { throw error }
            }
        }
        throw failure
    }

    /// Puts a manifest in the place of what a tag named.
    public func push(manifest text: [UInt8], tag: String) async throws(RegistryFailure) -> ContentDigest {
        var request = ServiceRequest(path: path("manifests/\(tag)"))
        request.method = "PUT"
        request.headers = [ServiceSettings.Header("Content-Type", MediaType.manifest)]
        request.body = text
        let response = try await authorized(request, .push)
        guard response.status == 201 else { throw Self.refusal(response) }
        let digest = ContentDigest(of: text)
        if let told = response.header("docker-content-digest").flatMap({ ContentDigest($0) }), !told.names(text) {
            throw RegistryFailure(.digest, "the registry took the manifest for \(told), and it is \(digest)")
        }
        return digest
    }

    private func has(_ descriptor: RegistryDescriptor) async throws(RegistryFailure) -> Bool {
        var request = ServiceRequest(path: path("blobs/\(descriptor.digest)"))
        request.method = "HEAD"
        let response = try await authorized(request, .push)
        switch response.status {
        case 200: return true
        case 404: return false
        default: throw Self.refusal(response)
        }
    }

    private func upload(_ content: [UInt8], _ descriptor: RegistryDescriptor) async throws(RegistryFailure) {
        var begin = ServiceRequest(path: path("blobs/uploads") + "/")
        begin.address = service.settings.url + "/" + begin.path
        begin.method = "POST"
        let begun = try await authorized(begin, .push)
        guard begun.status == 202 else { throw Self.refusal(begun) }
        guard let location = begun.header("location"),
            let address = ServiceClient.resolve(location, from: begun.url)
        else { throw RegistryFailure(.service, "the registry does not say where to upload to") }
        var request = ServiceRequest(path: "")
        request.address =
            address + (address.contains("?") ? "&" : "?")
            + "digest=\(Encoding.percent(descriptor.digest.description))"
        request.method = "PUT"
        request.headers = [ServiceSettings.Header("Content-Type", "application/octet-stream")]
        request.body = content
        request.patience = 60 + content.count / Self.slowestUpload
        let done = try await authorized(request, .push)
        guard done.status == 201 else { throw Self.refusal(done) }
        if let told = done.header("docker-content-digest").flatMap({ ContentDigest($0) }), told != descriptor.digest {
            throw RegistryFailure(.digest, "the registry took \(descriptor.digest) for \(told)")
        }
    }
}
