/// The name of an issuer or a subject: attributes in their order.
struct DistinguishedName {
    let raw: [UInt8]
    let attributes: [(type: ObjectIdentifier, value: AttributeValue)]

    init(_ contents: DERReader, raw: [UInt8]) throws(KeyFailure) {
        let failed = "x509: invalid RDNSequence"
        var list = contents
        var attributes: [(type: ObjectIdentifier, value: AttributeValue)] = []
        while !list.isEmpty {
            guard var set = try? list.element(DERReader.Tag.set) else { throw KeyFailure(failed) }
            while !set.isEmpty {
                guard var attribute = try? set.sequence() else { throw KeyFailure(failed + ": invalid attribute") }
                guard let type = try? attribute.identifier() else {
                    throw KeyFailure(failed + ": invalid attribute type")
                }
                guard let (tag, value, _) = try? attribute.any() else {
                    throw KeyFailure(failed + ": invalid attribute value")
                }
                do throws(KeyFailure) { attributes.append((type, .text(try Self.text(tag, value.rest)))) } catch {
                    throw KeyFailure(failed + ": invalid attribute value: \(error.message)")
                }
            }
        }
        self.raw = raw
        self.attributes = attributes
    }

    /// The subject of a request, whose values may be of any type.
    init(request contents: DERReader, raw: [UInt8]) throws(KeyFailure) {
        var list = contents
        var attributes: [(type: ObjectIdentifier, value: AttributeValue)] = []
        while !list.isEmpty {
            guard var set = try? list.element(DERReader.Tag.set) else { throw Self.noName }
            while !set.isEmpty {
                guard var attribute = try? set.sequence(), let type = try? attribute.identifier(),
                    let value = AttributeValue(&attribute)
                else { throw Self.noName }
                attributes.append((type, value))
            }
        }
        self.raw = raw
        self.attributes = attributes
    }

    private static let noName = KeyFailure("asn1: structure error: no name")

    /// All values of an attribute of X.520 (2.5.4.`number`).
    func values(_ number: Int) -> [[UInt8]] {
        attributes.compactMap { attribute in
            guard attribute.type == ObjectIdentifier(2, 5, 4, number), case .text(let text) = attribute.value else {
                return nil
            }
            return text
        }
    }

    /// The text of a string of ASN.1 in UTF-8.
    static func text(_ tag: UInt8, _ bytes: ArraySlice<UInt8>) throws(KeyFailure) -> [UInt8] {
        switch tag {
        case DERReader.Tag.teletex:
            // T.61 is nearly Latin-1, and is read as such.
            return Array(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })).utf8)
        case DERReader.Tag.printable:
            guard bytes.allSatisfy(isPrintable) else { throw KeyFailure("invalid PrintableString") }
        case DERReader.Tag.utf8:
            guard String(validating: bytes, as: UTF8.self) != nil else { throw KeyFailure("invalid UTF-8 string") }
        case DERReader.Tag.bmp: return try bmp(bytes)
        case DERReader.Tag.ia5:
            guard bytes.allSatisfy({ $0 < 0x80 }) else { throw KeyFailure("invalid IA5String") }
        case DERReader.Tag.numeric:
            guard bytes.allSatisfy({ $0 == UInt8(ascii: " ") || $0 &- UInt8(ascii: "0") < 10 }) else {
                throw KeyFailure("invalid NumericString")
            }
        default: throw KeyFailure("unsupported string type: \(tag)")
        }
        return Array(bytes)
    }

    private static func bmp(_ bytes: ArraySlice<UInt8>) throws(KeyFailure) -> [UInt8] {
        guard bytes.count % 2 == 0 else { throw KeyFailure("invalid BMPString") }
        var units: [UInt16] = []
        var index = bytes.startIndex
        while index + 1 < bytes.endIndex {
            units.append(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]))
            index += 2
        }
        // Some writers end it with a zero.
        if units.last == 0 { units.removeLast() }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    /// The characters of PrintableString, and `*` and `&`, which certificates have there all the same.
    private static func isPrintable(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26 || printableSigns.contains(byte)
    }

    private static let printableSigns = Array(" '()+,-./:=?*&".utf8)
}

/// The times of certificates.
enum CertificateTime {
    /// Reads a UTCTime or a GeneralizedTime: seconds since 1970.
    static func parse(_ reader: inout DERReader) throws(KeyFailure) -> Int64 {
        guard let (tag, contents, _) = try? reader.any() else { throw KeyFailure("x509: unsupported time format") }
        let bytes = Array(contents.rest)
        switch tag {
        case DERReader.Tag.utcTime:
            guard let time = seconds(bytes, yearDigits: 2) else { throw KeyFailure("x509: malformed UTCTime") }
            return time
        case DERReader.Tag.generalizedTime:
            guard let time = seconds(bytes, yearDigits: 4) else { throw KeyFailure("x509: malformed GeneralizedTime") }
            return time
        default: throw KeyFailure("x509: unsupported time format")
        }
    }

    private static func seconds(_ text: [UInt8], yearDigits: Int) -> Int64? {
        var index = 0
        func number(_ digits: Int) -> Int? {
            guard index + digits <= text.count else { return nil }
            var value = 0
            for byte in text[index..<(index + digits)] {
                guard byte &- UInt8(ascii: "0") < 10 else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            index += digits
            return value
        }
        guard var year = number(yearDigits), let month = number(2), let day = number(2), let hour = number(2),
            let minute = number(2)
        else { return nil }
        if yearDigits == 2 { year += year >= 50 ? 1900 : 2000 }
        // The old form of a UTCTime has no seconds.
        let hasSeconds = index < text.count && text[index] &- UInt8(ascii: "0") < 10
        guard hasSeconds || yearDigits == 2 else { return nil }
        guard let second = hasSeconds ? number(2) : 0, index < text.count else { return nil }
        guard month >= 1, month <= 12, day >= 1, day <= days(month, year), hour < 24, minute < 60, second < 60 else {
            return nil
        }
        var time = Int64(daysSince1970(year, month, day)) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
        let zone = text[index]
        index += 1
        if zone != UInt8(ascii: "Z") {
            guard zone == UInt8(ascii: "+") || zone == UInt8(ascii: "-"), let hours = number(2),
                let minutes = number(2), hours <= 24, minutes < 60
            else { return nil }
            let offset = Int64(hours * 3600 + minutes * 60)
            time += zone == UInt8(ascii: "+") ? -offset : offset
        }
        return index == text.count ? time : nil
    }

    private static func days(_ month: Int, _ year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// In the Gregorian calendar, counted in years that begin in March.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// As RFC 3339 writes it, in UTC.
    static func text(_ seconds: Int64) -> String {
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        let rest = Int(seconds) - days * 86_400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func padded(_ number: Int, _ digits: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
        }
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T" + padded(rest / 3600, 2) + ":"
            + padded(rest / 60 % 60, 2) + ":" + padded(rest % 60, 2) + "Z"
    }
}
