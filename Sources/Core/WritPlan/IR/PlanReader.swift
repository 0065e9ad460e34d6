import WritValue

/// What the reader must know of a builtin that a plan calls by name.
public struct PlanBuiltin: Sendable {
    public enum Kind: Sendable {
        /// Run in place.
        case pure
        /// Answered by the host.
        case host
        /// `walk`: becomes a generator.
        case walk
        /// `internal.print`.
        case print
        /// Marks for tests: left out.
        case mark
        /// Known by name only.
        case missing
    }

    /// Its number in the registry.
    public var number: Int
    public var operandCount: Int
    public var kind: Kind

    public init(number: Int, operandCount: Int, kind: Kind) {
        self.number = number
        self.operandCount = operandCount
        self.kind = kind
    }
}

extension Plan {
    /// Reads OPA's plan.json and raises it to a plan, ready to be assembled.
    ///
    /// Every plan in it becomes an entrypoint of its name, a query that emits one object of bindings a result.
    /// Ranges of statements are rows (`start`) and columns (`end`), because the sources are not part of the text.
    /// `builtins` finds a builtin by its dotted name. Throws for anything that OPA's planner would not write;
    /// whatever is accepted runs within the machine's limits.
    public static func read(
        opa json: [UInt8], builtins: (_ name: [UInt8]) -> PlanBuiltin?
    ) throws(PlanError) -> Plan {
        var builder = PlanBuilder()
        do throws(PlanError) {
            let root: Value
            do throws(JSONError) { root = try builder.space.readJSON(json) } catch {
                var message = error.message
                message.append(" at byte ")
                message.append(decimal: error.offset)
                throw PlanError(.syntax, message, at: [])
            }
            var reader = IRReader(builder.space)
            try reader.read(root)
            var raiser = Raiser(reader.document, builder)
            do throws(PlanError) { try raiser.raise(builtins) } catch {
                builder = raiser.builder
                throw error
            }
            builder = raiser.builder
        } catch {
            builder.discard()
            throw error
        }
        let plan: Plan
        do throws(Fault) { plan = try builder.finish() } catch {
            throw Place().error(.limit, "its constants take too much memory")
        }
        try plan.validate()
        return plan
    }
}

/// Finds functions by name.
struct FunctionNames {
    private let order: [Int32]

    init(_ functions: [IRFunction]) {
        order = functions.indices.map { Int32(truncatingIfNeeded: $0) }.sorted { a, b in
            let order = Self.compare(functions[Int(a)].name, functions[Int(b)].name)
            return order == 0 ? a < b : order < 0
        }
    }

    /// The first function of a name.
    func find(_ name: [UInt8], _ functions: [IRFunction]) -> Int? {
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if Self.compare(functions[Int(order[middle])].name, name) < 0 { low = middle + 1 } else { high = middle }
        }
        guard low < order.count, functions[Int(order[low])].name == name else { return nil }
        return Int(order[low])
    }

    /// A function that has the name of another one.
    func duplicate(_ functions: [IRFunction]) -> Int? {
        for (first, second) in zip(order, order.dropFirst())
        where functions[Int(first)].name == functions[Int(second)].name {
            return Int(second)
        }
        return nil
    }

    static func compare(_ a: [UInt8], _ b: [UInt8]) -> Int {
        for index in 0..<min(a.count, b.count) where a[index] != b[index] { return a[index] < b[index] ? -1 : 1 }
        return a.count - b.count
    }
}
