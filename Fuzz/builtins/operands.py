"""Random operands, as Rego terms: plain values, and texts that a parser behind a builtin reads."""

import json

STRINGS = [
    "", "a", "b", "A", "ab", "abc", "aaa", "plant/line-2/temp", "gw-1", "äöü", "ß", "e\u0301", "é", "日本語", "😀",
    "İ", "ı", "ǆ", "ﬃ", "ſ", "K", "Σς", "a\x00b", "\ufeffx", " a ", "\t\n", "\u2028", "\u00a0x\u3000", "a/b/c", "//",
    "~0~1", "null", "true", "1", "1.5", "-0", "1e3", "0x1F", "<&>", "\"q\"", "\\", "`", "%", "%s", "{}", "$1", "\x7f",
    "\U0010ffff", "\ufffd", "a" * 15, "ä" * 20, "x y", "a,b,,c", "\u0130stanbul", "\u200d",
]
NUMBERS = [
    "0", "-0", "1", "-1", "2", "3", "7", "8", "10", "16", "100", "255", "-7", "1.0", "0.0", "0.1", "0.2", "0.3", "1.5",
    "-1.5", "2.5", "-2.5", "0.5", "-0.5", "1e3", "1E3", "1.50", "1e-3", "1e30", "-1e30", "1e-30", "0.30000000000000004",
    "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
    "18446744073709551615", "18446744073709551616", "123456789012345678901234567890", "1.7976931348623157e308",
    "5e-324", "2.2250738585072014e-308", "3.141592653589793", "1234567.891", "99999999999999999999.5", "1e19", "1e21",
    "123456789.123456789123456789", "0.000001", "0.0000001", "1000000000000000000000", "4503599627370496.5",
]


class Terms:
    def __init__(self, rng):
        self.rng = rng

    def text(self, value):
        return json.dumps(value, ensure_ascii=self.rng.random() < 0.5)

    def raw_string(self):
        rng = self.rng
        if rng.random() < 0.6:
            return rng.choice(STRINGS)
        alphabet = rng.choice(["ab", "abc/", "aäß日😀", "01", "a-b_c.", "AaBb \t", "ab*?[]{}"])
        return "".join(rng.choice(alphabet) for _ in range(rng.randrange(12)))

    def string(self):
        return self.text(self.raw_string())

    def number(self):
        rng = self.rng
        if rng.random() < 0.7:
            return rng.choice(NUMBERS)
        return rng.choice([
            str(rng.randrange(-20, 20)), repr(rng.uniform(-100, 100)), str(rng.randrange(-2**70, 2**70)),
            "%de%d" % (rng.randrange(-99, 99), rng.randrange(-20, 20)), "%d.%02d" % (rng.randrange(99), rng.randrange(99))])

    def integer(self):
        rng = self.rng
        return str(rng.randrange(-4, 12)) if rng.random() < 0.8 else rng.choice(
            [n for n in NUMBERS if "." not in n and "e" not in n.lower()])

    def scalar(self):
        return self.rng.choice([self.string, self.string, self.number, self.number, lambda: "null", lambda: "true",
                                lambda: "false"])()

    def value(self, depth=2):
        rng = self.rng
        if depth <= 0 or rng.random() < 0.5:
            return self.scalar()
        return rng.choice([self.array, self.set, self.object])(depth - 1)

    def listed(self, one):
        return [one() for _ in range(self.rng.choice([0, 1, 1, 2, 2, 3, 4, 6]))]

    def array(self, depth=1, of=None):
        return "[" + ", ".join(self.listed(of or (lambda: self.value(depth)))) + "]"

    def set(self, depth=1, of=None):
        items = self.listed(of or (lambda: self.value(depth)))
        return "{" + ", ".join(items) + "}" if items else "set()"

    def collection(self, depth=1, of=None):
        return self.rng.choice([self.array, self.set])(depth, of)

    def object(self, depth=1, key=None, of=None):
        rng = self.rng
        key = key or (self.string if rng.random() < 0.8 else lambda: self.value(0))
        pairs = {key(): (of or (lambda: self.value(depth)))() for _ in range(rng.choice([0, 1, 2, 2, 3, 5]))}
        return "{" + ", ".join("%s: %s" % pair for pair in pairs.items()) + "}"

    def strings(self):
        return self.collection(0, self.string)

    def numbers(self):
        return self.collection(0, self.number)

    def boolean(self):
        return self.rng.choice(["true", "false"])

    def mutated(self, text, alphabet=None):
        """A text as it is, or with a few characters changed."""
        rng = self.rng
        if rng.random() < 0.6:
            return text
        for _ in range(rng.randrange(1, 3)):
            index = rng.randrange(len(text) + 1)
            new = rng.choice(alphabet or "ab01 .,:;-+*/\\\"'()[]{}<>=!?#%&|~^$@_\n\tZ\u00e4")
            text = rng.choice([text[:index] + new + text[index:], text[:index] + text[index + 1:],
                               text[:index] + new + text[index + 1:], text[:index]])
        return text

    # JSON without sets, as texts

    def json_value(self, depth=3):
        rng = self.rng
        if depth <= 0 or rng.random() < 0.45:
            return rng.choice([self.string, self.number, lambda: "null", lambda: "true", lambda: "false"])()
        if rng.random() < 0.5:
            return "[" + ", ".join(self.listed(lambda: self.json_value(depth - 1))) + "]"
        return "{" + ", ".join(
            "%s: %s" % (json.dumps(rng.choice(["a", "b", "c", "a/b", "0", "é", "<"])), self.json_value(depth - 1))
            for _ in range(rng.randrange(4))) + "}"

    # Texts for parsers

    def pattern(self, depth=3):
        rng = self.rng
        if depth <= 0:
            return rng.choice(["a", "b", ".", "\\d", "\\w", "\\s", "[a-c]", "[^a]", "x", "ä", "\\pL", "[[:alpha:]]", "^",
                               "$", "\\b", "\\.", "\\x41", "\\Q.\\E", "[\\d-]", "\\p{Greek}", "(?i)A", "\\B", "\\z", "\\D"])
        return rng.choice([
            lambda: self.pattern(depth - 1) + self.pattern(depth - 1),
            lambda: self.pattern(depth - 1) + "|" + self.pattern(depth - 1),
            lambda: "(" + self.pattern(depth - 1) + ")",
            lambda: "(?:" + self.pattern(depth - 1) + ")",
            lambda: "(?P<n>" + self.pattern(depth - 1) + ")",
            lambda: self.pattern(0) + rng.choice(["*", "+", "?", "*?", "+?", "{2}", "{1,3}", "{0,}", "??", "{,2}", "**"]),
            lambda: self.pattern(depth - 1),
        ])()

    def glob(self):
        rng = self.rng
        parts = ["a", "b", "*", "**", "?", "[a-c]", "[!a]", "{a,b}", "{a*,?b}", "/", ".", "\\*", "ä", "[^a]", "[ab]", "é"]
        return self.mutated("".join(rng.choice(parts) for _ in range(rng.randrange(6))), "[]{},*?!\\-ab/")

    def subject(self):
        rng = self.rng
        if rng.random() < 0.3:
            return self.raw_string()
        return "".join(rng.choice("aabbcx.1 /äA\n") for _ in range(rng.randrange(10)))

    def subject_of_glob(self):
        rng = self.rng
        return "".join(rng.choice(["a", "b", "c", "/", ".", "*", "ä", "é", "x"]) for _ in range(rng.randrange(6)))

    def version(self):
        rng = self.rng
        def number():
            return rng.choice(["0", "1", "2", "10", "01", "99999999999999999999", "9223372036854775808"]
                              if rng.random() < 0.3 else ["0", "1", "2", "10"])
        text = ".".join(number() for _ in range(3 if rng.random() < 0.9 else rng.randrange(5)))
        if rng.random() < 0.4:
            text += "-" + ".".join(rng.choice(["a", "rc", "1", "01", "x-y", "", "0"]) for _ in range(rng.randrange(1, 4)))
        if rng.random() < 0.2:
            text += "+" + rng.choice(["b", "1.2", "", "é"])
        if rng.random() < 0.05:
            text = "v" + text
        return text

    def address(self):
        rng = self.rng
        return self.mutated(rng.choice([
            "10.0.0.1", "192.168.%d.%d" % (rng.randrange(260), rng.randrange(256)), "10.%d.0.0" % rng.randrange(4),
            "2001:db8::1", "::", "::ffff:10.0.0.1", "fe80::1", "1.2.3", "010.0.0.1", "2001:db8:0:0::%x" % rng.randrange(9),
            "255.255.255.255", "fe80::1%eth0"]), "0123456789.:/af%")

    def network(self):
        rng = self.rng
        bits = rng.choice(["/8", "/16", "/24", "/25", "/30", "/31", "/32", "/0", "/64", "/126", "/128", "/33", "/129",
                           "/-1", "/08", "/a", ""])
        return self.address() + bits

    def uri(self):
        rng = self.rng
        return self.mutated(
            rng.choice(["http:", "mqtts:", "", "a+b-.1:", "1a:", "HTTP:", "mailto:"])
            + rng.choice(["//h", "//u:p@h:80", "//[::1]:5", "//h:", "//h:x", "", "//ä", "//[fe80::1%25en0]", "//a b", "//%41"])
            + rng.choice(["/a", "/a%2fb", "", "/ä", "/a b", "/%zz", "//x", "a:b", "/;x,y", "/a?b", "*"])
            + rng.choice(["?q=1&r", "", "?", "?ä", "?a b"]) + rng.choice(["", "#f", "#%20", "#"]))

    def query(self):
        rng = self.rng
        return self.mutated("&".join(
            rng.choice(["a", "b", "%41", "a+b", "ä", ""]) + rng.choice(["=", "", "=="]) + rng.choice(["1", "", "%20", "+", "%"])
            for _ in range(rng.randrange(5))), "%&=+;aZ \u00e4")

    def duration(self):
        rng = self.rng
        return self.mutated(rng.choice(["", "-", "+"]) + "".join(
            rng.choice(["1", "0", "1.5", ".5", "5.", "100", "9223372036", "0.000000001", "1_0"])
            + rng.choice(["ns", "us", "µs", "μs", "ms", "s", "m", "h", "d", "w", "y", ""]) for _ in range(rng.randrange(1, 4))))

    def unit(self):
        rng = self.rng
        return self.mutated(
            rng.choice(["1", "0", "1.5", "-1", "+2", "1e3", ".5", "10", "9223372036854775807", "1_000", "", "0x10", "1.", "é",
                        "123456789012345678901234567890", "0.0000000001", "1e-3", "1e400"])
            + rng.choice(["", "K", "k", "Ki", "ki", "KiB", "KB", "kb", "M", "m", "Mi", "MiB", "mb", "G", "g", "GiB", "T", "TiB",
                          "P", "Pb", "E", "EiB", "e", "Ei", "B", "b", "\"K\"", " K", "X"]))

    def uuid(self):
        rng = self.rng
        digits = "".join(rng.choice("0123456789abcdef") for _ in range(32))
        digits = digits[:12] + rng.choice("1123456789") + digits[13:]
        text = "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])
        return self.mutated(rng.choice([text, text, text.upper(), digits, "{" + text + "}", "urn:uuid:" + text]), "0aZ-{}")

    # What decides how YAML is written: line breaks of all kinds, white space, indicators, what reads as something else,
    # characters that are escaped or refused, long words and lines, letters and digits of other scripts.
    YAML_PIECES = (
        ["\n"] * 3 + [" ", " ", "  ", "\t", "\r", "\u0085", "\u2028", "\u2029", "\ufeff", "\x00", "\x07", "\x1b", "\x7f", "\x80",
                      "\ufffe", "\uffff", "\u00a0", "ä", "€", "😀", "\ue000", "٣", "²", "一", "×", "ǅ"]
        + ["a", "b", "word", "-", "- ", "? ", "?", ": ", ":", "#", " #", "---", "...", "---\n", "...\n"] + list("[]{},&*!|>%@`'\"\\~=")
        + ["0", "1", "9", "10", "null", "1.5", "0x1", "<<", "yes", "y", ".inf", "2001-01-01", ".5_0", "1_0", "+", "12:30",
           "%YAML 1.1\n", "!!str ", "a" * 40, "x " * 50, "long words here " * 4])

    def yaml_text(self):
        rng = self.rng
        return "".join(rng.choice(self.YAML_PIECES) for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8])))

    def yaml_value(self, depth=2):
        rng = self.rng
        kind = rng.random()
        if depth == 0 or kind < 0.4:
            return self.text(self.yaml_text()) if rng.random() < 0.85 else self.scalar()
        if kind < 0.7:
            return "[" + ", ".join(self.yaml_value(depth - 1) for _ in range(rng.randrange(4))) + "]"
        keys = {self.yaml_text() for _ in range(rng.randrange(4))}
        return "{" + ", ".join(self.text(key) + ": " + self.yaml_value(depth - 1) for key in sorted(keys)) + "}"

    def plain_yaml(self):
        rng = self.rng
        scalars = ["1", "0x1F", "0o17", "017", "1_000", "1.5", ".5", "1e3", "1.e+3", ".inf", "-.INF", ".nan", "true", "True",
                   "yes", "on", "no", "null", "~", "", "a", "'a b'", "\"a\\tb\\u00e4\"", "2024-01-02", "2024-01-02T03:04:05Z",
                   "!!str 1", "!!int '1'", "!!float 1", "!!binary aGk=", "!x y", "a: b", "- a", "[a, b]", "{a: b, c}", "&x 1",
                   "*x", "|\n  a\n  b", ">-\n  a\n  b", "ä", "<<", "=", "a#b", "a #b", "-1", "+1", "0b11", "12:30:45", "-0",
                   "9223372036854775808", "18446744073709551616", "1e400", "n", "y", "Null", "TRUE", "0.1e-5", "!!set {a, b}"]
        lines = []
        for _ in range(rng.randrange(1, 4)):
            form = rng.randrange(6)
            scalar = rng.choice(scalars)
            lines.append([
                "%s: %s" % (rng.choice(["a", "b", "1", "true", "<<", "? x", "\"q\"", "null", "1.5"]), scalar),
                "- %s" % scalar, scalar, "a:\n  - %s\n  - x" % scalar, "k:\n  m: %s" % scalar,
                "%s: [%s, {z: %s}]" % (rng.choice("abc"), rng.choice(scalars), rng.choice(scalars))][form if len(lines) == 0 or rng.random() < 0.3 else 0])
        return self.mutated("\n".join(lines) + rng.choice(["", "\n", "\n---\nb", "\n...\n"]))

    def moment(self):
        rng = self.rng
        if rng.random() < 0.7:
            return str(rng.choice([rng.randrange(-2**63, 2**63), rng.randrange(-10**18, 2 * 10**18),
                                   rng.randrange(0, 4 * 10**18), 0, -1, 1700000000000000000, 2**63 - 1, -2**63]))
        return self.number()

    ZONES = ["UTC", "", "Local", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Kolkata", "Australia/Lord_Howe",
             "Pacific/Apia", "America/St_Johns", "Africa/Casablanca", "Europe/Dublin", "Antarctica/Troll", "Asia/Kathmandu",
             "America/Sao_Paulo", "Pacific/Chatham", "Etc/GMT+5", "EST", "CET", "Mars/Olympus", "../etc/passwd", "europe/berlin",
             "Asia/Tehran", "Africa/Monrovia", "Europe/Amsterdam", "Atlantic/Azores", "Asia/Pyongyang"]

    LAYOUTS = ["2006-01-02", "2006-01-02T15:04:05Z07:00", "Mon Jan _2 15:04:05 2006", "02 Jan 06 15:04 MST", "3:04PM",
               "Monday, 02-Jan-06 15:04:05 MST", "2006-01-02T15:04:05.999999999Z07:00", "Jan _2 15:04:05.000", "RFC3339",
               "RFC1123Z", "RFC822", "RFC850", "Kitchen", "ANSIC", "UnixDate", "RubyDate", "RFC3339Nano", "Stamp", "StampMilli",
               "DateTime", "DateOnly", "TimeOnly", "Layout"]
    CHUNKS = ["2006", "06", "01", "1", "Jan", "January", "02", "2", "_2", "002", "__2", "15", "03", "3", "04", "4", "05", "5",
              "PM", "pm", "MST", "Z0700", "Z07:00", "Z07", "-0700", "-07:00", "-07", "Z070000", "-07:00:00", ".000", ".999",
              ",000", ".000000000", "Mon", "Monday", " ", "-", "/", ":", "T", "x", "_2006", "ä", "%", "Z"]

    def layout(self):
        rng = self.rng
        if rng.random() < 0.5:
            return rng.choice(self.LAYOUTS)
        return "".join(rng.choice(self.CHUNKS) for _ in range(rng.randrange(6)))
