import WritPlan
import WritVM

/// Why an evaluation failed: OPA's code and message, and the place in the source.
public struct DecisionFailure: Error, Sendable {
    /// `eval_conflict_error`, `eval_builtin_error`, ...; see `DecisionFailure.code(of:)`.
    public let code: String
    public let message: String
    /// Where in the sources, if known.
    public let span: Span?
    public let position: Position?
    /// The file's name; empty for a query.
    public let file: [UInt8]

    init(code: String, message: String, span: Span? = nil, position: Position? = nil, file: [UInt8] = []) {
        self.code = code
        self.message = message
        self.span = span
        self.position = position
        self.file = file
    }

    /// The failure that a fault of a machine stands for.
    init(_ fault: Fault, _ range: SourceRange, space: Space, sources: SourceMap) {
        code = Self.code(of: fault.code)
        let text = String(decoding: space.bytes(fault.message), as: UTF8.self)
        message = text.isEmpty ? Self.message(of: fault.code) : text
        guard range.file != .max else {
            span = nil
            position = nil
            file = []
            return
        }
        let place = Span(source: SourceID(range.file), start: range.start, end: range.end)
        span = place
        position = sources.position(of: place)
        file = sources.file(place.source)?.name ?? []
    }

    /// The code for a fault. OPA's where it has one; limits that OPA does not have begin with `writ_`.
    static func code(of code: Fault.Code) -> String {
        switch code {
        case .builtin: "eval_builtin_error"
        case .type: "eval_type_error"
        case .conflict: "eval_conflict_error"
        case .cancelled, .timeLimit: "eval_cancel_error"
        case .memoryLimit: "writ_memory_limit"
        case .stepLimit: "writ_step_limit"
        case .depthLimit: "writ_depth_limit"
        case .sizeLimit: "writ_size_limit"
        case .syntax: "invalid_parameter"
        case .unsupported: "writ_unsupported"
        case .malformed, .defect: "eval_internal_error"
        }
    }

    static func message(of code: Fault.Code) -> String {
        switch code {
        case .cancelled: "caller cancelled query execution"
        case .timeLimit: "the evaluation took longer than its deadline"
        case .memoryLimit: "the evaluation needs more memory than its limit"
        case .stepLimit: "the evaluation takes more steps than its limit"
        case .depthLimit: "calls or values are nested deeper than the limit"
        case .sizeLimit: "a value is larger than its limit"
        case .unsupported: "the policy asks for something that is not provided here"
        case .malformed: "a piece of memory is damaged"
        default: "internal error"
        }
    }
}
