import Writ

extension HostFunctions {
    /// Provides `io.jwt.*`.
    mutating func provideTokens() {
        provide("io.jwt.decode") { (context, arguments) throws(Fault) in
            try TokenVerifying.decode(context, arguments)
        }
        provide("io.jwt.decode_verify") { (context, arguments) throws(Fault) in
            try TokenChecking.decodeVerify(context, arguments)
        }
        provide("io.jwt.encode_sign") { (context, arguments) throws(Fault) in
            try TokenSigning.encode(context, arguments)
        }
        provide("io.jwt.encode_sign_raw") { (context, arguments) throws(Fault) in
            try TokenSigning.encodeRaw(context, arguments)
        }
        provideSecret("io.jwt.verify_hs256", .sha256)
        provideSecret("io.jwt.verify_hs384", .sha384)
        provideSecret("io.jwt.verify_hs512", .sha512)
        provideVerifying("io.jwt.verify_rs256", .rs, .sha256)
        provideVerifying("io.jwt.verify_rs384", .rs, .sha384)
        provideVerifying("io.jwt.verify_rs512", .rs, .sha512)
        provideVerifying("io.jwt.verify_ps256", .ps, .sha256)
        provideVerifying("io.jwt.verify_ps384", .ps, .sha384)
        provideVerifying("io.jwt.verify_ps512", .ps, .sha512)
        provideVerifying("io.jwt.verify_es256", .es, .sha256)
        provideVerifying("io.jwt.verify_es384", .es, .sha384)
        provideVerifying("io.jwt.verify_es512", .es, .sha512)
        provideVerifying("io.jwt.verify_eddsa", .ed, .sha512)
    }

    private mutating func provideSecret(_ name: StaticString, _ hash: SignatureAlgorithm.Hash) {
        provide(name) { (context, arguments) throws(Fault) in
            try TokenVerifying.verifySecret(context, arguments, hash)
        }
    }

    private mutating func provideVerifying(
        _ name: StaticString, _ family: SignatureAlgorithm.Family, _ hash: SignatureAlgorithm.Hash
    ) {
        let algorithm = SignatureAlgorithm(family, hash)
        provide(name) { (context, arguments) throws(Fault) in
            try TokenVerifying.verify(context, arguments, algorithm)
        }
    }
}
