import WritPlan
import WritVM

/// A policy and the data it is evaluated with: immutable, and replaced as a whole.
public final class Snapshot: Sendable {
    public let policy: Policy
    let program: Program
    /// Base data; nil for an empty object.
    public let data: Piece?

    /// A snapshot of a policy with base data (nil: an empty object).
    public init(policy: Policy, data: Piece? = nil) {
        self.policy = policy
        self.program = policy.program
        self.data = data
    }

    init(policy: Policy, program: Program, data: Piece?) {
        self.policy = policy
        self.program = program
        self.data = data
    }

    /// Finds what answers for a path below `data`, such as `authz`, `allow`.
    ///
    /// Always finds something: where no rules are, base data answers.
    public func target(_ path: [[UInt8]]) -> DecisionTarget {
        var node = 0
        var depth = 0
        var isDoubtful = false
        while depth < path.count {
            guard let child = policy.node(path[depth], below: node) else { break }
            let document = policy.plan.documents[child]
            guard let function = document.function else {
                isDoubtful = true
                break
            }
            node = child
            depth += 1
            if document.isRule {
                return DecisionTarget(
                    function: function, rest: Array(path[depth...]), isRule: true, isDoubtful: depth < path.count)
            }
        }
        if depth == path.count, let function = policy.plan.documents[node].function {
            return DecisionTarget(function: function, rest: [])
        }
        return DecisionTarget(function: nil, rest: path, isDoubtful: isDoubtful)
    }
}

extension Snapshot {
    /// Throws what compiling a query for the document at a path would: a path that leads into a string, or to a function,
    /// is an error of types rather than undefined. It is told in the words of OPA's server.
    public func check(_ path: [[UInt8]]) throws(CompileFailure) {
        _ = try PreparedQuery.prepare(Self.reference(path), for: self, namesFunctions: false)
    }

    /// A path below `data` as a reference: `data.a["b-c"][0]`.
    public static func reference(_ path: [[UInt8]]) -> [UInt8] {
        var text = ByteBuffer()
        text.append("data")
        for step in path {
            if let number = Int(String(decoding: step, as: UTF8.self)) {
                text.append(Array("[\(number)]".utf8))
                continue
            }
            let isName = step.enumerated().allSatisfy { index, byte in
                let lower = byte | 0x20
                return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z") || byte == UInt8(ascii: "_")
                    || index > 0 && byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
            }
            if isName, !step.isEmpty {
                text.append(".")
                text.append(step)
            } else {
                text.append("[")
                text.appendJSONString(step)
                text.append("]")
            }
        }
        return text.bytes
    }
}

/// What answers for one document path in one snapshot.
public struct DecisionTarget: Sendable {
    /// The rule's or document's function; nil where only base data can answer.
    let function: FunctionID?
    /// Whether rules answer, rather than base data alone.
    public var isVirtual: Bool { function != nil }
    /// The steps into its value, or into base data.
    let rest: [[UInt8]]
    /// Whether rules answer for the path, rather than a package or base data.
    public var isRule = false
    /// Whether the path may be one that no query could ask: into a value that cannot have such members, or of a
    /// function. `Snapshot.check` tells.
    public var isDoubtful = false
}
