/// All builtins by number: the position in `Registry.all`, which compilers put into plans of the same build.
public enum Registry {
    /// Every builtin of OPA 1.20, family by family.
    public static let all: [Builtin] = families.flatMap { $0 }

    /// The implementation of each pure builtin by number, nil for the others.
    ///
    /// For machines: taking a whole `Builtin` out of `all` at every call would count references to its parts.
    public static let implementations: [Builtin.Implementation?] = all.map { builtin in
        guard case .pure(let implementation) = builtin.kind else { return nil }
        return implementation
    }

    private static var families: [[Builtin]] {
        [
            Comparison.builtins, Arithmetic.builtins, Numbers.builtins, Bits.builtins, Aggregates.builtins,
            Arrays.builtins, Sets.builtins, Objects.builtins, Types.builtins, Casts.builtins, Core.builtins,
            JSONBuiltins.builtins, JSONSchema.builtins, YAML.builtins, GraphQL.builtins, Encoding.builtins,
            URLQuery.builtins, URI.builtins, Graph.builtins,
            Strings.builtins, Templates.builtins, Units.builtins, Semver.builtins, Network.builtins, Hashing.builtins,
            RegexBuiltins.builtins, GlobBuiltins.builtins, Sprintf.builtins, Time.builtins,
            UUIDBuiltins.builtins, AWS.builtins,
            Tokens.builtins, Missing.builtins,
        ]
    }

    /// The number of the builtin with this dotted name, or nil.
    public static func find(_ name: some Collection<UInt8>) -> Int? {
        // Called by compilers only; sorted once, then a binary search.
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            let order = compare(all[sorted[middle]].name, name)
            if order == 0 { return sorted[middle] }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    private static let sorted: [Int] = all.indices.sorted { before(all[$0].name, all[$1].name) }

    private static func before(_ a: StaticString, _ b: StaticString) -> Bool {
        compare(a, UnsafeBufferPointer(start: b.utf8Start, count: b.utf8CodeUnitCount)) < 0
    }

    private static func compare(_ a: StaticString, _ b: some Collection<UInt8>) -> Int {
        var index = 0
        for byte in b {
            if index == a.utf8CodeUnitCount { return -1 }
            let own = a.utf8Start[index]
            if own != byte { return own < byte ? -1 : 1 }
            index += 1
        }
        return index == a.utf8CodeUnitCount ? 0 : 1
    }
}
