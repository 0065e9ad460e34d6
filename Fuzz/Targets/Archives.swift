import Writ
import WritBundle

/// An archive: the first byte says what the rest is.
///
/// 0: a gzip file as it is. Else: the blocks of a tar archive, which are compressed first, so that mutations reach the
/// reader behind the checksum of gzip; with an odd byte, the checksums of headers are made right, too.
func fuzzArchive(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let how = bytes.first else { return }
    var input = Array(bytes.dropFirst())
    if how > 0 {
        if how & 1 == 1 { correctChecksums(&input) }
        guard let packed = try? Gzip.compress(input) else { return }
        input = packed
    }
    var reader = BundleReader(name: "fuzz")
    reader.limits.totalSize = 8 << 20
    reader.limits.fileSize = 4 << 20
    reader.limits.ratioFloor = 1 << 20
    reader.skipsVerification = how & 2 == 2
    if how & 4 == 4 {
        reader.verification = BundleVerification(
            keys: [.init(id: "default", key: Array("secret".utf8), algorithm: "HS256")], keyID: "default")
    }
    do throws(BundleFailure) {
        let bundle = try reader.read(archive: input)
        check(bundle, input)
    } catch {
        // Whoever reads the error sees what it is about.
        precondition(!error.message.isEmpty, "an error without a message")
        precondition(error.message.utf8.count < 1 << 20, "an error of endless length")
    }
}

/// What must hold of a bundle that was accepted.
private func check(_ bundle: LoadedBundle, _ input: [UInt8]) {
    precondition(!bundle.isVerified || bundle.signatures != nil, "verified without a signature")
    for module in bundle.modules {
        precondition(module.path.utf8.first == UInt8(ascii: "/"), "a module without a path")
        precondition(
            !module.path.split(separator: "/").contains { $0 == ".." || $0 == "." }, "a path that leads elsewhere")
    }
    guard let json = try? bundle.data.builder.json() else { return }
    // The data is JSON that is read as it was written.
    var again = DataBuilder()
    do throws(DataFailure) { try again.add(json) } catch { preconditionFailure("data that cannot be read again") }
    precondition((try? again.json()) == json, "data that changes when it is read again")
    if let changes = bundle.changes {
        precondition(bundle.modules.isEmpty, "a delta bundle with modules")
        var data = DataBuilder()
        try? bundle.applyChanges(to: &data)
        precondition(!changes.isEmpty, "a delta bundle without changes")
    }
    // Its manifest is read as it is written.
    if let text = try? bundle.manifest.json() {
        guard let manifest = try? Manifest(reading: text) else { preconditionFailure("a manifest that is none") }
        precondition((try? manifest.json()) == text, "a manifest that changes when it is read again")
    }
}

/// Makes the checksum of every block that may be a header right.
private func correctChecksums(_ bytes: inout [UInt8]) {
    for start in stride(from: 0, to: bytes.count - 511, by: 512) {
        let block = bytes[start..<(start + 512)]
        guard block[start + 257] == UInt8(ascii: "u") else { continue }
        var sum = 8 * 32
        for (index, byte) in block.enumerated() where !(148..<156).contains(index) { sum += Int(byte) }
        let digits = Array(String(sum, radix: 8).utf8)
        let field = [UInt8](repeating: UInt8(ascii: "0"), count: max(0, 6 - digits.count)) + digits + [0, 0x20]
        for (index, byte) in field.prefix(8).enumerated() { bytes[start + 148 + index] = byte }
    }
}
