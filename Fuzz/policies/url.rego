# Texts: a URL or query, an address or network, another.
package fuzz

text := input.texts[0]

network := object.get(input.texts, 1, "")

other := object.get(input.texts, 2, "")

broken contains "encoded, it is another text" if {
	urlquery.decode(urlquery.encode(text)) != text
}

broken contains "parameters encoded are others" if {
	parameters := urlquery.decode_object(text)
	urlquery.decode_object(urlquery.encode_object(parameters)) != parameters
}

broken contains "is_valid and parse differ" if {
	uri.parse(text)
	not uri.is_valid(text)
	text != ""
}

broken contains "valid, but not parsed" if {
	uri.is_valid(text)
	not uri.parse(text)
}

broken contains "a network does not hold itself" if {
	net.cidr_is_valid(network)
	not net.cidr_contains(network, network)
}

broken contains "networks meet one way only" if {
	net.cidr_intersects(network, other) != net.cidr_intersects(other, network)
}

broken contains "what holds a network does not meet it" if {
	net.cidr_contains(network, other)
	contains(other, "/")
	not net.cidr_intersects(network, other)
}

broken contains "merged again, it is another set" if {
	merged := net.cidr_merge([network, other])
	net.cidr_merge(merged) != merged
}

broken contains "hosts lie outside" if {
	[_, size] := split(network, "/")
	to_number(size) > 24
	not contains(network, ":")
	some host in net.cidr_expand(network)
	not net.cidr_contains(network, host)
}

broken contains "versions are ordered one way only" if {
	semver.compare(network, other) != 0 - semver.compare(other, network)
}

broken contains "base64 of the text is another" if {
	base64.decode(base64.encode(text)) != text
}

broken contains "hexadecimal digits of the text are another" if {
	hex.decode(hex.encode(text)) != text
}

broken contains "base64url of the text is another" if {
	base64url.decode(base64url.encode_no_pad(text)) != text
}

# Read for their ends only.
broken contains "an answer that is none" if {
	some answer in [
		units.parse(text), units.parse_bytes(text), base64.decode(network), base64url.decode(network),
		hex.decode(network), uuid.parse(other), to_number(text),
	]
	is_null(answer)
}
