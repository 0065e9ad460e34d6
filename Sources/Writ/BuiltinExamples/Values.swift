extension BuiltinExamples {
    /// Examples of operators, types and the language itself.
    static let values = #"""
        assign
          [topic | topic := "plant/line-2"]
          => ["plant/line-2"]
        cast_array
          cast_array({"write", "read"})
          => ["read", "write"]
          cast_array(input.scopes) with input.scopes as "read"
          !! eval_type_error: cast_array: operand 1 must be one of {array, set} but got string
        cast_boolean
          cast_boolean(true)
          => true
          cast_boolean(input.active) with input.active as "true"
          !! eval_type_error: cast_boolean: operand 1 must be boolean but got string
        cast_null
          cast_null(null)
          => null
          cast_null(input.parent) with input.parent as 0
          !! eval_type_error: cast_null: operand 1 must be null but got number
        cast_object
          cast_object({"id": "gw-1"})
          => {"id": "gw-1"}
          cast_object(input.device) with input.device as ["gw-1"]
          !! eval_type_error: cast_object: operand 1 must be object but got array
        cast_set
          cast_set(["read", "write", "read"])
          => {"read", "write"}
          cast_set(input.scopes) with input.scopes as "read"
          !! eval_type_error: cast_set: operand 1 must be one of {array, set} but got string
        cast_string
          cast_string("gw-1")
          => "gw-1"
          cast_string(input.id) with input.id as 1
          !! eval_type_error: cast_string: operand 1 must be string but got number
        eq
          [sensor | ["plant", _, sensor] = split(input.topic, "/")] with input.topic as "plant/line-2/sensor-7"
          => ["sensor-7"]
          [line | ["plant", line] = split(input.topic, "/")] with input.topic as "office/line-2"
          => []
        equal
          21.5 == 21.50
          => true
          input.role == "admin" with input.role as ["admin"]
          => false
        gt
          23.5 > 20
          => true
          "sensor-10" > "sensor-2"
          => false
        gte
          20 >= 20.0
          => true
        internal.member_2
          "write" in ["read", "write"]
          => true
          internal.member_2("write", {"scope": "write"})
          => true
        internal.member_3
          "scope", "write" in {"scope": "write"}
          => true
          0, "write" in ["read", "write"]
          => false
        internal.print
          [id | id := "gw-1"; print("device", id)]
          => ["gw-1"]
        internal.template_string
          $"plant/{input.line}/temp" with input.line as "line-2"
          => "plant/line-2/temp"
          $"plant/{input.line}/temp" with input as {}
          => "plant/<undefined>/temp"
        internal.test_case
          [id | some id in ["gw-1", "gw-2"]; internal.test_case([id])]
          => ["gw-1", "gw-2"]
        is_array
          is_array(["read"])
          => true
          is_array({"read"})
          => false
        is_boolean
          is_boolean(1 > 2)
          => true
        is_null
          is_null(null)
          => true
        is_number
          is_number("7")
          => false
        is_object
          is_object({"id": "gw-1"})
          => true
        is_set
          is_set({"read"})
          => true
          is_set({})
          => false
        is_string
          is_string("plant/line-2")
          => true
        lt
          19 < 20
          => true
          [1, 2] < {1}
          => true
        lte
          "gw-1" <= "gw-1"
          => true
        neq
          "gw-1" != "gw-2"
          => true
        opa.runtime
          is_object(opa.runtime())
          => true
          opa.runtime().env.SITE with opa.runtime as {"env": {"SITE": "plant"}}
          => "plant"
        print
          [id | id := "gw-1"; print("device", id, "owner", input.owner)]
          => ["gw-1"]
        rego.metadata.chain
          package example

          # METADATA
          # title: Reading a topic
          p := [entry.annotations.title | some entry in rego.metadata.chain()]
          => ["Reading a topic"]
        rego.metadata.rule
          package example

          # METADATA
          # title: Reading a topic
          # custom:
          #   severity: high
          p := rego.metadata.rule().custom.severity
          => "high"
        rego.parse_module
          rego.parse_module("gw.rego", "package gateway").package.path[1].value
          => "gateway"
          rego.parse_module("gw.rego", "package")
          !! eval_builtin_error: rego.parse_module: 1 error occurred: gw.rego:1: rego_parse_error: unexpected ...
        trace
          trace("looked at gw-1")
          => true
          trace(input.note) with input.note as 7
          !! eval_type_error: trace: operand 1 must be string but got number
        type_name
          type_name({"read", "write"})
          => "set"
          type_name(null)
          => "null"
        """#
}
