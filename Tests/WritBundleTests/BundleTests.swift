import Testing
import WritBundle

@Suite struct BundleTests {
    /// The files of a tar archive as name and text; checks sums and end on the way.
    private func files(_ tar: [UInt8]) throws -> [(String, String)] {
        var files: [(String, String)] = []
        var position = 0
        var longName: String?
        func text(_ from: Int, _ count: Int) -> String {
            String(decoding: tar[from..<from + count].prefix { $0 != 0 }, as: UTF8.self)
        }
        while position + 512 <= tar.count, tar[position] != 0 {
            let header = position
            var sum = 0
            for offset in 0..<512 { sum += (148..<156).contains(offset) ? 32 : Int(tar[header + offset]) }
            #expect(Int(text(header + 148, 6), radix: 8) == sum)
            #expect(text(header + 257, 6) == "ustar")
            #expect(text(header + 136, 11) == "00000000000")
            let size = try #require(Int(text(header + 124, 11), radix: 8))
            let content = String(decoding: tar[(header + 512)..<(header + 512 + size)], as: UTF8.self)
            position = header + 512 + (size + 511) / 512 * 512
            if tar[header + 156] == UInt8(ascii: "x") {
                let record = content.split(separator: " ", maxSplits: 1)
                #expect(Int(record[0]) == size)
                longName = String(record[1].dropFirst("path=".count).dropLast())
                continue
            }
            let prefix = text(header + 345, 155)
            let name = text(header, 100)
            files.append((longName ?? (prefix.isEmpty ? name : prefix + "/" + name), content))
            longName = nil
        }
        #expect(tar.count == position + 1024)
        return files
    }

    @Test(arguments: [1, 99, 100, 101, 180, 256, 257, 400])
    func namesOfAnyLength(_ length: Int) throws {
        // A slash each fifty letters, so that some can be split and some cannot.
        let name = String((0..<length).map { $0 % 50 == 0 ? "/" : "n" })
        var tar = TarWriter()
        try tar.add(Array(name.utf8), Array("text".utf8))
        try tar.add(Array(String(repeating: "x", count: length).utf8), [])
        let files = try files(tar.finish())
        #expect(files.map { $0.0 } == [name, String(repeating: "x", count: length)])
        #expect(files.map { $0.1 } == ["text", ""])
    }

    @Test(arguments: [0, 1, 511, 512, 513, 100_000])
    func contentOfAnySize(_ size: Int) throws {
        var tar = TarWriter()
        try tar.add(Array("a".utf8), [UInt8](repeating: 65, count: size))
        let files = try files(tar.finish())
        #expect(files.map { $0.1.utf8.count } == [size])
    }

    @Test func namesThatCannotBe() {
        for name in [[], [97, 0, 98]] as [[UInt8]] {
            var tar = TarWriter()
            #expect(throws: BundleFailure.self) { try tar.add(name, []) }
        }
    }

    @Test func sameContentSameBytes() throws {
        var bundle = BundleContents()
        bundle.modules = [("/a.rego", Array("package a\n".utf8))]
        bundle.plans = [("/plan.json", Array("{}".utf8))]
        let first = try bundle.archive()
        #expect(try bundle.archive() == first)
        // Of gzip, deflated, no flags and no time.
        #expect(first.prefix(8) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
        bundle.manifest.revision = "2"
        #expect(try bundle.archive() != first)
    }

    @Test func manifests() throws {
        let cases: [(String, String?)] = [
            ("{}", #"{"revision":"","roots":[""]}"#),
            (
                #"{"metadata": {"b": 1.0}, "roots": ["/a/b/", "c"], "revision": "<r>"}"#,
                #"{"revision":"\u003cr\u003e","roots":["a/b","c"],"metadata":{"b":1.0}}"#
            ), (#"{"rego_version": 0}"#, #"{"revision":"","roots":[""],"rego_version":0}"#),
            (
                #"{"file_rego_versions": {"/b/*": 0, "/a.rego": 1}, "wasm": [{"module": "/policy.wasm"}]}"#,
                #"{"revision":"","roots":[""],"wasm":[{"module":"/policy.wasm"}],"file_rego_versions":{"/a.rego":1,"/b/*":0}}"#
            ), (#"{"revision": 1}"#, nil), (#"{"metadata": []}"#, nil), (#"{"file_rego_versions": {"[": 1}}"#, nil),
            (#"{"rego_version": 2}"#, nil), ("[]", nil), ("{", nil), (#"{"roots": [1]}"#, nil),
        ]
        for (text, wanted) in cases {
            if let wanted {
                let manifest = try Manifest(reading: Array(text.utf8))
                #expect(String(decoding: try manifest.json(), as: UTF8.self) == wanted + "\n")
            } else {
                #expect(throws: BundleFailure.self) { try Manifest(reading: Array(text.utf8)) }
            }
        }
    }
}
