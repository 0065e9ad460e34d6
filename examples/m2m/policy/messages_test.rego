package m2m.messages_test

import data.m2m.messages

lyon(kind, name) := sprintf("spiffe://fleet.example/site/lyon/%s/%s", [kind, name])

service(name) := sprintf("spiffe://fleet.example/service/%s", [name])

may(action, principal, topic) if {
	count(messages.grants) > 0 with input as {"action": action, "principal": principal, "mqtt": {"topic": topic}}
}

test_a_sensor_publishes_its_own_telemetry if {
	may("publish", lyon("sensor", "temp-01"), "sites/lyon/sensors/temp-01/telemetry/celsius")
	may("publish", lyon("sensor", "temp-01"), "sites/lyon/sensors/temp-01/state")
}

test_a_sensor_publishes_nothing_else if {
	every topic in [
		"sites/lyon/sensors/temp-03/telemetry/celsius", "sites/turin/sensors/temp-01/telemetry/celsius",
		"sites/lyon/sensors/temp-01/telemetry", "sites/lyon/sensors/temp-01/telemetry/a/b",
		"sites/lyon/sensors/temp-01/config", "sites/lyon/actuators/valve-05/command", "sites/lyon/alarms/temp-01",
	] {
		not may("publish", lyon("sensor", "temp-01"), topic)
	}
}

test_a_publisher_uses_no_wildcards if {
	every topic in ["sites/lyon/sensors/temp-01/telemetry/+", "sites/lyon/gateways/gw-1/#"] {
		not may("publish", lyon("sensor", "temp-01"), topic)
		not may("publish", lyon("gateway", "gw-1"), topic)
	}
}

test_only_safety_sensors_raise_alarms if {
	may("publish", lyon("sensor", "gas-04"), "sites/lyon/alarms/gas-04")
	not may("publish", lyon("sensor", "gas-04"), "sites/lyon/alarms/gas-09")
	not may("publish", lyon("sensor", "temp-01"), "sites/lyon/alarms/temp-01")
}

test_devices_hear_of_their_own_models_firmware if {
	may("subscribe", lyon("sensor", "temp-01"), "sites/lyon/firmware/th-200")
	not may("subscribe", lyon("sensor", "temp-01"), "sites/lyon/firmware/gx-9")
	not may("subscribe", lyon("sensor", "temp-01"), "sites/lyon/firmware/+")
}

test_an_actuator_hears_its_own_commands if {
	may("subscribe", lyon("actuator", "valve-01"), "sites/lyon/actuators/valve-01/command")
	not may("subscribe", lyon("actuator", "valve-01"), "sites/lyon/actuators/+/command")
	not may("subscribe", lyon("actuator", "valve-01"), "sites/lyon/actuators/valve-01/#")
}

test_an_actuator_commands_nobody if {
	not may("publish", lyon("actuator", "valve-01"), "sites/lyon/actuators/valve-01/command")
}

test_a_gateway_hears_its_site if {
	may("subscribe", lyon("gateway", "gw-1"), "sites/lyon/#")
	may("subscribe", lyon("gateway", "gw-1"), "sites/lyon/sensors/+/telemetry/#")
	not may("subscribe", lyon("gateway", "gw-1"), "sites/turin/#")
	not may("subscribe", lyon("gateway", "gw-1"), "sites/+/alarms/#")
}

test_a_gateway_commands_its_site if {
	may("publish", lyon("gateway", "gw-1"), "sites/lyon/actuators/valve-05/command")
	not may("publish", lyon("gateway", "gw-1"), "sites/turin/actuators/valve-05/command")
}

test_a_gateway_publishes_for_its_bus_sensors if {
	may("publish", lyon("gateway", "gw-1"), "sites/lyon/sensors/temp-08/telemetry/celsius")
	may("publish", lyon("gateway", "gw-2"), "sites/lyon/sensors/temp-16/telemetry/celsius")
}

test_a_gateway_publishes_for_no_other_sensors if {
	every topic in [
		"sites/lyon/sensors/temp-16/telemetry/celsius", # behind gw-2
		"sites/lyon/sensors/temp-03/telemetry/celsius", # speaks for itself
		"sites/lyon/sensors/temp-88/telemetry/celsius", # not registered
		"sites/turin/sensors/temp-08/telemetry/celsius", # another site
		"sites/lyon/sensors/temp-08/state",
	] {
		not may("publish", lyon("gateway", "gw-1"), topic)
	}
}

test_a_gateway_publishes_for_active_sensors_only if {
	not may("publish", lyon("gateway", "gw-1"), "sites/lyon/sensors/temp-08/telemetry/celsius")
		with data.devices["spiffe://fleet.example/site/lyon/sensor/temp-08"].status as "quarantined"
}

test_no_other_device_publishes_for_bus_sensors if {
	# a sensor that has a gateway's name
	not may("publish", lyon("sensor", "gw-1"), "sites/lyon/sensors/temp-08/telemetry/celsius")
		with data.devices["spiffe://fleet.example/site/lyon/sensor/gw-1"] as {"roles": ["sensor"], "status": "active"}
}

test_reasons_name_the_grant if {
	question := {
		"principal": lyon("gateway", "gw-1"),
		"mqtt": {"topic": "sites/lyon/sensors/temp-08/telemetry/celsius"},
	}
	messages.grants == {{
		"role": "gateway",
		"reason": "gateway gw-1 publishes for the modbus sensor temp-08 behind it",
	}} with input as object.union(question, {"action": "publish"})
	messages.grants == {{
		"role": "gateway",
		"reason": "role gateway may subscribe sites/lyon/#",
	}} with input as object.union(question, {"action": "subscribe"})
}

test_services_hear_what_their_roles_need if {
	may("subscribe", service("ingest"), "sites/+/sensors/+/telemetry/#")
	may("subscribe", service("alerting"), "sites/+/alarms/+")
	may("subscribe", service("historian"), "sites/#")
	may("subscribe", service("console"), "sites/lyon/actuators/+/state")
	may("subscribe", service("dispatcher"), "sites/+/actuators/+/state")
}

test_services_hear_nothing_else if {
	not may("subscribe", service("ingest"), "sites/#")
	not may("subscribe", service("alerting"), "sites/+/#")
	not may("subscribe", service("registry"), "sites/lyon/alarms/gas-04")
	not may("subscribe", service("console"), "sites/+/actuators/+/command")
}

test_a_service_has_no_site_to_fill_in if {
	not may("publish", service("historian"), "sites/<site>/gateways/historian/x")
		with data.services.historian.roles as ["gateway"]
}

test_the_dispatcher_commands_all_sites if {
	may("publish", service("dispatcher"), "sites/lyon/actuators/valve-05/command")
	may("publish", service("dispatcher"), "sites/turin/sensors/temp-05/config")
	not may("publish", service("console"), "sites/lyon/actuators/valve-05/command")
}

test_the_updater_announces_firmware if {
	may("publish", service("firmware"), "sites/gdansk/firmware/gx-9")
	not may("publish", service("dispatcher"), "sites/gdansk/firmware/gx-9")
}

test_a_role_that_is_not_defined_grants_nothing if {
	not may("publish", service("historian"), "sites/lyon/x") with data.services.historian.roles as ["root"]
}

command(actuator, retain) := {
	"action": "publish",
	"principal": service("dispatcher"),
	"mqtt": {"topic": sprintf("sites/lyon/actuators/%s/command", [actuator]), "retain": retain},
}

test_commands_are_not_retained if {
	messages.problems == {"a command must not be retained"} with input as command("valve-05", true)
	messages.problems == set() with input as command("valve-05", false)
}

test_only_publishing_is_forbidden_on_commands if {
	messages.problems == set() with input as command("valve-07", true) with input.action as "subscribe"
	messages.problems == set() with input as command("valve-07", true) with input.action as "call"
}

test_states_may_be_retained if {
	messages.problems == set() with input as {
		"action": "publish",
		"principal": lyon("actuator", "valve-05"),
		"mqtt": {"topic": "sites/lyon/actuators/valve-05/state", "retain": true},
	}
}

test_actuators_that_are_locked_out_get_no_commands if {
	messages.problems == {"actuator valve-07 at lyon is locked out for maintenance"} with input as command(
		"valve-07",
		false,
	)
}

test_malformed_messages if {
	every mqtt in [{}, {"topic": null}, {"topic": ""}, {"topic": 7}, {"topic": "a/#/b"}, [], "sites/lyon", null] {
		count(messages.problems) == 1 with input as {"action": "publish", "mqtt": mqtt}
		count(messages.problems) == 1 with input as {"action": "subscribe", "mqtt": mqtt}
		count(messages.grants) == 0 with input as {"action": "publish", "mqtt": mqtt}
	}
}

test_a_message_without_mqtt_is_malformed if {
	count(messages.problems) == 1 with input as {"action": "publish", "principal": service("dispatcher")}
}
