/// What single runs took: counted whole, kept in part, so that a long benchmark needs no more memory than a short one.
///
/// Of more runs than are kept each has the same chance to be among them (Vitter's algorithm R). Count, least, greatest and
/// mean are those of all runs; the rest is told from the runs that were kept.
struct Samples {
    private static let limit = 4096
    private(set) var count = 0
    private var kept: [UInt64] = []
    private var least = UInt64.max
    private var greatest: UInt64 = 0
    private var sum = 0.0
    private var random = SystemRandomNumberGenerator()

    /// Takes note of one run's nanoseconds.
    mutating func add(_ nanoseconds: UInt64) {
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
    var figures: [(name: String, value: Double)] {
        guard count > 0 else { return [] }
        return
            (RunStatistics(kept).quantiles + [
                ("count", Double(count)), ("min", Double(least)), ("max", Double(greatest)),
                ("mean", sum / Double(count)),
                ("stddev", RunStatistics(kept).deviation),
            ]).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

/// What the steps of the runs of one measurement took, where that is asked for.
struct Steps {
    let isMeasured: Bool
    private(set) var samples: [(name: String, samples: Samples)] = []
    /// Nanoseconds of all runs, without the time that taking notes takes.
    private(set) var spent: UInt64 = 0

    init(isMeasured: Bool) { self.isMeasured = isMeasured }

    /// The time by the clock, where it is needed.
    func start() -> UInt64 { isMeasured ? Measurements.now() : 0 }

    /// Ends a step that began at a time; the next one may begin at the time that it gives.
    @discardableResult mutating func end(_ name: String, from start: UInt64) -> UInt64 {
        guard isMeasured else { return 0 }
        let nanoseconds = Measurements.now() &- start
        spent &+= nanoseconds
        add(name, nanoseconds)
        return Measurements.now()
    }

    /// Takes note of a run whose steps were measured elsewhere.
    mutating func add(_ metrics: [(name: String, value: UInt64)], spent nanoseconds: UInt64) {
        spent &+= nanoseconds
        for metric in metrics { add(metric.name, metric.value) }
    }

    private mutating func add(_ name: String, _ value: UInt64) {
        if let place = samples.firstIndex(where: { $0.name == name }) {
            samples[place].samples.add(value)
        } else {
            var first = Samples()
            first.add(value)
            samples.append((name, first))
        }
    }
}
