# METADATA
# title: Machine to machine
# description: |
#   Whether one machine of the fleet may talk to another, and why. The question:
#
#       {"action": "call", "principal": ID, "source": IPv4,
#        "http": {"service": NAME, "method": METHOD, "path": PATH}}
#       {"action": "publish" or "subscribe", "principal": ID, "source": IPv4,
#        "mqtt": {"topic": TOPIC, "retain": BOOLEAN}}
# organizations: [Fleet operations]
package m2m

import data.m2m.calls
import data.m2m.identity
import data.m2m.messages

# METADATA
# title: The decision
# description: Denied unless a role grants it and nothing forbids it; `reasons` says which grants, or why not.
# entrypoint: true
decision := {"allow": allow, "reasons": reasons}

default allow := false

granted := calls.grants | messages.grants

allow if {
	count(granted) > 0
	count(denials) == 0
}

reasons := {grant.reason | some grant in granted} if {
	allow
} else := denials

# METADATA
# title: Denials
# description: All that stands against the request, not only the first thing.
# scope: document
denials contains "the action is none of call, publish, subscribe" if not known_action

denials contains reason if some reason in identity.problems | calls.problems | messages.problems

denials contains reason if {
	known_action
	count(granted) == 0
	reason := sprintf("no role of %s (%s) allows this %s", [
		input.principal,
		concat(", ", identity.principal.roles),
		input.action,
	])
}

# What an update needs stays open: role `updatable`.
denials contains reason if {
	identity.firmware_revoked
	not "updatable" in {grant.role | some grant in granted}
	reason := sprintf("firmware %s of %s is revoked: only an update is allowed", [
		identity.principal.firmware,
		identity.principal.model,
	])
}

known_action if input.action in {"call", "publish", "subscribe"}
