import Writ

/// A bundle's `.manifest`: what it is and which documents it owns.
public struct Manifest: Sendable {
    public var revision = ""
    /// Paths below `data` that the bundle owns; one empty path for all.
    public var roots = [""]
    /// 1 for Rego of OPA 1.0 and later, 0 for that before.
    public var regoVersion = 1
    /// `metadata` as JSON text, kept as it was given but for white space.
    public var metadata: [UInt8]?

    public init() {}

    /// Reads a manifest. Throws for what is no manifest.
    public init(reading json: [UInt8]) throws(BundleFailure) {
        let space = Space.create()
        defer { space.destroy() }
        let root: Value
        do throws(JSONError) { root = try space.readJSON(json) } catch {
            throw BundleFailure("manifest: " + String(decoding: error.message, as: UTF8.self))
        }
        guard root.isObject else { throw BundleFailure("manifest: must be an object") }
        let revision = Self.member(root, "revision", space)
        if revision.isString { self.revision = String(decoding: space.bytes(revision), as: UTF8.self) }
        let roots = Self.member(root, "roots", space)
        if roots.isArray {
            let list = space.elements(roots)
            self.roots = []
            for index in 0..<list.count {
                guard list[index].isString else { throw BundleFailure("manifest: roots must be strings") }
                self.roots.append(Self.trimmed(String(decoding: space.bytes(list[index]), as: UTF8.self)))
            }
        }
        let version = Self.member(root, "rego_version", space)
        if let number = space.int64(version) {
            guard number == 0 || number == 1 else { throw BundleFailure("manifest: rego_version must be 0 or 1") }
            regoVersion = Int(number)
        }
        let metadata = Self.member(root, "metadata", space)
        if metadata.isObject { self.metadata = try Self.text(metadata, space) }
    }

    /// The manifest as OPA writes it, with a line feed at its end.
    public func json() throws(BundleFailure) -> [UInt8] {
        let space = Space.create()
        defer { space.destroy() }
        do throws(Fault) {
            var text = Array("{\"revision\":".utf8)
            text += try space.json(space.string(Array(revision.utf8)))
            text += Array(",\"roots\":[".utf8)
            for (index, root) in roots.enumerated() {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                text += try space.json(space.string(Array(root.utf8)))
            }
            text += Array("],\"rego_version\":\(regoVersion)".utf8)
            if let metadata { text += Array(",\"metadata\":".utf8) + metadata }
            return text + Array("}\n".utf8)
        } catch {
            throw BundleFailure("manifest: too large")
        }
    }

    private static func member(_ object: Value, _ key: StaticString, _ space: Space) -> Value {
        guard let key = try? space.string(key) else { return .undefined }
        return space.member(object, key)
    }

    private static func text(_ value: Value, _ space: Space) throws(BundleFailure) -> [UInt8] {
        do throws(Fault) { return try space.json(value) } catch { throw BundleFailure("manifest: too large") }
    }

    private static func trimmed(_ root: String) -> String {
        var root = root[...]
        while root.hasPrefix("/") { root = root.dropFirst() }
        while root.hasSuffix("/") { root = root.dropLast() }
        return String(root)
    }
}
