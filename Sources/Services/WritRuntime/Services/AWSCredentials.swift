import Glibc
import Synchronization
import Writ
import WritBundle

/// Signs requests as AWS wants it (signature version 4), with credentials of the first source that has some.
final class AWSCredentials: CredentialProvider {
    /// What a signature is made with.
    struct Keys: Sendable, Equatable {
        var accessKey: String
        var secretKey: String
        var region: String
        var token = ""
        /// Seconds since 1970; nil for good.
        var expires: Int?
    }

    /// Where credentials are asked for; for tests.
    struct Places: Sendable {
        var instance = "http://169.254.169.254"
        var container = "http://169.254.170.2"
        /// Nil for the one of the region.
        var tokens: String?
    }

    private let settings: ServiceCredentials.AWS
    private let places: Places
    private let kept = Mutex<Keys?>(nil)

    init(_ settings: ServiceCredentials.AWS, _ places: Places = Places()) {
        self.settings = settings
        self.places = places
    }

    func sign(_ request: inout OutgoingRequest) async throws(ServiceFailure) {
        let keys = try await keys()
        AWSSignature.sign(&request, keys, service: settings.service, at: time(nil))
    }

    /// Credentials that are good for some minutes more.
    func keys() async throws(ServiceFailure) -> Keys {
        if let kept = kept.withLock({ $0 }), let expires = kept.expires, expires > time(nil) + 300 { return kept }
        var failures: [String] = []
        typealias Source = (isUsed: Bool, ask: @Sendable () async -> Result<Keys, ServiceFailure>)
        let sources: [Source] = [
            (settings.usesEnvironment, { Self.result { () throws(ServiceFailure) in try Self.fromEnvironment() } }),
            (settings.assumedRole != nil, { await self.fromAssumedRole() }),
            (settings.webIdentity != nil, { await self.fromWebIdentity() }),
            (
                settings.profile != nil,
                { Self.result { () throws(ServiceFailure) in try Self.fromProfile(self.settings.profile) } }
            ),
            (settings.metadata != nil, { await self.fromMetadata(self.settings.metadata) }),
        ]
        for source in sources where source.isUsed {
            switch await source.ask() {
            case .success(let keys):
                kept.withLock { $0 = keys }
                return keys
            case .failure(let failure): failures.append(failure.message)
            }
        }
        let count = failures.count == 1 ? "1 error occurred: " : "\(failures.count) errors occurred:\n"
        throw ServiceFailure(
            "failed to get aws credentials: all AWS credential providers failed: \(count)"
                + failures.joined(separator: "\n"))
    }

    private static func result<Value>(
        _ body: () throws(ServiceFailure) -> Value
    ) -> Result<Value, ServiceFailure> {
        do throws(ServiceFailure) { return .success(try body()) } catch { return .failure(error) }
    }

    // MARK: Sources

    private static func fromEnvironment() throws(ServiceFailure) -> Keys {
        func value(_ name: String) throws(ServiceFailure) -> String {
            guard let value = Credentials.environment(name) else {
                throw ServiceFailure("no \(name) set in environment")
            }
            return value
        }
        let token =
            Credentials.environment("AWS_SESSION_TOKEN") ?? Credentials.environment("AWS_SECURITY_TOKEN") ?? ""
        return Keys(
            accessKey: try value("AWS_ACCESS_KEY_ID"), secretKey: try value("AWS_SECRET_ACCESS_KEY"),
            region: try value("AWS_REGION"), token: token)
    }

    private static func fromProfile(_ profile: ServiceCredentials.AWS.Profile?) throws(ServiceFailure) -> Keys {
        guard let profile else { throw ServiceFailure("no profile") }
        let file =
            !profile.file.isEmpty
            ? profile.file
            : Credentials.environment("AWS_SHARED_CREDENTIALS_FILE")
                ?? (Credentials.environment("HOME") ?? "") + "/.aws/credentials"
        let name = !profile.name.isEmpty ? profile.name : Credentials.environment("AWS_PROFILE") ?? "default"
        guard let region = profile.region.isEmpty ? Credentials.environment("AWS_REGION") : profile.region else {
            throw ServiceFailure("no region found")
        }
        var section = ""
        var members: [String: String] = [:]
        for line in try Files.read(file).split(separator: 0x0A) {
            let text = Credentials.trimmed(Array(line))
            if text.hasPrefix("[") {
                section = Credentials.trimmed(Array(text.dropFirst().prefix { $0 != "]" }.utf8))
            } else if section == name, !text.hasPrefix("#"), let equals = text.firstIndex(of: "=") {
                let key = Credentials.trimmed(Array(text[..<equals].utf8))
                members[key] = Credentials.trimmed(Array(text[text.index(after: equals)...].utf8))
            }
        }
        guard let access = members["aws_access_key_id"], let secret = members["aws_secret_access_key"] else {
            throw ServiceFailure("credentials file \(file): profile \(name) has no access key")
        }
        return Keys(
            accessKey: access, secretKey: secret, region: region, token: members["aws_session_token"] ?? "")
    }

    private func fromMetadata(
        _ metadata: ServiceCredentials.AWS.Metadata?
    ) async -> Result<Keys, ServiceFailure> {
        guard let metadata else { return .failure(ServiceFailure("no metadata")) }
        do throws(ServiceFailure) {
            var question: OutgoingRequest
            if let path = Credentials.environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"), metadata.role.isEmpty {
                question = OutgoingRequest(method: "GET", url: places.container + path)
            } else {
                guard !metadata.role.isEmpty else {
                    throw ServiceFailure("metadata endpoint cannot be determined from settings and environment")
                }
                let role = Encoding.percent(metadata.role, keeping: "/+=,@")
                question = OutgoingRequest(
                    method: "GET", url: "\(places.instance)/latest/meta-data/iam/security-credentials/\(role)")
                var session = OutgoingRequest(method: "PUT", url: "\(places.instance)/latest/api/token")
                session.set("X-aws-ec2-metadata-token-ttl-seconds", "60")
                let answer = try await Credentials.ask(session)
                guard answer.status == 200 else {
                    throw ServiceFailure("metadata token HTTP request returned unexpected status: \(answer.status)")
                }
                let token = try Credentials.checked(Credentials.trimmed(answer.body), from: session.url)
                question.set("X-aws-ec2-metadata-token", token)
            }
            let answer = try await Credentials.ask(question)
            guard answer.status == 200 else {
                throw ServiceFailure("metadata HTTP request returned unexpected status: \(answer.status)")
            }
            guard let members = AnswerMembers(answer.body), !members["AccessKeyId"].isEmpty,
                members["Code"].isEmpty || members["Code"] == "Success"
            else { throw ServiceFailure("metadata service query did not succeed") }
            return .success(
                Keys(
                    accessKey: members["AccessKeyId"], secretKey: members["SecretAccessKey"],
                    region: metadata.region, token: members["Token"],
                    expires: AWSSignature.seconds(members["Expiration"]) ?? time(nil) + 900))
        } catch { return .failure(error) }
    }

    private func fromWebIdentity() async -> Result<Keys, ServiceFailure> {
        guard let identity = settings.webIdentity else { return .failure(ServiceFailure("no web identity")) }
        do throws(ServiceFailure) {
            guard let role = Credentials.environment("AWS_ROLE_ARN") else {
                throw ServiceFailure("no AWS_ROLE_ARN set in environment")
            }
            guard let file = Credentials.environment("AWS_WEB_IDENTITY_TOKEN_FILE") else {
                throw ServiceFailure("no AWS_WEB_IDENTITY_TOKEN_FILE set in environment")
            }
            guard let region = identity.region.isEmpty ? Credentials.environment("AWS_REGION") : identity.region else {
                throw ServiceFailure("no AWS_REGION set in environment or configuration")
            }
            let token = Credentials.trimmed(try Files.read(file))
            let question = tokenRequest(
                region, identity.domain,
                [
                    ("Action", "AssumeRoleWithWebIdentity"), ("RoleArn", role), ("RoleSessionName", identity.session),
                    ("Version", "2011-06-15"), ("WebIdentityToken", token),
                ])
            return .success(try await Self.keys(question, region))
        } catch { return .failure(error) }
    }

    /// Credentials of a role, asked for with others of the same source's own.
    private func fromAssumedRole() async -> Result<Keys, ServiceFailure> {
        guard let assumed = settings.assumedRole else { return .failure(ServiceFailure("no role")) }
        do throws(ServiceFailure) {
            func known(_ text: String, _ name: String) throws(ServiceFailure) -> String {
                guard let value = text.isEmpty ? Credentials.environment(name) : text else {
                    throw ServiceFailure("no \(name) set in environment or configuration")
                }
                return value
            }
            let region = try known(assumed.region, "AWS_REGION")
            let role = try known(assumed.role, "AWS_ROLE_ARN")
            var question = tokenRequest(
                region, assumed.domain,
                [
                    ("Action", "AssumeRole"), ("RoleArn", role), ("RoleSessionName", assumed.session),
                    ("Version", "2011-06-15"),
                ])
            let own: Keys
            if assumed.usesEnvironment {
                own = try Self.fromEnvironment()
            } else if assumed.profile != nil {
                own = try Self.fromProfile(assumed.profile)
            } else {
                own = try await fromMetadata(assumed.metadata).get()
            }
            AWSSignature.sign(&question, own, service: "sts", at: time(nil))
            return .success(try await Self.keys(question, region))
        } catch { return .failure(error) }
    }

    /// A request to AWS's service of security tokens.
    private func tokenRequest(_ region: String, _ domain: String, _ members: [(String, String)]) -> OutgoingRequest {
        let place = places.tokens ?? "https://sts.\(region.lowercased()).\(domain)"
        var question = OutgoingRequest(method: "POST", url: place + "/")
        question.set("Content-Type", "application/x-www-form-urlencoded")
        question.body = Array(Encoding.form(members).utf8)
        return question
    }

    /// The credentials that the service of tokens answers with.
    private static func keys(_ question: OutgoingRequest, _ region: String) async throws(ServiceFailure) -> Keys {
        let answer = try await Credentials.ask(question)
        guard answer.status == 200 else {
            throw ServiceFailure("STS HTTP request returned unexpected status: \(answer.status)")
        }
        let text = String(decoding: answer.body, as: UTF8.self)
        guard let access = element("AccessKeyId", text), let secret = element("SecretAccessKey", text) else {
            throw ServiceFailure("failed to parse the credentials of the STS response")
        }
        return Keys(
            accessKey: access, secretKey: secret, region: region, token: element("SessionToken", text) ?? "",
            expires: element("Expiration", text).flatMap { AWSSignature.seconds($0) } ?? time(nil) + 900)
    }

    /// What stands in the first element of a name; those that are read hold no markup.
    private static func element(_ name: String, _ text: String) -> String? {
        let parts = text.split(separator: "<\(name)>", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let inner = parts[1].prefix { $0 != "<" }
        return inner.isEmpty ? nil : Credentials.trimmed(Array(inner.utf8))
    }
}

/// AWS's signature version 4.
enum AWSSignature {
    private static let unsigned = ["authorization", "user-agent", "x-amzn-trace-id"]

    /// `now` is in seconds since 1970.
    static func sign(_ request: inout OutgoingRequest, _ keys: AWSCredentials.Keys, service: String, at now: Int) {
        let digest = hash(request.body)
        let stamp = stamp(now)
        let day = String(stamp.prefix(8))
        let (host, path, query) = parts(request.url)
        request.set("x-amz-date", stamp)
        if service == "s3" || service == "glacier" { request.set("x-amz-content-sha256", digest) }
        if !keys.token.isEmpty { request.set("x-amz-security-token", keys.token) }
        var signed = request.headers.map { (name: $0.name.lowercased(), value: $0.value) }
            .filter { !unsigned.contains($0.name) && $0.name != "host" }
        signed.append(("host", host))
        signed.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let names = signed.map { $0.name }.joined(separator: ";")
        let lines = signed.map { "\($0.name):\($0.value)\n" }.joined()
        let canonical = "\(request.method)\n\(path)\n\(query)\n\(lines)\n\(names)\n\(digest)"
        let scope = "\(day)/\(keys.region)/\(service)/aws4_request"
        let text = "AWS4-HMAC-SHA256\n\(stamp)\n\(scope)\n\(hash(Array(canonical.utf8)))"
        var key = Array("AWS4\(keys.secretKey)".utf8)
        for part in [day, keys.region, service, "aws4_request"] { key = code(Array(part.utf8), key) }
        let signature = Encoding.hexadecimal(code(Array(text.utf8), key))
        request.set(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=\(keys.accessKey)/\(scope),SignedHeaders=\(names),Signature=\(signature)")
    }

    private static func parts(_ url: String) -> (host: String, path: String, query: String) {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        let host = parts.count > 2 ? String(parts[2]) : ""
        let rest = parts.count > 3 ? parts[3].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false) : []
        let path = rest.first.map { "/" + $0 } ?? "/"
        return (host, path, rest.count > 1 ? String(rest[1]) : "")
    }

    private static func hash(_ bytes: [UInt8]) -> String { Encoding.hexadecimal(digest(bytes)) }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBufferPointer { ContentHash.sha256.digest($0) }
    }

    /// HMAC with SHA-256 (RFC 2104).
    static func code(_ message: [UInt8], _ key: [UInt8]) -> [UInt8] {
        var block = key.count > 64 ? digest(key) : key
        block += [UInt8](repeating: 0, count: 64 - block.count)
        return digest(block.map { $0 ^ 0x5c } + digest(block.map { $0 ^ 0x36 } + message))
    }

    /// `20060102T150405Z` of seconds since 1970.
    static func stamp(_ seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func digits(_ number: Int32, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        return digits(parts.tm_year + 1900, 4) + digits(parts.tm_mon + 1, 2) + digits(parts.tm_mday, 2) + "T"
            + digits(parts.tm_hour, 2) + digits(parts.tm_min, 2) + digits(parts.tm_sec, 2) + "Z"
    }

    /// Seconds since 1970 of `2006-01-02T15:04:05Z`; nil for other texts.
    static func seconds(_ text: String) -> Int? {
        let numbers = text.split { !$0.isNumber }.compactMap { Int32($0) }
        guard numbers.count >= 6, text.hasSuffix("Z") else { return nil }
        var parts = tm()
        parts.tm_year = numbers[0] - 1900
        parts.tm_mon = numbers[1] - 1
        parts.tm_mday = numbers[2]
        parts.tm_hour = numbers[3]
        parts.tm_min = numbers[4]
        parts.tm_sec = numbers[5]
        return timegm(&parts)
    }
}
