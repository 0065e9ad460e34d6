import Glibc
import NIOSSL
import Synchronization
import Writ

/// Adds to a request what shows who asks.
protocol CredentialProvider: Sendable {
    func sign(_ request: inout OutgoingRequest) async throws(ServiceFailure)
}

enum Credentials {
    static func provider(_ settings: ServiceSettings) -> any CredentialProvider {
        switch settings.credentials {
        case .none, .clientTLS: NoCredentials()
        case .bearer(let bearer): BearerCredentials(settings: bearer)
        case .oauth2(let oauth): OAuth2Credentials(oauth, settings)
        case .aws(let aws) where aws.service == "ecr": ECRCredentials(AWSCredentials(aws))
        case .aws(let aws): AWSCredentials(aws)
        case .gcp(let gcp): GCPCredentials(settings: gcp)
        case .azure(let azure): AzureCredentials(settings: azure)
        }
    }

    static func environment(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
        return value
    }

    static func trimmed(_ bytes: [UInt8]) -> String {
        String(decoding: ConfigurationText.trimmed(bytes), as: UTF8.self)
    }

    /// A token as it can stand in a header; what cannot would end the header.
    static func checked(_ token: String, from place: String) throws(ServiceFailure) -> String {
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw ServiceFailure("\(place): no token, or one that cannot stand in a header")
        }
        return token
    }

    /// Asks for a small answer, within some seconds.
    static func ask(
        _ request: OutgoingRequest, tls: TLSConfiguration? = nil, seconds: Int = 5
    ) async throws(ServiceFailure) -> ServiceResponse {
        try await ServiceClient.exchange(request, tls: tls, headTimeout: seconds, bodyLimit: 1 << 20)
    }
}

/// Members of an answer of JSON text.
struct AnswerMembers {
    private var texts: [String: String] = [:]

    /// Nil where it is no object. Numbers are kept as they are written; objects and arrays are left out.
    init?(_ json: [UInt8]) {
        let space = Space.create(memoryLimit: 1 << 26)
        defer { space.destroy() }
        guard let value = try? space.readJSON(json), value.isObject else { return nil }
        let entries = space.entries(value)
        for index in 0..<entries.count {
            let name = String(decoding: space.bytes(entries.keys[index]), as: UTF8.self)
            let member = entries.values[index]
            if member.isString {
                texts[name] = String(decoding: space.bytes(member), as: UTF8.self)
            } else if member.isNumber, let text = try? space.json(member) {
                texts[name] = String(decoding: text, as: UTF8.self)
            }
        }
    }

    subscript(_ name: String) -> String { texts[name] ?? "" }
}

struct NoCredentials: CredentialProvider {
    func sign(_ request: inout OutgoingRequest) async throws(ServiceFailure) {}
}

struct BearerCredentials: CredentialProvider {
    let settings: ServiceCredentials.Bearer

    func sign(_ request: inout OutgoingRequest) async throws(ServiceFailure) {
        var token = settings.token
        if !settings.tokenFile.isEmpty { token = Credentials.trimmed(try Files.read(settings.tokenFile)) }
        let place = settings.tokenFile.isEmpty ? "bearer.token" : settings.tokenFile
        token = try Credentials.checked(token, from: place)
        if settings.encodes { token = Encoding.base64(Array(token.utf8)) }
        request.set("Authorization", "\(settings.scheme) \(token)")
    }
}

/// A token of the metadata service of Google's machines.
struct GCPCredentials: CredentialProvider {
    let settings: ServiceCredentials.GCP

    func sign(_ request: inout OutgoingRequest) async throws(ServiceFailure) {
        let isIdentity = !settings.audience.isEmpty
        let path =
            isIdentity
            ? settings.identityTokenPath + "?audience=" + Encoding.percent(settings.audience, keeping: ":/")
            : settings.accessTokenPath + "?scopes="
                + Encoding.percent(settings.scopes.joined(separator: ","), keeping: ":/,")
        var question = OutgoingRequest(method: "GET", url: settings.endpoint + path)
        question.set("Metadata-Flavor", "Google")
        let kind = isIdentity ? "identity" : "access"
        let place = "error retrieving \(kind) token from gcp metadata service"
        let answer: ServiceResponse
        do throws(ServiceFailure) { answer = try await Credentials.ask(question) } catch {
            throw ServiceFailure("\(place): \(error.message)")
        }
        guard answer.status == 200 else {
            let reason =
                answer.status == 404 ? "not found" : answer.status == 400 ? "invalid request" : "unexpected error"
            throw ServiceFailure(
                "\(place): error retrieving gcp ID token from \(question.url) \(answer.status): \(reason)")
        }
        let token = isIdentity ? Credentials.trimmed(answer.body) : AnswerMembers(answer.body)?["access_token"] ?? ""
        request.set("Authorization", "Bearer \(try Credentials.checked(token, from: place))")
    }
}

/// A token of the identity that Azure gives a machine.
struct AzureCredentials: CredentialProvider {
    let settings: ServiceCredentials.Azure

    func sign(_ request: inout OutgoingRequest) async throws(ServiceFailure) {
        var endpoint = settings.endpoint
        var usesAppService = settings.usesAppService
        if endpoint.isEmpty {
            if let place = Credentials.environment("IDENTITY_ENDPOINT") {
                (endpoint, usesAppService) = (place, true)
            } else {
                endpoint = "http://169.254.169.254/metadata/identity/oauth2/token"
            }
        }
        let version = settings.version.isEmpty ? (usesAppService ? "2019-08-01" : "2018-02-01") : settings.version
        var query = [("api-version", version)]
        if !settings.clientID.isEmpty { query.append(("client_id", settings.clientID)) }
        if !settings.resourceID.isEmpty { query.append(("mi_res_id", settings.resourceID)) }
        if !settings.objectID.isEmpty { query.append(("object_id", settings.objectID)) }
        query.append(("resource", settings.resource))
        var question = OutgoingRequest(method: "GET", url: "\(endpoint)?\(Encoding.form(query))")
        if usesAppService {
            guard let secret = Credentials.environment("IDENTITY_HEADER") else {
                throw ServiceFailure("azure managed identities auth: IDENTITY_HEADER env var not found")
            }
            question.set("x-identity-header", secret)
        } else {
            question.set("Metadata", "true")
        }
        let answer = try await Credentials.ask(question)
        let members = AnswerMembers(answer.body)
        guard answer.status == 200 else {
            throw ServiceFailure(
                "\(answer.status) \(members?["error"] ?? "") retrieving azure token from \(question.url): "
                    + (members?["error_description"] ?? ""))
        }
        let token = try Credentials.checked(members?["access_token"] ?? "", from: "azure managed identity")
        request.set("Authorization", "Bearer \(token)")
    }
}
