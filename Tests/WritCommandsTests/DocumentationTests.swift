import Foundation
import Testing

@testable import WritCommands

/// The examples of the documentation run as they are written there.
@Suite struct DocumentationTests {
    private struct Block {
        var kind: String
        var name: String
        var text: String
    }

    private func blocks(_ path: String) throws -> [Block] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        var blocks: [Block] = []
        var open: Block?
        for line in text.components(separatedBy: "\n") {
            if line.hasPrefix("```") {
                if let block = open {
                    blocks.append(block)
                    open = nil
                } else {
                    let words = line.dropFirst(3).split(separator: " ").map(String.init)
                    open = Block(kind: words.first ?? "", name: words.count > 1 ? words[1] : "", text: "")
                }
            } else if open != nil {
                open?.text += line + "\n"
            }
        }
        return blocks
    }

    @Test func authoring() throws {
        let blocks = try blocks("Docs/authoring.md")
        var files: [String: String] = [:]
        for block in blocks where !block.name.isEmpty { files[block.name] = block.text }
        #expect(files.count == 3)
        let bench = try Workbench(files)
        var ran = 0
        for block in blocks where block.kind == "console" {
            var command: String?
            var want = ""
            func check() throws {
                guard let command else { return }
                ran += 1
                let run = bench.writ(arguments: Self.words(command, files))
                // Columns are as wide as paths, which are longer here.
                #expect(Self.narrow(run.output) == Self.narrow(want), "\(command): \(run.errors)")
            }
            for line in block.text.components(separatedBy: "\n").dropLast() {
                if line.hasPrefix("$ writ ") {
                    try check()
                    command = String(line.dropFirst(7))
                    want = ""
                } else {
                    want += line + "\n"
                }
            }
            try check()
        }
        #expect(ran == 5)
    }

    /// Runs of blanks as one.
    private static func narrow(_ text: String) -> String { text.replacing(#/ +/#, with: " ") }

    /// A command line's words; quotes keep blanks together, files lie in the workbench.
    private static func words(_ line: String, _ files: [String: String]) -> [String] {
        var words: [String] = []
        for (index, part) in line.components(separatedBy: "'").enumerated() {
            if index % 2 == 1 { words.append(part) } else { words += part.split(separator: " ").map(String.init) }
        }
        return words.map { $0 == "." ? "@" : files[$0] != nil ? "@" + $0 : $0 }
    }

    /// What commands tell users to try is understood by them.
    @Test func examplesOfHelp() throws {
        for command in Root.commands {
            let words = command.example.split(separator: " ").map(String.init)
            #expect(words.prefix(2) == ["writ", command.name])
        }
    }
}

@Suite struct AuthorCommandTests {
    private static let files = [
        "p.rego": "package a\n\nallow if input.x == data.d.y\n\nlist contains 1 if allow\n",
        "one.json": "{\"x\": 1}", "two.json": "{\"x\": 2}",
        "b/p.rego": "package a\n\nallow if input.x == 1\n",
    ]

    @Test func dependencies() throws {
        let run = try Workbench(Self.files).writ("deps", "-d", "@p.rego", "data.a.list")
        #expect(run.status == 0)
        #expect(run.output.contains("| data.d.y       | data.a.allow      |\n| input.x        | data.a.list       |\n"))
    }

    @Test func decisionsOfManyInputs() throws {
        let bench = try Workbench(Self.files)
        let run = bench.writ("exec", "-b", "@b", "--decision", "a/allow", "@one.json", "@two.json")
        #expect(run.status == 0)
        #expect(run.output.contains("\"path\": \"one.json\",\n      \"result\": true\n"))
        #expect(run.output.contains("\"message\": \"a/allow decision was undefined\""))
        #expect(bench.writ("exec", "--fail", "-b", "@b", "--decision", "a/allow", "@two.json").status == 1)
        #expect(bench.writ("exec", "--fail-defined", "-b", "@b", "--decision", "a/allow", "@one.json").status == 1)
        #expect(bench.writ("exec", "-b", "@b").errors.contains("requires at least 1 path arg"))
        #expect(bench.writ("exec", "-b", "@b", "@none.json").errors.contains("lstat none.json: no such file"))
    }

    @Test func moving() throws {
        let bench = try Workbench(["p.rego": "package a.b\n\nx := data.a.b.y\n\ny := 1 # one\n"])
        let run = bench.writ("refactor", "move", "-p", "data.a:data.c[\"d-e\"]", "@p.rego")
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output == "package c[\"d-e\"].b\n\nx := data.c[\"d-e\"].b.y\n\ny := 1 # one\n")
        #expect(
            bench.writ("refactor", "move", "-p", "x", "@p.rego").errors
                == "error: expected mapping of the form <from>:<to> (2)\n")
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func completion(_ shell: String) throws {
        let run = try Workbench().writ("completion", shell)
        #expect(run.status == 0)
        for command in Root.commands { #expect(run.output.contains(command.name)) }
        #expect(run.output.contains("fail-on-empty"))
    }

    @Test func unknownShells() throws { #expect(try Workbench().writ("completion", "tcsh").status == 1) }

    @Test func explaining() throws {
        let bench = try Workbench([
            "p.rego": "package a\n\nallow if {\n\tcount(input.x) > 1\n\ttrace(\"seen\")\n}\n",
            "i.json": "{\"x\": [1, 2]}",
        ])
        let notes = bench.writ(
            "eval", "-f", "pretty", "--explain", "notes", "-d", "@p.rego", "-i", "@i.json", "data.a.allow")
        #expect(notes.output.contains("| | Note \"seen\"\n"))
        #expect(notes.output.hasSuffix("true\n"))
        let fails = bench.writ("eval", "-f", "pretty", "--explain", "fails", "-d", "@p.rego", "{1} = {2}")
        #expect(fails.status == 0)
        let profile = bench.writ("eval", "--profile", "-d", "@p.rego", "-i", "@i.json", "data.a.allow")
        #expect(profile.output.contains("\"num_eval\": 3,\n      \"num_redo\": 3,\n      \"num_gen_expr\": 3,"))
        let coverage = bench.writ("eval", "--coverage", "-d", "@p.rego", "-i", "@i.json", "data.a.allow")
        #expect(coverage.output.contains("\"covered_lines\": 3"))
        #expect(bench.writ("eval", "--metrics", "1").output.contains("timer_rego_query_eval_ns"))
    }
}
