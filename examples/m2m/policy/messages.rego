# METADATA
# title: Messages
# description: Who may publish to and subscribe to which MQTT topics.
package m2m.messages

import data.m2m.identity.principal
import data.m2m.patterns

# METADATA
# title: Grants
# description: What lets the principal publish or subscribe, one entry a grant.
# scope: document
grants contains {"role": role, "reason": reason} if {
	well_formed
	some role in principal.roles
	some pattern in data.roles[role][input.action]
	filter := patterns.fill(pattern, principal)
	patterns.covers(filter, topic)
	reason := sprintf("role %s may %s %s", [role, input.action, filter])
}

# A gateway speaks for the sensors behind it that have no network of their own.
grants contains {"role": "gateway", "reason": reason} if {
	input.action == "publish"
	well_formed
	principal.kind == "gateway"
	["sites", principal.site, "sensors", sensor, "telemetry", _] = split(topic, "/")
	device := data.devices[sprintf("spiffe://fleet.example/site/%s/sensor/%s", [principal.site, sensor])]
	device.transport == "modbus"
	device.gateway == principal.name
	device.status == "active"
	reason := sprintf("gateway %s publishes for the %s sensor %s behind it", [
		principal.name,
		device.transport,
		sensor,
	])
}

# METADATA
# title: Problems
# description: What forbids a message, whatever the roles allow.
# scope: document
problems contains "publishing needs a topic without wildcards and empty levels" if {
	input.action == "publish"
	not well_formed
}

problems contains "subscribing needs a topic filter in MQTT's form, outside of `$`" if {
	input.action == "subscribe"
	not well_formed
}

# A retained command would be carried out again by each actuator that reconnects.
problems contains "a command must not be retained" if {
	input.action == "publish"
	["sites", _, "actuators", _, "command"] = split(topic, "/")
	input.mqtt.retain == true
}

problems contains reason if {
	input.action == "publish"
	["sites", site, "actuators", actuator, "command"] = split(topic, "/")
	data.devices[sprintf("spiffe://fleet.example/site/%s/actuator/%s", [site, actuator])].status == "locked-out"
	reason := sprintf("actuator %s at %s is locked out for maintenance", [actuator, site])
}

topic := input.mqtt.topic if is_string(input.mqtt.topic)

well_formed if {
	input.action == "publish"
	patterns.is_topic(topic)
}

well_formed if {
	input.action == "subscribe"
	patterns.is_filter(topic)
}
