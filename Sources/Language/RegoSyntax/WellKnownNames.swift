extension Name {
    /// The first names of every table, in the order of their constants below.
    static var wellKnown: [StaticString] {
        [
            "", "data", "input", "_", "true", "false", "null", "set", "rego", "v1", "future", "keywords", "in", "every",
            "some", "not", "with", "if", "contains", "and", "or", "default", "else", "package", "import", "as",
            "internal", "member_2", "member_3", "assign", "eq", "equal", "neq", "lt", "lte", "gt", "gte", "plus",
            "minus", "mul", "div", "rem", "print", "0", "1",
        ]
    }

    public static var empty: Name { Name(id: 0) }
    public static var data: Name { Name(id: 1) }
    public static var input: Name { Name(id: 2) }
    public static var underscore: Name { Name(id: 3) }
    public static var `true`: Name { Name(id: 4) }
    public static var `false`: Name { Name(id: 5) }
    public static var null: Name { Name(id: 6) }
    public static var set: Name { Name(id: 7) }
    public static var rego: Name { Name(id: 8) }
    public static var v1: Name { Name(id: 9) }
    public static var future: Name { Name(id: 10) }
    public static var keywords: Name { Name(id: 11) }
    public static var `in`: Name { Name(id: 12) }
    public static var every: Name { Name(id: 13) }
    public static var some: Name { Name(id: 14) }
    public static var not: Name { Name(id: 15) }
    public static var with: Name { Name(id: 16) }
    public static var `if`: Name { Name(id: 17) }
    public static var contains: Name { Name(id: 18) }
    public static var and: Name { Name(id: 19) }
    public static var or: Name { Name(id: 20) }
    public static var `default`: Name { Name(id: 21) }
    public static var `else`: Name { Name(id: 22) }
    public static var package: Name { Name(id: 23) }
    public static var `import`: Name { Name(id: 24) }
    public static var `as`: Name { Name(id: 25) }
    public static var `internal`: Name { Name(id: 26) }
    public static var member2: Name { Name(id: 27) }
    public static var member3: Name { Name(id: 28) }
    public static var assign: Name { Name(id: 29) }
    public static var eq: Name { Name(id: 30) }
    public static var equal: Name { Name(id: 31) }
    public static var neq: Name { Name(id: 32) }
    public static var lt: Name { Name(id: 33) }
    public static var lte: Name { Name(id: 34) }
    public static var gt: Name { Name(id: 35) }
    public static var gte: Name { Name(id: 36) }
    public static var plus: Name { Name(id: 37) }
    public static var minus: Name { Name(id: 38) }
    public static var mul: Name { Name(id: 39) }
    public static var div: Name { Name(id: 40) }
    public static var rem: Name { Name(id: 41) }
    public static var print: Name { Name(id: 42) }
    /// The number spelled `0`.
    public static var zero: Name { Name(id: 43) }
    /// The number spelled `1`.
    public static var one: Name { Name(id: 44) }
}
