/// Why a bundle cannot be made, read or believed.
public struct BundleFailure: Error, Sendable {
    /// What kind of failure it is; as text it is what programs compare.
    public enum Code: String, Sendable {
        /// What is asked for cannot be: a flag, a target, an entrypoint.
        case request = "bundle_request_error"
        /// The container is no gzipped tar archive, or is damaged.
        case archive = "bundle_archive_error"
        /// The archive ends before it should.
        case truncated = "bundle_truncated_error"
        /// A member whose name leads out of the bundle, or is no name.
        case name = "bundle_name_error"
        /// A member that is neither a file nor a folder: a link, a device.
        case kind = "bundle_member_kind_error"
        /// Two members of one name.
        case duplicate = "bundle_duplicate_error"
        /// More than a limit allows: bytes, members, depth, compression.
        case limit = "bundle_limit_error"
        case manifest = "bundle_manifest_error"
        /// Content outside the roots that the manifest names.
        case roots = "bundle_roots_error"
        /// A document or module that cannot be read.
        case content = "bundle_content_error"
        /// No signature, an unreadable one, or one that is not good under the key.
        case signature = "bundle_signature_error"
        /// Changes of a delta bundle that cannot be read, or that do not fit the data.
        case patch = "bundle_patch_error"
        /// A signature of another scope than asked for.
        case scope = "bundle_scope_error"
        /// A signature that is not good any more, or not yet.
        case expired = "bundle_expired_error"
        /// An older revision than the one before.
        case rollback = "bundle_rollback_error"
        /// More documents than its owner may ship.
        case breadth = "bundle_breadth_error"
        /// An image of another version of its format.
        case version = "bundle_version_error"
        /// A file that is not as it was signed.
        case digest = "bundle_digest_error"
        /// A file that was not signed.
        case unlisted = "bundle_unlisted_error"
        /// A signed file that is not there.
        case missing = "bundle_missing_error"
    }

    public let code: Code
    /// The member that it is about, by the name that the archive gives it.
    public let member: String?
    /// For people; in OPA's words where OPA has any. Names the member.
    public var message: String

    public init(_ message: String, code: Code = .request, member: String? = nil) {
        self.code = code
        self.member = member
        self.message = message
    }
}
