import WritJournal

/// What is logged of decisions, and where it goes: `decision_logs` of the configuration.
public struct DecisionLogSettings: Sendable, Equatable {
    /// How events wait for being uploaded.
    public enum Buffer: Sendable, Equatable {
        /// In memory, up to so many bytes and so many events; nil for no bound.
        case memory(bytes: Int?, events: Int?)
        /// In a folder: what was accepted survives the end of the process.
        case journal(JournalSettings)
    }

    /// A file that gets a line for each event.
    public struct File: Sendable, Equatable {
        public var path: String
        /// Above so many bytes the file is renamed to `path.1`, that to `path.2`, and so on.
        public var maximumBytes: Int
        /// Renamed files that are kept.
        public var keep: Int

        public init(path: String, maximumBytes: Int = 100 << 20, keep: Int = 5) {
            self.path = path
            self.maximumBytes = maximumBytes
            self.keep = keep
        }
    }

    /// Whether each event is a line on the console.
    public var isOnConsole = false
    /// The name of the service that events are uploaded to; nil for none.
    public var service: String?
    /// The path that they are uploaded to.
    public var resource = "/logs"
    public var file: File?
    public var buffer = Buffer.memory(bytes: nil, events: nil)
    /// What gives way when the buffer is full.
    public var whenFull = JournalSettings.WhenFull.dropOldest
    /// Events that are logged in a second at most, on average; nil for no bound.
    public var maximumPerSecond: Double?
    /// Bytes of one upload, compressed.
    public var uploadBytes = 32_768
    /// Seconds between two uploads that went well: a number between these.
    public var minimumDelay = 300
    public var maximumDelay = 600
    /// When events are uploaded.
    public var trigger = Trigger.periodic
    /// The document with the rules of what is left out or replaced, and the one that says what is not logged.
    public var mask: [[UInt8]] = [Array("system".utf8), Array("log".utf8), Array("mask".utf8)]
    public var drop: [[UInt8]] = [Array("system".utf8), Array("log".utf8), Array("drop".utf8)]
    /// Whether results of builtins that need not be the same again are logged.
    public var keepsNondeterministicResults = false
    /// Headers of requests that are logged, as they are configured.
    public var headers: [String] = []

    public enum Trigger: String, Sendable {
        case periodic
        /// As soon as an upload's worth of events waits, and after the delay in any case.
        case immediate
        /// Only when the program asks.
        case manual
    }

    public init() {}

    /// Whether something takes events from a buffer.
    public var ships: Bool { service != nil || file != nil }
}
