import WritPlan
import WritVM

/// A figure of what an evaluation's steps took, by OPA's name for it.
public struct StepFigure: Sendable {
    public enum Value: Sendable {
        /// How often something happened.
        case count(UInt64)
        /// Nanoseconds of all steps of a kind together.
        case nanoseconds(UInt64)
        /// How the nanoseconds of single steps are distributed.
        case histogram([(name: String, value: Double)])
    }

    public var name: StaticString
    public var value: Value

    /// As it stands in JSON.
    public var json: String {
        switch value {
        case .count(let count), .nanoseconds(let count): return String(count)
        case .histogram(let figures):
            let members = figures.map { "\"\($0.name)\":\(Distribution.text($0.value))" }
            return "{" + members.joined(separator: ",") + "}"
        }
    }
}

/// Counts and times the steps of an evaluator whose policy is a measured one (`Policy.measured`), for `instrument`.
///
/// Steps are Writ's own, by the names of those of OPA's evaluator that they stand for. Reading the clock is part of what
/// is measured: a few dozen nanoseconds a step. Not thread-safe; as the evaluator, one for each thread.
public final class StepMeter {
    private let machine: Machine
    private let clock = ContinuousClock()
    private var samples: [TimeSamples]
    private var nanoseconds: [UInt64]
    /// Steps under way, the innermost last.
    private var open: [(step: MeasuredStep, depth: Int, start: ContinuousClock.Instant)] = []
    /// Nanoseconds of references that are followed in part, by depth and register.
    private var partial: [Place: UInt64] = [:]
    /// The paths of look-ups under way whose place was not known before.
    private var lookups: [[[UInt8]]] = []
    /// Paths of base data that led to something.
    private var known: Set<[UInt8]> = []
    private static let knownLimit = 100_000
    private var baseHits: UInt64 = 0
    private var baseMisses: UInt64 = 0
    private var virtualHits: UInt64 = 0
    private var virtualMisses: UInt64 = 0
    private var comprehensions: UInt64 = 0

    private struct Place: Hashable {
        var depth: Int
        var register: Int32
    }

    /// Attaches itself to the evaluator.
    public init(_ evaluator: Evaluator) {
        machine = evaluator.machine
        samples = MeasuredStep.allCases.map { _ in TimeSamples() }
        nanoseconds = MeasuredStep.allCases.map { _ in 0 }
        evaluator.meter = self
        machine.onMeasure = { [unowned self] event, id in self.receive(event, id) }
    }

    /// Forgets where the evaluation stood: before another one. What was counted stays.
    public func begin() {
        open.removeAll(keepingCapacity: true)
        lookups.removeAll(keepingCapacity: true)
        partial.removeAll(keepingCapacity: true)
        known.removeAll(keepingCapacity: true)
    }

    /// What was counted and measured, in the order of the names. What never happened is left out.
    public var figures: [StepFigure] {
        var figures: [StepFigure] = []
        func add(_ name: StaticString, count: UInt64) {
            if count > 0 { figures.append(StepFigure(name: name, value: .count(count))) }
        }
        func add(_ name: StaticString, histogram step: MeasuredStep) {
            let samples = samples[Int(step.rawValue)]
            if samples.count > 0 { figures.append(StepFigure(name: name, value: .histogram(samples.figures))) }
        }
        func add(_ name: StaticString, time step: MeasuredStep) {
            guard samples[Int(step.rawValue)].count > 0 else { return }
            figures.append(StepFigure(name: name, value: .nanoseconds(nanoseconds[Int(step.rawValue)])))
        }
        add("counter_eval_op_base_cache_hit", count: baseHits)
        add("counter_eval_op_base_cache_miss", count: baseMisses)
        // Comprehensions are computed each time: none is kept for the next.
        add("counter_eval_op_comprehension_cache_miss", count: comprehensions)
        add("counter_eval_op_comprehension_cache_skip", count: comprehensions)
        add("counter_eval_op_virtual_cache_hit", count: virtualHits)
        add("counter_eval_op_virtual_cache_miss", count: virtualMisses)
        add("histogram_eval_op_builtin_call", histogram: .builtinCall)
        add("histogram_eval_op_plug", histogram: .plug)
        add("histogram_eval_op_resolve", histogram: .resolve)
        add("histogram_eval_op_rule_index", histogram: .ruleIndex)
        add("timer_eval_op_builtin_call_ns", time: .builtinCall)
        add("timer_eval_op_plug_ns", time: .plug)
        add("timer_eval_op_resolve_ns", time: .resolve)
        add("timer_eval_op_rule_index_ns", time: .ruleIndex)
        return figures
    }

    // MARK: Steps

    /// Measures a step that is taken outside of the machine.
    func measure<Result>(_ step: MeasuredStep, _ body: () -> Result) -> Result {
        begin(step, 0)
        defer { end(at: 0) }
        return body()
    }

    private func receive(_ event: MeasuredEvent, _ id: Int32) {
        let depth = machine.callDepth
        switch event {
        case .begin: if let step = MeasuredStep(rawValue: id) { begin(step, depth) }
        case .end: end(at: depth)
        case .endPart: if let (_, time) = close(at: depth) { partial[Place(depth: depth, register: id)] = time }
        case .endReference:
            guard let (step, time) = close(at: depth) else { return }
            record(step, time &+ (partial.removeValue(forKey: Place(depth: depth, register: id)) ?? 0))
        case .call: call(Int(id), depth)
        case .document: look(id, depth)
        case .back: back(depth, found: id == 0)
        case .chosen:
            if id == 0 { virtualMisses &+= 1 }
            // It was called from the depth above; a mock of a builtin is timed as the builtin.
            if let top = open.last, top.step == .ruleIndex, top.depth == depth &- 1 { end(at: depth &- 1) }
        case .read: read(machine.measuredPath(id))
        case .lack: baseMisses &+= 1
        case .element: baseHits &+= 1
        case .comprehension: comprehensions &+= 1
        }
    }

    private func begin(_ step: MeasuredStep, _ depth: Int) { open.append((step, depth, clock.now)) }

    /// Ends the step that began last at a depth.
    private func end(at depth: Int) {
        if let (step, time) = close(at: depth) { record(step, time) }
    }

    private func record(_ step: MeasuredStep, _ time: UInt64) {
        samples[Int(step.rawValue)].add(time)
        nanoseconds[Int(step.rawValue)] &+= time
    }

    private func close(at depth: Int) -> (MeasuredStep, UInt64)? {
        let now = clock.now
        while let last = open.popLast() {
            // What a fault has cut off has no end of its own.
            if last.depth > depth { continue }
            guard last.depth == depth else {
                open.append(last)
                return nil
            }
            let (seconds, attoseconds) = last.start.duration(to: now).components
            return (last.step, UInt64(clamping: seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000))
        }
        return nil
    }

    private func call(_ function: Int, _ depth: Int) {
        if machine.remembered(function) != nil { virtualHits &+= 1 }
        begin(.ruleIndex, depth)
    }

    /// A cursor's step: to a rule, as a call, or into base data.
    private func look(_ id: Int32, _ depth: Int) {
        switch machine.foreseen(id) {
        case .rule(let function): call(function, depth)
        case .base(let path):
            lookups.append(path)
            begin(.resolve, depth)
        case .nothing: break
        }
    }

    /// A call or a look-up has its answer: where its rules were tried, finding them is over already.
    private func back(_ depth: Int, found: Bool) {
        guard let top = open.last, top.depth == depth, top.step == .ruleIndex || top.step == .resolve else { return }
        end(at: depth)
        guard top.step == .resolve, let lookup = lookups.popLast() else { return }
        if found { read(lookup) } else { baseMisses &+= 1 }
    }

    // MARK: Base data

    private func read(_ path: [[UInt8]]) {
        var text: [UInt8] = []
        // What lies in a document that was looked up before was looked up with it.
        var isKnown = known.contains(text)
        for step in path where !isKnown {
            text += step
            text.append(0)
            isKnown = known.contains(text)
        }
        if isKnown {
            baseHits &+= 1
        } else {
            baseMisses &+= 1
            if known.count < Self.knownLimit { known.insert(text) }
        }
    }
}
