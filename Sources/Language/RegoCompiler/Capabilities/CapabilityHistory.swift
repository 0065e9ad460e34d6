/// What each version of OPA could do, as differences: an older version's capabilities are today's without what came
/// later. No builtin was ever taken away. Types of operands that changed since are those of today.
enum CapabilityHistory {
    /// Every version with capabilities of its own, oldest first.
    static let versions: StaticString = """
        v0.17.0 v0.17.1 v0.17.2 v0.17.3 v0.18.0 v0.19.0-rc1 v0.19.0 v0.19.1 v0.19.2 v0.20.0 v0.20.1 v0.20.2 \
        v0.20.3 v0.20.4 v0.20.5 v0.21.0 v0.21.1 v0.22.0 v0.23.0 v0.23.1 v0.23.2 v0.24.0 v0.25.0-rc1 \
        v0.25.0-rc2 v0.25.0-rc3 v0.25.0-rc4 v0.25.0 v0.25.1 v0.25.2 v0.26.0 v0.27.0 v0.27.1 v0.28.0 v0.29.0 \
        v0.29.1 v0.29.2 v0.29.3 v0.29.4 v0.30.0 v0.30.1 v0.30.2 v0.31.0 v0.32.0 v0.32.1 v0.33.0 v0.33.1 \
        v0.34.0 v0.34.1 v0.34.2 v0.35.0 v0.36.0 v0.36.1 v0.37.0 v0.37.1 v0.37.2 v0.38.0 v0.38.1 v0.39.0 \
        v0.40.0 v0.41.0 v0.42.0 v0.42.1 v0.42.2 v0.43.0 v0.43.1 v0.44.0 v0.45.0 v0.46.0 v0.46.1 v0.46.2 \
        v0.46.3 v0.47.0 v0.47.1 v0.47.2 v0.47.3 v0.47.4 v0.48.0 v0.49.0 v0.49.1 v0.49.2 v0.50.0 v0.50.1 \
        v0.50.2 v0.51.0 v0.52.0 v0.53.0 v0.53.1 v0.54.0 v0.55.0 v0.56.0 v0.57.0 v0.57.1 v0.58.0 v0.59.0 \
        v0.60.0 v0.61.0 v0.62.0 v0.62.1 v0.63.0 v0.64.0 v0.64.1 v0.65.0 v0.66.0 v0.67.0 v0.67.1 v0.68.0 \
        v0.69.0 v0.70.0 v1.0.0 v1.0.1 v1.1.0 v1.2.0 v1.3.0 v1.4.0 v1.4.1 v1.4.2 v1.5.0 v1.5.1 v1.6.0 v1.7.0 \
        v1.8.0 v1.9.0 v1.10.0 v1.11.0 v1.11.1 v1.12.0 v1.12.1 v1.12.2 v1.12.3 v1.13.0 v1.13.1 v1.13.2 v1.14.0 \
        v1.14.1 v1.15.0 v1.15.1 v1.16.0 v1.16.1 v1.16.2 v1.17.0 v1.17.1 v1.18.0 v1.18.1 v1.18.2 v1.19.0 \
        v1.19.1 v1.20.0 v1.20.1 v1.20.2
        """

    /// The builtins that a version brought; what is not listed has been there from the first one.
    static let builtins: [(version: StaticString, names: StaticString)] = [
        ("v0.17.2", "object.filter object.remove object.union"),
        ("v0.18.0", "bits.and bits.lsh bits.negate bits.or bits.rsh bits.xor json.remove"),
        ("v0.19.0-rc1", "net.cidr_contains_matches"),
        ("v0.19.0", "time.add_date"),
        (
            "v0.20.0",
            """
            graph.reachable io.jwt.verify_es384 io.jwt.verify_es512 io.jwt.verify_hs384 io.jwt.verify_hs512 \
            io.jwt.verify_ps384 io.jwt.verify_ps512 io.jwt.verify_rs384 io.jwt.verify_rs512 uuid.rfc4122
            """
        ),
        ("v0.21.0", "crypto.x509.parse_certificate_request"),
        ("v0.22.0", "numbers.range semver.compare semver.is_valid"),
        ("v0.23.0", "regex.is_valid regex.match"),
        ("v0.24.0", "base64.is_valid net.cidr_merge urlquery.decode_object"),
        ("v0.25.0-rc1", "json.is_valid yaml.is_valid"),
        ("v0.25.0-rc2", "base64url.encode_no_pad hex.decode hex.encode"),
        ("v0.25.0", "json.patch"),
        ("v0.26.0", "ceil floor"),
        ("v0.28.0", "time.diff"),
        ("v0.31.0", "crypto.x509.parse_and_verify_certificates rand.intn"),
        ("v0.33.0", "crypto.x509.parse_rsa_private_key"),
        ("v0.34.0", "internal.member_2 internal.member_3 internal.print print"),
        ("v0.35.0", "net.lookup_ip_addr"),
        (
            "v0.36.0",
            """
            array.reverse crypto.hmac.md5 crypto.hmac.sha1 crypto.hmac.sha256 crypto.hmac.sha512 \
            strings.reverse
            """
        ),
        ("v0.37.0", "graph.reachable_paths indexof_n object.union_n"),
        ("v0.40.0", "rego.metadata.chain rego.metadata.rule"),
        (
            "v0.41.0",
            """
            graphql.is_valid graphql.parse graphql.parse_and_verify graphql.parse_query graphql.parse_schema \
            units.parse
            """
        ),
        ("v0.42.0", "object.subset"),
        ("v0.44.0", "strings.any_prefix_match strings.any_suffix_match"),
        ("v0.45.0", "regex.replace"),
        ("v0.46.0", "graphql.schema_is_valid net.cidr_is_valid"),
        ("v0.47.0", "object.keys providers.aws.sign_req"),
        ("v0.48.0", "time.format"),
        ("v0.50.0", "json.match_schema json.verify_schema"),
        ("v0.52.0", "crypto.hmac.equal"),
        ("v0.53.0", "crypto.x509.parse_keypair"),
        ("v0.55.0", "crypto.parse_private_keys"),
        ("v0.56.0", "numbers.range_step"),
        ("v0.57.0", "uuid.parse"),
        ("v0.59.0", "strings.render_template"),
        ("v0.63.0", "crypto.x509.parse_and_verify_certificates_with_options"),
        ("v0.64.0", "json.marshal_with_options"),
        ("v0.67.0", "strings.count"),
        ("v1.2.0", "internal.test_case"),
        ("v1.8.0", "io.jwt.verify_eddsa"),
        ("v1.12.0", "internal.template_string"),
        ("v1.13.0", "array.flatten"),
        ("v1.16.0", "uri.is_valid uri.parse"),
        ("v1.19.0", "strings.split_n"),
    ]

    /// What of the language a version knows, from it on until the next one listed.
    struct Language {
        let version: StaticString
        var futureKeywords: StaticString = ""
        var features: StaticString = ""
        var hasWasm = true
    }

    static let languages = [
        Language(version: "v0.17.0", hasWasm: false),
        Language(version: "v0.27.0"),
        Language(version: "v0.34.0", futureKeywords: "in"),
        Language(version: "v0.38.0", futureKeywords: "every in"),
        Language(version: "v0.42.0", futureKeywords: "contains every if in"),
        Language(
            version: "v0.46.0", futureKeywords: "contains every if in", features: "rule_head_ref_string_prefixes"),
        Language(
            version: "v0.59.0", futureKeywords: "contains every if in",
            features: "rule_head_ref_string_prefixes rule_head_refs rego_v1_import"),
        Language(version: "v1.0.0", features: "rego_v1"),
        Language(version: "v1.6.0", features: "keywords_in_refs rego_v1"),
        Language(version: "v1.12.0", features: "keywords_in_refs rego_v1 template_strings"),
        Language(version: "v1.17.0", futureKeywords: "not", features: "keywords_in_refs rego_v1 template_strings"),
        Language(
            version: "v1.20.0", futureKeywords: "and not or", features: "keywords_in_refs rego_v1 template_strings"),
    ]

    /// From here on programs for WebAssembly have a second minor version of their interface.
    static let secondWasmMinor: StaticString = "v0.31.0"
    /// From here on capabilities say which builtins depend on more than their operands.
    static let marksNondeterministic: StaticString = "v0.44.0"
    /// From here on capabilities say which builtins are deprecated.
    static let marksDeprecated: StaticString = "v1.11.0"
}

extension Capabilities {
    /// The versions whose capabilities are known, oldest first.
    public static let versions: [String] = words(CapabilityHistory.versions).map { String(decoding: $0, as: UTF8.self) }

    /// What a version of OPA offered, by its name such as `v0.44.0`; nil for an unknown one.
    public init?(version: String) {
        let all = Self.words(CapabilityHistory.versions)
        let wanted = Array(version.utf8)
        guard let place = all.firstIndex(of: wanted) else { return nil }
        // An index that no version has stands for one to come.
        func isReached(_ version: StaticString) -> Bool {
            (all.firstIndex(of: Self.bytes(version)) ?? all.count) <= place
        }
        self = .current
        for step in CapabilityHistory.builtins where !isReached(step.version) {
            for name in Self.words(step.names) { remove(builtin: name) }
        }
        futureKeywords = []
        features = []
        wasmVersions = []
        for language in CapabilityHistory.languages where isReached(language.version) {
            futureKeywords = Self.words(language.futureKeywords)
            features = Self.words(language.features)
            wasmVersions = language.hasWasm ? [(1, 1)] : []
        }
        if isReached(CapabilityHistory.secondWasmMinor) { wasmVersions.append((1, 2)) }
        marksNondeterministic = isReached(CapabilityHistory.marksNondeterministic)
        marksDeprecated = isReached(CapabilityHistory.marksDeprecated)
    }

    private static func words(_ text: StaticString) -> [[UInt8]] {
        bytes(text).split(separator: UInt8(ascii: " ")).map { Array($0) }
    }
}
