import WritValue

/// `==`, `!=`, `<`, `<=`, `>`, `>=`: Rego's total order over all values.
enum Comparison {
    static let builtins: [Builtin] = [
        Builtin(
            "equal", operands, result, infix: "==",
            .pure { (context, arguments) throws(Fault) in
                .boolean(context.space.equal(arguments[0], arguments[1]))
            }, "Whether `x` equals `y`. Never binds a variable."),
        Builtin(
            "neq", operands, result, infix: "!=",
            .pure { (context, arguments) throws(Fault) in
                .boolean(!context.space.equal(arguments[0], arguments[1]))
            }, "Whether `x` differs from `y`."),
        Builtin(
            "lt", operands, result, infix: "<",
            .pure { (context, arguments) throws(Fault) in
                .boolean(context.space.compare(arguments[0], arguments[1]) < 0)
            }, "Whether `x` comes before `y` in Rego's order of all values."),
        Builtin(
            "lte", operands, result, infix: "<=",
            .pure { (context, arguments) throws(Fault) in
                .boolean(context.space.compare(arguments[0], arguments[1]) <= 0)
            }, "Whether `x` equals `y` or comes before it in Rego's order of all values."),
        Builtin(
            "gt", operands, result, infix: ">",
            .pure { (context, arguments) throws(Fault) in
                .boolean(context.space.compare(arguments[0], arguments[1]) > 0)
            }, "Whether `x` comes after `y` in Rego's order of all values."),
        Builtin(
            "gte", operands, result, infix: ">=",
            .pure { (context, arguments) throws(Fault) in
                .boolean(context.space.compare(arguments[0], arguments[1]) >= 0)
            }, "Whether `x` equals `y` or comes after it in Rego's order of all values."),
    ]

    private static let operands = [Parameter("x", .any), Parameter("y", .any)]
    private static let result = Parameter("result", .boolean)
}
