package fleet.access.test

import data.fleet.access

may(device, action, topic) if {
	access.allow with input as {"device": device, "action": action, "topic": topic}
}

test_a_gateway_publishes_for_its_site if {
	may("gateway-1", "publish", "sites/lyon/temp-01/telemetry")
	not may("gateway-1", "publish", "sites/turin/temp-01/telemetry")
	not may("gateway-1", "publish", "sites/lyon")
	not may("gateway-1", "subscribe", "sites/lyon/temp-01/telemetry")
}

test_the_recorder_reads_every_site if {
	may("recorder", "subscribe", "sites/turin/temp-01/telemetry")
	not may("recorder", "publish", "sites/turin/temp-01/telemetry")
}

test_a_topic_without_wildcards if {
	grants := {"valve": [{"action": "subscribe", "topic": "sites/lyon/commands"}]}
	may("valve", "subscribe", "sites/lyon/commands") with data.fleet.access.grants as grants
	not may("valve", "subscribe", "sites/turin/commands") with data.fleet.access.grants as grants
}

test_nobody_else if {
	not may("stranger", "publish", "sites/lyon/temp-01/telemetry")
}
