import Synchronization
import Writ

/// What the present policies look like once they are compiled, made when that is first asked for.
final class ShownPolicies: Sendable {
    /// A policy as it is shown.
    struct Shown: Sendable {
        let file: PolicyFile
        /// The tree of what its compilation makes of it; nil where that is not known.
        let tree: [UInt8]?
    }

    private let kept = Mutex<(of: Policy, shown: [Shown])?>(nil)

    /// All policies by their ids, sorted.
    func all(_ policy: Policy, keepsPrints: Bool) -> [Shown] {
        if let shown = kept.withLock({ $0?.of === policy ? $0?.shown : nil }) { return shown }
        let files = policy.files.sorted { $0.id.lexicographicallyPrecedes($1.id) }
        let trees = try? CompiledTrees.make(of: files, options: policy.options, keepsPrints: keepsPrints)
        let shown = files.enumerated().map { index, file in Shown(file: file, tree: trees?.json[index]) }
        kept.withLock { $0 = (policy, shown) }
        return shown
    }
}

/// `GET /v1/policies`: the policies with what their compilation makes of them.
extension OfflineAnswers {
    func policies(_ parameters: Parameters) -> FinishedAnswer {
        var output = OutputBuffer()
        output.append("{\"result\":[")
        for (index, policy) in all().enumerated() {
            if index > 0 { output.append(",") }
            write(policy, &output)
        }
        output.append("]}")
        return .json(output.bytes, isPretty: parameters.isPretty)
    }

    func policy(_ id: String, _ parameters: Parameters) -> FinishedAnswer {
        guard let policy = all().first(where: { $0.file.id.elementsEqual(id.utf8) }) else {
            return FinishedAnswer(PolicyWriter.noPolicy(id))
        }
        var output = OutputBuffer()
        output.append("{\"result\":")
        write(policy, &output)
        output.append("}")
        return .json(output.bytes, isPretty: parameters.isPretty)
    }

    private func all() -> [ShownPolicies.Shown] {
        // OPA takes the calls of `print` out where what they say would not be logged.
        shown.all(store.take().snapshot.policy, keepsPrints: configuration.logger.writes(.info))
    }

    private func write(_ policy: ShownPolicies.Shown, _ output: inout OutputBuffer) {
        output.append("{\"id\":")
        output.appendJSONString(policy.file.id)
        output.append(",\"raw\":")
        output.appendJSONString(policy.file.text)
        if let tree = policy.tree {
            output.append(",\"ast\":")
            output.append(tree)
        }
        output.append("}")
    }
}
