import Testing
import WritSource

struct SourceFileTests {
    private func file(_ text: String) -> SourceFile { SourceFile(name: Array("a.rego".utf8), text: Array(text.utf8)) }

    @Test func countsRowsAndCodePoints() {
        let file = file("ab\n日本x\r\ne\u{301}y\n")
        let expected: [(offset: UInt32, row: Int, column: Int)] = [
            (0, 1, 1), (2, 1, 3), (3, 2, 1), (6, 2, 2), (9, 2, 3), (10, 2, 4), (12, 3, 1), (13, 3, 2), (15, 3, 3),
            (17, 4, 1), (99, 4, 1),
        ]
        for (offset, row, column) in expected {
            #expect(file.position(at: offset) == Position(row: row, column: column), "offset \(offset)")
        }
    }

    @Test func linesLoseTheirEnds() {
        let file = file("one\r\ntwo\n\nfour")
        #expect((1...4).map { Array(file.line(row: $0)) } == ["one", "two", "", "four"].map { Array($0.utf8) })
        #expect(file.line(row: 0).isEmpty)
        #expect(file.line(row: 5).isEmpty)
    }

    @Test func spansAreCutToTheText() {
        let file = file("abc")
        #expect(Array(file.bytes(of: Span(source: file.id, start: 1, end: 9))) == Array("bc".utf8))
        #expect(file.bytes(of: Span(source: file.id, start: 7, end: 9)).isEmpty)
    }

    @Test func emptyFileHasOneRow() {
        #expect(file("").position(at: 0) == Position(row: 1, column: 1))
    }

    @Test func mapFindsFilesByNumber() {
        var map = SourceMap()
        let first = map.add(name: Array("a".utf8), text: Array("x\ny".utf8))
        let second = map.add(name: Array("b".utf8), text: [])
        #expect(map.file(first)?.name == Array("a".utf8))
        #expect(map.file(second)?.name == Array("b".utf8))
        #expect(map.file(SourceID(2)) == nil)
        #expect(map.position(of: Span(source: first, start: 2, end: 3)) == Position(row: 2, column: 1))
    }

    @Test func codesCompareByText() {
        #expect(DiagnosticCode("rego_parse_error") == DiagnosticCode("rego_parse_error"))
        #expect(DiagnosticCode("rego_parse_error") != DiagnosticCode("rego_type_error"))
        #expect(DiagnosticCode("rego").bytes == Array("rego".utf8))
    }
}
