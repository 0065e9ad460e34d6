/// Statements that run one after the other. Where one is undefined, the rest of its block is left out.
public struct Block: Sendable {
    public var statements: [Statement]
    public init(_ statements: [Statement] = []) { self.statements = statements }
}

/// A step of a plan. Each has a written expansion into OPA's IR statements, given in its comment where it is
/// not one of them.
public struct Statement: Sendable {
    public var kind: Kind
    public var range: SourceRange

    public init(_ kind: Kind, _ range: SourceRange) {
        self.kind = kind
        self.range = range
    }

    public enum Kind: Sendable {
        // MARK: Moving

        /// Copies; undefined travels along and ends nothing. IR: AssignVarStmt.
        case assign(Local, Operand)
        /// Copies into a register that is undefined or equal; a different value is a conflict. IR: AssignVarOnceStmt.
        case assignOnce(Local, Operand, Conflict)
        /// Makes a register undefined. IR: ResetLocalStmt.
        case reset(Local)
        /// Lets a register's value outlive the turn of the loop that made it. IR: nothing.
        case keep(Local)

        // MARK: Making

        case makeArray(Local, [Operand])
        case makeSet(Local, [Operand])
        /// Keys and values; of equal keys the last one's value stands. IR: MakeObjectStmt and ObjectInsertStmts.
        case makeObject(Local, [(key: Operand, value: Operand)])
        /// An object with the keys of a constant object and these values, in Rego's order of keys.
        /// IR: MakeObjectStmt and ObjectInsertStmts.
        case makeRecord(Local, like: Int32, [Operand])
        /// Begins gathering. IR: MakeArrayStmt, MakeSetStmt, MakeObjectStmt.
        case gather(Local, Gathering)
        /// Adds to what is gathered: an element. IR: ArrayAppendStmt, SetAddStmt.
        case add(to: Local, Operand)
        /// Adds an entry; the same key with another value is a conflict. IR: ObjectInsertOnceStmt.
        case insert(into: Local, key: Operand, value: Operand, Conflict)
        /// Adds an entry under a path of keys, making the objects on the way; for rules such as
        /// `p.q[x].r[y] := v`. A set at the end when `value` is nil: the last key is its element.
        /// IR: for each step DotStmt and, where that is undefined, MakeObjectStmt and ObjectInsertStmt; then
        /// ObjectInsertOnceStmt or SetAddStmt, and ObjectInsertStmts that put the inner collections back.
        case insertPath(into: Local, [Operand], value: Operand?, Conflict)
        /// The collection that was gathered so far, as a value; gathering may go on. IR: AssignVarStmt.
        case gathered(Local, from: Local)
        /// Goes on gathering into what a register holds, a gathering or a value; ends the block when that is not
        /// of this kind. For plans that add to collections wherever they come from. IR: IsArrayStmt, IsSetStmt, IsObjectStmt.
        case regather(Local, Gathering)
        /// Merges two objects deeply; the second one's values stand. IR: ObjectMergeStmt with its operands swapped.
        case merge(Local, Operand, Operand)
        /// A value with another one put under a path of keys, making the objects on the way. What a WithStmt
        /// that was read becomes; alone it has no expansion and cannot be written.
        case upsert(Local, Operand, path: [Operand], value: Operand)

        // MARK: Looking

        /// The value under a key or index; ends the block when there is none. IR: DotStmt.
        case dot(Local, Operand, Operand)
        /// Runs the block for each element of a generator. IR: ScanStmt; for `walk` and ranges over what CallStmt gives,
        /// with DotStmts for path and value.
        case scan(Generator, key: Local?, value: Local?, Block)
        /// Number of elements; ends the block for scalars. IR: LenStmt.
        case length(Local, Operand)

        // MARK: Checking: each ends the block unless it holds

        case equal(Operand, Operand)
        case notEqual(Operand, Operand)
        /// Rego's order of all values. IR: CallStmt lt, lte, gt, gte and NotEqualStmt with false.
        case ordered(Operand, Ordering, Operand)
        /// Defined and not false. IR: NotEqualStmt with false.
        case truthy(Operand)
        case isDefined(Local)
        case isUndefined(Local)
        case isArray(Operand)
        case isObject(Operand)
        case isSet(Operand)
        /// An array, an object or a set. IR: NotStmt of three NotStmts of IsArrayStmt, IsObjectStmt, IsSetStmt.
        case isCollection(Operand)
        /// An array of exactly this length, for patterns. IR: IsArrayStmt, LenStmt, EqualStmt.
        case isTuple(Operand, Int)
        /// An object with exactly this many keys, for patterns. IR: IsObjectStmt, LenStmt, EqualStmt.
        case hasKeyCount(Operand, Int)

        // MARK: Control

        /// Runs the block; going on after it either way. IR: BlockStmt.
        case block(Block)
        /// Ends the enclosing block if the inner one runs to its end. IR: NotStmt.
        case not(Block)
        /// Leaves this block and `n` more around it. IR: BreakStmt; from inside a loop, a `not` or a `with`, which not
        /// all executors let it leave, AssignVarStmt to a flag and IsUndefinedStmts on the way out.
        case leave(Int)
        /// Ends the function with a result. IR: ReturnLocalStmt.
        case yield(Operand)
        /// Runs the candidates that the index does not rule out, in order. What it rules out fails by itself.
        /// IR: a block of a BlockStmt each.
        case dispatch(Dispatch)
        /// Runs the block with parts of input, data or functions replaced. All values are computed before.
        /// IR: WithStmt for input and data; calls go to copies of what can reach a replaced function.
        case with([Override], Block)
        /// Inside `with`: runs the block under what held outside of it. IR: WithStmt that puts the former values back.
        case outside(Block)

        // MARK: Calling

        /// Ends the block when the result is undefined. IR: CallStmt.
        case call(Local, FunctionID, [Operand])
        /// Calls builtin number `builtin` of the registry. IR: CallStmt by its name.
        case builtin(Local, builtin: Int, [Operand])
        /// Suspends the machine until the host answers. IR: CallStmt.
        case host(Local, builtin: Int, [Operand])
        /// Gives lines for the operator: each operand a set of values, empty for undefined; or one array of such sets.
        /// IR: CallStmt internal.print.
        case print([Operand])
        /// Adds an object of bindings to the results of the query (an array of shown values and bindings where the query
        /// was lowered by Rego's compiler). IR: MakeObjectStmt, DotStmts, ObjectInsertStmts, ResultSetAddStmt.
        case emit(Operand)

        // MARK: Documents

        /// The request's input; ends the block when there is none. IR: IsDefinedStmt and AssignVarStmt of local 0.
        case input(Local)
        /// The base document `data`, without rules. IR: AssignVarStmt of local 1.
        case data(Local)
        /// A cursor at a node of the document tree: stands for its document without computing it. IR: nothing; at which
        /// nodes it stands is known, or a local holds the node's number as text.
        case document(Local, node: Int32)
        /// What lies under a key of a cursor (or of a value, as `dot`): a rule's value, a cursor at an inner node,
        /// or base data. IR: a block of a BlockStmt for each key of rules, with EqualStmt and CallStmt, then DotStmts into
        /// base data.
        case documentDot(Local, from: Local, key: Operand)
        /// Runs the block for each key of a cursor, of rules and of base data (or of a value, as `scan`).
        /// IR: SetAddStmts of the keys, ScanStmt over them.
        case documentScan(from: Local, key: Local, Block)
        /// The value that a cursor stands for; values stay as they are. IR: CallStmt, or AssignVarStmt.
        case documentValue(Local, from: Local)

        // MARK: Memory and tracing

        /// Remembers where temporaries stand. IR: nothing.
        case mark(Local)
        /// Forgets temporaries made since; nothing made since is used afterwards but what was gathered. IR: nothing.
        case rewind(Local)
        /// For explain, profile and coverage; only the traced flavour of the bytecode has it. IR: nothing.
        case trace(TraceEvent, id: Int32)
    }
}

/// A comparison by order.
public enum Ordering: UInt8, Sendable {
    case less, lessOrEqual, greater, greaterOrEqual
}

/// What a gathering becomes.
public enum Gathering: UInt8, Sendable {
    case array, set, object
}

/// What a conflict is about, for its message.
public enum Conflict: UInt8, Sendable {
    /// Two rules give a complete document different values.
    case completeRule
    /// A function gives different values for the same operands.
    case function
    /// Two values for one key of a partial object or an object comprehension.
    case objectKey
    /// Not a conflict: the later value stands.
    case replaces
}

/// What a scan runs over. None of them is made into a collection first.
public enum Generator: Sendable {
    /// Index and element, key and value, or element and element of a set.
    case collection(Operand)
    /// Every path (key) and value inside a value, itself first.
    case walk(Operand)
    /// The integers between two bounds, both included, up or down.
    case range(Operand, Operand)
}

public enum TraceEvent: UInt8, Sendable {
    /// A rule's or a body's evaluation begins.
    case enter
    /// An expression is about to be evaluated.
    case expression
    case redo
    /// A rule or a body holds.
    case exit
    case fail
    /// An expression holds: once for each of its solutions.
    case done
    /// The name of a case of a test is known.
    case testCase
    /// It is known which rules of a path OPA's index admits.
    case index
    /// A function is about to be called; the id is its number.
    case call
}

/// Bodies of which an index rules out most.
public struct Dispatch: Sendable {
    /// The values that the index looks at; may be undefined.
    public var keys: [Local]
    public var index: IndexNode
    /// Bodies in the order of the source.
    public var candidates: [Block]

    public init(keys: [Local], index: IndexNode, candidates: [Block]) {
        self.keys = keys
        self.index = index
        self.candidates = candidates
    }
}

/// A decision tree over a dispatch's keys.
public indirect enum IndexNode: Sendable {
    /// These candidates, in order.
    case candidates([Int32])
    /// Looks at key `key`: the branch of an equal constant, else `otherwise`.
    case branch(key: Int, [(constant: Int32, node: IndexNode)], otherwise: IndexNode)
}

/// One replacement of a `with`.
public struct Override: Sendable {
    public enum Target: Sendable {
        /// `input` or a path below it (constants).
        case input([Int32])
        /// A path below `data`, with the functions that compute documents at or below it and the path from
        /// the target to each.
        case data([Int32], [(function: FunctionID, path: [Int32])])
        case function(FunctionID)
        case builtin(Int)
    }

    public enum Replacement: Sendable {
        case value(Operand)
        case function(FunctionID)
        case builtin(Int)
    }

    public var target: Target
    public var replacement: Replacement

    public init(_ target: Target, _ replacement: Replacement) {
        self.target = target
        self.replacement = replacement
    }
}
