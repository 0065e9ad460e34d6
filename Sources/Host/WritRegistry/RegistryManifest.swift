import Writ

/// The media types of what registries hold.
public enum MediaType {
    public static let manifest = "application/vnd.oci.image.manifest.v1+json"
    public static let index = "application/vnd.oci.image.index.v1+json"
    public static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
    public static let dockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json"
    public static let config = "application/vnd.oci.image.config.v1+json"
    /// A bundle's archive: the one that OPA takes.
    public static let bundle = "application/vnd.oci.image.layer.v1.tar+gzip"
    /// A policy image of `writ build -t image`; OPA does not take it.
    public static let policyImage = "application/vnd.writ.policy.image.v1"
}

/// What names one piece of content of a registry.
public struct RegistryDescriptor: Sendable, Equatable {
    public var mediaType: String
    public var digest: ContentDigest
    /// Bytes of the content.
    public var size: Int
    public var annotations: [String: String] = [:]

    public init(mediaType: String, digest: ContentDigest, size: Int) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
    }

    public init(of content: [UInt8], mediaType: String) {
        self.init(mediaType: mediaType, digest: ContentDigest(of: content), size: content.count)
    }
}

/// The list of what an artifact consists of.
public struct RegistryManifest: Sendable {
    public var config: RegistryDescriptor
    public var layers: [RegistryDescriptor]
    public var annotations: [String: String]

    /// Bytes of the largest manifest: what the distribution specification asks registries to take.
    public static let sizeLimit = 4 << 20
    private static let layerLimit = 10_000

    public init(config: RegistryDescriptor, layers: [RegistryDescriptor], annotations: [String: String] = [:]) {
        self.config = config
        self.layers = layers
        self.annotations = annotations
    }

    /// Reads a manifest of an image, as OCI and as Docker write it.
    public init(reading text: [UInt8]) throws(RegistryFailure) {
        guard text.count <= Self.sizeLimit else {
            throw RegistryFailure(.limit, "the manifest has more than \(Self.sizeLimit) bytes")
        }
        let space = Space.create(memoryLimit: 1 << 28)
        defer { space.destroy() }
        guard let root = try? space.readJSON(text), root.isObject else {
            throw RegistryFailure(.manifest, "unable to unmarshal manifest: no JSON object")
        }
        let reader = Reader(space: space)
        // An index lists manifests of platforms; a policy has none.
        if !reader.member(root, "layers").isArray, reader.member(root, "manifests").isArray {
            throw RegistryFailure(.manifest, "no layers in manifest: it is an index of manifests")
        }
        let layers = reader.member(root, "layers")
        let elements = layers.isArray ? space.elements(layers) : nil
        guard let elements, elements.count > 0 else { throw RegistryFailure(.manifest, "no layers in manifest") }
        guard elements.count <= Self.layerLimit else {
            throw RegistryFailure(.limit, "the manifest has too many layers")
        }
        var list: [RegistryDescriptor] = []
        for index in 0..<elements.count { list.append(try reader.descriptor(elements[index], "layer \(index)")) }
        self.layers = list
        config = try reader.descriptor(reader.member(root, "config"), "config")
        annotations = reader.texts(reader.member(root, "annotations"))
    }

    /// The layer that has the policy: the first archive, as in OPA, else the first policy image.
    public func policyLayer() throws(RegistryFailure) -> RegistryDescriptor {
        for type in [MediaType.bundle, MediaType.policyImage] {
            if let layer = layers.first(where: { $0.mediaType == type }) { return layer }
        }
        throw RegistryFailure(
            .manifest, "no tarball descriptor found in the layers (a bundle is one of type \(MediaType.bundle))")
    }

    /// As JSON text: the same for the same content.
    public func json() -> [UInt8] {
        var text = ByteBuffer()
        text.append("{\"schemaVersion\":2,\"mediaType\":")
        text.appendJSONString(MediaType.manifest)
        text.append(",\"config\":")
        Self.write(config, &text)
        text.append(",\"layers\":[")
        for (index, layer) in layers.enumerated() {
            if index > 0 { text.append(",") }
            Self.write(layer, &text)
        }
        text.append("]")
        Self.write(annotations, &text)
        text.append("}")
        return text.bytes
    }

    private static func write(_ descriptor: RegistryDescriptor, _ text: inout ByteBuffer) {
        text.append("{\"mediaType\":")
        text.appendJSONString(descriptor.mediaType)
        text.append(",\"digest\":")
        text.appendJSONString(descriptor.digest.description)
        text.append(",\"size\":")
        text.appendDecimal(descriptor.size)
        write(descriptor.annotations, &text)
        text.append("}")
    }

    private static func write(_ annotations: [String: String], _ text: inout ByteBuffer) {
        guard !annotations.isEmpty else { return }
        text.append(",\"annotations\":{")
        for (index, entry) in annotations.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
            .enumerated()
        {
            if index > 0 { text.append(",") }
            text.appendJSONString(entry.key)
            text.append(":")
            text.appendJSONString(entry.value)
        }
        text.append("}")
    }

    private struct Reader {
        let space: Space

        func member(_ value: Value, _ name: String) -> Value {
            guard value.isObject, let key = try? space.string(Array(name.utf8)) else { return .undefined }
            return space.member(value, key)
        }

        func text(_ value: Value) -> String? {
            value.isString ? String(decoding: space.bytes(value), as: UTF8.self) : nil
        }

        func texts(_ value: Value) -> [String: String] {
            guard value.isObject else { return [:] }
            var result: [String: String] = [:]
            let entries = space.entries(value)
            for index in 0..<entries.count {
                if let key = text(entries.keys[index]), let found = text(entries.values[index]) { result[key] = found }
            }
            return result
        }

        func descriptor(_ value: Value, _ place: String) throws(RegistryFailure) -> RegistryDescriptor {
            guard value.isObject else { throw RegistryFailure(.manifest, "\(place) of the manifest is no descriptor") }
            guard let written = text(member(value, "digest")), let digest = ContentDigest(written) else {
                throw RegistryFailure(.manifest, "\(place) of the manifest has no digest that is known")
            }
            let size = member(value, "size")
            guard size.isNumber, let size = space.int64(size), size >= 0 else {
                throw RegistryFailure(.manifest, "\(place) of the manifest has no size")
            }
            var result = RegistryDescriptor(
                mediaType: text(member(value, "mediaType")) ?? "", digest: digest, size: Int(size))
            result.annotations = texts(member(value, "annotations"))
            return result
        }
    }
}
