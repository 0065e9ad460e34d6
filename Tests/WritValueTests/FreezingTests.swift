import Testing

@testable import WritValue

/// Large JSON documents read straight into a piece are what the same text gives otherwise.
@Suite struct FreezingTests {
    /// Documents of more than the half megabyte after which finished values leave the space.
    private static let documents: [(name: String, text: String)] = [
        ("records", list(20_000) { #"{"id":"device \#($0)","n":\#($0),"tags":["a\#($0 % 7)","b"],"on":{"x":null}}"# }),
        (
            "one record of arrays",
            "{"
                + (0..<9_000).map { #""a key of the \#($0)":[\#($0),[],{},"long text \#($0)"]"# }
                .joined(separator: ",") + "}"
        ),
        (
            "keys twice",
            "{"
                + (0..<20_000).map { #""key \#($0 % 9_000) of many":[[\#($0)]]"# }
                .joined(separator: ",") + "}"
        ),
        (
            "deep ones",
            list(400) { String(repeating: "[[{\"k\":", count: 200) + "\($0)" + String(repeating: "}],7]", count: 200) }
        ),
        (
            "open outside",
            String(repeating: #"{"outer key of some length":["#, count: 50)
                + (0..<30_000).map { #"{"v":"text number \#($0)"}"# }.joined(separator: ",")
                + String(repeating: "]}", count: 50)
        ),
        ("numbers", list(30_000) { "[\($0).50, -\($0)e3, 123456789012345678901234567890]" }),
        ("texts alone", list(30_000) { #""no container of its own, number \#($0)""# }),
        ("a small one", #"{"a":[1,2,{"b":"c"}]}"#), ("no container", "17"),
        ("a long text", #""longer than fourteen bytes""#),
    ]

    private static func list(_ count: Int, _ item: (Int) -> String) -> String {
        "[" + (0..<count).map(item).joined(separator: ",\n ") + "]"
    }

    @Test("the same value", arguments: documents.map { $0.name })
    func same(_ name: String) throws {
        let text = try #require(Self.documents.first { $0.name == name }).text
        try withSpace { (space: Space) throws in
            let bytes = Array(text.utf8)
            let wanted = try space.json(space.readJSON(bytes))
            var passed: [Int] = []
            let made = try bytes.withUnsafeBufferPointer { try space.freezeJSON($0) { passed.append($0) } }
            #expect(try space.json(made.value) == wanted)
            #expect(passed == passed.sorted())
            #expect(passed.allSatisfy { $0 <= bytes.count })
            #expect(passed.isEmpty == (bytes.count < 1_000), "\(passed.count)")
            // Read elsewhere, and from a copy of its bytes.
            try withSpace { (other: Space) throws in
                let root = other.root(of: made.piece, attachedAs: other.attach(made.piece))
                #expect(try other.json(root) == wanted)
                let copy = made.piece.withBytes { Piece(copying: $0, root: made.piece.innerRoot) }
                #expect(try other.json(other.root(of: copy, attachedAs: other.attach(copy))) == wanted)
            }
            // The space works on as before.
            #expect(try space.json(space.readJSON(bytes)) == wanted)
        }
    }

    @Test("memory of the space is used again")
    func memory() throws {
        try withSpace { (space: Space) throws in
            let bytes = Array(Self.documents[0].text.utf8)
            let made = try bytes.withUnsafeBufferPointer { try space.freezeJSON($0) }
            #expect(space.memoryHeld < made.piece.size)
        }
    }

    @Test("a text that ends in the middle is the error that it is otherwise", arguments: [0.3, 0.7, 0.99])
    func cut(_ part: Double) throws {
        try withSpace { (space: Space) throws in
            let all = Array(Self.documents[0].text.utf8)
            let bytes = Array(all.prefix(Int(Double(all.count) * part)))
            let attached = space.attachedPieces
            let wanted = #expect(throws: JSONError.self) { _ = try space.readJSON(bytes) }
            let found = #expect(throws: JSONError.self) {
                _ = try bytes.withUnsafeBufferPointer { try space.freezeJSON($0) }
            }
            #expect(found?.offset == wanted?.offset)
            #expect(found?.reason == wanted?.reason)
            #expect(space.attachedPieces == attached)
        }
    }

    @Test("a piece that would be too large")
    func limit() throws {
        try withSpace { (space: Space) throws in
            let bytes = Array(Self.documents[0].text.utf8)
            let found = #expect(throws: JSONError.self) {
                _ = try bytes.withUnsafeBufferPointer { try space.freezeJSON($0, limit: 1 << 20) }
            }
            #expect(found?.reason == .memoryLimit)
        }
    }
}
