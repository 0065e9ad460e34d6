import Writ

/// What a bundle holds.
public struct BundleContents: Sendable {
    public var manifest = Manifest()
    /// The base data as one JSON text.
    public var data: [UInt8] = Array("{}".utf8)
    /// Modules with their paths in the bundle, which begin with a slash.
    public var modules: [(path: String, text: [UInt8])] = []
    /// The policy as OPA's intermediate representation.
    public var plan: [UInt8]?

    public init() {}

    /// The bundle as a gzipped tar archive, in OPA's order of files. The same content gives the same bytes.
    public func archive() throws(BundleFailure) -> [UInt8] {
        var tar = TarWriter()
        try tar.add(Array("/data.json".utf8), data + [UInt8(ascii: "\n")])
        for module in modules { try tar.add(Array(module.path.utf8), module.text) }
        if let plan { try tar.add(Array("/plan.json".utf8), plan) }
        try tar.add(Array("/.manifest".utf8), manifest.json())
        return try Gzip.compress(tar.finish())
    }
}
