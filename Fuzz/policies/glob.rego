# Texts: a glob, a text, another glob.
package fuzz

pattern := input.texts[0]

text := object.get(input.texts, 1, "")

other := object.get(input.texts, 2, "")

broken contains "a quoted text does not match itself" if {
	some delimiters in [[], null, ["/"]]
	not glob.match(glob.quote_meta(text), delimiters, text)
}

broken contains "no delimiters at all match less" if {
	glob.match(pattern, ["/", "."], text)
	not glob.match(pattern, null, text)
	not contains(pattern, "[")
}

broken contains "whether globs meet depends on their order" if {
	regex.globs_match(pattern, other) != regex.globs_match(other, pattern)
}

broken contains "a template that is a text does not match it" if {
	not contains(text, "{")
	not contains(text, "}")
	not regex.template_match(text, text, "{", "}")
}

broken contains "answers differ" if {
	regex.template_match(pattern, text, "{", "}") != regex.template_match(pattern, text, "{", "}")
}
