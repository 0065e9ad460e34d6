import Writ

/// A bundle that was activated.
public struct ActiveBundle: Sendable {
    public var name: String
    /// Empty for none.
    public var revision: String
    /// What of the data it owns, as paths with slashes; nil for all of it.
    public var roots: [String]?

    public init(name: String, revision: String = "", roots: [String]? = nil) {
        self.name = name
        self.revision = revision
        self.roots = roots
    }
}

/// What is to be served from now on: what a change finds, and may put something else in place of.
public struct StoreChange: Sendable {
    /// The policies, each with its id.
    public var files: [PolicyFile]
    /// The base data; nil for an empty object.
    public var data: Piece?
    public var bundles: [ActiveBundle]
    /// Nanoseconds that compiling took; set once the change is made.
    public var compiled: UInt64 = 0

    public init(files: [PolicyFile], data: Piece?, bundles: [ActiveBundle]) {
        self.files = files
        self.data = data
        self.bundles = bundles
    }
}

/// Where policies and data change: as a whole, one change after another, beside the traffic.
public protocol PolicyStore: Sendable {
    /// Another number after every change.
    var generation: Int { get }
    /// Lets `body` change what is served. Compiles and checks the result, and puts it in place at once; or changes
    /// nothing and throws. Blocks for as long as that takes; not for an event loop's thread.
    @discardableResult
    func change(
        _ body: (inout StoreChange) throws(ActivationFailure) -> Void
    ) throws(ActivationFailure) -> StoreChange
}

/// Why a bundle, or another change of everything, is not put in place.
public struct ActivationFailure: Error, Sendable {
    public let message: String
    /// Where it is that policies do not compile.
    public let compilation: CompileFailure?

    public init(_ message: String) {
        self.message = message
        compilation = nil
    }

    public init(_ failure: CompileFailure) {
        message = "error(s) occurred while compiling module(s)"
        compilation = failure
    }
}
