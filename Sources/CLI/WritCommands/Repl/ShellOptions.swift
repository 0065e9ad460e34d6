import ArgumentParser
import Glibc
import Writ
import WritHostBuiltins
import WritTooling

/// The flags of `writ run` that only its shell has.
struct ShellOptions: ParsableArguments {
    @Option(
        name: [.customLong("history"), .customShort("H")],
        help: "The file that the shell keeps its history in. (default: ~/.writ_history)")
    var history: String?
    @Option(name: [.customLong("format"), .customShort("f")], help: "How the shell prints: pretty, json.")
    var format = "pretty"
    @Option(name: [.customLong("max-errors"), .customShort("m")], help: "Errors after which no more are shown.")
    var errorLimit = 10

    func run(
        _ paths: [String], _ options: LoaderOptions, _ isWatching: Bool, _ console: Console
    ) throws -> Int32 {
        guard format == "pretty" || format == "json" else {
            throw UsageFailure(
                message: "invalid argument \"\(format)\" for \"-f, --format\" flag: must be one of {pretty,json}")
        }
        let load: () throws(ProblemReport) -> LoadedFiles = { () throws(ProblemReport) in
            try Loader.load(paths, options: options)
        }
        var compile = CompileOptions(functions: .all)
        compile.errorLimit = errorLimit > 0 ? errorLimit : .max
        let shell: Shell
        do throws(ProblemReport) {
            shell = try Shell(try load(), version: options.version, options: compile, console)
        } catch {
            console.report(error)
            return ExitStatus.failure
        }
        shell.settings.isJSON = format == "json"
        let loop = ShellLoop(shell, console, load: load)
        if isWatching { loop.watch(paths.map { Loader.path(of: $0) }) }
        guard console.terminal.isInput else { return loop.runScript(prompts: false, console.lines()) }
        if console.terminal.isOutput, console.environment("TERM") != "dumb" {
            let home = console.environment("HOME").map { $0 + "/.writ_history" }
            return loop.runOnTerminal(history: history ?? home, version: VersionCommand.current)
        }
        return loop.runScript(prompts: true, console.lines())
    }
}
