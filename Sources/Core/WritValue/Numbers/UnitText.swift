/// Why a text is no amount with a unit; OPA's message follows the builtin's name and a colon.
public enum UnitError: Error, Equatable, Sendable {
    /// "no amount provided", for bytes "no byte amount provided"
    case noAmount
    /// "could not parse amount to a number", for bytes "could not parse byte amount to a number"
    case notANumber
    /// "spaces not allowed in resource strings"
    case spaces
    /// "exponent too large"
    case exponentTooLarge
    /// "unit X not recognized", for bytes "byte unit X not recognized"
    case unknownUnit([UInt8])
    /// The amount has more digits than the limit on size.
    case tooLarge
}

/// `units.parse` and `units.parse_bytes`.
///
/// A text is a number and a unit without a space; quotation marks anywhere are left out. The number is decimal with
/// an optional sign, point and exponent of at most six digits ("+5", ".5", "5.", "1e3"); an `e` that no digit or sign
/// follows is the unit.
public enum UnitText {
    /// The number that `units.parse` gives: exact, digits alone when it is an integer, otherwise rounded half away
    /// from zero to ten digits after the point ("100m" gives 0.1000000000).
    ///
    /// The first letter of the unit keeps its case: `m` is a thousandth (as a Double, so that 1000m is 1.0000000000),
    /// `M` a million; "mi" and "Mi" are both 2^20.
    public static func amount(_ text: [UInt8]) throws(UnitError) -> [UInt8] {
        let (number, written) = try split(text)
        var unit = written
        for index in 1..<max(1, unit.count) { unit[index] = lower(unit[index]) }
        if number.isEmpty { throw .noAmount }
        guard let factor = unit.count == 1 && unit[0] == UInt8(ascii: "m") ? Factor.milli : factor(unit, bytes: false)
        else { throw .unknownUnit(unit) }
        guard let plain = json(number) else { throw .notANumber }
        let result: Result<[UInt8], NumberError> = plain.withUnsafeBufferPointer { buffer in
            do throws(NumberError) { return .success(try product(buffer, factor)) } catch { return .failure(error) }
        }
        do throws(NumberError) { return try result.get() } catch { throw .tooLarge }
    }

    /// The whole number of bytes that `units.parse_bytes` gives, rounded to 64 binary digits and cut off. Case does
    /// not matter: `m` is 10^6 here.
    public static func bytes(_ text: [UInt8]) throws(UnitError) -> [UInt8] {
        var lowered: [UInt8] = []
        lowered.reserveCapacity(text.count)
        for byte in text { lowered.append(lower(byte)) }
        let (number, unit) = try split(lowered)
        if number.isEmpty { throw .noAmount }
        guard let factor = factor(unit, bytes: true) else { throw .unknownUnit(unit) }
        guard let plain = json(number) else { throw .notANumber }
        do throws(NumberError) {
            let float = try BinaryFloat(BigInteger(factor.multiplier))
            return try BinaryFloat(plain).multiplied(by: float).truncated().decimalText
        } catch { throw .tooLarge }
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    private static func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") }

    /// Number and unit.
    private static func split(_ quoted: [UInt8]) throws(UnitError) -> ([UInt8], [UInt8]) {
        var text: [UInt8] = []
        text.reserveCapacity(quoted.count)
        for byte in quoted where byte != UInt8(ascii: "\"") { text.append(byte) }
        for byte in text where byte == UInt8(ascii: " ") { throw .spaces }
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte | 0x20 == UInt8(ascii: "e") {
                let next = index + 1 < text.count ? text[index + 1] : 0
                if !isDigit(next) && !isSign(next) { break }
                if isSign(next) { index += 1 }
                var digits = index + 1
                while digits < text.count, isDigit(text[digits]) { digits += 1 }
                if digits - index - 1 > 6 { throw .exponentTooLarge }
            } else if !isDigit(byte) && byte != UInt8(ascii: ".") && !isSign(byte) {
                break
            }
            index += 1
        }
        return (Array(text[..<index]), Array(text[index...]))
    }

    /// The number in JSON's grammar.
    private static func json(_ number: [UInt8]) -> [UInt8]? {
        var index = 0
        var out: [UInt8] = []
        if index < number.count, isSign(number[index]) {
            if number[index] == UInt8(ascii: "-") { out.append(UInt8(ascii: "-")) }
            index += 1
        }
        let start = index
        while index < number.count, isDigit(number[index]) { index += 1 }
        var first = start
        while first + 1 < index, number[first] == UInt8(ascii: "0") { first += 1 }
        out.append(contentsOf: number[first..<index])
        if index == start { out.append(UInt8(ascii: "0")) }
        var digits = index - start
        if index < number.count, number[index] == UInt8(ascii: ".") {
            let point = index
            index += 1
            while index < number.count, isDigit(number[index]) { index += 1 }
            digits += index - point - 1
            if index > point + 1 { out.append(contentsOf: number[point..<index]) }
        }
        if digits == 0 || (index < number.count && number[index] | 0x20 != UInt8(ascii: "e")) { return nil }
        out.append(contentsOf: number[index...])
        return NumberText.isValid(out) ? out : nil
    }

    /// multiplier / 2^shift.
    private struct Factor {
        var multiplier: UInt64
        var shift = 0
        /// The Double nearest to 0.001.
        static let milli = Factor(multiplier: 1_152_921_504_606_847, shift: 60)
    }

    private static func factor(_ unit: [UInt8], bytes: Bool) -> Factor? {
        if unit.isEmpty { return Factor(multiplier: 1) }
        let power: Int
        switch lower(unit[0]) {
        case UInt8(ascii: "k"): power = 1
        case UInt8(ascii: "m"): power = 2
        case UInt8(ascii: "g"): power = 3
        case UInt8(ascii: "t"): power = 4
        case UInt8(ascii: "p"): power = 5
        case UInt8(ascii: "e"): power = 6
        default: return nil
        }
        let binary = unit.count > 1 && unit[1] == UInt8(ascii: "i")
        var length = binary ? 2 : 1
        if bytes, unit.count > length, unit[length] == UInt8(ascii: "b") { length += 1 }
        if unit.count != length { return nil }
        if binary { return Factor(multiplier: 1 << UInt64(10 * power)) }
        var multiplier: UInt64 = 1
        for _ in 0..<power { multiplier = multiplier &* 1000 }
        return Factor(multiplier: multiplier)
    }

    /// The exact product as an integer, or with ten digits after the point.
    private static func product(
        _ bytes: UnsafeBufferPointer<UInt8>, _ factor: Factor
    ) throws(NumberError) -> [UInt8] {
        guard let scan = DecimalScan(bytes) else { throw .syntax }
        if scan.isZero { return [UInt8(ascii: "0")] }
        guard let digits = scan.digitLimbs() else { throw .tooLarge }
        let power = scan.pointPosition - Int64(scan.count)
        var numerator = BigInteger(magnitude: digits, negative: false)
        numerator = try numerator.multiplied(by: BigInteger(factor.multiplier))
        var denominator = BigInteger(1 as Int64)
        if power >= 0 {
            guard power <= Int64(BigInteger.maximumBits) else { throw .tooLarge }
            numerator = try numerator.multiplied(by: BigInteger.powerOfTen(Int(truncatingIfNeeded: power)))
        } else if 0 - power > Int64(scan.count) + 40 {
            // Far below the tenth digit after the point.
            numerator = .zero
            denominator = BigInteger(2 as Int64)
        } else {
            denominator = try BigInteger.powerOfTen(Int(truncatingIfNeeded: 0 - power))
        }
        denominator = try denominator.shiftedLeft(by: BigInteger(Int64(factor.shift)))
        let (whole, rest) = try numerator.divided(by: denominator)
        var out: [UInt8] = scan.isNegative ? [UInt8(ascii: "-")] : []
        if rest.isZero, !numerator.isZero {
            out.append(contentsOf: whole.decimalText)
            return out
        }
        var (scaled, left) = try numerator.multiplied(by: BigInteger.powerOfTen(10)).divided(by: denominator)
        if try left.adding(left).compare(denominator) >= 0 { scaled = try scaled.adding(BigInteger(1 as Int64)) }
        var text = scaled.decimalText
        while text.count < 11 { text.insert(UInt8(ascii: "0"), at: 0) }
        text.insert(UInt8(ascii: "."), at: text.count - 10)
        out.append(contentsOf: text)
        return out
    }
}
