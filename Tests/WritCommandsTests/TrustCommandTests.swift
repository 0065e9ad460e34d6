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

        /// Keys of the root in the hands of people who meet nowhere: each has a folder of his own, and passes a file on.
        @Test func keysInSeveralHands() throws {
            let bench = try bench()
            func writ(_ arguments: String...) -> Outcome {
                bench.writ(arguments: ["trust"] + arguments + ["--at", "1800000000"], isPiped: true)
            }
            func here(_ arguments: String...) -> Outcome {
                bench.writ(
                    arguments: ["trust"] + arguments + ["--repo", "@repo", "--keys", "@keys", "--at", "1800000000"],
                    isPiped: true)
            }
            func copy(_ file: String, _ place: String) throws {
                let (from, to) = (bench.path + "/" + file, bench.path + "/" + place)
                if FileManager.default.fileExists(atPath: to) { try FileManager.default.removeItem(atPath: to) }
                try FileManager.default.copyItem(atPath: from, toPath: to)
            }
            for name in ["alice", "bob", "carol"] {
                let made = writ("key", "@\(name)/key.pem")
                #expect(made.status == 0 && made.output.hasSuffix("give away \(name)/key.pub.pem\n"), "\(made)")
            }
            // The first root: whoever keeps the repository has the public keys.
            let begun = here(
                "init", "--staged", "--threshold", "root=2", "--key", "root=@alice/key.pub.pem", "--key",
                "root=@bob/key.pub.pem", "--key", "root=@carol/key.pub.pem")
            #expect(begun.status == 0, "\(begun.errors)")
            #expect(begun.output.contains("1.root.json: 0 of 2 signatures that root version 1 asks for\n"))
            #expect(begun.output.contains("1.targets.json: 1 of 1 signatures that root version 1 asks for\n"))
            #expect(!FileManager.default.fileExists(atPath: bench.path + "/repo/metadata"))
            let below = "error: trust_threshold_error: root: 0 good signatures of the keys that root version 1 names; 2"
            #expect(here("publish", "--staged").errors.hasPrefix(below))
            // Two at a time, each on a copy of his own.
            for name in ["alice", "bob"] {
                try copy("repo/staged/1.root.json", "\(name)/1.root.json")
                let signed = writ("sign", "--role", "root", "--key", "@\(name)/key.pem", "@\(name)/1.root.json")
                #expect(signed.status == 0, "\(signed.errors)")
                #expect(signed.output.contains("  root: 2 of "))
                #expect(signed.output.hasSuffix("1.root.json: 1 of 2 signatures that root version 1 asks for\n"))
            }
            #expect(
                writ("sign", "--check", "@alice/1.root.json").errors.contains("trust_threshold_error: root: 1 good"))
            #expect(here("sign", "@repo/staged/1.root.json", "@alice/1.root.json", "@bob/1.root.json").status == 0)
            #expect(here("sign", "--check", "@repo/staged/1.root.json").status == 0)
            let published = here("publish", "--staged")
            #expect(published.status == 0, "\(published.errors)")
            #expect(
                here("publish", "--staged").errors == "error: trust_missing_error: staged: nothing is staged in repo\n")
            // Carol's key in the place of Bob's: signed under the root before, and under itself, one after the other.
            #expect(writ("key", "@dave/key.pem").status == 0)
            let id = try #require(
                published.output.isEmpty ? nil : try keyIDs(bench, "repo/metadata/1.root.json").dropFirst().first)
            let rotated = here(
                "rotate", "--staged", "--role", "root", "--remove", id, "--key", "@dave/key.pub.pem")
            #expect(rotated.status == 0, "\(rotated.errors)")
            #expect(rotated.output.contains("2.root.json: 0 of 2 signatures that root version 1 asks for\n"))
            // Meanwhile everything else goes on.
            #expect(here("delegate", "--role", "medical", "--path", "fleet/medical").status == 0)
            #expect(
                here("publish", "--role", "medical", "--target", "fleet/medical/bundle.tar.gz", "@m.tar.gz").status == 0
            )
            try copy("repo/staged/2.root.json", "alice/2.root.json")
            try copy("repo/metadata/1.root.json", "alice/1.root.json")
            let first = writ(
                "sign", "--root", "@alice/1.root.json", "--key", "@alice/key.pem", "@alice/2.root.json")
            #expect(first.output.contains("2.root.json: 1 of 2 signatures that root version 1 asks for\n"))
            try copy("alice/2.root.json", "repo/staged/2.root.json")
            #expect(
                here("publish", "--staged").errors.contains("error: trust_threshold_error: root: 1 good signatures"))
            // Dave counts for the new root only: under the one before there is one signature still.
            let dave = writ("sign", "--root", "@alice/1.root.json", "--key", "@dave/key.pem", "@alice/2.root.json")
            #expect(dave.output.contains("2.root.json: 1 of 2 signatures that root version 1 asks for\n"))
            #expect(dave.output.contains("2.root.json: 2 of 2 signatures that root version 2 asks for\n"))
            try copy("alice/2.root.json", "repo/staged/2.root.json")
            #expect(
                here("publish", "--staged").errors.contains("1 good signatures of the keys that root version 1 names"))
            #expect(
                writ("sign", "--root", "@alice/1.root.json", "--key", "@carol/key.pem", "--check", "@alice/2.root.json")
                    .status == 0)
            try copy("alice/2.root.json", "repo/staged/2.root.json")
            let done = here("publish", "--staged")
            #expect(done.status == 0, "\(done.errors)")
            let taken = here(
                "verify", "--root", "@repo/metadata/1.root.json", "--target", "fleet/medical/bundle.tar.gz")
            #expect(taken.output.hasPrefix("metadata is good: root version 2, "), "\(taken.errors)")
        }

        private func keyIDs(_ bench: Workbench, _ file: String) throws -> [String] {
            let data = try Data(contentsOf: URL(fileURLWithPath: bench.path + "/" + file))
            let root = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            let roles = (root?["signed"] as? [String: Any])?["roles"] as? [String: Any]
            return (roles?["root"] as? [String: Any])?["keyids"] as? [String] ?? []
        }

        /// What signing refuses.
        @Test func signingOfTheWrongThing() throws {
            let bench = try bench()
            #expect(trust(bench, "init", "--threshold", "root=2").status == 0)
            #expect(trust(bench, "rotate", "--staged", "--role", "root").status == 0)
            #expect(trust(bench, "key", "@other.pem").status == 0)
            let file = "@repo/staged/2.root.json"
            let other = trust(bench, "sign", "--key", "@other.pem", file)
            #expect(other.errors.hasPrefix("error: trust_key_error: root: the key "), "\(other.errors)")
            #expect(trust(bench, "sign", "--role", "targets", file).errors.contains("metadata of root, not of targets"))
            #expect(trust(bench, "sign").errors.contains("sign needs the file of staged metadata"))
            #expect(trust(bench, "sign", "@other.pem").errors.contains("is no name of metadata"))
            let foreign = trust(bench, "sign", file, "@repo/metadata/1.root.json")
            #expect(foreign.errors.contains("trust_mismatch_error: "), "\(foreign.errors)")
            // What was staged for a repository that went on is not what is next.
            #expect(trust(bench, "rotate", "--role", "root").status == 0)
            #expect(
                trust(bench, "publish", "--staged").errors.contains("the repository goes on with 3: stage it again"))
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
