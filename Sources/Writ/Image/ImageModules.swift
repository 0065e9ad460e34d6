/// The modules of an image: their number, then for each its version, the lengths of name and text, and both. Numbers have
/// 4 bytes, the low one first.
enum ImageModules {
    static func bytes(of files: [PolicyFile]) -> [UInt8] {
        var bytes: [UInt8] = []
        func put(_ number: Int) {
            for index in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * index))) }
        }
        put(files.count)
        for file in files {
            put(file.version == .v0 ? 0 : 1)
            put(file.name.count)
            put(file.text.count)
            bytes += file.name
            bytes += file.text
        }
        return bytes
    }

    static func files(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageFailure) -> [PolicyFile] {
        let raw = UnsafeRawBufferPointer(bytes)
        var position = 0
        func number() throws(ImageFailure) -> Int {
            guard raw.count - position >= 4 else { throw .damaged("its modules end in the middle") }
            defer { position += 4 }
            return Int(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
        }
        func text(_ count: Int) throws(ImageFailure) -> [UInt8] {
            guard count <= raw.count - position else { throw .damaged("its modules end in the middle") }
            defer { position += count }
            return Array(bytes[position..<position + count])
        }
        let count = try number()
        guard count <= raw.count / 12 else { throw .damaged("it has fewer modules than it says") }
        var files: [PolicyFile] = []
        files.reserveCapacity(count)
        for _ in 0..<count {
            let version = try number()
            guard version <= 1 else { throw .damaged("a module is of an unknown version of the language") }
            let (name, size) = (try number(), try number())
            var file = PolicyFile(name: "", text: [], version: version == 0 ? .v0 : .v1)
            file.name = try text(name)
            file.text = try text(size)
            files.append(file)
        }
        guard position == raw.count else { throw .damaged("something follows its modules") }
        return files
    }
}
