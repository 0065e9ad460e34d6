import Testing

@testable import WritCommands

/// Flags that the environment gives.
@Suite struct EnvironmentTests {
    private func given(
        _ command: any WritCommand.Type, _ variables: [String: String], beside arguments: [String] = []
    ) -> [String] {
        let console = Console(stdin: { [] }, environment: { variables[$0] }, write: { _, _ in })
        return Environment.arguments(for: command.flags, of: command.name, beside: arguments, console)
    }

    /// Every flag of every command has its variables, and what is said nearer wins.
    @Test func everyFlag() {
        var count = 0
        for command in Root.commands {
            for flag in command.flags {
                let writ = Environment.name("WRIT", command.name, flag)
                let opa = Environment.name("OPA", command.name == "refactor" ? "move" : command.name, flag)
                #expect(given(command, [writ: "1"]) == ["--\(flag.name)=1"])
                #expect(given(command, [opa: "2"]) == ["--\(flag.name)=2"])
                #expect(given(command, [opa: "2", writ: "1"]) == ["--\(flag.name)=1"])
                #expect(given(command, [opa: "2", writ: ""]) == ["--\(flag.name)=2"])
                #expect(given(command, [opa: "", writ: ""]) == [])
                #expect(given(command, [writ: "1"], beside: ["--\(flag.name)=3"]) == [])
                #expect(given(command, [writ: "1"], beside: ["--", "--\(flag.name)=3"]) == ["--\(flag.name)=1"])
                if let short = flag.short { #expect(given(command, [writ: "1"], beside: ["-\(short)", "3"]) == []) }
                count += 1
            }
        }
        #expect(count > 100)
    }

    @Test func names() {
        #expect(
            Environment.name("WRIT", "eval", FlagSpec("strict-builtin-errors")) == "WRIT_EVAL_STRICT_BUILTIN_ERRORS")
    }

    @Test func lettersTogether() {
        let variables = ["WRIT_EVAL_FORMAT": "pretty", "WRIT_EVAL_STDIN_INPUT": "true"]
        #expect(given(EvalCommand.self, variables, beside: ["-Ifraw", "1"]) == [])
        // A letter within a value is no flag.
        #expect(given(EvalCommand.self, variables, beside: ["-dfI"]).count == 2)
    }

    @Test func throughTheCommandLine() throws {
        let bench = try Workbench(["p.rego": "package a\n\nx := 1\n"])
        #expect(bench.writ("eval", "1", environment: ["OPA_EVAL_FORMAT": "raw"]).output == "1\n")
        #expect(
            bench.writ("eval", "-f", "values", "1", environment: ["WRIT_EVAL_FORMAT": "raw"]).output == "[\n  1\n]\n")
        #expect(
            bench.writ(
                "eval", "data.a.x", environment: ["WRIT_EVAL_FORMAT": "raw", "WRIT_EVAL_DATA": bench.path + "/p.rego"]
            ).output == "1\n")
        #expect(bench.writ("eval", "input.x", environment: ["WRIT_EVAL_FAIL": "true"]).status == 1)
        #expect(bench.writ("eval", "--fail=false", "input.x", environment: ["WRIT_EVAL_FAIL": "true"]).status == 0)
        #expect(bench.writ("eval", "1", environment: ["WRIT_EVAL_FORMAT": "yaml"]).status == 1)
        #expect(
            bench.writ("run", stdin: "1", isPiped: true, environment: ["WRIT_RUN_FORMAT": "json"]).output.hasPrefix("{")
        )
    }
}
