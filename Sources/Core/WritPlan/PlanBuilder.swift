import WritValue

/// Gathers constants and functions while a front end lowers a policy.
///
/// Owns a space for the constants; call `finish` or `discard` exactly once.
public struct PlanBuilder {
    public var plan = Plan()
    /// Where the constants are made.
    public let space: Space
    private var constants: [Value] = []
    /// Open addressing over the constants by content; index + 1.
    private var slots: [Int32]

    public init() {
        space = Space.create()
        slots = [Int32](repeating: 0, count: 256)
    }

    /// The number of a constant equal to `value` and spelled alike.
    public mutating func constant(_ value: Value) -> Int32 {
        let hash = space.hash(value)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let known = Int(slots[slot] - 1)
            if isSame(constants[known], value) { return Int32(truncatingIfNeeded: known) }
            slot = (slot + 1) & (slots.count - 1)
        }
        let number = constants.count
        constants.append(value)
        slots[slot] = Int32(truncatingIfNeeded: number + 1)
        if constants.count * 2 > slots.count { grow() }
        return Int32(truncatingIfNeeded: number)
    }

    /// The value behind a constant's number.
    public func value(_ constant: Int32) -> Value {
        constants.indices.contains(Int(constant)) ? constants[Int(constant)] : .undefined
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
        plan.constants = try Piece(freezing: space.array(list), of: space)
        plan.constantCount = constants.count
        return plan
    }

    /// Gives up: frees the builder's space.
    public func discard() { space.destroy() }
}
