/// Why something of a registry is of no use.
public struct RegistryFailure: Error, Sendable, Equatable {
    public enum Code: String, Sendable {
        /// A reference that is none.
        case reference
        /// A manifest that is none, or that has nothing of use.
        case manifest
        /// Content that is not what its digest says.
        case digest
        /// More than is taken.
        case limit
        /// The registry wants other credentials, or none that can be given.
        case credentials
        /// There is no such thing.
        case missing
        /// What came cannot be written to the disk.
        case storage
        /// The registry refused, or did not answer.
        case service
    }

    public let code: Code
    public let message: String
    /// The status of the registry's answer, where it was that.
    public let status: Int?

    public init(_ code: Code, _ message: String, status: Int? = nil) {
        self.code = code
        self.message = message
        self.status = status
    }
}
