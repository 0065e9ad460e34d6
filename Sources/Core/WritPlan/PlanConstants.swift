import WritValue

/// Constants that were added to a plan behind those that it had.
public struct ConstantBlock: Sendable {
    /// One frozen array.
    public var piece: Piece
    /// The number of its first element.
    public var first: Int

    public init(piece: Piece, first: Int) {
        self.piece = piece
        self.first = first
    }
}

/// Reads a plan's constants by number. Call `close` when done, unless the space is another's.
public struct PlanConstants {
    public let space: Space
    /// From the last block to the first, so that new constants are found at once.
    private var blocks: [(first: Int, root: Value)] = []

    /// With a space of its own unless one is given.
    public init(_ plan: Plan, in space: Space? = nil) {
        self.space = space ?? Space.create()
        let space = self.space
        for block in plan.addedConstants.reversed() {
            blocks.append((block.first, space.root(of: block.piece, attachedAs: space.attach(block.piece))))
        }
        if let piece = plan.constants {
            blocks.append((0, space.root(of: piece, attachedAs: space.attach(piece))))
        }
    }

    public func close() { space.destroy() }

    /// How many constants the blocks hold without a gap.
    var count: Int {
        var count = 0
        for block in blocks.reversed() {
            guard block.first == count, block.root.isArray else { return count }
            count += block.root.count
        }
        return count
    }

    /// A constant, undefined where the plan has none of this number.
    public subscript(_ constant: Int32) -> Value {
        for block in blocks where Int(constant) >= block.first {
            return space.element(block.root, Int(constant) - block.first)
        }
        return .undefined
    }
}
