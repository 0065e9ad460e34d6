import Writ

/// A coverage report in the formats that people and tools read.
extension CoverageReport {
    /// OPA's JSON, without a line feed at its end; lines behind the first are `indent` deep.
    public func json(indent: Int = 0) -> [UInt8] {
        var members: [String] = []
        let entries = files.map { Self.json($0) }
        members.append(
            entries.isEmpty ? "  \"files\": {}" : "  \"files\": {\n" + entries.joined(separator: ",\n") + "\n  }")
        members.append("  \"covered_lines\": \(coveredLines)")
        members.append("  \"not_covered_lines\": \(notCoveredLines)")
        members.append("  \"coverage\": \(Self.number(coverage))")
        var output = ByteBuffer()
        output.appendIndented(Array(("{\n" + members.joined(separator: ",\n") + "\n}").utf8), by: indent)
        return output.bytes
    }

    private static func json(_ file: File) -> String {
        var name = ByteBuffer()
        name.appendJSONString(file.name)
        var members: [String] = []
        for (key, list) in [("covered", file.covered), ("not_covered", file.notCovered)] where !list.isEmpty {
            let ranges = list.map { range in
                "        {\n          \"start\": {\n            \"row\": \(range.first)\n          },\n"
                    + "          \"end\": {\n            \"row\": \(range.last)\n          }\n        }"
            }
            members.append("      \"\(key)\": [\n" + ranges.joined(separator: ",\n") + "\n      ]")
        }
        if file.coveredLines > 0 { members.append("      \"covered_lines\": \(file.coveredLines)") }
        if file.notCoveredLines > 0 { members.append("      \"not_covered_lines\": \(file.notCoveredLines)") }
        if file.coverage > 0 { members.append("      \"coverage\": \(number(file.coverage))") }
        let head = "    " + String(decoding: name.bytes, as: UTF8.self) + ": "
        return members.isEmpty ? head + "{}" : head + "{\n" + members.joined(separator: ",\n") + "\n    }"
    }

    /// A number as Go's JSON has it.
    static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }

    /// Two digits behind the point.
    public static func hundredths(_ value: Double) -> String {
        let scaled = Int((value * 100).rounded(.toNearestOrEven))
        let rest = scaled % 100
        return "\(scaled / 100)." + (rest < 10 ? "0\(rest)" : "\(rest)")
    }

    /// A line a file, with the lines that were missed.
    public func pretty() -> [UInt8] {
        let width = (files.map { $0.name.unicodeScalars.count } + [5]).max() ?? 5
        func row(_ name: String, _ coverage: Double, _ missed: String) -> String {
            let percent = Self.hundredths(coverage) + "%"
            let gap = String(repeating: " ", count: max(0, width - name.unicodeScalars.count))
            let lead = String(repeating: " ", count: max(0, 9 - percent.count))
            return name + gap + lead + percent + (missed.isEmpty ? "" : "  missed: " + missed) + "\n"
        }
        var text = ""
        for file in files {
            let missed = file.notCovered.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }
            text += row(file.name, file.coverage, missed.joined(separator: ", "))
        }
        return Array((text + row("total", coverage, "")).utf8)
    }

    /// The `lcov` tracefile format, which CI systems read.
    public func lcov() -> [UInt8] {
        var text = ""
        for file in files {
            text += "TN:\nSF:\(file.name)\n"
            var lines: [(row: Int, hits: Int)] = []
            for range in file.covered { lines += (range.first...range.last).map { ($0, 1) } }
            for range in file.notCovered { lines += (range.first...range.last).map { ($0, 0) } }
            lines.sort { $0.row < $1.row }
            for line in lines { text += "DA:\(line.row),\(line.hits)\n" }
            text += "LF:\(lines.count)\nLH:\(file.coveredLines)\nend_of_record\n"
        }
        return Array(text.utf8)
    }

    /// One page with every file, its lines coloured.
    public func html(_ sources: [PolicyFile]) -> [UInt8] {
        var body = "<h1>Coverage: \(Self.hundredths(coverage))%</h1>\n"
        for report in files {
            body += "<h2>\(Self.escaped(report.name)): \(Self.hundredths(report.coverage))%</h2>\n<pre>\n"
            guard let file = sources.first(where: { $0.name == Array(report.name.utf8) }) else { continue }
            let source = SourceFile(name: file.name, text: file.text)
            for row in 1...max(1, source.lineStarts.count) {
                let line = Self.escaped(String(decoding: source.line(row: row), as: UTF8.self))
                var kind = ""
                if report.covered.contains(where: { $0.first <= row && row <= $0.last }) { kind = "hit" }
                if report.notCovered.contains(where: { $0.first <= row && row <= $0.last }) { kind = "miss" }
                let number = String(repeating: " ", count: max(0, 5 - String(row).count)) + String(row)
                body += "<span class=\"\(kind)\">\(number)  \(line)</span>\n"
            }
            body += "</pre>\n"
        }
        return Array(
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>Coverage</title>
            <style>
            body { font-family: sans-serif; margin: 2em; }
            pre { border: 1px solid #ccc; padding: 0.5em; }
            .hit { background: #dfd; }
            .miss { background: #fdd; }
            </style>
            </head>
            <body>
            \(body)</body>
            </html>

            """.utf8)
    }

    /// A text inside HTML and XML.
    public static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
