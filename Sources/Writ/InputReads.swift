import RegoCompiler
import WritBuiltins

/// What of the input a decision can depend on, where it depends on nothing else than that and the snapshot.
public struct InputReads: Sendable {
    /// Paths below the input; an empty one is all of it. None lies inside of another.
    public let paths: [[[UInt8]]]
}

extension Snapshot {
    /// What of the input the document at a path can depend on. Nil where it may be another one the next time that all of
    /// this is the same: it asks a clock, randomness, the network, or for the time behind a token or a certificate.
    public func inputReads(at path: [[UInt8]]) -> InputReads? {
        var sources = policy.sources
        let id = sources.add(name: [], text: Self.reference(path))
        guard let file = sources.file(id) else { return nil }
        guard let compiled = try? policy.compiled() else { return nil }
        var resolved = compiled.resolved
        let (body, found) = parseQuery(
            file, options: Policy.parserOptions(policy.options.queryVersion, policy.options.capabilities),
            names: &resolved.names)
        guard found.isEmpty else { return nil }
        let (query, diagnostics) = resolve(
            query: body, policy: &resolved, options: Policy.compilerOptions(policy.options, resolved.names))
        guard let query, diagnostics.isEmpty else { return nil }
        var finder = DependencyFinder(resolved)
        finder.visit(query.body)
        let dependencies = finder.dependencies()
        guard finder.builtins.allSatisfy({ Self.isRepeatable($0) }) else { return nil }
        return InputReads(
            paths: dependencies.base.filter { $0.first == Array("input".utf8) }.map { Array($0.dropFirst()) })
    }

    /// Builtins whose results depend on the time, though OPA counts them as functions of their operands.
    private static let timed: [StaticString] = [
        "io.jwt.decode_verify", "crypto.x509.parse_and_verify_certificates",
        "crypto.x509.parse_and_verify_certificates_with_options",
    ]

    private static func isRepeatable(_ number: Int) -> Bool {
        let builtin = Registry.all[number]
        guard builtin.isDeterministic else { return false }
        switch builtin.kind {
        case .pure, .compiled: return true
        case .host(.function):
            return !timed.contains { name in
                name.withUTF8Buffer { one in builtin.name.withUTF8Buffer { one.elementsEqual($0) } }
            }
        case .host, .missing: return false
        }
    }
}
