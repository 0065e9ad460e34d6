/// What several runs of one step took, in OPA's terms.
struct RunStatistics {
    private let sorted: [Double]

    /// Nanoseconds.
    init(_ runs: [UInt64]) { sorted = runs.map { Double($0) }.sorted() }

    private static let names: [(name: String, at: Double)] = [
        ("median", 0.5), ("75%", 0.75), ("90%", 0.9), ("95%", 0.95), ("99%", 0.99), ("99.9%", 0.999),
        ("99.99%", 0.9999),
    ]

    private var mean: Double { sorted.isEmpty ? 0 : sorted.reduce(0, +) / Double(sorted.count) }

    var deviation: Double {
        guard !sorted.isEmpty else { return 0 }
        let mean = mean
        return (sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sorted.count)).squareRoot()
    }

    /// Between the two nearest runs where none stands there.
    private func quantile(_ at: Double) -> Double {
        guard let first = sorted.first, let last = sorted.last else { return 0 }
        let position = at * Double(sorted.count + 1)
        if position < 1 { return first }
        if position >= Double(sorted.count) { return last }
        let index = Int(position)
        return sorted[index - 1] + (position - Double(index)) * (sorted[index] - sorted[index - 1])
    }

    static func text(_ value: Double) -> String {
        value == value.rounded() ? String(Int64(value)) : String(value)
    }

    /// The values that so many of the runs do not exceed.
    var quantiles: [(name: String, value: Double)] { Self.names.map { ($0.name, quantile($0.at)) } }

    /// As it stands in the JSON of `eval`.
    func json(indent: Int) -> String {
        var members: [(String, String)] = [
            ("count", String(sorted.count)), ("min", Self.text(sorted.first ?? 0)),
            ("max", Self.text(sorted.last ?? 0)), ("mean", Self.text(mean)), ("stddev", Self.text(deviation)),
        ]
        members += quantiles.map { ($0.name, Self.text($0.value)) }
        members.sort { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
        let margin = String(repeating: " ", count: indent)
        return "{\n" + members.map { "\(margin)  \"\($0.0)\": \($0.1)" }.joined(separator: ",\n") + "\n\(margin)}"
    }

    static func table(_ steps: [(name: String, runs: [UInt64])]) -> String {
        var table = TextTable(["METRIC", "MIN", "MAX", "MEAN", "90%", "99%"])
        for step in steps {
            let runs = RunStatistics(step.runs)
            table.add([
                step.name, text(runs.sorted.first ?? 0), text(runs.sorted.last ?? 0), text(runs.mean),
                text(runs.quantile(0.9)), text(runs.quantile(0.99)),
            ])
        }
        return table.text()
    }
}
