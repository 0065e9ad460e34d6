import Foundation
import RegoSyntax
import Testing

/// Holds for every module: the same policy, the same comments, and a second pass changes nothing.
@Suite struct FormattingPropertyTests {
    /// Comments and line breaks thrown into the cases of the table, wherever the text still parses.
    @Test(arguments: 1...8)
    func commentsAnywhere(_ seed: Int) {
        var random = Generator(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
        for layout in LayoutCase.all {
            for _ in 0..<6 {
                let text = scattered(Array(layout.source.utf8), &random)
                guard let result = LaidOut(text, layout.version, to: layout.target) else { continue }
                #expect(result.faults == [], "\(String(decoding: text, as: UTF8.self))")
            }
        }
    }

    /// The modules of the shared conformance data, where they are there.
    @Test(.enabled(if: SharedModules.isPresent, "no modules below WRIT_CONFORMANCE"))
    func sharedModules() throws {
        var random = Generator(state: 0x2545_F491_4F6C_DD1D)
        var count = 0
        for module in try SharedModules.all() {
            for target in module.version == .v0 ? [RegoVersion.v0, .v0v1] : [.v1] {
                guard let result = LaidOut(module.text, module.version, to: target) else { continue }
                // A name that v1 reserves is refused before the layout.
                if target == .v0v1, result.result.errors.contains("keyword cannot be used for rule name") { continue }
                #expect(result.faults == [], "\(module.id)")
                count += 1
                guard module.text.count < 2000 else { continue }
                let text = scattered(module.text, &random)
                if let result = LaidOut(text, module.version, to: target) {
                    if target == .v0v1, !result.result.diagnostics.isEmpty { continue }
                    #expect(result.faults == [], "\(module.id): \(String(decoding: text, as: UTF8.self))")
                }
            }
        }
        #expect(count > 1000)
    }

    /// The text with comments, line breaks and blank lines behind some of its blanks and brackets.
    private func scattered(_ text: [UInt8], _ random: inout Generator) -> [UInt8] {
        var result: [UInt8] = []
        var quote: UInt8 = 0
        var isComment = false
        let rate = [4, 10, 30][random.below(3)]
        for byte in text {
            result.append(byte)
            if isComment {
                if byte == 0x0A { isComment = false }
            } else if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == 0x22 || byte == 0x60 {
                quote = byte
            } else if byte == 0x23 {
                isComment = true
            } else if " \n\t,[{(".utf8.contains(byte), random.below(rate) == 0 {
                switch random.below(4) {
                case 0: result.append(0x0A)
                case 1: result += Array("\n# c\(result.count)\n\n".utf8)
                default: result += Array("# c\(result.count)\n".utf8)
                }
            }
        }
        return result
    }
}

/// Numbers that are the same in every run.
struct Generator {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(max(bound, 1)))
    }
}

enum SharedModules {
    struct Module {
        var id: String
        var text: [UInt8]
        var version: RegoVersion
    }

    private static var folder: String? {
        ProcessInfo.processInfo.environment["WRIT_CONFORMANCE"].map { $0 + "/modules" }
    }

    static var isPresent: Bool { folder.map { FileManager.default.fileExists(atPath: $0) } ?? false }

    static func all() throws -> [Module] {
        guard let folder else { return [] }
        var modules: [Module] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where name != "index.json" {
            let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name))
            let file = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            for entry in try #require(file["modules"] as? [[String: Any]]) {
                modules.append(
                    Module(
                        id: try #require(entry["id"] as? String),
                        text: Array(try #require(entry["src"] as? String).utf8),
                        version: entry["rego_version"] as? String == "v0" ? .v0 : .v1))
            }
        }
        return modules
    }
}
