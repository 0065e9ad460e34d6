import Writ
import WritTooling

/// What one measurement gave.
struct BenchResult {
    var benchmark: Benchmark
    var showsMemory: Bool
    /// What the steps of a run took, by the names of OPA's metrics.
    var steps: [(name: String, samples: TimeSamples)]

    private var further: [(name: String, value: Double)] {
        steps.flatMap { step in step.samples.figures.map { ("histogram_\(step.name)_\($0.name)", $0.value) } }
            .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    }

    /// As the formats `json`, `gobench` and `pretty` print it, without the last line's end.
    func text(_ format: String) -> String {
        switch format {
        case "json": return json
        case "gobench":
            let figures = further.map { "\t\(BenchmarkText.number($0.value)) \($0.name)" }.joined()
            return "BenchmarkOPAEval\t" + BenchmarkText.line(benchmark, memory: showsMemory) + figures
        default:
            var table = TextTable(columns: 2, numbersInLast: true)
            table.add(["samples", String(benchmark.runs)])
            table.add(["ns/op", trimmed(BenchmarkText.number(benchmark.average))])
            if showsMemory { table.add(["B/op", String(max(0, benchmark.growth) / max(1, benchmark.runs))]) }
            for figure in further { table.add([figure.name, trimmed(BenchmarkText.number(figure.value))]) }
            return String(table.text().dropLast())
        }
    }

    private var json: String {
        var members = ["\"N\": \(benchmark.runs)", "\"T\": \(benchmark.nanoseconds)", "\"Bytes\": 0"]
        if showsMemory { members.append("\"MemBytes\": \(max(0, benchmark.growth))") }
        let figures = further.map { "    \"\($0.name)\": \(Distribution.text($0.value))" }
        members.append("\"Extra\": " + (figures.isEmpty ? "{}" : "{\n\(figures.joined(separator: ",\n"))\n  }"))
        return "{\n" + members.map { "  " + $0 }.joined(separator: ",\n") + "\n}"
    }

    private func trimmed(_ text: String) -> String { String(text.drop { $0 == " " }) }
}
