/// Who a certificate names, as OPA gives it to policies: `CN=jo,OU=a+OU=b,O=example`.
///
/// Only the attributes that Go's `pkix.Name` knows are shown, in its order; the certificate was verified before, but
/// nothing is taken for granted here.
enum CertificateSubject {
    /// The attributes in the order in which they are shown, by the last number of their identifier (2.5.4.N).
    private static let names: [(number: UInt8, name: String)] = [
        (5, "SERIALNUMBER"), (3, "CN"), (17, "POSTALCODE"), (9, "STREET"), (8, "ST"), (7, "L"), (11, "OU"), (10, "O"),
        (6, "C"),
    ]

    /// The text for a certificate in DER; nil for what is none.
    static func text(of certificate: [UInt8]) -> [UInt8]? {
        var outer = DERReader(certificate[...])
        guard let whole = outer.next(0x30) else { return nil }
        var parts = DERReader(whole)
        guard let signed = parts.next(0x30) else { return nil }
        var fields = DERReader(signed)
        _ = fields.next(0xA0)
        // Serial number, algorithm, issuer, validity; then the subject.
        guard fields.next(0x02) != nil, fields.next(0x30) != nil, fields.next(0x30) != nil, fields.next(0x30) != nil,
            let subject = fields.next(0x30)
        else { return nil }
        return text(ofName: subject)
    }

    private static func text(ofName name: ArraySlice<UInt8>) -> [UInt8]? {
        var values: [UInt8: [[UInt8]]] = [:]
        var sets = DERReader(name)
        while !sets.isAtEnd {
            guard let set = sets.next(0x31) else { return nil }
            var pairs = DERReader(set)
            while !pairs.isAtEnd {
                guard let pair = pairs.next(0x30) else { return nil }
                var both = DERReader(pair)
                guard let kind = both.next(0x06), let (tag, value) = both.any() else { return nil }
                guard kind.count == 3, kind.starts(with: [0x55, 0x04]), let number = kind.last else { continue }
                let text = tag == 0x1E ? wide(value) : Array(value)
                // Of names and serial numbers the last counts.
                if number == 3 || number == 5 {
                    values[number] = [text]
                } else {
                    values[number, default: []].append(text)
                }
            }
        }
        var result: [UInt8] = []
        for (number, name) in names {
            guard let found = values[number] else { continue }
            if !result.isEmpty { result.append(UInt8(ascii: ",")) }
            for (index, value) in found.enumerated() {
                if index > 0 { result.append(UInt8(ascii: "+")) }
                result += Array(name.utf8) + [UInt8(ascii: "=")] + escaped(value)
            }
        }
        return result
    }

    private static func escaped(_ value: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for (index, byte) in value.enumerated() {
            let isEdge = index == 0 || index == value.count - 1
            if ",+\"\\<>;".utf8.contains(byte) || byte == 0x20 && isEdge || byte == UInt8(ascii: "#") && index == 0 {
                result.append(UInt8(ascii: "\\"))
            }
            result.append(byte)
        }
        return result
    }

    /// Text of two bytes a letter.
    private static func wide(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var units: [UInt16] = []
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            units.append(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]))
            index += 2
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }
}

/// Reads values of DER one after another.
private struct DERReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    /// The content of the next value if it has a tag; else nothing is read.
    mutating func next(_ tag: UInt8) -> ArraySlice<UInt8>? {
        guard rest.first == tag else { return nil }
        return any()?.content
    }

    mutating func any() -> (tag: UInt8, content: ArraySlice<UInt8>)? {
        guard rest.count >= 2, let tag = rest.first else { return nil }
        var place = rest.startIndex + 1
        var length = Int(rest[place])
        place += 1
        if length >= 0x80 {
            let digits = length & 0x7F
            guard digits >= 1, digits <= 3, rest.endIndex - place >= digits else { return nil }
            length = 0
            for _ in 0..<digits {
                length = length << 8 | Int(rest[place])
                place += 1
            }
        }
        guard rest.endIndex - place >= length else { return nil }
        let content = rest[place..<place + length]
        rest = rest[(place + length)...]
        return (tag, content)
    }
}
