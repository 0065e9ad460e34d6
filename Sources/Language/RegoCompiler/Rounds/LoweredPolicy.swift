import RegoSyntax
import WritPlan

/// A plan with what is needed to make the next one of it.
public struct LoweredPolicy: Sendable {
    public var plan = Plan()
    /// The functions that the last round made, in no special order; all of them after `isFresh`.
    public internal(set) var changed: [FunctionID] = []
    /// Nothing was taken over from a round before.
    public internal(set) var isFresh = true
    /// What the last round did.
    public internal(set) var work = CompileWork()
    /// The function of the query that was lowered last.
    public internal(set) var query: FunctionID?

    var records: [FunctionRecord] = []
    /// By group and by node: the number of its function, -1 for none yet. Numbers are never given to others.
    var groupFunctions: [Int32] = []
    var nodeFunctions: [Int32] = []
    var treeRound: UInt64 = 0
    var hasDocument: [Bool] = []
    /// The round that it was made of.
    var round: UInt64 = 0
    /// By group: functions that asked what its calls fold to.
    var folding: [[Int32]] = []
    var replacedBuiltins: Set<Int> = []
    var replacedPaths: [[Name]] = []
    /// Statements in all functions, and those that were replaced by later rounds.
    var statementCount = 0
    var deadStatements = 0

    public init() {}
}

/// What is kept of one function beside its plan: what it was made of, and the questions that lowering asked.
struct FunctionRecord: Sendable {
    enum Subject: Sendable {
        case nothing
        case group(Int32)
        case document(Int32)
    }

    var subject = Subject.nothing
    /// The rules that it was made of.
    var serials: [UInt64] = []
    var questions: [LoweringQuestion] = []
    /// Builtins of which it matters whether some `with` replaces them.
    var builtins: Set<Int> = []
    /// The functions that it may call: gathered while it is made, then as a list.
    var callees: Set<Int> = []
    /// Those of references with computed keys: many functions share the same ones.
    var openCallees: [[Int32]] = []
    var calls: [Int32] = []
    var reads: Reads = []
    var statementCount = 0

    /// All callees in order, each once.
    func allCallees() -> [Int32] {
        if callees.isEmpty, openCallees.count == 1 { return openCallees[0] }
        var all = callees.map { Int32(truncatingIfNeeded: $0) }
        for list in openCallees { all += list }
        all.sort()
        var unique: [Int32] = []
        unique.reserveCapacity(all.count)
        for callee in all where unique.last != callee { unique.append(callee) }
        return unique
    }
}

/// Where a reference with computed keys leads: a node and the keys behind it, nil for computed ones.
struct OpenPath: Hashable, Sendable {
    var node: Int32
    var keys: [Name?]
}

/// What lowering asks about things outside of the function at hand, with the answer.
enum LoweringQuestion: Sendable {
    /// The node under a key, -1 for none.
    case child(node: Int32, key: Name, answer: Int32)
    case node(Int32, NodeAnswer)
    /// The nodes directly below, with their functions.
    case children(of: Int32, [Int32])
    /// All nodes and functions below, as one number.
    case below(Int32, UInt64)
    /// The constant that calls of a group fold to.
    case folded(group: Int32, ResolvedTerm?)
}

struct NodeAnswer: Equatable, Sendable {
    var hasDocument: Bool
    /// The group, if it is no function; -1 otherwise.
    var group: Int32
    /// The node's function, -1 for none.
    var function: Int32
}

extension ResolvedTerm {
    /// Whether both are the same constant, spelled alike.
    func isSameConstant(as other: ResolvedTerm) -> Bool {
        switch (kind, other.kind) {
        case (.null, .null): return true
        case (.boolean(let a), .boolean(let b)): return a == b
        case (.number(let a), .number(let b)), (.string(let a), .string(let b)): return a == b
        case (.array(let a), .array(let b)), (.set(let a), .set(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { $0.isSameConstant(as: $1) }
        case (.object(let a), .object(let b)):
            return a.count == b.count
                && zip(a, b).allSatisfy { $0.key.isSameConstant(as: $1.key) && $0.value.isSameConstant(as: $1.value) }
        default: return false
        }
    }

    /// Whether it has no variables, references, calls or comprehensions.
    var isConstant: Bool {
        switch kind {
        case .null, .boolean, .number, .string: return true
        case .array(let terms), .set(let terms): return terms.allSatisfy { $0.isConstant }
        case .object(let entries): return entries.allSatisfy { $0.key.isConstant && $0.value.isConstant }
        default: return false
        }
    }
}
