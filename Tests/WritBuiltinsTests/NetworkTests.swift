import Testing

/// IP addresses and networks: answers of OPA 1.20.2.
struct NetworkTests {
    private static let cases: [(call: String, result: String)] = [
        (#"net.cidr_contains "10.0.0.0/8" ; "10.1.2.3""#, "true"),
        (#"net.cidr_contains "10.0.0.0/8" ; "11.0.0.0""#, "false"),
        (#"net.cidr_contains "10.0.0.0/8" ; "10.1.0.0/16""#, "true"),
        (#"net.cidr_contains "10.1.0.0/16" ; "10.0.0.0/8""#, "false"),
        (#"net.cidr_contains "::/0" ; "::1""#, "true"),
        (#"net.cidr_contains "::/0" ; "1.1.1.1""#, "false"),
        (#"net.cidr_contains "10.0.0.0/8" ; "::ffff:10.1.1.1""#, "true"),
        (#"net.cidr_contains "::ffff:10.0.0.0/104" ; "10.9.9.9""#, "true"),
        (#"net.cidr_contains "::ffff:0:0/90" ; "10.1.1.1""#, "false"),
        (#"net.cidr_contains "2001:DB8::/32" ; "2001:db8:ffff::1""#, "true"),
        (#"net.cidr_contains "10.5.5.5/8" ; "10.1.1.1""#, "true"),
        (#"net.cidr_contains "10.0.0.0/08" ; "10.1.1.1""#, "true"),
        (#"net.cidr_contains "64:ff9b::/96" ; "64:ff9b::1.2.3.4""#, "true"),
        (#"net.cidr_contains "10.0.0.0/33" ; "1.1.1.1""#, "builtin: invalid CIDR address: 10.0.0.0/33"),
        (#"net.cidr_contains "10.0.0.0" ; "1.1.1.1""#, "builtin: invalid CIDR address: 10.0.0.0"),
        (
            #"net.cidr_contains "10.0.0.0/8" ; "010.0.0.1""#,
            "builtin: not a valid textual representation of an IP address or CIDR: 010.0.0.1"
        ),
        (
            #"net.cidr_contains "10.0.0.0/8" ; "10.0.0""#,
            "builtin: not a valid textual representation of an IP address or CIDR: 10.0.0"
        ),
        (
            #"net.cidr_contains "10.0.0.0/8" ; "10.0.0.256""#,
            "builtin: not a valid textual representation of an IP address or CIDR: 10.0.0.256"
        ),
        (#"net.cidr_contains "1::2::3/64" ; "::""#, "builtin: invalid CIDR address: 1::2::3/64"),
        (
            #"net.cidr_contains "fe80::/10" ; "fe80::1%eth0""#,
            "builtin: not a valid textual representation of an IP address or CIDR: fe80::1%eth0"
        ),
        (#"net.cidr_contains "1:2:3:4:5:6:7::/64" ; "::""#, "false"),
        (#"net.cidr_contains "1:2:3:4:5:6:7:8::/64" ; "::""#, "builtin: invalid CIDR address: 1:2:3:4:5:6:7:8::/64"),
        (#"net.cidr_contains "12345::/64" ; "::""#, "builtin: invalid CIDR address: 12345::/64"),
        (#"net.cidr_contains "" ; """#, "builtin: invalid CIDR address: "),
        (#"net.cidr_contains 1 ; """#, "type: operand 1 must be string but got number"),
        (#"net.cidr_contains "10.0.0.0/8" ; 1"#, "type: operand 1 must be string but got number"),
        (#"net.cidr_intersects "10.0.0.0/8" ; "10.1.0.0/16""#, "true"),
        (#"net.cidr_intersects "10.0.0.0/9" ; "10.128.0.0/9""#, "false"),
        (#"net.cidr_intersects "10.0.0.0/8" ; "x""#, "builtin: invalid CIDR address: x"),
        (#"net.cidr_intersects 1 ; "x""#, "type: operand 1 must be string but got number"),
        (#"net.cidr_is_valid "10.0.0.0/8""#, "true"),
        (#"net.cidr_is_valid "10.0.0.0""#, "false"),
        ("net.cidr_is_valid 1", "false"),
        (#"net.cidr_expand "10.0.0.5/30""#, #"{"10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"}"#),
        (#"net.cidr_expand "255.255.255.255/31""#, #"{"255.255.255.254", "255.255.255.255"}"#),
        (
            #"net.cidr_expand "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127""#,
            #"{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}"#
        ),
        (#"net.cidr_expand "1:0:0:2::/127""#, #"{"1:0:0:2::", "1:0:0:2::1"}"#),
        (#"net.cidr_expand "::ffff:1.2.3.4/127""#, #"{"1.2.3.4", "1.2.3.5"}"#),
        (#"net.cidr_expand "1::0:0:1:0:0:0/128""#, #"{"1::1:0:0:0"}"#),
        (#"net.cidr_expand "x""#, "builtin: invalid CIDR address: x"),
        (
            #"net.cidr_merge ["10.0.0.0/25","10.0.0.128/25","10.0.1.0/24","10.0.2.0/24"]"#,
            #"{"10.0.0.0/23", "10.0.2.0/24"}"#
        ),
        (#"net.cidr_merge ["10.0.0.1","10.0.0.0"]"#, #"{"10.0.0.0/8"}"#),
        (#"net.cidr_merge ["10.0.0.1"]"#, #"{"10.0.0.1/8"}"#),
        (#"net.cidr_merge ["192.168.1.7","172.16.0.1"]"#, #"{"172.16.0.1/16", "192.168.1.7/24"}"#),
        (#"net.cidr_merge {"10.0.0.0/24","10.0.0.0/8"}"#, #"{"10.0.0.0/8"}"#),
        (#"net.cidr_merge ["::1"]"#, "builtin: IPv6 invalid: needs prefix length"),
        (#"net.cidr_merge ["x"]"#, "builtin: invalid CIDR address: x"),
        ("net.cidr_merge [1]", "builtin: element must be string"),
        (#"net.cidr_merge "x""#, "builtin: operand must be an array"),
        ("net.cidr_merge []", "set()"),
        (#"net.cidr_merge ["::/1","8000::/1"]"#, #"{"::/0"}"#),
        (#"net.cidr_merge ["0.0.0.0/1","128.0.0.0/1"]"#, #"{"0.0.0.0/0"}"#),
        (#"net.cidr_merge ["::ffff:1.2.3.4/90"]"#, #"{"::ffc0:0:0/90"}"#),
        (#"net.cidr_merge ["1.2.3.4/24","::1/24"]"#, #"{"::/24"}"#),
        (
            #"net.cidr_merge ["10.0.0.3/32","10.0.0.4/30","10.0.0.8/32"]"#,
            #"{"10.0.0.3/32", "10.0.0.4/30", "10.0.0.8/32"}"#
        ),
        (#"net.cidr_contains_matches "10.0.0.0/8" ; "10.1.1.1""#, #"{["10.0.0.0/8", "10.1.1.1"]}"#),
        (
            #"net.cidr_contains_matches ["10.0.0.0/8","11.0.0.0/8"] ; ["10.1.1.1","11.1.1.0/24","12.0.0.1"]"#,
            "{[0, 0], [1, 1]}"
        ),
        (
            #"net.cidr_contains_matches {"a": "10.0.0.0/8"} ; {"b": "10.0.0.1","c": ["10.0.0.2","x"]}"#,
            #"{["a", "b"], ["a", "c"]}"#
        ),
        (#"net.cidr_contains_matches {"10.0.0.0/8"} ; {"10.0.0.1"}"#, #"{["10.0.0.0/8", "10.0.0.1"]}"#),
        (#"net.cidr_contains_matches [[]] ; ["1"]"#, "builtin: operand 1: element must be string or non-empty array"),
        (
            #"net.cidr_contains_matches ["10.0.0.0/8"] ; [1]"#,
            "builtin: operand 2: element must be string or non-empty array"
        ),
        (#"net.cidr_contains_matches [[1]] ; ["10.0.0.1"]"#, "type: operand 1 must be string but got number"),
        (#"net.cidr_contains_matches ["x"] ; []"#, "set()"),
        ("net.cidr_contains_matches 1 ; 2", "set()"),
        (#"net.cidr_contains_matches ["x"] ; ["10.0.0.1"]"#, "builtin: invalid CIDR address: x"),
        (
            #"net.cidr_contains_matches ["10.0.0.0/8"] ; ["x"]"#,
            "builtin: not a valid textual representation of an IP address or CIDR: x"
        ),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }

    @Test func networksTooLargeToExpandAreRefused() {
        #expect(Caller().call("net.cidr_expand \"::/0\"").hasPrefix("sizeLimit"))
        #expect(Caller().call("net.cidr_expand \"0.0.0.0/0\"").hasPrefix("sizeLimit"))
    }
}
