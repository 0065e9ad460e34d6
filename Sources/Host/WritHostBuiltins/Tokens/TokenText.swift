import Writ

/// The three sections of a JSON web token in compact form (RFC 7515). They point into the space of the evaluation.
struct TokenText {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    let header: Bytes
    let payload: Bytes
    let signature: Bytes
    /// Header and payload with the dot between them: what the signature signs.
    let signed: Bytes

    /// Splits the token that a string operand holds.
    init(_ value: Value, _ context: HostContext) throws(Fault) {
        guard value.isString else { throw context.typeError(1, "string", got: value) }
        let text = try context.stableBytes(value)
        try context.spend(text.count >> 4)
        var dots = 0
        var first = 0
        var second = 0
        for index in 0..<text.count where text[index] == UInt8(ascii: ".") {
            dots += 1
            if dots == 1 { first = index }
            if dots == 2 { second = index }
        }
        guard dots > 0 else { throw context.error("encoded JWT had no period separators") }
        guard dots == 2 else { throw context.error("encoded JWT must have 3 sections, found \(dots + 1)") }
        header = Bytes(rebasing: text[..<first])
        payload = Bytes(rebasing: text[(first + 1)..<second])
        signature = Bytes(rebasing: text[(second + 1)...])
        signed = Bytes(rebasing: text[..<second])
    }

    /// The header as an object. Throws OPA's text where it is none, and for an encrypted token.
    func decodedHeader(_ context: HostContext) throws(Fault) -> Value {
        let bytes = try context.decodeBase64URL(header, "JWT header had invalid encoding: ")
        let value = try context.readObject(bytes, "bad JWT header: ")
        guard context.space.member(value, try context.space.string("enc")).isUndefined else {
            throw context.error("JWT is a JWE object, which is not supported")
        }
        return value
    }

    func decodedPayload(_ context: HostContext) throws(Fault) -> Bytes {
        try context.decodeBase64URL(payload, "JWT payload had invalid encoding: ")
    }

    /// Prefixed as `io.jwt.decode` does; the functions that verify have no prefix.
    func decodedSignature(_ context: HostContext, _ prefix: String = "") throws(Fault) -> Bytes {
        try context.decodeBase64URL(signature, prefix)
    }
}

/// The fields of a token's header that verifying looks at.
struct TokenHeader {
    private(set) var algorithm: Value = .undefined
    private(set) var identifier: Value = .undefined
    private(set) var contentType: Value = .undefined
    /// Whether nothing in it is critical that is not understood, and it names an algorithm.
    private(set) var isValid = true

    init(_ header: Value, _ context: HostContext) throws(Fault) {
        let space = context.space
        let entries = space.entries(header)
        var critical: Value = .undefined
        for index in 0..<entries.count {
            let key = entries.keys[index]
            let value = entries.values[index]
            if space.string(key, equals: "alg") {
                algorithm = try Self.text("alg", value, context)
            } else if space.string(key, equals: "kid") {
                identifier = try Self.text("kid", value, context)
            } else if space.string(key, equals: "typ") {
                _ = try Self.text("typ", value, context)
            } else if space.string(key, equals: "cty") {
                contentType = try Self.text("cty", value, context)
            } else if space.string(key, equals: "crit") {
                critical = value
                try Self.checkCritical(value, context)
            }
        }
        if algorithm.isUndefined || space.byteCount(algorithm) == 0 { isValid = false }
        guard critical.isDefined else { return }
        let names = space.elements(critical)
        for index in 0..<names.count {
            // The list ends at the first element that is no string.
            guard names[index].isString else { break }
            guard !Self.isUnderstood(names[index], space) else { continue }
            if space.member(header, names[index]).isDefined { isValid = false }
        }
    }

    private static func text(_ name: StaticString, _ value: Value, _ context: HostContext) throws(Fault) -> Value {
        guard value.isString else { throw context.error("\(name): must be a string") }
        return value
    }

    private static func checkCritical(_ value: Value, _ context: HostContext) throws(Fault) {
        guard value.isArray else { throw context.error("crit: must be a list") }
        guard context.space.elements(value)[0].isString else { throw context.error("crit: must be a nonempty list") }
    }

    private static func isUnderstood(_ name: Value, _ space: Space) -> Bool {
        for known in ["alg", "kid", "typ", "cty", "crit"] as [StaticString] {
            if space.string(name, equals: known) { return true }
        }
        return false
    }
}

extension HostContext {
    /// The bytes of a string for as long as the space is not reset.
    func stableBytes(_ value: Value) throws(Fault) -> UnsafeBufferPointer<UInt8> {
        let long = space.longBytes(value)
        guard long.isEmpty else { return long }
        // A short string lies in its value.
        let count = space.byteCount(value)
        let memory = try space.scratch(bytes: 16).bindMemory(to: UInt8.self, capacity: 16)
        space.withBytes(value) { bytes in for index in 0..<bytes.count { memory[index] = bytes[index] } }
        return UnsafeBufferPointer(start: memory, count: count)
    }

    /// Decodes base64 in the alphabet for URLs, with or without padding, as `base64url.decode` does.
    func decodeBase64URL(
        _ text: UnsafeBufferPointer<UInt8>, _ prefix: String
    ) throws(Fault) -> UnsafeBufferPointer<UInt8> {
        let missing = text.last == UInt8(ascii: "=") ? 0 : (4 - text.count % 4) % 4
        guard missing != 3 else { throw error("\(prefix)illegal base64url string: \(text: text)") }
        let room = (text.count + missing) / 4 * 3 + 3
        let memory = try space.scratch(bytes: room).bindMemory(to: UInt8.self, capacity: room)
        do throws(Base64Text.Failure) {
            let count = try Base64Text.decode(text, url: true, missing: missing, into: memory)
            return UnsafeBufferPointer(start: memory, count: count)
        } catch { throw self.error(prefix + error.message) }
    }

    /// Reads JSON that must be an object.
    func readObject(_ text: UnsafeBufferPointer<UInt8>, _ prefix: String = "") throws(Fault) -> Value {
        let value: Value
        do throws(JSONError) { value = try space.readJSON(text) } catch {
            switch space.trailing(error, text) {
            case .value(let found): value = found
            case .problem(let message): throw self.error("\(prefix)invalid JSON: \(text: message)")
            }
        }
        guard value.isObject else { throw error("\(prefix)decoded JSON type was not an Object") }
        return value
    }
}
