import WritSource

/// What one kind of error means: what `writ explain` shows, and the help beside errors of the kind.
public struct ErrorClass: Sendable {
    /// What it is called: `unsafe-variable`.
    public let name: StaticString
    /// OPA's code: `rego_unsafe_var_error`.
    public let code: StaticString
    /// How its messages begin, and what they hold.
    let prefix: StaticString
    let part: StaticString
    /// One line, with the first letter small and without a period.
    public let title: StaticString
    /// What to do, as it stands beside an error; empty where nothing holds for all of them.
    public let help: StaticString
    /// What it means, in one paragraph.
    public let meaning: StaticString
    /// A module with such an error; empty for errors of evaluations.
    public let example: StaticString
    /// The module without the error.
    public let mended: StaticString
    /// Only `--strict` finds it.
    public let isStrict: Bool

    init(
        _ name: StaticString, _ code: StaticString, _ prefix: StaticString, part: StaticString = "",
        _ title: StaticString, help: StaticString = "", strict: Bool = false, _ meaning: StaticString,
        fails example: StaticString = "", holds mended: StaticString = ""
    ) {
        self.name = name
        self.code = code
        self.prefix = prefix
        self.part = part
        self.title = title
        self.help = help
        isStrict = strict
        self.meaning = meaning
        self.example = example
        self.mended = mended
    }

    /// Every class, those of one code together; within a code the first that matches counts.
    public static let all: [ErrorClass] = syntax + names + types + conflicts + evaluation

    /// The class of an error.
    public static func of(_ diagnostic: Diagnostic) -> ErrorClass? {
        let message = Array(diagnostic.message.utf8)
        return all.first { known in
            known.code.withUTF8Buffer { Array($0) } == diagnostic.code.bytes
                && message.starts(with: known.prefix.withUTF8Buffer { Array($0) })
                && contains(message, known.part.withUTF8Buffer { Array($0) })
        }
    }

    /// The classes of a code, or the one of a name.
    public static func find(_ word: String) -> [ErrorClass] {
        let word = Array(word.utf8)
        return all.filter { known in
            known.code.withUTF8Buffer { Array($0) } == word || known.name.withUTF8Buffer { Array($0) } == word
        }
    }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard !part.isEmpty else { return true }
        guard text.count >= part.count else { return false }
        for start in 0...(text.count - part.count) where text[start...].starts(with: part) { return true }
        return false
    }
}
