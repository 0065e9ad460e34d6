/// Flags that the environment gives: `WRIT_EVAL_FORMAT=pretty`, or OPA's `OPA_EVAL_FORMAT=pretty`.
///
/// What the command line says wins; `WRIT_` wins over `OPA_`.
enum Environment {
    /// Arguments to put before those of the command line.
    static func arguments(
        for flags: [FlagSpec], of command: String, beside arguments: [String], _ console: Console
    ) -> [String] {
        var result: [String] = []
        for flag in flags where !isGiven(flag, flags, arguments) {
            func value(_ prefix: String, _ command: String) -> String? {
                let value = console.environment(name(prefix, command, flag))
                return value?.isEmpty == true ? nil : value
            }
            // OPA goes by the name of the last command alone.
            let last = command == "refactor" ? "move" : command
            guard let value = value("WRIT", command) ?? value("OPA", last) else { continue }
            result.append("--\(flag.name)=\(value)")
        }
        return result
    }

    /// The variable of a flag.
    static func name(_ prefix: String, _ command: String, _ flag: FlagSpec) -> String {
        String("\(prefix)_\(command)_\(flag.name)".uppercased().map { $0 == "-" || $0 == " " ? "_" : $0 })
    }

    private static func isGiven(_ flag: FlagSpec, _ flags: [FlagSpec], _ arguments: [String]) -> Bool {
        for argument in arguments.prefix(while: { $0 != "--" }) {
            if argument == "--\(flag.name)" || argument.hasPrefix("--\(flag.name)=") { return true }
            guard let short = flag.short, argument.hasPrefix("-"), !argument.hasPrefix("--") else { continue }
            // Letters stand together up to the first whose value follows.
            for letter in argument.dropFirst() {
                if letter == short { return true }
                guard flags.first(where: { $0.short == letter })?.value == .boolean else { break }
            }
        }
        return false
    }
}
