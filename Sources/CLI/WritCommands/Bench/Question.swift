import Writ

/// What a server is asked for a query: the document's own path where the query is one, otherwise the query API.
struct Question {
    let path: String
    let body: [UInt8]

    init(_ query: String, _ input: [UInt8]?) {
        let steps = query.split(separator: ".", omittingEmptySubsequences: false)
        let isPath =
            steps.count > 1 && steps[0] == "data"
            && steps.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(Self.isPlain) }
        path = isPath ? "/v1/" + steps.joined(separator: "/") : "/v1/query"
        var body = ByteBuffer()
        body.append("{")
        if !isPath {
            body.append("\"query\":")
            body.appendJSONString(query)
        }
        if let input {
            body.append(isPath ? "\"input\":" : ",\"input\":")
            body.append(input)
        }
        body.append("}")
        self.body = body.bytes
    }

    /// What a name in a reference has without quotes.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
