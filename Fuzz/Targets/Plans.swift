import RegoSyntax
import Writ
import WritSource

/// Reads the text as a plan of OPA's IR and, where it is one, evaluates its plans with small limits.
func fuzzPlan(_ text: UnsafeBufferPointer<UInt8>) {
    guard let document = try? PlanDocument(reading: Array(text)) else { return }
    _ = document.text
    var limits = DecisionLimits()
    limits.steps = 100_000
    limits.memory = 8 << 20
    limits.depth = 200
    var data = DataBuilder()
    try? data.add(Array(#"{"a": {"b": [1, "x"]}, "2": "two"}"#.utf8))
    let evaluator = document.makeEvaluator(data: try? data.freeze(), limits: limits)
    // Twice: nothing of one evaluation may get in the way of the next.
    for _ in 0..<2 {
        for name in document.names.prefix(4) {
            evaluator.begin()
            let input =
                (try? evaluator.space.readJSON(Array(#"{"a": ["b", {"c": 1.5}], "k": null}"#.utf8))) ?? .undefined
            guard let results = try? evaluator.results(of: name, input: input) else { continue }
            for result in results { _ = try? evaluator.space.json(result) }
        }
    }
}

/// Parses the text as a module whose metadata blocks hold JSON, which is YAML; and without reading them.
func fuzzMetadata(_ text: UnsafeBufferPointer<UInt8>) {
    var sources = SourceMap()
    let id = sources.add(name: Array("fuzz.rego".utf8), text: Array(text))
    guard let file = sources.file(id) else { return }
    for version in [RegoVersion.v1, .v0] {
        var names = NameTable()
        var options = ParserOptions(version: version)
        options.readYAML = { yaml in
            yaml.count % 7 == 0 ? .failure("yaml: line 1: did not find expected key") : .json(yaml)
        }
        let (module, found) = parseModule(file, options: options, names: &names)
        precondition(module != nil || !found.isEmpty, "neither a module nor an error")
        for diagnostic in found {
            guard let span = diagnostic.span else { continue }
            precondition(span.start <= span.end && Int(span.end) <= text.count, "an error outside of the text")
        }
    }
    // What compiles answers `rego.metadata` too.
    var options = CompileOptions()
    options.readYAML = { .json($0) }
    guard let policy = try? Policy.compile([PolicyFile(name: "fuzz.rego", text: Array(text))], options: options) else {
        return
    }
    var limits = DecisionLimits()
    limits.steps = 100_000
    limits.memory = 8 << 20
    let evaluator = Evaluator(Snapshot(policy: policy), limits: limits)
    var output = ByteBuffer(limit: 1 << 20)
    _ = try? evaluator.decide(evaluator.snapshot.target([]), input: nil, into: &output)
}
