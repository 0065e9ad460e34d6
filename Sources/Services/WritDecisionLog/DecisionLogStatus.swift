import WritJournal

/// What became of events. Each decision is counted once: shipped or waiting, or here by the reason why it is not.
public struct DecisionLogCounters: Sendable, Equatable {
    /// Events that were accepted: on the console, or in the buffer.
    public var accepted: UInt64 = 0
    /// Events that the sinks have.
    public var shipped: UInt64 = 0
    /// Not logged because the policy says so.
    public var droppedByPolicy: UInt64 = 0
    /// Not logged because the document for dropping or masking failed: rather none than a secret.
    public var policyFailures: UInt64 = 0
    public var rateLimited: UInt64 = 0
    /// Dropped from the buffer, or not taken by it, for want of room.
    public var droppedFull: UInt64 = 0
    /// Larger than an upload may be, or than a segment of the journal.
    public var tooLarge: UInt64 = 0
    /// Logged without the results of builtins, which made them too large.
    public var withoutResults: UInt64 = 0
    /// Damaged on the disk.
    public var damaged: UInt64 = 0

    public init() {}
}

/// How the decision log stands.
public struct DecisionLogStatus: Sendable, Equatable {
    public var counters = DecisionLogCounters()
    /// Events that wait, and their bytes.
    public var pending: UInt64 = 0
    public var bytes = 0
    /// What the last shipping said where it failed; nil after one that went well.
    public var failure: ShippingFailure?
    /// The journal, where there is one.
    public var journal: JournalStatus?

    public init() {}
}

/// Why events could not be taken away.
public struct ShippingFailure: Error, Sendable, Equatable {
    public let message: String
    /// The status that the service answered with.
    public let status: Int?

    public init(_ message: String, status: Int? = nil) {
        self.message = message
        self.status = status
    }
}
