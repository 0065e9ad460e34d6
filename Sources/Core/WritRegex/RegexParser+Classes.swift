/// Escapes and character classes.
extension RegexParser {
    // MARK: Escapes

    /// Reads what begins with a backslash outside a class.
    mutating func escape() throws(RegexError) {
        let start = position
        if let next = peek(1) {
            switch next {
            case UInt8(ascii: "A"):
                position += 2
                return push(assertion: Assertion.beginText)
            case UInt8(ascii: "b"):
                position += 2
                return push(assertion: Assertion.wordBoundary)
            case UInt8(ascii: "B"):
                position += 2
                return push(assertion: Assertion.noWordBoundary)
            case UInt8(ascii: "C"):
                // A single byte: Go has no support for it.
                return try fail(.invalidEscape, start, start + 2)
            case UInt8(ascii: "Q"):
                position += 2
                return try quoted()
            case UInt8(ascii: "z"):
                position += 2
                return push(assertion: Assertion.endText)
            default:
                break
            }
        }
        if let use = try unicodeClass() {
            return push(SyntaxTree.Node(kind: .set, a: use))
        }
        var set = CharSet()
        if perlClass(&set) {
            set.normalize()
            return push(SyntaxTree.Node(kind: .set, a: try addClass(set)))
        }
        push(literal: try escapedScalar())
    }

    /// The literal text of `\Q...\E`; without `\E` up to the end.
    private mutating func quoted() throws(RegexError) {
        while position < text.count {
            if text[position] == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "E") {
                position += 2
                return
            }
            push(literal: try nextScalar())
        }
    }

    /// Reads an escape that stands for one character.
    private mutating func escapedScalar() throws(RegexError) -> UInt32 {
        let start = position
        position += 1
        guard position < text.count else { return try fail(.trailingBackslash, start, start) }
        let scalar = try nextScalar()
        switch scalar {
        case 0x31...0x37:  // 1...7: a back-reference, unless more octal digits follow
            guard let next = peek(), next >= UInt8(ascii: "0"), next <= UInt8(ascii: "7") else { break }
            return octal(scalar - 0x30)
        case 0x30:
            return octal(0)
        case 0x78:  // x
            guard position < text.count else { break }
            let first = try nextScalar()
            if first == UInt32(UInt8(ascii: "{")) {
                var value: UInt32 = 0
                var digits = 0
                while position < text.count {
                    let character = try nextScalar()
                    if character == UInt32(UInt8(ascii: "}")) {
                        if digits == 0 { break }
                        return value
                    }
                    guard let digit = Self.hexDigit(character) else { break }
                    value = value * 16 + digit
                    if value > CharSet.maxScalar { break }
                    digits += 1
                }
                break
            }
            let second = try nextScalar()
            if let high = Self.hexDigit(first), let low = Self.hexDigit(second) { return high << 4 | low }
        case 0x61: return 7  // \a
        case 0x66: return 12
        case 0x6E: return 10
        case 0x72: return 13
        case 0x74: return 9
        case 0x76: return 11
        default:
            if scalar < 0x80, !Assertion.isWord(UInt8(truncatingIfNeeded: scalar)) || scalar == 0x5F { return scalar }
        }
        return try fail(.invalidEscape, start, position)
    }

    /// Reads up to two more octal digits.
    private mutating func octal(_ first: UInt32) -> UInt32 {
        var value = first
        for _ in 0..<2 {
            guard let digit = peek(), digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "7") else { break }
            value = value << 3 | UInt32(digit & 7)
            position += 1
        }
        return value
    }

    private static func hexDigit(_ scalar: UInt32) -> UInt32? {
        switch scalar {
        case 0x30...0x39: scalar - 0x30
        case 0x41...0x46: scalar - 0x41 + 10
        case 0x61...0x66: scalar - 0x61 + 10
        default: nil
        }
    }

    // MARK: Classes

    /// Reads `[...]`.
    mutating func characterClass() throws(RegexError) {
        let start = position
        position += 1
        var negated = false
        if peek() == UInt8(ascii: "^") {
            negated = true
            position += 1
        }
        var set = CharSet()
        var added: [Int32] = []
        var first = true
        while first || peek() != UInt8(ascii: "]") {
            first = false
            if peek() == UInt8(ascii: "["), peek(1) == UInt8(ascii: ":"), try posixClass(&set) { continue }
            if let index = try unicodeClass() {
                // Adding one again would only cost time; there are no more than some hundreds.
                if !added.contains(index) {
                    added.append(index)
                    set.add(tree.classes[Int(index)])
                }
                continue
            }
            if perlClass(&set) { continue }
            let rangeStart = position
            let lo = try classScalar(start)
            var hi = lo
            // In [a-] the hyphen is itself.
            if peek() == UInt8(ascii: "-"), let next = peek(1), next != UInt8(ascii: "]") {
                position += 1
                hi = try classScalar(start)
                if hi < lo { return try fail(.invalidCharRange, rangeStart, position) }
            }
            set.add(lo, hi)
        }
        position += 1
        // Groups are closed under folding already, whether negated or not, so one pass at the end does for all.
        if flags.foldCase { set.foldCase(foldTable()) } else { set.normalize() }
        if negated { set = set.inverted() }
        push(SyntaxTree.Node(kind: .set, a: try addClass(set)))
    }

    private mutating func classScalar(_ classStart: Int) throws(RegexError) -> UInt32 {
        guard position < text.count else { return try fail(.missingBracket, classStart, text.count) }
        if text[position] == UInt8(ascii: "\\") { return try escapedScalar() }
        return try nextScalar()
    }

    /// Adds a group of ASCII ranges, with its case variants if the flag `i` is on, or its complement.
    private mutating func addGroup(_ pairs: [UInt32], negated: Bool, to set: inout CharSet) {
        var group = CharSet()
        for index in stride(from: 0, to: pairs.count, by: 2) { group.add(pairs[index], pairs[index + 1]) }
        if flags.foldCase { group.foldCase(foldTable()) } else { group.normalize() }
        set.add(negated ? group.inverted() : group)
    }

    /// Reads `\d`, `\s`, `\w` or one of their complements, if that is what comes.
    private mutating func perlClass(_ set: inout CharSet) -> Bool {
        guard peek() == UInt8(ascii: "\\"), let letter = peek(1) else { return false }
        let pairs: [UInt32]
        switch letter | 0x20 {
        case UInt8(ascii: "d"): pairs = [0x30, 0x39]
        case UInt8(ascii: "s"): pairs = [9, 10, 12, 13, 32, 32]
        case UInt8(ascii: "w"): pairs = [0x30, 0x39, 0x41, 0x5A, 0x5F, 0x5F, 0x61, 0x7A]
        default: return false
        }
        position += 2
        addGroup(pairs, negated: letter & 0x20 == 0, to: &set)
        return true
    }

    /// Reads `[:name:]`, if a `:]` follows at all.
    private mutating func posixClass(_ set: inout CharSet) throws(RegexError) -> Bool {
        let start = position
        var end = start + 2
        while end + 1 < text.count, text[end] != UInt8(ascii: ":") || text[end + 1] != UInt8(ascii: "]") { end += 1 }
        guard end + 1 < text.count else { return false }
        var nameStart = start + 2
        var negated = false
        if text[nameStart] == UInt8(ascii: "^") {
            negated = true
            nameStart += 1
        }
        guard let pairs = Self.posixPairs(text[nameStart..<max(nameStart, end)]) else {
            return try fail(.invalidCharRange, start, end + 2)
        }
        position = end + 2
        addGroup(pairs, negated: negated, to: &set)
        return true
    }

    private static func posixPairs(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt32]? {
        func named(_ literal: StaticString) -> Bool {
            name.elementsEqual(UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
        }
        if named("alnum") { return [0x30, 0x39, 0x41, 0x5A, 0x61, 0x7A] }
        if named("alpha") { return [0x41, 0x5A, 0x61, 0x7A] }
        if named("ascii") { return [0, 0x7F] }
        if named("blank") { return [9, 9, 32, 32] }
        if named("cntrl") { return [0, 0x1F, 0x7F, 0x7F] }
        if named("digit") { return [0x30, 0x39] }
        if named("graph") { return [0x21, 0x7E] }
        if named("lower") { return [0x61, 0x7A] }
        if named("print") { return [0x20, 0x7E] }
        if named("punct") { return [0x21, 0x2F, 0x3A, 0x40, 0x5B, 0x60, 0x7B, 0x7E] }
        if named("space") { return [9, 13, 32, 32] }
        if named("upper") { return [0x41, 0x5A] }
        if named("word") { return [0x30, 0x39, 0x41, 0x5A, 0x5F, 0x5F, 0x61, 0x7A] }
        if named("xdigit") { return [0x30, 0x39, 0x41, 0x46, 0x61, 0x66] }
        return nil
    }

    /// Reads `\pN`, `\p{Name}`, `\p{^Name}` or `\P...`, if that is what comes, and returns the number of the class.
    private mutating func unicodeClass() throws(RegexError) -> Int32? {
        guard peek() == UInt8(ascii: "\\"), let letter = peek(1), letter | 0x20 == UInt8(ascii: "p") else {
            return nil
        }
        let start = position
        var negated = letter == UInt8(ascii: "P")
        position += 2
        var nameStart = position
        var nameEnd: Int
        if try nextScalar() == UInt32(UInt8(ascii: "{")) {
            nameStart = position
            nameEnd = nameStart
            while nameEnd < text.count, text[nameEnd] != UInt8(ascii: "}") { nameEnd += 1 }
            guard nameEnd < text.count else {
                try checkUTF8(start, text.count)
                return try fail(.invalidCharRange, start, text.count)
            }
            try checkUTF8(nameStart, nameEnd)
            position = nameEnd + 1
        } else {
            nameEnd = position
        }
        if nameStart < nameEnd, text[nameStart] == UInt8(ascii: "^") {
            negated.toggle()
            nameStart += 1
        }
        guard let kind = UnicodeData.lookUp(text[nameStart..<nameEnd]) else {
            return try fail(.invalidCharRange, start, position)
        }
        for use in unicodeClasses
        where use.kind == kind && use.folded == flags.foldCase && use.negated == negated {
            return use.index
        }
        var set = UnicodeData.members(kind)
        if flags.foldCase { set.foldCase(foldTable()) }
        if negated { set = set.inverted() }
        let index = try addClass(set)
        unicodeClasses.append(
            UnicodeClassUse(kind: kind, folded: flags.foldCase, negated: negated, index: index))
        return index
    }
}
