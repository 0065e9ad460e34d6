import ArgumentParser
import Glibc
import Writ
import WritBundle
import WritHostBuiltins
import WritTooling

/// `writ verify`: whether a bundle may go on, as a gate of a pipeline.
struct VerifyCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Says whether a bundle may be shipped: signed, in time, no rollback, not too broad.",
        discussion: """
            Verifies the signature, holds the bundle against what came before and against the roots that it may own, and \
            compiles its policies. Exit codes: 0 it may go on, 1 it cannot be read or does not compile, 2 it is unsigned or \
            its signature is not good, 3 the signature is expired, 4 it is rolled back, 5 it owns more than it may. With \
            several objections the smallest of the codes from 2 on counts.
            """)
    static let usage = "<path> [flags]"
    static let example = "writ verify --signing-alg HS256 --verification-key secret bundle.tar.gz"
    static let flags =
        [
            FlagSpec("previous"), FlagSpec("min-revision"), FlagSpec("root"),
            FlagSpec("max-age"), FlagSpec("at"), FlagSpec("allow-unsigned", nil, .boolean), FlagSpec("format", "f"),
        ] + SharedFlags.versions + KeyedVerificationOptions.flags

    @Option(name: .customLong("previous"), help: "The bundle that it would replace: it must not be older.")
    var previous: String?
    @Option(name: .customLong("min-revision"), help: "The revision that it must not come before.")
    var minimumRevision: String?
    @Option(name: .customLong("root"), help: "A path that it may own, such as fleet/medical (repeatable).")
    var roots: [String] = []
    @Option(
        name: .customLong("max-age"), help: "How long ago it may have been signed, such as 720h: needs the claim iat.")
    var maximumAge: String?
    @Option(name: .customLong("at"), help: "The time to judge by, in seconds since 1970; else the clock.")
    var moment: Int?
    @Flag(name: .customLong("allow-unsigned"), help: "Do not ask for a signature.")
    var allowsUnsigned = false
    @Option(name: [.customLong("format"), .customShort("f")], help: "How to print: pretty, json.")
    var format = "pretty"
    @OptionGroup var versions: VersionOptions
    @OptionGroup var verification: KeyedVerificationOptions
    @Argument(help: "A bundle: a folder or an archive.")
    var paths: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        guard let path = paths.first, paths.count == 1 else {
            throw UsageFailure(message: "specify exactly one bundle")
        }
        guard format == "pretty" || format == "json" else {
            throw UsageFailure(
                message: "invalid argument \"\(format)\" for \"-f, --format\" flag: must be one of {pretty,json}")
        }
        guard allowsUnsigned || !verification.options.keys.isEmpty else {
            throw UsageFailure(message: "name the keys with --verification-key, or say --allow-unsigned")
        }
        var gate = BundleGate(now: moment ?? time(nil))
        if let maximumAge {
            guard let seconds = GoDuration.seconds(maximumAge), seconds >= 0, seconds < 1e12 else {
                throw UsageFailure(message: "invalid duration: \(maximumAge)")
            }
            gate.maximumAge = Int(seconds)
        }
        if !roots.isEmpty { gate.roots = roots.map(Self.trimmed) }
        var options = Bundles.Options()
        options.version = versions.version
        options.verification = try verification.verification()
        options.skipsVerification = options.verification == nil
        var objections: [BundleFailure] = []
        var bundle: LoadedBundle?
        do throws(BundleFailure) {
            let loaded = try Bundles.load(path, options)
            bundle = loaded
            objections += gate.objections(to: loaded)
            objections += predecessors(options).flatMap { before -> [BundleFailure] in
                switch before {
                case .success(let predecessor):
                    var gate = BundleGate(now: gate.now)
                    gate.predecessor = predecessor
                    return gate.objections(to: loaded).filter { $0.code == .rollback }
                case .failure(let failure): return [failure]
                }
            }
            try compile(loaded)
        } catch { objections.append(error) }
        report(path, bundle, objections, console)
        return Self.status(objections)
    }

    private static func trimmed(_ root: String) -> String {
        root.split(separator: "/").joined(separator: "/")
    }

    /// What the bundle must not be older than. The bundle before is verified, too: its revision counts.
    private func predecessors(_ options: Bundles.Options) -> [Result<BundleGate.Predecessor, BundleFailure>] {
        var result: [Result<BundleGate.Predecessor, BundleFailure>] = []
        if let minimumRevision { result.append(.success(BundleGate.Predecessor(revision: minimumRevision))) }
        if let previous {
            do throws(BundleFailure) {
                result.append(.success(BundleGate.Predecessor(try Bundles.load(previous, options))))
            } catch {
                result.append(
                    .failure(BundleFailure("--previous: \(error.message)", code: .archive, member: error.member)))
            }
        }
        return result
    }

    private func compile(_ bundle: LoadedBundle) throws(BundleFailure) {
        let data = bundle.data
        var options = CompileOptions(functions: .all)
        options.dataConflicts = { data.builder.contains($0) }
        do throws(CompileFailure) { _ = try Policy.compile(bundle.modules.map(\.file), options: options) } catch {
            let report = ProblemReport(error)
            throw BundleFailure(
                String(decoding: report.concise(), as: UTF8.self).split(separator: "\n").joined(separator: "; "),
                code: .content)
        }
    }

    // MARK: Answers

    private static func status(_ objections: [BundleFailure]) -> Int32 {
        objections.map { status($0.code) }.min { a, b in (a == 1 ? 9 : a) < (b == 1 ? 9 : b) } ?? ExitStatus.success
    }

    /// The exit code of one objection, here and where a bundle is pulled.
    static func status(_ code: BundleFailure.Code) -> Int32 {
        switch code {
        case .signature, .scope, .digest, .unlisted, .missing: 2
        case .expired: 3
        case .rollback: 4
        case .breadth: 5
        default: ExitStatus.failure
        }
    }

    private func report(_ path: String, _ bundle: LoadedBundle?, _ objections: [BundleFailure], _ console: Console) {
        if format == "json" {
            console.print(json(path, bundle, objections))
            return
        }
        for objection in objections { console.report("\(objection.code.rawValue): \(objection.message)") }
        guard objections.isEmpty, let bundle else { return }
        let revision = bundle.manifest.revision.isEmpty ? "no revision" : "revision \(bundle.manifest.revision)"
        let signer = bundle.claims.map { claims in
            let key = claims.headerKeyID ?? claims.keyID
            return "signed by key \(key.isEmpty ? verification.options.keyID : key) (\(claims.algorithm))"
        }
        console.print("\(path): good: \(revision), \(signer ?? "unsigned"), \(bundle.modules.count) modules")
    }

    private func json(_ path: String, _ bundle: LoadedBundle?, _ objections: [BundleFailure]) -> [UInt8] {
        var text = ByteBuffer()
        text.append("{\"bundle\":")
        text.appendJSONString(path)
        text.append(objections.isEmpty ? ",\"good\":true" : ",\"good\":false")
        if let bundle {
            text.append(",\"revision\":")
            text.appendJSONString(bundle.manifest.revision)
            text.append(bundle.isVerified ? ",\"verified\":true" : ",\"verified\":false")
        }
        text.append(",\"errors\":[")
        for (index, objection) in objections.enumerated() {
            text.append(index == 0 ? "{\"code\":" : ",{\"code\":")
            text.appendJSONString(objection.code.rawValue)
            if let member = objection.member {
                text.append(",\"member\":")
                text.appendJSONString(member)
            }
            text.append(",\"message\":")
            text.appendJSONString(objection.message)
            text.append("}")
        }
        text.append("]}")
        return JSONLayout.indented(text.bytes) + [0x0A]
    }
}
