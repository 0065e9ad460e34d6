import Glibc
import Writ
import WritJournal

/// Logs the decisions of one event loop. Not thread-safe.
public final class DecisionRecorder {
    private let log: DecisionLog
    private var output = ByteBuffer()
    /// What answers for dropping and masking, in the snapshot that they were looked up in.
    private var targets: Targets?
    private var random = RandomBytes()

    private final class Targets {
        let snapshot: Snapshot
        let drop: DecisionTarget
        let mask: DecisionTarget
        /// Whether there is anything to ask: rules, or base data in their place, which stays as long as the snapshot.
        var asksDrop = true
        var asksMask = true

        init(_ snapshot: Snapshot, drop: DecisionTarget, mask: DecisionTarget) {
            self.snapshot = snapshot
            self.drop = drop
            self.mask = mask
        }
    }

    /// Memory that is kept for the next event.
    private static let keptOutput = 1 << 20

    init(_ log: DecisionLog) { self.log = log }

    /// The headers that are logged, as configured.
    public var headers: [String] { log.settings.headers }

    /// A new identifier of a decision, of 36 characters.
    public func identifier() -> [UInt8] { random.identifier() }

    /// Nanoseconds since 1970, for the event's time.
    public static func now() -> Int64 { Timestamp.now() }

    /// Before a decision is evaluated: has what builtins give recorded, if that is logged. The result belongs to the
    /// decision's facts.
    public func begin(_ evaluator: Evaluator) -> BuiltinResults? {
        log.settings.keepsNondeterministicResults ? BuiltinResults(of: evaluator) : nil
    }

    /// After a decision, before its answer is sent: logs it, unless the policy says otherwise. The evaluator still has
    /// the decision's values.
    ///
    /// Throws where the decision must not be given, because its event found no room.
    public func record(
        _ facts: DecisionFacts, id: [UInt8], _ evaluator: Evaluator
    ) throws(DecisionRefusal) {
        evaluator.onNondeterministic = nil
        output.removeAll(keepingAtMost: Self.keptOutput)
        let resultsText = facts.results?.text()
        let isWritten: Bool
        do throws(Unlogged) {
            isWritten = try write(facts, id, resultsText, evaluator)
        } catch {
            log.count { $0.policyFailures += 1 }
            return log.complaints.tell(.policy, "a decision is not logged: \(error.message)")
        }
        guard isWritten else { return log.count { $0.droppedByPolicy += 1 } }
        if log.settings.maximumPerSecond != nil {
            let isAllowed = log.state.withLock { state in
                let isAllowed = state.limiter?.allows(at: facts.timestamp) ?? true
                if !isAllowed { state.counters.rateLimited += 1 }
                return isAllowed
            }
            guard isAllowed else {
                return log.complaints.tell(.rate, "a decision is not logged: there are too many in this second")
            }
        }
        let verdict = Self.verdict(facts.result, evaluator.space)
        let outcome = output.withBytes { bytes in
            Result<Void, DecisionRefusal> { () throws(DecisionRefusal) in try log.accept(bytes, verdict) }
        }
        try outcome.get()
    }

    private struct Unlogged: Error {
        let message: String
    }

    /// Writes the event to `output`; false for one that is dropped.
    private func write(
        _ facts: DecisionFacts, _ id: [UInt8], _ results: [UInt8]?, _ evaluator: Evaluator
    ) throws(Unlogged) -> Bool {
        let space = evaluator.space
        do throws(Fault) {
            try log.writer.write(facts, id: id, results: results, EventWriter.Masked(), space, to: &output)
        } catch {
            throw Unlogged(message: "its event is too large")
        }
        let targets = targets(evaluator.snapshot)
        var event: Value?
        if targets.asksDrop {
            let document = try decision(targets.drop, evaluator, &event, "drop")
            if document.isTrue { return false }
            if !targets.drop.isVirtual, !document.isDefined { targets.asksDrop = false }
        }
        guard targets.asksMask else { return true }
        let document = try decision(targets.mask, evaluator, &event, "mask")
        if !targets.mask.isVirtual, !document.isDefined { targets.asksMask = false }
        guard document.isDefined else { return true }
        let rules: MaskRules
        do throws(MaskRules.Failure) { rules = try MaskRules(document, space) } catch {
            throw Unlogged(message: "masking it failed: \(error.message)")
        }
        guard !rules.rules.isEmpty else { return true }
        var facts = facts
        do {
            var value = Value.undefined
            if let results { value = try space.readJSON(results) }
            let masked = try rules.apply(to: &facts, results: &value, space)
            output.removeAll()
            try log.writer.write(
                facts, id: id, results: value.isDefined ? try space.json(value) : nil, masked, space, to: &output)
        } catch {
            throw Unlogged(message: "masking it failed: the event is too large")
        }
        return true
    }

    /// A document for the event as input; the event is read when the first document asks for it.
    private func decision(
        _ target: DecisionTarget, _ evaluator: Evaluator, _ event: inout Value?, _ what: String
    ) throws(Unlogged) -> Value {
        var input = Value.undefined
        if target.isVirtual {
            if let event {
                input = event
            } else {
                let read = output.withBytes { bytes in
                    Result<Value, JSONError> { () throws(JSONError) in try evaluator.space.readJSON(bytes) }
                }
                guard case .success(let value) = read else { throw Unlogged(message: "its event cannot be read") }
                event = value
                input = value
            }
        }
        let isStrict = evaluator.isStrict
        evaluator.isStrict = false
        defer { evaluator.isStrict = isStrict }
        let evaluation: Evaluation
        do throws(DecisionFailure) { evaluation = try evaluator.start(target, input: input) } catch {
            throw Unlogged(message: "\(what) failed: \(error.message)")
        }
        switch evaluation {
        case .finished(let value): return value
        case .waiting(let wait):
            wait.cancel()
            throw Unlogged(message: "\(what) cannot wait for something outside (http.send)")
        }
    }

    private func targets(_ snapshot: Snapshot) -> Targets {
        if let targets, targets.snapshot === snapshot { return targets }
        let fresh = Targets(
            snapshot, drop: snapshot.target(log.settings.drop), mask: snapshot.target(log.settings.mask))
        targets = fresh
        return fresh
    }

    /// What a result says, as far as it can be told: true or false itself, or its member `allow` or `allowed`.
    static func verdict(_ result: Value, _ space: Space) -> JournalVerdict {
        func verdict(_ value: Value) -> JournalVerdict? {
            value.isBoolean ? (value.isTrue ? .allowed : .denied) : nil
        }
        if let known = verdict(result) { return known }
        guard result.isObject else { return .other }
        return verdict(space.member(result, .short("allow"))) ?? verdict(space.member(result, .short("allowed")))
            ?? .other
    }
}

/// Random bytes, asked of the system for many identifiers at once.
struct RandomBytes {
    private var bytes: [UInt8] = []
    /// Bytes of these that were given out.
    private var used = 0
    /// The most that `getentropy` gives.
    private static let amount = 256
    /// Where a UUID has a dash: before these bytes.
    private static let dashes: UInt16 = 1 << 4 | 1 << 6 | 1 << 8 | 1 << 10

    /// A random UUID (version 4).
    mutating func identifier() -> [UInt8] {
        if bytes.count - used < 16 { fill() }
        defer { used += 16 }
        return bytes.withUnsafeBufferPointer { bytes in
            func digit(_ half: UInt8) -> UInt8 { half &+ (half < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") &- 10) }
            return [UInt8](unsafeUninitializedCapacity: 36) { result, count in
                for index in 0..<16 {
                    var byte = bytes[used &+ index]
                    if index == 6 { byte = byte & 0x0F | 0x40 }
                    if index == 8 { byte = byte & 0x3F | 0x80 }
                    if Self.dashes >> index & 1 != 0 {
                        result[count] = UInt8(ascii: "-")
                        count &+= 1
                    }
                    result[count] = digit(byte >> 4)
                    result[count &+ 1] = digit(byte & 15)
                    count &+= 2
                }
            }
        }
    }

    /// Asks the system for as much as it gives at once: a question for each number is a call of the system for each.
    private mutating func fill() {
        used = 0
        bytes = [UInt8](unsafeUninitializedCapacity: Self.amount) { buffer, count in
            if getentropy(buffer.baseAddress, buffer.count) == 0 { count = buffer.count }
        }
        // Where the system does not know the call.
        var generator = SystemRandomNumberGenerator()
        while bytes.count < Self.amount { withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) } }
    }
}
