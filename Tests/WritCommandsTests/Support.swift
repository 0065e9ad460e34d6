import Foundation

@testable import WritCommands

/// What a command line did.
struct Outcome {
    var status: Int32
    var output: String
    var errors: String
}

/// Files for command lines, gone when the test ends. Paths in what is printed are relative to it.
final class Workbench {
    let path: String

    init(_ files: [String: String] = [:]) throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent("writ-\(UUID().uuidString)")
        path = base.path
        try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
        for (name, text) in files {
            let file = base.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Runs a command line in process. An `@` in an argument stands for the workbench's folder. Errors go to what
    /// counts as a terminal unless `isPiped`.
    func writ(
        _ arguments: String..., stdin: String = "", isPiped: Bool = false, environment: [String: String] = [:]
    ) -> Outcome {
        writ(arguments: arguments, stdin: stdin, isPiped: isPiped, environment: environment)
    }

    func writ(
        arguments: [String], stdin: String = "", isPiped: Bool = false, environment: [String: String] = [:]
    ) -> Outcome {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        let console = Console(
            stdin: { Array(stdin.utf8) }, showsExcerpts: !isPiped, environment: { environment[$0] },
            write: { bytes, isError in
                if isError { errors += bytes } else { output += bytes }
            })
        let status = CommandLineInterface.run(
            arguments.map { $0.replacingOccurrences(of: "@", with: path + "/") }, console)
        func relative(_ bytes: [UInt8]) -> String {
            String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: path + "/", with: "")
        }
        return Outcome(status: status, output: relative(output), errors: relative(errors))
    }
}
