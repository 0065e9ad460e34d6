"""Random calls of the builtins, family by family: each is a call with `input[0]`, `input[1]`, ... and their terms."""

import json

from operands import Terms


class Calls:
    """`one(family)` gives (expression, [term of each operand])."""

    def __init__(self, rng):
        self.rng = rng
        self.t = Terms(rng)
        t = self.t

        def text(make):
            return lambda: json.dumps(make())

        string, number, integer, array, value = t.string, t.number, t.integer, t.array, t.value
        def small():
            return rng.choice([str(rng.randrange(-30, 30)), str(rng.randrange(5)), "1.0", "1.5", "10", "-3", "3e0"])
        def any_object():
            return t.object()
        pattern = text(lambda: t.mutated(t.pattern()))
        subject, moment = text(t.subject), self.moment
        cidr = text(lambda: rng.choice([t.network, t.network, t.address])())
        def cidrs():
            return rng.choice([
                cidr, lambda: t.collection(0, cidr), lambda: t.object(0, string, cidr),
                lambda: t.collection(0, lambda: "[" + cidr() + ", " + t.scalar() + "]")])()
        self.families = {
            "aggregates": [(n, [lambda: t.collection(1)]) for n in ("count", "max", "min", "sort", "all", "any")]
            + [(n, [t.numbers]) for n in ("sum", "product", "max", "min", "sort")] + [("count", [value])],
            "arrays": [("array.concat", [array, array]), ("array.slice", [array, integer, integer]),
                       ("array.reverse", [array]), ("array.flatten", [lambda: t.array(2)])],
            "sets": [(n, [t.set, t.set]) for n in ("and", "or", "minus", "set_diff")]
            + [(n, [lambda: t.set(1, t.set)]) for n in ("union", "intersection")],
            "objects": [
                ("object.get", [any_object, self.path, value]), ("object.keys", [any_object]),
                ("object.filter", [any_object, self.keys]), ("object.remove", [any_object, self.keys]),
                ("object.union", [lambda: t.object(2), lambda: t.object(2)]),
                ("object.union_n", [lambda: t.array(1, lambda: t.object(2))]), ("object.subset", [self.nested, self.nested])],
            "strings": [(n, [string, string]) for n in (
                "contains", "startswith", "endswith", "indexof", "indexof_n", "split", "trim", "trim_left", "trim_right",
                "trim_prefix", "trim_suffix", "strings.count")]
            + [(n, [string]) for n in ("lower", "upper", "trim_space", "strings.reverse")]
            + [("replace", [string, string, string]), ("substring", [string, integer, integer]), ("concat", [string, t.strings]),
               ("strings.replace_n", [lambda: t.object(0, string, string), string]), ("strings.split_n", [string, string, integer])]
            + [(n, [lambda: rng.choice([string, t.strings])()] * 2) for n in (
                "strings.any_prefix_match", "strings.any_suffix_match")],
            "sprintf": [("sprintf", [text(self.format), lambda: t.array(1, t.value)])],
            "numbers": [(n, [number, number]) for n in ("plus", "minus", "mul", "div", "rem", "lt", "lte", "gt", "gte", "equal")]
            + [(n, [number]) for n in ("abs", "ceil", "floor", "round")]
            + [("numbers.range", [small, small]), ("numbers.range_step", [small, small, small]),
               ("format_int", [number, lambda: rng.choice(["2", "8", "10", "16", "16.0", "3"])])],
            "bits": [(n, [number, number]) for n in ("bits.and", "bits.or", "bits.xor")]
            + [("bits.negate", [number])] + [(n, [number, integer]) for n in ("bits.lsh", "bits.rsh")],
            "order": [(n, [value, value]) for n in ("lt", "lte", "gt", "gte", "equal", "neq")] + [("sort", [lambda: t.array(2)])],
            "units": [(n, [text(t.unit)]) for n in ("units.parse", "units.parse_bytes", "to_number")],
            "types": [(n, [value]) for n in (
                "is_array", "is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string", "type_name", "cast_array",
                "cast_boolean", "cast_null", "cast_object", "cast_set", "cast_string", "to_number")],
            "json": [
                ("json.marshal", [lambda: t.value(3)]), ("json.unmarshal", [text(lambda: t.mutated(t.json_value()))]),
                ("json.is_valid", [text(lambda: t.mutated(t.json_value()))]),
                ("json.marshal_with_options", [lambda: t.value(3), self.layout_options]),
                ("json.filter", [lambda: t.object(3), self.paths]), ("json.remove", [lambda: t.object(3), self.paths])],
            "patch": [("json.patch", [lambda: rng.choice([self.nested, self.nested, value])(), self.patches])],
            "schema": [("json.match_schema", [lambda: t.json_value(2), self.schema]), ("json.verify_schema", [self.schema])],
            "yaml": [("yaml.unmarshal", [text(t.plain_yaml)]), ("yaml.is_valid", [text(t.plain_yaml)]),
                     ("yaml.unmarshal", [text(t.yaml_text)]), ("yaml.marshal", [lambda: t.value(3)])]
            + [("yaml.marshal", [t.yaml_value])] * 4,
            "encoding": [(n, [string]) for n in (
                "base64.encode", "base64url.encode", "base64url.encode_no_pad", "hex.encode", "urlquery.encode")]
            + [(n, [text(lambda: self.encoded("base64"))]) for n in ("base64.decode", "base64.is_valid", "base64url.decode")]
            + [("hex.decode", [text(lambda: self.encoded("hex"))])]
            + [(n, [text(t.query)]) for n in ("urlquery.decode", "urlquery.decode_object")]
            + [("urlquery.encode_object", [lambda: t.object(0, string, lambda: rng.choice([string, t.strings])())])],
            "regex": [("regex.match", [pattern, subject]), ("regex.is_valid", [pattern]), ("re_match", [pattern, subject]),
                      ("regex.split", [pattern, subject]), ("regex.find_n", [pattern, subject, integer]),
                      ("regex.find_all_string_submatch_n", [pattern, subject, integer]),
                      ("regex.replace", [subject, pattern, lambda: rng.choice(['"$0"', '"${n}x"', '"$1x"', '"$$"', '"$"', '"-"'])]),
                      ("regex.template_match", [text(self.template_pattern), text(lambda: "=" + t.subject()), lambda: rng.choice(['"{"', '"<"', '""', '"{{"']),
                                                lambda: rng.choice(['"}"', '">"'])])],
            "globs": [("glob.match", [text(t.glob), lambda: rng.choice(
                          ['[]', '["/"]', '["."]', 'null', '[":", "/"]', '["ab"]', '[""]']), text(t.subject_of_glob)]),
                      ("glob.quote_meta", [text(t.glob)]),
                      ("regex.globs_match", [text(self.simple_glob), text(self.simple_glob)])],
            "time": [("time.format", [self.formatted])] + [(n, [moment]) for n in ("time.date", "time.clock", "time.weekday")]
            + [("time.add_date", [moment, self.steps, self.steps, self.steps]), ("time.diff", [moment, moment])],
            "parsing times": [("time.parse_ns", [text(t.layout), text(self.time_text)]),
                              ("time.parse_rfc3339_ns", [text(self.time_text)]),
                              ("time.parse_duration_ns", [text(t.duration)])],
            "networks": [("net.cidr_contains", [cidr, cidr]), ("net.cidr_intersects", [cidr, cidr]), ("net.cidr_is_valid", [cidr]),
                         ("net.cidr_overlap", [cidr, cidr]), ("net.cidr_merge", [lambda: t.collection(0, cidr)]),
                         ("net.cidr_contains_matches", [cidrs, cidrs]),
                         ("net.cidr_expand", [lambda: json.dumps(rng.choice(
                             ["10.0.0.9/30", "10.0.0.9/29", "10.0.0.9/33", "2001:db8::9/126", "2001:db8::9/128", "1.2.3", "::/129"]))])],
            "semver": [("semver.compare", [text(t.version), text(t.version)]), ("semver.is_valid", [text(t.version)])],
            "graphs": [("graph.reachable", [self.graph, lambda: t.collection(0, self.vertex)]),
                       ("graph.reachable_paths", [self.graph, lambda: t.collection(0, self.vertex)])],
            "walk": [("walk", [lambda: t.value(3)])],
            "hashes": [(n, [string]) for n in ("crypto.md5", "crypto.sha1", "crypto.sha256")]
            + [("crypto.hmac." + n, [string, string]) for n in ("md5", "sha1", "sha256", "sha512", "equal")],
            "uri": [("uri.parse", [text(t.uri)]), ("uri.is_valid", [text(t.uri)])],
            "uuid": [("uuid.parse", [text(t.uuid)])],
            "templates": [("strings.render_template", [text(self.template), self.variables])],
            "graphql": [(n, [text(self.graphql_query), text(self.graphql_schema)]) for n in (
                "graphql.is_valid", "graphql.parse", "graphql.parse_and_verify")]
            + [("graphql.parse_query", [text(self.graphql_query)]), ("graphql.parse_schema", [text(self.graphql_schema)]),
               ("graphql.schema_is_valid", [text(self.graphql_schema)])],
            "modules": [("rego.parse_module", [lambda: '"m.rego"', text(self.module)])],
        }
        everything = [call for family, calls in self.families.items() for call in calls
                      if family not in ("walk", "modules", "graphql")]
        # Any operand for any builtin: what errors say of types.
        self.families["operands"] = [(name, [value] * len(operands)) for name, operands in everything]

    def one(self, family):
        name, operands = self.rng.choice(self.families[family])
        terms = [make() for make in operands]
        if self.rng.random() < 0.05:
            terms[self.rng.randrange(len(terms))] = self.t.value()
        call = "%s(%s)" % (name, ", ".join("input[%d]" % index for index in range(len(terms))))
        return ("{y | walk(input[0], y)}" if name == "walk" else call), terms

    # Operands

    def path(self):
        rng, t = self.rng, self.t
        return rng.choice([t.string, t.value, lambda: t.array(0, lambda: rng.choice([t.string, t.integer])())])()

    def keys(self):
        rng, t = self.rng, self.t
        return rng.choice([t.strings, t.collection, lambda: t.object(0)])()

    def nested(self):
        rng = self.rng
        key = lambda: rng.choice(['"a"', '"b"', '"c"', '""', '"0"', '"a/b"', "0"])
        def value(depth):
            if depth == 0 or rng.random() < 0.3:
                return rng.choice(["0", "1", '"a"', '"b"', "null", "true", "1.0"])
            items = [value(depth - 1) for _ in range(rng.randrange(4))]
            form = rng.randrange(4)
            if form == 0:
                return "[" + ", ".join(items) + "]"
            if form == 1:
                return "{" + ", ".join(items) + "}" if items else "set()"
            return "{" + ", ".join("%s: %s" % pair for pair in {key(): item for item in items}.items()) + "}"
        return value(3)

    def pointer(self):
        rng = self.rng
        steps = [rng.choice(["a", "b", "c", "0", "1", "-", "", "a~1b", "~0", "01", "-1", "~", "1.0"])
                 for _ in range(rng.randrange(4))]
        if rng.random() < 0.6:
            return json.dumps(rng.choice(["", "/", "/"]) + "/".join(steps))
        return "[" + ", ".join(rng.choice([json.dumps(s), json.dumps(s), "0", "1", "-1", "1.5", "null", '{"a"}']) for s in steps) + "]"

    def paths(self):
        return self.t.collection(0, self.pointer)

    def patches(self):
        rng = self.rng
        def patch():
            fields = {"op": rng.choice(["add", "remove", "replace", "move", "copy", "test"]), "path": None, "from": None, "value": None}
            out = ['"op": "%s"' % fields["op"]] if rng.random() < 0.98 else []
            out.append('"path": ' + self.pointer())
            if fields["op"] in ("move", "copy") or rng.random() < 0.05:
                out.append('"from": ' + self.pointer())
            if fields["op"] in ("add", "replace", "test") and rng.random() < 0.97:
                out.append('"value": ' + self.nested())
            if rng.random() < 0.02:
                out.append('"op": ' + self.t.scalar())
            return "{" + ", ".join(dict((o.split(":")[0], o) for o in out).values()) + "}"
        return self.t.array(0, patch)

    def layout_options(self):
        rng = self.rng
        out = {}
        for name, values in {"indent": ['"  "', '"\\t"', '""', "1", '"é"'], "prefix": ['"> "', '""', "null"],
                             "pretty": ["true", "false", "1"], "x": ["1"]}.items():
            if rng.random() < (0.05 if name == "x" else 0.4):
                out[name] = rng.choice(values)
        return "{" + ", ".join('"%s": %s' % pair for pair in out.items()) + "}"

    def schema(self, depth=3):
        rng, t = self.rng, self.t
        if depth == 0 or rng.random() < 0.05:
            return rng.choice(["{}", "true", "false"])
        number = lambda: rng.choice(["0", "1", "2", "3", "1.5", "-1", '"x"', "1.0", "0.1"] if rng.random() < 0.3 else ["0", "1", "2", "3"])
        sub = lambda: self.schema(depth - 1)
        subs = lambda: "[" + ", ".join(sub() for _ in range(rng.randrange(3))) + "]"
        named = lambda: "{" + ", ".join('"%s": %s' % (k, sub()) for k in rng.sample(["a", "b", "c", "0", "a/b"], rng.randrange(3))) + "}"
        kinds = ['"string"', '"number"', '"integer"', '"boolean"', '"null"', '"array"', '"object"', '["string", "null"]', '"x"', "[]", '["string", "string"]', "1"]
        words = {
            "type": lambda: rng.choice(kinds[:8] if rng.random() < 0.9 else kinds), "enum": lambda: t.array(0, t.scalar),
            "const": t.scalar, "minimum": number, "maximum": number, "exclusiveMinimum": lambda: rng.choice([number(), "true"]),
            "exclusiveMaximum": lambda: rng.choice([number(), "true"]), "multipleOf": number, "minLength": number, "maxLength": number,
            "pattern": lambda: json.dumps(t.mutated(t.pattern(1))), "minItems": number, "maxItems": number,
            "uniqueItems": lambda: rng.choice(["true", "false", "1"]), "items": lambda: rng.choice([sub, subs])(), "additionalItems": sub,
            "contains": sub, "minProperties": number, "maxProperties": number, "required": lambda: t.array(0, lambda: rng.choice(['"a"', '"b"'])),
            "properties": named, "patternProperties": lambda: rng.choice(['{"^a": %s}', '{"[": %s}', '{"b|c": %s}']) % sub(),
            "additionalProperties": sub, "dependencies": lambda: rng.choice(['{"a": ["b"]}', '{"a": %s}' % sub(), '{"a": "b"}']),
            "propertyNames": sub, "allOf": subs, "anyOf": subs, "oneOf": subs, "not": sub, "if": sub, "then": sub, "else": sub,
            "format": lambda: json.dumps(rng.choice([
                "date", "time", "date-time", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "uri-template", "uuid", "regex",
                "json-pointer", "relative-json-pointer", "iri", "idn-email", "x"])),
            "$ref": lambda: rng.choice(['"#/definitions/a"', '"#/properties/a"', '"#a"', '"#/x"']),
            "definitions": lambda: '{"a": %s}' % sub(), "$id": lambda: rng.choice(['"#a"', '"http://x/y"']),
            "$schema": lambda: rng.choice(['"http://json-schema.org/draft-0%d/schema#"' % rng.choice([4, 6, 7]), '"x"']),
            "title": t.string, "default": t.scalar,
        }
        return "{" + ", ".join('"%s": %s' % (word, words[word]()) for word in rng.sample(sorted(words), rng.choice([0, 1, 1, 2, 3]))) + "}"

    def encoded(self, kind):
        import base64
        rng = self.rng
        data = bytes(rng.randrange(256) for _ in range(rng.randrange(9))) if rng.random() < 0.3 else self.t.raw_string().encode()
        if kind == "hex":
            return self.t.mutated(data.hex(), "0aFgG ")
        encode = rng.choice([base64.b64encode, base64.urlsafe_b64encode])
        text = encode(data).decode()
        return self.t.mutated(text.rstrip("=") if rng.random() < 0.3 else text, "Aa+/-_=\n\r .")

    def format(self):
        rng = self.rng
        out = ""
        for _ in range(rng.randrange(1, 4)):
            out += rng.choice(["", "a", "é ", "%%"])
            out += "%" + "".join(rng.sample("+-# 0", rng.choice([0, 0, 1, 2]))) + rng.choice(["", "", "", "5", "*", "10", "[2]", "[1]"])
            out += rng.choice(["", "", "", ".2", ".0", ".", ".*", ".10"]) + rng.choice("vvvTtbcdoOqxXUeEfFgGspdsvxq!z")
        return out

    def template_pattern(self):
        rng = self.rng
        # OPA keeps templates and patterns of the same text in one cache, and takes one for the other.
        return "=" + self.t.mutated("".join(rng.choice(["a", "/", "{[a-c]+}", "<.*>", "{a|b}", "x", "{\\d{2}}", "é", "."])
                                      for _ in range(rng.randrange(5))), "{}<>a")

    def simple_glob(self):
        rng = self.rng
        return self.t.mutated("".join(rng.choice(["a", "b", ".", "[a-c]", "[^a]", "[ab]", "\\.", "\\*", "é"]) + rng.choice(["", "", "*", "+"])
                                      for _ in range(rng.randrange(1, 5))), "[]-^*+.ab\\")

    def moment(self):
        rng, t = self.rng, self.t
        if rng.random() < 0.4:
            return t.moment()
        return '[%s, "%s"]' % (t.moment(), rng.choice(t.ZONES))

    def formatted(self):
        rng, t = self.rng, self.t
        if rng.random() < 0.2:
            return self.moment()
        return '[%s, "%s", %s]' % (t.moment(), rng.choice(t.ZONES), json.dumps(t.layout()))

    def steps(self):
        rng = self.rng
        return str(rng.randrange(-15, 40)) if rng.random() < 0.9 else rng.choice(["1.5", "400", "-3000", "99999999999", "1e3"])

    def time_text(self):
        rng, t = self.rng, self.t
        year, month, day = rng.choice([1677, 1969, 2000, 2023, 2024, 2262, 0, 9999]), rng.randrange(0, 14), rng.randrange(0, 33)
        hour, minute, second = rng.randrange(25), rng.randrange(61), rng.randrange(61)
        fraction = rng.choice(["", "", ".5", ".123456789", ".1234567891", ",25", "."])
        zone = rng.choice(["Z", "+01:00", "-07:00", "+0100", "", "+24:00", "+14:00", " UTC", " CET", " MST", "-00:00", " GMT+3", " ZZZZ"])
        name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Foo", "jan"][month % 14]
        return t.mutated(rng.choice([
            "%04d-%02d-%02dT%02d:%02d:%02d%s%s" % (year, month, day, hour, minute, second, fraction, zone),
            "%04d-%02d-%02d" % (year, month, day), "%02d:%02d:%02d%s" % (hour, minute, second, fraction),
            "%02d %s %02d %02d:%02d%s" % (day, name, year % 100, hour, minute, zone),
            "Mon %s %2d %02d:%02d:%02d %04d" % (name, day, hour, minute, second, year),
            "Mon, %02d %s %04d %02d:%02d:%02d%s" % (day, name, year, hour, minute, second, zone),
            "%d:%02d%s" % (hour % 13, minute, rng.choice(["PM", "AM", "pm"])), "%04d-%02d-%02d %02d:%02d:%02d%s" % (
                year, month, day, hour, minute, second, fraction)]), "0123456789:-TZ+. ,PM")

    def vertex(self):
        return self.rng.choice(['"a"', '"b"', '"c"', '"d"', "1", "1.0", "[1]", "null"])

    def graph(self):
        return self.t.object(0, self.vertex, lambda: self.t.collection(0, self.vertex))

    def template(self):
        rng = self.rng
        return self.t.mutated("".join(rng.choice([
            "a", " ", "{{.a}}", "{{.a.b}}", "{{if .a}}x{{else}}y{{end}}", "{{range .l}}{{.}},{{end}}", "{{range $i, $v := .l}}{{$i}}{{end}}",
            "{{with .a}}{{.}}{{end}}", "{{printf \"%v-%d\" .a .n}}", "{{len .l}}", "{{index .l 0}}", "{{.n | printf \"%05d\"}}",
            "{{eq .a .a}}", "{{and .a .n}}", "{{or .z .n}}", "{{not .a}}", "{{html .s}}", "{{js .s}}", "{{urlquery .s}}", "{{print .l}}",
            "{{/* c */}}", "{{- .a -}}", "{{define \"t\"}}d{{end}}{{template \"t\"}}", "{{lt .n 3}}", "{{slice .s 1}}", "{{$x := 1}}{{$x}}",
            "{{range .m}}{{.}}{{else}}e{{end}}", "{{.l}}", "{{.m}}", "{{break}}", "{{println .n}}", "{{1.5}}", "{{\"q\"}}", "{{nil}}"])
            for _ in range(rng.randrange(1, 4))), "{}.| $\"a1-")

    def variables(self):
        t, rng = self.t, self.rng
        return '{"a": %s, "n": %s, "l": %s, "s": %s, "m": %s}' % (
            t.json_value(1), rng.choice(["1", "2.5", "-3", '"x"', "1e3"]), rng.choice(["[]", "[1, 2]", '["a", null]', "[[1], {}]"]),
            t.string(), rng.choice(["{}", '{"b": 1, "a": 2}', "null"]))

    def graphql_query(self):
        rng = self.rng
        def selection(depth):
            items = [rng.choice(["a", "b", "x: a", "c(i: 1)", "c(i: $v)", "__typename", "...F", "c(i: \"s\")", "a @skip(if: true)", "zz", "e"]
                                + (["o {%s}" % selection(depth - 1), "... on O {%s}" % selection(depth - 1), "l {%s}" % selection(depth - 1)]
                                   if depth else [])) for _ in range(rng.randrange(1, 4))]
            return " " + " ".join(items) + " "
        out = rng.choice(["{%s}", "query {%s}", "query N {%s}", "query N($v: Int) {%s}", "query ($v: Int = 1, $w: [String!]!) {%s}",
                          "mutation {%s}", "subscription S {%s}", "query N @d {%s}"]) % selection(2)
        if rng.random() < 0.4:
            out += " fragment F on %s {%s}" % (rng.choice(["Query", "O", "X"]), selection(1))
        return self.t.mutated(out, "{}()$:!@\"[]., a1#") if rng.random() < 0.4 else out

    def graphql_schema(self):
        rng = self.rng
        parts = ["type Query { a: Int b: String! c(i: Int): Float o: O l: [O!]! e: E }", "type O implements I { a: Int o: O x: X }",
                 "interface I { a: Int }", "enum E { A B }", "union X = O | Query", "scalar S", "input P { a: Int = 1 p: P }",
                 "directive @d on QUERY | FIELD", "type Mutation { a: Int }", "extend type O { b: String }", "schema { query: Query }",
                 "\"\"\"doc\"\"\" type D { a: Int @deprecated(reason: \"r\") }", "type Subscription { a: Int o: O }"]
        always = parts[:5] if rng.random() < 0.85 else []
        out = " ".join(always + rng.sample(parts[5:], rng.randrange(4)))
        return self.t.mutated(out, "{}()$:!@\"[]=|, a1#") if rng.random() < 0.3 else out

    def module(self):
        rng, t = self.rng, self.t
        bodies = ["p", "p := 1", "p if { x := input.a; x > 1 }", "p contains x if some x in [1, 2]", "f(x) := x + 1", "default p := false",
                  "p[1]", "p := {\"a\": [1, {2}]}", "p if not q", "p := [x | some x in input]", "import data.a.b as c", "import rego.v1",
                  "# METADATA\n# title: t\np := 1", "p if every x in [1] { x > 0 }", "p := q with input as 1", "p.a.b := 1",
                  "p := 1 { true }", "else := 2", "p := $\"a{1}b\"", "p := `r`", "p if { a.b[c].d }", "p := -1", "p = x { x = 1 }",
                  "p := 1 if false else := 2 if true", "f(1) if true", "p := {1: 2}", "p := set()", "p := \"\\u00e4\""]
        return t.mutated(rng.choice(["package a", "package a.b[\"c\"]", "package", "# c\npackage a"]) + "\n\n"
                         + "\n".join(rng.choice(bodies) for _ in range(rng.randrange(4))))
