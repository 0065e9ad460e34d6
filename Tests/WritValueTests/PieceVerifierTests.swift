import Testing

@testable import WritValue

@Suite("What freezing makes is verified")
struct PieceVerifierTests {
    @Test("every frozen value is good", arguments: 0..<60)
    func good(_ seed: Int) throws {
        try withSpace { (space: Space) throws in
            var random = RandomValues(seed: UInt64(seed) + 5000, space: space)
            try Piece(freezing: random.value(depth: 6, isJSON: false), of: space).verify()
        }
    }

    private static let text = """
        {"a": {"name": "a string that is not short at all", "x": [1, 2.50, 1e400, null, true]}, "b": {"name": "b", "x": []},
        "long": [0, 1, 2, 3, "üöä", "another string that is too long to lie inside", "more than 14 bytes"],
        "o1": 1, "o2": 2, "o3": 3, "o4": 4, "o5": 5, "o6": 6, "o7": 7}
        """

    @Test("each damage is seen that could change more than one number")
    func bad() throws {
        try withSpace { (space: Space) throws in
            let value = try space.readJSON(utf8(Self.text))
            let piece = try Piece(freezing: value, of: space)
            try piece.verify()
            var unseen = 0
            for place in 0..<piece.size {
                for bit in [0, 3, 7] {
                    let changed = piece.withBytes { bytes in
                        var copy = Array(bytes)
                        copy[place] ^= 1 << UInt8(bit)
                        return copy.withUnsafeBufferPointer { Piece(copying: $0, root: piece.innerRoot) }
                    }
                    guard (try? changed.verify()) != nil else { continue }
                    // Then it is another good value: it is read, frozen again, and good again.
                    unseen += 1
                    try withSpace { (other: Space) throws in
                        let read = other.root(of: changed, attachedAs: other.attach(changed))
                        var output = ByteBuffer()
                        try other.writeJSON(read, to: &output)
                        try other.check()
                        try Piece(freezing: read, of: other).verify()
                    }
                }
            }
            // Numbers, and the gaps behind texts.
            #expect(unseen < piece.size)
        }
    }

    @Test("a root that leads elsewhere")
    func roots() throws {
        try withSpace { (space: Space) throws in
            let piece = try Piece(freezing: space.readJSON(utf8(Self.text)), of: space)
            for (low, high) in [(UInt64(1), UInt64(0)), (1 << 33, 0), (0, 1), (0, 1 << 57)] {
                let root = Value(low: piece.innerRoot.low ^ low, high: piece.innerRoot.high ^ high)
                let changed = piece.withBytes { Piece(copying: $0, root: root) }
                #expect(throws: Fault.self) { try changed.verify() }
            }
        }
    }
}
