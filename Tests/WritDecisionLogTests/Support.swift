import CZlib
import Foundation
import Synchronization
import Writ
import WritJournal

@testable import WritDecisionLog

/// One event loop's worth of deciding and logging.
final class Desk {
    let log: DecisionLog
    let recorder: DecisionRecorder
    let evaluator: Evaluator
    let complaints = Box<[String]>([])
    let lines = Box<[String]>([])

    init(
        _ policy: String, _ settings: DecisionLogSettings = .console, upload: DecisionLog.Upload? = nil,
        replacing old: DecisionLog? = nil
    ) throws {
        let file = PolicyFile(name: "p.rego", text: Array(policy.utf8))
        evaluator = Evaluator(Snapshot(policy: try Policy.compile([file])))
        log = try DecisionLog(
            settings, labels: [("app", "desk"), ("id", "7")], upload: upload,
            console: { [lines] line in lines.change { $0.append(String(decoding: line, as: UTF8.self)) } },
            complain: { [complaints] text in complaints.change { $0.append(text) } }, replacing: old)
        recorder = log.recorder()
    }

    /// Decides `data.<path>` and logs it.
    func decide(_ path: String, _ input: String, _ change: (inout DecisionFacts) -> Void = { _ in }) throws {
        evaluator.begin()
        var facts = DecisionFacts()
        facts.results = recorder.begin(evaluator)
        facts.path = Array(path.utf8)
        facts.input = try evaluator.space.readJSON(Array(input.utf8))
        facts.result = try evaluator.evaluate(
            evaluator.snapshot.target(path.split(separator: "/").map { Array($0.utf8) }), input: facts.input)
        facts.timestamp = 1_700_000_000_120_000_000
        change(&facts)
        try recorder.record(facts, id: Array("the-id".utf8), evaluator)
    }
}

/// A value that several tasks change.
final class Box<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>
    init(_ value: Value) { mutex = Mutex(value) }
    var value: Value { mutex.withLock { $0 } }
    func change(_ body: (inout Value) -> Void) { mutex.withLock { body(&$0) } }
}

extension DecisionLogSettings {
    static var console: DecisionLogSettings {
        var settings = DecisionLogSettings()
        settings.isOnConsole = true
        return settings
    }

    static func uploading(_ change: (inout DecisionLogSettings) -> Void = { _ in }) -> DecisionLogSettings {
        var settings = DecisionLogSettings()
        settings.service = "s"
        settings.trigger = .manual
        change(&settings)
        return settings
    }
}

/// A service that keeps what it got, and fails when told to.
final class Sink: Sendable {
    let chunks = Box<[[UInt8]]>([])
    let failure = Box<ShippingFailure?>(nil)

    var upload: DecisionLog.Upload {
        { chunk in
            if let failure = self.failure.value { return failure }
            self.chunks.change { $0.append(chunk) }
            return nil
        }
    }

    /// The events of all arrays.
    func events() throws -> [[String: Any]] {
        try chunks.value.flatMap { chunk in
            try JSONSerialization.jsonObject(with: Data(gunzip(chunk))) as? [[String: Any]] ?? []
        }
    }
}

func gunzip(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    defer { inflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: 16 << 20)
    return input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(output.count)
            inflate(&stream, Z_FINISH)
            return Array(output.prefix(output.count - Int(stream.avail_out)))
        }
    }
}

func folder() throws -> String {
    let path = NSTemporaryDirectory() + "writ-decisions-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
}
