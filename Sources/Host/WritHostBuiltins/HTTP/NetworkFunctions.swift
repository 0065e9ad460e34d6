import Writ
import WritYAML

extension HostFunctions {
    /// Provides `http.send` and `net.lookup_ip_addr`. They block the calling thread while they wait.
    public mutating func provideNetwork(_ options: NetworkOptions = NetworkOptions()) {
        let cache = HTTPCache()
        provide("http.send") { (context, arguments) throws(Fault) in
            guard arguments[0].isObject else { throw context.typeError(1, "object", got: arguments[0]) }
            var raises = true
            do throws(HTTPFailure) {
                raises = try HTTPRequestOptions.raisesErrors(arguments[0], context.space)
                return try HTTPSend(context, options, cache).run(arguments[0])
            } catch {
                return try HTTPSend.answer(error, raises: raises, context)
            }
        }
        provide("net.lookup_ip_addr") { (context, arguments) throws(Fault) in
            let name = String(decoding: try context.text(arguments, 0), as: UTF8.self)
            guard options.isAllowed(name) else { throw context.error("unallowed host: \(name)") }
            try context.spend(1_000)
            let found = Resolver.addresses(name)
            guard !found.isEmpty else { throw context.error("lookup \(name): no such host") }
            var list = ValueList()
            for address in found { try list.append(try context.space.string(Array(address.utf8)), in: context.space) }
            return try context.space.set(list)
        }
    }
}

/// One call of `http.send`.
struct HTTPSend {
    private let context: HostContext
    private let network: NetworkOptions
    private let cache: HTTPCache
    private var space: Space { context.space }

    init(_ context: HostContext, _ network: NetworkOptions, _ cache: HTTPCache) {
        self.context = context
        self.network = network
        self.cache = cache
    }

    /// What a failure is to the policy: an error, or an object that tells of it.
    static func answer(_ failure: HTTPFailure, raises: Bool, _ context: HostContext) throws(Fault) -> Value {
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

    func run(_ operand: Value) throws(HTTPFailure) -> Value {
        try paying(1_000)
        let options = try HTTPRequestOptions(operand, space, timeout: network.timeout)
        let key = try key(operand, options)
        // Equal requests are sent once in a query, and fail once.
        if let known = context.queryCache[key] as? Result<HTTPResponse, HTTPFailure> {
            return try value(try known.get(), options)
        }
        let outcome: Result<HTTPResponse, HTTPFailure>
        do throws(HTTPFailure) { outcome = .success(try response(key, options)) } catch { outcome = .failure(error) }
        context.queryCache[key] = outcome
        return try value(try outcome.get(), options)
    }

    private func paying(_ count: Int) throws(HTTPFailure) {
        do throws(Fault) { try context.spend(count) } catch { throw .fault(error) }
    }

    /// The request as JSON text, without the headers that do not count.
    private func key(_ operand: Value, _ options: HTTPRequestOptions) throws(HTTPFailure) -> [UInt8] {
        do throws(Fault) {
            guard !options.ignoredHeaders.isEmpty else { return try space.json(operand) }
            var text = try space.json(space.setting(operand, .short("headers"), to: .null))
            for (name, value) in options.headers where !options.ignoredHeaders.contains(name) {
                text += Array("\n\(name): \(value)".utf8)
            }
            return text
        } catch {
            throw .fault(error)
        }
    }

    private func response(_ key: [UInt8], _ options: HTTPRequestOptions) throws(HTTPFailure) -> HTTPResponse {
        guard options.isCached else { return try HTTPExchange.run(options, network) }
        let now = context.clock()
        var request = options
        let known = cache.find(key)
        if let known {
            if now < known.expires { return known.response }
            // Asks whether what is kept still stands.
            if let tag = known.response.header("etag") { request.headers.append(("If-None-Match", tag)) }
            if let date = known.response.header("last-modified") {
                request.headers.append(("If-Modified-Since", date))
            }
        }
        var response = try HTTPExchange.run(request, network)
        if response.code == 304, let known {
            var kept = known.response
            for (name, _) in response.headers { kept.headers.removeAll { $0.name == name } }
            kept.headers += response.headers
            response = kept
        }
        if let expires = HTTPCache.expiry(response, forced: options.forcedCacheSeconds, now: now) {
            cache.insert(key, HTTPCache.Entry(response: response, expires: expires))
        } else {
            cache.remove(key)
        }
        return response
    }

    // MARK: The answer

    private func value(_ response: HTTPResponse, _ options: HTTPRequestOptions) throws(HTTPFailure) -> Value {
        try paying(response.body.count &>> 3)
        do throws(Fault) {
            var list = ValueList()
            try list.append(.short("status"), in: space)
            try list.append(try space.string(Array(response.status.utf8)), in: space)
            try list.append(.short("status_code"), in: space)
            try list.append(.integer(response.code), in: space)
            try list.append(.short("body"), in: space)
            try list.append(body(response, options), in: space)
            try list.append(.short("raw_body"), in: space)
            try list.append(
                try space.string(Array(String(decoding: response.body, as: UTF8.self).utf8)), in: space)
            try list.append(.short("headers"), in: space)
            try list.append(try headers(response), in: space)
            return try space.object(pairs: list)
        } catch {
            throw .fault(error)
        }
    }

    /// The body as a value, null where it is not of a kind that is read, or cannot be.
    private func body(_ response: HTTPResponse, _ options: HTTPRequestOptions) -> Value {
        let type = (response.header("content-type") ?? "").lowercased()
        let media = type.prefix { $0 != ";" }.filter { $0 != " " }
        let isJSON = media.hasPrefix("application/") && (media == "application/json" || media.hasSuffix("+json"))
        if options.decodesJSON || isJSON { return (try? space.readJSON(response.body)) ?? .null }
        let isYAML = type.contains("application/yaml") || type.contains("application/x-yaml")
        guard options.decodesYAML || isYAML, let json = try? convertYAML(response.body) else { return .null }
        return (try? space.readJSON(json)) ?? .null
    }

    private func headers(_ response: HTTPResponse) throws(Fault) -> Value {
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
