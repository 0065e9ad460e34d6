import Testing

/// Objects: answers of OPA 1.20.2.
struct ObjectsTests {
    private static let cases: [(call: String, result: String)] = [
        (#"object.get {"a":{1,2}} ; ["a",1] ; 0"#, "1"),
        (#"object.get {"a":[5,6]} ; ["a",1.0] ; 0"#, "6"),
        (#"object.get {"a":[5,6]} ; ["a",1] ; 0"#, "6"),
        (#"object.get {"a":[5,6]} ; ["a","1"] ; 0"#, "0"),
        (#"object.get {"a":[5,6]} ; ["a",-1] ; 0"#, "0"),
        (#"object.get {["a"]:[5,6]} ; ["a"] ; 0"#, "0"),
        (#"object.get {"a":1} ; [] ; 0"#, #"{"a": 1}"#),
        (#"object.get {"a":1} ; ["a","b"] ; 0"#, "0"),
        (#"object.get {"a":{{"x":1}}} ; ["a",{"x":1},"x"] ; 0"#, "1"),
        ("object.get {1:2} ; 1.0 ; 0", "2"),
        (#"object.get {"a":[[7]]} ; ["a",1e0] ; 0"#, "0"),
        (#"object.get {"a":[[7]]} ; ["a",0e0] ; 5"#, "5"),
        (#"object.get {"a":[[7]]} ; ["a",0.0] ; 0"#, "[7]"),
        (#"object.get {"a":false} ; "a" ; 0"#, "false"),
        ("object.union {1:2} ; {1.0:3}", "{1: 3}"),
        (#"object.union {1:{"a":1}} ; {1.0:{"b":2}}"#, #"{1: {"a": 1, "b": 2}}"#),
        (#"object.union {"a":{"b":1}} ; {"a":{"c":{"d":2}},"e":3}"#, #"{"a": {"b": 1, "c": {"d": 2}}, "e": 3}"#),
        (#"object.union {"a":1} ; {}"#, #"{"a": 1}"#),
        (#"object.union_n [{"a":{"b":1}},{"a":2},{"a":{"c":3}}]"#, #"{"a": {"c": 3}}"#),
        (#"object.union_n [{"a":{"b":1}},{"a":{"c":3}},{"a":{"b":{"x":1}}}]"#, #"{"a": {"b": {"x": 1}, "c": 3}}"#),
        (#"object.union_n [{1:{"b":1}},{1.0:{"c":3}}]"#, #"{1.0: {"b": 1, "c": 3}}"#),
        (#"object.union_n [{1:{"b":1}},{1.0:2}]"#, "{1.0: 2}"),
        (#"object.union_n [{1:2},{1.0:{"c":3}},{1.00:{"d":1}}]"#, #"{1.00: {"c": 3, "d": 1}}"#),
        (
            #"object.union_n [{"a":{"b":1}},{"a":{"c":2}},{"a":2},{"a":{"c":{"z":3}}},{"a":{"c":{"y":4}}}]"#,
            #"{"a": {"c": {"y": 4, "z": 3}}}"#
        ),
        (#"object.subset {"a":[1,2,3]} ; {"a":[2]}"#, "true"),
        (#"object.subset {"a":[1,2,3]} ; {"a":{2}}"#, "false"),
        (#"object.subset {"a":{1,2}} ; {"a":[2]}"#, "false"),
        (#"object.subset {"a":{1,2}} ; {"a":{2}}"#, "true"),
        (#"object.subset {"a":{"b":1,"c":2}} ; {"a":{"b":1}}"#, "true"),
        (#"object.subset {{"b":1,"c":2}} ; {{"b":1}}"#, "false"),
        (#"object.subset [{"b":1,"c":2}] ; [{"b":1}]"#, "false"),
        ("object.subset [1,2,3,4] ; [2,4]", "false"),
        ("object.subset [1,2,3,4] ; [2,3]", "true"),
        ("object.subset [1,1,2] ; [1,2]", "true"),
        ("object.subset [1,1,2] ; []", "true"),
        ("object.subset [1,1,2] ; {1,2}", "true"),
        (
            "object.subset {1,2} ; [1,2]",
            "type: both arguments object.subset must be of the same type or array and set"
        ),
        (#"object.subset {"a":1} ; {}"#, "true"),
        (#"object.subset {} ; {"a":1}"#, "false"),
        (#"object.subset {"a":{"b":[1]}} ; {"a":{"b":{1}}}"#, "false"),
        (#"object.subset {"a":null} ; {"a":null}"#, "true"),
        (#"object.subset {"a":[{"a":1,"b":2}]} ; {"a":[{"a":1}]}"#, "false"),
        ("object.subset [1,2,1,2,3] ; [1,2,3]", "true"),
        ("object.subset [1,2,1,2,1,2,3] ; [1,2,1,2,3]", "true"),
        (#"object.remove {1:2,"a":1} ; [1.0]"#, #"{"a": 1}"#),
        (#"object.remove {1:2,"a":1} ; {"a":0}"#, "{1: 2}"),
        (#"object.filter {1:2,"a":1} ; {1.0:5}"#, "{1: 2}"),
        (#"object.filter {1:2,"a":1} ; ["a",["a"]]"#, #"{"a": 1}"#),
        (#"object.keys {1:2,"a":1,[1]:3}"#, #"{1, "a", [1]}"#),
        (#"object.filter {1:2,"a":1} ; [1.0,"b"]"#, "{1: 2}"),
        ("object.filter {1:2} ; [1.0]", "{1: 2}"),
        ("object.filter {1:2} ; [1.0,3]", "{1.0: 2}"),
        ("object.filter {1:2} ; {1.0:2,3:3}", "{1.0: 2}"),
        ("object.subset [] ; set()", "false"),
        ("object.subset [1] ; set()", "true"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
