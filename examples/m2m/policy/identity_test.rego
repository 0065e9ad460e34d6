package m2m.identity_test

import data.m2m.identity

devices := {
	"spiffe://fleet.example/site/lyon/sensor/temp-01": {
		"model": "th-200", "firmware": "2.4.1", "roles": ["sensor"], "status": "active",
		"transport": "mqtt", "gateway": "gw-1",
	},
	"spiffe://fleet.example/site/lyon/sensor/temp-02": {
		"model": "th-200", "firmware": "2.1.0", "roles": ["sensor"], "status": "quarantined",
		"transport": "mqtt", "gateway": "gw-1",
	},
	"spiffe://fleet.example/site/lyon/actuator/valve-01": {
		"model": "vx-4", "firmware": "3.1.0", "roles": ["actuator"], "status": "locked-out",
		"transport": "mqtt", "gateway": "gw-1",
	},
}

temp_01 := {"principal": "spiffe://fleet.example/site/lyon/sensor/temp-01", "source": "10.14.3.1"}

temp_02 := {"principal": "spiffe://fleet.example/site/lyon/sensor/temp-02", "source": "10.14.3.2"}

historian := {"principal": "spiffe://fleet.example/service/historian", "source": "10.1.2.3"}

test_a_device_is_what_its_id_says if {
	found := identity.principal with input as temp_01 with data.devices as devices
	found.kind == "sensor"
	found.site == "lyon"
	found.name == "temp-01"
	found.roles == ["sensor"]
	found.networks == ["10.14.0.0/16", "172.20.14.0/24"]
}

test_a_service_has_no_site if {
	found := identity.principal with input as historian
	found.kind == "service"
	found.name == "historian"
	found.roles == ["archive"]
	not found.site
}

test_no_problems if {
	every question in [temp_01, historian] {
		identity.problems == set() with input as question with data.devices as devices
	}
}

test_an_actuator_that_is_locked_out_may_still_speak if {
	identity.problems == set() with data.devices as devices
		with input.principal as "spiffe://fleet.example/site/lyon/actuator/valve-01"
		with input.source as "10.14.9.1"
}

test_ids_that_are_not_ours if {
	every id in [
		"", "historian", "spiffe://fleet.example", "spiffe://fleet.example/", "spiffe://fleet.example/service/",
		"spiffe://other.example/service/historian", "spiffe://fleetxexample/service/historian",
		"http://fleet.example/service/historian", "spiffe://fleet.example/service/historian/x",
		"spiffe://fleet.example/service/HISTORIAN", "spiffe://fleet.example/site/lyon/robot/r-1",
		"spiffe://fleet.example/site/lyon/sensor", " spiffe://fleet.example/service/historian",
		"spiffe://fleet.example/service/historian\n", null, 7, ["spiffe://fleet.example/service/historian"], {},
	] {
		identity.problems["the principal is not a SPIFFE id of fleet.example"] with input.principal as id
			with input.source as "10.1.2.3"
	}
}

test_a_missing_id_is_a_problem if {
	identity.problems["the principal is not a SPIFFE id of fleet.example"] with input as {"source": "10.1.2.3"}
}

test_a_well_formed_id_is_not_enough if {
	id := "spiffe://fleet.example/site/lyon/sensor/temp-99"
	identity.problems == {"spiffe://fleet.example/site/lyon/sensor/temp-99 is not registered"} with input.principal as id
		with input.source as "10.14.3.1"
}

test_the_kind_is_part_of_the_identity if {
	id := "spiffe://fleet.example/site/lyon/gateway/temp-01"
	identity.problems[sprintf("%s is not registered", [id])] with input.principal as id with data.devices as devices
		with input.source as "10.14.3.1"
}

test_quarantined if {
	identity.problems == {"spiffe://fleet.example/site/lyon/sensor/temp-02 is quarantined"} with input as temp_02
		with data.devices as devices
}

test_what_is_neither_active_nor_locked_out_is_out if {
	id := "spiffe://fleet.example/site/lyon/sensor/temp-01"
	every device in [{"status": "stolen"}, {"status": null}, {"status": ["active"]}, {}] {
		count(identity.problems) == 1 with input as temp_01 with data.devices as {id: device}
	}
}

test_elsewhere if {
	reason := "spiffe://fleet.example/site/lyon/sensor/temp-01 may not speak from 10.15.3.1"
	identity.problems == {reason} with input as temp_01 with input.source as "10.15.3.1" with data.devices as devices
}

test_a_service_speaks_from_its_own_networks if {
	reason := "spiffe://fleet.example/service/historian may not speak from 10.1.0.3"
	identity.problems == {reason} with input as historian with input.source as "10.1.0.3"
}

test_without_networks_nobody_speaks if {
	every networks in [[], ["10.99.0.0/16"]] {
		count(identity.problems) == 1 with input as temp_01 with data.devices as devices
			with data.sites.lyon.networks as networks
	}
	count(identity.problems) == 1 with input as temp_01 with data.devices as devices with data.sites.lyon as {}
}

test_each_network_of_a_site_counts if {
	identity.problems == set() with input as temp_01 with input.source as "172.20.14.200" with data.devices as devices
}

test_sources_that_are_no_addresses if {
	every source in [
		"", "localhost", "10.14.3", "10.14.3.1.1", "10.14.3.256", "10.14.3.01", "10.14.3.1/16", "::1",
		"10.14.3.1 ", null, 168690433, ["10.14.3.1"],
	] {
		identity.problems == {"the source is not an IPv4 address"} with input as temp_01 with input.source as source
			with data.devices as devices
	}
}

test_firmware if {
	identity.firmware_revoked with input as temp_02 with data.devices as devices
	not identity.firmware_revoked with input as temp_01 with data.devices as devices
	not identity.firmware_revoked with input as historian
}
