import WritPlan
import WritSource

/// Builds the nested blocks of one function as a flat sequence of calls: blocks are opened and closed, and
/// whatever is emitted goes to the innermost open one. So lowering a body needs no recursion over its
/// expressions, however many loops they open.
struct Emitter {
    enum Wrapper {
        case plain
        case negated
        case scan(Generator, key: Local?, value: Local?)
        case documentScan(from: Local, key: Local)
        case with([Override])
        case outside
    }

    private struct Open {
        var wrapper: Wrapper
        var range: SourceRange
        var statements: [Statement]
    }

    private var open: [Open] = [Open(wrapper: .plain, range: .none, statements: [])]
    /// The range of the expression at hand.
    var range = SourceRange.none
    private(set) var nextLocal: Int
    private(set) var highestLocal: Int
    /// Statements made so far, blocks among them.
    private(set) var statementCount = 0

    init(parameters: Int) {
        nextLocal = parameters
        highestLocal = parameters
    }

    /// How many blocks are open.
    var depth: Int { open.count }

    mutating func local() -> Local {
        nextLocal += 1
        highestLocal = max(highestLocal, nextLocal)
        return Local(nextLocal - 1)
    }

    /// Gives registers from `mark` on to others: for code that never runs together with what used them.
    mutating func reuseLocals(from mark: Int) { nextLocal = mark }

    mutating func emit(_ kind: Statement.Kind) {
        statementCount += 1
        open[open.count - 1].statements.append(Statement(kind, range))
    }

    mutating func open(_ wrapper: Wrapper) {
        statementCount += 1
        open.append(Open(wrapper: wrapper, range: range, statements: []))
    }

    /// Whether blocks were opened behind the one that was opened at `depth`.
    func hasInner(_ depth: Int) -> Bool { open.count > depth + 1 }

    /// Turns the negated block that was opened at `depth` into a plain one that begins by resetting `flag`.
    mutating func flagged(at depth: Int, _ flag: Local) {
        guard open.indices.contains(depth) else { return }
        open[depth].wrapper = .plain
        open[depth].statements.insert(Statement(.reset(flag), open[depth].range), at: 0)
    }

    /// Closes blocks until `depth` are open.
    mutating func close(to depth: Int) {
        while open.count > max(1, depth), let block = open.popLast() {
            let body = Block(block.statements)
            let kind: Statement.Kind
            switch block.wrapper {
            case .plain: kind = .block(body)
            case .negated: kind = .not(body)
            case .scan(let generator, let key, let value): kind = .scan(generator, key: key, value: value, body)
            case .documentScan(let source, let key): kind = .documentScan(from: source, key: key, body)
            case .with(let overrides): kind = .with(overrides, body)
            case .outside: kind = .outside(body)
            }
            open[open.count - 1].statements.append(Statement(kind, block.range))
        }
    }

    /// Closes the innermost block and gives what it holds, unwrapped.
    mutating func take() -> Block {
        guard open.count > 1, let block = open.popLast() else { return Block() }
        return Block(block.statements)
    }

    /// Leaves the block that was the innermost when `depth` blocks were open.
    mutating func leave(to depth: Int) { emit(.leave(open.count - depth)) }

    /// The finished outermost block.
    mutating func finish() -> Block {
        close(to: 1)
        return Block(open[0].statements)
    }
}
