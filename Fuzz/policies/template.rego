# Texts: a template, JSON of its variables.
package fuzz

template := input.texts[0]

variables := json.unmarshal(object.get(input.texts, 1, "{}"))

rendered := strings.render_template(template, variables)

broken contains "a text without actions changes" if {
	not contains(template, "{{")
	is_object(variables)
	not rendered == template
}

broken contains "a text behind is lost" if {
	longer := strings.render_template(concat("", [template, "\nend"]), variables)
	not contains(template, "{{")
	longer != concat("", [rendered, "\nend"])
}
