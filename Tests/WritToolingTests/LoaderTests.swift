import Foundation
import Testing
import Writ
import WritTooling

@Suite struct LoaderTests {
    /// The whole data of loaded files as JSON.
    private func data(_ paths: [String], _ options: LoaderOptions = LoaderOptions()) throws -> String {
        let workspace = try Workspace.load(paths, loader: options)
        let evaluator = Evaluator(workspace.snapshot)
        evaluator.begin()
        let value = try evaluator.evaluate(workspace.snapshot.target([]), input: .undefined)
        return String(decoding: try evaluator.space.json(value), as: UTF8.self)
    }

    private func problems(_ paths: [String], _ options: LoaderOptions = LoaderOptions()) -> [String] {
        do throws(ProblemReport) {
            _ = try Workspace.load(paths, loader: options)
            return []
        } catch {
            return error.problems.map(\.message)
        }
    }

    @Test func foldersAreRootsOfTheirSubfolders() throws {
        let folder = try Folder([
            "a.json": #"{"top": 1}"#, "x/b.json": #"{"n": 1}"#, "x/y/c.yaml": "m: yes\n", "x/y/d.yml": "k: 017\n",
            "x/notes.txt": "left out", "x/.hidden.json": #"{"h": 1}"#,
        ])
        #expect(try data([folder.path]) == #"{"top":1,"x":{"h":1,"n":1,"y":{"k":15,"m":true}}}"#)
        // The named folder's own name is no part of the path.
        #expect(try data([folder["x"]]) == #"{"h":1,"n":1,"y":{"k":15,"m":true}}"#)
        #expect(try data([folder["x/b.json"]]) == #"{"n":1}"#)
    }

    @Test func prefixes() throws {
        let folder = try Folder(["v.json": "[1]", "d/o.json": #"{"a": 1}"#])
        #expect(try data(["p.q:" + folder["v.json"]]) == #"{"p":{"q":[1]}}"#)
        #expect(try data(["p:" + folder["d"]]) == #"{"p":{"a":1}}"#)
        #expect(try data(["file://" + folder["d/o.json"]]) == #"{"a":1}"#)
    }

    @Test func ignoredNames() throws {
        let folder = try Folder(["a.json": #"{"a": 1}"#, ".h/b.json": #"{"b": 1}"#, "skip/c.json": #"{"c": 1}"#])
        var options = LoaderOptions()
        options.ignored = [".*", "skip"]
        #expect(try data([folder.path], options) == #"{"a":1}"#)
        // What is named itself is never left out.
        #expect(try data([folder["skip"]], options) == #"{"c":1}"#)
    }

    @Test func policiesAndTests() throws {
        let folder = try Folder([
            "p/a.rego": "package a\n\nx := 1\n", "p/a_test.rego": "package a\n\ntest_x if x == 1\n",
            "d.json": #"{"k": 2}"#,
        ])
        #expect(try data([folder.path, folder["p/a.rego"]]) == #"{"a":{"test_x":true,"x":1},"k":2}"#)
    }

    @Test func filesOfUnknownKind() throws {
        let folder = try Folder(["p.policy": "package a\n\nx := 1\n", "d.data": "k: 1\n", "n.txt": "plain\ntext: [\n"])
        #expect(try data([folder["p.policy"], folder["d.data"]]) == #"{"a":{"x":1},"k":1}"#)
        #expect(problems([folder["n.txt"]]).map(folder.relative) == ["n.txt: can't recognize file type"])
    }

    @Test func conflictsBetweenFiles() throws {
        let folder = try Folder(["a.json": #"{"k": {"x": 1}}"#, "b.json": #"{"k": {"y": 1}}"#, "c.json": #"{"k": 1}"#])
        #expect(try data([folder["a.json"], folder["b.json"]]) == #"{"k":{"x":1,"y":1}}"#)
        #expect(problems([folder.path]).map(folder.relative) == ["c.json: merge error"])
    }

    @Test func conflictsOfRulesAndData() throws {
        let folder = try Folder(["a.rego": "package a.b\n\nc := 1\n", "d.json": #"{"a": {"b": {"c": 2}}}"#])
        #expect(problems([folder.path]) == ["conflicting rule for data path a/b/c found"])
    }

    @Test func everythingWrongIsTold() throws {
        let folder = try Folder([
            "a.json": #"{"k": }"#, "b.yaml": "a: b: c\n", "c.json": "[]", "d.tar.gz": "", "e.rego": "package",
        ])
        #expect(
            problems([folder["nope"], folder.path]).map(folder.relative) == [
                "stat nope: no such file or directory",
                "a.json: invalid character '}' looking for beginning of value",
                "b.yaml: error converting YAML to JSON: yaml: mapping values are not allowed in this context",
                "c.json: bad document type",
                "bundle d.tar.gz: bundle read failed: archive read failed: EOF",
                "unexpected eof token",
            ])
    }

    @Test func foldersThatContainThemselves() throws {
        let folder = try Folder(["a/b.json": #"{"x": 1}"#])
        try FileManager.default.createSymbolicLink(
            atPath: folder["a/loop"], withDestinationPath: folder.path)
        #expect(problems([folder.path]).count == 1)
    }

    @Test func excerptOfDataThatIsNoJSON() throws {
        let folder = try Folder(["d.json": "{\n  \"a\": 1,\n}\n"])
        do throws(ProblemReport) {
            _ = try Workspace.load([folder["d.json"]])
            Issue.record("accepted")
        } catch {
            #expect(
                folder.relative(String(decoding: error.excerpts(), as: UTF8.self)) == """
                    error[load_error]: invalid character '}' looking for beginning of object key string
                      ┌─ d.json:3:1
                    3 │ }
                      │ ^

                    """)
        }
    }

    @Test func documentsOfEitherKind() throws {
        func json(_ text: String) throws -> String {
            String(decoding: try Document.json(Array(text.utf8), name: "input"), as: UTF8.self)
        }
        #expect(try json(#"{"a": 1.50}"#) == #"{"a": 1.50}"#)
        #expect(try json("a: 1.50\n") == #"{"a":1.5}"#)
        #expect(try json("\u{FEFF}{}") == "{}")
    }

    @Test func modulesOfBundlesHaveTheirNamesInFront() throws {
        let folder = try Folder(["b/.manifest": "{}", "b/x/p.rego": "package x.p\n\nq := 1\n"])
        var options = LoaderOptions()
        func ids(_ path: String) throws -> [String] {
            try Loader.load([path], options: options).policies.map { String(decoding: $0.id, as: UTF8.self) }
        }
        #expect(try ids(folder["b"]) == [folder["b/x/p.rego"]])
        options.isBundle = true
        let id = folder["b"] + folder["b/x/p.rego"]
        #expect(try ids(folder["b"]) == [id])
        #expect(try ids(folder["b/./"]) == [id])
        #expect(try ids(folder["b/x/../../b"]) == [id])
    }
}
