/// Private keys in the JSON that Go and OPA make of them.
extension JSONBuilder {
    /// As `crypto.parse_private_keys` shows a key.
    mutating func privateKey(_ key: PrivateKey) {
        switch key {
        case .rsa(let key):
            let numbers = key.numbers
            object { json in
                for (name, number) in [("N", numbers[0]), ("E", numbers[1]), ("D", numbers[2])] {
                    json.member(name, number: number)
                }
                json.member("Primes") { $0.array(numbers[3...4]) { $0.number($1) } }
                json.member("Precomputed") { json in
                    json.object { json in
                        json.member("Dp", number: numbers[5])
                        json.member("Dq", number: numbers[6])
                        json.member("Qinv", number: numbers[7])
                        json.member("CRTValues") { $0.array([]) { _, _ in } }
                    }
                }
            }
        case .ec(let key):
            object { json in
                json.member("Curve") { $0.object { _ in } }
                json.member("X", number: key.x)
                json.member("Y", number: key.y)
                json.member("D", number: key.scalar)
            }
        case .ed25519(let key): base64(Array(key.rawRepresentation) + Array(key.publicKey.rawRepresentation))
        // A key for agreement shows nothing of itself.
        case .x25519: object { _ in }
        }
    }

    /// As a JSON web key.
    mutating func webKey(_ key: PrivateKey) {
        object { json in
            switch key {
            case .rsa(let key):
                json.member("kty", text: "RSA".utf8)
                for (name, number) in zip(["n", "e", "d", "p", "q", "dp", "dq", "qi"], key.numbers) {
                    json.member(name, text: Self.digits(number))
                }
            case .ec(let key):
                json.member("kty", text: "EC".utf8)
                json.member("crv", text: key.curve.name.utf8)
                json.member("x", text: Self.digits(key.x))
                json.member("y", text: Self.digits(key.y))
                json.member("d", text: Self.digits(key.scalar))
            case .ed25519(let key):
                json.member("kty", text: "OKP".utf8)
                json.member("crv", text: "Ed25519".utf8)
                json.member("x", text: Self.digits(Array(key.publicKey.rawRepresentation)))
                json.member("d", text: Self.digits(Array(key.rawRepresentation)))
            case .x25519(let seed):
                json.member("kty", text: "OKP".utf8)
                json.member("crv", text: "X25519".utf8)
                json.member("d", text: Self.digits(seed))
            }
        }
    }

    private static func digits(_ bytes: some Collection<UInt8>) -> [UInt8] {
        Base64Text.encode(bytes, url: true, padding: false)
    }
}
