import Testing

@testable import WritRegex

/// Which engines a test runs; all must agree.
let allEngines: [Regex.Engines] = [.automatic, .eagerDFA, .backtrackerOnly, .pikeOnly]

func regex(_ pattern: String, _ engines: Regex.Engines = .automatic) throws -> Regex {
    let regex = try Regex(pattern: Array(pattern.utf8))
    regex.engines = engines
    return regex
}

func withBytes<R>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
    try Array(text.utf8).withUnsafeBufferPointer(body)
}

extension Regex {
    func matches(_ text: String) -> Bool { withBytes(text) { matches($0) } }

    /// The bytes of the groups of all matches; absent groups are empty.
    func all(_ text: [UInt8], limit: Int = -1) -> [[[UInt8]]] {
        text.withUnsafeBufferPointer { bytes in
            var result: [[[UInt8]]] = []
            var captures = CaptureSlots()
            forEachMatch(in: bytes, limit: limit, captures: &captures) { match in
                var groups: [[UInt8]] = []
                for group in 0..<match.count { groups.append(match[group].map { Array(text[$0]) } ?? []) }
                result.append(groups)
                return true
            }
            return result
        }
    }

    func all(_ text: String, limit: Int = -1) -> [[String]] {
        all(Array(text.utf8), limit: limit).map { $0.map { String(decoding: $0, as: UTF8.self) } }
    }

    func replaceAll(_ text: String, _ template: String) -> String {
        var output: [UInt8] = []
        withBytes(text) { text in
            withBytes(template) { replaceAll(in: text, with: $0, into: &output) }
        }
        return String(decoding: output, as: UTF8.self)
    }

    func split(_ text: String, limit: Int = -1) -> [String] {
        var pieces: [String] = []
        withBytes(text) { bytes in
            split(bytes, limit: limit) {
                pieces.append(String(decoding: bytes[$0], as: UTF8.self))
                return true
            }
        }
        return pieces
    }
}

/// The text of the error of a pattern, or nil if it is valid.
func errorText(_ pattern: [UInt8]) -> String? {
    do {
        _ = try Regex(pattern: pattern)
        return nil
    } catch {
        return String(decoding: error.message, as: UTF8.self)
    }
}
