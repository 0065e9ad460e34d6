/// Where a request stands in a trace, as W3C's headers `traceparent` and `tracestate` carry it.
public struct TraceContext: Sendable, Equatable {
    /// The trace's identifier; not both halves are zero.
    public let trace: (high: UInt64, low: UInt64)
    /// The span's identifier; not zero.
    public let span: UInt64
    /// Whether the trace is recorded.
    public let isSampled: Bool
    /// What came in `tracestate` and `baggage`, to be sent on as it is.
    public var state = ""
    public var baggage = ""

    public init(trace: (high: UInt64, low: UInt64), span: UInt64, isSampled: Bool) {
        self.trace = trace
        self.span = span
        self.isSampled = isSampled
    }

    /// Reads `traceparent`: `00-<32 digits>-<16 digits>-<2 digits>`; later versions may say more behind. Nil for what
    /// is none.
    public init?(_ text: some StringProtocol) {
        var digits = HexReader(Array(text.utf8))
        guard let version = digits.number(2), version != 0xFF, digits.dash(), let high = digits.number(16),
            let low = digits.number(16), digits.dash(), let span = digits.number(16), digits.dash(),
            let flags = digits.number(2), high | low != 0, span != 0
        else { return nil }
        if version == 0 {
            guard digits.isAtEnd, flags <= 3 else { return nil }
        } else {
            guard digits.isAtEnd || digits.dash() else { return nil }
        }
        self.init(trace: (high, low), span: span, isSampled: flags & 1 == 1)
    }

    public static func == (left: TraceContext, right: TraceContext) -> Bool {
        left.trace == right.trace && left.span == right.span && left.isSampled == right.isSampled
            && left.state == right.state && left.baggage == right.baggage
    }

    /// The headers that tell another server of the context.
    public var headers: [(name: String, value: String)] {
        var headers = [("traceparent", "00-\(traceText)-\(spanText)-\(isSampled ? "01" : "00")")]
        if !state.isEmpty { headers.append(("tracestate", state)) }
        if !baggage.isEmpty { headers.append(("baggage", baggage)) }
        return headers
    }

    /// 32 and 16 hexadecimal digits.
    public var traceText: String { Self.digits(trace.high) + Self.digits(trace.low) }
    public var spanText: String { Self.digits(span) }

    private static func digits(_ number: UInt64) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }
}

/// Reads hexadecimal digits, small letters only, one number after another.
private struct HexReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

    var isAtEnd: Bool { bytes.isEmpty }

    /// A number of so many digits, 16 at most.
    mutating func number(_ count: Int) -> UInt64? {
        guard bytes.count >= count else { return nil }
        var number: UInt64 = 0
        for byte in bytes.prefix(count) {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
            default: return nil
            }
            number = number << 4 | UInt64(digit)
        }
        bytes = bytes.dropFirst(count)
        return number
    }

    mutating func dash() -> Bool { bytes.popFirst() == UInt8(ascii: "-") }
}
