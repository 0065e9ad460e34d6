import Testing
import Writ

/// A policy and its data as an image: written, opened and asked.
@Suite struct ImageTests {
    static let cases =
        Case.rules + Case.functions + Case.bodies + Case.with + Case.documents + Case.index + Case.values

    /// Every case gives the same from an image, whose policy was never compiled where it is opened.
    @Test func answersAreTheSame() throws {
        var count = 0
        for row in Self.cases {
            guard let snapshot = try? snapshot(of: row.text, data: row.data) else { continue }
            let bytes = try PolicyImage.bytes(of: snapshot, manifest: Array("{}".utf8), sha256: sha256)
            let opened = try open(bytes)
            try opened.verify()
            #expect(opened.manifest == Array("{}".utf8))
            let target = opened.snapshot.target(steps(row.path))
            let evaluator = Evaluator(opened.snapshot)
            evaluator.isStrict = true
            for (input, wanted) in row.answers {
                #expect(answer(of: evaluator, target, input: input) == wanted, "\(row.name), input \(input ?? "none")")
            }
            // The same again gives the same bytes: of a program that was read, too.
            let again = try PolicyImage.bytes(of: opened.snapshot, manifest: Array("{}".utf8), sha256: sha256)
            #expect(again == bytes, "\(row.name)")
            count += 1
        }
        #expect(count > 200)
    }

    private static let policy = """
        package t
        import rego.v1
        p contains name if {
            some name, device in data.devices
            device.level >= input.level
            not blocked(name)
        }
        blocked(name) if name in {"a device with a name of many bytes"}
        q := object.get(data.devices, input.name, "none")
        """
    private static let data = #"""
        {"devices": {"one": {"level": 3, "x": [1.5, 1e400]}, "two": {"level": 1, "x": []},
         "a device with a name of many bytes": {"level": 9, "x": ["ü"]}}}
        """#

    private func written() throws -> [UInt8] {
        try PolicyImage.bytes(
            of: snapshot(of: Self.policy, data: Self.data), manifest: Array(#"{"revision":"7"}"#.utf8), sha256: sha256)
    }

    @Test func queriesThatAskForMore() throws {
        let opened = try open(try written())
        let query = try PreparedQuery.prepare(
            Array("x := data.t.p; y := count(data.devices)".utf8), for: opened.snapshot)
        let evaluator = query.makeEvaluator()
        evaluator.begin()
        let input = try evaluator.space.readJSON(Array(#"{"level": 2}"#.utf8))
        let answers = try evaluator.answers(to: query, input: input)
        #expect(answers.count == 1)
        #expect(try evaluator.space.rego(answers[0].bindings[0]) == Array(#"{"one"}"#.utf8))
        #expect(opened.snapshot.inputReads(at: steps("t/p"))?.paths == [[Array("level".utf8)]])
        #expect(opened.snapshot.target(steps("devices/one/level")).isVirtual == false)
        #expect(
            answer(of: Evaluator(opened.snapshot), opened.snapshot.target(steps("devices/one/level")), input: nil)
                == .value("3"))
    }

    @Test func errorsHaveTheirPlaces() throws {
        let bytes = try PolicyImage.bytes(
            of: snapshot(of: "package t\n\np := 1\n\np := 2 if input.x\n"), manifest: [], sha256: sha256)
        let opened = try open(bytes)
        do {
            let text = Array(#"{"x": true}"#.utf8)
            let evaluator = Evaluator(opened.snapshot)
            evaluator.begin()
            let input = try evaluator.space.readJSON(text)
            _ = try evaluator.evaluate(opened.snapshot.target(steps("t/p")), input: input)
            Issue.record("no conflict")
        } catch let failure as DecisionFailure {
            #expect(failure.code == "eval_conflict_error")
            #expect(failure.file == Array("f0.rego".utf8) && failure.position != nil)
        }
    }

    @Test func anotherVersionIsRefused() throws {
        var bytes = try written()
        bytes[8] = 9
        #expect { try open(bytes) } throws: { error in
            guard let failure = error as? ImageFailure else { return false }
            return failure.code == .version && failure.message.contains("version 9")
                && failure.message.contains("writ build")
        }
        #expect { try open(Array("something else, which is long enough".utf8)) } throws: {
            ($0 as? ImageFailure)?.code == .format
        }
    }

    /// No byte is there that could be changed unseen.
    @Test func everyByteIsHeld() throws {
        let bytes = try written()
        for position in stride(from: 0, to: bytes.count, by: 61) {
            var changed = bytes
            changed[position] ^= 0x41
            let isKnown =
                position < ImageLayout.headSize
                || (try? changed.withUnsafeBytes { try ImageLayout(reading: $0).verify($0, sha256: sha256) }) == nil
            #expect(isKnown, "byte \(position)")
        }
        for count in stride(from: 0, to: bytes.count, by: 97) {
            #expect(throws: ImageFailure.self) { try open(Array(bytes.prefix(count))) }
        }
    }

    /// Whatever an image holds, it is refused, or answers within its limits.
    @Test(arguments: 0..<4) func damage(_ seed: Int) throws {
        var random = SystemRandomNumberGenerator()
        let bytes = try written()
        let layout = try bytes.withUnsafeBytes { try ImageLayout(reading: $0) }
        var limits = DecisionLimits()
        limits.steps = 100_000
        limits.memory = 16 << 20
        for _ in 0..<400 {
            var changed = bytes
            // Where there is something, most of an image being gaps.
            let section = try #require(layout.sections.randomElement(using: &random))
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: section.range, using: &random)
                changed[place] = UInt8.random(in: .min ... .max, using: &random)
            }
            guard let opened = try? open(changed) else { continue }
            let isGood = (try? opened.verify()) != nil
            let evaluator = Evaluator(opened.snapshot, limits: limits)
            for path in ["t/p", "t/q", "t", "devices"] {
                let answer = answer(
                    of: evaluator, opened.snapshot.target(steps(path)), input: #"{"level": 2, "name": "two"}"#)
                // What is as it is written is never found to be malformed later.
                // A damaged plan may be a defect all the same, under the same code.
                if isGood, section.kind == .data { #expect(answer != .fails("eval_internal_error")) }
            }
        }
    }

    // MARK: Help

    private func open(_ bytes: [UInt8]) throws -> PolicyImage {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(16, bytes.count), alignment: 4096)
        memory.copyBytes(from: bytes)
        nonisolated(unsafe) let lent = memory
        do throws(ImageFailure) {
            return try PolicyImage(
                opening: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory).prefix(bytes.count)),
                release: { lent.deallocate() })
        } catch {
            memory.deallocate()
            throw error
        }
    }

    private func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        ContentHash.sha256.digest(bytes.bindMemory(to: UInt8.self))
    }
}
