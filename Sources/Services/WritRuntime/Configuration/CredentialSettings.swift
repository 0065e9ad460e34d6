import Writ

/// How this process shows a service who it is. At most one way a service, as in OPA.
public enum ServiceCredentials: Sendable, Equatable {
    case none
    case bearer(Bearer)
    case oauth2(OAuth2)
    case clientTLS(ClientTLS)
    case aws(AWS)
    case gcp(GCP)
    case azure(Azure)

    public struct Bearer: Sendable, Equatable {
        public var token = ""
        /// A file that is read for each request, so that a new token counts at once.
        public var tokenFile = ""
        public var scheme = "Bearer"
        /// Whether it is sent in base64: what OPA does with tokens for registries, so that `user:password` with the
        /// scheme `Basic` is what it should be.
        public var encodes = false

        public init() {}
    }

    public struct OAuth2: Sendable, Equatable {
        public enum Grant: Sendable, Equatable {
            case clientCredentials, jwtBearer
        }

        public var grant = Grant.clientCredentials
        public var tokenURL = ""
        public var clientID = ""
        public var clientSecret = ""
        public var signingKey: KeySettings?
        /// A certificate's thumbprint, decoded.
        public var thumbprint: [UInt8] = []
        /// Further claims as JSON text.
        public var claims: [UInt8]?
        public var includesID = false
        public var scopes: [String] = []
        public var headers: [ServiceSettings.Header] = []
        public var parameters: [ServiceSettings.Header] = []
        public var assertion = ""
        public var assertionFile = ""
        public var assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    }

    public struct ClientTLS: Sendable, Equatable {
        public var certificateFile = ""
        public var keyFile = ""
        public var passphrase = ""
        /// Seconds for which the files are not read again; 0 to look at them before each request.
        public var rereadInterval = 0
    }

    public struct AWS: Sendable, Equatable {
        public var usesEnvironment = false
        public var metadata: Metadata?
        public var webIdentity: WebIdentity?
        public var profile: Profile?
        public var assumedRole: AssumedRole?
        public var service = "s3"

        public struct Metadata: Sendable, Equatable {
            public var region = ""
            /// The role whose credentials are taken; empty where the environment names the place (ECS).
            public var role = ""
        }

        public struct WebIdentity: Sendable, Equatable {
            public var region = ""
            public var domain = "amazonaws.com"
            public var session = "open-policy-agent"
        }

        public struct Profile: Sendable, Equatable {
            public var file = ""
            public var name = ""
            public var region = ""
        }

        /// A role that AWS gives credentials for to whoever has others: those of `aws_signing`, the first of these.
        public struct AssumedRole: Sendable, Equatable {
            public var usesEnvironment = false
            public var profile: Profile?
            public var metadata: Metadata?
            /// Empty for what the environment says, like the region.
            public var role = ""
            public var region = ""
            public var domain = "amazonaws.com"
            public var session = "open-policy-agent"
        }
    }

    public struct GCP: Sendable, Equatable {
        public var audience = ""
        public var scopes: [String] = []
        public var endpoint = "http://metadata.google.internal"
        public var accessTokenPath = "/computeMetadata/v1/instance/service-accounts/default/token"
        public var identityTokenPath = "/computeMetadata/v1/instance/service-accounts/default/identity"
    }

    public struct Azure: Sendable, Equatable {
        public var endpoint = ""
        public var version = ""
        public var resource = "https://storage.azure.com/"
        public var objectID = ""
        public var clientID = ""
        public var resourceID = ""
        public var usesAppService = false
    }
}

extension ServiceCredentials {
    private static let ways = [
        "bearer", "oauth2", "client_tls", "s3_signing", "gcp_metadata", "azure_managed_identity", "plugin",
    ]

    init(
        _ service: SettingsObject, _ keys: [KeySettings], _ settings: ServiceSettings
    ) throws(SettingsFailure) {
        let object = try service.object("credentials", Self.ways)
        let given = Self.ways.filter { object.has($0) }
        guard given.count < 2 else { throw SettingsFailure("a maximum one credential method must be specified") }
        switch given.first {
        case "bearer":
            var bearer = try Self.bearer(object)
            bearer.encodes = settings.isRegistry
            self = .bearer(bearer)
        case "oauth2": self = .oauth2(try Self.oauth2(object, keys))
        case "client_tls": self = .clientTLS(try Self.clientTLS(object))
        case "s3_signing": self = .aws(try Self.aws(object, isRegistry: settings.isRegistry))
        case "gcp_metadata": self = .gcp(try Self.gcp(object))
        case "azure_managed_identity": self = .azure(try Self.azure(object))
        case "plugin": throw SettingsFailure("\(object.path)plugin: there are no plugins for credentials")
        default: self = .none
        }
    }

    private static func bearer(_ object: SettingsObject) throws(SettingsFailure) -> Bearer {
        let bearer = try object.object("bearer", ["token", "token_path", "scheme"])
        var result = Bearer()
        result.token = try bearer.text("token") ?? ""
        result.tokenFile = try bearer.text("token_path") ?? ""
        if let scheme = try bearer.text("scheme"), !scheme.isEmpty { result.scheme = scheme }
        guard result.token.isEmpty != result.tokenFile.isEmpty else {
            throw SettingsFailure(
                "\(bearer.path)token: specify a value for either the \"token\" or \"token_path\" field")
        }
        return result
    }

    private static func oauth2(
        _ object: SettingsObject, _ keys: [KeySettings]
    ) throws(SettingsFailure) -> OAuth2 {
        let oauth = try object.object(
            "oauth2",
            [
                "grant_type", "token_url", "client_id", "client_secret", "signing_key", "thumbprint",
                "additional_claims", "include_jti_claim", "scopes", "additional_headers", "additional_parameters",
                "aws_kms", "aws_signing", "azure_keyvault", "azure_signing", "client_assertion_type",
                "client_assertion", "client_assertion_path",
            ])
        for name in ["aws_kms", "azure_keyvault"] where oauth.has(name) {
            throw SettingsFailure("\(oauth.path)\(name): keys that another service holds are not supported yet")
        }
        var result = OAuth2()
        switch try oauth.text("grant_type") ?? "client_credentials" {
        case "client_credentials": break
        case "jwt_bearer": result.grant = .jwtBearer
        default: throw SettingsFailure("grant_type must be either client_credentials or jwt_bearer")
        }
        result.tokenURL = try oauth.text("token_url") ?? ""
        guard result.tokenURL.hasPrefix("https://") else {
            throw SettingsFailure("token_url required to use https scheme")
        }
        result.clientID = try oauth.text("client_id") ?? ""
        result.clientSecret = try oauth.text("client_secret") ?? ""
        let keyName = try oauth.text("signing_key") ?? ""
        if !keyName.isEmpty {
            guard let key = keys.first(where: { $0.name == keyName }) else {
                throw SettingsFailure("signing_key refers to non-existent key")
            }
            guard !key.privateKey.isEmpty else {
                throw SettingsFailure("referenced signing_key does not include a private key")
            }
            result.signingKey = key
        } else if result.grant == .jwtBearer {
            throw SettingsFailure("signing_key required for jwt_bearer grant type")
        }
        if let text = try oauth.text("thumbprint"), !text.isEmpty {
            guard let bytes = Encoding.bytes(hexadecimal: text) else {
                throw SettingsFailure("\(oauth.path)thumbprint must be hexadecimal")
            }
            result.thumbprint = bytes
        }
        result.claims = try oauth.named("additional_claims").isPresent ? oauth.json("additional_claims") : nil
        result.includesID = try oauth.flag("include_jti_claim") ?? false
        result.scopes = try oauth.texts("scopes")
        result.headers = try oauth.textMembers("additional_headers").map { .init($0.name, $0.value) }
        result.parameters = try oauth.textMembers("additional_parameters").map { .init($0.name, $0.value) }
        result.assertion = try oauth.text("client_assertion") ?? ""
        result.assertionFile = try oauth.text("client_assertion_path") ?? ""
        if let type = try oauth.text("client_assertion_type"), !type.isEmpty { result.assertionType = type }
        guard result.grant == .clientCredentials else { return result }
        let ways = [
            !result.clientSecret.isEmpty, result.signingKey != nil, !result.assertion.isEmpty,
            !result.assertionFile.isEmpty,
        ]
        switch ways.filter({ $0 }).count {
        case 0:
            throw SettingsFailure(
                "please provide one of client_secret, signing_key, client_assertion, or client_assertion_path required")
        case 1: break
        default:
            throw SettingsFailure(
                "can only use one of client_secret, signing_key, client_assertion, or client_assertion_path")
        }
        if result.signingKey == nil, result.clientID.isEmpty {
            throw SettingsFailure("client_id and client_secret required")
        }
        return result
    }

    private static func clientTLS(_ object: SettingsObject) throws(SettingsFailure) -> ClientTLS {
        let tls = try object.object(
            "client_tls",
            ["cert", "private_key", "private_key_passphrase", "cert_reread_interval_seconds"])
        var result = ClientTLS()
        result.certificateFile = try tls.text("cert") ?? ""
        result.keyFile = try tls.text("private_key") ?? ""
        result.passphrase = try tls.text("private_key_passphrase") ?? ""
        result.rereadInterval = try tls.number("cert_reread_interval_seconds", 0...Int(Int32.max)) ?? 0
        guard !result.certificateFile.isEmpty else {
            throw SettingsFailure("client certificate is needed when client TLS is enabled")
        }
        guard !result.keyFile.isEmpty else {
            throw SettingsFailure("private key is needed when client TLS is enabled")
        }
        return result
    }

    private static func aws(
        _ object: SettingsObject, isRegistry: Bool
    ) throws(SettingsFailure) -> AWS {
        let signing = try object.object(
            "s3_signing",
            [
                "environment_credentials", "metadata_credentials", "assume_role_credentials",
                "web_identity_credentials", "profile_credentials", "sso_credentials", "service", "signature_version",
            ])
        guard !signing.has("sso_credentials") else {
            throw SettingsFailure("\(signing.path)sso_credentials: not supported yet")
        }
        var result = AWS()
        result.usesEnvironment = try signing.object("environment_credentials", []).isPresent
        result.metadata = try metadata(signing)
        result.profile = try profile(signing)
        result.assumedRole = try assumedRole(signing)
        let identity = try signing.object("web_identity_credentials", ["aws_region", "aws_domain", "session_name"])
        if identity.isPresent {
            var settings = AWS.WebIdentity()
            settings.region = try identity.text("aws_region") ?? ""
            if let domain = try identity.text("aws_domain"), !domain.isEmpty { settings.domain = domain.lowercased() }
            if let session = try identity.text("session_name"), !session.isEmpty { settings.session = session }
            result.webIdentity = settings
        }
        guard
            result.usesEnvironment || result.metadata != nil || identity.isPresent || result.profile != nil
                || result.assumedRole != nil
        else { throw SettingsFailure("a AWS credential service must be specified when S3 signing is enabled") }
        if let service = try signing.text("service"), !service.isEmpty { result.service = service.lowercased() }
        guard result.service != "ecr" || isRegistry else {
            throw SettingsFailure("aws service \"ecr\" must be used with service type \"oci\"")
        }
        let version = try signing.text("signature_version") ?? "4"
        guard version == "4" || version.isEmpty else {
            throw SettingsFailure("\(signing.path)signature_version: only version 4 is supported")
        }
        return result
    }

    private static func metadata(_ signing: SettingsObject) throws(SettingsFailure) -> AWS.Metadata? {
        let metadata = try signing.object("metadata_credentials", ["aws_region", "iam_role"])
        guard metadata.isPresent else { return nil }
        let region = try metadata.text("aws_region") ?? ""
        guard !region.isEmpty else {
            throw SettingsFailure("at least aws_region must be specified for AWS metadata credential service")
        }
        return AWS.Metadata(region: region, role: try metadata.text("iam_role") ?? "")
    }

    private static func profile(_ signing: SettingsObject) throws(SettingsFailure) -> AWS.Profile? {
        let profile = try signing.object("profile_credentials", ["path", "profile", "aws_region"])
        guard profile.isPresent else { return nil }
        return AWS.Profile(
            file: try profile.text("path") ?? "", name: try profile.text("profile") ?? "",
            region: try profile.text("aws_region") ?? "")
    }

    private static func assumedRole(_ signing: SettingsObject) throws(SettingsFailure) -> AWS.AssumedRole? {
        let object = try signing.object(
            "assume_role_credentials", ["aws_region", "iam_role_arn", "session_name", "aws_domain", "aws_signing"])
        guard object.isPresent else { return nil }
        let own = try object.object(
            "aws_signing",
            ["environment_credentials", "profile_credentials", "metadata_credentials", "service", "signature_version"])
        guard own.isPresent else {
            throw SettingsFailure(
                "a AWS signing plugin must be specified when AssumeRole credential provider is enabled")
        }
        var result = AWS.AssumedRole()
        result.usesEnvironment = try own.object("environment_credentials", []).isPresent
        result.profile = try profile(own)
        result.metadata = try metadata(own)
        guard result.usesEnvironment || result.profile != nil || result.metadata != nil else {
            throw SettingsFailure("unsupported AWS signing plugin with AssumeRole credential provider")
        }
        result.role = try object.text("iam_role_arn") ?? ""
        result.region = try object.text("aws_region") ?? ""
        if let domain = try object.text("aws_domain"), !domain.isEmpty { result.domain = domain.lowercased() }
        if let session = try object.text("session_name"), !session.isEmpty { result.session = session }
        return result
    }

    private static func gcp(_ object: SettingsObject) throws(SettingsFailure) -> GCP {
        let gcp = try object.object(
            "gcp_metadata", ["audience", "scopes", "endpoint", "access_token_path", "identity_token_path"])
        var result = GCP()
        result.audience = try gcp.text("audience") ?? ""
        result.scopes = try gcp.texts("scopes")
        if let endpoint = try gcp.text("endpoint"), !endpoint.isEmpty { result.endpoint = endpoint }
        if let path = try gcp.text("access_token_path"), !path.isEmpty { result.accessTokenPath = path }
        if let path = try gcp.text("identity_token_path"), !path.isEmpty { result.identityTokenPath = path }
        guard !result.audience.isEmpty || !result.scopes.isEmpty else {
            throw SettingsFailure("audience or scopes is required when gcp metadata is enabled")
        }
        guard result.audience.isEmpty || result.scopes.isEmpty else {
            throw SettingsFailure("either audience or scopes can be set, not both, when gcp metadata is enabled")
        }
        return result
    }

    private static func azure(_ object: SettingsObject) throws(SettingsFailure) -> Azure {
        let azure = try object.object(
            "azure_managed_identity",
            ["endpoint", "api_version", "resource", "object_id", "client_id", "mi_res_id", "use_app_service_msi"])
        var result = Azure()
        result.endpoint = try azure.text("endpoint") ?? ""
        result.version = try azure.text("api_version") ?? ""
        if let resource = try azure.text("resource"), !resource.isEmpty { result.resource = resource }
        result.objectID = try azure.text("object_id") ?? ""
        result.clientID = try azure.text("client_id") ?? ""
        result.resourceID = try azure.text("mi_res_id") ?? ""
        result.usesAppService = try azure.flag("use_app_service_msi") ?? false
        return result
    }
}

/// Texts of bytes.
enum Encoding {
    static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            let pair = digits[index...index + 1]
            guard !pair.contains(UInt8(ascii: "+")), !pair.contains(UInt8(ascii: "-")),
                let byte = UInt8(String(decoding: pair, as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// Base64, with the alphabet and padding that are asked for.
    static func base64(_ bytes: [UInt8], url: Bool = false, padding: Bool = true) -> String {
        let tail = url ? "-_" : "+/"
        let alphabet = Array(("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + tail).utf8)
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var word = 0
            for offset in 0..<3 { word = word << 8 | (offset < count ? Int(bytes[start + offset]) : 0) }
            for place in 0..<4 {
                if place <= count {
                    result.append(alphabet[word >> (18 - 6 * place) & 63])
                } else if padding {
                    result.append(UInt8(ascii: "="))
                }
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// A text as a part of a form or query; a space as `+` where that is asked for, else as `%20`.
    static func percent(_ text: String, plus: Bool = false, keeping: String = "") -> String {
        var result = ""
        for byte in text.utf8 {
            let isPlain =
                byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a || byte >= 0x30 && byte <= 0x39
                || "-_.~".utf8.contains(byte) || keeping.utf8.contains(byte)
            if isPlain {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else if plus, byte == 0x20 {
                result += "+"
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count < 2 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }

    /// Names and values as a form or query.
    static func form(_ members: [(String, String)]) -> String {
        members.map { "\(percent($0.0, plus: true))=\(percent($0.1, plus: true))" }.joined(separator: "&")
    }
}
