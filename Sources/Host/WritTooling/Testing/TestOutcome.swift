import Glibc
import Writ

/// What came of one test.
public struct TestOutcome: Sendable {
    public var test: TestRule
    public var nanoseconds: UInt64 = 0
    /// The test did not hold.
    public var isFailed = false
    public var error: DecisionFailure?
    /// What `print` gave, a line each.
    public var output: [String] = []
    /// The cases of a test such as `test_x[note]`, sorted by name.
    public var cases: [TestCaseOutcome] = []
    /// What the evaluation did, where it was traced.
    public var trace: [TracedEvent] = []
    public var benchmark: Benchmark?

    public init(_ test: TestRule) { self.test = test }

    public var isSkipped: Bool { test.isSkipped }
    public var isPassed: Bool { !isFailed && !isSkipped && error == nil }

    /// OPA's word for it.
    public var word: String {
        if isPassed { return "PASS" }
        if isFailed { return "FAIL" }
        return isSkipped ? "SKIPPED" : "ERROR"
    }

    /// The cases without cases of their own, with the names on the way to each.
    public var leaves: [(path: [String], outcome: TestCaseOutcome)] {
        TestCaseOutcome.all(cases).filter { $0.outcome.cases.isEmpty }
    }
}

/// One case of a test.
public struct TestCaseOutcome: Sendable {
    public var name: String
    public var isFailed: Bool
    /// Cases inside it, sorted by name.
    public var cases: [TestCaseOutcome] = []
    /// The events of the test up to the end of this case.
    public var traceLength = 0

    public init(name: String, isFailed: Bool) {
        self.name = name
        self.isFailed = isFailed
    }

    public var word: String { isFailed ? "FAIL" : "PASS" }

    /// All cases, each before those inside it.
    public static func all(
        _ cases: [TestCaseOutcome], below path: [String] = []
    ) -> [(path: [String], outcome: TestCaseOutcome)] {
        var result: [(path: [String], outcome: TestCaseOutcome)] = []
        for item in cases {
            result.append((path + [item.name], item))
            // Cases nest as deep as a rule's head has steps.
            result += all(item.cases, below: path + [item.name])
        }
        return result
    }

    /// The cases that the test's document tells of.
    static func cases(of value: Value, in space: Space) -> [TestCaseOutcome] {
        guard value.isObject else { return [] }
        var result: [TestCaseOutcome] = []
        let entries = space.entries(value)
        for index in 0..<entries.count {
            let inner = entries.values[index]
            var item = TestCaseOutcome(name: name(entries.keys[index], in: space), isFailed: false)
            if inner.isObject {
                item.cases = cases(of: inner, in: space)
                item.isFailed = item.cases.contains { $0.isFailed }
            } else {
                item.isFailed = !Value.identical(inner, .true)
            }
            result.append(item)
        }
        return sorted(result)
    }

    /// A case's name: a string as it is, anything else as JSON.
    static func name(_ key: Value, in space: Space) -> String {
        if key.isString { return String(decoding: space.bytes(key), as: UTF8.self) }
        return String(decoding: (try? space.json(key)) ?? [], as: UTF8.self)
    }

    static func sorted(_ cases: [TestCaseOutcome]) -> [TestCaseOutcome] {
        cases.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Takes note of a case that began: it failed unless the document has it. Gives whether it failed.
    static func note(_ path: ArraySlice<String>, upTo length: Int, in cases: inout [TestCaseOutcome]) -> Bool {
        guard let name = path.first else { return true }
        var index = cases.firstIndex { $0.name == name } ?? -1
        if index < 0 {
            cases.append(TestCaseOutcome(name: name, isFailed: true))
            index = cases.count - 1
        }
        if path.count == 1 {
            cases[index].traceLength = length
            return cases[index].isFailed
        }
        let isFailed = note(path.dropFirst(), upTo: length, in: &cases[index].cases)
        cases[index].cases = sorted(cases[index].cases)
        if isFailed { cases[index].isFailed = true }
        return isFailed
    }
}

/// Repeated runs of one test or query.
public struct Benchmark: Sendable {
    public var runs: Int
    public var nanoseconds: UInt64
    /// By how many bytes the process's memory grew meanwhile, for whatever reason; less than nothing where it shrank.
    public var growth: Int

    public init(runs: Int, nanoseconds: UInt64, growth: Int = 0) {
        self.runs = runs
        self.nanoseconds = nanoseconds
        self.growth = growth
    }

    /// Nanoseconds a run.
    public var average: Double { runs > 0 ? Double(nanoseconds) / Double(runs) : 0 }

    /// Bytes of memory of the process that are not the program's own file, by the kernel's count of pages.
    public static var memoryInUse: Int {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = read(file, &text, text.count)
        let pages = String(decoding: text.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        // All that is resident, and what of it is shared with files.
        guard pages.count > 2, let all = Int(pages[1]), let shared = Int(pages[2]) else { return 0 }
        return (all - shared) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
