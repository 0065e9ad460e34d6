# Texts: a document, a JSON schema.
package fuzz

document := input.texts[0]

schema := object.get(input.texts, 1, "")

matched := json.match_schema(document, schema)

good if json.verify_schema(schema)[0]

broken contains "a match with errors, or none without" if {
	matched[0] != (count(matched[1]) == 0)
}

broken contains "a schema that is none is matched" if {
	matched
	not good
}

broken contains "a good schema does not match" if {
	good
	_ := json.unmarshal(document)
	not matched
}

broken contains "values and their texts differ" if {
	value := json.unmarshal(schema)
	is_object(value)
	json.match_schema(json.unmarshal(document), value)[0] != matched[0]
	is_object(json.unmarshal(document))
}
