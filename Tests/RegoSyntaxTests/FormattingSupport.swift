import RegoSyntax
import WritSource

/// A module and its layout.
struct LaidOut {
    let source: Parsed
    let text: [UInt8]
    /// The layout parsed again.
    let result: Parsed
    let target: RegoVersion

    /// nil if the source does not parse.
    init?(_ source: [UInt8], _ version: RegoVersion = .v1, to target: RegoVersion? = nil, dropsImports: Bool = false) {
        let parsed = Parsed(source, version)
        guard parsed.diagnostics.isEmpty, let module = parsed.module else { return nil }
        var options = FormatOptions(target: target ?? version)
        options.dropsV0Imports = dropsImports
        self.target = options.target
        self.source = parsed
        text = format(module, of: parsed.file, options: options, names: parsed.names)
        result = Parsed(text, options.target == .v1 ? .v1 : .v0)
    }

    /// What is wrong with the layout: not the same policy, comments that went missing or moved, a text that another
    /// pass changes. Empty if nothing is.
    var faults: [String] {
        guard result.diagnostics.isEmpty, let module = result.module else {
            return ["does not parse: \(result.errors)"]
        }
        var faults: [String] = []
        // Comments on the rows of imports go where the imports go.
        let moving = Set(source.importComments + result.importComments)
        if source.commentTexts.filter({ !moving.contains($0) }) != result.commentTexts.filter({ !moving.contains($0) })
            || source.commentTexts.sorted() != result.commentTexts.sorted()
        {
            faults.append("comments \(source.commentTexts) became \(result.commentTexts)")
        } else if let moved = movedComment(module) {
            faults.append(moved)
        }
        if target != .v0v1, source.comparable != result.comparable { faults.append("another policy") }
        let again = format(module, of: result.file, options: FormatOptions(target: target), names: result.names)
        if again != text { faults.append("a second pass gives\n\(String(decoding: again, as: UTF8.self))") }
        return faults
    }

    /// A comment of one rule within another.
    private func movedComment(_ module: Module) -> String? {
        for (before, after) in zip(source.commentOwners, result.commentOwners) {
            if let before, let after, before != after { return "a comment went from rule \(before) to \(after)" }
        }
        return nil
    }
}

extension Parsed {
    var commentTexts: [String] { (module?.comments ?? []).map { text(of: $0) } }

    /// The comments on the rows of imports.
    var importComments: [String] {
        let rows = Set((module?.imports ?? []).map { file.row(at: $0.span.start) })
        return (module?.comments ?? []).filter { rows.contains(file.row(at: $0.span.start)) }.map { text(of: $0) }
    }

    private func text(of comment: Comment) -> String {
        var text = file.bytes(of: comment.span)
        while let last = text.last, last == 0x20 || (0x09...0x0D).contains(last) { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }

    /// The rule that each comment stands in; nil between rules.
    var commentOwners: [Int?] {
        guard let module else { return [] }
        return module.comments.map { comment in
            module.rules.lastIndex { $0.span.start <= comment.span.start && comment.span.start < $0.span.end }
        }
    }

    /// The rules as JSON, without what a layout may change: places, `=` or `:=`, whether `true` was written.
    var comparable: String {
        guard var module else { return "" }
        module.imports = []
        module.comments = []
        module.annotations = []
        for index in module.rules.indices {
            module.rules[index].hasIf = true
            module.rules[index].head.isAssign = false
            let holds = Term(.bool(true), module.rules[index].span)
            if module.rules[index].head.key == nil, module.rules[index].head.value == nil {
                module.rules[index].head.value = holds
            }
            if module.rules[index].body == nil { module.rules[index].body = [Expr(.term(holds), span: holds.span)] }
            for branch in module.rules[index].elseBranches.indices {
                module.rules[index].elseBranches[branch].isAssign = false
                if module.rules[index].elseBranches[branch].value == nil {
                    module.rules[index].elseBranches[branch].value = holds
                }
            }
        }
        return String(decoding: ASTJSON.module(module, file: file, names: names), as: UTF8.self)
    }
}
