/// What reading a bundle may take. Each limit fails with a message that names it.
public struct BundleLimits: Sendable {
    /// Bytes of one file: OPA's limit, 1 GiB.
    public var fileSize = 1 << 30
    /// Bytes of the whole archive when it is unpacked.
    public var totalSize = 2 << 30
    /// Files and folders.
    public var memberCount = 200_000
    /// Folders inside folders.
    public var depth = 128
    /// Bytes of a member's name.
    public var nameLength = 4096
    /// How many times larger than the archive its content may be, once it is larger than `ratioFloor`.
    public var ratio = 250
    /// Bytes of content below which the ratio is not looked at.
    public var ratioFloor = 32 << 20
    /// Changes of a delta bundle.
    public var changeCount = 1_000_000
    /// Bytes of what describes a bundle: the manifest, the signatures.
    public var descriptionSize = 32 << 20

    public init() {}
}
