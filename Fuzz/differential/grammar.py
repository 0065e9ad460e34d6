"""Random policies: modules, base data and input, from a grammar of Rego.

A policy is kept as parts (rules as a head and literals), so that a difference can be made smaller part by part.
Package `u` is referred to from package `t` and never the other way, and each rule refers to earlier ones only, so that
nothing is recursive. Values are typed loosely: enough for most expressions to mean something, and some not.
"""

import json
import random
import re

HEADER = {
    "plain": "",
    "logic": "import future.keywords.and\nimport future.keywords.or\nimport future.keywords.not\n",
}
STRINGS = ["", "in", "if", "a", "b", "ab", "k", "x", "1", "é", "e\u0301", "日本", "a/b", "a.b", "A", "😀", "true", "q\"s", "tab\t"]
NUMBERS = ["0", "1", "2", "3", "-1", "1.0", "1e0", "1.00", "0.5", "1e2", "100", "2.50", "-0", "1e-1", "12345678901234567890", "7", "10"]
KINDS = ["num", "str", "bool", "arr", "set", "obj"]


class Part:
    """A rule: its head, the literals of its bodies (one list for each else branch)."""

    def __init__(self, head, bodies, values=(), tail=None):
        self.head, self.bodies, self.values, self.tail = head, bodies, list(values), tail

    def text(self):
        lines = self.head
        for index, body in enumerate(self.bodies):
            if index > 0:
                lines += " else"
                if self.values[index] is not None:
                    lines += " := " + self.values[index]
            if body:
                lines += " if {\n\t" + "\n\t".join(body) + "\n}"
        # Declared variables that nothing uses are an error.
        for name in set(re.findall(r"\bv\d+\b", lines)):
            if len(re.findall(r"\b%s\b" % name, lines)) == 1:
                lines = re.sub(r"\b%s\b" % name, "_", lines)
        return lines.replace("_ := ", "_ = ") + "\n"


class Policy:
    def __init__(self):
        self.header, self.rules, self.data, self.input, self.queries = "plain", {"u": [], "t": []}, {}, None, []

    def modules(self):
        texts = []
        for package in ("u", "t"):
            imports = HEADER[self.header]
            if package == "t":
                imports += "import data.u\nimport data.u.r0 as imported\nimport input.o as io\n"
            texts.append("package %s\n\n%s\n%s" % (package, imports, "\n".join(r.text() for r in self.rules[package])))
        return texts


    def place(self, package, row):
        """The rule at a row of a package's module, and the literal: its body and position (None for the head)."""
        here = self.modules()[("u", "t").index(package)].count("\n") + 2
        for rule in reversed(self.rules[package]):
            here -= rule.text().count("\n") + 1
            if row < here:
                continue
            at = here
            for body in rule.bodies:
                if at < row <= at + len(body):
                    return rule, body, row - at - 1
                at += len(body) + 1
            return rule, None, None
        return None, None, None


class Scope:
    """Variables that are bound, with their kinds."""

    def __init__(self, variables=None):
        self.variables = dict(variables or {})

    def of(self, kind):
        return [n for n, k in self.variables.items() if k == kind or k == "any"]


class Generator:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.policy = Policy()
        self.counter = 0
        # Rules that may be referred to: (reference, kind), and functions: (reference, kinds of operands, kind).
        self.documents, self.functions = [], []
        self.package = "u"
        self.here = []
        self.dodges = self.chance(0.6)

    def chance(self, p):
        return self.r.random() < p

    def fresh(self):
        self.counter += 1
        return "v%d" % self.counter

    # Values of data and input

    def json(self, depth=2):
        k = self.r.randrange(8 if depth else 5)
        if k == 0:
            return self.r.choice([None, True, False])
        if k <= 2:
            return self.r.choice([0, 1, 2, 3, -1, 0.5, 1.5, 100])
        if k <= 4:
            return self.r.choice(STRINGS)
        if k == 5:
            return [self.json(depth - 1) for _ in range(self.r.randrange(4))]
        return {self.r.choice(STRINGS): self.json(depth - 1) for _ in range(self.r.randrange(4))}

    def documents_of_data(self):
        d = {
            "n": self.r.choice([1, 2, 3, 1.5]), "s": self.r.choice(STRINGS),
            "a": [self.r.choice([1, 2, 3, 4]) for _ in range(self.r.randrange(4))],
            "o": {self.r.choice(STRINGS): self.r.choice([1, 2, "x", [1]]) for _ in range(self.r.randrange(4))},
            "t": [{"id": i, "tags": self.r.sample(["a", "b", "x"], 2), "v": self.r.choice([1, 2, 3])} for i in range(self.r.randrange(4))],
            "m": self.json(),
        }
        return d

    # Expressions

    def string(self):
        return json.dumps(self.r.choice(STRINGS), ensure_ascii=False)

    def scalar(self):
        return self.r.choice([self.string, lambda: self.r.choice(NUMBERS), lambda: self.r.choice(["true", "false", "null"])])()

    def key(self, scope):
        return self.r.choice([self.string, self.string, lambda: self.r.choice(["0", "1", "2"]), lambda: self.expr("any", scope, 0)])()

    def source(self, kind):
        """A reference into input or base data of a kind."""
        path = {"num": ["n"], "str": ["s"], "arr": ["a", "t"], "obj": ["o"], "any": ["m", "n", "s", "a", "o", "t", "zz"], "bool": ["zz", "m"], "set": ["m"]}[kind]
        name = self.r.choice(path)
        root = self.r.choice(["input", "input", "data.d"])
        if root == "input" and name == "o" and self.package == "t" and not self.dodges and self.chance(0.3):
            return "io"
        return self.at(root + "." + name)

    def at(self, path):
        """A path into input or base data; with a computed key where OPA's rule index is to be kept out."""
        root, name = path.rsplit(".", 1)
        return "%s[data.keys.%s]" % (root, name) if self.dodges else path

    def expr(self, kind, scope, depth=2):
        if kind == "any":
            if scope.variables and self.chance(0.4):
                return self.r.choice(list(scope.variables))
            if self.chance(0.2):
                return self.source("any")
            kind = self.r.choice(KINDS)
        named = scope.of(kind)
        if named and self.chance(0.45):
            return self.r.choice(named)
        if self.chance(0.25) and kind not in ("set", "bool"):
            return self.source(kind)
        documents = [d for d, k in self.documents if k == kind]
        if documents and self.chance(0.25):
            return self.r.choice(documents)
        functions = [f for f in self.functions if f[2] == kind]
        if functions and depth > 0 and self.chance(0.2):
            name, operands, _ = self.r.choice(functions)
            return "%s(%s)" % (name, ", ".join(self.expr(k, scope, depth - 1) for k in operands))
        if depth <= 0:
            return self.literal(kind, scope, depth)
        return self.compound(kind, scope, depth)

    def literal(self, kind, scope, depth):
        if kind == "num":
            return self.r.choice(NUMBERS)
        if kind == "str":
            return self.string()
        if kind == "bool":
            return self.r.choice(["true", "false"])
        items = [self.scalar() for _ in range(self.r.randrange(4))]
        if kind == "arr":
            return "[" + ", ".join(items) + "]"
        if kind == "set":
            return "{" + ", ".join(items) + "}" if items else "set()"
        return "{" + ", ".join("%s: %s" % (self.r.choice([self.string(), "1", "[1]", "null", "{2}"]) if self.chance(0.2) else self.string(), v) for v in items) + "}"

    def compound(self, kind, scope, depth):
        e = lambda k: self.expr(k, scope, depth - 1)
        pick = self.r.choice
        if kind == "num":
            return pick([
                lambda: "(%s %s %s)" % (e("num"), pick(["+", "-", "*", "/", "%"]), e("num")),
                lambda: "count(%s)" % e(pick(["arr", "set", "obj", "str"])),
                lambda: "%s(%s)" % (pick(["abs", "ceil", "floor", "round"]), e("num")),
                lambda: "%s(%s)" % (pick(["sum", "product"]), "[%s, %s]" % (e("num"), e("num"))),
                lambda: "to_number(%s)" % e(pick(["str", "num", "bool"])),
                lambda: "%s[%s]" % (e("arr"), pick(["0", "1", e("num")])),
                lambda: "%s.%s" % (self.source("obj"), pick(["in", "if", "a", "default"])),
                lambda: "-%s" % (scope.of("num") or ["1"])[0],
                lambda: "indexof(%s, %s)" % (e("str"), e("str")),
                lambda: "bits.and(%s, %s)" % (e("num"), e("num")),
            ])()
        if kind == "str":
            return pick([
                lambda: "concat(%s, [%s, %s])" % (self.string(), e("str"), e("str")),
                lambda: "%s(%s)" % (pick(["upper", "lower", "trim_space", "json.marshal", "type_name"]), e("str")),
                lambda: "sprintf(%s, [%s])" % (pick(['"%v"', '"%s-%d"', '"%d"', '"%5.2f"', '"%q"']), e("any")),
                lambda: "$\"%s{%s}{%s}\"" % (pick(["", "a", "\\n"]), e("any").replace("\n", " "), pick([self.at("input.zz"), self.at("data.d.s"), "1 + 1", "[1]"])),
                lambda: "substring(%s, %s, %s)" % (e("str"), pick(["0", "1", "2"]), pick(["1", "2", "-1"])),
                lambda: "replace(%s, %s, %s)" % (e("str"), self.string(), self.string()),
                lambda: "format_int(%s, %s)" % (pick(["7", "255", self.at("input.n")]), pick(["2", "10", "16"])),
                lambda: "json.marshal(%s)" % e("any"),
                lambda: "type_name(%s)" % e("any"),
            ])()
        if kind == "bool":
            return pick([
                lambda: "(%s)" % self.comparison(scope, depth - 1, ["==", "!=", "<", "<=", ">", ">="]),
                lambda: "(%s in %s)" % (e("any"), e(pick(["arr", "set", "obj"]))),
                lambda: "(%s in {%s, %s})" % (e("any"), e("any"), e("any")),
                lambda: "({%s, %s} %s %s)" % (e("any"), e("any"), pick(["==", "!=", "<"]), e("set")),
                lambda: "%s(%s, %s)" % (pick(["startswith", "endswith", "contains"]), e("str"), e("str")),
                lambda: "%s(%s)" % (pick(["is_number", "is_string", "is_array", "is_set", "is_object", "is_null"]), e("any")),
                lambda: "regex.match(%s, %s)" % (pick(['"a+"', '"^[a-c]*$"', '"."']), e("str")),
                lambda: "object.subset(%s, %s)" % (e("obj"), e("obj")),
            ])()
        if kind == "arr":
            return pick([
                lambda: "[%s, %s]" % (e("any"), e("any")),
                lambda: self.comprehension("[%s | %s]", scope, depth),
                lambda: self.comprehension("[%s | %s]", scope, depth),
                lambda: "array.concat(%s, %s)" % (e("arr"), e("arr")),
                lambda: "array.slice(%s, %s, %s)" % (e("arr"), pick(["0", "1"]), pick(["1", "2", "5"])),
                lambda: "array.reverse(%s)" % e("arr"),
                lambda: "split(%s, %s)" % (e("str"), pick(['"a"', '""', '"/"'])),
                lambda: "sort(%s)" % e(pick(["arr", "set"])),
                lambda: "numbers.range(%s, %s)" % (pick(["0", "1", "3"]), pick(["2", "3", "-1"])),
            ])()
        if kind == "set":
            return pick([
                lambda: "{vs | some vs in [%s, %s]}" % (e("any"), e("any")),
                lambda: self.comprehension("{%s | %s}", scope, depth),
                lambda: self.comprehension("{%s | %s}", scope, depth),
                lambda: "(%s %s %s)" % (e("set"), pick(["&", "|", "-"]), e("set")),
                lambda: "object.keys(%s)" % e("obj"),
                lambda: "union({%s, %s})" % (e("set"), e("set")),
                lambda: "({%s, %s} %s %s)" % (e("any"), e("any"), pick(["&", "|", "-"]), e("set")),
            ])()
        return pick([
            lambda: "{%s: %s, %s: %s}" % (self.string(), e("any"), pick([self.string(), "1", e("any")]), e("any")),
            lambda: self.comprehension("{%s: %s | %s}", scope, depth),
            lambda: "object.union(%s, %s)" % (e("obj"), e("obj")),
            lambda: "object.remove(%s, [%s])" % (e("obj"), self.string()),
            lambda: "object.get(%s, %s, {})" % (e("obj"), self.key(scope)),
            lambda: "{%s: %s, %s: %s}" % (pick(["[1]", "{2}", "null", "1.0", e("any")]), e("any"), pick(["1", "1e0", "{}"]), e("any")),
            lambda: "json.filter(%s, [%s])" % (e("obj"), self.string()),
        ])()

    def comprehension(self, form, scope, depth):
        inner = Scope(scope.variables)
        body = [self.binder(inner, depth - 1)]
        for _ in range(self.r.randrange(2)):
            body.append(self.test(inner, depth - 1))
        heads = [self.expr("any", inner, depth - 1) for _ in range(form.count("%s") - 1)]
        return form % tuple(heads + ["; ".join(body)])

    # Literals of bodies

    def collection(self, scope, depth):
        return self.expr(self.r.choice(["arr", "arr", "obj", "set"]), scope, max(0, depth))

    def binder(self, scope, depth=1):
        """A literal that binds variables."""
        k = self.r.randrange(12)
        if k <= 1:
            source = self.collection(scope, depth)
            v = self.fresh()
            scope.variables[v] = "any"
            return "some %s in %s" % (v, source)
        if k == 2:
            source = self.collection(scope, depth)
            i, v = self.fresh(), self.fresh()
            scope.variables[i] = scope.variables[v] = "any"
            return "some %s, %s in %s" % (i, v, source)
        if k <= 5:
            kind = self.r.choice(KINDS)
            value = self.expr(kind, scope, depth)
            v = self.fresh()
            scope.variables[v] = kind
            return "%s := %s" % (v, value)
        if k == 6:
            source = self.r.choice([self.source("arr"), self.source("obj"), self.at("data.d.t"), self.at("input.t"), "data.u"] if self.package == "t" else [self.at("data.d.t"), self.at("input.t"), "data.d"])
            i = self.fresh()
            v = self.fresh()
            scope.variables[i] = scope.variables[v] = "any"
            # A key into a partial document would have OPA compute that key alone.
            tail = self.r.choice(["", "", "[_]"] + ([] if source == "data.u" else [".v", ".tags[_]"]))
            return "some %s; %s = %s[%s]%s" % (i, v, source, i, tail)
        if k == 7:
            a, b = self.fresh(), self.fresh()
            value = self.r.choice(["[%s, %s]" % (self.expr("any", scope, depth), self.expr("any", scope, depth)), self.source("any"), self.at("input.a")])
            scope.variables[a] = scope.variables[b] = "any"
            return "[%s, %s] := %s" % (a, b, value)
        if k == 8:
            p, v = self.fresh(), self.fresh()
            value = self.expr(self.r.choice(["obj", "arr"]), scope, depth)
            scope.variables[p] = "arr"
            scope.variables[v] = "any"
            return "walk(%s, [%s, %s])" % (value, p, v)
        if k == 9:
            a = self.fresh()
            scope.variables[a] = "any"
            return "some %s; {\"id\": %s, \"tags\": _, \"v\": _} = %s" % (a, a, self.r.choice([self.at("data.d.t") + "[_]", self.at("input.t") + "[_]"]))
        documents = [d for d, k2 in self.documents if k2 in ("set", "obj", "arr")]
        if documents:
            i = self.fresh()
            scope.variables[i] = "any"
            return "some %s; %s[%s]" % (i, self.r.choice(documents), i)
        v = self.fresh()
        scope.variables[v] = "any"
        return "%s := %s" % (v, self.source("any"))

    def test(self, scope, depth=1):
        k = self.r.randrange(14)
        e = lambda kind: self.expr(kind, scope, depth)
        if k <= 3:
            return self.comparison(scope, depth, ["==", "!=", "<", "<=", ">", ">=", "="])
        if k == 4:
            return e("bool")
        if k == 5:
            return "not " + self.test_plain(scope, depth)
        if k == 6:
            v = self.fresh()
            source = self.collection(scope, depth)
            inner = Scope(scope.variables)
            inner.variables[v] = "any"
            head = v
            if self.chance(0.3):
                i = self.fresh()
                inner.variables[i] = "any"
                head = i + ", " + v
            body = [self.test(inner, depth - 1)]
            if self.chance(0.3):
                body.insert(0, self.binder(inner, depth - 1))
            return "every %s in %s { %s }" % (head, source, "; ".join(body))
        if k == 7:
            return "%s in %s" % (e("any"), self.collection(scope, depth))
        if k == 8:
            return e("any")
        if k == 9 and self.policy.header == "logic":
            return "%s %s %s" % (self.test_plain(scope, depth), self.r.choice(["and", "or"]), self.test_plain(scope, depth))
        if k == 10 and self.policy.header == "logic":
            inner = Scope(scope.variables)
            body = [self.binder(inner, depth), self.test(inner, depth)]
            return "not { %s }" % "; ".join(body)
        if k in (11, 12):
            return self.with_modifier(scope, depth)
        return self.test_plain(scope, depth)

    def test_plain(self, scope, depth):
        e = lambda kind: self.expr(kind, scope, depth)
        return self.r.choice([
            lambda: self.comparison(scope, depth, ["=="]), lambda: e("bool"), lambda: self.source("any"),
            lambda: self.comparison(scope, depth, ["!=", "<"]), lambda: e("any"),
        ])()

    def comparison(self, scope, depth, operators):
        """Operands of one kind, mostly: others can never be equal, which is a type error."""
        kind = self.r.choice(KINDS)
        other = "any" if self.chance(0.05) else kind
        left = self.expr(kind, scope, depth)
        right = self.source("any") if self.chance(0.3) else self.expr(other, scope, depth)
        return "%s %s %s" % (left, self.r.choice(operators), right)

    def with_modifier(self, scope, depth):
        e = lambda kind: self.expr(kind, scope, depth)
        target = [d for d, _ in self.documents]
        subject = self.r.choice(target) if target and self.chance(0.7) else e("any")
        calls = [f for f in self.functions]
        if calls and self.chance(0.4):
            name, operands, _ = self.r.choice(calls)
            subject = "%s(%s)" % (name, ", ".join(e(k) for k in operands))
        v = self.fresh()
        form = self.r.choice(["%s", "%s == " + self.source("any"), v + " := %s", "not %s"])
        text = form % subject
        for _ in range(self.r.choice([1, 1, 2])):
            text += " with " + self.replacement(scope, depth)
        if form.startswith("v"):
            scope.variables[v] = "any"
        return text

    def replacement(self, scope, depth):
        e = lambda kind: self.expr(kind, scope, depth)
        options = [
            lambda: "input as " + e("any"), lambda: "input.%s as %s" % (self.r.choice(["n", "s", "a", "o", "m"]), e("any")),
            lambda: "input.o.x as " + e("any"), lambda: "data.d.%s as %s" % (self.r.choice(["n", "s", "a", "o", "m"]), e("any")),
            lambda: "data.d as " + e("obj"), lambda: "data.d.o.a as " + e("any"),
            lambda: "count as " + self.r.choice(["5", "0"] + list(scope.variables)), lambda: "upper as lower",
        ]
        documents = [d for d, _ in self.documents if "[" not in d and d != "imported"]
        if documents:
            name = self.r.choice(documents)
            full = name if name.startswith("data.") else "data." + (name if name.startswith("u.") else self.package + "." + name)
            options += [lambda full=full: "%s as %s" % (full, e("any"))] * 3
        if self.package == "t":
            options.append(lambda: "data.u as " + e("obj"))
        for name, operands, _ in self.functions:
            full = name if name.startswith("data.") else "data." + (name if name.startswith("u.") else self.package + "." + name)
            others = [f for f in self.functions if len(f[1]) == len(operands) and f[0] != name]
            options.append(lambda full=full: "%s as %s" % (full, self.replacing_value(scope, depth)))
            if others:
                options.append(lambda full=full, others=others: "%s as %s" % (full, self.r.choice(others)[0]))
            if len(operands) == 1:
                options.append(lambda full=full: "%s as %s" % (full, self.r.choice(["count", "upper", "is_string"])))
        return self.r.choice(options)()

    def replacing_value(self, scope, depth):
        """A value in place of a function: no rule's document, which OPA computes at the call."""
        value = self.expr("any", scope, depth)
        is_document = any(value == name for name, _ in self.documents) or re.match(r"(data\.u|u)\b", value)
        return "[%s][0]" % value if is_document else value

    def body(self, scope, most=3):
        literals = []
        for _ in range(self.r.randrange(1, most + 1)):
            text = self.binder(scope) if self.chance(0.5) else self.test(scope)
            # On a line of its own a minus goes on with the line before.
            literals.append("_ = " + text if text.startswith("-") else text)
        return literals

    # Rules

    def rule_group(self, index):
        name = "r%d" % index
        rules = self.policy.rules[self.package]
        form = self.r.choice(["complete", "complete", "set", "set", "object", "object", "function", "function", "nested", "deep", "else", "constant"])
        kind = self.r.choice(KINDS)
        if form == "constant":
            rules.append(Part("%s := %s" % (name, self.expr(kind, Scope(), 1)), [[]]))
        elif form in ("complete", "else"):
            if self.chance(0.4):
                rules.append(Part("default %s := %s" % (name, self.literal(kind, Scope(), 0)), [[]]))
            for _ in range(self.r.choice([1, 1, 2])):
                scope = Scope()
                body = self.body(scope)
                value = self.expr(kind, scope, 1)
                bodies, values = [body], [None]
                if form == "else":
                    for _ in range(self.r.randrange(1, 3)):
                        inner = Scope()
                        bodies.append(self.body(inner, 2))
                        values.append(self.expr(kind, inner, 1))
                rules.append(Part("%s := %s" % (name, value), bodies, values))
        elif form == "set":
            kind = "set"
            for _ in range(self.r.choice([1, 2])):
                scope = Scope()
                body = self.body(scope)
                rules.append(Part("%s contains %s" % (name, self.expr("any", scope, 1)), [body]))
        elif form == "object":
            kind = "obj"
            for _ in range(self.r.choice([1, 2])):
                scope = Scope()
                body = self.body(scope)
                rules.append(Part("%s[%s] := %s" % (name, self.variable_or_text(scope), self.expr("any", scope, 1)), [body]))
        elif form in ("nested", "deep"):
            kind = "obj"
            for _ in range(self.r.choice([1, 2, 3])):
                scope = Scope()
                body = self.body(scope, 2)
                path = self.r.choice([".x[%s]", "[%s].y", "[%s][%s]", ".x.y[%s]", ".w"])
                head = name + path % tuple(self.variable_or_text(scope) for _ in range(path.count("%s")))
                if self.chance(0.3) and form == "deep":
                    head += " contains " + self.expr("any", scope, 1)
                else:
                    head += " := " + self.expr("any", scope, 1)
                rules.append(Part(head, [body]))
        else:
            return self.function(name)
        self.here.append((name, kind))

    def variable_or_text(self, scope):
        return self.r.choice(list(scope.variables)) if scope.variables and self.chance(0.6) else self.string()

    def function(self, name):
        rules = self.policy.rules[self.package]
        kind = self.r.choice(KINDS)
        operands = [self.r.choice(["num", "str", "arr", "any", "obj"]) for _ in range(self.r.choice([1, 1, 2]))]
        if self.chance(0.25):
            rules.append(Part("default %s(%s) := %s" % (name, ", ".join("d%d" % i for i in range(len(operands))), self.literal(kind, Scope(), 0)), [[]]))
        for _ in range(self.r.choice([1, 2, 2, 3])):
            scope = Scope()
            patterns = []
            for operand in operands:
                k = self.r.randrange(10)
                if k <= 5:
                    v = self.fresh()
                    scope.variables[v] = operand
                    patterns.append(v)
                elif k == 6:
                    patterns.append("_")
                elif k == 7 and operand == "arr":
                    a, b = self.fresh(), self.fresh()
                    scope.variables[a] = scope.variables[b] = "any"
                    patterns.append("[%s, %s]" % (a, b))
                elif k == 8 and operand == "obj":
                    a = self.fresh()
                    scope.variables[a] = "any"
                    patterns.append("{\"x\": %s}" % a)
                else:
                    patterns.append(self.literal(operand if operand != "any" else "num", scope, 0))
            bodies, values = [self.body(scope, 2) if self.chance(0.6) else []], [None]
            value = self.expr(kind, scope, 1)
            if bodies[0] and self.chance(0.25):
                bodies.append([])
                values.append(self.literal(kind, Scope(), 0))
            rules.append(Part("%s(%s) := %s" % (name, ", ".join(patterns), value), bodies, values))
        self.functions.append((name, operands, kind))

    def make(self):
        p = self.policy
        p.header = "logic" if self.chance(0.3) else "plain"
        p.dodges = self.dodges
        p.data = {"keys": {k: k for k in ("n", "s", "a", "o", "t", "m", "zz", "base")}, "d": self.documents_of_data(), "u": {"base": self.json(), "b2": {"a": 1}}}
        p.input = self.documents_of_data()
        for index in range(self.r.randrange(2, 5)):
            self.rule_group(index)
            self.documents = list(self.here)
        u_names = [n for n, _ in self.here]
        self.documents = []
        for n, k in self.here:
            self.documents.append((self.r.choice(["data.u.", "u."]) + n, k))
        self.functions = [(self.r.choice(["data.u.", "u."]) + f[0], f[1], f[2]) for f in self.functions]
        self.documents += [("data.u", "obj"), (self.at("data.u.base"), "any"), ("data.u[%s]" % self.at("input.s"), "any"), ("data.u[\"r1\"]", "any")]
        if "r0" in u_names:
            self.documents.append(("imported", dict(self.here)["r0"]))
        outer = list(self.documents)
        self.package, self.here = "t", []
        for index in range(10, 10 + self.r.randrange(2, 6)):
            self.rule_group(index)
            self.documents = outer + list(self.here)
        names = [n for n, _ in self.here]
        p.queries = ["x = data.t"] if not names or self.chance(0.2) else ["x = data.t.%s" % n for n in self.r.sample(names, min(3, len(names)))]
        if self.chance(0.2):
            p.queries.append("x = data.u")
        return p


def policy(seed):
    return Generator(seed).make()
