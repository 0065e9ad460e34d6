/// An example of a builtin: what a policy writes and what it gets. Tests run every one of them.
public struct BuiltinExample: Sendable {
    public enum Outcome: Sendable {
        /// A term in Rego's notation.
        case value(String)
        case undefined
        /// The error under strict builtin errors: its code and its text, or the beginning of it.
        case failure(code: String, message: String, isWhole: Bool)
    }

    /// An expression, with `with` modifiers where it has any; or a module of package `example`, whose answer is the
    /// value of its rule `p`.
    public let text: String
    public let outcome: Outcome
    /// The outcome as the documentation shows it.
    let shown: String

    /// Whether `text` is a module.
    public var isModule: Bool { text.hasPrefix("package ") }
}

/// The examples of the builtins by family, in a notation of lines:
///
///     NAME
///       EXPRESSION
///       => TERM
///       EXPRESSION
///       !! CODE: TEXT
///
/// An expression may have several lines; further lines of an outcome are indented once more. `=> undefined` stands
/// for no answer, and a text that ends with ` ...` for all that begin so. They lie here and not beside the
/// declarations so that embedded builds do not carry them; a test sees to it that no builtin lacks one.
enum BuiltinExamples {
    /// The examples of each builtin.
    static let all: [String: [BuiltinExample]] = {
        var all: [String: [BuiltinExample]] = [:]
        for text in [collections, numbers, values, texts, encodings, network, times, keys, tokens] {
            read(text, into: &all)
        }
        return all
    }()

    private static func read(_ text: String, into all: inout [String: [BuiltinExample]]) {
        var name = ""
        var expression: [Substring] = []
        var outcome = ""
        func end() {
            if !outcome.isEmpty { all[name, default: []].append(example(expression, outcome)) }
            if !outcome.isEmpty { expression = [] }
            outcome = ""
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("    "), !outcome.isEmpty {
                outcome += " " + line.drop { $0 == " " }
            } else if line.hasPrefix("  => ") || line.hasPrefix("  !! ") {
                outcome = String(line.dropFirst(2))
            } else if line.hasPrefix("  ") || (line.isEmpty && !expression.isEmpty) {
                end()
                expression.append(line.dropFirst(2))
            } else {
                end()
                name = String(line)
            }
        }
        end()
    }

    private static func example(_ lines: [Substring], _ outcome: String) -> BuiltinExample {
        let text = lines.joined(separator: "\n")
        var shown = String(outcome.dropFirst(3))
        if outcome.hasPrefix("=>") {
            return BuiltinExample(
                text: text, outcome: shown == "undefined" ? .undefined : .value(shown), shown: shown)
        }
        let isWhole = !shown.hasSuffix(" ...")
        if !isWhole { shown.removeLast(4) }
        let code = String(shown.prefix { $0 != ":" })
        let message = String(shown.dropFirst(code.count + 2))
        return BuiltinExample(
            text: text, outcome: .failure(code: code, message: message, isWhole: isWhole),
            shown: "error " + (isWhole ? shown : shown + " ..."))
    }
}
