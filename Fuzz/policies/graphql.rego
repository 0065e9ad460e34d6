# Texts: a query, a schema.
package fuzz

query := input.texts[0]

schema := object.get(input.texts, 1, "")

valid := graphql.is_valid(query, schema)

broken contains "the tree of the query is judged otherwise" if {
	graphql.is_valid(graphql.parse_query(query), schema) != valid
}

broken contains "parse_and_verify judges otherwise" if {
	graphql.parse_and_verify(query, schema)[0] != valid
}

broken contains "a schema that is none has valid queries" if {
	valid
	not graphql.schema_is_valid(schema)
}

broken contains "the tree of the schema is judged otherwise" if {
	graphql.schema_is_valid(graphql.parse_schema(schema)) != graphql.schema_is_valid(schema)
}

# The second text as a query too: its grammar has most of a schema's parts.
broken contains "the tree of the second is judged otherwise" if {
	graphql.is_valid(graphql.parse_query(schema), query) != graphql.is_valid(schema, query)
}
