import Writ

/// What a bundle holds that is to be written.
public struct BundleContents: Sendable {
    public var manifest = Manifest()
    /// The base data as one JSON text.
    public var data: [UInt8] = Array("{}".utf8)
    /// Modules with their paths in the bundle, which begin with a slash.
    public var modules: [(path: String, text: [UInt8])] = []
    /// WebAssembly with its paths in the bundle.
    public var wasm: [(path: String, content: [UInt8])] = []
    /// The policy as OPA's intermediate representation, and plans that came with other bundles.
    public var plans: [(path: String, content: [UInt8])] = []
    public var signatures: SignatureList?

    public init() {}

    /// The bundle as a gzipped tar archive, in OPA's order of files. The same content gives the same bytes.
    public func archive() throws(BundleFailure) -> [UInt8] {
        var tar = TarWriter()
        var names: Set<String> = []
        func add(_ path: String, _ content: [UInt8]) throws(BundleFailure) {
            guard names.insert(path).inserted else {
                throw BundleFailure("two files of the bundle are called \(path)", code: .duplicate, member: path)
            }
            try tar.add(Array(path.utf8), content)
        }
        try add("/data.json", data + [UInt8(ascii: "\n")])
        for module in modules { try add(module.path, module.text) }
        for module in wasm { try add(module.path, module.content) }
        if let signatures { try add("/.signatures.json", signatures.json()) }
        for plan in plans { try add(plan.path, plan.content) }
        if !manifest.isEmpty { try add("/.manifest", manifest.json()) }
        return try Gzip.compress(tar.finish())
    }

    /// Signs what is in it now.
    public mutating func sign(_ signing: BundleSigning) throws(BundleFailure) {
        var files: [SignedFile] = []
        func add(_ path: String, _ content: [UInt8]) {
            files.append(SignedFile(name: String(path.drop { $0 == "/" }), content: content))
        }
        for module in modules { add(module.path, module.text) }
        add("data.json", try canonical(data, "data.json"))
        for module in wasm { add(module.path, module.content) }
        for plan in plans { add(plan.path, plan.content) }
        if !manifest.isEmpty { add(".manifest", try canonical(manifest.json(), ".manifest")) }
        var list = SignatureList()
        list.signatures = [try signing.token(for: files)]
        list.plugin = "_default"
        signatures = list
    }

    private func canonical(_ json: [UInt8], _ name: String) throws(BundleFailure) -> [UInt8] {
        do throws(DataFailure) { return try DataBuilder.canonicalJSON(of: json) } catch {
            throw BundleFailure("\(name): \(error.message)", code: .content, member: name)
        }
    }
}
