import ArgumentParser
import Writ
import WritTooling

/// `writ capabilities`: what policies may use.
struct CapabilitiesCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "capabilities", abstract: "Shows what policies may use: builtins, keywords, features.",
        discussion: """
            Without flags lists the versions whose capabilities are known. The JSON is OPA's: a part of it, in a file, \
            makes `check --capabilities FILE` refuse whatever the file leaves out.
            """)
    static let usage = "[flags]"
    static let example = "writ capabilities --current"
    static let flags = [FlagSpec("current", nil, .boolean), FlagSpec("version"), FlagSpec("file")]

    @Flag(name: .customLong("current"), help: "Those of this version.")
    var isCurrent = false
    @Option(name: .customLong("version"), help: "Those of a version, such as v1.20.2.")
    var version: String?
    @Option(name: .customLong("file"), help: "Those that a file of JSON lists.")
    var file: String?

    func execute(_ console: Console) throws -> Int32 {
        let capabilities: Capabilities
        do throws(ProblemReport) {
            if let version {
                guard let known = Capabilities(version: version) else {
                    throw ProblemReport(.loading, [Problem(message: "no capabilities version found: \(version)")])
                }
                capabilities = known
            } else if let file {
                capabilities = try Capabilities.read(file)
            } else if isCurrent {
                capabilities = .current
            } else {
                for version in Capabilities.versions { console.print(version) }
                return ExitStatus.success
            }
        } catch {
            console.report("Error: \(error.problems.first?.message ?? "")")
            return ExitStatus.failure
        }
        let space = Space.create(memoryLimit: 1 << 30)
        defer { space.destroy() }
        let json = capabilities.json()
        // The order of the members is OPA's, so the text is indented as it is.
        console.print(JSONLayout.indented(json) + [0x0A])
        return ExitStatus.success
    }
}
