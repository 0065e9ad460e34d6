package a
default allow := false
allow if { some r in input.roles; r == "admin"; input.user != "bob" }
names contains n if { walk(input, [p, v]); n := concat("/", [sprintf("%v", [k]) | some k in p]); is_number(v) }
by[k] := v if some k, v in input.at
f(x) := x * 2 if x > 1
else := 7 / x
t := [f(x) | some x in numbers.range(0, 3)]
m if regex.match(`^a.+e$`, input.user) with input.user as "axe"
e if every x in input.at.x { type_name(x) != "set" }
s := sum({1, 2, input.n}) % 4
