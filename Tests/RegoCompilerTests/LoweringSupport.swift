import RegoSyntax
import WritBuiltins
import WritPlan
import WritSource
import WritValue

@testable import RegoCompiler

/// A policy lowered for a test.
struct Lowered {
    var plan = Plan()
    var errors: [String] = []

    init(_ sources: String...) {
        self.init(sources)
    }

    init(_ sources: [String]) {
        var map = SourceMap()
        var names = NameTable()
        var modules: [Module] = []
        var options = ParserOptions(version: .v1)
        options.isBuiltin = { Registry.find($0) != nil }
        for (number, source) in sources.enumerated() {
            let text = source.hasPrefix("package") ? source : "package test\n\n" + source
            let id = map.add(name: Array("test-\(number).rego".utf8), text: Array(text.utf8))
            guard let file = map.file(id) else { continue }
            let (module, problems) = parseModule(file, options: options, names: &names)
            errors += problems.map { "parse: " + $0.message }
            if let module { modules.append(module) }
        }
        guard errors.isEmpty else { return }
        switch resolve(modules: modules, names: names, sources: map, options: CompilerOptions()) {
        case .success(let policy):
            do throws(LoweringError) {
                plan = try Lowering.lower(policy)
            } catch {
                errors.append("\(error.code) at \(error.span.start)")
            }
        case .failure(let list): errors = list.diagnostics.map { $0.message }
        }
    }

    func function(_ name: String) -> Function? { plan.functions.first { $0.name == Array("data.\(name)".utf8) } }

    /// The kinds of a function's statements in order, those of inner blocks behind their own.
    func kinds(_ name: String) -> [String] { function(name).map { Self.kinds($0.body) } ?? ["no function \(name)"] }

    func count(_ kind: String, in name: String) -> Int { kinds(name).filter { $0 == kind }.count }

    /// The first decision tree of a function.
    func index(_ name: String) -> IndexNode? { function(name).flatMap { Self.dispatch($0.body)?.index } }

    /// A constant as JSON.
    func json(_ constant: Int32) -> String {
        guard let piece = plan.constants else { return "" }
        let space = Space.create()
        defer { space.destroy() }
        let list = space.root(of: piece, attachedAs: space.attach(piece))
        return String(decoding: (try? space.json(space.element(list, Int(constant)))) ?? [], as: UTF8.self)
    }

    /// A decision tree as text: `key{constant: ..., else: ...}`, candidates as numbers.
    func text(_ node: IndexNode?) -> String {
        switch node {
        case nil: return "no dispatch"
        case .candidates(let list): return list.map { "\($0)" }.joined(separator: " ")
        case .branch(let key, let branches, let otherwise):
            let inner = branches.map { "\(json($0.constant)): \(text($0.node))" }.sorted()
            return "\(key){" + (inner + ["else: \(text(otherwise))"]).joined(separator: ", ") + "}"
        }
    }

    private static func dispatch(_ block: Block) -> Dispatch? {
        for statement in block.statements {
            switch statement.kind {
            case .dispatch(let dispatch): return dispatch
            case .block(let inner): if let found = dispatch(inner) { return found }
            default: continue
            }
        }
        return nil
    }

    private static func kinds(_ block: Block) -> [String] {
        var kinds: [String] = []
        for statement in block.statements {
            var name = "\(statement.kind)"
            if let end = name.firstIndex(of: "(") { name = String(name[..<end]) }
            var inner: [Block] = []
            switch statement.kind {
            case .block(let body), .not(let body), .with(_, let body), .outside(let body),
                .documentScan(_, _, let body):
                inner = [body]
            case .scan(let generator, let key, _, let body):
                switch generator {
                case .collection: break
                case .walk: name = key == nil ? "walk without paths" : "walk"
                case .range: name = "range"
                }
                inner = [body]
            case .dispatch(let dispatch): inner = dispatch.candidates
            case .builtin(_, let builtin, _), .host(_, let builtin, _): name = "\(Registry.all[builtin].name)"
            case .trace: continue
            default: break
            }
            kinds.append(name)
            for body in inner { kinds += Self.kinds(body) }
        }
        return kinds
    }
}
