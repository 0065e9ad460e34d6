import RegoSyntax
import WritBuiltins
import WritSource

/// Says beside errors how they are mended: with the name that was probably meant, or what holds for their class.
public struct Advice {
    private let modules: [Module]
    private let names: NameTable
    private let sources: SourceMap

    public init(modules: [Module], names: NameTable, sources: SourceMap) {
        self.modules = modules
        self.names = names
        self.sources = sources
    }

    /// Adds help to the errors that have none.
    public func add(to diagnostics: inout [Diagnostic]) {
        for index in diagnostics.indices where diagnostics[index].help == nil {
            let diagnostic = diagnostics[index]
            if let near = near(diagnostic) {
                diagnostics[index].help = "did you mean `" + String(decoding: near, as: UTF8.self) + "`?"
            } else if let known = ErrorClass.of(diagnostic), known.help.utf8CodeUnitCount > 0 {
                diagnostics[index].help = "\(known.help)"
            }
        }
    }

    // MARK: Names

    private func near(_ diagnostic: Diagnostic) -> [UInt8]? {
        let message = Array(diagnostic.message.utf8)
        if diagnostic.code == .regoUnsafeVarError, let name = Self.word(1, message, after: "var ") {
            return NearName.find(name, among: visible(around: diagnostic.span))
        }
        if diagnostic.code == .regoTypeError, let name = Self.word(2, message, after: "undefined function ") {
            return NearName.find(name, among: functions(around: diagnostic.span))
        }
        if diagnostic.code == .regoParseError {
            let text = Self.text(of: diagnostic.span, sources)
            if message.starts(with: Array("unexpected keyword".utf8)), let last = text.split(separator: 0x2E).last {
                return NearName.find(
                    Array(last), among: ["and", "contains", "every", "if", "in", "not", "or"].map { Array($0.utf8) })
            }
            if message.starts(with: Array("unexpected import path, must begin".utf8)),
                let first = text.split(separator: 0x2E).first
            {
                return NearName.find(Array(first), among: ["data", "input", "future", "rego"].map { Array($0.utf8) })
            }
            if message.starts(with: Array("var cannot be used for rule name".utf8)) {
                return NearName.find(
                    text.prefix { $0 > 0x20 }, among: ["package", "import", "default"].map { Array($0.utf8) })
            }
        }
        return nil
    }

    /// A word of a message that begins with a text.
    private static func word(_ number: Int, _ message: [UInt8], after prefix: StaticString) -> [UInt8]? {
        guard message.starts(with: prefix.withUTF8Buffer { Array($0) }) else { return nil }
        let words = message.split(separator: 0x20)
        return words.indices.contains(number) ? Array(words[number]) : nil
    }

    private static func text(of span: Span?, _ sources: SourceMap) -> [UInt8] {
        guard let span, let file = sources.file(span.source) else { return [] }
        return Array(file.bytes(of: span))
    }

    private func module(around span: Span?) -> Module? {
        guard let span else { return nil }
        return modules.first { $0.source == span.source }
    }

    /// What a variable may have been meant for: other words of the rule, rules of the package, imports, documents.
    private func visible(around span: Span?) -> [[UInt8]] {
        var found: [[UInt8]] = [Array("input".utf8), Array("data".utf8)]
        guard let span, let module = module(around: span) else { return found }
        found += rulesAndImports(module)
        if let rule = module.rules.first(where: { $0.span.start <= span.start && span.end <= $0.span.end }) {
            found += words(rule.span)
        }
        return found
    }

    private func functions(around span: Span?) -> [[UInt8]] {
        var found = Registry.all.map { builtin in builtin.name.withUTF8Buffer { Array($0) } }
        found.removeAll { $0.starts(with: Array("internal.".utf8)) }
        if let module = module(around: span) {
            found += rulesAndImports(module)
            for rule in module.rules {
                found.append(Array(names.text(of: module.package.path).utf8) + [0x2E] + names[rule.head.name])
            }
        }
        return found
    }

    private func rulesAndImports(_ module: Module) -> [[UInt8]] {
        var found: [[UInt8]] = []
        let package = names.text(of: module.package.path)
        for other in modules where Array(names.text(of: other.package.path).utf8) == Array(package.utf8) {
            for rule in other.rules { found.append(Array(names[rule.head.name])) }
        }
        for item in module.imports { if let name = item.boundName { found.append(Array(names[name])) } }
        return found
    }

    /// The identifiers of a stretch of source, without those behind a dot.
    private func words(_ span: Span) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var word: [UInt8] = []
        var isPart = false
        var isText = false
        for byte in Self.text(of: span, sources) + [0x0A] {
            if byte == 0x22 { isText.toggle() }
            let isLetter = byte >= 0x61 && byte <= 0x7A || byte >= 0x41 && byte <= 0x5A || byte == 0x5F
            if isLetter || !word.isEmpty && byte >= 0x30 && byte <= 0x39 {
                word.append(byte)
                continue
            }
            if !word.isEmpty, !isPart, !isText { found.append(word) }
            word.removeAll(keepingCapacity: true)
            isPart = byte == 0x2E
        }
        return found
    }
}
