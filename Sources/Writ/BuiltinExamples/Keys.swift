extension BuiltinExamples {
    /// Examples of digests, keys and certificates.
    static let keys = #"""
        crypto.hmac.equal
          crypto.hmac.equal(crypto.hmac.sha256("temp=21.5", "s3cr3t"), input.mac) with input.mac as "00ff"
          => false
          crypto.hmac.equal(input.mac, "00ff") with input.mac as 7
          !! eval_type_error: crypto.hmac.equal: operand 1 must be string but got number
        crypto.hmac.md5
          crypto.hmac.md5("temp=21.5", "s3cr3t")
          => "219ab19e008dc52146271c9c9120d691"
          crypto.hmac.md5(input.body, "s3cr3t") with input.body as 7
          !! eval_type_error: crypto.hmac.md5: operand 1 must be string but got number
        crypto.hmac.sha1
          crypto.hmac.sha1("temp=21.5", "s3cr3t")
          => "056ff88b8fcefe3cf07412b85d4775778988fc4a"
          crypto.hmac.sha1(input.body, "s3cr3t") with input.body as 7
          !! eval_type_error: crypto.hmac.sha1: operand 1 must be string but got number
        crypto.hmac.sha256
          crypto.hmac.sha256("temp=21.5", "s3cr3t")
          => "1f9bf68d43a73bab02eff785da9e64b670f88c799fe3bafa5962ad8f838ee93d"
          crypto.hmac.sha256(input.body, "s3cr3t") with input.body as 7
          !! eval_type_error: crypto.hmac.sha256: operand 1 must be string but got number
        crypto.hmac.sha512
          substring(crypto.hmac.sha512("temp=21.5", "s3cr3t"), 0, 32)
          => "9473fc42eda8517bfb5ab430be862ee1"
          crypto.hmac.sha512(input.body, "s3cr3t") with input.body as 7
          !! eval_type_error: crypto.hmac.sha512: operand 1 must be string but got number
        crypto.md5
          crypto.md5("gw-1")
          => "44215210930e221110613f3e3fca1029"
          crypto.md5(input.id) with input.id as 7
          !! eval_type_error: crypto.md5: operand 1 must be string but got number
        crypto.parse_private_keys
          [object.keys(key) | some key in crypto.parse_private_keys(data.example.device_key)]
          => [{"Curve", "D", "X", "Y"}]
          crypto.parse_private_keys("gw-1")
          => []
        crypto.sha1
          crypto.sha1("gw-1")
          => "3eb61107c6bc6af45be9c2b4b685f2e6247ed3b1"
          crypto.sha1(input.id) with input.id as 7
          !! eval_type_error: crypto.sha1: operand 1 must be string but got number
        crypto.sha256
          crypto.sha256("gw-1")
          => "f5135b2765fda46992f81bd08c88b716cca610048ecdc10b7eaec3a966509677"
          crypto.sha256(input.id) with input.id as 7
          !! eval_type_error: crypto.sha256: operand 1 must be string but got number
        crypto.x509.parse_and_verify_certificates
          crypto.x509.parse_and_verify_certificates(concat("", [data.example.ca, data.example.device]))[0]
          => true
          crypto.x509.parse_and_verify_certificates(data.example.device)
          => [false, []]
          crypto.x509.parse_and_verify_certificates(input.chain) with input.chain as 7
          !! eval_type_error: crypto.x509.parse_and_verify_certificates: operand 1 must be string but got number
        crypto.x509.parse_and_verify_certificates_with_options
          crypto.x509.parse_and_verify_certificates_with_options(
            concat("", [data.example.ca, data.example.device]),
            {"DNSName": "gw-1.plant.example", "KeyUsages": ["KeyUsageClientAuth"]},
          )[0]
          => true
          crypto.x509.parse_and_verify_certificates_with_options(
            concat("", [data.example.ca, data.example.device]),
            {"DNSName": "gw-2.plant.example", "KeyUsages": ["KeyUsageClientAuth"]},
          )
          => [false, []]
          crypto.x509.parse_and_verify_certificates_with_options(data.example.device, {"Hostname": "gw-1"})
          !! eval_builtin_error: crypto.x509.parse_and_verify_certificates_with_options: invalid key option
        crypto.x509.parse_certificate_request
          crypto.x509.parse_certificate_request(data.example.request).Subject.CommonName
          => "gw-2"
          crypto.x509.parse_certificate_request("gw-1")
          !! eval_builtin_error: crypto.x509.parse_certificate_request: illegal base64 data at input byte 2
        crypto.x509.parse_certificates
          crypto.x509.parse_certificates(data.example.device)[0].Subject.CommonName
          => "gw-1"
          crypto.x509.parse_certificates(data.example.device)[0].URIStrings
          => ["urn:dev:gw-1"]
          crypto.x509.parse_certificates("gw-1")
          !! eval_builtin_error: crypto.x509.parse_certificates: illegal base64 data at input byte 2
        crypto.x509.parse_keypair
          count(crypto.x509.parse_keypair(data.example.device, data.example.device_key).Certificate)
          => 1
          crypto.x509.parse_keypair(data.example.ca, data.example.device_key)
          !! eval_builtin_error: crypto.x509.parse_keypair: tls: private key does not match public key
        crypto.x509.parse_rsa_private_key
          object.keys(crypto.x509.parse_rsa_private_key(data.example.rsa_key))
          => {"d", "dp", "dq", "e", "kty", "n", "p", "q", "qi"}
          crypto.x509.parse_rsa_private_key("gw-1")
          !! eval_builtin_error: crypto.x509.parse_rsa_private_key: illegal base64 data at input byte 2
        """#
}
