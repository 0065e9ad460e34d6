/// Why an evaluation could not go on. The one error type of the decision core, so that typed throws compose.
///
/// It is plain data: the message is a string value that lives in the space of the evaluation that failed.
public struct Fault: Error, BitwiseCopyable, Sendable {
    public enum Code: UInt8, BitwiseCopyable, Sendable {
        /// A builtin refused its operands' content: undefined by default, an error under strict builtin errors.
        case builtin
        /// A builtin refused its operands' type: treated as `builtin` is.
        case type
        /// Two definitions of a complete document or an object key disagree.
        case conflict
        /// The memory that one evaluation may take is used up.
        case memoryLimit
        /// The steps that one evaluation may take are used up.
        case stepLimit
        /// Calls or values are nested deeper than the limit.
        case depthLimit
        /// The host's deadline passed.
        case timeLimit
        /// The host cancelled the evaluation.
        case cancelled
        /// A text, number or collection is larger than its limit.
        case sizeLimit
        /// Text that should be JSON is not; `position` is the byte offset.
        case syntax
        /// A piece of memory does not hold what its header promises (a damaged image).
        case malformed
        /// The program asks for something that this build does not have.
        case unsupported
        /// An internal promise was broken: a defect of Writ, reported rather than trapped on.
        case defect
    }

    public var code: Code
    /// Byte offset in the text being read, where one applies.
    public var position: UInt32
    /// A string in the space that the fault came from, or undefined.
    public var message: Value

    @inlinable
    public init(_ code: Code, message: Value = .undefined, position: UInt32 = 0) {
        self.code = code
        self.message = message
        self.position = position
    }

    /// Whether a builtin raised it, so that the expression is merely undefined unless the caller is strict.
    @inlinable
    public var isBuiltinError: Bool { code == .builtin || code == .type }
}
