package a.b
c.d[x].e := y if { some x, y in input.at.x }
c.f := data.a.b.c.d[0].e
g := object.union(data.a.b.c, {"z": {1, 2} | {3} & {3}})
h := json.marshal(g)
i := split(lower(upper(input.user)), "l")
j := {k: v | some k; v := input[k]}
k := x if { [x, "b"] = ["a", y]; y == "b" }
l := [x | x := input.at.x[_]; not x == null]
m := glob.match("al*", [], input.user)
