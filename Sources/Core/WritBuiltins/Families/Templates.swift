import WritValue

/// `strings.render_template`.
enum Templates {
    static let builtins: [Builtin] = [
        Builtin(
            "strings.render_template",
            [Parameter("value", .string), Parameter("vars", .dictionary(.string, .any))],
            Parameter("result", .string),
            .pure { (context, arguments) throws(Fault) in try render(context, arguments) },
            """
            A template in Go's text/template language, carried out with the variables of `vars`. Members that are \
            not there print as `<undefined>`; a template that cannot be read or fails is an error.
            """)
    ]

    private static func render(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = Array(try context.text(arguments, 0))
        var variables = try arguments.object(1, context)
        do throws(JSONError) {
            // OPA reads the variables in Rego's notation as JSON: a set, a key that is no string and a character
            // that Go escapes in another way are errors.
            variables = try context.space.readJSON(try rego(variables, context))
        } catch {
            throw JSONBuiltins.failure(error, context)
        }
        try context.spend(text.count &>> 2)
        do throws(TemplateError) {
            var parser = TemplateParser(text, context)
            let nodes = try parser.parse()
            var machine = TemplateMachine(text, variables, parser.templates, context)
            try machine.run(nodes)
            return try machine.string(machine.output)
        } catch {
            switch error {
            case .fault(let fault): throw fault
            case .message(let message): throw Fault(.builtin, message: try context.space.string(message))
            }
        }
    }

    private static func rego(_ value: Value, _ context: BuiltinContext) throws(JSONError) -> [UInt8] {
        do throws(Fault) {
            return try context.space.rego(value)
        } catch {
            throw JSONError(error.code == .depthLimit ? .depthLimit : .memoryLimit, offset: 0)
        }
    }
}
