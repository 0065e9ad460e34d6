import WritSource

/// The members of a metadata block, checked in two steps as in OPA: first that the YAML has the types that are wanted
/// (all problems are reported together), then what the values mean (the first problem ends it).
struct MetadataFields {
    let block: MetadataBlock
    /// The problems of the first step.
    var typeErrors: [(line: Int, text: String)] = []

    // Decoded texts are kept as bytes and interned in the second step.
    private(set) var scope: [UInt8]?
    private(set) var isEntrypoint = false
    private var titleText: [UInt8] = []
    private var descriptionText: [UInt8] = []
    private var organizationTexts: [[UInt8]] = []
    private var resourceValues: [Term] = []
    private var authorValues: [Term] = []
    private var schemaValues: [[ObjectEntry]] = []
    private var compileEntries: [ObjectEntry]?
    private var customEntries: [ObjectEntry] = []
    private var labelEntries: [ObjectEntry] = []

    private var relatedResources: [Annotation.RelatedResource] = []
    private var authors: [Annotation.Author] = []
    private var schemas: [Annotation.Schema] = []
    private var compilation: Annotation.Compilation?
    private var title: Name?
    private var description: Name?
    private var organizations: [Name] = []

    init(block: MetadataBlock) { self.block = block }

    /// The annotation of a statement.
    func annotation(_ target: Annotation.Target, _ scope: Annotation.Scope) -> Annotation {
        var result = Annotation(comments: block.comments, span: block.span, target: target, scope: scope)
        result.title = title
        result.description = description
        result.organizations = organizations
        result.relatedResources = relatedResources
        result.authors = authors
        result.schemas = schemas
        result.isEntrypoint = isEntrypoint
        result.compilation = compilation
        if !customEntries.isEmpty { result.custom = Term(.object(customEntries), block.span) }
        if !labelEntries.isEmpty { result.labels = Term(.object(labelEntries), block.span) }
        return result
    }

    // MARK: Types

    mutating func decode(_ value: Term, _ names: NameTable) {
        if case .null = value.kind { return }
        guard case .object(let entries) = value.kind else {
            mismatch(value, block.firstLine, [], "ast.rawAnnotation", names)
            return
        }
        func member(_ key: StaticString) -> Term? {
            let bytes = key.withUTF8Buffer { Array($0) }
            for entry in entries {
                guard case .string(let name) = entry.key.kind, names[name].elementsEqual(bytes) else { continue }
                if case .null = entry.value.kind { return nil }
                return entry.value
            }
            return nil
        }
        scope = string("scope", member("scope"), names)
        titleText = string("title", member("title"), names) ?? []
        descriptionText = string("description", member("description"), names) ?? []
        decodeEntrypoint(member("entrypoint"), names)
        for element in list("organizations", member("organizations"), "[]string", names) {
            if case .null = element.kind { continue }
            if let text = string("organizations", element, names, isElement: true) { organizationTexts.append(text) }
        }
        resourceValues = list("related_resources", member("related_resources"), "[]interface {}", names)
        authorValues = list("authors", member("authors"), "[]interface {}", names)
        for element in list("schemas", member("schemas"), "[]map[string]interface {}", names) {
            if let entries = map("schemas", element, names) { schemaValues.append(entries) }
        }
        compileEntries = map("compile", member("compile"), names)
        customEntries = map("custom", member("custom"), names) ?? []
        labelEntries = map("labels", member("labels"), names) ?? []
    }

    private mutating func decodeEntrypoint(_ value: Term?, _ names: NameTable) {
        guard let value else { return }
        if case .bool(let flag) = value.kind {
            isEntrypoint = flag
            return
        }
        if case .string(let name) = value.kind {
            // The words of YAML 1.1 count where a boolean is wanted.
            isEntrypoint = Self.isOne(of: ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"], names[name])
            if isEntrypoint || Self.isOne(of: ["n", "N", "no", "No", "NO", "off", "Off", "OFF"], names[name]) {
                return
            }
        }
        let member = block.member("entrypoint")
        mismatch(value, member.line, member.scalar, "bool", names)
    }

    private static func isOne(of words: [StaticString], _ text: ArraySlice<UInt8>) -> Bool {
        words.contains { word in word.withUTF8Buffer { text.elementsEqual($0) } }
    }

    /// A scalar as it is written; nil where none is.
    private mutating func string(
        _ key: StaticString, _ value: Term?, _ names: NameTable, isElement: Bool = false
    ) -> [UInt8]? {
        guard let value else { return nil }
        let member = block.member(key)
        switch value.kind {
        case .string(let name): return Array(names[name])
        case .null: return []
        case .number(let name): return isElement || member.scalar.isEmpty ? Array(names[name]) : Array(member.scalar)
        case .bool(let flag):
            return isElement || member.scalar.isEmpty ? Array((flag ? "true" : "false").utf8) : Array(member.scalar)
        default:
            mismatch(value, member.line, member.scalar, "string", names)
            return nil
        }
    }

    private mutating func list(_ key: StaticString, _ value: Term?, _ type: String, _ names: NameTable) -> [Term] {
        guard let value else { return [] }
        if case .array(let elements) = value.kind { return elements }
        let member = block.member(key)
        mismatch(value, member.line, member.scalar, type, names)
        return []
    }

    private mutating func map(_ key: StaticString, _ value: Term?, _ names: NameTable) -> [ObjectEntry]? {
        guard let value else { return nil }
        switch value.kind {
        case .object(let entries): return entries
        case .null: return []
        default:
            let member = block.member(key)
            mismatch(value, member.line, [], "map[string]interface {}", names)
            return nil
        }
    }

    private mutating func mismatch(
        _ value: Term, _ line: Int, _ scalar: ArraySlice<UInt8>, _ type: String, _ names: NameTable
    ) {
        let tag: String
        var text: [UInt8]
        switch value.kind {
        case .array:
            typeErrors.append((line, "cannot unmarshal !!seq into " + type))
            return
        case .object:
            typeErrors.append((line, "cannot unmarshal !!map into " + type))
            return
        case .string(let name): (tag, text) = ("!!str", Array(names[name]))
        case .number(let name):
            let isInteger = names[name].allSatisfy { $0 &- 0x30 < 10 || $0 == 0x2D }
            (tag, text) = (isInteger ? "!!int" : "!!float", scalar.isEmpty ? Array(names[name]) : Array(scalar))
        case .bool(let flag):
            (tag, text) = ("!!bool", scalar.isEmpty ? Array((flag ? "true" : "false").utf8) : Array(scalar))
        default: (tag, text) = ("!!null", Array(scalar))
        }
        if text.count > 10 { text = Array(text[..<7]) + Array("...".utf8) }
        typeErrors.append(
            (line, "cannot unmarshal " + tag + " `" + String(decoding: text, as: UTF8.self) + "` into " + type))
    }

    // MARK: Meaning

    /// Gives the text of the first problem.
    mutating func interpret(_ names: inout NameTable) -> String? {
        title = titleText.isEmpty ? nil : names.intern(titleText)
        description = descriptionText.isEmpty ? nil : names.intern(descriptionText)
        for text in organizationTexts { organizations.append(names.intern(text)) }
        for value in resourceValues {
            switch MetadataParts.relatedResource(value, &names) {
            case .success(let resource): relatedResources.append(resource)
            case .failure(let problem):
                return "invalid related-resource definition " + GoText.string(value, names) + ": " + problem.message
            }
        }
        if let problem = interpretCompilation(&names) { return problem }
        for entries in schemaValues {
            switch MetadataParts.schema(entries.first, block.span, &names) {
            case .success(let schema): schemas.append(schema)
            case .failure(let problem): return problem.message
            }
        }
        for value in authorValues {
            switch MetadataParts.author(value, &names) {
            case .success(let author): authors.append(author)
            case .failure(let problem):
                return "invalid author definition " + GoText.string(value, names) + ": " + problem.message
            }
        }
        return nil
    }

    private mutating func interpretCompilation(_ names: inout NameTable) -> String? {
        guard let compileEntries else { return nil }
        switch MetadataParts.compilation(compileEntries, block.span, &names) {
        case .success(let value):
            compilation = value
            return nil
        case .failure(let problem): return problem.message
        }
    }
}
