package m2m_test

import data.m2m

temp_01 := {
	"action": "publish",
	"principal": "spiffe://fleet.example/site/lyon/sensor/temp-01",
	"source": "10.14.3.1",
	"mqtt": {"topic": "sites/lyon/sensors/temp-01/telemetry/celsius", "retain": false},
}

# firmware 2.1.0 of th-200 is revoked
temp_13 := {
	"action": "publish",
	"principal": "spiffe://fleet.example/site/lyon/sensor/temp-13",
	"source": "10.14.3.13",
	"mqtt": {"topic": "sites/lyon/sensors/temp-13/state", "retain": false},
}

console := {
	"action": "call",
	"principal": "spiffe://fleet.example/service/console",
	"source": "10.1.4.9",
	"http": {"service": "registry", "method": "GET", "path": "/v1/sites/lyon/devices"},
}

test_allowed_with_its_reason if {
	m2m.decision == {
		"allow": true,
		"reasons": {"role sensor may publish sites/lyon/sensors/temp-01/telemetry/+"},
	} with input as temp_01
}

test_allowed_call if {
	m2m.decision == {
		"allow": true,
		"reasons": {"role operator may GET /v1/sites/*/devices of registry"},
	} with input as console
}

test_several_grants_are_all_reasons if {
	m2m.decision.reasons == {
		"role sensor may publish sites/lyon/sensors/temp-01/telemetry/+",
		"role spare may publish sites/lyon/#",
	} with input as temp_01
		with data.roles.spare as {"publish": ["sites/lyon/#"]}
		with data.devices["spiffe://fleet.example/site/lyon/sensor/temp-01"].roles as ["sensor", "spare"]
}

test_denied_without_a_grant if {
	m2m.decision == {
		"allow": false,
		"reasons": {concat("", [
			"no role of spiffe://fleet.example/site/lyon/sensor/temp-01 (sensor, updatable) ",
			"allows this publish",
		])},
	} with input as temp_01 with input.mqtt.topic as "sites/lyon/sensors/temp-03/state"
}

test_a_grant_does_not_outweigh_a_denial if {
	m2m.decision == {
		"allow": false,
		"reasons": {"spiffe://fleet.example/site/lyon/sensor/temp-01 may not speak from 10.15.3.1"},
	} with input as temp_01 with input.source as "10.15.3.1"
}

test_all_denials_are_told if {
	m2m.decision.reasons == {
		"the principal is not a SPIFFE id of fleet.example",
		"the source is not an IPv4 address",
		"publishing needs a topic without wildcards and empty levels",
	} with input as {"action": "publish", "principal": "temp-01", "source": "lyon", "mqtt": {"topic": "+"}}
}

test_a_stranger_is_denied_once if {
	m2m.decision == {
		"allow": false,
		"reasons": {"spiffe://fleet.example/site/lyon/sensor/temp-99 is not registered"},
	} with input as temp_01 with input.principal as "spiffe://fleet.example/site/lyon/sensor/temp-99"
}

test_retired_and_quarantined_are_denied if {
	every status in ["quarantined", "retired"] {
		m2m.decision == {
			"allow": false,
			"reasons": {sprintf("spiffe://fleet.example/site/lyon/sensor/temp-01 is %s", [status])},
		} with input as temp_01
			with data.devices["spiffe://fleet.example/site/lyon/sensor/temp-01"].status as status
	}
}

test_revoked_firmware_is_denied if {
	m2m.decision == {
		"allow": false,
		"reasons": {"firmware 2.1.0 of th-200 is revoked: only an update is allowed"},
	} with input as temp_13
}

test_revoked_firmware_may_update if {
	m2m.allow with input as object.union(temp_13, {
		"action": "subscribe",
		"mqtt": {"topic": "sites/lyon/firmware/th-200"},
	})
	m2m.allow with input as object.union(temp_13, {
		"action": "call",
		"http": {"service": "firmware", "method": "GET", "path": "/v1/models/th-200/images/2.4.1"},
	})
}

test_a_new_version_ends_the_restriction if {
	m2m.allow with input as temp_13
		with data.devices["spiffe://fleet.example/site/lyon/sensor/temp-13"].firmware as "2.4.1"
}

test_unknown_actions if {
	every action in ["delete", "PUBLISH", "", null, 1, ["publish"], {"publish": true}] {
		m2m.decision == {
			"allow": false,
			"reasons": {"the action is none of call, publish, subscribe"},
		} with input as temp_01 with input.action as action
	}
}

test_requests_of_any_shape_are_denied if {
	every request in [{}, [], null, 1, "publish", true, {"action": "call"}, {"action": "subscribe", "mqtt": null}] {
		m2m.allow == false with input as request
		count(m2m.decision.reasons) > 1 with input as request
	}
}

test_an_action_needs_its_own_document if {
	not m2m.allow with input as object.union(temp_01, {"action": "call"})
	not m2m.allow with input as object.union(console, {"action": "publish"})
}

test_another_actions_document_grants_nothing if {
	elsewhere := {"topic": "sites/lyon/sensors/temp-03/state"}
	not m2m.allow with input as object.union(console, {"action": "publish", "mqtt": elsewhere})
	not m2m.allow with input as object.union(temp_01, {"action": "call", "http": {
		"service": "registry",
		"method": "GET",
		"path": "/v1/devices/temp-01",
	}})
}

test_no_data_no_access if {
	not m2m.allow with input as temp_01 with data.devices as {}
	not m2m.allow with input as temp_01 with data.roles as {}
	not m2m.allow with input as temp_01 with data.sites as {}
	not m2m.allow with input as console with data.services as {}
}

test_every_active_sensor_may_publish_its_state if {
	every id, _ in active_sensors {
		["spiffe:", "", "fleet.example", "site", site, "sensor", name] = split(id, "/")
		m2m.allow with input as {
			"action": "publish",
			"principal": id,
			"source": replace(data.sites[site].networks[0], "0.0/16", "7.7"),
			"mqtt": {"topic": sprintf("sites/%s/sensors/%s/state", [site, name])},
		}
	}
}

active_sensors[id] := device if {
	some id, device in data.devices
	contains(id, "/sensor/")
	device.status == "active"
	not revoked(device)
}

revoked(device) if device.firmware in data.firmware[device.model].revoked

test_the_fleet_is_there if {
	count(data.devices) == 312
	count(active_sensors) == 210
}

test_every_role_in_use_is_defined_or_only_calls if {
	calling_only := {"registry"}
	every device in data.devices {
		every role in device.roles {
			data.roles[role]
		}
	}
	every service in data.services {
		every role in service.roles {
			role in (object.keys(data.roles) | calling_only)
		}
	}
}

test_every_filter_in_the_roles_is_a_filter if {
	every role in data.roles {
		every filter in array.concat(role.publish, role.subscribe) {
			m2m.patterns.is_filter(filter)
		}
	}
}
