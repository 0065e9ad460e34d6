import WritSource

/// Writes syntax trees as the JSON of `opa parse -f json`.
public struct ASTJSON {
    /// What to write beside the tree.
    public struct Options: Sendable {
        /// A `location` (file, row, col and the text in base 64) at every node.
        public var includesLocations = false
        public var includesComments = false
        /// The tree is what a compiler has made of a module: all that `with` replaces is referred to.
        public var isCompiled = false

        public init(includesLocations: Bool = false, includesComments: Bool = false, isCompiled: Bool = false) {
            self.includesLocations = includesLocations
            self.includesComments = includesComments
            self.isCompiled = isCompiled
        }
    }

    private let file: SourceFile
    private let names: NameTable
    private let options: Options
    private var bytes: [UInt8] = []
    /// Where every node is said to stand, in copies of text from elsewhere.
    private var forced: Span?

    private init(_ file: SourceFile, _ names: NameTable, _ options: Options) {
        self.file = file
        self.names = names
        self.options = options
    }

    /// A module as JSON text.
    public static func module(
        _ module: Module, file: SourceFile, names: NameTable, options: Options = Options()
    ) -> [UInt8] {
        var writer = ASTJSON(file, names, options)
        writer.write(module)
        return writer.bytes
    }

    /// An annotation as JSON text.
    public static func annotation(_ annotation: Annotation, file: SourceFile, names: NameTable) -> [UInt8] {
        var writer = ASTJSON(file, names, Options())
        writer.write(annotation)
        return writer.bytes
    }

    /// A body as JSON text: a list of expressions.
    public static func body(
        _ body: Body, file: SourceFile, names: NameTable, options: Options = Options()
    ) -> [UInt8] {
        var writer = ASTJSON(file, names, options)
        writer.write(body)
        return writer.bytes
    }

    /// A term as JSON text.
    public static func term(
        _ term: Term, file: SourceFile, names: NameTable, options: Options = Options()
    ) -> [UInt8] {
        var writer = ASTJSON(file, names, options)
        writer.write(term)
        return writer.bytes
    }

    // MARK: Text

    mutating func put(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }

    mutating func put(_ number: Int) {
        var digits: [UInt8] = []
        var rest = number
        repeat {
            digits.append(UInt8(truncatingIfNeeded: rest % 10) + 0x30)
            rest /= 10
        } while rest > 0
        bytes.append(contentsOf: digits.reversed())
    }

    private mutating func string(_ text: ArraySlice<UInt8>) {
        put("\"")
        for byte in text {
            switch byte {
            case 0x22: put("\\\"")
            case 0x5C: put("\\\\")
            case 0x0A: put("\\n")
            case 0x0D: put("\\r")
            case 0x09: put("\\t")
            case 0..<0x20, 0x3C, 0x3E, 0x26:
                put("\\u00")
                for half in [byte >> 4, byte & 15] { bytes.append(half < 10 ? half + 0x30 : half + 0x57) }
            default: bytes.append(byte)
            }
        }
        put("\"")
    }

    mutating func string(_ name: Name) { string(names[name]) }

    mutating func list<Element>(_ elements: [Element], _ write: (inout ASTJSON, Element) -> Void) {
        put("[")
        for (index, element) in elements.enumerated() {
            if index > 0 { put(",") }
            write(&self, element)
        }
        put("]")
    }

    /// `"location":{...},`, or nothing.
    private mutating func location(_ span: Span?) {
        guard options.includesLocations, let span = forced ?? span else { return }
        put("\"location\":")
        place(span)
        put(",")
    }

    private mutating func place(_ span: Span) {
        let position = file.position(at: span.start)
        put("{\"file\":")
        string(file.name[...])
        put(",\"row\":")
        put(position.row)
        put(",\"col\":")
        put(position.column)
        if options.includesLocations, !span.isEmpty {
            put(",\"text\":\"")
            base64(file.bytes(of: span))
            put("\"")
        }
        put("}")
    }

    /// The location of a statement that OPA says to be its first word alone.
    private mutating func location(_ span: Span, word: StaticString) {
        let length = UInt32(truncatingIfNeeded: word.utf8CodeUnitCount)
        location(Span(source: span.source, start: span.start, end: min(span.start &+ length, span.end)))
    }

    /// The location of an annotation at the end of its members.
    mutating func annotationLocation(_ annotation: Annotation) {
        guard options.includesLocations else { return }
        put("\"location\":")
        place(annotation.span)
    }

    /// The spelling of a number.
    mutating func number(_ spelling: Name) { bytes.append(contentsOf: names[spelling]) }

    /// Takes a comma back when nothing came after it.
    mutating func close(_ end: StaticString = "}") {
        if bytes.last == 0x2C { bytes.removeLast() }
        put(end)
    }

    // MARK: Modules

    private mutating func write(_ module: Module) {
        put("{\"package\":{")
        location(module.package.span, word: "package")
        put("\"path\":")
        terms(module.package.path)
        put("},")
        if !module.imports.isEmpty {
            put("\"imports\":")
            list(module.imports) { $0.write($1) }
            put(",")
        }
        annotations(module.annotations)
        if !module.rules.isEmpty {
            let said = module.annotationsOfRules(names)
            put("\"rules\":")
            list(Array(module.rules.indices)) { writer, index in
                let own = said.isEmpty ? [] : said[index].map { module.annotations[$0] }
                writer.write(module.rules[index], own)
            }
            put(",")
        }
        if options.includesComments, !module.comments.isEmpty {
            put("\"comments\":")
            list(module.comments) { $0.write($1) }
        }
        close()
    }

    private mutating func write(_ import: Import) {
        put("{")
        location(`import`.span, word: "import")
        put("\"path\":")
        write(Term(.ref(`import`.path), `import`.path.span))
        if let alias = `import`.alias {
            put(",\"alias\":")
            string(alias)
        }
        put("}")
    }

    private mutating func write(_ comment: Comment) {
        put("{\"Text\":\"")
        base64(file.bytes(of: comment.textSpan))
        put("\",\"Location\":")
        place(comment.span)
        put("}")
    }

    private mutating func base64(_ data: ArraySlice<UInt8>) {
        let alphabet: [UInt8] = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var rest = data
        while let first = rest.popFirst() {
            let second = rest.popFirst()
            let third = rest.popFirst()
            let group = UInt32(first) << 16 | UInt32(second ?? 0) << 8 | UInt32(third ?? 0)
            bytes.append(alphabet[Int(group >> 18)])
            bytes.append(alphabet[Int(group >> 12 & 63)])
            bytes.append(second == nil ? 0x3D : alphabet[Int(group >> 6 & 63)])
            bytes.append(third == nil ? 0x3D : alphabet[Int(group & 63)])
        }
    }

    // MARK: Rules

    private mutating func write(_ rule: Rule, _ own: [Annotation]) {
        put("{")
        annotations(own)
        if rule.isDefault { location(rule.span, word: "default") } else { location(rule.span) }
        if rule.isDefault { put("\"default\":true,") }
        put("\"body\":")
        if let body = rule.body {
            write(body)
        } else {
            impliedBody(rule.isDefault ? word(rule.span) : rule.impliedSpan)
        }
        put(",\"head\":")
        write(
            rule.head, rule, rule.head.value, rule.head.arguments, rule.head.isAssign,
            rule.isChained ? rule.span : rule.head.span)
        if !rule.elseBranches.isEmpty {
            put(",\"else\":")
            write(rule.elseBranches[...], rule)
        }
        put("}")
    }

    private mutating func write(_ branches: ArraySlice<Else>, _ rule: Rule) {
        for branch in branches {
            put("{")
            location(branch.span)
            put("\"body\":")
            if let body = branch.body {
                if !branch.isBraced { forced = branch.span }
                write(body)
                forced = nil
            } else {
                impliedBody(branch.span)
            }
            put(",\"head\":")
            write(
                rule.head, rule, branch.value, branch.arguments,
                branch.value == nil ? rule.head.isAssign : branch.isAssign,
                branch.headSpan, isElse: true)
            put(",\"else\":")
        }
        bytes.removeLast(",\"else\":".utf8.count)
        for _ in branches { put("}") }
    }

    /// The word `default` at the start of a rule.
    private func word(_ span: Span) -> Span {
        Span(source: span.source, start: span.start, end: min(span.start &+ 7, span.end))
    }

    /// `true`, where no body was written.
    private mutating func impliedBody(_ span: Span) {
        write([Expr(.term(Term(.bool(true), span)), span: span)])
    }

    private mutating func write(
        _ head: Head, _ rule: Rule, _ value: Term?, _ arguments: [Term]?, _ isAssign: Bool, _ span: Span,
        isElse: Bool = false
    ) {
        let hasName = rule.hasName(head)
        var key = head.key
        if key == nil, head.arguments == nil, !rule.isDefault, head.reference.parts.count == 1 {
            let part = head.reference.parts[0]
            if rule.hasIf {
                if case .ref = part.kind { key = part } else if !part.isGround { key = part }
            } else {
                key = part
            }
        }
        put("{")
        if rule.isChained, !isElse { forced = rule.span }
        if hasName {
            put("\"name\":")
            string(head.name)
            put(",")
        }
        if let key {
            put("\"key\":")
            write(key)
            put(",")
        }
        if let value {
            put("\"value\":")
            write(value)
            put(",")
        } else if head.key == nil {
            put("\"value\":{")
            // OPA's parser makes this value before it knows where the head ends, so it has a place only here.
            if !isElse, rule.hasIf, rule.head.arguments == nil, head.reference.parts.count == 1 {
                location(span)
            } else if !isElse, rule.body == nil, !rule.isDefault {
                location(span)
            }
            put("\"type\":\"boolean\",\"value\":true},")
        }
        if isAssign { put("\"assign\":true,") }
        if let arguments, !arguments.isEmpty {
            put("\"args\":")
            list(arguments) { $0.write($1) }
            put(",")
        }
        location(span)
        forced = nil
        put("\"ref\":")
        terms(head.reference)
        put("}")
    }

    // MARK: Expressions

    private mutating func write(_ body: Body) {
        put("[")
        for (index, expression) in body.enumerated() {
            if index > 0 { put(",") }
            write(expression, index)
        }
        put("]")
    }

    private mutating func write(_ expression: Expr, _ index: Int) {
        put(expression.isGenerated ? "{\"generated\":true,\"index\":" : "{\"index\":")
        put(index)
        put(",")
        location(expression.span)
        if expression.isNegated { put("\"negated\":true,") }
        put("\"terms\":")
        switch expression.kind {
        case .term(let term): write(term)
        case .call(let call): write(call)
        case .some(let declaration): write(declaration, expression.span)
        case .every(let every): write(every)
        case .not(let not):
            put("{\"type\":\"not\",")
            location(expression.span)
            put("\"body\":")
            write(not.body)
            put(not.isExplicit ? ",\"explicit_body\":true}" : ",\"explicit_body\":false}")
        case .and(let logical): write(logical, "and", expression.span)
        case .or(let logical): write(logical, "or", expression.span)
        }
        if !expression.with.isEmpty {
            put(",\"with\":")
            list(expression.with) { $0.write($1) }
        }
        put("}")
    }

    private mutating func write(_ with: With) {
        put("{")
        location(with.span)
        put("\"target\":")
        if !options.isCompiled, with.target.parts.isEmpty, with.target.headName != .input,
            with.target.headName != .data
        {
            write(with.target.head)
        } else {
            write(Term(.ref(with.target), with.target.span))
        }
        put(",\"value\":")
        write(with.value)
        put("}")
    }

    private mutating func write(_ declaration: SomeDeclaration, _ span: Span) {
        put("{")
        location(span)
        put("\"symbols\":")
        switch declaration {
        case .names(let names): list(names) { $0.write($1) }
        case .membership(let key, let value, let collection, let operatorSpan):
            put("[{")
            location(key?.span ?? value.span)
            put("\"type\":\"call\",\"value\":[{")
            location(operatorSpan)
            put("\"type\":\"ref\",\"value\":[{")
            location(operatorSpan)
            put("\"type\":\"var\",\"value\":\"internal\"},{")
            location(operatorSpan)
            put("\"type\":\"string\",\"value\":")
            string(key == nil ? .member2 : .member3)
            put("}]}")
            for term in [key, value, collection] {
                guard let term else { continue }
                put(",")
                write(term)
            }
            put("]}]")
        }
        put("}")
    }

    private mutating func write(_ every: Every) {
        put("{")
        location(every.span)
        put("\"key\":")
        if let key = every.key { write(key) } else { put("null") }
        put(",\"value\":")
        write(every.value)
        put(",\"domain\":")
        write(every.domain)
        put(",\"body\":")
        write(every.body)
        put("}")
    }

    private mutating func write(_ logical: Logical, _ type: StaticString, _ span: Span) {
        put("{\"type\":\"")
        put(type)
        put("\",")
        location(span)
        if logical.isLeftExplicit { put("\"explicit_lhs\":true,") }
        if logical.isRightExplicit { put("\"explicit_rhs\":true,") }
        put("\"lhs\":")
        write(logical.left)
        put(",\"rhs\":")
        write(logical.right)
        put("}")
    }

    // MARK: Terms

    mutating func terms(_ ref: Ref) { list([ref.head] + ref.parts) { $0.write($1) } }

    private mutating func write(_ call: Call) {
        put("[")
        write(Term(.ref(call.function), call.function.span))
        for argument in call.arguments {
            put(",")
            write(argument)
        }
        put("]")
    }

    private mutating func write(_ term: Term) {
        put("{")
        location(term.span)
        put("\"type\":\"")
        put(term.kind.name)
        put("\"")
        put(",\"value\":")
        switch term.kind {
        case .null: put("{}")
        case .bool(let value): put(value ? "true" : "false")
        case .number(let spelling): bytes.append(contentsOf: names[spelling])
        case .string(let name), .variable(let name): string(name)
        case .ref(let ref): terms(ref)
        case .array(let elements): list(elements) { $0.write($1) }
        case .set(let elements): list(names.sorted(elements)) { $0.write($1) }
        case .object(let entries):
            list(names.sorted(entries)) { writer, entry in
                writer.put("[")
                writer.write(entry.key)
                writer.put(",")
                writer.write(entry.value)
                writer.put("]")
            }
        case .arrayComprehension(let head, let body), .setComprehension(let head, let body):
            put("{\"term\":")
            write(head)
            put(",\"body\":")
            write(body)
            put("}")
        case .objectComprehension(let key, let value, let body):
            put("{\"key\":")
            write(key)
            put(",\"value\":")
            write(value)
            put(",\"body\":")
            write(body)
            put("}")
        case .call(let call): write(call)
        case .template(let template): write(template)
        }
        put("}")
    }

    private mutating func write(_ template: Template) {
        put(template.isMultiLine ? "{\"multi_line\":true,\"parts\":" : "{\"multi_line\":false,\"parts\":")
        if template.parts.isEmpty {
            put("null")
        } else {
            list(template.parts) { writer, part in
                switch part {
                case .text(let term): writer.write(term)
                case .expression(let expression): writer.write(expression, 0)
                }
            }
        }
        put("}")
    }
}
