import WritValue

/// Gathers constants and functions while a front end lowers a policy.
///
/// Owns a space for the constants; call `finish` or `discard` exactly once.
public struct PlanBuilder {
    public var plan = Plan()
    /// Where the constants are made.
    public let space: Space
    private var constants: [Value] = []
    /// The number of the first constant made here.
    private let first: Int
    /// Open addressing over the constants by content; index + 1.
    private var slots: [Int32]

    public init() {
        first = 0
        space = Space.create()
        slots = [Int32](repeating: 0, count: 256)
    }

    /// A builder that goes on behind a finished plan: what it adds never touches the plan's own constants.
    public init(extending plan: Plan) {
        self.plan = plan
        first = plan.constantCount
        space = Space.create()
        slots = [Int32](repeating: 0, count: 256)
    }

    /// The number of a constant equal to `value` and spelled alike.
    public mutating func constant(_ value: Value) -> Int32 {
        let hash = space.hash(value)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let known = Int(slots[slot] - 1)
            if isSame(constants[known], value) { return Int32(truncatingIfNeeded: first + known) }
            slot = (slot + 1) & (slots.count - 1)
        }
        let number = constants.count
        constants.append(value)
        slots[slot] = Int32(truncatingIfNeeded: number + 1)
        if constants.count * 2 > slots.count { grow() }
        return Int32(truncatingIfNeeded: first + number)
    }

    /// The value behind the number of a constant that was made here.
    public func value(_ constant: Int32) -> Value {
        constants.indices.contains(Int(constant) - first) ? constants[Int(constant) - first] : .undefined
    }

    /// Equal values may be spelled differently (1 and 1.0); only alike ones share a constant.
    private func isSame(_ a: Value, _ b: Value) -> Bool {
        if Value.identical(a, b) { return true }
        guard a.tag == b.tag, a.tag == Value.Tag.longString else { return false }
        return space.equal(a, b)
    }

    private mutating func grow() {
        slots = [Int32](repeating: 0, count: slots.count * 2)
        for (number, value) in constants.enumerated() {
            var slot = Int(truncatingIfNeeded: space.hash(value)) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(truncatingIfNeeded: number + 1)
        }
    }

    /// The plan with its constants frozen. The builder's space is gone afterwards.
    public mutating func finish() throws(Fault) -> Plan {
        defer { space.destroy() }
        var list = ValueList()
        for constant in constants { try list.append(constant, in: space) }
        if first == 0 {
            plan.constants = try Piece(freezing: space.array(list), of: space)
            plan.addedConstants = []
        } else if !constants.isEmpty {
            plan.addedConstants.append(
                ConstantBlock(piece: try Piece(freezing: space.array(list), of: space), first: first))
        }
        plan.constantCount = first + constants.count
        return plan
    }

    /// Gives up: frees the builder's space.
    public func discard() { space.destroy() }
}
