# METADATA
# title: Identities
# description: |
#   Who the caller is. A principal is named by a SPIFFE id that a proxy or broker took from its certificate:
#
#       spiffe://fleet.example/service/NAME
#       spiffe://fleet.example/site/SITE/KIND/NAME      KIND: gateway, sensor or actuator
#
#   The id alone grants nothing: it must be in the register (`data.services`, `data.devices`), and the
#   connection must come from a network where that principal lives.
package m2m.identity

service_id := `^spiffe://fleet\.example/service/[a-z0-9-]+$`

device_id := `^spiffe://fleet\.example/site/[a-z0-9-]+/(gateway|sensor|actuator)/[a-z0-9-]+$`

octet := `(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`

ipv4 := sprintf(`^(%s\.){3}%s$`, [octet, octet])

# METADATA
# title: The principal
# description: The registered caller, with what its id says of it. Undefined if it is not in the register.
principal := {
	"kind": "service",
	"name": name,
	"networks": service.networks,
	"roles": service.roles,
	"status": "active",
} if {
	well_formed
	["service", name] = path
	service := data.services[name]
}

principal := object.union(device, {
	"kind": kind,
	"name": name,
	"networks": data.sites[site].networks,
	"site": site,
}) if {
	well_formed
	["site", site, kind, name] = path
	device := data.devices[input.principal]
}

# METADATA
# title: Problems
# description: Why this principal may do nothing at all, whatever its roles are.
# scope: document
problems contains "the principal is not a SPIFFE id of fleet.example" if not well_formed

problems contains sprintf("%s is not registered", [input.principal]) if {
	well_formed
	not principal
}

problems contains sprintf("%s is %s", [input.principal, status]) if {
	status := object.get(principal, "status", "without a status")
	not status in {"active", "locked-out"}
}

problems contains "the source is not an IPv4 address" if not source_is_address

problems contains sprintf("%s may not speak from %s", [input.principal, input.source]) if {
	source_is_address
	principal
	not at_home
}

# METADATA
# title: Revoked firmware
# description: True if the principal runs firmware that `data.firmware` revokes for its model.
firmware_revoked if principal.firmware in data.firmware[principal.model].revoked

well_formed if {
	is_string(input.principal)
	some pattern in {service_id, device_id}
	regex.match(pattern, input.principal)
}

# the segments after the trust domain
path := array.slice(split(input.principal, "/"), 3, 7)

source_is_address if {
	is_string(input.source)
	regex.match(ipv4, input.source)
}

at_home if {
	some network in principal.networks
	net.cidr_contains(network, input.source)
}
