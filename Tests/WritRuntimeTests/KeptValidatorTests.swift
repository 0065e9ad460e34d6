import Testing

@testable import WritRuntime

/// What was kept is not fetched again after a start, as long as it is what the source has.
@Suite struct KeptValidatorTests {
    private func configuration(_ address: String, _ resource: String = "b.tar.gz") -> String {
        """
        {"services": {"s": {"url": "\(address)"}},
         "bundles": {"b": {"service": "s", "resource": "\(resource)", "persist": true,
           "polling": {"min_delay_seconds": 0, "max_delay_seconds": 0}}}}
        """
    }

    /// Starts with what is kept; gives the validator that the first request names.
    private func firstValidator(_ configuration: String, _ folder: String, _ server: AnsweringServer) async throws
        -> String?
    {
        let count = server.questions.count
        let test = try TestRuntime(configuration, folder: folder)
        await test.runtime.start()
        #expect(test.document("app/answer") == "1")
        #expect(await test.eventually(server.questions.count > count))
        let found = server.questions.dropFirst(count).first?.headers.first(name: "If-None-Match")
        // What comes is taken, and noted again.
        #expect(await test.eventually(server.questions.last?.headers.contains(name: "If-None-Match") == true))
        await test.runtime.stop()
        return found
    }

    @Test func itCountsForThatFileAndThatAddressOnly() async throws {
        let archive = try TestBundle.answering(1)
        let server = try AnsweringServer { question in
            question.headers.first(name: "If-None-Match") == "\"1\""
                ? .init(status: 304) : .init(headers: [("ETag", "\"1\"")], body: archive)
        }
        let test = try TestRuntime(configuration(server.address))
        await test.runtime.start()
        #expect(await test.eventually(server.questions.last?.headers.contains(name: "If-None-Match") == true))
        await test.runtime.stop()
        let folder = test.folder
        #expect(try await firstValidator(configuration(server.address), folder, server) == "\"1\"")
        // Another address: what it calls "1" is something else.
        #expect(try await firstValidator(configuration(server.address, "c.tar.gz"), folder, server) == nil)
        #expect(try await firstValidator(configuration(server.address, "c.tar.gz"), folder, server) == "\"1\"")
        // Another file in its place.
        try Files.save(archive, as: KeptBundle.fileName, in: folder + "/bundles/b")
        #expect(try await firstValidator(configuration(server.address, "c.tar.gz"), folder, server) == nil)
        // A note that is none.
        for text in ["", "a\nb\nc", "\n\n\n\n"] {
            try Files.save(Array(text.utf8), as: KeptValidator.fileName, in: folder + "/bundles/b")
            #expect(try await firstValidator(configuration(server.address, "c.tar.gz"), folder, server) == nil)
        }
        await server.stop()
    }
}
