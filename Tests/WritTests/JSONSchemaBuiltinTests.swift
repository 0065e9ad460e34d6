import Testing
import Writ

/// Questions about json.match_schema and json.verify_schema with the answers of OPA 1.20.2: a value as JSON, or the message of an error.
struct JSONSchemaBuiltinTests {
    private static let values: [(String, String)] = [
        (#"json.verify_schema({"properties":1})"#, #"[false,"jsonschema: Properties must be of type object"]"#),
        (
            #"json.verify_schema({"type":1})"#,
            #"[false,"jsonschema: Invalid type. Expected: type, given: string/Array Of Strings"]"#
        ),
        (
            #"json.verify_schema({"type":[1]})"#,
            #"[false,"jsonschema: Invalid type. Expected: type, given: string/Array Of Strings"]"#
        ),
        (#"json.verify_schema({"type":["string","string"]})"#, #"[false,"jsonschema: string type is duplicated"]"#),
        (#"json.verify_schema("1")"#, #"[false,"jsonschema: schema is invalid"]"#),
        (
            #"json.verify_schema({"definitions":1})"#,
            #"[false,"jsonschema: Invalid type. Expected: Array Of Schemas, given: definitions"]"#
        ),
        (
            #"json.verify_schema({"definitions":{"a":1}})"#,
            #"[false,"jsonschema: Invalid type. Expected: Array Of Schemas, given: definitions"]"#
        ),
        (
            #"json.verify_schema({"additionalProperties":1})"#,
            #"[false,"jsonschema: Invalid type. Expected: boolean/Valid Schema, given: additionalProperties"]"#
        ),
        (#"json.verify_schema({"patternProperties":{"(":{}}})"#, #"[false,"jsonschema: Invalid regex pattern '('"]"#),
        (
            #"json.verify_schema({"patternProperties":1})"#,
            #"[false,"jsonschema: Invalid type. Expected: Valid Schema, given: patternProperties"]"#
        ),
        (
            #"json.verify_schema({"propertyNames":1})"#,
            #"[false,"jsonschema: Invalid type. Expected: Valid Schema, given: patternProperties"]"#
        ),
        (#"json.verify_schema({"dependencies":1})"#, #"[false,"jsonschema: dependencies must be of type object"]"#),
        (
            #"json.verify_schema({"dependencies":{"a":1}})"#,
            #"[false,"jsonschema: Dependency must be of type Schema Or Array Of Strings"]"#
        ),
        (
            #"json.verify_schema({"dependencies":{"a":[1]}})"#,
            #"[false,"jsonschema: Dependency must be of type Schema Or Array Of Strings"]"#
        ),
        (
            #"json.verify_schema({"items":1})"#,
            #"[false,"jsonschema: Invalid type. Expected: Valid Schema/Array Of Schemas, given: items"]"#
        ),
        (
            #"json.verify_schema({"items":[1]})"#,
            #"[false,"jsonschema: Invalid type. Expected: Valid Schema/Array Of Schemas, given: items"]"#
        ),
        (
            #"json.verify_schema({"additionalItems":1})"#,
            #"[false,"jsonschema: Invalid type. Expected: boolean/Valid Schema, given: additionalItems"]"#
        ),
        (
            #"json.verify_schema({"multipleOf":"a"})"#,
            #"[false,"jsonschema: Invalid type. Expected: Number, given: multipleOf"]"#
        ),
        (
            #"json.verify_schema({"multipleOf":0})"#,
            #"[false,"jsonschema: multipleOf must be strictly greater than 0"]"#
        ),
        (#"json.verify_schema({"minimum":"a"})"#, #"[false,"jsonschema: minimum must be of a Number"]"#),
        (
            #"json.verify_schema({"exclusiveMinimum":true})"#,
            #"[false,"jsonschema: exclusiveMinimum cannot be used without minimum"]"#
        ),
        (
            #"json.verify_schema({"exclusiveMinimum":"x"})"#,
            #"[false,"jsonschema: Invalid type. Expected: boolean/number, given: exclusiveMinimum"]"#
        ),
        (
            #"json.verify_schema({"$schema":"http://json-schema.org/draft-04/schema#","exclusiveMinimum":1})"#,
            #"[false,"jsonschema: Invalid type. Expected: boolean, given: exclusiveMinimum"]"#
        ),
        (
            #"json.verify_schema({"$schema":"http://json-schema.org/draft-07/schema#","exclusiveMinimum":true})"#,
            #"[false,"jsonschema: Invalid type. Expected: number, given: exclusiveMinimum"]"#
        ),
        (#"json.verify_schema({"$schema":1})"#, #"[false,"jsonschema: $schema must be of type string"]"#),
        (#"json.verify_schema({"minLength":"a"})"#, #"[false,"jsonschema: minLength must be of an integer"]"#),
        (
            #"json.verify_schema({"minLength":-1})"#,
            #"[false,"jsonschema: minLength must be greater than or equal to 0"]"#
        ),
        (
            #"json.verify_schema({"minLength":3,"maxLength":1})"#,
            #"[false,"jsonschema: minLength cannot be greater than maxLength"]"#
        ),
        (#"json.verify_schema({"pattern":"("})"#, #"[false,"jsonschema: pattern must be a valid regex"]"#),
        (
            #"json.verify_schema({"pattern":1})"#,
            #"[false,"jsonschema: Invalid type. Expected: string, given: pattern"]"#
        ),
        (#"json.verify_schema({"format":1})"#, #"[false,"jsonschema: Invalid type. Expected: string, given: format"]"#),
        (
            #"json.verify_schema({"minProperties":2,"maxProperties":1})"#,
            #"[false,"jsonschema: minProperties cannot be greater than maxProperties"]"#
        ),
        (#"json.verify_schema({"required":1})"#, #"[false,"jsonschema: required must be of an array"]"#),
        (
            #"json.verify_schema({"required":[1]})"#,
            #"[false,"jsonschema: Invalid type. Expected: string, given: required"]"#
        ),
        (#"json.verify_schema({"required":["a","a"]})"#, #"[false,"jsonschema: required items must be unique"]"#),
        (#"json.verify_schema({"uniqueItems":1})"#, #"[false,"jsonschema: uniqueItems must be of a boolean"]"#),
        (#"json.verify_schema({"contains":1})"#, #"[false,"jsonschema: Expected: Valid Schema, given: Invalid JSON"]"#),
        (#"json.verify_schema({"enum":1})"#, #"[false,"jsonschema: enum must be of an array"]"#),
        (#"json.verify_schema({"enum":[1,1.0]})"#, #"[false,"jsonschema: enum items must be unique"]"#),
        (#"json.verify_schema({"oneOf":1})"#, #"[false,"jsonschema: oneOf must be of an array"]"#),
        (#"json.verify_schema({"oneOf":[1]})"#, #"[false,"jsonschema: Expected: Valid Schema, given: Invalid JSON"]"#),
        (#"json.verify_schema({"not":1})"#, #"[false,"jsonschema: not must be of an object"]"#),
        (#"json.verify_schema({"if":1})"#, #"[false,"jsonschema: if must be of an object"]"#),
        (#"json.verify_schema({"$ref":1})"#, #"[false,"jsonschema: Invalid type. Expected: string, given: $ref"]"#),
        (##"json.verify_schema({"$ref":"#/a"})"##, #"[false,"jsonschema: Object has no key 'a'"]"#),
        (##"json.verify_schema({"$ref":"#foo"})"##, #"[true,null]"#),
        (#"json.verify_schema({"$ref":"foo"})"#, #"[false,"jsonschema: Reference /foo must be canonical"]"#),
        (
            ##"json.verify_schema({"$ref":"#/properties/0","properties":[1]})"##,
            #"[false,"jsonschema: Valid Schema must be of type object"]"#
        ),
        (#"json.verify_schema({"$ref":"%zz"})"#, #"[false,"jsonschema: parse \"%zz\": invalid URL escape \"%zz\""]"#),
        (#"json.verify_schema({"title":1})"#, #"[false,"jsonschema: Invalid type. Expected: string, given: title"]"#),
        (#"json.verify_schema({"id":1})"#, #"[false,"jsonschema: Invalid type. Expected: string, given: id"]"#),
        (##"json.verify_schema({"$ref":"#/a/b","a":[1]})"##, #"[false,"jsonschema: Invalid array index 'b'"]"#),
        (
            ##"json.verify_schema({"$ref":"#/a/5","a":[1]})"##,
            #"[false,"jsonschema: Out of bound array[0,1] index '5'"]"#
        ),
        (
            ##"json.verify_schema({"$ref":"#/a/0","a":[1]})"##,
            #"[false,"jsonschema: Valid Schema must be of type object"]"#
        ),
        (
            #"json.verify_schema({"a":{"$id":"http://e.com/q"},"b":{"$id":"http://e.com/q"}})"#,
            #"[false,"jsonschema: Reference already exists: \"http://e.com/q\""]"#
        ),
        (#"json.verify_schema("true")"#, #"[true,null]"#),
        (#"json.verify_schema({"minLength":1.0})"#, #"[false,"jsonschema: minLength must be of an integer"]"#),
        (#"json.verify_schema({"minLength":1.5})"#, #"[false,"jsonschema: minLength must be of an integer"]"#),
        (
            #"json.verify_schema({"$id":"http://e.com/root.json","properties":{"a":{"$ref":"b.json"}},"definitions":{"b":{"$id":"b.json","type":"string"}}})"#,
            #"[true,null]"#
        ),
        (
            #"json.match_schema({"a":5000000},{"properties":{"a":{"maximum":1000000}}})"#,
            #"[false,[{"desc":"Must be less than or equal to 1e+06","error":"a: Must be less than or equal to 1e+06","field":"a","type":"number_lte"}]]"#
        ),
        (
            #"json.match_schema({"r":[0.5]},{"properties":{"r":{"items":{"multipleOf":0.1,"maximum":0.25}}}})"#,
            #"[false,[{"desc":"Must be less than or equal to 0.25","error":"r.0: Must be less than or equal to 0.25","field":"r.0","type":"number_lte"}]]"#
        ),
        (
            #"json.match_schema({"r":[7]},{"properties":{"r":{"items":{"multipleOf":0.03,"maximum":1e3,"minimum":123456789012345678901234567890.5,"exclusiveMinimum":8, "exclusiveMaximum":3.14}}}})"#,
            #"[false,[{"desc":"Must be a multiple of 0.03","error":"r.0: Must be a multiple of 0.03","field":"r.0","type":"multiple_of"},{"desc":"Must be less than 3.14","error":"r.0: Must be less than 3.14","field":"r.0","type":"number_lt"},{"desc":"Must be greater than or equal to 1.234567890123456789012345678905e+29","error":"r.0: Must be greater than or equal to 1.234567890123456789012345678905e+29","field":"r.0","type":"number_gte"},{"desc":"Must be greater than 8","error":"r.0: Must be greater than 8","field":"r.0","type":"number_gt"}]]"#
        ),
        (
            #"json.match_schema({"a":1,"b.c":{"d":[1,"x"]}},{"additionalProperties":false,"patternProperties":{"^b":{"type":"object","additionalProperties":{"items":{"type":"string"}}}}})"#,
            #"[false,[{"desc":"Additional property a is not allowed","error":"(Root): Additional property a is not allowed","field":"(Root)","type":"additional_property_not_allowed"},{"desc":"Invalid type. Expected: string, given: integer","error":"b.c.d.0: Invalid type. Expected: string, given: integer","field":"b.c.d.0","type":"invalid_type"}]]"#
        ),
        (
            #"json.match_schema({"a":[{"b":1.0}]},{"properties":{"a":{"enum":[[{"b":2}],1e3,"x<y"],"const":{"z":1.50}}}})"#,
            #"[false,[{"desc":"a does not match: {\"z\":1.5}","error":"a: a does not match: {\"z\":1.5}","field":"a","type":"const"},{"desc":"a must be one of the following: [{\"b\":2}], 1000, \"x\\u003cy\"","error":"a: a must be one of the following: [{\"b\":2}], 1000, \"x\\u003cy\"","field":"a","type":"enum"}]]"#
        ),
        (
            #"json.match_schema({"r":[]},{"properties":{"r":{"enum":[]}}})"#,
            #"[false,[{"desc":"r must be one of the following: ","error":"r: r must be one of the following: ","field":"r","type":"enum"}]]"#
        ),
        (
            #"json.match_schema({"a":1},{"propertyNames":{"maxLength":0},"dependencies":{"a":["b"]}})"#,
            #"[false,[{"desc":"Has a dependency on b","error":"(Root): Has a dependency on b","field":"(Root)","type":"missing_dependency"},{"desc":"Property name of \"a\" does not match","error":"(Root): Property name of \"a\" does not match","field":"(Root)","type":"invalid_property_name"},{"desc":"String length must be less than or equal to 0","error":"(Root): String length must be less than or equal to 0","field":"(Root)","type":"string_lte"}]]"#
        ),
        (
            #"json.match_schema({"r":[1,2]},{"properties":{"r":{"contains":{"type":"string"}}}})"#,
            #"[false,[{"desc":"At least one of the items must match","error":"r: At least one of the items must match","field":"r","type":"contains"},{"desc":"Invalid type. Expected: string, given: integer","error":"r.0: Invalid type. Expected: string, given: integer","field":"r.0","type":"invalid_type"}]]"#
        ),
        (
            #"json.match_schema({"r":[1,2]},{"properties":{"r":{"items":[{"type":"string"}],"additionalItems":false}}})"#,
            #"[false,[{"desc":"Invalid type. Expected: string, given: integer","error":"r.0: Invalid type. Expected: string, given: integer","field":"r.0","type":"invalid_type"},{"desc":"No additional items allowed on array","error":"r: No additional items allowed on array","field":"r","type":"array_no_additional_items"}]]"#
        ),
        (
            #"json.match_schema({"a":1},{"allOf":[{"required":["b"]},{"required":["a"]}],"oneOf":[{},{}],"not":{}})"#,
            #"[false,[{"desc":"Must validate one and only one schema (oneOf)","error":"(Root): Must validate one and only one schema (oneOf)","field":"(Root)","type":"number_one_of"},{"desc":"b is required","error":"(Root): b is required","field":"(Root)","type":"required"},{"desc":"Must validate all the schemas (allOf)","error":"(Root): Must validate all the schemas (allOf)","field":"(Root)","type":"number_all_of"},{"desc":"Must not validate the schema (not)","error":"(Root): Must not validate the schema (not)","field":"(Root)","type":"number_not"}]]"#
        ),
        (
            #"json.match_schema({"a":1},{"if":{"required":["a"]},"then":{"required":["b"]},"else":false})"#,
            #"[false,[{"desc":"Must validate \"then\" as \"if\" was valid","error":"(Root): Must validate \"then\" as \"if\" was valid","field":"(Root)","type":"condition_then"},{"desc":"b is required","error":"(Root): b is required","field":"(Root)","type":"required"}]]"#
        ),
        (
            #"json.match_schema({"a":1},{"properties":{"a":false}})"#,
            #"[false,[{"desc":"False always fails validation","error":"a: False always fails validation","field":"a","type":"false"}]]"#
        ),
        (
            #"json.match_schema({"r":[1,[1],{"a":null}]},{"properties":{"r":{"maxItems":2,"uniqueItems":true,"items":{"type":["string","null"]}}}})"#,
            #"[false,[{"desc":"Invalid type. Expected: [string,null], given: integer","error":"r.0: Invalid type. Expected: [string,null], given: integer","field":"r.0","type":"invalid_type"},{"desc":"Invalid type. Expected: [string,null], given: array","error":"r.1: Invalid type. Expected: [string,null], given: array","field":"r.1","type":"invalid_type"},{"desc":"Invalid type. Expected: [string,null], given: object","error":"r.2: Invalid type. Expected: [string,null], given: object","field":"r.2","type":"invalid_type"},{"desc":"Array must have at most 2 items","error":"r: Array must have at most 2 items","field":"r","type":"array_max_items"}]]"#
        ),
        (
            #"json.match_schema({"s":"a","t":"2020-01-01"},{"properties":{"s":{"minLength":2,"format":"ipv4"},"t":{"format":"date-time"}}})"#,
            #"[false,[{"desc":"Does not match format 'ipv4'","error":"s: Does not match format 'ipv4'","field":"s","type":"format"},{"desc":"String length must be greater than or equal to 2","error":"s: String length must be greater than or equal to 2","field":"s","type":"string_gte"}]]"#
        ),
        (
            #"json.match_schema({1:2, {3}:{4}},{"properties":{"1":{"type":"string"}}})"#,
            #"[false,[{"desc":"Invalid type. Expected: string, given: integer","error":"1: Invalid type. Expected: string, given: integer","field":"1","type":"invalid_type"}]]"#
        ),
    ]

    private static let errors: [(String, String)] = [
        (
            #"json.match_schema({"a":1},{"minProperties":2,"maxProperties":0})"#,
            #"json.match_schema: minProperties cannot be greater than maxProperties"#
        )
    ]

    @Test(arguments: values) func value(_ question: String, _ answer: String) throws {
        let question = question
        let found = try Question.answer(question)
        let isSame = try Question.holds("\(question) == \(answer)")
        #expect(isSame, "\(found)")
    }

    @Test(arguments: errors) func error(_ question: String, _ message: String) throws {
        let found = try Question.answer(question)
        #expect(found == message)
    }
}
