# METADATA
# title: Patterns
# description: MQTT topics and filters, HTTP paths, and the placeholders in a grant.
package m2m.patterns

# METADATA
# title: Fill in
# description: |
#   A grant's pattern with <site>, <name> and <model> replaced by the principal's own. Undefined if the
#   principal has nothing to put there: a service has no site.
fill(pattern, principal) := filled if {
	own := {placeholder: value |
		some key in ["site", "name", "model"]
		placeholder := sprintf("<%s>", [key])
		value := principal[key]
	}
	filled := strings.replace_n(own, pattern)
	not contains(filled, "<")
}

# METADATA
# title: Topic name
# description: What one publishes to, which is levels without wildcards.
is_topic(topic) if {
	is_filter(topic)
	not regex.match(`[+#]`, topic)
}

# METADATA
# title: Topic filter
# description: |
#   What one subscribes to: `+` stands alone in its level, `#` alone in the last. Levels are not empty, and
#   the broker's own `$` topics are nobody's.
is_filter(filter) if {
	is_string(filter)
	regex.match(`^([^+#/$]+|\+)(/([^+#/$]+|\+))*(/#)?$`, filter)
}

# METADATA
# title: Cover
# description: |
#   True if every topic that `requested` matches is one that `granted` matches too. So a grant of
#   `sites/+/alarms/#` covers `sites/lyon/alarms/+`, and `sites/lyon/#` does not cover `sites/+/alarms`.
#   A final `#` matches the level above it as well.
covers(granted, requested) if {
	given := split(granted, "/")
	asked := split(requested, "/")
	count(given) == count(asked)
	every i, level in given {
		level_covers(level, asked[i])
	}
}

covers(granted, requested) if {
	given := split(granted, "/")
	asked := split(requested, "/")
	last := count(given) - 1
	given[last] == "#"
	every i, level in array.slice(given, 0, last) {
		level_covers(level, asked[i])
	}
}

level_covers(given, asked) if given == asked

level_covers("+", asked) if asked != "#"

# METADATA
# title: Normal path
# description: |
#   An absolute path that proxies and services cannot read in different ways: no empty segment, no `.` or `..`,
#   no escapes, no query.
is_normal_path(path) if {
	is_string(path)
	regex.match(`^(/[A-Za-z0-9_~.-]+)+$`, path)
	not regex.match(`/\.\.?(/|$)`, path)
}
