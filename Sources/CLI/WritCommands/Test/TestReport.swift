import Writ
import WritTooling

/// OPA's report of tests for people.
struct TestReport {
    var run: TestRun
    var isVerbose = false
    /// Shows the expression at which a test failed, with the values of what stands in it.
    var showsExpressions = false
    var mode: ExplainMode?
    var terminal = Terminal()
    /// Benchmarks in Go's format.
    var isGoFormat = false
    var showsMemory = false

    private static let rule = String(repeating: "-", count: 80)

    func text() -> String {
        guard !run.outcomes.isEmpty else { return "" }
        var text = ""
        let failures = run.outcomes.filter { $0.isFailed }
        if !failures.isEmpty, isVerbose || showsExpressions {
            text += "FAILURES\n\(Self.rule)\n"
            for outcome in failures { text += failure(outcome) }
            text += "SUMMARY\n\(Self.rule)\n"
        }
        let summary = self.summary()
        text += summary
        if !summary.isEmpty { text += Self.rule + "\n" }
        return text + totals()
    }

    // MARK: Failures

    private func failure(_ outcome: TestOutcome) -> String {
        var text = head(outcome) + "\n"
        let trace = run.nodes.map { Trace(outcome.trace, $0, query: "\(outcome.test.fullName) = _") }
        if isVerbose {
            text += "\n"
            if let trace { text += table(trace) }
        }
        if outcome.cases.isEmpty {
            if showsExpressions, let trace { text += "\n" + excerpt(trace, upTo: nil, indent: "  ") + "\n" }
            return text + "\n"
        }
        text += "\n"
        for leaf in outcome.leaves where leaf.outcome.isFailed {
            for (depth, name) in leaf.path.enumerated() {
                text += String(repeating: "  ", count: depth + 1) + "\(name): \(leaf.outcome.word)\n"
            }
            if showsExpressions, let trace {
                let indent = String(repeating: "  ", count: leaf.path.count + 1)
                text += indent + "\n" + excerpt(trace, upTo: leaf.outcome.traceLength, indent: indent + "  ")
                text += indent + "\n"
            }
        }
        return text + "\n"
    }

    private func table(_ trace: Trace) -> String {
        let events: [TracedEvent]
        if let mode {
            events = trace.events(mode)
        } else {
            events = trace.lineage { $0.operation == .fail || $0.operation == .note }
        }
        var table = TraceTable(trace)
        table.indent = "  "
        table.showsVariables = showsExpressions
        return table.text(events)
    }

    private func excerpt(_ trace: Trace, upTo length: Int?, indent: String) -> String {
        guard let (place, lines) = FailureExcerpt(trace).text(upTo: length) else { return "" }
        var text = indent + place + "\n"
        for (index, line) in lines.enumerated() {
            text += indent + "  " + line + (index < lines.count - 1 ? "\n" : "")
        }
        return text
    }

    // MARK: Summary

    private func summary() -> String {
        var text = ""
        var file: String?
        for outcome in run.outcomes {
            if outcome.isPassed, let benchmark = outcome.benchmark {
                text += benchmarkLine(outcome, benchmark)
                continue
            }
            guard isVerbose || !outcome.isPassed else { continue }
            if file != outcome.test.file {
                if file != nil { text += "\n" }
                text += "\(outcome.test.file):\n"
                file = outcome.test.file
            }
            text += head(outcome) + "\n"
            for (path, item) in TestCaseOutcome.all(outcome.cases) where item.isFailed || isVerbose {
                text += String(repeating: "  ", count: path.count) + "\(item.name): \(colored(item.word))\n"
            }
            if !outcome.output.isEmpty {
                text += "\n"
                for line in outcome.output { text += "  \(line)\n" }
                text += "\n"
            }
            if let error = outcome.error { text += "  \(Self.text(error))\n" }
        }
        return text
    }

    static func text(_ error: DecisionFailure) -> String {
        let place = error.position.map { "\(String(decoding: error.file, as: UTF8.self)):\($0.row): " } ?? ""
        return "\(place)\(error.code): \(error.message)"
    }

    private func head(_ outcome: TestOutcome) -> String {
        let name = "\(outcome.test.fullName): \(colored(outcome.word))"
        return outcome.isSkipped ? name : "\(name) (\(GoDuration.text(nanoseconds: outcome.nanoseconds)))"
    }

    private func colored(_ word: String) -> String {
        switch word {
        case "PASS": terminal.colored(word, .green)
        case "SKIPPED": terminal.colored(word, .yellow)
        default: terminal.colored(word, .red)
        }
    }

    private func totals() -> String {
        var passed = 0
        var failed = 0
        var skipped = 0
        var errors = 0
        for outcome in run.outcomes {
            if outcome.isSkipped {
                skipped += 1
            } else if outcome.error != nil {
                errors += 1
            } else if !outcome.cases.isEmpty {
                for leaf in outcome.leaves {
                    if leaf.outcome.isFailed { failed += 1 } else { passed += 1 }
                }
            } else if outcome.isFailed {
                failed += 1
            } else {
                passed += 1
            }
        }
        let total = passed + failed + skipped + errors
        var text = ""
        if passed > 0 { text += "\(colored("PASS")): \(passed)/\(total)\n" }
        if failed > 0 { text += "\(colored("FAIL")): \(failed)/\(total)\n" }
        if skipped > 0 { text += "\(colored("SKIPPED")): \(skipped)/\(total)\n" }
        if errors > 0 { text += "\(colored("ERROR")): \(errors)/\(total)\n" }
        return text
    }

    // MARK: Benchmarks

    private func benchmarkLine(_ outcome: TestOutcome, _ benchmark: Benchmark) -> String {
        var name = outcome.test.fullName
        if isGoFormat {
            let words = name.split { $0 == "." || $0 == "_" }
            name = "Benchmark" + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        }
        return "\(name)\t\(BenchmarkText.line(benchmark, memory: showsMemory))\n"
    }
}

/// Measurements in the words of Go's benchmarks.
enum BenchmarkText {
    /// With what the process's memory grew by for each run, where that is asked for. How often memory was taken is not
    /// counted.
    static func line(_ benchmark: Benchmark, memory: Bool = false) -> String {
        var text = padded(String(benchmark.runs), 8) + "\t" + number(benchmark.average) + " ns/op"
        if memory { text += "\t" + padded(String(max(0, benchmark.growth) / max(1, benchmark.runs)), 8) + " B/op" }
        return text
    }

    /// A number with three digits or more that tell something, its point always in the same column.
    static func number(_ value: Double) -> String {
        let digits = value == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3
        var scaled = value
        for _ in 0..<digits { scaled *= 10 }
        var text = String(Int(scaled.rounded()))
        if digits > 0 {
            text = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
            text.insert(".", at: text.index(text.endIndex, offsetBy: -digits))
        }
        return padded(text, digits == 0 ? 10 : 11 + digits)
    }

    static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }
}
