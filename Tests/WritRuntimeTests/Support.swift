import Glibc
import Synchronization
import Testing
import Writ
import WritBundle

@testable import WritRuntime
@testable import WritServer

/// Bundles, made as OPA makes them.
enum TestBundle {
    static func archive(
        _ files: [String: String] = [:], data: String = "{}", revision: String = "r1", roots: [String] = [""],
        key: String? = nil
    ) throws -> [UInt8] {
        var contents = BundleContents()
        contents.manifest.revision = revision
        contents.manifest.roots = roots
        contents.data = Array(data.utf8)
        contents.modules = files.sorted { $0.key < $1.key }.map { ($0.key, Array($0.value.utf8)) }
        if let key { try contents.sign(BundleSigning(key: Array(key.utf8), algorithm: "HS256", keyID: "k")) }
        return try contents.archive()
    }

    /// A bundle whose `data.app.answer` is a number.
    static func answering(_ number: Int, revision: String = "r1", key: String? = nil) throws -> [UInt8] {
        try archive(
            ["/app.rego": "package app\n\nanswer := data.app_data.n\n"], data: #"{"app_data": {"n": \#(number)}}"#,
            revision: revision, roots: ["app", "app_data"], key: key)
    }
}

/// What a configuration runs, without a server around it.
final class TestRuntime: Sendable {
    let store: SnapshotStore
    let writer: PolicyWriter
    let runtime: Runtime
    let folder: String
    private let written = Mutex<[String]>([])

    init(
        _ json: String, folder: String? = nil, supported: [String] = [], further: [any RuntimePlugin] = []
    ) throws {
        store = SnapshotStore(Snapshot(policy: try Policy.compile([])))
        writer = PolicyWriter(store)
        let place = folder ?? "/tmp/writ-runtime-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        self.folder = place
        let space = Array(#"{"persistence_directory":"\#(place)","#.utf8) + Array(json.utf8.dropFirst())
        let settings = try RuntimeSettings(reading: space, id: "i", version: "v", supported: supported)
        let lines = Lines()
        self.lines = lines
        runtime = Runtime(
            settings, writer,
            logger: RuntimeLogger(log: { _, message, _ in lines.add(message) }, console: { lines.add($0) }),
            further: further)
        try runtime.check()
    }

    /// Puts another configuration in force.
    func reconfigure(_ json: String) async throws {
        let space = Array(#"{"persistence_directory":"\#(folder)","#.utf8) + Array(json.utf8.dropFirst())
        try await runtime.reconfigure(RuntimeSettings(reading: space, id: "i", version: "v"))
    }

    let lines: Lines

    /// What was written to the log and the console.
    final class Lines: Sendable {
        private let all = Mutex<[String]>([])
        func add(_ line: String) { all.withLock { $0.append(line) } }
        func add(_ line: [UInt8]) { add(String(decoding: line, as: UTF8.self)) }
        var text: String { all.withLock { $0.joined(separator: "\n") } }
    }

    /// A document as JSON text; empty where it is undefined.
    func document(_ path: String) -> String {
        let snapshot = store.take().snapshot
        var output = ByteBuffer()
        let steps = path.split(separator: "/").map { Array($0.utf8) }
        guard (try? Evaluator(snapshot).decide(snapshot.target(steps), input: nil, into: &output)) == true else {
            return ""
        }
        return String(decoding: output.bytes, as: UTF8.self)
    }

    var status: String { String(decoding: runtime.status ?? [], as: UTF8.self) }
    var metrics: String { String(decoding: runtime.metrics, as: UTF8.self) }

    func state(_ name: String) -> PluginState? { runtime.pluginStates.first { $0.name == name }?.state }

    /// Waits for something to hold, for some seconds.
    func eventually(_ what: @autoclosure @escaping () -> Bool, seconds: Int = 20) async -> Bool {
        for _ in 0..<(seconds * 50) {
            if what() { return true }
            try? await Task.sleep(nanoseconds: 20_000_000)
        }
        return what()
    }
}
