import WritValue

/// Why a template is refused or fails: the words of Go's text/template.
enum TemplateError: Error {
    case message([UInt8])
    case fault(Fault)

    static func text(_ pieces: SchemaText...) -> TemplateError { .message(SchemaText.join(pieces)) }
}

/// A value while a template runs.
enum TemplateValue {
    /// Nothing: a member that is not there.
    case missing
    /// A value of JSON. Numbers are texts to templates, as Go's `json.Number` is.
    case data(Value)
    case integer(Int64)
    case float(Double)
}

/// An operand of a command.
final class TemplateOperand {
    enum Kind {
        case dot, null
        case function([UInt8])
        /// Members of the dot.
        case fields([[UInt8]])
        /// A variable's number in its scope is found by name.
        case variable([UInt8], [[UInt8]])
        case constant(TemplateValue)
        case pipe(TemplatePipe)
        /// Members of what another operand gives.
        case chain(TemplateOperand, [[UInt8]])
        case string([UInt8])
    }

    let kind: Kind
    /// Where it stands in the template, and how errors show it.
    let offset: Int
    let shown: [UInt8]

    init(_ kind: Kind, offset: Int, shown: [UInt8]) {
        self.kind = kind
        self.offset = offset
        self.shown = shown
    }
}

struct TemplateCommand {
    var operands: [TemplateOperand]
    let offset: Int

    var shown: [UInt8] { Array(operands.map { $0.shown }.joined(separator: [0x20])) }
}

final class TemplatePipe {
    var declared: [[UInt8]] = []
    /// `=` rather than `:=`.
    var assigns = false
    var commands: [TemplateCommand] = []
    let offset: Int

    init(offset: Int) { self.offset = offset }

    var shown: [UInt8] { Array(commands.map { $0.shown }.joined(separator: ascii(" | "))) }
}

indirect enum TemplateNode {
    case text([UInt8])
    case action(TemplatePipe)
    case branch(isWith: Bool, TemplatePipe, [TemplateNode], otherwise: [TemplateNode])
    case range(TemplatePipe, [TemplateNode], otherwise: [TemplateNode])
    case template([UInt8], TemplatePipe?, offset: Int)
    case leave(isContinue: Bool)
}

/// Tokens within the braces of an action.
struct TemplateToken {
    enum Kind {
        case end, field, variable, identifier, text, number, pipe, declare, assign, comma, open, close, space, dot
        case closeAction, other
        /// A printable character that stands for nothing.
        case character
    }

    var kind: Kind
    var bytes: [UInt8]
    /// The value of a text.
    var value: [UInt8] = []
    var offset: Int
}
