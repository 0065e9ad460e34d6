# METADATA
# title: Who may publish and subscribe to what
package fleet.access

default allow := false

allow if {
	some grant in data.fleet.access.grants[input.device]
	grant.action == input.action
	covers(split(grant.topic, "/"), split(input.topic, "/"))
}

# `*` stands for one step of a topic, `+` at its end for one or more.
covers(pattern, topic) if {
	pattern[count(pattern) - 1] == "+"
	count(topic) >= count(pattern)
	every i, step in array.slice(pattern, 0, count(pattern) - 1) { step in {"*", topic[i]} }
}

covers(pattern, topic) if {
	count(topic) == count(pattern)
	every i, step in pattern { step in {"*", topic[i]} }
}
