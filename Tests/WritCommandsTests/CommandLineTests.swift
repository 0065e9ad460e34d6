import Foundation
import Testing

@testable import WritCommands

@Suite struct CommandLineTests {
    @Test func unknownCommands() throws {
        let run = try Workbench().writ("evla", "1")
        #expect(run.status == 1)
        #expect(
            run.errors
                == "Error: unknown command \"evla\" for \"writ\"\n\nDid you mean this?\n\teval\n\nRun 'writ --help' for usage.\n"
        )
        #expect(
            try Workbench().writ("bogus").errors
                == "Error: unknown command \"bogus\" for \"writ\"\nRun 'writ --help' for usage.\n")
    }

    @Test func unknownFlags() throws {
        let run = try Workbench().writ("eval", "--formt", "json", "1")
        #expect(run.status == 1)
        #expect(
            run.errors == """
                Error: unknown flag: --formt
                Usage:
                  writ eval <query> [flags]

                Did you mean --format?
                Run 'writ eval --help' for all flags and an example.

                """)
        #expect(try Workbench().writ("eval", "-x", "1").errors.hasPrefix("Error: unknown shorthand flag: 'x' in -x\n"))
        #expect(try Workbench().writ("eval", "1", "-d").errors.hasPrefix("Error: flag needs an argument: 'd' in -d\n"))
        #expect(try Workbench().writ("eval", "1", "--data").errors.hasPrefix("Error: flag needs an argument: --data\n"))
        #expect(
            try Workbench().writ("eval", "--fail=maybe", "1").errors
                .hasPrefix("Error: invalid argument \"maybe\" for \"--fail\" flag"))
        #expect(try Workbench().writ("eval", "--count", "x", "1").status == 1)
    }

    @Test func queriesAndTheirNumber() throws {
        #expect(try Workbench().writ("eval").errors.hasPrefix("Error: specify query argument or --stdin\nUsage:"))
        #expect(
            try Workbench().writ("eval", "1", "2").errors.hasPrefix("Error: specify at most one query argument\nUsage:")
        )
        #expect(try Workbench().writ("eval", "-fraw", "--", "-1").output == "-1\n")
        #expect(
            try Workbench().writ("eval", "-f", "yaml", "1").errors.hasPrefix("Error: invalid argument \"yaml\" for"))
    }

    /// `eval` is read without the argument parser, and reads the same.
    @Test func quickArguments() throws {
        let refused = Set(SharedFlags.refusedByEval.map(\.name))
        var lines: [[String]] = [
            ["--"], ["--", "1"], ["--data=a", "--data=b=c", "--format=raw", "--count=2", "--", "-1"],
        ]
        for flag in EvalCommand.flags {
            switch flag.value {
            case .boolean: lines.append(["--\(flag.name)", "--", "1"])
            case .required: lines.append(["--\(flag.name)=7", "--", "1"])
            }
        }
        for line in lines {
            let parsed = try EvalCommand.parse(line)
            guard let quick = EvalCommand(normalised: line) else {
                #expect(line.contains { refused.contains(String($0.dropFirst(2).prefix { $0 != "=" })) }, "\(line)")
                continue
            }
            // Every property, and what it holds.
            func shown(_ command: EvalCommand) -> [String] {
                Mirror(reflecting: command).children.map { "\($0.label ?? ""): \(String(describing: $0.value))" }
            }
            #expect(shown(quick) == shown(parsed), "\(line)")
            #expect(!shown(quick).joined().contains("definition"))
        }
        #expect(EvalCommand(normalised: ["--count=many", "--", "1"]).map { _ in true } == nil)
        #expect(EvalCommand(normalised: ["--nothing", "--", "1"]).map { _ in true } == nil)
    }

    /// Every command's help ends with its example, and tells of every flag that is there.
    @Test func help() throws {
        for command in Root.commands {
            for run in [try Workbench().writ(command.name, "--help"), try Workbench().writ("help", command.name)] {
                #expect(run.status == 0)
                #expect(run.output.hasSuffix("\nEXAMPLE:\n  \(command.example)\n"))
            }
        }
        let run = try Workbench().writ()
        #expect(run.status == 0)
        #expect(run.output.contains("eval") && run.output.contains("run"))
    }

    /// The table that command lines are rewritten by is what the parser is told.
    @Test func tablesOfFlags() throws {
        for command in Root.commands {
            let dump = Data(command.configuration.commandName.map { _ in Root._dumpHelp() }?.utf8 ?? "".utf8)
            let all = try #require(try JSONSerialization.jsonObject(with: dump) as? [String: Any])
            let root = try #require(all["command"] as? [String: Any])
            let commands = try #require(root["subcommands"] as? [[String: Any]])
            let own = try #require(commands.first { $0["commandName"] as? String == command.name })
            var declared: Set<String> = []
            for argument in try #require(own["arguments"] as? [[String: Any]]) {
                guard let kind = argument["kind"] as? String, kind != "positional" else { continue }
                var text = kind == "flag" ? "boolean" : "required"
                for name in try #require(argument["names"] as? [[String: Any]]) {
                    text += " \(name["name"] ?? "")"
                }
                if !text.contains("help") { declared.insert(Self.sorted(text)) }
            }
            let table = command.flags.map { flag in
                Self.sorted("\(flag.value) \(flag.name)" + (flag.short.map { " \($0)" } ?? ""))
            }
            #expect(Set(table) == declared, "\(command.name)")
            #expect(Set(table).count == table.count)
        }
    }

    private static func sorted(_ text: String) -> String { text.split(separator: " ").sorted().joined(separator: " ") }

    @Test func normalising() throws {
        let normaliser = ArgumentNormaliser(flags: [
            FlagSpec("data", "d"), FlagSpec("stdin", "I", .boolean), FlagSpec("verbose", "v", .boolean),
        ])
        func normal(_ arguments: String...) throws -> [String] {
            guard case .arguments(let result) = try normaliser.normalise(arguments) else { return ["help"] }
            return result
        }
        #expect(
            try normal("q", "-da", "-d", "b", "-d=c", "--data", "d", "--data=e=f") == [
                "--data=a", "--data=b", "--data=c", "--data=d", "--data=e=f", "--", "q",
            ])
        #expect(try normal("-Ivdx") == ["--stdin", "--verbose", "--data=x", "--"])
        #expect(try normal("--verbose", "--verbose=false") == ["--"])
        #expect(try normal("-v=true", "--stdin=1") == ["--verbose", "--stdin", "--"])
        #expect(try normal("--", "-x", "--help") == ["--", "-x", "--help"])
        #expect(try normal("-", "--data", "--verbose") == ["--data=--verbose", "--", "-"])
        #expect(try normal("x", "-h") == ["help"])
        #expect(try normal("-vh") == ["help"])
    }

    @Test func version() throws {
        let run = try Workbench().writ("version")
        #expect(run.status == 0)
        #expect(run.output.hasPrefix("Version: \(VersionCommand.current)\n"))
    }

    @Test(arguments: [
        ("500ms", 0.5), ("1.5h", 5400), ("2m30s", 150), ("0", 0), ("10us", 0.00001),
    ])
    func durations(_ text: String, _ want: Double) { #expect(GoDuration.seconds(text) == want) }

    @Test(arguments: ["", "1", "x", "1x", "1.2.3s"])
    func noDurations(_ text: String) { #expect(GoDuration.seconds(text) == nil) }
}

@Suite struct CheckTests {
    @Test func goodAndBad() throws {
        let bench = try Workbench(["good.rego": "package a\n\nx := 1\n", "bad.rego": "package a\n\ny := foo(1)\n"])
        let good = bench.writ("check", "@good.rego")
        #expect(good.status == 0 && good.output == "" && good.errors == "")
        let bad = bench.writ("check", "@")
        #expect(bad.status == 1)
        #expect(bad.errors.hasPrefix("error[rego_type_error]: undefined function foo\n  ┌─ bad.rego:3:6\n"))
        #expect(bench.writ("check", "-f", "json", "@bad.rego").errors.hasPrefix("{\n  \"errors\": [\n"))
        #expect(bench.writ("check").errors.hasPrefix("Error: specify at least one file\n"))
    }
}

@Suite struct RunTests {
    @Test func certificatesNeedTLS() throws {
        let run = try Workbench().writ("run", "--server", "--authentication=tls")
        #expect(run.status == 1)
        #expect(run.errors.contains("--authentication=tls needs --tls-cert-file"))
        #expect(
            try Workbench().writ("run", "-s", "--unix-socket-perm", "99").errors.contains("invalid permissions: 99"))
        #expect(try Workbench().writ("run", "-s", "--threads", "-1").errors.contains("must be 0 to 1024"))
    }

    @Test func usage() throws {
        #expect(try Workbench().writ("run", "-s", "--log-level", "loud").errors.contains("invalid log level: loud"))
        #expect(try Workbench().writ("run", "-s", "--log-format", "x").errors.contains("invalid log format: x"))
    }

    @Test func policiesThatDoNotCompile() throws {
        let run = try Workbench(["a.rego": "package a\n\nx := foo(1)\n"]).writ("run", "-s", "@a.rego")
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix("error[rego_type_error]: undefined function foo\n"))
    }
}
