package m2m.patterns_test

import data.m2m.patterns

sensor := {"site": "lyon", "name": "temp-01", "model": "th-200"}

test_fill_replaces_each_placeholder if {
	patterns.fill("sites/<site>/sensors/<name>/<model>", sensor) == "sites/lyon/sensors/temp-01/th-200"
}

test_fill_replaces_a_placeholder_each_time if patterns.fill("<site>/<site>", sensor) == "lyon/lyon"

test_fill_is_undefined_where_the_principal_has_nothing if {
	not patterns.fill("sites/<site>/<name>", {"name": "historian"})
	not patterns.fill("sites/<owner>", sensor)
}

test_fill_leaves_other_text if patterns.fill("sites/+/#", sensor) == "sites/+/#"

test_topics if {
	every topic in ["sites", "sites/lyon", "a/b/c/d/e", "sites/lyon/alarms/gas-04"] {
		patterns.is_topic(topic)
	}
}

test_not_topics if {
	every topic in ["", "/", "/sites", "sites/", "sites//lyon", "sites/+", "sites/#", "$SYS/uptime", "a/b+", null, 7] {
		not patterns.is_topic(topic)
	}
}

test_filters if {
	every filter in ["sites/#", "+", "+/alarms", "sites/+/alarms/+", "sites/lyon", "+/#"] {
		patterns.is_filter(filter)
	}
}

test_not_filters if {
	every filter in ["", "#", "sites/#/alarms", "sites/a+", "sites/a#", "sites//#", "$SYS/#", "$share/g/sites/#", [], {}] {
		not patterns.is_filter(filter)
	}
}

test_a_topic_covers_itself if patterns.covers("sites/lyon/state", "sites/lyon/state")

test_a_topic_does_not_cover_its_neighbours if {
	every topic in ["sites/lyon", "sites/lyon/state/x", "sites/lyon/states", "sites/turin/state"] {
		not patterns.covers("sites/lyon/state", topic)
	}
}

test_plus_covers_one_level if {
	patterns.covers("sites/+/state", "sites/lyon/state")
	patterns.covers("sites/+/state", "sites/+/state")
	not patterns.covers("sites/+/state", "sites/lyon/x/state")
	not patterns.covers("sites/+/state", "sites/state")
}

test_plus_does_not_cover_hash if not patterns.covers("sites/+", "sites/#")

test_a_level_does_not_cover_plus if not patterns.covers("sites/lyon/state", "sites/+/state")

test_hash_covers_what_is_below if {
	every filter in ["sites/lyon/a", "sites/lyon/a/b/c", "sites/lyon/+", "sites/lyon/+/b", "sites/lyon/#", "sites/lyon/a/#"] {
		patterns.covers("sites/lyon/#", filter)
	}
}

test_hash_covers_its_parent if patterns.covers("sites/lyon/#", "sites/lyon")

test_hash_does_not_cover_what_is_beside_or_above if {
	every filter in ["sites", "sites/turin", "sites/#", "sites/+/a", "sites/+/#", "sites/lyons/a"] {
		not patterns.covers("sites/lyon/#", filter)
	}
}

test_plus_and_hash_together if {
	patterns.covers("sites/+/alarms/#", "sites/lyon/alarms/+")
	patterns.covers("sites/+/alarms/#", "sites/+/alarms")
	not patterns.covers("sites/+/alarms/#", "sites/lyon/#")
}

test_normal_paths if {
	every path in ["/v1", "/v1/devices/temp-01", "/v1/models/th-200/images/2.4.1", "/a.b/.well-known/~x", "/v1/..."] {
		patterns.is_normal_path(path)
	}
}

test_paths_in_disguise if {
	every path in [
		"", "/", "v1", "/v1/", "//v1", "/v1//devices", "/v1/../v2", "/..", "/v1/..", "/./v1", "/v1/.",
		"/v1/%2e%2e/v2", "/v1?x=1", "/v1#x", "/v1\\v2", "/v1/ö", "/v1/a b", "/v1\n", null, ["/v1"],
	] {
		not patterns.is_normal_path(path)
	}
}
