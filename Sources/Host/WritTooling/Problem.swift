import Writ

/// Something that stopped a command: a diagnostic in a source, or a plain sentence.
public struct Problem: Sendable {
    /// Where there is a place or a code.
    public let diagnostic: Diagnostic?
    /// The whole line that OPA prints for a problem without a diagnostic's code.
    public let message: String

    public init(message: String) {
        diagnostic = nil
        self.message = message
    }

    public init(_ diagnostic: Diagnostic) {
        self.diagnostic = diagnostic
        message = diagnostic.message
    }

    /// A problem of a file that is no policy: OPA prints `message`, people see the excerpt at `diagnostic`.
    init(message: String, diagnostic: Diagnostic) {
        self.diagnostic = diagnostic
        self.message = message
    }

    /// Whether OPA gives it a code and a place.
    var isCoded: Bool { diagnostic.map { $0.code != .loadError } ?? false }
}

extension DiagnosticCode {
    /// A data or input file that cannot be read.
    static var loadError: DiagnosticCode { DiagnosticCode("load_error") }
}

/// All that went wrong in one stage, with the texts that it points into.
public struct ProblemReport: Error, Sendable {
    public enum Stage: Sendable {
        case loading, compiling, evaluating
    }

    public var stage: Stage
    public var problems: [Problem]
    public var sources: SourceMap

    public init(_ stage: Stage, _ problems: [Problem], sources: SourceMap = SourceMap()) {
        self.stage = stage
        self.problems = problems
        self.sources = sources
    }

    /// Parse errors count as loading, as in OPA.
    public init(_ failure: CompileFailure, stage: Stage? = nil) {
        let isParsing = failure.diagnostics.contains { $0.code == DiagnosticCode("rego_parse_error") }
        self.stage = stage ?? (isParsing ? .loading : .compiling)
        problems = failure.diagnostics.map { Problem($0) }
        sources = failure.sources
    }

    public init(_ failure: DecisionFailure, sources: SourceMap) {
        stage = .evaluating
        var diagnostic = Diagnostic(Self.code(failure.code), failure.message, at: failure.span)
        diagnostic.position = failure.position
        problems = [Problem(diagnostic)]
        self.sources = sources
    }

    private static func code(_ text: String) -> DiagnosticCode {
        switch Array(text.utf8) {
        case Array("eval_builtin_error".utf8): DiagnosticCode("eval_builtin_error")
        case Array("eval_type_error".utf8): DiagnosticCode("eval_type_error")
        case Array("eval_conflict_error".utf8): DiagnosticCode("eval_conflict_error")
        case Array("eval_cancel_error".utf8): DiagnosticCode("eval_cancel_error")
        case Array("writ_memory_limit".utf8): DiagnosticCode("writ_memory_limit")
        case Array("writ_step_limit".utf8): DiagnosticCode("writ_step_limit")
        case Array("writ_depth_limit".utf8): DiagnosticCode("writ_depth_limit")
        case Array("writ_size_limit".utf8): DiagnosticCode("writ_size_limit")
        case Array("writ_unsupported".utf8): DiagnosticCode("writ_unsupported")
        case Array("invalid_parameter".utf8): DiagnosticCode("invalid_parameter")
        default: DiagnosticCode("eval_internal_error")
        }
    }

    // MARK: Renderings

    /// For people: every problem with its excerpt.
    public func excerpts() -> [UInt8] {
        // A query has no file.
        var named = SourceMap()
        for file in sources.files {
            named.add(name: file.name.isEmpty ? Array("query".utf8) : file.name, text: file.text)
        }
        let renderer = DiagnosticRenderer(sources: named)
        var bytes: [UInt8] = []
        for problem in problems where problem.diagnostic?.isConsequence != true {
            if !bytes.isEmpty { bytes.append(0x0A) }
            if let diagnostic = problem.diagnostic {
                bytes += renderer.excerpt(diagnostic)
            } else {
                bytes += Array("error: \(problem.message)\n".utf8)
            }
        }
        return bytes
    }

    /// OPA's plain form: a count, then a line a problem. Ends with a line feed.
    public func concise(includingDetails: Bool = true) -> [UInt8] {
        let renderer = DiagnosticRenderer(sources: sources)
        let during = stage == .loading ? " during loading" : ""
        var bytes =
            problems.count == 1
            ? Array("1 error occurred\(during): ".utf8) : Array("\(problems.count) errors occurred\(during):\n".utf8)
        for problem in problems {
            if problem.isCoded, let diagnostic = problem.diagnostic {
                bytes += renderer.concise(diagnostic, includingDetails: includingDetails)
            } else {
                bytes += Array(problem.message.utf8)
            }
            bytes.append(0x0A)
        }
        return bytes
    }

    /// OPA's `errors` array, pretty, as it stands `spaces` deep.
    public func appendJSON(to output: inout ByteBuffer, indent spaces: Int) {
        let inner = [UInt8](repeating: 0x20, count: spaces + 2)
        output.append("[\n")
        for (index, problem) in problems.enumerated() {
            if index > 0 { output.append(",\n") }
            output.append(inner)
            appendJSON(problem, to: &output, indent: spaces + 2)
        }
        output.append("\n")
        output.append([UInt8](repeating: 0x20, count: spaces))
        output.append("]")
    }

    private func appendJSON(_ problem: Problem, to output: inout ByteBuffer, indent: Int) {
        let margin = [UInt8](repeating: 0x20, count: indent)
        func line(_ name: StaticString, _ deeper: Int = 2) {
            output.append("\n")
            output.append(margin)
            for _ in 0..<deeper { output.append(0x20) }
            output.append("\"")
            output.append(name)
            output.append("\": ")
        }
        output.append("{")
        line("message")
        output.appendJSONString(problem.message)
        if problem.isCoded, let diagnostic = problem.diagnostic {
            output.append(",")
            line("code")
            output.appendJSONString(diagnostic.code.bytes)
            if let position = diagnostic.position(in: sources) {
                output.append(",")
                line("location")
                output.append("{")
                line("file", 4)
                output.appendJSONString(diagnostic.fileName(in: sources) ?? [])
                output.append(",")
                line("row", 4)
                output.appendDecimal(position.row)
                output.append(",")
                line("col", 4)
                output.appendDecimal(position.column)
                output.append("\n")
                output.append(margin)
                output.append("  }")
            }
            if let details = diagnostic.details {
                output.append(",")
                line("details")
                output.append("{")
                line("line", 4)
                output.appendJSONString(details.line)
                output.append(",")
                line("idx", 4)
                output.appendDecimal(details.index)
                output.append("\n")
                output.append(margin)
                output.append("  }")
            } else if let details = diagnostic.detailJSON {
                output.append(",")
                line("details")
                output.appendIndented(JSONLayout.indented(details), by: indent + 2)
            }
        }
        output.append("\n")
        output.append(margin)
        output.append("}")
    }

    /// The places, for one `{"errors": [...]}` document.
    public func json() -> [UInt8] {
        var output = ByteBuffer()
        output.append("{\n  \"errors\": ")
        appendJSON(to: &output, indent: 2)
        output.append("\n}\n")
        return output.bytes
    }
}
