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

# Escapes give characters that YAML has no place for. OPA does not write them, nor keys beyond 1,024 characters of JSON.
unwritable(value) if regex.match(`[\x7f-\x{84}\x{86}-\x{9f}\x{fffe}\x{ffff}]`, json.marshal(value))

unwritable(value) if {
	walk(value, [path, _])
	some key in path
	count(json.marshal(key)) > 1024
}

broken contains "written, it is not read" if {
	value := yaml.unmarshal(text)
	not alters(value)
	not unwritable(value)
	not same(value)
}

same(value) if yaml.unmarshal(yaml.marshal(value)) == value

# JSON is YAML, as far as texts have no characters that YAML forbids.
broken contains "JSON means something else" if {
	not regex.match(`[^\n\r -~]|\\[^"\\nrt]|\t`, text)
	startswith(text, "{")
	value := json.unmarshal(text)
	yaml.unmarshal(text) != value
	not regex.match(`[eE.]|[0-9]{15}|0[0-9]|-0|<<`, text)
}
