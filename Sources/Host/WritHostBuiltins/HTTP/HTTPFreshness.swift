import Glibc

/// How long a response is good, by what it says of itself.
enum HTTPFreshness {
    /// Status codes whose responses may be kept.
    static let cacheable: Set<Int> = [200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501]

    /// What keeps a response from having a time at which it expires.
    struct Failure: Error {
        let message: String
    }

    /// When a response expires, in nanoseconds since 1970; `forced` seconds after `now` where that is asked for.
    static func expiry(_ response: HTTPResponse, forced: Int?, now: Int64) throws(Failure) -> Int64 {
        if let forced, forced > 0 { return now &+ Int64(min(forced, Int(Int32.max))) &* 1_000_000_000 }
        guard let text = directives(response).last(where: { $0.name == "max-age" })?.value else {
            return response.header("expires").flatMap(date) ?? .min
        }
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            throw Failure(message: "strconv.ParseUint: parsing \"\(text)\": invalid syntax")
        }
        let age = min(Int64(text) ?? .max, Int64(Int32.max))
        guard let header = response.header("date") else { throw Failure(message: "no date header") }
        guard let created = date(header) else {
            throw Failure(message: "parsing time \"\(header)\" as \"Mon Jan _2 15:04:05 2006\"")
        }
        return created &+ age &* 1_000_000_000
    }

    /// Whether a response may be kept at all.
    static func allowsStoring(_ response: HTTPResponse) -> Bool {
        !directives(response).contains { $0.name == "no-store" }
    }

    /// The parts of `Cache-Control`, as OPA reads them.
    private static func directives(_ response: HTTPResponse) -> [(name: String, value: String)] {
        (response.header("cache-control") ?? "").split(separator: ",").compactMap { part in
            let items = part.split(separator: "=", omittingEmptySubsequences: false)
            let name = trimmed(items[0])
            if name.isEmpty || items.count > 2 { return nil }
            // Spaces before the name only go with the part; those behind the value too.
            guard items.count == 2 else { return (name, "") }
            var value = items[1]
            while value.last == " " { value = value.dropLast() }
            return (name, String(value))
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// A date of HTTP in one of its three forms, such as `Sun, 06 Nov 1994 08:49:37 GMT`, in nanoseconds since 1970.
    static func date(_ text: String) -> Int64? {
        var words = text.split(separator: " ").map(String.init)
        if words.count == 4, words[3] == "GMT" {
            // Sunday, 06-Nov-94 08:49:37 GMT
            let parts = words[1].split(separator: "-").map(String.init)
            guard parts.count == 3, let year = Int(parts[2]) else { return nil }
            words = [words[0], parts[0], parts[1], String(year + (year < 69 ? 2000 : 1900)), words[2], "GMT"]
        } else if words.count == 5 {
            // Sun Nov  6 08:49:37 1994
            words = [words[0], words[2], words[1], words[4], words[3], "GMT"]
        }
        guard words.count == 6, words[5] == "GMT", let day = Int32(words[1]), let year = Int32(words[3]),
            let month = months.firstIndex(of: words[2]), (1970...2200).contains(year), (1...31).contains(day)
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int32($0) }
        guard time.count == 3 else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, Int32(month), day)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (time[0], time[1], time[2])
        return Int64(timegm(&parts)) &* 1_000_000_000
    }
}
