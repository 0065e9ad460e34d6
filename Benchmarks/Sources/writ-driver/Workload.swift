import Foundation
import Writ

#if WRIT_KEYS
    import WritHostBuiltins
#endif

/// A folder with policy.rego, data.json (may be absent), query.txt and inputs/*.json.
struct Workload {
    let snapshot: Snapshot
    let target: DecisionTarget
    let names: [String]
    let inputs: [[UInt8]]
    /// Milliseconds from text to a snapshot that can decide.
    let prepareTime: Double

    init(_ folder: String) throws {
        let policyText = try Self.read(folder + "/policy.rego")
        let dataText = try? Self.read(folder + "/data.json")
        let query = String(decoding: try Self.read(folder + "/query.txt"), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let inputFolder = folder + "/inputs"
        names = try FileManager.default.contentsOfDirectory(atPath: inputFolder).filter { $0.hasSuffix(".json") }
            .sorted()
        inputs = try names.map { try Self.read(inputFolder + "/" + $0) }
        let start = Clock.monotonic()
        let file = PolicyFile(name: "policy.rego", text: policyText)
        let policy = try Policy.compile([file], options: Self.options)
        var data = DataBuilder()
        if let dataText { try data.add(dataText) }
        snapshot = Snapshot(policy: policy, data: try data.freeze())
        target = snapshot.target(query.split(separator: ".").dropFirst().map { Array($0.utf8) })
        prepareTime = Double(Clock.monotonic() - start) / 1e6
    }

    private static var options: CompileOptions {
        #if WRIT_KEYS
            CompileOptions(functions: .all)
        #else
            CompileOptions()
        #endif
    }

    private static func read(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}

enum Clock {
    static func monotonic() -> Int64 { read(CLOCK_MONOTONIC) }
    static func processor() -> Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
