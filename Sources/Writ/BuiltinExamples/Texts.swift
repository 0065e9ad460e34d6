extension BuiltinExamples {
    /// Examples of strings, patterns and versions.
    static let texts = #"""
        concat
          concat("/", ["plant", "line-2", "temp"])
          => "plant/line-2/temp"
          concat(", ", {"write", "read"})
          => "read, write"
          concat("/", input.levels) with input.levels as ["plant", 2]
          !! eval_type_error: concat: operand 2 must be array of strings but got array containing number
        contains
          contains("plant/line-2/temp", "line-2")
          => true
          contains(input.topic, "line-2") with input.topic as 7
          !! eval_type_error: contains: operand 1 must be string but got number
        endswith
          endswith("plant/line-2/temp", "/temp")
          => true
          endswith(input.topic, "/temp") with input.topic as null
          !! eval_type_error: endswith: operand 1 must be string but got null
        glob.match
          glob.match("plant/*/temp", ["/"], "plant/line-2/temp")
          => true
          glob.match("plant/*", ["/"], "plant/line-2/temp")
          => false
          glob.match("plant/**", ["/"], "plant/line-2/temp")
          => true
          glob.match("{gw,hub}-?", [], "hub-1")
          => true
          glob.match("gw-[", [], "gw-1")
          !! eval_builtin_error: glob.match: unexpected end of input
        glob.quote_meta
          glob.quote_meta("plant/*/[temp]")
          => "plant/\\*/\\[temp\\]"
          glob.quote_meta(input.topic) with input.topic as 7
          !! eval_type_error: glob.quote_meta: operand 1 must be string but got number
        indexof
          indexof("größe=40", "=")
          => 5
          indexof("size=40", ";")
          => -1
          indexof("size=40", "")
          !! eval_builtin_error: indexof: empty search character
        indexof_n
          indexof_n("a/b/c", "/")
          => [1, 3]
          indexof_n("aaa", "aa")
          => [0, 1]
          indexof_n("a/b", "")
          !! eval_builtin_error: indexof_n: empty search character
        lower
          lower("Gateway-ÄÖ")
          => "gateway-äö"
          lower(input.id) with input.id as 7
          !! eval_type_error: lower: operand 1 must be string but got number
        re_match
          re_match("^sensor-[0-9]+$", "sensor-7")
          => true
          re_match("*", "sensor-7")
          !! eval_builtin_error: re_match: error parsing regexp: missing argument to repetition operator: `*`
        regex.find_all_string_submatch_n
          regex.find_all_string_submatch_n("([a-z]+)-([0-9]+)", "line-2/sensor-17", -1)
          => [["line-2", "line", "2"], ["sensor-17", "sensor", "17"]]
          regex.find_all_string_submatch_n("(", "7", 1)
          !! eval_builtin_error: regex.find_all_string_submatch_n: error parsing regexp: missing closing ): `(`
        regex.find_n
          regex.find_n("[0-9]+", "line-2/sensor-17/ch-3", 2)
          => ["2", "17"]
          regex.find_n("[0-9", "7", 1)
          !! eval_builtin_error: regex.find_n: error parsing regexp: missing closing ]: `[0-9`
        regex.globs_match
          regex.globs_match("plant/.*", "plant/line-[0-9]+")
          => true
          regex.globs_match("plant/[0-9]+", "plant/[a-z]+")
          => false
          regex.globs_match("[", "plant")
          !! eval_builtin_error: regex.globs_match: input:[, pos:1, found [ without matching ]: the input ...
        regex.is_valid
          regex.is_valid("^sensor-[0-9]+$")
          => true
          regex.is_valid("(")
          => false
        regex.match
          regex.match(`^plant/[^/]+/temp$`, "plant/line-2/temp")
          => true
          regex.match("(", "plant")
          !! eval_builtin_error: regex.match: error parsing regexp: missing closing ): `(`
        regex.replace
          regex.replace("sensor-17", "([a-z]+)-([0-9]+)", "$2/$1")
          => "17/sensor"
          regex.replace("sensor-17", "(", "x")
          !! eval_builtin_error: regex.replace: error parsing regexp: missing closing ): `(`
        regex.split
          regex.split("[,;] *", "read, write;admin")
          => ["read", "write", "admin"]
          regex.split("(", "read")
          !! eval_builtin_error: regex.split: error parsing regexp: missing closing ): `(`
        regex.template_match
          regex.template_match("urn:dev:{[a-z]+}:{.*}", "urn:dev:gateway:gw-1", "{", "}")
          => true
          regex.template_match("urn:{[a-z]+", "urn:dev", "{", "}")
          !! eval_builtin_error: regex.template_match: unbalanced braces in "urn:{[a-z]+"
        replace
          replace("plant/+/temp", "+", "line-2")
          => "plant/line-2/temp"
          replace(input.topic, "+", "x") with input.topic as 7
          !! eval_type_error: replace: operand 1 must be string but got number
        semver.compare
          semver.compare("1.10.0", "1.9.3")
          => 1
          semver.compare("2.0.0-rc.1", "2.0.0")
          => -1
          semver.compare("1.0.0", "v1")
          !! eval_builtin_error: semver.compare: operand 2: string "v1" is not a valid SemVer
        semver.is_valid
          semver.is_valid("1.4.2-beta+build.7")
          => true
          semver.is_valid("1.4")
          => false
        split
          split("plant/line-2/temp", "/")
          => ["plant", "line-2", "temp"]
          split("äb", "")
          => ["ä", "b"]
          split(input.topic, "/") with input.topic as 7
          !! eval_type_error: split: operand 1 must be string but got number
        sprintf
          sprintf("%s is at %.1f °C, limit %d", ["sensor-7", 21.456, 30])
          => "sensor-7 is at 21.5 °C, limit 30"
          sprintf("%05d|%-6s|%x", [42, "gw", 255])
          => "00042|gw    |ff"
          sprintf("%v", [{"scopes": {"read"}}])
          => "{\"scopes\": {\"read\"}}"
          sprintf("%d and %s", ["hot"])
          => "%!d(string=hot) and %!s(MISSING)"
        startswith
          startswith("plant/line-2/temp", "plant/")
          => true
          startswith(input.topic, "plant/") with input.topic as null
          !! eval_type_error: startswith: operand 1 must be string but got null
        strings.any_prefix_match
          strings.any_prefix_match("plant/line-2/temp", ["office/", "plant/"])
          => true
          strings.any_prefix_match({"gw-1", "hub-1"}, "sensor-")
          => false
          strings.any_prefix_match(input.topic, "plant/") with input.topic as [7]
          !! eval_type_error: strings.any_prefix_match: operand 1 must be array of strings but got array ...
        strings.any_suffix_match
          strings.any_suffix_match("plant/line-2/temp", {"/temp", "/humidity"})
          => true
          strings.any_suffix_match(input.topic, "/temp") with input.topic as 7
          !! eval_type_error: strings.any_suffix_match: operand 1 must be one of {string, set, array} but got ...
        strings.count
          strings.count("plant/line-2/temp", "/")
          => 2
          strings.count(input.topic, "/") with input.topic as 7
          !! eval_type_error: strings.count: operand 1 must be string but got number
        strings.render_template
          strings.render_template("{{range .ids}}<{{.}}>{{end}}", {"ids": ["gw-1", "gw-2"]})
          => "<gw-1><gw-2>"
          strings.render_template("hello {{.name}}", {})
          => "hello <undefined>"
          strings.render_template("{{.name", {"name": "gw-1"})
          !! eval_builtin_error: strings.render_template: template: template:1: unclosed action
        strings.replace_n
          strings.replace_n({"+": "line-2", "#": "temp"}, "plant/+/#")
          => "plant/line-2/temp"
          strings.replace_n(input.map, "plant/+") with input.map as {"+": 2}
          !! eval_type_error: strings.replace_n: operand 1 non-string value found in pattern object
        strings.reverse
          strings.reverse("größe")
          => "eßörg"
          strings.reverse(input.id) with input.id as 42
          !! eval_type_error: strings.reverse: operand 1 must be string but got number
        strings.split_n
          strings.split_n("plant/line-2/temp", "/", 2)
          => ["plant", "line-2"]
          strings.split_n("plant/line-2/temp", "/", -1)
          => ["temp"]
          strings.split_n("a/b", "/", input.n) with input.n as 1.5
          !! eval_type_error: strings.split_n: operand 3 must be integer number but got floating-point number
        substring
          substring("sensor-7", 7, -1)
          => "7"
          substring("größe", 0, 3)
          => "grö"
          substring("sensor-7", -1, 2)
          !! eval_builtin_error: substring: negative offset
        trim
          trim("//plant/line-2/", "/")
          => "plant/line-2"
          trim(input.topic, "/") with input.topic as 7
          !! eval_type_error: trim: operand 1 must be string but got number
        trim_left
          trim_left("0042", "0")
          => "42"
          trim_left(input.id, "0") with input.id as 42
          !! eval_type_error: trim_left: operand 1 must be string but got number
        trim_prefix
          trim_prefix("urn:dev:gw-1", "urn:dev:")
          => "gw-1"
          trim_prefix(input.id, "urn:") with input.id as 42
          !! eval_type_error: trim_prefix: operand 1 must be string but got number
        trim_right
          trim_right("plant//", "/")
          => "plant"
          trim_right(input.id, "0") with input.id as 42
          !! eval_type_error: trim_right: operand 1 must be string but got number
        trim_space
          trim_space("  gw-1\n")
          => "gw-1"
          trim_space(input.id) with input.id as 42
          !! eval_type_error: trim_space: operand 1 must be string but got number
        trim_suffix
          trim_suffix("reading.json", ".json")
          => "reading"
          trim_suffix(input.id, ".json") with input.id as 42
          !! eval_type_error: trim_suffix: operand 1 must be string but got number
        upper
          upper("straße")
          => "STRAßE"
          upper(input.id) with input.id as 7
          !! eval_type_error: upper: operand 1 must be string but got number
        uuid.parse
          uuid.parse("f81d4fae-7dec-41d0-a765-00a0c91e6bf6")
          => {"variant": "RFC4122", "version": 4}
          uuid.parse("gw-1")
          => undefined
          uuid.parse(input.id) with input.id as 7
          !! eval_type_error: uuid.parse: operand 1 must be string but got number
        uuid.rfc4122
          uuid.rfc4122("gw-1") == uuid.rfc4122("gw-1")
          => true
          count(uuid.rfc4122("gw-1"))
          => 36
        """#
}
