import ArgumentParser
import WritBundle
import WritTooling

/// The flags of commands that sign bundles.
struct SigningOptions: ParsableArguments {
    static let flags = [
        FlagSpec("signing-key"), FlagSpec("signing-alg"), FlagSpec("signing-plugin"), FlagSpec("claims-file"),
    ]

    @Option(
        name: .customLong("signing-key"),
        help: "The secret (HMAC), or the file of a private key in PEM (RSA, ECDSA, Ed25519).")
    var key = ""
    @Option(
        name: .customLong("signing-alg"),
        help: "The algorithm: RS, PS, ES or HS with 256, 384 or 512; EdDSA.")
    var algorithm = "RS256"
    @Option(name: .customLong("signing-plugin"), help: "Refused: there are no plugins; keys stay in files.")
    var plugin = ""
    @Option(name: .customLong("claims-file"), help: "A file of JSON with further claims: scope, keyid, iss, iat.")
    var claimsFile = ""

    static let incomplete =
        "specify the secret (HMAC) or path of the PEM file containing the private key (RSA and ECDSA)"

    /// What signs; nil where nothing is to be signed. `keyID` is what tokens say of the key.
    func signing(keyID: String?) throws -> BundleSigning? {
        guard plugin.isEmpty || plugin == "_default" else {
            throw BundleFailure("no signer exists under id \(plugin)")
        }
        guard !key.isEmpty else {
            guard claimsFile.isEmpty, plugin.isEmpty else { throw BundleFailure(Self.incomplete) }
            return nil
        }
        let claims = claimsFile.isEmpty ? nil : try FileSystem.read(claimsFile)
        return BundleSigning(
            key: try KeyFiles.text(key), algorithm: algorithm, claims: claims, keyID: claims == nil ? keyID : nil)
    }
}

/// The flags of commands that verify bundles.
struct VerificationOptions: ParsableArguments {
    static let flags = [
        FlagSpec("verification-key"), FlagSpec("verification-key-id"), FlagSpec("scope"),
        FlagSpec("exclude-files-verify"),
    ]

    @Option(
        name: .customLong("verification-key"),
        help: "The secret (HMAC), or the file of a public key in PEM; several while keys are exchanged (repeatable).")
    var keys: [String] = []
    @Option(name: .customLong("verification-key-id"), help: "The name of the key.")
    var keyID = "default"
    @Option(name: .customLong("scope"), help: "The scope that the bundle's signature must have.")
    var scope = ""
    @Option(
        name: .customLong("exclude-files-verify"),
        help: "A shell pattern for files that need not be signed (repeatable)."
    )
    var excluded: [String] = []

    /// What bundles are held against; nil without a key.
    func verification(algorithm: String) throws(FileFailure) -> BundleVerification? {
        guard !keys.isEmpty else { return nil }
        var list: [BundleVerification.Key] = []
        for key in keys {
            list.append(
                BundleVerification.Key(id: keyID, key: try KeyFiles.text(key), algorithm: algorithm, scope: scope))
        }
        return BundleVerification(
            keys: list, keyID: keyID, scope: scope,
            excluded: excluded.flatMap { $0.split(separator: ",").map(String.init) })
    }
}

/// The same of commands that sign none: `--signing-alg` is the algorithm of the keys.
struct KeyedVerificationOptions: ParsableArguments {
    static let flags = [FlagSpec("signing-alg")] + VerificationOptions.flags

    @Option(
        name: .customLong("signing-alg"),
        help: "The algorithm of the keys: RS, PS, ES or HS with 256, 384 or 512; EdDSA.")
    var algorithm = "RS256"
    @OptionGroup var options: VerificationOptions

    /// What bundles are held against; nil without a key.
    func verification() throws(FileFailure) -> BundleVerification? {
        try options.verification(algorithm: algorithm)
    }
}
