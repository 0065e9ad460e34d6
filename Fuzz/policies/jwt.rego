# Texts: a token or a header, a key, a payload.
package fuzz

text := input.texts[0]

key := object.get(input.texts, 1, "")

payload := object.get(input.texts, 2, "")

decoded := io.jwt.decode(text)

verdicts contains io.jwt.verify_hs256(text, key)

verdicts contains io.jwt.verify_hs384(text, key)

verdicts contains io.jwt.verify_rs256(text, key)

verdicts contains io.jwt.verify_ps384(text, key)

verdicts contains io.jwt.verify_es256(text, key)

verdicts contains io.jwt.verify_es512(text, key)

verdicts contains io.jwt.verify_eddsa(text, key)

broken contains "a verdict that is none" if {
	some verdict in verdicts
	not is_boolean(verdict)
}

checked contains io.jwt.decode_verify(text, {"cert": key, "time": 1})

checked contains io.jwt.decode_verify(text, {"secret": key, "time": 1})

broken contains "verified, but decoded as something else" if {
	some [true, header, claims] in checked
	not object.get(header, "cty", "") == "JWT"
	not decoded_as(header, claims)
	not nested(header)
}

decoded_as(header, claims) if [header, claims, _] = decoded

nested(header) if lower(header.cty) == "jwt"

broken contains "a token without algorithm is good" if {
	some [true, header, _] in checked
	lower(header.alg) == "none"
}

signed := io.jwt.encode_sign_raw(text, payload, key)

broken contains "signed, but not read" if {
	signed
	is_object(json.unmarshal(payload))
	not io.jwt.decode(signed)
	not json.unmarshal(text).enc
}

broken contains "signed with a key that does not verify" if {
	json.unmarshal(key).kty == "oct"
	is_object(json.unmarshal(payload))
	json.unmarshal(text).alg == "HS256"
	not json.unmarshal(text).enc
	not io.jwt.verify_hs256(signed, base64url.decode(json.unmarshal(key).k))
	base64url.decode(json.unmarshal(key).k)
}
