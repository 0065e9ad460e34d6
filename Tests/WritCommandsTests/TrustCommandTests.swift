#if !WRIT_LIGHT
    import Foundation
    import Testing

    /// `writ trust` from a new repository to a bundle that a device takes, and what it refuses.
    @Suite struct TrustCommandTests {
        private func bench() throws -> Workbench {
            let bench = try Workbench([
                "m/.manifest": #"{"revision": "r1", "roots": ["fleet/medical"]}"#,
                "m/fleet/medical/p.rego": "package fleet.medical\n\nallow if input.ok\n",
                "p/.manifest": #"{"revision": "r1", "roots": ["fleet/power"]}"#,
                "p/fleet/power/p.rego": "package fleet.power\n\nallow if input.ok\n",
            ])
            #expect(bench.writ("build", "-b", "@m", "-o", "@m.tar.gz").status == 0)
            #expect(bench.writ("build", "-b", "@p", "-o", "@p.tar.gz").status == 0)
            return bench
        }

        private func trust(_ bench: Workbench, _ arguments: String...) -> Outcome {
            let verify = arguments.first == "verify"
            return bench.writ(
                arguments: ["trust"] + arguments + ["--repo", "@repo"] + (verify ? [] : ["--keys", "@keys"])
                    + (arguments.contains("--at") ? [] : ["--at", "1800000000"]), isPiped: true)
        }

        @Test func fromTheKeysToTheDevice() throws {
            let bench = try bench()
            let made = trust(bench, "init", "--threshold", "root=2", "--key-count", "root=3")
            #expect(made.status == 0, "\(made.errors)")
            #expect(made.output.hasSuffix("repo: a new repository; give clients repo/metadata/1.root.json\n"))
            #expect(trust(bench, "init").errors.contains("there is a repository in repo already"))
            #expect(trust(bench, "delegate", "--role", "medical", "--path", "fleet/medical").status == 0)
            let published = trust(
                bench, "publish", "--role", "medical", "--target", "fleet/medical/bundle.tar.gz", "@m.tar.gz")
            #expect(published.status == 0, "\(published.errors)")
            let keys = try FileManager.default.contentsOfDirectory(atPath: bench.path + "/keys")
            #expect(keys.count == 7)
            for key in keys {
                let attributes = try FileManager.default.attributesOfItem(atPath: bench.path + "/keys/" + key)
                #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
            }
            func verify(_ more: String...) -> Outcome {
                bench.writ(
                    arguments: ["trust", "verify", "--repo", "@repo", "--state", "@state"] + more
                        + (more.contains("--at") ? [] : ["--at", "1800000000"]), isPiped: true)
            }
            #expect(verify().errors.contains("name the trusted root with --root"))
            let taken = verify(
                "--root", "@repo/metadata/1.root.json", "--target", "fleet/medical/bundle.tar.gz", "-o", "@got.tar.gz")
            #expect(taken.status == 0, "\(taken.errors)")
            #expect(
                taken.output == "metadata is good: root version 1, snapshot version 3\n"
                    + "fleet/medical/bundle.tar.gz: good: revision r1, signed by role medical\n")
            #expect(
                FileManager.default.contents(atPath: bench.path + "/got.tar.gz")
                    == FileManager.default.contents(atPath: bench.path + "/m.tar.gz"))
            // The signer of one part cannot ship another, whatever he calls it.
            let power = trust(
                bench, "publish", "--role", "medical", "--target", "fleet/power/bundle.tar.gz", "@p.tar.gz")
            #expect(
                power.errors == "error: trust_target_error: medical: it is not trusted for fleet/power/bundle.tar.gz\n")
            let hidden = trust(
                bench, "publish", "--role", "medical", "--target", "fleet/medical/bundle.tar.gz", "@p.tar.gz")
            #expect(
                hidden.errors == "error: bundle_breadth_error: the bundle owns \"fleet/power\", which is not within "
                    + "\"fleet/medical\"\n")
            // Keys change; the device follows.
            let rotated = trust(bench, "rotate", "--role", "root")
            #expect(rotated.status == 0, "\(rotated.errors)")
            #expect(trust(bench, "rotate", "--role", "timestamp").status == 0)
            #expect(trust(bench, "add-key", "--role", "medical", "--threshold", "medical=2").status == 0)
            let followed = verify("--target", "fleet/medical/bundle.tar.gz")
            #expect(followed.status == 0, "\(followed.errors)")
            #expect(followed.output.hasPrefix("metadata is good: root version 3, "))
            // Nothing comes for too long, or something old comes again.
            let frozen = verify("--at", "1800864000")
            #expect(frozen.status == 1)
            #expect(frozen.errors.hasPrefix("error: trust_expired_error: timestamp: version 6 expired "))
            let stamp = bench.path + "/repo/metadata/timestamp.json"
            let old = try Data(contentsOf: URL(fileURLWithPath: stamp))
            #expect(trust(bench, "publish").status == 0)
            #expect(verify().status == 0)
            try old.write(to: URL(fileURLWithPath: stamp))
            #expect(
                verify().errors
                    == "error: trust_rollback_error: timestamp: version 6 is older than the trusted version 7\n")
        }

        @Test(
            arguments: [
                (["bogus"], "Error: unknown action \"bogus\""), ([], "Error: specify what to do: init, add-key"),
                (["publish"], "error: trust_missing_error: root: there is no repository: no metadata/1.root.json\n"),
                (["init", "--threshold", "root"], "Error: --threshold wants ROLE=VALUE: root"),
                (["init", "--threshold", "root=0"], "Error: --threshold wants ROLE=N with N from 1 on"),
                (["init", "--threshold", "root=3", "--key-count", "root=2"], "a threshold of 3 with 2 keys"),
                (["rotate"], "Error: rotate needs --role"),
                (["delegate", "--role", "x"], "Error: name what is delegated"),
                (["init", "--expires", "root=soon"], "Error: --expires wants ROLE=DURATION"),
            ] as [([String], String)])
        func refusals(_ arguments: [String], _ text: String) throws {
            let bench = try Workbench()
            let outcome = bench.writ(
                arguments: ["trust"] + arguments + ["--repo", "@repo", "--keys", "@keys"], isPiped: true)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(text), "\(outcome.errors)")
        }
    }
#endif
