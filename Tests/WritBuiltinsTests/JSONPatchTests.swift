import Testing

/// json.patch: answers of OPA 1.20.2.
struct JSONPatchTests {
    private static let cases: [(call: String, result: String)] = [
        (#"json.patch [1,2,3] ; [{"op":"add","path":"1.2","value":"foo"}]"#, "builtin: invalid string for indexing"),
        (#"json.patch [1,2,3] ; [{"op":"add","path":"/-","value":4}]"#, "[1, 2, 3, 4]"),
        (#"json.patch [1,2,3] ; [{"op":"add","path":"/3","value":4}]"#, "[1, 2, 3, 4]"),
        (
            #"json.patch [1,2,3] ; [{"op":"add","path":"/4","value":4}]"#,
            "builtin: index for array insertion out of bounds"
        ),
        (
            #"json.patch [1,2,3] ; [{"op":"add","path":"/-1","value":4}]"#,
            "builtin: index for array insertion out of bounds"
        ),
        (#"json.patch [1,2,3] ; [{"op":"add","path":[1],"value":4}]"#, "[1, 4, 2, 3]"),
        (#"json.patch [1,2,3] ; [{"op":"add","path":[1.0],"value":4}]"#, "[1, 4, 2, 3]"),
        (#"json.patch [1,2,3] ; [{"op":"add","path":["1"],"value":4}]"#, "[1, 4, 2, 3]"),
        (
            #"json.patch [1,2,3] ; [{"op":"add","path":["01"],"value":4}]"#,
            "builtin: leading zeros are not allowed in JSON paths"
        ),
        (
            #"json.patch [1,2,3] ; [{"op":"add","path":["00"],"value":4}]"#,
            "builtin: leading zeros are not allowed in JSON paths"
        ),
        (#"json.patch [1,2,3] ; [{"op":"add","path":["x"],"value":4}]"#, "builtin: invalid string for indexing"),
        (#"json.patch [1,2,3] ; [{"op":"add","path":["-0"],"value":4}]"#, "[4, 1, 2, 3]"),
        (#"json.patch [1,2,3] ; [{"op":"add","path":["+1"],"value":4}]"#, "[1, 4, 2, 3]"),
        (#"json.patch [1,2,3] ; [{"op":"add","path":[""],"value":4}]"#, "builtin: invalid string for indexing"),
        (#"json.patch [1,2,3] ; [{"op":"add","path":[1e0],"value":4}]"#, "builtin: invalid number type for indexing"),
        (#"json.patch [1,2,3] ; [{"op":"add","path":[1.5],"value":4}]"#, "builtin: invalid number type for indexing"),
        (#"json.patch [1,2,3] ; [{"op":"add","path":[[1]],"value":4}]"#, "builtin: invalid type for indexing"),
        (#"json.patch [1,2,3] ; [{"op":"remove","path":"/-"}]"#, "builtin: index for array delete out of bounds"),
        (#"json.patch [1,2,3] ; [{"op":"remove","path":"/3"}]"#, "builtin: index for array delete out of bounds"),
        (#"json.patch [1,2,3] ; [{"op":"remove","path":"/2"}]"#, "[1, 2]"),
        (#"json.patch [1,2,3] ; [{"op":"replace","path":"/2","value":9}]"#, "[1, 2, 9]"),
        (
            #"json.patch [1,2,3] ; [{"op":"replace","path":"/3","value":9}]"#,
            "builtin: index for array delete out of bounds"
        ),
        (#"json.patch [1,2,3] ; [{"op":"test","path":"/2","value":3.0}]"#, "[1, 2, 3]"),
        (
            #"json.patch [1,2,3] ; [{"op":"test","path":"/3","value":3.0}]"#,
            "builtin: path 3 does not exist in array term [1, 2, 3]"
        ),
        (#"json.patch [1,2,3] ; [{"op":"move","from":"/0","path":"/2"}]"#, "[2, 3, 1]"),
        (#"json.patch [1,2,3] ; [{"op":"move","from":"/0","path":"/-"}]"#, "[2, 3, 1]"),
        (#"json.patch [1,2,3] ; [{"op":"copy","from":"/0","path":"/-"}]"#, "[1, 2, 3, 1]"),
        (
            #"json.patch [1,2,3] ; [{"op":"move","from":"/9","path":"/-"}]"#,
            "builtin: path 9 does not exist in array term [1, 2, 3]"
        ),
        (#"json.patch [1,2,3] ; [{"op":"copy","path":"/-"}]"#, "builtin: missing required attribute 'from'"),
        (#"json.patch [1,2,3] ; [{"path":"/-"}]"#, "builtin: missing required attribute 'op'"),
        (
            #"json.patch [1,2,3] ; [{"op":1,"path":"/-"}]"#,
            "builtin: attribute 'op' must be a string but found: number"
        ),
        (#"json.patch [1,2,3] ; [{"op":"bogus","path":"/-"}]"#, "builtin: unrecognized op: 'bogus'"),
        (
            #"json.patch [1,2,3] ; [{"op":"add","path":1,"value":1}]"#,
            "type: operand 2 must be one of {set, array} containing string paths or array of path segments but got number"
        ),
        (
            #"json.patch [1,2,3] ; [{"op":"add","path":{"a"},"value":1}]"#,
            "type: operand 2 must be one of {set, array} containing string paths or array of path segments but got set"
        ),
        (
            #"json.patch [1,2,3] ; [{"op":"copy","from":1,"path":"/-"}]"#,
            "type: operand 2 must be one of {set, array} containing string paths or array of path segments but got number"
        ),
        (#"json.patch [1,2,3] ; [{"op":"add","path":"","value":1}]"#, "1"),
        (#"json.patch [1,2,3] ; [{"op":"replace","path":[],"value":1}]"#, "1"),
        (#"json.patch [1,2,3] ; [{"op":"test","path":[],"value":[1,2,3]}]"#, "[1, 2, 3]"),
        (
            #"json.patch [1,2,3] ; [{"op":"test","path":[],"value":[1,2]}]"#,
            "builtin: value from EditTree != patch value.\n\nExpected: [1, 2]\n\nFound: [1, 2, 3]"
        ),
        (#"json.patch [1,2,3] ; [{"op":"copy","from":[],"path":["-"]}]"#, "[1, 2, 3, [1, 2, 3]]"),
        (
            #"json.patch [1,2,3] ; [{"op":"move","from":[],"path":["-"]}]"#,
            "builtin: deleted node encountered during insert operation"
        ),
        (#"json.patch {"a":{"b":1}} ; [{"op":"move","from":"a/b","path":"a"}]"#, #"{"a": 1}"#),
        (#"json.patch {"a":{"b":1}} ; [{"op":"move","from":"a","path":"a"}]"#, #"{"a": {"b": 1}}"#),
        (
            #"json.patch {"a":{"b":1}} ; [{"op":"add","path":"x/y","value":1}]"#,
            #"builtin: path "x" does not exist in object term {"a": {"b": 1}}"#
        ),
        (
            #"json.patch {"a":{"b":1}} ; [{"op":"add","path":"a/b/c","value":1}]"#,
            "builtin: expected composite type, found value: 1 (type: ast.Number)"
        ),
        (
            #"json.patch {"a":{"b":"s"}} ; [{"op":"add","path":"a/b/c","value":1}]"#,
            #"builtin: expected composite type, found value: "s" (type: ast.String)"#
        ),
        (
            #"json.patch {"a":{"b":null}} ; [{"op":"add","path":"a/b/c","value":1}]"#,
            "builtin: expected composite type, found value: null (type: ast.Null)"
        ),
        (
            #"json.patch {"a":{"b":true}} ; [{"op":"remove","path":"a/b/c/d"}]"#,
            #"builtin: expected composite type for path "c", found value: true (type: ast.Boolean)"#
        ),
        (
            #"json.patch {"a":{"b":1}} ; [{"op":"replace","path":"a/c","value":1}]"#,
            #"builtin: cannot delete child key "c" that does not exist"#
        ),
        (#"json.patch {"a":{"b":1}} ; [{"op":"replace","path":"a/b","value":{2}}]"#, #"{"a": {"b": {2}}}"#),
        (
            #"json.patch {"a":{"b":1}} ; [{"op":"remove","path":"a/c"}]"#,
            #"builtin: cannot delete child key "c" that does not exist"#
        ),
        (
            #"json.patch {"a":{"b":1}} ; [{"op":"remove","path":"x/c"}]"#,
            #"builtin: path "x" does not exist in object term {"a": {"b": 1}}"#
        ),
        (
            #"json.patch {"a":{"b":1}} ; [{"op":"test","path":"a/c","value":1}]"#,
            #"builtin: path "c" does not exist in object term {"b": 1}"#
        ),
        (#"json.patch {"a":{"b":1}} ; [{"op":"test","path":"a/b"}]"#, "builtin: missing required attribute 'value'"),
        (#"json.patch {"a":{"b":1}} ; [{"op":"remove"}]"#, "builtin: missing required attribute 'path'"),
        (#"json.patch {1:{2:3}} ; [{"op":"replace","path":[1,2],"value":4}]"#, "{1: {2: 4}}"),
        (#"json.patch {1:{2:3}} ; [{"op":"replace","path":[1.0,2.0],"value":4}]"#, "{1.0: {2.0: 4}}"),
        (#"json.patch {1:{2:3}} ; [{"op":"add","path":"1","value":4}]"#, #"{1: {2: 3}, "1": 4}"#),
        (#"json.patch {[1]:{2:3}} ; [{"op":"add","path":[[1],{"x"}],"value":4}]"#, #"{[1]: {2: 3, {"x"}: 4}}"#),
        (#"json.patch {"a":{1,2}} ; [{"op":"add","path":["a",3],"value":3}]"#, #"{"a": {1, 2, 3}}"#),
        (
            #"json.patch {"a":{1,2}} ; [{"op":"add","path":["a",3],"value":4}]"#,
            "builtin: set key 3 does not equal value to be inserted 4"
        ),
        (#"json.patch {"a":{1,2}} ; [{"op":"add","path":["a",1],"value":1}]"#, #"{"a": {1, 2}}"#),
        (#"json.patch {"a":{1,2}} ; [{"op":"replace","path":["a",1],"value":1}]"#, #"{"a": {1, 2}}"#),
        (
            #"json.patch {"a":{1,2}} ; [{"op":"replace","path":["a",1],"value":5}]"#,
            "builtin: set key 1 does not equal value to be inserted 5"
        ),
        (
            #"json.patch {"a":{1,2}} ; [{"op":"remove","path":["a",5]}]"#,
            "builtin: cannot delete child key 5 that does not exist"
        ),
        (
            #"json.patch {"a":{1,2}} ; [{"op":"remove","path":"a/1"}]"#,
            #"builtin: cannot delete child key "1" that does not exist"#
        ),
        (#"json.patch {"a":{1,2}} ; [{"op":"remove","path":["a",1]}]"#, #"{"a": {2}}"#),
        (#"json.patch {"a":{1,2}} ; [{"op":"test","path":["a",1],"value":1}]"#, #"{"a": {1, 2}}"#),
        (
            #"json.patch {"a":{1,2}} ; [{"op":"test","path":["a",1],"value":2}]"#,
            "builtin: value from EditTree != patch value.\n\nExpected: 2\n\nFound: 1"
        ),
        (
            #"json.patch {"a":{1,2}} ; [{"op":"test","path":["a",3],"value":3}]"#,
            "builtin: path 3 does not exist in set term {1, 2}"
        ),
        (#"json.patch {[1]} ; [{"op":"add","path":[[1],1],"value":2}]"#, "{[1, 2]}"),
        (
            #"json.patch {[1]} ; [{"op":"replace","path":[[1],0],"value":2}]"#,
            "builtin: path [1] does not exist in set term {[]}"
        ),
        (
            #"json.patch {[1],[2]} ; [{"op":"replace","path":[[1],0],"value":2}]"#,
            "builtin: path [1] does not exist in set term {[], [2]}"
        ),
        (
            #"json.patch 5 ; [{"op":"add","path":"a","value":1}]"#,
            "builtin: expected composite type, found value: 5 (type: ast.Number)"
        ),
        (#"json.patch 5 ; [{"op":"replace","path":"","value":1}]"#, "1"),
        (
            #"json.patch 5 ; [{"op":"remove","path":"a"}]"#,
            "builtin: expected composite type, found value: 5 (type: ast.Number)"
        ),
        (#"json.patch {"a":1} ; [{"op":"remove","path":""},{"op":"add","path":"","value":3}]"#, "3"),
        (
            #"json.patch {"a":1} ; [{"op":"remove","path":""},{"op":"add","path":"x","value":3}]"#,
            "builtin: deleted node encountered during insert operation"
        ),
        (
            #"json.patch {"a":1,"b":[]} ; [{"op":"add","path":"b/-","value":3},{"op":"add","path":"b/-","value":4},{"op":"add","path":"b/0","value":2}]"#,
            #"{"a": 1, "b": [2, 3, 4]}"#
        ),
        (#"json.patch {"":1} ; [{"op":"remove","path":"/"}]"#, "{}"),
        (#"json.patch {"":{"":1}} ; [{"op":"remove","path":"//"}]"#, "{}"),
        (#"json.patch {"a":{"":1}} ; [{"op":"remove","path":"a/"}]"#, #"{"a": {}}"#),
        (#"json.patch {"a":1.0} ; [{"op":"test","path":"a","value":1}]"#, #"{"a": 1.0}"#),
        (#"json.patch {"a":1} ; [{"op":"add","path":"~01","value":1.0}]"#, #"{"a": 1, "~1": 1.0}"#),
        (
            #"json.patch {"a":1} ; [{"op":"add","path":"b","value":1},{"op":"test","path":"a","value":5}]"#,
            "builtin: value from EditTree != patch value.\n\nExpected: 5\n\nFound: 1"
        ),
        (
            #"json.patch {"a":[[1]]} ; [{"op":"add","path":["a",0,"-"],"value":{1}},{"op":"add","path":["a",0,1,2],"value":2}]"#,
            #"{"a": [[1, {1, 2}]]}"#
        ),
        (
            #"json.patch {"a":{"z":{"q":1}}} ; [{"op":"copy","from":"a/z","path":"b"},{"op":"add","path":"b/q","value":2},{"op":"test","path":"a/z/q","value":1}]"#,
            #"{"a": {"z": {"q": 1}}, "b": {"q": 2}}"#
        ),
        (
            #"json.patch [1,2,3] ; [{"op":"test","path":"/-","value":3.0}]"#,
            "builtin: path 3 does not exist in array term [1, 2, 3]"
        ),
        (
            #"json.patch [1,2,3] ; [{"op":"test","path":"/+5","value":3.0}]"#,
            "builtin: path 5 does not exist in array term [1, 2, 3]"
        ),
        (
            #"json.patch [1,2,3] ; [{"op":"test","path":"/1/2","value":3.0}]"#,
            #"builtin: expected composite type for path "2", found value: 2 (type: ast.Number)"#
        ),
        (
            #"json.patch 5 ; [{"op":"add","path":"/1/2","value":1}]"#,
            #"builtin: expected composite type for path "1", found value: 5 (type: ast.Number)"#
        ),
        (
            #"json.patch {5} ; [{"op":"add","path":[5,2],"value":1}]"#,
            "builtin: expected composite type, found value: 5 (type: ast.Number)"
        ),
        (
            #"json.patch {5} ; [{"op":"add","path":[5,2,3],"value":1}]"#,
            "builtin: expected composite type for path 2, found value: 5 (type: ast.Number)"
        ),
        (#"json.patch [1,2,3] ; [{"op":"add","path":["+01"],"value":3.0}]"#, "[1, 3.0, 2, 3]"),
        (
            #"json.patch [1,2,3] ; [{"op":"add","path":["99999999999999999999"],"value":3.0}]"#,
            "builtin: invalid string for indexing"
        ),
        (
            #"json.patch {} ; [{"op": 1, "path": {}, "value": 1}]"#,
            "builtin: attribute 'op' must be a string but found: number"
        ),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
