import WritValue

/// Semantic versions: `1.2.3-rc.1+build`, with an optional `v` in front.
enum Semver {
    static let builtins: [Builtin] = [
        Builtin(
            "semver.compare", [Parameter("a", .string), Parameter("b", .string)], Parameter("result", .number),
            .pure(compare),
            """
            -1, 0 or 1 as version `a` comes before, equals or follows `b`; build metadata does not count. An operand \
            that is no semantic version is an error.
            """),
        Builtin(
            "semver.is_valid", [Parameter("vsn", .any)], Parameter("result", .boolean),
            .pure { (context, arguments) throws(Fault) in
                guard arguments[0].isString else { return .false }
                let text = arguments.bytes(0, in: context.space)
                try context.spend(text.count &>> 3)
                return .boolean(Version(text) != nil)
            }, "Whether `vsn` is a string that is a semantic version."),
    ]

    private static func compare(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let one = try context.text(arguments, 0)
        let two = try context.text(arguments, 1)
        try context.spend((one.count &+ two.count) &>> 3)
        guard let left = Version(one) else { throw invalid(context, 1, one) }
        guard let right = Version(two) else { throw invalid(context, 2, two) }
        return .integer(left.order(right))
    }

    private static func invalid(_ context: BuiltinContext, _ position: Int, _ text: Bytes) -> Fault {
        context.message(.builtin) { (buffer) throws(Fault) in
            try buffer.append("operand ")
            try buffer.append(decimal: position)
            try buffer.append(": string ")
            try buffer.append(quoted: text)
            try buffer.append(" is not a valid SemVer")
        }
    }
}

private struct Version {
    private let major: Int64
    private let minor: Int64
    private let patch: Int64
    private let preRelease: Bytes

    init?(_ whole: Bytes) {
        var text = whole
        if text.count > 0, text[0] == UInt8(ascii: "v") { text = text.part(1, text.count) }
        let plus = Self.find(UInt8(ascii: "+"), in: text)
        if plus >= 0 {
            guard Self.areIdentifiers(text.part(plus &+ 1, text.count)) else { return nil }
            text = text.part(0, plus)
        }
        let dash = Self.find(UInt8(ascii: "-"), in: text)
        preRelease = dash < 0 ? text.part(0, 0) : text.part(dash &+ 1, text.count)
        guard Self.areIdentifiers(preRelease) else { return nil }
        if dash >= 0 { text = text.part(0, dash) }
        let first = Self.find(UInt8(ascii: "."), in: text)
        guard first >= 0 else { return nil }
        let rest = text.part(first &+ 1, text.count)
        let second = Self.find(UInt8(ascii: "."), in: rest)
        guard second >= 0, let major = Self.number(text.part(0, first)),
            let minor = Self.number(rest.part(0, second)),
            let patch = Self.number(rest.part(second &+ 1, rest.count))
        else { return nil }
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    private static func find(_ byte: UInt8, in text: Bytes) -> Int {
        ByteSearch.find(byte, in: text, from: 0, through: text.count &- 1)
    }

    /// A number of 64 bits; zeros in front are let through.
    private static func number(_ text: Bytes) -> Int64? {
        guard text.count > 0 else { return nil }
        var value: Int64 = 0
        for byte in text {
            guard byte &- UInt8(ascii: "0") < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(byte &- UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// Nothing, or letters, digits and dashes with single dots between them.
    private static func areIdentifiers(_ text: Bytes) -> Bool {
        var isEmpty = true
        for byte in text {
            if byte == UInt8(ascii: ".") {
                if isEmpty { return false }
                isEmpty = true
            } else {
                guard
                    byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
                        || byte == UInt8(ascii: "-")
                else { return false }
                isEmpty = false
            }
        }
        return !isEmpty || text.count == 0
    }

    func order(_ other: Version) -> Int {
        if major != other.major { return major < other.major ? -1 : 1 }
        if minor != other.minor { return minor < other.minor ? -1 : 1 }
        if patch != other.patch { return patch < other.patch ? -1 : 1 }
        // A version without a pre-release follows all of its pre-releases.
        if preRelease.count == 0 || other.preRelease.count == 0 {
            return preRelease.count == other.preRelease.count ? 0 : preRelease.count == 0 ? 1 : -1
        }
        var left = preRelease
        var right = other.preRelease
        while left.count > 0, right.count > 0 {
            let order = Self.order(Self.identifier(&left), Self.identifier(&right))
            if order != 0 { return order }
        }
        return left.count == right.count ? 0 : left.count == 0 ? -1 : 1
    }

    /// Takes the first identifier off a list.
    private static func identifier(_ list: inout Bytes) -> Bytes {
        let dot = find(UInt8(ascii: "."), in: list)
        let first = list.part(0, dot < 0 ? list.count : dot)
        list = dot < 0 ? list.part(0, 0) : list.part(dot &+ 1, list.count)
        return first
    }

    /// Numbers by value and before others; others by bytes.
    private static func order(_ a: Bytes, _ b: Bytes) -> Int {
        let (left, right) = (digits(a), digits(b))
        if left.count == 0 || right.count == 0 {
            if left.count == right.count { return a.order(b) }
            return left.count > 0 ? -1 : 1
        }
        if left.count != right.count { return left.count < right.count ? -1 : 1 }
        return left.order(right)
    }

    /// The digits of a number without zeros in front; nothing when it is no number.
    private static func digits(_ text: Bytes) -> Bytes {
        for byte in text where byte &- UInt8(ascii: "0") > 9 { return text.part(0, 0) }
        var start = 0
        while start &+ 1 < text.count, text[start] == UInt8(ascii: "0") { start &+= 1 }
        return text.part(start, text.count)
    }
}
