import Writ

/// Base data of a bundle. Changes only while it is put together.
public final class BundleData: @unchecked Sendable {
    public var builder = DataBuilder()

    public init() {}
}

/// A bundle that was read, and verified if that was asked for.
public struct LoadedBundle: Sendable {
    /// A module: its text, and where in the bundle it stands.
    public struct Module: Sendable {
        /// Its name is that which errors show.
        public var file: PolicyFile
        /// Its path below the bundle, with a slash at its beginning.
        public var path: String
        /// Where it came from; it has this name in a bundle that is built of this one.
        public var location: String
    }

    /// A file that is kept as it is.
    public struct Blob: Sendable {
        public var path: String
        public var location: String
        public var content: [UInt8]
    }

    /// A change of a delta bundle.
    public struct Change: Sendable {
        public var change: DataBuilder.Change
        public var path: [[UInt8]]
    }

    public var name: String
    public var manifest = Manifest()
    public let data = BundleData()
    public var modules: [Module] = []
    /// OPA's intermediate representation.
    public var plans: [Blob] = []
    /// WebAssembly: kept, not run.
    public var wasm: [Blob] = []
    public var signatures: SignatureList?
    /// Whether its files were held against a signature.
    public var isVerified = false
    /// What its signature says, where it was held against one.
    public internal(set) var claims: SignatureClaims?
    /// The image that has its data, where that is not in `data`.
    public var image: ImageFile?
    /// What it changes, where it is a delta bundle; else nil.
    public var changes: [Change]?
    /// The files of base data, for listings: names as `BundleMember` has them.
    public var dataFiles: [BundleMember] = []

    /// Whether it was read from a folder.
    public var isFolder = false

    public init(name: String) { self.name = name }
}
