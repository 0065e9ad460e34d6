import NIOCore
import NIOHTTP1
import Writ

/// From a request to what answers it.
extension Worker {
    /// Answers a request; the body lies in `output`. Nil where the answer comes later: `deferred` has it then.
    func answer(_ request: Request, _ body: UnsafeBufferPointer<UInt8>) -> AnswerHead? {
        output.removeAll(keepingAtMost: Self.keptOutput)
        lastRoute = Route.all.count
        guard !body.isEmpty, let encoding = request.facts.encoding else { return admit(request, body) }
        guard encoding == "gzip" else {
            return error(400, ErrorBody(code: "invalid_parameter", message: "unknown encoding of the body"))
        }
        // Base data is unpacked where it is read, unless a policy looks at it before.
        if !configuration.authorizes, request.changesData { return route(request, body) }
        do throws(Compression.Failure) {
            let plain = try Compression.unpack(body, limit: configuration.bodyLimit)
            return plain.withUnsafeBufferPointer { admit(request, $0) }
        } catch {
            return self.error(400, ErrorBody(code: "invalid_parameter", message: error.message), varies: true)
        }
    }

    private func admit(_ request: Request, _ body: UnsafeBufferPointer<UInt8>) -> AnswerHead? {
        if configuration.authorizes, !request.isDiagnostic { return authorized(request, body) }
        return route(request, body)
    }

    /// What stands in the table for a request that is allowed.
    func route(_ request: Request, _ body: UnsafeBufferPointer<UInt8>) -> AnswerHead? {
        let destination = request.destination
        let target = destination.target
        if let place = destination.cleaned, request.method != .CONNECT { return redirect(request, 307, to: place) }
        guard let (route, number, length) = destination.row, route.isDiagnostic || !request.isDiagnostic else {
            return plain(404, "404 page not found\n")
        }
        lastRoute = number
        if let slashed = destination.slashed { return redirect(request, 301, to: slashed) }
        let isBelow = destination.isBelow
        if !destination.takes(request.method) {
            if route.endpoint == .compile, request.method == .GET, !isBelow {
                return redirect(request, 307, to: destination.path + [UInt8(ascii: "/")])
            }
            return refused(route)
        }
        switch route.endpoint {
        case .data:
            if request.method == .GET || request.method == .POST { return data(request, body, prefix: length) }
            return changeData(request, body, target.segments(after: length))
        case .bareData:
            return bareData(request, body, segments: target.segments(after: length), path: target.path)
        case .root: return root(request, body)
        case .health: return health(request, prefix: length)
        case .batch: return batch(request, body, target.segments(after: length))
        case .policies: return policies(request, body, target.segments(after: length))
        case .query: return query(request, body)
        case .compile: return compile(request, body, isBelow: isBelow)
        case .config: return config(target)
        case .status: return status(target)
        case .gate: return gate(request, prefix: length)
        case .metrics:
            output.append(offline.metrics.text())
            output.append(configuration.furtherMetrics())
            return AnswerHead(status: 200, content: .metrics)
        }
    }

    private func refused(_ route: Route) -> AnswerHead {
        guard let allow = route.allow else { return AnswerHead(status: 405, content: .none, varies: route.varies) }
        var head = plain(405, "Method Not Allowed\n")
        head.extra = Array("Allow: \(allow)\r\n".utf8) + head.extra
        return head
    }

    // MARK: What is answered away from the loop

    private func changeData(
        _ request: Request, _ body: UnsafeBufferPointer<UInt8>, _ path: [[UInt8]]
    ) -> AnswerHead? {
        let answers = offline.answers
        let parameters = Parameters(request.target)
        let content = content(of: request, body)
        switch request.method {
        case .PUT:
            let onlyNew = request.headers.first(name: "If-None-Match") == "*"
            return later(on: offline.writes) {
                content.use { answers.putData(path, $0, passed: $1, parameters, onlyNew: onlyNew) }
            }
        case .PATCH:
            return later(on: offline.writes) { content.use { body, _ in answers.patchData(path, body, parameters) } }
        default: return later(on: offline.writes) { answers.deleteData(path, parameters) }
        }
    }

    /// A body for a thread away from the loop: neither copied nor unpacked here, as it may be large.
    private func content(of request: Request, _ body: UnsafeBufferPointer<UInt8>) -> DataContent {
        // What a policy looked at before is unpacked already.
        let isPacked = request.facts.encoding != nil && !configuration.authorizes
        let isWhole = isPacked || request.facts.encoding == nil
        return DataContent(
            bytes: isWhole ? self.body ?? NIOCore.ByteBuffer(bytes: body) : NIOCore.ByteBuffer(bytes: body),
            isPacked: isPacked, limit: configuration.bodyLimit)
    }

    private func policies(
        _ request: Request, _ body: UnsafeBufferPointer<UInt8>, _ path: [[UInt8]]
    ) -> AnswerHead? {
        let answers = offline.answers
        let parameters = Parameters(request.target)
        let id = String(decoding: Array(path.joined(separator: [UInt8(ascii: "/")])), as: UTF8.self)
        let bytes = Array(body)
        switch request.method {
        case .PUT: return later(on: offline.writes) { answers.putPolicy(id, bytes, parameters) }
        case .DELETE: return later(on: offline.writes) { answers.deletePolicy(id, parameters) }
        default:
            return later(on: offline.queries) {
                path.isEmpty ? answers.policies(parameters) : answers.policy(id, parameters)
            }
        }
    }

    private func query(_ request: Request, _ body: UnsafeBufferPointer<UInt8>) -> AnswerHead? {
        let answers = offline.answers
        let parameters = Parameters(request.target)
        let origin = origin(of: request, [])
        if request.method == .POST {
            let bytes = Array(body)
            return later(on: offline.queries) { answers.query(body: bytes, parameters, origin) }
        }
        guard let text = request.target.parameter("q") else {
            return error(400, ErrorBody(code: "invalid_parameter", message: "missing parameter 'q'"))
        }
        return later(on: offline.queries) { answers.query(text, input: nil, parameters, origin, isPost: false) }
    }

    private func compile(_ request: Request, _ body: UnsafeBufferPointer<UInt8>, isBelow: Bool) -> AnswerHead? {
        if isBelow, request.headers.first(name: "Accept") == nil {
            return error(
                400, ErrorBody(code: "invalid_parameter", message: "Accept header: missing required header"),
                varies: true)
        }
        guard !isBelow else {
            return error(
                501, ErrorBody(code: "writ_unsupported", message: "partial evaluation is not supported yet"),
                varies: true)
        }
        let answers = offline.answers
        let bytes = Array(body)
        return later(on: offline.queries) { answers.compile(body: bytes) }
    }

    private func batch(
        _ request: Request, _ body: UnsafeBufferPointer<UInt8>, _ path: [[UInt8]]
    ) -> AnswerHead? {
        let answers = offline.answers
        let bytes = Array(body)
        let isStrict = request.target.isSet("strict-builtin-errors")
        let isPretty = request.target.isSet("pretty")
        let origin = origin(of: request, path)
        let trace = request.trace
        return later(on: offline.queries) {
            answers.batch(path, bytes, isStrict: isStrict, isPretty: isPretty, origin, trace)
        }
    }

    private func config(_ target: RequestTarget) -> AnswerHead {
        return result(configuration.currentConfiguration?() ?? configuration.shownConfiguration, target)
    }

    private func status(_ target: RequestTarget) -> AnswerHead {
        guard let status = configuration.status() else {
            return error(500, ErrorBody(code: "internal_error", message: "status plugin not enabled"))
        }
        return result(status, target)
    }

    private func result(_ json: [UInt8], _ target: RequestTarget) -> AnswerHead {
        let text = Array("{\"result\":".utf8) + json + [UInt8(ascii: "}")]
        output.append(target.isSet("pretty") ? JSONLines.indented(text) : text)
        output.append("\n")
        return AnswerHead(status: 200)
    }

    // MARK: Answers of this kind and that

    private func redirect(_ request: Request, _ status: Int, to place: [UInt8]) -> AnswerHead {
        var head = AnswerHead(status: status, content: .none, varies: true)
        head.extra = Array("Location: ".utf8) + place.filter { $0 > 0x20 && $0 != 0x7F } + [0x0D, 0x0A]
        if request.method == .GET || request.method == .HEAD {
            head.content = .html
            output.append("<a href=\"")
            for byte in place {
                switch byte {
                case UInt8(ascii: "<"): output.append("&lt;")
                case UInt8(ascii: ">"): output.append("&gt;")
                case UInt8(ascii: "\""): output.append("&#34;")
                case UInt8(ascii: "&"): output.append("&amp;")
                default: output.append(byte)
                }
            }
            output.append("\">")
            output.append(AnswerHead.phrase(status))
            output.append("</a>.\n\n")
        }
        return head
    }

    func plain(_ status: Int, _ text: StaticString) -> AnswerHead {
        output.append(text)
        return AnswerHead(status: status, content: .text, extra: Array("X-Content-Type-Options: nosniff\r\n".utf8))
    }

    func error(_ status: Int, _ body: ErrorBody, varies: Bool = false) -> AnswerHead {
        output.removeAll()
        body.write(to: &output)
        return AnswerHead(status: status, varies: varies)
    }

    /// The answer to an evaluation that failed.
    func error(_ failure: DecisionFailure) -> AnswerHead {
        error(
            500,
            ErrorBody(
                code: "internal_error", message: "error(s) occurred while evaluating query", errors: [failure]),
            varies: true)
    }

    /// Packs the answer in `output` where that helps and the client can read it.
    func pack(_ answer: inout AnswerHead, _ headers: HTTPHeaders) {
        guard answer.varies, output.count >= configuration.packedFrom, output.count <= 4 << 20,
            headers.first(name: "Accept-Encoding")?.contains("gzip") == true,
            let packed = output.withBytes({ Compression.pack($0) })
        else { return }
        output.removeAll()
        output.append(packed)
        answer.extra += Array("Content-Encoding: gzip\r\n".utf8)
    }
}

extension Request {
    /// Whether it puts other base data in place.
    fileprivate var changesData: Bool {
        guard case .data? = destination.row?.route.endpoint else { return false }
        return method == .PUT || method == .PATCH
    }
}
