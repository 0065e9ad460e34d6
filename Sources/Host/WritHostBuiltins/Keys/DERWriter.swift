/// Writes the little DER that hands a key's numbers to the cryptographic library.
enum DERWriter {
    static func element(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
        var bytes = [tag]
        if contents.count < 0x80 {
            bytes.append(UInt8(contents.count))
        } else {
            var length: [UInt8] = []
            var rest = contents.count
            while rest > 0 {
                length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
                rest >>= 8
            }
            bytes.append(0x80 | UInt8(length.count))
            bytes += length
        }
        return bytes + contents
    }

    static func sequence(_ elements: [UInt8]...) -> [UInt8] {
        element(DERReader.Tag.sequence, elements.flatMap { $0 })
    }

    /// A number that is not negative, of these bytes.
    static func integer(_ magnitude: [UInt8]) -> [UInt8] {
        var bytes = Array(magnitude.drop { $0 == 0 })
        if bytes.first ?? 0x80 >= 0x80 { bytes.insert(0, at: 0) }
        return element(DERReader.Tag.integer, bytes)
    }
}
