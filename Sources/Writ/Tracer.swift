import WritPlan
import WritVM

/// What a trace event tells of: a rule, a body or an expression, as OPA writes it.
public struct TracedNode: Sendable {
    public enum Kind: Sendable {
        case rule, body, expression
    }

    public var kind: Kind
    public var text: String
    /// Empty for a query.
    public var file: String
    public var position: Position
    /// Its bytes in the file; empty where nothing is written.
    public var span: Span?
    /// The compiler made the expression.
    public var isGenerated: Bool

    public init(
        kind: Kind, text: String, file: String, position: Position, span: Span? = nil, isGenerated: Bool = false
    ) {
        self.kind = kind
        self.text = text
        self.file = file
        self.position = position
        self.span = span
        self.isGenerated = isGenerated
    }
}

/// One step of an evaluation, as OPA's traces have them.
public struct TracedEvent: Sendable {
    public enum Operation: String, Sendable {
        case enter = "Enter"
        case evaluate = "Eval"
        case exit = "Exit"
        case redo = "Redo"
        case fail = "Fail"
        case note = "Note"
        case testCase = "TestCase"
        /// Which rules of a path are tried.
        case index = "Index"
    }

    public var operation: Operation
    /// Index into `Tracer.nodes`.
    public var node: Int
    /// Queries (rules' and bodies' evaluations) are numbered from 0; all events of one share its number.
    public var query: Int
    public var parent: Int
    /// What `trace` was given; the names of a test's case, one a line; how many rules an index admits; `early` where
    /// the first answer of a rule is the last.
    public var message = ""
    /// The path whose rules an index event tells of; empty for others.
    public var path = ""
    /// The variables of the node that have a value.
    public var locals: [TracedLocal] = []
}

/// A variable, or a term that a step was made of, with its value.
public struct TracedLocal: Sendable {
    /// Empty for a term: its place tells what it is.
    public var name: String
    public var span: Span
    /// As Rego text.
    public var value: String
    /// It was written `_`, or a query's expression gives it.
    public var isWildcard = false
    /// It is the document of rules, known when the event happened, by its path.
    public var isDocument = false
}

/// Watches an evaluator of a policy that was compiled with `CompileOptions.isTraced`.
///
/// Not thread-safe; as the evaluator, one for each thread. Attach it before the evaluation and call `finish` after.
public final class Tracer {
    /// What is kept.
    public enum Detail: Sendable {
        /// Which nodes were evaluated.
        case coverage
        /// How often each was evaluated, and for how long.
        case profile
        /// Every event, in its order.
        case events
        /// With the values of variables.
        case values
    }

    public let detail: Detail
    public private(set) var events: [TracedEvent] = []
    /// Events after which no more are kept.
    public var eventLimit = 2_000_000
    /// For each node whether it was evaluated (expressions) or held (rules).
    public private(set) var hits: [Bool]
    /// For each node how often it was evaluated and taken up again, and its nanoseconds.
    public private(set) var counts: [(evaluations: Int, redos: Int, nanoseconds: Int64)]

    private let machine: Machine
    private let points: [TracePoint]
    private let sources: SourceMap
    private var queryNodes: [TracedNode] = []
    private var frames: [Frame] = []
    private var nextQuery = 0
    /// What an index said last: for the rules that run at a depth of calls, and for a function whose result is used again.
    private var isEarly: [Int: Bool] = [:]
    private var indexed: [Int: TracedEvent] = [:]
    private var active: (node: Int, since: ContinuousClock.Instant)?

    private struct Step {
        var node: Int
        var solutions = 0
        var before: [TracedLocal] = []
        var after: [TracedLocal] = []
        /// Calls that may be asked for another solution once this step is.
        var suspended: [Frame] = []
    }

    private struct Frame {
        var node: Int
        var depth: Int
        var body: Int32
        var query: Int
        var parent: Int
        var isCollected: Bool
        var isEarly = false
        var hasExited = false
        var after: [TracedLocal] = []
        var steps: [Step] = []
    }

    /// Attaches itself to the evaluator.
    public init(_ evaluator: Evaluator, _ detail: Detail) {
        self.detail = detail
        machine = evaluator.machine
        points = evaluator.snapshot.policy.plan.tracePoints
        sources = evaluator.snapshot.policy.sources
        hits = [Bool](repeating: false, count: points.count)
        counts = detail == .profile ? [(Int, Int, Int64)](repeating: (0, 0, 0), count: points.count) : []
        evaluator.tracer = self
        machine.onTrace = { [unowned self] event, id in self.receive(event, Int(id)) }
    }

    // MARK: Nodes

    /// The node of an event.
    public func node(_ index: Int) -> TracedNode {
        guard index < points.count else {
            let extra = index - points.count
            return queryNodes.indices.contains(extra)
                ? queryNodes[extra]
                : TracedNode(
                    kind: .body, text: "", file: "", position: Position(row: 1, column: 1), span: nil,
                    isGenerated: false)
        }
        let point = points[index]
        let span = Span(source: SourceID(point.range.file), start: point.range.start, end: point.range.end)
        let kind: TracedNode.Kind =
            switch point.kind {
            case .rule, .index: .rule
            case .body: .body
            case .expression: .expression
            }
        return TracedNode(
            kind: kind, text: String(decoding: point.text, as: UTF8.self),
            file: String(decoding: sources.file(span.source)?.name ?? [], as: UTF8.self),
            position: sources.position(of: span) ?? Position(row: 1, column: 1), span: span,
            isGenerated: point.isGenerated)
    }

    /// The number of nodes of the policy.
    public var nodeCount: Int { points.count }

    // MARK: The evaluation

    /// Begins a query that is no part of the policy, such as `data.a.b = _`: what is evaluated next answers it.
    public func begin(query text: String) {
        let place = Position(row: 1, column: 1)
        let node = points.count + queryNodes.count
        for kind in [TracedNode.Kind.body, .expression] {
            queryNodes.append(
                TracedNode(kind: kind, text: text, file: "", position: place, span: nil, isGenerated: false))
        }
        push(Frame(node: node, depth: 0, body: -1, query: nextQuery, parent: nextQuery, isCollected: true))
        frames[0].steps.append(Step(node: node + 1))
        emit(.evaluate, node + 1, frames[0])
    }

    /// Ends the trace; `holds` tells whether the query that was begun has an answer.
    public func finish(holds: Bool = true) {
        guard !frames.isEmpty else { return }
        while frames.count > 1 { leave() }
        if let last = frames.popLast() {
            var frame = last
            if frame.body == -1, holds, let step = frame.steps.indices.last {
                frame.steps[step].solutions = 1
                emit(.exit, frame.node, frame)
                emit(.redo, frame.node, frame)
            }
            unwind(frame)
        }
        if detail == .profile { stopClock() }
    }

    /// Adds what another tracer of the same policy covered.
    public func add(hits other: [Bool]) {
        for index in other.indices where other[index] && hits.indices.contains(index) { hits[index] = true }
    }

    /// Forgets everything but what was covered and counted.
    public func reset() {
        events = []
        frames = []
        queryNodes = []
        nextQuery = 0
        active = nil
        isEarly = [:]
        indexed = [:]
    }

    /// A line that the policy gave to `trace`.
    func note(_ text: String) {
        guard detail == .events || detail == .values, let top = frames.last else { return }
        var event = TracedEvent(
            operation: .note, node: top.steps.last?.node ?? top.node, query: top.query, parent: top.parent)
        event.message = text
        append(event)
    }

    private func receive(_ event: WritPlan.TraceEvent, _ id: Int) {
        if event == .call { return reuse(id, machine.callDepth) }
        guard hits.indices.contains(id) else { return }
        if detail == .coverage {
            switch event {
            case .expression: hits[id] = true
            case .exit: if points[id].kind == .rule { hits[id] = true }
            default: break
            }
            return
        }
        let depth = machine.callDepth
        switch event {
        case .enter: enter(id, depth)
        case .expression:
            align(depth, points[id].body)
            guard let top = frames.indices.last else { return }
            frames[top].steps.append(Step(node: id, before: locals(points[id].variables)))
            hits[id] = true
            emit(.evaluate, id, frames[top], locals: frames[top].steps.last?.before ?? [])
        case .done: done(id, depth)
        case .exit:
            align(depth, points[id].body)
            guard let top = frames.indices.last else { return }
            frames[top].after = locals(points[id].after)
            if points[id].kind == .rule { hits[id] = true }
            emit(.exit, id, frames[top], locals: frames[top].after)
            if frames[top].isCollected {
                emit(.redo, id, frames[top], locals: frames[top].after)
            } else {
                frames[top].hasExited = true
            }
        case .testCase:
            align(depth, points[id].body)
            guard detail == .events || detail == .values, let top = frames.last else { return }
            var event = TracedEvent(operation: .testCase, node: id, query: top.query, parent: top.parent)
            var names: [String] = []
            for variable in points[id].variables {
                let value = machine.traced(variable.operand)
                let text = value.isString ? machine.space.bytes(value) : (try? machine.space.json(value)) ?? []
                names.append(String(decoding: text, as: UTF8.self))
            }
            event.message = names.joined(separator: "\n")
            append(event)
        case .index: index(points[id], depth)
        case .redo, .fail, .call: break
        }
    }

    // MARK: The index

    /// The rules of a path are about to be tried.
    private func index(_ point: TracePoint, _ depth: Int) {
        guard detail == .events || detail == .values else { return }
        while let top = frames.last, top.body != -1, top.depth >= depth { leave() }
        var count = Int(point.alwaysAdmitted)
        for variable in point.variables where machine.traced(variable.operand).isDefined { count += 1 }
        let isMixed = point.after.contains { machine.traced($0.operand).isDefined }
        isEarly[depth] = !isMixed
        guard let top = frames.last else { return }
        let step = top.steps.last
        var event = TracedEvent(
            operation: .index, node: step?.node ?? top.node, query: top.query, parent: top.parent)
        event.message = "(matched \(count) rule\(count == 1 ? "" : "s")\(isMixed ? "" : ", early exit"))"
        event.path = String(decoding: point.text, as: UTF8.self)
        event.locals = step?.before ?? []
        append(event)
        indexed[Int(point.function)] = event
    }

    /// A function is about to be called: where its result is known, its rules are not tried again, but OPA's index is
    /// asked again.
    private func reuse(_ function: Int, _ depth: Int) {
        guard detail == .events || detail == .values, machine.remembered(function) != nil,
            var event = indexed[function]
        else { return }
        while let top = frames.last, top.body != -1, top.depth > depth { leave() }
        guard let top = frames.last else { return }
        event.node = top.steps.last?.node ?? top.node
        event.query = top.query
        event.parent = top.parent
        event.locals = top.steps.last?.before ?? []
        append(event)
    }

    private func enter(_ id: Int, _ depth: Int) {
        let point = points[id]
        if point.kind == .rule {
            while let top = frames.last, top.body != -1, top.depth >= depth { leave() }
        } else {
            align(depth, point.outer)
        }
        var frame = Frame(
            node: id, depth: depth, body: Int32(truncatingIfNeeded: id), query: nextQuery,
            parent: frames.last?.query ?? nextQuery, isCollected: point.kind == .body || point.isCollected)
        frame.isEarly = !frame.isCollected && isEarly[depth] == true
        push(frame, locals: locals(point.variables))
    }

    private func push(_ frame: Frame, locals: [TracedLocal] = []) {
        nextQuery += 1
        frames.append(frame)
        emit(.enter, frame.node, frame, locals: locals)
    }

    /// Leaves what is not around the body at hand.
    private func align(_ depth: Int, _ body: Int32) {
        while let top = frames.last, top.body != -1, top.depth > depth || top.depth == depth && top.body != body {
            if frames.count == 1 { return }
            leave()
        }
    }

    private func done(_ id: Int, _ depth: Int) {
        align(depth, points[id].body)
        guard let top = frames.indices.last, let place = frames[top].steps.lastIndex(where: { $0.node == id }) else {
            return
        }
        while frames[top].steps.count > place + 1, let step = frames[top].steps.popLast() {
            unwind(step, of: frames[top])
        }
        if frames[top].steps[place].solutions > 0 {
            emit(.redo, id, frames[top], locals: frames[top].steps[place].after)
        }
        frames[top].steps[place].solutions += 1
        frames[top].steps[place].after = locals(points[id].after)
    }

    // MARK: Backtracking

    /// Leaves the innermost frame: a rule that held waits until its caller is taken up again.
    private func leave() {
        guard let frame = frames.popLast() else { return }
        if !frame.isCollected, frame.hasExited, let top = frames.indices.last, let step = frames[top].steps.indices.last
        {
            frames[top].steps[step].suspended.append(frame)
            return
        }
        unwind(frame)
    }

    private func unwind(_ frame: Frame) {
        if frame.hasExited { emit(.redo, frame.node, frame, locals: frame.after) }
        for step in frame.steps.reversed() { unwind(step, of: frame) }
    }

    private func unwind(_ step: Step, of frame: Frame) {
        let isNegated = points.indices.contains(step.node) && points[step.node].isNegated
        if step.solutions > 0, !isNegated { emit(.redo, step.node, frame, locals: step.after) }
        // Frames nest as deep as calls do, which the machine limits.
        for inner in step.suspended.reversed() { unwind(inner) }
        if step.solutions == 0 { emit(.fail, step.node, frame, locals: step.before) }
    }

    // MARK: Keeping

    private func locals(_ variables: [TracePoint.Variable]) -> [TracedLocal] {
        guard detail == .values, !variables.isEmpty else { return [] }
        var result: [TracedLocal] = []
        for variable in variables {
            let value =
                variable.function < 0
                ? machine.traced(variable.operand) : machine.remembered(Int(variable.function)) ?? .undefined
            guard value.isDefined, let text = try? machine.space.rego(value) else { continue }
            let range = variable.range
            result.append(
                TracedLocal(
                    name: String(decoding: variable.name, as: UTF8.self),
                    span: Span(source: SourceID(range.file), start: range.start, end: range.end),
                    value: String(decoding: text, as: UTF8.self), isWildcard: variable.isWildcard,
                    isDocument: variable.function >= 0))
        }
        return result
    }

    private func emit(
        _ operation: TracedEvent.Operation, _ node: Int, _ frame: Frame, locals: [TracedLocal] = []
    ) {
        if detail == .profile { count(operation, node) }
        guard detail == .events || detail == .values else { return }
        var event = TracedEvent(
            operation: operation, node: node, query: frame.query, parent: frame.parent, locals: locals)
        if operation == .exit, frame.isEarly { event.message = "early" }
        append(event)
    }

    private func append(_ event: TracedEvent) {
        if events.count < eventLimit { events.append(event) }
    }

    private func count(_ operation: TracedEvent.Operation, _ node: Int) {
        guard counts.indices.contains(node), points[node].kind == .expression else { return }
        switch operation {
        case .evaluate: counts[node].evaluations += 1
        case .redo: counts[node].redos += 1
        default: return
        }
        stopClock()
        active = (node, .now)
    }

    private func stopClock() {
        guard let running = active else { return }
        let time = (ContinuousClock.now - running.since).components
        counts[running.node].nanoseconds += time.seconds * 1_000_000_000 + time.attoseconds / 1_000_000_000
        active = nil
    }
}
