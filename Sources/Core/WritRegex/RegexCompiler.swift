/// Turns a syntax tree into a program.
///
/// Works backwards: `compile(node, next)` emits the node so that it continues at `next` and returns where it begins.
/// Its recursion is bounded by the height of the tree (at most `SyntaxTree.maxHeight`). The shape of loops over what
/// can match the empty string is that of Go, since it decides which of several matches has priority.
struct RegexCompiler {
    private let tree: SyntaxTree
    private var code: [Instruction] = []
    private var overflow = false

    static func compile(
        _ tree: SyntaxTree, pattern: UnsafeBufferPointer<UInt8>
    ) throws(RegexError) -> Program {
        var compiler = RegexCompiler(tree: tree)
        let match = compiler.emit(.match)
        let close = compiler.emit(.capture, out: match, argument: 1)
        let body = compiler.compile(tree.root, next: close)
        let start = compiler.emit(.capture, out: body, argument: 0)
        let slots = 2 * (tree.captureCount + 1)
        // The capture rows of the Pike machine are bounded too (16 bytes for each of these).
        if compiler.overflow || compiler.code.count * slots > 1 << 23 {
            throw RegexError(.tooLarge, pattern)
        }
        return compiler.finish(start: start, slotCount: slots)
    }

    private init(tree: SyntaxTree) {
        self.tree = tree
    }

    private mutating func emit(_ kind: Instruction.Kind, out: UInt32 = 0, argument: UInt32 = 0) -> UInt32 {
        guard code.count < Program.maxInstructions else {
            overflow = true
            return 0
        }
        code.append(Instruction(kind: kind, out: out, argument: argument))
        return UInt32(code.count - 1)
    }

    /// Emits a choice: `first` has priority unless the operator is lazy.
    private mutating func emitSplit(_ first: UInt32, _ second: UInt32, lazy: Bool) -> UInt32 {
        lazy ? emit(.split, out: second, argument: first) : emit(.split, out: first, argument: second)
    }

    private mutating func compile(_ index: Int32, next: UInt32) -> UInt32 {
        if overflow { return 0 }
        let node = tree.nodes[Int(index)]
        switch node.kind {
        case .empty:
            return next
        case .literal:
            return emit(.scalar, out: next, argument: UInt32(bitPattern: node.a))
        case .set:
            return emit(.set, out: next, argument: UInt32(bitPattern: node.a))
        case .any:
            return emit(.any, out: next)
        case .anyNotNewline:
            return emit(.anyNotNewline, out: next)
        case .assertion:
            return emit(.assertion, out: next, argument: UInt32(bitPattern: node.a))
        case .capture:
            let slot = UInt32(bitPattern: node.a) * 2
            let close = emit(.capture, out: next, argument: slot + 1)
            let body = compile(node.firstChild, next: close)
            return emit(.capture, out: body, argument: slot)
        case .concatenation:
            var children: [Int32] = []
            var child = node.firstChild
            while child >= 0 {
                children.append(child)
                child = tree.nodes[Int(child)].nextSibling
            }
            var entry = next
            for child in children.reversed() { entry = compile(child, next: entry) }
            return entry
        case .alternation:
            var entries: [UInt32] = []
            var child = node.firstChild
            while child >= 0 {
                entries.append(compile(child, next: next))
                child = tree.nodes[Int(child)].nextSibling
            }
            guard var entry = entries.popLast() else { return next }
            while let previous = entries.popLast() { entry = emit(.split, out: previous, argument: entry) }
            return entry
        case .star:
            return star(node.firstChild, lazy: node.isLazy, next: next)
        case .plus:
            return plus(node.firstChild, lazy: node.isLazy, next: next).entry
        case .quest:
            return emitSplit(compile(node.firstChild, next: next), next, lazy: node.isLazy)
        case .repetition:
            return repetition(node, next: next)
        }
    }

    /// `x+`: the body, then a choice to go back.
    private mutating func plus(_ child: Int32, lazy: Bool, next: UInt32) -> (entry: UInt32, loop: UInt32) {
        let loop = emit(.split)
        let body = compile(child, next: loop)
        if !overflow {
            code[Int(loop)].out = lazy ? next : body
            code[Int(loop)].argument = lazy ? body : next
        }
        return (body, loop)
    }

    /// `x*`, which is `(x+)?` if x can be empty: an empty first turn must be preferred to none at all.
    private mutating func star(_ child: Int32, lazy: Bool, next: UInt32) -> UInt32 {
        let (entry, loop) = plus(child, lazy: lazy, next: next)
        guard tree.nodes[Int(child)].isNullable else { return loop }
        return emitSplit(entry, next, lazy: lazy)
    }

    /// `x{n,m}` is n copies of x and then (x(x...)?)?; `x{n,}` is n - 1 copies and x+.
    private mutating func repetition(_ node: SyntaxTree.Node, next: UInt32) -> UInt32 {
        let child = node.firstChild
        var least = node.a
        var entry = next
        if node.b < 0 {
            if least == 0 { return star(child, lazy: node.isLazy, next: next) }
            entry = plus(child, lazy: node.isLazy, next: next).entry
            least -= 1
        } else {
            for _ in 0..<max(0, node.b - least) where !overflow {
                entry = emitSplit(compile(child, next: entry), next, lazy: node.isLazy)
            }
        }
        for _ in 0..<max(0, least) where !overflow { entry = compile(child, next: entry) }
        return entry
    }

    // MARK: Layout

    private func finish(start: UInt32, slotCount: Int) -> Program {
        let instructions = UnsafeMutableBufferPointer<Instruction>.allocate(capacity: code.count)
        _ = instructions.initialize(from: code)

        // Only classes that the program uses are laid out.
        var used = [UInt32](repeating: .max, count: tree.classes.count)
        var tables: [ClassTable] = []
        var ranges: [CharSet.Range] = []
        var assertions: UInt8 = 0
        for index in instructions.indices {
            let instruction = instructions[index]
            if instruction.kind == .assertion { assertions |= UInt8(truncatingIfNeeded: instruction.argument) }
            guard instruction.kind == .set else { continue }
            let number = Int(instruction.argument)
            if used[number] == .max {
                used[number] = UInt32(tables.count)
                tables.append(Self.layOut(tree.classes[number], into: &ranges))
            }
            instructions[index].argument = used[number]
        }
        let classes = UnsafeMutableBufferPointer<ClassTable>.allocate(capacity: tables.count)
        _ = classes.initialize(from: tables)
        let flat = UnsafeMutableBufferPointer<CharSet.Range>.allocate(capacity: ranges.count)
        _ = flat.initialize(from: ranges)

        let junctionCount = Self.numberJunctions(instructions, start: start)
        let literal = literalShape(start)
        var program = Program(
            instructions: instructions, classes: classes, ranges: flat, start: start, slotCount: slotCount,
            anchoredAtStart: literal.anchored, assertions: assertions, prefix: literal.prefix,
            isLiteral: literal.complete && slotCount == 2, literalEndsText: literal.endsText)
        program.firstBytes = Self.firstBytes(program)
        program.junctionCount = junctionCount
        return program
    }

    /// Numbers the instructions that follow more than one, and the first; gives their count.
    private static func numberJunctions(_ instructions: UnsafeMutableBufferPointer<Instruction>, start: UInt32) -> Int {
        var isReached = [Bool](repeating: false, count: instructions.count)
        var count = 0
        func reach(_ pc: UInt32) {
            if isReached[Int(pc)], instructions[Int(pc)].junction == 0 {
                count += 1
                instructions[Int(pc)].junction = UInt32(count)
            }
            isReached[Int(pc)] = true
        }
        reach(start)
        reach(start)
        for instruction in instructions {
            if instruction.kind == .match { continue }
            reach(instruction.out)
            if instruction.kind == .split { reach(instruction.argument) }
        }
        return count
    }

    /// The bytes that a match can begin with; nil if it can be empty or they are many.
    private static func firstBytes(_ program: Program) -> ByteSet? {
        var set = ByteSet()
        var seen = [Bool](repeating: false, count: program.instructions.count)
        var pending = [program.start]
        func add(_ lo: UInt32, _ hi: UInt32) {
            set.insert(UTF8Text.firstByte(lo)...UTF8Text.firstByte(hi))
        }
        while let pc = pending.popLast() {
            if seen[Int(pc)] { continue }
            seen[Int(pc)] = true
            let instruction = program.instructions[Int(pc)]
            switch instruction.kind {
            case .match, .any, .anyNotNewline: return nil
            case .split:
                pending.append(instruction.out)
                pending.append(instruction.argument)
            case .capture, .assertion: pending.append(instruction.out)
            case .scalar: add(instruction.argument, instruction.argument)
            case .set:
                let table = program.classes[Int(instruction.argument)]
                set.insertASCII(table.low, table.high)
                for range in program.ranges[table.start..<(table.start + table.count)] { add(range.lo, range.hi) }
            }
            if instruction.consumes, program.accepts(instruction, UTF8Text.replacement) { set.insert(0x80...0xFF) }
            if set.count > 96 { return nil }
        }
        set.seal()
        return set
    }

    private static func layOut(_ set: CharSet, into ranges: inout [CharSet.Range]) -> ClassTable {
        var table = ClassTable()
        table.start = ranges.count
        for range in set.ranges {
            var scalar = range.lo
            while scalar <= range.hi, scalar < 128 {
                if scalar < 64 { table.low |= 1 << UInt64(scalar) } else { table.high |= 1 << UInt64(scalar - 64) }
                scalar += 1
            }
            if range.hi >= 128 { ranges.append(CharSet.Range(lo: max(128, range.lo), hi: range.hi)) }
        }
        table.count = ranges.count - table.start
        return table
    }

    /// Follows the program from its start as long as there is only one way.
    private func literalShape(_ start: UInt32) -> (prefix: [UInt8], anchored: Bool, complete: Bool, endsText: Bool) {
        var prefix: [UInt8] = []
        var anchored = false
        var endsText = false
        var pc = Int(start)
        while true {
            let instruction = code[pc]
            switch instruction.kind {
            case .capture:
                break
            case .assertion where instruction.argument == UInt32(Assertion.beginText) && prefix.isEmpty && !endsText:
                anchored = true
            case .assertion where instruction.argument == UInt32(Assertion.endText):
                endsText = true
            case .scalar where !endsText && Self.isPlain(instruction.argument) && prefix.count < 1 << 16:
                UTF8Text.append(instruction.argument, to: &prefix)
            case .match:
                return (prefix, anchored, true, endsText)
            default:
                return (prefix, anchored, false, false)
            }
            pc = Int(instruction.out)
        }
    }

    /// Whether a character is found exactly where its bytes are. U+FFFD also matches bytes that are no UTF-8, and a
    /// surrogate matches nothing.
    private static func isPlain(_ value: UInt32) -> Bool {
        value != UTF8Text.replacement && (value < 0xD800 || value >= 0xE000)
    }
}
