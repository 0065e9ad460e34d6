import CZlib
import WritBundle

/// A member of an archive that a test makes, also of kinds that no bundle has.
struct RawMember {
    var name: String
    var content: [UInt8] = []
    var kind: UInt8 = UInt8(ascii: "0")
    /// What the header says of the size; nil for the truth.
    var size: Int?
    var link = ""

    init(_ name: String, _ text: String = "", kind: Character = "0", size: Int? = nil, link: String = "") {
        self.name = name
        content = Array(text.utf8)
        self.kind = kind.asciiValue ?? 0
        self.size = size
        self.link = link
    }

    var blocks: [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: some Collection<UInt8>, at offset: Int) {
            for (index, byte) in text.enumerated() { header[offset + index] = byte }
        }
        func octal(_ number: Int, _ width: Int) -> [UInt8] {
            let digits = String(number, radix: 8)
            return Array((String(repeating: "0", count: max(0, width - digits.count)) + digits).utf8)
        }
        put(name.utf8.prefix(100), at: 0)
        put("0000644".utf8, at: 100)
        put(octal(size ?? content.count, 11), at: 124)
        put(octal(0, 11), at: 136)
        put(Array(repeating: UInt8(ascii: " "), count: 8), at: 148)
        header[156] = kind
        put(link.utf8.prefix(100), at: 157)
        put("ustar\0".utf8, at: 257)
        put("00".utf8, at: 263)
        let sum = header.reduce(0) { $0 + Int($1) }
        put(octal(sum, 6) + [0], at: 148)
        let padding = (512 - content.count % 512) % 512
        return header + content + [UInt8](repeating: 0, count: padding)
    }
}

enum Archives {
    /// A gzipped archive of these members, with its end mark unless it is to be without.
    static func archive(_ members: [RawMember], isEnded: Bool = true) throws -> [UInt8] {
        var bytes = members.flatMap(\.blocks)
        if isEnded { bytes += [UInt8](repeating: 0, count: 1024) }
        return try Gzip.compress(bytes)
    }

    static func archive(_ files: [(String, String)]) throws -> [UInt8] {
        try archive(files.map { RawMember($0.0, $0.1) })
    }

    /// What reading refuses of a bundle.
    static func failure(
        _ archive: [UInt8], _ change: (inout BundleReader) -> Void = { _ in }
    ) -> BundleFailure? {
        var reader = BundleReader(name: "test")
        change(&reader)
        do throws(BundleFailure) {
            _ = try reader.read(archive: archive)
            return nil
        } catch { return error }
    }
}
