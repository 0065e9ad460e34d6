/// Builds the two forms of a glob: a syntax tree for the regular expression engines, and, where it is possible, the
/// segments between its stars for `SegmentMatcher`.
struct GlobCompiler {
    private struct Frame {
        var operands: Int
        var alternatives: Int
    }

    private var tree = SyntaxTree()
    private var operands: [Int32] = []
    private var alternatives: [Int32] = []
    private var frames: [Frame] = [Frame(operands: 0, alternatives: 0)]
    private let delimiters: CharSet
    /// The class of all characters but the delimiters.
    private var inside: Int32 = -1

    /// Every token of the pattern.
    private(set) var tokens: [GlobParser.Token] = []
    private(set) var hasAlternatives = false

    init(delimiters: CharSet) {
        self.delimiters = delimiters
    }

    /// Reads the pattern.
    static func parse(
        _ pattern: UnsafeBufferPointer<UInt8>, delimiters: CharSet
    ) throws(GlobError) -> GlobCompiler {
        var compiler = GlobCompiler(delimiters: delimiters)
        var parser = GlobParser(pattern)
        while let token = try parser.next() {
            compiler.tokens.append(token)
            compiler.add(token)
        }
        return compiler
    }

    /// The tree of the whole pattern. Braces that are still open close here.
    mutating func finish() -> SyntaxTree {
        while frames.count > 1 { close() }
        operands.insert(assertion(Assertion.beginText), at: 0)
        operands.append(assertion(Assertion.endText))
        tree.root = concatenation(from: 0)
        return tree
    }

    private mutating func add(_ token: GlobParser.Token) {
        switch token {
        case .text(let scalars):
            for scalar in scalars {
                operands.append(
                    tree.append(SyntaxTree.Node(kind: .literal, a: Int32(bitPattern: scalar))))
            }
        case .any:
            star(single())
        case .anything:
            star(tree.append(SyntaxTree.Node(kind: .any)))
        case .single:
            operands.append(single())
        case .list(let scalars, let negated):
            var set = CharSet()
            for scalar in scalars { set.add(scalar, scalar) }
            operands.append(member(of: set, negated: negated))
        case .range(let lo, let hi, let negated):
            operands.append(member(of: CharSet(lo, hi), negated: negated))
        case .open:
            hasAlternatives = true
            frames.append(Frame(operands: operands.count, alternatives: alternatives.count))
        case .separator:
            finishAlternative()
        case .close:
            close()
        }
    }

    private mutating func assertion(_ value: UInt8) -> Int32 {
        tree.append(SyntaxTree.Node(kind: .assertion, isNullable: true, a: Int32(value)))
    }

    private mutating func single() -> Int32 {
        if inside < 0 {
            tree.classes.append(delimiters.inverted())
            inside = Int32(tree.classes.count - 1)
        }
        return tree.append(SyntaxTree.Node(kind: .set, a: inside))
    }

    private mutating func star(_ child: Int32) {
        operands.append(tree.append(SyntaxTree.Node(kind: .star, isNullable: true, firstChild: child)))
    }

    private mutating func member(of set: CharSet, negated: Bool) -> Int32 {
        var set = set
        set.normalize()
        tree.classes.append(negated ? set.inverted() : set)
        return tree.append(SyntaxTree.Node(kind: .set, a: Int32(tree.classes.count - 1)))
    }

    private mutating func finishAlternative() {
        guard let frame = frames.last else { return }
        let node = concatenation(from: frame.operands)
        alternatives.append(node)
    }

    private mutating func close() {
        finishAlternative()
        guard frames.count > 1, let frame = frames.popLast() else { return }
        let node = link(.alternation, alternatives[frame.alternatives...])
        alternatives.removeLast(alternatives.count - frame.alternatives)
        operands.append(node)
    }

    private mutating func concatenation(from start: Int) -> Int32 {
        let node =
            operands.count == start
            ? tree.append(SyntaxTree.Node(kind: .empty, isNullable: true))
            : link(.concatenation, operands[start...])
        operands.removeLast(operands.count - start)
        return node
    }

    private mutating func link(_ kind: SyntaxTree.Kind, _ children: ArraySlice<Int32>) -> Int32 {
        guard let first = children.first else {
            return tree.append(SyntaxTree.Node(kind: .empty, isNullable: true))
        }
        var previous = first
        for child in children.dropFirst() {
            tree.nodes[Int(previous)].nextSibling = child
            previous = child
        }
        return tree.append(SyntaxTree.Node(kind: kind, firstChild: first))
    }
}
