import Glibc
import Synchronization

/// Lines about what a server does, on standard error, in the forms that OPA has.
public struct ServerLogger: Sendable {
    public enum Level: Int, Sendable, Comparable {
        case debug, info, warn, error, off

        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    public enum Format: Sendable {
        case json, prettyJSON, text
    }

    /// A field's value.
    public enum Field: Sendable {
        case text(String)
        case number(Int)
        case decimal(Double)
        case list([String])
    }

    public var level: Level
    public var format: Format
    private let write: @Sendable ([UInt8]) -> Void

    public init(
        level: Level, format: Format = .json,
        write: @escaping @Sendable ([UInt8]) -> Void = { ServerLogger.writeToStandardError($0) }
    ) {
        self.level = level
        self.format = format
        self.write = write
    }

    /// Whether lines of a level are written.
    public func writes(_ level: Level) -> Bool { level >= self.level && level != .off }

    /// Writes one line.
    public func log(_ level: Level, _ message: String, _ fields: [(String, Field)] = []) {
        guard writes(level) else { return }
        let name =
            switch level {
            case .debug: "debug"
            case .info: "info"
            case .warn: "warning"
            case .error, .off: "error"
            }
        let time = Self.timestamp()
        var line: String
        switch format {
        case .json, .prettyJSON:
            let all = (fields + [("level", .text(name)), ("msg", .text(message)), ("time", .text(time))])
                .sorted { $0.0 < $1.0 }
            let isPretty = format == .prettyJSON
            line = isPretty ? "{\n  " : "{"
            line += all.map { "\(Self.quote($0.0)):\(isPretty ? " " : "")\(Self.json($0.1))" }
                .joined(separator: isPretty ? ",\n  " : ",")
            line += isPretty ? "\n}\n" : "}\n"
        case .text:
            line = "time=\"\(time)\" level=\(name) msg=\(Self.quote(message))"
            for (key, value) in fields.sorted(by: { $0.0 < $1.0 }) { line += " \(key)=\(Self.plain(value))" }
            line += "\n"
        }
        write(Array(line.utf8))
    }

    private static func json(_ field: Field) -> String {
        switch field {
        case .text(let text): quote(text)
        case .number(let number): String(number)
        case .decimal(let number): String(number)
        case .list(let items): "[" + items.map { quote($0) }.joined(separator: ",") + "]"
        }
    }

    private static func plain(_ field: Field) -> String {
        switch field {
        case .text(let text): text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D } ? text : quote(text)
        case .number(let number): String(number)
        case .decimal(let number): String(number)
        case .list(let items): quote("[" + items.joined(separator: " ") + "]")
        }
    }

    /// A JSON string. What clients send cannot begin a line of its own.
    private static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// The time as RFC 3339 in UTC.
    static func timestamp() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(Int(parts.tm_year) + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }

    @Sendable
    public static func writeToStandardError(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
