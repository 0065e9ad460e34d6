extension BuiltinExamples {
    /// Examples of encodings, JSON, YAML and GraphQL.
    static let encodings = #"""
        base64.decode
          base64.decode("Z3ctMTpzM2NyM3Q=")
          => "gw-1:s3cr3t"
          base64.decode("gw-1")
          !! eval_builtin_error: base64.decode: illegal base64 data at input byte 2
        base64.encode
          base64.encode("gw-1:s3cr3t")
          => "Z3ctMTpzM2NyM3Q="
          base64.encode(input.id) with input.id as 7
          !! eval_type_error: base64.encode: operand 1 must be string but got number
        base64.is_valid
          base64.is_valid("Z3ctMQ==")
          => true
          base64.is_valid("Z3ctMQ")
          => false
        base64url.decode
          base64url.decode("Z3ctMQ")
          => "gw-1"
          base64url.decode("Z3c+MQ")
          !! eval_builtin_error: base64url.decode: illegal base64 data at input byte 3
        base64url.encode
          base64url.encode("gw-1?>")
          => "Z3ctMT8-"
          base64url.encode(input.id) with input.id as 7
          !! eval_type_error: base64url.encode: operand 1 must be string but got number
        base64url.encode_no_pad
          base64url.encode_no_pad("gw-1")
          => "Z3ctMQ"
          base64url.encode_no_pad(input.id) with input.id as 7
          !! eval_type_error: base64url.encode_no_pad: operand 1 must be string but got number
        graphql.is_valid
          graphql.is_valid("{ temp(id: \"7\") }", "type Query { temp(id: ID!): Float }")
          => true
          graphql.is_valid("{ secret }", "type Query { temp(id: ID!): Float }")
          => false
        graphql.parse
          graphql.parse("{ temp }", "type Query { temp: Float }")[0].Operations[0].SelectionSet[0].Name
          => "temp"
          graphql.parse("{ secret }", "type Query { temp: Float }")
          !! eval_builtin_error: graphql.parse: Cannot query field "secret" on type "Query" in GraphQL string ...
        graphql.parse_and_verify
          graphql.parse_and_verify("{ temp }", "type Query { temp: Float }")[0]
          => true
          graphql.parse_and_verify("{ secret }", "type Query { temp: Float }")
          => [false, {}, {}]
        graphql.parse_query
          graphql.parse_query("query Now { temp }").Operations[0].Name
          => "Now"
          graphql.parse_query("{ temp")
          !! eval_builtin_error: graphql.parse_query: Expected Name, found <EOF> in GraphQL string at ...
        graphql.parse_schema
          graphql.parse_schema("type Query { temp: Float }").Definitions[0].Name
          => "Query"
          graphql.parse_schema("type {")
          !! eval_builtin_error: graphql.parse_schema: Expected Name, found { in GraphQL string at location 1:6
        graphql.schema_is_valid
          graphql.schema_is_valid("type Query { temp: Float }")
          => true
          graphql.schema_is_valid("type Query { temp: Celsius }")
          => false
        hex.decode
          hex.decode("67772d31")
          => "gw-1"
          hex.decode("67772d3")
          !! eval_builtin_error: hex.decode: encoding/hex: odd length hex string
        hex.encode
          hex.encode("gw-1")
          => "67772d31"
          hex.encode(input.id) with input.id as 7
          !! eval_type_error: hex.encode: operand 1 must be string but got number
        json.filter
          json.filter({"id": "gw-1", "owner": {"name": "ann", "key": "k"}}, ["id", "owner/name"])
          => {"id": "gw-1", "owner": {"name": "ann"}}
          json.filter({"a/b": 1, "c": 2}, [["a/b"]])
          => {"a/b": 1}
          json.filter({"id": "gw-1"}, input.paths) with input.paths as [7]
          !! eval_type_error: json.filter: operand 2 must be one of {set, array} containing string paths or ...
        json.is_valid
          json.is_valid(`{"temp": 21.5}`)
          => true
          json.is_valid("{temp: 21.5}")
          => false
        json.marshal
          json.marshal({"id": "gw-1", "scopes": {"write", "read"}})
          => "{\"id\":\"gw-1\",\"scopes\":[\"read\",\"write\"]}"
          json.marshal("a<b")
          => "\"a\\u003cb\""
        json.marshal_with_options
          json.marshal_with_options({"id": "gw-1"}, {"indent": "  ", "pretty": true})
          => "{\n  \"id\": \"gw-1\"\n}"
          json.marshal_with_options([], input.options) with input.options as {"colour": true}
          !! eval_type_error: json.marshal_with_options: operand 2 object contained unknown key "colour"
        json.match_schema
          json.match_schema({"temp": 21.5}, {"properties": {"temp": {"type": "number", "maximum": 60}}})
          => [true, []]
          json.match_schema({"temp": "hot"}, {"properties": {"temp": {"type": "number"}}})
          => [false, [{"desc": "Invalid type. Expected: number, given: string",
              "error": "temp: Invalid type. Expected: number, given: string", "field": "temp",
              "type": "invalid_type"}]]
          json.match_schema({}, {"type": "thing"})
          !! eval_builtin_error: json.match_schema: has a primitive type that is NOT VALID -- given: /thing/ ...
        json.patch
          json.patch({"limits": {"rate": 10}}, [{"op": "replace", "path": "/limits/rate", "value": 5}])
          => {"limits": {"rate": 5}}
          json.patch({"hops": ["hub"]}, [{"op": "add", "path": "hops/0", "value": "gw"}])
          => {"hops": ["gw", "hub"]}
          json.patch({"id": "gw-1"}, [{"op": "remove", "path": "/site"}])
          !! eval_builtin_error: json.patch: cannot delete child key "site" that does not exist
        json.remove
          json.remove({"id": "gw-1", "owner": {"name": "ann", "key": "k"}}, {"owner/key"})
          => {"id": "gw-1", "owner": {"name": "ann"}}
          json.remove({"hops": ["gw", "hub"]}, ["hops/0"])
          => {"hops": ["hub"]}
          json.remove(input.device, ["id"]) with input.device as "gw-1"
          !! eval_type_error: json.remove: operand 1 must be object but got string
        json.unmarshal
          json.unmarshal(`{"temp": 21.50}`)
          => {"temp": 21.50}
          json.unmarshal("{temp: 21.5}")
          !! eval_builtin_error: json.unmarshal: invalid character 't' looking for beginning of object key string
        json.verify_schema
          json.verify_schema({"properties": {"temp": {"type": "number"}}})
          => [true, null]
          json.verify_schema({"type": "thing"})[0]
          => false
        uri.is_valid
          uri.is_valid("mqtts://broker.example:8883/plant")
          => true
          uri.is_valid("%zz")
          => false
        uri.parse
          uri.parse("coaps://[2001:db8::7]:5684/sensors/7?unit=C#now")
          => {"fragment": "now", "hostname": "2001:db8::7", "path": "/sensors/7", "port": "5684",
              "raw_path": "/sensors/7", "raw_query": "unit=C", "scheme": "coaps"}
          uri.parse("mqtts://broker:port/")
          !! eval_builtin_error: uri.parse: parse "mqtts://broker:port/": invalid port ":port" after host
        urlquery.decode
          urlquery.decode("plant%2Fline+2%3F")
          => "plant/line 2?"
          urlquery.decode("100%")
          !! eval_builtin_error: urlquery.decode: invalid URL escape "%"
        urlquery.decode_object
          urlquery.decode_object("topic=plant%2Ftemp&qos=0&qos=1")
          => {"qos": ["0", "1"], "topic": ["plant/temp"]}
          urlquery.decode_object("a=%")
          !! eval_builtin_error: urlquery.decode_object: invalid URL escape "%"
        urlquery.encode
          urlquery.encode("plant/line 2?")
          => "plant%2Fline+2%3F"
          urlquery.encode(input.id) with input.id as 7
          !! eval_type_error: urlquery.encode: operand 1 must be string but got number
        urlquery.encode_object
          urlquery.encode_object({"topic": "plant/temp", "qos": ["0", "1"]})
          => "qos=0&qos=1&topic=plant%2Ftemp"
          urlquery.encode_object(input.query) with input.query as {"qos": 1}
          !! eval_type_error: urlquery.encode_object: operand 1 values must be string, array[string], or ...
        yaml.is_valid
          yaml.is_valid("id: gw-1")
          => true
          yaml.is_valid("id: [gw-1")
          => false
        yaml.marshal
          yaml.marshal({"id": "gw-1", "scopes": ["read", "write"]})
          => "id: gw-1\nscopes:\n- read\n- write\n"
        yaml.unmarshal
          yaml.unmarshal("id: gw-1\nscopes: [read, write]\n")
          => {"id": "gw-1", "scopes": ["read", "write"]}
          yaml.unmarshal("id: [gw-1")
          !! eval_builtin_error: yaml.unmarshal: yaml: line 1: did not find expected ',' or ']'
        """#
}
