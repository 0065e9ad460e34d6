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
        IntersectionCase("[ab]+", "a", .matches),
        IntersectionCase("", "c*é[bc]\\.a", .none),
        IntersectionCase("", "b*b", .none),
        IntersectionCase("", "[a-c]é[a-c]*aa", .none),
        IntersectionCase("aaa*\\[", "", .none),
        IntersectionCase("cc", "[é-ü]*", .none),
        IntersectionCase("c*a[a]*b*b", "", .none),
        IntersectionCase("b+.", "b", .none),
        IntersectionCase("a*b", ".+.+", .matches),
        IntersectionCase("[a-c][]*b..", "aa[a-c]a", .none),
        IntersectionCase("", "", .matches),
        IntersectionCase("[ab]", ".*[bc][c-c].*a+", .none),
        IntersectionCase("", "[é-ü]\\.", .none),
        IntersectionCase("", "[a-c]*b.a\\*", .none),
        IntersectionCase(".*", "[ab]..[].", .matches),
        IntersectionCase("a*\\*b[a-c]*a", "\\*c*", .none),
        IntersectionCase("a[c-c]*[]*a*", "ca*cb*", .none),
        IntersectionCase(".+b*..*c", ".[a]a*a+", .none),
        IntersectionCase(".*.[c-c]+.", "b*c.+c", .matches),
        IntersectionCase("[]", "\\.[bc]ca", .none),
        IntersectionCase("\\*c", "[ab]b*.+b", .none),
        IntersectionCase("c", "", .none),
        IntersectionCase("", "", .matches),
        IntersectionCase("b*[c-c]cb", ".\\*[a]aa", .none),
        IntersectionCase("", "c\\.", .none),
        IntersectionCase("ab", "b[ab][a]c", .none),
        IntersectionCase("\\.+", "aa[]", .none),
        IntersectionCase("c", "", .none),
        IntersectionCase("c*[ab]", "c*[é-ü]..*", .none),
        IntersectionCase("", "[bc]", .none),
        IntersectionCase(".+.", "..*[]b", .matches),
        IntersectionCase("\\[+\\.+", "c", .none),
        IntersectionCase("a\\[x+b[]", "", .none),
        IntersectionCase("[é-ü]*b+", "a", .none),
        IntersectionCase(".b[ab]", "", .none),
        IntersectionCase("", "", .matches),
        IntersectionCase("\\*a*.\\*", "c*a*[a]a*é", .none),
        IntersectionCase("[]a", "", .none),
        IntersectionCase(".+[ab][][a-c]a", "bbaa", .none),
        IntersectionCase("", "", .matches),
        IntersectionCase("b\\[*[]", "a+", .none),
        IntersectionCase("[é-ü][ab]", "\\*+[a-c][é-ü][]+", .none),
        IntersectionCase("x", "..*.c[a-c]", .none),
        IntersectionCase("[é-ü]", "", .none),
        IntersectionCase("a[a]", ".+[ab].*a", .none),
        IntersectionCase("b*é+c\\*b", "", .none),
        IntersectionCase("a*\\...+[a]", "", .none),
        IntersectionCase("[a-c].+é*.*", ".*c*[é-ü]+", .matches),
        IntersectionCase(".abb", "[].", .none),
        IntersectionCase("[a]", "b[][ab]+b", .none),
        IntersectionCase("", "[bc]+", .none),
        IntersectionCase("cb.+", "[ab]+bc.*[bc]", .none),
        IntersectionCase("c.*b", "c+cb+", .matches),
        IntersectionCase("[]bb+b\\*", "a*c[é-ü]+.*", .none),
        IntersectionCase("c[é-ü]", "[ab]*b*[]+cb", .none),
        IntersectionCase(".+[é-ü]*", "a+c", .none),
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
