import Testing
import WritRegistry

/// Manifests: written as others read them, and read as others write them.
@Suite struct ManifestTests {
    private static let archive = Array("archive".utf8)

    private static func manifest() -> RegistryManifest {
        var layer = RegistryDescriptor(of: archive, mediaType: MediaType.bundle)
        layer.annotations = ["org.opencontainers.image.title": "bundle.tar.gz"]
        return RegistryManifest(
            config: RegistryDescriptor(of: Array("{}".utf8), mediaType: MediaType.config), layers: [layer],
            annotations: ["b": "2", "a": "\"1\""])
    }

    @Test func theTextIsThatOfTheSpecification() {
        let digest = ContentDigest(of: Self.archive)
        #expect(
            String(decoding: Self.manifest().json(), as: UTF8.self) == """
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":\
                "application/vnd.oci.image.config.v1+json","digest":\
                "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[{\
                "mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"\(digest)","size":7,"annotations":{\
                "org.opencontainers.image.title":"bundle.tar.gz"}}],"annotations":{"a":"\\"1\\"","b":"2"}}
                """)
    }

    @Test func whatWasWrittenIsRead() throws {
        let manifest = Self.manifest()
        let read = try RegistryManifest(reading: manifest.json())
        #expect(read.config == manifest.config && read.layers == manifest.layers)
        #expect(read.annotations == manifest.annotations)
        #expect(try read.policyLayer() == manifest.layers[0])
    }

    @Test func theFirstArchiveCountsThenTheFirstImage() throws {
        var manifest = Self.manifest()
        let other = RegistryDescriptor(of: [1], mediaType: "text/plain")
        let image = RegistryDescriptor(of: [2], mediaType: MediaType.policyImage)
        let second = RegistryDescriptor(of: [3], mediaType: MediaType.bundle)
        manifest.layers = [other, image, manifest.layers[0], second]
        #expect(try manifest.policyLayer().digest == ContentDigest(of: Self.archive))
        manifest.layers = [other, image]
        #expect(try manifest.policyLayer() == image)
        manifest.layers = [other]
        #expect(throws: RegistryFailure.self) { try manifest.policyLayer() }
    }

    private static let hash = String(repeating: "0", count: 64)
    private static let config = #""config": {"digest": "sha256:\#(hash)", "size": 1}"#

    @Test(arguments: [
        ("", "no JSON object"), ("[]", "no JSON object"), ("{}", "no layers"), (#"{"layers": []}"#, "no layers"),
        (#"{"manifests": []}"#, "an index of manifests"), (#"{"layers": [1], \#(config)}"#, "layer 0"),
        (#"{"layers": [{"size": 1}], \#(config)}"#, "no digest"),
        (#"{"layers": [{"digest": "sha256:zz", "size": 1}], \#(config)}"#, "no digest"),
        (#"{"layers": [{"digest": "sha256:\#(hash)"}], \#(config)}"#, "no size"),
        (#"{"layers": [{"digest": "sha256:\#(hash)", "size": -1}], \#(config)}"#, "no size"),
        (#"{"layers": [{"digest": "sha256:\#(hash)", "size": 1.5}], \#(config)}"#, "no size"),
        (#"{"layers": [{"digest": "sha256:\#(hash)", "size": 1e300}], \#(config)}"#, "no size"),
        (#"{"layers": [{"digest": "sha256:\#(hash)", "size": 1}]}"#, "config"),
    ])
    func whatIsNoneIsRefused(_ text: String, _ words: String) {
        let failure = #expect(throws: RegistryFailure.self) { try RegistryManifest(reading: Array(text.utf8)) }
        #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }

    @Test func hugeOnesAreNotRead() {
        let text = [UInt8](repeating: 0x20, count: RegistryManifest.sizeLimit + 1)
        #expect(throws: RegistryFailure.self) { try RegistryManifest(reading: text) }
    }
}
