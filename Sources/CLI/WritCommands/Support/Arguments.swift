/// One flag of a command.
struct FlagSpec: Sendable {
    enum Value: Sendable {
        /// `--flag`, `--flag=true`, `--flag=false`.
        case boolean
        /// `--flag value`, `--flag=value`, `-f value`, `-fvalue`.
        case required
    }

    let name: String
    let short: Character?
    let value: Value
    /// It is true or false, and true unless it is said: the parser is told `--flag=true` or `--flag=false`.
    let isOn: Bool

    init(_ name: String, _ short: Character? = nil, _ value: Value = .required, isOn: Bool = false) {
        self.name = name
        self.short = short
        self.value = value
        self.isOn = isOn
    }
}

/// Why a command line is not understood, in OPA's words.
struct UsageFailure: Error {
    let message: String
    /// What may have been meant.
    var suggestion: String?
}

/// Rewrites a command line as OPA's users write it (`-dpolicy`, `-Ivfjson`, `--strict=false`, flags behind the query)
/// to the one form that the argument parser is given: `--flag`, `--flag=value`, then `--` and what is no flag.
struct ArgumentNormaliser {
    let flags: [FlagSpec]

    /// What came of a command line.
    enum Outcome {
        case arguments([String])
        case help
    }

    func normalise(_ arguments: [String]) throws(UsageFailure) -> Outcome {
        var options: [String] = []
        var operands: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                operands += rest
                break
            }
            if argument == "--help" || argument == "-h" { return .help }
            if argument.utf8.starts(with: "--".utf8) {
                try long(String(argument.dropFirst(2)), &rest, &options)
            } else if argument.utf8.first == UInt8(ascii: "-"), argument.utf8.count > 1 {
                if try cluster(argument, &rest, &options) { return .help }
            } else {
                operands.append(argument)
            }
        }
        return .arguments(options + ["--"] + operands)
    }

    private func long(_ text: String, _ rest: inout ArraySlice<String>, _ options: inout [String]) throws(UsageFailure)
    {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        let value = parts.count == 2 ? String(parts[1]) : nil
        guard let flag = flags.first(where: { $0.name == name }) else {
            throw UsageFailure(message: "unknown flag: --\(name)", suggestion: nearest(name).map { "--" + $0 })
        }
        switch flag.value {
        case .boolean: try boolean(flag, value, "--\(name)", &options)
        case .required:
            guard let value = value ?? (flag.isOn ? "true" : rest.popFirst()) else {
                throw UsageFailure(message: "flag needs an argument: --\(name)")
            }
            options.append("--\(name)=\(value)")
        }
    }

    private func boolean(
        _ flag: FlagSpec, _ value: String?, _ shown: String, _ options: inout [String]
    ) throws(UsageFailure) {
        switch value {
        case nil, "true", "True", "TRUE", "t", "T", "1": options.append("--\(flag.name)")
        case "false", "False", "FALSE", "f", "F", "0": options.removeAll { $0 == "--\(flag.name)" }
        case .some(let text):
            throw UsageFailure(
                message: "invalid argument \"\(text)\" for \"\(shown)\" flag: expected true or false")
        }
    }

    /// Flags of one letter: true if one asks for help.
    private func cluster(
        _ argument: String, _ rest: inout ArraySlice<String>, _ options: inout [String]
    ) throws(UsageFailure) -> Bool {
        var letters = argument.dropFirst()
        while let letter = letters.popFirst() {
            guard let flag = flags.first(where: { $0.short == letter }) else {
                if letter == "h" { return true }
                throw UsageFailure(message: "unknown shorthand flag: '\(letter)' in \(argument)")
            }
            switch flag.value {
            case .boolean:
                var value: String?
                if letters.first == "=" {
                    value = String(letters.dropFirst())
                    letters = ""
                }
                try boolean(flag, value, "-\(letter), --\(flag.name)", &options)
            case .required:
                if letters.first == "=" { letters.removeFirst() }
                guard let value = letters.isEmpty ? rest.popFirst() : String(letters) else {
                    throw UsageFailure(message: "flag needs an argument: '\(letter)' in \(argument)")
                }
                options.append("--\(flag.name)=\(value)")
                letters = ""
            }
        }
        return false
    }

    /// The flag whose name is most like one that there is not.
    private func nearest(_ name: String) -> String? { WritCommands.nearest(name, among: flags.map(\.name)) }
}

/// The word that is most like another, if one is like it: at most a third of its letters differ.
func nearest(_ word: String, among words: [String]) -> String? {
    let wanted = Array(word.utf8)
    guard wanted.count <= 64 else { return nil }
    let ranked = words.map { ($0, editDistance(wanted, Array($0.utf8))) }
    guard let best = ranked.min(by: { $0.1 < $1.1 }), best.1 <= max(1, wanted.count / 3) else { return nil }
    return best.0
}

/// Insertions, deletions, replacements and swaps of neighbours between two words.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in 0..<a.count {
        var current = [i + 1]
        for j in 0..<b.count {
            var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
            current.append(cost)
        }
        before = previous
        previous = current
    }
    return previous.last ?? 0
}
