import ArgumentParser
import Writ

/// `writ explain`: what an error means, and how it is mended.
struct ExplainCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Explains an error: what it means, an example, how to mend it.",
        discussion: """
            CODE is what stands in brackets behind `error`, such as rego_unsafe_var_error, or the name of one kind of \
            error. Without a code all of them are listed.
            """)
    static let usage = "[code]"
    static let example = "writ explain rego_unsafe_var_error"
    static let flags: [FlagSpec] = []

    @Argument(help: "A code, or the name of one kind of error.")
    var codes: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        guard let code = codes.first else {
            var last = ""
            for known in ErrorClass.all {
                if "\(known.code)" != last { console.print((last.isEmpty ? "" : "\n") + "\(known.code)") }
                last = "\(known.code)"
                console.print("  \(known.name): \(known.title)")
            }
            return ExitStatus.success
        }
        guard codes.count == 1 else { throw UsageFailure(message: "specify at most one code") }
        let found = ErrorClass.find(code)
        guard !found.isEmpty else {
            let words = ErrorClass.all.flatMap { ["\($0.code)", "\($0.name)"] }
            throw UsageFailure(message: "unknown error code: \(code)", suggestion: nearest(code, among: words))
        }
        console.print(Self.pages(found))
        return ExitStatus.success
    }

    /// What is known of a code or of one kind of error; nil where nothing is.
    static func text(of code: String) -> String? {
        let found = ErrorClass.find(code)
        return found.isEmpty ? nil : pages(found)
    }

    private static func pages(_ found: [ErrorClass]) -> String {
        found.map { page($0) }.joined(separator: "\n\n")
    }

    private static func page(_ known: ErrorClass) -> String {
        var text = "\(known.code): \(known.title) (\(known.name))\n\n\(wrapped("\(known.meaning)"))\n"
        if known.isStrict { text += "\nOnly --strict refuses it.\n" }
        if known.help.utf8CodeUnitCount > 0 { text += "\nTo mend it: \(known.help)\n" }
        if known.example.utf8CodeUnitCount > 0 {
            text += "\nThis fails:\n\n" + indented("\(known.example)") + "\nThis does not:\n\n"
            text += indented("\(known.mended)")
        }
        while text.utf8.last == 0x0A { text.removeLast() }
        return text
    }

    private static func indented(_ source: String) -> String {
        var text = ""
        for line in source.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            text += (line.isEmpty ? "" : "    ") + line + "\n"
        }
        return text
    }

    private static func wrapped(_ paragraph: String) -> String {
        var lines = [""]
        for word in paragraph.split(separator: " ") {
            if let last = lines.last, !last.isEmpty, last.utf8.count + word.utf8.count + 1 > 78 { lines.append("") }
            lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
        }
        return lines.joined(separator: "\n")
    }
}
