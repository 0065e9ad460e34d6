import Foundation
import Testing
import Writ
import WritBundle
import WritServer
import WritTooling

@testable import WritCommands

/// `build -t image`, and the commands that take an image where they take a bundle.
@Suite struct ImageCommandTests {
    private static let files = [
        "b/.manifest": #"{"revision": "r1", "roots": ["fleet", "devices"]}"#,
        "b/fleet/policy.rego": """
        package fleet

        # METADATA
        # entrypoint: true
        allow if data.devices[input.device].ok

        conflict := 1

        conflict := 2 if input.device == "s1"

        unused := data.devices.gone

        """, "b/devices/data.json": #"{"s1": {"ok": true}, "gone": {}}"#, "in.json": #"{"device": "s1"}"#,
        "secret": "a secret", "other": "another one", "more.json": #"{"more": 7}"#,
    ]

    private func bench() throws -> Workbench {
        let bench = try Workbench(Self.files)
        let made = bench.writ("build", "-t", "image", "-b", "@b", "-o", "@x.image")
        #expect(made.status == 0, "\(made)")
        return bench
    }

    @Test func isEvaluatedLikeTheBundle() throws {
        let bench = try bench()
        for query in [
            "data.fleet.allow", "data.devices", "x := data.fleet.allow; y := input.device", "data.fleet.none",
        ] {
            for format in ["json", "raw", "pretty"] {
                let image = bench.writ("eval", "-b", "@x.image", "-i", "@in.json", "-f", format, query)
                let bundle = bench.writ("eval", "-b", "@b", "-i", "@in.json", "-f", format, query)
                #expect(image.output == bundle.output && image.status == bundle.status, "\(query) \(format)")
            }
        }
        let failing = bench.writ("eval", "-b", "@x.image", "-i", "@in.json", "-f", "pretty", "data.fleet.conflict")
        #expect(failing.errors.contains("eval_conflict_error") && failing.errors.contains("policy.rego:"))
        // With other data it is a bundle like others; traces are of its modules.
        #expect(
            bench.writ("eval", "-b", "@x.image", "-d", "@more.json", "-f", "raw", "data.more + 1").output == "8\n")
        #expect(
            bench.writ("eval", "-b", "@x.image", "-i", "@in.json", "--coverage", "-f", "json", "data.fleet.allow")
                .output.contains("\"covered\""))
        #expect(bench.writ("build", "-t", "image", "-b", "@x.image", "-o", "@y.image").status == 0)
        #expect(bench.writ("build", "-b", "@x.image", "-o", "@y.tar.gz").status == 0)
        #expect(
            bench.writ("eval", "-b", "@y.image", "-i", "@in.json", "-f", "raw", "data.fleet.allow").output == "true\n")
    }

    @Test func isInspected() throws {
        let bench = try bench()
        let plain = bench.writ("inspect", "@x.image")
        #expect(plain.status == 0 && plain.output.contains("| Revision") && plain.output.contains("data.fleet"))
        let details = bench.writ("inspect", "--details", "-f", "json", "@x.image")
        #expect(details.output.contains("\"digest\"") && details.output.contains("\"path\": \"constants\""))
        #expect(bench.writ("inspect", "--details", "@x.image").output.contains("IMAGE 1, SHA-256 "))
    }

    @Test func leavesOutWhatIsNotAskedFor() throws {
        let bench = try bench()
        let made = bench.writ("build", "-t", "image", "-b", "@b", "--prune-unused", "-o", "@small.image")
        #expect(made.status == 0, "\(made)")
        #expect(bench.writ("eval", "-b", "@small.image", "-f", "raw", "data.fleet.unused").output == "")
        #expect(
            bench.writ("eval", "-b", "@small.image", "-i", "@in.json", "-f", "raw", "data.fleet.allow").output
                == "true\n")
    }

    @Test func isServedAndKnownAgain() throws {
        let bench = try bench()
        func served(_ more: String...) throws -> ServedBundles {
            let run = try RunCommand.parse(["--server", "--bundle"] + more + [bench.path + "/x.image"])
            var loader = LoaderOptions()
            loader.isBundle = true
            loader.requiresVerification = !run.skipsVerification
            loader.verification = try run.verification.verification()
            return ServedBundles(
                paths: run.paths, options: loader, compile: CompileOptions(functions: .all),
                images: ImageRecords(
                    folder: bench.path + "/state/images", checksAlways: run.verifiesImages == "always"))
        }
        func answer(_ snapshot: Snapshot, _ path: String) throws -> String {
            var output = ByteBuffer()
            let target = snapshot.target(path.split(separator: "/").map { Array($0.utf8) })
            let input = Array(#"{"device": "s1"}"#.utf8)
            _ = try input.withUnsafeBufferPointer {
                try Evaluator(snapshot).decide(target, input: $0, into: &output)
            }
            return String(decoding: output.bytes, as: UTF8.self)
        }
        for _ in 0..<2 {
            let (snapshot, bundles) = try served().load()
            #expect(try answer(snapshot, "fleet/allow") == "true")
            #expect(bundles.map(\.revision) == ["r1"] && bundles[0].roots == ["fleet", "devices"])
            #expect(try answer(snapshot, "system").contains(#""revision":"r1""#))
        }
        // Signed: only with the key.
        #expect(
            bench.writ(
                "build", "-t", "image", "-b", "@b", "--signing-key", "@secret", "--signing-alg", "HS256", "-o",
                "@x.image"
            ).status == 0)
        #expect(throws: ProblemReport.self) { try served().load() }
        let keys = ["--verification-key", bench.path + "/secret", "--signing-alg", "HS256"]
        #expect(try answer(served(keys[0], keys[1], keys[2], keys[3]).load().snapshot, "fleet/allow") == "true")
        #expect(throws: ProblemReport.self) {
            try served("--verification-key", bench.path + "/other", "--signing-alg", "HS256").load()
        }
        #expect(try answer(served("--skip-verify").load().snapshot, "fleet/allow") == "true")
    }

    /// The gate says of an image what it says of a bundle.
    @Test func isVerified() throws {
        let bench = try bench()
        try Data(#"{"iat": 1000, "exp": 5000}"#.utf8).write(to: URL(fileURLWithPath: bench.path + "/claims.json"))
        func build(_ name: String, _ more: String...) {
            let made = bench.writ(
                arguments: ["build", "-t", "image", "-b", "@b", "-o", "@" + name] + more, isPiped: true)
            #expect(made.status == 0, "\(made)")
        }
        let sign = ["--signing-key", "@secret", "--signing-alg", "HS256", "--claims-file", "@claims.json"]
        build("new.image", sign[0], sign[1], sign[2], sign[3], sign[4], sign[5], "-r", "r7")
        build("old.image", sign[0], sign[1], sign[2], sign[3], "-r", "r3")
        func verify(_ name: String, _ more: String...) -> Outcome {
            bench.writ(
                arguments: ["verify", "--verification-key", "@secret", "--signing-alg", "HS256", "@" + name]
                    + (more.contains("--at") ? [] : ["--at", "2000"]) + more, isPiped: true)
        }
        let good = verify("new.image", "--root", "fleet", "--root", "devices", "--previous", "@old.image")
        #expect(good.status == 0, "\(good)")
        #expect(
            good.output.hasSuffix("new.image: good: revision r7, signed by key default (HS256), 1 modules\n"), "\(good)"
        )
        for (outcome, status, code) in [
            (verify("x.image"), 2, "bundle_signature_error"),
            (
                bench.writ("verify", "--verification-key", "@other", "--signing-alg", "HS256", "@new.image"), 2,
                "bundle_"
            ),
            (verify("new.image", "--at", "6000"), 3, "bundle_expired_error"),
            (verify("new.image", "--max-age", "10s"), 3, "bundle_expired_error"),
            (verify("old.image", "--previous", "@new.image"), 4, "bundle_rollback_error"),
            (verify("new.image", "--min-revision", "r8"), 4, "bundle_rollback_error"),
            (verify("new.image", "--root", "fleet"), 5, "bundle_breadth_error"),
        ] as [(Outcome, Int32, String)] {
            #expect(outcome.status == status && outcome.errors.contains(code), "\(outcome)")
        }
        let place = URL(fileURLWithPath: bench.path + "/new.image")
        var bytes = try Data(contentsOf: place)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: place, options: .atomic)
        #expect(verify("new.image").status == 2 && verify("new.image").errors.contains("bundle_digest_error"))
    }

    /// An image has the modules' texts, so it is compared like the bundle that it was made of.
    @Test func isCompared() throws {
        let bench = try bench()
        #expect(bench.writ("build", "-b", "@b", "-o", "@b.tar.gz").status == 0)
        #expect(bench.writ("diff", "--fail", "@b.tar.gz", "@x.image").output == "the bundles say the same\n")
        try Data(#"{"s1": {"ok": false}, "gone": {}}"#.utf8)
            .write(to: URL(fileURLWithPath: bench.path + "/b/devices/data.json"))
        let policy = bench.path + "/b/fleet/policy.rego"
        let text = try String(contentsOfFile: policy, encoding: .utf8)
        try Data((text + "\n# METADATA\n# entrypoint: true\nmore := 1\n").utf8).write(to: URL(fileURLWithPath: policy))
        #expect(bench.writ("build", "-t", "image", "-b", "@b", "-o", "@y.image", "-r", "r2").status == 0)
        let found = bench.writ("diff", "--fail", "@x.image", "@y.image")
        #expect(found.status == 1)
        #expect(
            found.output == """
                MANIFEST:
                  ~ revision: r1 -> r2
                ENTRYPOINTS:
                  + fleet/more
                RULES:
                  + data.fleet.more
                DATA:
                  ~ data.devices.s1.ok: true -> false

                """, "\(found)")
    }

    @Test func anotherVersionIsRefusedInWords() throws {
        let bench = try bench()
        let place = URL(fileURLWithPath: bench.path + "/x.image")
        var bytes = try Data(contentsOf: place)
        bytes[8] = 3
        try bytes.write(to: place, options: .atomic)
        let outcome = bench.writ("eval", "-b", "@x.image", "-f", "pretty", "data.fleet.allow")
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("version 3") && outcome.errors.contains("writ build -t image"))
        #expect(bench.writ("run", "--server", "--verify-images", "never", "-b", "@x.image").status != 0)
    }
}
