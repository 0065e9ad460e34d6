import Foundation
import Writ

/// `opa fmt`: the text of a module laid out, or why it has no layout.
final class FmtSuite {
    private let root: String
    private lazy var modules = CheckSuite.readModules(root)

    init(root: String) { self.root = root }

    func cases(_ file: CaseFile) -> [(id: String, judge: () -> Judgement)] {
        (0..<file.count).compactMap { file.testCase($0) }.map { testCase in
            let marks = [testCase.text("rego_version")].compactMap { $0 } + testCase.texts("flags")
            return ((["\(testCase.id)"] + marks).joined(separator: " "), { self.judge(testCase) })
        }
    }

    private func judge(_ testCase: TestCase) -> Judgement {
        let isOld = testCase.text("rego_version") == "v0"
        guard let source = testCase.text("src") ?? modules[testCase.id]?.text else { return .skipped }
        var options = FormatOptions(target: isOld ? .v0 : .v1)
        for flag in testCase.texts("flags") {
            guard flag == "--v0-v1" else { return .unsupported(flag) }
            options.target = .v0v1
        }
        let file = PolicyFile(name: "test.rego", text: Array(source.utf8), version: isOld ? .v0 : .v1)
        do throws(FormatFailure) {
            let got = String(decoding: try file.formatted(options), as: UTF8.self)
            guard let want = testCase.text("want") ?? (testCase.text("want_error") == nil ? source : nil) else {
                return .wrong("laid out, error wanted")
            }
            return Array(got.utf8) == Array(want.utf8) ? .passed : .wrong(Self.difference(want, got))
        } catch {
            guard let want = testCase.text("want_error") else { return .wrong("not laid out") }
            let got = Self.text(error)
            return Array(got.utf8) == Array(want.utf8) ? .passed : .wrong("want error \(want), got \(got)")
        }
    }

    /// The first line that is another one.
    private static func difference(_ want: String, _ got: String) -> String {
        let wanted = want.split(separator: "\n", omittingEmptySubsequences: false)
        let lines = got.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in wanted.enumerated() where index >= lines.count || lines[index] != line {
            return "line \(index + 1): want \"\(line)\", got \"\(index < lines.count ? lines[index] : "")\""
        }
        return "\(lines.count - wanted.count) lines too many"
    }

    private static func text(_ failure: FormatFailure) -> String {
        let renderer = DiagnosticRenderer(sources: failure.sources)
        let lines = failure.diagnostics.map {
            String(decoding: renderer.concise($0, includingDetails: true), as: UTF8.self)
        }
        let list =
            lines.count == 1
            ? "1 error occurred: \(lines[0])" : "\(lines.count) errors occurred:\n\(lines.joined(separator: "\n"))"
        return failure.isResultInvalid
            ? "test.rego was successfully formatted, but the result is invalid: \(list)"
            : "failed to format Rego source file: \(list)"
    }
}
