import Writ
import WritBundle
import WritTooling

/// What `inspect` shows, in OPA's two forms.
struct BundleSummary {
    var manifest: Manifest?
    var signatures: SignatureList?
    /// Where WebAssembly came from, and its path.
    var wasm: [(location: String, path: String)] = []
    /// The files of each package and document, in the order they were added.
    private var namespaces: [(name: String, files: [String])] = []
    /// Nil where they were not asked for.
    var annotations: [ListedAnnotation]?
    /// Sizes, and what the signature says; nil where they were not asked for.
    var details: BundleDetails?
    /// Capabilities as JSON.
    var requirements: [UInt8] = []

    mutating func add(_ namespace: String, _ file: String) {
        if let index = namespaces.firstIndex(where: { $0.name == namespace }) {
            namespaces[index].files.append(file)
        } else {
            namespaces.append((namespace, [file]))
        }
    }

    private var sorted: [(name: String, files: [String])] {
        namespaces.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    // MARK: JSON

    func json() throws(BundleFailure) -> String {
        var members: [(String, [UInt8])] = []
        if let manifest { members.append(("manifest", try manifest.json())) }
        members.append(("signatures_config", signatures.map { compact($0) } ?? Array("{}".utf8)))
        if !wasm.isEmpty { members.append(("wasm_modules", wasmJSON())) }
        if !namespaces.isEmpty { members.append(("namespaces", namespacesJSON())) }
        if let annotations, !annotations.isEmpty { members.append(("annotations", Self.json(annotations))) }
        if !requirements.isEmpty { members.append(("capabilities", requirements)) }
        if let details { members.append(("details", details.json())) }
        var text = ByteBuffer()
        for (index, member) in members.enumerated() {
            text.append(index == 0 ? "{\"" : ",\"")
            text.append(Array(member.0.utf8))
            text.append("\":")
            text.append(member.1.last == 0x0A ? Array(member.1.dropLast()) : member.1)
        }
        text.append("}")
        return String(decoding: JSONLayout.indented(text.bytes), as: UTF8.self) + "\n"
    }

    private func compact(_ list: SignatureList) -> [UInt8] {
        var text = ByteBuffer()
        text.append("{")
        if !list.plugin.isEmpty {
            text.append("\"plugin\":")
            text.appendJSONString(list.plugin)
            text.append(",")
        }
        text.append("\"signatures\":[")
        for (index, signature) in list.signatures.enumerated() {
            if index > 0 { text.append(",") }
            text.appendJSONString(signature)
        }
        text.append("]}")
        return text.bytes
    }

    private func wasmJSON() -> [UInt8] {
        var text = ByteBuffer()
        for (index, module) in wasm.enumerated() {
            text.append(index == 0 ? "[{\"entrypoints\":null,\"path\":" : ",{\"entrypoints\":null,\"path\":")
            text.appendJSONString(module.path)
            text.append(",\"url\":")
            text.appendJSONString(module.location)
            text.append("}")
        }
        text.append("]")
        return text.bytes
    }

    private func namespacesJSON() -> [UInt8] {
        var text = ByteBuffer()
        text.append("{")
        for (index, namespace) in sorted.enumerated() {
            if index > 0 { text.append(",") }
            text.appendJSONString(namespace.name)
            text.append(":[")
            for (index, file) in namespace.files.enumerated() {
                if index > 0 { text.append(",") }
                text.appendJSONString(file)
            }
            text.append("]")
        }
        text.append("}")
        return text.bytes
    }

    private static func json(_ annotations: [ListedAnnotation]) -> [UInt8] {
        var text = ByteBuffer()
        for (index, entry) in annotations.enumerated() {
            text.append(index == 0 ? "[{\"annotations\":" : ",{\"annotations\":")
            text.append(entry.json)
            text.append(",\"location\":{\"file\":")
            text.appendJSONString(entry.file)
            text.append(",\"row\":")
            text.appendDecimal(entry.position.row)
            text.append(",\"col\":")
            text.appendDecimal(entry.position.column)
            text.append("},\"path\":")
            text.append(entry.path)
            text.append("}")
        }
        text.append("]")
        return text.bytes
    }

    // MARK: For people

    private static let cellWidth = 50
    private static let pageWidth = 80

    func pretty() -> String {
        manifestText() + namespacesText() + (details?.pretty() ?? "") + annotationsText()
    }

    private func manifestText() -> String {
        guard let manifest else { return "" }
        var rows: [[String]] = []
        if let version = manifest.regoVersion { rows.append(["Rego Version", String(version)]) }
        if !manifest.revision.isEmpty {
            rows.append(["Revision", Self.cut(manifest.revision, Self.cellWidth)])
        }
        let roots = manifest.roots.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        if roots != [""] {
            for (index, root) in roots.enumerated() {
                rows.append([index == 0 ? "Roots" : "", Self.cutPath(root)])
            }
        }
        if let metadata = manifest.metadata {
            rows.append(["Metadata", Self.cut(String(decoding: metadata, as: UTF8.self), Self.cellWidth)])
        }
        guard !rows.isEmpty else { return "" }
        var table = TextTable(["FIELD", "VALUE"])
        for row in rows { table.add(row) }
        return "MANIFEST:\n" + table.text()
    }

    private func namespacesText() -> String {
        guard !namespaces.isEmpty else { return "" }
        var table = TextTable(["NAMESPACE", "FILE"])
        for namespace in sorted {
            for (index, file) in namespace.files.enumerated() {
                table.add([index == 0 ? namespace.name : "", Self.cutPath(file)])
            }
        }
        return "NAMESPACES:\n" + table.text()
    }

    private func annotationsText() -> String {
        guard let annotations, !annotations.isEmpty else { return "" }
        var text = "ANNOTATIONS:\n"
        for entry in annotations {
            let trimmed = entry.title.split(separator: " ").joined(separator: " ")
            let title = trimmed.isEmpty ? entry.pathText : entry.title
            text += title + "\n" + String(repeating: "=", count: min(title.utf8.count, Self.pageWidth)) + "\n\n"
            if !entry.description.isEmpty { text += entry.description + "\n\n" }
            text += "Package:  \(entry.package)\n"
            if let rule = entry.rule { text += "Rule:     \(rule)\n" }
            text += "Location: \(entry.file):\(entry.position.row)\n"
            text += "Scope: \(entry.scope)\n"
            if entry.isEntrypoint { text += "Entrypoint: true\n" }
            text += "\n"
            text += Self.list("Organizations", entry.organizations.map { ($0, "") }, "")
            text += Self.list("Authors", entry.authors.map { ($0, "") }, "")
            text += Self.list("Schemas", entry.schemas.map { ($0.path, $0.schema) }, ": ")
            text += Self.list("Related Resources", entry.relatedResources.map { ($0.reference, $0.description) }, " ")
            text += Self.list("Custom", entry.custom.map { ($0.name, $0.json) }, ": ")
        }
        return text
    }

    private static func list(_ title: String, _ entries: [(key: String, value: String)], _ separator: String) -> String
    {
        guard !entries.isEmpty else { return "" }
        let width = entries.map { $0.key.utf8.count }.max() ?? 0
        var text = title + ":\n"
        for entry in entries {
            let key = entry.key.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: " ")
            let gap = String(repeating: " ", count: width - entry.key.utf8.count)
            let line = entry.value.isEmpty ? " \(key)" : " \(key)\(separator)\(gap)\(entry.value)"
            text += cut(line, pageWidth) + "\n"
        }
        return text + "\n"
    }

    private static func cut(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count >= limit else { return text }
        return String(decoding: text.utf8.prefix(limit - 3), as: UTF8.self) + "..."
    }

    /// A long path without its middle.
    private static func cutPath(_ path: String) -> String {
        guard path.utf8.count >= cellWidth else { return path }
        return "..." + String(decoding: path.utf8.suffix(cellWidth - 3), as: UTF8.self)
    }
}
