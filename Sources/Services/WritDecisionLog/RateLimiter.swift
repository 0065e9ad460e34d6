/// A bucket of tokens: so many a second on average, and at once as many as a second gives, at least one.
struct RateLimiter {
    private let rate: Double
    private var tokens: Double
    private var last: Int64?

    init(perSecond rate: Double) {
        self.rate = rate
        tokens = max(1, rate)
    }

    /// Takes a token, at a time in nanoseconds; false where there is none.
    mutating func allows(at now: Int64) -> Bool {
        if let last, now > last {
            tokens = min(max(1, rate), tokens + Double(now - last) / 1e9 * rate)
        }
        last = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
