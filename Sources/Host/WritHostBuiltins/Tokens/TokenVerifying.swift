import Writ

/// `io.jwt.decode` and `io.jwt.verify_*`.
enum TokenVerifying {
    static func decode(_ context: HostContext, _ arguments: Arguments) throws(Fault) -> Value {
        var operand = arguments[0]
        let space = context.space
        while true {
            let token = try TokenText(operand, context)
            let header = try token.decodedHeader(context)
            var payload = try token.decodedPayload(context)
            let contentType = space.member(header, try space.string("cty"))
            if contentType.isDefined, !contentType.isString { throw context.error("cty: must be a string") }
            if space.string(contentType, equals: "JWT") {
                // A token in a token; each level is shorter than the one around it. Some writers quote the inner one.
                while let last = payload.last, isQuote(last) { payload = .init(rebasing: payload.dropLast()) }
                while let first = payload.first, isQuote(first) { payload = .init(rebasing: payload.dropFirst()) }
                operand = try space.string(payload)
                continue
            }
            let claims = try context.readObject(payload)
            let signature = try token.decodedSignature(context, "JWT signature had invalid encoding: ")
            return try space.array([header, claims, try hexadecimal(signature, space)])
        }
    }

    private static func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

    private static func hexadecimal(_ bytes: TokenText.Bytes, _ space: Space) throws(Fault) -> Value {
        let count = bytes.count * 2
        let memory = try space.scratch(bytes: max(1, count)).bindMemory(to: UInt8.self, capacity: max(1, count))
        for index in 0..<bytes.count {
            memory[2 * index] = digit(bytes[index] >> 4)
            memory[2 * index + 1] = digit(bytes[index] & 15)
        }
        return try space.string(UnsafeBufferPointer(start: memory, count: count))
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Whether the keyed hash that a token carries is that of its header and payload under the shared secret.
    ///
    /// What the header says of the algorithm is not asked: the caller names it.
    static func verifySecret(
        _ context: HostContext, _ arguments: Arguments, _ hash: SignatureAlgorithm.Hash
    ) throws(Fault) -> Value {
        for index in 0..<2 where !arguments[index].isString {
            throw context.typeError(index + 1, "string", got: arguments[index])
        }
        let token = try TokenText(arguments[0], context)
        let signature = try token.decodedSignature(context)
        let secret = try context.stableBytes(arguments[1])
        try context.spend(secret.count >> 4)
        let keyedHash = context.state { KeyCache(context.keptValues) }.keyedHash(secret, hash)
        return .boolean(keyedHash.isValid(signature, for: token.signed))
    }

    /// Whether the signature of a token is good under one of the keys that the second operand holds.
    static func verify(
        _ context: HostContext, _ arguments: Arguments, _ algorithm: SignatureAlgorithm
    ) throws(Fault) -> Value {
        let token = try TokenText(arguments[0], context)
        guard arguments[1].isString else { throw context.typeError(2, "string", got: arguments[1]) }
        let keys = try context.keys(in: arguments[1])
        let signature = try token.decodedSignature(context)
        let header = try TokenHeader(try token.decodedHeader(context), context)
        let chosen = KeyChoice(keys, header, context.space)
        return .boolean(
            try chosen.contains { (key) throws(Fault) in
                guard !key.isPrivate else { return false }
                try context.spend(key.key.cost)
                return key.key.verifies(signature, of: token.signed, algorithm, isExact: false)
            })
    }
}

/// Which keys of a set may verify a token: the one that the token's header names, else those for its algorithm.
struct KeyChoice {
    private let keys: [VerificationKey]
    private let named: Int?
    private let algorithm: Value
    private let space: Space

    init(_ keys: [VerificationKey], _ header: TokenHeader, _ space: Space) {
        self.keys = keys
        self.space = space
        algorithm = header.algorithm
        let identifier = header.identifier
        guard identifier.isString, space.byteCount(identifier) > 0 else {
            named = nil
            return
        }
        named = space.withBytes(identifier) { bytes in keys.firstIndex { $0.identifier.elementsEqual(bytes) } }
    }

    /// Whether a key that may verify the token does.
    func contains(_ verifies: (VerificationKey) throws(Fault) -> Bool) throws(Fault) -> Bool {
        if let named { return try verifies(keys[named]) }
        for key in keys {
            let isFor =
                key.algorithm.isEmpty
                || algorithm.isString && space.withBytes(algorithm) { $0.elementsEqual(key.algorithm) }
            guard isFor, try verifies(key) else { continue }
            return true
        }
        return false
    }
}

extension PublicKey {
    /// What a verification costs, in steps of an evaluation.
    var cost: Int {
        switch self {
        case .rsa(let key): 64 + key.size * key.size >> 4
        case .ec(let key): key.curve.size * 64
        case .ed25519: 1024
        case .x25519, .dsa, .secret: 64
        }
    }
}

extension HostContext {
    /// The keys of a certificate, public key or JSON web key (set). Pays for reading them.
    func keys(in text: Value) throws(Fault) -> [VerificationKey] {
        try spend(space.byteCount(text) >> 2)
        do throws(KeyFailure) { return try state { KeyCache(keptValues) }.keys(in: text, self) } catch {
            throw self.error(error.message)
        }
    }
}

extension Space {
    /// An array of these values.
    func array(_ values: [Value]) throws(Fault) -> Value {
        var list = ValueList()
        try list.reserve(values.count, in: self)
        for value in values { try list.append(value, in: self) }
        return array(adopting: list)
    }
}
