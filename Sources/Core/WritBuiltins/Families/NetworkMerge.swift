import WritValue

extension Network {
    /// A run of addresses, and the network that it was given as unless it was merged.
    private struct Range {
        var first: Address
        var last: Address
        var given: CIDRBlock?
    }

    /// `net.cidr_merge`: sorts the networks by their ends and joins those that touch or overlap.
    static func merge(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        guard arguments[0].isArray || arguments[0].isSet else { throw context.error("operand must be an array") }
        let elements = context.space.elements(arguments[0])
        guard elements.count > 0 else { return .emptySet }
        try context.spend(elements.count &* 8)
        var ranges: [Range] = []
        ranges.reserveCapacity(elements.count)
        for index in 0..<elements.count { ranges.append(try range(context, elements[index])) }
        ranges.sort { a, b in
            Address.isEqual(a.last, b.last) ? Address.isBefore(a.first, b.first) : Address.isBefore(a.last, b.last)
        }
        var list = ValueList()
        var current = ranges[ranges.count &- 1]
        for index in stride(from: ranges.count &- 2, through: 0, by: -1) {
            let before = ranges[index]
            let isFirst = current.first.isZero || (current.first.isV4 && current.first.low & 0xffff_ffff == 0)
            let edge = isFirst ? current.first : current.first.previous
            if Address.isBefore(before.last, edge) {
                try write(context, current, to: &list)
                current = before
            } else {
                if Address.isBefore(before.first, current.first) { current.first = before.first }
                current.given = nil
            }
        }
        try write(context, current, to: &list)
        return try context.space.set(list)
    }

    private static func range(_ context: BuiltinContext, _ value: Value) throws(Fault) -> Range {
        guard value.isString else { throw context.error("element must be string") }
        let network = try context.space.withBytes(
            value,
            throwing: { (text) throws(Fault) -> CIDRBlock in
                guard let address = Address(text) else { return try self.network(context, text) }
                guard address.isV4 else { throw context.error("IPv6 invalid: needs prefix length") }
                // The classes of addresses of 1981: A, B and C.
                let first = (address.low &>> 24) & 0xff
                return CIDRBlock(address, length: first < 128 ? 104 : first < 192 ? 112 : 120)
            })
        return Range(first: network.address.masked(network.length), last: network.last, given: network)
    }

    /// Adds the networks that make up a range, largest first from its beginning.
    private static func write(
        _ context: BuiltinContext, _ range: Range, to list: inout ValueList
    ) throws(Fault) {
        if let given = range.given { return try add(context, given, to: &list) }
        var first = range.first
        while true {
            // The largest network that begins here and does not pass the end.
            var length = 128 &- min(first.trailingZeros, 128)
            while Address.isBefore(range.last, first.filled(length)) { length &+= 1 }
            try add(context, CIDRBlock(first, length: length), to: &list)
            let end = first.filled(length)
            guard Address.isBefore(end, range.last) else { return }
            first = end.next
        }
    }

    private static func add(
        _ context: BuiltinContext, _ network: CIDRBlock, to list: inout ValueList
    ) throws(Fault) {
        let buffer = context.begin()
        try network.write(to: buffer)
        try list.append(try context.written(), in: context.space)
    }
}
