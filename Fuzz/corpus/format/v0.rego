package a

import future.keywords.in

default p = false
p { q[x]; x > 1 }
q[x] { x := input.xs[_] } { x = 3 }
r[k] = v { v := {"a": 1}[k]; k in ["a"] }
f(x) = y { y = x | {1} } else = 2 { not x }
