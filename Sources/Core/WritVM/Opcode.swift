/// One step of the machine: 16 bytes.
///
/// `a` is a register. `b` and `c` are operands where the opcode says so: a register when not negative, else
/// the constant `~b`. `target` is where to go on when the step fails (or jumps).
struct Instruction: BitwiseCopyable {
    var opcode: Opcode
    var a: UInt16
    var b: Int32
    var c: Int32
    var target: Int32

    init(_ opcode: Opcode, a: UInt16 = 0, b: Int32 = 0, c: Int32 = 0, target: Int32 = 0) {
        self.opcode = opcode
        self.a = a
        self.b = b
        self.c = c
        self.target = target
    }
}

/// What the machine can do. R(x) is a register, V(x) the value of an operand, L(b, c) the list of `c` operands
/// that starts at `b` in the program's operand table.
enum Opcode: UInt16, BitwiseCopyable {
    // Control
    /// Go to `target`.
    case jump
    /// Return V(b) from the function; undefined fails the call.
    case yield
    /// Return undefined.
    case yieldNothing
    /// Prepare the candidates of dispatch table `b` in R(a).
    case dispatchStart
    /// Go to the next candidate of R(a), or to `target`.
    case dispatchNext

    // Moving
    /// R(a) = V(b).
    case move
    /// R(a) = V(b) unless defined; a different value is a conflict of kind `c`.
    case moveOnce
    /// R(a) = undefined.
    case reset
    /// R(a) = R(a), copied to results where it is a temporary.
    case keep

    // Making
    /// R(a) = array of L(b, c).
    case makeArray
    /// R(a) = set of L(b, c).
    case makeSet
    /// R(a) = object of L(b, c): key, value, key, value.
    case makeObject
    /// R(a) = object with the shape of constant `target` and the values L(b, c).
    case makeRecord
    /// R(a) = a new gathering of kind `b`.
    case gather
    /// Add V(b) to the gathering R(a).
    case add
    /// Add the entry V(b): V(c) to the gathering R(a); conflict kind in `target`.
    case insert
    /// Add under the path L(b, c) of the gathering R(a); operand b+c is the value, or none (see `target`:
    /// bits 0-7 conflict kind, bit 8 has a value).
    case insertPath
    /// R(a) = the collection gathered in R(b).
    case gathered
    /// R(a), a gathering or a value of kind `b`, becomes a gathering, else `target`.
    case regather
    /// R(a) = V(b) merged under V(c).
    case merge
    /// R(a) = the first operand of L(b, c) with the last put under the path of those between.
    case upsert

    // Looking
    /// R(a) = V(b)[V(c)], else `target`.
    case dot
    /// R(a) = number of elements of V(b), else `target`.
    case length
    /// Start iterating V(b) with state R(a), R(a+1); scalars go to `target`.
    case scanStart
    /// Next element of state R(a): key into R(b), value into R(c) (-1: not wanted), or `target`.
    case scanNext
    /// Start walking V(b) with state R(a).
    case walkStart
    /// As `scanNext` for a walk: path into R(b), value into R(c).
    case walkNext
    /// Start counting from V(b) to V(c) with state R(a), R(a+1); no integers go to `target`.
    case rangeStart
    /// As `scanNext` for a range: position into R(b), integer into R(c).
    case rangeNext

    // Checking: else `target`
    case equal
    case notEqual
    /// V(b) < V(c).
    case less
    case lessOrEqual
    case greater
    case greaterOrEqual
    /// V(b) is defined and not false.
    case truthy
    /// R(a) is defined.
    case isDefined
    case isUndefined
    case isArray
    case isObject
    case isSet
    case isCollection
    /// V(b) is an array of `c` elements.
    case isTuple
    /// V(b) is an object of `c` keys.
    case hasKeyCount

    // Calling
    /// R(a) = call record `b` (function and operands), undefined goes to `target`.
    case call
    /// R(a) = builtin call record `b`.
    case builtin
    /// R(a) = the host's answer to builtin call record `b`.
    case host
    /// Give L(b, c) to the print hook.
    case print
    /// Add V(b) to the results.
    case emit

    // Context
    /// Enter override table `b`: R(a) = outer context, R(a+1) = inner context.
    case withEnter
    /// Leave the override context for good: back to R(a).
    case withLeave
    /// Make R(a) the context.
    case contextSet

    // Documents
    /// R(a) = the input, else `target`.
    case input
    /// R(a) = base data.
    case data
    /// R(a) = cursor at document node `b`.
    case document
    /// R(a) = what lies under V(c) of the cursor or value R(b), else `target`.
    case documentDot
    /// R(a) = the keys of the cursor or value R(b) as an array.
    case documentKeys
    /// R(a) = the document of the cursor R(b), or R(b) itself if it is a value; undefined goes to `target`.
    case documentValue

    // Memory and tracing
    /// R(a) = where temporaries stand.
    case mark
    /// Forget temporaries made since R(a).
    case rewind
    /// Event `b` of id `c`; a measured one where `b` is negative.
    case trace
}
