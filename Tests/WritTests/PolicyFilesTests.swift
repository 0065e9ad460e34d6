import Testing
import Writ

/// A policy tells the files that it was made of, so that somebody else can compile them again.
@Suite struct PolicyFilesTests {
    private static func file(_ name: String, _ text: String, _ version: RegoVersion) -> PolicyFile {
        PolicyFile(name: name, text: Array(text.utf8), version: version)
    }

    private static let old = file("old.rego", "package old\n\np[x] { x := 1 }\n", .v0)
    private static let new = file("new.rego", "package new\n\np contains x if { x := data.old.p[_] }\n", .v1)

    private static func text(_ files: [PolicyFile]) -> [String] {
        files.map { file in
            let name = String(decoding: file.name, as: UTF8.self)
            return "\(name) \(file.version) \(String(decoding: file.text, as: UTF8.self))"
        }
    }

    @Test func eachKeepsItsVersion() throws {
        let policy = try Policy.compile([Self.old, Self.new])
        #expect(Self.text(policy.files) == Self.text([Self.old, Self.new]))
        #expect(Self.text(try Policy.compile(policy.files).files) == Self.text([Self.old, Self.new]))
    }

    @Test func whatWasLeftOutIsGone() throws {
        var compiler = PolicyCompiler()
        _ = try compiler.compile([Self.old, Self.new])
        let changed = Self.file("new.rego", "package new\n\np := 1\n", .v1)
        let policy = try compiler.compile([changed])
        #expect(Self.text(policy.files) == Self.text([changed]))
    }
}
