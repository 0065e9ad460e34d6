import Testing

/// Graphs: answers of OPA 1.20.2.
struct GraphTests {
    private static let cases: [(call: String, result: String)] = [
        (#"graph.reachable {"a":["b","c"],"b":["d"],"c":[],"d":["a"]} ; ["a"]"#, #"{"a", "b", "c", "d"}"#),
        (#"graph.reachable {"a":{"b","c"},"b":null} ; {"a"}"#, #"{"a", "b"}"#),
        (#"graph.reachable {"a":["b","c"],"b":"d"} ; {"a","z"}"#, #"{"a", "b"}"#),
        ("graph.reachable {1:[2],2.0:[1]} ; [1.0]", "{1.0, 2}"),
        (#"graph.reachable {"a":{"b":"c"},"c":[],"b":[]} ; ["a"]"#, #"{"a"}"#),
        (
            #"graph.reachable_paths {"a":["b","c"],"b":["d"],"c":[],"d":["a"]} ; ["a","b"]"#,
            #"{["a", "b", "d"], ["a", "c"], ["b", "d", "a"], ["b", "d", "a", "c"]}"#
        ),
        (#"graph.reachable_paths {"a":["b"],"b":["c"]} ; ["a"]"#, #"{["a", "b"]}"#),
        (#"graph.reachable_paths {"a":["b"],"b":["c"],"c":null} ; ["a"]"#, #"{["a", "b", "c"]}"#),
        (#"graph.reachable_paths {"a":["b"],"b":"c","c":[]} ; ["a"]"#, #"{["a", "b"]}"#),
        (
            #"graph.reachable_paths {"a":["a","c"],"c":["d"],"d":["a"]} ; ["a"]"#,
            #"{["a", "a"], ["a", "a", "c", "d"], ["a", "c", "d"]}"#
        ),
        (#"graph.reachable_paths {"a":["b"],"b":["b","c"],"c":[]} ; ["a"]"#, #"{["a", "b"], ["a", "b", "c"]}"#),
        (
            #"graph.reachable_paths {"a":["b","x"],"b":["c","d"],"c":["a"],"d":["b"]} ; ["a"]"#,
            #"{["a"], ["a", "b", "c"], ["a", "b", "d"]}"#
        ),
        ("graph.reachable_paths {1:[2.0],2:[]} ; [1.0]", "{[1.0, 2.0]}"),
        (#"graph.reachable_paths {"a":[]} ; ["a","z","a"]"#, #"{["a"]}"#),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
