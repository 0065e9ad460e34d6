# Texts: a layout, a time, a zone.
package fuzz

layout := input.texts[0]

value := object.get(input.texts, 1, "")

zone := object.get(input.texts, 2, "UTC")

moments contains time.parse_ns(layout, value)

moments contains time.parse_rfc3339_ns(value)

moments contains time.parse_duration_ns(value)

moments contains to_number(value)

nanoseconds := "2006-01-02T15:04:05.999999999Z07:00"

broken contains "printed, it is not read" if {
	some moment in moments
	text := time.format([moment, "UTC", nanoseconds])
	not time.parse_rfc3339_ns(text) == moment
	not time.parse_rfc3339_ns(text) == floor(moment)
}

broken contains "printed in a zone, it is another moment" if {
	some moment in moments
	time.parse_ns(nanoseconds, time.format([moment, zone, nanoseconds])) != moment
	# A zone's offset may have seconds, which the layout leaves out.
	time.clock([moment, zone])[2] == time.clock(moment)[2]
}

broken contains "a clock beyond its hours" if {
	some moment in moments
	[hour, minute, second] := time.clock([moment, zone])
	not in_hours(hour, minute, second)
}

in_hours(hour, minute, second) if {
	hour in numbers.range(0, 23)
	minute in numbers.range(0, 59)
	second in numbers.range(0, 59)
}

broken contains "a difference depends on its order" if {
	some one in moments
	some two in moments
	time.diff(one, two) != time.diff(two, one)
}

broken contains "a day that is none" if {
	some moment in moments
	[year, month, day] := time.date([moment, zone])
	not regex.match("^[1-9][0-9]*$", sprintf("%d", [day]))
}

# Printed in a layout of any kind, for its end only.
broken contains "an answer that is none" if {
	some moment in moments
	some answer in [time.format([moment, zone, layout]), time.weekday([moment, zone]), time.add_date(moment, 1, 2, 3)]
	is_null(answer)
}
