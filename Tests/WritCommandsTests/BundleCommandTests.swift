import Foundation
import Testing

/// `build`, `sign`, `inspect` and the commands that load bundles, as whole command lines.
@Suite struct BundleCommandTests {
    private static let files = [
        "b/.manifest": #"{"revision": "r1", "roots": ["fleet", "devices"], "metadata": {"owner": "ops"}}"#,
        "b/fleet/policy.rego": """
        package fleet

        # METADATA
        # title: Access
        # description: Who may
        # entrypoint: true
        # custom:
        #   severity: high
        allow if data.devices[input.device].ok

        reasons contains "no" if not allow

        """, "b/devices/data.yaml": "s1:\n  ok: true\n", "b/README.txt": "hello\n",
        "in.json": #"{"device": "s1"}"#, "other.json": #"{"device": "s2"}"#,
    ]

    private func bench(_ more: [String: String] = [:]) throws -> Workbench {
        try Workbench(Self.files.merging(more) { $1 })
    }

    // MARK: Building

    @Test func aBundleOfABundle() throws {
        let bench = try bench()
        #expect(bench.writ("build", "-b", "@b", "-o", "@one.tar.gz").status == 0)
        #expect(bench.writ("build", "-b", "@b", "-o", "@two.tar.gz").status == 0)
        let one = try Data(contentsOf: URL(fileURLWithPath: bench.path + "/one.tar.gz"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: bench.path + "/two.tar.gz")) == one)
        let eval = bench.writ("eval", "-b", "@one.tar.gz", "-i", "@in.json", "-f", "raw", "data.fleet.allow")
        #expect(eval.status == 0)
        #expect(eval.output == "true\n")
        // Archives are also taken where files are.
        #expect(
            bench.writ("eval", "-d", "@one.tar.gz", "-i", "@in.json", "-f", "raw", "data.fleet.allow").output
                == "true\n")
        #expect(bench.writ("build", "-b", "@one.tar.gz", "-r", "r2", "-o", "@three.tar.gz").status == 0)
        #expect(bench.writ("inspect", "@three.tar.gz").output.contains("| Revision     | r2"))
        #expect(bench.writ("check", "-b", "@three.tar.gz").status == 0)
        #expect(bench.writ("deps", "-b", "@three.tar.gz", "data.fleet.allow").output.contains("data.devices"))
        let tests = bench.writ("test", "-b", "@b")
        #expect(tests.status == 0)
    }

    @Test(arguments: [
        (["build"], "", "Error: expected at least one path\n", 1),
        (
            ["build", "@nope.rego"],
            "error: load error: 1 error occurred during loading: stat nope.rego: no such file or directory\n", "", 1
        ),
        (
            ["build", "-b", "@nope"],
            "error: load error: error reading \"nope\": stat nope: no such file or directory\n", "", 1
        ),
        (["build", "-t", "plan", "@in.json"], "error: plan compilation requires at least one entrypoint\n", "", 1),
        (
            ["build", "-t", "plan", "-e", "no/such", "-b", "@b"],
            "error: entrypoint \"no/such\" does not refer to a rule or policy decision\n", "", 1
        ),
        (
            ["build", "-O", "1", "@in.json"], "error: bundle optimizations require at least one entrypoint\n",
            "Warning: optimisation (-O 1)", 1
        ),
        (["build", "-O", "fast", "@in.json"], "", "Error: invalid argument \"fast\" for \"-O, --optimize\" flag", 1),
        (["build", "-t", "java", "@b"], "", "Error: invalid argument \"java\" for \"-t, --target\" flag", 1),
        (["build", "-t", "wasm", "@b"], "error: the target wasm is not supported yet\n", "", 1),
        (
            ["build", "--signing-key", "x", "@b"],
            "error: enable bundle mode (ie. --bundle) to verify or sign bundle files or directories\n", "", 1
        ),
        (
            ["build", "-b", "--claims-file", "@in.json", "@b"],
            "error: specify the secret (HMAC) or path of the PEM file containing the private key (RSA and ECDSA)\n", "",
            1
        ),
        (
            ["build", "-b", "@b", "--signing-key", "secret", "--signing-alg", "none"],
            "error: unknown signature algorithm: none\n", "", 1
        ),
        (
            ["build", "-b", "@b", "--signing-key", "secret"],
            "error: failed to parse PEM block containing the key\n", "", 1
        ),
        (
            ["build", "-b", "@b", "--verification-key", "secret", "--signing-alg", "HS256"],
            "error: load error: bundle b: bundle missing .signatures.json file\n", "", 1
        ), (["build", "--bogus"], "", "Error: unknown flag: --bogus\n", 1),
        (["sign", "-b"], "", "Error: specify atleast one path containing policy and/or data files\n", 1),
        (["sign", "-b", "@b"], "", "Error: specify the secret (HMAC) or path of the PEM file", 1),
        (["sign", "--signing-key", "x", "@b"], "", "Error: enable bundle mode (ie. --bundle) to sign", 1),
        (
            ["sign", "-b", "@nope", "--signing-key", "x", "--signing-alg", "HS256"],
            "error: error reading \"nope\": stat nope: no such file or directory\n", "", 1
        ), (["inspect"], "", "Error: specify exactly one OPA bundle or path\n", 1),
        (
            ["inspect", "@nope.tar.gz"], "",
            "error: error reading \"nope.tar.gz\": stat nope.tar.gz: no such file or directory\n", 1
        ),
        (["inspect", "-f", "xml", "@b"], "", "Error: invalid argument \"xml\" for \"-f, --format\" flag", 1),
        (
            ["inspect", "@in.json"], "",
            "error: bundle in.json: bundle read failed: archive read failed: gzip: invalid header\n", 1
        ),
    ])
    func refusals(_ arguments: [String], _ output: String, _ errors: String, _ status: Int) throws {
        let outcome = try bench().writ(arguments: arguments, isPiped: true)
        #expect(outcome.status == Int32(status))
        #expect(outcome.output == output)
        #expect(errors.isEmpty ? outcome.errors.isEmpty : outcome.errors.hasPrefix(errors), "\(outcome.errors)")
    }

    @Test func manifestWithoutBundleMode() throws {
        let bench = try bench()
        let outcome = bench.writ("build", "@b", "-o", "@o.tar.gz")
        #expect(outcome.status == 0)
        #expect(
            outcome.errors
                == "Warning: .manifest file found in \"b\" but -b flag not specified. Manifest will be ignored.\n")
    }

    @Test func severalBundles() throws {
        let bench = try bench([
            "c/.manifest": #"{"roots": ["other"], "revision": "c"}"#, "c/x.rego": "package other\n\nq := 2\n",
            "d/.manifest": #"{"roots": ["fleet/x"]}"#, "d/x.rego": "package fleet.x\n\nq := 2\n",
        ])
        #expect(bench.writ("build", "-b", "@b", "@c", "-o", "@o.tar.gz").status == 0)
        let inspected = bench.writ("inspect", "-f", "json", "@o.tar.gz")
        #expect(inspected.output.contains(#""revision": "","#))
        #expect(inspected.output.contains(#""other""#))
        let clash = bench.writ("build", "-b", "@b", "@d", "-o", "@o.tar.gz")
        #expect(clash.output == "error: bundle merge failed: manifest has overlapped roots: 'fleet' and 'fleet/x'\n")
        let eval = bench.writ("eval", "-b", "@b", "-b", "@d", "-f", "pretty", "1", isPiped: true)
        #expect(eval.status == 1)
        #expect(
            eval.errors.contains(
                "detected overlapping roots in manifests for these bundles: [b, d] (fleet overlaps fleet/x)"))
    }

    // MARK: Signing

    @Test func signAndVerify() throws {
        let bench = try bench(["claims.json": #"{"scope": "write"}"#])
        #expect(
            bench.writ("sign", "--signing-alg", "HS256", "--signing-key", "secret", "-b", "@b", "-o", "@b").status == 0)
        func build(_ more: String...) -> Outcome {
            bench.writ(arguments: ["build", "-b", "@b", "-o", "@o.tar.gz", "--signing-alg", "HS256"] + more)
        }
        // Signed folders have the names of their files as they were given.
        #expect(build("--verification-key", "secret").status == 0)
        #expect(build("--verification-key", "other", "--verification-key", "secret").status == 0)
        let wrong = build("--verification-key", "other")
        #expect(wrong.output == "error: load error: bundle b: failed to verify JWT signature: invalid HMAC signature\n")
        #expect(build().output == "error: load error: bundle b: verification key not provided\n")
        try Data("{}".utf8).write(to: URL(fileURLWithPath: bench.path + "/b/fleet/data.json"))
        let extra = build("--verification-key", "secret")
        #expect(extra.output.contains("b/fleet/data.json not included in bundle signature"))
        #expect(
            build(
                "--verification-key", "secret", "--exclude-files-verify",
                "*/data.json,*/*/*/*/*/*/data.json,*/*/*/*/*/data.json,*/*/*/*/data.json,*/*/*/data.json"
            ).status == 0)
        try FileManager.default.removeItem(atPath: bench.path + "/b/fleet/data.json")
        try Data("changed\n".utf8).write(to: URL(fileURLWithPath: bench.path + "/b/README.txt"))
        #expect(build("--verification-key", "secret").output.contains("README.txt: digest mismatch (want: "))
        try FileManager.default.removeItem(atPath: bench.path + "/b/README.txt")
        #expect(build("--verification-key", "secret").output.contains("specified in bundle signatures but not found"))
        // Other commands believe what they are given, as OPA's do.
        #expect(bench.writ("eval", "-b", "@b", "-i", "@in.json", "-f", "raw", "data.fleet.allow").output == "true\n")
    }

    @Test func signedBuilds() throws {
        let bench = try bench(["claims.json": #"{"scope": "write", "keyid": "k"}"#])
        let signed = bench.writ(
            "build", "-b", "@b", "--signing-alg", "HS512", "--signing-key", "secret", "--claims-file", "@claims.json",
            "-o", "@s.tar.gz")
        #expect(signed.status == 0)
        func again(_ more: String...) -> Int32 {
            bench.writ(
                arguments: ["build", "-b", "@s.tar.gz", "--signing-alg", "HS512", "-o", "@t.tar.gz"] + more
            ).status
        }
        #expect(again("--verification-key", "secret", "--verification-key-id", "k", "--scope", "write") == 0)
        #expect(again("--verification-key", "secret", "--verification-key-id", "k", "--scope", "read") == 1)
        #expect(again("--verification-key", "secret", "--verification-key-id", "k") == 1)
        #expect(bench.writ("inspect", "-f", "json", "@s.tar.gz").output.contains(#""plugin": "_default""#))
    }

    // MARK: Inspecting

    @Test func inspected() throws {
        let bench = try bench()
        let outcome = bench.writ("inspect", "-a", "@b")
        #expect(
            outcome.output.hasPrefix(
                """
                MANIFEST:
                +----------+-----------------+
                |  FIELD   |      VALUE      |
                +----------+-----------------+
                | Revision | r1              |
                | Roots    | devices         |
                |          | fleet           |
                | Metadata | {"owner":"ops"} |
                +----------+-----------------+
                NAMESPACES:

                """))
        #expect(
            outcome.output.hasSuffix(
                """

                Access
                ======

                Who may

                Package:  fleet
                Rule:     allow
                Location: b/fleet/policy.rego:9
                Scope: document
                Entrypoint: true

                Custom:
                 severity: "high"


                """))
        let json = bench.writ("inspect", "-a", "-f", "json", "@b/fleet/policy.rego").output
        #expect(json.contains(#""name": "eq""#))
        #expect(json.contains(#""rego_v1""#))
        #expect(!json.contains(#""manifest""#))
    }

    // MARK: Deciding in batches

    @Test(arguments: [
        (["--decision", "fleet/allow", "@in.json", "@other.json"], 0, "", "opa_undefined_error"),
        (["--decision", "fleet/allow", "--fail", "@in.json", "@other.json"], 1, "0 failures and 1 errors", ""),
        (["--decision", "fleet/allow", "--fail-defined", "@other.json"], 0, "", ""),
        (["--decision", "fleet/allow", "--fail-defined", "@in.json"], 1, "--fail-defined is set", ""),
        (["--decision", "fleet/reasons", "--fail-non-empty", "@in.json"], 0, "", ""),
        (["--decision", "fleet/reasons", "--fail-non-empty", "@other.json"], 1, "--fail-non-empty is set", ""),
        (["--decision", "fleet/allow", "--fail", "--fail-defined", "@in.json"], 1, "but not more than one", ""),
        (["--decision", "fleet/allow", "@none.json"], 1, "lstat none.json: no such file or directory", ""),
        (["--decision", "fleet/allow"], 1, "requires at least 1 path arg", ""),
        (["--decision", "fleet/allow", "--timeout", "soon", "@in.json"], 1, "invalid timeout", ""),
        (["--decision", "fleet/allow", "--timeout", "10s", "@in.json"], 0, "", "\"result\": true"),
        (["--decision", "fleet/allow", "-I"], 0, "", "--stdin-input"),
    ])
    func exec(_ arguments: [String], _ status: Int, _ errors: String, _ output: String) throws {
        let bench = try bench()
        let outcome = bench.writ(
            arguments: ["exec", "-b", "@b"] + arguments, stdin: #"{"device": "s1"}"#, isPiped: true)
        #expect(outcome.status == Int32(status), "\(outcome.errors)")
        #expect(errors.isEmpty ? outcome.errors.isEmpty : outcome.errors.contains(errors), "\(outcome.errors)")
        #expect(output.isEmpty || outcome.output.contains(output), "\(outcome.output)")
    }
}
