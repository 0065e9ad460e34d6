"""Random questions about tokens, keys and certificates: calls with their operands. Keys are new in every run."""

import base64
import datetime
import hashlib
import hmac
import ipaddress
import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization as S
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.x509.oid import AttributeOID, ExtendedKeyUsageOID, NameOID

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
VERIFIERS = [f + h for f in ("rs", "ps", "es") for h in HASHES] + ["eddsa"]


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size=None):
    return b64(value.to_bytes(size or max(1, (value.bit_length() + 7) // 8), "big"))


class Keys:
    """A few keys of every kind, in every form that policies write them."""

    def __init__(self):
        self.all = [rsa.generate_private_key(65537, 2048), rsa.generate_private_key(3, 1024)]
        self.all += [ec.generate_private_key(c()) for c in (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)]
        self.all += [ed25519.Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())]
        # Read but never used to verify: the cryptographic library of Writ does not have this curve.
        self.unknown = ec.generate_private_key(ec.SECP224R1())

    @staticmethod
    def pem(key):
        return key.public_key().public_bytes(S.Encoding.PEM, S.PublicFormat.SubjectPublicKeyInfo).decode()

    @staticmethod
    def jwk(key, private=False):
        if isinstance(key, rsa.RSAPrivateKey):
            n = key.private_numbers()
            out = {"kty": "RSA", "n": number(n.public_numbers.n), "e": number(n.public_numbers.e)}
            if private:
                out.update(d=number(n.d), p=number(n.p), q=number(n.q))
                out.update(dp=number(n.dmp1), dq=number(n.dmq1), qi=number(n.iqmp))
        elif isinstance(key, ec.EllipticCurvePrivateKey):
            n = key.private_numbers()
            size = (key.curve.key_size + 7) // 8
            out = {"kty": "EC", "crv": f"P-{key.curve.key_size}"}
            out.update(x=number(n.public_numbers.x, size), y=number(n.public_numbers.y, size))
            if private:
                out["d"] = number(n.private_value, size)
        else:
            raw = key.public_key().public_bytes(S.Encoding.Raw, S.PublicFormat.Raw)
            out = {"kty": "OKP", "crv": "Ed25519", "x": b64(raw)}
            if private:
                out["d"] = b64(key.private_bytes(S.Encoding.Raw, S.PrivateFormat.Raw, S.NoEncryption()))
        return out


def fits(key, algorithm):
    kind = {"RS": rsa.RSAPrivateKey, "PS": rsa.RSAPrivateKey, "ES": ec.EllipticCurvePrivateKey}
    return isinstance(key, kind.get(algorithm[:2], ed25519.Ed25519PrivateKey))


def signature(key, algorithm, text, salt=None):
    digest = HASHES.get(algorithm[2:])
    if algorithm[:2] == "RS":
        return key.sign(text, padding.PKCS1v15(), digest)
    if algorithm[:2] == "PS":
        return key.sign(text, padding.PSS(padding.MGF1(digest), digest.digest_size if salt is None else salt), digest)
    if algorithm[:2] == "ES":
        r, s = utils.decode_dss_signature(key.sign(text, ec.ECDSA(digest)))
        size = (key.curve.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    return key.sign(text)


class Questions:
    def __init__(self, rng):
        self.rng = rng
        self.keys = Keys()

    def of(self, family):
        if family == "tokens":
            kinds = [self.verify, self.verify, self.secret, self.decode, self.decode_verify, self.decode_verify, self.sign]
        else:
            kinds = [self.certificate, self.certificate, self.chain, self.chain, self.request, self.private_key, self.pair]
            kinds += [self.aws]
        return self.rng.choice(kinds)()

    # Tokens

    def claims(self):
        rng = self.rng
        out = {}
        for name, values in {
            "iss": ["a", "b", ""], "aud": ["a", "b", ["a"], ["b", 1], [], 7, ""], "sub": ["x", 1.50, None, {"a": []}],
            "exp": [10, 10.5, 11, 9, 1e3, "x", 10.0, -1], "nbf": [10, 9, 10.25, 11, "x", None],
        }.items():
            if rng.random() < 0.3:
                out[name] = rng.choice(values)
        return out

    def header(self, algorithm):
        rng = self.rng
        out = {"alg": algorithm}
        for name, values in {
            "typ": ["JWT", "x", 7], "kid": ["a", "b", "", 7], "cty": ["JWT", "jwt", "x"],
            "crit": [["exp"], ["b64"], [], "x", [1]], "b64": [False], "jwk": [{"kty": "oct", "k": "AAAA"}],
            "enc": ["x"],
        }.items():
            if rng.random() < 0.07:
                out[name] = rng.choice(values)
        if rng.random() < 0.05:
            out["alg"] = rng.choice(["none", "HS256", "RS256", "ES256", "EdDSA", "", 7, "Ed25519", "hs256"])
        return out

    def text(self, value):
        text = json.dumps(value)
        if self.rng.random() < 0.05:
            text = self.rng.choice([text[:-1], "[" + text + "]", "", " " + text + "\n", text + "x", '{"a":1,"a":2}'])
        return text.encode()

    def token(self, sign, algorithm):
        header, payload = self.text(self.header(algorithm)), self.text(self.claims())
        if self.rng.random() < 0.1:
            header = json.dumps({"alg": algorithm, "cty": "JWT"}).encode()
            inner = b64(json.dumps({"alg": algorithm}).encode()) + "." + b64(b"{}")
            payload = (inner + "." + b64(sign(inner.encode()))).encode()
        text = b64(header) + "." + b64(payload)
        return self.damaged(text + "." + b64(sign(text.encode())))

    def damaged(self, text):
        rng = self.rng
        if rng.random() > 0.25:
            return text
        index = rng.randrange(len(text) + 1)
        return rng.choice([
            text[:index], text[index:], text[:index] + rng.choice("AZ09-_=+/.\n ") + text[index:],
            text[:index] + rng.choice("AZ09-_=+/.") + text[index + 1:], text + "=", text + ".", text.replace(".", "", 1)])

    def any_signed(self):
        rng = self.rng
        algorithm = rng.choice([f + h for f in ("RS", "PS", "ES") for h in HASHES] + ["EdDSA"])
        usable = [k for k in self.keys.all if fits(k, algorithm)]
        key = rng.choice(usable)
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size < 2048 and algorithm == "PS512":
            key = usable[0]
        # `io.jwt.verify_ps*` takes salts of any length, `io.jwt.decode_verify` none but the hash's.
        salt = rng.choice([None, None, None, 0, 1, 20, 32, 60, padding.PSS.MAX_LENGTH])
        return algorithm, key, self.token(lambda text: signature(key, algorithm, text, salt), algorithm)

    def key_text(self, key):
        rng = self.rng
        if rng.random() < 0.15:
            key = rng.choice(self.keys.all)
        if rng.random() < 0.4:
            return self.damaged_pem(Keys.pem(key))
        def web():
            out = Keys.jwk(key if rng.random() < 0.8 else self.keys.all[0], rng.random() < 0.1)
            for name, values in {
                "kid": ["a", "b", 7], "alg": ["RS256", "ES256", "EdDSA", "none", "Foo", 7, "RSA-OAEP", "PS512"],
                "use": ["sig", 7], "key_ops": [["verify"], [7], "x"], "kty": ["RSA", "EC", "oct", "x", 7], "extra": [1],
            }.items():
                if rng.random() < 0.08:
                    out[name] = rng.choice(values)
            for name in list(out):
                if rng.random() < 0.02:
                    out[name] = rng.choice(["", "AA", "!", out[name] * 2 if isinstance(out[name], str) else 1, 7, None])
                elif rng.random() < 0.01:
                    del out[name]
            return out
        if rng.random() < 0.4:
            return json.dumps({"keys": [web() for _ in range(rng.randrange(4))]})
        return self.damaged(json.dumps(web())) if rng.random() < 0.1 else json.dumps(web())

    def damaged_pem(self, text):
        rng = self.rng
        if rng.random() > 0.2:
            return text
        lines = text.split("\n")
        index = rng.randrange(len(lines))
        return rng.choice([
            text.replace("\n", "\r\n"), "x\n" + text, text + "x", text + "\n", " " + text, text.rstrip(),
            "\n".join(lines[:index] + lines[index + 1:]), "\n".join(lines[:index] + ["Name: value"] + lines[index:]),
            text.replace("PUBLIC", "OTHER"), text.replace("-----END", "----END"), text + text, self.damaged(text)])

    def verify(self):
        algorithm, key, token = self.any_signed()
        name = algorithm.lower() if self.rng.random() < 0.8 else self.rng.choice(VERIFIERS)
        return f"io.jwt.verify_{name}(input[0], input[1])", [token, self.key_text(key)]

    def shared(self):
        rng = self.rng
        secret = rng.choice(["s", "secret", "x" * 200, "\u00e4"])
        size = rng.choice(list(HASHES))
        def sign(text):
            return hmac.new(secret.encode(), text, "sha" + size).digest()
        return "HS" + size, secret, self.token(sign, "HS" + size)

    def secret(self):
        algorithm, secret, token = self.shared()
        rng = self.rng
        name = algorithm.lower() if rng.random() < 0.8 else rng.choice(["hs256", "hs384", "hs512"])
        return f"io.jwt.verify_{name}(input[0], input[1])", [token, secret if rng.random() < 0.8 else "other"]

    def decode(self):
        return "io.jwt.decode(input[0])", [self.shared()[2]]

    def decode_verify(self):
        rng = self.rng
        if rng.random() < 0.5:
            algorithm, secret, token = self.shared()
            wanted = {"secret": secret}
        else:
            algorithm, key, token = self.any_signed()
            wanted = {"cert": self.key_text(key)}
        wanted["time"] = rng.choice([10_000_000_000, 9_999_999_999, 10.5e9, 0, 1, -1, "x", 1e18, 10_250_000_000])
        for name, values in {
            "alg": [algorithm, algorithm, "HS256", "", 7], "iss": ["a", "b", ""], "aud": ["a", "b", ""], "x": [1],
            "secret": ["s", ""],
        }.items():
            if rng.random() < 0.12:
                wanted[name] = rng.choice(values)
        return "io.jwt.decode_verify(input[0], input[1])", [token, wanted]

    def sign(self):
        rng = self.rng
        algorithm = rng.choice(["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "EdDSA", "ES256", "PS256"])
        if algorithm[:2] == "HS":
            web = {"kty": "oct", "k": b64(b"secret" * rng.randrange(4))}
            key = None
        else:
            key = rng.choice([k for k in self.keys.all if fits(k, algorithm)][:4])
            web = Keys.jwk(key, rng.random() < 0.95)
        if rng.random() < 0.1:
            web = Keys.jwk(rng.choice(self.keys.all[:5]), True)
            key = None
        header = self.header(algorithm)
        if rng.random() < 0.5:
            call, operands = "io.jwt.encode_sign(input[0], input[1], input[2])", [header, self.claims(), web]
        else:
            operands = [self.text(header).decode(), self.text(self.claims()).decode(), json.dumps(web)]
            call = "io.jwt.encode_sign_raw(input[0], input[1], input[2])"
        if algorithm[:2] in ("ES", "PS"):
            # The signature is random: it is verified instead.
            operands.append(Keys.pem(key) if key else Keys.pem(self.keys.all[2]))
            call = f"io.jwt.verify_{algorithm.lower()}({call}, input[3])"
        return call, operands

    # Certificates

    def name(self):
        rng = self.rng
        pairs = [
            (NameOID.COMMON_NAME, "cn \u00e4"), (NameOID.COUNTRY_NAME, "DE"), (NameOID.ORGANIZATION_NAME, "o"),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, "u1"), (NameOID.ORGANIZATIONAL_UNIT_NAME, "u2"),
            (NameOID.LOCALITY_NAME, "l"), (NameOID.STATE_OR_PROVINCE_NAME, "s"), (NameOID.STREET_ADDRESS, "st"),
            (NameOID.POSTAL_CODE, "1"), (NameOID.SERIAL_NUMBER, "n"), (NameOID.EMAIL_ADDRESS, "a@b.c"),
            (NameOID.DOMAIN_COMPONENT, "dc"),
        ]
        return x509.Name([x509.NameAttribute(*p) for p in rng.sample(pairs, rng.randrange(4))])

    def alternative_names(self):
        rng = self.rng
        names = [
            x509.DNSName("a.example"), x509.DNSName("*.example"), x509.DNSName("b.bad.example"),
            x509.RFC822Name("x@a.example"), x509.IPAddress(ipaddress.ip_address("10.1.2.3")),
            x509.IPAddress(ipaddress.ip_address("2001:db8::1")), x509.UniformResourceIdentifier("spiffe://a.example/b"),
            x509.UniformResourceIdentifier("https://u:p@a.example:80/a%2fb/c%20?q=1#f%41"),
            x509.UniformResourceIdentifier("urn:a:b"), x509.UniformResourceIdentifier("HTTP://x/?"),
            x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "d")])),
            x509.RegisteredID(x509.ObjectIdentifier("1.2.3")),
        ]
        return x509.SubjectAlternativeName(rng.sample(names, rng.randrange(1, 4)))

    def extensions(self, authority):
        rng = self.rng
        oid = x509.ObjectIdentifier
        purposes = [
            ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.CODE_SIGNING,
            ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, oid("1.2.3.4"), ExtendedKeyUsageOID.OCSP_SIGNING,
        ]
        def constraints():
            return [
                x509.DNSName("example"), x509.DNSName("bad.example"), x509.IPAddress(ipaddress.ip_network("10.0.0.0/8")),
                x509.RFC822Name("a.example"), x509.RFC822Name("x@a.example"), x509.UniformResourceIdentifier("a.example"),
                x509.UniformResourceIdentifier(".example"), x509.IPAddress(ipaddress.ip_network("2001:db8::/32")),
            ]
        out = []
        if authority or rng.random() < 0.2:
            length = rng.choice([None, None, None, 0, 1]) if authority else None
            out.append(x509.BasicConstraints(authority, length))
        for chance, make in [
            (0.5, self.alternative_names),
            (0.3, lambda: x509.KeyUsage(*[rng.random() < 0.7 for _ in range(4)], key_agreement=False,
                                        key_cert_sign=rng.random() < 0.8, crl_sign=True, encipher_only=False,
                                        decipher_only=False)),
            (0.3, lambda: x509.ExtendedKeyUsage(rng.sample(purposes, rng.randrange(1, 3)))),
            (0.15 if authority else 0.02, lambda: x509.NameConstraints(
                rng.sample(constraints(), rng.randrange(3)) or None, rng.sample(constraints(), 1))),
            (0.1, lambda: x509.SubjectKeyIdentifier(b"abc")),
            (0.1, lambda: x509.AuthorityKeyIdentifier(b"abc", None, None)),
            (0.1, lambda: x509.CertificatePolicies([x509.PolicyInformation(oid("1.2.3"), None)])),
            (0.1, lambda: x509.PolicyConstraints(rng.choice([0, 1, 2]), rng.choice([None, 0, 3]))),
            (0.1, lambda: x509.InhibitAnyPolicy(rng.randrange(2))),
            (0.1, lambda: x509.CRLDistributionPoints([x509.DistributionPoint(
                [x509.UniformResourceIdentifier("http://crl")], None, None, None)])),
            (0.1, lambda: x509.AuthorityInformationAccess([x509.AccessDescription(
                x509.oid.AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://ocsp"))])),
            (0.1, lambda: x509.UnrecognizedExtension(oid("1.2.3.9"), b"\x05\x00")),
        ]:
            if rng.random() < chance:
                out.append(make())
        rng.shuffle(out)
        plain = (x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier, x509.AuthorityInformationAccess)
        return [(e, rng.random() < (0.03 if isinstance(e, plain) else 0.2)) for e in out]

    def issue(self, subject, key, issuer, issuer_key, authority):
        rng = self.rng
        start = datetime.datetime(rng.choice([2020, 2020, 2049, 1999]), 1, 1)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        builder = builder.serial_number(rng.choice([1, 2**60, 2**150 + 7])).not_valid_before(start)
        builder = builder.not_valid_after(start + datetime.timedelta(days=rng.choice([1, 36500])))
        for extension, critical in self.extensions(authority):
            builder = builder.add_extension(extension, critical)
        if isinstance(issuer_key, ed25519.Ed25519PrivateKey):
            return builder.sign(issuer_key, None)
        digest = rng.choice(list(HASHES.values()))
        if isinstance(issuer_key, rsa.RSAPrivateKey) and rng.random() < 0.3 and issuer_key.key_size > 1024:
            pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
            return builder.sign(issuer_key, digest, rsa_padding=pss)
        return builder.sign(issuer_key, digest)

    def changed(self, der):
        """A few bytes changed, or none."""
        rng = self.rng
        der = bytearray(der)
        if rng.random() < 0.5:
            for _ in range(rng.randrange(1, 3)):
                der[rng.randrange(len(der))] = rng.choice([0, 1, 2, 3, 4, 5, 6, 0x30, 0x7f, 0x80, 0xff, rng.randrange(256)])
        if rng.random() < 0.03:
            der = der[:rng.randrange(len(der))]
        return bytes(der)

    def written(self, der, label):
        rng = self.rng
        if rng.random() < 0.3:
            return base64.b64encode(der).decode()
        text = base64.b64encode(der).decode()
        lines = "\n".join(text[i:i + 64] for i in range(0, len(text), 64))
        pem = f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"
        return base64.b64encode(pem.encode()).decode() if rng.random() < 0.2 else self.damaged_pem(pem)

    def certificate(self):
        key, issuer = self.rng.choice(self.keys.all + [self.keys.unknown]), self.rng.choice(self.keys.all)
        der = self.issue(self.name(), key, self.name(), issuer, self.rng.random() < 0.3)
        der = der.public_bytes(S.Encoding.DER)
        # Whether a changed point of the unknown curve is on it cannot be told.
        if key is not self.keys.unknown:
            der = self.changed(der)
        return "crypto.x509.parse_certificates(input[0])", [self.written(der, "CERTIFICATE")]

    def chain(self):
        rng = self.rng
        names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(i))]) for i in range(4)]
        keys = [rng.choice(self.keys.all) for _ in range(4)]
        count = rng.randrange(2, 5)
        chain = [self.issue(names[0], keys[0], names[0], keys[0], True)]
        for i in range(1, count):
            chain.append(self.issue(names[i], keys[i], names[i - 1], keys[i - 1], i < count - 1 or rng.random() < 0.1))
        if rng.random() < 0.2:
            rng.shuffle(chain)
        text = "".join(c.public_bytes(S.Encoding.PEM).decode() for c in chain)
        if rng.random() < 0.2:
            return "crypto.x509.parse_and_verify_certificates(input[0])", [text]
        moment = int(datetime.datetime(2020, 1, 1, 12, tzinfo=datetime.timezone.utc).timestamp()) * 10**9
        options = {"CurrentTime": rng.choice([moment, moment, moment, 0, moment + 10**18, "x", 1.5])}
        for name, values in {
            "DNSName": ["a.example", "q.example", "A.EXAMPLE.", "10.1.2.3", "[2001:db8::1]", "", 7, "a.b.example"],
            "KeyUsages": [["KeyUsageAny"], ["KeyUsageClientAuth"], ["KeyUsageAny", "x"], [7], "x",
                          ["KeyUsageCodeSigning", "KeyUsageServerAuth"]],
            "MaxConstraintComparisons": [1, 2, 1000, "x"], "x": [1],
        }.items():
            if rng.random() < {"KeyUsages": 0.6, "DNSName": 0.3}.get(name, 0.1):
                options[name] = rng.choice(values)
        return "crypto.x509.parse_and_verify_certificates_with_options(input[0], input[1])", [text, options]

    def request(self):
        rng = self.rng
        builder = x509.CertificateSigningRequestBuilder().subject_name(self.name())
        if rng.random() < 0.6:
            builder = builder.add_extension(self.alternative_names(), rng.random() < 0.2)
        if rng.random() < 0.3:
            builder = builder.add_attribute(AttributeOID.CHALLENGE_PASSWORD, b"pw")
        key = rng.choice(self.keys.all)
        digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        der = self.changed(builder.sign(key, digest).public_bytes(S.Encoding.DER))
        return "crypto.x509.parse_certificate_request(input[0])", [self.written(der, "CERTIFICATE REQUEST")]

    def private_text(self, key):
        forms = [(S.PrivateFormat.PKCS8, "PRIVATE KEY")]
        if isinstance(key, rsa.RSAPrivateKey):
            forms.append((S.PrivateFormat.TraditionalOpenSSL, "RSA PRIVATE KEY"))
        if isinstance(key, ec.EllipticCurvePrivateKey):
            forms.append((S.PrivateFormat.TraditionalOpenSSL, "EC PRIVATE KEY"))
        form, label = self.rng.choice(forms)
        der = key.private_bytes(S.Encoding.DER, form, S.NoEncryption())
        # Writ believes the point that stands beside the number of a key on P-224; OPA does not look at it.
        change = self.rng.random() < 0.5 and key is not self.keys.unknown
        return self.written(self.changed(der) if change else der, label)

    def private_key(self):
        keys = [self.rng.choice(self.keys.all + [self.keys.unknown]) for _ in range(self.rng.randrange(1, 3))]
        text = "".join(self.private_text(key) for key in keys)
        call = self.rng.choice(["crypto.parse_private_keys", "crypto.x509.parse_rsa_private_key"])
        return call + "(input[0])", [text]

    def pair(self):
        rng = self.rng
        key = rng.choice(self.keys.all)
        der = self.issue(self.name(), key, self.name(), key, False).public_bytes(S.Encoding.DER)
        other = key if rng.random() < 0.8 else rng.choice(self.keys.all)
        return "crypto.x509.parse_keypair(input[0], input[1])", [
            self.written(self.changed(der) if rng.random() < 0.2 else der, "CERTIFICATE"), self.private_text(other)]

    def aws(self):
        rng = self.rng
        request = {"method": rng.choice(["get", "POST"]), "url": rng.choice(
            ["http://h:80/a%20b/c d?x=1&y=a b#f", "https://h", "http://H/ä?q", "/x", "", "http://h/a%2fb*!", "http://h/%zz"])}
        for name, values in {
            "headers": [{"X-A": "b", "User-Agent": "u", "n": 7}, {}, 7], "body": [{"a": "<"}, "x", [1, 2.50], None],
            "raw_body": ["raw", 7], "x": [1], "timeout": ["1s"],
        }.items():
            if rng.random() < 0.2:
                request[name] = rng.choice(values)
        config = {"aws_access_key": "A", "aws_secret_access_key": "S", "aws_region": "r",
                  "aws_service": rng.choice(["s3", "es", "glacier"])}
        for name, values in {"aws_session_token": ["t", "", 7], "disable_payload_signing": [True, False, 7],
                             "aws_region": [7]}.items():
            if rng.random() < 0.15:
                config[name] = rng.choice(values)
        if rng.random() < 0.03:
            del config["aws_region"]
        return "providers.aws.sign_req(input[0], input[1], input[2])", [
            request, config, rng.choice([1451311705000000000, 0, -1, 1.5, 10**18, 253402300800 * 10**6])]
