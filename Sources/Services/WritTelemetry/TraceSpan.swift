import Glibc

/// One span of a trace, from its start to its end.
public struct TraceSpan: Sendable {
    /// Who the span tells of.
    public enum Kind: UInt8, Sendable {
        case server = 2
        case client = 3
    }

    public enum Value: Sendable {
        case text(String)
        case number(Int)
    }

    /// What others are told of the span.
    public let context: TraceContext
    public let kind: Kind
    /// The span that this one is a part of: 0 for none.
    public let parent: UInt64
    /// Whether that is another process's.
    public let isParentRemote: Bool
    public var name = ""
    /// Whether what it tells of failed, and why.
    public var failure: String?
    public private(set) var attributes: [(key: StaticString, value: Value)] = []
    /// Nanoseconds since 1970.
    public let start: UInt64
    private let clock: UInt64

    /// Texts of attributes are cut after so many bytes: what clients send must not fill the memory.
    static let textLimit = 2048

    init(_ context: TraceContext, _ kind: Kind, parent: UInt64, isParentRemote: Bool) {
        self.context = context
        self.kind = kind
        self.parent = parent
        self.isParentRemote = isParentRemote
        // What is not recorded needs no time.
        start = context.isSampled ? Self.time(CLOCK_REALTIME) : 0
        clock = context.isSampled ? Self.time(CLOCK_MONOTONIC) : 0
    }

    /// Whether the span is recorded; nothing has to be told to one that is not.
    public var isRecorded: Bool { context.isSampled }

    public mutating func set(_ key: StaticString, _ text: String) { attributes.append((key, .text(text))) }
    public mutating func set(_ key: StaticString, _ number: Int) { attributes.append((key, .number(number))) }

    /// The span as a message `Span` of OTLP, ended now.
    func ended() -> [UInt8] { message(end: start &+ (Self.time(CLOCK_MONOTONIC) &- clock)) }

    func message(end: UInt64) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.part(1, Self.bytes(context.trace.high) + Self.bytes(context.trace.low))
        writer.part(2, Self.bytes(context.span))
        writer.part(3, context.state.utf8)
        if parent != 0 { writer.part(4, Self.bytes(parent)) }
        writer.part(5, Self.cut(name))
        writer.number(6, UInt64(kind.rawValue))
        writer.fixed(7, start)
        writer.fixed(8, end)
        for (key, value) in attributes { writer.message(9) { Self.write(key, value, to: &$0) } }
        if let failure {
            writer.message(15) { status in
                status.part(2, Self.cut(failure))
                status.number(3, 2)
            }
        }
        // Bits 8 and 9: it is known whether the parent is remote, and it is.
        writer.fixed(16, UInt32(1 | 0x100 | (isParentRemote ? 0x200 : 0)))
        return writer.bytes
    }

    /// A `KeyValue`.
    static func write(_ key: StaticString, _ value: Value, to writer: inout ProtobufWriter) {
        writer.part(1, UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        writer.message(2) { any in
            switch value {
            // A field of a choice is written even where it is empty.
            case .text(let text) where text.isEmpty: any.message(1) { _ in }
            case .text(let text): any.part(1, cut(text))
            case .number(let number): any.choice(3, UInt64(bitPattern: Int64(number)))
            }
        }
    }

    /// Protobuf's texts are UTF-8: a letter is left out rather than halved.
    private static func cut(_ text: String) -> Substring.UTF8View {
        guard text.utf8.count > textLimit else { return text[...].utf8 }
        var end = text.utf8.index(text.startIndex, offsetBy: textLimit)
        while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return text[..<end].utf8
    }

    private static func bytes(_ number: UInt64) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

    private static func time(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000 &+ UInt64(bitPattern: Int64(time.tv_nsec))
    }
}
