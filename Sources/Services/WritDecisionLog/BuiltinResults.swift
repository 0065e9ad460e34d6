import Writ

/// What builtins gave in one decision whose results need not be the same again: so that it can be played back.
public final class BuiltinResults {
    /// Name, operands and result as JSON text.
    private var entries: [(name: StaticString, operands: [UInt8], result: [UInt8])] = []
    private var size = 0

    /// Bytes that are kept of one decision.
    private static let limit = 4 << 20

    /// Listens to an evaluator, until the decision is recorded.
    init(of evaluator: Evaluator) {
        let space = evaluator.space
        evaluator.onNondeterministic = { [weak self] name, operands, result in
            self?.add(name, operands, result, space)
        }
    }

    private func add(_ name: StaticString, _ operands: [Value], _ result: Value, _ space: Space) {
        // A result that is undefined is none that could be played back.
        guard size < Self.limit, result.isDefined, let value = try? space.json(result) else { return }
        var key: [UInt8] = [UInt8(ascii: "[")]
        for (index, operand) in operands.enumerated() {
            if index > 0 { key.append(UInt8(ascii: ",")) }
            guard let json = try? space.json(operand) else { return }
            key += json
        }
        key.append(UInt8(ascii: "]"))
        size += key.count + value.count
        entries.append((name, key, value))
    }

    /// `{"rand.intn":{"[\"x\",10]":9}}`: what each builtin gave for which operands; nil for nothing.
    func text() -> [UInt8]? {
        guard !entries.isEmpty else { return nil }
        var text = ByteBuffer()
        var names: [StaticString] = []
        for entry in entries where !names.contains(where: { Self.isEqual($0, entry.name) }) { names.append(entry.name) }
        for (index, name) in names.enumerated() {
            text.append(index == 0 ? "{\"" : ",\"")
            text.append(name)
            text.append("\":{")
            var seen: Set<[UInt8]> = []
            for entry in entries where Self.isEqual(entry.name, name) && seen.insert(entry.operands).inserted {
                if seen.count > 1 { text.append(",") }
                text.appendJSONString(entry.operands)
                text.append(":")
                text.append(entry.result)
            }
            text.append("}")
        }
        text.append("}")
        return text.bytes
    }

    private static func isEqual(_ left: StaticString, _ right: StaticString) -> Bool {
        left.withUTF8Buffer { left in right.withUTF8Buffer { left.elementsEqual($0) } }
    }
}
