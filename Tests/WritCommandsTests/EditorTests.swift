import Foundation
import Testing
import Writ
import WritTooling

@testable import WritCommands

enum WritToolingLoader {
    static func nothing() throws -> LoadedFiles { try load([]) }
    static func load(_ paths: [String]) throws -> LoadedFiles { try Loader.load(paths) }
}

@Suite struct EditorTests {
    private func keys(_ bytes: [UInt8]) -> [Key] {
        var decoder = KeyDecoder()
        return bytes.compactMap { decoder.take($0) } + [decoder.flush()].compactMap { $0 }
    }

    @Test func keysOfTerminals() {
        #expect(keys(Array("aé漢😀".utf8)) == [.character("a"), .character("é"), .character("漢"), .character("😀")])
        #expect(
            keys(Array("\u{1B}[A\u{1B}OB\u{1B}[1;5C\u{1B}[3~\u{1B}[H\u{1B}OF".utf8)) == [
                .up, .down, .wordRight, .delete, .home, .end,
            ])
        #expect(keys([0x01, 0x09, 0x0D, 0x0A, 0x7F]) == [.control("a"), .tab, .enter, .enter, .backspace])
        #expect(
            keys(Array("\u{1B}[200~x\u{1B}[201~\u{1B}b\u{1B}".utf8)) == [
                .pasteBegins, .character("x"), .pasteEnds, .alt("b"), .unknown,
            ])
    }

    @Test func brokenBytes() {
        #expect(keys([0xC3, 0x41]) == [.character("A")])
        #expect(keys([0xFF, 0x80, 0xED, 0xA0, 0x80]) == [.unknown, .unknown, .unknown])
        // A sequence without end is given up.
        #expect(keys([0x1B, 0x5B] + Array(repeating: 0x31, count: 40)).last == .character("1"))
    }

    /// Whatever a terminal sends, the line and its layout stay whole.
    @Test func anyBytes() {
        var random = SystemRandomNumberGenerator()
        let alphabet: [UInt8] = Array("\u{1B}[;~ABCDHFO0123a .\t\r\u{7F}\u{01}\u{0B}\u{15}\u{17}\u{19}é漢\u{301}😀".utf8)
        for _ in 0..<200 {
            var decoder = KeyDecoder()
            var line = LineBuffer()
            for _ in 0..<200 {
                let isOdd = UInt8.random(in: 0..<8, using: &random) == 0
                let byte = isOdd ? UInt8.random(in: 0...255, using: &random) : alphabet.randomElement(using: &random)
                guard let key = decoder.take(byte ?? 0) else { continue }
                switch key {
                case .character(let character): _ = line.insert(character)
                case .left: line.left()
                case .right: line.right()
                case .wordLeft, .alt: line.wordLeft()
                case .wordRight: line.wordRight()
                case .home, .control("a"): line.home()
                case .end: line.end()
                case .backspace: line.backspace()
                case .delete: line.delete()
                case .up, .control("k"): line.cutToEnd()
                case .control("u"): line.cutToStart()
                case .control("w"): line.cutBlankWordLeft()
                case .down, .control("y"): line.paste()
                case .enter: line.swap()
                case .tab: line.complete(from: line.bytes.cursor / 2, with: "x")
                default: break
                }
                #expect(line.cursor >= 0 && line.cursor <= line.text.count)
            }
            let layout = LineLayout(prompt: "> ", text: line.text, cursor: line.cursor, columns: 7)
            #expect(layout.cursorRow <= layout.lastRow && layout.cursorColumn <= 7)
        }
    }

    @Test func editing() {
        var line = LineBuffer()
        func insert(_ character: Character) -> Bool { line.insert(character) }
        for character in "one two.three" { #expect(insert(character)) }
        line.wordLeft()
        #expect(line.cursor == 8)
        line.cutWordRight()
        #expect(line.string == "one two.")
        line.home()
        line.paste()
        #expect(line.string == "threeone two." && line.cursor == 5)
        line.cutToEnd()
        line.cutToStart()
        line.backspace()
        line.delete()
        line.swap()
        #expect(line.isEmpty)
        line.paste()
        #expect(line.string == "three")
        line.swap()
        #expect(line.string == "thre" + "e")
        line.cutBlankWordLeft()
        #expect(line.isEmpty)
        // Control characters and those that turn the direction of text are not typed.
        #expect(!insert("\u{7}") && !insert("\u{202E}"))
        #expect(insert("e") && insert("\u{301}"))
        #expect(line.text.count == 1)
    }

    @Test func completing() {
        var line = LineBuffer()
        line.replace("é dat x")
        line.left()
        line.left()
        line.complete(from: 3, with: "data.a")
        #expect(line.string == "é data.a x" && line.cursor == 8)
    }

    @Test(arguments: [
        ("abc", 3, 80, 0, 5, 0), ("abcdefgh", 8, 10, 1, 0, 1), ("abcdefghi", 9, 10, 1, 1, 1),
        ("漢漢漢漢漢", 5, 11, 1, 2, 1), ("漢漢", 1, 80, 0, 4, 0), ("a\tb", 2, 80, 0, 7, 0), ("abc", 3, 1, 5, 0, 5),
    ])
    func layouts(_ text: String, _ cursor: Int, _ columns: Int, _ row: Int, _ column: Int, _ last: Int) {
        let layout = LineLayout(prompt: "> ", text: Array(text), cursor: cursor, columns: columns)
        #expect(layout.cursorRow == row)
        #expect(layout.cursorColumn == column)
        #expect(layout.lastRow == last)
    }

    @Test func history() throws {
        let bench = try Workbench(["h": "one\ntwo\n"])
        var history = LineHistory(path: bench.path + "/h")
        history.add("two")
        history.add("  ")
        history.add("tree")
        #expect(history.lines == ["one", "two", "tree"])
        #expect(history.search("o", before: 3) == 1)
        #expect(history.search("o", before: 1) == 0)
        #expect(history.search("x", before: 3) == nil)
        history.save()
        #expect(try String(contentsOfFile: bench.path + "/h", encoding: .utf8) == "one\ntwo\ntree\n")
        let mode = try FileManager.default.attributesOfItem(atPath: bench.path + "/h")[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func linesOfStreams() {
        var chunks: [[UInt8]] = [Array("a\nb".utf8), Array("c\r\n\n".utf8), Array("end".utf8)]
        let reader = LineReader { chunks.isEmpty ? nil : chunks.removeFirst() }
        var lines: [String] = []
        while let line = reader.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        #expect(lines == ["a", "bc", "", "end"])
    }
}
