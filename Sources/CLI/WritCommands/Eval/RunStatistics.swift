import Writ

/// What several runs of one step took, in OPA's terms.
struct RunStatistics {
    private let runs: Distribution

    /// Nanoseconds.
    init(_ runs: [UInt64]) { self.runs = Distribution(runs) }

    private static func text(_ value: Double) -> String { Distribution.text(value) }

    /// As it stands in the JSON of `eval`.
    func json(indent: Int) -> String {
        var members: [(String, String)] = [
            ("count", String(runs.count)), ("min", Self.text(runs.least)), ("max", Self.text(runs.greatest)),
            ("mean", Self.text(runs.mean)), ("stddev", Self.text(runs.deviation)),
        ]
        members += runs.quantiles.map { ($0.name, Self.text($0.value)) }
        members.sort { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
        let margin = String(repeating: " ", count: indent)
        return "{\n" + members.map { "\(margin)  \"\($0.0)\": \($0.1)" }.joined(separator: ",\n") + "\n\(margin)}"
    }

    static func table(_ steps: [(name: String, runs: [UInt64])]) -> String {
        var table = TextTable(["METRIC", "MIN", "MAX", "MEAN", "90%", "99%"])
        for step in steps {
            let runs = Distribution(step.runs)
            table.add([
                step.name, text(runs.least), text(runs.greatest), text(runs.mean), text(runs.quantile(0.9)),
                text(runs.quantile(0.99)),
            ])
        }
        return table.text()
    }
}
