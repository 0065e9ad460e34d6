import Foundation
import Testing
import WritTooling

@testable import WritCommands

@Suite struct FmtTests {
    private static let files = [
        "a.rego": "package a\np:=1\nq contains x if{x:=[1,2][_]}\n", "b.rego": "package b\n\np := 1\n",
        "v0.rego": "package old\n\np[x] { x := [1, 2][_] }\n", "bad.rego": "package bad\n\np if {\n",
        "notes.txt": "package   x\n", "sub/c.rego": "package  c\n",
    ]
    private static let laidOut = "package a\n\np := 1\nq contains x if x := [1, 2][_]\n"

    @Test func prints() throws {
        let bench = try Workbench(Self.files)
        let run = bench.writ("fmt", "@a.rego", "@notes.txt")
        #expect(run.status == 0)
        #expect(run.output == Self.laidOut)
        #expect(run.errors == "")
        #expect(bench.writ("fmt", stdin: "package a\np:=1").output == "package a\n\np := 1\n")
    }

    @Test func lists() throws {
        let bench = try Workbench(Self.files)
        let run = bench.writ("fmt", "-l", "@a.rego", "@b.rego", "@sub")
        #expect(run.status == 0)
        #expect(run.output == "a.rego\nsub/c.rego\n")
        let failed = bench.writ("fmt", "-l", "--fail", "@a.rego", "@sub")
        #expect(failed.status == 1)
        #expect(failed.output == "a.rego\n")
        #expect(failed.errors == "unexpected diff\n")
    }

    @Test func fails() throws {
        let bench = try Workbench(Self.files)
        let run = bench.writ("fmt", "--fail", "@a.rego")
        #expect(run.status == 1)
        #expect(run.output == "")
        #expect(run.errors == "unexpected diff\n")
        #expect(bench.writ("fmt", "--fail", "@b.rego").output == "package b\n\np := 1\n")
    }

    @Test func overwrites() throws {
        let bench = try Workbench(Self.files)
        let run = bench.writ("fmt", "-w", "@a.rego", "@sub")
        #expect(run.status == 0)
        #expect(run.output == "")
        #expect(try FileSystem.read(bench.path + "/a.rego") == Array(Self.laidOut.utf8))
        #expect(bench.writ("fmt", "-l", "@a.rego", "@sub").output == "")
    }

    @Test func differences() throws {
        let run = try Workbench(Self.files).writ("fmt", "-d", "@a.rego")
        #expect(run.status == 0)
        #expect(
            run.output.replacingOccurrences(of: "\u{1B}[32m", with: "<+").replacingOccurrences(
                of: "\u{1B}[31m", with: "<-"
            )
            .replacingOccurrences(of: "\u{1B}[0m", with: ">")
                == "package a\n<+>\n<+>p<+ >:=<+ >1\nq contains x if<-{><+ >x<+ >:=<+ >[1,<+ >2][_]<-}>\n\n")
    }

    @Test func versions() throws {
        let bench = try Workbench(Self.files)
        #expect(
            bench.writ("fmt", "--v0-v1", "@v0.rego").output
                == "package old\n\nimport rego.v1\n\np contains x if x := [1, 2][_]\n")
        #expect(
            bench.writ("fmt", "--rego-v1", "@v0.rego").output == bench.writ("fmt", "--v0-v1", "@v0.rego").output)
        #expect(
            bench.writ("fmt", "--v0-compatible", "@v0.rego").output == "package old\n\np[x] {\n\tx := [1, 2][_]\n}\n")
        #expect(
            bench.writ("fmt", "--drop-v0-imports", stdin: "package a\n\nimport rego.v1\n\np := 1\n").output
                == "package a\n\np := 1\n")
    }

    @Test func errors() throws {
        let bench = try Workbench(Self.files)
        let run = bench.writ("fmt", "@bad.rego")
        #expect(run.status == 1)
        #expect(run.output == "")
        #expect(
            run.errors
                == "failed to format Rego source file: 1 error occurred: bad.rego:4: rego_parse_error: unexpected eof token\n\tp if {\n\t     ^\n"
        )
        #expect(bench.writ("fmt", "@none.rego").errors == "lstat none.rego: no such file or directory\n")
        #expect(bench.writ("fmt", "@none.rego").status == 1)
        #expect(bench.writ("fmt", "--check-result=false", "@b.rego").status == 0)
        #expect(bench.writ("fmt", "--check-result", "@b.rego").status == 0)
        #expect(bench.writ("fmt", "--check-result=x", "@b.rego").status == 1)
    }

    @Test func differencesWithoutColours() throws {
        let bench = try Workbench(["p.rego": "package a\n\nx:=1\n"])
        let plain = bench.writ("fmt", "-d", "@p.rego", environment: ["NO_COLOR": "1"])
        #expect(plain.output == "package a\n\nx{+ +}:={+ +}1\n\n")
        #expect(bench.writ("fmt", "-d", "@p.rego").output.contains("\u{1B}[32m"))
    }
}
