import WritPlan
import WritValue

/// A plan as the machine runs it: one array of instructions and the tables they refer to.
///
/// Immutable; any number of machines on any number of threads run it at once.
public final class Program: @unchecked Sendable {
    // Sendable: nothing is written after `init`.
    let code: UnsafeMutablePointer<Instruction>
    let codeCount: Int
    let functions: [CompiledFunction]
    let operands: [Int32]
    let calls: [CallRecord]
    let dispatches: [DispatchTable]
    let overrides: [[CompiledOverride]]
    let nodes: [CompiledNode]
    let ranges: [SourceRange]
    public let constants: Piece?
    let addedConstants: [ConstantBlock]
    let constantCount: Int
    public let entrypoints: [Entrypoint]
    let names: [[UInt8]]
    /// Registers that the deepest single frame needs.
    let largestFrame: Int
    let longestOperandList: Int
    /// Whether trace statements were kept.
    public let isTraced: Bool
    /// Whether there are events around the steps that are measured.
    public let isMeasured: Bool
    /// The operands of what a measured program looks up.
    let measuredPaths: [[Int32]]

    init(_ assembler: Assembler, plan: Plan) {
        let code = UnsafeMutablePointer<Instruction>.allocate(capacity: max(1, assembler.code.count))
        assembler.code.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { code.initialize(from: base, count: source.count) }
        }
        self.code = code
        codeCount = assembler.code.count
        functions = assembler.functions
        operands = assembler.operands
        calls = assembler.calls
        dispatches = assembler.dispatches
        overrides = assembler.overrides
        nodes = plan.documents.map { node in
            CompiledNode(
                key: node.key, parent: node.parent, children: node.children, function: node.function,
                isRule: node.isRule)
        }
        ranges = assembler.ranges
        constants = plan.constants
        addedConstants = plan.addedConstants
        constantCount = plan.constantCount
        entrypoints = plan.entrypoints
        names = plan.functions.map { $0.name }
        largestFrame = assembler.largestFrame
        longestOperandList = assembler.longestOperandList
        isTraced = assembler.isTraced
        isMeasured = assembler.isMeasured
        measuredPaths = assembler.measuredPaths
    }

    deinit { code.deallocate() }

    /// The dotted path of a function, for messages.
    public func name(of function: FunctionID) -> [UInt8] {
        names.indices.contains(function.int) ? names[function.int] : []
    }

    /// The entrypoint of this name.
    public func entrypoint(_ name: [UInt8]) -> FunctionID? {
        for entrypoint in entrypoints where entrypoint.name == name { return entrypoint.function }
        return nil
    }

    /// Turns a plan into a program. Throws `sizeLimit` for functions with more than 65,000 registers.
    ///
    /// A program that is `measured` tells of its steps (`MeasuredEvent`); others have no instruction for that.
    public static func assemble(
        _ plan: Plan, traced: Bool = false, measured: Bool = false
    ) throws(Fault) -> Program {
        var assembler = Assembler(plan: plan, traced: traced, measured: measured)
        try assembler.assemble()
        return Program(assembler, plan: plan)
    }

    /// The program of a plan that extends the one of `base`: only the functions in `changed` are assembled, behind
    /// the code that is there. What they replace stays where it is, unused.
    public static func assemble(
        _ plan: Plan, extending base: Program, changed: [FunctionID]
    ) throws(Fault) -> Program {
        var assembler = Assembler(plan: plan, traced: base.isTraced, measured: base.isMeasured)
        try assembler.assemble(extending: base, changed: changed)
        return Program(assembler, plan: plan)
    }

    /// The number of instructions, unused ones included.
    public var instructionCount: Int { codeCount }
}

struct CompiledFunction: BitwiseCopyable {
    /// Stands where no function is: nothing calls it.
    static var none: CompiledFunction {
        CompiledFunction(start: 0, frameSize: 0, parameterCount: 0, memo: .never, kind: .rule, reads: [])
    }

    var start: Int32
    var frameSize: Int32
    var parameterCount: Int32
    var memo: Function.Memo
    var kind: Function.Kind
    var reads: Reads
}

/// A call: what and with which operands.
struct CallRecord: BitwiseCopyable {
    /// A function, or a builtin of the registry.
    var callee: Int32
    var operandStart: Int32
    var operandCount: Int32
}

struct CompiledNode {
    var key: Int32?
    var parent: Int32?
    var children: [Int32]
    var function: FunctionID?
    var isRule: Bool
}

/// A dispatch's decision tree, flattened.
struct DispatchTable {
    /// Registers of the keys.
    var keys: [Int32]
    var nodes: [Node]
    var branches: [Branch]
    /// Candidate numbers, referred to by leaf nodes.
    var lists: [Int32]
    /// Where each candidate's code starts.
    var starts: [Int32]

    enum Node: BitwiseCopyable {
        case leaf(start: Int32, count: Int32)
        /// Branches sorted by the constants' hash.
        case branch(key: Int32, start: Int32, count: Int32, otherwise: Int32)
    }

    struct Branch: BitwiseCopyable {
        var hash: UInt64
        var constant: Int32
        var node: Int32
    }
}

struct CompiledOverride {
    var target: Override.Target
    /// The operand of a replacing value.
    var operand: Int32
    var replacement: Override.Replacement
}
