import WritValue

/// What a policy does, independent of the language it was written in and of what runs it.
///
/// Front ends lower to a plan; back ends (bytecode, OPA IR, Wasm) start from one.
public struct Plan: Sendable {
    /// The constants, as one frozen array: constant `i` is its element `i`.
    public var constants: Piece?
    /// Further constants, each block numbered on from the one before.
    public var addedConstants: [ConstantBlock] = []
    /// How many there are in all.
    public var constantCount: Int
    public var functions: [Function]
    /// The tree of virtual documents; node 0 is `data`.
    public var documents: [DocumentNode]
    public var entrypoints: [Entrypoint]
    /// File names of the sources, as `SourceRange.file` counts them.
    public var sources: [[UInt8]]
    /// What `trace` statements tell of: only where the policy is traced.
    public var tracePoints: [TracePoint] = []

    public init() {
        constants = nil
        constantCount = 0
        functions = []
        documents = [DocumentNode(key: nil, parent: nil)]
        entrypoints = []
        sources = []
    }
}

/// Where in a source text something came from. Byte offsets; the end is behind the last byte.
public struct SourceRange: BitwiseCopyable, Sendable {
    /// Index into `Plan.sources`, `.max` for none.
    public var file: UInt32
    public var start: UInt32
    public var end: UInt32

    public init(file: UInt32, start: UInt32, end: UInt32) {
        self.file = file
        self.start = start
        self.end = end
    }

    public static var none: SourceRange { SourceRange(file: .max, start: 0, end: 0) }
}

/// A question that a plan answers by name.
public struct Entrypoint: Sendable {
    /// The name, such as `authz/allow`.
    public var name: [UInt8]
    public var function: FunctionID

    public init(name: [UInt8], function: FunctionID) {
        self.name = name
        self.function = function
    }
}

/// The number of a function in its plan.
public struct FunctionID: Equatable, Hashable, BitwiseCopyable, Sendable {
    public var index: Int32
    public init(_ index: Int) { self.index = Int32(truncatingIfNeeded: index) }
    public var int: Int { Int(index) }
}

/// A register of a function's frame. Parameters come first.
public struct Local: Equatable, Hashable, BitwiseCopyable, Sendable {
    public var index: Int32
    public init(_ index: Int) { self.index = Int32(truncatingIfNeeded: index) }
    public var int: Int { Int(index) }
}

/// What a statement reads: a register or a constant.
public enum Operand: Equatable, BitwiseCopyable, Sendable {
    case local(Local)
    case constant(Int32)
}

/// A rule, a function, a virtual document or a query.
public struct Function: Sendable {
    public enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// A rule's document: no parameters.
        case rule
        /// A function with parameters.
        case function
        /// A node of the document tree with all that is below it, merged with base data.
        case document
        /// A query or an entrypoint's plan; emits results.
        case query
    }

    /// When a result may be used again.
    public enum Memo: UInt8, BitwiseCopyable, Sendable {
        /// Computed at every call.
        case never
        /// Computed once for each `with` context of a decision.
        case context
        /// Depends on policy and data only: computed once for a snapshot.
        case snapshot
    }

    public var kind: Kind
    /// The dotted path for messages, such as `data.authz.allow`.
    public var name: [UInt8]
    public var parameterCount: Int
    public var localCount: Int
    public var body: Block
    /// Returned when the body ends without `return`: undefined if this was never assigned.
    public var result: Local?
    public var memo: Memo
    public var reads: Reads
    public var range: SourceRange

    public init(
        kind: Kind, name: [UInt8], parameterCount: Int, localCount: Int, body: Block, result: Local?, memo: Memo,
        reads: Reads, range: SourceRange
    ) {
        self.kind = kind
        self.name = name
        self.parameterCount = parameterCount
        self.localCount = localCount
        self.body = body
        self.result = result
        self.memo = memo
        self.reads = reads
        self.range = range
    }

    /// Stands under a number that no function has (any more): undefined, and nothing calls it.
    public static var none: Function {
        Function(
            kind: .function, name: [], parameterCount: 0, localCount: 0, body: Block(), result: nil, memo: .never,
            reads: [], range: .none)
    }
}

/// What a function's result depends on besides its operands and the policy.
public struct Reads: OptionSet, BitwiseCopyable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static var input: Reads { Reads(rawValue: 1) }
    public static var data: Reads { Reads(rawValue: 2) }
    /// The clock, randomness, the network: anything that only the host knows.
    public static var host: Reads { Reads(rawValue: 4) }
}

/// One step of the path of virtual documents: `authz` in `data.authz.allow`.
public struct DocumentNode: Sendable {
    /// The step's key (a string constant); nil for `data` itself.
    public var key: Int32?
    public var parent: Int32?
    public var children: [Int32]
    /// What computes the document here: a rule's function, or for inner nodes the function that merges
    /// children and base data. Nil where only functions with parameters live.
    public var function: FunctionID?
    /// Whether `function` is a rule's, so that paths go on inside its value.
    public var isRule: Bool

    public init(key: Int32?, parent: Int32?) {
        self.key = key
        self.parent = parent
        self.children = []
        self.function = nil
        self.isRule = false
    }
}
