import Synchronization
import Writ
import WritRegistry

/// Talks to a registry about one repository (OCI distribution specification), with the credentials of a service. What
/// it gives out is what its digest says, and not larger than told.
public final class RegistryClient: Sendable {
    /// What a token is for.
    enum Access: String, Sendable {
        case pull
        case push = "pull,push"
    }

    private struct Held {
        var token: RegistryToken
        /// Nanoseconds of the steady clock.
        var ends: UInt64
    }

    let service: ServiceClient
    let repository: String
    private let tokens = Mutex<[Access: Held]>([:])
    /// What has come of a blob that is not whole yet.
    private let download = Mutex<(digest: ContentDigest, download: Download)?>(nil)
    private let resumes = Mutex(0)
    private let patience: Download.Patience

    private static let accepted = [
        MediaType.manifest, MediaType.dockerManifest, MediaType.index, MediaType.dockerIndex,
    ].joined(separator: ", ")

    /// The service's address is that of the registry, without `/v2`.
    public convenience init(_ service: ServiceClient, repository: String) {
        self.init(service, repository: repository, patience: Download.Patience())
    }

    init(_ service: ServiceClient, repository: String, patience: Download.Patience) {
        self.service = service
        self.repository = repository
        self.patience = patience
    }

    /// How often transfers of blobs that were cut went on.
    public var resumeCount: Int { resumes.withLock { $0 } + (download.withLock { $0?.download.resumeCount } ?? 0) }

    /// What is told of a blob that has come in part; empty for none.
    var progress: String { download.withLock { $0?.download.progress ?? "" } }

    // MARK: Pulling

    /// The digest of the manifest that a tag names now. Nil where the registry tells only with the manifest itself.
    public func digest(of object: String) async throws(RegistryFailure) -> ContentDigest? {
        var request = ServiceRequest(path: path("manifests/\(object)"))
        request.method = "HEAD"
        request.headers = [ServiceSettings.Header("Accept", Self.accepted)]
        let response = try await authorized(request, .pull)
        switch response.status {
        case 200: return response.header("docker-content-digest").flatMap { ContentDigest($0) }
        case 405: return nil
        case 404: throw Self.missing("manifest \(object) of \(repository)")
        default: throw Self.refusal(response)
        }
    }

    /// The text of the manifest that a tag or a digest names, and its digest, which it is held against.
    public func manifest(
        _ object: String
    ) async throws(RegistryFailure) -> (text: [UInt8], digest: ContentDigest) {
        var request = ServiceRequest(path: path("manifests/\(object)"))
        request.headers = [ServiceSettings.Header("Accept", Self.accepted)]
        request.bodyLimit = RegistryManifest.sizeLimit
        let response = try await authorized(request, .pull)
        switch response.status {
        case 200: break
        case 404: throw Self.missing("manifest \(object) of \(repository)")
        default: throw Self.refusal(response)
        }
        let told = response.header("docker-content-digest").flatMap { ContentDigest($0) }
        let asked = ContentDigest(object)
        for expected in [asked, told].compactMap({ $0 }) where !expected.names(response.body) {
            throw RegistryFailure(.digest, "the manifest is not the one that \(expected) names")
        }
        return (response.body, asked ?? told ?? ContentDigest(of: response.body))
    }

    /// The content that a descriptor names: whole, and held against size and digest. A transfer that is cut goes on, in
    /// this call and in the next one for the same content.
    public func blob(_ descriptor: RegistryDescriptor, limit: Int) async throws(RegistryFailure) -> [UInt8] {
        try await content(descriptor, limit: limit).body
    }

    /// As `blob`; an image goes to the file, where there is one.
    func content(
        _ descriptor: RegistryDescriptor, limit: Int, file: BodyFile? = nil
    ) async throws(RegistryFailure) -> ServiceResponse {
        guard descriptor.size <= limit else {
            throw RegistryFailure(.limit, "\(descriptor.digest) has \(descriptor.size) bytes; the limit is \(limit)")
        }
        let download = download(of: descriptor)
        var request = ServiceRequest(path: path("blobs/\(descriptor.digest)"))
        request.file = file
        // A blob may take longer to come than a token is good for.
        let response = try await authorized(request, .pull, progress: { download.keptCount }) {
            request throws(ServiceFailure) in try await download.get(request)
        }
        switch response.status {
        case 200: break
        case 404: throw Self.missing("\(descriptor.digest) of \(repository)")
        default: throw Self.refusal(response)
        }
        do throws(RegistryFailure) {
            guard response.size == descriptor.size else {
                throw RegistryFailure(
                    .digest, "\(descriptor.digest) came with \(response.size) bytes in the place of \(descriptor.size)")
            }
            let digest = descriptor.digest
            let found = await BundlePoller.offline { () -> Result<ContentDigest, ServiceFailure> in
                guard let file = response.file else {
                    return .success(ContentDigest(of: response.body, by: digest.algorithm))
                }
                do throws(ServiceFailure) {
                    return .success(try file.withBytes { ContentDigest(of: $0, by: digest.algorithm) })
                } catch { return .failure(error) }
            }
            switch found {
            case .success(digest): return response
            case .success:
                throw RegistryFailure(.digest, "what came is not the content that \(digest) names")
            case .failure(let failure): throw RegistryFailure(.storage, failure.message)
            }
        } catch {
            response.file?.drop()
            throw error
        }
    }

    private func download(of descriptor: RegistryDescriptor) -> Download {
        download.withLock { current in
            if let current, current.digest == descriptor.digest { return current.download }
            resumes.withLock { $0 += current?.download.resumeCount ?? 0 }
            let new = Download(service, identity: .address, limit: descriptor.size, patience: patience)
            current = (descriptor.digest, new)
            return new
        }
    }

    // MARK: Asking with a token

    func path(_ rest: String) -> String { "v2/\(repository)/\(rest)" }

    func authorized(
        _ request: ServiceRequest, _ access: Access
    ) async throws(RegistryFailure) -> ServiceResponse {
        try await authorized(request, access) { [service] request throws(ServiceFailure) in
            try await service.send(request)
        }
    }

    /// Sends a request with the service's credentials, or with the token that the registry names a server for. The token
    /// is renewed once, and again as long as `progress`, the bytes that have come, has grown meanwhile.
    func authorized(
        _ request: ServiceRequest, _ access: Access, progress: () -> Int = { 0 },
        _ send: (ServiceRequest) async throws(ServiceFailure) -> ServiceResponse
    ) async throws(RegistryFailure) -> ServiceResponse {
        do throws(ServiceFailure) {
            var request = request
            let now = SteadyClock.nanoseconds()
            if let held = tokens.withLock({ $0[access] }), held.ends > now {
                request.authorization = "Bearer \(held.token.text)"
            }
            var least = 0
            while true {
                let response = try await send(request)
                guard response.status == 401, let challenge = challenge(response), progress() >= least else {
                    return response
                }
                least = progress() + max(1, patience.progress)
                let token = try await token(challenge, access)
                let ends = SteadyClock.nanoseconds() &+ UInt64(max(0, token.lifetime - 10)) &* 1_000_000_000
                tokens.withLock { $0[access] = Held(token: token, ends: ends) }
                request.authorization = "Bearer \(token.text)"
            }
        } catch { throw RegistryFailure(error.isLocal ? .storage : error.isTooLarge ? .limit : .service, error.cause) }
    }

    /// Where a token is to be asked for, as the registry itself says. Whoever a redirect led to has no say in where its
    /// credentials go.
    private func challenge(_ response: ServiceResponse) -> RegistryChallenge? {
        guard service.isOwn(response.url) else { return nil }
        return response.headers.filter { $0.name == "www-authenticate" }.flatMap { RegistryChallenge.list($0.value) }
            .first { $0.scheme == "bearer" && !$0.realm.isEmpty }
    }

    /// Asks the token server of a challenge. Credentials go there as to the registry, but not in clear text where they
    /// are not sent to the registry so.
    private func token(_ challenge: RegistryChallenge, _ access: Access) async throws(ServiceFailure) -> RegistryToken {
        let realm = challenge.realm
        let shown = ServiceClient.shown(realm)
        let isSecret = realm.lowercased().hasPrefix("https://")
        let isPlain = realm.lowercased().hasPrefix("http://") && service.settings.url.lowercased().hasPrefix("http://")
        guard isSecret || isPlain else {
            throw ServiceFailure("the registry's token server is not asked over plain HTTP: \(shown)")
        }
        var query: [(String, String)] = []
        if !challenge.service.isEmpty { query.append(("service", challenge.service)) }
        let scope = challenge.scope.isEmpty ? "repository:\(repository):\(access.rawValue)" : challenge.scope
        query.append(("scope", scope))
        var request = ServiceRequest(path: "")
        request.address = realm + (realm.contains("?") ? "&" : "?") + Encoding.form(query)
        request.showsCredentials = true
        request.bodyLimit = 1 << 20
        let response = try await service.send(request)
        guard response.status == 200 else {
            throw ServiceFailure("the token server \(shown) replied with \(HTTPStatus.phrase(response.status))")
        }
        guard let token = RegistryToken(response.body) else {
            throw ServiceFailure("the token server \(shown) replied without a token")
        }
        return token
    }

    // MARK: Refusals

    static func missing(_ what: String) -> RegistryFailure {
        RegistryFailure(.missing, "\(what): not found", status: 404)
    }

    /// What a registry says that it does not do what it was asked: its own words where it has some.
    static func refusal(_ response: ServiceResponse) -> RegistryFailure {
        let code: RegistryFailure.Code = [401, 403].contains(response.status) ? .credentials : .service
        let words = words(response.body).map { ": \($0)" } ?? ""
        return RegistryFailure(
            code, "server replied with \(response.status) \(HTTPStatus.phrase(response.status))\(words)",
            status: response.status)
    }

    /// The first message of `{"errors": [{"code": …, "message": …}]}`.
    private static func words(_ body: [UInt8]) -> String? {
        guard body.count <= 1 << 16 else { return nil }
        let space = Space.create(memoryLimit: 1 << 24)
        defer { space.destroy() }
        func member(_ value: Value, _ name: String) -> Value {
            guard value.isObject, let key = try? space.string(Array(name.utf8)) else { return .undefined }
            return space.member(value, key)
        }
        guard let root = try? space.readJSON(body) else { return nil }
        let errors = member(root, "errors")
        guard errors.isArray, space.elements(errors).count > 0 else { return nil }
        let first = space.elements(errors)[0]
        let texts = ["code", "message"].map { member(first, $0) }.filter { $0.isString }
            .map { String(decoding: space.bytes($0).prefix(512), as: UTF8.self) }
        return texts.isEmpty ? nil : texts.joined(separator: ": ")
    }
}
