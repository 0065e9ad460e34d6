// Expected values are those of OPA 1.20.2 (Go's regexp).

struct ReplaceCase: Sendable {
    let pattern: String
    let text: String
    let template: String
    let result: String
}

struct SplitCase: Sendable {
    let pattern: String
    let text: String
    let pieces: [String]
}

enum ReplaceCases {
    static let all: [ReplaceCase] = [
        ReplaceCase(pattern: "a(x*)b", text: "-ab-axxb-", template: "T", result: "-T-T-"),
        ReplaceCase(pattern: "a(x*)b", text: "-ab-axxb-", template: "$1", result: "--xx-"),
        ReplaceCase(pattern: "a(x*)b", text: "-ab-axxb-", template: "$1W", result: "---"),
        ReplaceCase(pattern: "a(x*)b", text: "-ab-axxb-", template: "${1}W", result: "-W-xxW-"),
        ReplaceCase(pattern: "a(x*)b", text: "-ab-axxb-", template: "$$", result: "-$-$-"),
        ReplaceCase(pattern: "a(x*)b", text: "-ab-axxb-", template: "$", result: "-$-$-"),
        ReplaceCase(pattern: "a(x*)b", text: "-ab-axxb-", template: "$0-$0", result: "-ab-ab-axxb-axxb-"),
        ReplaceCase(pattern: "a(x*)b", text: "-ab-axxb-", template: "${1", result: "-${1-${1-"),
        ReplaceCase(pattern: "a(x*)b", text: "-ab-axxb-", template: "$2", result: "---"),
        ReplaceCase(pattern: "a(x*)b", text: "-ab-axxb-", template: "[$1]", result: "-[]-[xx]-"),
        ReplaceCase(pattern: "a(x*)b", text: "-ab-axxb-", template: "$x", result: "---"),
        ReplaceCase(pattern: "x*", text: "abc", template: "-", result: "-a-b-c-"),
        ReplaceCase(pattern: "x*", text: "axxbc", template: "-", result: "-a-b-c-"),
        ReplaceCase(pattern: "", text: "abc", template: ".", result: ".a.b.c."),
        ReplaceCase(pattern: "\\b", text: "ab c", template: "|", result: "|ab| |c|"),
        ReplaceCase(
            pattern: "(?P<first>\\w+) (?P<second>\\w+)", text: "hello big world", template: "$second $first",
            result: "big hello world"),
        ReplaceCase(pattern: "(?P<n>a)|(?P<n>b)", text: "ab", template: "<$n>", result: "<a><b>"),
        ReplaceCase(pattern: "é", text: "aéb", template: "$0$0", result: "aééb"),
        ReplaceCase(pattern: "(.)", text: "日本", template: "${1}.", result: "日.本."),
        ReplaceCase(pattern: "a*", text: "baac", template: "x", result: "xbxcx"),
        ReplaceCase(pattern: "^", text: "ab", template: "x", result: "xab"),
        ReplaceCase(pattern: "$", text: "ab", template: "x", result: "abx"),
        ReplaceCase(pattern: "(?m)^", text: "a\nb", template: "> ", result: "> a\n> b"),
        ReplaceCase(pattern: "(a)(b)?", text: "ab a", template: "$1-$2", result: "a-b a-"),
        ReplaceCase(pattern: "a", text: "aaa", template: "", result: ""),
        ReplaceCase(pattern: "[a-z]", text: "foo bar", template: "_", result: "___ ___"),
        ReplaceCase(pattern: "(\\w+)@(\\w+)", text: "bob@example", template: "${2}é$1é", result: "exampleé"),
        ReplaceCase(pattern: "(a)", text: "a", template: "$1é", result: ""),
        ReplaceCase(pattern: "(a)", text: "a", template: "$01", result: ""),
        ReplaceCase(pattern: "(a)", text: "a", template: "${01}", result: ""),
        ReplaceCase(pattern: "(a)", text: "a", template: "$1_", result: ""),
        ReplaceCase(pattern: "\\D", text: "\u{17f}aab abc", template: "${1", result: "${1${1${1${1${1${1${1${1"),
        ReplaceCase(pattern: "\\D", text: "abc", template: "$1", result: ""),
        ReplaceCase(pattern: "_{0,2}?\\b+?\\b", text: "bab\u{17f}", template: "$-", result: "$-bab$-\u{17f}"),
        ReplaceCase(pattern: "((?:$)??|(x))", text: "😀", template: "${}", result: "${}😀${}"),
        ReplaceCase(pattern: "b*?", text: "", template: "$-", result: "$-"),
        ReplaceCase(pattern: "(?ms)[\\x{0}-\\x{10ffff}]+", text: "éS😀", template: "${}", result: "${}"),
        ReplaceCase(pattern: "\\pL", text: "k\u{fffd}cabαΣ", template: "${1}y", result: "y\u{fffd}yyyyy"),
        ReplaceCase(pattern: "(\\z)", text: "abc\u{fffd}", template: "${", result: "abc\u{fffd}${"),
        ReplaceCase(pattern: "(?:(?s:.)){2,}", text: "kΣcα", template: "${n0}x$$0", result: "x$0"),
        ReplaceCase(
            pattern: "[\\x{0}-\\x{10ffff}]", text: "\u{fffd}\n\naé日\u{212a}S日.a.bé", template: "x",
            result: "xxxxxxxxxxxxxx"),
        ReplaceCase(pattern: "([^a]|(?:\\x7F){3}|S)+", text: "\u{17f}a", template: "<$0>", result: "<\u{17f}>a"),
        ReplaceCase(pattern: "(.|(?s:.))?", text: "12", template: "$1y", result: ""),
        ReplaceCase(pattern: "\\A", text: "\n😀日1K\u{212a}bk", template: "a$", result: "a$\n😀日1K\u{212a}bk"),
        ReplaceCase(pattern: "(?i:k)", text: "日Sabc_KAkab", template: "${", result: "日Sabc_${A${ab"),
        ReplaceCase(pattern: "\\B", text: "aabΣabc", template: "a$", result: "aa$aa$bΣaa$ba$c"),
        ReplaceCase(pattern: "(?P<n1>(?:\\D)*)", text: "\n", template: "", result: ""),
        ReplaceCase(pattern: "((?P<n1>S)|(\\b))?", text: "\u{212a}abxs", template: "$", result: "$\u{212a}$a$b$x$s$"),
        ReplaceCase(pattern: "\\B", text: "😀\nx\rAb", template: "$", result: "$😀$\nx\rA$b"),
        ReplaceCase(pattern: "\\A", text: " α日K", template: "${1}y", result: "y α日K"),
        ReplaceCase(pattern: "ab", text: "__kabc", template: "${n0}x$$0", result: "__kx$0c"),
        ReplaceCase(pattern: "(\\A)", text: "x .b.saab.", template: "$-", result: "$-x .b.saab."),
        ReplaceCase(pattern: "\\A", text: "\u{fffd} Kab.ab", template: "$", result: "$\u{fffd} Kab.ab"),
        ReplaceCase(pattern: "(?:(?:\\t){1,3}){0,1}", text: "A12a_", template: "$-", result: "$-A$-1$-2$-a$-_$-"),
        ReplaceCase(pattern: "^", text: "😀sk cs", template: "", result: "😀sk cs"),
        ReplaceCase(pattern: "[a-c]", text: "Kc12", template: "$-", result: "K$-12"),
        ReplaceCase(pattern: "\\p{Lu}", text: "\u{212a}αK", template: "${n0}x$$0", result: "x$0αx$0"),
        ReplaceCase(pattern: "\u{212a}{0}", text: " ", template: "${}", result: "${} ${}"),
        ReplaceCase(pattern: "(?:(?i:[j-l])){0,1}", text: "", template: "${1", result: "${1"),
        ReplaceCase(pattern: "(?:[ab]{1,2})?", text: "α", template: "$", result: "$α$"),
    ]
}

enum SplitCases {
    static let all: [SplitCase] = [
        SplitCase(pattern: "", text: "é日", pieces: ["é", "日"]),
        SplitCase(pattern: "", text: "", pieces: []),
        SplitCase(pattern: "a", text: "", pieces: [""]),
        SplitCase(pattern: "a*", text: "baac", pieces: ["b", "c"]),
        SplitCase(pattern: "z+", text: "pizza", pieces: ["pi", "a"]),
        SplitCase(pattern: "x", text: "axbxc", pieces: ["a", "b", "c"]),
        SplitCase(pattern: "x", text: "xaxbx", pieces: ["", "a", "b", ""]),
        SplitCase(pattern: ",\\s*", text: "a, b,c", pieces: ["a", "b", "c"]),
        SplitCase(pattern: "^[a-z]+", text: "foobar baz", pieces: ["", " baz"]),
        SplitCase(pattern: "[a-z]+$", text: "foobar baz", pieces: ["foobar ", ""]),
        SplitCase(pattern: "b*", text: "abb", pieces: ["a", ""]),
        SplitCase(pattern: "$", text: "ab", pieces: ["ab"]),
        SplitCase(pattern: "^", text: "ab", pieces: ["ab"]),
        SplitCase(pattern: "\\b", text: "a b", pieces: ["a", " ", "b"]),
        SplitCase(pattern: "(a)|b", text: "cacbc", pieces: ["c", "c", "c"]),
        SplitCase(pattern: "[\\w-]", text: "Σsa\u{17f}b\u{17f}", pieces: ["Σ", "", "\u{17f}", "\u{17f}"]),
        SplitCase(pattern: "_", text: " a.bbcA日😀\n cx\u{17f}", pieces: [" a.bbcA日😀\n cx\u{17f}"]),
        SplitCase(pattern: "^", text: "c\nabS A\n😀", pieces: ["c\nabS A\n😀"]),
        SplitCase(pattern: "_", text: "ab1 ", pieces: ["ab1 "]),
        SplitCase(pattern: "([[:^digit:]])", text: "_ΣS\n😀b", pieces: ["", "", "", "", "", "", ""]),
        SplitCase(pattern: "(?:(?:(?i:\u{17f})){0,1})+?", text: "k-", pieces: ["k", "-"]),
        SplitCase(pattern: "(?:\\x{e9}){2}", text: ".c", pieces: [".c"]),
        SplitCase(pattern: "\\s", text: " ca.bb", pieces: ["", "ca.bb"]),
        SplitCase(pattern: "\u{fffd}", text: ".a\u{fffd}bac", pieces: [".a", "bac"]),
        SplitCase(pattern: "[é日]", text: "\rSbΣsabc\u{fffd}b", pieces: ["\rSbΣsabc\u{fffd}b"]),
        SplitCase(pattern: "(\\x41{0,2}?)", text: "\u{fffd}-1α", pieces: ["\u{fffd}", "-", "1", "α"]),
        SplitCase(pattern: "[[:^digit:]]", text: "", pieces: [""]),
        SplitCase(pattern: "[\\d.]", text: "α\r\nsa.bS😀aab", pieces: ["α\r\nsa", "bS😀aab"]),
        SplitCase(pattern: "[é日]", text: "_xc", pieces: ["_xc"]),
        SplitCase(pattern: "(?:(\\x41)){2}", text: "xΣ\rsa\r12Σ", pieces: ["xΣ\rsa\r12Σ"]),
        SplitCase(pattern: "^", text: "a", pieces: ["a"]),
        SplitCase(pattern: "[é日]", text: "b\u{17f}__\u{fffd}\u{fffd}-K", pieces: ["b\u{17f}__\u{fffd}\u{fffd}-K"]),
        SplitCase(pattern: "((_|k|\\pL)+)", text: "", pieces: [""]),
        SplitCase(
            pattern: "\\S\\n*?", text: "_abcé\u{fffd}cAaabS",
            pieces: ["", "", "", "", "", "", "", "", "", "", "", "", ""]),
        SplitCase(pattern: "[[:word:]]", text: "A", pieces: ["", ""]),
        SplitCase(pattern: "(?:\\s){2,}k", text: "日αa.b", pieces: ["日αa.b"]),
        SplitCase(pattern: "c", text: "", pieces: [""]),
        SplitCase(pattern: "\\t+?", text: "Aαaab-cé1\r", pieces: ["Aαaab-cé1\r"]),
        SplitCase(pattern: "é", text: "k", pieces: ["k"]),
        SplitCase(pattern: "(\u{212a})", text: "\u{17f}1", pieces: ["\u{17f}1"]),
    ]
}
