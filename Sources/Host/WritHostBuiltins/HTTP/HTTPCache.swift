import Glibc
import Synchronization

/// A response as it came.
struct HTTPResponse: Sendable {
    var status: String
    var code: Int
    /// Names in lower case, in the order in which they came.
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// Responses that outlive a query, within a bound of bytes: the oldest go first.
final class HTTPCache: Sendable {
    struct Entry: Sendable {
        var response: HTTPResponse
        /// Nanoseconds since 1970.
        var expires: Int64
    }

    private struct State {
        var entries: [[UInt8]: Entry] = [:]
        var order: [[UInt8]] = []
        var bytes = 0
    }

    private let state = Mutex(State())
    private static let limit = 64 << 20

    func find(_ key: [UInt8]) -> Entry? { state.withLock { $0.entries[key] } }

    func insert(_ key: [UInt8], _ entry: Entry) {
        let size = entry.response.body.count + key.count + 512
        guard size <= Self.limit / 4 else { return }
        state.withLock { state in
            Self.remove(key, &state)
            while state.bytes + size > Self.limit, let oldest = state.order.first { Self.remove(oldest, &state) }
            state.entries[key] = entry
            state.order.append(key)
            state.bytes += size
        }
    }

    func remove(_ key: [UInt8]) { state.withLock { Self.remove(key, &$0) } }

    private static func remove(_ key: [UInt8], _ state: inout State) {
        guard let entry = state.entries.removeValue(forKey: key) else { return }
        state.bytes -= entry.response.body.count + key.count + 512
        state.order.removeAll { $0 == key }
    }

    // MARK: What responses say of themselves

    /// Status codes whose responses may be kept.
    private static let cacheable: Set<Int> = [200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501]

    /// When a response that came at `now` expires; nil where it must not be kept.
    static func expiry(_ response: HTTPResponse, forced seconds: Int?, now: Int64) -> Int64? {
        guard cacheable.contains(response.code) else { return nil }
        if let seconds, seconds > 0 { return now &+ Int64(seconds) &* 1_000_000_000 }
        let directives = (response.header("cache-control") ?? "").lowercased().split(separator: ",").map { part in
            part.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\"" } }
        }
        if directives.contains(where: { $0.first == "no-store" }) { return nil }
        if let age = directives.first(where: { $0.first == "max-age" })?.last.flatMap({ Int64($0) }), age >= 0 {
            let created = response.header("date").flatMap(date) ?? now
            return created &+ min(age, 1 << 31) &* 1_000_000_000
        }
        return response.header("expires").flatMap(date) ?? 0
    }

    /// A date of HTTP such as `Sun, 06 Nov 1994 08:49:37 GMT`, in nanoseconds since 1970.
    static func date(_ text: String) -> Int64? {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let day = Int32(words[1]), let year = Int32(words[3]),
            let month = months.firstIndex(of: String(words[2])), (1970...2200).contains(year)
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int32($0) }
        guard time.count == 3 else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, Int32(month), day)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (time[0], time[1], time[2])
        return Int64(timegm(&parts)) &* 1_000_000_000
    }
}
