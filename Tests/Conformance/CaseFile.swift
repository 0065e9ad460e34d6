import Writ

/// One file of cases, read with Writ's own JSON reader so that numbers keep their spelling.
struct CaseFile {
    let space: Space
    private let document: Value
    private let cases: Value

    init(_ text: [UInt8]) {
        space = Space.create(memoryLimit: 4 << 30)
        document = (try? space.readJSON(text)) ?? .undefined
        cases = (try? space.member(document, space.string("cases"))) ?? .undefined
    }

    func close() { space.destroy() }

    var count: Int { cases.isArray ? cases.count : 0 }

    /// The objects of another list of the file.
    func entries(_ key: StaticString) -> [TestCase] {
        guard let name = try? space.string(key) else { return [] }
        let list = space.elements(space.member(document, name))
        return (0..<list.count).compactMap { TestCase(list[$0], file: document, in: space) }
    }

    /// The strings of a list of the file.
    func texts(_ key: StaticString) -> [String] {
        TestCase(document, file: document, in: space)?.texts(key) ?? []
    }

    func testCase(_ index: Int) -> TestCase? {
        TestCase(space.element(cases, index), file: document, in: space)
    }
}

/// How a case went.
enum Judgement {
    case passed
    case unsupported(String)
    case wrong(String)
    case skipped
}

/// One evaluation case; see the data's README for its fields.
struct TestCase {
    let space: Space
    let value: Value
    let id: String
    let version: RegoVersion

    init?(_ value: Value, file: Value, in space: Space) {
        self.space = space
        self.value = value
        guard value.isObject else { return nil }
        id = Self.text(value, "id", space) ?? "?"
        version = Self.text(file, "rego_version", space) == "v0" ? .v0 : .v1
    }

    static func text(_ object: Value, _ key: StaticString, _ space: Space) -> String? {
        guard let key = try? space.string(key) else { return nil }
        let value = space.member(object, key)
        return value.isString ? String(decoding: space.bytes(value), as: UTF8.self) : nil
    }

    func member(_ key: StaticString) -> Value {
        guard let key = try? space.string(key) else { return .undefined }
        return space.member(value, key)
    }

    func text(_ key: StaticString) -> String? { Self.text(value, key, space) }

    func texts(_ key: StaticString) -> [String] {
        let list = space.elements(member(key))
        return (0..<list.count).map { String(decoding: space.bytes(list[$0]), as: UTF8.self) }
    }

    var tags: [String] { texts("tags") }
}
