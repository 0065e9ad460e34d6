import Testing
import WritValue

@Suite("Collections and patches")
struct CollectionTests {
    private func list(_ items: [Value], _ space: Space) throws(Fault) -> ValueList {
        var list = ValueList()
        for item in items { try list.append(item, in: space) }
        return list
    }

    @Test("sets keep the first spelling of equal elements")
    func sets() throws {
        try withSpace { (space: Space) throws in
            let texts = ["3", "1.0", "1", "2", "1e0", "3.0", "10"]
            var items: [Value] = []
            for text in texts { items.append(try space.number(utf8(text))) }
            let set = try space.set(list(items, space))
            #expect(shown(try space.rego(set)) == "{1.0, 2, 3, 10}")
            #expect(space.contains(set, .integer(1)))
            #expect(shown(try space.rego(space.member(ofSet: set, .integer(1)))) == "1.0")
            #expect(!space.contains(set, .integer(4)))
            #expect(space.position(in: set, of: .integer(10)) == 3)
        }
    }

    @Test("sets of every size find their members and no others", arguments: [0, 1, 7, 8, 9, 12, 13, 100, 3000])
    func setSizes(_ count: Int) throws {
        try withSpace { (space: Space) throws in
            var items: [Value] = []
            for index in 0..<count {
                items.append(index % 3 == 0 ? .integer(index) : try space.string(utf8("element number \(index)")))
            }
            var generator = Generator(state: 3)
            items.shuffle(using: &generator)
            let local = try space.set(list(items + items, space))
            let piece = try Piece(freezing: local, of: space)
            let frozen = space.root(of: piece, attachedAs: space.attach(piece))
            for set in [local, frozen] {
                #expect(set.count == count)
                for item in items where !space.contains(set, item) { Issue.record("lost one of \(count)") }
                #expect(!space.contains(set, .integer(1)))
                #expect(!space.contains(set, .short("x")))
            }
            #expect(space.equal(local, frozen))
            #expect(space.hash(local) == space.hash(frozen))
        }
    }

    @Test("objects: the last value of equal keys, under the first spelling")
    func objects() throws {
        try withSpace { (space: Space) throws in
            let one = try space.number(utf8("1.0"))
            let object = try space.object(
                pairs: list([one, .short("a"), .short("k"), .null, .integer(1), .short("b")], space))
            #expect(shown(try space.rego(object)) == #"{1.0: "b", "k": null}"#)
            #expect(space.equal(space.member(object, .integer(1)), .short("b")))
            #expect(space.member(object, .integer(2)).isUndefined)
        }
    }

    @Test("slices and elements outside of an array")
    func arrays() throws {
        try withSpace { (space: Space) throws in
            let array = try space.readJSON(utf8("[0,1,2,3]"))
            #expect(shown(try space.json(space.array(slicing: array, from: -5, to: 2))) == "[0,1]")
            #expect(shown(try space.json(space.array(slicing: array, from: 2, to: 9))) == "[2,3]")
            #expect(shown(try space.json(space.array(slicing: array, from: 3, to: 1))) == "[]")
            for index in [-1, 4, Int.min, Int.max] { #expect(space.element(array, index).isUndefined) }
            #expect(space.elements(array)[4].isUndefined)
            #expect(space.elements(.integer(1)).count == 0)
            #expect(space.entries(array).count == 0)
        }
    }

    @Test("merging")
    func merging() throws {
        try withSpace { (space: Space) throws in
            let merged = try space.merged(
                space.readJSON(utf8(#"{"a":{"x":1,"y":[1]},"b":2}"#)),
                space.readJSON(utf8(#"{"a":{"y":[2],"z":3},"c":4,"b":{}}"#)))
            #expect(shown(try space.json(merged)) == #"{"a":{"x":1,"y":[2],"z":3},"b":{},"c":4}"#)
        }
    }

    @Test("a patched object is the object with its changes, whatever is asked of it", arguments: 0..<6)
    func patches(_ seed: Int) throws {
        try withSpace { (space: Space) throws in
            var generator = Generator(state: UInt64(seed))
            let count = [65, 70, 100, 300][seed % 4]
            var model: [String: Int] = [:]
            for index in 0..<count { model["key \(index)"] = index }
            func source() -> [UInt8] {
                utf8("{" + model.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}")
            }
            var object = try space.readJSON(source())
            for step in 0..<200 {
                let key = "key \(generator.below(count * 2))"
                let removed = generator.below(3) == 0
                object = try space.setting(object, space.string(utf8(key)), to: removed ? .undefined : .integer(step))
                model[key] = removed ? nil : step
                #expect(object.count == model.count)
                if step % 7 == 0 {
                    let want = try space.readJSON(source())
                    #expect(space.equal(object, want))
                    #expect(space.hash(object) == space.hash(want))
                    #expect(try space.json(object) == space.json(want))
                    for index in 0..<(count * 2) {
                        let found = space.member(object, try space.string(utf8("key \(index)")))
                        #expect(found.isUndefined == (model["key \(index)"] == nil))
                        if let value = model["key \(index)"] { #expect(found.integerValue == Int64(value)) }
                    }
                }
            }
            let piece = try Piece(freezing: object, of: space)
            #expect(space.equal(space.root(of: piece, attachedAs: space.attach(piece)), object))
            try space.check()
        }
    }

    @Test("temporaries that are kept survive a rewind")
    func kept() throws {
        try withSpace { (space: Space) throws in
            let mark = space.mark()
            space.allocatesTemporaries = true
            let source = utf8(
                #"{"a":["a string of many bytes",{"b":12345678901234567890}],"long enough to lie outside":1}"#)
            let value = try space.readJSON(source)
            let kept = try space.kept(value)
            space.rewind(to: mark)
            // Overwrites what was rewound.
            for _ in 0..<100 { _ = try space.readJSON(utf8(#"["overwritten overwritten overwritten", 1, 2]"#)) }
            #expect(try space.json(kept) == source)
        }
    }

    @Test("shapes of documents outlive rewinding and resetting")
    func lastingShapes() throws {
        try withSpace { (space: Space) throws in
            space.allocatesTemporaries = true
            for round in 0..<10 {
                let mark = space.mark()
                let value = try space.readJSON(utf8("{\"key one\":\(round),\"another key of bytes\":2}"))
                #expect(shown(try space.json(value)) == "{\"another key of bytes\":2,\"key one\":\(round)}")
                space.rewind(to: mark)
                if round == 5 { space.reset() }
            }
        }
    }

    @Test("memory has a limit, and is given back")
    func memoryLimit() throws {
        let space = Space.create(memoryLimit: 1 << 20, firstChunk: 4096)
        defer { space.destroy() }
        for _ in 0..<3 {
            do throws(Fault) {
                while true { _ = try space.string([UInt8](repeating: 7, count: 10_000)) }
            } catch {
                #expect(error.code == .memoryLimit)
            }
            #expect(space.memoryHeld <= 1 << 20)
            space.reset()
        }
        _ = try space.string([UInt8](repeating: 7, count: 10_000))
    }

    @Test("large collections that are asked often find the same with and without an index", arguments: [false, true])
    func lateIndex(_ temporary: Bool) throws {
        try withSpace { (space: Space) throws in
            for count in [33, 64, 1000] {
                space.allocatesTemporaries = temporary
                var items: [Value] = []
                for index in 0..<count {
                    items.append(
                        index % 4 == 0 ? .integer(index) : try space.string(utf8("a member with number \(index)")))
                }
                let set = try space.set(list(items, space))
                let object = try space.object(pairs: list(items.flatMap { [$0, $0] }, space))
                let mark = space.mark()
                for round in 0..<3 {
                    space.allocatesTemporaries = true
                    for item in items {
                        if !space.contains(set, item) { Issue.record("round \(round): lost a member") }
                        if !Value.identical(space.member(object, item), item) {
                            Issue.record("round \(round): lost a key")
                        }
                    }
                    for index in 0..<count {
                        if space.contains(set, .integer(-1 - index)) { Issue.record("found what is not there") }
                        let other = try space.string(utf8("no member with number \(index)"))
                        if space.member(object, other).isDefined { Issue.record("found what is not there") }
                    }
                    #expect(space.contains(set, try space.number(utf8("4.0"))))
                    // What an index takes must not lie where a rewind can reach it.
                    space.rewind(to: mark)
                    for _ in 0..<50 { _ = try space.readJSON(utf8(#"["overwritten overwritten", 1, 2, 3]"#)) }
                }
                let piece = try Piece(freezing: set, of: space)
                #expect(space.equal(space.root(of: piece, attachedAs: space.attach(piece)), set))
                space.detachAll()
                space.reset()
            }
        }
    }

    @Test("an index that finds no memory is done without")
    func noMemoryForIndex() throws {
        let space = Space.create(memoryLimit: 64 << 10, firstChunk: 1 << 10)
        defer { space.destroy() }
        var items: [Value] = []
        for index in 0..<500 { items.append(.integer(index * 3)) }
        let set = try space.set(list(items, space))
        do throws(Fault) { while true { _ = try space.string([UInt8](repeating: 1, count: 400)) } } catch {}
        for _ in 0..<3 {
            for item in items where !space.contains(set, item) { Issue.record("lost a member") }
            #expect(!space.contains(set, .integer(1)))
        }
        try space.check()
    }
}
