extension ErrorClass {
    /// What the parser refuses.
    static let syntax: [ErrorClass] = [
        ErrorClass(
            "missing-if", "rego_parse_error", "`if` keyword is required", "a rule body without `if`",
            help: "write `if` before the body: `allow if { ... }`",
            "Since OPA 1.0 a rule's body stands behind `if`. Older policies are read with --v0-compatible.",
            fails: "package p\n\nallow { input.x }\n", holds: "package p\n\nallow if { input.x }\n"),
        ErrorClass(
            "missing-contains", "rego_parse_error", "`contains` keyword is required", "a set rule without `contains`",
            help: "write `names contains x if { ... }`",
            "Since OPA 1.0 a rule that adds to a set says so with `contains`; `p[x]` alone is read as an object's key.",
            fails: "package p\n\nnames[x] { x := input.names[_] }\n",
            holds: "package p\n\nnames contains x if { x := input.names[_] }\n"),
        ErrorClass(
            "rule-name", "rego_parse_error", "var cannot be used for rule name", "a name that stands alone",
            help: "give the rule a value or a body: `x := 1`, `x if { ... }`",
            "A name on a line of its own says nothing: a rule has a value, a body, or both.",
            fails: "package p\n\nallow\n", holds: "package p\n\nallow := true\n"),
        ErrorClass(
            "missing-package", "rego_parse_error", "package expected", "a module without a package",
            help: "begin the file with `package NAME`",
            "Every module begins with the package that its rules belong to.", fails: "x := 1\n",
            holds: "package p\n\nx := 1\n"),
        ErrorClass(
            "empty-module", "rego_parse_error", "empty module", "a file without a module",
            help: "begin the file with `package NAME`", "A module has at least a package.", fails: "# nothing\n",
            holds: "package p\n"),
        ErrorClass(
            "unterminated-string", "rego_parse_error", "non-terminated string", "a string without its end",
            help: "close the string on its line with `\"`",
            "A string in double quotes ends on the line where it begins; a raw string in back quotes may hold line ends.",
            fails: "package p\n\nx := \"abc\n", holds: "package p\n\nx := \"abc\"\n"),
        ErrorClass(
            "illegal-escape", "rego_parse_error", "illegal escape sequence", "an unknown escape in a string",
            help: "write `\\\\` for a backslash, or the string in back quotes",
            "Strings in double quotes know the escapes of JSON only. Patterns are easier to write in back quotes.",
            fails: "package p\n\nx := \"\\d\"\n", holds: "package p\n\nx := `\\d`\n"),
        ErrorClass(
            "illegal-token", "rego_parse_error", "illegal token", "a character that begins nothing",
            "Outside of strings and comments there is no use for this character.", fails: "package p\n\nx := 1 @ 2\n",
            holds: "package p\n\nx := 1 + 2\n"),
        ErrorClass(
            "future-keyword", "rego_parse_error", "unexpected keyword", "an import of a keyword that there is not",
            help: "import one of and, contains, every, if, in, not, or",
            "`import future.keywords.NAME` switches on one keyword that older policies may use as a name.",
            fails: "package p\n\nimport future.keywords.iff\n", holds: "package p\n\nimport future.keywords.if\n"),
        ErrorClass(
            "import-path", "rego_parse_error", "unexpected import path, must begin",
            "an import of something else than a document",
            help: "imports begin with data, input, future or rego",
            "What can be imported lies below `data` or `input`, or is a keyword.",
            fails: "package p\n\nimport dta.users\n", holds: "package p\n\nimport data.users\n"),
        ErrorClass(
            "keyword-import", "rego_parse_error", "unexpected import path, must not end",
            "an import whose name is a keyword",
            help: "name it otherwise: `import data.x.if as y`",
            "An import binds the last part of its path as a name, and a keyword cannot be one.",
            fails: "package p\n\nimport data.x.if\n", holds: "package p\n\nimport data.x.if as condition\n"),
        ErrorClass(
            "metadata-scope", "rego_parse_error", "invalid annotation scope", "metadata with an unknown scope",
            help: "write rule, document, package or subpackages",
            "The scope of a metadata block says what it speaks of.",
            fails: "package p\n\n# METADATA\n# scope: all\nx := 1\n",
            holds: "package p\n\n# METADATA\n# scope: rule\nx := 1\n"),
        ErrorClass(
            "metadata-yaml", "rego_parse_error", "yaml:", "metadata that is no YAML",
            help: "check the indentation and quotes of the comment block below # METADATA",
            "The comments below `# METADATA` are one YAML document.",
            fails: "package p\n\n# METADATA\n# title: [\nx := 1\n",
            holds: "package p\n\n# METADATA\n# title: x\nx := 1\n"),
        ErrorClass(
            "unexpected-token", "rego_parse_error", "unexpected", "something that may not stand here",
            """
            The parser had expected something else at this place. Often a bracket or a comma before it is missing or \
            one too many.
            """, fails: "package p\n\nx := [1 2]\n", holds: "package p\n\nx := [1, 2]\n"),
        ErrorClass(
            "syntax", "rego_parse_error", "", "text that is no Rego",
            "The text does not follow the grammar; the message says where it leaves it.",
            fails: "package p\n\nimport rego.v2\n", holds: "package p\n\nimport rego.v1\n"),
    ]
}
