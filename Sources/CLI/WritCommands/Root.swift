import ArgumentParser
import Glibc
import WritBundle
import WritTooling

/// `writ` itself: the list of commands.
struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "writ", abstract: "Decides, by policies written in Rego, whether one machine may talk to another.",
        subcommands: commands)

    static var commands: [any WritCommand.Type] {
        var commands: [any WritCommand.Type] = [
            EvalCommand.self, RunCommand.self, BuildCommand.self, SignCommand.self, VerifyCommand.self,
            DiffCommand.self,
            InspectCommand.self,
            CheckCommand.self, TestCommand.self, FmtCommand.self,
            ParseCommand.self, BenchCommand.self, DepsCommand.self, ExecCommand.self, RefactorCommand.self,
            CapabilitiesCommand.self, BuiltinsCommand.self, ExplainCommand.self, CompletionCommand.self,
            VersionCommand.self,
        ]
        #if !WRIT_LIGHT
            commands += [TrustCommand.self, PushCommand.self, PullCommand.self]
        #endif
        return commands
    }
}

/// The whole command line, in process.
public enum CommandLineInterface {
    /// Runs the process's own command line.
    public static func main() -> Never {
        // A reader that goes away ends the writing, not the process.
        signal(SIGPIPE, SIG_IGN)
        exit(run(Array(CommandLine.arguments.dropFirst()), Console.process()))
    }

    /// Runs a command line (without the program's name) and gives the exit status.
    public static func run(_ arguments: [String], _ console: Console) -> Int32 {
        guard let name = arguments.first else {
            console.print(help())
            return ExitStatus.success
        }
        if name == "--help" || name == "-h" || name == "help" {
            if name == "help", let command = Root.commands.first(where: { $0.name == arguments.dropFirst().first }) {
                console.print(Array(command.help().utf8))
            } else {
                console.print(help())
            }
            return ExitStatus.success
        }
        guard let command = Root.commands.first(where: { $0.name == name }) else {
            let isFlag = name.utf8.first == UInt8(ascii: "-")
            console.report(
                isFlag ? "Error: unknown flag: \(name)" : "Error: unknown command \"\(name)\" for \"writ\"")
            if let near = nearest(name, among: Root.commands.map { $0.name }) {
                console.report("\nDid you mean this?\n\t\(near)\n")
            }
            console.report("Run 'writ --help' for usage.")
            return ExitStatus.failure
        }
        return run(command, Array(arguments.dropFirst()), console)
    }

    private static func run<Command: WritCommand>(
        _ type: Command.Type, _ arguments: [String], _ console: Console
    ) -> Int32 {
        do {
            let given = Environment.arguments(for: type.flags, of: type.name, beside: arguments, console) + arguments
            switch try ArgumentNormaliser(flags: type.flags).normalise(given) {
            case .help:
                console.print(Array(type.help().utf8))
                return ExitStatus.success
            case .arguments(let normal):
                return try type.read(normal).execute(console)
            }
        } catch let failure as UsageFailure {
            return report(failure, type, console)
        } catch let report as ProblemReport {
            console.report(report)
            return ExitStatus.failure
        } catch let failure as FileFailure {
            console.report("error: \(failure.message)")
            return ExitStatus.failure
        } catch let failure as BundleFailure {
            console.report("error: \(failure.message)")
            return ExitStatus.failure
        } catch {
            return report(UsageFailure(message: type.message(for: error)), type, console)
        }
    }

    private static func report(_ failure: UsageFailure, _ type: any WritCommand.Type, _ console: Console) -> Int32 {
        console.report("Error: \(failure.message)")
        console.report("Usage:\n  writ \(type.name) \(type.usage)\n")
        if let suggestion = failure.suggestion { console.report("Did you mean \(suggestion)?") }
        console.report("Run 'writ \(type.name) --help' for all flags and an example.")
        return ExitStatus.failure
    }

    private static func help() -> String { Root.helpMessage(columns: 100) + "\nEXAMPLE:\n  writ eval 'x := 1 + 1'" }
}
