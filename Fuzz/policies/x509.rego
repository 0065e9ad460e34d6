# DER: a certificate, a request or a key, in base64.
package fuzz

certificates := crypto.x509.parse_certificates(input.base64)

broken contains "another certificate in PEM" if {
	not contains(input.base64, "LS0t")
	pem := sprintf("-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", [input.base64])
	crypto.x509.parse_certificates(pem) != certificates
}

broken contains "another request in PEM" if {
	pem := sprintf("-----BEGIN CERTIFICATE REQUEST-----\n%s\n-----END CERTIFICATE REQUEST-----\n", [input.base64])
	crypto.x509.parse_certificate_request(pem) != crypto.x509.parse_certificate_request(input.base64)
}

broken contains "verified, but not read" if {
	[true, _] = crypto.x509.parse_and_verify_certificates(input.base64)
	not certificates
}

broken contains "a certificate that is none" if {
	some certificate in certificates
	not is_object(certificate)
}

# A key of each kind; read for their ends only.
broken contains "an answer that is none" if {
	some label in ["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "PUBLIC KEY"]
	pem := sprintf("-----BEGIN %s-----\n%s\n-----END %s-----\n", [label, input.base64, label])
	some answer in [
		crypto.parse_private_keys(pem), crypto.x509.parse_rsa_private_key(pem),
		crypto.x509.parse_keypair(pem, pem), io.jwt.verify_rs256("e30.e30.AAAA", pem),
	]
	is_null(answer)
}
