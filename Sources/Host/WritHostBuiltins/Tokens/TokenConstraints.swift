import Writ

/// What `io.jwt.decode_verify` is asked to check.
struct TokenConstraints {
    private(set) var algorithm: Value = .undefined
    private(set) var issuer: Value = .undefined
    private(set) var audience: Value = .undefined
    private(set) var secret: Value = .undefined
    private(set) var keys: [VerificationKey]?
    /// The time to compare with, in nanoseconds since 1970: the query's unless the constraints give one.
    private(set) var time: Double = 0

    /// Reads the members in Rego's order, so that of several errors the first is reported.
    init(_ object: Value, _ context: HostContext) throws(Fault) {
        let space = context.space
        let entries = space.entries(object)
        var hasTime = false
        for index in 0..<entries.count {
            let key = entries.keys[index]
            let value = entries.values[index]
            if space.string(key, equals: "alg") {
                algorithm = try Self.text("alg", value, context)
            } else if space.string(key, equals: "aud") {
                audience = try Self.text("aud", value, context)
            } else if space.string(key, equals: "cert") {
                keys = try context.keys(in: try Self.text("cert", value, context))
            } else if space.string(key, equals: "iss") {
                issuer = try Self.text("iss", value, context)
            } else if space.string(key, equals: "secret") {
                secret = try Self.text("secret", value, context)
            } else if space.string(key, equals: "time") {
                time = try Self.time(value, context)
                hasTime = true
            } else {
                throw context.error("unknown token validation constraint: \(text: space.bytes(key))")
            }
        }
        if !hasTime { time = Double(context.clock()) }
        let hasSecret = isGiven(secret, space)
        guard !(keys != nil && hasSecret) else { throw context.error("duplicate key constraints") }
        guard keys != nil || hasSecret else { throw context.error("no key constraint") }
    }

    /// An empty text is as good as none.
    private func isGiven(_ text: Value, _ space: Space) -> Bool { text.isString && space.byteCount(text) > 0 }

    private static func text(_ name: StaticString, _ value: Value, _ context: HostContext) throws(Fault) -> Value {
        guard value.isString else { throw context.error("\(name) constraint: must be a string") }
        return value
    }

    private static func time(_ value: Value, _ context: HostContext) throws(Fault) -> Double {
        guard value.isNumber else { throw context.error("token time constraint: must be a number") }
        let time: Double?
        if value.isInteger {
            time = Double(value.integerValue)
        } else {
            time = context.space.withNumberText(value) { Double(String(decoding: $0, as: UTF8.self)) }
        }
        guard let time, time.isFinite else { throw context.error("token time constraint: unvalid float64") }
        guard time >= 0 else { throw context.error("token time constraint: must not be negative") }
        return time
    }

    // MARK: Judging

    /// Whether the algorithm that a token's header names is the one that is asked for.
    func allowsAlgorithm(_ header: TokenHeader, _ space: Space) -> Bool {
        !isGiven(algorithm, space) || space.equal(algorithm, header.algorithm)
    }

    func verifies(_ token: TokenText, _ header: TokenHeader, _ context: HostContext) throws(Fault) -> Bool {
        let space = context.space
        let signature = try token.decodedSignature(context)
        let named = try Self.algorithm(named: header.algorithm, space)
        guard let named else { return false }
        if let keys {
            return try KeyChoice(keys, header, space).contains { (key) throws(Fault) in
                try context.spend(key.key.cost)
                // Only a key that is a shared secret verifies a keyed hash: a public key's text never does.
                if named.family == .hs {
                    guard case .secret(let secret) = key.key else { return false }
                    return secret.withUnsafeBufferPointer {
                        KeyedHash(named.hash, secret: $0).isValid(signature, for: token.signed)
                    }
                }
                return key.key.verifies(signature, of: token.signed, named, isExact: true)
            }
        }
        guard named.family == .hs else { return false }
        let keyedHash = context.state { KeyCache(context.keptValues) }.keyedHash(
            try context.stableBytes(secret), named.hash)
        return keyedHash.isValid(signature, for: token.signed)
    }

    /// The algorithm that a header names; also `Ed25519`, RFC 9864's name for EdDSA on that curve.
    private static func algorithm(named name: Value, _ space: Space) throws(Fault) -> SignatureAlgorithm? {
        if space.string(name, equals: "HS256") { return SignatureAlgorithm(.hs, .sha256) }
        if space.string(name, equals: "Ed25519") { return SignatureAlgorithm(.ed, .sha512) }
        return space.withBytes(name) { SignatureAlgorithm($0) }
    }

    /// Whether issuer, audience and times of a verified token are as asked. Throws where a time is no number.
    func allows(_ claims: Value, _ context: HostContext) throws(Fault) -> Bool {
        let space = context.space
        if isGiven(issuer, space) {
            guard space.equal(issuer, space.member(claims, try space.string("iss"))) else { return false }
        }
        guard allowsAudience(space.member(claims, try space.string("aud")), space) else { return false }
        let expiry = space.member(claims, try space.string("exp"))
        if expiry.isDefined {
            guard expiry.isNumber else { throw context.error("exp value must be a number") }
            guard try compareTime(expiry, space) < 0 else { return false }
        }
        let start = space.member(claims, try space.string("nbf"))
        if start.isDefined {
            guard start.isNumber else { throw context.error("nbf value must be a number") }
            guard try compareTime(start, space) >= 0 else { return false }
        }
        return true
    }

    private func allowsAudience(_ claimed: Value, _ space: Space) -> Bool {
        if claimed.isUndefined { return !isGiven(audience, space) }
        if claimed.isString { return isAudience(claimed, space) }
        guard claimed.isArray else { return false }
        let elements = space.elements(claimed)
        for index in 0..<elements.count where isAudience(elements[index], space) { return true }
        return false
    }

    private func isAudience(_ claimed: Value, _ space: Space) -> Bool {
        guard claimed.isString else { return false }
        return audience.isString ? space.equal(claimed, audience) : space.byteCount(claimed) == 0
    }

    /// The order of the time and a claim in seconds: -1 when the time is before it.
    private func compareTime(_ claim: Value, _ space: Space) throws(Fault) -> Int {
        let seconds = time / 1_000_000_000
        if claim.isInteger, claim.integerValue.magnitude < 1 << 53 {
            let claimed = Double(claim.integerValue)
            return seconds < claimed ? -1 : seconds > claimed ? 1 : 0
        }
        return space.compare(try space.number(Array("\(seconds)".utf8)), claim)
    }
}

/// `io.jwt.decode_verify`.
enum TokenChecking {
    static func decodeVerify(_ context: HostContext, _ arguments: Arguments) throws(Fault) -> Value {
        guard arguments[1].isObject else { throw context.typeError(2, "object", got: arguments[1]) }
        let space = context.space
        let constraints = try TokenConstraints(arguments[1], context)
        var operand = arguments[0]
        while true {
            let token = try TokenText(operand, context)
            let headerObject = try token.decodedHeader(context)
            let header = try TokenHeader(headerObject, context)
            guard header.isValid, constraints.allowsAlgorithm(header, space),
                try constraints.verifies(token, header, context)
            else { return try refused(space) }
            let payload = try token.decodedPayload(context)
            if isToken(header.contentType, space) {
                // A token in a token; each level is shorter than the one around it.
                operand = try space.string(payload)
                continue
            }
            let claims = try context.readObject(payload)
            guard try constraints.allows(claims, context) else { return try refused(space) }
            return try result(.true, headerObject, claims, space)
        }
    }

    private static func refused(_ space: Space) throws(Fault) -> Value {
        try result(.false, .emptyObject, .emptyObject, space)
    }

    private static func result(_ a: Value, _ b: Value, _ c: Value, _ space: Space) throws(Fault) -> Value {
        var list = ValueList()
        try list.append(a, in: space)
        try list.append(b, in: space)
        try list.append(c, in: space)
        return space.array(adopting: list)
    }

    /// `JWT` in any case.
    private static func isToken(_ contentType: Value, _ space: Space) -> Bool {
        guard contentType.isString else { return false }
        return space.withBytes(contentType) { bytes in
            bytes.count == 3 && bytes[0] | 0x20 == UInt8(ascii: "j") && bytes[1] | 0x20 == UInt8(ascii: "w")
                && bytes[2] | 0x20 == UInt8(ascii: "t")
        }
    }
}
