import Testing
import WritValue

@Suite("Pieces")
struct PieceTests {
    @Test("random values are frozen, and read by another space", arguments: 0..<30)
    func freezing(_ seed: Int) throws {
        try withSpace { (space: Space) throws in
            var random = RandomValues(seed: UInt64(seed) + 1000, space: space)
            let value = try random.value(depth: 5, isJSON: false)
            let piece = try Piece(freezing: value, of: space)
            let want = try space.rego(value)
            // The first space may go; the piece stands alone.
            try withSpace { (other: Space) throws in
                let number = other.attach(piece)
                let read = other.root(of: piece, attachedAs: number)
                #expect(try other.rego(read) == want)
                #expect(other.hash(read) == space.hash(value))
                // A copy of a copy is the same bytes: nothing in a piece depends on where it was made.
                let again = try Piece(freezing: read, of: other)
                #expect(again.withBytes { Array($0) } == piece.withBytes { Array($0) })
                #expect(Value.identical(again.innerRoot, piece.innerRoot))
                let copy = piece.withBytes { Piece(copying: $0, root: piece.innerRoot) }
                #expect(try other.rego(other.root(of: copy, attachedAs: other.attach(copy))) == want)
                let copied = try other.copy(value, from: space)
                #expect(other.equal(copied, read))
            }
        }
    }

    @Test("equal strings and equal key lists are stored once")
    func sharing() throws {
        try withSpace { (space: Space) throws in
            func size(_ count: Int) throws -> Int {
                let record = #"{"a key of many bytes":"a value of many bytes","another key of bytes":1}"#
                let source = "[" + [String](repeating: record, count: count).joined(separator: ",") + "]"
                return try Piece(freezing: space.readJSON(utf8(source)), of: space).size
            }
            // For each record: a reference, a shape and two values.
            #expect(try size(101) - size(1) == 100 * 4 * 16)
            let value = try space.readJSON(utf8(#"[{"a":1,"b":2},{"b":3,"a":4},{"a":1,"c":2}]"#))
            let piece = try Piece(freezing: value, of: space)
            let array = space.root(of: piece, attachedAs: space.attach(piece))
            let shapes = (0..<3).map { space.shape(space.element(array, $0)) }
            #expect(Value.identical(shapes[0], shapes[1]))
            #expect(!Value.identical(shapes[0], shapes[2]))
        }
    }

    @Test("several pieces at once, and values made of parts of them")
    func severalPieces() throws {
        try withSpace { (space: Space) throws in
            var parts: [Value] = []
            var pieces: [Piece] = []
            for index in 0..<40 {
                let source = utf8(
                    "{\"name of piece\":\"piece number \(index)\",\"list\":[\(index),{\"x\":\"\(index)\"}]}")
                let piece = try withOther { (other: Space) throws in
                    try Piece(freezing: other.readJSON(source), of: other)
                }
                pieces.append(piece)
                parts.append(space.root(of: piece, attachedAs: space.attach(piece)))
            }
            var list = ValueList()
            for part in parts { try list.append(part, in: space) }
            let array = try space.array(list)
            for index in 0..<40 {
                let name = space.member(space.element(array, index), try space.string("name of piece"))
                #expect(space.bytes(name) == utf8("piece number \(index)"))
            }
            let whole = try Piece(freezing: array, of: space)
            let read = space.root(of: whole, attachedAs: space.attach(whole))
            #expect(space.equal(read, array))
            #expect(try space.json(read) == space.json(array))
            withExtendedLifetime(pieces) {}
            space.detachAll()
        }
    }

    private func withOther<R>(_ body: (Space) throws -> R) throws -> R {
        let space = Space.create(firstChunk: 4096)
        defer { space.destroy() }
        return try body(space)
    }

    /// Asks everything of a value that a policy could.
    private func ask(_ value: Value, _ space: Space, _ other: Value) {
        _ = space.hash(value)
        _ = space.compare(value, other)
        _ = space.equal(value, other)
        _ = space.bytes(value)
        _ = space.entries(value).count
        _ = space.elements(value).count
        for index in 0..<min(20, space.elements(other).count) {
            _ = space.contains(value, space.elements(other)[index])
            _ = space.element(value, index)
        }
        for index in 0..<min(20, space.entries(other).count) {
            _ = space.member(value, space.entries(other).keys[index])
        }
        var buffer = ByteBuffer(limit: 1 << 20)
        for style in [JSONStyle(), JSONStyle(isPretty: true)] {
            do throws(Fault) { try space.writeJSON(value, to: &buffer, style: style) } catch {}
        }
        do throws(Fault) { try space.writeRego(value, to: &buffer) } catch {}
        do throws(Fault) { _ = try space.setting(value, .short("a"), to: .null) } catch {}
    }

    @Test("damaged pieces give wrong answers or faults, but are never read out of bounds", arguments: 0..<8)
    func damage(_ seed: Int) throws {
        try withSpace { (space: Space) throws in
            var random = RandomValues(seed: UInt64(seed) + 5000, space: space)
            let value = try random.value(depth: 3, isJSON: false)
            let big = try space.readJSON(
                utf8(
                    "{"
                        + (0..<40).map { "\"key number \($0)\":[\($0),\"\($0)\",{\"a\":\($0).5}]" }.joined(
                            separator: ",") + "}"))
            var list = ValueList()
            try list.append(value, in: space)
            try list.append(big, in: space)
            try list.append(space.setting(space.readJSON(manyKeys()), .short("k5"), to: .null), in: space)
            let whole = try space.array(list)
            let good = try Piece(freezing: whole, of: space)
            let bytes = good.withBytes { Array($0) }
            var generator = Generator(state: UInt64(seed))
            for _ in 0..<150 {
                var damaged = bytes
                for _ in 0...generator.below(4) {
                    let place = generator.below(damaged.count)
                    switch generator.below(3) {
                    case 0: damaged[place] = UInt8(truncatingIfNeeded: generator.next())
                    case 1: damaged[place] ^= 1 << UInt8(generator.below(8))
                    default: damaged[place] = [0, 0xff, 0x7f, 0x80, 6, 7, 8, 13, 14][generator.below(9)]
                    }
                }
                if generator.below(10) == 0 { damaged.removeLast(generator.below(damaged.count)) }
                try withSpace { (reader: Space) throws in
                    let piece = damaged.withUnsafeBufferPointer { Piece(copying: $0, root: good.innerRoot) }
                    let root = reader.root(of: piece, attachedAs: reader.attach(piece))
                    let sound = reader.root(of: good, attachedAs: reader.attach(good))
                    ask(root, reader, sound)
                    for index in 0..<3 { ask(reader.element(root, index), reader, reader.element(sound, index)) }
                    withExtendedLifetime(piece) {}
                }
            }
            withExtendedLifetime(good) {}
        }
    }

    private func manyKeys() -> [UInt8] {
        utf8("{" + (0..<70).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}")
    }

    @Test("internal values in a piece, the root included, are undefined")
    func internalValues() throws {
        try withSpace { (space: Space) throws in
            let value = try space.readJSON(utf8("[1,2]"))
            let good = try Piece(freezing: value, of: space)
            var bytes = good.withBytes { Array($0) }
            for tag in [Value.Tag.address, Value.Tag.document] {
                bytes[Int(good.innerRoot.offset) * 16 + 15] = tag
                let piece = bytes.withUnsafeBufferPointer { Piece(copying: $0, root: good.innerRoot) }
                let array = space.root(of: piece, attachedAs: space.attach(piece))
                #expect(space.element(array, 0).isUndefined)
                #expect(space.elements(array)[0].isUndefined)
                #expect(space.elements(array)[1].integerValue == 2)
                let bad = bytes.withUnsafeBufferPointer {
                    Piece(copying: $0, root: Value(low: 1, high: UInt64(tag) << 56))
                }
                #expect(space.root(of: bad, attachedAs: space.attach(bad)).isUndefined)
                withExtendedLifetime((piece, bad)) {}
            }
        }
    }

    @Test("values too deep to freeze or copy")
    func depth() throws {
        try withSpace { (space: Space) throws in
            var value = Value.integer(1)
            for _ in 0..<(Space.depthLimit * 2) {
                var list = ValueList()
                try list.append(value, in: space)
                value = try space.array(list)
            }
            #expect(throws: Fault.self) { _ = try Piece(freezing: value, of: space) }
            try withSpace { (other: Space) throws in
                #expect(throws: Fault.self) { _ = try other.copy(value, from: space) }
            }
        }
    }
}
