import Glibc
import Testing
import Writ

@testable import WritRuntime

/// OPA's configuration: what is understood, what is refused, what is shown.
@Suite struct SettingsTests {
    private func read(_ json: String) throws(SettingsFailure) -> RuntimeSettings {
        try RuntimeSettings(reading: Array(json.utf8), id: "i", version: "v")
    }

    @Test func whatIsUnderstood() throws {
        let settings = try read(
            #"""
            {
              "labels": {"app": "a", "id": "mine"},
              "services": {
                "acme": {
                  "url": "https://acme.example/v1/", "headers": {"X-A": "b"}, "response_header_timeout_seconds": 3,
                  "tls": {"ca_cert": "/ca.pem", "system_ca_required": true},
                  "credentials": {"bearer": {"token": "secret", "scheme": "Token"}}
                }
              },
              "keys": {"k": {"key": "PEM", "algorithm": "ES256", "scope": "read"}},
              "bundles": {
                "a": {
                  "service": "acme", "persist": true, "size_limit_bytes": 100, "trigger": "periodic",
                  "polling": {"min_delay_seconds": 1, "max_delay_seconds": 2, "long_polling_timeout_seconds": 9},
                  "signing": {"keyid": "k", "scope": "write", "exclude_files": ["x"]}
                },
                "b": {"resource": "file:///tmp/b.tar.gz"}, "c": null
              },
              "status": {"console": true, "prometheus": true}, "persistence_directory": "/var/x",
              "nd_builtin_cache": true
            }
            """#)
        #expect(settings.labels.map { "\($0.name)=\($0.value)" } == ["app=a", "id=i", "version=v"])
        let service = try #require(settings.services.first)
        #expect(service.url == "https://acme.example/v1")
        #expect(service.headers == [.init("X-A", "b")])
        #expect(service.headTimeout == 3)
        #expect(service.authorityFile == "/ca.pem" && service.usesSystemAuthorities)
        guard case .bearer(let bearer) = service.credentials else {
            Issue.record("no bearer")
            return
        }
        #expect(bearer.token == "secret" && bearer.scheme == "Token")
        #expect(settings.bundles.map(\.name) == ["a", "b"])
        let bundle = settings.bundles[0]
        #expect(bundle.source == .service(name: "acme", path: "bundles/a"))
        #expect(bundle.persists && bundle.sizeLimit == 100)
        #expect(bundle.polling.minimumDelay == 1 && bundle.polling.maximumDelay == 2)
        #expect(bundle.polling.longPollTimeout == 9)
        #expect(bundle.signing?.keyID == "k" && bundle.signing?.scope == "write")
        #expect(settings.bundles[1].source == .file("/tmp/b.tar.gz"))
        // Where there are keys, every bundle must be signed.
        #expect(settings.bundles[1].signing?.keys.count == 1)
        #expect(settings.status?.isOnConsole == true && settings.status?.service == nil)
        #expect(settings.persistenceFolder == "/var/x" && settings.keepsNondeterministicResults)
    }

    @Test func secretsAreNotShown() throws {
        let settings = try read(
            #"""
            {"services": [{"name": "a", "url": "http://a", "credentials": {"bearer": {"token": "s3cret"}}}],
             "keys": {"k": {"key": "s3cret", "private_key": "s3cret", "algorithm": "HS256"}}}
            """#)
        let shown = String(decoding: settings.shown, as: UTF8.self)
        #expect(!shown.contains("s3cret") && !shown.contains("credentials"))
        #expect(shown.contains(#""keys":{"k":{"algorithm":"HS256"}}"#))
        #expect(shown.contains(#""services":[{"name":"a","url":"http://a"}]"#))
    }

    static let acme = #""services": {"acme": {"url": "http://x"}}"#

    @Test(arguments: [
        (#"{"services": {"a": {"url": "ftp://x"}}}"#, "services.a.url must begin with http:// or https://"),
        (
            #"{"services": {"a": {"url": "http://x", "type": "ftp"}}}"#,
            "services.a.type: unknown type ftp"
        ),
        (
            #"""
            {"services": {"a": {"url": "http://x", "credentials": {"s3_signing":
              {"environment_credentials": {}, "service": "ecr"}}}}}
            """#,
            "aws service \"ecr\" must be used with service type \"oci\""
        ),
        (
            #"{"services": {"a": {"url": "http://x", "headers": {"a b": "c"}}}}"#,
            "services.a.headers: `a b` is no header, or has no value for one"
        ),
        (
            #"{"services": {"a": {"url": "http://x", "credentials": {"bearer": {}}}}}"#,
            "services.a.credentials.bearer.token: specify a value for either the \"token\" or \"token_path\" field"
        ),
        (
            #"{"services": {"a": {"url": "http://x", "credentials": {"bearer": {"token": "a"}, "gcp_metadata": {"audience": "b"}}}}}"#,
            "a maximum one credential method must be specified"
        ),
        (
            #"{"services": {"a": {"url": "http://x", "credentials": {"s3_signing": {}}}}}"#,
            "a AWS credential service must be specified when S3 signing is enabled"
        ),
        (
            #"{"services": {"a": {"url": "http://x", "credentials": {"oauth2": {"token_url": "http://x"}}}}}"#,
            "token_url required to use https scheme"
        ),
        (
            #"{"services": {"a": {"url": "http://x", "credentials": {"oauth2": {"token_url": "https://x", "grant_type": "jwt_bearer"}}}}}"#,
            "signing_key required for jwt_bearer grant type"
        ),
        (
            #"{"services": {"a": {"url": "http://x", "credentials": {"gcp_metadata": {}}}}}"#,
            "audience or scopes is required when gcp metadata is enabled"
        ),
        (#"{"bundles": {"a": {}}}"#, "invalid configuration for bundle \"a\": service name \"\" not found"),
        (
            #"{"bundles": {"a": {"service": "b"}}, \#(acme)}"#,
            "invalid configuration for bundle \"a\": service name \"b\" not found"
        ),
        (
            #"{"bundles": {"a": {"polling": {"min_delay_seconds": 3, "max_delay_seconds": 1}}}, \#(acme)}"#,
            "invalid configuration for bundle \"a\": max polling delay must be >= min polling delay"
        ),
        (
            #"{"bundles": {"a": {"polling": {"min_delay_seconds": 3}}}, \#(acme)}"#,
            "invalid configuration for bundle \"a\": polling configuration missing 'max_delay_seconds'"
        ),
        (
            #"{"bundles": {"a": {"trigger": "never"}}, \#(acme)}"#,
            "invalid configuration for bundle \"a\": invalid trigger mode \"never\" (want \"periodic\" or \"manual\")"
        ),
        (
            #"{"bundles": {"a": {"signing": {"keyid": "x"}}}, \#(acme)}"#,
            "invalid configuration for bundle \"a\": key id x not found"
        ),
        (
            #"{"bundles": {"../a": {}}, \#(acme)}"#,
            "invalid configuration for bundle \"../a\": a name must not lead out of a folder"
        ),
        (#"{"bundles": {"a": {"servce": "acme"}}, \#(acme)}"#, "unknown key in the configuration: bundles.a.servce"),
        (#"{"discovery": {}, \#(acme)}"#, "missing required discovery.resource field"),
        (#"{"discovery": {"name": "d"}}"#, "invalid configuration for discovery service: no service is defined"),
        (#"{"status": {"service": "x"}}"#, "invalid service name \"x\" in status"),
        (#"{"keys": {"k": {}}}"#, "invalid keys configuration: no keys provided for key ID k"),
        (#"{"keys": {"k": {"key": "x", "algorithm": "RS257"}}}"#, "unsupported signing algorithm 'RS257'"),
        (#"{"storage": {}}"#, "storage: not supported yet"),
    ])
    func refused(_ json: String, _ message: String) {
        let failure = #expect(throws: SettingsFailure.self) { try read(json) }
        #expect(failure?.message == message)
    }

    @Test func aKeyThatIsNearlyOne() {
        let failure = #expect(throws: SettingsFailure.self) { try read(#"{"bundels": {}}"#) }
        #expect(failure?.suggestion?.word == "bundels" && failure?.suggestion?.known.contains("bundles") == true)
    }

    @Test(arguments: [
        (["a=1,b=x"], #"{"a":1,"b":"x"}"#), (["a.b.c=true", "a.b.d=null"], #"{"a":{"b":{"c":true,"d":null}}}"#),
        (["a={1,x,}"], #"{"a":[1,"x"]}"#), (["a={}"], #"{"a":[]}"#), (["a[1].b=2"], #"{"a":[null,{"b":2}]}"#),
        ([#"a\.b=c\,d"#], #"{"a.b":"c,d"}"#), (["a=007"], #"{"a":"007"}"#), (["a=1.5"], #"{"a":"1.5"}"#),
        (["a=-3"], #"{"a":-3}"#), (["k.x=2"], #"{"k":{"x":2,"y":1}}"#), (["a="], #"{"a":""}"#),
    ])
    func singleValues(_ settings: [String], _ wanted: String) throws {
        let base = wanted.contains("\"k\"") ? #"{"k":{"x":0,"y":1}}"# : "{}"
        let made = try ConfigurationText.setting(settings, over: Array(base.utf8))
        #expect(String(decoding: made, as: UTF8.self) == wanted)
    }

    @Test(arguments: ["a", "=1", "a.=1", "a[x]=1", "a[99999999]=1", "a={1", "[0]=1", "a.b,c=1"])
    func badSingleValues(_ setting: String) {
        #expect(throws: SettingsFailure.self) {
            try ConfigurationText.setting([setting], over: Array("{}".utf8))
        }
    }

    @Test func valuesOfFiles() throws {
        let made = try ConfigurationText.setting(["a.b=one,c=two"], over: Array("{}".utf8)) {
            (name) throws(SettingsFailure) in Array(" content of \(name)\n".utf8)
        }
        #expect(String(decoding: made, as: UTF8.self) == #"{"a":{"b":"content of one"},"c":"content of two"}"#)
    }

    @Test func variables() {
        setenv("WRIT_TEST_VARIABLE", "here", 1)
        let text = ConfigurationText.replacingVariables(Array("a ${WRIT_TEST_VARIABLE} ${WRIT_TEST_NONE}$ ${".utf8))
        #expect(String(decoding: text, as: UTF8.self) == "a here $ ${")
    }
}
