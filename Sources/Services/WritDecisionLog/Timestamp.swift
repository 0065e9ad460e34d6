import Glibc
import Writ

/// Times as RFC 3339 with the nanoseconds that are not zero, in UTC, as Go writes them.
enum Timestamp {
    /// Nanoseconds since 1970.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    static func append(_ nanoseconds: Int64, to output: inout ByteBuffer) {
        let (days, time) = divided(nanoseconds, 86_400_000_000_000)
        let (year, month, day) = date(days)
        digits(Int(year), 4, to: &output)
        output.append("-")
        digits(month, 2, to: &output)
        output.append("-")
        digits(day, 2, to: &output)
        output.append("T")
        let seconds = Int(time / 1_000_000_000)
        digits(seconds / 3600, 2, to: &output)
        output.append(":")
        digits(seconds / 60 % 60, 2, to: &output)
        output.append(":")
        digits(seconds % 60, 2, to: &output)
        var fraction = Int(time % 1_000_000_000)
        if fraction > 0 {
            var width = 9
            while fraction % 10 == 0 {
                fraction /= 10
                width -= 1
            }
            output.append(".")
            digits(fraction, width, to: &output)
        }
        output.append("Z")
    }

    private static func divided(_ value: Int64, _ by: Int64) -> (Int64, Int64) {
        let rest = value % by
        return rest < 0 ? (value / by - 1, rest + by) : (value / by, rest)
    }

    /// The date of a day counted from 1970, by the cycle of 400 years that begins on 1 March.
    private static func date(_ days: Int64) -> (Int64, Int, Int) {
        let (cycle, day) = divided(days + 719_468, 146_097)
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let inYear = day - (365 * year + year / 4 - year / 100)
        let shifted = (5 * inYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (year + cycle * 400 + (month <= 2 ? 1 : 0), Int(month), Int(inYear - (153 * shifted + 2) / 5 + 1))
    }

    /// A number of as many digits as `width` says, at most nine.
    private static func digits(_ number: Int, _ width: Int, to output: inout ByteBuffer) {
        var rest = UInt32(truncatingIfNeeded: number)
        // From the last digit on, so that each division is by a constant.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: width) { digits in
            for index in (0..<width).reversed() {
                digits[index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            output.append(UnsafeBufferPointer(digits))
        }
    }
}
