import Synchronization
import Writ

/// One test: a rule whose name, or a step of its path, begins with `test_` (or `todo_test_`, which is skipped).
public struct TestRule: Sendable {
    public var file: String
    /// Where the rule begins.
    public var position: Position
    /// The package as a reference, such as `data.a.b_test`.
    public var package: String
    /// The rule's path below the package up to its name, such as `test_x`; a second rule of one name is `test_x#01`.
    public var name: String
    /// The path of its document below `data`.
    public var path: [[UInt8]]
    public var isSkipped: Bool
    /// Whether the rule's head goes on behind the name (`test_x[note]`): each entry is a case of its own.
    public var hasCases: Bool
    /// The package's path and how many of `path`'s steps it has.
    public var packageLength: Int

    public var fullName: String { package + "." + name }
}

/// Finds the tests of a compilation and gives those that share a name names of their own, as OPA does: all rules of
/// one name would be one document otherwise.
///
/// Hand `transform` to the compilation, then read `tests`. Each compilation finds them anew.
public final class TestCatalog: Sendable {
    private let found = Mutex<[TestRule]>([])

    public init() {}

    /// The tests in the order of files and of their rules.
    public var tests: [TestRule] { found.withLock { $0 } }

    /// What the compilation is to do with the parsed modules.
    public var transform: @Sendable (inout [Module], inout NameTable, SourceMap) -> Void {
        { [self] modules, names, sources in
            let tests = Self.visit(&modules, &names, sources)
            found.withLock { $0 = tests }
        }
    }

    private static func visit(
        _ modules: inout [Module], _ names: inout NameTable, _ sources: SourceMap
    ) -> [TestRule] {
        var tests: [TestRule] = []
        var counts: [[[UInt8]]: Int] = [:]
        for module in modules.indices {
            let package = texts(modules[module].package.path.parts, names)
            let shown = reference([Array("data".utf8)] + package)
            guard let file = sources.file(modules[module].source) else { continue }
            for rule in modules[module].rules.indices {
                let head = modules[module].rules[rule].head
                guard let (length, word) = place(of: head, names) else { continue }
                let isSkipped = word.starts(with: "todo_test_".utf8)
                var path = texts([head.reference.head] + head.reference.parts.prefix(length), names)
                let key = package + path
                let count = counts[key, default: 0]
                counts[key] = count + 1
                if count > 0, !isSkipped {
                    let renamed = word + Array((count < 10 ? "#0\(count)" : "#\(count)").utf8)
                    path[path.count - 1] = renamed
                    rename(&modules[module].rules[rule].head.reference, length, names.intern(renamed))
                }
                let span = modules[module].rules[rule].span
                tests.append(
                    TestRule(
                        file: String(decoding: file.name, as: UTF8.self), position: file.position(at: span.start),
                        package: shown, name: reference(path), path: package + path, isSkipped: isSkipped,
                        hasCases: head.kind == .partialObject && head.reference.parts.count > length,
                        packageLength: package.count))
            }
        }
        return tests
    }

    /// How many parts lie behind the head up to the step that makes the rule a test, and that step.
    private static func place(of head: Head, _ names: NameTable) -> (length: Int, word: [UInt8])? {
        guard let name = head.reference.headName else { return nil }
        let first = Array(names[name])
        if isTest(first) { return (0, first) }
        for (index, part) in head.reference.parts.enumerated() {
            guard case .string(let name) = part.kind else { return nil }
            let word = Array(names[name])
            if isTest(word) { return (index + 1, word) }
        }
        return nil
    }

    private static func isTest(_ word: [UInt8]) -> Bool {
        word.starts(with: "test_".utf8) || word.starts(with: "todo_test_".utf8)
    }

    private static func rename(_ reference: inout Ref, _ length: Int, _ name: Name) {
        if length == 0 {
            reference.head = Term(.variable(name), reference.head.span)
        } else if reference.parts.indices.contains(length - 1) {
            reference.parts[length - 1] = Term(.string(name), reference.parts[length - 1].span)
        }
    }

    private static func texts(_ terms: [Term], _ names: NameTable) -> [[UInt8]] {
        terms.compactMap { term in
            switch term.kind {
            case .string(let name), .variable(let name): Array(names[name])
            default: nil
            }
        }
    }

    /// A path as Rego writes it: `a.b["c-d"]`.
    static func reference(_ path: [[UInt8]]) -> String {
        var text = ""
        for (index, step) in path.enumerated() {
            if index == 0 {
                text += String(decoding: step, as: UTF8.self)
            } else if isWord(step) {
                text += "." + String(decoding: step, as: UTF8.self)
            } else {
                var quoted = ByteBuffer()
                quoted.appendJSONString(step)
                text += "[" + String(decoding: quoted.bytes, as: UTF8.self) + "]"
            }
        }
        return text
    }

    private static func isWord(_ text: [UInt8]) -> Bool {
        guard let first = text.first, !(first >= 0x30 && first <= 0x39) else { return false }
        return text.allSatisfy { byte in
            byte == 0x5F || byte >= 0x30 && byte <= 0x39 || byte >= 0x41 && byte <= 0x5A || byte >= 0x61 && byte <= 0x7A
        }
    }
}
