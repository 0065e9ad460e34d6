import Writ

/// Gives packages, imports and references that begin with one path another one, in the text of policies.
public struct Mover {
    private let moves: [(from: [[UInt8]], to: [[UInt8]])]

    /// Paths begin with `data`.
    public init(_ moves: [(from: [[UInt8]], to: [[UInt8]])]) { self.moves = moves }

    private struct Edit {
        var start: Int
        var end: Int
        var text: [UInt8]
    }

    /// The files with their new texts; all errors of their syntax otherwise.
    public func move(_ files: [PolicyFile]) throws(ProblemReport) -> [PolicyFile] {
        var sources = SourceMap()
        var names = NameTable()
        var problems: [Problem] = []
        var result: [PolicyFile] = []
        for file in files {
            let id = sources.add(name: file.name, text: file.text)
            guard let source = sources.file(id) else { continue }
            let (module, errors) = parseModule(source, options: ParserOptions(version: file.version), names: &names)
            problems += errors.map { Problem($0) }
            guard let module else { continue }
            var edits: [Edit] = []
            add(module.package.path, names, isPackage: true, &edits)
            for item in module.imports { add(item.path, names, isPackage: false, &edits) }
            var visitor = ReferenceVisitor()
            visitor.visit(module)
            for reference in visitor.found { add(reference, names, isPackage: false, &edits) }
            var moved = file
            moved.text = Self.apply(edits, to: file.text)
            result.append(moved)
        }
        guard problems.isEmpty else { throw ProblemReport(.loading, problems, sources: sources) }
        return result
    }

    private func add(_ reference: Ref, _ names: NameTable, isPackage: Bool, _ edits: inout [Edit]) {
        guard isPackage || reference.headName == .data else { return }
        var path = [Array("data".utf8)]
        for part in reference.parts {
            guard case .string(let name) = part.kind else { break }
            path.append(Array(names[name]))
        }
        for move in moves where path.starts(with: move.from) {
            let taken = move.from.count - 1
            let end = taken == 0 ? reference.head.span.end : reference.parts[taken - 1].span.end
            var text = PathText.reference(move.to)
            var start = reference.span.start
            if isPackage {
                // A package is written without `data`.
                guard move.to.count > 1, let first = reference.parts.first else { continue }
                start = first.span.start
                let rest = move.to.dropFirst()
                text = PathText.reference(Array(rest))
            }
            // A step in brackets ends behind them.
            edits.append(Edit(start: Int(start), end: Int(end), text: Array(text.utf8)))
            return
        }
    }

    private static func apply(_ edits: [Edit], to text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var place = 0
        for edit in edits.sorted(by: { $0.start < $1.start }) where edit.start >= place && edit.end <= text.count {
            result += text[place..<edit.start]
            result += edit.text
            place = edit.end
            // A quoted step's span ends before its bracket.
            if place < text.count, text[place] == UInt8(ascii: "]"), !text[edit.start..<edit.end].contains(0x5B) {
                continue
            }
            if place < text.count, text[place] == UInt8(ascii: "]") { place += 1 }
        }
        return result + text[place...]
    }
}

/// Finds every reference of a module.
private struct ReferenceVisitor {
    var found: [Ref] = []

    mutating func visit(_ module: Module) {
        for rule in module.rules {
            for term in rule.head.reference.parts + (rule.head.arguments ?? []) { visit(term) }
            if let key = rule.head.key { visit(key) }
            if let value = rule.head.value { visit(value) }
            if let body = rule.body { visit(body) }
            for branch in rule.elseBranches {
                if let value = branch.value { visit(value) }
                if let body = branch.body { visit(body) }
            }
        }
    }

    private mutating func visit(_ body: Body) { for expression in body { visit(expression) } }

    private mutating func visit(_ expression: Expr) {
        switch expression.kind {
        case .call(let call): visit(call)
        case .some(.names(let terms)): for term in terms { visit(term) }
        default: expression.kind.forEachPart({ visit($0) }, { visit($0) })
        }
        for with in expression.with {
            visit(with.target)
            visit(with.value)
        }
    }

    private mutating func visit(_ call: Call) {
        visit(call.function)
        for argument in call.arguments { visit(argument) }
    }

    private mutating func visit(_ ref: Ref) {
        if ref.headName != nil { found.append(ref) } else { visit(ref.head) }
        for part in ref.parts { visit(part) }
    }

    private mutating func visit(_ term: Term) {
        switch term.kind {
        case .ref(let ref): visit(ref)
        case .call(let call): visit(call)
        default: term.forEachPart({ visit($0) }, { visit($0) })
        }
    }
}
