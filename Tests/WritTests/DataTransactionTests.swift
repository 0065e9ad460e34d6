import Testing
import Writ

@Suite("Changes to base data")
struct DataTransactionTests {
    private func frozen(_ json: String) throws -> Piece {
        var data = DataBuilder()
        try data.add(Array(json.utf8))
        return try data.freeze()
    }

    private func text(_ piece: Piece) throws -> String {
        let space = Space.create()
        defer { space.destroy() }
        let root = space.root(of: piece, attachedAs: space.attach(piece))
        return String(decoding: try space.json(root), as: UTF8.self)
    }

    private static func path(_ text: String) -> [[UInt8]] { text.split(separator: "/").map { Array($0.utf8) } }

    /// So many devices of a few fields each.
    private func fleet(_ count: Int) -> String {
        let devices = (0..<count).map {
            "\"device-\($0)\":{\"site\":\"a site with a long name \($0 % 40)\",\"ok\":true,\"tags\":[\"t\($0)\",\"u\"]}"
        }
        return "{\"devices\":{\(devices.joined(separator: ","))},\"other\":{\"x\":1}}"
    }

    @Test("a change of a field costs the size of the change, and the former data stays as it is")
    func small() throws {
        let base = try frozen(fleet(20_000))
        let before = try text(base)
        var change = DataTransaction(base)
        try change.apply(.replace, at: Self.path("devices/device-777/ok"), .false)
        let piece = try change.freeze()
        #expect(base.size > 1 << 20)
        #expect(piece.size < 2048)
        #expect(
            try text(piece)
                == before.replacing(first: "\"device-777\":{\"ok\":true", with: "\"device-777\":{\"ok\":false"))
        #expect(try text(base) == before)
        #expect(piece.parts.count == 2)
    }

    @Test("what is dropped as a whole is not held on to")
    func dropped() throws {
        var change = DataTransaction(try frozen(fleet(2_000)))
        try change.apply(.remove, at: Self.path("devices"))
        let piece = try change.freeze()
        #expect(piece.parts.count == 1)
        #expect(try text(piece) == "{\"other\":{\"x\":1}}")
        var second = DataTransaction(try frozen(fleet(2_000)))
        try second.apply(.replace, at: [], .emptyObject)
        #expect(try second.freeze().size <= 16)
    }

    /// A piece in memory that is lent, as that of a mapped file.
    private func lent(_ json: String) throws -> Piece {
        let piece = try frozen(json)
        let bytes = piece.withBytes { Array($0) }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(16, bytes.count), alignment: 16)
        bytes.withUnsafeBytes {
            memory.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(memory), byteCount: $0.count)
        }
        let buffer = UnsafeBufferPointer(start: memory.assumingMemoryBound(to: UInt8.self), count: bytes.count)
        nonisolated(unsafe) let start = memory
        return try #require(Piece(at: buffer, root: piece.innerRoot) { start.deallocate() })
    }

    @Test("data of several sources is put together without copying what lies in lent memory")
    func together() throws {
        let (one, two) = (try lent(fleet(3_000)), try lent(#"{"b": {"x": [1, 2, 3]}, "system": {"n": 1}}"#))
        var first = DataTransaction(one)
        try first.keep(two, outside: [Self.path("system")])
        let both = try first.freeze()
        #expect(try text(both) == #"{"b":{"x":[1,2,3]},"# + text(one).dropFirst())
        #expect(both.parts.filter(\.isLent).count == 2 && both.size < 4096)
        // Other data in the place of the first: what lay in the second stays where it is, the first is gone.
        var second = DataTransaction(try frozen(#"{"devices": {}, "c": 1}"#))
        try second.keep(both, outside: [Self.path("devices"), Self.path("other")])
        let next = try second.freeze()
        #expect(try text(next) == #"{"b":{"x":[1,2,3]},"c":1,"devices":{}}"#)
        #expect(next.parts.filter(\.isLent).count == 1)
        // A small change lies over both.
        var third = DataTransaction(both)
        try third.apply(.replace, at: Self.path("devices/device-7/ok"), .false)
        let changed = try third.freeze()
        #expect(changed.parts.filter(\.isLent).count == 2 && changed.size < 4096)
        #expect(third.value(at: Self.path("b/x/2")).isNumber)
        #expect(third.firstPath(outside: [Self.path("devices"), Self.path("other")]) == Self.path("b"))
        #expect(third.firstPath(outside: ["devices", "other", "b"].map(Self.path)) == nil)
        // What is no object on both sides does not go together.
        var fourth = DataTransaction(try frozen(#"{"b": 1}"#))
        do throws(StoreFailure) {
            try fourth.keep(two, outside: [])
            Issue.record("kept")
        } catch { #expect(error.message.contains("merge error")) }
    }

    private func read(_ json: String, _ change: inout DataTransaction, passed: ((Int) -> Void)? = nil) throws -> Value {
        let bytes = Array(json.utf8)
        let result: Result<Value, JSONError> = bytes.withUnsafeBufferPointer { text in
            do throws(JSONError) { return .success(try change.read(text, passed: passed)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    @Test("a large document that is put in place is a piece of its own, and goes when it is replaced")
    func large() throws {
        var data = try frozen(#"{"b": {"x": [1, 2, 3]}}"#)
        var passed = 0
        for number in 0..<3 {
            var change = DataTransaction(data)
            change.largeText = 1 << 16
            let value = try read(fleet(20_000 + number) + " and more", &change) { passed = $0 }
            try change.apply(.add, at: Self.path("fleet"), value)
            data = try change.freeze()
            // The former document is not held on to.
            #expect(data.parts.count == 2 && data.size < 4096)
        }
        #expect(passed > 1 << 20)
        #expect(try text(data) == #"{"b":{"x":[1,2,3]},"fleet":"# + text(frozen(fleet(20_002))) + "}")

        // A second one beside it, and a small change to the first: nothing is written out again.
        var beside = DataTransaction(data)
        beside.largeText = 1 << 16
        try beside.apply(.add, at: Self.path("second"), try read(fleet(10_000), &beside))
        data = try beside.freeze()
        #expect(data.parts.filter { $0.size > 1 << 19 }.count == 2)
        var small = DataTransaction(data)
        try small.apply(.replace, at: Self.path("fleet/devices/device-777/ok"), .false)
        data = try small.freeze()
        #expect(data.size < 4096)
        #expect(data.parts.filter { $0.size > 1 << 19 }.count == 2)
        // To replace the changed one lets go of it alone.
        let kept = data.parts.last { $0.size > 1 << 19 }
        var third = DataTransaction(data)
        third.largeText = 1 << 16
        try third.apply(.add, at: Self.path("fleet"), try read(fleet(15_000), &third))
        data = try third.freeze()
        let large = data.parts.filter { $0.size > 1 << 19 }
        #expect(large.count == 2 && large.contains { $0 === kept })
        #expect(
            try text(data) == #"{"b":{"x":[1,2,3]},"fleet":"# + text(frozen(fleet(15_000))) + #","second":"#
                + text(frozen(fleet(10_000))) + "}")
        // The root itself.
        var root = DataTransaction(data)
        root.largeText = 1 << 16
        try root.apply(.add, at: [], try read(fleet(15_000), &root))
        #expect(try root.freeze().parts.count == 1)
        // What is no JSON leaves everything as it was.
        var broken = DataTransaction(data)
        broken.largeText = 1 << 16
        do throws(JSONError) {
            let bytes = Array((fleet(15_000).dropLast() + "]").utf8)
            let result: Result<Value, JSONError> = bytes.withUnsafeBufferPointer { text in
                do throws(JSONError) { return .success(try broken.read(text)) } catch { return .failure(error) }
            }
            _ = try result.get()
            Issue.record("read")
        } catch { #expect(error.reason == .afterMember) }
        #expect(try text(broken.freeze()) == text(data))
    }

    @Test("many large documents are put together in the end")
    func manyLarge() throws {
        var data = try frozen("{}")
        var model: [String] = []
        var most = 0
        for number in 10..<45 {
            var change = DataTransaction(data)
            change.largeText = 1 << 14
            let document = fleet(300 + number)
            try change.apply(.add, at: Self.path("d\(number)"), try read(document, &change))
            data = try change.freeze()
            model.append("\"d\(number)\":" + (try text(frozen(document))))
            most = max(most, data.parts.count)
            #expect(try text(data) == "{" + model.joined(separator: ",") + "}")
        }
        #expect(most > 3 && most <= 14)
    }

    // A debug build takes 80 seconds for all of them.
    #if DEBUG
        private static let steps = 100
    #else
        private static let steps = 700
    #endif

    /// The same random changes to pieces that share and to a model that is frozen as a whole each time.
    @Test("any number of changes gives what they give one by one without sharing", arguments: 0..<4)
    func many(_ seed: Int) throws {
        var state = UInt64(seed) &* 77 &+ 5
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var data = try frozen(fleet(600))
        var model = try text(data)
        var most = 0
        for step in 0..<Self.steps {
            var shared = DataTransaction(data)
            var whole = DataTransaction(try frozen(model))
            for _ in 0...random(3) {
                let device = "devices/device-\(random(900))"
                let (operation, place): (DataTransaction.Operation, String) =
                    switch random(8) {
                    case 0: (.remove, device)
                    case 1: (.add, device)
                    case 2: (.add, device + "/tags/-")
                    case 3: (.remove, device + "/tags/0")
                    case 4: (.replace, device + "/ok")
                    case 5: (.add, "other/key \(random(300))")
                    case 6: (.add, device + "/a new field of some length")
                    default: (.replace, device + "/site")
                    }
                func apply(_ transaction: inout DataTransaction) throws -> Bool {
                    let value = try transaction.space.readJSON(
                        Array("{\"step\":\(step),\"text\":\"step number \(step)\"}".utf8))
                    do { try transaction.apply(operation, at: Self.path(place), value) } catch { return false }
                    return true
                }
                #expect(try apply(&shared) == apply(&whole))
            }
            data = try shared.freeze()
            model = try text(try whole.freeze())
            most = max(most, data.parts.count)
            #expect(data.parts.count <= 14)
            if step % 10 == 0 { #expect(try text(data) == model) }
        }
        #expect(try text(data) == model)
        #expect(most > 1)
    }

    @Test("decisions read changed data as any other")
    func decisions() throws {
        let policy = try Policy.compile([
            PolicyFile(
                name: "p.rego",
                text: Array(
                    """
                    package p
                    bad contains name if { some name, device in data.devices; not device.ok }
                    ok := data.devices[input].ok
                    """.utf8))
        ])
        var data = try frozen(fleet(3_000))
        for number in [5, 900, 2_999] {
            var change = DataTransaction(data)
            try change.apply(.add, at: Self.path("devices/device-\(number)/ok"), .false)
            data = try change.freeze()
        }
        let snapshot = Snapshot(policy: policy, data: data)
        let evaluator = Evaluator(snapshot)
        func ask(_ path: String, _ input: String) throws -> String {
            var output = ByteBuffer()
            let bytes = Array(input.utf8)
            _ = try bytes.withUnsafeBufferPointer {
                try evaluator.decide(snapshot.target(Self.path(path)), input: $0, into: &output)
            }
            return String(decoding: output.bytes, as: UTF8.self)
        }
        #expect(try ask("p/bad", "1") == "[\"device-2999\",\"device-5\",\"device-900\"]")
        #expect(try ask("p/ok", "\"device-900\"") == "false")
        #expect(try ask("p/ok", "\"device-901\"") == "true")
        #expect(try ask("devices/device-5/ok", "1") == "false")
    }
}

extension String {
    /// With the first of what equals a text replaced.
    fileprivate func replacing(first text: String, with other: String) -> String {
        let (bytes, wanted) = (Array(utf8), Array(text.utf8))
        guard let start = bytes.indices.first(where: { bytes[$0...].starts(with: wanted) }) else { return self }
        return String(
            decoding: bytes[..<start] + Array(other.utf8) + bytes[(start + wanted.count)...], as: UTF8.self)
    }
}
