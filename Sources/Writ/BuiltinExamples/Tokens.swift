extension BuiltinExamples {
    /// Examples of tokens.
    static let tokens = #"""
        io.jwt.decode
          io.jwt.decode(data.example.token)
          => [{"alg": "HS256", "typ": "JWT"}, {"exp": 1750000000, "iss": "plant", "scope": "read", "sub": "gw-1"},
              "1f5dbba3c432850835d91976105dd41f54ff0b04afa47e9b7d6437caeef13f3d"]
          io.jwt.decode("gw-1")
          !! eval_builtin_error: io.jwt.decode: encoded JWT had no period separators
        io.jwt.decode_verify
          io.jwt.decode_verify(data.example.token, {"secret": "s3cr3t", "iss": "plant", "time": 1700000000000000000})
          => [true, {"alg": "HS256", "typ": "JWT"}, {"exp": 1750000000, "iss": "plant", "scope": "read", "sub": "gw-1"}]
          io.jwt.decode_verify(data.example.token, {"secret": "s3cr3t", "iss": "plant", "time": 1800000000000000000})
          => [false, {}, {}]
          io.jwt.decode_verify(data.example.token, {"iss": "plant"})
          !! eval_builtin_error: io.jwt.decode_verify: no key constraint
        io.jwt.encode_sign
          io.jwt.encode_sign({"alg": "HS256"}, {"sub": "gw-1"}, {"kty": "oct", "k": "czNjcjN0"})
          => "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJndy0xIn0.03q3ng7NcluIeDvSg-qASlN8yzuzY5E0ku70vPrZ6CE"
          io.jwt.encode_sign({"alg": "none"}, {"sub": "gw-1"}, {"kty": "oct", "k": "czNjcjN0"})
          !! eval_builtin_error: io.jwt.encode_sign: unknown JWS algorithm: none
        io.jwt.encode_sign_raw
          io.jwt.encode_sign_raw(`{"alg":"HS256"}`, `{"sub":"gw-1"}`, `{"kty":"oct","k":"czNjcjN0"}`)
          => "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJndy0xIn0.03q3ng7NcluIeDvSg-qASlN8yzuzY5E0ku70vPrZ6CE"
          io.jwt.encode_sign_raw(`{"alg":"HS256"}`, `{"sub":`, `{"kty":"oct","k":"czNjcjN0"}`)
          !! eval_builtin_error: io.jwt.encode_sign_raw: type is JWT but payload is not JSON
        io.jwt.verify_eddsa
          io.jwt.verify_eddsa(
            io.jwt.encode_sign({"alg": "EdDSA"}, {"sub": "gw-1"}, data.example.ed25519),
            json.marshal({"keys": [object.remove(data.example.ed25519, ["d"])]}),
          )
          => true
          io.jwt.verify_eddsa(data.example.token, "gw-1")
          !! eval_builtin_error: io.jwt.verify_eddsa: failed to parse a JWK key (set): jwk.ParseString: ...
        io.jwt.verify_es256
          io.jwt.verify_es256(
            io.jwt.encode_sign({"alg": "ES256"}, {"sub": "gw-1"}, data.example.es256),
            json.marshal({"keys": [object.remove(data.example.es256, ["d"])]}),
          )
          => true
          io.jwt.verify_es256(data.example.token, "gw-1")
          !! eval_builtin_error: io.jwt.verify_es256: failed to parse a JWK key (set): jwk.ParseString: ...
        io.jwt.verify_es384
          io.jwt.verify_es384(
            io.jwt.encode_sign({"alg": "ES384"}, {"sub": "gw-1"}, data.example.es384),
            json.marshal({"keys": [object.remove(data.example.es384, ["d"])]}),
          )
          => true
          io.jwt.verify_es384(data.example.token, "gw-1")
          !! eval_builtin_error: io.jwt.verify_es384: failed to parse a JWK key (set): jwk.ParseString: ...
        io.jwt.verify_es512
          io.jwt.verify_es512(
            io.jwt.encode_sign({"alg": "ES512"}, {"sub": "gw-1"}, data.example.es512),
            json.marshal({"keys": [object.remove(data.example.es512, ["d"])]}),
          )
          => true
          io.jwt.verify_es512(data.example.token, "gw-1")
          !! eval_builtin_error: io.jwt.verify_es512: failed to parse a JWK key (set): jwk.ParseString: ...
        io.jwt.verify_hs256
          io.jwt.verify_hs256(
            io.jwt.encode_sign({"alg": "HS256"}, {"sub": "gw-1"}, {"kty": "oct", "k": "czNjcjN0"}),
            "s3cr3t",
          )
          => true
          io.jwt.verify_hs256("gw-1", "s3cr3t")
          !! eval_builtin_error: io.jwt.verify_hs256: encoded JWT had no period separators
        io.jwt.verify_hs384
          io.jwt.verify_hs384(
            io.jwt.encode_sign({"alg": "HS384"}, {"sub": "gw-1"}, {"kty": "oct", "k": "czNjcjN0"}),
            "s3cr3t",
          )
          => true
          io.jwt.verify_hs384("gw-1", "s3cr3t")
          !! eval_builtin_error: io.jwt.verify_hs384: encoded JWT had no period separators
        io.jwt.verify_hs512
          io.jwt.verify_hs512(
            io.jwt.encode_sign({"alg": "HS512"}, {"sub": "gw-1"}, {"kty": "oct", "k": "czNjcjN0"}),
            "s3cr3t",
          )
          => true
          io.jwt.verify_hs512("gw-1", "s3cr3t")
          !! eval_builtin_error: io.jwt.verify_hs512: encoded JWT had no period separators
        io.jwt.verify_ps256
          io.jwt.verify_ps256(
            io.jwt.encode_sign(
              {"alg": "PS256"}, {"sub": "gw-1"}, crypto.x509.parse_rsa_private_key(data.example.rsa_key),
            ),
            data.example.rsa_public,
          )
          => true
          io.jwt.verify_ps256(data.example.token, data.example.rsa_public)
          => false
          io.jwt.verify_ps256(data.example.token, "gw-1")
          !! eval_builtin_error: io.jwt.verify_ps256: failed to parse a JWK key (set): jwk.ParseString: ...
        io.jwt.verify_ps384
          io.jwt.verify_ps384(
            io.jwt.encode_sign(
              {"alg": "PS384"}, {"sub": "gw-1"}, crypto.x509.parse_rsa_private_key(data.example.rsa_key),
            ),
            data.example.rsa_public,
          )
          => true
          io.jwt.verify_ps384(data.example.token, data.example.rsa_public)
          => false
          io.jwt.verify_ps384(data.example.token, "gw-1")
          !! eval_builtin_error: io.jwt.verify_ps384: failed to parse a JWK key (set): jwk.ParseString: ...
        io.jwt.verify_ps512
          io.jwt.verify_ps512(
            io.jwt.encode_sign(
              {"alg": "PS512"}, {"sub": "gw-1"}, crypto.x509.parse_rsa_private_key(data.example.rsa_key),
            ),
            data.example.rsa_public,
          )
          => true
          io.jwt.verify_ps512(data.example.token, data.example.rsa_public)
          => false
          io.jwt.verify_ps512(data.example.token, "gw-1")
          !! eval_builtin_error: io.jwt.verify_ps512: failed to parse a JWK key (set): jwk.ParseString: ...
        io.jwt.verify_rs256
          io.jwt.verify_rs256(
            io.jwt.encode_sign(
              {"alg": "RS256"}, {"sub": "gw-1"}, crypto.x509.parse_rsa_private_key(data.example.rsa_key),
            ),
            data.example.rsa_public,
          )
          => true
          io.jwt.verify_rs256(data.example.token, data.example.rsa_public)
          => false
          io.jwt.verify_rs256(data.example.token, "gw-1")
          !! eval_builtin_error: io.jwt.verify_rs256: failed to parse a JWK key (set): jwk.ParseString: ...
        io.jwt.verify_rs384
          io.jwt.verify_rs384(
            io.jwt.encode_sign(
              {"alg": "RS384"}, {"sub": "gw-1"}, crypto.x509.parse_rsa_private_key(data.example.rsa_key),
            ),
            data.example.rsa_public,
          )
          => true
          io.jwt.verify_rs384(data.example.token, data.example.rsa_public)
          => false
          io.jwt.verify_rs384(data.example.token, "gw-1")
          !! eval_builtin_error: io.jwt.verify_rs384: failed to parse a JWK key (set): jwk.ParseString: ...
        io.jwt.verify_rs512
          io.jwt.verify_rs512(
            io.jwt.encode_sign(
              {"alg": "RS512"}, {"sub": "gw-1"}, crypto.x509.parse_rsa_private_key(data.example.rsa_key),
            ),
            data.example.rsa_public,
          )
          => true
          io.jwt.verify_rs512(data.example.token, data.example.rsa_public)
          => false
          io.jwt.verify_rs512(data.example.token, "gw-1")
          !! eval_builtin_error: io.jwt.verify_rs512: failed to parse a JWK key (set): jwk.ParseString: ...
        """#
}
