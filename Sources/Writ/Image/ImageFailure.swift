/// Why bytes are no image that can be used.
public struct ImageFailure: Error, Sendable {
    /// What kind of failure it is; as text it is what programs compare.
    public enum Code: String, Sendable {
        /// It is no image, or a damaged one.
        case format = "writ_image_error"
        /// It is one of another version of the format.
        case version = "writ_image_version_error"
        /// A part of it is not as the table of parts says.
        case digest = "writ_image_digest_error"
        /// Its policy needs what this build does not have.
        case unsupported = "writ_unsupported"
        /// What is to be written has no room in an image.
        case limit = "writ_limit_error"
    }

    public let code: Code
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    static func damaged(_ what: String) -> ImageFailure { ImageFailure(.format, "the image is damaged: \(what)") }
}
