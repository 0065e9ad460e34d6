import Crypto
import Writ

/// `io.jwt.encode_sign` and `io.jwt.encode_sign_raw`.
enum TokenSigning {
    /// Header, payload and key as values.
    static func encode(_ context: HostContext, _ arguments: Arguments) throws(Fault) -> Value {
        let header = try context.space.json(arguments[0])
        let payload = try context.space.json(arguments[1])
        let key = try context.space.json(arguments[2])
        return try sign(context, header: header, payload: payload, key: key)
    }

    /// Header, payload and key as JSON text; header and payload are signed as they are written.
    static func encodeRaw(_ context: HostContext, _ arguments: Arguments) throws(Fault) -> Value {
        let key = try context.text(arguments, 2)
        let header = try context.text(arguments, 0)
        let payload = try context.text(arguments, 1)
        return try sign(context, header: header, payload: payload, key: key)
    }

    private static func sign(
        _ context: HostContext, header: [UInt8], payload: [UInt8], key text: [UInt8]
    ) throws(Fault) -> Value {
        try context.spend((header.count + payload.count + text.count) >> 2)
        let keys: [JSONWebKey]
        do throws(KeyFailure) { keys = try JSONWebKey.parse(text, in: context.space) } catch {
            throw context.error(error.message)
        }
        guard let key = keys.first else { throw context.error("no keys found in JWK set") }
        let algorithm = try algorithm(of: header, payload: payload, context)
        var token = Base64Text.encode(header, url: true, padding: false)
        token.append(UInt8(ascii: "."))
        token += Base64Text.encode(payload, url: true, padding: false)
        try context.spend(key.signingCost)
        let signature: [UInt8]
        do throws(KeyFailure) { signature = try key.signature(of: token, algorithm) } catch {
            throw context.error(error.message)
        }
        token.append(UInt8(ascii: "."))
        token += Base64Text.encode(signature, url: true, padding: false)
        return try context.space.string(token)
    }

    /// The algorithm that a header asks for. Throws also where the header promises claims and the payload is no JSON.
    private static func algorithm(
        of header: [UInt8], payload: [UInt8], _ context: HostContext
    ) throws(Fault) -> SignatureAlgorithm {
        let name: [UInt8]
        let type: [UInt8]?
        do throws(KeyFailure) {
            var members = try SigningHeader(header)
            name = try members.text(of: "alg")
            type = try? members.text(of: "typ")
        } catch { throw context.error("missing or invalid 'alg' header: \(error.message)") }
        guard let algorithm = SignatureAlgorithm(name) else {
            throw context.error("unknown JWS algorithm: \(text: name)")
        }
        if type.map({ $0.equals("JWT") }) ?? true {
            do throws(JSONError) { _ = try context.space.readJSON(payload) } catch {
                throw context.error("type is JWT but payload is not JSON")
            }
        }
        return algorithm
    }
}

extension JSONWebKey {
    /// What a signature costs, in steps of an evaluation.
    var signingCost: Int {
        guard case .rsa(let numbers) = kind else { return 2048 }
        let size = numbers["n"]?.count ?? 0
        // Grows with the cube of the size.
        return 1024 + size * size * size >> 9
    }

    /// The name of its kind in OPA's messages.
    private var typeName: String {
        let half = isPrivate ? "Private" : "Public"
        return switch kind {
        case .rsa: "*jwk.rsa\(half)Key"
        case .ec: "*jwk.ecdsa\(half)Key"
        case .okp: "*jwk.okp\(half)Key"
        case .secret: "*jwk.symmetricKey"
        }
    }

    /// Signs a message. Throws where the key is not of the algorithm's kind, or no private one.
    func signature(of message: [UInt8], _ algorithm: SignatureAlgorithm) throws(KeyFailure) -> [UInt8] {
        switch (algorithm.family, kind) {
        case (.hs, .secret(let secret)):
            return secret.withUnsafeBufferPointer { secret in
                message.withUnsafeBufferPointer { KeyedHash(algorithm.hash, secret: secret).code(for: $0) }
            }
        case (.rs, .rsa(let numbers)) where isPrivate, (.ps, .rsa(let numbers)) where isPrivate:
            for name in ["q", "p"] where numbers[name] == nil {
                throw misfit("*rsa.PrivateKey", "", "failed to export jwk.Key to raw format: missing \"\(name)\" value")
            }
            let names = ["n", "e", "d", "p", "q", "dp", "dq", "qi"]
            let all = names.compactMap { numbers[$0] }
            let given = all.count == names.count ? all : names.prefix(5).compactMap { numbers[$0] }
            return try RSAPrivateKey(given).signature(of: message, algorithm)
        case (.es, .ec(let curve, _, let scalar?)):
            guard let key = ECPrivateKey(curve, scalar: scalar) else {
                throw KeyFailure("ecdsa: invalid private key")
            }
            return try key.signature(of: message, algorithm)
        case (.ed, .okp(let curve, let x, let seed?)) where curve.equals("Ed25519"):
            guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed),
                Array(key.publicKey.rawRepresentation) == x
            else {
                throw misfit(
                    "ed25519.PrivateKey", "",
                    "failed to export jwk.Key to raw format: jwk.OKPPrivateKey: failed to build private key: ed25519: "
                        + "invalid x value given d value")
            }
            guard let signature = try? key.signature(for: message) else {
                throw KeyFailure("ed25519: cannot sign with this key")
            }
            return Array(signature)
        case (.hs, _): throw misfit("[]byte", "keyconv: ", nil)
        case (.rs, _), (.ps, _): throw misfit("*rsa.PrivateKey", "", nil)
        case (.es, _): throw misfit("*ecdsa.PrivateKey", "keyconv: ", nil)
        case (.ed, _): throw misfit("ed25519.PrivateKey", "", nil)
        }
    }

    /// Why OPA's library does not make a key of another kind of this one.
    private func exportProblem(_ product: String) -> String {
        let half = isPrivate ? "Private" : "Public"
        if case .okp(let curve, _, _) = kind, curve.equals("Ed25519") || curve.equals("X25519") {
            let own = curve.equals("Ed25519") ? "ed25519.\(half)Key" : "*ecdh.\(half)Key"
            return
                "failed to assign key: argument to AssignIfCompatible() must be compatible with \(own) (was *\(product))"
        }
        return "no suitable exporter found for key type '\(typeName)'"
    }

    private func misfit(_ wanted: String, _ prefix: String, _ reason: String?) -> KeyFailure {
        let product = wanted.hasPrefix("*") ? String(wanted.dropFirst()) : wanted
        let reason = reason ?? exportProblem(product)
        return KeyFailure(
            "jwsbb.Sign: invalid key type \(typeName). \(wanted) is required: \(prefix)failed to produce \(product) "
                + "from \(typeName): jwk.Export: \(reason)")
    }
}
