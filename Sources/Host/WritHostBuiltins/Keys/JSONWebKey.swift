import Crypto
import Writ

/// A key that may verify tokens, and what a JSON web key says of it.
struct VerificationKey {
    let key: PublicKey
    /// Whether the JSON web key holds a private key: OPA verifies with those in `io.jwt.decode_verify` only.
    var isPrivate = false
    /// Empty when not given.
    var algorithm: [UInt8] = []
    var identifier: [UInt8] = []
}

/// Reads JSON web keys (RFC 7517, 7518, 8037), checked as OPA's library checks them.
///
/// Every key of a set must be well-formed; keys are never taken from tokens.
struct JSONWebKey {
    let kind: Kind
    let isPrivate: Bool
    let algorithm: [UInt8]
    let identifier: [UInt8]

    enum Kind {
        case rsa([String: [UInt8]])
        case ec(NISTCurve, ECPublicKey, scalar: [UInt8]?)
        case okp(curve: [UInt8], x: [UInt8], d: [UInt8]?)
        case secret([UInt8])
    }

    // MARK: Reading

    /// Reads a text that holds one key or a set of them.
    static func parse(_ text: [UInt8], in space: Space) throws(KeyFailure) -> [JSONWebKey] {
        let value: Value
        do throws(JSONError) { value = try space.readJSON(text) } catch {
            // What follows the value is not looked at.
            guard error.reason == .afterTopLevel, error.offset <= text.count,
                let first = try? space.readJSON(Array(text[..<error.offset]))
            else {
                throw sole("jwk.Parse: failed to probe data: probe: failed to unmarshal data: \(text: error.message)")
            }
            value = first
        }
        return try parse(value, in: space)
    }

    static func parse(_ value: Value, in space: Space) throws(KeyFailure) -> [JSONWebKey] {
        guard value.isObject else {
            throw sole("jwk.Parse: failed to probe data: probe: failed to unmarshal data: json: cannot unmarshal")
        }
        let fields = Fields(value, space)
        let set = fields["keys"]
        guard set.isDefined else {
            do throws(KeyFailure) { return [try JSONWebKey(fields)] } catch { throw sole(error.message) }
        }
        guard set.isArray else {
            throw KeyFailure("jwk.Parse: failed to unmarshal JWK set: failed to decode \"keys\": expected '['")
        }
        var keys: [JSONWebKey] = []
        let elements = space.elements(set)
        for index in 0..<elements.count {
            do throws(KeyFailure) {
                guard elements[index].isObject else { throw KeyFailure("jwk.Parse: failed to probe data") }
                keys.append(try JSONWebKey(Fields(elements[index], space)))
            } catch {
                throw KeyFailure(
                    "jwk.Parse: failed to unmarshal JWK set: failed to decode key #\(index) in \"keys\": "
                        + "jwk.ParseKey: \(error.message)")
            }
        }
        return keys
    }

    private static func sole(_ message: String) -> KeyFailure {
        KeyFailure("jwk.Parse: failed to parse sole key: jwk.ParseKey: \(message)")
    }

    /// The members of an object by name.
    private struct Fields {
        let object: Value
        let space: Space

        init(_ object: Value, _ space: Space) {
            self.object = object
            self.space = space
        }

        subscript(_ name: StaticString) -> Value {
            guard let key = try? space.string(name) else { return .undefined }
            return space.member(object, key)
        }

        func text(_ name: StaticString) throws(KeyFailure) -> [UInt8]? {
            let value = self[name]
            guard value.isDefined else { return nil }
            // Go reads null into a text as the empty one.
            if value.isNull { return [] }
            guard value.isString else {
                throw KeyFailure(
                    "failed to decode value for key \(name): error reading next value: json: cannot unmarshal "
                        + "\(kind(of: value)) into Go value of type string")
            }
            return space.bytes(value)
        }

        func kind(of value: Value) -> String {
            switch value.kind {
            case .boolean: "bool"
            case .number: "number"
            case .string: "string"
            case .array: "array"
            case .object: "object"
            default: "null"
            }
        }

        /// The bytes of a member in base64, of either alphabet, with padding or without.
        func bytes(_ name: StaticString) throws(KeyFailure) -> [UInt8]? {
            guard let text = try text(name) else { return nil }
            var digits = text[...]
            while digits.last == UInt8(ascii: "=") { digits.removeLast() }
            let isStandard = digits.contains(UInt8(ascii: "+")) || digits.contains(UInt8(ascii: "/"))
            let padding = repeatElement(UInt8(ascii: "="), count: (4 - digits.count % 4) % 4)
            guard let bytes = try? Base64Text.decode(Array(digits) + padding, url: !isStandard) else {
                throw KeyFailure("failed to decode value for key \(name): expected base64 encoded")
            }
            return bytes
        }

        func required(_ name: StaticString) throws(KeyFailure) -> [UInt8] {
            if "\(name)" == "crv", let name = try text(name) { return name }
            guard let bytes = try bytes(name) else { throw KeyFailure("required field \(name) is missing") }
            return bytes
        }
    }

    private init(_ fields: Fields) throws(KeyFailure) {
        let kty = (try? fields.text("kty")) ?? []
        guard let family = Self.families.first(where: { kty.equals($0.name) }) else {
            throw KeyFailure("invalid key type from JSON (\(text: kty))")
        }
        isPrivate = kty.equals("oct") || fields["d"].isDefined
        do throws(KeyFailure) {
            algorithm = try Self.algorithm(fields)
            identifier = try fields.text("kid") ?? []
            for name in ["use", "x5t", "x5t#S256", "x5u"] as [StaticString] { _ = try fields.text(name) }
            try Self.checkLists(fields)
            for name in family.required { _ = try fields.required(name) }
        } catch {
            let type = kty.equals("oct") ? "symmetric" : "\(family.go)\(isPrivate ? "Private" : "Public")"
            let prefix = "failed to unmarshal JSON into key (*jwk.\(type)Key): "
            throw KeyFailure(prefix + prefix + error.message)
        }
        if kty.equals("RSA") {
            kind = try Self.rsa(fields)
        } else if kty.equals("EC") {
            kind = try Self.ec(fields)
        } else if kty.equals("OKP") {
            kind = try Self.okp(fields)
        } else {
            let secret = try fields.required("k")
            guard !secret.isEmpty else { throw Self.invalid("SymmetricKey: missing \"k\" field") }
            kind = .secret(secret)
        }
    }

    private static let families: [(name: StaticString, go: String, required: [StaticString])] = [
        ("RSA", "rsa", ["n", "e"]), ("EC", "ecdsa", ["crv", "x", "y"]), ("OKP", "okp", ["crv", "x"]),
        ("oct", "symmetric", ["k"]),
    ]

    private static func invalid(_ message: String) -> KeyFailure {
        KeyFailure("jwk.Parse: key validation failed: key validation failed: jwk.\(message)")
    }

    private static func algorithm(_ fields: Fields) throws(KeyFailure) -> [UInt8] {
        let value = fields["alg"]
        guard value.isDefined else { return [] }
        let failed = "failed to decode value for key alg: "
        guard value.isString || value.isNull else {
            throw KeyFailure(failed + "json: cannot unmarshal \(fields.kind(of: value)) into Go value of type string")
        }
        let name = value.isNull ? [] : fields.space.bytes(value)
        guard algorithms.contains(name) else {
            throw KeyFailure(failed + "invalid key value: \"\(text: name)\": invalid key algorithm")
        }
        return name
    }

    private static func checkLists(_ fields: Fields) throws(KeyFailure) {
        for name in ["key_ops", "x5c"] as [StaticString] {
            let list = fields[name]
            guard list.isDefined else { continue }
            if list.isNull, "\(name)" == "key_ops" { continue }
            guard list.isArray else {
                if list.isNull {
                    throw KeyFailure(
                        "failed to decode value for key x5c: failed to unmarshal certificate chain: expected JSON array"
                    )
                }
                throw KeyFailure(
                    "failed to decode value for key \(name): json: cannot unmarshal \(fields.kind(of: list)) into Go "
                        + "value of type []string")
            }
            let elements = fields.space.elements(list)
            for index in 0..<elements.count where !elements[index].isString {
                throw KeyFailure("failed to decode value for key \(name)")
            }
        }
        let chain = fields["x5c"]
        guard chain.isDefined else { return }
        let elements = fields.space.elements(chain)
        for index in 0..<elements.count {
            let text = fields.space.bytes(elements[index])
            guard let bytes = try? Base64Text.decode(text), (try? Certificate.parse(bytes)) != nil else {
                throw KeyFailure("failed to decode value for key x5c: failed to decode certificate at index \(index)")
            }
        }
    }

    private static func rsa(_ fields: Fields) throws(KeyFailure) -> Kind {
        var numbers = ["n": try fields.required("n"), "e": try fields.required("e")]
        for name in ["d", "p", "q", "dp", "dq", "qi"] as [StaticString] {
            if let number = try fields.bytes(name) { numbers["\(name)"] = number }
        }
        for name in ["n", "e", "d"] {
            guard let number = numbers[name] else { continue }
            guard !number.isEmpty else { throw invalid("RSAPublicKey: missing \"\(name)\" value") }
        }
        guard numbers["n"]?.contains(where: { $0 != 0 }) ?? false else {
            throw invalid("RSAPublicKey: rsa modulus must not be zero")
        }
        let exponent = (numbers["e"] ?? []).drop { $0 == 0 }
        guard !exponent.isEmpty else { throw invalid("RSAPublicKey: rsa public exponent must not be zero") }
        guard exponent.count < 8 || exponent.count == 8 && exponent.first ?? 0 < 0x80 else {
            throw invalid("RSAPublicKey: rsa public exponent too large for this platform")
        }
        guard numbers.values.allSatisfy({ $0.count <= 2048 }) else { throw invalid("RSAPublicKey: number too large") }
        return .rsa(numbers)
    }

    private static func ec(_ fields: Fields) throws(KeyFailure) -> Kind {
        let name = try fields.text("crv") ?? []
        guard let curve = NISTCurve(jsonName: name) else {
            throw KeyFailure(
                "failed to decode value for key crv: unknown EllipticCurveAlgorithm: \"\(text: name)\"")
        }
        let x = try fields.required("x")
        let y = try fields.required("y")
        let scalar = try fields.bytes("d")
        let kind = scalar == nil ? "Public" : "Private"
        let failed = "jwk.Parse: key validation failed: key validation failed: jwk.ECDSA\(kind)Key: "
        for (name, bytes) in [("x", x), ("y", y), ("d", scalar ?? x)] where bytes.count != curve.size {
            throw KeyFailure(failed + "invalid \"\(name)\" length (\(bytes.count)) for curve \"\(curve.name)\"")
        }
        guard let key = ECPublicKey(curve, point: [4] + x + y) else {
            throw KeyFailure(failed + "invalid ECDSA public key: point not on curve")
        }
        return .ec(curve, key, scalar: scalar)
    }

    private static func okp(_ fields: Fields) throws(KeyFailure) -> Kind {
        let curve = try fields.text("crv") ?? []
        let x = try fields.required("x")
        let d = try fields.bytes("d")
        let kind = d == nil ? "public" : "private"
        if curve.equals("Ed25519") || curve.equals("X25519") {
            guard x.count == 32, d?.count ?? 32 == 32 else {
                throw KeyFailure(
                    "jwk.Parse: key validation failed: key validation failed: "
                        + "jwk.OKPPublicKey: ed25519: wrong \(kind) key size")
            }
        } else if !curve.equals("Ed448") && !curve.equals("X448") {
            throw KeyFailure("failed to decode value for key crv: unknown EllipticCurveAlgorithm: \"\(text: curve)\"")
        }
        return .okp(curve: curve, x: x, d: d)
    }

    // MARK: Use

    /// The key as one that verifies.
    func verificationKey() throws(KeyFailure) -> VerificationKey {
        let key: PublicKey
        switch kind {
        case .secret(let secret): key = .secret(secret)
        case .rsa(let numbers):
            // Where there is a private key it is read as well.
            for name in ["q", "p"] where isPrivate && numbers[name] == nil {
                throw KeyFailure("jwk.Export: failed to export jwk.Key to raw format: missing \"\(name)\" value")
            }
            key = .rsa(RSAPublicKey(modulus: numbers["n"] ?? [], exponent: numbers["e"] ?? []))
        case .ec(_, let point, _): key = .ec(point)
        case .okp(let curve, let x, let seed):
            if let seed { try Self.checkPair(curve, x: x, seed: seed) }
            if curve.equals("X25519") {
                key = .x25519(x)
            } else if curve.equals("Ed25519"), let public25519 = try? Curve25519.Signing.PublicKey(rawRepresentation: x)
            {
                key = .ed25519(public25519)
            } else {
                throw KeyFailure(
                    "jwk.Export: failed to export jwk.Key to raw format: jwk.OKPPublicKey: failed to build public "
                        + "key: invalid curve algorithm \(text: curve)")
            }
        }
        var isSecret = false
        if case .secret = kind { isSecret = true }
        return VerificationKey(
            key: key, isPrivate: isPrivate && !isSecret, algorithm: algorithm, identifier: identifier)
    }

    /// Throws where a public key is not that of the private one. Keys for agreement (X25519) are not looked at.
    private static func checkPair(_ curve: [UInt8], x: [UInt8], seed: [UInt8]) throws(KeyFailure) {
        let failed =
            "jwk.Export: failed to export jwk.Key to raw format: jwk.OKPPrivateKey: failed to build private key: "
        if curve.equals("X25519") { return }
        guard curve.equals("Ed25519") else { throw KeyFailure("\(failed)invalid curve algorithm \(text: curve)") }
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed),
            Array(key.publicKey.rawRepresentation) == x
        else { throw KeyFailure(failed + "ed25519: invalid x value given d value") }
    }

    /// What a key's `alg` may name: the algorithms of RFC 7518 and its successors.
    private static let algorithms: Set<[UInt8]> = {
        let names = """
            none HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA Ed25519 RSA1_5 \
            RSA-OAEP RSA-OAEP-256 RSA-OAEP-384 RSA-OAEP-512 A128KW A192KW A256KW dir ECDH-ES ECDH-ES+A128KW \
            ECDH-ES+A192KW ECDH-ES+A256KW A128GCMKW A192GCMKW A256GCMKW PBES2-HS256+A128KW PBES2-HS384+A192KW \
            PBES2-HS512+A256KW A128GCM A192GCM A256GCM A128CBC-HS256 A192CBC-HS384 A256CBC-HS512
            """
        return Set(names.utf8.split(separator: UInt8(ascii: " ")).map { Array($0) })
    }()
}

extension String.StringInterpolation {
    /// Text from outside, as far as it is UTF-8.
    mutating func appendInterpolation(text: some Collection<UInt8>) {
        appendInterpolation(String(decoding: text, as: UTF8.self))
    }
}
