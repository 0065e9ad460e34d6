import Foundation
import Testing
import Writ

/// Every kind of compile error: that its example fails as its page says, and what people see of it.
@Suite struct DiagnosticTests {
    private static let explained = ErrorClass.all.filter { $0.example.utf8CodeUnitCount > 0 }

    /// Enough of YAML for the examples: `key: value`, a line each.
    private static let readYAML: @Sendable ([UInt8]) -> MetadataText = { text in
        var members: [String] = []
        for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, !parts[1].hasPrefix("[") else {
                return .failure("yaml: line 1: did not find expected node content")
            }
            members.append("\"\(parts[0])\": \"\(parts[1])\"")
        }
        return .json(Array("{\(members.joined(separator: ","))}".utf8))
    }

    private static func failure(_ text: String, strict: Bool) -> CompileFailure? {
        var options = CompileOptions()
        options.isStrict = strict
        options.readYAML = readYAML
        do throws(CompileFailure) {
            _ = try Policy.check([PolicyFile(name: "p.rego", text: Array(text.utf8))], options: options)
            return nil
        } catch {
            return error
        }
    }

    private static func rendered(_ text: String, strict: Bool = false) -> String {
        guard let failure = failure(text, strict: strict) else { return "no errors\n" }
        let renderer = DiagnosticRenderer(sources: failure.sources)
        return failure.diagnostics.map { String(decoding: renderer.excerpt($0), as: UTF8.self) }.joined(separator: "\n")
    }

    @Test(arguments: explained.indices) func examples(_ index: Int) throws {
        let known = Self.explained[index]
        let failure = try #require(Self.failure("\(known.example)", strict: known.isStrict), "\(known.name)")
        let names = failure.diagnostics.map { ErrorClass.of($0).map { "\($0.name)" } ?? $0.message }
        #expect(names.contains("\(known.name)"), "\(known.name): \(failure.diagnostics.map { $0.message })")
        let mended = Self.failure("\(known.mended)", strict: known.isStrict)
        #expect(mended == nil, "\(known.name), mended: \(mended?.diagnostics.map { $0.message } ?? [])")
    }

    @Test func namesAreUnique() {
        let names = ErrorClass.all.map { "\($0.name)" }
        #expect(Set(names).count == names.count)
        for known in ErrorClass.all { #expect(!ErrorClass.find("\(known.code)").isEmpty) }
    }

    /// Modules beside the examples: near names, and lines that are hard to mark.
    private static let others: [(name: String, text: String)] = [
        ("near variable", "package p\n\nallow if {\n\tuser := input.user\n\tuser == usr\n\tsr := 1\n}\n"),
        ("near document", "package p\n\nallow if inptu.x\n"),
        ("near rule", "package p\n\nallowed := 1\n\nx if alowed == 1\n"),
        ("near import", "package p\n\nimport data.fleet.devices\n\nx := devcies.a\n\ny := devices\n"),
        ("near builtin", "package p\n\nx := startwith(\"a\", \"b\")\n"),
        ("near builtin of a family", "package p\n\nx := json.marshall(1)\n"),
        ("near function", "package p\n\nis_admin(u) if u == \"a\"\n\nx if is_amdin(input.u)\n"),
        ("near function of a package", "package p\n\nf(_) := 1\n\ncheck_all(u) := u\n\nx := data.p.chek_all(1)\n"),
        ("near key", "package p\n\nlimits := {\"memory\": 1, \"steps\": 2}\n\nx := limits.memroy\n"),
        ("near keyword", "package p\n\nimport future.keywords.evry\n"),
        ("near root", "package p\n\nimport dat.x\n"),
        ("nothing near", "package p\n\nx := zzz\n"),
        ("tabs", "package p\n\nallow if {\n\t\t\tx :=\t1\n\t\t\tx\t==\tnope\n}\n"),
        ("CRLF", "package p\r\n\r\nallow if {\r\n\tinput.a == nope\r\n}\r\n"),
        ("wide", "package p\n\nx := [\"日本語\", nope, \"한국\"]\n"),
        ("combining", "package p\n\nx := [\"e\u{301}\u{302}a\", nope]\n"),
        ("family", "package p\n\nx := [\"👨‍👩‍👧\", nope]\n"),
        ("right to left", "package p\n\nx := [\"\u{202E}abc\", nope]\n"),
        ("control", "package p\n\nx := [\"a\u{7}b\", nope]\n"),
        ("end of file", "package p\n\nx if {\n\tinput.a"),
        ("several lines", "package p\n\nx := count(\n\t1\n)\n"),
        ("two in one body", "package p\n\nx if {\n\tnope\n\tnada\n}\n"),
        ("several modules in one", "package p\n\nx := 1\n\nx contains 2\n\ny := 1\n\ny.z := 2\n"),
    ]

    /// What people see, letter by letter. `WRIT_UPDATE_SNAPSHOTS=1` writes the file anew.
    @Test func excerpts() throws {
        var text = ""
        for known in Self.explained {
            text += "## \(known.name)\n" + Self.rendered("\(known.example)", strict: known.isStrict) + "\n"
        }
        for other in Self.others { text += "## \(other.name)\n" + Self.rendered(other.text) + "\n" }
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Snapshots/diagnostics.txt")
        if ProcessInfo.processInfo.environment["WRIT_UPDATE_SNAPSHOTS"] == "1" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let stored = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        let got = Self.sections(text)
        let want = Self.sections(stored)
        #expect(got.map(\.name) == want.map(\.name))
        for (one, other) in zip(got, want) { #expect(one.text == other.text, "\(one.name)") }
    }

    private static func sections(_ text: String) -> [(name: String, text: String)] {
        ("\n" + text).components(separatedBy: "\n## ").dropFirst().map { section in
            let parts = section.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
    }
}
