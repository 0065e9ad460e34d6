import ArgumentParser

/// `writ eval` is what scripts start again and again. The argument parser's first use costs more than the evaluation of
/// a small query (it looks types up by name in the whole program), so the plain command line is read without it. The
/// parser stays for help, for completion and for what is wrong; a test holds both to the same result.
extension EvalCommand {
    static func read(_ arguments: [String]) throws -> EvalCommand {
        if let command = EvalCommand(normalised: arguments) { return command }
        return try parse(arguments)
    }

    /// The command of normalised arguments; nil where the argument parser has to judge them.
    init?(normalised arguments: [String]) {
        self.init()
        setDefaults()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                queries = Array(rest)
                return
            }
            guard argument.utf8.starts(with: "--".utf8) else { return nil }
            let text = argument.dropFirst(2)
            if let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
                guard take(String(text[..<equals]), String(text[text.utf8.index(after: equals)...])) else { return nil }
            } else {
                guard take(String(text)) else { return nil }
            }
        }
    }

    /// Every property, as it is where nothing is said: what the parser did not set must not be read.
    private mutating func setDefaults() {
        data = []
        input = nil
        isInputOnStandardInput = false
        isQueryOnStandardInput = false
        format = "json"
        failsWhenUndefined = false
        failsWhenDefined = false
        isStrictWithBuiltins = false
        showsBuiltinErrors = false
        package = nil
        imports = []
        timeout = nil
        count = 1
        isStrict = false
        ignored = []
        prettyLimit = 80
        entrypoints = []
        optimize = nil
        optimizesStore = false
        disablesIndexing = false
        disablesEarlyExit = false
        target = "rego"
        bundles = []
        explain = "off"
        showsValues = false
        isProfiled = false
        profileLimit = 10
        profileOrder = []
        measuresCoverage = false
        showsMetrics = false
        isInstrumented = false
        queries = []
        var versions = VersionOptions()
        versions.isV0 = false
        versions.isV1 = false
        self.versions = versions
        var declarations = DeclarationOptions()
        declarations.schema = nil
        declarations.capabilities = nil
        self.declarations = declarations
        var refused = RefusedEvalOptions()
        refused.partial = false
        refused.unknowns = []
        refused.disableInlining = []
        refused.shallowInlining = false
        refused.nondeterministicBuiltins = false
        self.refused = refused
    }

    /// A flag that is true or false.
    private mutating func take(_ flag: String) -> Bool {
        switch flag {
        case "stdin-input": isInputOnStandardInput = true
        case "stdin": isQueryOnStandardInput = true
        case "fail": failsWhenUndefined = true
        case "fail-defined": failsWhenDefined = true
        case "strict-builtin-errors": isStrictWithBuiltins = true
        case "show-builtin-errors": showsBuiltinErrors = true
        case "strict": isStrict = true
        case "disable-indexing": disablesIndexing = true
        case "disable-early-exit": disablesEarlyExit = true
        case "optimize-store-for-read-speed": optimizesStore = true
        case "var-values": showsValues = true
        case "profile": isProfiled = true
        case "coverage": measuresCoverage = true
        case "metrics": showsMetrics = true
        case "instrument": isInstrumented = true
        case "v0-compatible": versions.isV0 = true
        case "v1-compatible": versions.isV1 = true
        default: return false
        }
        return true
    }

    /// A flag with a value.
    private mutating func take(_ flag: String, _ value: String) -> Bool {
        switch flag {
        case "data": data.append(value)
        case "input": input = value
        case "format": format = value
        case "package": package = value
        case "import": imports.append(value)
        case "timeout": timeout = value
        case "count": return Self.set(&count, value)
        case "ignore": ignored.append(value)
        case "pretty-limit": return Self.set(&prettyLimit, value)
        case "entrypoint": entrypoints.append(value)
        case "optimize": optimize = value
        case "target": target = value
        case "bundle": bundles.append(value)
        case "explain": explain = value
        case "profile-limit": return Self.set(&profileLimit, value)
        case "profile-sort": profileOrder.append(value)
        case "schema": declarations.schema = value
        case "capabilities": declarations.capabilities = value
        default: return false
        }
        return true
    }

    private static func set(_ property: inout Int, _ value: String) -> Bool {
        guard let number = Int(value) else { return false }
        property = number
        return true
    }
}
