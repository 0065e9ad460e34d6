/// What of the language an engine knows: the `future_keywords` and `features` of its capabilities.
public struct LanguageFeatures: Sendable {
    /// Keywords that modules may import.
    private var keywords: KeywordSet = .all
    /// v1 modules, and the keywords that v1 has without an import.
    public private(set) var hasRegoV1 = true
    /// `import rego.v1`.
    public private(set) var hasRegoV1Import = true
    public private(set) var hasTemplateStrings = true
    /// Keywords as parts of references: `input.if`.
    public private(set) var hasKeywordsInReferences = true
    /// Rules whose heads are references of names (`a.b.c := 1`), and of anything (`a[x].b := 1`).
    public private(set) var hasReferenceHeads = true
    public private(set) var hasGeneralReferenceHeads = true
    /// A keyword among those of the capabilities that there is not.
    public private(set) var unknownKeyword: [UInt8]?

    /// Everything that OPA 1.20 knows.
    public init() {}

    public init(futureKeywords: [[UInt8]], features: [[UInt8]]) {
        keywords = []
        for keyword in futureKeywords {
            switch keyword {
            case Array("in".utf8): keywords.insert(.in)
            case Array("every".utf8): keywords.insert(.every)
            case Array("contains".utf8): keywords.insert(.contains)
            case Array("if".utf8): keywords.insert(.if)
            case Array("and".utf8): keywords.insert(.and)
            case Array("or".utf8): keywords.insert(.or)
            case Array("not".utf8): keywords.insert(.not)
            default: unknownKeyword = unknownKeyword ?? keyword
            }
        }
        hasRegoV1 = features.contains(Array("rego_v1".utf8))
        hasRegoV1Import = hasRegoV1 || features.contains(Array("rego_v1_import".utf8))
        hasTemplateStrings = features.contains(Array("template_strings".utf8))
        hasKeywordsInReferences = features.contains(Array("keywords_in_refs".utf8))
        hasGeneralReferenceHeads = hasRegoV1 || features.contains(Array("rule_head_refs".utf8))
        hasReferenceHeads =
            hasGeneralReferenceHeads || features.contains(Array("rule_head_ref_string_prefixes".utf8))
    }

    /// What `import future.keywords` brings.
    var importable: KeywordSet { hasRegoV1 ? keywords.union(.v1) : keywords }

    /// Why modules of a version cannot be read at all.
    func refusal(of version: RegoVersion) -> String? {
        if version == .v1 {
            return hasRegoV1 ? nil : "illegal capabilities: rego_v1 feature required for parsing v1 Rego"
        }
        return unknownKeyword.map { "illegal capabilities: unknown keyword: " + String(decoding: $0, as: UTF8.self) }
    }
}

extension KeywordSet {
    /// The words in the order of their letters, as messages list them.
    var list: String {
        let words: [(keyword: KeywordSet, text: String)] = [
            (.and, "and"), (.contains, "contains"), (.every, "every"), (.if, "if"), (.in, "in"), (.not, "not"),
            (.or, "or"),
        ]
        var text = ""
        for word in words where contains(word.keyword) { text += text.isEmpty ? word.text : " " + word.text }
        return "[" + text + "]"
    }
}
