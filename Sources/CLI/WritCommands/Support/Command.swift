import ArgumentParser
import WritTooling

/// A command of `writ`: how it is called, and what it does.
protocol WritCommand: ParsableCommand {
    /// The flags as the command line has them. Tests hold them equal to what the parser is told.
    static var flags: [FlagSpec] { get }
    /// What stands behind the command's name in a line of usage.
    static var usage: String { get }
    /// A command line to try; `--help` ends with it.
    static var example: String { get }

    /// The command that normalised arguments make.
    static func read(_ arguments: [String]) throws -> Self

    /// Does the work and gives the exit status.
    func execute(_ console: Console) throws -> Int32
}

/// The flags that commands which load modules share.
enum SharedFlags {
    static let versions = [
        FlagSpec("v0-compatible", nil, .boolean), FlagSpec("v1-compatible", nil, .boolean),
    ]
    static let declarations = [FlagSpec("schema", "s"), FlagSpec("capabilities")]
    static let refusedByEval = [
        FlagSpec("partial", "p", .boolean), FlagSpec("unknowns", "u"), FlagSpec("disable-inlining"),
        FlagSpec("shallow-inlining", nil, .boolean), FlagSpec("nondeterminstic-builtins", nil, .boolean),
    ]
}

extension WritCommand {
    static func read(_ arguments: [String]) throws -> Self { try parse(arguments) }

    static var name: String { configuration.commandName ?? "" }

    /// The text of `--help`.
    static func help() -> String {
        let text = Root.helpMessage(for: Self.self, columns: 100)
        return text + (text.utf8.last == 0x0A ? "" : "\n") + "\nEXAMPLE:\n  \(example)\n"
    }
}
