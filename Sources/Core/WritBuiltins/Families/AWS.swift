import WritValue

/// `providers.aws.sign_req`: requests signed for Amazon Web Services (Signature Version 4).
enum AWS {
    static let builtins: [Builtin] = [
        Builtin(
            "providers.aws.sign_req",
            [
                Parameter("request", .dictionary(.string, .any)), Parameter("aws_config", .dictionary(.string, .any)),
                Parameter("time_ns", .number),
            ],
            Parameter("output", .anyObject), .pure(sign),
            """
            The HTTP request object `request` with the headers that sign it for Amazon Web Services (Signature \
            Version 4). Missing credentials are an error.
            """)
    ]

    private static func sign(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let space = context.space
        // OPA counts the second and third operand as the first where their type is wrong.
        for index in 0..<2 where !arguments[index].isObject {
            throw context.typeError(1, "object", got: arguments[index])
        }
        try checkConfiguration(arguments[1], context)
        guard arguments[2].isNumber else { throw context.typeError(1, "number", got: arguments[2]) }
        guard let time = context.integerBySpelling(arguments[2]) else {
            throw context.operandError(3, "could not convert time_ns value into a unix timestamp")
        }
        let headers = try checkRequest(arguments[0], context)
        var signing = AWSSigning(time)
        signing.method = text("method", arguments[0], space)
        switch URIParts.read(text("url", arguments[0], space)) {
        case .failure(let problem): throw problem.fault(context)
        case .success(let url): signing.url = url
        }
        signing.accessKey = text("aws_access_key", arguments[1], space)
        signing.secretKey = text("aws_secret_access_key", arguments[1], space)
        signing.region = text("aws_region", arguments[1], space)
        signing.service = text("aws_service", arguments[1], space)
        signing.sessionToken = text("aws_session_token", arguments[1], space)
        signing.body = try body(arguments[0], space)
        let unsigned = member("disable_payload_signing", arguments[1], space)
        if unsigned.isDefined {
            guard unsigned.isBoolean else {
                throw context.operandError(2, "invalid value for 'disable_payload_signing' in AWS config")
            }
            signing.signsBody = !unsigned.isTrue
        }
        let entries = space.entries(headers)
        try context.spend(signing.body.count &+ entries.count &+ 16)
        for index in 0..<entries.count {
            let name = space.bytes(entries.keys[index])
            let value = entries.values[index]
            signing.headers.append((name, value.isString ? space.bytes(value) : []))
        }
        return try signed(arguments[0], signing, space)
    }

    /// The request with the headers that sign it beside its own.
    private static func signed(_ request: Value, _ signing: AWSSigning, _ space: Space) throws(Fault) -> Value {
        var list = ValueList()
        let (authorization, added) = signing.sign()
        // Of equal names the last counts.
        for (name, value) in signing.headers + [(bytes("Authorization"), authorization)] + added {
            try list.append(try space.string(name), in: space)
            try list.append(try space.string(value), in: space)
        }
        let headers = try space.object(pairs: list)
        var result = ValueList()
        let entries = space.entries(request)
        for index in 0..<entries.count {
            try result.append(entries.keys[index], in: space)
            try result.append(entries.values[index], in: space)
        }
        try result.append(.short("headers"), in: space)
        try result.append(headers, in: space)
        return try space.object(pairs: result)
    }

    // MARK: Operands

    private static let required: [StaticString] = [
        "aws_access_key", "aws_region", "aws_secret_access_key", "aws_service",
    ]

    private static func checkConfiguration(_ object: Value, _ context: BuiltinContext) throws(Fault) {
        let space = context.space
        let missing = required.filter { member($0, object, space).isUndefined }
        guard missing.isEmpty else {
            throw listError(2, "missing required AWS config parameters(s): ", missing.map { bytes($0) }, context)
        }
        let invalid = required.filter { !member($0, object, space).isString }
        guard invalid.isEmpty else {
            throw listError(
                2, "invalid values for required AWS config parameters(s): ", invalid.map { bytes($0) }, context)
        }
    }

    /// What a request to `http.send` may hold.
    private static let allowed: [StaticString] = [
        "body", "cache", "cache_ignored_headers", "caching_mode", "enable_redirect", "force_cache",
        "force_cache_duration_seconds", "force_json_decode", "force_yaml_decode", "headers", "max_retry_attempts",
        "method", "raise_error", "raw_body", "timeout", "tls_ca_cert", "tls_ca_cert_env_variable", "tls_ca_cert_file",
        "tls_client_cert", "tls_client_cert_env_variable", "tls_client_cert_file", "tls_client_key",
        "tls_client_key_env_variable", "tls_client_key_file", "tls_insecure_skip_verify", "tls_server_name",
        "tls_use_system_certs", "url",
    ]

    /// The headers of a request, an empty object where it has none. Throws for a request that cannot be signed.
    private static func checkRequest(_ request: Value, _ context: BuiltinContext) throws(Fault) -> Value {
        let space = context.space
        var unknown: [[UInt8]] = []
        let entries = space.entries(request)
        for index in 0..<entries.count {
            let key = entries.keys[index]
            if !allowed.contains(where: { space.string(key, equals: $0) }) { unknown.append(space.bytes(key)) }
        }
        guard unknown.isEmpty else { throw listError(1, "invalid request parameters(s): ", unknown, context) }
        let needed: [StaticString] = ["method", "url"]
        let missing = needed.filter { member($0, request, space).isUndefined }
        guard missing.isEmpty else {
            throw listError(1, "missing required request parameters(s): ", missing.map { bytes($0) }, context)
        }
        let headers = member("headers", request, space)
        guard headers.isObject || headers.isUndefined else { throw context.typeError(0, "object", got: headers) }
        let invalid = needed.filter { !member($0, request, space).isString }
        guard invalid.isEmpty else {
            throw listError(
                1, "invalid values for required request parameters(s): ", invalid.map { bytes($0) }, context)
        }
        return headers.isObject ? headers : .emptyObject
    }

    /// The error "operand 1 missing required request parameters(s): {"method", "url"}".
    private static func listError(
        _ position: Int, _ what: StaticString, _ names: [[UInt8]], _ context: BuiltinContext
    ) -> Fault {
        var message = bytes(position == 1 ? "operand 1 " : "operand 2 ") + bytes(what)
        message.append(UInt8(ascii: "{"))
        for (index, name) in names.enumerated() {
            if index > 0 { message += bytes(", ") }
            message += name.withUnsafeBufferPointer { context.quoted($0) }
        }
        message.append(UInt8(ascii: "}"))
        return context.message(.type) { (buffer) throws(Fault) in
            try message.withUnsafeBufferPointer { (text) throws(Fault) in try buffer.append(text) }
        }
    }

    private static func member(_ name: StaticString, _ object: Value, _ space: Space) -> Value {
        guard let key = try? space.string(name) else { return .undefined }
        return space.member(object, key)
    }

    /// The bytes of a string member, none for anything else.
    private static func text(_ name: StaticString, _ object: Value, _ space: Space) -> [UInt8] {
        let value = member(name, object, space)
        return value.isString ? space.bytes(value) : []
    }

    private static func body(_ request: Value, _ space: Space) throws(Fault) -> [UInt8] {
        if member("raw_body", request, space).isDefined { return text("raw_body", request, space) }
        let body = member("body", request, space)
        return body.isDefined ? try space.json(body) : []
    }

    fileprivate static func bytes(_ literal: StaticString) -> [UInt8] {
        Array(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }
}

/// One request to be signed.
private struct AWSSigning {
    typealias Header = (name: [UInt8], value: [UInt8])

    var method: [UInt8] = []
    var url = URIParts()
    var headers: [Header] = []
    var body: [UInt8] = []
    var signsBody = true
    var accessKey: [UInt8] = []
    var secretKey: [UInt8] = []
    var region: [UInt8] = []
    var service: [UInt8] = []
    var sessionToken: [UInt8] = []
    /// `20060102` and `20060102T150405Z`.
    private let date: [UInt8]
    private let time: [UInt8]

    /// Signs at a time in nanoseconds since 1970.
    init(_ nanoseconds: Int64) {
        let seconds = Calendar.floorDivide(nanoseconds, 1_000_000_000)
        let day = Calendar.floorDivide(seconds, Calendar.secondsPerDay)
        let rest = seconds &- day &* Calendar.secondsPerDay
        let (year, month, dayOfMonth) = Calendar.date(ofDay: day)
        date = Self.digits(year, 4) + Self.digits(Int64(month), 2) + Self.digits(Int64(dayOfMonth), 2)
        let clock = Self.digits(rest / 3600, 2) + Self.digits(rest / 60 % 60, 2) + Self.digits(rest % 60, 2)
        time = date + AWS.bytes("T") + clock + AWS.bytes("Z")
    }

    private static func digits(_ number: Int64, _ count: Int) -> [UInt8] {
        var digits = [UInt8](repeating: 0, count: count)
        var rest = number
        for index in digits.indices.reversed() {
            digits[index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return digits
    }

    /// The value of the header `Authorization`, and the other headers that go with it.
    func sign() -> (authorization: [UInt8], added: [Header]) {
        let bodyHash = signsBody ? Self.hexadecimal(Self.hash(body)) : AWS.bytes("UNSIGNED-PAYLOAD")
        var added: [Header] = [(AWS.bytes("host"), url.host), (AWS.bytes("x-amz-date"), time)]
        if service == AWS.bytes("s3") || service == AWS.bytes("glacier") {
            added.append((AWS.bytes("x-amz-content-sha256"), bodyHash))
        }
        if !sessionToken.isEmpty { added.append((AWS.bytes("x-amz-security-token"), sessionToken)) }
        let signed = headersToSign(added)
        let names = Self.joined(signed.map { $0.name }, AWS.bytes(";"))
        var request = method + AWS.bytes("\n") + url.escapedPath + AWS.bytes("\n") + url.query + AWS.bytes("\n")
        for (name, value) in signed { request += name + AWS.bytes(":") + value + AWS.bytes("\n") }
        request += AWS.bytes("\n") + names + AWS.bytes("\n") + bodyHash
        let scope = Self.joined([date, region, service, AWS.bytes("aws4_request")], AWS.bytes("/"))
        let text =
            AWS.bytes("AWS4-HMAC-SHA256\n") + time + AWS.bytes("\n") + scope + AWS.bytes("\n")
            + Self.hexadecimal(Self.hash(request))
        var key = AWS.bytes("AWS4") + secretKey
        for part in [date, region, service, AWS.bytes("aws4_request")] { key = Self.code(part, key) }
        let authorization =
            AWS.bytes("AWS4-HMAC-SHA256 Credential=") + accessKey + AWS.bytes("/") + scope
            + AWS.bytes(",SignedHeaders=") + names + AWS.bytes(",Signature=") + Self.hexadecimal(Self.code(text, key))
        return (authorization, added)
    }

    /// All headers by name in lower case, but those that proxies change on the way. The request's own win.
    private func headersToSign(_ added: [Header]) -> [Header] {
        var all = added
        for (name, value) in headers {
            let lower = name.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
            let isIgnored =
                lower == AWS.bytes("authorization") || lower == AWS.bytes("user-agent")
                || lower == AWS.bytes("x-amzn-trace-id")
            if isIgnored { continue }
            all.append((lower, value))
        }
        // Stable by name: of equal names the last counts.
        let order = all.indices.sorted { a, b in
            all[a].name == all[b].name ? a < b : all[a].name.lexicographicallyPrecedes(all[b].name)
        }
        var unique: [Header] = []
        for index in order {
            if let last = unique.last, last.name == all[index].name { unique.removeLast() }
            unique.append(all[index])
        }
        return unique
    }

    private static func joined(_ parts: [[UInt8]], _ separator: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if index > 0 { out += separator }
            out += part
        }
        return out
    }

    private static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = Digest<SHA256>()
        bytes.withUnsafeBufferPointer { digest.update($0) }
        digest.finish()
        return (0..<SHA256.digestSize).map { digest.byte($0) }
    }

    private static func code(_ message: [UInt8], _ key: [UInt8]) -> [UInt8] {
        let digest = message.withUnsafeBufferPointer { message in
            key.withUnsafeBufferPointer { HMAC<SHA256>.authenticate(message, key: $0) }
        }
        return (0..<SHA256.digestSize).map { digest.byte($0) }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count &* 2)
        for byte in bytes {
            text.append(Hexadecimal.digit(byte &>> 4))
            text.append(Hexadecimal.digit(byte & 15))
        }
        return text
    }
}

extension URIParts {
    /// The path as it was written, with what must be escaped escaped.
    fileprivate var escapedPath: [UInt8] {
        guard !rawPath.isEmpty else { return URIEscape.encodePath(path) }
        // What was written stands where it needs no further escapes.
        let isValid = rawPath.allSatisfy { byte in
            URIEscape.isPathByte(byte) || byte == UInt8(ascii: "%")
        }
        return isValid ? rawPath : URIEscape.encodePath(path)
    }
}
