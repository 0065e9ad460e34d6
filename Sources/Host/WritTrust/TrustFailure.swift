/// Why metadata or what it vouches for is not trusted.
public struct TrustFailure: Error, Sendable {
    /// What kind of failure it is; as text it is what programs compare.
    public enum Code: String, Sendable {
        /// What is asked for cannot be.
        case request = "trust_request_error"
        /// Metadata that is no metadata of The Update Framework.
        case format = "trust_format_error"
        /// Fewer good signatures than the threshold of the role.
        case threshold = "trust_threshold_error"
        /// A version that is older than one that was trusted before.
        case rollback = "trust_rollback_error"
        /// Metadata that is not good any more: somebody may be holding newer metadata back.
        case expired = "trust_expired_error"
        /// Metadata of other versions, lengths or digests than those that vouch for it name.
        case mismatch = "trust_mismatch_error"
        /// More bytes, roots or delegations than a limit allows.
        case limit = "trust_limit_error"
        /// A file that the repository does not have.
        case missing = "trust_missing_error"
        /// A target that nobody who may ship it has signed.
        case target = "trust_target_error"
        /// A key that cannot be read, or is of a kind that is not known.
        case key = "trust_key_error"
        /// What cannot be written or fetched.
        case storage = "trust_storage_error"
    }

    public let code: Code
    /// The role or file that it is about: `root`, `snapshot`, `fleet-medical`, `3.targets.json`.
    public let role: String
    /// For people; names the role or file.
    public let message: String

    public init(_ code: Code, _ role: String, _ message: String) {
        self.code = code
        self.role = role
        self.message = "\(role): \(message)"
    }
}

/// How much a client takes from a repository that it does not trust yet.
public struct TrustLimits: Sendable {
    /// Bytes of root metadata.
    public var rootLength = 512_000
    /// Bytes of the timestamp.
    public var timestampLength = 16_384
    /// Bytes of the snapshot, where the timestamp does not say.
    public var snapshotLength = 2_000_000
    /// Bytes of targets, where the snapshot does not say.
    public var targetsLength = 5_000_000
    /// Bytes of a target, whatever its metadata says.
    public var targetLength = 1 << 30
    /// New versions of the root in one update.
    public var rootRotations = 256
    /// Delegated roles that are looked at for one target.
    public var delegations = 32

    public init() {}
}
