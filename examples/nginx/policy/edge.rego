package edge

import rego.v1

# What each role may do below /api, as in data.json.
default allow := false

allow if {
	input.path[0] == "public"
	input.method == "GET"
}

allow if {
	some grant in data.roles[role]
	input.method in grant.methods
	grant.path == array.slice(input.path, 0, count(grant.path))
}

role := data.tokens[token]

token := trim_prefix(input.headers.authorization, "Bearer ")
