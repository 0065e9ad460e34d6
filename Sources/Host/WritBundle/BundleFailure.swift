/// Why a bundle cannot be made.
public struct BundleFailure: Error, Sendable {
    public let message: String

    public init(_ message: String) { self.message = message }
}
