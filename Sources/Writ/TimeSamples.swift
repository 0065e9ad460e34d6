/// Runs of one step by the time that they took, in the terms of OPA's metrics.
public struct Distribution: Sendable {
    private let sorted: [Double]

    /// Nanoseconds.
    public init(_ runs: [UInt64]) { sorted = runs.map { Double($0) }.sorted() }

    private static let names: [(name: String, at: Double)] = [
        ("median", 0.5), ("75%", 0.75), ("90%", 0.9), ("95%", 0.95), ("99%", 0.99), ("99.9%", 0.999),
        ("99.99%", 0.9999),
    ]

    public var count: Int { sorted.count }
    public var least: Double { sorted.first ?? 0 }
    public var greatest: Double { sorted.last ?? 0 }
    public var mean: Double { sorted.isEmpty ? 0 : sorted.reduce(0, +) / Double(sorted.count) }

    /// The standard deviation of these runs.
    public var deviation: Double {
        guard !sorted.isEmpty else { return 0 }
        let mean = mean
        return (sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sorted.count)).squareRoot()
    }

    /// The value that a part of the runs does not exceed: between the two nearest runs where none stands there.
    public func quantile(_ at: Double) -> Double {
        guard let first = sorted.first, let last = sorted.last else { return 0 }
        let position = at * Double(sorted.count + 1)
        if position < 1 { return first }
        if position >= Double(sorted.count) { return last }
        let index = Int(position)
        return sorted[index - 1] + (position - Double(index)) * (sorted[index] - sorted[index - 1])
    }

    /// The values that so many of the runs do not exceed, by OPA's names.
    public var quantiles: [(name: String, value: Double)] { Self.names.map { ($0.name, quantile($0.at)) } }

    /// A figure as it stands in JSON.
    public static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 9e15 ? String(Int64(value)) : String(value)
    }
}

/// What single runs took: counted whole, kept in part, so that many runs need no more memory than some.
///
/// Of more runs than are kept each has the same chance to be among them (Vitter's algorithm R). Count, least, greatest and
/// mean are those of all runs; the rest is told from the runs that were kept.
public struct TimeSamples: Sendable {
    private static let limit = 4096
    public private(set) var count = 0
    private var kept: [UInt64] = []
    private var least = UInt64.max
    private var greatest: UInt64 = 0
    private var sum = 0.0
    private var random = SystemRandomNumberGenerator()

    public init() {}

    /// Takes note of one run's nanoseconds.
    public mutating func add(_ nanoseconds: UInt64) {
        count += 1
        least = min(least, nanoseconds)
        greatest = max(greatest, nanoseconds)
        sum += Double(nanoseconds)
        if kept.count < Self.limit {
            kept.append(nanoseconds)
        } else {
            let place = Int.random(in: 0..<count, using: &random)
            if place < Self.limit { kept[place] = nanoseconds }
        }
    }

    /// The figures in OPA's terms, by their names' order.
    public var figures: [(name: String, value: Double)] {
        guard count > 0 else { return [] }
        let distribution = Distribution(kept)
        return
            (distribution.quantiles + [
                ("count", Double(count)), ("min", Double(least)), ("max", Double(greatest)),
                ("mean", sum / Double(count)), ("stddev", distribution.deviation),
            ]).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}
