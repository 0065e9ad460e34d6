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
            loader.verification = try run.verification.verification(algorithm: run.signingAlgorithm)
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
