"""Policies written in other words, in which a reason for a difference is gone.

All of it works on the text that grammar.py makes, and on no other Rego.
"""

import copy
import re


def string_end(text, at):
    """Where a string or a template that opens at `at` is over."""
    if at > 0 and text[at - 1] == "$":
        at += 1
        while at < len(text) and text[at] != '"':
            at = ending(text, at) + 1 if text[at] == "{" else at + (2 if text[at] == "\\" else 1)
        return at + 1
    found = re.compile(r'"(\\.|[^"\\])*"').match(text, at)
    return found.end() if found else at + 1


def ending(text, start):
    """Where the bracket that opens at `start` closes."""
    depth, index = 0, start
    while index < len(text):
        c = text[index]
        if c == '"':
            index = string_end(text, index)
            continue
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth == 0:
                return index
        index += 1
    return len(text)


def pieces(text, separator):
    """The text parted at a separator that stands in no bracket and no string."""
    parts, start, index = [], 0, 0
    while index < len(text):
        if text[index] == '"':
            index = string_end(text, index)
        elif text[index] in "([{":
            index = ending(text, index) + 1
        elif text.startswith(separator, index):
            parts.append(text[start:index])
            start = index = index + len(separator)
        else:
            index += 1
    return parts + [text[start:]]


def inside_template(text, change):
    """A template (from its quote on) with its expressions changed."""
    result, index = "", 0
    while index < len(text):
        if text[index] == "{":
            end = ending(text, index)
            result += "{" + change(text[index + 1:end]) + "}"
            index = end + 1
        else:
            step = 2 if text[index] == "\\" else 1
            result += text[index:index + step]
            index += step
    return result


def exhaustive(text):
    """The text with what stops at the first proof written so that all of it is evaluated, in OPA and in Writ."""
    index = 0
    while True:
        found = re.compile(r"\b(not \{ |every )").search(text, index)
        if not found:
            break
        start = found.start()
        if found.group(1) == "every ":
            domain = re.compile(r"every ([\w, ]+) in ").match(text, start)
            if not domain:
                index = found.end()
                continue
            at = domain.end()
            while at < len(text) and not (text.startswith(" { ", at)):
                at = ending(text, at) + 1 if text[at] in "([{" else at + 1 if text[at] != '"' else string_end(text, at)
            end = ending(text, at + 1)
            parts = (domain.group(1), text[domain.end():at], text[at + 3:end - 1])
            changed = "count([1 | some %s in %s; count([1 | %s]) == 0]) == 0" % parts
        else:
            end = ending(text, found.end() - 2)
            changed = "count([1 | %s]) == 0" % text[found.end():end - 1]
        text = text[:start] + changed + text[end + 1:]
        index = start + 1
    return text


# Where a document begins: not what `with` replaces, no function, no rule that stands in for one.
ROOT = re.compile(r"(?<!with )(?<![\w.$])(?:input|io|data\.d|(?<!as )(?:(?:data\.)?u(?:\.r\d+)?|data\.t\.r\d+|imported|r\d+))\b(?! contains)")
VARIABLE = re.compile(r"\bv\d+\b(?=[.\[])")
CALL = re.compile(r"(?<![\w.])[a-z][\w.]*(?=\()")
NAME = re.compile(r"\.(\w+)")


class Parting:
    """Variables in place of documents, each found in a literal before and in no form that OPA's rule index looks at;
    calls and documents are computed in the same order then."""

    def __init__(self, bound, before, functions=()):
        self.bound, self.before, self.functions = set(bound), before, functions
        self.number, self.suffix, self.whole = 0, "", ""

    def literal(self, text):
        """A literal in other words; what is moved out of it keeps its `with`."""
        parts = pieces(text, " with ")
        self.whole = text
        suffix = "".join(" with " + self.replacement(part) for part in parts[1:])
        self.suffix = suffix
        changed = self.text(parts[0]) + suffix
        self.suffix = ""
        return changed

    def replacement(self, text):
        target, _, value = text.partition(" as ")
        is_name = re.fullmatch(r"[\w.]+", value)
        stays = is_name and (value in self.functions or not ROOT.match(value) and not value.startswith("v"))
        return target + " as " + (value if stays else self.text(value))

    def name(self, text):
        self.number += 1
        name = "vq%d" % self.number
        self.before.append("%s := [vp | vp := %s][0]%s" % (name, text, self.suffix))
        return name

    def text(self, text):
        result, index = "", 0
        while index < len(text):
            if text[index] == '"':
                end = string_end(text, index)
                result += inside_template(text[index:end], self.text) if text[index - 1:index] == "$" else text[index:end]
                index = end
                continue
            found = ROOT.match(text, index) or VARIABLE.match(text, index)
            if found and found.re is VARIABLE and found.group() not in self.bound:
                changed, index = found.group(), found.end()
            elif found:
                changed, index = self.document(text, found)
            elif (text[index] in "[{" and not re.search(r"[\w.)\]}]$", text[:index])) or CALL.match(text, index):
                changed, index = self.value(text, index)
            else:
                changed, index = text[index], index + 1
            result += changed
        return result

    def value(self, text, start):
        """A literal, a comprehension or a call, in a variable of its own where a key stands behind it."""
        call = CALL.match(text, start)
        opening = call.end() if call else start
        end = ending(text, opening)
        inside = self.text(text[opening + 1:end])
        changed = text[start:opening + 1] + inside + text[end:end + 1]
        own = set(re.findall(r"\bv\d+\b", inside)) - self.bound
        is_pattern = "_" in re.findall(r"\b_\b", inside) and " | " not in inside
        rest = self.whole.replace(text[opening + 1:end], "").replace(inside, "")
        if not text.startswith("[", end + 1) or is_pattern or own & set(re.findall(r"\bv\d+\b", rest)):
            # What is compared with a comprehension of another kind is not always computed.
            if " | " in inside and not call and len(pieces(inside, " | ")) > 1:
                changed = "[vp | vp := %s][0]" % changed
            return changed, end + 1
        return self.keys(text, end + 1, self.name(changed))

    def document(self, text, found):
        """The path that begins at a match, in other words, and where it ends."""
        at = found.end()
        while True:
            part = NAME.match(text, at)
            if part:
                at = part.end()
            elif text.startswith('["', at) and text.startswith("]", string_end(text, at + 1)):
                at = string_end(text, at + 1) + 1
            elif text.startswith("[data.keys.", at):
                at = ending(text, at) + 1
            else:
                break
        if text.startswith("(", at):
            return text[found.start():at], at
        return self.keys(text, at, self.name(text[found.start():at]))

    def keys(self, text, at, name):
        """What stands under the keys at `at` of what a variable holds, and where they end."""
        while text.startswith("[", at) or NAME.match(text, at):
            if text[at] == ".":
                end = NAME.match(text, at).end()
                name = self.name(name + text[at:end])
                at = end
                continue
            end = ending(text, at)
            key = text[at + 1:end]
            if set(re.findall(r"\bv\d+\b|\b_\b", key)) - self.bound or " | " in key:
                break
            name = self.name("%s[%s]" % (name, self.text(key)))
            at = end + 1
        return name, at


def evaluated(policy):
    """The policy with all of it evaluated: no rule index, no stop at the first proof."""
    other = copy.deepcopy(policy)
    named = {package: set(re.findall(r"^(?:default )?(r\d+)\(", "\n".join(rule.head for rule in rules), re.M))
             for package, rules in other.rules.items()}
    known = {prefix + name for name in named["u"] for prefix in ("u.", "data.u.")}
    known |= {"data.t." + name for name in named["t"]}
    for package, rule in [(package, rule) for package, rules in other.rules.items() for rule in rules]:
        if rule.head.startswith("default "):
            continue
        bodies = []
        heads = set(re.findall(r"\bv\d+\b", rule.head.partition(" := ")[0])) if re.match(r"r\d+\(", rule.head) else set()
        for number, body in enumerate(rule.bodies):
            literals = []
            parting = Parting(heads, literals, known | named[package])
            for literal in body:
                changed = parting.literal(exhaustive(literal))
                literals.append(changed)
                parting.bound.update(re.findall(r"\bv\d+\b", literal))
            # What is no constant may be another value next time.
            if number > 0 and rule.values[number]:
                rule.values[number] = "[vh | vh := %s][0]" % parting.text(exhaustive(rule.values[number]))
            name, sign, value = rule.head.partition(" := ")
            if number == 0 and re.match(r"\S+ contains ", rule.head):
                name, sign, value = rule.head.partition(" contains ")
                rule.head = "%s contains %s" % (name, parting.text(exhaustive(value)))
            elif number == 0 and sign:
                rule.head = "%s := [vh | vh := %s][0]" % (name, parting.text(exhaustive(value)))
            bodies.append(literals)
        rule.bodies = bodies
    return other


def composed(text):
    """The text with object and set literals that have computed parts made by a call, which is a value of its own."""
    result, index = "", 0
    while index < len(text):
        if text[index] == '"':
            end = string_end(text, index)
            result += inside_template(text[index:end], composed) if text[index - 1:index] == "$" else text[index:end]
            index = end
            continue
        if text[index] != "{":
            result += text[index]
            index += 1
            continue
        end = ending(text, index)
        inside = text[index + 1:end]
        changed = "{" + composed(inside) + "}"
        is_pattern = text.startswith(" = ", end + 1) or text[:index].endswith(" = ")
        is_comprehension = len(pieces(inside, " | ")) > 1
        is_computed = re.search(r"[a-z]", re.sub(r'"(\\.|[^"\\])*"|\b(true|false|null|set\(\))|\de', "", inside))
        if is_computed and not is_pattern and not is_comprehension:
            is_object = len(pieces(pieces(inside, ", ")[0], ": ")) > 1
            changed = "object.union(%s, {})" % changed if is_object else "(%s | set())" % changed
        result += changed
        index = end + 1
    return result


def changed(policy, change):
    """The policy with its expressions changed, bodies, values and heads of rules."""
    other = copy.deepcopy(policy)
    for rule in other.rules["u"] + other.rules["t"]:
        if rule.head.startswith("default "):
            continue
        rule.bodies = [[change(literal) for literal in body] for body in rule.bodies]
        rule.values = [value and change(value) for value in rule.values]
        for sign in (" := ", " contains "):
            name, found, value = rule.head.partition(sign)
            if found:
                rule.head = name + found + change(value)
                break
    return other


def brackets(text, change):
    """The text with each bracket's content changed, inner ones first, and then the bracket itself by `change`, which
    gets its kind, what stands before it and its content."""
    result, index = "", 0
    while index < len(text):
        c = text[index]
        if c == '"':
            end = string_end(text, index)
            result += (inside_template(text[index:end], lambda part: brackets(part, change))
                       if text[index - 1:index] == "$" else text[index:end])
            index = end
        elif c in "([{":
            end = ending(text, index)
            result += change(c, result, brackets(text[index + 1:end], change))
            index = end + 1
        else:
            result += c
            index += 1
    return result


CLOSING = {"(": ")", "[": "]", "{": "}"}


def united(text):
    """The text with calls of `union` in place of the operator."""
    def change(kind, before, inside):
        parts = pieces(inside, " | ")
        if kind == "(" and len(parts) == 2 and not re.search(r"\w$", before):
            return "union({%s, %s})" % tuple(parts)
        return kind + inside + CLOSING[kind]
    return brackets(text, change)


def swapped(text):
    """The text with the sides of each equation the other way round, also within `not` and comprehensions."""
    def equation(literal):
        parts = pieces(literal, " = ")
        if len(parts) != 2 or literal.startswith(("some ", "every ", "not ")):
            return literal
        right, *rest = pieces(parts[1], " with ")
        return " with ".join([right + " = " + parts[0]] + rest)

    def body(inside):
        return "; ".join(equation(literal) for literal in pieces(inside, "; "))

    def change(kind, before, inside):
        parts = pieces(inside, " | ")
        if kind == "{" and before.endswith("not "):
            inside = body(inside)
        elif kind in "[{" and len(parts) == 2:
            inside = parts[0] + " | " + body(parts[1])
        return kind + inside + CLOSING[kind]
    return body(brackets(text, change))


def unclosed(text):
    """The text with a number in place of each comprehension, and without `not`."""
    def change(kind, before, inside):
        if kind in "[{" and len(pieces(inside, " | ")) > 1:
            return "1"
        return kind + inside + CLOSING[kind]
    return re.sub(r"^not (?!\{)", "", brackets(text, change))


def boxed(text):
    """The literal with a call in an array where a variable is its result, so that the two are apart."""
    found = re.match(r"v\d+ :?= ", text)
    if not found:
        return text
    value, *rest = pieces(text[found.end():], " with ")
    return " with ".join([found.group() + "[%s][0]" % value] + rest)


def listed(text):
    """The text with an array in place of each set and object literal."""
    def change(kind, before, inside):
        if kind != "{" or before.endswith(("not ", ") ")) or len(pieces(inside, " | ")) > 1 or not inside:
            return kind + inside + CLOSING[kind]
        parts = [side for part in pieces(inside, ", ") for side in pieces(part, ": ")]
        return "[" + ", ".join(parts) + "]"
    return brackets(text, change)


def built(policy):
    """The policy in which no literal is iterated as it is written."""
    return changed(policy, lambda text: composed(exhaustive(text)))


def unshared(policy):
    """The policy in which no rule's value is another's document as it is, so that their types are two."""
    other = copy.deepcopy(policy)
    for rule in other.rules["u"] + other.rules["t"]:
        name, sign, value = rule.head.partition(" := ")
        if sign and not name.startswith("default ") and re.fullmatch(ROOT.pattern.replace(r"\b(?! contains)", r"[\w.]*"), value):
            rule.head = "%s := json.unmarshal(json.marshal(%s))" % (name, value)
    return other


def shallow(policy):
    """The policy in which no rule stands deeper than one step below its document: no places without rules in between."""
    other = copy.deepcopy(policy)
    for rule in other.rules["u"] + other.rules["t"]:
        found = re.match(r"(?:default )?r\d+(?!\()", rule.head)
        if not found:
            continue
        ends, at = [], found.end()
        while at < len(rule.head) and rule.head[at] in ".[":
            at = NAME.match(rule.head, at).end() if rule.head[at] == "." else ending(rule.head, at) + 1
            ends.append(at)
        if len(ends) > 1:
            rule.head = rule.head[:ends[0]] + rule.head[ends[-1]:]
    return other
