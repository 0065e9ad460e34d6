import Glibc
import WritBundle
import WritFiles
import WritTrust

/// What a client of a repository keeps: the metadata that it trusts, the time that was proved, and which content of each
/// bundle was activated last. Every file is the old one or the new one, whatever happens meanwhile.
struct TrustFolder: Sendable {
    let path: String
    private let calls: FileCalls

    init(path: String, _ calls: FileCalls = FileCalls()) {
        self.path = path
        self.calls = calls
    }

    /// Bytes of the largest file that it reads.
    private static let limit = 8 << 20
    /// Names the root that was given to begin with.
    private static let origin = "given-root"
    private static let provedTime = "proved-time"

    /// The state of a repository: what was kept, or the root that is given. A root that is other than the one it began
    /// with was put there on purpose, and is where it begins again; what else is kept counts as far as it is good under
    /// that.
    func state(givenRoot file: String) throws(TrustFailure) -> TrustState {
        let given: [UInt8]
        do throws(ServiceFailure) { given = try Files.read(file) } catch {
            throw TrustFailure(.storage, "root", error.message)
        }
        let digest = Self.digest(given)
        var state = TrustState(root: given)
        for name in try names() {
            Files.removeRemains(of: name, in: path)
            guard name.hasSuffix(".json") else { continue }
            state.files[name] = try content(name)
        }
        if let text = try content(Self.provedTime) {
            state.provedTime = TrustTime.seconds(String(decoding: text.prefix(20), as: UTF8.self)) ?? 0
        }
        guard try content(Self.origin) == Array(digest.utf8), state.files["root.json"] != nil else {
            state.files["root.json"] = given
            try keep("root.json", given)
            try keep(Self.origin, Array(digest.utf8))
            return state
        }
        return state
    }

    /// What is known already, or the state as it is kept.
    func state(_ known: TrustState?, givenRoot file: String) throws(TrustFailure) -> TrustState {
        if let known { return known }
        return try state(givenRoot: file)
    }

    /// Keeps what is trusted, in this order; nil for what is not any more.
    func keep(_ changes: [(name: String, content: [UInt8]?)]) throws(TrustFailure) {
        for change in changes { try keep(change.name, change.content) }
    }

    private func keep(_ name: String, _ content: [UInt8]?) throws(TrustFailure) {
        do throws(ServiceFailure) {
            guard let content else { return try Files.remove(name, in: path, calls) }
            try Files.save(content, as: name, in: path, calls)
        } catch { throw TrustFailure(.storage, name, error.message) }
    }

    private func content(_ name: String) throws(TrustFailure) -> [UInt8]? {
        do throws(ServiceFailure) { return try Files.content("\(path)/\(name)", limit: Self.limit) } catch {
            throw TrustFailure(.storage, name, error.message)
        }
    }

    private func names() throws(TrustFailure) -> [String] {
        guard let folder = opendir(path) else {
            guard errno == ENOENT else {
                throw TrustFailure(.storage, "state", Files.failure("open", path, errno).message)
            }
            return []
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let next = readdir(folder) {
            let name = withUnsafePointer(to: &next.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    // MARK: What was activated

    /// Notes what a bundle's content is now. Kept apart from the bundle, so that an older one in its place is noticed.
    func note(_ digest: String, of bundle: String, _ target: String) throws(TrustFailure) {
        let text = Array("\(digest) \(target)\n".utf8)
        do throws(ServiceFailure) { try Files.save(text, as: Self.fileName(bundle), in: path + "/active", calls) } catch
        {
            throw TrustFailure(.storage, bundle, error.message)
        }
    }

    /// The digest of the content that a bundle was activated with last, as that target; nil for none.
    func noted(_ bundle: String, _ target: String) throws(TrustFailure) -> String? {
        guard let text = try content("active/" + Self.fileName(bundle)) else { return nil }
        let end = Array(" \(target)\n".utf8)
        guard text.count > end.count, text.suffix(end.count).elementsEqual(end) else { return nil }
        return String(decoding: text.dropLast(end.count), as: UTF8.self)
    }

    static func digest(_ content: [UInt8]) -> String { SignedFile(name: "", content: content).hash }

    /// A bundle's name as that of a file: names may have slashes.
    private static func fileName(_ bundle: String) -> String {
        var name = ""
        for character in bundle.unicodeScalars {
            switch character {
            case "/": name += "%2F"
            case "%": name += "%25"
            default: name.unicodeScalars.append(character)
            }
        }
        return name
    }
}
