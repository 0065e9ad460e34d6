// Expected values are those of OPA 1.20.2.

/// Two patterns and what `regex.globs_match` says of them.
struct IntersectionCase: Sendable {
    let first: String
    let second: String
    let answer: GlobCase.Answer

    init(_ first: String, _ second: String, _ answer: GlobCase.Answer) {
        self.first = first
        self.second = second
        self.answer = answer
    }
}

/// A template with its delimiters, a text, and what `regex.template_match` says of them.
struct TemplateCase: Sendable {
    let template: String
    let delimiters: (UInt8, UInt8)
    let text: String
    let answer: GlobCase.Answer

    init(_ template: String, _ delimiters: String, _ text: String, _ answer: GlobCase.Answer) {
        let bytes = Array(delimiters.utf8)
        self.template = template
        self.delimiters = (bytes[0], bytes[1])
        self.text = text
        self.answer = answer
    }
}

enum IntersectionCases {
    static let all: [IntersectionCase] = [
        IntersectionCase("", "", .matches),
        IntersectionCase("", "a", .none),
        IntersectionCase("a*", "", .none),
        IntersectionCase("a*", "b*", .none),
        IntersectionCase("a", "a", .matches),
        IntersectionCase("[a-c]", "[c-e]", .matches),
        IntersectionCase("[]", "[a]", .none),
        IntersectionCase(".", "[]", .matches),
        IntersectionCase(
            "a**", "a",
            .failure("input:a**, pos:3, flag '*' must be preceded by a non-flag: the input provided is invalid")),
        IntersectionCase(
            "+a", "a",
            .failure("input:+a, pos:1, flag '+' must be preceded by a non-flag: the input provided is invalid")),
        IntersectionCase(
            "]", "a", .failure("input:], pos:1, set-close ']' with no preceding '[': the input provided is invalid")),
        IntersectionCase(
            "[a", "a", .failure("input:[a, pos:2, found [ without matching ]: the input provided is invalid")),
        IntersectionCase(
            "[-a]", "a",
            .failure(
                "input:[-a], pos:2, range character '-' must be preceded by a Unicode character: the input provided is invalid"
            )),
        IntersectionCase(
            "[a-]", "a",
            .failure(
                "input:[a-], pos:3, range character '-' must be followed by a Unicode character: the input provided is invalid"
            )),
        IntersectionCase(
            "[b-a]", "a",
            .failure(
                "input:[b-a], pos:4, range is out of order: 'a' comes before 'b' in Unicode: the input provided is invalid"
            )),
        IntersectionCase(
            "a\\", "",
            .failure("input:a\\, pos:1, input ends with a \\ (escape) character: the input provided is invalid")),
        IntersectionCase(
            "[a\\", "a",
            .failure("input:[a\\, pos:2, input ends with a \\ (escape) character: the input provided is invalid")),
        IntersectionCase("\\.", "a", .none),
        IntersectionCase(
            "[a--]", "a",
            .failure(
                "input:[a--], pos:4, range character '-' cannot be followed by a special symbol: the input provided is invalid"
            )),
        IntersectionCase("a+a+", "aaa", .matches),
        IntersectionCase("a+.*", "ab", .matches),
        IntersectionCase("[^a]", "b", .none),
        IntersectionCase(
            "[[]", "[", .failure("input:[, pos:1, found [ without matching ]: the input provided is invalid")),
        IntersectionCase("a\\*", "a*", .none),
        IntersectionCase("é*", "éé", .matches),
        IntersectionCase("[é-ü]", "ö", .matches),
        IntersectionCase("ab*", "a", .none),
        IntersectionCase("a*b*", "ab", .matches),
        IntersectionCase("a+", "a*", .matches),
        IntersectionCase("[a-c]*[0-9]+", "abc", .none),
        IntersectionCase("a.b*c+", "axbbc", .matches),
        IntersectionCase("a.a.[0-9]+z", ".b.b2359825792*594823z", .matches),
        IntersectionCase("[a-z]+\\[[0-9]+\\]", "foo[\"bar\"]", .none),
        IntersectionCase(
            "pqrs]", "[a-b]+",
            .failure("input:pqrs], pos:5, set-close ']' with no preceding '[': the input provided is invalid")),
        IntersectionCase("", "b+", .none),
        IntersectionCase("\\..*c.", "b+", .none),
        IntersectionCase("b", "\\[", .none),
        IntersectionCase("bb*cc.*", "", .none),
        IntersectionCase("c+[bc]b*", "a+a*", .none),
        IntersectionCase("\\[[]*", "[é-ü]+", .none),
        IntersectionCase("\\.+[bc]*[a-c][]\\[", "\\.*\\**c*", .none),
        IntersectionCase("", "", .matches),
        IntersectionCase("..+", "b[bc]a+[bc]", .matches),
        IntersectionCase("a*", "[c-c]", .none),
        IntersectionCase("[]a*", "[bc]*", .none),
        IntersectionCase("[]*", ".b[a-c]*[é-ü]c", .none),
        IntersectionCase("[bc]ba*.", "b*b\\.[]*b", .none),
        IntersectionCase("\\[*", "[a]a", .none),
        IntersectionCase(".b[c-c].a", "", .none),
        IntersectionCase("", "x*", .none),
        IntersectionCase(".", "b*[]b+", .none),
        IntersectionCase("bcc*b\\[*", "c*a*c*", .none),
        IntersectionCase("a*.+", ".*c[a]+.+", .matches),
        IntersectionCase("b*ab+c", "[é-ü]+c*", .none),
        IntersectionCase("[a-c]c*cb\\*", "c.+[c-c]*b+b", .none),
        IntersectionCase("[c-c]a*c*", "[a]a+", .none),
        IntersectionCase("[ab]c.[c-c][é-ü]", "", .none),
        IntersectionCase(".", ".c+[]c.*", .none),
        IntersectionCase("c*x.+[ab]*b", "b[a-c]\\[*", .none),
        IntersectionCase(".\\*+.[c-c]*", "cb+cc+[]", .none),
        IntersectionCase(".[a-c]*.c*", "", .none),
        IntersectionCase("[a][ab]c+b", "cac[ab].*", .none),
        IntersectionCase("bb", "a+abb*", .none),
        IntersectionCase("a+ca+.[a]*", "\\.*a", .none),
        IntersectionCase("\\[", "[a]*", .none),
        IntersectionCase("b+", "", .none),
        IntersectionCase("a.a*[ab]b", "a*", .none),
        IntersectionCase("c+c+.*", "c*a*c*a+", .matches),
        IntersectionCase("c*", ".+.*[c-c]", .matches),
        IntersectionCase("[]*.[].*x+", ".[bc]x*", .none),
        IntersectionCase("a*aa[é-ü]+a+", "c*[bc][ab][ab]+b", .none),
        IntersectionCase("b*aca+", "[ab]a+c*", .none),
        IntersectionCase("[bc]+", "c*a*.+c+.", .none),
        IntersectionCase("[ab]cx*c.", "bb*b+", .none),
        IntersectionCase(".cc[ab].", "", .none),
        IntersectionCase("", "", .matches),
        IntersectionCase("c+c", "[c-c]ax", .none),
        IntersectionCase("x[é-ü]*[bc]", "[]*", .none),
        IntersectionCase("cé", "b+b[c-c][é-ü]", .none),
        IntersectionCase("", "aab", .none),
        IntersectionCase("ac+[bc]c[a]", "[c-c]+[ab][a]*[a-c]*", .none),
        IntersectionCase("b*", "", .none),
        IntersectionCase("c", ".", .matches),
        IntersectionCase("", "a*[é-ü]a", .none),
        IntersectionCase("c*c[é-ü]c[ab]", "[]*c", .none),
        IntersectionCase("", "a.+[ab]*c+", .none),
        IntersectionCase("cx[c-c]", "\\*cc", .none),
        IntersectionCase("b[a]", "é*cbbc", .none),
        IntersectionCase("é", "a+[bc]*", .none),
        IntersectionCase("", "a+c*x*.é", .none),
    ]
}

enum TemplateCases {
    static let all: [TemplateCase] = [
        TemplateCase("urn:foo:{.*}", "{}", "urn:foo:bar", .matches),
        TemplateCase("a{b", "{}", "ab", .failure("unbalanced braces in \"a{b\"")),
        TemplateCase("a}b", "{}", "ab", .failure("unbalanced braces in \"a}b\"")),
        TemplateCase("{[}", "{}", "ab", .failure("error parsing regexp: missing closing ]: `[$`")),
        TemplateCase("{a|b}c", "{}", "ac", .matches),
        TemplateCase("{a|b}c", "{}", "b", .none),
        TemplateCase("a.b<.>", "<>", "a.bx", .matches),
        TemplateCase("a.b<.>x", "<>", "axbxx", .none),
        TemplateCase("x{a{2}}", "{}", "xaa", .matches),
        TemplateCase("a|b|c", "||", "b", .failure("unbalanced braces in \"a|b|c\"")),
        TemplateCase("a<b)(c>", "<>", "abc", .failure("error parsing regexp: unexpected ): `^b)(c$`")),
        TemplateCase("<(?i)x>y", "<>", "XY", .none),
        TemplateCase("<(?i)x>y+", "<>", "Xy+", .matches),
        TemplateCase("é<.>", "<>", "éa", .matches),
        TemplateCase("", "<>", "", .matches),
        TemplateCase("<>", "<>", "", .matches),
        TemplateCase("}}{{", "{}", "", .failure("unbalanced braces in \"}}{{\"")),
        TemplateCase("a\"\\<", "<>", "", .failure("unbalanced braces in \"a\\\"\\\\<\"")),
        TemplateCase("a<b>\n<c", "<>", "", .failure("unbalanced braces in \"a<b>\\n<c\"")),
    ]
}
