import Foundation
import Testing
import WritBundle

/// What stands between a built bundle and its use: pruning, `verify`, `diff`.
@Suite struct BundleGateTests {
    private static let policy = """
        # METADATA
        # scope: subpackages
        # title: All
        package fleet

        # METADATA
        # entrypoint: true
        allow if data.devices[input.device].ok # why

        # gone
        # with its comments
        unused contains x if { # and this
        	x := data.big.list[_]
        }

        default deny := false

        deny if helper(input.device)

        helper(d) := data.blocked[d]

        """

    private func bench(_ more: [String: String] = [:]) throws -> Workbench {
        try Workbench(
            [
                "b/.manifest": #"{"revision": "r2", "roots": ["fleet", "devices", "blocked", "big", "other"]}"#,
                "b/fleet/policy.rego": Self.policy, "b/fleet/policy_test.rego": "package fleet\n\ntest_x if not deny\n",
                "b/other/o.rego": "package other\n\nx := data.fleet.deny\n",
                "b/devices/data.json": #"{"s1": {"ok": true}}"#, "b/blocked/data.json": #"{"s2": true}"#,
                "b/big/data.json": #"{"list": [1, 2, 3]}"#, "in.json": #"{"device": "s1"}"#,
            ].merging(more) { $1 })
    }

    private func members(_ bench: Workbench, _ name: String) throws -> [String: String] {
        let archive = Array(try Data(contentsOf: URL(fileURLWithPath: bench.path + "/" + name)))
        let members = try BundleReader.members(ofArchive: archive, at: name)
        return Dictionary(uniqueKeysWithValues: members.map { ($0.path, String(decoding: $0.content, as: UTF8.self)) })
    }

    // MARK: Building

    /// The bundle's bytes depend on neither times nor orders.
    @Test func sameBytes() throws {
        let bench = try bench()
        let manager = FileManager.default
        try manager.createDirectory(atPath: bench.path + "/again", withIntermediateDirectories: true)
        let names = try #require(manager.enumerator(atPath: bench.path + "/b")).compactMap { $0 as? String }
        for name in names.sorted().reversed() {
            var isFolder: ObjCBool = false
            let from = bench.path + "/b/" + name
            _ = manager.fileExists(atPath: from, isDirectory: &isFolder)
            guard !isFolder.boolValue else { continue }
            let to = bench.path + "/again/b/" + name
            try manager.createDirectory(
                atPath: (to as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try manager.copyItem(atPath: from, toPath: to)
            try manager.setAttributes([.modificationDate: Date(timeIntervalSince1970: 86_400)], ofItemAtPath: to)
        }
        var built: [[UInt8]] = []
        for (index, folder) in ["@b", "@again/b"].enumerated() {
            let name = "\(index).tar.gz"
            let outcome = bench.writ(
                "build", "-b", folder, "-o", "@" + name, "-t", "plan", "--signing-alg", "HS256", "--signing-key", "k")
            #expect(outcome.status == 0, "\(outcome.output)")
            let prefix = index == 0 ? bench.path + "/b/" : bench.path + "/again/b/"
            // Modules are called by the folder that they came from.
            built.append(
                Array(
                    try members(bench, name).map { key, text in
                        let text = key == ".signatures.json" || key == "plan.json" ? "" : text
                        return "/\(key)".replacingOccurrences(of: prefix, with: "") + text
                    }.sorted().joined().utf8))
        }
        #expect(built[0] == built[1])
        // Archives with their members in another order.
        let files = [
            ("/data.json", "{\"a\":1,\"b\":2}"), ("/x/a.rego", "package x.a\n\np := 1\n"), ("/x.rego", "package x\n"),
        ]
        var archives: [Data] = []
        for (index, order) in [files, files.reversed()].enumerated() {
            var tar = TarWriter()
            for (name, text) in order {
                let text = index == 1 && name == "/data.json" ? "{ \"b\": 2, \"a\": 1 }" : text
                try tar.add(Array(name.utf8), Array(text.utf8))
            }
            let path = bench.path + "/in/bundle.tar.gz"
            try manager.createDirectory(atPath: bench.path + "/in", withIntermediateDirectories: true)
            try Data(Gzip.compress(tar.finish())).write(to: URL(fileURLWithPath: path))
            #expect(bench.writ("build", "-b", "@in/bundle.tar.gz", "-o", "@out.tar.gz").status == 0)
            archives.append(try Data(contentsOf: URL(fileURLWithPath: bench.path + "/out.tar.gz")))
        }
        #expect(archives[0] == archives[1])
    }

    @Test func pruned() throws {
        let bench = try bench()
        let outcome = bench.writ("build", "-b", "@b", "-o", "@o.tar.gz", "--prune-unused")
        #expect(outcome.status == 0, "\(outcome.output)")
        let lines = outcome.errors.split(separator: "\n")
        for rule in ["fleet.unused", "fleet.deny", "fleet.helper", "fleet.test_x", "other.x"] {
            #expect(lines.contains("pruned: rule data.\(rule)"))
        }
        #expect(lines.contains("pruned: data.big (16 bytes)"))
        #expect(lines.contains("pruned: data.blocked (11 bytes)"))
        #expect(lines.last?.hasPrefix("pruned: 5 rules, 2 files, 2 documents; ") == true)
        let left = try members(bench, "o.tar.gz")
        #expect(left["data.json"] == "{\"devices\":{\"s1\":{\"ok\":true}}}\n")
        let module = try #require(left.first { $0.key.hasSuffix("policy.rego") }).value
        #expect(module.hasSuffix("# entrypoint: true\nallow if data.devices[input.device].ok # why\n"))
        #expect(
            bench.writ("eval", "-b", "@o.tar.gz", "-i", "@in.json", "-f", "raw", "data.fleet.allow").output == "true\n")
        // With another entrypoint what it needs stays.
        #expect(bench.writ("build", "-b", "@b", "-o", "@p.tar.gz", "--prune-unused", "-e", "other/x").status == 0)
        let more = try members(bench, "p.tar.gz")
        #expect(more["data.json"]?.contains("blocked") == true)
        #expect(more.contains { $0.value.contains("helper(d)") })
        #expect(!more.contains { $0.value.contains("unused") })
        let plan = bench.writ("build", "-b", "@b", "-t", "plan", "-o", "@q.tar.gz", "--prune-unused")
        #expect(plan.status == 0)
        #expect(try members(bench, "q.tar.gz")["plan.json"]?.contains("fleet/allow") == true)
    }

    @Test(arguments: [
        ("x := data.big[input.k]", "fleet/x", "{\"big\":{\"list\":[1,2,3]}}"),
        ("x contains v if walk(data.big, [_, v])", "fleet/x", "{\"big\":{\"list\":[1,2,3]}}"),
        (
            "x if y with data.blocked as {\"s\": 1}\n\ny if data.big.list[0] > 0", "fleet/x",
            "{\"big\":{\"list\":[1,2,3]}}"
        ),
        ("x := data.big.list[0].a.b", "fleet/x", "{\"big\":{\"list\":[1,2,3]}}"), ("x := 1", "fleet/x", "{}"),
        ("x := data.other", "fleet", "{}"),
    ])
    func reached(_ rule: String, _ entrypoint: String, _ data: String) throws {
        let bench = try bench([
            "b/fleet/policy.rego": "package fleet\n\n\(rule)\n", "b/fleet/policy_test.rego": "package fleet_test\n",
            "b/other/o.rego": "package other\n\nz := 1\n",
            "b/.manifest": #"{"roots": ["fleet", "fleet_test", "devices", "blocked", "big", "other"]}"#,
        ])
        let outcome = bench.writ("build", "-b", "@b", "-o", "@o.tar.gz", "--prune-unused", "-e", entrypoint)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        #expect(try members(bench, "o.tar.gz")["data.json"]?.hasPrefix(data) == true)
    }

    @Test func pruningNeedsEntrypoints() throws {
        let bench = try bench([
            "b/fleet/policy.rego": "package fleet\n\nx := 1\n", "b/fleet/policy_test.rego": "package fleet\n",
            "b/other/o.rego": "package other\n\nz := 1\n",
        ])
        let none = bench.writ("build", "-b", "@b", "-o", "@o.tar.gz", "--prune-unused")
        #expect(none.output == "error: pruning requires at least one entrypoint\n")
        let other = bench.writ("build", "-b", "@b", "-o", "@o.tar.gz", "--prune-unused", "-e", "no/such")
        #expect(other.output == "error: undefined entrypoint data.no.such\n")
    }

    // MARK: Gates

    /// A bundle signed at second 1000, of revision r2, and what `verify` says of it.
    @Test(
        arguments: [
            ([], 0, ""), (["--max-age", "1h"], 0, ""), (["--min-revision", "r2"], 0, ""),
            (["--min-revision", "r10"], 4, "bundle_rollback_error: revision \"r2\" is older than \"r10\""),
            (["--min-revision", "abc"], 4, "it cannot be told whether revision \"r2\" is newer than \"abc\""),
            (["--max-age", "10s"], 3, "bundle_expired_error: the signature is 100 seconds old; 10 are allowed"),
            (["--at", "500"], 3, "the signature says that it is made in the future (iat)"),
            (["--at", "9999"], 3, "the signature expired 4999 seconds ago (exp)"),
            (
                ["--root", "fleet", "--root", "devices/", "--root", "/blocked", "--root", "other"], 5,
                "bundle_breadth_error: the bundle owns \"big\", which is not within \"fleet\", \"devices\", \"blocked\""
            ), (["--scope", "write"], 2, "bundle_scope_error: bundle s.tar.gz: scope mismatch"),
            (["--verification-key", "wrong"], 2, "invalid HMAC signature"),
            (["--previous", "@newer.tar.gz"], 4, "revision \"r2\" was signed before revision \"r3\""),
            (["--previous", "@older.tar.gz"], 0, ""), (["--previous", "@none.tar.gz"], 1, "--previous: error reading"),
            (["--min-revision", "r9", "--at", "9999"], 3, "bundle_rollback_error"),
        ] as [([String], Int32, String)])
    func gates(_ arguments: [String], _ status: Int32, _ text: String) throws {
        let bench = try bench([
            "claims.json": #"{"iat": 1000, "exp": 5000, "scope": "read", "keyid": "k"}"#,
            "old.json": #"{"iat": 900, "scope": "read", "keyid": "k"}"#,
            "new.json": #"{"iat": 1050, "scope": "read", "keyid": "k"}"#,
        ])
        for (name, claims, revision) in [
            ("s", "claims", "r2"), ("older", "old", "r1"), ("newer", "new", "r3"),
        ] {
            let built = bench.writ(
                "build", "-b", "@b", "-o", "@\(name).tar.gz", "-r", revision, "--signing-alg", "HS256", "--signing-key",
                "secret", "--claims-file", "@\(claims).json")
            #expect(built.status == 0)
        }
        var given = ["verify", "@s.tar.gz", "--signing-alg", "HS256", "--verification-key-id", "k"]
        if !arguments.contains("--at") { given += ["--at", "1100"] }
        if !arguments.contains("--scope") { given += ["--scope", "read"] }
        if !arguments.contains("--verification-key") { given += ["--verification-key", "secret"] }
        let outcome = bench.writ(arguments: given + arguments, isPiped: true)
        #expect(outcome.status == status, "\(outcome.output)\(outcome.errors)")
        if status == 0 {
            #expect(outcome.output == "s.tar.gz: good: revision r2, signed by key k (HS256), 3 modules\n")
            #expect(outcome.errors.isEmpty)
        } else {
            #expect(outcome.errors.contains(text), "\(outcome.errors)")
        }
    }

    @Test func gatesWithoutSignature() throws {
        let bench = try bench(["bad/x.rego": "package x\n\np := undefined_function(1)\n"])
        #expect(bench.writ("build", "-b", "@b", "-o", "@u.tar.gz").status == 0)
        let unsigned = bench.writ(
            "verify", "@u.tar.gz", "--verification-key", "k", "--signing-alg", "HS256", "-f", "json")
        #expect(unsigned.status == 2)
        #expect(unsigned.output.contains("\"message\": \"bundle u.tar.gz: bundle missing .signatures.json file\""))
        #expect(bench.writ("verify", "@u.tar.gz").errors.contains("name the keys with --verification-key"))
        #expect(bench.writ("verify", "@u.tar.gz", "--allow-unsigned").status == 0)
        let bad = bench.writ("verify", "@bad", "--allow-unsigned")
        #expect(bad.status == 1)
        #expect(bad.errors.contains("rego_type_error: undefined function undefined_function"))
    }

    @Test(arguments: [
        ("r1", "r2", RevisionOrder.Result.before), ("r10", "r9", .after), ("1.2.0", "1.10.0", .before),
        ("v1.2", "v1.2.1", .unknown), ("2026-01-31T12:00:00Z", "2026-02-01T00:00:00Z", .before),
        ("abc", "abd", .unknown),
        ("r01", "r1", .unknown), ("", "r1", .unknown), ("r18446744073709551617", "r18446744073709551616", .after),
    ])
    func revisions(_ one: String, _ two: String, _ wanted: RevisionOrder.Result) {
        #expect(RevisionOrder.compare(one, two) == wanted)
    }

    @Test func details() throws {
        let bench = try bench([
            "claims.json": #"{"iat": 1000, "exp": 5000, "scope": "read", "keyid": "k", "iss": "ci"}"#
        ])
        _ = bench.writ(
            "build", "-b", "@b", "-o", "@s.tar.gz", "--signing-alg", "HS256", "--signing-key", "secret",
            "--claims-file",
            "@claims.json")
        let shown = bench.writ("inspect", "--details", "@s.tar.gz").output
        for row in [
            "| Algorithm  | HS256                |", "| Key        | k                    |",
            "| Scope      | read                 |", "| Issuer     | ci                   |",
            "| Issued at  | 1970-01-01T00:16:40Z |", "| Expires at | 1970-01-01T01:23:20Z |",
        ] {
            #expect(shown.contains(row), "\(shown)")
        }
        let json = bench.writ("inspect", "--details", "-f", "json", "@s.tar.gz").output
        let root = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let details = try #require(root["details"] as? [String: Any])
        let files = try #require(details["files"] as? [[String: Any]])
        let sizes = files.compactMap { $0["bytes"] as? Int }
        #expect(details["bytes"] as? Int == sizes.reduce(0, +))
        #expect(sizes.count == (try members(bench, "s.tar.gz")).count)
        #expect(
            files.filter { $0["signed"] as? Bool == false }.compactMap { $0["path"] as? String } == [".signatures.json"]
        )
        #expect(!bench.writ("inspect", "@s.tar.gz").output.contains("SIZES"))
    }

    // MARK: Differences

    @Test func differences() throws {
        let bench = try bench([
            "c/.manifest": #"{"revision": "r3", "roots": ["fleet", "devices", "blocked", "big", "new"]}"#,
            "c/fleet/policy.rego": Self.policy.replacingOccurrences(of: ".ok # why", with: ".ok == true")
                .replacingOccurrences(of: "# gone", with: "# another comment")
                + "\n\nadded := 1\n",
            "c/devices/data.json": #"{ "s1": {"ok": false}, "s9": {"ok": true} }"#,
            "c/blocked/data.json": #"{"s2": true}"#,
        ])
        let outcome = bench.writ("diff", "@b", "@c")
        #expect(
            outcome.output == """
                MANIFEST:
                  ~ revision: r2 -> r3
                  + root "new"
                  - root "other"
                RULES:
                  + data.fleet.added
                  ~ data.fleet.allow
                      - allow if data.devices[input.device].ok
                      + allow if data.devices[input.device].ok == true
                  - data.fleet.test_x
                  - data.other.x
                DATA:
                  - data.big: {"list":[1,2,3]}
                  ~ data.devices.s1.ok: true -> false
                  + data.devices.s9: {"ok":true}

                """)
        #expect(outcome.status == 0)
        #expect(bench.writ("diff", "--fail", "@b", "@c").status == 1)
        #expect(bench.writ("diff", "--fail", "@b", "@b").output == "the bundles say the same\n")
        let json = bench.writ("diff", "-f", "json", "@b", "@c").output
        let root = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let data = try #require(root["data"] as? [String: [[String: Any]]])
        #expect(data["changed"]?.first?["path"] as? String == "data.devices.s1.ok")
        #expect(data["changed"]?.first?["new"] as? Bool == false)
        #expect(bench.writ("diff", "@b").errors.contains("specify exactly two bundles"))
    }

    @Test func differencesOfEntrypoints() throws {
        let bench = try bench()
        #expect(bench.writ("build", "-b", "@b", "-o", "@one.tar.gz", "-t", "plan", "-e", "fleet/deny").status == 0)
        #expect(bench.writ("build", "-b", "@b", "-o", "@two.tar.gz").status == 0)
        let output = bench.writ("diff", "@one.tar.gz", "@two.tar.gz").output
        #expect(output.hasPrefix("ENTRYPOINTS:\n  - fleet/deny\n"))
        #expect(output.contains("FILES:\n  - /plan.json\n"))
    }
}
