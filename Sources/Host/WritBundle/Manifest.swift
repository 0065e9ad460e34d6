import Writ

/// A bundle's `.manifest`: what it is and which documents it owns.
public struct Manifest: Sendable {
    public var revision = ""
    /// Paths below `data` that the bundle owns; one empty path for all.
    public var roots = [""]
    /// 1 for Rego of OPA 1.0 and later, 0 for that before; nil where the manifest does not say.
    public var regoVersion: Int?
    /// Versions of single files, by globs over their paths below the bundle, which begin with a slash; sorted.
    public var fileRegoVersions: [(pattern: String, version: Int)] = []
    /// `metadata` as JSON text, kept as it was given but for white space.
    public var metadata: [UInt8]?
    /// `wasm`, the entrypoints of modules of WebAssembly, as JSON text. They are kept, not run.
    public var wasmResolvers: [UInt8]?

    public init() {}

    /// Reads a manifest. Throws for what is no manifest; members that it does not know are passed over, as in OPA.
    public init(reading json: [UInt8]) throws(BundleFailure) {
        let space = Space.create(memoryLimit: 1 << 30)
        defer { space.destroy() }
        let root: Value
        do throws(JSONError) { root = try space.readJSON(json) } catch {
            throw Self.failure(String(decoding: error.message, as: UTF8.self))
        }
        guard root.isObject else { throw Self.mistyped(root, "", "bundle.Manifest") }
        let revision = Self.member(root, "revision", space)
        if revision.isString {
            self.revision = String(decoding: space.bytes(revision), as: UTF8.self)
        } else if revision.isDefined, !revision.isNull {
            throw Self.mistyped(revision, "revision", "string")
        }
        let roots = Self.member(root, "roots", space)
        if roots.isArray {
            let list = space.elements(roots)
            self.roots = []
            for index in 0..<list.count {
                guard list[index].isString else { throw Self.mistyped(list[index], "roots", "string") }
                self.roots.append(Self.trimmed(String(decoding: space.bytes(list[index]), as: UTF8.self)))
            }
        } else if roots.isDefined, !roots.isNull {
            throw Self.mistyped(roots, "roots", "[]string")
        }
        regoVersion = try Self.version(Self.member(root, "rego_version", space), "rego_version", space)
        let files = Self.member(root, "file_rego_versions", space)
        if files.isObject {
            let entries = space.entries(files)
            for index in 0..<entries.count {
                let pattern = String(decoding: space.bytes(entries.keys[index]), as: UTF8.self)
                guard let version = try Self.version(entries.values[index], "file_rego_versions", space) else {
                    continue
                }
                guard NamePattern.glob(pattern, matches: "") != nil else {
                    throw BundleFailure(
                        "failed to compile glob pattern \(pattern)", code: .manifest, member: ".manifest")
                }
                fileRegoVersions.append((pattern, version))
            }
        } else if files.isDefined, !files.isNull {
            throw Self.mistyped(files, "file_rego_versions", "map[string]int")
        }
        let metadata = Self.member(root, "metadata", space)
        if metadata.isObject {
            self.metadata = try Self.text(metadata, space)
        } else if metadata.isDefined, !metadata.isNull {
            throw Self.mistyped(metadata, "metadata", "map[string]interface {}")
        }
        let wasm = Self.member(root, "wasm", space)
        if wasm.isArray, space.elements(wasm).count > 0 {
            wasmResolvers = try Self.text(wasm, space)
        } else if wasm.isDefined, !wasm.isNull, !wasm.isArray {
            throw Self.mistyped(wasm, "wasm", "[]bundle.WasmResolver")
        }
    }

    /// The version of a file by its path below the bundle, which begins with a slash; nil where nothing says it.
    public func regoVersion(of path: String) -> Int? {
        for entry in fileRegoVersions where NamePattern.glob(entry.pattern, matches: path) == true {
            return entry.version
        }
        return regoVersion
    }

    /// Whether it says nothing but what a missing manifest says.
    public var isEmpty: Bool {
        revision.isEmpty && roots == [""] && regoVersion == nil && fileRegoVersions.isEmpty && metadata == nil
            && wasmResolvers == nil
    }

    /// The manifest as OPA writes it, with a line feed at its end.
    public func json() throws(BundleFailure) -> [UInt8] {
        var text = ByteBuffer()
        text.append("{\"revision\":")
        text.appendJSONString(revision)
        text.append(",\"roots\":[")
        for (index, root) in roots.enumerated() {
            if index > 0 { text.append(",") }
            text.appendJSONString(root)
        }
        text.append("]")
        if let wasmResolvers {
            text.append(",\"wasm\":")
            text.append(wasmResolvers)
        }
        if let regoVersion {
            text.append(",\"rego_version\":")
            text.appendDecimal(regoVersion)
        }
        if !fileRegoVersions.isEmpty {
            text.append(",\"file_rego_versions\":{")
            for (index, entry) in fileRegoVersions.enumerated() {
                if index > 0 { text.append(",") }
                text.appendJSONString(entry.pattern)
                text.append(":")
                text.appendDecimal(entry.version)
            }
            text.append("}")
        }
        if let metadata {
            text.append(",\"metadata\":")
            text.append(metadata)
        }
        text.append("}\n")
        return text.bytes
    }

    // MARK: Roots

    /// The steps of a root; none for the root of all.
    static func steps(_ root: String) -> [[UInt8]] {
        root.isEmpty ? [] : root.utf8.split(separator: 0x2F, omittingEmptySubsequences: false).map { Array($0) }
    }

    /// Whether one of two roots lies in the other.
    public static func overlap(_ a: String, _ b: String) -> Bool {
        let (one, two) = (steps(a), steps(b))
        return one.starts(with: two) || two.starts(with: one)
    }

    /// Whether a path below `data` lies in one of the roots.
    func owns(_ path: [[UInt8]]) -> Bool { roots.contains { path.starts(with: Self.steps($0)) } }

    /// The roots as Go prints them.
    var rootsText: String { "[" + roots.joined(separator: " ") + "]" }

    func checkRoots() throws(BundleFailure) {
        for (index, root) in roots.enumerated() {
            for other in roots[(index + 1)...] where Self.overlap(root, other) {
                throw BundleFailure(
                    "manifest has overlapped roots: '\(root)' and '\(other)'", code: .manifest, member: ".manifest")
            }
        }
    }

    // MARK: Reading

    private static func failure(_ reason: String) -> BundleFailure {
        BundleFailure("bundle load failed on manifest decode: \(reason)", code: .manifest, member: ".manifest")
    }

    private static func mistyped(_ value: Value, _ field: String, _ wanted: String) -> BundleFailure {
        let kind: String
        switch value.kind {
        case .boolean: kind = "bool"
        case .number: kind = "number"
        case .string: kind = "string"
        case .array: kind = "array"
        case .object: kind = "object"
        default: kind = "null"
        }
        let place = field.isEmpty ? "Go value" : "Go struct field Manifest.\(field)"
        return failure("json: cannot unmarshal \(kind) into \(place) of type \(wanted)")
    }

    private static func version(_ value: Value, _ field: String, _ space: Space) throws(BundleFailure) -> Int? {
        guard value.isDefined, !value.isNull else { return nil }
        guard let number = space.int64(value) else { throw mistyped(value, field, "int") }
        guard number == 0 || number == 1 else {
            throw BundleFailure("unknown bundle rego-version \(number)", code: .manifest, member: ".manifest")
        }
        return Int(number)
    }

    private static func member(_ object: Value, _ key: StaticString, _ space: Space) -> Value {
        guard let key = try? space.string(key) else { return .undefined }
        return space.member(object, key)
    }

    private static func text(_ value: Value, _ space: Space) throws(BundleFailure) -> [UInt8] {
        do throws(Fault) { return try space.json(value) } catch { throw failure("too large") }
    }

    private static func trimmed(_ root: String) -> String {
        var root = root[...]
        while root.hasPrefix("/") { root = root.dropFirst() }
        while root.hasSuffix("/") { root = root.dropLast() }
        return String(root)
    }
}
