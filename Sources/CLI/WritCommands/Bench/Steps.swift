import Writ

/// What the steps of the runs of one measurement took, where that is asked for.
struct Steps {
    let isMeasured: Bool
    private(set) var samples: [(name: String, samples: TimeSamples)] = []
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
            var first = TimeSamples()
            first.add(value)
            samples.append((name, first))
        }
    }
}
