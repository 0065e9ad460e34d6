import WritBuiltins
import WritPlan
import WritValue

/// Limits of one evaluation. Each has a generous default and a fault of its own.
public struct Limits: Sendable {
    /// Loop turns, calls and units of work of builtins.
    public var steps: Int64 = 500_000_000
    /// Bytes of working memory.
    public var memory: Int = Space.defaultMemoryLimit
    /// Calls inside calls.
    public var depth: Int = 4_000
    /// Wall clock in nanoseconds; nil for none. Needs `Machine.now`.
    public var nanoseconds: Int64?

    public init() {}
}

/// One call under way.
struct Frame: BitwiseCopyable {
    /// The calling instruction, -1 for the first frame.
    var caller: Int32
    /// The caller's first register.
    var base: Int32
    var function: Int32
    /// The caller's context, and how many there were.
    var context: Int32
    var contextCount: Int32
}

/// A result that may be used again within one context.
struct MemoEntry: BitwiseCopyable {
    var value: Value
    /// The context's generation when it was stored.
    var generation: UInt64
}

/// A result that holds for the whole snapshot.
struct LastingEntry: BitwiseCopyable {
    var value: Value
    var isKnown: Bool
}

/// What `input`, `data` and the functions are: the decision's own, or changed by a `with`.
struct Context: BitwiseCopyable {
    var input: Value
    var data: Value
    var memo: UnsafeMutablePointer<MemoEntry>
    var generation: UInt64
    /// The last replaced function (an index into the machine's list), -1 for none.
    var override: Int32
    /// Whether data or functions differ from the snapshot's.
    var differs: Bool
    /// How many replaced functions there were outside of it.
    var overridesBefore: Int
}

/// A replaced function in a chain of contexts.
struct ActiveOverride {
    /// The function, or `~builtin`.
    var callee: Int32
    var replacement: Override.Replacement
    var value: Value
    /// A rule's document (by `with data...`) rather than a function that is mocked.
    var isDocument: Bool
    var next: Int32
}

/// A walk under way: the containers from its root to the place it has reached.
struct Walk {
    struct Step {
        var container: Value
        var next: Int
        var key: Value
    }

    /// Where its loop's state lies in the machine's stack.
    var register = 0
    var root: Value = .undefined
    var isStarted = false
    var steps: [Step] = []
}

/// What the machine's loop changes: behind one pointer, free of exclusivity checks.
struct MachineState {
    var stack: UnsafeMutablePointer<Value>
    var stackCapacity: Int
    var frames: UnsafeMutablePointer<Frame>
    var frameCapacity: Int
    var frameCount: Int
    var contexts: UnsafeMutablePointer<Context>
    var contextCapacity: Int
    var contextCount: Int
    var context: Int
    var generation: UInt64
    /// Where the machine stands, while it does not run.
    var position: Int
    var base: Int
    var results: ValueList
    var arguments: UnsafeMutablePointer<Value>
    /// The instruction that failed last, for the place of a fault.
    var faultPosition: Int
}

/// What the host is asked for while the machine is suspended.
public struct HostCall {
    public let service: HostService
    /// The builtin's number in the registry.
    public let builtin: Int
    public let arguments: Arguments
}

/// How an evaluation went on.
public enum Outcome {
    /// The function's result, undefined if it has none.
    case finished(Value)
    /// The host must answer with `Machine.resume(with:)`.
    case suspended(HostCall)
}
