import Writ
import WritTooling

/// A line that is a command of the shell, not Rego.
struct ShellCommand {
    let name: String
    let arguments: [String]

    /// The commands with their arguments and what they do, in the order of `help`.
    static let all: [(name: String, arguments: String, meaning: String)] = [
        ("show", "", "print the active module"),
        ("show debug", "", "print the settings"),
        ("unset", "<var>", "remove the rules of a name from the active module"),
        ("unset-package", "<path>", "remove a module that was typed"),
        ("json", "", "print answers as JSON"),
        ("pretty", "", "print answers for people"),
        ("pretty-limit", "<n>", "cut the cells of tables at this length; 0 for never"),
        ("trace", "[mode]", "switch traces of evaluations: full, notes, fails, debug, off"),
        ("notes", "", "switch the notes of traces"),
        ("fails", "", "switch the failures of traces"),
        ("metrics", "", "switch how long each step took"),
        ("instrument", "", "switch metrics of the engine"),
        ("profile", "", "switch where the time was spent"),
        ("types", "", "switch the types of what queries name (not there yet)"),
        ("unknown", "[ref ...]", "partial evaluation (not there yet)"),
        ("strict-builtin-errors", "", "switch whether an error of a builtin ends the evaluation"),
        (":explain", "[code]", "what an error means and how it is mended; the last one unless a code is given"),
        ("dump", "[path]", "print the loaded data, or write it to a file"),
        ("help", "[topic]", "print this list"),
        ("target", "<engine>", "choose the engine: rego"),
        ("exit", "", "leave the shell (also ctrl+d)"),
    ]

    init?(_ line: [UInt8]) {
        let words = line.split { $0 == 0x20 || (0x09...0x0D).contains($0) }
            .map { String(decoding: $0, as: UTF8.self) }
        guard let first = words.first?.lowercased(), ShellCommand.all.contains(where: { $0.name == first }) else {
            return nil
        }
        name = first
        arguments = Array(words.dropFirst())
    }
}

extension Shell {
    func run(_ command: ShellCommand) throws -> Outcome {
        let arguments = command.arguments
        switch command.name {
        case "exit": return .exit
        case "json": settings.isJSON = true
        case "pretty": settings.isJSON = false
        case "pretty-limit": try limitCells(arguments)
        case "show": try show(arguments)
        case "unset": try unset(arguments)
        case "unset-package": try unsetPackage(arguments)
        case "trace": try trace(arguments)
        case "notes": toggle(.notes)
        case "fails": toggle(.fails)
        case "metrics":
            settings.showsMetrics.toggle()
            settings.isInstrumented = false
        case "instrument":
            settings.isInstrumented.toggle()
            settings.showsMetrics = settings.isInstrumented
        case "profile": settings.isProfiled.toggle()
        case "strict-builtin-errors": settings.isStrict.toggle()
        case "types": throw ShellFailure("types of queries (types): not supported yet")
        case "unknown": try makeUnknown(arguments)
        case "target": try choose(target: arguments)
        case ":explain": try explain(arguments)
        case "dump": try dump(arguments)
        default: try help(arguments)
        }
        return .goOn
    }

    private func limitCells(_ arguments: [String]) throws(ShellFailure) {
        guard arguments.count == 1, let text = arguments.first else { throw ShellFailure("usage: pretty-limit <n>") }
        guard let limit = Int(text) else { throw ShellFailure("pretty-limit: \"\(text)\" is no number") }
        settings.cellLimit = limit
    }

    private func toggle(_ mode: ExplainMode) { settings.explain = settings.explain == mode ? .off : mode }

    private func trace(_ arguments: [String]) throws(ShellFailure) {
        guard arguments.count == 1, let name = arguments.first else { return toggle(.full) }
        guard let mode = ExplainMode(rawValue: name) else {
            throw ShellFailure("invalid explain mode, expected one of: off, full, notes, fails, debug")
        }
        toggle(mode)
    }

    private func choose(target arguments: [String]) throws(ShellFailure) {
        guard arguments.count == 1, let target = arguments.first else {
            throw .badArguments("target <mode>: expects exactly one argument")
        }
        switch target {
        case "rego": return
        case "wasm": throw ShellFailure("the target wasm is not supported yet")
        default: throw ShellFailure("invalid target \"\(target)\": must be one of {rego,wasm}")
        }
    }

    private func makeUnknown(_ arguments: [String]) throws(ShellFailure) {
        for argument in arguments {
            let path = argument.split(separator: ".").first.map(String.init) ?? ""
            guard path == "input" || path == "data" || path.hasPrefix("input[") || path.hasPrefix("data[") else {
                throw .unknownUsage
            }
        }
        guard !arguments.isEmpty else { throw .unknownUsage }
        throw ShellFailure("partial evaluation (unknown): not supported yet")
    }

    private func explain(_ arguments: [String]) throws(ShellFailure) {
        guard let code = arguments.first ?? lastCode else { throw ShellFailure("no error to explain yet") }
        guard let text = ExplainCommand.text(of: code) else { throw ShellFailure("nothing is known of \(code)") }
        console.print(text)
    }

    // MARK: Modules

    private func show(_ arguments: [String]) throws {
        if let option = arguments.first {
            guard option == "debug" else { throw ShellFailure("unknown option '\(option)'") }
            console.print(
                """
                {
                \t"explain": "\(settings.explain.rawValue)",
                \t"metrics": \(settings.showsMetrics),
                \t"instrument": \(settings.isInstrumented),
                \t"profile": \(settings.isProfiled),
                \t"strict-builtin-errors": \(settings.isStrict)
                }
                """)
            return
        }
        guard policies.current != nil else {
            console.print("no rules defined")
            return
        }
        let module = policies.active
        let file = PolicyFile(name: module.fileName, text: module.text().bytes, version: policies.version)
        var options = FormatOptions()
        options.target = policies.version == .v1 ? .v1 : .v0
        do throws(FormatFailure) {
            console.print(try file.formatted(options))
        } catch {
            console.print(file.text)
        }
    }

    private func unset(_ arguments: [String]) throws {
        guard arguments.count == 1, let text = arguments.first else {
            throw ShellFailure.badArguments("unset <var>: expects exactly one argument")
        }
        guard let name = Self.ruleName(text) else {
            throw ShellFailure.badArguments("argument must identify a rule")
        }
        if try !unset(rule: name) { console.print("warning: no matching rules in current module") }
    }

    /// The name that a text such as `x` or `input` is; nil where it is anything else.
    private static func ruleName(_ text: String) -> [UInt8]? {
        var names = NameTable()
        let (term, errors) = parseTerm(SourceFile(name: [], text: Array(text.utf8)), names: &names)
        guard errors.isEmpty, let term else { return nil }
        if case .variable(let name) = term.kind { return Array(names[name]) }
        // `input` and `data` are references without a path.
        guard case .ref(let reference) = term.kind, let head = reference.headName else { return nil }
        let name = Array(names[head])
        return ["data", "input"].contains { name.elementsEqual($0.utf8) } ? name : nil
    }

    private func unsetPackage(_ arguments: [String]) throws {
        guard arguments.count == 1, let path = arguments.first else {
            throw ShellFailure.badArguments("unset-package <var>: expects exactly one argument")
        }
        var names = NameTable()
        let file = SourceFile(name: [], text: Array("package \(path)".utf8))
        let (module, errors) = parseModule(file, names: &names)
        guard errors.isEmpty, let module else {
            throw ShellFailure.badArguments("argument must identify a package")
        }
        if !unset(package: Self.text(of: module.package, names)) { console.print("warning: no matching package") }
    }

    private func dump(_ arguments: [String]) throws {
        let json: [UInt8]
        do throws(DataFailure) { json = try data.json() } catch { throw ShellFailure(error.message) }
        guard let path = arguments.first else {
            console.print(json + [0x0A])
            return
        }
        do throws(FileFailure) { try FileSystem.save(json + [0x0A], to: path) } catch {
            throw ShellFailure(error.message)
        }
    }

    // MARK: Help

    private func help(_ arguments: [String]) throws(ShellFailure) {
        switch arguments.first {
        case nil: console.print(Self.helpText())
        case "input": console.print(Self.inputHelp)
        case "partial": console.print("Partial evaluation is not supported yet.")
        case .some(let topic): throw ShellFailure("unknown topic '\(topic)'")
        }
    }

    private static func helpText() -> String {
        let examples = [
            ("data", "everything: loaded data, and the values of all rules"),
            ("data[x] = _", "its keys"),
            ("x := input.user", "define a rule"),
        ]
        var text = "\nExamples\n========\n\n"
        let width = examples.map { $0.0.count }.max() ?? 0
        for (example, meaning) in examples {
            text += "> " + example + String(repeating: " ", count: width - example.count) + "  # " + meaning + "\n"
        }
        var rows = [
            ("<statement>", "evaluate a query, or define a rule"),
            ("package <path>", "go to a package; begin it if there is none"),
            ("import <path>", "add an import to the active package"),
        ]
        rows += ShellCommand.all.map { ($0.arguments.isEmpty ? $0.name : "\($0.name) \($0.arguments)", $0.meaning) }
        rows += [("ctrl+l", "clear the screen"), ("ctrl+r", "search what was typed before")]
        text += "\nCommands\n========\n\n"
        let longest = rows.map { $0.0.count }.max() ?? 0
        for (name, meaning) in rows {
            text += String(repeating: " ", count: longest - name.count) + name + " : " + meaning + "\n"
        }
        return text + "\nTopics\n======\n\nhelp input   : how to give queries an input\n"
            + "help partial : partial evaluation\n"
    }

    private static let inputHelp = """

        Input
        =====

        Queries see as `input` what `data.repl.input` is. Start with a file,

            writ run repl.input:input.json

        or define it here:

            > package repl.input
            > user := "alice"
            > package example
            > input.user
            "alice"

        For one query only: `data.authz.allow with input as {"user": "alice"}`.

        """
}

extension ShellFailure {
    static let unknownUsage = ShellFailure(
        "usage: unknown <input/data reference> [<input/data reference> [...]] (hint: try 'input')")
}
