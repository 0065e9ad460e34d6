/// Why the journal cannot do what it is asked for.
public struct JournalFailure: Error, Sendable, Equatable {
    /// What kind of failure it is; as text it is what programs compare.
    public enum Code: String, Sendable {
        /// The settings cannot be: too small, out of proportion.
        case settings = "journal_settings_error"
        /// Another process has the folder.
        case locked = "journal_locked_error"
        /// A call of the system failed.
        case system = "journal_system_error"
        /// There is no room, and nothing may give way.
        case full = "journal_full_error"
        /// A record that is larger than a segment.
        case size = "journal_record_size_error"
        /// The journal was closed.
        case closed = "journal_closed_error"
        /// A file of the folder is none of this journal's, or of another version.
        case format = "journal_format_error"
    }

    public let code: Code
    /// The file or folder that it is about.
    public let path: String
    /// For people. Names the path and, of a system's call, the call and the system's number of the error.
    public let message: String
    /// `errno` of the call that failed, or 0.
    public let number: Int32

    init(_ code: Code, _ path: String, _ message: String, number: Int32 = 0) {
        self.code = code
        self.path = path
        self.message = "\(path): \(message)"
        self.number = number
    }

    static func system(_ call: String, _ path: String, _ number: Int32) -> JournalFailure {
        JournalFailure(.system, path, "\(call) failed: \(SystemCalls.text(of: number))", number: number)
    }
}
