package edge_test

import rego.v1

import data.edge

test_readers_read if {
	edge.allow with input as {"method": "GET", "path": ["api", "cars"], "headers": {"authorization": "Bearer s3cret-reader"}}
}

test_readers_do_not_write if {
	not edge.allow with input as {"method": "PUT", "path": ["api", "cars"], "headers": {"authorization": "Bearer s3cret-reader"}}
}

test_strangers_see_what_is_public if {
	edge.allow with input as {"method": "GET", "path": ["public"], "headers": {}}
	not edge.allow with input as {"method": "GET", "path": ["api"], "headers": {}}
}
