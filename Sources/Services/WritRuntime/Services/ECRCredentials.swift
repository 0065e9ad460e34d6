import Glibc
import Synchronization
import Writ

/// A token for AWS's registry (ECR), which is asked for with AWS credentials and kept until shortly before it ends.
final class ECRCredentials: CredentialProvider {
    private struct Token {
        var text: String
        /// Seconds since 1970.
        var expires: Int
    }

    /// Seconds before its end from which a token is not used any more.
    private static let margin = 300
    private static let target = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"

    private let credentials: AWSCredentials
    /// Where tokens are asked for; nil for the place of the region.
    private let endpoint: String?
    private let token = Mutex<Token?>(nil)

    init(_ credentials: AWSCredentials, endpoint: String? = nil) {
        self.credentials = credentials
        self.endpoint = endpoint
    }

    func sign(_ request: inout OutgoingRequest) async throws(ServiceFailure) {
        if let token = token.withLock({ $0 }), token.expires > time(nil) + Self.margin {
            request.set("Authorization", "Basic \(token.text)")
            return
        }
        let fresh = try await ask()
        token.withLock { $0 = fresh }
        request.set("Authorization", "Basic \(fresh.text)")
    }

    private func ask() async throws(ServiceFailure) -> Token {
        let keys = try await credentials.keys()
        var question = OutgoingRequest(
            method: "POST", url: endpoint ?? "https://ecr.\(keys.region).amazonaws.com/")
        question.set("X-Amz-Target", Self.target)
        question.set("Accept-Encoding", "identity")
        question.set("Content-Type", "application/x-amz-json-1.1")
        question.body = Array("{}".utf8)
        AWSSignature.sign(&question, keys, service: "ecr", at: time(nil))
        let answer = try await Credentials.ask(question)
        guard answer.status == 200 else {
            throw ServiceFailure("ecr get authorization token: the service replied with \(answer.status)")
        }
        guard let token = Self.token(answer.body) else {
            throw ServiceFailure("ecr get authorization token: empty authorization data")
        }
        return Token(text: try Credentials.checked(token.text, from: "ecr"), expires: token.expires)
    }

    /// The first token of `{"authorizationData": [{"authorizationToken": …, "expiresAt": …}]}`.
    private static func token(_ text: [UInt8]) -> Token? {
        let space = Space.create(memoryLimit: 1 << 24)
        defer { space.destroy() }
        func member(_ value: Value, _ name: String) -> Value {
            guard value.isObject, let key = try? space.string(Array(name.utf8)) else { return .undefined }
            return space.member(value, key)
        }
        guard let root = try? space.readJSON(text) else { return nil }
        let list = member(root, "authorizationData")
        guard list.isArray, space.elements(list).count > 0 else { return nil }
        let first = space.elements(list)[0]
        let token = member(first, "authorizationToken")
        let expires = member(first, "expiresAt")
        guard token.isString, expires.isNumber, let number = try? space.json(expires),
            let seconds = Double(String(decoding: number, as: UTF8.self)), seconds > 0, seconds < 1e12
        else { return nil }
        return Token(text: String(decoding: space.bytes(token), as: UTF8.self), expires: Int(seconds))
    }
}
