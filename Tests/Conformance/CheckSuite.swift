import Foundation
import Writ

/// `opa check` and `opa check --strict`: which errors modules have, with code, place and text.
final class CheckSuite {
    private let root: String
    /// The sources that cases refer to, by id.
    private lazy var modules = CheckSuite.readModules(root)
    /// What OPA 1.20 answers where the data has an older answer, by id.
    private lazy var overrides = CheckSuite.readOverrides(root)

    init(root: String) { self.root = root }

    struct Module {
        var text: String
        var version: RegoVersion
    }

    /// One error as far as it is compared.
    struct Found: Hashable, CustomStringConvertible {
        var code: String
        var message: String
        var file: String?
        var row: Int?
        var column: Int?

        var description: String { "\(file ?? ""):\(row ?? -1):\(column ?? -1): \(code): \(message)" }

        /// Whether this may be `other`; what this does not say is not compared.
        func matches(_ other: Found) -> Bool {
            code == other.code && message == other.message && (file ?? other.file) == other.file
                && (row ?? other.row) == other.row && (column ?? other.column) == other.column
        }
    }

    // MARK: Cases

    /// The cases of one file: those with errors, and the modules that have none.
    func cases(_ file: CaseFile) -> [(id: String, judge: () -> Judgement)] {
        var cases: [(id: String, judge: () -> Judgement)] = []
        for index in 0..<file.count {
            guard let testCase = file.testCase(index) else { continue }
            cases.append((testCase.id + Self.suffix(testCase), { self.judge(testCase) }))
        }
        for id in file.texts("clean") { cases.append((id + " clean", { self.judgeClean(id) })) }
        return cases
    }

    private static func suffix(_ testCase: TestCase) -> String {
        testCase.text("rego_version").map { " " + $0 } ?? ""
    }

    private func judge(_ testCase: TestCase) -> Judgement {
        let isOld = testCase.text("rego_version") == "v0"
        var files: [PolicyFile] = []
        for (index, text) in testCase.texts("modules").enumerated() {
            files.append(
                PolicyFile(name: "test-\(index).rego", text: Array(text.utf8), version: isOld ? .v0 : .v1))
        }
        if files.isEmpty {
            guard let module = modules[testCase.id] else { return .skipped }
            files.append(
                PolicyFile(name: "test.rego", text: Array(module.text.utf8), version: isOld ? .v0 : module.version))
        }
        let override = overrides[testCase.id]
        let want = override ?? Self.errors(testCase.member("want"), testCase.space)
        if let why = Self.compare(files, strict: false, want) { return .wrong(why) }
        // What 1.20 answers with `--strict` is not known where it answers differently without.
        guard override == nil, testCase.member("want_strict").isDefined else { return .passed }
        let same = testCase.text("want_strict") == "same"
        let strict = same ? want : Self.errors(testCase.member("want_strict"), testCase.space)
        if let why = Self.compare(files, strict: true, strict) { return .wrong("--strict: " + why) }
        return .passed
    }

    private func judgeClean(_ id: String) -> Judgement {
        guard let module = modules[id] else { return .skipped }
        let files = [PolicyFile(name: "test.rego", text: Array(module.text.utf8), version: module.version)]
        if let why = Self.compare(files, strict: false, []) ?? Self.compare(files, strict: true, []) {
            return .wrong(why)
        }
        return .passed
    }

    // MARK: Compiling

    /// How the errors differ from the wanted ones; nil if they do not.
    private static func compare(_ files: [PolicyFile], strict: Bool, _ want: [Found]) -> String? {
        var options = CompileOptions()
        options.isStrict = strict
        options.readYAML = TestCase.readYAML
        var found: [Found] = []
        do throws(CompileFailure) { _ = try Policy.check(files, options: options) } catch {
            found = error.diagnostics.map { diagnostic in
                let place = diagnostic.position(in: error.sources)
                return Found(
                    code: String(describing: diagnostic.code.text), message: diagnostic.message,
                    file: diagnostic.fileName(in: error.sources).map { String(decoding: $0, as: UTF8.self) },
                    row: place?.row, column: place?.column)
            }
        }
        var rest = found
        for wanted in want {
            guard let index = rest.firstIndex(where: { wanted.matches($0) }) else {
                return "want \(wanted); got \(found)"
            }
            rest.remove(at: index)
        }
        return rest.isEmpty ? nil : "also got \(rest)"
    }

    // MARK: Reading

    private static func errors(_ list: Value, _ space: Space) -> [Found] {
        let elements = space.elements(list)
        return (0..<elements.count).map { index in
            let error = elements[index]
            return Found(
                code: TestCase.text(error, "code", space) ?? "", message: TestCase.text(error, "message", space) ?? "",
                file: TestCase.text(error, "file", space), row: number(error, "row", space),
                column: number(error, "col", space))
        }
    }

    private static func number(_ object: Value, _ key: StaticString, _ space: Space) -> Int? {
        guard let key = try? space.string(key) else { return nil }
        let value = space.member(object, key)
        return value.isNumber ? space.int64(value).map { Int($0) } : nil
    }

    static func readModules(_ root: String) -> [String: Module] {
        var modules: [String: Module] = [:]
        let folder = root + "/modules"
        for name in ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        where name.hasSuffix(".json") && name != "index.json" {
            guard let text = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
            let file = CaseFile(Array(text))
            defer { file.close() }
            for entry in file.entries("modules") {
                guard let id = entry.text("id"), let source = entry.text("src") else { continue }
                let isOld = entry.text("rego_version") == "v0"
                modules[id] = Module(text: source, version: isOld ? .v0 : .v1)
            }
        }
        return modules
    }

    private static func readOverrides(_ root: String) -> [String: [Found]] {
        guard let text = FileManager.default.contents(atPath: root + "/rego-1.20/check-overrides.json") else {
            return [:]
        }
        let file = CaseFile(Array(text))
        defer { file.close() }
        var overrides: [String: [Found]] = [:]
        for entry in file.entries("cases") { overrides[entry.id] = errors(entry.member("want"), entry.space) }
        return overrides
    }
}
