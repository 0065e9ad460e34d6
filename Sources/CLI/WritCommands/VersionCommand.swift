import ArgumentParser

/// `writ version`.
struct VersionCommand: WritCommand {
    /// The version of this program.
    static let current = "0.1.0"

    static let configuration = CommandConfiguration(commandName: "version", abstract: "Prints the version.")
    static let usage = "[flags]"
    static let example = "writ version"
    static let flags = [FlagSpec("check", "c", .boolean)]

    @Flag(name: [.customLong("check"), .customShort("c")], help: "Accepted; Writ asks nobody for newer versions.")
    var check = false

    func execute(_ console: Console) -> Int32 {
        console.print("Version: \(Self.current)")
        console.print("Rego Version: v1")
        console.print("Compatible With: Open Policy Agent 1.20.2")
        console.print("Platform: \(Self.platform)")
        return ExitStatus.success
    }

    private static var platform: String {
        #if arch(x86_64)
            "linux/amd64"
        #elseif arch(arm64)
            "linux/arm64"
        #else
            "linux"
        #endif
    }
}
