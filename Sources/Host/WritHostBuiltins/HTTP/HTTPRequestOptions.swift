import Writ

/// Why a request is refused or failed.
enum HTTPFailure: Error {
    /// The operand is not of the shape that it must have.
    case operand(String)
    /// The request says something that it may not, or the answer cannot be used.
    case refused(String)
    /// No answer in time: the verb and the address.
    case timeout(String, String)
    /// The other side could not be reached, or did not answer in time.
    case network(String)
    case fault(Fault)
}

/// What the operand of `http.send` asks for.
struct HTTPRequestOptions: Sendable {
    var method = ""
    var url = ""
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    var followsRedirects = false
    var decodesJSON = false
    var decodesYAML = false
    /// Nanoseconds; 0 for no limit.
    var timeout: Int64
    var retries = 0
    var isCached = false
    /// Seconds for which a response is kept, whatever it says itself.
    var forcedCacheSeconds: Int?
    var ignoredHeaders: [String] = []
    var tls = HTTPTLSOptions()

    private static let keys: Set<String> = [
        "method", "url", "body", "enable_redirect", "force_json_decode", "force_yaml_decode", "headers", "raw_body",
        "tls_use_system_certs", "tls_ca_cert", "tls_ca_cert_file", "tls_ca_cert_env_variable", "tls_client_cert",
        "tls_client_cert_file", "tls_client_cert_env_variable", "tls_client_key", "tls_client_key_file",
        "tls_client_key_env_variable", "tls_insecure_skip_verify", "tls_server_name", "timeout", "cache",
        "force_cache", "force_cache_duration_seconds", "raise_error", "caching_mode", "max_retry_attempts",
        "cache_ignored_headers",
    ]

    /// `raise_error`, which must be known before anything else.
    static func raisesErrors(_ operand: Value, _ space: Space) throws(HTTPFailure) -> Bool {
        let value = space.member(operand, .short("raise_error"))
        if value.isUndefined { return true }
        guard value.isBoolean else { throw .refused("invalid value for raise_error field") }
        return value.isTrue
    }

    init(_ operand: Value, _ space: Space, timeout: Int64) throws(HTTPFailure) {
        self.timeout = timeout
        let entries = space.entries(operand)
        var unknown: [String] = []
        var rawBody: [UInt8]?
        for index in 0..<entries.count {
            let key = entries.keys[index]
            let name = String(decoding: space.bytes(key), as: UTF8.self)
            guard key.isString, Self.keys.contains(name) else {
                let shown = (try? space.rego(key)) ?? []
                unknown.append(String(decoding: shown, as: UTF8.self))
                continue
            }
        }
        guard unknown.isEmpty else {
            throw .operand("operand 1 invalid request parameters(s): {\(unknown.joined(separator: ", "))}")
        }
        var missing: [String] = []
        if space.member(operand, .short("method")).isUndefined { missing.append("method") }
        if space.member(operand, .short("url")).isUndefined { missing.append("url") }
        guard missing.isEmpty else {
            let shown = missing.map { "\"\($0)\"" }.joined(separator: ", ")
            throw .operand("operand 1 missing required request parameters(s): {\(shown)}")
        }
        var forced: Value?
        for index in 0..<entries.count {
            let name = String(decoding: space.bytes(entries.keys[index]), as: UTF8.self)
            try read(name, entries.values[index], space, &rawBody, &forced)
        }
        if let rawBody { body = rawBody }
        isCached = isCached || isForced
        guard isForced else { return }
        guard let forced else {
            throw .refused("'force_cache' set but 'force_cache_duration_seconds' parameter is missing")
        }
        let shown = (try? space.rego(forced)) ?? []
        guard let seconds = Int32(String(decoding: shown, as: UTF8.self)) else {
            var quoted: [UInt8] = []
            GoFormat.quote(shown, to: &quoted)
            let isNumber = forced.isNumber && space.int64(forced) != nil
            throw .refused(
                "strconv.ParseInt: parsing \(String(decoding: quoted, as: UTF8.self)): "
                    + (isNumber ? "value out of range" : "invalid syntax"))
        }
        forcedCacheSeconds = Int(seconds)
    }

    /// Whether `caching_mode` is one that there is; with another a response is not kept.
    private(set) var hasCachingMode = true
    private var isForced = false

    private mutating func read(
        _ name: String, _ value: Value, _ space: Space, _ rawBody: inout [UInt8]?, _ forced: inout Value?
    ) throws(HTTPFailure) {
        switch name {
        case "method": method = try text(name, value, space).uppercased()
        case "url": url = try text(name, value, space)
        case "body": body = try json(value, space)
        case "raw_body": rawBody = Array(try text(name, value, space).utf8)
        case "headers": try readHeaders(value, space)
        case "timeout": timeout = try duration(value, space)
        case "enable_redirect": followsRedirects = try flag(value, space)
        case "force_json_decode": decodesJSON = try field(name, value)
        case "force_yaml_decode": decodesYAML = try field(name, value)
        case "cache": isCached = try field(name, value)
        case "force_cache": isForced = try field(name, value)
        case "force_cache_duration_seconds": forced = value
        case "max_retry_attempts": retries = try number(name, value, space)
        case "caching_mode":
            hasCachingMode = value.isString && ["serialized", "deserialized"].contains(Self.string(value, space))
        case "cache_ignored_headers": try readIgnored(value, space)
        case "tls_use_system_certs": tls.usesSystemRoots = try flag(value, space)
        case "tls_insecure_skip_verify": tls.skipsVerification = try flag(value, space)
        case "tls_server_name": tls.serverName = try text(name, value, space)
        case "tls_ca_cert": tls.roots.text = try text(name, value, space)
        case "tls_ca_cert_file": tls.roots.file = try text(name, value, space)
        case "tls_ca_cert_env_variable": tls.roots.variable = try text(name, value, space)
        case "tls_client_cert": tls.certificate.text = try text(name, value, space)
        case "tls_client_cert_file": tls.certificate.file = try text(name, value, space)
        case "tls_client_cert_env_variable": tls.certificate.variable = try text(name, value, space)
        case "tls_client_key": tls.key.text = try text(name, value, space)
        case "tls_client_key_file": tls.key.file = try text(name, value, space)
        case "tls_client_key_env_variable": tls.key.variable = try text(name, value, space)
        default: return
        }
    }

    private static func string(_ value: Value, _ space: Space) -> String {
        String(decoding: space.bytes(value), as: UTF8.self)
    }

    private func text(_ name: String, _ value: Value, _ space: Space) throws(HTTPFailure) -> String {
        guard value.isString else { throw .refused("\"\(name)\" must be a string") }
        var text = String(decoding: space.bytes(value), as: UTF8.self)[...]
        while text.hasPrefix("\"") { text = text.dropFirst() }
        while text.hasSuffix("\"") { text = text.dropLast() }
        return String(text)
    }

    private func json(_ value: Value, _ space: Space) throws(HTTPFailure) -> [UInt8] {
        do throws(Fault) { return try space.json(value) } catch { throw .fault(error) }
    }

    /// A boolean, or the text of one.
    private func flag(_ value: Value, _ space: Space) throws(HTTPFailure) -> Bool {
        if value.isBoolean { return value.isTrue }
        let shown = (try? space.rego(value)) ?? []
        if value.isNumber, shown == [UInt8(ascii: "1")] || shown == [UInt8(ascii: "0")] { return shown[0] == 0x31 }
        var quoted: [UInt8] = []
        GoFormat.quote(shown, to: &quoted)
        throw .refused("strconv.ParseBool: parsing \(String(decoding: quoted, as: UTF8.self)): invalid syntax")
    }

    private func field(_ name: String, _ value: Value) throws(HTTPFailure) -> Bool {
        guard value.isBoolean else { throw .refused("invalid value for \"\(name)\" field") }
        return value.isTrue
    }

    private func number(_ name: String, _ value: Value, _ space: Space) throws(HTTPFailure) -> Int {
        guard value.isNumber, let number = space.int64(value), number >= 0, number <= Int64(Int32.max) else {
            let shown = String(decoding: (try? space.rego(value)) ?? [], as: UTF8.self)
            throw .refused("invalid value \(shown) for field \"\(name)\"")
        }
        return Int(number)
    }

    private mutating func readHeaders(_ value: Value, _ space: Space) throws(HTTPFailure) {
        guard value.isObject else { throw .refused("invalid type for headers key") }
        let entries = space.entries(value)
        for index in 0..<entries.count {
            let name = String(decoding: space.bytes(entries.keys[index]), as: UTF8.self)
            guard entries.values[index].isString else {
                let shown = String(decoding: (try? space.rego(entries.values[index])) ?? [], as: UTF8.self)
                throw .refused("invalid type for headers value \"\(shown)\"")
            }
            let text = String(decoding: space.bytes(entries.values[index]), as: UTF8.self)
            set(Self.canonical(name), text)
        }
    }

    private mutating func readIgnored(_ value: Value, _ space: Space) throws(HTTPFailure) {
        if value.isNull { return }
        let elements = space.elements(value)
        guard value.isArray, (0..<elements.count).allSatisfy({ elements[$0].isString }) else {
            throw .refused("cache_ignored_headers must be an array of strings")
        }
        ignoredHeaders = (0..<elements.count).map { Self.string(elements[$0], space) }
    }

    /// Nanoseconds: a number, a text of digits, or a duration such as "1.5s".
    private func duration(_ value: Value, _ space: Space) throws(HTTPFailure) -> Int64 {
        if value.isNumber {
            guard let number = space.int64(value) else {
                let shown = String(decoding: (try? space.rego(value)) ?? [], as: UTF8.self)
                throw .refused("invalid timeout number value \(shown), must be int64")
            }
            return number
        }
        guard value.isString else {
            let given = value.isArray ? "array" : value.isObject ? "object" : value.isSet ? "set" : "boolean"
            let shown = value.isNull ? "null" : given
            throw .operand("operand 1 'timeout' must be one of {string, number} but got \(shown)")
        }
        let text = String(decoding: space.bytes(value), as: UTF8.self)
        if let number = Int64(text) { return number }
        guard let number = GoDuration.nanoseconds(text) else {
            throw .refused("invalid timeout value \"\(text)\": time: invalid duration \"\(text)\"")
        }
        return number
    }
}

/// The `tls_*` parameters.
struct HTTPTLSOptions: Sendable, Equatable {
    /// PEM texts: given, in a file, or in a variable of the environment.
    struct Source: Sendable, Equatable {
        var text = ""
        var file = ""
        var variable = ""
    }

    var usesSystemRoots: Bool?
    var skipsVerification = false
    var serverName = ""
    var roots = Source()
    var certificate = Source()
    var key = Source()

    var isDefault: Bool { self == HTTPTLSOptions() }
}
