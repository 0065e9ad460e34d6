import Testing
import Writ
import WritBundle

/// Bundles are signed here and held against their signatures, whole and changed.
@Suite struct SignatureTests {
    private static let secret = Array("correct-horse".utf8)

    private func signed(_ signing: BundleSigning) throws -> BundleContents {
        var contents = BundleContents()
        contents.manifest.revision = "r1"
        contents.data = Array(#"{"b":"<&>","a":{"n":1.50}}"#.utf8)
        contents.modules = [("/x.rego", Array("package x\n\np := 1\n".utf8))]
        try contents.sign(signing)
        return contents
    }

    private func failure(
        _ archive: [UInt8], id: String = "default", key: [UInt8] = secret, algorithm: String = "HS256",
        scope: String = "", excluded: [String] = [], keyID: String = ""
    ) -> BundleFailure? {
        Archives.failure(archive) {
            $0.verification = BundleVerification(
                keys: [.init(id: id, key: key, algorithm: algorithm)], keyID: keyID, scope: scope, excluded: excluded)
        }
    }

    @Test func goodAndBad() throws {
        var contents = try signed(BundleSigning(key: Self.secret, algorithm: "HS256", keyID: "default"))
        #expect(failure(try contents.archive()) == nil)
        #expect(Archives.failure(try contents.archive())?.message == "verification key not provided")
        #expect(failure(try contents.archive(), key: [1])?.message.contains("invalid HMAC signature") == true)
        #expect(failure(try contents.archive(), id: "other")?.message.contains("ID default not found") == true)
        #expect(failure(try contents.archive(), scope: "write")?.code == .scope)
        // Documents count by what they say, not by how they are written.
        contents.data = Array(#"{ "a": {"n": 1.50}, "b": "\u003c&>" }"#.utf8)
        #expect(failure(try contents.archive()) == nil)
        contents.data = Array(#"{"a":{"n":1.5},"b":"<&>"}"#.utf8)
        #expect(failure(try contents.archive())?.code == .digest)
        #expect(failure(try contents.archive())?.member == "data.json")
        contents = try signed(BundleSigning(key: Self.secret, algorithm: "HS256", keyID: "default"))
        contents.modules.append(("/extra.rego", Array("package y\n".utf8)))
        #expect(failure(try contents.archive())?.message == "file extra.rego not included in bundle signature")
        #expect(failure(try contents.archive(), excluded: ["*.rego"]) == nil)
        contents.modules = []
        #expect(failure(try contents.archive())?.code == .missing)
        #expect(failure(try contents.archive())?.member == "x.rego")
        contents = try signed(BundleSigning(key: Self.secret, algorithm: "HS256", keyID: "default"))
        contents.manifest.revision = "r0"
        #expect(failure(try contents.archive())?.member == ".manifest")
        contents.signatures = nil
        #expect(failure(try contents.archive())?.message == "bundle missing .signatures.json file")
    }

    /// What is read of a large document is given back before the rest is: its digest and its values are the same.
    @Test func largeDocuments() throws {
        let entry = #"{"id":"x","tags":["a","b"],"limit":1.50},"#
        func data(_ last: String) -> [UInt8] {
            Array((#"{"list":["# + String(repeating: entry, count: 440_000) + last + "]}").utf8)
        }
        var contents = BundleContents()
        contents.data = data("1")
        #expect(contents.data.count > 17 << 20)
        try contents.sign(BundleSigning(key: Self.secret, algorithm: "HS256", keyID: "default"))
        #expect(failure(try contents.archive()) == nil)
        contents.data = data("2")
        #expect(failure(try contents.archive())?.code == .digest)
        contents.data = data("}")
        #expect(failure(try contents.archive())?.code == .content)
        contents.signatures = nil
        #expect(Archives.failure(try contents.archive())?.code == .content)
        contents.data = data("3")
        let loaded = try BundleReader(name: "test").read(archive: try contents.archive())
        let text = try loaded.data.builder.json()
        #expect(text.count == data("3").count && text.suffix(4) == data("3").suffix(4))
    }

    /// Documents are hashed part by part: whatever their shape, the digest is that of the whole canonical text.
    @Test(arguments: ["SHA-256", "SHA-384", "SHA-512", "SHA-1"])
    func shapesOfDocuments(_ algorithm: String) throws {
        let deep = #"{"e":{},"l":[],"n":[[],[{}],{"k":[1.50,"\u00e9<",null,[{"x":{"y":{"z":[true,{}]}}}]]}]}"#
        let many = (0..<3000).map { #""d\#($0)":{"id":\#($0),"list":[\#(deep),"\#($0)"]}"# }.joined(separator: ",")
        for data in [
            "{}", deep, "{\(many)}", #"{"l":[\#(Array(repeating: deep, count: 2000).joined(separator: ","))]}"#,
        ] {
            var contents = BundleContents()
            contents.data = Array(data.utf8)
            let canonical = try DataBuilder.canonicalJSON(of: contents.data)
            let hash = try #require(ContentHash(name: Array(algorithm.utf8)))
            let digest = canonical.withUnsafeBufferPointer { hash.digest($0) }
                .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let claims =
                #"{"files":[{"name":"data.json","hash":"\#(digest)","algorithm":"\#(algorithm)"}],"keyid":"default"}"#
            try contents.sign(BundleSigning(key: Self.secret, algorithm: "HS256", claims: Array(claims.utf8)))
            let archive = try contents.archive()
            #expect(failure(archive)?.message == nil)
            contents.data.insert(contentsOf: Array("\"new\":1\(data == "{}" ? "" : ",")".utf8), at: 1)
            #expect(failure(try contents.archive())?.code == .digest)
        }
    }

    @Test func severalKeys() throws {
        let contents = try signed(BundleSigning(key: Self.secret, algorithm: "HS256", keyID: "k"))
        let archive = try contents.archive()
        func isGood(_ keys: [BundleVerification.Key], _ keyID: String = "") -> Bool {
            Archives.failure(archive) { $0.verification = BundleVerification(keys: keys, keyID: keyID) } == nil
        }
        let right = BundleVerification.Key(id: "k", key: Self.secret, algorithm: "HS256")
        let wrong = BundleVerification.Key(id: "k", key: [7], algorithm: "HS256")
        let other = BundleVerification.Key(id: "o", key: Self.secret, algorithm: "HS256")
        #expect(isGood([wrong, right]))
        #expect(isGood([right, wrong]))
        #expect(!isGood([wrong, other]))
        #expect(isGood([other], "o"))
        // The algorithm is the key's, whatever the token says.
        #expect(!isGood([.init(id: "k", key: Self.secret, algorithm: "HS512")]))
    }

    @Test func claims() throws {
        let claims = Array(#"{"scope": "write", "keyid": "prod", "iss": "ci", "iat": 1}"#.utf8)
        let contents = try signed(BundleSigning(key: Self.secret, algorithm: "HS256", claims: claims, keyID: "x"))
        let archive = try contents.archive()
        #expect(failure(archive, id: "prod", scope: "write") == nil)
        #expect(failure(archive, id: "prod")?.code == .scope)
        #expect(failure(archive, id: "x", scope: "write")?.message.contains("ID prod not found") == true)
        #expect(failure(archive, id: "x", scope: "write", keyID: "x") == nil)
    }

    @Test func hashes() throws {
        let digests: [(ContentHash, String)] = [
            (.md5, "900150983cd24fb0d6963f7d28e17f72"), (.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (.sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                .sha384,
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
            ),
            (
                .sha512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
                    + "454d4423643ce80e2a9ac94fa54ca49f"
            ), (.sha512With224, "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa"),
            (.sha512With256, "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"),
        ]
        #expect(digests.count == ContentHash.allCases.count)
        for (hash, wanted) in digests {
            let digest = Array("abc".utf8).withUnsafeBufferPointer { hash.digest($0) }
            #expect(digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == wanted)
        }
    }

    @Test(arguments: [
        (#"{"signatures": []}"#, ".signatures.json: missing JWT (expected exactly one)"),
        (
            #"{"signatures": ["a.b.c", "d.e.f"]}"#,
            ".signatures.json: multiple JWTs not supported (expected exactly one)"
        ),
        (#"{"signatures": ["abc"]}"#, "invalid compact serialization format: invalid number of segments"),
        (#"{"signatures": ["e30.e30.AA"]}"#, "verification key ID is empty"),
        (#"{"signatures": ["e30=.e30.AA"]}"#, "failed to base64 decode JWT headers: illegal base64 data"),
        (#"{"signatures": ["W10.e30.AA"]}"#, "failed to parse JWT headers: must be an object"),
        (#"{"signatures": ["e30.e30.AA"], "plugin": "hsm"}"#, "no verifier exists under id hsm"),
        (
            #"{"signatures": ["e30.e30.AA"], "files": []}"#,
            "bundle load failed on signatures decode: unknown field \"files\""
        ),
        (#"{"signatures": "x"}"#, "bundle load failed on signatures decode: signatures must be an array"),
        ("{", "bundle load failed on signatures decode: unexpected EOF"),
    ])
    func unreadableSignatures(_ text: String, _ wanted: String) throws {
        let archive = try Archives.archive([("data.json", "{}"), (".signatures.json", text)])
        let failure = try #require(self.failure(archive))
        #expect(failure.message == wanted)
        #expect(failure.member == ".signatures.json")
        #expect(failure.code == .signature)
    }

    /// Whatever is changed in a signed archive: it is refused, or it still says the same.
    @Test func changedArchives() throws {
        let contents = try signed(BundleSigning(key: Self.secret, algorithm: "HS256", keyID: "default"))
        var reader = BundleReader(name: "signed")
        reader.verification = BundleVerification(keys: [.init(id: "default", key: Self.secret, algorithm: "HS256")])
        func said(_ bundle: LoadedBundle) throws -> [[UInt8]] {
            try [bundle.data.builder.json(), bundle.manifest.json()]
                + bundle.modules.flatMap { [$0.file.name, $0.file.text] }
        }
        let whole = try said(reader.read(archive: contents.archive()))
        var tar = TarWriter()
        try tar.add(Array("/data.json".utf8), contents.data)
        for module in contents.modules { try tar.add(Array(module.path.utf8), module.text) }
        try tar.add(Array("/.signatures.json".utf8), try #require(contents.signatures).json())
        try tar.add(Array("/.manifest".utf8), contents.manifest.json())
        let bytes = tar.finish()
        var seed: UInt64 = 20_260
        func random(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((seed >> 33) % UInt64(bound))
        }
        var accepted = 0
        for _ in 0..<400 {
            var changed = bytes
            for _ in 0...random(3) {
                let place = random(changed.count)
                switch random(4) {
                case 0: changed.removeSubrange(place..<min(changed.count, place + 1 + random(600)))
                case 1: changed.insert(contentsOf: (0...random(40)).map { _ in UInt8(random(256)) }, at: place)
                default: changed[place] = UInt8(random(256))
                }
                if changed.isEmpty { changed = [0] }
            }
            guard let bundle = try? reader.read(archive: Gzip.compress(changed)) else { continue }
            accepted += 1
            #expect(try said(bundle) == whole)
        }
        #expect(accepted < 100)
    }
}
