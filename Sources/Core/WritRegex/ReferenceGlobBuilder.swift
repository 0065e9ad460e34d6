/// Makes the matchers of `ReferenceGlob` from the tokens of a pattern, by the library's rules: neighbours of known
/// length join into rows, common beginnings and ends of alternatives move out, and the longest piece of known length
/// becomes the one that is searched for.
struct ReferenceGlobBuilder {
    private typealias Kind = ReferenceGlob.Kind

    /// A pattern, or alternatives.
    private indirect enum Node: Equatable {
        case token(GlobParser.Token)
        case nothing
        case pattern([Node])
        case alternatives([Node])
    }

    private let delimiters: [UInt32]
    private var matchers: [ReferenceGlob.Matcher] = []

    /// Nil for a pattern that is too long for this.
    static func build(_ tokens: [GlobParser.Token], delimiters: [UInt32]) -> ReferenceGlob? {
        if tokens.count > ReferenceGlob.maxTokens { return nil }
        var builder = ReferenceGlobBuilder(delimiters: delimiters)
        let root = builder.compile(tree(tokens))
        return ReferenceGlob(builder.matchers, root: root)
    }

    private init(delimiters: [UInt32]) {
        self.delimiters = delimiters
    }

    /// Braces that are still open close at the end.
    private static func tree(_ tokens: [GlobParser.Token]) -> Node {
        /// The patterns being read, the innermost last, each with the finished alternatives before it.
        var open: [(alternatives: [Node], pattern: [Node])] = [([], [])]
        func close() {
            guard open.count > 1, let group = open.popLast() else { return }
            open[open.count - 1].pattern.append(.alternatives(group.alternatives + [.pattern(group.pattern)]))
        }
        for token in tokens {
            let top = open.count - 1
            switch token {
            case .open: open.append(([], []))
            case .separator:
                open[top].alternatives.append(.pattern(open[top].pattern))
                open[top].pattern = []
            case .close: close()
            default: open[top].pattern.append(.token(token))
            }
        }
        while open.count > 1 { close() }
        return .pattern(open[0].pattern)
    }

    // MARK: Matchers

    private mutating func add(_ kind: Kind, length: Int = -1) -> Int {
        matchers.append(ReferenceGlob.Matcher(kind: kind, length: length))
        return matchers.count - 1
    }

    private mutating func compile(_ node: Node) -> Int {
        switch node {
        case .alternatives(let patterns):
            if let smaller = Self.factored(patterns) { return compile(smaller) }
            var parts: [Int] = []
            for pattern in patterns { parts.append(optimize(compile(pattern))) }
            return add(.anyOf(parts), length: commonLength(parts))
        case .pattern(let children):
            if children.isEmpty { return add(.nothing, length: 0) }
            var parts: [Int] = []
            for child in children { parts.append(optimize(compile(child))) }
            return optimize(join(minimize(parts)))
        case .nothing:
            return add(.nothing, length: 0)
        case .token(let token):
            return optimize(compile(token))
        }
    }

    private mutating func compile(_ token: GlobParser.Token) -> Int {
        switch token {
        case .text(let scalars): return addText(scalars)
        case .any: return add(.any(delimiters))
        case .anything: return add(.anything)
        case .single: return add(.single(delimiters), length: 1)
        case .list(let scalars, let negated): return add(.list(scalars, negated: negated), length: 1)
        case .range(let lo, let hi, let negated): return add(.range(lo, hi, negated: negated), length: 1)
        case .open, .separator, .close: return add(.nothing, length: 0)
        }
    }

    private mutating func addText(_ scalars: [UInt32]) -> Int {
        var bytes: [UInt8] = []
        for scalar in scalars { UTF8Text.append(scalar, to: &bytes) }
        return add(.text(bytes), length: scalars.count)
    }

    /// The length of alternatives: a length that varies only counts if it is not the first.
    private func commonLength(_ parts: [Int]) -> Int {
        var common = -1
        for part in parts {
            let length = matchers[part].length
            if common == -1 {
                common = length
            } else if length != common {
                return -1
            }
        }
        return common
    }

    /// A special matcher for the shape of a matcher, if there is one.
    private mutating func optimize(_ index: Int) -> Int {
        switch matchers[index].kind {
        case .any(let delimiters) where delimiters.isEmpty:
            return add(.anything)
        case .anyOf(let parts) where parts.count == 1:
            return parts[0]
        case .list(let list, false) where list.count == 1:
            return addText(list)
        case .tree(let value, let oldLeft, let oldRight):
            let left = oldLeft < 0 ? -1 : optimize(oldLeft)
            let right = oldRight < 0 ? -1 : optimize(oldRight)
            matchers[index].kind = .tree(value: value, left: left, right: right)
            guard case .text(let text) = matchers[value].kind else { return index }
            let leftKind: Kind? = left < 0 ? nil : matchers[left].kind
            let rightKind: Kind? = right < 0 ? nil : matchers[right].kind
            switch (leftKind, rightKind) {
            case (nil, nil): return add(.text(text), length: matchers[value].length)
            case (.anything, .anything): return add(.contains(text, negated: false))
            case (.anything, nil): return add(.suffix(text))
            case (nil, .anything): return add(.prefix(text))
            case (nil, .suffix(let tail)): return add(.prefixSuffix(text, tail))
            case (.prefix(let head), nil): return add(.prefixSuffix(head, text))
            case (.any(let delimiters), nil): return add(.suffixAny(text, delimiters))
            case (nil, .any(let delimiters)): return add(.prefixAny(text, delimiters))
            default: return index
            }
        default:
            return index
        }
    }

    /// One matcher for a row of them.
    private mutating func join(_ parts: [Int]) -> Int {
        if parts.count == 1 { return parts[0] }
        if let glued = glue(parts[...]) { return make(glued, parts[...]) }
        var longest = -1
        var place = -1
        for (number, part) in parts.enumerated() where matchers[part].length >= max(0, longest) {
            longest = matchers[part].length
            place = number
        }
        if place < 0 {
            let right = join(Array(parts[1...]))
            return addTree(parts[0], -1, right)
        }
        let left = place > 0 ? join(Array(parts[..<place])) : -1
        let right = place + 1 < parts.count ? join(Array(parts[(place + 1)...])) : -1
        return addTree(parts[place], left, right)
    }

    private mutating func addTree(_ value: Int, _ left: Int, _ right: Int) -> Int {
        let leftLength = left < 0 ? 0 : matchers[left].length
        let rightLength = right < 0 ? 0 : matchers[right].length
        let valueLength = matchers[value].length
        let known = valueLength >= 0 && leftLength >= 0 && rightLength >= 0
        let index = add(
            .tree(value: value, left: left, right: right), length: known ? leftLength + valueLength + rightLength : -1)
        matchers[index].leftLength = leftLength
        matchers[index].rightLength = rightLength
        return index
    }

    /// Replaces the longest run that can be glued, as often as there is one.
    private mutating func minimize(_ parts: [Int]) -> [Int] {
        var parts = parts
        while true {
            var best: (glued: Glued, range: Range<Int>)?
            for left in parts.indices {
                for right in stride(from: parts.count, to: left, by: -1) {
                    guard let glued = glue(parts[left..<right]) else { continue }
                    if let old = best {
                        let longer = old.glued.length >= 0 && glued.length >= 0 && glued.length > old.glued.length
                        if !longer && old.range.count >= right - left { continue }
                    }
                    best = (glued, left..<right)
                }
            }
            guard let best else { return parts }
            let before = parts.count
            parts.replaceSubrange(best.range, with: [make(best.glued, parts[best.range])])
            if parts.count == before { return parts }
        }
    }

    /// What a run of matchers can become.
    private enum Glued {
        case row(Int)
        /// Wildcards with the same delimiters, with `*`, with `**`, and the number of single characters.
        case every(hasAny: Bool, hasAnything: Bool, least: Int, separators: [UInt32])

        var length: Int {
            if case .row(let length) = self { return length }
            return -1
        }
    }

    private func glue(_ parts: ArraySlice<Int>) -> Glued? {
        if parts.count <= 1 { return nil }
        return glueAsEvery(parts) ?? glueAsRow(parts)
    }

    private func glueAsRow(_ parts: ArraySlice<Int>) -> Glued? {
        var length = 0
        for part in parts {
            if matchers[part].length < 0 { return nil }
            length += matchers[part].length
        }
        return .row(length)
    }

    private func glueAsEvery(_ parts: ArraySlice<Int>) -> Glued? {
        var hasAny = false
        var hasAnything = false
        var least = 0
        var common: [UInt32]?
        for part in parts {
            var own: [UInt32] = []
            switch matchers[part].kind {
            case .anything:
                hasAnything = true
            case .any(let delimiters):
                own = delimiters
                hasAny = true
            case .single(let delimiters):
                own = delimiters
                least += 1
            case .list(let list, true):
                own = list
                least += 1
            default:
                return nil
            }
            if let common, common != own { return nil }
            common = own
        }
        return .every(hasAny: hasAny, hasAnything: hasAnything, least: least, separators: common ?? [])
    }

    /// Wildcards become a condition on the number of characters and on the delimiters: that the text does not contain
    /// all of them in a row.
    private mutating func make(_ glued: Glued, _ parts: ArraySlice<Int>) -> Int {
        switch glued {
        case .row(let length):
            return add(.row(Array(parts), length: length), length: length)
        case .every(let hasAny, let hasAnything, let least, let separators):
            if hasAnything && !hasAny && least == 0 { return add(.anything) }
            if hasAny && !hasAnything && least == 0 { return add(.any(separators)) }
            if hasAny || hasAnything, least > 0, separators.isEmpty { return add(.atLeast(least)) }
            var every: [Int] = []
            if least > 0 {
                every.append(add(.atLeast(least)))
                if !hasAny && !hasAnything { every.append(add(.atMost(least))) }
            }
            if !separators.isEmpty {
                var bytes: [UInt8] = []
                for scalar in separators { UTF8Text.append(scalar, to: &bytes) }
                every.append(add(.contains(bytes, negated: true)))
            }
            return add(.everyOf(every))
        }
    }

    // MARK: Alternatives

    /// Alternatives with common beginnings or ends moved out of them; nil if there are none.
    private static func factored(_ alternatives: [Node]) -> Node? {
        var patterns: [[Node]] = []
        for alternative in alternatives {
            guard case .pattern(let children) = alternative else { return nil }
            patterns.append(children)
        }
        let (left, right) = common(patterns)
        if left == 0 && right == 0 { return nil }
        var result: [Node] = []
        if left > 0 { result.append(.pattern(Array(patterns[0][..<left]))) }
        var rest: [Node] = []
        for pattern in patterns {
            let middle = Array(pattern[left..<(pattern.count - right)])
            let node: Node = middle.isEmpty ? .nothing : .pattern(middle)
            if !rest.contains(node) { rest.append(node) }
        }
        if rest.count > 1 {
            result.append(.alternatives(rest))
        } else if rest[0] != .nothing {
            result.append(rest[0])
        }
        if right > 0 { result.append(.pattern(Array(patterns[0][(patterns[0].count - right)...]))) }
        return .pattern(result)
    }

    /// How many children all patterns have in common at the beginning and at the end.
    private static func common(_ patterns: [[Node]]) -> (left: Int, right: Int) {
        if patterns.count <= 1 { return (0, 0) }
        var shortest = 0
        for number in patterns.indices where patterns[number].count < patterns[shortest].count { shortest = number }
        let count = patterns[shortest].count
        var left = 0
        var right = 0
        var leftEnds = false
        var rightEnds = false
        var i = 0
        while left + right < count, i < count, !(leftEnds && rightEnds) {
            let j = count - 1 - i
            for number in patterns.indices where number != shortest && !(leftEnds && rightEnds) {
                let other = patterns[number]
                leftEnds = leftEnds || patterns[shortest][i] != other[i]
                rightEnds = rightEnds || (!leftEnds && j <= i)
                rightEnds = rightEnds || patterns[shortest][j] != other[j + other.count - count]
            }
            if !leftEnds { left += 1 }
            if !rightEnds { right += 1 }
            i += 1
        }
        return (left, right)
    }
}
