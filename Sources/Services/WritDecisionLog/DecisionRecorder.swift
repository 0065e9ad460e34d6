import Glibc
import Writ
import WritJournal

/// Logs the decisions of one event loop. Not thread-safe.
public final class DecisionRecorder {
    private let log: DecisionLog
    private var output = ByteBuffer()
    /// What answers for dropping and masking, in the snapshot that they were looked up in.
    private var targets: (snapshot: Snapshot, drop: DecisionTarget, mask: DecisionTarget)?
    private var random = RandomBytes()

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
            return log.complain("a decision is not logged: \(error.message)")
        }
        guard isWritten else { return log.count { $0.droppedByPolicy += 1 } }
        if log.settings.maximumPerSecond != nil {
            let isAllowed = log.state.withLock { state in
                let isAllowed = state.limiter?.allows(at: facts.timestamp) ?? true
                if !isAllowed { state.counters.rateLimited += 1 }
                return isAllowed
            }
            guard isAllowed else { return log.complain("a decision is not logged: there are too many in this second") }
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
        let (drop, mask) = targets(evaluator.snapshot)
        var event: Value?
        if try decision(drop, evaluator, &event, "drop").isTrue { return false }
        let document = try decision(mask, evaluator, &event, "mask")
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

    private func targets(_ snapshot: Snapshot) -> (drop: DecisionTarget, mask: DecisionTarget) {
        if let targets, targets.snapshot === snapshot { return (targets.drop, targets.mask) }
        let drop = snapshot.target(log.settings.drop)
        let mask = snapshot.target(log.settings.mask)
        targets = (snapshot, drop, mask)
        return (drop, mask)
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

    /// A random UUID (version 4).
    mutating func identifier() -> [UInt8] {
        if bytes.count < 16 {
            var generator = SystemRandomNumberGenerator()
            bytes.reserveCapacity(4096)
            while bytes.count < 4096 {
                withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) }
            }
        }
        let digits = Array("0123456789abcdef".utf8)
        var result: [UInt8] = []
        result.reserveCapacity(36)
        for index in 0..<16 {
            var byte = bytes.removeLast()
            if index == 6 { byte = byte & 0x0F | 0x40 }
            if index == 8 { byte = byte & 0x3F | 0x80 }
            if [4, 6, 8, 10].contains(index) { result.append(UInt8(ascii: "-")) }
            result.append(digits[Int(byte >> 4)])
            result.append(digits[Int(byte & 15)])
        }
        return result
    }
}
