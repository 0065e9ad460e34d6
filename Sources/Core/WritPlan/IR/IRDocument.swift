import WritValue

/// OPA's intermediate representation of a policy, as `opa build -t plan` writes it to plan.json.
///
/// What was read has the right form and its indexes of strings and files exist; names of functions and numbers of
/// locals are only checked when it is raised to a plan.
struct IRDocument {
    /// The static strings, as values of the reader's space.
    var strings: [Value] = []
    var files: [[UInt8]] = []
    var plans: [IRPlan] = []
    var functions: [IRFunction] = []
}

/// A query: runs its blocks with local 0 the input and local 1 the data, and adds to the result set.
struct IRPlan {
    var name: [UInt8]
    var blocks: [IRBlock]
}

struct IRFunction {
    /// What calls name, such as `g0.data.authz.allow`.
    var name: [UInt8]
    /// What dynamic calls look up, such as `g0`, `authz`, `allow`.
    var path: [Value]
    var parameters: [Int32]
    /// The local that holds the result; said for other executors only, as ReturnLocalStmt says it too.
    var result: Int32 = 0
    var blocks: [IRBlock]
}

/// Statements in order; the first undefined one ends the block.
struct IRBlock {
    var statements: [IRStatement]
}

/// What a statement reads.
enum IROperand {
    case local(Int32)
    /// A static string.
    case string(Int32)
    case boolean(Bool)
}

struct IRStatement {
    var kind: Kind
    /// Index into the document's files, -1 for none.
    var file: Int32
    var row: UInt32
    var column: UInt32

    /// OPA's 34 statements, each documented at openpolicyagent.org/docs/ir.
    enum Kind {
        case returnLocal(Int32)
        case call(name: [UInt8], [IROperand], result: Int32)
        case callDynamic(path: [IROperand], [Int32], result: Int32)
        case block([IRBlock])
        case leave(Int)
        case dot(source: IROperand, key: IROperand, Int32)
        case length(IROperand, Int32)
        case scan(source: Int32, key: Int32, value: Int32, IRBlock)
        case not(IRBlock)
        case assignInteger(Int64, Int32)
        case assign(IROperand, Int32)
        case assignOnce(IROperand, Int32)
        case reset(Int32)
        case makeNull(Int32)
        /// The number that a static string spells.
        case makeNumber(string: Int32, Int32)
        case make(Gathering, Int32)
        case equal(IROperand, IROperand)
        case notEqual(IROperand, IROperand)
        case isArray(IROperand)
        case isObject(IROperand)
        case isSet(IROperand)
        case isDefined(Int32)
        case isUndefined(Int32)
        /// ArrayAppendStmt and SetAddStmt.
        case add(IROperand, to: Int32, Gathering)
        case insert(key: IROperand, value: IROperand, into: Int32, once: Bool)
        case merge(Int32, Int32, Int32)
        case with(local: Int32, path: [Int32], value: IROperand, IRBlock)
        case nothing
        case addResult(Int32)
    }
}
