import WritValue

/// JSON that was read is written, and reads again as an equal value; frozen, it is the same text.
func fuzzJSON(_ text: UnsafeBufferPointer<UInt8>) {
    let space = Space.create(memoryLimit: 256 << 20)
    defer { space.destroy() }
    guard let value = try? space.readJSON(text) else { return }
    guard let written = try? space.json(value) else { preconditionFailure("what was read is not written") }
    guard let again = try? space.readJSON(written) else { preconditionFailure("what was written is not read") }
    precondition(space.equal(value, again), "reads as another value")
    precondition(space.hash(value) == space.hash(again), "equal values with two hashes")
    precondition(space.compare(value, again) == 0, "equal values that are ordered")
    precondition((try? space.json(again)) == written, "written in another way")
    _ = try? space.json(value, style: JSONStyle(escapesHTML: false, isPretty: true))
    _ = try? space.rego(value)

    guard let piece = try? Piece(freezing: value, of: space) else { preconditionFailure("not frozen") }
    let other = Space.create()
    defer { other.destroy() }
    let root = other.root(of: piece, attachedAs: other.attach(piece))
    precondition((try? other.json(root)) == written, "frozen as another value")
}
