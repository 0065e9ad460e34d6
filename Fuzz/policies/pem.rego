# Texts: PEM blocks, or a JSON web key.
package fuzz

text := input.texts[0]

certificates := crypto.x509.parse_certificates(text)

verified := crypto.x509.parse_and_verify_certificates_with_options(text, {"DNSName": "a.device.example"})

broken contains "verified, but not read" if {
	verified[0]
	not certificates
}

broken contains "a certificate that is no object" if {
	some certificate in certificates
	not is_object(certificate)
}

broken contains "a request that is no object" if {
	request := crypto.x509.parse_certificate_request(text)
	not is_object(request)
}

broken contains "a pair that is no object" if {
	pair := crypto.x509.parse_keypair(text, text)
	not is_object(pair)
}

broken contains "a key that is no object" if {
	key := crypto.x509.parse_rsa_private_key(text)
	not is_object(key)
	not is_null(key)
}

broken contains "keys that are no array" if {
	keys := crypto.parse_private_keys(text)
	not is_array(keys)
	not is_null(keys)
}

broken contains "an empty token is good" if {
	some good in [io.jwt.verify_rs256("e30.e30.AAAA", text), io.jwt.verify_es256("e30.e30.AAAA", text)]
	good
}

broken contains "signed, but not read" if {
	some header in [`{"alg":"ES256"}`, `{"alg":"HS256"}`, `{"alg":"EdDSA"}`]
	token := io.jwt.encode_sign_raw(header, "{}", text)
	not io.jwt.decode(token)
}
