import CrashReplay
import Testing
import WritBundle
import WritFiles

@testable import WritRuntime

/// A kept bundle in every state that a disk may be in when the power goes while it is replaced.
@Suite struct KeptBundleTests {
    private static let configuration = """
        {"services": {"s": {"url": "http://127.0.0.1:1"}}, "keys": {"k": {"key": "secret", "algorithm": "HS256"}},
         "bundles": {"b": {"persist": true, "signing": {"keyid": "k"}}}, "status": {"prometheus": true}}
        """

    /// What is kept is the bundle before or the one after, verified as when it came; once saving returned, the latter.
    @Test func theOldOneOrTheNew() async throws {
        let folder = CrashFolder()
        let trace = FileTrace()
        let calls = FileCalls(recording: trace)
        for number in 1...3 {
            let archive = try TestBundle.answering(number, revision: "r\(number)", key: "secret")
            try Files.save(archive, as: KeptBundle.fileName, in: folder.path + "/bundles/b", calls)
            trace.mark(number)
        }
        let settings = try RuntimeSettings(
            reading: Array(Self.configuration.utf8), id: "i", version: "v", supported: [])
        let bundle = try #require(settings.bundles.first)
        let replay = CrashReplay(trace, root: folder.path)
        var seen: [Int: Set<String>] = [:]
        let count = try await replay.forEachState { state in
            let left = CrashFolder(state.image)
            let saved = state.marks.last ?? 0
            var found = "nothing"
            switch await KeptBundle.load(bundle, from: left.path + "/bundles/b") {
            case .loaded(let kept): found = kept.bundle.manifest.revision
            case .failed(let problem): Issue.record("\(problem.message) \(state.text)\n\(replay.text)")
            case .empty, .unchanged, nil: break
            }
            let before = saved == 0 ? "nothing" : "r\(saved)"
            #expect(found == before || saved < 3 && found == "r\(saved + 1)", "\(state.text)\n\(replay.text)")
            // A new name that is there is not undone by the next reading, and nothing else is left.
            let names = state.image.files.keys.filter { !$0.hasSuffix("/" + KeptBundle.fileName) }
            #expect(names.count <= 1)
            guard seen[saved, default: []].insert(found).inserted, found != "nothing" else { return }
            // The whole of it: a process that starts there, while the service cannot be reached.
            let test = try TestRuntime(Self.configuration, folder: left.path)
            await test.runtime.start()
            #expect(test.document("app/answer") == String(found.dropFirst()))
            await test.runtime.stop()
        }
        // Both sides of each replacement were met.
        #expect(seen == [0: ["nothing", "r1"], 1: ["r1", "r2"], 2: ["r2", "r3"], 3: ["r3"]])
        #expect(count > 15)
    }
}
