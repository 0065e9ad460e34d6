import ArgumentParser
import Writ
import WritHostBuiltins
import WritTooling

/// `writ refactor move`: gives packages and documents other paths.
struct RefactorCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "refactor",
        abstract: "Changes policies: `refactor move` gives packages and documents other paths.",
        discussion: """
            Renames packages, imports and references that begin with a path. The result must compile. Prints it, or \
            writes it with --write.
            """)
    static let usage = "move [file-path [...]] [flags]"
    static let example = "writ refactor move -p data.fleet:data.iot policy.rego"
    static let flags =
        [FlagSpec("path", "p"), FlagSpec("write", "w", .boolean), FlagSpec("ignore")] + SharedFlags.versions

    @Option(name: [.customLong("path"), .customShort("p")], help: "What to move: `data.a:data.b` (repeatable).")
    var mappings: [String] = []
    @Flag(name: [.customLong("write"), .customShort("w")], help: "Write the files instead of printing them.")
    var writes = false
    @Option(name: .customLong("ignore"), help: "A shell pattern for names to leave out within folders (repeatable).")
    var ignored: [String] = []
    @OptionGroup var versions: VersionOptions
    @Argument(help: "`move`, then files and folders.")
    var operands: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        guard operands.first == "move" else {
            throw UsageFailure(message: "specify what to do: move", suggestion: "refactor move")
        }
        let paths = Array(operands.dropFirst())
        guard !mappings.isEmpty else { return fail("specify at least one mapping of the form <from>:<to>", console) }
        guard !paths.isEmpty else { return fail("specify at least one path containing policy files", console) }
        var moves: [(from: [[UInt8]], to: [[UInt8]])] = []
        for mapping in mappings {
            let parts = mapping.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else {
                return fail("expected mapping of the form <from>:<to> (\(parts.count + 1))", console)
            }
            guard let from = PathText.steps(parts[0]), let to = PathText.steps(parts[1]),
                from.first == Array("data".utf8), to.first == Array("data".utf8)
            else { return fail("both paths of a mapping must begin with data: \(mapping)", console) }
            moves.append((from, to))
        }
        do throws(ProblemReport) {
            var loader = LoaderOptions()
            loader.version = versions.version
            loader.onlyPolicies = true
            loader.ignored = ignored.flatMap { $0.split(separator: ",").map(String.init) }
            let files = try Loader.load(paths, options: loader).policies
            let moved = try Mover(moves).move(files)
            do throws(CompileFailure) {
                _ = try Policy.check(moved, options: CompileOptions(functions: .all))
            } catch {
                let text = String(decoding: ProblemReport(error).concise(), as: UTF8.self)
                console.report(Array(("error: " + text).utf8))
                return ExitStatus.failure
            }
            return try output(moved, console)
        } catch {
            console.report(Array("error: ".utf8) + error.concise())
            return ExitStatus.failure
        }
    }

    private func fail(_ message: String, _ console: Console) -> Int32 {
        console.report("error: \(message)")
        return ExitStatus.failure
    }

    private func output(_ files: [PolicyFile], _ console: Console) throws(ProblemReport) -> Int32 {
        for file in files {
            let text: [UInt8]
            do throws(FormatFailure) { text = try file.formatted() } catch {
                throw ProblemReport(.loading, error.diagnostics.map { Problem($0) }, sources: error.sources)
            }
            let name = String(decoding: file.name, as: UTF8.self)
            guard writes else {
                if files.count > 1 { console.print("# \(name)") }
                console.print(text)
                continue
            }
            // Written beside and renamed, so that a file is whole at any time.
            do throws(FileFailure) { try FileSystem.save(text, to: name) } catch {
                throw ProblemReport(.loading, [Problem(message: error.message)])
            }
        }
        return ExitStatus.success
    }
}
