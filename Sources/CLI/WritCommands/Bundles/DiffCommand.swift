import ArgumentParser
import Writ
import WritBundle
import WritTooling

/// `writ diff`: what changes when one bundle takes the place of another.
struct DiffCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Shows what is other in one bundle than in another.",
        discussion: """
            Compares the manifest, entrypoints, rules and data: what was added (+), removed (-) and changed (~). Layout, \
            comments and order do not count. Signatures are not verified. Exit codes: 0 compared, 1 a bundle cannot be \
            read, or with --fail there are differences.
            """)
    static let usage = "<old> <new> [flags]"
    static let example = "writ diff bundle bundle.tar.gz"
    static let flags =
        [
            FlagSpec("format", "f"), FlagSpec("fail", nil, .boolean), FlagSpec("limit"),
        ] + SharedFlags.versions

    @Option(name: [.customLong("format"), .customShort("f")], help: "How to print: pretty, json.")
    var format = "pretty"
    @Flag(name: .customLong("fail"), help: "Exit with 1 if there are differences.")
    var fails = false
    @Option(name: .customLong("limit"), help: "How many bytes of a value to show in pretty; 0 for all.")
    var limit = 60
    @OptionGroup var versions: VersionOptions
    @Argument(help: "Two bundles: folders, archives.")
    var paths: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        guard paths.count == 2 else { throw UsageFailure(message: "specify exactly two bundles") }
        guard format == "pretty" || format == "json" else {
            throw UsageFailure(
                message: "invalid argument \"\(format)\" for \"-f, --format\" flag: must be one of {pretty,json}")
        }
        guard limit >= 0 else { throw UsageFailure(message: "--limit must not be negative") }
        var options = Bundles.Options()
        options.version = versions.version
        let found = try BundleComparison(Bundles.load(paths[0], options), Bundles.load(paths[1], options))
        console.print(Array((format == "json" ? Self.json(found) : pretty(found)).utf8))
        return fails && !found.isEmpty ? ExitStatus.failure : ExitStatus.success
    }

    // MARK: For people

    private func pretty(_ found: BundleComparison) -> String {
        guard !found.isEmpty else { return "the bundles say the same\n" }
        var text = ""
        for part in found.parts where !part.entries.isEmpty {
            text += part.name.uppercased() + ":\n"
            for entry in part.entries { text += line(entry, isRule: part.name == "rules") }
        }
        return text
    }

    private func line(_ entry: BundleComparison.Entry, isRule: Bool) -> String {
        let mark =
            switch entry.kind {
            case .added: "+"
            case .removed: "-"
            case .changed: "~"
            }
        guard !isRule else {
            guard entry.kind == .changed, let old = entry.old, let new = entry.new else {
                return "  \(mark) \(entry.name)\n"
            }
            return "  \(mark) \(entry.name)\n" + lines(of: old, without: new, "-") + lines(of: new, without: old, "+")
        }
        let values = [entry.old, entry.new].compactMap { $0 }.map(cut)
        return "  \(mark) \(entry.name)" + (values.isEmpty ? "" : ": " + values.joined(separator: " -> ")) + "\n"
    }

    /// The lines of a rule that the other does not have.
    private func lines(of text: String, without other: String, _ mark: String) -> String {
        var left: [Substring: Int] = [:]
        for line in other.split(separator: "\n") { left[line, default: 0] += 1 }
        var result = ""
        for line in text.split(separator: "\n") {
            if let count = left[line], count > 0 {
                left[line] = count - 1
            } else {
                result += "      \(mark) \(line)\n"
            }
        }
        return result
    }

    private func cut(_ text: String) -> String {
        guard limit > 0, text.utf8.count > limit else { return text.isEmpty ? "\"\"" : text }
        return String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "..."
    }

    // MARK: JSON

    private static func json(_ found: BundleComparison) -> String {
        var text = ByteBuffer()
        for (index, part) in found.parts.enumerated() {
            text.append(index == 0 ? "{" : ",")
            text.appendJSONString(part.name)
            text.append(":{")
            for (position, kind) in [BundleComparison.Kind.added, .removed, .changed].enumerated() {
                if position > 0 { text.append(",") }
                text.appendJSONString(kind.rawValue)
                text.append(":[")
                for (place, entry) in part.entries.filter({ $0.kind == kind }).enumerated() {
                    if place > 0 { text.append(",") }
                    append(entry, isJSON: part.name == "data", &text)
                }
                text.append("]")
            }
            text.append("}")
        }
        text.append("}")
        return String(decoding: JSONLayout.indented(text.bytes), as: UTF8.self) + "\n"
    }

    private static func append(_ entry: BundleComparison.Entry, isJSON: Bool, _ text: inout ByteBuffer) {
        text.append("{\"path\":")
        text.appendJSONString(entry.name)
        for (name, value) in [("old", entry.old), ("new", entry.new)] {
            guard let value else { continue }
            text.append(",")
            text.appendJSONString(name)
            text.append(":")
            if isJSON { text.append(Array(value.utf8)) } else { text.appendJSONString(value) }
        }
        text.append("}")
    }
}
