import Foundation
import Writ

/// Runs suites and counts.
final class Runner {
    let root: String
    let arguments: RunnerArguments
    private lazy var check = CheckSuite(root: root)
    private lazy var syntax = SyntaxSuite(root: root)
    private lazy var fmt = FmtSuite(root: root)
    private var passed: [String] = []
    private var wrong = 0
    private var unsupported = 0
    private var skipped = 0

    init(root: String, arguments: RunnerArguments) {
        self.root = root
        self.arguments = arguments
    }

    func run() -> Bool {
        for suite in arguments.suites { run(suite) }
        let held = ratchet()
        print("total: \(passed.count) passed, \(unsupported) unsupported, \(wrong) wrong, \(skipped) skipped")
        // What is not built yet and known differences are tolerated; a broken ratchet is what fails.
        print("\(passed.count) passed, \(held.count) failed, \(unsupported + wrong - held.count + skipped) skipped")
        return held.isEmpty
    }

    private func run(_ suite: String) {
        // Suite `roundtrip-v1` is `rego-v1` by way of OPA's IR.
        let isRoundTrip = suite.hasPrefix("roundtrip-")
        let folder = root + "/" + (isRoundTrip ? "rego-" + suite.dropFirst(10) : suite[...])
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var counts = (passed: 0, unsupported: 0, wrong: 0, skipped: 0)
        var perFile: [String: (passed: Int, all: Int)] = [:]
        var texts = (right: 0, all: 0)
        for name in files.sorted() where name.hasSuffix(".json") && name != "index.json" {
            guard let text = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
            let file = CaseFile(Array(text))
            defer { file.close() }
            for item in cases(of: suite, name, file) {
                let id = suite + "/" + item.id
                if let only = arguments.only, !id.contains(only) { continue }
                let category = String(name.dropLast(5))
                perFile[category, default: (0, 0)].all += 1
                if item.hasText { texts.all += 1 }
                switch item.judge() {
                case .passed:
                    counts.passed += 1
                    if item.hasText { texts.right += 1 }
                    perFile[category, default: (0, 0)].passed += 1
                    passed.append(id)
                case .unsupported(let what):
                    counts.unsupported += 1
                    if arguments.isVerbose { print("unsupported \(id): \(what)") }
                case .wrong(let why):
                    counts.wrong += 1
                    print("wrong \(id): \(why.prefix(400))")
                case .skipped: counts.skipped += 1
                }
            }
        }
        if arguments.isVerbose {
            for (name, count) in perFile.sorted(by: { $0.key < $1.key }) where count.passed < count.all {
                print("  \(suite)/\(name): \(count.passed) of \(count.all)")
            }
        }
        print(
            "\(suite): \(counts.passed) passed, \(counts.unsupported) unsupported, \(counts.wrong) wrong, "
                + "\(counts.skipped) skipped")
        if texts.all > 0 { print("\(suite): \(texts.right) of \(texts.all) error texts") }
        unsupported += counts.unsupported
        wrong += counts.wrong
        skipped += counts.skipped
    }

    /// The cases of one file of a suite, each with what judges it.
    private func cases(
        of suite: String, _ name: String, _ file: CaseFile
    ) -> [(id: String, hasText: Bool, judge: () -> Judgement)] {
        switch suite {
        case "check": return check.cases(file).map { ($0.id, false, $0.judge) }
        case "fmt": return fmt.cases(file).map { ($0.id, false, $0.judge) }
        case "rego-1.20" where name.hasPrefix("errors"): return check.cases(file).map { ($0.id, false, $0.judge) }
        case "rego-1.20" where name.hasPrefix("ast"), "parse":
            return syntax.cases(of: suite, file).map { ($0.id, false, $0.judge) }
        case "rego-1.20": return []
        default:
            let isRoundTrip = suite.hasPrefix("roundtrip-")
            return (0..<file.count).compactMap { file.testCase($0) }.map { testCase in
                let hasText = testCase.text("want_error").map { !$0.isEmpty } ?? false
                if isRoundTrip { return (testCase.id, hasText, { testCase.judgeRoundTrip() }) }
                return (testCase.id, hasText, { suite == "rego-ir" ? testCase.judgePlan() : testCase.judge() })
            }
        }
    }

    /// The cases of the ratchet that did not pass, after updating it if asked to.
    private func ratchet() -> [String] {
        guard let list = arguments.list else { return [] }
        if arguments.updates {
            // Suites that were not run keep theirs.
            let old = FileManager.default.contents(atPath: list).map { String(decoding: $0, as: UTF8.self) } ?? ""
            let others = old.split(separator: "\n").map { String($0) }.filter { id in
                !arguments.suites.contains(String(id.prefix { $0 != "/" }))
            }
            let text = (passed + others).sorted().joined(separator: "\n") + "\n"
            guard FileManager.default.createFile(atPath: list, contents: Data(text.utf8)) else {
                print("ratchet: cannot write \(list)")
                return [list]
            }
            return []
        }
        guard let contents = FileManager.default.contents(atPath: list) else {
            print("ratchet: cannot read \(list)")
            return [list]
        }
        let suites = Set(arguments.suites)
        let reached = Set(passed)
        let broken = String(decoding: contents, as: UTF8.self).split(separator: "\n").map { String($0) }.filter { id in
            suites.contains(String(id.prefix { $0 != "/" })) && !reached.contains(id)
                && (arguments.only.map { id.contains($0) } ?? true)
        }
        for id in broken { print("ratchet: \(id) no longer passes") }
        return broken
    }
}
