/// JSON web tokens and certificates: they need cryptography, which is no part of the decision core.
///
/// Declared here; a library above provides them, and where none does a call is a compile error.
enum Tokens {
    static let builtins: [Builtin] = [
        Builtin(
            "crypto.parse_private_keys",
            [Parameter("keys", .string)],
            Parameter("output", .array(.dictionary(.string, .any))), .host(.function),
            """
            The private keys in a PEM text, or in base64 of one, each as an object. Null for an empty text.
            """),
        Builtin(
            "crypto.x509.parse_and_verify_certificates",
            [Parameter("certs", .string)],
            Parameter("output", .tuple([.boolean, .array(.dictionary(.string, .any))])), .host(.function),
            """
            Whether a chain of certificates, from root to leaf, holds, and the certificates from leaf to root; false \
            and an empty array when it does not hold.
            """),
        Builtin(
            "crypto.x509.parse_and_verify_certificates_with_options",
            [Parameter("certs", .string), Parameter("options", .dictionary(.string, .any))],
            Parameter("output", .tuple([.boolean, .array(.dictionary(.string, .any))])), .host(.function),
            """
            Checks a chain of certificates, from root to leaf, under `options`: DNS name, time, key usages, depth of \
            chain.
            """),
        Builtin(
            "crypto.x509.parse_certificate_request",
            [Parameter("csr", .string)],
            Parameter("output", .dictionary(.string, .any)), .host(.function),
            """
            The fields of a PKCS #10 certificate signing request, in PEM or in base64.
            """),
        Builtin(
            "crypto.x509.parse_certificates",
            [Parameter("certs", .string)],
            Parameter("output", .array(.dictionary(.string, .any))), .host(.function),
            """
            The certificates in a PEM text, or in base64 of PEM or DER, each as an object of its fields.
            """),
        Builtin(
            "crypto.x509.parse_keypair",
            [Parameter("cert", .string), Parameter("pem", .string)],
            Parameter("output", .dictionary(.string, .any)), .host(.function),
            """
            A certificate and the private key that belongs to it, as an object. A pair that does not fit is an \
            error.
            """),
        Builtin(
            "crypto.x509.parse_rsa_private_key",
            [Parameter("pem", .string)],
            Parameter("output", .dictionary(.string, .any)), .host(.function),
            """
            The RSA private key in a PEM text as a JSON web key.
            """),
        Builtin(
            "io.jwt.decode",
            [Parameter("jwt", .string)],
            Parameter("output", .tuple([.anyObject, .anyObject, .string])), .host(.function),
            """
            Header, payload and signature (in hexadecimal) of a JSON web token, without any check of the signature. \
            A token that cannot be read, or is encrypted, is an error.
            """),
        Builtin(
            "io.jwt.decode_verify",
            [Parameter("jwt", .string), Parameter("constraints", .dictionary(.string, .any))],
            Parameter("output", .tuple([.boolean, .anyObject, .anyObject])), deterministic: false, .host(.function),
            """
            Decodes a JSON web token and checks its signature and its claims against `constraints`: key or secret, \
            algorithm, issuer, audience, time. Gives whether all hold, the header and the payload; the last two are \
            empty when something does not hold.
            """),
        Builtin(
            "io.jwt.encode_sign",
            [
                Parameter("headers", .dictionary(.string, .any)), Parameter("payload", .dictionary(.string, .any)),
                Parameter("key", .dictionary(.string, .any)),
            ],
            Parameter("output", .string), deterministic: false, .host(.function),
            """
            A signed JSON web token of a header, a payload and a JSON web key, each given as an object.
            """),
        Builtin(
            "io.jwt.encode_sign_raw",
            [Parameter("headers", .string), Parameter("payload", .string), Parameter("key", .string)],
            Parameter("output", .string), deterministic: false, .host(.function),
            """
            A signed JSON web token of a header, a payload and a JSON web key, each given as JSON text.
            """),
        Builtin(
            "io.jwt.verify_eddsa",
            [Parameter("jwt", .string), Parameter("certificate", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether the signature of the JSON web token `jwt`, of algorithm EdDSA (Ed25519), is good under the key \
            in `certificate`. A token that cannot be read is an error.
            """),
        Builtin(
            "io.jwt.verify_es256",
            [Parameter("jwt", .string), Parameter("certificate", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether the signature of the JSON web token `jwt`, of algorithm ES256 (ECDSA with SHA-256), is good \
            under the key in `certificate`: a PEM certificate or public key, or a JSON web key set. A token that \
            cannot be read is an error.
            """),
        Builtin(
            "io.jwt.verify_es384",
            [Parameter("jwt", .string), Parameter("certificate", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether the signature of the JSON web token `jwt`, of algorithm ES384 (ECDSA with SHA-384), is good \
            under the key in `certificate`: a PEM certificate or public key, or a JSON web key set. A token that \
            cannot be read is an error.
            """),
        Builtin(
            "io.jwt.verify_es512",
            [Parameter("jwt", .string), Parameter("certificate", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether the signature of the JSON web token `jwt`, of algorithm ES512 (ECDSA with SHA-512), is good \
            under the key in `certificate`: a PEM certificate or public key, or a JSON web key set. A token that \
            cannot be read is an error.
            """),
        Builtin(
            "io.jwt.verify_hs256",
            [Parameter("jwt", .string), Parameter("secret", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether the signature of the JSON web token `jwt`, of algorithm HS256 (HMAC with SHA-256), is good under \
            the shared `secret`. A token that cannot be read is an error.
            """),
        Builtin(
            "io.jwt.verify_hs384",
            [Parameter("jwt", .string), Parameter("secret", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether the signature of the JSON web token `jwt`, of algorithm HS384 (HMAC with SHA-384), is good under \
            the shared `secret`. A token that cannot be read is an error.
            """),
        Builtin(
            "io.jwt.verify_hs512",
            [Parameter("jwt", .string), Parameter("secret", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether the signature of the JSON web token `jwt`, of algorithm HS512 (HMAC with SHA-512), is good under \
            the shared `secret`. A token that cannot be read is an error.
            """),
        Builtin(
            "io.jwt.verify_ps256",
            [Parameter("jwt", .string), Parameter("certificate", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether the signature of the JSON web token `jwt`, of algorithm PS256 (RSA-PSS with SHA-256), is good \
            under the key in `certificate`: a PEM certificate or public key, or a JSON web key set. A token that \
            cannot be read is an error.
            """),
        Builtin(
            "io.jwt.verify_ps384",
            [Parameter("jwt", .string), Parameter("certificate", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether the signature of the JSON web token `jwt`, of algorithm PS384 (RSA-PSS with SHA-384), is good \
            under the key in `certificate`: a PEM certificate or public key, or a JSON web key set. A token that \
            cannot be read is an error.
            """),
        Builtin(
            "io.jwt.verify_ps512",
            [Parameter("jwt", .string), Parameter("certificate", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether the signature of the JSON web token `jwt`, of algorithm PS512 (RSA-PSS with SHA-512), is good \
            under the key in `certificate`: a PEM certificate or public key, or a JSON web key set. A token that \
            cannot be read is an error.
            """),
        Builtin(
            "io.jwt.verify_rs256",
            [Parameter("jwt", .string), Parameter("certificate", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether the signature of the JSON web token `jwt`, of algorithm RS256 (RSA PKCS #1 with SHA-256), is \
            good under the key in `certificate`: a PEM certificate or public key, or a JSON web key set. A token \
            that cannot be read is an error.
            """),
        Builtin(
            "io.jwt.verify_rs384",
            [Parameter("jwt", .string), Parameter("certificate", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether the signature of the JSON web token `jwt`, of algorithm RS384 (RSA PKCS #1 with SHA-384), is \
            good under the key in `certificate`: a PEM certificate or public key, or a JSON web key set. A token \
            that cannot be read is an error.
            """),
        Builtin(
            "io.jwt.verify_rs512",
            [Parameter("jwt", .string), Parameter("certificate", .string)],
            Parameter("output", .boolean), .host(.function),
            """
            Whether the signature of the JSON web token `jwt`, of algorithm RS512 (RSA PKCS #1 with SHA-512), is \
            good under the key in `certificate`: a PEM certificate or public key, or a JSON web key set. A token \
            that cannot be read is an error.
            """),
    ]
}
