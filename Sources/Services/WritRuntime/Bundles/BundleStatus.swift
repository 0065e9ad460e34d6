import Writ
import WritBundle
import WritTrust

/// Why a bundle was not taken.
struct BundleProblem: Error, Sendable {
    /// What another try would need to go better.
    enum Kind: Sendable, Equatable {
        /// The service, or the way there: that may be soon.
        case service
        /// Something else than it has now, or a disk with room: that is waited for as between two good answers.
        case lasting
        /// Other content: this one need not come again. With a generation, as long as the store is of that.
        case content(generation: Int?)
    }

    var kind = Kind.service
    /// What kind of problem it is, as programs compare it.
    var code = BundleStatus.code
    var message: String { progress.isEmpty ? cause : "\(cause); \(progress)" }
    /// The message in the same words for the same fault, as it is counted.
    var cause: String
    /// How much had come; empty for nothing.
    var progress = ""
    /// The status of a server that replied with another than expected.
    var httpCode: Int?
    /// Where it is that policies do not compile.
    var compilation: CompileFailure?

    init(_ message: String, httpCode: Int? = nil, code: String = BundleStatus.code, _ kind: Kind = .service) {
        self.kind = kind
        cause = message
        self.httpCode = httpCode
        self.code = code
    }

    /// Why a service did not give it.
    init(_ failure: ServiceFailure) {
        cause = "request failed: \(failure.cause)"
        progress = failure.progress
        kind = failure.isTooLarge || failure.isLocal ? .lasting : .service
    }

    /// Why what came is no good bundle.
    init(_ failure: BundleFailure, isImage: Bool = false) {
        cause = failure.message
        // An image that cannot be opened may be one that this machine has no room for.
        kind = isImage && failure.code == .archive ? .lasting : .content(generation: nil)
    }

    /// Why a bundle is not trusted.
    init(_ failure: TrustFailure, _ kind: Kind = .service) {
        self.kind = kind
        code = failure.code.rawValue
        cause = failure.message
    }

    /// Why it is not put in place of a store that was of that generation.
    init(_ failure: ActivationFailure, generation: Int? = nil) {
        kind = .content(generation: generation)
        cause = failure.message
        compilation = failure.compilation
    }
}

/// How it goes with a bundle, as OPA tells it.
struct BundleStatus: Sendable {
    static let code = "bundle_error"

    var name: String
    /// `snapshot` or `delta`; empty before the first.
    var type = ""
    var activeRevision = ""
    var lastRequest = Timestamp.never
    var lastSuccessfulRequest = Timestamp.never
    var lastSuccessfulDownload = Timestamp.never
    var lastSuccessfulActivation = Timestamp.never
    /// Bytes of the archive; 0 where that is not known.
    var size = 0
    var problem: BundleProblem?
    /// Said beside success.
    var note = ""
    /// Nanoseconds of the last request and what came of it, by OPA's names.
    var times: [(name: String, nanoseconds: UInt64)] = []
    /// The repository that says what is good; nil for a bundle without.
    var trust: TrustReport?

    init(name: String) { self.name = name }

    /// As JSON text.
    func json() -> [UInt8] {
        var output = ByteBuffer()
        output.append("{\"name\":")
        output.appendJSONString(name)
        func text(_ key: StaticString, _ value: String) {
            guard !value.isEmpty else { return }
            output.append(",\"")
            output.append(key)
            output.append("\":")
            output.appendJSONString(value)
        }
        text("active_revision", activeRevision)
        text("last_request", lastRequest.text)
        text("last_successful_request", lastSuccessfulRequest.text)
        text("last_successful_download", lastSuccessfulDownload.text)
        text("last_successful_activation", lastSuccessfulActivation.text)
        text("type", type)
        if size > 0 {
            output.append(",\"size\":")
            output.appendDecimal(size)
        }
        if let problem {
            text("code", problem.code)
            text("message", problem.message)
            if let code = problem.httpCode {
                output.append(",\"http_code\":")
                output.appendDecimal(code)
            }
            if let failure = problem.compilation { Self.errors(failure, &output) }
        } else {
            text("message", note)
        }
        if let trust {
            output.append(",\"trust\":")
            output.append(trust.json)
        }
        if !times.isEmpty {
            output.append(",\"metrics\":{")
            for (index, time) in times.enumerated() {
                if index > 0 { output.append(",") }
                output.appendJSONString(time.name)
                output.append(":")
                output.appendDecimal(Int(clamping: time.nanoseconds))
            }
            output.append("}")
        }
        output.append("}")
        return output.bytes
    }

    private static func errors(_ failure: CompileFailure, _ output: inout ByteBuffer) {
        output.append(",\"errors\":[")
        for (index, diagnostic) in failure.diagnostics.enumerated() {
            output.append(index == 0 ? "{\"message\":" : ",{\"message\":")
            output.appendJSONString(diagnostic.message)
            output.append(",\"code\":")
            output.appendJSONString(diagnostic.code.bytes)
            if let position = diagnostic.position(in: failure.sources) {
                output.append(",\"location\":{\"file\":")
                output.appendJSONString(diagnostic.fileName(in: failure.sources) ?? [])
                output.append(",\"row\":")
                output.appendDecimal(position.row)
                output.append(",\"col\":")
                output.appendDecimal(position.column)
                output.append("}")
            }
            output.append("}")
        }
        output.append("]")
    }
}
