import Writ

/// Compiles the text as a module and evaluates all of its documents with small limits.
func fuzzRun(_ text: UnsafeBufferPointer<UInt8>) {
    var options = CompileOptions()
    options.isStrict = text.count % 2 == 0
    let file = PolicyFile(name: "fuzz.rego", text: Array(text))
    guard let policy = try? Policy.compile([file], options: options) else { return }
    var limits = DecisionLimits()
    limits.steps = 100_000
    limits.memory = 8 << 20
    limits.depth = 200
    let evaluator = Evaluator(Snapshot(policy: policy), limits: limits)
    let input: StaticString =
        #"{"user": "alice", "roles": ["admin", "dev"], "n": 3, "at": {"x": [1, 2.5, null, true]}}"#
    for _ in 0..<2 {
        var output = ByteBuffer(limit: 1 << 20)
        input.withUTF8Buffer { bytes in
            _ = try? evaluator.decide(evaluator.snapshot.target([]), input: bytes, into: &output)
        }
        _ = try? evaluator.decide(evaluator.snapshot.target([]), input: nil, into: &output)
    }
}
