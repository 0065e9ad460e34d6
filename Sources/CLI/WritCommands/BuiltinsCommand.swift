import ArgumentParser
import Glibc
import Writ
import WritTooling

/// `writ builtins`: the functions that policies can call.
struct BuiltinsCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "builtins", abstract: "Lists the functions that policies can call, or tells about one.",
        discussion: "With a name, or the beginning of one, it tells about the builtins of that name.")
    static let usage = "[NAME] [flags]"
    static let example = "writ builtins json.patch"
    static let flags = [FlagSpec("format", "f"), FlagSpec("pages")]

    @Argument(help: "A builtin's name, or the beginning of one.")
    var name: String?
    @Option(name: [.customLong("format"), .customShort("f")], help: "text or json.")
    var format = "text"
    @Option(name: .customLong("pages"), help: "Writes the pages of the documentation to a folder.")
    var pages: String?

    func execute(_ console: Console) throws -> Int32 {
        if let pages { return write(to: pages, console) }
        guard format == "text" || format == "json" else {
            console.report(
                "Error: invalid argument \"\(format)\" for \"-f, --format\" flag: must be one of {text,json}")
            return ExitStatus.failure
        }
        var found = BuiltinReference.all
        if let name {
            found = BuiltinReference.named(name).map { [$0] } ?? found.filter { $0.name.hasPrefix(name) }
            guard !found.isEmpty else {
                console.report("Error: no builtin is named \(name)")
                return ExitStatus.failure
            }
        }
        if format == "json" {
            console.print(Self.json(found))
        } else if name == nil {
            for builtin in found { console.print(builtin.signature) }
        } else {
            console.print(found.map { $0.markdown }.joined(separator: "\n"))
        }
        return ExitStatus.success
    }

    private static func json(_ builtins: [BuiltinReference]) -> String {
        let items = builtins.map { builtin in
            var text = "  {\"name\": \(quoted(builtin.name)), \"signature\": \(quoted(builtin.signature)), "
            if let infix = builtin.infix { text += "\"infix\": \(quoted(infix)), " }
            text += "\"deprecated\": \(builtin.isDeprecated), \"deterministic\": \(builtin.isDeterministic), "
            text += "\"errors\": [\(builtin.errors.map { quoted($0) }.joined(separator: ", "))], "
            let examples = builtin.examples.map { example(of: $0) }.joined(separator: ", ")
            return text + "\"meaning\": \(quoted(builtin.meaning)), \"examples\": [\(examples)]}"
        }
        return "[\n" + items.joined(separator: ",\n") + "\n]"
    }

    private static func example(of example: BuiltinExample) -> String {
        var text = "{\"text\": \(quoted(example.text))"
        switch example.outcome {
        case .value(let term): text += ", \"value\": \(quoted(term))"
        case .undefined: break
        case .failure(let code, let message, _):
            text += ", \"code\": \(quoted(code)), \"error\": \(quoted(message))"
        }
        return text + "}"
    }

    private static func quoted(_ text: String) -> String {
        var buffer = ByteBuffer()
        buffer.appendJSONString(Array(text.utf8))
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    private func write(to folder: String, _ console: Console) -> Int32 {
        for page in BuiltinReference.pages {
            let path = "\(folder)/\(page.name)"
            guard let file = fopen(path, "wb") else {
                console.report("Error: \(path) cannot be written")
                return ExitStatus.failure
            }
            defer { fclose(file) }
            let bytes = Array(page.text.utf8)
            guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
                console.report("Error: \(path) cannot be written")
                return ExitStatus.failure
            }
        }
        return ExitStatus.success
    }
}
