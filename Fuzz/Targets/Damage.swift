import WritValue

/// Changes bytes of a frozen value, three bytes of input a change (where: two, what: one), and reads what is left.
///
/// The first byte chooses what becomes of the root: even leaves it, odd changes it by the next 16 bytes.
func fuzzPiece(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count > 17 else { return }
    let source = Space.create()
    defer { source.destroy() }
    let text: StaticString = """
        {"a": {"name": "a string that is not short at all", "x": [1, 2.50, 1e400, null, true]}, "b": {"name": "b", "x": []},
        "long": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, [21, [22, [23]]]]}
        """
    guard let value = text.withUTF8Buffer({ try? source.readJSON($0) }),
        let whole = try? Piece(freezing: value, of: source)
    else { return }
    var damaged = whole.withBytes { Array($0) }
    var place = 17
    while place + 2 < bytes.count {
        damaged[(Int(bytes[place]) << 8 | Int(bytes[place + 1])) % damaged.count] ^= bytes[place + 2]
        place += 3
    }
    var root = whole.innerRoot
    if bytes[0] % 2 == 1 {
        for index in 0..<8 {
            root.low ^= UInt64(bytes[1 + index]) << (8 * index)
            root.high ^= UInt64(bytes[9 + index]) << (8 * index)
        }
    }
    read(damaged.withUnsafeBufferPointer { Piece(copying: $0, root: root) }, beside: whole)
}

private func read(_ piece: Piece, beside whole: Piece) {
    let space = Space.create(memoryLimit: 16 << 20)
    defer { space.destroy() }
    let value = space.root(of: piece, attachedAs: space.attach(piece))
    let original = space.root(of: whole, attachedAs: space.attach(whole))
    var output = ByteBuffer(limit: 1 << 20)
    _ = try? space.writeJSON(value, to: &output)
    _ = space.compare(value, original)
    _ = space.equal(original, value)
    for key in ["a", "long", "b"] as [StaticString] {
        let member = space.member(value, .short(key))
        _ = space.contains(member, .integer(3))
        for index in 0..<min(4, member.count) { _ = space.element(member, index) }
    }
    _ = space.bytes(value)
}
