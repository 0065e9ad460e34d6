/// Doubles in Go's `fmt`: `%v %g %G %e %E %f %F %x %X %b`.
extension GoFormat {
    static func appendDouble(_ value: Double, _ spec: FormatSpec, to out: inout [UInt8]) -> Bool {
        var format = UInt8(truncatingIfNeeded: spec.verb)
        var precision = -1
        switch spec.verb {
        case UInt32(UInt8(ascii: "v")): format = UInt8(ascii: "g")
        case UInt32(UInt8(ascii: "g")), UInt32(UInt8(ascii: "G")), UInt32(UInt8(ascii: "b")),
            UInt32(UInt8(ascii: "x")), UInt32(UInt8(ascii: "X")):
            break
        case UInt32(UInt8(ascii: "e")), UInt32(UInt8(ascii: "E")), UInt32(UInt8(ascii: "f")): precision = 6
        case UInt32(UInt8(ascii: "F")):
            format = UInt8(ascii: "f")
            precision = 6
        default: return false
        }
        precision = spec.digits ?? precision
        var number = DoubleText.format(value, format, precision: precision)
        // The sign apart, "+" when there is none.
        var sign = UInt8(ascii: "+")
        if let first = number.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
            sign = first
            number.removeFirst()
        }
        if spec.space, sign == UInt8(ascii: "+"), !spec.plus { sign = UInt8(ascii: " ") }
        if !value.isFinite {
            var spaces = spec
            spaces.zero = false
            let shown = !value.isNaN || spec.space || spec.plus
            let text = shown && (spec.plus || sign != UInt8(ascii: "+") || !value.isNaN) ? [sign] + number : number
            spaces.pad(text, count: text.count, to: &out)
            return true
        }
        if spec.sharp, format != UInt8(ascii: "b") { forcePoint(&number, format, precision) }
        guard spec.plus || sign != UInt8(ascii: "+") else {
            spec.pad(number, count: number.count, to: &out)
            return true
        }
        // Zeros go between the sign and the digits.
        if spec.zero, !spec.minus, spec.width != nil, spec.padding > number.count + 1 {
            out.append(sign)
            spec.appendPadding(spec.padding - number.count - 1, to: &out)
            out.append(contentsOf: number)
            return true
        }
        spec.pad([sign] + number, count: number.count + 1, to: &out)
        return true
    }

    /// The sharp flag: a point always, and for `%g` and `%x` zeros up to the precision.
    private static func forcePoint(_ number: inout [UInt8], _ format: UInt8, _ precision: Int) {
        var digits = 0
        if format == UInt8(ascii: "g") || format == UInt8(ascii: "G") || format == UInt8(ascii: "x") {
            digits = precision < 0 ? 6 : precision
        }
        let hexadecimal = format | 0x20 == UInt8(ascii: "x")
        var tail: [UInt8] = []
        var hasPoint = false
        var significant = false
        for index in 0..<number.count {
            let byte = number[index]
            if byte == UInt8(ascii: ".") {
                hasPoint = true
                continue
            }
            if byte | 0x20 == UInt8(ascii: "p") || (byte | 0x20 == UInt8(ascii: "e") && !hexadecimal) {
                tail = Array(number[index...])
                number.removeLast(number.count - index)
                break
            }
            if byte != UInt8(ascii: "0") { significant = true }
            if significant { digits -= 1 }
        }
        if !hasPoint {
            if number.count == 1, number[0] == UInt8(ascii: "0") { digits -= 1 }
            number.append(UInt8(ascii: "."))
        }
        if digits > 0 { number.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits)) }
        number.append(contentsOf: tail)
    }
}
