# METADATA
# title: Calls
# description: Who may call which HTTP route of which service. The service that is called owns its routes.
package m2m.calls

import data.m2m.identity.principal
import data.m2m.patterns

# METADATA
# title: Grants
# description: The routes that let the principal make this call, one entry for each route and role.
grants contains {"role": role, "reason": reason} if {
	well_formed
	some route in service.routes
	input.http.method in route.methods
	some role in principal.roles
	role in route.roles
	path := patterns.fill(route.path, principal)
	glob.match(path, ["/"], input.http.path)
	reason := sprintf("role %s may %s %s of %s", [role, input.http.method, path, input.http.service])
}

# METADATA
# title: Problems
# description: What forbids a call, whatever the routes allow.
# scope: document
problems contains "a call needs a known service, a method and a path in normal form" if {
	input.action == "call"
	not well_formed
}

problems contains reason if {
	input.action == "call"
	input.http.service == "dispatcher"
	input.http.method == "POST"
	["", "v1", "sites", site, "actuators", actuator, "commands"] = split(input.http.path, "/")
	data.devices[sprintf("spiffe://fleet.example/site/%s/actuator/%s", [site, actuator])].status == "locked-out"
	reason := sprintf("actuator %s at %s is locked out for maintenance", [actuator, site])
}

service := data.services[input.http.service]

well_formed if {
	input.action == "call"
	service
	is_string(input.http.method)
	patterns.is_normal_path(input.http.path)
}
