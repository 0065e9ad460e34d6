import Writ

/// What is other in one bundle than in the one before it.
public struct BundleComparison: Sendable {
    public enum Kind: String, Sendable { case added, removed, changed }

    /// One difference: what of, and what it was and is, as far as there is a text for it.
    public struct Entry: Sendable {
        public var kind: Kind
        /// `revision`, a root, a rule's path (`data.authz.allow`), a path of data, an entrypoint, a file.
        public var name: String
        public var old: String?
        public var new: String?
    }

    public var manifest: [Entry] = []
    public var entrypoints: [Entry] = []
    public var rules: [Entry] = []
    public var data: [Entry] = []
    /// Plans, WebAssembly and changes: by their paths.
    public var files: [Entry] = []

    /// The parts by name, in the order in which they are shown.
    public var parts: [(name: String, entries: [Entry])] {
        [
            ("manifest", manifest), ("entrypoints", entrypoints), ("rules", rules), ("data", data), ("files", files),
        ]
    }

    public var isEmpty: Bool { parts.allSatisfy(\.entries.isEmpty) }

    /// Compares what bundles say, not how it is written: the layout of modules, comments and the order of rules and of
    /// members do not count.
    public init(_ old: LoadedBundle, _ new: LoadedBundle) throws(BundleFailure) {
        manifest = Self.manifest(old.manifest, new.manifest)
        entrypoints = Self.compare(Self.entrypoints(old), Self.entrypoints(new)).map {
            Entry(kind: $0.kind, name: $0.name)
        }
        rules = Self.compare(Self.rules(old), Self.rules(new))
        let differences: [DataDifference]
        do throws(DataFailure) { differences = try new.data.builder.differences(from: old.data.builder) } catch {
            throw BundleFailure(error.message, code: .limit)
        }
        data = differences.map { difference in
            let kind: Kind =
                switch difference.kind {
                case .added: .added
                case .removed: .removed
                case .changed: .changed
                }
            return Entry(
                kind: kind, name: PackageName.text([Array("data".utf8)] + difference.path),
                old: difference.old.map { String(decoding: $0, as: UTF8.self) },
                new: difference.new.map { String(decoding: $0, as: UTF8.self) })
        }
        files = Self.compare(Self.files(old), Self.files(new)).map { Entry(kind: $0.kind, name: $0.name) }
    }

    private static func compare(_ old: [String: String], _ new: [String: String]) -> [Entry] {
        var result: [Entry] = []
        for name in Set(old.keys).union(new.keys).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            switch (old[name], new[name]) {
            case (nil, let text?): result.append(Entry(kind: .added, name: name, new: text))
            case (let text?, nil): result.append(Entry(kind: .removed, name: name, old: text))
            case (let before?, let after?):
                guard !before.utf8.elementsEqual(after.utf8) else { continue }
                result.append(Entry(kind: .changed, name: name, old: before, new: after))
            case (nil, nil): continue
            }
        }
        return result
    }

    // MARK: The parts

    private static func manifest(_ old: Manifest, _ new: Manifest) -> [Entry] {
        func members(_ manifest: Manifest) -> [String: String] {
            var members = ["revision": manifest.revision]
            if let version = manifest.regoVersion { members["rego_version"] = String(version) }
            if let metadata = manifest.metadata { members["metadata"] = String(decoding: metadata, as: UTF8.self) }
            for entry in manifest.fileRegoVersions {
                members["file_rego_versions \(entry.pattern)"] = String(entry.version)
            }
            for root in manifest.roots { members["root \"\(root)\""] = "" }
            return members
        }
        return compare(members(old), members(new)).map { entry in
            guard entry.name.hasPrefix("root ") else { return entry }
            return Entry(kind: entry.kind, name: entry.name)
        }
    }

    private static func files(_ bundle: LoadedBundle) -> [String: String] {
        var files: [String: String] = [:]
        func path(_ blob: LoadedBundle.Blob) -> String { blob.path.hasPrefix("/") ? blob.path : "/" + blob.path }
        for blob in bundle.wasm + bundle.plans { files[path(blob)] = SignedFile(name: "", content: blob.content).hash }
        for (index, change) in (bundle.changes ?? []).enumerated() {
            let shown = change.path.map { "/" + String(decoding: $0, as: UTF8.self) }.joined()
            let text: String =
                switch change.change {
                case .upsert(let json): "upsert " + String(decoding: json, as: UTF8.self)
                case .replace(let json): "replace " + String(decoding: json, as: UTF8.self)
                case .remove: "remove"
                }
            files["/patch.json operation \(index) \(shown)"] = text
        }
        return files
    }

    /// Those that metadata names, those of plans, and those of WebAssembly in the manifest.
    private static func entrypoints(_ bundle: LoadedBundle) -> [String: String] {
        var names = bundle.entrypoints
        let space = Space.create(memoryLimit: 4 << 30)
        defer { space.destroy() }
        func member(_ object: Value, _ name: StaticString) -> Value {
            guard object.isObject, let key = try? space.string(name) else { return .undefined }
            return space.member(object, key)
        }
        for plan in bundle.plans {
            guard let root = try? space.readJSON(plan.content) else { continue }
            let plans = member(member(root, "plans"), "plans")
            guard plans.isArray else { continue }
            let list = space.elements(plans)
            for index in 0..<list.count {
                let name = member(list[index], "name")
                if name.isString { names.append(String(decoding: space.bytes(name), as: UTF8.self)) }
            }
        }
        if let text = bundle.manifest.wasmResolvers, let resolvers = try? space.readJSON(text), resolvers.isArray {
            let list = space.elements(resolvers)
            for index in 0..<list.count {
                let name = member(list[index], "entrypoint")
                if name.isString { names.append(String(decoding: space.bytes(name), as: UTF8.self)) }
            }
        }
        return Dictionary(names.map { ($0, "") }) { one, _ in one }
    }

    /// The texts of the rules of each path, laid out alike and in one order.
    private static func rules(_ bundle: LoadedBundle) -> [String: String] {
        var texts: [String: [String]] = [:]
        for module in bundle.modules {
            for rule in RuleTexts.of(module.file) { texts[rule.path, default: []].append(rule.text) }
        }
        return texts.mapValues { list in
            list.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined(separator: "\n\n")
        }
    }
}

extension LoadedBundle {
    /// The entrypoints that metadata blocks of its modules name, each once.
    public var entrypoints: [String] {
        guard let readYAML = CompileOptions(functions: .all).readYAML else { return [] }
        return Policy.annotatedEntrypoints(modules.map(\.file), readYAML: readYAML)
    }
}

/// The rules of a module as text.
private enum RuleTexts {
    /// Each rule with the path that it belongs to, `data.authz.allow`; none of a module that does not parse.
    static func of(_ file: PolicyFile) -> [(path: String, text: String)] {
        var laidOut = file
        if let text = try? file.formatted(FormatOptions(target: file.version), checksResult: false) {
            laidOut.text = text
        }
        var names = NameTable()
        let source = SourceFile(name: laidOut.name, text: laidOut.text)
        let (module, errors) = parseModule(source, options: ParserOptions(version: file.version), names: &names)
        guard let module, errors.isEmpty else { return [] }
        var path: [[UInt8]] = [Array("data".utf8)]
        for part in module.package.path.parts {
            guard case .string(let name) = part.kind else { return [] }
            path.append(Array(names[name]))
        }
        // What imports bind is part of what a rule says.
        let imports = module.imports.map { String(decoding: source.bytes(of: $0.span), as: UTF8.self) }
            .filter { !$0.hasPrefix("import rego.v1") && !$0.hasPrefix("import future") }
        return module.rules.map { rule in
            var steps = path
            if let head = rule.head.reference.headName { steps.append(Array(names[head])) }
            for part in rule.head.reference.parts {
                guard case .string(let name) = part.kind else { break }
                steps.append(Array(names[name]))
            }
            let text = Self.text(of: rule, in: module, source)
            let used = imports.filter { line in
                guard let name = line.split(whereSeparator: { $0 == "." || $0 == " " }).last else { return false }
                return text.contains(name)
            }
            return (PackageName.text(steps), (used + [text]).joined(separator: "\n"))
        }
    }

    /// A rule without the comments in it.
    private static func text(of rule: Rule, in module: Module, _ source: SourceFile) -> String {
        var result: [UInt8] = []
        var place = Int(rule.span.start)
        for comment in module.comments where comment.span.start >= rule.span.start && comment.span.end <= rule.span.end
        {
            guard Int(comment.span.start) >= place else { continue }
            result += source.text[place..<Int(comment.span.start)]
            place = Int(comment.span.end)
        }
        result += source.text[place..<max(place, Int(rule.span.end))]
        let lines = result.split(separator: 0x0A).filter { !$0.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
        return String(decoding: Array(lines.joined(separator: [0x0A])), as: UTF8.self)
    }
}
