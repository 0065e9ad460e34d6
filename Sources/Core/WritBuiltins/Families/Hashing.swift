import WritValue

/// Digests and keyed digests of strings, in lower-case hexadecimal.
enum Hashing {
    static let builtins: [Builtin] = [
        Builtin(
            "crypto.md5", [Parameter("x", .string)], Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in try digest(context, arguments, MD5.self) },
            "The MD5 digest of `x` in hexadecimal. MD5 resists no attacker."),
        Builtin(
            "crypto.sha1", [Parameter("x", .string)], Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in try digest(context, arguments, SHA1.self) },
            "The SHA-1 digest of `x` in hexadecimal. SHA-1 resists no attacker."),
        Builtin(
            "crypto.sha256", [Parameter("x", .string)], Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in try digest(context, arguments, SHA256.self) },
            "The SHA-256 digest of `x` in hexadecimal."),
        Builtin(
            "crypto.hmac.md5", keyed, Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in try code(context, arguments, MD5.self) },
            "The HMAC of `x` under `key` with MD5, in hexadecimal."),
        Builtin(
            "crypto.hmac.sha1", keyed, Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in try code(context, arguments, SHA1.self) },
            "The HMAC of `x` under `key` with SHA-1, in hexadecimal."),
        Builtin(
            "crypto.hmac.sha256", keyed, Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in try code(context, arguments, SHA256.self) },
            "The HMAC of `x` under `key` with SHA-256, in hexadecimal."),
        Builtin(
            "crypto.hmac.sha512", keyed, Parameter("y", .string),
            .pure { (context, arguments) throws(Fault) in try code(context, arguments, SHA512.self) },
            "The HMAC of `x` under `key` with SHA-512, in hexadecimal."),
        Builtin(
            "crypto.hmac.equal", [Parameter("mac1", .string), Parameter("mac2", .string)],
            Parameter("result", .boolean), .pure(equal),
            "Whether two codes are the same, compared in a time that tells nothing of where they differ."),
    ]

    private static let keyed = [Parameter("x", .string), Parameter("key", .string)]

    private static func digest<Hash: BlockHash>(
        _ context: BuiltinContext, _ arguments: Arguments, _: Hash.Type
    ) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        try context.spend(text.count)
        var digest = Digest<Hash>()
        digest.update(text)
        digest.finish()
        return try hexadecimal(context, digest)
    }

    private static func code<Hash: BlockHash>(
        _ context: BuiltinContext, _ arguments: Arguments, _: Hash.Type
    ) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        let key = try context.text(arguments, 1)
        try context.spend(text.count &+ key.count)
        return try hexadecimal(context, HMAC<Hash>.authenticate(text, key: key))
    }

    private static func hexadecimal<Hash: BlockHash>(
        _ context: BuiltinContext, _ digest: Digest<Hash>
    ) throws(Fault) -> Value {
        let buffer = context.begin()
        for index in 0..<Hash.digestSize { try buffer.append(hex: UInt32(digest.byte(index)), digits: 2) }
        return try context.written()
    }

    private static func equal(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let left = try context.text(arguments, 0)
        let right = try context.text(arguments, 1)
        guard left.count == right.count else { return .false }
        try context.spend(left.count &>> 3)
        var difference: UInt8 = 0
        for index in 0..<left.count { difference |= left[index] ^ right[index] }
        return .boolean(difference == 0)
    }
}
