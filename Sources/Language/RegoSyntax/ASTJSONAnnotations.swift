import WritSource

// Annotations in the JSON of a tree.
extension ASTJSON {
    /// `"annotations":[...],`, or nothing.
    mutating func annotations(_ annotations: [Annotation]) {
        guard !annotations.isEmpty else { return }
        put("\"annotations\":")
        list(annotations) { $0.write($1) }
        put(",")
    }

    mutating func write(_ annotation: Annotation) {
        put("{\"scope\":\"")
        put(annotation.scope.name)
        put("\",")
        member("\"title\":", annotation.title)
        member("\"description\":", annotation.description)
        if annotation.isEntrypoint { put("\"entrypoint\":true,") }
        members("\"organizations\":", annotation.organizations) { $0.string($1) }
        members("\"related_resources\":", annotation.relatedResources) { writer, resource in
            writer.put("{")
            writer.member("\"ref\":", resource.reference)
            writer.member("\"description\":", resource.description)
            writer.close()
        }
        members("\"authors\":", annotation.authors) { writer, author in
            writer.put("{")
            writer.member("\"name\":", author.name ?? .empty)
            writer.member("\"email\":", author.email)
            writer.close()
        }
        members("\"schemas\":", annotation.schemas) { $0.write($1) }
        if let compilation = annotation.compilation {
            put("\"compile\":{")
            members("\"unknowns\":", compilation.unknowns) { $0.terms($1) }
            if let mask = compilation.maskRule {
                put("\"mask_rule\":")
                terms(mask)
            }
            close()
            put(",")
        }
        for (key, value) in [("\"custom\":" as StaticString, annotation.custom), ("\"labels\":", annotation.labels)] {
            guard let value else { continue }
            put(key)
            plain(value)
            put(",")
        }
        annotationLocation(annotation)
        close()
    }

    private mutating func write(_ schema: Annotation.Schema) {
        put("{\"path\":")
        terms(schema.path)
        if let ref = schema.schema {
            put(",\"schema\":")
            terms(ref)
        }
        if let definition = schema.definition {
            put(",\"definition\":")
            plain(definition)
        }
        put("}")
    }

    private mutating func member(_ key: StaticString, _ text: Name?) {
        guard let text else { return }
        put(key)
        string(text)
        put(",")
    }

    private mutating func members<Element>(
        _ key: StaticString, _ elements: [Element], _ write: (inout ASTJSON, Element) -> Void
    ) {
        guard !elements.isEmpty else { return }
        put(key)
        list(elements, write)
        put(",")
    }

    /// A ground term as the JSON value that it stands for.
    private mutating func plain(_ term: Term) {
        switch term.kind {
        case .bool(let value): put(value ? "true" : "false")
        case .number(let name): number(name)
        case .string(let name): string(name)
        case .array(let elements): list(elements) { $0.plain($1) }
        case .object(let entries):
            put("{")
            for entry in entries {
                plain(entry.key)
                put(":")
                plain(entry.value)
                put(",")
            }
            close()
        default: put("null")
        }
    }
}
