import RegoSyntax
import WritBuiltins
import WritValue

/// What an engine offers to policies: builtins, keywords and features of the language, hosts.
///
/// Compiling against the capabilities of an older engine finds what would not work there.
public struct Capabilities: Sendable {
    /// By number in `Registry.all`.
    private var hasBuiltin: [Bool]
    public internal(set) var futureKeywords: [[UInt8]]
    public internal(set) var features: [[UInt8]]
    /// Versions of the interface of policies compiled to WebAssembly.
    public internal(set) var wasmVersions: [(major: Int64, minor: Int64)]
    /// The hosts that may be reached; nil for all of them.
    public private(set) var allowNet: [[UInt8]]?
    /// Whether the JSON says which builtins depend on more than their operands, and which are deprecated.
    var marksNondeterministic = true
    var marksDeprecated = true

    /// What this version of Writ offers: all of OPA 1.20.
    public static let current = Capabilities(
        hasBuiltin: Array(repeating: true, count: Registry.all.count),
        futureKeywords: ["and", "not", "or"].map { Array($0.utf8) },
        features: ["keywords_in_refs", "rego_v1", "template_strings"].map { Array($0.utf8) },
        wasmVersions: [(1, 1), (1, 2)], allowNet: nil)

    private init(
        hasBuiltin: [Bool], futureKeywords: [[UInt8]], features: [[UInt8]],
        wasmVersions: [(major: Int64, minor: Int64)], allowNet: [[UInt8]]?
    ) {
        self.wasmVersions = wasmVersions
        self.hasBuiltin = hasBuiltin
        self.futureKeywords = futureKeywords
        self.features = features
        self.allowNet = allowNet
    }

    /// Those that hold these builtins (by their numbers in the registry), keywords and features alone.
    public init(builtins: Set<Int>, futureKeywords: [[UInt8]], features: [[UInt8]]) {
        self.init(
            hasBuiltin: Registry.all.indices.map { builtins.contains($0) }, futureKeywords: futureKeywords,
            features: features, wasmVersions: [], allowNet: nil)
    }

    /// Whether a builtin, by its number in the registry, is among them.
    public func contains(builtin number: Int) -> Bool { hasBuiltin.indices.contains(number) && hasBuiltin[number] }

    mutating func remove(builtin name: [UInt8]) {
        if let number = Registry.find(name) { hasBuiltin[number] = false }
    }

    /// What parsers are told of them.
    public var language: LanguageFeatures { LanguageFeatures(futureKeywords: futureKeywords, features: features) }

    // MARK: JSON

    /// Why a text is no capabilities.
    public struct ReadFailure: Error, Sendable {
        public let message: String
    }

    /// Reads OPA's JSON of capabilities. Builtins that Writ does not know are left out.
    public init(reading text: [UInt8]) throws(ReadFailure) {
        let space = Space.create(memoryLimit: 1 << 30)
        defer { space.destroy() }
        let document: Value
        do throws(JSONError) { document = try space.readJSON(text) } catch {
            throw ReadFailure(message: String(decoding: error.message, as: UTF8.self))
        }
        guard document.isObject else { throw ReadFailure(message: "capabilities must be an object") }
        self.init(
            hasBuiltin: Array(repeating: false, count: Registry.all.count), futureKeywords: [], features: [],
            wasmVersions: [], allowNet: nil)
        futureKeywords = space.texts(space.member(document, named: "future_keywords"))
        features = space.texts(space.member(document, named: "features"))
        let versions = space.member(document, named: "wasm_abi_versions")
        let list = space.elements(versions.isArray ? versions : .undefined)
        for index in 0..<(versions.isArray ? list.count : 0) {
            let major = space.int64(space.member(list[index], named: "version")) ?? 0
            wasmVersions.append((major, space.int64(space.member(list[index], named: "minor_version")) ?? 0))
        }
        let hosts = space.member(document, named: "allow_net")
        if hosts.isArray { allowNet = space.texts(hosts) }
        let builtins = space.member(document, named: "builtins")
        guard builtins.isArray else { return }
        let elements = space.elements(builtins)
        for index in 0..<elements.count where elements[index].isObject {
            let name = space.member(elements[index], named: "name")
            if name.isString, let number = Registry.find(space.bytes(name)) { hasBuiltin[number] = true }
        }
    }

    /// OPA's JSON, compact: what `capabilities --current` prints.
    public func json() -> [UInt8] {
        let numbers = Registry.all.indices.filter { hasBuiltin[$0] }.sorted { a, b in
            Self.bytes(Registry.all[a].name).lexicographicallyPrecedes(Self.bytes(Registry.all[b].name))
        }
        var types = StaticTypes(names: NameTable())
        var builtins = BuiltinTypes()
        let declarations = numbers.map { number in (number, builtins.declaration(number, &types)) }
        var json = TypeJSON(types: types)
        json.put("{\"builtins\":")
        json.list(declarations) { json, declaration in
            json.builtin(
                declaration.0, declaration.1, isMarked: marksNondeterministic, isDeprecationMarked: marksDeprecated)
        }
        // What is empty is left out, as in OPA.
        if !futureKeywords.isEmpty {
            json.put(",\"future_keywords\":")
            json.list(futureKeywords) { $0.string($1) }
        }
        if !wasmVersions.isEmpty {
            json.put(",\"wasm_abi_versions\":")
            json.list(wasmVersions) { json, version in
                json.put("{\"version\":")
                json.put(version.major)
                json.put(",\"minor_version\":")
                json.put(version.minor)
                json.put("}")
            }
        }
        if !features.isEmpty {
            json.put(",\"features\":")
            json.list(features) { $0.string($1) }
        }
        if let allowNet, !allowNet.isEmpty {
            json.put(",\"allow_net\":")
            json.list(allowNet) { $0.string($1) }
        }
        json.put("}")
        return json.bytes
    }

    static func bytes(_ text: StaticString) -> [UInt8] { text.withUTF8Buffer { Array($0) } }
}

extension TypeJSON {
    /// One builtin as capabilities list it.
    fileprivate mutating func builtin(
        _ number: Int, _ declaration: StaticType, isMarked: Bool, isDeprecationMarked: Bool
    ) {
        let builtin = Registry.all[number]
        put("{\"name\":")
        string(builtin.name)
        put(",\"decl\":")
        if case .function(let parameters, nil) = declaration, parameters.isEmpty {
            // `print`: the one builtin with any number of operands.
            put("{\"type\":\"function\",\"variadic\":{\"type\":\"any\"}}")
        } else {
            type(declaration)
        }
        if let infix = builtin.infix {
            put(",\"infix\":")
            string(infix)
        }
        if builtin.isRelation { put(",\"relation\":true") }
        if isMarked, !builtin.isDeterministic { put(",\"nondeterministic\":true") }
        if isDeprecationMarked, builtin.isDeprecated { put(",\"deprecated\":true") }
        put("}")
    }
}

extension Space {
    /// A member of an object by its name; undefined without one.
    func member(_ object: Value, named name: StaticString) -> Value {
        guard object.isObject, let key = try? string(name) else { return .undefined }
        return member(object, key)
    }

    /// The strings of an array.
    func texts(_ list: Value) -> [[UInt8]] {
        guard list.isArray else { return [] }
        let elements = elements(list)
        var texts: [[UInt8]] = []
        for index in 0..<elements.count where elements[index].isString { texts.append(bytes(elements[index])) }
        return texts
    }
}
