import Writ

/// Syntax trees: `opa parse -f json`, with its errors.
final class SyntaxSuite {
    private let root: String
    private lazy var modules = CheckSuite.readModules(root)

    init(root: String) { self.root = root }

    func cases(of suite: String, _ file: CaseFile) -> [(id: String, judge: () -> Judgement)] {
        (0..<file.count).compactMap { file.testCase($0) }.map { testCase in
            guard suite == "parse" else { return (testCase.id, { testCase.judgeNewTree() }) }
            // A module of v0 comes twice: its tree, and its errors as v1.
            let suffix = testCase.text("rego_version").map { " " + $0 } ?? ""
            return (testCase.id + suffix, { testCase.judgeTree(self.modules[testCase.id]?.text) })
        }
    }
}

extension TestCase {
    /// A case of `parse`: a module's tree, or the errors in order with their places and lines.
    func judgeTree(_ source: String?) -> Judgement {
        guard let source else { return .wrong("no module of that id") }
        let version: RegoVersion = text("rego_version") == "v0" ? .v0 : .v1
        let file = PolicyFile(name: "test.rego", text: Array(source.utf8), version: version)
        do {
            let tree = try SyntaxTree.parse(file, readYAML: TestCase.readYAML)
            let wanted = member("want_ast")
            guard wanted.isDefined else { return .wrong("no error") }
            let json = tree.json(includesLocations: member("locations").isTrue)
            let scratch = Space.create(memoryLimit: 4 << 30)
            defer { scratch.destroy() }
            let got = try JSONCanon(scratch).text(scratch.readJSON(json))
            let want = JSONCanon(space).text(wanted)
            return got == want ? .passed : .wrong("another tree: " + Self.difference(got, want))
        } catch let failure as CompileFailure {
            let wanted = member("want_errors")
            guard wanted.isDefined else { return .wrong("errors: " + Self.lines(failure).joined(separator: "; ")) }
            let want = wantedErrors(wanted, withDetails: true)
            let got = Self.lines(failure, withDetails: true)
            return got == want ? .passed : .wrong("got \(got); want \(want)")
        } catch {
            return .wrong("\(error)")
        }
    }

    /// A case of `rego-1.20/ast`: a tree without comments, annotations and places.
    func judgeNewTree() -> Judgement {
        let file = PolicyFile(name: "test.rego", text: Array((text("src") ?? "").utf8))
        do {
            let json = try SyntaxTree.parse(file).json(includesComments: false)
            let scratch = Space.create(memoryLimit: 4 << 30)
            defer { scratch.destroy() }
            let dropped: Set<String> = ["location", "Location", "comments", "annotations"]
            let got = try JSONCanon(scratch, dropping: dropped).text(scratch.readJSON(json))
            let want = JSONCanon(space, dropping: dropped).text(member("want_ast"))
            return got == want ? .passed : .wrong("another tree: " + Self.difference(got, want))
        } catch let failure as CompileFailure {
            return .wrong("errors: " + Self.lines(failure).joined(separator: "; "))
        } catch {
            return .wrong("\(error)")
        }
    }

    /// An error as far as cases speak of it.
    private struct Found {
        var code: String
        var message: String
        var row: Int?
        var column: Int?

        init(_ diagnostic: Diagnostic, _ sources: SourceMap) {
            code = String(describing: diagnostic.code.text)
            message = diagnostic.message
            row = diagnostic.position(in: sources)?.row
            column = diagnostic.position(in: sources)?.column
        }

        init(_ value: Value, _ space: Space) {
            code = TestCase.text(value, "code", space) ?? ""
            message = TestCase.text(value, "message", space) ?? ""
            row = Self.number(value, "row", space)
            column = Self.number(value, "col", space)
        }

        private static func number(_ object: Value, _ key: StaticString, _ space: Space) -> Int? {
            guard let key = try? space.string(key) else { return nil }
            return space.int64(space.member(object, key)).map { Int($0) }
        }

        var text: String { "\(row.map(String.init) ?? "-"):\(column.map(String.init) ?? "-") \(code) \(message)" }
    }

    private func wantedErrors(_ value: Value, withDetails: Bool) -> [String] {
        let list = space.elements(value)
        return (0..<list.count).map { index in
            let found = Found(list[index], space)
            guard withDetails, let key = try? space.string("details") else { return found.text }
            let details = space.member(list[index], key)
            return found.text + (details.isDefined ? " " + JSONCanon(space).text(details) : "")
        }
    }

    private static func lines(_ failure: CompileFailure, withDetails: Bool = false) -> [String] {
        failure.diagnostics.map { diagnostic in
            let found = Found(diagnostic, failure.sources)
            guard withDetails, let details = diagnostic.details else { return found.text }
            let line = JSONCanon.quoted(details.line)
            return found.text + " {\"idx\":\(details.index),\"line\":\(line)}"
        }
    }

    /// Where two texts part.
    private static func difference(_ got: String, _ want: String) -> String {
        let (got, want) = (Array(got.utf8), Array(want.utf8))
        let place = zip(got, want).enumerated().first { $1.0 != $1.1 }?.offset ?? min(got.count, want.count)
        func excerpt(_ text: [UInt8]) -> String {
            String(decoding: text[max(0, place - 60)..<min(text.count, place + 80)], as: UTF8.self)
        }
        return "got \(excerpt(got)) want \(excerpt(want))"
    }
}

/// JSON as a text that is equal where trees are: keys sorted, numbers as spelled, of locations only row and column.
struct JSONCanon {
    let space: Space
    var dropped: Set<String> = []

    init(_ space: Space, dropping dropped: Set<String> = []) {
        self.space = space
        self.dropped = dropped
    }

    static func quoted(_ text: [UInt8]) -> String {
        var buffer = ByteBuffer()
        buffer.appendJSONString(text)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }

    func text(_ value: Value) -> String {
        var result = ""
        write(value, isLocation: false, &result)
        return result
    }

    private func write(_ value: Value, isLocation: Bool, _ result: inout String) {
        switch value.kind {
        case .number: result += space.withNumberText(value) { String(decoding: $0, as: UTF8.self) }
        case .string: result += Self.quoted(space.bytes(value))
        case .array:
            let elements = space.elements(value)
            result += "["
            for index in 0..<elements.count {
                if index > 0 { result += "," }
                write(elements[index], isLocation: false, &result)
            }
            result += "]"
        case .object:
            let entries = space.entries(value)
            var parts: [(String, Value)] = []
            for index in 0..<entries.count {
                let key = String(decoding: space.bytes(entries.keys[index]), as: UTF8.self)
                if dropped.contains(key) || isLocation && key != "row" && key != "col" { continue }
                parts.append((key, entries.values[index]))
            }
            parts.sort { $0.0 < $1.0 }
            result += "{"
            for (index, part) in parts.enumerated() {
                if index > 0 { result += "," }
                result += "\"" + part.0 + "\":"
                write(part.1, isLocation: part.0 == "location" || part.0 == "Location", &result)
            }
            result += "}"
        default: result += String(decoding: (try? space.json(value)) ?? [], as: UTF8.self)
        }
    }
}
