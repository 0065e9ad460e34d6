import NIOHTTP1
import Writ

/// `--authorization=basic`: a policy says who may ask what.
extension Worker {
    /// What the policy refuses, or what answers the request behind it.
    func authorized(_ request: Request, _ body: UnsafeBufferPointer<UInt8>) -> AnswerHead? {
        let evaluator = evaluator()
        evaluator.begin()
        evaluator.isStrict = false
        let path = configuration.authorizationDecision
        let input: Value
        do throws(InputRefusal) { input = try authorizationInput(request, body, evaluator.space) } catch {
            return self.error(400, ErrorBody(code: "invalid_parameter", message: error.message))
        }
        let evaluation: Evaluation
        do throws(DecisionFailure) {
            evaluation = try evaluator.start(evaluator.snapshot.target(path), input: input)
        } catch {
            return self.error(error)
        }
        switch evaluation {
        case .finished(let value): return refusal(value, evaluator.space) ?? route(request, body)
        case .waiting(let wait):
            let kept = Array(body)
            return suspend(evaluator, wait) { [unowned self] outcome in
                switch outcome {
                case .failure(let failure): error(failure)
                case .success(let value):
                    refusal(value, evaluator.space) ?? kept.withUnsafeBufferPointer { self.route(request, $0) }
                }
            }
        }
    }

    /// What a decision that does not allow the request says; nil for one that does.
    private func refusal(_ value: Value, _ space: Space) -> AnswerHead? {
        func refused(_ message: String) -> AnswerHead {
            error(401, ErrorBody(code: "unauthorized", message: message), varies: true)
        }
        func broken(_ message: String) -> AnswerHead {
            error(500, ErrorBody(code: "internal_error", message: message), varies: true)
        }
        guard value.isDefined else { return broken("authorization policy missing or undefined") }
        if value.isTrue { return nil }
        if value.isObject {
            let allowed = space.member(value, .short("allowed"))
            guard allowed.isDefined else { return broken("document undefined") }
            if allowed.isTrue { return nil }
            let reason = space.member(value, .short("reason"))
            if reason.isString { return refused(String(decoding: space.bytes(reason), as: UTF8.self)) }
        }
        return refused("request rejected by administrative policy")
    }

    // MARK: Its input

    private func authorizationInput(
        _ request: Request, _ body: UnsafeBufferPointer<UInt8>, _ space: Space
    ) throws(InputRefusal) -> Value {
        var segments: [[UInt8]] = []
        for step in request.target.path.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        {
            segments.append(RequestTarget.unescape(step) ?? Array(step))
        }
        var document = Value.undefined
        if request.method == .POST, expectsBody(segments) { document = try bareInput(request, body, space) }
        do throws(Fault) {
            var list = ValueList()
            func add(_ name: StaticString, _ value: Value) throws(Fault) {
                try list.append(try space.string(name), in: space)
                try list.append(value, in: space)
            }
            var path = ValueList()
            for segment in segments { try path.append(try space.string(segment), in: space) }
            try add("path", try space.array(path))
            try add("method", try space.string(Array(request.method.rawValue.uppercased().utf8)))
            try add("params", try grouped(request.target.parameters(), space))
            var headers: [([UInt8], [UInt8])] = []
            for (name, value) in request.headers where name.lowercased() != "host" {
                headers.append((Array(Self.canonical(name).utf8), Array(value.utf8)))
            }
            try add("headers", try grouped(headers, space))
            if let identity = identity(request) { try add("identity", try space.string(identity)) }
            if let text = request.certificates, let list = try? space.readJSON(text) {
                try add("client_certificates", list)
            }
            if document.isDefined { try add("body", document) }
            return try space.object(pairs: list)
        } catch {
            throw InputRefusal(message: "the request is too large")
        }
    }

    private func expectsBody(_ path: [[UInt8]]) -> Bool {
        if path.count == 1 { return path[0].isEmpty }
        guard path.count >= 2 else { return false }
        return [Array("v0".utf8), Array("v1".utf8)].contains(path[0]) && path[1] == Array("data".utf8)
    }

    /// Names with all their values.
    func grouped(_ pairs: [([UInt8], [UInt8])], _ space: Space) throws(Fault) -> Value {
        var names: [[UInt8]] = []
        var values: [[UInt8]: [[UInt8]]] = [:]
        for (name, value) in pairs {
            if values[name] == nil { names.append(name) }
            values[name, default: []].append(value)
        }
        var list = ValueList()
        for name in names {
            var elements = ValueList()
            for value in values[name] ?? [] { try elements.append(try space.string(value), in: space) }
            try list.append(try space.string(name), in: space)
            try list.append(try space.array(elements), in: space)
        }
        return try space.object(pairs: list)
    }

    /// Who asks, as the authentication in use tells: the bearer's token, or the subject of the client's certificate.
    private func identity(_ request: Request) -> [UInt8]? {
        switch configuration.authentication {
        case .off: return nil
        case .tls: return request.certificateSubject
        case .token:
            guard let header = request.headers.first(name: "Authorization") else { return nil }
            let parts = header.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard parts.count == 2, parts[0] == "Bearer" else { return nil }
            return Array(parts[1].utf8)
        }
    }

    /// A header's name as Go's server gives it: `X-Request-Id`.
    private static func canonical(_ name: String) -> String {
        var result: [UInt8] = []
        var isFirst = true
        for byte in name.utf8 {
            let isLetter = byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
            result.append(isLetter ? (isFirst ? byte & ~0x20 : byte | 0x20) : byte)
            isFirst = byte == UInt8(ascii: "-")
        }
        return String(decoding: result, as: UTF8.self)
    }
}
