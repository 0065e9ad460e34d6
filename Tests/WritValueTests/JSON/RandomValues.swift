import WritValue

/// Random values of all kinds, within a space.
struct RandomValues {
    var generator: Generator
    let space: Space

    init(seed: UInt64, space: Space) {
        generator = Generator(state: seed)
        self.space = space
    }

    /// A value of at most `depth` levels. Documents of JSON have string keys and no sets.
    mutating func value(depth: Int, isJSON: Bool) throws(Fault) -> Value {
        switch generator.below(depth > 0 ? 11 : 7) {
        case 0: return .null
        case 1: return .boolean(generator.below(2) == 0)
        case 2: return .integer(Int64(generator.below(20)) - 10)
        case 3: return try number()
        case 4, 5, 6: return try string()
        case 7, 8:
            let list = try values(depth: depth - 1, isJSON: isJSON)
            return try space.array(list)
        case 9 where !isJSON:
            let list = try values(depth: depth - 1, isJSON: isJSON)
            return try space.set(list)
        default:
            var list = ValueList()
            for _ in 0..<size() {
                try list.append(isJSON ? string() : value(depth: depth - 1, isJSON: false), in: space)
                try list.append(value(depth: depth - 1, isJSON: isJSON), in: space)
            }
            return try space.object(pairs: list)
        }
    }

    /// Mostly small, at times beyond the sizes at which layouts change.
    private mutating func size() -> Int {
        generator.below(12) == 0 ? generator.below(60) : generator.below(6)
    }

    private mutating func values(depth: Int, isJSON: Bool) throws(Fault) -> ValueList {
        var list = ValueList()
        for _ in 0..<size() { try list.append(value(depth: depth, isJSON: isJSON), in: space) }
        return list
    }

    mutating func number() throws(Fault) -> Value {
        var text: [UInt8] = generator.below(3) == 0 ? [UInt8(ascii: "-")] : []
        func digits(_ count: Int, _ generator: inout Generator) -> [UInt8] {
            (0..<count).map { _ in UInt8(ascii: "0") + UInt8(generator.below(10)) }
        }
        let whole = generator.below(4) == 0 ? 30 : 1 + generator.below(5)
        text += [UInt8(ascii: "1") + UInt8(generator.below(9))] + digits(whole - 1, &generator)
        if generator.below(2) == 0 { text += [UInt8(ascii: ".")] + digits(1 + generator.below(20), &generator) }
        if generator.below(4) == 0 { text += utf8("e-") + digits(1 + generator.below(2), &generator) }
        return try space.number(text)
    }

    mutating func string() throws(Fault) -> Value {
        let pieces = [
            "a", "b", "key", "\u{0}", "\"", "\\", "é", "日本", "😀", "\n", "<", "\u{2028}", "a longer part ", "\u{7f}",
        ]
        var text = ""
        for _ in 0..<generator.below(5) { text += pieces[generator.below(pieces.count)] }
        return try space.string(utf8(text))
    }
}
