import Foundation
import Testing

@testable import WritCommands

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct TestTests {
    private static let files = [
        "a.rego": "package a\n\nx := 1\n",
        "a_test.rego": """
        package a_test

        import data.a

        test_good if a.x == 1

        test_bad if {
        \tprint("x is", a.x)
        \ta.x == 2
        }

        todo_test_later if false

        test_cases[note] if {
        \tsome note, tc in {"one": {"in": 1, "want": 1}, "two": {"in": 2, "want": 3}}
        \ttc["in"] == tc.want
        }
        """,
    ]

    /// Without what differs from run to run.
    private func stable(_ text: String) -> String {
        text.replacing(/\([0-9.]+(ns|µs|ms|s)\)/, with: "(time)").replacing(
            /"duration": [0-9]+/, with: "\"duration\": 0"
        )
        .replacing(/time="[0-9.]+"/, with: "time=\"0\"")
    }

    @Test func failures() throws {
        let run = try Workbench(Self.files).writ("test", "@")
        #expect(run.status == 1)
        #expect(
            stable(run.output) == """
                a_test.rego:
                data.a_test.test_bad: FAIL (time)

                  x is 1

                data.a_test.todo_test_later: SKIPPED
                data.a_test.test_cases: FAIL (time)
                  two: FAIL
                --------------------------------------------------------------------------------
                PASS: 2/5
                FAIL: 2/5
                SKIPPED: 1/5

                """)
    }

    @Test func passes() throws {
        let bench = try Workbench(Self.files)
        let run = bench.writ("test", "-v", "-r", "go+d$", "@")
        #expect(run.status == 0)
        #expect(
            stable(run.output) == """
                a_test.rego:
                data.a_test.test_good: PASS (time)
                --------------------------------------------------------------------------------
                PASS: 1/1

                """)
        #expect(bench.writ("test", "-r", "good", "@").output == "PASS: 1/1\n")
        #expect(bench.writ("test", "-r", "good", "--count", "2", "@").output == "PASS: 1/1\nPASS: 1/1\n")
        let none = bench.writ("test", "-r", "none", "@")
        #expect(none.output == "" && none.status == 0)
        let empty = bench.writ("test", "-r", "none", "--fail-on-empty", "@")
        #expect(empty.errors == "no tests were run\n" && empty.status == 1)
        #expect(bench.writ("test", "@none").status == 1)
    }

    @Test func skippedOnes() throws {
        let bench = try Workbench(["t.rego": "package t\n\ntodo_test_x if false\n"])
        #expect(bench.writ("test", "@").status == 1)
        let run = bench.writ("test", "-z", "@")
        #expect(run.status == 0)
        #expect(
            run.output.hasSuffix("data.t.todo_test_x: SKIPPED\n\(String(repeating: "-", count: 80))\nSKIPPED: 1/1\n"))
    }

    /// Rules of one name are tests of their own.
    @Test func sameNames() throws {
        let bench = try Workbench(["t.rego": "package t\n\ntest_x if true\n\ntest_x if false\n\na.test_y if true\n"])
        let run = bench.writ("test", "-f", "json", "@")
        #expect(run.output.contains("\"name\": \"test_x\""))
        #expect(run.output.contains("\"name\": \"test_x#01\""))
        #expect(run.output.contains("\"name\": \"a.test_y\""))
        #expect(stable(bench.writ("test", "@").output).hasSuffix("PASS: 2/3\nFAIL: 1/3\n"))
    }

    @Test func whyTestsFail() throws {
        let run = try Workbench(Self.files).writ("test", "-v", "-r", "cases", "--var-values", "@")
        let lines = strip(stable(run.output)).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.contains(" query:1 Enter data.a_test.test_cases = _ {}"))
        #expect(lines.contains(" a_test.rego:14 | Redo data.a_test.test_cases {note: \"one\"}"))
        #expect(lines.contains(" a_test.rego:16 | | Fail tc[\"in\"] = tc.want {tc: {\"in\": 2, \"want\": 3}}"))
        #expect(lines.contains(" a_test.rego:16:"))
        #expect(lines.contains(" \ttc[\"in\"] == tc.want"))
        #expect(lines.contains(" \t{\"in\": 2, \"want\": 3}"))
    }

    /// Runs of blanks as one, none at line ends.
    private func strip(_ text: String) -> String {
        text.replacing(#/ +/#, with: " ").replacing(#/ \n/#, with: "\n")
    }

    @Test func formats() throws {
        let bench = try Workbench(Self.files)
        let tap = bench.writ("test", "-f", "tap", "@").output
        #expect(tap.hasPrefix("TAP version 13\n1..5\nok 1 - data.a_test.test_good\nnot ok 2 - data.a_test.test_bad\n"))
        #expect(tap.contains("# SKIP\n"))
        let github = bench.writ("test", "-f", "github", "@").output
        #expect(github.contains("line=7,title=data.a_test.test_bad::"))
        #expect(github.hasSuffix("PASS: 2/5\nFAIL: 2/5\nSKIPPED: 1/5\n"))
        let junit = bench.writ("test", "-f", "junit", "@").output
        #expect(junit.contains("<testsuite name=\"data.a_test\" tests=\"5\" failures=\"2\" errors=\"0\" skipped=\"1\""))
        #expect(junit.contains("</testcase>\n  </testsuite>\n</testsuites>\n"))
        let bytes = Data(bench.writ("test", "-f", "json", "@").output.utf8)
        let json = try #require(try JSONSerialization.jsonObject(with: bytes) as? [[String: Any]])
        #expect(json.map { $0["name"] as? String } == ["test_good", "test_bad", "todo_test_later", "test_cases"])
        #expect(json[1]["output"] as? String == "eCBpcyAxCg==")
        #expect(bench.writ("test", "-f", "yaml", "@").errors.hasPrefix("Error: invalid argument \"yaml\""))
        #expect(bench.writ("test", "-f", "gobench", "@").status == 0)
    }

    private static let covered = [
        "p.rego": "package p\n\nallow if {\n\tinput.a == 1\n\tinput.b == 2\n}\n\ndeny if input.c\n",
        "p_test.rego": "package p_test\n\ntest_a if data.p.allow with input as {\"a\": 1, \"b\": 2}\n",
    ]

    @Test func coverage() throws {
        let bench = try Workbench(Self.covered)
        let run = bench.writ("test", "-c", "@")
        #expect(run.status == 0)
        let report = try #require(
            try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        #expect(report["covered_lines"] as? Int == 4)
        #expect(report["not_covered_lines"] as? Int == 1)
        #expect(report["coverage"] as? Double == 80)
        #expect(bench.writ("test", "-c", "--coverage-format", "lcov", "@").output.contains("DA:8,0\nLF:4\nLH:3\n"))
        #expect(bench.writ("test", "-c", "--coverage-format", "pretty", "@").output.contains("missed: 8\n"))
        #expect(bench.writ("test", "-c", "--coverage-format", "html", "@").output.contains("class=\"miss\">    8"))
        let low = bench.writ("test", "--threshold", "90", "@")
        #expect(low.status == 1)
        #expect(low.errors == "Code coverage threshold not met: got 80.00 instead of 90.00\n")
        #expect(bench.writ("test", "--threshold", "90", "-v", "@").errors.hasSuffix("Lines not covered:\n\tp.rego:8\n"))
        #expect(bench.writ("test", "--threshold", "70", "@").status == 0)
    }

    @Test func timeouts() throws {
        let bench = try Workbench([
            "t.rego":
                "package t\n\ntest_slow if count([1 | numbers.range(1, 4000)[_]; numbers.range(1, 4000)[_]]) == 1\n"
        ])
        let run = bench.writ("test", "--timeout", "50ms", "@")
        #expect(run.status == 1)
        #expect(run.output.contains("test_slow: ERROR"))
        #expect(run.output.contains("eval_cancel_error: caller cancelled query execution"))
    }

    @Test func errorsInAPipeAreOPAs() throws {
        let bench = try Workbench(["t.rego": "package t\n\nx := foo(1)\n"])
        #expect(
            bench.writ("test", "@t.rego", isPiped: true).errors
                == "1 error occurred: t.rego:3: rego_type_error: undefined function foo\n")
        #expect(bench.writ("test", "@t.rego").errors.hasPrefix("error[rego_type_error]"))
    }

    @Test func flagsFromTheEnvironment() throws {
        let bench = try Workbench(["t.rego": "package t\n\ntest_x if true\n"])
        #expect(bench.writ("test", "@", environment: ["OPA_TEST_FORMAT": "tap"]).output.hasPrefix("TAP version 13\n"))
        #expect(
            bench.writ("test", "@", environment: ["OPA_TEST_FORMAT": "tap", "WRIT_TEST_FORMAT": "json"]).output
                .hasPrefix("["))
        #expect(
            bench.writ("test", "-f", "pretty", "@", environment: ["OPA_TEST_FORMAT": "tap"]).output == "PASS: 1/1\n")
        #expect(
            bench.writ("test", "@", environment: ["OPA_TEST_VERBOSE": "true"]).output.contains("data.t.test_x: PASS"))
    }
}
