import Writ

/// The bytes that an answer is put together in: not NIO's, the core's.
typealias OutputBuffer = ByteBuffer

/// All of an answer but its body, which lies in the worker's output.
struct AnswerHead {
    enum Content {
        case json, text, html, none

        var type: StaticString {
            switch self {
            case .json: "application/json"
            case .text: "text/plain; charset=utf-8"
            case .html: "text/html; charset=utf-8"
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

    /// The status line's phrase.
    static func phrase(_ status: Int) -> StaticString {
        switch status {
        case 200: "OK"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 307: "Temporary Redirect"
        case 400: "Bad Request"
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
    var errors: [DecisionFailure] = []

    /// Appends the body; error bodies are always pretty.
    func write(to output: inout OutputBuffer) {
        output.append("{\n  \"code\": \"")
        output.append(code)
        output.append("\",\n  \"message\": ")
        output.appendJSONString(message)
        if !errors.isEmpty {
            output.append(",\n  \"errors\": [")
            for (index, error) in errors.enumerated() {
                output.append(index == 0 ? "\n    {\n      \"code\": " : ",\n    {\n      \"code\": ")
                output.appendJSONString(error.code)
                output.append(",\n      \"message\": ")
                output.appendJSONString(error.message)
                if let position = error.position {
                    output.append(",\n      \"location\": {\n        \"file\": ")
                    output.appendJSONString(error.file)
                    output.append(",\n        \"row\": ")
                    output.appendDecimal(position.row)
                    output.append(",\n        \"col\": ")
                    output.appendDecimal(position.column)
                    output.append("\n      }")
                }
                output.append("\n    }")
            }
            output.append("\n  ]")
        }
        output.append("\n}\n")
    }
}
