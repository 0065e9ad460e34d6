import Foundation
import Testing
import Writ

@testable import WritCommands

/// The shell of `writ run` as a script: what each line prints.
@Suite struct ShellTests {
    /// Lines and what comes of all of them, as OPA's shell prints it.
    private static let scripts: [(name: String, lines: [String], want: String)] = [
        ("a query", ["1 + 1", "true", "input.x", "\"é\""], "2\ntrue\nundefined\n\"é\"\n"),
        (
            "constants", ["x = 1", "x", "x = 2", "x = 1", "x := 2", "x", "show"],
            """
            Rule 'x' defined in package repl. Type 'show' to see rules.
            1
            undefined
            true
            Rule 'x' re-defined in package repl. Type 'show' to see rules.
            2
            package repl

            x := 2

            """
        ),
        (
            "rules",
            ["p contains 1 if { true }", "p contains 2", "foo.bar.baz if true", "f(x) := x + 1", "f(2)", "show"],
            """
            Rule 'p' defined in package repl. Type 'show' to see rules.
            Rule 'p' defined in package repl. Type 'show' to see rules.
            Rule 'foo.bar.baz' defined in package repl. Type 'show' to see rules.
            Rule 'f' defined in package repl. Type 'show' to see rules.
            3
            package repl

            p contains 1

            p contains 2

            foo.bar.baz := true

            f(x) := x + 1

            """
        ),
        (
            "several lines",
            ["p contains x if {", "some x in [3]", "}", "", "p[2]", "p[3]", "1 +", "", "2 *", "3", ""],
            """
            Rule 'p' defined in package repl. Type 'show' to see rules.
            undefined
            3
            1 error occurred: 2:0: rego_parse_error: unexpected eof token
            \t1 +
            \t  ^
            6

            """
        ),
        (
            "packages", ["package a.b", "q := 1", "package c", "q", "import data.a.b.q", "q", "show"],
            """
            Rule 'q' defined in package a.b. Type 'show' to see rules.
            1 error occurred: 1:1: rego_unsafe_var_error: var q is unsafe
            1
            package c

            import data.a.b.q

            """
        ),
        (
            "input",
            ["package repl.input", "user := \"alice\"", "package t", "input.user", "input.user with input as {}"],
            """
            Rule 'user' defined in package repl.input. Type 'show' to see rules.
            "alice"
            undefined

            """
        ),
        (
            "unset", ["p := 3", "unset p", "p", "unset p", "unset \"p\"", "unset", "unset-package repl", "show"],
            """
            Rule 'p' defined in package repl. Type 'show' to see rules.
            1 error occurred: 1:1: rego_unsafe_var_error: var p is unsafe
            warning: no matching rules in current module
            code bad arguments: argument must identify a rule
            code bad arguments: unset <var>: expects exactly one argument
            no rules defined

            """
        ),
        (
            "packages are unset", ["package a", "unset-package b", "unset-package 5", "unset-package a", "show"],
            """
            warning: no matching package
            code bad arguments: argument must identify a package
            no rules defined

            """
        ),
        (
            "errors of builtins", ["1 / 0", "strict-builtin-errors", "1 / 0"],
            "undefined\n1 error occurred: 1:1: eval_builtin_error: div: divide by zero\n"
        ),
        (
            "rules that do not compile", ["p contains x if { true }", "p := 1", "b if {data := 1; data == 1}", "p"],
            """
            1 error occurred: 1:12: rego_unsafe_var_error: var x is unsafe
            Rule 'p' defined in package repl. Type 'show' to see rules.
            1 error occurred: 1:7: rego_compile_error: variables must not shadow data (use a different variable name)
            1

            """
        ),
        (
            "no rules", ["1 = 1", "x := 1 with input as 2", "[1, 2][i] == 2"],
            """
            1 error occurred: 1:1: rego_parse_error: number cannot be used for rule name
            expressions using with keyword cannot be used for rule head
            +---+
            | i |
            +---+
            | 1 |
            +---+

            """
        ),
        (
            "what is refused",
            ["unknown input", "unknown", "target wasm", "target x", "types", "trace x", "help x", "show x"],
            """
            partial evaluation (unknown): not supported yet
            usage: unknown <input/data reference> [<input/data reference> [...]] (hint: try 'input')
            the target wasm is not supported yet
            invalid target "x": must be one of {rego,wasm}
            types of queries (types): not supported yet
            invalid explain mode, expected one of: off, full, notes, fails, debug
            unknown topic 'x'
            unknown option 'x'

            """
        ),
        ("the end", ["1", "exit", "2"], "1\n"),
        ("what is not finished is evaluated at the end", ["2 *", "4"], "8\n"),
        ("comments and blanks", ["", "   ", "# nothing", "1 # one"], "1\n"),
    ]

    @Test(arguments: Self.scripts.indices) func lines(_ index: Int) throws {
        let script = Self.scripts[index]
        let run = try Workbench().writ("run", stdin: script.lines.joined(separator: "\n"), isPiped: true)
        #expect(run.status == 0)
        #expect(run.output == script.want, "\(script.name)")
        #expect(run.errors == "")
    }

    @Test func files() throws {
        let bench = try Workbench([
            "p.rego": "package a\n\nallow if input.x == data.y\n", "d.json": "{\"y\": 1, \"z\": {\"k\": [1]}}",
        ])
        let run = bench.writ(
            "run", "@p.rego", "@d.json", stdin: "dump\ndata.a.allow with input.x as 1\njson\ndata.z.k[i]", isPiped: true
        )
        #expect(run.output.hasPrefix("{\"y\":1,\"z\":{\"k\":[1]}}\ntrue\n{\n  \"result\": [\n"))
        #expect(run.output.contains("\"bindings\": {\n        \"i\": 0\n      }"))
        _ = bench.writ("run", "@d.json", stdin: "dump \(bench.path)/out.json", isPiped: true)
        #expect(
            try String(contentsOfFile: bench.path + "/out.json", encoding: .utf8) == "{\"y\":1,\"z\":{\"k\":[1]}}\n")
        #expect(bench.writ("run", "@none.rego").status == 1)
        #expect(bench.writ("run", "-f", "yaml").errors.hasPrefix("Error: invalid argument \"yaml\""))
    }

    @Test func olderLanguage() throws {
        let lines = "a[2] { true }\nimport future.keywords\na contains 3 if { true }\n4 in [4]\nshow"
        let run = try Workbench().writ("run", "--v0-compatible", stdin: lines, isPiped: true)
        let defined = "Rule 'a' defined in package repl. Type 'show' to see rules.\n"
        #expect(
            run.output.hasPrefix(defined + defined + "true\npackage repl\n\nimport future.keywords\n"), "\(run.output)")
    }

    @Test func explaining() throws {
        let run = try Workbench().writ("run", stdin: ":explain\ny > 1\n:explain\n:explain x", isPiped: true)
        #expect(run.output.hasPrefix("no error to explain yet\n1 error occurred: 1:1: rego_unsafe_var_error"))
        #expect(run.output.contains("\nrego_unsafe_var_error: "))
        #expect(run.output.hasSuffix("nothing is known of x\n"))
    }

    @Test func traces() throws {
        let lines = "p if trace(\"seen\")\nnotes\np\nnotes\nmetrics\np\nmetrics\nprofile\np\nshow debug"
        let run = try Workbench().writ("run", stdin: lines, isPiped: true)
        #expect(run.output.contains("| | Note \"seen\"\ntrue\n"), "\(run.output)")
        #expect(run.output.contains("timer_rego_query_eval_ns"))
        #expect(run.output.contains("NUM EVAL"))
        #expect(run.output.contains("\t\"profile\": true,\n"))
    }

    /// Nothing that is typed ends the process.
    @Test(arguments: [
        [0xFF, 0xFE], [0x00], Array("package".utf8), Array("import x".utf8), Array("default".utf8), Array("{".utf8),
        Array(repeating: UInt8(ascii: "["), count: 5000), Array("\"\\u".utf8), Array("x := x".utf8),
        Array("a.b.c := data".utf8), Array("package a[0]".utf8), Array("some".utf8), Array("input := 1".utf8),
    ])
    func hostileInput(_ line: [UInt8]) throws {
        let console = Console(stdin: { [] }, showsExcerpts: true, write: { _, _ in })
        let files = try WritToolingLoader.nothing()
        let shell = try Shell(files, version: .v1, options: CompileOptions(), console)
        for _ in 0..<2 {
            #expect(shell.handle(line) == .goOn)
            #expect(shell.handle([]) == .goOn)
        }
        for cursor in [0, line.count / 2, line.count, -1, line.count + 9] { _ = shell.complete(line, at: cursor) }
    }

    @Test func completion() throws {
        let bench = try Workbench([
            "p.rego": "package a.b\n\nallow := 1\n\nalso.deep := 2\n",
            "d.json": "{\"conf\": {\"one\": 1, \"two-2\": 2}}",
        ])
        let console = Console(stdin: { [] }, write: { _, _ in })
        let files = try WritToolingLoader.load([bench.path + "/p.rego", bench.path + "/d.json"])
        let shell = try Shell(files, version: .v1, options: CompileOptions(), console)
        func offered(_ text: String) -> [String] {
            shell.complete(Array(text.utf8), at: text.utf8.count).candidates.map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(offered("data.a.b.a") == ["data.a.b.allow", "data.a.b.also.deep"])
        #expect(offered("x == data.conf.") == ["data.conf.one"])
        #expect(offered("unset-p") == ["package"])
        #expect(offered("json.pat") == ["json.patch"])
        #expect(offered("nothing.like.it") == [])
        _ = shell.handle(Array("package a.b".utf8))
        #expect(offered("al") == ["allow", "also.deep"])
        #expect(shell.complete(Array("1 + al".utf8), at: 6).start == 4)
    }
}
