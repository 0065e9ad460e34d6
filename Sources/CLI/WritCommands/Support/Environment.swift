/// Flags that the environment gives: `WRIT_EVAL_FORMAT=pretty`, or OPA's `OPA_EVAL_FORMAT=pretty`.
///
/// What the command line says wins; `WRIT_` wins over `OPA_`.
enum Environment {
    /// Arguments to put before those of the command line.
    static func arguments(
        for flags: [FlagSpec], of command: String, beside arguments: [String], _ console: Console
    ) -> [String] {
        var result: [String] = []
        for flag in flags where !isGiven(flag, arguments) {
            let name = "\(command)_\(flag.name)".uppercased().map { $0 == "-" || $0 == " " ? "_" : $0 }
            guard
                let value = console.environment("WRIT_" + String(name)) ?? console.environment("OPA_" + String(name)),
                !value.isEmpty
            else { continue }
            result.append("--\(flag.name)=\(value)")
        }
        return result
    }

    private static func isGiven(_ flag: FlagSpec, _ arguments: [String]) -> Bool {
        for argument in arguments {
            if argument == "--\(flag.name)" || argument.hasPrefix("--\(flag.name)=") { return true }
            if let short = flag.short, argument.hasPrefix("-"), !argument.hasPrefix("--"),
                argument.dropFirst().first == short
            {
                return true
            }
        }
        return false
    }
}
