import Testing
import Writ

/// Questions about graphql.* with the answers of OPA 1.20.2: a value as JSON, or the message of an error.
struct GraphQLBuiltinTests {
    private static let schema =
        #""type Query { a(x: Int!, e: E, l: [Int!], i: I): A b: Int c: U d: N } type A implements N { id: ID! n: Int } type B implements N { id: ID! m: String } interface N { id: ID! } union U = A | B enum E { RED GREEN } input I { f: Int! g: String } type Subscription { s: Int t: Int }""#

    private static let values: [(String, String)] = [
        (
            #"graphql.parse_query("{ ... { a } }")"#,
            #"{"Operations":[{"Name":"","Operation":"query","SelectionSet":[{"SelectionSet":[{"Alias":"a","Name":"a"}],"TypeCondition":""}]}]}"#
        ),
        (
            #"graphql.parse_query("{ ... @x { a } }")"#,
            #"{"Operations":[{"Name":"","Operation":"query","SelectionSet":[{"Directives":[{"Location":"","Name":"x"}],"SelectionSet":[{"Alias":"a","Name":"a"}],"TypeCondition":""}]}]}"#
        ),
        (
            #"graphql.parse_schema("type A { a: Int } #c\n")"#,
            ##"{"Comment":{"List":[{"Value":"#c"}]},"Definitions":[{"BuiltIn":false,"Description":"","Fields":[{"Description":"","Name":"a","Type":{"NamedType":"Int","NonNull":false}}],"Kind":"OBJECT","Name":"A"}]}"##
        ),
        (#"[graphql.is_valid("{ z }",SCHEMA), graphql.parse_and_verify("{ z }",SCHEMA)]"#, #"[false,[false,{},{}]]"#),
        (
            #"[graphql.is_valid("{ b { c } }",SCHEMA), graphql.parse_and_verify("{ b { c } }",SCHEMA)]"#,
            #"[false,[false,{},{}]]"#
        ),
        (
            #"[graphql.is_valid("{ a(x: 1) }",SCHEMA), graphql.parse_and_verify("{ a(x: 1) }",SCHEMA)]"#,
            #"[false,[false,{},{}]]"#
        ),
        (
            #"[graphql.is_valid("{ a { id } }",SCHEMA), graphql.parse_and_verify("{ a { id } }",SCHEMA)]"#,
            #"[false,[false,{},{}]]"#
        ),
        (
            #"[graphql.is_valid("{ a(x: \"s\") { id } }",SCHEMA), graphql.parse_and_verify("{ a(x: \"s\") { id } }",SCHEMA)]"#,
            #"[false,[false,{},{}]]"#
        ),
        (
            #"[graphql.is_valid("{ a(x: 1.5) { id } }",SCHEMA), graphql.parse_and_verify("{ a(x: 1.5) { id } }",SCHEMA)]"#,
            #"[false,[false,{},{}]]"#
        ),
        (
            #"[graphql.is_valid("{ a(x: null) { id } }",SCHEMA), graphql.parse_and_verify("{ a(x: null) { id } }",SCHEMA)]"#,
            #"[false,[false,{},{}]]"#
        ),
    ]

    private static let errors: [(String, String)] = [
        (
            #"graphql.parse_query("{ a ' }")"#,
            #"graphql.parse_query: Expected Name, found <Invalid> in GraphQL string at location 1:5"#
        ),
        (
            #"graphql.parse_query("{ a(b: 'x') }")"#,
            #"graphql.parse_query: Unexpected <Invalid> in GraphQL string at location 1:8"#
        ),
        (
            #"graphql.parse_query("{ a(b: \"x")"#,
            #"graphql.parse_query: Unexpected <Invalid> in GraphQL string at location 1:10"#
        ),
        (
            #"graphql.parse_query("{ a(b: 01) }")"#,
            #"graphql.parse_query: Unexpected <Invalid> in GraphQL string at location 1:9"#
        ),
        (
            #"graphql.parse_query("{ a . }")"#,
            #"graphql.parse_query: Expected Name, found <Invalid> in GraphQL string at location 1:5"#
        ),
        (#"graphql.parse_query("%")"#, #"graphql.parse_query: Unexpected <Invalid> in GraphQL string at location 1:1"#),
        (
            #"graphql.parse_query("{a} \u0001")"#,
            #"graphql.parse_query: Unexpected <Invalid> in GraphQL string at location 1:5"#
        ),
        (
            #"graphql.parse_query("type")"#,
            #"graphql.parse_query: Unexpected Name "type" in GraphQL string at location 1:1"#
        ),
        (
            #"graphql.parse_query("query")"#,
            #"graphql.parse_query: Expected {, found <EOF> in GraphQL string at location 1:6"#
        ),
        (
            #"graphql.parse_query("{ a(b: 1.) }")"#,
            #"graphql.parse_query: Unexpected <Invalid> in GraphQL string at location 1:10"#
        ),
        (#"graphql.parse_query("{a}}")"#, #"graphql.parse_query: Unexpected } in GraphQL string at location 1:4"#),
        (
            #"graphql.parse_query("fragment X on Y")"#,
            #"graphql.parse_query: Expected {, found <EOF> in GraphQL string at location 1:16"#
        ),
        (
            #"graphql.parse_schema("scalar")"#,
            #"graphql.parse_schema: Expected Name, found <EOF> in GraphQL string at location 1:7"#
        ),
        (
            #"graphql.parse_schema("union A = ")"#,
            #"graphql.parse_schema: Expected Name, found <EOF> in GraphQL string at location 1:11"#
        ),
        (
            #"graphql.parse_schema("type A { a: Int = 5 }")"#,
            #"graphql.parse_schema: Expected Name, found = in GraphQL string at location 1:17"#
        ),
        (
            #"graphql.parse_schema("directive @a on X")"#,
            #"graphql.parse_schema: Unexpected Name "X" in GraphQL string at location 1:17"#
        ),
        (
            #"graphql.parse("{ a { id } }",SCHEMA)"#,
            #"graphql.parse: Field "a" argument "x" of type "Int!" is required, but it was not provided in GraphQL string at location 1:3"#
        ),
        (
            #"graphql.parse("{ a(x: null) { id } }",SCHEMA)"#,
            #"graphql.parse: Expected value of type "Int!", found null in GraphQL string at location 1:8"#
        ),
        (
            #"graphql.parse("{ a(x: 1, x: 2) { id } }",SCHEMA)"#,
            #"graphql.parse: There can be only one argument named "x" in GraphQL string at location 1:11"#
        ),
        (
            #"graphql.parse("query($v: Int) { a(x: $v) { id } }",SCHEMA)"#,
            #"graphql.parse: Variable "$v" of type "Int" used in position expecting type "Int!" in GraphQL string at location 1:23"#
        ),
        (
            #"graphql.parse("query Q($v: Int) { b }",SCHEMA)"#,
            #"graphql.parse: Variable "$v" is never used in operation "Q" in GraphQL string at location 1:9"#
        ),
        (
            #"graphql.parse("{ a(x: $w) { id } }",SCHEMA)"#,
            #"graphql.parse: Variable "$w" is not defined in GraphQL string at location 1:8"#
        ),
        (
            #"graphql.parse("query Q { a(x: $w) { id } }",SCHEMA)"#,
            #"graphql.parse: Variable "$w" is not defined by operation "Q" in GraphQL string at location 1:16"#
        ),
        (
            #"graphql.parse("{ ...F } fragment F on Query { ...F }",SCHEMA)"#,
            #"graphql.parse: Cannot spread fragment "F" within itself in GraphQL string at location 1:35"#
        ),
        (
            #"graphql.parse("{ ...G }",SCHEMA)"#,
            #"graphql.parse: Unknown fragment "G" in GraphQL string at location 1:6"#
        ),
        (
            #"graphql.parse("fragment F on Query { b } { b }",SCHEMA)"#,
            #"graphql.parse: Fragment "F" is never used in GraphQL string at location 1:1"#
        ),
        (
            #"graphql.parse("{ c { ... on A { id } ... on Query { b } } }",SCHEMA)"#,
            #"graphql.parse: Fragment cannot be spread here as objects of type "U" can never be of type "Query" in GraphQL string at location 1:27"#
        ),
        (
            #"graphql.parse("{ a(x:1) { ... on B { m } } }",SCHEMA)"#,
            #"graphql.parse: Fragment cannot be spread here as objects of type "A" can never be of type "B" in GraphQL string at location 1:16"#
        ),
        (
            #"graphql.parse("{ a(x:1) { ...X } } fragment X on B { m }",SCHEMA)"#,
            #"graphql.parse: Fragment "X" cannot be spread here as objects of type "A" can never be of type "B" in GraphQL string at location 1:15"#
        ),
        (
            #"graphql.parse("query A { b } query A { b }",SCHEMA)"#,
            #"graphql.parse: There can be only one operation named "A" in GraphQL string at location 1:15"#
        ),
        (
            #"graphql.parse("subscription { s t }",SCHEMA)"#,
            #"graphql.parse: Anonymous Subscription must select only one top level field in GraphQL string at location 1:18"#
        ),
        (
            #"graphql.parse("subscription { __typename }",SCHEMA)"#,
            #"graphql.parse: Anonymous Subscription must not select an introspection top level field in GraphQL string at location 1:16"#
        ),
        (
            #"graphql.parse("{ b @skip(if: true) @skip(if: true) }",SCHEMA)"#,
            #"graphql.parse: The directive "@skip" can only be used once at this location in GraphQL string at location 1:22"#
        ),
        (
            #"graphql.parse("{ b @nope }",SCHEMA)"#,
            #"graphql.parse: Unknown directive "@nope" in GraphQL string at location 1:6"#
        ),
        (
            #"graphql.parse("{ b @deprecated }",SCHEMA)"#,
            #"graphql.parse: Directive "@deprecated" may not be used on FIELD in GraphQL string at location 1:6"#
        ),
        (
            #"graphql.parse("{ b @skip }",SCHEMA)"#,
            #"graphql.parse: Directive "@skip" argument "if" of type "Boolean!" is required, but it was not provided in GraphQL string at location 1:6"#
        ),
        (
            #"graphql.parse("{ x: b x: a(x: 1) { id } }",SCHEMA)"#,
            #"graphql.parse: Fields "x" conflict because "b" and "a" are different fields. Use different aliases on the fields to fetch both if this was intentional in GraphQL string at location 1:8"#
        ),
        (
            #"graphql.parse("{ a(x: 1) { id } a(x: 2) { id } }",SCHEMA)"#,
            #"graphql.parse: Fields "a" conflict because they have differing arguments. Use different aliases on the fields to fetch both if this was intentional in GraphQL string at location 1:18"#
        ),
        (
            #"graphql.parse("{ c { ... on A { q: n } ... on B { q: m } } }",SCHEMA)"#,
            #"graphql.parse: Fields "q" conflict because they return conflicting types "Int" and "String". Use different aliases on the fields to fetch both if this was intentional in GraphQL string at location 1:36"#
        ),
        (
            #"graphql.parse("{ d { foo } }",SCHEMA)"#,
            #"graphql.parse: Cannot query field "foo" on type "N" in GraphQL string at location 1:7"#
        ),
        (
            #"graphql.parse("{ a(x: 1, i: {f: 1, f: 2}) { id } }",SCHEMA)"#,
            #"graphql.parse: There can be only one input field named "f" in GraphQL string at location 1:21"#
        ),
        (
            #"graphql.parse("{ a(x: {a: 1}) { id } }",SCHEMA)"#,
            #"graphql.parse: Field "a" is not defined by type "Int" in GraphQL string at location 1:9"#
        ),
        (
            #"graphql.parse("{ b(if: 1) }",SCHEMA)"#,
            #"graphql.parse: Unknown argument "if" on field "Query.b" in GraphQL string at location 1:3"#
        ),
        (
            #"graphql.parse("query ($v: [Int]) { a(x:1, l: $v) {id} }",SCHEMA)"#,
            #"graphql.parse: Variable "$v" of type "[Int]" used in position expecting type "[Int!]" in GraphQL string at location 1:31"#
        ),
        (
            #"graphql.parse("query ($v: Int! = null) { a(x:$v) {id} }",SCHEMA)"#,
            #"graphql.parse: Expected value of type "Int!", found null in GraphQL string at location 1:19"#
        ),
        (
            #"graphql.parse("{a}","type A { a: Z }")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:13: Undefined type Z."#
        ),
        (
            #"graphql.parse("{a}","type A { __a: Int }")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:10: Name "__a" must not begin with "__", which is reserved by GraphQL introspection."#
        ),
        (
            #"graphql.parse("{a}","type A {a: Int} type A {b: Int}")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:22: Cannot redeclare type A."#
        ),
        (
            #"graphql.parse("{a}","schema { query: Q }")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:10: Schema root query refers to a type Q that does not exist."#
        ),
        (
            #"graphql.parse("{a}","extend type A { a: Int } extend input A { b: Int }")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:39: Cannot extend type A because the base type is a OBJECT, not INPUT_OBJECT."#
        ),
        (
            #"graphql.parse("{a}","input I { a: A } type A { b: Int }")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:11: OBJECT a: field must be one of SCALAR, ENUM, INPUT_OBJECT."#
        ),
        (
            #"graphql.parse("{a}","type A { a: Int a: Int}")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:17: Field A.a can only be defined once."#
        ),
        (
            #"graphql.parse("{a}","directive @a(x: Int @a) on FIELD")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:22: Directive a cannot refer to itself."#
        ),
        (
            #"graphql.parse("{a}","type A @skip { a: Int }")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:9: Directive skip is not applicable on OBJECT."#
        ),
        (
            #"graphql.parse("{a}","type A @zz { a: Int }")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:9: Undefined directive zz."#
        ),
        (
            #"graphql.parse("{a}","enum E { true }")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:6: ENUM E: non-enum value true."#
        ),
        (
            #"graphql.parse("{a}","directive @x on FIELD directive @x on FIELD")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:34: Cannot redeclare directive x."#
        ),
        (
            #"graphql.parse("{a}","type A { f(a: A): Int }")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:12: cannot use A as argument a because OBJECT is not a valid input type"#
        ),
        (
            #"graphql.parse("{a}","union U = Int")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:7: UNION type "Int" must be OBJECT."#
        ),
        (
            #"graphql.parse("{a}","type String { a: Int }")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:6: Cannot redeclare type String."#
        ),
        (
            #"graphql.parse("{a}","type Query { a: Int } schema { query: Query } schema { query: Query }")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:54: Cannot have multiple schema entry points, consider schema extensions instead."#
        ),
        (
            #"graphql.parse("{a}","interface I { a: Int } type A implements I { b: Int }")"#,
            #"graphql.parse: Error in gqlparser SchemaDocument to Schema conversion: input:1:29: For A to implement I it must have a field called a."#
        ),
    ]

    @Test(arguments: values) func value(_ question: String, _ answer: String) throws {
        let question = question.replacing("SCHEMA", with: Self.schema)
        let found = try Question.answer(question)
        let isSame = try Question.holds("\(question) == \(answer)")
        #expect(isSame, "\(found)")
    }

    @Test(arguments: errors) func error(_ question: String, _ message: String) throws {
        let found = try Question.answer(question.replacing("SCHEMA", with: Self.schema))
        #expect(found == message)
    }
}
