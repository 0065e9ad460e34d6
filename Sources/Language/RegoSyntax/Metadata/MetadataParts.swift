import WritSource

/// Why a part of a metadata block means nothing.
struct MetadataProblem: Error {
    let message: String
}

/// Authors, resources, schemas and references in metadata blocks.
enum MetadataParts {
    static func member(_ entries: [ObjectEntry], _ key: StaticString, _ names: NameTable) -> Term? {
        let bytes = key.withUTF8Buffer { Array($0) }
        for entry in entries {
            if case .string(let name) = entry.key.kind, names[name].elementsEqual(bytes) { return entry.value }
        }
        return nil
    }

    /// A member's text without white space around it; empty if it is no string.
    private static func text(_ entries: [ObjectEntry], _ key: StaticString, _ names: NameTable) -> [UInt8] {
        guard case .string(let name) = member(entries, key, names)?.kind else { return [] }
        var text = names[name].drop { isSpace($0) }
        while let last = text.last, isSpace(last) { text.removeLast() }
        return Array(text)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    // MARK: Authors

    static func author(_ value: Term, _ names: inout NameTable) -> Result<Annotation.Author, MetadataProblem> {
        switch value.kind {
        case .string(let name): return author(Array(names[name]), &names)
        case .object(let entries):
            let name = text(entries, "name", names)
            let email = text(entries, "email", names)
            guard !name.isEmpty || !email.isEmpty else {
                return .failure(MetadataProblem(message: "'name' and/or 'email' values required in object"))
            }
            return .success(author(name, email, &names))
        default: return .failure(MetadataProblem(message: "invalid value type, must be string or map"))
        }
    }

    /// `Name Of Author <address>`: the address is the last word in angle brackets.
    private static func author(
        _ text: [UInt8], _ names: inout NameTable
    ) -> Result<Annotation.Author, MetadataProblem> {
        var words = text.split(whereSeparator: { isSpace($0) }).map { Array($0) }
        guard let last = words.last else { return .failure(MetadataProblem(message: "author is an empty string")) }
        var email: [UInt8] = []
        if last.count >= 2, last.first == 0x3C, last.last == 0x3E {
            email = Array(last.dropFirst().dropLast())
            words.removeLast()
        }
        return .success(author(Array(words.joined(separator: [0x20])), email, &names))
    }

    private static func author(_ name: [UInt8], _ email: [UInt8], _ names: inout NameTable) -> Annotation.Author {
        Annotation.Author(
            name: name.isEmpty ? nil : names.intern(name), email: email.isEmpty ? nil : names.intern(email))
    }

    // MARK: Related resources

    static func relatedResource(
        _ value: Term, _ names: inout NameTable
    ) -> Result<Annotation.RelatedResource, MetadataProblem> {
        let url: [UInt8]
        var description: [UInt8] = []
        switch value.kind {
        case .string(let name):
            url = Array(names[name])
            if url.isEmpty { return .failure(MetadataProblem(message: "ref URL may not be empty string")) }
        case .object(let entries):
            description = text(entries, "description", names)
            url = text(entries, "ref", names)
            if url.isEmpty { return .failure(MetadataProblem(message: "'ref' value required in object")) }
        default: return .failure(MetadataProblem(message: "invalid value type, must be string or map"))
        }
        switch MetadataURL.normalized(url) {
        case .failure(let problem): return .failure(problem)
        case .success(let text):
            return .success(
                Annotation.RelatedResource(
                    reference: names.intern(text), description: description.isEmpty ? nil : names.intern(description)))
        }
    }

    // MARK: Schemas

    static func schema(
        _ entry: ObjectEntry?, _ span: Span, _ names: inout NameTable
    ) -> Result<Annotation.Schema, MetadataProblem> {
        guard let entry, case .string(let key) = entry.key.kind, let path = reference(key, span, &names).ref else {
            return .failure(MetadataProblem(message: "invalid document reference"))
        }
        switch entry.value.kind {
        case .string(let name):
            guard let ref = schemaReference(name, span, &names) else {
                return .failure(MetadataProblem(message: "invalid schema reference"))
            }
            return .success(Annotation.Schema(path: path, schema: ref))
        case .object: return .success(Annotation.Schema(path: path, definition: entry.value))
        default:
            return .failure(
                MetadataProblem(message: "invalid schema declaration for path " + GoText.quoted(names[key])))
        }
    }

    /// `schema`, or a reference below it.
    private static func schemaReference(_ text: Name, _ span: Span, _ names: inout NameTable) -> Ref? {
        let term = self.term(text, span, &names).term
        let root = names.intern("schema")
        switch term?.kind {
        case .variable(root): return Ref(head: Term(.variable(root), span), parts: [], span: span)
        case .ref(let ref) where ref.headName == root: return ref
        default: return nil
        }
    }

    // MARK: Compile

    static func compilation(
        _ entries: [ObjectEntry], _ span: Span, _ names: inout NameTable
    ) -> Result<Annotation.Compilation, MetadataProblem> {
        var result = Annotation.Compilation(unknowns: [])
        if case .array(let elements) = member(entries, "unknowns", names)?.kind {
            for element in elements {
                guard case .string(let text) = element.kind else { continue }
                let (ref, problem) = reference(text, span, &names)
                guard let ref else {
                    let message = "invalid unknowns element " + GoText.quoted(names[text])
                    return .failure(
                        MetadataProblem(message: message + ": failed to parse ref: " + (problem ?? "expected ref")))
                }
                result.unknowns.append(ref)
            }
        }
        guard case .string(let text) = member(entries, "mask_rule", names)?.kind else { return .success(result) }
        let (term, problem) = self.term(text, span, &names)
        let shown = GoText.quoted(names[text])
        guard let term else {
            return .failure(
                MetadataProblem(message: "invalid mask_rule annotation " + shown + ": " + (problem ?? "expected term")))
        }
        switch term.kind {
        case .variable, .string: result.maskRule = Ref(head: term, parts: [], span: span)
        case .ref(let ref): result.maskRule = ref
        default:
            return .failure(MetadataProblem(message: "invalid mask_rule annotation type " + shown + ": string"))
        }
        return .success(result)
    }

    // MARK: References

    private static func reference(_ text: Name, _ span: Span, _ names: inout NameTable) -> (ref: Ref?, String?) {
        let (term, problem) = term(text, span, &names)
        guard case .ref(let ref) = term?.kind else { return (nil, problem) }
        return (ref, problem)
    }

    /// A term within a block: its parts all stand where the block does. Anything but names and references of scalars
    /// and names gives nil, without a problem.
    private static func term(_ text: Name, _ span: Span, _ names: inout NameTable) -> (term: Term?, String?) {
        let file = SourceFile(id: span.source, name: [], text: Array(names[text]))
        let (term, found) = parseTerm(file, names: &names)
        guard let term, found.isEmpty else { return (nil, "failed to parse term: " + list(found, file)) }
        return (moved(term, to: span, depth: 0), nil)
    }

    private static func moved(_ term: Term, to span: Span, depth: Int) -> Term? {
        switch term.kind {
        case .null, .bool, .number, .string, .variable: return Term(term.kind, span)
        case .ref(let ref):
            guard depth < 100, let head = moved(ref.head, to: span, depth: depth + 1) else { return nil }
            var parts: [Term] = []
            for part in ref.parts {
                guard let part = moved(part, to: span, depth: depth + 1) else { return nil }
                parts.append(part)
            }
            return Term(.ref(Ref(head: head, parts: parts, span: span)), span)
        default: return nil
        }
    }

    /// The errors of a text within a block, as OPA joins them.
    private static func list(_ found: [Diagnostic], _ file: SourceFile) -> String {
        var text = found.count == 1 ? "1 error occurred: " : "\(found.count) errors occurred:\n"
        for (index, diagnostic) in found.enumerated() {
            if index > 0 { text += "\n" }
            let position = diagnostic.position ?? file.position(at: diagnostic.span?.start ?? 0)
            text += "\(position.row):\(position.column): rego_parse_error: " + diagnostic.message
            guard let details = diagnostic.details else { continue }
            text += "\n\t" + String(decoding: details.line, as: UTF8.self) + "\n\t"
            for _ in 0..<details.index { text += " " }
            text += "^"
        }
        return text
    }
}
