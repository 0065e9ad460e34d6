/// A file of a bundle, before anything is made of it.
public struct BundleMember: Sendable {
    /// Its name below the bundle's folder, without a slash at its beginning: `authz/policy.rego`.
    public var path: String
    /// Its name as the archive has it, with a slash at its beginning if there is one; for folders as `path` with one.
    public var shown: String
    /// Where it came from: the path of a file, or the archive's path with the member's behind it.
    public var location: String
    public var content: [UInt8]

    public init(path: String, shown: String, location: String, content: [UInt8]) {
        self.path = path
        self.shown = shown
        self.location = location
        self.content = content
    }

    /// The last part of its name.
    var name: Substring { path.split(separator: "/").last ?? "" }
}

/// Reads the files of a gzipped tar archive: ustar, GNU's long names, and the extended headers of POSIX.1-2001.
///
/// A member that is neither a file nor a folder, that leads out of the archive, or whose name is there twice ends
/// reading with an error that names it.
struct TarReader {
    private static let blockSize = 512
    private static let extensionLimit = 1 << 20

    private let source: GzipReader
    private let limits: BundleLimits
    private var seen: Set<[UInt8]> = []
    private var count = 0

    init(_ archive: [UInt8], limits: BundleLimits) throws(BundleFailure) {
        source = try GzipReader(archive, limits: limits)
        self.limits = limits
    }

    /// All files in their order.
    static func files(of archive: [UInt8], at location: String, limits: BundleLimits) throws(BundleFailure)
        -> [BundleMember]
    {
        var reader = try TarReader(archive, limits: limits)
        var files: [BundleMember] = []
        while let (name, content) = try reader.next() {
            let parts = name.split(separator: UInt8(ascii: "/"))
            let path = Self.text(Array(parts.joined(separator: [UInt8(ascii: "/")])))
            let shown = (name.first == UInt8(ascii: "/") ? "/" : "") + path
            files.append(
                BundleMember(path: path, shown: shown, location: location + "/" + path, content: content))
        }
        return files
    }

    /// The next file: its name without `.` and doubled slashes, and its content. Nil behind the last.
    private mutating func next() throws(BundleFailure) -> (name: [UInt8], content: [UInt8])? {
        var longName: [UInt8]?
        var longSize: Int?
        while let header = try block() {
            if header.allSatisfy({ $0 == 0 }) {
                try drain()
                return nil
            }
            try checkSum(header)
            let kind = header[156]
            let written = try number(header[124..<136], "size")
            let size = longSize ?? written
            switch kind {
            case UInt8(ascii: "x"):
                (longName, longSize) = try records(extension: size, longName)
                continue
            case UInt8(ascii: "g"):
                _ = try records(extension: size, nil)
                continue
            case UInt8(ascii: "L"):
                guard size <= Self.extensionLimit else { throw tooLong() }
                longName = Array(try content(size, "the name of a member").prefix { $0 != 0 })
                continue
            case UInt8(ascii: "K"):
                guard size <= Self.extensionLimit else { throw tooLong() }
                _ = try content(size, "the target of a link")
                continue
            default: break
            }
            let raw = longName ?? Self.name(header)
            longName = nil
            longSize = nil
            let name = try checked(raw)
            count += 1
            guard count <= limits.memberCount else {
                throw BundleFailure(
                    "bundle read failed: the archive has more than \(limits.memberCount) members", code: .limit)
            }
            switch kind {
            case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
                // Before POSIX, a name that ends in a slash was a folder.
                if kind == 0, raw.last == UInt8(ascii: "/"), size == 0 { continue }
                let shown = Self.text(raw)
                guard !name.isEmpty, raw.last != UInt8(ascii: "/") else { throw Self.unusable(raw) }
                guard seen.insert(name).inserted else {
                    throw BundleFailure(
                        "bundle read failed: \(shown): the archive has two members of this name", code: .duplicate,
                        member: shown)
                }
                let bytes = try content(size, shown)
                return ((raw.first == UInt8(ascii: "/") ? [UInt8(ascii: "/")] : []) + name, bytes)
            case UInt8(ascii: "5"):
                guard size == 0 else {
                    throw BundleFailure(
                        "bundle read failed: \(Self.text(raw)): a folder with content", code: .archive,
                        member: Self.text(raw))
                }
            default: throw Self.refused(raw, kind)
            }
        }
        return nil
    }

    // MARK: Blocks

    /// The next block of 512 bytes; nil at the end.
    private func block() throws(BundleFailure) -> [UInt8]? {
        let bytes = try read(Self.blockSize)
        if bytes.isEmpty { return nil }
        guard bytes.count == Self.blockSize else { throw GzipReader.truncated }
        return bytes
    }

    private func read(_ count: Int) throws(BundleFailure) -> [UInt8] {
        guard count > 0 else { return [] }
        var failure: BundleFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(BundleFailure) {
                filled = try source.read(into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The content behind a header, with its padding.
    private func content(_ size: Int, _ shown: String) throws(BundleFailure) -> [UInt8] {
        guard size <= limits.fileSize else {
            throw BundleFailure(
                "bundle file \(shown) size (\(size) bytes) exceeds configured size_limit_bytes "
                    + "(\(limits.fileSize) bytes)", code: .limit, member: shown)
        }
        // What a header says costs nothing before the bytes are there.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(size, 4 << 20))
        while bytes.count < size {
            let part = try read(min(size - bytes.count, 4 << 20))
            guard !part.isEmpty else {
                throw BundleFailure("bundle read failed: \(shown): unexpected EOF", code: .truncated, member: shown)
            }
            bytes += part
        }
        let padding = (Self.blockSize - size % Self.blockSize) % Self.blockSize
        guard try read(padding).count == padding else {
            throw BundleFailure("bundle read failed: \(shown): unexpected EOF", code: .truncated, member: shown)
        }
        return bytes
    }

    /// Reads to the end of the file, so that its checksum is looked at.
    private func drain() throws(BundleFailure) { while !(try read(1 << 16)).isEmpty {} }

    private func checkSum(_ header: [UInt8]) throws(BundleFailure) {
        var sum = 0
        var signed = 0
        for (index, byte) in header.enumerated() {
            let byte = (148..<156).contains(index) ? UInt8(ascii: " ") : byte
            sum += Int(byte)
            // Some old writers added signed bytes.
            signed += Int(Int8(bitPattern: byte))
        }
        let stored = try number(header[148..<156], "checksum")
        guard stored == sum || stored == signed else {
            throw BundleFailure("bundle read failed: archive/tar: invalid tar header", code: .archive)
        }
    }

    /// A number in octal digits, or, for large ones, in base 256 as GNU writes it.
    private func number(_ field: ArraySlice<UInt8>, _ name: String) throws(BundleFailure) -> Int {
        if let first = field.first, first & 0x80 != 0 {
            guard first == 0x80 else { throw invalid(name) }
            var value: UInt64 = 0
            for byte in field.dropFirst() {
                guard value < 1 << 54 else { throw invalid(name) }
                value = value << 8 | UInt64(byte)
            }
            return Int(value)
        }
        let digits = field.drop { $0 == UInt8(ascii: " ") || $0 == 0 }.prefix { $0 != UInt8(ascii: " ") && $0 != 0 }
        guard !digits.isEmpty else { return 0 }
        guard let value = Int(String(decoding: digits, as: UTF8.self), radix: 8), value >= 0, value < 1 << 60 else {
            throw invalid(name)
        }
        return value
    }

    private func invalid(_ name: String) -> BundleFailure {
        BundleFailure("bundle read failed: archive/tar: invalid tar header (\(name))", code: .archive)
    }

    // MARK: Extended headers

    /// The path and size of an extended header; both behind the one of its records that comes last.
    private func records(extension size: Int, _ before: [UInt8]?) throws(BundleFailure) -> ([UInt8]?, Int?) {
        guard size <= Self.extensionLimit else { throw tooLong() }
        var rest = try content(size, "an extended header")[...]
        var path = before
        var fileSize: Int?
        while !rest.isEmpty {
            let digits = rest.prefix { $0 != UInt8(ascii: " ") }
            guard digits.count <= 8, let length = Int(String(decoding: digits, as: UTF8.self)),
                length > digits.count + 1, length <= rest.count, rest[rest.startIndex + length - 1] == 0x0A
            else { throw invalid("extended header") }
            let record = rest[(digits.endIndex + 1)..<(rest.startIndex + length - 1)]
            rest = rest[(rest.startIndex + length)...]
            guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else { throw invalid("extended header") }
            let value = record[(equals + 1)...]
            switch String(decoding: record[..<equals], as: UTF8.self) {
            case "path": path = Array(value)
            case "size":
                guard let number = Int(String(decoding: value, as: UTF8.self)), number >= 0, number < 1 << 60 else {
                    throw invalid("size")
                }
                fileSize = number
            case let key where key.utf8.starts(with: "GNU.sparse.".utf8):
                let shown = Self.text(path ?? [])
                throw BundleFailure(
                    "bundle read failed: \(shown): a sparse file: only files and folders are read", code: .kind,
                    member: shown)
            default: break
            }
        }
        return (path, fileSize)
    }

    private func tooLong() -> BundleFailure {
        BundleFailure("bundle read failed: an extended header of more than \(Self.extensionLimit) bytes", code: .limit)
    }

    // MARK: Names

    private static func name(_ header: [UInt8]) -> [UInt8] {
        let name = Array(header[..<100].prefix { $0 != 0 })
        // Only POSIX has the prefix; GNU has other things there.
        guard header[257..<263].elementsEqual("ustar\0".utf8) else { return name }
        let prefix = Array(header[345..<500].prefix { $0 != 0 })
        return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
    }

    static func text(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }

    /// A name's parts joined again. Refuses names that lead out of the archive or that files may not have.
    ///
    /// One slash at the beginning stands for the bundle's own folder: so OPA writes bundles.
    private func checked(_ name: [UInt8]) throws(BundleFailure) -> [UInt8] {
        guard name.count <= limits.nameLength else {
            throw BundleFailure(
                "bundle read failed: \(Self.text(Array(name.prefix(80))))...: a name of more than "
                    + "\(limits.nameLength) bytes", code: .limit, member: Self.text(name))
        }
        // Letters that end or fool a terminal's line, or that stand for folders elsewhere, are in no name.
        guard !name.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }),
            String(validating: name, as: UTF8.self) != nil
        else { throw Self.unusable(name) }
        guard !name.starts(with: [0x2F, 0x2F]) else {
            throw BundleFailure(
                "bundle read failed: \(Self.text(name)): an absolute path", code: .name, member: Self.text(name))
        }
        var parts: [ArraySlice<UInt8>] = []
        for part in name.split(separator: 0x2F) {
            if part.elementsEqual([0x2E]) { continue }
            guard !part.elementsEqual([0x2E, 0x2E]) else {
                throw BundleFailure(
                    "bundle read failed: \(Self.text(name)): the path leads out of the bundle", code: .name,
                    member: Self.text(name))
            }
            parts.append(part)
        }
        guard parts.count <= limits.depth else {
            throw BundleFailure(
                "bundle read failed: \(Self.text(name)): more than \(limits.depth) folders deep", code: .limit,
                member: Self.text(name))
        }
        return Array(parts.joined(separator: [0x2F]))
    }

    private static func unusable(_ name: [UInt8]) -> BundleFailure {
        var quoted = ""
        for scalar in text(name).unicodeScalars { quoted += scalar.escaped(asASCII: false) }
        return BundleFailure("bundle read failed: \"\(quoted)\": not a usable name", code: .name, member: text(name))
    }

    private static func refused(_ name: [UInt8], _ kind: UInt8) -> BundleFailure {
        let what: String
        switch kind {
        case UInt8(ascii: "1"): what = "a hard link"
        case UInt8(ascii: "2"): what = "a symbolic link"
        case UInt8(ascii: "3"), UInt8(ascii: "4"): what = "a device"
        case UInt8(ascii: "6"): what = "a pipe"
        case UInt8(ascii: "S"): what = "a sparse file"
        default: what = "a member of type \(kind)"
        }
        return BundleFailure(
            "bundle read failed: \(text(name)): \(what): only files and folders are read", code: .kind,
            member: text(name))
    }
}
