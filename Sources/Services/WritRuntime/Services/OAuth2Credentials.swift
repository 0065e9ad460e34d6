import Glibc
import NIOSSL
import Synchronization
import Writ
import WritHostBuiltins

/// A token of an OAuth2 server, kept until shortly before it ends: for a secret or an assertion of the client
/// (RFC 6749, 4.4), or for a signed token (RFC 7523).
final class OAuth2Credentials: CredentialProvider {
    private struct Token {
        var text: String
        /// Nanoseconds of the steady clock.
        var expires: UInt64
    }

    /// Seconds before its end from which a token is not used any more.
    private static let margin: UInt64 = 10

    private let settings: ServiceCredentials.OAuth2
    private let allowsInsecureTLS: Bool
    private let token = Mutex<Token?>(nil)

    init(_ settings: ServiceCredentials.OAuth2, _ service: ServiceSettings) {
        self.settings = settings
        allowsInsecureTLS = service.allowsInsecureTLS
    }

    func sign(_ request: inout OutgoingRequest) async throws(ServiceFailure) {
        let now = SteadyClock.nanoseconds()
        if let token = token.withLock({ $0 }), token.expires > now &+ Self.margin * 1_000_000_000 {
            request.set("Authorization", "Bearer \(token.text)")
            return
        }
        let fresh = try await ask()
        token.withLock { $0 = fresh }
        request.set("Authorization", "Bearer \(fresh.text)")
    }

    private func ask() async throws(ServiceFailure) -> Token {
        var request = OutgoingRequest(method: "POST", url: settings.tokenURL)
        request.set("Content-Type", "application/x-www-form-urlencoded")
        if settings.grant == .clientCredentials, !settings.clientSecret.isEmpty {
            let pair = "\(settings.clientID):\(settings.clientSecret)"
            request.set("Authorization", "Basic \(Encoding.base64(Array(pair.utf8)))")
        }
        for header in settings.headers { request.set(header.name, header.value) }
        request.body = Array(Encoding.form(try form()).utf8)
        var tls: TLSConfiguration?
        if allowsInsecureTLS {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .none
            tls = configuration
        }
        let answer = try await Credentials.ask(request, tls: tls, seconds: 10)
        guard answer.status == 200 else {
            let shown = String(decoding: answer.body.prefix(1024), as: UTF8.self)
            throw ServiceFailure("error in response from OAuth2 token endpoint: \(shown)")
        }
        guard let members = AnswerMembers(answer.body), members["token_type"].lowercased() == "bearer" else {
            throw ServiceFailure("unknown token type returned from token endpoint")
        }
        let text = try Credentials.checked(
            Credentials.trimmed(Array(members["access_token"].utf8)), from: settings.tokenURL)
        let seconds = UInt64(clamping: min(max(0, Int(members["expires_in"]) ?? 0), 1 << 30))
        return Token(text: text, expires: SteadyClock.nanoseconds() &+ seconds * 1_000_000_000)
    }

    private func form() throws(ServiceFailure) -> [(String, String)] {
        var form: [(String, String)] = []
        if !settings.scopes.isEmpty { form.append(("scope", settings.scopes.joined(separator: " "))) }
        for parameter in settings.parameters { form.append((parameter.name, parameter.value)) }
        if settings.grant == .jwtBearer {
            form.append(("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"))
            form.append(("assertion", try signedAssertion()))
            return form
        }
        form.append(("grant_type", "client_credentials"))
        var assertion = settings.assertion
        if settings.signingKey != nil {
            assertion = try signedAssertion()
        } else if !settings.assertionFile.isEmpty {
            assertion = Credentials.trimmed(try Files.read(settings.assertionFile))
        }
        guard !assertion.isEmpty else { return form }
        form.append(("client_assertion_type", settings.assertionType))
        form.append(("client_assertion", assertion))
        if !settings.clientID.isEmpty { form.append(("client_id", settings.clientID)) }
        return form
    }

    /// A token of the claims, signed with the key, good for ten minutes.
    private func signedAssertion() throws(ServiceFailure) -> String {
        guard let key = settings.signingKey else { throw ServiceFailure("signing_key is missing") }
        var header = ByteBuffer()
        header.append("{\"typ\":\"JWT\",\"alg\":")
        header.appendJSONString(key.algorithm)
        if !settings.thumbprint.isEmpty {
            header.append(",\"x5t\":")
            header.appendJSONString(Encoding.base64(settings.thumbprint, url: true))
        }
        header.append("}")
        do throws(TokenFailure) {
            let signer = try TokenSigner(key: Array(key.privateKey.utf8), algorithm: key.algorithm)
            return String(decoding: try signer.token(header: header.bytes, payload: claims()), as: UTF8.self)
        } catch {
            throw ServiceFailure("the assertion cannot be signed: \(error.message)")
        }
    }

    private func claims() -> [UInt8] {
        let now = time(nil)
        var own = ByteBuffer()
        own.append("{\"iat\":")
        own.appendDecimal(now)
        own.append(",\"exp\":")
        own.appendDecimal(now + 600)
        own.append("}")
        var over = ByteBuffer()
        over.append("{")
        if !settings.scopes.isEmpty {
            over.append("\"scope\":")
            over.appendJSONString(settings.scopes.joined(separator: " "))
        }
        if settings.includesID {
            if !settings.scopes.isEmpty { over.append(",") }
            over.append("\"jti\":")
            over.appendJSONString(Encoding.randomID())
        }
        over.append("}")
        let space = Space.create(memoryLimit: 1 << 26)
        defer { space.destroy() }
        guard let base = try? space.readJSON(own.bytes), let last = try? space.readJSON(over.bytes),
            let further = try? space.readJSON(settings.claims ?? Array("{}".utf8)),
            let merged = try? space.merged(space.merged(base, further), last), let text = try? space.json(merged)
        else { return own.bytes }
        return text
    }
}

extension Encoding {
    /// A new identifier (RFC 4122, version 4).
    static func randomID() -> String {
        var random = SystemRandomNumberGenerator()
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let text = Array(hexadecimal(bytes).utf8)
        let parts = [text[0..<8], text[8..<12], text[12..<16], text[16..<20], text[20..<32]]
        return parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-")
    }
}
