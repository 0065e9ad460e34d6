import Writ

/// Answers of one event loop to decisions that can only come out the same: equal in all that the policy can read of the
/// input, with the same snapshot. Empties itself by halves where it is full.
final class DecisionCache {
    /// The document's JSON text; nil for one that is undefined.
    struct Entry {
        var result: [UInt8]?
    }

    /// Keys of more bytes are not kept.
    static let keyLimit = 16 << 10

    private let limit: Int
    private var young: [[UInt8]: Entry] = [:]
    private var old: [[UInt8]: Entry] = [:]
    private var youngBytes = 0
    private var oldBytes = 0

    /// `limit` is in bytes of keys and results.
    init(limit: Int) { self.limit = limit }

    var bytes: Int { youngBytes + oldBytes }

    func find(_ key: [UInt8]) -> Entry? {
        if let entry = young[key] { return entry }
        guard let entry = old.removeValue(forKey: key) else { return nil }
        oldBytes -= Self.cost(key, entry)
        keep(key, entry)
        return entry
    }

    func keep(_ key: [UInt8], _ entry: Entry) {
        let cost = Self.cost(key, entry)
        guard cost <= limit / 8, young[key] == nil else { return }
        if youngBytes + cost > limit / 2 {
            old = young
            oldBytes = youngBytes
            young = [:]
            youngBytes = 0
        }
        young[key] = entry
        youngBytes += cost
    }

    func removeAll() {
        young = [:]
        old = [:]
        youngBytes = 0
        oldBytes = 0
    }

    private static func cost(_ key: [UInt8], _ entry: Entry) -> Int { key.count + (entry.result?.count ?? 0) + 128 }

    // MARK: Keys

    /// The key of a decision: its path and all that it can read of the input, with the spelling of numbers. Nil where
    /// that is long.
    static func key(
        _ path: [UInt8], isStrict: Bool, _ reads: InputReads, _ input: Value, _ space: Space
    ) -> [UInt8]? {
        var key = path
        key.append(isStrict ? 1 : 0)
        for path in reads.paths {
            var value = input
            var isWhole = true
            for step in path {
                // What is no object is taken as a whole: a step may be a number, into an array.
                guard value.isObject, let name = try? space.string(step) else {
                    isWhole = false
                    break
                }
                value = space.member(value, name)
            }
            key.append(isWhole ? 2 : 3)
            guard append(value, space, depth: 0, to: &key) else { return nil }
        }
        return key
    }

    private static func append(_ value: Value, _ space: Space, depth: Int, to key: inout [UInt8]) -> Bool {
        guard key.count < keyLimit, depth < 100 else { return false }
        if value.isString {
            let bytes = space.bytes(value)
            append(5, bytes.count, to: &key)
            key += bytes
        } else if value.isArray {
            let elements = space.elements(value)
            append(6, elements.count, to: &key)
            for index in 0..<elements.count {
                guard append(elements[index], space, depth: depth + 1, to: &key) else { return false }
            }
        } else if value.isObject {
            let entries = space.entries(value)
            append(7, entries.count, to: &key)
            for index in 0..<entries.count {
                guard append(entries.keys[index], space, depth: depth + 1, to: &key),
                    append(entries.values[index], space, depth: depth + 1, to: &key)
                else { return false }
            }
        } else if value.isReference {
            // A long number, as it is written; sets are in no input.
            guard value.isNumber, let text = try? space.json(value) else { return false }
            append(8, text.count, to: &key)
            key += text
        } else {
            key.append(9)
            withUnsafeBytes(of: (value.low, value.high)) { key += $0 }
        }
        return true
    }

    private static func append(_ kind: UInt8, _ count: Int, to key: inout [UInt8]) {
        key.append(kind)
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: count)) { key += $0 }
    }
}

extension Worker {
    /// Where the answer to a request is kept, or would be; nil where it cannot be. Only what takes long is: a look-up has
    /// its price too.
    func cacheKey(
        _ known: KnownTarget, _ path: @autoclosure () -> [[UInt8]], _ target: RequestTarget, _ input: Value,
        _ evaluator: Evaluator
    ) -> [UInt8]? {
        guard cache != nil, known.target.isRule, !target.hasParameters else { return nil }
        guard known.evaluations >= Self.cachedAfter,
            known.nanoseconds / known.evaluations >= configuration.cachedFrom
        else { return nil }
        if known.reads == nil { known.reads = .some(evaluator.snapshot.inputReads(at: path())) }
        guard case .some(.some(let reads)) = known.reads else { return nil }
        return DecisionCache.key(target.path, isStrict: false, reads, input, evaluator.space)
    }

    /// Evaluations after which it is known how long they take.
    private static let cachedAfter: UInt64 = 16

    /// The kept answer to a decision.
    func cachedAnswer(
        _ key: [UInt8], warnsOfInput: Bool, _ note: DecisionNote?, _ evaluator: Evaluator
    ) -> AnswerHead? {
        guard let entry = cache?.find(key) else {
            metrics.cached(isHit: false, cache?.bytes ?? 0)
            return nil
        }
        metrics.cached(isHit: true, cache?.bytes ?? 0)
        var isFirst = true
        func begin(_ name: StaticString) {
            output.append(isFirst ? "{" : ",")
            output.append(name)
            isFirst = false
        }
        if let note {
            var value = Value.undefined
            if let result = entry.result, let read = try? evaluator.space.readJSON(result) { value = read }
            if let refused = log(note, value, evaluator) { return refused }
            begin("\"decision_id\":\"")
            output.append(note.id)
            output.append("\"")
        }
        if let result = entry.result {
            begin("\"result\":")
            output.append(result)
        }
        if warnsOfInput {
            begin("\"warning\":{\"code\":\"api_usage_warning\",")
            output.append("\"message\":\"'input' key missing from the request\"}")
        }
        output.append(isFirst ? "{}\n" : "}\n")
        return AnswerHead(status: 200, varies: true, decision: note?.id)
    }

    /// Keeps the answer to a decision.
    func keep(_ value: Value, _ space: Space, for key: [UInt8]) {
        var entry = DecisionCache.Entry()
        if value.isDefined {
            guard let text = try? space.json(value) else { return }
            entry.result = text
        }
        cache?.keep(key, entry)
    }
}
