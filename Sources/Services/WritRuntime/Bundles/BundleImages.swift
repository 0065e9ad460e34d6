import Glibc
import Writ
import WritBundle
import WritHostBuiltins
import WritTrust

/// Images among the bundles: they are used where they lie, so one that comes is put into a file of the persistence
/// directory first, verified there once, and mapped. Its data never is in memory of this process's own.
struct BundleImages: Sendable {
    /// Where the bundle is kept.
    let folder: String
    private let records: ImageRecords

    /// A file that came and is not active yet.
    private static let incoming = "incoming.image"

    init(_ name: String, _ context: RuntimeContext) {
        folder = KeptBundle.folder(name, context)
        records = ImageRecords(
            folder: context.settings.persistenceFolder + "/images", checksAlways: context.verifiesImagesAlways)
    }

    /// Where the last good bundle is kept, image or not.
    var kept: String { folder + "/" + KeptBundle.fileName }

    /// Takes an image that came into memory.
    func take(_ bytes: [UInt8], etag: String, _ settings: BundleSettings) throws(BundleFailure) -> DownloadedBundle {
        do throws(ServiceFailure) { try Files.save(bytes, as: Self.incoming, in: folder) } catch {
            throw BundleFailure(error.message, code: .archive)
        }
        return try takeIncoming(etag, settings)
    }

    /// Takes an image that came into a file.
    func take(_ file: BodyFile, etag: String, _ settings: BundleSettings) throws(BundleFailure) -> DownloadedBundle {
        do throws(ServiceFailure) { try file.finish(as: Self.incoming) } catch {
            throw BundleFailure(error.message, code: .archive)
        }
        return try takeIncoming(etag, settings)
    }

    /// Where it is not to be kept, its file is gone from the folder at once, and from the disk when nothing uses it any
    /// more.
    private func takeIncoming(
        _ etag: String, _ settings: BundleSettings
    ) throws(BundleFailure) -> DownloadedBundle {
        let path = folder + "/" + Self.incoming
        do throws(BundleFailure) {
            let image = try ImageFile(opening: path, options: Self.options, verification: Self.verification(settings))
            if !settings.persists { unlink(path) }
            return try Self.found(image, etag: etag, settings)
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Opens an image that lies at a path; it is verified unless it is noted that it was. `vouched` is what else it must
    /// have been held against.
    func open(
        _ path: String, _ settings: BundleSettings, vouched: String = ""
    ) throws(BundleFailure) -> (found: DownloadedBundle, wasKnown: Bool) {
        let (image, wasKnown) = try records.open(
            path, options: Self.options, verification: Self.verification(settings), vouched: vouched)
        var found = try Self.found(image, etag: "", settings)
        found.isPlaced = true
        return (found, wasKnown)
    }

    /// Puts the image that came in the place of what was kept.
    func keep(_ image: ImageFile, _ settings: BundleSettings, vouched: String = "") throws(ServiceFailure) {
        try Files.rename(Self.incoming, to: KeptBundle.fileName, in: folder)
        records.note(image, at: kept, verification: Self.verification(settings), vouched: vouched)
    }

    /// Removes what a process that ended before it was active left.
    func removeRemains() {
        Files.removeRemains(of: Self.incoming, in: folder)
        BodyFile.removeRemains(in: folder)
        unlink(folder + "/" + Self.incoming)
    }

    private static let options = CompileOptions(functions: .all)

    private static func verification(_ settings: BundleSettings) -> BundleVerification? {
        settings.signing?.verification
    }

    private static func found(
        _ image: ImageFile, etag: String, _ settings: BundleSettings
    ) throws(BundleFailure) -> DownloadedBundle {
        let bundle = try image.bundle(named: settings.name, copiesData: false)
        return DownloadedBundle(bundle: bundle, archive: [], etag: etag)
    }
}

extension DownloadedBundle {
    /// Bytes of the archive, or of the image.
    var size: Int { bundle.image?.size ?? archive.count }

    /// Whether it can be kept: no folder, and no image that lies on this machine already.
    var isFile: Bool { bundle.image != nil ? !isPlaced : !archive.isEmpty }

    /// What it is, byte for byte.
    func withContent<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        guard let image = bundle.image else { return archive.withUnsafeBytes(body) }
        return image.withBytes(body)
    }

    /// The SHA-256 of what it is.
    var digest: String { knownDigest ?? withContent { TrustTarget.digest($0) } }

    /// Throws unless it is a target.
    func check(_ target: TrustTarget) throws(TrustFailure) {
        // One whose digest is noted need not be read.
        if let knownDigest, target.hashes["sha256"] == knownDigest, target.length == size { return }
        let outcome = withContent { bytes in
            Result<Void, TrustFailure> { () throws(TrustFailure) in try target.check(bytes) }
        }
        try outcome.get()
    }
}
