import Testing
import WritValue

/// Runs `body` with a new space and gives its memory back.
func withSpace(_ body: (Space) throws -> Void) throws {
    let space = Space.create(firstChunk: 4096)
    defer { space.destroy() }
    try body(space)
}

/// Text as bytes.
func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Bytes as text, for messages of failed tests.
func shown(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Reads a text and writes it again.
func echo(_ source: String, in space: Space, style: JSONStyle = JSONStyle()) throws -> String {
    shown(try space.json(space.readJSON(utf8(source)), style: style))
}

/// A small deterministic generator, so that a failing case can be had again.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var word = state
        word ^= word >> 33
        word = word &* 0xff51_afd7_ed55_8ccd
        word ^= word >> 33
        return word
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
}
