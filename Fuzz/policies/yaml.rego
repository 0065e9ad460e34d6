# Texts: YAML.
package fuzz

text := input.texts[0]

default readable := false

readable if _ := yaml.unmarshal(text)

broken contains "is_valid and unmarshal differ" if {
	yaml.is_valid(text) != readable
}

# OPA folds next-line characters to spaces when it writes.
alters(value) if contains(json.marshal(value), "\u0085")

# It writes a key << without the quotes, or the tag, that kept it from merging.
alters(value) if contains(json.marshal(value), `"\u003c\u003c":`)

broken contains "written, it is another value" if {
	value := yaml.unmarshal(text)
	not alters(value)
	yaml.unmarshal(yaml.marshal(value)) != value
}

# What cannot be written (escapes give characters that YAML has no place for) is no finding.
broken contains "written, it is not read" if {
	value := yaml.unmarshal(text)
	not alters(value)
	written := yaml.marshal(value)
	not yaml.is_valid(written)
}

# JSON is YAML, as far as texts have no characters that YAML forbids.
broken contains "JSON means something else" if {
	not regex.match(`[^\n\r -~]|\\[^"\\nrt]|\t`, text)
	startswith(text, "{")
	value := json.unmarshal(text)
	yaml.unmarshal(text) != value
	not regex.match(`[eE.]|[0-9]{15}|0[0-9]|-0|<<`, text)
}
