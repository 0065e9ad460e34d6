import Testing
import Writ
import WritBundle

@Suite struct BundleReaderTests {
    private func read(_ files: [(String, String)]) throws -> LoadedBundle {
        try BundleReader(name: "b.tar.gz").read(archive: Archives.archive(files))
    }

    @Test func everythingInABundle() throws {
        let bundle = try read([
            ("./.manifest", #"{"revision": "r1", "roots": ["a", "b"], "metadata": {"x": 1.0}, "rego_version": 1}"#),
            ("/a/x.rego", "# hello\npackage a.x\n\np := 1\n"), ("b/data.json", #"{"k": 1e2}"#),
            ("b/c/data.yaml", "l:\n- yes\n"), ("b/notes.txt", "ignored"), ("/policy.wasm", "\0asm"),
            ("/plan.json", "{}"),
        ])
        #expect(bundle.manifest.revision == "r1")
        #expect(bundle.manifest.roots == ["a", "b"])
        #expect(bundle.modules.map { String(decoding: $0.file.name, as: UTF8.self) } == ["/a/x.rego"])
        #expect(bundle.modules.map(\.location) == ["b.tar.gz/a/x.rego"])
        #expect(String(decoding: try bundle.data.builder.json(), as: UTF8.self) == #"{"b":{"c":{"l":[true]},"k":1e2}}"#)
        #expect(bundle.wasm.map(\.path) == ["/policy.wasm"])
        #expect(bundle.plans.count == 1)
        #expect(!bundle.isVerified)
    }

    @Test func versionsOfModules() throws {
        let bundle = try read([
            (
                ".manifest",
                #"{"rego_version": 1, "file_rego_versions": {"/old/*.rego": 0, "/both/legacy.rego": 0}}"#
            ), ("old/a.rego", "package old\n\np { true }\n"), ("old/deep/b.rego", "package old\n\nq { true }\n"),
            ("both/legacy.rego", "package both\n\np { true }\n"), ("both/new.rego", "package both\n\nq if true\n"),
        ])
        #expect(bundle.modules.map(\.file.version) == [.v0, .v0, .v0, .v1])
    }

    @Test(arguments: [
        (
            [(".manifest", #"{"roots": ["a"]}"#), ("b/data.json", "{}"), ("c/data.json", "1")],
            "manifest roots [a] do not permit data at path '/b' (hint: check bundle directory structure)"
        ),
        (
            [(".manifest", #"{"roots": ["a/b"]}"#), ("x.rego", "package a\n\np := 1\n")],
            "manifest roots [a/b] do not permit 'package a' in module 'x.rego'"
        ),
        ([(".manifest", #"{"roots": ["a", "a/b"]}"#)], "manifest has overlapped roots: 'a' and 'a/b'"),
        (
            [(".manifest", #"{"revision": 1}"#)],
            "bundle load failed on manifest decode: json: cannot unmarshal number into Go struct field "
                + "Manifest.revision of type string"
        ),
        ([(".manifest", "{")], "bundle load failed on manifest decode: unexpected EOF"),
        ([("data.json", "[]")], "bundle load failed on data.json: root value must be object"),
        ([("a/data.json", "{")], "bundle load failed on a/data.json: unexpected EOF"),
        (
            [("a/data.json", #"{"b": 1}"#), ("data.json", #"{"a": {"b": 2}}"#)],
            "bundle load failed on data.json: failed to insert data file from path "
        ),
        (
            [("patch.json", #"{"data": [{"op": "move", "path": "/a"}]}"#)],
            "bundle load failed on patch decode: operation 0 (/a): bad patch operation: move"
        ),
        (
            [("patch.json", #"{"data": [{"op": "remove", "path": "/a"}, {"op": "upsert", "value": 1}]}"#)],
            "bundle load failed on patch decode: operation 1: path must be a string"
        ),
        (
            [("patch.json", #"{"data": [{"op": 7, "path": "/a"}]}"#)],
            "bundle load failed on patch decode: operation 0 (/a): op must be a string"
        ),
        (
            [("patch.json", #"{"data": [7]}"#)],
            "bundle load failed on patch decode: operation 0: must be an object"
        ),
        ([("patch.json", #"{"data": {}}"#)], "bundle load failed on patch decode: data must be an array"),
        ([("patch.json", "[]")], "bundle load failed on patch decode: must be an object"),
        ([("patch.json", "{")], "bundle load failed on patch decode: unexpected EOF"),
        (
            [("patch.json", #"{"data": [{"op": "remove", "path": "/"}]}"#)],
            "bundle load failed on patch decode: operation 0: the root of the data cannot be removed"
        ),
        (
            [("patch.json", #"{"data": [{"op": "upsert", "path": "", "value": []}]}"#)],
            "bundle load failed on patch decode: operation 0: the root of the data must be an object"
        ),
        (
            [("patch.json", #"{"data": [{"op": "remove", "path": "/a"}]}"#), ("data.json", "{}")],
            "delta bundle expected to contain only patch file but data files found"
        ),
        (
            [
                (".manifest", #"{"roots": ["b"]}"#),
                ("patch.json", #"{"data": [{"op": "remove", "path": "/a/x"}]}"#),
            ], "manifest roots [b] do not permit data patch at path 'a/x'"
        ),
    ])
    func refusals(_ files: [(String, String)], _ wanted: String) throws {
        let failure = try #require(Archives.failure(Archives.archive(files)))
        #expect(failure.message == wanted)
    }

    @Test func pathsOfChanges() throws {
        let delta = try read([
            (
                "patch.json",
                #"{"data": [{"op": "upsert", "path": "/a/b%2Fc/d~1e~0f/", "value": 1},"#
                    + #"{"op": "upsert", "path": "a/%zz/%C3%A9/%ff", "value": 2}, {"op": "upsert", "path": "/n"}]}"#
            )
        ])
        var data = DataBuilder()
        try delta.applyChanges(to: &data)
        #expect(
            String(decoding: try data.json(), as: UTF8.self)
                == #"{"a":{"%zz":{"é":{"%ff":2}},"b/c":{"d/e~f":1}},"n":null}"#)
        let unfit = try read([
            ("patch.json", #"{"data": [{"op": "upsert", "path": "/a", "value": 1}, {"op": "remove", "path": "/b"}]}"#)
        ])
        var other = DataBuilder()
        do throws(BundleFailure) {
            try unfit.applyChanges(to: &other)
            Issue.record("applied")
        } catch {
            #expect(error.code == .patch)
            #expect(error.message == "patch.json: operation 1: /b: document does not exist")
        }
        var limits = BundleLimits()
        limits.changeCount = 1
        let many = try Archives.archive([
            ("patch.json", #"{"data": [{"op": "remove", "path": "/a"}, {"op": "remove", "path": "/b"}]}"#)
        ])
        #expect(Archives.failure(many) { $0.limits = limits }?.code == .limit)
    }

    @Test func changes() throws {
        let snapshot = try read([("data.json", #"{"a": {"list": [1, 2, 3], "x": 1}, "gone": true}"#)])
        let delta = try read([
            (
                "patch.json",
                #"{"data": [{"op": "upsert", "path": "/a/new/deep", "value": {"y": 1}},"#
                    + #"{"op": "replace", "path": "a/list/1", "value": "two"}, {"op": "remove", "path": "/gone"},"#
                    + #"{"op": "upsert", "path": "/a/list/-", "value": 4}, {"op": "remove", "path": "/a/list/0"},"#
                    + #"{"op": "upsert", "path": "/a/with~1slash", "value": null}]}"#
            )
        ])
        for change in try #require(delta.changes) {
            try snapshot.data.builder.apply(change.change, at: change.path)
        }
        #expect(
            String(decoding: try snapshot.data.builder.json(), as: UTF8.self)
                == #"{"a":{"list":["two",3,4],"new":{"deep":{"y":1}},"with/slash":null,"x":1}}"#)
        for (change, path) in [
            (DataBuilder.Change.remove, ["nope"]), (.replace(Array("1".utf8)), ["a", "nope"]),
            (.remove, ["a", "list", "9"]), (.upsert(Array("1".utf8)), ["a", "x", "y"]), (.remove, []),
        ] {
            #expect(throws: DataFailure.self) {
                try snapshot.data.builder.apply(change, at: path.map { Array($0.utf8) })
            }
        }
    }

    /// What is written is read again as it was.
    @Test func roundTrip() throws {
        var contents = BundleContents()
        contents.manifest.revision = "7"
        contents.manifest.regoVersion = 1
        contents.data = Array(#"{"a":[1,2.50]}"#.utf8)
        contents.modules = [("/x/" + String(repeating: "long/", count: 60) + "y.rego", Array("package x\n".utf8))]
        let bundle = try BundleReader(name: "r").read(archive: contents.archive())
        #expect(bundle.manifest.revision == "7")
        #expect(bundle.modules.map(\.path) == contents.modules.map(\.path))
        #expect(try bundle.data.builder.json() == contents.data)
    }
}
