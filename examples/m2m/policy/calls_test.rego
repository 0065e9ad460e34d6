package m2m.calls_test

import data.m2m.calls

lyon(kind, name) := sprintf("spiffe://fleet.example/site/lyon/%s/%s", [kind, name])

service(name) := sprintf("spiffe://fleet.example/service/%s", [name])

may(principal, target, method, path) if {
	count(calls.grants) > 0 with input as {
		"action": "call",
		"principal": principal,
		"http": {"service": target, "method": method, "path": path},
	}
}

test_a_gateway_lists_its_own_site if {
	may(lyon("gateway", "gw-1"), "registry", "GET", "/v1/sites/lyon/devices")
	not may(lyon("gateway", "gw-1"), "registry", "GET", "/v1/sites/turin/devices")
	not may(lyon("gateway", "gw-1"), "registry", "GET", "/v1/sites/*/devices")
}

test_the_operator_lists_every_site if {
	may(service("console"), "registry", "GET", "/v1/sites/lyon/devices")
	may(service("console"), "registry", "GET", "/v1/sites/turin/devices")
}

test_one_star_is_one_segment if {
	may(service("ingest"), "registry", "GET", "/v1/devices/temp-01")
	not may(service("ingest"), "registry", "GET", "/v1/devices/temp-01/keys")
	not may(service("ingest"), "registry", "GET", "/v1/devices")
}

test_two_stars_are_any_number if {
	may(service("console"), "historian", "GET", "/v1/readings/lyon")
	may(service("console"), "historian", "GET", "/v1/readings/lyon/temp-01/celsius")
}

test_the_method_counts if {
	may(service("console"), "registry", "DELETE", "/v1/devices/lyon/temp-01")
	not may(service("console"), "registry", "POST", "/v1/devices/lyon/temp-01")
	not may(service("ingest"), "registry", "DELETE", "/v1/devices/temp-01")
	not may(service("console"), "registry", "delete", "/v1/devices/lyon/temp-01")
}

test_only_operators_and_alerting_send_commands if {
	every caller in [service("console"), service("alerting")] {
		may(caller, "dispatcher", "POST", "/v1/sites/lyon/actuators/valve-05/commands")
	}
	every caller in [service("ingest"), service("dispatcher"), lyon("gateway", "gw-1"), lyon("sensor", "gas-04")] {
		not may(caller, "dispatcher", "POST", "/v1/sites/lyon/actuators/valve-05/commands")
	}
}

test_devices_fetch_images_of_their_model if {
	may(lyon("sensor", "temp-01"), "firmware", "GET", "/v1/models/th-200/images/2.4.1")
	may(lyon("sensor", "temp-01"), "firmware", "HEAD", "/v1/models/th-200/images/2.4.1")
	not may(lyon("sensor", "temp-01"), "firmware", "GET", "/v1/models/gx-9/images/5.0.2")
	not may(service("ingest"), "firmware", "GET", "/v1/models/th-200/images/2.4.1")
}

test_alarms_come_from_the_site_itself if {
	may(lyon("sensor", "gas-04"), "alerting", "POST", "/v1/sites/lyon/alarms")
	may(lyon("gateway", "gw-2"), "alerting", "POST", "/v1/sites/lyon/alarms")
	not may(lyon("sensor", "gas-04"), "alerting", "POST", "/v1/sites/turin/alarms")
	not may(lyon("sensor", "temp-01"), "alerting", "POST", "/v1/sites/lyon/alarms")
}

test_readings_go_one_way if {
	may(service("ingest"), "historian", "POST", "/v1/readings")
	not may(service("ingest"), "historian", "GET", "/v1/readings/lyon")
	not may(lyon("gateway", "gw-1"), "historian", "POST", "/v1/readings")
}

test_a_service_without_routes_is_called_by_nobody if {
	not may(service("alerting"), "console", "GET", "/v1/anything")
}

test_the_service_that_is_called_decides if {
	routes := [{"methods": ["GET"], "path": "/v2/**", "roles": ["ingest"]}]
	may(service("ingest"), "console", "GET", "/v2/a/b") with data.services.console.routes as routes
	not may(service("ingest"), "console", "GET", "/v1/a/b") with data.services.console.routes as routes
}

test_malformed_calls if {
	every http in [
		{}, {"service": "registry"}, {"service": "registry", "method": "GET"},
		{"service": "nobody", "method": "GET", "path": "/v1/x"},
		{"service": "registry", "method": 1, "path": "/v1/devices/x"},
		{"service": "registry", "method": "GET", "path": "/v1/devices/"},
		{"service": "registry", "method": "GET", "path": "/v1/devices/../x"},
		{"service": ["registry"], "method": "GET", "path": "/v1/devices/x"}, null, [], "GET /",
	] {
		count(calls.problems) == 1 with input as {"action": "call", "principal": service("ingest"), "http": http}
		count(calls.grants) == 0 with input as {"action": "call", "principal": service("ingest"), "http": http}
	}
}

test_a_path_in_disguise_has_no_grants if {
	not may(lyon("gateway", "gw-1"), "registry", "GET", "/v1/sites/lyon/devices/")
	not may(service("console"), "historian", "GET", "/v1/readings/../secrets")
}

commanding(actuator) := {
	"action": "call",
	"principal": service("console"),
	"http": {
		"service": "dispatcher",
		"method": "POST",
		"path": sprintf("/v1/sites/lyon/actuators/%s/commands", [actuator]),
	},
}

test_actuators_that_are_locked_out_get_no_commands if {
	reason := "actuator valve-07 at lyon is locked out for maintenance"
	calls.problems == {reason} with input as commanding("valve-07")
	calls.problems == set() with input as commanding("valve-05")
}

test_a_lock_out_is_about_commands_only if {
	calls.problems == set() with input as commanding("valve-07") with input.http.method as "GET"
	calls.problems == set() with input as commanding("valve-07") with input.http.service as "registry"
}

test_only_calls_are_judged_here if {
	every action in ["publish", "subscribe", "", null] {
		calls.problems == set() with input as commanding("valve-07") with input.action as action
		calls.grants == set() with input as commanding("valve-05") with input.action as action
	}
	calls.problems == set() with input as {}
	calls.grants == set() with input as {}
}
