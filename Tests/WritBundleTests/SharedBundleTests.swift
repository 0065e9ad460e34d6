import Foundation
import Testing
import Writ
import WritBundle

/// Bundles that OPA made, and broken ones, beside the conformance data: each gives the answer that its README states.
@Suite struct SharedBundleTests {
    private static let folder: String? = {
        let data = ProcessInfo.processInfo.environment["WRIT_CONFORMANCE"] ?? "../shared/conformance"
        let folder = data + "/../bundles"
        guard FileManager.default.fileExists(atPath: folder + "/README.md") else {
            print("skipped: no bundles of OPA beside the conformance data (WRIT_CONFORMANCE)")
            return nil
        }
        return folder
    }()

    private static func file(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: (folder ?? "") + "/" + name)))
    }

    private func reader(
        _ key: String? = nil, _ algorithm: String = "RS256", scope: String = "", id: String = "default"
    ) throws -> BundleReader {
        var reader = BundleReader(name: "shared")
        if let key {
            let bytes = key.hasPrefix("keys/") ? try Self.file(key) : Array(key.utf8)
            reader.verification = BundleVerification(
                keys: [.init(id: id, key: bytes, algorithm: algorithm)], keyID: id, scope: scope)
        }
        return reader
    }

    private func allows(_ bundle: LoadedBundle, _ subject: String = "gw-1") throws -> Bool {
        let policy = try Policy.compile(bundle.modules.map(\.file))
        let evaluator = Evaluator(Snapshot(policy: policy, data: try bundle.data.builder.freeze()))
        let input = Array(#"{"subject":"\#(subject)","action":"publish","resource":"site/1/x"}"#.utf8)
        evaluator.begin()
        let value = try evaluator.space.readJSON(input)
        let target = evaluator.snapshot.target(["authz", "allow"].map { Array($0.utf8) })
        return try evaluator.evaluate(target, input: value).isTrue
    }

    @Test(
        .enabled(if: folder != nil),
        arguments: [
            ("unsigned", nil, "", "", "default"), ("plan", nil, "", "", "default"),
            ("optimized", nil, "", "", "default"),
            ("signed-RS256", "keys/rsa.pub.pem", "RS256", "", "default"),
            ("signed-RS512", "keys/rsa.pub.pem", "RS512", "", "default"),
            ("signed-PS256", "keys/rsa.pub.pem", "PS256", "", "default"),
            ("signed-PS384", "keys/rsa.pub.pem", "PS384", "", "default"),
            ("signed-ES256", "keys/ec.pub.pem", "ES256", "", "default"),
            ("signed-HS256", "correct-horse-battery-staple", "HS256", "", "default"),
            ("signed-scope", "keys/rsa.pub.pem", "RS256", "write", "prod-2026"),
        ] as [(String, String?, String, String, String)])
    func good(_ name: String, _ key: String?, _ algorithm: String, _ scope: String, _ id: String) throws {
        let bundle = try reader(key, algorithm, scope: scope, id: id).read(archive: Self.file(name + ".tar.gz"))
        #expect(bundle.isVerified == (key != nil))
        #expect(try allows(bundle))
        #expect(bundle.plans.count == (name == "plan" ? 1 : 0))
    }

    @Test(
        .enabled(if: folder != nil),
        arguments: [
            ("bad-tampered", "keys/rsa.pub.pem", "data.json: digest mismatch (want: ", BundleFailure.Code.digest),
            (
                "bad-unlisted-file", "keys/rsa.pub.pem", "file extra.rego not included in bundle signature",
                .unlisted
            ), ("bad-truncated", nil, "unexpected EOF", .truncated),
            ("bad-traversal", nil, "../../escape.rego: the path leads out of the bundle", .name),
            ("signed-RS256", "keys/ec.pub.pem", "invalid key type", .signature),
            ("signed-RS256", nil, "verification key not provided", .signature),
            ("unsigned", "keys/rsa.pub.pem", "bundle missing .signatures.json file", .signature),
        ] as [(String, String?, String, BundleFailure.Code)])
    func refused(_ name: String, _ key: String?, _ text: String, _ code: BundleFailure.Code) throws {
        let reader = try reader(key)
        do throws(BundleFailure) {
            _ = try reader.read(archive: (try? Self.file(name + ".tar.gz")) ?? [])
            Issue.record("accepted")
        } catch {
            #expect(error.message.contains(text), "\(error.message)")
            #expect(error.code == code)
        }
    }

    @Test(.enabled(if: folder != nil)) func delta() throws {
        let bundle = try reader().read(archive: Self.file("unsigned.tar.gz"))
        #expect(try allows(bundle))
        let delta = try reader().read(archive: Self.file("delta-r1-r2.tar.gz"))
        #expect(delta.manifest.revision == "r2")
        for change in try #require(delta.changes) {
            try bundle.data.builder.apply(change.change, at: change.path)
        }
        #expect(try !allows(bundle))
        #expect(
            try bundle.data.builder.json(at: ["fleet", "roles", "cam-9"].map { Array($0.utf8) })
                == Array(#"["meter"]"#.utf8))
        let prefix = ["fleet", "grants", "meter"].map { Array($0.utf8) }
        let meters = String(decoding: try #require(try bundle.data.builder.json(at: prefix)), as: UTF8.self)
        #expect(meters.contains("site/2/"))
    }
}
