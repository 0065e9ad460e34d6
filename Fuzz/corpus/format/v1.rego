# METADATA
# title: example
package a.b["c"]

import rego.v1
import data.x.y as z

default allow := false

allow if {
	some i, role in input.roles
	not role == "x"
	count({r | r := input.roles[_]}) >= 2 * i - 1
	every k, v in input.at { v > 0 }
}

else := `raw` if input.n == 3

p contains x if some x in [1, 2.5, "s\u00e9", null]

q[k] := v if v := {"a": {1, 2}, "b": [x | x := 1]}[k]

f(x, [y, _]) := x + y

g if f(1, [2, 3]) == 3 with input as {} with data.x as 1

h := v if walk(input, [["a"], v])
