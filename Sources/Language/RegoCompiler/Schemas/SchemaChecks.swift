import RegoSyntax
import WritSource

/// Types that schemas give to documents while one rule is checked.
struct DescribedDocuments: Sendable {
    /// The type of `input`; nil where nothing is known.
    var input: StaticType?
    /// Types of documents below `data`, none of them inside of another.
    var data: [(path: [TreeKey], type: StaticType)] = []

    /// Says what lies at a path: within what is known of a document around it, in place of what is known inside.
    mutating func describe(_ path: [TreeKey], isInput: Bool, _ type: StaticType, _ types: StaticTypes) {
        if isInput {
            input = path.isEmpty ? type : Self.replacing(path[...], in: input, by: type, types)
            return
        }
        if let index = data.firstIndex(where: { path.starts(with: $0.path) && path.count > $0.path.count }) {
            data[index].type = Self.replacing(
                path.dropFirst(data[index].path.count), in: data[index].type, by: type, types)
            return
        }
        data.removeAll { $0.path.starts(with: path) }
        data.append((path, type))
    }

    private static func replacing(
        _ path: ArraySlice<TreeKey>, in type: StaticType?, by part: StaticType, _ types: StaticTypes
    ) -> StaticType {
        guard let first = path.first else { return part }
        guard case .object(var properties, let rest) = type else {
            return nested(path, part, rest: StaticEntry(key: .anything, value: .anything))
        }
        if let index = properties.firstIndex(where: { $0.key == first }) {
            properties[index].type = replacing(path.dropFirst(), in: properties[index].type, by: part, types)
        } else if case .object(let added, _) = nested(path, part, rest: rest) {
            properties += added
        }
        return types.object(properties, rest: rest)
    }

    private static func nested(_ path: ArraySlice<TreeKey>, _ part: StaticType, rest: StaticEntry?) -> StaticType {
        var type = part
        for key in path.reversed() { type = .object([StaticProperty(key: key, type: type)], rest: rest) }
        return type
    }
}

/// What schemas say of the documents that rules use: those of the annotations around each rule, and that of `input`.
struct SchemaChecks: Sendable {
    /// The type of `input` outside of annotated rules.
    private(set) var input: StaticType?
    private var described: [RuleID: DescribedDocuments] = [:]

    /// Without schemas.
    init() {}

    /// Whether they say nothing of any rule.
    var isEmpty: Bool { input == nil && described.isEmpty }

    /// What is known while a rule is checked.
    func documents(of rule: RuleID) -> DescribedDocuments { described[rule] ?? DescribedDocuments(input: input) }

    /// Reads what the options say of `input`, and what the annotations say of each rule; `types` takes in the names of
    /// properties.
    init(
        _ options: CompilerOptions, modules: [Module] = [], annotations: AnnotationSet? = nil,
        _ types: inout StaticTypes, _ errors: inout StagedErrors
    ) {
        if let document = options.schemas?.find([]) {
            do throws(SchemaFailure) {
                input = try Self.type(document, &types, options)
            } catch {
                errors.add(.types, .regoTypeError, error.message, at: nil)
            }
        }
        guard let annotations, modules.contains(where: { $0.annotations.contains { !$0.schemas.isEmpty } }) else {
            return
        }
        var loaded: [[[UInt8]]: StaticType] = [:]
        for (module, content) in modules.enumerated() {
            for rule in content.rules.indices {
                // The widest scope first, so that a nearer one has the last word.
                var schemas: [Annotation.Schema] = []
                for link in annotations.chain(of: rule, in: module).reversed() {
                    if let id = link.annotation { schemas += annotations[id].schemas }
                }
                guard !schemas.isEmpty else { continue }
                var documents = DescribedDocuments(input: input)
                for schema in schemas {
                    do throws(SchemaFailure) {
                        guard let type = try Self.type(schema, &types, options, &loaded),
                            let path = Self.path(schema.path)
                        else { continue }
                        documents.describe(path, isInput: schema.path.headName == .input, type, types)
                    } catch {
                        errors.add(.types, .regoTypeError, error.message, at: content.rules[rule].span)
                    }
                }
                described[RuleID(module: Int32(clamping: module), rule: Int32(clamping: rule))] = documents
            }
        }
    }

    /// The type of an annotation's schema; nil for one that is named while there are no schemas at all.
    private static func type(
        _ schema: Annotation.Schema, _ types: inout StaticTypes, _ options: CompilerOptions,
        _ loaded: inout [[[UInt8]]: StaticType]
    ) throws(SchemaFailure) -> StaticType? {
        if let definition = schema.definition {
            guard let document = SchemaDocument(definition, types.names) else {
                throw SchemaFailure(message: "unable to compile the schema: it nests too deep")
            }
            return try type(document, &types, options)
        }
        guard let ref = schema.schema, let schemas = options.schemas else { return nil }
        var path: [[UInt8]] = []
        for part in ref.parts {
            guard case .string(let name) = part.kind else { return nil }
            path.append(Array(types.names[name]))
        }
        if let known = loaded[path] { return known }
        guard let document = schemas.find(path) else {
            throw SchemaFailure(message: "undefined schema: " + types.names.text(of: ref))
        }
        let result = try type(document, &types, options)
        loaded[path] = result
        return result
    }

    private static func path(_ ref: Ref) -> [TreeKey]? {
        var path: [TreeKey] = []
        for part in ref.parts {
            guard let key = TreeKey(part) else { return nil }
            path.append(key)
        }
        return path
    }

    private static func type(
        _ document: SchemaDocument, _ types: inout StaticTypes, _ options: CompilerOptions
    ) throws(SchemaFailure) -> StaticType {
        var reader = SchemaTypes(document, types: types, allowNet: options.capabilities.allowNet)
        let type = try reader.type()
        types = reader.types
        return types.bounded(type) ?? .anything
    }
}
