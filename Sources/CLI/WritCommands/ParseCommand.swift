import ArgumentParser
import Writ
import WritHostBuiltins
import WritTooling

/// `writ parse`: the syntax tree of a module.
struct ParseCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "parse", abstract: "Parses a policy and prints its syntax tree.")
    static let usage = "<path> [flags]"
    static let example = "writ parse -f json --json-include locations,-comments policy.rego"
    static let flags = [FlagSpec("format", "f"), FlagSpec("json-include")] + SharedFlags.versions

    @Option(name: [.customLong("format"), .customShort("f")], help: "How to print: pretty, json.")
    var format = "pretty"
    @Option(
        name: .customLong("json-include"),
        help: "What JSON has beside the tree, by commas: locations, comments (there unless it is -comments).")
    var included = ""
    @OptionGroup var versions: VersionOptions
    @Argument(help: "A file; further ones are not looked at.")
    var paths: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        guard let path = paths.first else { throw UsageFailure(message: "no source file specified") }
        guard format == "pretty" || format == "json" else {
            throw UsageFailure(
                message: "invalid argument \"\(format)\" for \"-f, --format\" flag: must be one of {pretty,json}")
        }
        // As in OPA errors are JSON, whatever the format.
        do throws(ProblemReport) { console.print(try tree(Self.local(path))) } catch {
            console.report(error.json())
            return ExitStatus.failure
        }
        return ExitStatus.success
    }

    private func tree(_ path: String) throws(ProblemReport) -> [UInt8] {
        let text: [UInt8]
        do throws(FileFailure) { text = try FileSystem.read(path) } catch {
            throw ProblemReport(.loading, [Problem(message: error.message)])
        }
        let file = PolicyFile(name: path, text: text, version: versions.version)
        do throws(CompileFailure) {
            let tree = try SyntaxTree.parse(file, readYAML: HostFunctions.all.readYAML)
            guard format == "json" else { return tree.lines(includesComments: includes("comments", unless: true)) }
            return Self.indented(
                tree.json(
                    includesLocations: includes("locations", unless: false),
                    includesComments: includes("comments", unless: true)))
        } catch {
            throw ProblemReport(error)
        }
    }

    /// The last word on an element; a minus before it leaves it out.
    private func includes(_ element: String, unless usual: Bool) -> Bool {
        var result = usual
        for option in included.split(separator: ",") where option.hasSuffix(element) {
            result = !option.hasPrefix("-")
        }
        return result
    }

    /// A path that may be written as `file://`.
    private static func local(_ path: String) -> String {
        path.hasPrefix("file://") ? String(path.dropFirst("file://".count)) : path
    }

    /// JSON text of one line on many, two blanks a level, as Go writes it.
    static func indented(_ json: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(json.count * 3)
        var depth = 0
        var isString = false
        var index = 0
        func breakLine() {
            result.append(0x0A)
            for _ in 0..<depth * 2 { result.append(0x20) }
        }
        while index < json.count {
            let byte = json[index]
            index += 1
            if isString {
                result.append(byte)
                if byte == UInt8(ascii: "\\"), index < json.count {
                    result.append(json[index])
                    index += 1
                } else if byte == UInt8(ascii: "\"") {
                    isString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                isString = true
                result.append(byte)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                result.append(byte)
                if index < json.count, json[index] == byte + 2 {
                    result.append(byte + 2)
                    index += 1
                } else {
                    depth += 1
                    breakLine()
                }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth = max(0, depth - 1)
                breakLine()
                result.append(byte)
            case UInt8(ascii: ","):
                result.append(byte)
                breakLine()
            case UInt8(ascii: ":"): result += [byte, 0x20]
            default: result.append(byte)
            }
        }
        result.append(0x0A)
        return result
    }
}
