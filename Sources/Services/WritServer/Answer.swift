import Writ

/// The bytes that an answer is put together in: not NIO's, the core's.
typealias OutputBuffer = ByteBuffer

/// All of an answer but its body, which lies in the worker's output.
struct AnswerHead: Sendable {
    enum Content: Sendable {
        case json, text, html, metrics, none

        var type: StaticString {
            switch self {
            case .json: "application/json"
            case .text: "text/plain; charset=utf-8"
            case .html: "text/html; charset=utf-8"
            case .metrics: "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
            case .none: ""
            }
        }
    }

    var status: Int
    var content = Content.json
    /// The answer may differ with the encodings that the client accepts.
    var varies = false
    /// Further header lines, each with its CR LF.
    var extra: [UInt8] = []
    /// The identifier of the decision that it tells, where decisions are logged.
    var decision: [UInt8]?

    /// The status line's phrase.
    static func phrase(_ status: Int) -> StaticString {
        switch status {
        case 200: "OK"
        case 204: "No Content"
        case 207: "Multi-Status"
        case 301: "Moved Permanently"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        default: "Internal Server Error"
        }
    }
}

/// An error as OPA's API gives it.
struct ErrorBody {
    var code: StaticString
    var message: String
    /// What went wrong within an evaluation.
    var errors: [DecisionFailure] = []
    /// What went wrong within a compilation.
    var failure: CompileFailure?

    /// Appends the body; error bodies are always pretty.
    func write(to output: inout OutputBuffer) {
        output.append("{\n  \"code\": \"")
        output.append(code)
        output.append("\",\n  \"message\": ")
        output.appendJSONString(message)
        var isFirst = true
        func begin() {
            output.append(isFirst ? ",\n  \"errors\": [\n    {\n      \"code\": " : ",\n    {\n      \"code\": ")
            isFirst = false
        }
        for error in errors {
            begin()
            output.appendJSONString(error.code)
            output.append(",\n      \"message\": ")
            output.appendJSONString(error.message)
            if let position = error.position { Self.location(error.file, position, &output) }
            output.append("\n    }")
        }
        if let failure {
            for diagnostic in failure.diagnostics {
                begin()
                output.appendJSONString(diagnostic.code.bytes)
                output.append(",\n      \"message\": ")
                output.appendJSONString(diagnostic.message)
                if let position = diagnostic.position(in: failure.sources) {
                    Self.location(diagnostic.fileName(in: failure.sources) ?? [], position, &output)
                }
                Self.details(diagnostic, &output)
                output.append("\n    }")
            }
        }
        if !isFirst { output.append("\n  ]") }
        output.append("\n}\n")
    }

    private static func location(_ file: [UInt8], _ position: Position, _ output: inout OutputBuffer) {
        output.append(",\n      \"location\": {\n        \"file\": ")
        output.appendJSONString(file)
        output.append(",\n        \"row\": ")
        output.appendDecimal(position.row)
        output.append(",\n        \"col\": ")
        output.appendDecimal(position.column)
        output.append("\n      }")
    }

    private static func details(_ diagnostic: Diagnostic, _ output: inout OutputBuffer) {
        if let details = diagnostic.details {
            output.append(",\n      \"details\": {\n        \"line\": ")
            output.appendJSONString(details.line)
            output.append(",\n        \"idx\": ")
            output.appendDecimal(details.index)
            output.append("\n      }")
        } else if let details = diagnostic.detailJSON {
            output.append(",\n      \"details\": ")
            output.appendIndented(JSONLines.indented(JSONLines.compact(details)), by: 6)
        }
    }
}
