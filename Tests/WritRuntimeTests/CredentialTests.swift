import Glibc
import Testing
import Writ

@testable import WritRuntime

/// What requests carry to show who asks.
@Suite(.serialized) struct CredentialTests {
    /// Asks a server with credentials, and gives what it was asked.
    private func ask(
        _ credentials: any CredentialProvider, _ url: String = "http://127.0.0.1/x"
    ) async throws -> OutgoingRequest {
        var request = OutgoingRequest(method: "GET", url: url)
        try await credentials.sign(&request)
        return request
    }

    private func header(_ name: String, _ request: OutgoingRequest) -> String? {
        request.headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    private func file(_ text: String) throws -> String {
        let folder = "/tmp/writ-credentials-\(getpid())"
        try Files.save(Array(text.utf8), as: "token", in: folder)
        return folder + "/token"
    }

    @Test func bearerFromFileIsReadEachTime() async throws {
        var settings = ServiceCredentials.Bearer()
        settings.tokenFile = try file(" one\n")
        let credentials = BearerCredentials(settings: settings)
        #expect(header("authorization", try await ask(credentials)) == "Bearer one")
        _ = try file("two")
        #expect(header("authorization", try await ask(credentials)) == "Bearer two")
        _ = try file("two\r\nX-Evil: 1")
        await #expect(throws: ServiceFailure.self) { try await ask(credentials) }
    }

    /// The example of AWS's own test suite (get-vanilla).
    @Test func signatureOfAWS() throws {
        var request = OutgoingRequest(method: "GET", url: "https://example.amazonaws.com/")
        let keys = AWSCredentials.Keys(
            accessKey: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", region: "us-east-1")
        AWSSignature.sign(&request, keys, service: "service", at: 1_440_938_160)
        #expect(
            header("authorization", request)
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
                + "SignedHeaders=host;x-amz-date,"
                + "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
        #expect(header("x-amz-date", request) == "20150830T123600Z")
    }

    /// RFC 4231, cases 2 and 6.
    @Test func keyedHash() {
        let one = AWSSignature.code(Array("what do ya want for nothing?".utf8), Array("Jefe".utf8))
        #expect(
            Encoding.hexadecimal(one) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let long = [UInt8](repeating: 0xaa, count: 131)
        let two = AWSSignature.code(Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8), long)
        #expect(
            Encoding.hexadecimal(two) == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test func keysOfMetadata() async throws {
        let server = try AnsweringServer { question in
            if question.path == "/latest/api/token" { return .init(body: Array("session".utf8)) }
            guard question.headers.first(name: "x-aws-ec2-metadata-token") == "session",
                question.path == "/latest/meta-data/iam/security-credentials/my_role"
            else { return .init(status: 401) }
            return .init(
                body: Array(
                    #"""
                    {"Code": "Success", "AccessKeyId": "AK", "SecretAccessKey": "SK", "Token": "T",
                     "Expiration": "2099-01-01T00:00:00Z"}
                    """#.utf8))
        }
        var settings = ServiceCredentials.AWS()
        settings.metadata = .init(region: "eu-west-1", role: "my_role")
        var places = AWSCredentials.Places()
        places.instance = server.address
        let credentials = AWSCredentials(settings, places)
        let request = try await ask(credentials)
        #expect(header("authorization", request)?.contains("Credential=AK/") == true)
        #expect(header("x-amz-security-token", request) == "T")
        #expect(header("x-amz-content-sha256", request)?.count == 64)
        _ = try await ask(credentials)
        // The second time they were still good.
        #expect(server.questions.map(\.method) == ["PUT", "GET"])
        await server.stop()
    }

    @Test func keysOfWebIdentity() async throws {
        let server = try AnsweringServer { question in
            let wanted = "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"
            guard question.method == "POST", question.body.hasPrefix(wanted), question.body.hasSuffix("=tok") else {
                return .init(status: 403)
            }
            return .init(
                body: Array(
                    """
                    <R><C><AccessKeyId>AK2</AccessKeyId><SecretAccessKey>SK2</SecretAccessKey>
                    <SessionToken>T2</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></C></R>
                    """.utf8))
        }
        setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/r", 1)
        setenv("AWS_WEB_IDENTITY_TOKEN_FILE", try file("tok\n"), 1)
        defer {
            unsetenv("AWS_ROLE_ARN")
            unsetenv("AWS_WEB_IDENTITY_TOKEN_FILE")
        }
        var settings = ServiceCredentials.AWS()
        settings.webIdentity = .init(region: "eu-west-1")
        var places = AWSCredentials.Places()
        places.tokens = server.address
        let keys = try await AWSCredentials(settings, places).keys()
        #expect(keys.accessKey == "AK2" && keys.token == "T2" && keys.region == "eu-west-1")
        await server.stop()
    }

    @Test func keysOfAnAssumedRole() async throws {
        let server = try AnsweringServer { question in
            let own = question.headers.first(name: "Authorization") ?? ""
            guard own.hasPrefix("AWS4-HMAC-SHA256 Credential=OWN/"), own.contains("/eu-west-1/sts/aws4_request"),
                question.body == "Action=AssumeRole&RoleArn=arn%3Ar&RoleSessionName=me&Version=2011-06-15"
            else { return .init(status: 403) }
            return .init(
                body: Array(
                    """
                    <R><C><AccessKeyId>AK3</AccessKeyId><SecretAccessKey>SK3</SecretAccessKey>
                    <SessionToken>T3</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></C></R>
                    """.utf8))
        }
        var settings = ServiceCredentials.AWS()
        settings.assumedRole = .init()
        settings.assumedRole?.role = "arn:r"
        settings.assumedRole?.region = "eu-central-1"
        settings.assumedRole?.session = "me"
        settings.assumedRole?.profile = .init(
            file: try file("[p]\naws_access_key_id = OWN\naws_secret_access_key = s\n"), name: "p", region: "eu-west-1")
        var places = AWSCredentials.Places()
        places.tokens = server.address
        let keys = try await AWSCredentials(settings, places).keys()
        #expect(keys.accessKey == "AK3" && keys.token == "T3" && keys.region == "eu-central-1")
        settings.assumedRole?.role = ""
        let failure = await #expect(throws: ServiceFailure.self) {
            try await AWSCredentials(settings, places).keys()
        }
        #expect(failure?.message.contains("no AWS_ROLE_ARN set in environment or configuration") == true)
        await server.stop()
    }

    @Test func keysOfTheEnvironmentAreMissing() async throws {
        var settings = ServiceCredentials.AWS()
        settings.usesEnvironment = true
        unsetenv("AWS_ACCESS_KEY_ID")
        let failure = await #expect(throws: ServiceFailure.self) { try await ask(AWSCredentials(settings)) }
        #expect(failure?.message.contains("no AWS_ACCESS_KEY_ID set in environment") == true)
    }

    @Test func tokensOfGoogle() async throws {
        let server = try AnsweringServer { question in
            guard question.headers.first(name: "Metadata-Flavor") == "Google" else { return .init(status: 400) }
            return question.path.contains("identity?audience=https://x")
                ? .init(body: Array("id-token".utf8)) : .init(body: Array(#"{"access_token": "at"}"#.utf8))
        }
        var settings = ServiceCredentials.GCP()
        settings.endpoint = server.address
        settings.audience = "https://x"
        #expect(header("authorization", try await ask(GCPCredentials(settings: settings))) == "Bearer id-token")
        settings.audience = ""
        settings.scopes = ["a", "b"]
        #expect(header("authorization", try await ask(GCPCredentials(settings: settings))) == "Bearer at")
        #expect(server.questions.last?.path.hasSuffix("?scopes=a,b") == true)
        await server.stop()
    }

    @Test func tokenOfAzure() async throws {
        let server = try AnsweringServer { question in
            question.headers.first(name: "Metadata") == "true"
                ? .init(body: Array(#"{"access_token": "az", "expires_in": "3599"}"#.utf8)) : .init(status: 400)
        }
        var settings = ServiceCredentials.Azure()
        settings.endpoint = server.address + "/token"
        settings.clientID = "c"
        #expect(header("authorization", try await ask(AzureCredentials(settings: settings))) == "Bearer az")
        #expect(
            server.questions.first?.path
                == "/token?api-version=2018-02-01&client_id=c&resource=https%3A%2F%2Fstorage.azure.com%2F")
        await server.stop()
    }

    private func oauth(_ change: (inout ServiceCredentials.OAuth2) -> Void) -> ServiceCredentials.OAuth2 {
        var settings = ServiceCredentials.OAuth2()
        change(&settings)
        return settings
    }

    @Test func tokenForASecret() async throws {
        let server = try AnsweringServer { _ in
            .init(body: Array(#"{"access_token": "oa", "token_type": "Bearer", "expires_in": 600}"#.utf8))
        }
        let settings = oauth {
            $0.tokenURL = server.address + "/token"
            $0.clientID = "me"
            $0.clientSecret = "pw"
            $0.scopes = ["a", "b"]
            $0.parameters = [.init("p", "q r")]
        }
        let credentials = OAuth2Credentials(settings, ServiceSettings(name: "s", url: ""))
        #expect(header("authorization", try await ask(credentials)) == "Bearer oa")
        _ = try await ask(credentials)
        #expect(server.questions.count == 1)
        #expect(server.questions.first?.body == "scope=a+b&p=q+r&grant_type=client_credentials")
        #expect(server.questions.first?.headers.first(name: "Authorization") == "Basic bWU6cHc=")
        await server.stop()
    }

    @Test func tokenForASignedAssertion() async throws {
        let server = try AnsweringServer { _ in
            .init(body: Array(#"{"access_token": "oa", "token_type": "bearer", "expires_in": 1}"#.utf8))
        }
        var key = KeySettings(name: "k")
        key.privateKey = "secret"
        key.algorithm = "HS256"
        let settings = oauth {
            $0.tokenURL = server.address + "/token"
            $0.grant = .jwtBearer
            $0.signingKey = key
            $0.claims = Array(#"{"aud": "x"}"#.utf8)
        }
        let credentials = OAuth2Credentials(settings, ServiceSettings(name: "s", url: ""))
        _ = try await ask(credentials)
        _ = try await ask(credentials)
        // It ends within the margin, so it is asked for anew.
        #expect(server.questions.count == 2)
        let body = server.questions.first?.body ?? ""
        #expect(body.hasPrefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=eyJ"))
        await server.stop()
    }

    @Test func credentialsStayWithTheirHost() async throws {
        let other = try AnsweringServer { _ in .init(body: Array("far".utf8)) }
        let target = other.address + "/there"
        let server = try AnsweringServer { _ in .init(status: 302, headers: [("Location", target)]) }
        var settings = ServiceSettings(name: "s", url: server.address)
        var bearer = ServiceCredentials.Bearer()
        bearer.token = "t"
        settings.credentials = .bearer(bearer)
        let response = try await ServiceClient(settings).send(ServiceRequest(path: "/here/"))
        #expect(response.status == 200 && response.body == Array("far".utf8))
        #expect(server.questions.first?.path == "/here")
        #expect(server.questions.first?.headers.first(name: "Authorization") == "Bearer t")
        #expect(other.questions.first?.headers.contains(name: "Authorization") == false)
        await server.stop()
        await other.stop()
    }

    @Test func slowAndLargeAnswers() async throws {
        let server = try AnsweringServer { question in
            question.path == "/slow" ? .init(delay: 3_000) : .init(body: [UInt8](repeating: 65, count: 5_000))
        }
        var settings = ServiceSettings(name: "s", url: server.address)
        settings.headTimeout = 1
        let client = ServiceClient(settings)
        let slow = await #expect(throws: ServiceFailure.self) { try await client.send(ServiceRequest(path: "slow")) }
        #expect(slow?.message.contains("took too long") == true)
        var request = ServiceRequest(path: "large")
        request.bodyLimit = 4_999
        let large = request
        let failure = await #expect(throws: ServiceFailure.self) { try await client.send(large) }
        #expect(failure?.message.contains("larger than 4999 bytes") == true)
        await server.stop()
    }
}
