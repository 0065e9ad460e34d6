import CrashReplay
import Glibc
import Testing
import WritFiles

@testable import WritRuntime
@testable import WritTrust

/// What a device trusts, in every state that its disk may be in when the power goes while it follows a repository.
@Suite struct TrustCrashTests {
    private static let configuration = """
        {"services": {"s": {"url": "ADDRESS"}},
         "trust": {"required": true, "repositories": {"fleet": {"service": "s", "resource": "dist", "root": "ROOT"}}},
         "bundles": {"b": {"trust": "fleet", "target": "\(TestRepository.target)", "persist": true,
           \(TrustTests.polling)}},
         "status": {"prometheus": true}}
        """

    /// The bundle before or the one after is active again, whose trust is kept; and the device follows from there.
    @Test func theOldOneOrTheNew() async throws {
        let folder = CrashFolder()
        let trace = FileTrace()
        let calls = FileCalls(recording: trace)
        var repository = try TestRepository()
        let given = "/tmp/writ-trust-root-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try Files.save(repository.files["metadata/1.root.json"] ?? [], as: "root.json", in: given)
        let trust = TrustFolder(path: folder.path + "/trust/fleet", calls)
        for number in 1...3 {
            let bundle = try TrustTests.Bench.bundle(number)
            try repository.publish(bundle)
            if number == 2 {
                // New keys for the timestamp: what was trusted under the old ones is forgotten on the way.
                let new = TrustSigner()
                repository.repository.signers[new.key.id] = new
                try repository.repository.setKeys(
                    of: "timestamp", adding: [new.key], removing: repository.keys("timestamp").map(\.key.id))
                try repository.commit()
            }
            // What the device does, in its order.
            let files = repository.files
            var changes: [(name: String, content: [UInt8]?)] = []
            var client = try TrustClient(
                trust.state(givenRoot: given + "/root.json"), source: TrustSource { (path, _) in files[path] },
                clock: .trusted(time(nil)),
                persist: { (name, content) throws(TrustFailure) in changes.append((name, content)) })
            try client.update()
            let target = try client.target(TestRepository.target)
            try trust.keep(changes)
            try target.check(bundle)
            try Files.save(bundle, as: KeptBundle.fileName, in: folder.path + "/bundles/b", calls)
            try trust.note(SignedContent.digest(bundle), of: "b", TestRepository.target)
            trace.mark(number)
        }
        let server = try AnsweringServer(ServedFiles(repository.files).answer)
        func configuration(_ address: String) -> String {
            Self.configuration.replacing("ADDRESS", with: address).replacing("ROOT", with: given + "/root.json")
        }
        var replay = CrashReplay(trace, root: folder.path)
        replay.exhaustive = 3
        replay.randomStates = 2
        var seen: [Int: Set<String>] = [:]
        let count = try await replay.forEachState { state in
            let left = CrashFolder(state.image)
            let saved = state.marks.last ?? 0
            let test = try TestRuntime(configuration("http://127.0.0.1:1"), folder: left.path)
            await test.runtime.start()
            let found = test.document("fleet/medical/answer")
            await test.runtime.stop()
            let before = saved == 0 ? "" : "\(saved)"
            #expect(
                found == before || saved < 3 && found == "\(saved + 1)",
                "\(found) after \(saved), \(state.text): \(test.lines.text)\n\(replay.text)")
            guard seen[saved, default: []].insert(found).inserted else { return }
            let again = try TestRuntime(configuration(server.address), folder: left.path)
            await again.runtime.start()
            #expect(
                await again.eventually(again.document("fleet/medical/answer") == "3"), "\(state.text): \(again.status)")
            await again.runtime.stop()
        }
        await server.stop()
        #expect(
            seen[0] == ["", "1"] && seen[1] == ["1", "2"] && seen[2] == ["2", "3"] && seen[3] == ["3"], "\(seen)")
        #expect(count > 50)
    }
}

private enum SignedContent {
    static func digest(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { TrustTarget.digest($0) } }
}
