import ArgumentParser
import Writ
import WritTooling

/// `writ fmt`: lays policies out.
struct FmtCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "fmt", abstract: "Lays Rego files out.",
        discussion: """
            Prints each file as it should look; without a path, what comes on standard input. Folders are searched for \
            files that end in .rego. The text is that of `opa fmt`; every comment stays, and a second run changes nothing.
            """)
    static let usage = "[path [...]] [flags]"
    static let example = "writ fmt --list policy"
    static let flags =
        [
            FlagSpec("write", "w", .boolean), FlagSpec("list", "l", .boolean), FlagSpec("diff", "d", .boolean),
            FlagSpec("fail", nil, .boolean), FlagSpec("v0-v1", nil, .boolean), FlagSpec("rego-v1", nil, .boolean),
            FlagSpec("check-result", nil, .required, isOn: true), FlagSpec("drop-v0-imports", nil, .boolean),
            FlagSpec("capabilities"),
        ] + SharedFlags.versions

    @Flag(name: [.customLong("write"), .customShort("w")], help: "Write the result back to the file.")
    var overwrites = false
    @Flag(name: [.customLong("list"), .customShort("l")], help: "Only name the files that would change.")
    var lists = false
    @Flag(name: [.customLong("diff"), .customShort("d")], help: "Only show what would change.")
    var showsDiff = false
    @Flag(name: .customLong("fail"), help: "End with status 1 if a file would change.")
    var fails = false
    @Flag(name: .customLong("v0-v1"), help: "Make text that both versions accept.")
    var isForBoth = false
    @Flag(name: .customLong("rego-v1"), help: "The same as --v0-v1.")
    var isForBothToo = false
    @Option(name: .customLong("check-result"), help: "Whether the result is parsed before it is handed out.")
    var checksResult = true
    @Flag(name: .customLong("drop-v0-imports"), help: "Leave out imports that v1 does not need.")
    var dropsImports = false
    @Option(name: .customLong("capabilities"), help: "A version or a file of JSON: what the text may use.")
    var capabilities: String?
    @OptionGroup var versions: VersionOptions
    @Argument(help: "Files and folders.")
    var paths: [String] = []

    /// What stops the command, in OPA's words.
    private struct Stop: Error {
        var message: [UInt8]
    }

    func execute(_ console: Console) throws -> Int32 {
        let known: Capabilities
        do throws(ProblemReport) {
            if let capabilities { known = try Capabilities.load(capabilities) } else { known = .current }
        } catch {
            console.report("Error: \(error.problems.first?.message ?? "")")
            return ExitStatus.failure
        }
        do throws(Stop) {
            if paths.isEmpty {
                try standardInput(console, known)
            } else {
                for path in paths { try files(at: path, console, known) }
            }
        } catch {
            console.report(error.message + [0x0A])
            return ExitStatus.failure
        }
        return ExitStatus.success
    }

    // MARK: Versions

    private var isBoth: Bool { isForBoth || isForBothToo }

    /// `--v0-compatible` wins over `--v1-compatible` here, as in OPA.
    private var sourceVersion: RegoVersion {
        if versions.isV0 { return .v0 }
        return isBoth && !versions.isV1 ? .v0 : .v1
    }

    private func options(_ known: Capabilities) -> FormatOptions {
        var options = FormatOptions(target: isBoth ? .v0v1 : versions.isV0 ? .v0 : .v1)
        options.dropsV0Imports = dropsImports
        options.keepsKeywordsInReferences = known.features.contains(Array("keywords_in_refs".utf8))
        return options
    }

    // MARK: One text

    private func standardInput(_ console: Console, _ known: Capabilities) throws(Stop) {
        let file = PolicyFile(name: "stdin", text: console.input(), version: sourceVersion)
        do throws(FormatFailure) {
            console.print(try file.formatted(options(known), checksResult: false, capabilities: known))
        } catch {
            throw Stop(message: Self.text(error))
        }
    }

    private func files(at path: String, _ console: Console, _ known: Capabilities) throws(Stop) {
        let names: [String]
        do throws(FileFailure) { names = try FileSystem.files(below: path, ending: ".rego") } catch {
            throw Stop(message: Array(error.message.utf8))
        }
        // What is printed meanwhile would run into it.
        let isQuiet = overwrites || !console.terminal.isOutput
        let progress =
            console.terminal.isErrors && isQuiet && names.count >= 100
            ? Progress("files", of: names.count) : nil
        defer { progress?.clear() }
        for (number, name) in names.enumerated() {
            progress?.show(number)
            let text: [UInt8]
            do throws(FileFailure) { text = try FileSystem.read(name) } catch {
                throw Stop(message: Array("failed to open file: \(error.message)".utf8))
            }
            try treat(name, text, console, known)
        }
    }

    private func treat(_ name: String, _ text: [UInt8], _ console: Console, _ known: Capabilities) throws(Stop) {
        let result = try formatted(name, text, known)
        let isChanged = result != text
        if fails, isChanged, !lists, !showsDiff { throw Stop(message: Array("unexpected diff".utf8)) }
        if lists || showsDiff {
            guard isChanged else { return }
            // OPA's differences are coloured, in a pipe too; whoever wants no colours gets none.
            let wantsColours = (console.environment("NO_COLOR") ?? "").isEmpty
            let diff = TextDiff(text, result)
            console.print(
                lists ? Array((name + "\n").utf8) : (wantsColours ? diff.coloured() : diff.plain()) + [0x0A])
            if fails { throw Stop(message: Array("unexpected diff".utf8)) }
        } else if overwrites {
            guard isChanged else { return }
            do throws(FileFailure) { try FileSystem.overwrite(name, result) } catch {
                throw Stop(message: Array("failed to open file for writing: \(error.message)".utf8))
            }
        } else {
            console.print(result)
        }
    }

    private func formatted(_ name: String, _ text: [UInt8], _ known: Capabilities) throws(Stop) -> [UInt8] {
        let file = PolicyFile(name: name, text: text, version: sourceVersion)
        do throws(FormatFailure) {
            return try file.formatted(options(known), checksResult: checksResult, capabilities: known)
        } catch {
            let text = Self.text(error)
            guard error.isResultInvalid else {
                throw Stop(message: Array("failed to format Rego source file: ".utf8) + text)
            }
            let hint =
                "\n\nTo inspect the formatted Rego, you can turn off this check with --check-result=false."
            throw Stop(
                message: Array("\(name) was successfully formatted, but the result is invalid: ".utf8) + text
                    + Array(hint.utf8))
        }
    }

    /// The errors as OPA counts and lists them.
    private static func text(_ failure: FormatFailure) -> [UInt8] {
        let renderer = DiagnosticRenderer(sources: failure.sources)
        var text = Array(
            failure.diagnostics.count == 1
                ? "1 error occurred: ".utf8 : "\(failure.diagnostics.count) errors occurred:\n".utf8)
        for (index, diagnostic) in failure.diagnostics.enumerated() {
            if index > 0 { text.append(0x0A) }
            text += renderer.concise(diagnostic, includingDetails: true)
        }
        return text
    }
}
