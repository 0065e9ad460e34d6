import WritValue

/// IP addresses and networks (CIDR blocks).
enum Network {
    private static let cidrs = Self.listOf
    private static let one = TypeSpec.union([.string, .array(.any)])
    private static let listOf = TypeSpec.union([
        .string, .array(one), .dictionary(.string, one), .set(one),
    ])

    static let builtins: [Builtin] = [
        Builtin(
            "net.cidr_contains", [Parameter("cidr", .string), Parameter("cidr_or_ip", .string)],
            Parameter("result", .boolean), .pure(contains),
            """
            Whether the network `cidr` contains the address or the whole network `cidr_or_ip`. A text that is neither \
            is an error.
            """),
        Builtin(
            "net.cidr_contains_matches", [Parameter("cidrs", cidrs), Parameter("cidrs_or_ips", cidrs)],
            Parameter("output", .set(.tuple([.any, .any]))), .pure(containsMatches),
            """
            The pairs of positions in the two collections whose network contains the other address or network. An \
            operand is one string, or an array, set or object of strings or of arrays that begin with the string; \
            positions are array indexes, object keys, or the elements of a set themselves. Malformed addresses and \
            elements are errors.
            """),
        Builtin(
            "net.cidr_intersects", [Parameter("cidr1", .string), Parameter("cidr2", .string)],
            Parameter("result", .boolean), .pure(intersects),
            "Whether two networks have an address in common. A text that is no network is an error."),
        Builtin(
            "net.cidr_is_valid", [Parameter("cidr", .string)], Parameter("result", .boolean),
            .pure { (context, arguments) throws(Fault) in
                .boolean(arguments[0].isString && CIDRBlock(arguments.bytes(0, in: context.space)) != nil)
            }, "Whether `cidr` is a string that is a network."),
        Builtin(
            "net.cidr_expand", [Parameter("cidr", .string)], Parameter("hosts", .set(.string)), .pure(expand),
            """
            All addresses of a network. A text that is no network is an error, and a network of more addresses than \
            an evaluation may hold ends it.
            """),
        Builtin(
            "net.cidr_merge", [Parameter("addrs", .union([.array(.union([.string])), .set(.string)]))],
            Parameter("output", .set(.string)), .pure(merge),
            """
            The smallest set of networks that covers all of `addrs`. An IPv4 address without length stands for the \
            network of its class; an IPv6 address without length and malformed elements are errors.
            """),
        Builtin(
            "net.cidr_overlap", [Parameter("", .string), Parameter("", .string)],
            Parameter("result", .boolean), deprecated: true, .pure(contains),
            "The former name of `net.cidr_contains`."),
        Builtin(
            "net.lookup_ip_addr", [Parameter("name", .string)], Parameter("addrs", .set(.string)),
            deterministic: false, .host(.function),
            "The addresses of a host name, as the host's resolver gives them. A name that does not resolve is an error."
        ),
    ]

    // MARK: Contains, intersects

    private static func contains(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        guard arguments[0].isString else { throw context.typeError(1, "string", got: arguments[0]) }
        let network = try network(context, arguments.bytes(0, in: context.space))
        // OPA names operand 1 for both.
        guard arguments[1].isString else { throw context.typeError(1, "string", got: arguments[1]) }
        return .boolean(try contains(context, network, arguments.bytes(1, in: context.space)))
    }

    private static func contains(
        _ context: BuiltinContext, _ network: CIDRBlock, _ text: Bytes
    ) throws(Fault) -> Bool {
        if let address = Address(text) { return network.contains(address) }
        guard let other = CIDRBlock(text) else {
            throw context.message(.builtin) { (buffer) throws(Fault) in
                try buffer.append("not a valid textual representation of an IP address or CIDR: ")
                try buffer.append(text)
            }
        }
        return network.contains(other.address) && network.contains(other.last)
    }

    private static func intersects(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        guard arguments[0].isString else { throw context.typeError(1, "string", got: arguments[0]) }
        let left = try network(context, arguments.bytes(0, in: context.space))
        guard arguments[1].isString else { throw context.typeError(1, "string", got: arguments[1]) }
        let right = try network(context, arguments.bytes(1, in: context.space))
        return .boolean(left.contains(right.address) || right.contains(left.address))
    }

    static func network(_ context: BuiltinContext, _ text: Bytes) throws(Fault) -> CIDRBlock {
        try context.spend(text.count &>> 4)
        guard let network = CIDRBlock(text) else { throw invalid(context, text) }
        return network
    }

    private static func invalid(_ context: BuiltinContext, _ text: Bytes) -> Fault {
        context.message(.builtin) { (buffer) throws(Fault) in
            try buffer.append("invalid CIDR address: ")
            try buffer.append(text)
        }
    }

    // MARK: Matches

    private static func containsMatches(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let space = context.space
        let left = arguments[0]
        let right = arguments[1]
        var list = ValueList()
        for one in 0..<count(left) {
            let (outer, outerKey) = item(space, left, one)
            let cidr = try first(context, outer, operand: 1)
            var network: CIDRBlock?
            for two in 0..<count(right) {
                let (inner, innerKey) = item(space, right, two)
                let other = try first(context, inner, operand: 2)
                try context.spend(2)
                guard cidr.isString else { throw context.typeError(1, "string", got: cidr) }
                let known: CIDRBlock
                if let network {
                    known = network
                } else {
                    known = try space.withBytes(
                        cidr, throwing: { (text) throws(Fault) in try self.network(context, text) })
                    network = known
                }
                guard other.isString else { throw context.typeError(1, "string", got: other) }
                let isInside = try space.withBytes(
                    other, throwing: { (text) throws(Fault) in try contains(context, known, text) })
                guard isInside else { continue }
                var pair = ValueList()
                try pair.append(outerKey, in: space)
                try pair.append(innerKey, in: space)
                try list.append(try space.array(pair), in: space)
            }
        }
        return try space.set(list)
    }

    /// How many addresses an operand of `net.cidr_contains_matches` holds; none for what cannot hold any.
    private static func count(_ value: Value) -> Int { value.isString ? 1 : value.isCollection ? value.count : 0 }

    private static func item(_ space: Space, _ value: Value, _ index: Int) -> (item: Value, key: Value) {
        switch value.kind {
        case .array: return (space.element(value, index), .integer(index))
        case .set:
            let element = space.elements(value)[index]
            return (element, element)
        case .object:
            let entries = space.entries(value)
            return (entries.values[index], entries.keys[index])
        default: return (value, value)
        }
    }

    private static func first(
        _ context: BuiltinContext, _ value: Value, operand: Int
    ) throws(Fault) -> Value {
        if value.isString { return value }
        if value.isArray, value.count > 0 { return context.space.element(value, 0) }
        throw context.message(.builtin) { (buffer) throws(Fault) in
            try buffer.append("operand ")
            try buffer.append(decimal: operand)
            try buffer.append(": element must be string or non-empty array")
        }
    }

    // MARK: Expand

    private static func expand(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let network = try network(context, try context.text(arguments, 0))
        let bits = 128 &- network.length
        // Longer lists than 2^26 addresses could not be held.
        guard bits <= 26 else { throw Fault(.sizeLimit) }
        let count = 1 &<< bits
        try context.spend(count &* 4)
        var list = ValueList()
        try list.reserve(count, in: context.space)
        var address = network.address
        for _ in 0..<count {
            let buffer = context.begin()
            try address.write(to: buffer)
            try list.append(try context.written(), in: context.space)
            address = address.next
        }
        return try context.space.set(list)
    }
}
