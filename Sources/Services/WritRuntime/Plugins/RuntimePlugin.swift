import Writ

/// How a part of the process is.
public enum PluginState: String, Sendable {
    case notReady = "NOT_READY"
    case ok = "OK"
    case error = "ERROR"
    case warn = "WARN"
}

/// One part of the process that the configuration asks for. All have one life cycle: settings are checked, then the
/// part is started; later they may change, and in the end it is stopped. Calls come one after another.
public protocol RuntimePlugin: AnyObject, Sendable {
    /// What `/health` and the status call it.
    var name: String { get }
    /// Refuses settings that it cannot work with. Changes nothing: only if all parts agree, settings change.
    func check(_ settings: RuntimeSettings) throws(SettingsFailure)
    /// Begins to work. Does not wait for anything outside.
    func start(_ context: RuntimeContext) async
    /// Goes on with other settings, keeping what they leave as it is.
    func reconfigure(_ context: RuntimeContext) async
    /// Ends its work; what is under way is given up, or finished where it must not be lost.
    func stop() async
    /// Nil where the settings ask nothing of it.
    var state: PluginState? { get }
    /// Its member of the status, as JSON text; nil for none.
    var report: (name: String, json: [UInt8])? { get }
    /// Its metrics as Prometheus reads them, where the status is told there (`status.prometheus`).
    func metrics(_ output: inout ByteBuffer)
}

extension RuntimePlugin {
    public func check(_ settings: RuntimeSettings) throws(SettingsFailure) {}
    public var report: (name: String, json: [UInt8])? { nil }
    public func metrics(_ output: inout ByteBuffer) {}
}

/// How weighty a line of the log is.
public enum RuntimeLogLevel: Sendable {
    case debug, info, warn, error
}

/// Where the parts write what they do.
public struct RuntimeLogger: Sendable {
    /// Writes one line of the log.
    public var log: @Sendable (RuntimeLogLevel, _ message: String, _ fields: [(String, String)]) -> Void
    /// Writes one line of JSON for whoever collects the output of the process.
    public var console: @Sendable ([UInt8]) -> Void

    public init(
        log: @escaping @Sendable (RuntimeLogLevel, String, [(String, String)]) -> Void = { _, _, _ in },
        console: @escaping @Sendable ([UInt8]) -> Void = { _ in }
    ) {
        self.log = log
        self.console = console
    }
}

/// What the parts work with.
public struct RuntimeContext: Sendable {
    public var settings: RuntimeSettings
    /// Clients of all services by name.
    public var services: [String: ServiceClient]
    /// Whether images are verified again though they are known.
    var verifiesImagesAlways: Bool
    /// Those who follow the repositories that bundles come from, by name.
    var trust: [String: TrustFollower]
    public var store: any PolicyStore
    public var logger: RuntimeLogger
    /// Says that the state or the report of a part has changed.
    public var changed: @Sendable () -> Void
    /// Puts other settings in force; what discovery asks for. Throws, and changes nothing, where a part refuses them.
    public var adopt: @Sendable (RuntimeSettings) async throws(SettingsFailure) -> Void
    /// All that is to be told of the process now, as JSON text.
    public var status: @Sendable () -> [UInt8]
    /// The metrics that all parts tell.
    public var states: @Sendable () -> [(name: String, state: PluginState)]
}
