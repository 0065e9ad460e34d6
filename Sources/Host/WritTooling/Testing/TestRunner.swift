import Foundation
import Synchronization
import Writ

/// Runs tests: on several threads, with an evaluator each; the outcomes come in the order of the tests.
///
/// Tests run on the plain program. Those whose head goes on behind the name (their cases can only be told from a
/// trace), and those that failed where a trace is wanted, run on a traced one, which is compiled when it is needed.
public struct TestRunner: Sendable {
    public struct Options: Sendable {
        /// Threads; at least 1.
        public var workers = Threads.processorCount
        /// Seconds that a test may take.
        public var timeout = 5.0
        /// Whether tests that fail are traced.
        public var tracesFailures = false
        /// Whether traces have the values of variables.
        public var keepsValues = false
        /// Whether to tell which lines were evaluated.
        public var measuresCoverage = false
        /// Repeats each test for about this many seconds; 0 to run it once.
        public var benchmarkSeconds = 0.0

        public init() {}
    }

    private let workspace: Workspace
    private let catalog: [TestRule]
    private let options: Options
    private let traced: Result<Workspace, ProblemReport>?

    /// Compiles what the tests need. `workspace` is that of `TestCatalog.transform`.
    public init(_ workspace: Workspace, _ tests: [TestRule], _ options: Options) throws(ProblemReport) {
        self.workspace = workspace
        catalog = tests
        self.options = options
        let needsTrace = options.measuresCoverage || tests.contains { $0.hasCases && !$0.isSkipped }
        traced = needsTrace ? .success(try workspace.traced()) : nil
    }

    /// Runs all tests. `progress` is told, on the calling thread's behalf, how many are done.
    public func run(progress: @Sendable (Int) -> Void = { _ in }) throws(ProblemReport) -> TestRun {
        let workers = options.benchmarkSeconds > 0 ? 1 : max(1, min(options.workers, catalog.count / 8 + 1))
        let watchdog = Watchdog(workers: workers, limit: options.timeout)
        defer { watchdog.stop() }
        let shared = SharedOutcomes(catalog.count)
        let next = Atomic<Int>(0)
        let done = Atomic<Int>(0)
        withoutActuallyEscaping(progress) { progress in
            let work: @Sendable (Int) -> Void = { worker in
                var runner = Worker(self, worker, watchdog)
                var outcomes: [(Int, TestOutcome)] = []
                while true {
                    let start = next.add(16, ordering: .relaxed).oldValue
                    guard start < catalog.count else { break }
                    for index in start..<min(start + 16, catalog.count) {
                        outcomes.append((index, runner.run(catalog[index])))
                    }
                    progress(done.add(16, ordering: .relaxed).newValue)
                }
                shared.add(outcomes, runner.hits)
            }
            if workers == 1 { work(0) } else { DispatchQueue.concurrentPerform(iterations: workers, execute: work) }
        }
        var run = shared.take()
        if options.measuresCoverage, case .success(let workspace) = traced {
            run.coverage = CoverageReport(workspace, hits: run.hits)
        }
        if options.tracesFailures, !options.measuresCoverage { try addTraces(&run, watchdog) }
        return run
    }

    /// Runs what failed once more, with a trace.
    private func addTraces(_ run: inout TestRun, _ watchdog: Watchdog) throws(ProblemReport) {
        let failed = run.outcomes.indices.filter { run.outcomes[$0].isFailed && run.outcomes[$0].trace.isEmpty }
        let workspace: Workspace
        if case .success(let known) = traced {
            workspace = known
        } else {
            guard !failed.isEmpty else { return }
            workspace = try self.workspace.traced()
        }
        for index in failed {
            let evaluator = Evaluator(workspace.snapshot)
            evaluator.interrupt = watchdog.flag(0)
            let tracer = Tracer(evaluator, options.keepsValues ? .values : .events)
            watchdog.begin(0)
            let test = run.outcomes[index].test
            tracer.begin(query: "\(test.fullName) = _")
            evaluator.begin()
            let value = try? evaluator.evaluate(workspace.snapshot.target(test.path), input: .undefined)
            tracer.finish(holds: value?.isDefined ?? false)
            watchdog.end(0)
            run.outcomes[index].trace = tracer.events
        }
        run.nodes = TraceNodes(workspace)
    }

    /// What one thread works with.
    private struct Worker {
        let runner: TestRunner
        let number: Int
        let watchdog: Watchdog
        private let output = Output()
        private var plain: Evaluator?
        private var traced: (Evaluator, Tracer)?
        var hits: [Bool] { traced?.1.hits ?? [] }

        final class Output {
            var lines: [String] = []
        }

        init(_ runner: TestRunner, _ number: Int, _ watchdog: Watchdog) {
            self.runner = runner
            self.number = number
            self.watchdog = watchdog
        }

        mutating func run(_ test: TestRule) -> TestOutcome {
            var outcome = TestOutcome(test)
            guard !test.isSkipped else { return outcome }
            let options = runner.options
            if options.benchmarkSeconds > 0 { return benchmark(test) }
            if !test.hasCases, !options.measuresCoverage {
                let evaluator = plain ?? prepared(Evaluator(runner.workspace.snapshot))
                plain = evaluator
                evaluate(&outcome, evaluator, isFailure)
                return outcome
            }
            guard case .success(let workspace) = runner.traced else { return outcome }
            if options.measuresCoverage, !test.hasCases {
                let (evaluator, _) = traced ?? make(workspace, .coverage)
                evaluate(&outcome, evaluator, isFailure)
                return outcome
            }
            // The events of one test tell its cases; what they covered is kept.
            let evaluator = prepared(Evaluator(workspace.snapshot))
            let tracer = Tracer(evaluator, options.keepsValues ? .values : .events)
            tracer.begin(query: "\(test.fullName) = _")
            var cases: [TestCaseOutcome] = []
            var isDefined = false
            evaluate(&outcome, evaluator) { value in
                isDefined = value.isDefined
                cases = TestCaseOutcome.cases(of: value, in: evaluator.space)
                return !isDefined
            }
            tracer.finish(holds: isDefined)
            outcome.cases = cases
            outcome.trace = tracer.events
            noteCases(&outcome)
            if options.measuresCoverage { cover(workspace, tracer.hits) }
            return outcome
        }

        private mutating func make(_ workspace: Workspace, _ detail: Tracer.Detail) -> (Evaluator, Tracer) {
            let evaluator = prepared(Evaluator(workspace.snapshot))
            let made = (evaluator, Tracer(evaluator, detail))
            traced = made
            return made
        }

        private mutating func cover(_ workspace: Workspace, _ hits: [Bool]) {
            let (_, tracer) = traced ?? make(workspace, .coverage)
            tracer.add(hits: hits)
        }

        /// A case that began but is not in the document failed.
        private func noteCases(_ outcome: inout TestOutcome) {
            var path: [String] = []
            for (index, event) in outcome.trace.enumerated() where event.operation == .testCase {
                if !path.isEmpty { _ = TestCaseOutcome.note(path[...], upTo: index, in: &outcome.cases) }
                path = event.message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            }
            if !path.isEmpty {
                _ = TestCaseOutcome.note(path[...], upTo: outcome.trace.count, in: &outcome.cases)
            }
            outcome.cases = TestCaseOutcome.sorted(outcome.cases)
            if outcome.error == nil, outcome.cases.contains(where: { $0.isFailed }) { outcome.isFailed = true }
        }

        private func isFailure(_ value: Value) -> Bool { !Value.identical(value, .true) }

        private func prepared(_ evaluator: Evaluator) -> Evaluator {
            evaluator.interrupt = watchdog.flag(number)
            evaluator.onPrint = { [output] line, _, _ in output.lines.append(line) }
            return evaluator
        }

        private func evaluate(
            _ outcome: inout TestOutcome, _ evaluator: Evaluator, _ fails: (Value) -> Bool
        ) {
            output.lines.removeAll()
            watchdog.begin(number)
            let start = ContinuousClock.now
            do throws(DecisionFailure) {
                evaluator.begin()
                let value = try evaluator.evaluate(
                    evaluator.snapshot.target(outcome.test.path), input: .undefined)
                outcome.isFailed = fails(value)
            } catch {
                outcome.error = error
            }
            let time = (ContinuousClock.now - start).components
            watchdog.end(number)
            outcome.nanoseconds = UInt64(clamping: time.seconds * 1_000_000_000 + time.attoseconds / 1_000_000_000)
            outcome.output = output.lines
        }

        private mutating func benchmark(_ test: TestRule) -> TestOutcome {
            var outcome = TestOutcome(test)
            let evaluator = plain ?? prepared(Evaluator(runner.workspace.snapshot))
            plain = evaluator
            let target = evaluator.snapshot.target(test.path)
            var runs = 1
            while true {
                let before = Benchmark.memoryInUse
                let start = ContinuousClock.now
                do throws(DecisionFailure) {
                    for _ in 0..<runs {
                        evaluator.begin()
                        let value = try evaluator.evaluate(target, input: .undefined)
                        if test.hasCases {
                            let cases = TestCaseOutcome.cases(of: value, in: evaluator.space)
                            outcome.cases = cases
                            outcome.isFailed = value.isUndefined || cases.contains { $0.isFailed }
                        } else {
                            outcome.isFailed = isFailure(value)
                        }
                    }
                } catch {
                    outcome.error = error
                }
                let time = (ContinuousClock.now - start).components
                let spent = UInt64(clamping: time.seconds * 1_000_000_000 + time.attoseconds / 1_000_000_000)
                outcome.nanoseconds += spent
                guard outcome.isPassed else { return outcome }
                let wanted = runner.options.benchmarkSeconds * 1e9
                if Double(spent) >= wanted || runs >= 1_000_000_000 {
                    outcome.benchmark = Benchmark(
                        runs: runs, nanoseconds: spent, growth: Benchmark.memoryInUse - before)
                    return outcome
                }
                // As many as fill the time and a little more, but never more than a hundred times as many.
                let predicted = wanted * 1.2 * Double(runs) / Double(max(spent, 1))
                runs = max(runs + 1, min(runs * 100, Int(min(predicted, 1e9))))
            }
        }
    }
}

/// What came of all tests.
public struct TestRun: Sendable {
    public var outcomes: [TestOutcome] = []
    /// Which nodes of the traced program were covered.
    var hits: [Bool] = []
    public var coverage: CoverageReport?
    public var nodes: TraceNodes?
}

/// Outcomes of several threads.
private final class SharedOutcomes: Sendable {
    private let state: Mutex<(outcomes: [TestOutcome?], hits: [Bool])>

    init(_ count: Int) { state = Mutex(([TestOutcome?](repeating: nil, count: count), [])) }

    func add(_ outcomes: [(Int, TestOutcome)], _ hits: [Bool]) {
        state.withLock { state in
            for (index, outcome) in outcomes { state.outcomes[index] = outcome }
            while state.hits.count < hits.count { state.hits.append(false) }
            for (index, isHit) in hits.enumerated() where isHit { state.hits[index] = true }
        }
    }

    func take() -> TestRun { state.withLock { TestRun(outcomes: $0.outcomes.compactMap { $0 }, hits: $0.hits) } }
}
