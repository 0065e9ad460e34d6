import Synchronization
import Writ
import WritRegistry

/// A policy as an artifact of a registry: one layer with the bundle's archive or the policy image, as OPA takes it.
public struct RegistryArtifact: Sendable {
    /// The bundle's archive, or the policy image.
    public let content: [UInt8]
    public let manifest: RegistryManifest
    /// The text of the manifest, and its digest: the artifact's name.
    public let text: [UInt8]
    public let digest: ContentDigest

    /// The layer that the content is.
    public var layer: RegistryDescriptor { RegistryDescriptor(of: content, mediaType: type) }
    private let type: String

    /// What was done for a push.
    public struct Pushed: Sendable {
        public let digest: ContentDigest
        /// Bytes of content that were sent; 0 where the registry had all of it.
        public let sent: Int
        /// Whether the tag named something else before, or nothing.
        public let isNew: Bool
    }

    /// An artifact to push. The same content with the same annotations has the same digest: no time and no name of a
    /// host is in it. `unpacked` is the digest of the layer before it was compressed.
    public init(
        _ content: [UInt8], isImage: Bool, name: String, unpacked: ContentDigest, annotations: [String: String]
    ) {
        self.content = content
        type = isImage ? MediaType.policyImage : MediaType.bundle
        let config = Self.config(unpacked)
        var layer = RegistryDescriptor(of: content, mediaType: type)
        // The name of the file that tools such as oras write.
        layer.annotations = ["org.opencontainers.image.title": name]
        manifest = RegistryManifest(
            config: RegistryDescriptor(of: config, mediaType: MediaType.config), layers: [layer],
            annotations: annotations)
        text = manifest.json()
        digest = ContentDigest(of: text)
        self.unpacked = unpacked
    }

    private let unpacked: ContentDigest

    /// What an image's configuration must have. A policy runs on any machine.
    private static func config(_ unpacked: ContentDigest) -> [UInt8] {
        let layers = "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"\(unpacked)\"]}"
        return Array("{\"architecture\":\"unknown\",\"os\":\"unknown\",\"config\":{},\(layers)}".utf8)
    }

    /// Sends what the registry does not have, and then the manifest under a tag: whoever asks for the tag meanwhile gets
    /// what was there before.
    public func push(to client: RegistryClient, tag: String) async throws(RegistryFailure) -> Pushed {
        var found: ContentDigest?
        do throws(RegistryFailure) { found = try await client.digest(of: tag) } catch {
            guard error.code == .missing else { throw error }
        }
        guard found != digest else { return Pushed(digest: digest, sent: 0, isNew: false) }
        var sent = 0
        let config = Self.config(unpacked)
        for (content, descriptor) in [(config, manifest.config), (content, layer)]
        where try await client.push(content, descriptor) {
            sent += content.count
        }
        return Pushed(digest: try await client.push(manifest: text, tag: tag), sent: sent, isNew: true)
    }

    /// An artifact that was pulled.
    public struct Pulled: Sendable {
        public let content: [UInt8]
        public let digest: ContentDigest
        public let layer: RegistryDescriptor
        public let annotations: [String: String]

        /// Whether it is a policy image, and not a bundle's archive.
        public var isImage: Bool { layer.mediaType == MediaType.policyImage }
    }

    /// Fetches what a tag or a digest names. `limit` is the bytes of the largest content.
    public static func pull(
        _ object: String, from client: RegistryClient, limit: Int
    ) async throws(RegistryFailure) -> Pulled {
        let (text, digest) = try await client.manifest(object)
        let manifest = try RegistryManifest(reading: text)
        let layer = try manifest.policyLayer()
        let content = try await client.blob(layer, limit: limit)
        return Pulled(content: content, digest: digest, layer: layer, annotations: manifest.annotations)
    }

    /// Holds the thread until something is done; for commands.
    public static func waiting<Result: Sendable>(
        _ body: @escaping @Sendable () async throws(RegistryFailure) -> Result
    ) throws(RegistryFailure) -> Result {
        let found = Found<Result>()
        ServiceConnections.shared.wait {
            do throws(RegistryFailure) { found.set(.success(try await body())) } catch { found.set(.failure(error)) }
        }
        guard let result = found.get() else { throw RegistryFailure(.service, "interrupted") }
        return try result.get()
    }
}

/// A result that another thread finds.
private final class Found<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, RegistryFailure>?>(nil)

    func set(_ value: Result<Value, RegistryFailure>) { result.withLock { $0 = value } }
    func get() -> Result<Value, RegistryFailure>? { result.withLock { $0 } }
}
