/// The code of a diagnostic, such as `rego_parse_error`. Equality is equality of the text's bytes.
public struct DiagnosticCode: Equatable, Sendable {
    public let text: StaticString

    public init(_ text: StaticString) { self.text = text }

    /// The code's text as bytes.
    public var bytes: [UInt8] { text.withUTF8Buffer { Array($0) } }

    public static func == (left: DiagnosticCode, right: DiagnosticCode) -> Bool {
        left.text.withUTF8Buffer { l in
            right.text.withUTF8Buffer { r in
                guard l.count == r.count else { return false }
                for index in 0..<l.count where l[index] != r[index] { return false }
                return true
            }
        }
    }
}

public enum Severity: Sendable {
    case error, warning, note
}

/// A remark beside a further place in the source.
public struct DiagnosticLabel: Sendable {
    public var span: Span
    public var message: String

    public init(_ span: Span, _ message: String) {
        self.span = span
        self.message = message
    }
}

/// The source line of a parse error and the byte index in it (from 0), as OPA reports them.
public struct LineDetail: Equatable, Sendable {
    public var line: [UInt8]
    public var index: Int

    public init(line: [UInt8], index: Int) {
        self.line = line
        self.index = index
    }
}

/// Something to tell about a source text.
public struct Diagnostic: Sendable {
    public var code: DiagnosticCode
    public var severity: Severity
    /// One or more lines of text. A carrier only: it is never compared or hashed.
    public var message: String
    /// The place; nil for errors that belong to no place (such as `error limit reached`).
    public var span: Span?
    /// Row and column to print when they are not those of `span`'s start (at the end of a file OPA's column is 0).
    public var position: Position?
    /// What to write beside the marks under `span` in an excerpt.
    public var label: String?
    /// Further places.
    public var labels: [DiagnosticLabel]
    /// Advice, printed after `= help:`.
    public var help: String?
    /// The line and byte index of a parse error.
    public var details: LineDetail?
    /// Further lines that OPA's plain form prints after the message (types in a type error).
    public var notes: [String]
    /// What OPA's JSON has under `details` where it is not a line of the source: the text of a JSON object.
    public var detailJSON: [UInt8]?
    /// Whether it only follows from another error: OPA tells it, people need not see it.
    public var isConsequence = false

    public init(
        _ code: DiagnosticCode, _ message: String, at span: Span?, severity: Severity = .error, label: String? = nil,
        labels: [DiagnosticLabel] = [], help: String? = nil, details: LineDetail? = nil, notes: [String] = []
    ) {
        self.code = code
        self.severity = severity
        self.message = message
        self.span = span
        self.position = nil
        self.label = label
        self.labels = labels
        self.help = help
        self.details = details
        self.notes = notes
        self.detailJSON = nil
    }

    /// The row and column to print; nil if the diagnostic has no place.
    public func position(in sources: SourceMap) -> Position? {
        if let position { return position }
        guard let span else { return nil }
        return sources.position(of: span)
    }

    /// The name of the diagnostic's file; nil if it has no place.
    public func fileName(in sources: SourceMap) -> [UInt8]? {
        guard let span else { return nil }
        return sources.file(span.source)?.name
    }
}
