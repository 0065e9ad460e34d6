/// Makes identifiers of traces and spans: random, but no secrets. One for each thread.
public struct SpanIdentifiers {
    private var state: UInt64

    public init() {
        var system = SystemRandomNumberGenerator()
        state = system.next()
    }

    /// A number that is not zero.
    public mutating func next() -> UInt64 {
        // SplitMix64: each state is met once in 2^64 steps, so two of one generator never are alike.
        while true {
            state &+= 0x9E37_79B9_7F4A_7C15
            var number = state
            number = (number ^ (number >> 30)) &* 0xBF58_476D_1CE4_E5B9
            number = (number ^ (number >> 27)) &* 0x94D0_49BB_1331_11EB
            number ^= number >> 31
            if number != 0 { return number }
        }
    }
}
