import ArgumentParser
import Writ
import WritBundle
import WritTooling
import WritYAML

/// `writ sign`: the signature of a bundle.
struct SignCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Signs bundles.",
        discussion: """
            Writes .signatures.json with the digests of all files of the bundles, signed. Put it into the bundle's folder \
            (or archive); whoever loads the bundle with the key then knows that nothing in it was changed, added or \
            taken away.
            """)
    static let usage = "<path> [<path> [...]] [flags]"
    static let example = "writ sign --signing-alg HS256 --signing-key secret --bundle bundle"
    static let flags =
        [FlagSpec("bundle", "b", .boolean), FlagSpec("output-file-path", "o")] + SigningOptions.flags

    @Flag(name: [.customLong("bundle"), .customShort("b")], help: "The paths are bundles. (Needed.)")
    var isBundle = false
    @Option(
        name: [.customLong("output-file-path"), .customShort("o")], help: "The folder to write .signatures.json to.")
    var output = "."
    @OptionGroup var signing: SigningOptions
    @Argument(help: "Bundles: folders and archives.")
    var paths: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        guard !paths.isEmpty else {
            throw UsageFailure(message: "specify atleast one path containing policy and/or data files")
        }
        guard !signing.key.isEmpty else { throw UsageFailure(message: SigningOptions.incomplete) }
        guard isBundle else {
            throw UsageFailure(message: "enable bundle mode (ie. --bundle) to sign bundle files or directories")
        }
        do {
            var files: [SignedFile] = []
            for path in paths { files += try Self.files(of: path) }
            guard let signing = try signing.signing(keyID: nil) else { throw BundleFailure(SigningOptions.incomplete) }
            var list = SignatureList()
            list.signatures = [try signing.token(for: files)]
            let folder = output.isEmpty ? "." : output
            let file = (folder.hasSuffix("/") ? folder : folder + "/") + ".signatures.json"
            try FileSystem.save(list.json(), to: file)
            return ExitStatus.success
        } catch let failure as BundleFailure {
            console.print("error: \(failure.message)")
        } catch let failure as FileFailure {
            console.print("error: \(failure.message)")
        }
        return ExitStatus.failure
    }

    /// The digests of a bundle's files, but for signatures that are there already.
    private static func files(of path: String) throws(BundleFailure) -> [SignedFile] {
        let (members, isFolder) = try Bundles.members(path)
        var files: [SignedFile] = []
        for member in members where !member.path.hasSuffix("signatures.json") {
            let name = isFolder ? String(member.location.drop { $0 == "/" }) : member.path
            files.append(SignedFile(name: name, content: try content(of: member)))
        }
        return files
    }

    /// What is hashed of a file: documents by their canonical text.
    private static func content(of member: BundleMember) throws(BundleFailure) -> [UInt8] {
        guard SignedFile.isDocument(member.path) else { return member.content }
        var json = member.content
        do throws(YAMLFailure) {
            if member.path.hasSuffix(".yaml") { json = try convertYAML(json) }
        } catch { throw BundleFailure("\(member.location): \(error.message)", code: .content, member: member.path) }
        do throws(DataFailure) { return try DataBuilder.canonicalJSON(of: json) } catch {
            throw BundleFailure("\(member.location): \(error.message)", code: .content, member: member.path)
        }
    }
}
