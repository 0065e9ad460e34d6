// Times WritRegex on the rows of a table (RE2/patterns.tsv): a line each of name and nanoseconds a search.

import Foundation
import WritRegex

func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// Searches a text again and again; the time of one search, and whether it found anything.
func measure(_ fields: [String]) throws -> (nanoseconds: Double, found: Bool) {
    let regex = try Regex(pattern: Array(fields[2].utf8))
    var text: [UInt8] = []
    for _ in 0..<(Int(fields[4]) ?? 1) { text += Array(fields[3].utf8) }
    if fields.count > 5 { text += Array(fields[5].utf8) }
    var captures = CaptureSlots()
    var found = 0
    func run(_ times: Int) -> Double {
        text.withUnsafeBufferPointer { bytes in
            let start = processorTime()
            for _ in 0..<times {
                switch fields[1] {
                case "match": if regex.matches(bytes) { found += 1 }
                case "find": if regex.firstRange(in: bytes) != nil { found += 1 }
                default: if regex.firstMatch(in: bytes, captures: &captures) { found += 1 }
                }
            }
            return processorTime() - start
        }
    }
    var times = 1
    while run(times) < 5e6, times < 1 << 26 { times *= 2 }
    var best = Double.infinity
    for _ in 0..<9 { best = min(best, run(times) / Double(times)) }
    return (best, found > 0)
}

let table = try String(contentsOfFile: CommandLine.arguments.dropFirst().first ?? "", encoding: .utf8)
for line in table.split(separator: "\n") where !line.hasPrefix("#") {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    let (nanoseconds, found) = try measure(fields)
    print("\(fields[0])\t\(String(format: "%.1f", nanoseconds))\t\(found ? "yes" : "no")")
}
