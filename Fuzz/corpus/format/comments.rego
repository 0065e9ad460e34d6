package a.b # one
# two
import data.x # three

p contains x if { # four
	# five
	x := [1, # six
		2, f(3, {"k": # seven
			4})] with input.y as 5 # eight
	# nine
} # ten

q := {k: v | # eleven
	some k, v in input
} else := 1 if not { a; b }
# twelve
