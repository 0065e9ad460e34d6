import Testing
import WritBundle

/// Archives that nobody honest makes: each is refused by an error of its kind that names the member.
@Suite struct HostileArchiveTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var members: [RawMemberText]
        var code: BundleFailure.Code
        var member: String?
        var text: String
    }

    /// `RawMember`'s arguments.
    struct RawMemberText: Sendable {
        var name: String
        var text = ""
        var kind: Character = "0"
        var size: Int?
        var link = ""
    }

    static let cases: [Case] = [
        Case(
            testDescription: "traversal", members: [.init(name: "../../escape.rego", text: "package a\n")], code: .name,
            member: "../../escape.rego", text: "leads out of the bundle"),
        Case(
            testDescription: "traversal inside", members: [.init(name: "a/../../b.rego")], code: .name,
            member: "a/../../b.rego", text: "leads out of the bundle"),
        Case(
            testDescription: "traversal of a folder", members: [.init(name: "../a/", kind: "5")], code: .name,
            member: "../a/", text: "leads out of the bundle"),
        Case(
            testDescription: "absolute", members: [.init(name: "//etc/passwd")], code: .name, member: "//etc/passwd",
            text: "an absolute path"),
        Case(
            testDescription: "backslash", members: [.init(name: "a\\..\\b.rego")], code: .name,
            member: "a\\..\\b.rego", text: "not a usable name"),
        Case(
            testDescription: "line feed", members: [.init(name: "a\nb.rego")], code: .name, member: "a\nb.rego",
            text: "not a usable name"),
        Case(
            testDescription: "no name", members: [.init(name: "")], code: .name, member: "", text: "not a usable name"),
        Case(
            testDescription: "only dots", members: [.init(name: "./.")], code: .name, member: "./.",
            text: "not a usable name"),
        Case(
            testDescription: "symbolic link", members: [.init(name: "data.json", kind: "2", link: "/etc/passwd")],
            code: .kind, member: "data.json", text: "a symbolic link"),
        Case(
            testDescription: "hard link", members: [.init(name: "data.json", kind: "1", link: "x")], code: .kind,
            member: "data.json", text: "a hard link"),
        Case(
            testDescription: "device", members: [.init(name: "tty", kind: "3")], code: .kind, member: "tty",
            text: "a device"),
        Case(testDescription: "pipe", members: [.init(name: "p", kind: "6")], code: .kind, member: "p", text: "a pipe"),
        Case(
            testDescription: "sparse", members: [.init(name: "s", kind: "S")], code: .kind, member: "s",
            text: "a sparse file"),
        Case(
            testDescription: "duplicate",
            members: [.init(name: "data.json", text: "{}"), .init(name: "/data.json", text: "{}")],
            code: .duplicate, member: "/data.json", text: "two members of this name"),
        Case(
            testDescription: "duplicate by dots",
            members: [.init(name: "a/x.rego", text: "package a"), .init(name: "./a//x.rego", text: "package a")],
            code: .duplicate, member: "./a//x.rego", text: "two members of this name"),
        Case(
            testDescription: "more announced than there is",
            members: [.init(name: "data.json", text: "{}", size: 4096)],
            code: .truncated, member: "data.json", text: "unexpected EOF"),
        Case(
            testDescription: "larger than allowed", members: [.init(name: "data.json", size: 1 << 31)], code: .limit,
            member: "data.json", text: "size_limit_bytes"),
        Case(
            testDescription: "a record that is none", members: [.init(name: "x", text: "8 path=a\n", kind: "x")],
            code: .archive, member: nil, text: "extended header"),
        Case(
            testDescription: "a path in a record",
            members: [
                .init(name: "x", text: "17 path=../a.rego\n".replacing17, kind: "x"), .init(name: "ok.rego"),
            ], code: .name, member: "../a.rego", text: "leads out of the bundle"),
    ]

    @Test(arguments: cases)
    func refusals(_ test: Case) throws {
        let members = test.members.map {
            RawMember($0.name, $0.text, kind: $0.kind, size: $0.size, link: $0.link)
        }
        let failure = try #require(Archives.failure(Archives.archive(members)))
        #expect(failure.code == test.code)
        #expect(failure.member == test.member)
        #expect(failure.message.contains(test.text), "\(failure.message)")
    }

    @Test func ends() throws {
        let archive = try Archives.archive([("data.json", "{\"a\": 1}"), ("x.rego", "package x\n")])
        // Wherever it is cut, it is refused, and never with a trap.
        for count in 0..<archive.count {
            let failure = try #require(Archives.failure(Array(archive.prefix(count))))
            #expect([.truncated, .archive].contains(failure.code), "\(count): \(failure.message)")
        }
        #expect(Archives.failure(archive) == nil)
        #expect(Archives.failure(archive + [0, 0, 0]) == nil)
        #expect(Archives.failure(archive + [1, 2, 3])?.code == .archive)
        // Without an end mark it is still whole.
        #expect(Archives.failure(try Archives.archive([RawMember("data.json", "{}")], isEnded: false)) == nil)
    }

    @Test func everyBitCounts() throws {
        let archive = try Archives.archive([("data.json", "{\"a\": \"text that is checked\"}")])
        var isChanged = 0
        for index in archive.indices {
            for bit in 0..<8 {
                var damaged = archive
                damaged[index] ^= 1 << bit
                // Flags and times in the head may differ; what is inside may not.
                if Archives.failure(damaged) == nil { isChanged += 1 }
            }
        }
        #expect(isChanged < 8 * 12)
    }

    @Test func bombs() throws {
        var limits = BundleLimits()
        limits.ratioFloor = 1 << 20
        let zeros = String(repeating: " ", count: 8 << 20)
        let archive = try Archives.archive([("data.json", "{}" + zeros)])
        let failure = try #require(Archives.failure(archive) { $0.limits = limits })
        #expect(failure.code == .limit)
        #expect(failure.message.contains("250 times its size"))
        limits = BundleLimits()
        limits.totalSize = 1 << 20
        #expect(Archives.failure(archive) { $0.limits = limits }?.code == .limit)
        limits = BundleLimits()
        limits.fileSize = 1 << 20
        #expect(Archives.failure(archive) { $0.limits = limits }?.member == "data.json")
        #expect(Archives.failure(archive) == nil)
    }

    @Test func numbersAndDepth() throws {
        var limits = BundleLimits()
        limits.memberCount = 3
        let many = try Archives.archive((0..<4).map { ("f\($0)", "") })
        #expect(Archives.failure(many) { $0.limits = limits }?.code == .limit)
        let deep = try Archives.archive([(String(repeating: "a/", count: 40) + "data.json", "{}")])
        limits = BundleLimits()
        limits.depth = 20
        #expect(Archives.failure(deep) { $0.limits = limits }?.code == .limit)
        #expect(Archives.failure(deep) == nil)
    }

    @Test func notAnArchive() {
        #expect(Archives.failure([])?.code == .truncated)
        #expect(Archives.failure(Array("package a\n".utf8))?.message.contains("gzip: invalid header") == true)
        #expect(Archives.failure((try? Gzip.compress(Array(repeating: 7, count: 600))) ?? [])?.code == .archive)
    }
}

extension String {
    /// A record of an extended header with its length in front corrected.
    fileprivate var replacing17: String {
        let rest = String(drop { $0 != " " })
        var length = rest.utf8.count + 2
        if String(length).count != 2 { length = rest.utf8.count + String(length).count }
        return "\(length)" + rest
    }
}
