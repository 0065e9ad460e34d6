import ArgumentParser
import Writ
import WritHostBuiltins
import WritTooling

/// Which version of the language modules are in.
struct VersionOptions: ParsableArguments {
    @Flag(name: .customLong("v0-compatible"), help: "Modules are Rego as before OPA 1.0.")
    var isV0 = false
    @Flag(name: .customLong("v1-compatible"), help: "Modules are Rego of OPA 1.0 and later: the default.")
    var isV1 = false

    /// v1 wins where both are given, as in OPA.
    var version: RegoVersion { isV0 && !isV1 ? .v0 : .v1 }
}

/// Flags of `eval` that are understood but not there yet.
struct RefusedEvalOptions: ParsableArguments {
    @Flag(name: [.customLong("partial"), .customShort("p")], help: .hidden) var partial = false
    @Option(name: [.customLong("unknowns"), .customShort("u")], help: .hidden) var unknowns: [String] = []
    @Option(name: .customLong("disable-inlining"), help: .hidden) var disableInlining: [String] = []
    @Flag(name: .customLong("shallow-inlining"), help: .hidden) var shallowInlining = false
    @Flag(name: .customLong("nondeterminstic-builtins"), help: .hidden) var nondeterministicBuiltins = false

    /// Refuses what would change the answer or is asked for.
    func check() throws(UsageFailure) {
        let asked: [(Bool, String)] = [
            (
                partial || shallowInlining || !unknowns.isEmpty || !disableInlining.isEmpty,
                "partial evaluation (--partial)"
            )
        ]
        guard let first = asked.first(where: { $0.0 }) else { return }
        throw UsageFailure(message: "\(first.1): not supported yet")
    }
}

/// What policies are checked against.
struct DeclarationOptions: ParsableArguments {
    @Option(
        name: [.customLong("schema"), .customShort("s")],
        help: "A JSON schema of the input, or a folder of schemas for annotations: `sub/x.json` is `schema.sub.x`.")
    var schema: String?
    @Option(name: .customLong("capabilities"), help: "A version, or a file of JSON: what policies may use.")
    var capabilities: String?

    var isEmpty: Bool { schema == nil && capabilities == nil }

    /// Reads them into options.
    func apply(to options: inout CompileOptions) throws(ProblemReport) {
        if let schema { options.schemas = try SchemaSet.load(schema) }
        guard let capabilities else { return }
        do throws(ProblemReport) { options.capabilities = try Capabilities.load(capabilities) } catch {
            // OPA does not tell a version that there is not from a file that there is not.
            let message = error.problems.first?.message ?? ""
            guard message.hasPrefix("open ") else { throw error }
            throw ProblemReport(
                .loading, [Problem(message: "no such file or capabilities version found: \(capabilities)")])
        }
        guard let hosts = options.capabilities.allowNet else { return }
        // What the type checker is held to holds for `http.send` and name look-ups too.
        var network = NetworkOptions()
        network.allowedHosts = hosts.map { String(decoding: $0, as: UTF8.self) }
        options.functions.provideNetwork(network)
    }
}
