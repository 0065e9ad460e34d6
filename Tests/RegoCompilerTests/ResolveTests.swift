import RegoSyntax
import Testing
import WritSource

@testable import RegoCompiler

@Suite struct NameTests {
    @Test func rulesAndImports() {
        let resolved = Resolved("import data.lib.f as g\nimport input.user\nq := 1\np if { q == user.name; g.x }")
        #expect(resolved.errors.isEmpty)
        #expect(resolved.body("test.p") == ["data.test.q == input.user.name", "data.lib.f.x"])
    }

    /// A declaration anywhere in a body hides a rule in all of it, before the declaration too.
    @Test func shadowing() {
        #expect(
            Resolved("q := 1\np if { [1 | q == 1]; q := 2; q == 2 }").errors
                == ["4:13 rego_unsafe_var_error: var q is unsafe"])
        #expect(Resolved("q := 1\np if { q := 2; q == 2 }").body("test.p") == ["q = 2", "q == 2"])
    }

    /// Names used in two closures, and nowhere outside, are two variables.
    @Test func closuresHaveTheirOwnVariables() {
        let resolved = Resolved("p := [a, b] if { a := [x | x = 1]; b := [x | x = 2] }")
        let names = resolved.rule("test.p")?.variables.map { resolved.policy?.names.text($0) ?? "" } ?? []
        #expect(names.filter { $0 == "x" }.count == 2)
        let outer = Resolved("p := a if { a := [x | x = y]; y = 1; x = 2 }")
        let outerNames = outer.rule("test.p")?.variables.map { outer.policy?.names.text($0) ?? "" } ?? []
        #expect(outerNames.filter { $0 == "x" }.count == 1)
    }

    @Test func groups() {
        let resolved = Resolved("p[x] := 1 if x := \"a\"\np.b.c := 2\nq contains 1\nf(x) := x\nr.s := 1\nr.t := 2")
        #expect(resolved.errors.isEmpty)
        #expect(resolved.group("test.p")?.rules.count == 2)
        #expect(resolved.group("test.p")?.rules[1].suffix.count == 2)
        guard case .object = resolved.group("test.p")?.kind else { return #expect(Bool(false)) }
        guard case .set = resolved.group("test.q")?.kind else { return #expect(Bool(false)) }
        guard case .function = resolved.group("test.f")?.kind else { return #expect(Bool(false)) }
        #expect(resolved.group("test.r.s") != nil)
        #expect(resolved.group("test.r.t") != nil)
        // Below `p` there is no node of its own.
        let tree = resolved.policy?.tree ?? []
        #expect(!tree.contains { $0.isAlive && resolved.policy?.names.text($0.key) == "b" })
    }

    @Test func infixOperatorsCanBeRules() {
        let resolved = Resolved("plus(x, y) := x - y\np := 1 + 2")
        #expect(resolved.value("test.p") == "data.test.plus(1, 2)")
    }
}

@Suite struct OrderTests {
    @Test(arguments: [
        // Written order stays wherever it is safe.
        ("p if { input.a; data.b; x = 1; x > 0 }", ["input.a", "data.b", "x = 1", "x > 0"]),
        ("p if { x > 1; x = 2 }", ["x = 2", "x > 1"]),
        ("p if { not x == 1; x = input.x }", ["x = input.x", "not { x == 1 }"]),
        ("p if { count([y | y > z]) > 1; z = 1; y = 2 }", ["z = 1", "y = 2", "count([y | y > z]) > 1"]),
        ("p if { a = [b, c]; b = 1; c = 2 }", ["b = 1", "c = 2", "a = [b, c]"]),
        ("p if { x = f(y); y = 1 }\nf(x) := x", ["y = 1", "x = data.test.f(y)"]),
        // An iterating operand does not repeat a call beside it.
        ("p if { input.l[i] == count(input.x); i > 0 }", ["_ = count(input.x)", "input.l[i] == _", "i > 0"]),
        // Operands of a plain negation are computed before it.
        ("p if not count(input.x) == 1", ["_ = count(input.x)", "not { _ == 1 }"]),
        ("p if not startswith(input.x, \"a\")", ["_ = input.x", "not { startswith(_, \"a\") }"]),
        ("p if not input.x == 1", ["not { input.x == 1 }"]),
        ("import future.keywords.not\np if not count(input.x) == 1", ["not { count(input.x) == 1 }"]),
    ])
    func order(_ source: String, _ expected: [String]) {
        let resolved = Resolved(source)
        #expect(resolved.errors.isEmpty)
        #expect(resolved.body("test.p") == expected)
    }

    @Test func heads() {
        let resolved = Resolved("p := input.x + 1\nq contains x.a[i] if { x := input }\nr := f(y) if y := 1\nf(x) := x")
        #expect(resolved.value("test.p") == "plus(input.x, 1)")
        #expect(resolved.body("test.p").isEmpty)
        // A value that iterates is computed in the body.
        #expect(resolved.body("test.q") == ["x = input", "_ = x.a[i]"])
        #expect(resolved.value("test.r") == "data.test.f(y)")
    }

    @Test func manyExpressionsInReverse() {
        let body = (0..<3000).map { "x\($0) = x\($0 + 1)" }.joined(separator: "; ")
        let resolved = Resolved("p if { \(body); x3000 = 1 }")
        #expect(resolved.errors.isEmpty)
        #expect(resolved.body("test.p").first == "x3000 = 1")
    }
}

@Suite struct QueryTests {
    private func query(_ text: String, _ source: String = "p := 1\nq := \"a\"") -> (
        ResolvedQuery?, [String], ResolvedPolicy?
    ) {
        guard var policy = Resolved(source).policy else { return (nil, ["no policy"], nil) }
        var map = SourceMap()
        let id = map.add(name: [], text: Array(text.utf8))
        guard let file = map.file(id) else { return (nil, ["no file"], nil) }
        let (body, problems) = parseQuery(file, names: &policy.names)
        #expect(problems.isEmpty)
        let (result, errors) = resolve(query: body, policy: &policy)
        return (result, errors.map { Resolved.text($0, map) }, policy)
    }

    @Test func bindings() {
        let (result, errors, policy) = query("x := data.test.p; y = x; [z | z = 1][_] == y; some w in [1]")
        #expect(errors.isEmpty)
        let names = result?.bindings.map { policy?.names.text(result?.variables[$0.int] ?? .empty) ?? "" }
        #expect(names == ["x", "y", "w"])
        #expect(result?.shown.map { $0.term != nil } == [false, false, true, false])
    }

    /// One expression may answer `false`; with others, or when iterating, it must hold.
    @Test func values() {
        #expect(query("data.test.p == 2").0?.body.count == 1)
        #expect(query("data.test.p == 2; true").0?.body.count == 4)
        #expect(query("input[i]").0?.body.count == 2)
    }

    @Test func errors() {
        #expect(
            query("x == 1").1 == [
                "1:1 rego_unsafe_var_error: var _ is unsafe", "1:1 rego_unsafe_var_error: var x is unsafe",
            ])
        #expect(query("data.test.q + 1").1.first?.hasPrefix("1:1 rego_type_error: plus: invalid argument(s)") == true)
    }
}
