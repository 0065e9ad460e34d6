/// What the runner was asked for.
struct RunnerArguments {
    var suites: [String] = []
    /// The ratchet: ids of cases that must pass.
    var list: String?
    var updates = false
    var only: String?
    var isVerbose = false

    init(_ arguments: some Sequence<String>) {
        var iterator = arguments.makeIterator()
        while let argument = iterator.next() {
            switch argument {
            case "--list": list = iterator.next()
            case "--update": updates = true
            case "--only": only = iterator.next()
            case "--verbose": isVerbose = true
            default: suites.append(argument)
            }
        }
        if suites.isEmpty {
            suites = [
                "rego-v1", "rego-v0", "rego-extra", "rego-ir", "rego-1.20", "check", "parse", "fmt", "roundtrip-v1",
                "roundtrip-v0", "roundtrip-extra",
            ]
        }
    }
}
