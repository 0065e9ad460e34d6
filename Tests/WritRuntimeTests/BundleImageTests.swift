import Glibc
import NIOConcurrencyHelpers
import Testing
import Writ
import WritBundle
import WritRegistry

@testable import WritRuntime
@testable import WritServer
@testable import WritTrust

/// Images over bundle services: verified once, mapped, and left where they lie whatever comes beside them.
@Suite(.serialized) struct BundleImageTests {
    /// An image of `data.NAME.answer` and much data; the number also stands in the data.
    static func image(
        _ name: String, _ number: Int, roots: [String]? = nil, data: String? = nil, key: String? = nil,
        root: String? = nil
    ) throws -> [UInt8] {
        let root = root ?? name
        let package = root.split(separator: "/").joined(separator: ".")
        let policy = try Policy.compile([
            PolicyFile(
                name: "/p.rego", text: Array("package \(package)\n\nanswer := data.\(package).table.n\n".utf8))
        ])
        var builder = DataBuilder()
        let rows = (0..<2000).map { #""key-\#($0)": "value \#($0) of \#(name)""# }.joined(separator: ",")
        var text = #"{"table": {"n": \#(number), \#(rows)}}"#
        for step in root.split(separator: "/").reversed() { text = #"{"\#(step)": \#(text)}"# }
        try builder.add(Array((data ?? text).utf8))
        var manifest = Manifest()
        manifest.revision = "r\(number)"
        manifest.roots = roots ?? [root]
        let signing = key.map { BundleSigning(key: Array($0.utf8), algorithm: "HS256", keyID: "k") }
        return try ImageFile.bytes(of: Snapshot(policy: policy, data: builder.freeze()), manifest, signing: signing)
    }

    private func configuration(_ address: String, _ more: String = "", _ rest: String = "") -> String {
        """
        {"services": {"s": {"url": "\(address)", "response_header_timeout_seconds": 2}},
         "bundles": {"a": {"resource": "a", "persist": true, \(TrustTests.polling)\(more)},
                     "b": {"resource": "b", "persist": true, \(TrustTests.polling)\(more)},
                     "c": {"resource": "c", \(TrustTests.polling)}},
         "status": {"prometheus": true}\(rest)}
        """
    }

    /// Whether some of what is served lies in files, and all of it is right.
    private func isMapped(_ test: TestRuntime) -> Bool {
        test.store.take().snapshot.data?.parts.contains { $0.isLent } == true
    }

    private func mappedCount(_ test: TestRuntime) -> Int {
        test.store.take().snapshot.data?.parts.filter { $0.isLent }.count ?? 0
    }

    private static func plain(_ number: Int) throws -> [UInt8] {
        try TestBundle.archive(
            ["/c.rego": "package c\n\nanswer := data.c.table.n\n"], data: #"{"c": {"table": {"n": \#(number)}}}"#,
            revision: "r\(number)", roots: ["c"])
    }

    private static func tagged(_ content: [UInt8]) -> AnsweringServer.Answer {
        .init(headers: [("ETag", "\"\(SignedFile(name: "", content: content).hash)\"")], body: content)
    }

    private static func serving(
        _ contents: [String: [UInt8]]
    ) -> @Sendable (AnsweringServer.Question) -> AnsweringServer.Answer {
        { question in
            guard let content = contents[String(question.path.dropFirst())] else { return .init(status: 404) }
            let answer = tagged(content)
            guard question.headers.first(name: "If-None-Match") == answer.headers[0].1 else { return answer }
            return .init(status: 304)
        }
    }

    @Test func imagesBesideEachOther() async throws {
        var contents = ["a": try Self.image("a", 1), "b": try Self.image("b", 2), "c": try Self.plain(3)]
        let server = try AnsweringServer(Self.serving(contents))
        let test = try TestRuntime(configuration(server.address))
        await test.runtime.start()
        #expect(
            await test.eventually(
                ["a", "b", "c"].map { test.document("\($0)/answer") } == ["1", "2", "3"]), "\(test.status)")
        #expect(mappedCount(test) == 2)
        #expect(test.document("a/table/key-1999") == "\"value 1999 of a\"")
        #expect(test.document("system/bundles/b/manifest/revision") == "\"r2\"")
        // Whichever is replaced, the others stay, and so do the files that they lie in.
        for (name, content, number) in [
            ("c", try Self.plain(4), "4"), ("a", try Self.image("a", 5), "5"), ("b", try Self.image("b", 6), "6"),
            ("c", try Self.plain(7), "7"),
        ] {
            contents[name] = content
            server.change(Self.serving(contents))
            #expect(await test.eventually(test.document("\(name)/answer") == number), "\(test.status)")
            #expect(mappedCount(test) == 2, "\(name) \(number)")
        }
        #expect(["a", "b", "c"].map { test.document("\($0)/answer") } == ["5", "6", "7"])
        // A write over HTTP lies over the files.
        for number in 0..<30 {
            guard
                case .done = test.writer.put(
                    ["x", "n"].map { Array($0.utf8) }, Array("\(number)".utf8), onlyNew: false)
            else {
                Issue.record("not written")
                continue
            }
        }
        #expect(test.document("x/n") == "29" && test.document("b/table/key-7") == "\"value 7 of b\"")
        #expect(mappedCount(test) == 2)
        // An archive in the place of an image, and back.
        contents["a"] = try TestBundle.archive(["/a.rego": "package a\n\nanswer := 8\n"], roots: ["a"])
        server.change(Self.serving(contents))
        #expect(await test.eventually(test.document("a/answer") == "8"))
        #expect(test.document("a/table") == "" && mappedCount(test) == 1)
        contents["a"] = try Self.image("a", 9)
        server.change(Self.serving(contents))
        #expect(await test.eventually(test.document("a/answer") == "9"))
        #expect(test.document("x/n") == "29" && mappedCount(test) == 2)
        // Away with one.
        let rest = #"{"services": {"s": {"url": "\#(server.address)"}}, "bundles": {"b": {"resource": "b"}}}"#
        try await test.runtime.reconfigure(
            RuntimeSettings(
                reading: Array((#"{"persistence_directory": "\#(test.folder)", "# + rest.dropFirst()).utf8), id: "i",
                version: "v"))
        #expect(test.document("a/answer") == "" && test.document("a/table") == "" && test.document("b/answer") == "6")
        #expect(mappedCount(test) == 1)
        await test.runtime.stop()
        await server.stop()
    }

    @Test func isKeptAndKnownAgain() async throws {
        let contents = [
            "a": try Self.image("a", 1, key: "secret"), "b": try Self.image("b", 2, key: "secret"),
            "c": try Self.image("c", 3),
        ]
        let server = try AnsweringServer(Self.serving(contents))
        let keys = #", "keys": {"k": {"key": "secret", "algorithm": "HS256"}}"#
        let text = configuration(server.address, #", "signing": {"keyid": "k"}"#, keys)
            .replacing(#""c": {"resource": "c","#, with: #""c": {"resource": "c", "signing": {"keyid": "k"},"#)
        let test = try TestRuntime(text)
        await test.runtime.start()
        #expect(await test.eventually(test.document("a/answer") == "1" && test.document("b/answer") == "2"))
        // One that nobody signed is not taken where there are keys; and nothing of it is left.
        #expect(await test.eventually(test.status.contains("the image has no signature")), "\(test.status)")
        #expect(test.document("c/answer") == "")
        let kept = test.folder + "/bundles/a/bundle.tar.gz"
        #expect(await test.eventually((try? Files.read(kept)) == contents["a"]))
        await test.runtime.stop()
        await server.stop()
        #expect(try Self.names(test.folder + "/bundles/a") == ["bundle.tar.gz"])
        #expect(try Self.names(test.folder + "/bundles/c") == [])
        // Mapped again without being read: the note says so.
        let again = try TestRuntime(text, folder: test.folder)
        await again.runtime.start()
        #expect(again.document("a/answer") == "1" && again.document("b/answer") == "2")
        #expect(mappedCount(again) == 2)
        await again.runtime.stop()
        let settings = try #require(again.runtime.settings.bundles.first { $0.name == "a" })
        let records = ImageRecords(folder: test.folder + "/images")
        let options = CompileOptions(functions: .all)
        #expect(try records.open(kept, options: options, verification: settings.signing?.verification).wasKnown)
        // One that somebody wrote to is read, and refused.
        var bytes = contents["a"] ?? []
        bytes[bytes.count / 2] ^= 1
        try Files.save(bytes, as: "bundle.tar.gz", in: test.folder + "/bundles/a")
        let damaged = try TestRuntime(text, folder: test.folder)
        await damaged.runtime.start()
        #expect(damaged.document("a/answer") == "" && damaged.document("b/answer") == "2")
        #expect(damaged.lines.text.contains("Failed to load bundle from disk: image "))
        await damaged.runtime.stop()
    }

    /// Over connections that end too early it goes on in the file that it comes into; what is of something else begins anew.
    @Test func comesInParts() async throws {
        let old = try Self.image("a", 1)
        let new = try Self.image("a", 2)
        let served = ServedParts(old, tag: "\"1\"", each: 40_000)
        let server = try AnsweringServer(served.answer)
        let test = try TestRuntime(configuration(server.address))
        await test.runtime.start()
        #expect(await test.eventually(test.document("a/answer") == "1"), "\(test.status)")
        #expect(mappedCount(test) == 1 && test.document("a/table/key-1999") == "\"value 1999 of a\"")
        #expect(server.questions.filter { $0.path == "/a" && $0.headers.contains(name: "Range") }.count >= 2)
        #expect(await test.eventually(test.metrics.contains(#"bundle_download_resumed_counter{name="a"}"#)))
        // Another one takes its place in the middle of it.
        served.change(new, tag: "\"2\"", from: 2)
        #expect(await test.eventually(test.document("a/answer") == "2"), "\(test.status)")
        #expect(await test.eventually((try? Files.read(test.folder + "/bundles/a/bundle.tar.gz")) == new))
        #expect(await test.eventually((try? Self.names(test.folder + "/bundles/a")) == ["bundle.tar.gz"]))
        await test.runtime.stop()
        await server.stop()
    }

    /// From a server without ranges, whose connection ends too early whenever it is asked anew.
    @Test(arguments: ["http", "oci", "trust"])
    func comesWholeAfterACut(_ kind: String) async throws {
        @Sendable func cut(
            _ question: AnsweringServer.Question, _ answer: AnsweringServer.Answer
        ) -> AnsweringServer.Answer {
            guard !question.headers.contains(name: "Range"), answer.body.count > 40_000 else { return answer }
            var answer = answer
            answer.toldLength = answer.body.count
            answer.body = Array(answer.body.prefix(40_000))
            return answer
        }
        switch kind {
        case "http":
            let serving = Self.serving(["a": try Self.image("a", 1)])
            let server = try AnsweringServer { cut($0, serving($0)) }
            let test = try TestRuntime(configuration(server.address))
            await test.runtime.start()
            #expect(await test.eventually(test.document("a/answer") == "1"), "\(test.status)")
            await test.runtime.stop()
            await server.stop()
        case "oci":
            let image = try Self.image("a", 1)
            let registry = try TestRegistry()
            registry.publish(image, tag: "1", type: MediaType.policyImage)
            registry.change { state in
                state.mangle = { question, answer in
                    if question.path.contains("/blobs/") { answer = cut(question, .init(body: image)) }
                }
            }
            let test = try TestRuntime(
                """
                {"services": {"s": {"url": "\(registry.address)", "type": "oci"}}, "status": {"prometheus": true},
                 "bundles": {"a": {"resource": "ghcr.io/org/policy:1", \(TrustTests.polling)}}}
                """)
            await test.runtime.start()
            #expect(await test.eventually(test.document("a/answer") == "1"), "\(test.status)")
            await test.runtime.stop()
            await registry.stop()
        default:
            var bench = try TrustTests.Bench()
            try bench.repository.publish(try Self.image("m", 1, root: "fleet/medical"))
            bench.serve()
            let files = bench.files
            bench.server.change { cut($0, files.answer($0)) }
            let test = try bench.runtime()
            await test.runtime.start()
            #expect(await test.eventually(test.document("fleet/medical/answer") == "1"), "\(test.status)")
            await test.runtime.stop()
            await bench.server.stop()
        }
    }

    /// Where its file cannot be written, the status says so; once it can, it comes.
    @Test func withoutAPlace() async throws {
        let content = try Self.image("a", 1)
        let server = try AnsweringServer(Self.serving(["a": content]))
        let test = try TestRuntime(configuration(server.address))
        try Files.save([1], as: "a", in: test.folder + "/bundles")
        await test.runtime.start()
        #expect(await test.eventually(test.status.contains("mkdir \(test.folder)/bundles/a")), "\(test.status)")
        #expect(test.document("a/answer") == "")
        // The folder that takes its place may be there at once.
        #expect(unlink(test.folder + "/bundles/a") == 0)
        #expect(await test.eventually(test.document("a/answer") == "1"), "\(test.status)")
        await test.runtime.stop()
        await server.stop()
    }

    /// What is no good image changes nothing.
    @Test(
        arguments: [
            ("signature", "the image has no signature"), ("key", "failed to verify"),
            ("hash", "is not as it was written"),
            ("data", "do not permit data at path '/other'"), ("module", "do not permit 'package a'"),
            ("cut", "image"),
        ])
    func theLastGoodOneStays(_ fault: String, _ message: String) async throws {
        let good = try Self.image("a", 1, key: "secret")
        let server = try AnsweringServer(Self.serving(["a": good]))
        let keys = #", "keys": {"k": {"key": "secret", "algorithm": "HS256"}}"#
        let test = try TestRuntime(configuration(server.address, #", "signing": {"keyid": "k"}"#, keys))
        await test.runtime.start()
        #expect(await test.eventually(test.document("a/answer") == "1"))
        var bad = try Self.image("a", 2, key: "secret")
        switch fault {
        case "signature": bad = try Self.image("a", 2)
        case "key": bad = try Self.image("a", 2, key: "another")
        case "hash": bad[bad.count / 2] ^= 1
        case "data": bad = try Self.image("a", 2, data: #"{"a": {}, "other": 1}"#, key: "secret")
        case "module": bad = try Self.image("a", 2, roots: ["b"], data: #"{"b": 1}"#, key: "secret")
        default: bad = Array(good.dropLast(good.count / 2))
        }
        server.change(Self.serving(["a": bad]))
        #expect(await test.eventually(test.status.contains(message)), "\(test.status)")
        #expect(test.document("a/answer") == "1")
        await test.runtime.stop()
        await server.stop()
        let again = try TestRuntime(
            configuration(server.address, #", "signing": {"keyid": "k"}"#, keys), folder: test.folder)
        await again.runtime.start()
        #expect(again.document("a/answer") == "1")
        await again.runtime.stop()
    }

    /// An image as a signed target.
    @Test func asATarget() async throws {
        var bench = try TrustTests.Bench()
        func image(_ number: Int) throws -> [UInt8] { try Self.image("m", number, root: "fleet/medical") }
        try bench.repository.publish(try image(1))
        bench.serve()
        let test = try bench.runtime(#", "persist": true"#)
        await test.runtime.start()
        #expect(await test.eventually(test.document("fleet/medical/answer") == "1"), "\(test.status)")
        #expect(isMapped(test))
        let kept = bench.folder + "/bundles/b/bundle.tar.gz"
        #expect(await test.eventually((try? Files.read(bench.folder + "/trust/fleet/active/b")) != nil))
        let older = try Files.read(kept)
        try bench.repository.publish(try image(2))
        bench.serve()
        #expect(await test.eventually(test.document("fleet/medical/answer") == "2"))
        // More than its name says.
        try bench.repository.publish(try Self.image("m", 3, root: "fleet/power"))
        bench.serve()
        #expect(await test.eventually(test.status.contains(#""code":"bundle_breadth_error""#)), "\(test.status)")
        await test.runtime.stop()
        await bench.server.stop()
        func start() async throws -> TestRuntime {
            let test = try bench.runtime(#", "persist": true"#)
            await test.runtime.start()
            await test.runtime.stop()
            return test
        }
        #expect(try await start().document("fleet/medical/answer") == "2")
        #expect(isMapped(try await start()))
        let newer = try Files.read(kept)
        try Files.save(older, as: "bundle.tar.gz", in: bench.folder + "/bundles/b")
        #expect(try await start().document("fleet/medical/answer") == "")
        try Files.save(newer, as: "bundle.tar.gz", in: bench.folder + "/bundles/b")
        #expect(try await start().document("fleet/medical/answer") == "2")
    }

    /// A file server whose connections end after some bytes, and whose content changes after some requests.
    final class ServedParts: Sendable {
        private struct State {
            var content: [UInt8]
            var tag: String
            var next: (content: [UInt8], tag: String, after: Int)?
        }

        private let state: NIOLockedValueBox<State>
        private let count: Int

        init(_ content: [UInt8], tag: String, each count: Int) {
            state = NIOLockedValueBox(State(content: content, tag: tag))
            self.count = count
        }

        /// Gives something else, of which after some requests only the old tag's rest is asked for: it is gone.
        func change(_ content: [UInt8], tag: String, from after: Int) {
            state.withLockedValue { state in
                // An in-between content that never comes to its end.
                state.content = Array(content.reversed())
                state.content.replaceSubrange(0..<16, with: content[0..<16])
                state.tag = "\"between\""
                state.next = (content, tag, after)
            }
        }

        var answer: @Sendable (AnsweringServer.Question) -> AnsweringServer.Answer {
            { question in
                guard question.path == "/a" else { return .init(status: 404) }
                return self.state.withLockedValue { state in
                    if let next = state.next, question.headers.contains(name: "Range") {
                        state.next?.after -= 1
                        if next.after <= 1 {
                            (state.content, state.tag) = (next.content, next.tag)
                            state.next = nil
                        }
                    }
                    if question.headers.first(name: "If-None-Match") == state.tag { return .init(status: 304) }
                    let range = question.headers.first(name: "Range")
                    let isSame = question.headers.first(name: "If-Range") == state.tag
                    let first = isSame ? Int(range?.dropFirst(6).dropLast() ?? "0") ?? 0 : 0
                    let rest = state.content[first...]
                    var answer = AnsweringServer.Answer(
                        status: first > 0 ? 206 : 200, headers: [("ETag", state.tag)],
                        body: Array(rest.prefix(self.count)))
                    if rest.count > self.count { answer.toldLength = rest.count }
                    if first > 0 {
                        let all = state.content.count
                        answer.headers.append(("Content-Range", "bytes \(first)-\(all - 1)/\(all)"))
                    }
                    return answer
                }
            }
        }
    }

    private static func names(_ folder: String) throws -> [String] {
        let directory = try #require(opendir(folder))
        defer { closedir(directory) }
        var names: [String] = []
        while let next = readdir(directory) {
            let name = withUnsafePointer(to: &next.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != "." && name != ".." && name != KeptValidator.fileName { names.append(name) }
        }
        return names.sorted()
    }
}
