#if !WRIT_LIGHT
    import Foundation
    import Testing

    /// What key holders see and sign, images as targets, and what a crash leaves.
    @Suite struct TrustCeremonyTests {
        private func bench() throws -> Workbench {
            let bench = try Workbench([
                "m/.manifest": #"{"revision": "r1", "roots": ["fleet/medical"]}"#,
                "m/fleet/medical/p.rego": """
                package fleet.medical

                # METADATA
                # entrypoint: true
                allow if input.ok

                """,
            ])
            #expect(bench.writ("build", "-t", "image", "-b", "@m", "-o", "@m.image").status == 0)
            for name in ["alice", "bob", "mallory"] {
                #expect(bench.writ("trust", "key", "@\(name).pem").status == 0)
            }
            let begun = trust(
                bench, "init", "--staged", "--threshold", "root=2", "--key", "root=@alice.pub.pem", "--key",
                "root=@bob.pub.pem")
            #expect(begun.status == 0, "\(begun.errors)")
            return bench
        }

        private func trust(_ bench: Workbench, _ arguments: String...) -> Outcome {
            let verify = arguments.first == "verify"
            return bench.writ(
                arguments: ["trust"] + arguments + ["--repo", "@repo"] + (verify ? [] : ["--keys", "@keys"])
                    + (arguments.contains("--at") ? [] : ["--at", "1800000000"]), isPiped: true)
        }

        private func text(_ bench: Workbench, _ file: String) throws -> String {
            try String(contentsOfFile: bench.path + "/" + file, encoding: .utf8)
        }

        private func write(_ text: String, _ bench: Workbench, _ file: String) throws {
            try text.write(toFile: bench.path + "/" + file, atomically: true, encoding: .utf8)
        }

        /// The raw key of a file with a public one, as metadata has it.
        private func raw(_ bench: Workbench, _ file: String) throws -> String {
            let lines = try text(bench, file).split(separator: "\n").filter { !$0.hasPrefix("-----") }
            let der = try #require(Data(base64Encoded: lines.joined()))
            return der.suffix(32).map { String(format: "%02x", $0) }.joined()
        }

        @Test func nothingIsSignedThatIsNotShown() throws {
            let bench = try bench()
            let file = "repo/staged/1.root.json"
            let good = try text(bench, file)
            // The ids stay, the key under one of them is another.
            let bad = good.replacingOccurrences(
                of: try raw(bench, "bob.pub.pem"), with: try raw(bench, "mallory.pub.pem"))
            #expect(bad != good)
            try write(bad, bench, file)
            let refused = trust(bench, "sign", "--key", "@alice.pem", "@" + file)
            #expect(refused.status == 1 && !refused.output.contains("signed"), "\(refused)")
            #expect(refused.errors.hasPrefix("error: trust_key_error: root: a key stands under the id "))
            #expect(try text(bench, file) == bad)
            #expect(trust(bench, "publish", "--staged").errors.hasPrefix("error: trust_key_error: root: a key stands"))
            // Shown comes first: it is there even where signing fails.
            try write(good, bench, file)
            let failed = trust(bench, "sign", "--key", "@none.pem", "@" + file)
            #expect(failed.status == 1 && failed.output.hasPrefix("root version 1, good until "), "\(failed)")
            #expect(try text(bench, file) == good)
            let signed = trust(bench, "sign", "--key", "@alice.pem", "@" + file)
            let lines = signed.output.split(separator: "\n").map(String.init)
            #expect(lines.first?.hasPrefix("root version 1") == true)
            let id = try #require(lines.first { $0.hasPrefix("signed ") }?.split(separator: " ").last)
            #expect(id.count == 64)
            let shown = try #require(lines.firstIndex(of: "    \(id) ed25519"))
            let signing = try #require(lines.firstIndex { $0.hasPrefix("signed ") })
            #expect(shown < signing)
        }

        @Test func namesForgeNoLines() throws {
            let bench = try bench()
            let file = "repo/staged/1.targets.json"
            let target = #""targets": {"x\u001b[2K\n  root": {"length": 1, "hashes": {"sha256": "00"}}}"#
            let bad = try text(bench, file).replacingOccurrences(of: #""targets": {}"#, with: target)
            #expect(bad.contains("u001b"))
            try write(bad, bench, file)
            let shown = trust(bench, "sign", "@" + file)
            #expect(!shown.output.utf8.contains(0x1B))
            #expect(shown.output.contains(#"  "x\u{1b}[2K\u{a}  root" 1 bytes, sha256 00"# + "\n"), "\(shown)")
        }

        @Test func badSignaturesAreReplaced() throws {
            let bench = try bench()
            let file = "repo/staged/1.root.json"
            for name in ["alice", "bob"] {
                try write(try text(bench, file), bench, "\(name).1.root.json")
                try FileManager.default.createDirectory(
                    atPath: bench.path + "/" + name, withIntermediateDirectories: true)
                try FileManager.default.moveItem(
                    atPath: bench.path + "/\(name).1.root.json", toPath: bench.path + "/\(name)/1.root.json")
                #expect(trust(bench, "sign", "--key", "@\(name).pem", "@\(name)/1.root.json").status == 0)
            }
            let good = try text(bench, "alice/1.root.json")
            let start = try #require(good.range(of: #""sig": ""#)).upperBound
            let spoilt = good.replacingCharacters(in: start..<good.index(start, offsetBy: 8), with: "00000000")
            try write(spoilt, bench, file)
            let told = trust(bench, "sign", "@" + file, "@bob/1.root.json")
            #expect(told.output.contains("1.root.json: the signature of key "), "\(told)")
            #expect(told.output.contains(" is not good\n"))
            #expect(trust(bench, "sign", "--check", "@" + file).status == 1)
            let mended = trust(bench, "sign", "--check", "@" + file, "@alice/1.root.json")
            #expect(mended.status == 0, "\(mended)")
            // A bad one does not come over a good one.
            try write(spoilt, bench, "alice/1.root.json")
            let kept = trust(bench, "sign", "--check", "@" + file, "@alice/1.root.json")
            #expect(kept.status == 0 && kept.output.contains("is not good: left out"), "\(kept)")
        }

        private func sign(_ bench: Workbench, _ version: Int) throws {
            for name in ["alice", "bob"] {
                let signed = trust(bench, "sign", "--key", "@\(name).pem", "@repo/staged/\(version).root.json")
                #expect(signed.status == 0, "\(signed.errors)")
            }
        }

        @Test func ceremonyThatTookTooLong() throws {
            let bench = try bench()
            try sign(bench, 1)
            let late = trust(bench, "publish", "--staged", "--at", "1900000000")
            #expect(late.status == 1)
            #expect(late.errors.hasPrefix("error: trust_expired_error: root: version 1 expired "), "\(late.errors)")
            #expect(!FileManager.default.fileExists(atPath: bench.path + "/repo/metadata"))
        }

        /// Killed between publishing and removing, or before the timestamp: the next run goes on.
        @Test func publishingGoesOnAfterACrash() throws {
            let bench = try bench()
            let (staged, kept) = (bench.path + "/repo/staged", bench.path + "/kept")
            let files = FileManager.default
            func crashed() throws {
                try files.removeItem(atPath: staged)
                try files.copyItem(atPath: kept, toPath: staged)
            }
            func publish() throws {
                let again = trust(bench, "publish", "--staged")
                #expect(again.status == 0, "\(again.errors)")
                #expect(try files.contentsOfDirectory(atPath: staged) == [])
                let good = trust(bench, "verify", "--root", "@repo/metadata/1.root.json")
                #expect(good.status == 0, "\(good.errors)")
            }
            try sign(bench, 1)
            try files.copyItem(atPath: staged, toPath: kept)
            try publish()
            try crashed()
            try publish()
            // The first root is there, and nothing that comes after it.
            try crashed()
            try files.removeItem(atPath: bench.path + "/repo/metadata/timestamp.json")
            try publish()
            // A second root, with another key of the timestamp: what the first names is not good any more.
            try files.removeItem(atPath: kept)
            #expect(trust(bench, "rotate", "--staged", "--role", "timestamp").status == 0)
            try sign(bench, 2)
            try files.copyItem(atPath: staged, toPath: kept)
            let before = try text(bench, "repo/metadata/timestamp.json")
            try publish()
            try write(before, bench, "repo/metadata/timestamp.json")
            try crashed()
            try publish()
        }

        @Test func imagesAreTargets() throws {
            let bench = try bench()
            try sign(bench, 1)
            #expect(trust(bench, "publish", "--staged").status == 0)
            #expect(trust(bench, "delegate", "--role", "medical", "--path", "fleet/medical").status == 0)
            let name = "fleet/medical/policy.image"
            let published = trust(bench, "publish", "--role", "medical", "--target", name, "@m.image")
            #expect(published.status == 0, "\(published.errors)")
            for more in [[], ["-o", "@got.image"]] {
                let good = bench.writ(
                    arguments: [
                        "trust", "verify", "--repo", "@repo", "--root", "@repo/metadata/1.root.json", "--target", name,
                        "--at", "1800000000",
                    ] + more, isPiped: true)
                #expect(good.status == 0, "\(good.errors)")
                #expect(good.output.hasSuffix("\(name): good: revision r1, signed by role medical\n"))
            }
            #expect(
                FileManager.default.contentsEqual(atPath: bench.path + "/m.image", andPath: bench.path + "/got.image"))
            // It owns what its folder says, and no more; and it must be whole.
            #expect(trust(bench, "delegate", "--role", "power", "--path", "fleet/power").status == 0)
            let other = trust(bench, "publish", "--role", "power", "--target", "fleet/power/policy.image", "@m.image")
            #expect(other.errors.hasPrefix("error: bundle_breadth_error: "), "\(other.errors)")
            let image = try #require(FileManager.default.contents(atPath: bench.path + "/m.image"))
            try image.dropLast(100).write(to: URL(fileURLWithPath: bench.path + "/bad.image"))
            let bad = trust(bench, "publish", "--role", "medical", "--target", "fleet/medical/x.image", "@bad.image")
            #expect(bad.status == 1 && bad.errors.hasPrefix("error: bundle_"), "\(bad)")
            let folder = trust(bench, "publish", "--role", "medical", "--target", "fleet/medical/x", "@m")
            #expect(folder.errors.contains("m is no archive: make one with writ build -b"), "\(folder.errors)")
        }
    }
#endif
