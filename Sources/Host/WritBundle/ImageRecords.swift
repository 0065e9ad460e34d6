import Glibc
import Writ
import WritFiles

/// Notes which image files were checked, so that a restart maps them without reading them.
///
/// A note names the file by its identity (device, inode, size, times of its last changes), what it held (the image's
/// digest), and what it was held against. Whoever may write to the folder can vouch for images: it must be its
/// owner's alone, or nothing in it is believed.
public struct ImageRecords: Sendable {
    private let folder: String
    /// Check each time, whatever is noted.
    private let checksAlways: Bool

    /// `folder` is made when the first note is.
    public init(folder: String, checksAlways: Bool = false) {
        self.folder = folder
        self.checksAlways = checksAlways
    }

    /// Opens an image, and checks it where it is not known to be good. Gives whether it was. `vouched` stands for what
    /// else the caller holds it against: it is not known to be good where it was noted with something else.
    public func open(
        _ path: String, options: CompileOptions = CompileOptions(), verification: BundleVerification? = nil,
        skipsVerification: Bool = false, vouched: String = ""
    ) throws(BundleFailure) -> (image: ImageFile, wasKnown: Bool) {
        let file = try MappedFile(path)
        let name = recordName(path)
        let trust = Self.trust(verification, skipsVerification, vouched)
        let known = checksAlways || !isOwn ? nil : Self.content(name)
        do throws(BundleFailure) {
            if let known, known.starts(with: Array("\(Self.head)\n\(file.identity.text)\n\(trust)\n".utf8)) {
                let image = try ImageFile(file, options, verification, skipsVerification: skipsVerification, .known)
                if known == Self.text(file, trust, image.digest) { return (image, true) }
            }
            let image = try ImageFile(file, options, verification, skipsVerification: skipsVerification, .full)
            note(Self.text(file, trust, image.digest), as: name)
            return (image, false)
        } catch {
            throw BundleFailure("image \(path): \(error.message)", code: error.code, member: error.member)
        }
    }

    /// Notes that an image which was checked lies at a path now: under another name a file is another one to `open`.
    public func note(_ image: ImageFile, at path: String, verification: BundleVerification? = nil, vouched: String = "")
    {
        guard let file = try? MappedFile(path), file.identity.isSameContent(as: image.file.identity) else { return }
        note(Self.text(file, Self.trust(verification, false, vouched), image.digest), as: recordName(path))
    }

    private func recordName(_ path: String) -> String {
        folder + "/" + SignedFile.hexadecimal(SignedFile.digest(Array(Self.whole(path).utf8), .sha256))
    }

    private static let head = "writ image \(ImageLayout.version)"

    private static func text(_ file: MappedFile, _ trust: String, _ digest: String) -> [UInt8] {
        Array("\(head)\n\(file.identity.text)\n\(trust)\n\(digest)\n".utf8)
    }

    /// What stands for the keys that the signature is held against.
    private static func trust(_ verification: BundleVerification?, _ skips: Bool, _ vouched: String) -> String {
        let end = vouched.isEmpty ? "" : " " + SignedFile.hexadecimal(SignedFile.digest(Array(vouched.utf8), .sha256))
        guard !skips else { return "skipped" + end }
        guard let verification else { return "unsigned" + end }
        var text: [UInt8] = []
        func add(_ part: [UInt8]) {
            text += Array("\(part.count):".utf8)
            text += part
        }
        for key in verification.keys {
            for part in [key.id, key.algorithm, key.scope] { add(Array(part.utf8)) }
            add(key.key)
        }
        add(Array(verification.keyID.utf8))
        add(Array(verification.scope.utf8))
        return SignedFile.hexadecimal(SignedFile.digest(text, .sha256)) + end
    }

    private static func whole(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Whether nobody else can write to the folder.
    private var isOwn: Bool {
        var info = stat()
        return lstat(folder, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR && info.st_uid == geteuid()
            && info.st_mode & 0o022 == 0
    }

    private static func content(_ path: String) -> [UInt8]? {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &bytes, bytes.count)
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }

    /// Without a note the image is checked again, so that nothing is said where it cannot be written.
    private func note(_ text: [UInt8], as path: String) {
        let calls = FileCalls()
        let temporary = "\(path).\(getpid())"
        do throws(FileCallFailure) {
            var made = folder.hasPrefix("/") ? "/" : ""
            for step in folder.split(separator: "/") {
                made += made.isEmpty || made.hasSuffix("/") ? String(step) : "/" + step
                try calls.makeFolder(made, mode: 0o700)
            }
            let file = try calls.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
            defer { file.close() }
            let outcome = text.withUnsafeBytes { bytes in
                Result<Void, FileCallFailure> { () throws(FileCallFailure) in try calls.write(bytes, to: file) }
            }
            try outcome.get()
            try calls.rename(temporary, path)
        } catch { calls.remove(temporary) }
    }
}
