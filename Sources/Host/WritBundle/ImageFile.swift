import Glibc
import Writ

/// A policy image in a file: mapped, held against its digests and its signature.
///
/// What lies behind the image in the file is its signature, as `.signatures.json` has it: one token that names one file,
/// `image`, with the SHA-256 of the image's header and table of sections.
public struct ImageFile: Sendable {
    public let image: PolicyImage
    public let manifest: Manifest
    /// SHA-256 of header and table, in hexadecimal: of all of it, as the table has the hashes of the rest.
    public let digest: String
    /// Nil where the image is not signed.
    public let signatures: SignatureList?
    /// What the signature says, where it was held against keys.
    public let claims: SignatureClaims?
    /// Bytes of the file.
    public let size: Int
    let file: MappedFile

    /// What is to be found out about an image before it is used.
    public enum Check: Sendable {
        /// Everything: the signature, each section's hash, the structure of the data.
        case full
        /// Nothing but what keeps reading it safe: for a file that was checked before.
        case known
    }

    /// The name of the image in its signature.
    static let signedName = "image"

    /// Whether the file at a path begins as an image does.
    public static func isImage(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return false }
        var start = [UInt8](repeating: 0, count: ImageLayout.magic.count)
        return pread(file, &start, start.count, 0) == start.count && start.withUnsafeBytes(ImageLayout.isImage)
    }

    /// Maps and opens an image. Failures name the path.
    ///
    /// A signed image is refused where there is nothing to hold its signature against, unless that is skipped; with
    /// `verification` an unsigned one is refused. The file must be replaced, never be written to or made shorter, while
    /// it is in use.
    public init(
        opening path: String, options: CompileOptions = CompileOptions(), verification: BundleVerification? = nil,
        skipsVerification: Bool = false, check: Check = .full
    ) throws(BundleFailure) {
        let file = try MappedFile(path)
        do throws(BundleFailure) {
            try self.init(file, options, verification, skipsVerification: skipsVerification, check)
        } catch {
            throw BundleFailure("image \(path): \(error.message)", code: error.code, member: error.member)
        }
    }

    /// One that was mapped before, so that its identity is that of what was looked at.
    init(
        _ file: MappedFile, _ options: CompileOptions, _ verification: BundleVerification?, skipsVerification: Bool,
        _ check: Check
    ) throws(BundleFailure) {
        let bytes = file.bytes
        size = bytes.count
        let layout: ImageLayout
        do throws(ImageFailure) { layout = try ImageLayout(reading: bytes) } catch { throw BundleFailure(error) }
        digest = Self.digest(of: bytes)
        let rest = bytes[layout.length...]
        guard rest.count <= 1 << 20 else { throw BundleFailure("its signature is too large", code: .limit) }
        signatures = rest.isEmpty ? nil : try SignatureList(reading: Array(rest))
        claims = check == .full && !skipsVerification ? try Self.verify(signatures, digest, verification) : nil
        self.file = file
        do throws(ImageFailure) {
            if check == .full { try layout.verify(bytes, sha256: Self.sha256) }
            image = try PolicyImage(opening: bytes, options: options) { _ = file }
            if check == .full { try image.verify() }
        } catch { throw BundleFailure(error) }
        manifest = try Manifest(reading: image.manifest)
        try checkRoots()
    }

    /// What is in the image as a bundle: its modules, and a copy of its data; or the image itself for its data.
    public func bundle(named name: String, copiesData: Bool = true) throws(BundleFailure) -> LoadedBundle {
        var bundle = LoadedBundle(name: name)
        bundle.manifest = manifest
        bundle.signatures = signatures
        bundle.claims = claims
        bundle.isVerified = claims != nil
        for file in image.snapshot.policy.files {
            let path = String(decoding: file.name, as: UTF8.self)
            bundle.modules.append(
                LoadedBundle.Module(file: file, path: path.hasPrefix("/") ? path : "/" + path, location: path))
        }
        guard copiesData else {
            bundle.image = self
            return bundle
        }
        do throws(DataFailure) { try bundle.data.builder.add(image.dataJSON()) } catch {
            throw BundleFailure("image \(name): \(error.message)", code: .content)
        }
        return bundle
    }

    /// An image owns no more than its manifest says.
    private func checkRoots() throws(BundleFailure) {
        try manifest.checkRoots()
        let roots = manifest.roots.map(Manifest.steps)
        guard !roots.contains(where: \.isEmpty) else { return }
        for file in image.snapshot.policy.files {
            guard let package = PackageName.of(file), !manifest.owns(package.steps) else { continue }
            throw BundleFailure(
                "manifest roots \(manifest.rootsText) do not permit '\(package.text)' in module "
                    + "'\(String(decoding: file.name, as: UTF8.self))'", code: .roots)
        }
        let data = DataTransaction(image.snapshot.data)
        if let path = data.firstPath(outside: roots) {
            let shown = String(decoding: Array(path.joined(separator: [0x2F])), as: UTF8.self)
            throw BundleFailure(
                "manifest roots \(manifest.rootsText) do not permit data at path '/\(shown)'", code: .roots)
        }
    }

    /// The whole file, as it is mapped.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { body(file.bytes) }

    /// Whether the bytes of an image begin so.
    public static func isImage(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes(ImageLayout.isImage) }

    /// The bytes of an image file.
    public static func bytes(
        of snapshot: Snapshot, _ manifest: Manifest, signing: BundleSigning? = nil
    ) throws(BundleFailure) -> [UInt8] {
        var bytes: [UInt8]
        let text = try manifest.json()
        do throws(ImageFailure) {
            bytes = try PolicyImage.bytes(of: snapshot, manifest: text, sha256: sha256)
        } catch { throw BundleFailure(error) }
        guard let signing else { return bytes }
        var list = SignatureList()
        let digest = bytes.withUnsafeBytes { Self.digest(of: $0) }
        list.signatures = [try signing.token(for: [SignedFile(name: signedName, hash: digest, algorithm: "SHA-256")])]
        list.plugin = "_default"
        bytes += list.json()
        return bytes
    }

    private static func digest(of bytes: UnsafeRawBufferPointer) -> String {
        SignedFile.hexadecimal(sha256(UnsafeRawBufferPointer(rebasing: bytes.prefix(ImageLayout.headSize))))
    }

    /// In parts, so that what was hashed need not stay in memory.
    private static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var digest = RunningDigest(.sha256)
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 24))
            digest.update(part.bindMemory(to: UInt8.self))
            rest = rest.dropFirst(part.count)
        }
        return digest.finish()
    }

    private static func verify(
        _ signatures: SignatureList?, _ digest: String, _ verification: BundleVerification?
    ) throws(BundleFailure) -> SignatureClaims? {
        guard let signatures else {
            if verification != nil { throw BundleVerification.failure("the image has no signature") }
            return nil
        }
        guard let verification else {
            throw BundleVerification.failure("verification key not provided")
        }
        let claims = try verification.claims(of: signatures)
        guard claims.files.count == 1, let signed = claims.files.first, signed.name == signedName,
            signed.algorithm == "SHA-256"
        else { throw BundleVerification.failure("the signature is not one of an image") }
        guard signed.hash == digest else {
            throw BundleFailure("digest mismatch (want: \(signed.hash), got: \(digest))", code: .digest)
        }
        return claims
    }
}

extension BundleFailure {
    /// An image that cannot be used.
    init(_ failure: ImageFailure) {
        let code: Code
        switch failure.code {
        case .format: code = .archive
        case .version: code = .version
        case .digest: code = .digest
        case .unsupported: code = .content
        case .limit: code = .limit
        }
        self.init(failure.message, code: code)
    }
}

/// A file in memory, read only. Its pages are the system's, which takes them back when it needs to.
final class MappedFile: Sendable {
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    let identity: FileIdentity

    init(_ path: String) throws(BundleFailure) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Self.failure("open", path) }
        defer { close(file) }
        var info = stat()
        guard fstat(file, &info) == 0 else { throw Self.failure("stat", path) }
        guard info.st_mode & S_IFMT == S_IFREG, info.st_size > 0 else {
            throw BundleFailure("image \(path): this is no file, or an empty one", code: .archive)
        }
        let size = Int(info.st_size)
        guard let base = mmap(nil, size, PROT_READ, MAP_SHARED, file, 0), base != MAP_FAILED else {
            throw Self.failure("mmap", path)
        }
        bytes = UnsafeRawBufferPointer(start: base, count: size)
        identity = FileIdentity(info)
    }

    deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

    private static func failure(_ call: String, _ path: String) -> BundleFailure {
        BundleFailure("image \(path): \(call) failed: \(String(cString: strerror(errno)).lowercased())", code: .archive)
    }
}

/// What tells whether a file is still the one that was looked at.
struct FileIdentity: Equatable, Sendable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    /// Nanoseconds since 1970 of the last change of its content, and of anything of it, which nobody can set back.
    var modified: Int64
    var changed: Int64

    init(_ info: stat) {
        device = UInt64(info.st_dev)
        inode = UInt64(info.st_ino)
        size = Int64(info.st_size)
        modified = Int64(info.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(info.st_mtim.tv_nsec)
        changed = Int64(info.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(info.st_ctim.tv_nsec)
    }

    /// Whether it is the file, written to by nobody since; its name may be another.
    func isSameContent(as other: FileIdentity) -> Bool {
        device == other.device && inode == other.inode && size == other.size && modified == other.modified
    }

    var text: String { "\(device) \(inode) \(size) \(modified) \(changed)" }
}
