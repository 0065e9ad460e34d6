import Foundation
import Writ
import WritTooling

/// Reports of tests for programs.
struct TestFormats {
    let run: TestRun

    // MARK: JSON

    /// OPA's JSON: a list of results.
    func json() -> String {
        guard !run.outcomes.isEmpty else { return "[]\n" }
        return "[\n" + run.outcomes.map { "  " + Self.json($0) }.joined(separator: ",\n") + "\n]\n"
    }

    private static func json(_ outcome: TestOutcome) -> String {
        var members: [String] = []
        if let error = outcome.error {
            var fields = ["\"code\": \(quoted(error.code))", "\"message\": \(quoted(error.message))"]
            if let position = error.position {
                let file = String(decoding: error.file, as: UTF8.self)
                fields.append(
                    "\"location\": {\n        \"file\": \(quoted(file)),\n        \"row\": \(position.row),\n        \"col\": \(position.column)\n      }"
                )
            }
            members.append("\"error\": {\n      " + fields.joined(separator: ",\n      ") + "\n    }")
        }
        let place = outcome.test.position
        members.append(
            "\"location\": {\n      \"file\": \(quoted(outcome.test.file)),\n      \"row\": \(place.row),\n      \"col\": \(place.column)\n    }"
        )
        if let benchmark = outcome.benchmark {
            members.append(
                "\"benchmark_result\": {\n      \"N\": \(benchmark.runs),\n      \"T\": \(benchmark.nanoseconds),\n      \"Bytes\": 0,\n      \"MemAllocs\": 0,\n      \"MemBytes\": 0,\n      \"Extra\": {}\n    }"
            )
        }
        if !outcome.cases.isEmpty { members.append("\"sub_results\": " + json(outcome.cases, indent: 4)) }
        members.append("\"package\": \(quoted(outcome.test.package))")
        members.append("\"name\": \(quoted(outcome.test.name))")
        if !outcome.output.isEmpty {
            let text = outcome.output.map { $0 + "\n" }.joined()
            members.append("\"output\": \"\(Data(text.utf8).base64EncodedString())\"")
        }
        members.append("\"duration\": \(outcome.nanoseconds)")
        if outcome.isFailed { members.append("\"fail\": true") }
        if outcome.isSkipped { members.append("\"skip\": true") }
        return "{\n    " + members.joined(separator: ",\n    ") + "\n  }"
    }

    private static func json(_ cases: [TestCaseOutcome], indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        let entries = cases.map { item -> String in
            var members: [String] = []
            if !item.cases.isEmpty { members.append("\"sub_results\": " + json(item.cases, indent: indent + 4)) }
            if !item.name.isEmpty { members.append("\"name\": \(quoted(item.name))") }
            if item.isFailed { members.append("\"fail\": true") }
            return "\(margin)  \(quoted(item.name)): {\n\(margin)    "
                + members.joined(separator: ",\n\(margin)    ") + "\n\(margin)  }"
        }
        return "{\n" + entries.joined(separator: ",\n") + "\n\(margin)}"
    }

    static func quoted(_ text: String) -> String {
        var buffer = ByteBuffer()
        buffer.appendJSONString(text)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    // MARK: CI

    /// One row for each case, or for a test without any.
    private struct Row {
        var outcome: TestOutcome
        var name: String
        var isFailed: Bool
        var detail: String
    }

    private var rows: [Row] {
        run.outcomes.flatMap { outcome -> [Row] in
            let detail = self.detail(outcome, upTo: nil)
            guard !outcome.cases.isEmpty else {
                return [Row(outcome: outcome, name: outcome.test.name, isFailed: outcome.isFailed, detail: detail)]
            }
            return outcome.leaves.map { leaf in
                Row(
                    outcome: outcome, name: outcome.test.name + "/" + leaf.path.joined(separator: "/"),
                    isFailed: leaf.outcome.isFailed, detail: self.detail(outcome, upTo: leaf.outcome.traceLength))
            }
        }
    }

    /// What a reader wants to know of a failure: the error, or the expression that failed with its values.
    private func detail(_ outcome: TestOutcome, upTo length: Int?) -> String {
        if let error = outcome.error { return TestReport.text(error) }
        guard outcome.isFailed, let nodes = run.nodes else { return "" }
        let trace = Trace(outcome.trace, nodes, query: "\(outcome.test.fullName) = _")
        guard let (place, lines) = FailureExcerpt(trace).text(upTo: length) else { return "" }
        return ([place] + lines).joined(separator: "\n")
    }

    /// The XML that CI systems read test results from.
    func junit() -> String {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        var suites: [(name: String, rows: [Row])] = []
        for row in rows {
            if suites.last?.name == row.outcome.test.package {
                suites[suites.count - 1].rows.append(row)
            } else {
                suites.append((row.outcome.test.package, [row]))
            }
        }
        let escaped = { CoverageReport.escaped($0) }
        for suite in suites {
            let failed = suite.rows.filter { $0.isFailed }.count
            let errors = suite.rows.filter { $0.outcome.error != nil }.count
            let skipped = suite.rows.filter { $0.outcome.isSkipped }.count
            let time = suite.rows.reduce(0) { $0 + Double($1.outcome.nanoseconds) } / 1e9
            text +=
                "  <testsuite name=\"\(escaped(suite.name))\" tests=\"\(suite.rows.count)\" failures=\"\(failed)\" errors=\"\(errors)\" skipped=\"\(skipped)\" time=\"\(Self.seconds(time))\">\n"
            for row in suite.rows {
                let place = row.outcome.test
                text +=
                    "    <testcase classname=\"\(escaped(suite.name))\" name=\"\(escaped(row.name))\" file=\"\(escaped(place.file))\" line=\"\(place.position.row)\" time=\"\(Self.seconds(Double(row.outcome.nanoseconds) / 1e9))\""
                var inner = ""
                if row.outcome.error != nil {
                    inner = "      <error message=\"\(escaped(row.detail))\"></error>\n"
                } else if row.isFailed {
                    inner = "      <failure message=\"the test failed\">\(escaped(row.detail))</failure>\n"
                } else if row.outcome.isSkipped {
                    inner = "      <skipped></skipped>\n"
                }
                if !row.outcome.output.isEmpty {
                    inner +=
                        "      <system-out>\(escaped(row.outcome.output.joined(separator: "\n")))</system-out>\n"
                }
                text += inner.isEmpty ? "></testcase>\n" : ">\n\(inner)    </testcase>\n"
            }
            text += "  </testsuite>\n"
        }
        return text + "</testsuites>\n"
    }

    private static func seconds(_ value: Double) -> String {
        let micros = Int((value * 1e6).rounded())
        let rest = String(micros % 1_000_000)
        return "\(micros / 1_000_000)." + String(repeating: "0", count: max(0, 6 - rest.count)) + rest
    }

    /// Annotations of GitHub's workflows: a command a failure, then the totals.
    func github() -> String {
        var text = ""
        for row in rows where row.isFailed || row.outcome.error != nil {
            let test = row.outcome.test
            let message = row.detail.isEmpty ? "the test failed" : row.detail
            text +=
                "::error file=\(Self.property(test.file)),line=\(test.position.row),title=\(Self.property(test.package + "." + row.name))::\(Self.data(message))\n"
        }
        return text
            + TestReport(run: run).text().split(separator: "\n").suffix(where: { line in
                ["PASS: ", "FAIL: ", "SKIPPED: ", "ERROR: "].contains { line.hasPrefix($0) }
            })
    }

    private static func data(_ text: String) -> String {
        text.replacingOccurrences(of: "%", with: "%25").replacingOccurrences(of: "\r", with: "%0D")
            .replacingOccurrences(of: "\n", with: "%0A")
    }

    private static func property(_ text: String) -> String {
        data(text).replacingOccurrences(of: ":", with: "%3A").replacingOccurrences(of: ",", with: "%2C")
    }

    /// The Test Anything Protocol, version 13.
    func tap() -> String {
        let rows = rows
        var text = "TAP version 13\n1..\(rows.count)\n"
        for (index, row) in rows.enumerated() {
            let name = "\(row.outcome.test.package).\(row.name)".replacingOccurrences(of: "#", with: "\\#")
            let isGood = !row.isFailed && row.outcome.error == nil
            text += "\(isGood ? "ok" : "not ok") \(index + 1) - \(name)"
            text += row.outcome.isSkipped ? " # SKIP\n" : "\n"
            if !isGood {
                let test = row.outcome.test
                text += "  ---\n  at: \(Self.quoted("\(test.file):\(test.position.row)"))\n"
                if !row.detail.isEmpty {
                    text += "  message: |\n"
                    for line in row.detail.split(separator: "\n", omittingEmptySubsequences: false) {
                        text += "    \(line)\n"
                    }
                }
                text += "  ...\n"
            }
        }
        return text
    }
}

extension Array<Substring> {
    /// The last lines that are wanted, each with its line feed.
    fileprivate func suffix(where isWanted: (Substring) -> Bool) -> String {
        reversed().prefix(while: isWanted).reversed().map { $0 + "\n" }.joined()
    }
}
