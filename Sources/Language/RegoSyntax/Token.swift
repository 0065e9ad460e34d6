/// The kinds of token, white space and comments included (a blank decides whether `f (x)` is a call).
enum Token: UInt8 {
    case illegal, endOfFile, whitespace, comment, identifier
    case package, `import`, `as`, `default`, `else`, not, some, with, null, `true`, `false`
    case `in`, every, contains, `if`, logicalAnd, logicalOr
    case number, string
    case templatePart, templateEnd, rawTemplatePart, rawTemplateEnd
    case leftBracket, rightBracket, leftBrace, rightBrace, leftParen, rightParen, comma, colon
    case plus, minus, times, divide, remainder, and, or, unify, equal, assign
    case notEqual, greater, less, greaterOrEqual, lessOrEqual, dot, semicolon

    /// The token's name in messages. Operators go by the name of their function.
    var name: StaticString {
        switch self {
        case .illegal: "illegal"
        case .endOfFile: "eof"
        case .whitespace: "whitespace"
        case .comment: "comment"
        case .identifier: "identifier"
        case .package: "package"
        case .import: "import"
        case .as: "as"
        case .default: "default"
        case .else: "else"
        case .not: "not"
        case .some: "some"
        case .with: "with"
        case .null: "null"
        case .true: "true"
        case .false: "false"
        case .in: "in"
        case .every: "every"
        case .contains: "contains"
        case .if: "if"
        case .logicalAnd: "and"
        case .logicalOr: "or"
        case .number: "number"
        case .string: "string"
        case .templatePart: "template-string-part"
        case .templateEnd: "template-string-end"
        case .rawTemplatePart: "raw-template-string-part"
        case .rawTemplateEnd: "raw-template-string-end"
        case .leftBracket: "["
        case .rightBracket: "]"
        case .leftBrace: "{"
        case .rightBrace: "}"
        case .leftParen: "("
        case .rightParen: ")"
        case .comma: ","
        case .colon: ":"
        case .plus: "plus"
        case .minus: "minus"
        case .times: "mul"
        case .divide: "div"
        case .remainder: "rem"
        case .and: "and"
        case .or: "or"
        case .unify: "eq"
        case .equal: "equal"
        case .assign: "assign"
        case .notEqual: "neq"
        case .greater: "gt"
        case .less: "lt"
        case .greaterOrEqual: "gte"
        case .lessOrEqual: "lte"
        case .dot: "."
        case .semicolon: ";"
        }
    }

    /// Whether it is a word with a meaning of its own (in the module's version, with its imports).
    var isKeyword: Bool { rawValue >= Token.package.rawValue && rawValue <= Token.logicalOr.rawValue }

    /// The function of an operator between two terms, and how tightly it binds (1 the loosest); nil for others.
    var infix: (function: Name, level: UInt8)? {
        switch self {
        case .equal: (.equal, 1)
        case .notEqual: (.neq, 1)
        case .less: (.lt, 1)
        case .greater: (.gt, 1)
        case .lessOrEqual: (.lte, 1)
        case .greaterOrEqual: (.gte, 1)
        case .or: (.or, 2)
        case .and: (.and, 3)
        case .plus: (.plus, 4)
        case .minus: (.minus, 4)
        case .times: (.mul, 5)
        case .divide: (.div, 5)
        case .remainder: (.rem, 5)
        default: nil
        }
    }
}

/// The words that are keywords in some modules only.
struct KeywordSet: OptionSet {
    var rawValue: UInt8

    static var `in`: KeywordSet { KeywordSet(rawValue: 1) }
    static var every: KeywordSet { KeywordSet(rawValue: 2) }
    static var contains: KeywordSet { KeywordSet(rawValue: 4) }
    static var `if`: KeywordSet { KeywordSet(rawValue: 8) }
    static var and: KeywordSet { KeywordSet(rawValue: 16) }
    static var or: KeywordSet { KeywordSet(rawValue: 32) }
    /// A keyword everywhere except within the path of an import.
    static var not: KeywordSet { KeywordSet(rawValue: 64) }

    /// What v0 calls future keywords.
    static var v1: KeywordSet { [.in, .every, .contains, .if] }
    static var all: KeywordSet { [.in, .every, .contains, .if, .and, .or, .not] }

    /// The keyword that `import future.keywords.NAME` brings.
    init?(importing name: Name) {
        switch name {
        case .in: self = .in
        case .every: self = [.every, .in]
        case .contains: self = .contains
        case .if: self = .if
        case .and: self = .and
        case .or: self = .or
        case .not: self = .not
        default: return nil
        }
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }
}

extension Name {
    /// The token of a word: a keyword if it is one under `active`, else an identifier.
    func token(_ active: KeywordSet) -> Token {
        // All keywords are among the first names of the table.
        guard id < Name.internal.id else { return .identifier }
        switch self {
        case .true: return .true
        case .false: return .false
        case .null: return .null
        case .some: return .some
        case .with: return .with
        case .default: return .default
        case .else: return .else
        case .package: return .package
        case .import: return .import
        case .as: return .as
        case .not: return active.contains(.not) ? .not : .identifier
        case .in: return active.contains(.in) ? .in : .identifier
        case .every: return active.contains(.every) ? .every : .identifier
        case .contains: return active.contains(.contains) ? .contains : .identifier
        case .if: return active.contains(.if) ? .if : .identifier
        case .and: return active.contains(.and) ? .logicalAnd : .identifier
        case .or: return active.contains(.or) ? .logicalOr : .identifier
        default: return .identifier
        }
    }

    /// Whether a version of the language reserves the word (imports aside).
    func isKeyword(in version: RegoVersion) -> Bool {
        switch self {
        case .not, .package, .import, .as, .default, .else, .with, .null, .true, .false, .some: return true
        case .if, .contains, .in, .every: return version == .v1
        default: return false
        }
    }
}
