import Foundation
import Testing
import Writ

@testable import WritBundle

/// Images in files: mapped, signed, refused, and known again.
@Suite struct ImageTests {
    private final class Place {
        let path = NSTemporaryDirectory() + "writ-image-" + UUID().uuidString
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private let place: Place
    private let path: String

    init() throws {
        place = try Place()
        path = place.path + "/x.image"
    }

    private func write(_ number: Int = 1, signing: BundleSigning? = nil) throws {
        let policy = try Policy.compile([
            PolicyFile(name: "app.rego", text: Array("package app\n\nanswer := data.app_data.n + 1\n".utf8))
        ])
        var data = DataBuilder()
        try data.add(Array(#"{"app_data": {"n": \#(number), "text": "a text of more than fourteen bytes"}}"#.utf8))
        var manifest = Manifest()
        manifest.revision = "r\(number)"
        manifest.roots = ["app", "app_data"]
        let bytes = try ImageFile.bytes(
            of: Snapshot(policy: policy, data: data.freeze()), manifest, signing: signing)
        // As whoever installs one does: under another name, then in its place.
        try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private func answer(_ image: ImageFile) throws -> String {
        var output = ByteBuffer()
        let snapshot = image.image.snapshot
        let target = snapshot.target([Array("app".utf8), Array("answer".utf8)])
        guard try Evaluator(snapshot).decide(target, input: nil, into: &output) else { return "" }
        return String(decoding: output.bytes, as: UTF8.self)
    }

    private static let signing = BundleSigning(key: Array("secret".utf8), algorithm: "HS256", keyID: "k")
    private static func verification(_ secret: String) -> BundleVerification {
        BundleVerification(keys: [.init(id: "k", key: Array(secret.utf8), algorithm: "HS256")])
    }

    @Test func isWrittenAndMapped() throws {
        try write()
        #expect(ImageFile.isImage(path))
        let image = try ImageFile(opening: path)
        #expect(try answer(image) == "2")
        #expect(image.manifest.revision == "r1" && image.manifest.roots == ["app", "app_data"])
        #expect(image.digest.count == 64 && image.signatures == nil)
        #expect(image.size == (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int))
    }

    @Test func signaturesAreHeldAgainstKeys() throws {
        try write(signing: Self.signing)
        #expect(try answer(ImageFile(opening: path, verification: Self.verification("secret"))) == "2")
        func refusal(_ verification: BundleVerification?) -> BundleFailure.Code? {
            do throws(BundleFailure) {
                _ = try ImageFile(opening: path, verification: verification)
                return nil
            } catch { return error.code }
        }
        #expect(refusal(Self.verification("other")) == .signature)
        #expect(refusal(nil) == .signature)
        #expect(try answer(ImageFile(opening: path, skipsVerification: true)) == "2")
        // Another image under the same signature.
        let signed = try Data(contentsOf: URL(fileURLWithPath: path))
        let length = try Array(signed).withUnsafeBytes { try ImageLayout(reading: $0).length }
        try write(2)
        var forged = try Data(contentsOf: URL(fileURLWithPath: path))
        forged.append(signed[length...])
        try forged.write(to: URL(fileURLWithPath: path), options: .atomic)
        #expect(refusal(Self.verification("secret")) == .digest)
        try write(2)
        #expect(refusal(Self.verification("secret")) == .signature)
    }

    @Test func whatIsKnownIsNotReadAgain() throws {
        try write()
        let records = ImageRecords(folder: place.path + "/state/images")
        #expect(try records.open(path).wasKnown == false)
        let again = try records.open(path)
        #expect(again.wasKnown)
        #expect(try answer(again.image) == "2")
        #expect(try ImageRecords(folder: place.path + "/state/images", checksAlways: true).open(path).wasKnown == false)
        // Under other keys it is not known.
        #expect(throws: BundleFailure.self) { try records.open(path, verification: Self.verification("secret")) }
        // Another file of this name, and one that was written to.
        try write(2)
        let other = try records.open(path)
        #expect(!other.wasKnown)
        #expect(try answer(other.image) == "3")
        #expect(try records.open(path).wasKnown)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        let end = try handle.seekToEnd()
        try handle.seek(toOffset: end - 40)
        try handle.write(contentsOf: Data([0x55]))
        try handle.close()
        #expect(throws: BundleFailure.self) { try records.open(path) }
        // Notes that others may write are not believed.
        try write(3)
        _ = try records.open(path)
        #expect(try records.open(path).wasKnown)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o777], ofItemAtPath: place.path + "/state/images")
        #expect(try records.open(path).wasKnown == false)
    }

    @Test func damageAndOtherVersionsAreTold() throws {
        try write()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[8] = 2
        try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
        do throws(BundleFailure) {
            _ = try ImageFile(opening: path)
            Issue.record("opened")
        } catch {
            #expect(error.code == .version && error.message.contains(path))
        }
        try Data("no image".utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        #expect(!ImageFile.isImage(path))
        #expect(throws: BundleFailure.self) { try ImageFile(opening: path) }
        #expect(throws: BundleFailure.self) { try ImageFile(opening: place.path + "/none") }
    }
}
