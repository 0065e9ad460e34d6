import Writ
import WritYAML

/// One call of `http.send`: answers from what is kept, or asks and keeps the response.
struct HTTPSend: Sendable {
    private let options: HTTPRequestOptions
    private let network: NetworkOptions
    private let key: [UInt8]
    private let raises: Bool

    /// What a call gives; a failure is an error, or an object where the request says so.
    static func answer(
        _ operand: Value, _ network: NetworkOptions, _ context: HostContext
    ) throws(Fault) -> HostReply {
        var raises = true
        do throws(HTTPFailure) {
            raises = try HTTPRequestOptions.raisesErrors(operand, context.space)
            try paying(1_000, context)
            let options = try HTTPRequestOptions(operand, context.space, timeout: network.timeout)
            let key: [UInt8]
            do throws(Fault) { key = try options.key(operand, context.space) } catch { throw .fault(error) }
            let call = HTTPSend(options: options, network: network, key: key, raises: raises)
            return try call.begin(context)
        } catch {
            return .value(try answer(error, raises: raises, context))
        }
    }

    /// What a failure is to the policy: an error, or an object that tells of it.
    private static func answer(
        _ failure: HTTPFailure, raises: Bool, _ context: HostContext
    ) throws(Fault) -> Value {
        let code: StaticString
        let message: String
        switch failure {
        case .fault(let fault): throw fault
        case .operand(let text):
            if raises { throw Fault(.type, message: try context.space.string(Array(text.utf8))) }
            (code, message) = ("eval_http_send_internal_error", "eval_type_error: http.send: \(text)")
        case .timeout(let verb, let url):
            if raises { throw context.error("\(verb) \(url): request timed out") }
            code = "eval_http_send_network_error"
            message =
                "\(verb) \"\(url)\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        case .refused(let text): (code, message) = ("eval_http_send_internal_error", text)
        case .network(let text): (code, message) = ("eval_http_send_network_error", text)
        }
        if raises { throw context.error(message) }
        let space = context.space
        var inner = ValueList()
        try inner.append(.short("code"), in: space)
        try inner.append(try space.string(code), in: space)
        try inner.append(.short("message"), in: space)
        try inner.append(try space.string(Array(message.utf8)), in: space)
        var outer = ValueList()
        try outer.append(.short("status_code"), in: space)
        try outer.append(.integer(0), in: space)
        try outer.append(.short("error"), in: space)
        try outer.append(try space.object(pairs: inner), in: space)
        return try space.object(pairs: outer)
    }

    private static func paying(_ count: Int, _ context: HostContext) throws(HTTPFailure) {
        do throws(Fault) { try context.spend(count) } catch { throw .fault(error) }
    }

    // MARK: Asking

    private func begin(_ context: HostContext) throws(HTTPFailure) -> HostReply {
        // Equal requests of one query have one answer, or fail alike.
        if let known = context.queryCache[key] as? Result<HTTPResponse, HTTPFailure> {
            return .value(try value(try known.get(), context))
        }
        guard options.isCached, let known = network.cache.find(key) else { return ask(options, nil, context) }
        context.count("rego_builtin_http_send_interquery_cache_hits")
        if context.clock() < known.expires {
            try remember(.success(known.response), context)
            return .value(try value(known.response, context))
        }
        // Asks whether what is kept still stands.
        var request = options
        if let tag = known.response.header("etag"), !tag.isEmpty { request.set("If-None-Match", tag) }
        if let date = known.response.header("last-modified"), !date.isEmpty {
            request.set("If-Modified-Since", date)
        }
        network.cache.remove(key)
        return ask(request, request.headers.count > options.headers.count ? known : nil, context)
    }

    /// Sends a request; `known` is what it asks about.
    private func ask(
        _ request: HTTPRequestOptions, _ known: InterQueryCache.Entry?, _ context: HostContext
    ) -> HostReply {
        let exchange = HTTPExchange(request, network, context.attachment)
        let wait = HostWait(
            begin: { exchange.start($0) }, cancel: { exchange.cancel() },
            finish: { (context) throws(Fault) in
                do throws(HTTPFailure) { return try finish(exchange.outcome, known, context) } catch {
                    return .value(try Self.answer(error, raises: raises, context))
                }
            })
        return .wait(wait)
    }

    private func finish(
        _ outcome: Result<HTTPResponse, HTTPFailure>, _ known: InterQueryCache.Entry?, _ context: HostContext
    ) throws(HTTPFailure) -> HostReply {
        context.count("rego_builtin_http_send_network_requests")
        guard case .success(var response) = outcome else {
            try remember(outcome, context)
            return .value(try value(try outcome.get(), context))
        }
        let now = context.clock()
        if let known {
            if response.code == 304 {
                let expires: Int64
                do throws(HTTPFreshness.Failure) {
                    expires = try HTTPFreshness.expiry(response, forced: options.forcedCacheSeconds, now: now)
                } catch {
                    let failure = HTTPFailure.refused(error.message)
                    try remember(.failure(failure), context)
                    throw failure
                }
                var kept = known.response
                for (name, _) in response.headers { kept.headers.removeAll { $0.name == name } }
                kept.headers += response.headers
                response = kept
                network.cache.insert(key, InterQueryCache.Entry(response: response, expires: expires), now: now)
                try remember(.success(response), context)
                return .value(try value(response, context))
            }
            // Neither new nor unchanged: the question is put again without conditions.
            if response.code != 200 { return ask(options, nil, context) }
        }
        if options.isCached {
            keep(response, now)
            try remember(.success(response), context)
        } else if HTTPFreshness.cacheable.contains(response.code) {
            try remember(.success(response), context)
        }
        return .value(try value(response, context))
    }

    private func keep(_ response: HTTPResponse, _ now: Int64) {
        let isForced = (options.forcedCacheSeconds ?? 0) > 0
        guard HTTPFreshness.cacheable.contains(response.code), options.hasCachingMode,
            isForced || HTTPFreshness.allowsStoring(response)
        else { return }
        do throws(HTTPFreshness.Failure) {
            let expires = try HTTPFreshness.expiry(response, forced: options.forcedCacheSeconds, now: now)
            network.cache.insert(key, InterQueryCache.Entry(response: response, expires: expires), now: now)
        } catch {
            // A response that does not say how long it is good is used, and not kept.
            return
        }
    }

    /// Keeps an outcome for the rest of the query, at its expense.
    private func remember(
        _ outcome: Result<HTTPResponse, HTTPFailure>, _ context: HostContext
    ) throws(HTTPFailure) {
        do throws(Fault) {
            if case .success(let response) = outcome { try context.charge(response.size + key.count) }
        } catch {
            throw .fault(error)
        }
        context.queryCache[key] = outcome
    }

    // MARK: The answer

    private func value(_ response: HTTPResponse, _ context: HostContext) throws(HTTPFailure) -> Value {
        try Self.paying(response.body.count &>> 3, context)
        let space = context.space
        do throws(Fault) {
            var list = ValueList()
            try list.append(.short("status"), in: space)
            try list.append(try space.string(Array(response.status.utf8)), in: space)
            try list.append(.short("status_code"), in: space)
            try list.append(.integer(response.code), in: space)
            try list.append(.short("body"), in: space)
            try list.append(body(response, space), in: space)
            try list.append(.short("raw_body"), in: space)
            try list.append(
                try space.string(Array(String(decoding: response.body, as: UTF8.self).utf8)), in: space)
            try list.append(.short("headers"), in: space)
            try list.append(try headers(response, space), in: space)
            return try space.object(pairs: list)
        } catch {
            throw .fault(error)
        }
    }

    /// The body as a value, null where it is not of a kind that is read, or cannot be.
    private func body(_ response: HTTPResponse, _ space: Space) -> Value {
        let type = (response.header("content-type") ?? "").lowercased()
        let media = type.prefix { $0 != ";" }.filter { $0 != " " }
        let isJSON = media.hasPrefix("application/") && (media == "application/json" || media.hasSuffix("+json"))
        if options.decodesJSON || isJSON { return (try? space.readJSON(response.body)) ?? .null }
        let isYAML = type.contains("application/yaml") || type.contains("application/x-yaml")
        guard options.decodesYAML || isYAML, let json = try? convertYAML(response.body) else { return .null }
        return (try? space.readJSON(json)) ?? .null
    }

    private func headers(_ response: HTTPResponse, _ space: Space) throws(Fault) -> Value {
        var list = ValueList()
        var done: Set<String> = []
        for (name, _) in response.headers where done.insert(name).inserted {
            var values = ValueList()
            for (other, value) in response.headers where other == name {
                try values.append(try space.string(Array(value.utf8)), in: space)
            }
            try list.append(try space.string(Array(name.utf8)), in: space)
            try list.append(try space.array(values), in: space)
        }
        return try space.object(pairs: list)
    }
}
