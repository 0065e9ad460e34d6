import Testing

/// Moments, calendars and durations: answers of OPA 1.20.2.
struct TimeTests {
    private static let cases: [(call: String, result: String)] = [
        (#"time.format [1700000000123456789,"UTC","ANSIC"]"#, #""Tue Nov 14 22:13:20 2023""#),
        (#"time.format [1700000000123456789,"UTC","UnixDate"]"#, #""Tue Nov 14 22:13:20 UTC 2023""#),
        (#"time.format [1700000000123456789,"UTC","RubyDate"]"#, #""Tue Nov 14 22:13:20 +0000 2023""#),
        (#"time.format [1700000000123456789,"UTC","RFC822"]"#, #""14 Nov 23 22:13 UTC""#),
        (#"time.format [1700000000123456789,"UTC","RFC822Z"]"#, #""14 Nov 23 22:13 +0000""#),
        (#"time.format [1700000000123456789,"UTC","RFC850"]"#, #""Tuesday, 14-Nov-23 22:13:20 UTC""#),
        (#"time.format [1700000000123456789,"UTC","RFC1123"]"#, #""Tue, 14 Nov 2023 22:13:20 UTC""#),
        (#"time.format [1700000000123456789,"UTC","RFC1123Z"]"#, #""Tue, 14 Nov 2023 22:13:20 +0000""#),
        (#"time.format [1700000000123456789,"UTC","RFC3339"]"#, #""2023-11-14T22:13:20Z""#),
        (#"time.format [1700000000123456789,"UTC","RFC3339Nano"]"#, #""2023-11-14T22:13:20.123456789Z""#),
        (#"time.format [1700000000123456789,"UTC","Kitchen"]"#, #""Kitchen""#),
        (#"time.format [1700000000123456789,"UTC",""]"#, #""2023-11-14T22:13:20.123456789Z""#),
        (#"time.format [1700000000123456789,"UTC","foo"]"#, #""foo""#),
        (#"time.format [1700000000123456789,"UTC","2006-01-02T15:04:05.999Z07:00"]"#, #""2023-11-14T22:13:20.123Z""#),
        (#"time.format [1700000000123456789,"UTC","Jan _2 06 3:04pm"]"#, #""Nov 14 23 10:13pm""#),
        (#"time.format [1700000000123456789,"UTC","__2 002 .000 ,999"]"#, #""318 318 .123 ,123""#),
        (
            #"time.format [1700000000123456789,"UTC","Monday January Z0700 -07 -07:00:00"]"#,
            #""Tuesday November Z +00 +00:00:00""#
        ),
        (#"time.format [1700000000123456789,"UTC","_2006 1/2 4:5 PM"]"#, #""_2023 11/14 13:20 PM""#),
        (#"time.format [1700000000123456789,"UTC",".0000000000 MST"]"#, #"".123456789 UTC""#),
        ("time.format 1700000000123456789", #""2023-11-14T22:13:20.123456789Z""#),
        ("time.format [1700000000123456789]", #""2023-11-14T22:13:20.123456789Z""#),
        (#"time.format [1700000000123456789,""]"#, #""2023-11-14T22:13:20.123456789Z""#),
        ("time.format 1e18", #""2001-09-09T01:46:40Z""#),
        ("time.format 1.0", #""1970-01-01T00:00:00.000000001Z""#),
        ("time.format 1.5", "builtin: timestamp too big"),
        ("time.format 9223372036854775808", "builtin: timestamp too big"),
        ("time.format -1", #""1969-12-31T23:59:59.999999999Z""#),
        ("time.format -9223372036854775808", #""1677-09-21T00:12:43.145224192Z""#),
        ("time.format []", "type: operand 1 must be either number (ns) or [number (ns), string (tz)] but got array"),
        (#"time.format ["a"]"#, "type: operand 1 must be number but got string"),
        ("time.format [1,2]", "type: operand 1 must be string but got number"),
        (#"time.format [1,"",3]"#, "type: operand 1 must be string but got number"),
        (#"time.format [1,"No/Where"]"#, "builtin: unknown time zone No/Where"),
        (#"time.format [1,"../x"]"#, "builtin: time: invalid location name"),
        (#"time.format [1,"/x"]"#, "builtin: time: invalid location name"),
        ("time.format {}", "type: operand 1 must be either number (ns) or [number (ns), string (tz)] but got object"),
        ("time.format null", "type: operand 1 must be either number (ns) or [number (ns), string (tz)] but got null"),
        ("time.date 1700000000123456789", "[2023, 11, 14]"),
        ("time.date -1", "[1969, 12, 31]"),
        ("time.date -9223372036854775808", "[1677, 9, 21]"),
        ("time.date 951782400000000000", "[2000, 2, 29]"),
        (#"time.date "x""#, "type: operand 1 must be either number (ns) or [number (ns), string (tz)] but got string"),
        ("time.clock 1700000000123456789", "[22, 13, 20]"),
        ("time.clock -1", "[23, 59, 59]"),
        ("time.clock -9223372036854775808", "[0, 12, 43]"),
        ("time.clock 951782400000000000", "[0, 0, 0]"),
        (
            #"time.clock "x""#,
            "type: operand 1 must be either number (ns) or [number (ns), string (tz)] but got string"
        ),
        ("time.weekday 1700000000123456789", #""Tuesday""#),
        ("time.weekday -1", #""Wednesday""#),
        ("time.weekday -9223372036854775808", #""Tuesday""#),
        ("time.weekday 951782400000000000", #""Tuesday""#),
        (
            #"time.weekday "x""#,
            "type: operand 1 must be either number (ns) or [number (ns), string (tz)] but got string"
        ),
        (#"time.parse_ns "2006-01-02" ; "2024-02-29""#, "1709164800000000000"),
        (#"time.parse_ns "2006-01-02" ; "2023-02-29""#, #"builtin: parsing time "2023-02-29": day out of range"#),
        (#"time.parse_ns "2006-01-02" ; "1900-02-29""#, #"builtin: parsing time "1900-02-29": day out of range"#),
        (#"time.parse_ns "RFC3339" ; "2020-01-01T00:00:00Z""#, "1577836800000000000"),
        (#"time.parse_ns "2006-01-02T15:04:05Z07:00" ; "2024-01-01T00:00:00.123456789Z""#, "1704067200123456789"),
        (#"time.parse_ns "2006-01-02 MST" ; "2020-01-01 GMT+5""#, "1577836800000000000"),
        (#"time.parse_ns "2006-01-02 MST" ; "2020-01-01 CEST""#, "1577836800000000000"),
        (
            #"time.parse_ns "2006-01-02 MST" ; "2020-01-01 cest""#,
            #"builtin: parsing time "2020-01-01 cest" as "2006-01-02 MST": cannot parse "cest" as "MST""#
        ),
        (#"time.parse_ns "2006 002" ; "2024 366""#, "1735603200000000000"),
        (#"time.parse_ns "2006 002" ; "2023 366""#, #"builtin: parsing time "2023 366": day-of-year out of range"#),
        (
            #"time.parse_ns "2006 __2 01" ; "2024  60 03""#,
            #"builtin: parsing time "2024  60 03": day-of-year does not match month"#
        ),
        (#"time.parse_ns "Jan 2 2006" ; "fEb 30 2020""#, #"builtin: parsing time "fEb 30 2020": day out of range"#),
        (#"time.parse_ns "3:04PM 2006" ; "12:30AM 2020""#, "1577838600000000000"),
        (
            #"time.parse_ns "3:04PM 2006" ; "13:30PM 2020""#,
            #"builtin: parsing time "13:30PM 2020": hour out of range"#
        ),
        (
            #"time.parse_ns "15:04:05 2006" ; "24:00:00 2020""#,
            #"builtin: parsing time "24:00:00 2020": hour out of range"#
        ),
        (
            #"time.parse_ns "15:04:05.000 2006" ; "10:00:00.12 2020""#,
            #"builtin: parsing time "10:00:00.12 2020" as "15:04:05.000 2006": cannot parse ".12 2020" as ".000""#
        ),
        (#"time.parse_ns "15:04:05.999 2006" ; "10:00:00 2020""#, "1577872800000000000"),
        (#"time.parse_ns "15:04:05 2006" ; "10:00:00,5 2020""#, "1577872800500000000"),
        (
            #"time.parse_ns "2006-01-02 -07:00" ; "2020-01-01 +25:00""#,
            #"builtin: parsing time "2020-01-01 +25:00": time zone offset hour out of range"#
        ),
        (#"time.parse_ns "2006-01-02 -0700" ; "2020-01-01 -0130""#, "1577842200000000000"),
        (
            #"time.parse_ns "2006 x" ; "2020 y""#,
            #"builtin: parsing time "2020 y" as "2006 x": cannot parse "y" as " x""#
        ),
        (#"time.parse_ns "2006" ; "2020 y""#, #"builtin: parsing time "2020 y": extra text: " y""#),
        (#"time.parse_ns "2006" ; "9999""#, "builtin: time outside of valid range"),
        (
            #"time.parse_ns "2006" ; "é\n\"\\""#,
            #"builtin: parsing time "\xc3\xa9\x0a\"\\" as "2006": cannot parse "\xc3\xa9\x0a\"\\" as "2006""#
        ),
        (#"time.parse_ns "02" ; "31""#, "builtin: time outside of valid range"),
        (#"time.parse_ns "06" ; "68""#, "3092601600000000000"),
        (#"time.parse_ns "06" ; "70""#, "0"),
        (
            #"time.parse_ns "Mon 2006" ; "Xyz 2020""#,
            #"builtin: parsing time "Xyz 2020" as "Mon 2006": cannot parse "Xyz 2020" as "Mon""#
        ),
        (#"time.parse_ns 1 ; "a""#, "type: operand 1 must be string but got number"),
        (#"time.parse_ns "a" ; 1"#, "type: operand 2 must be string but got number"),
        (#"time.parse_rfc3339_ns "2020-01-01T00:00:00Z""#, "1577836800000000000"),
        (#"time.parse_rfc3339_ns "2020-01-01T00:00:00.5+01:30""#, "1577831400500000000"),
        (
            #"time.parse_rfc3339_ns "2020-01-01t00:00:00z""#,
            #"builtin: parsing time "2020-01-01t00:00:00z" as "2006-01-02T15:04:05Z07:00": cannot parse "t00:00:00z" as "T""#
        ),
        (
            #"time.parse_rfc3339_ns "2020-13-01T00:00:00Z""#,
            #"builtin: parsing time "2020-13-01T00:00:00Z": month out of range"#
        ),
        (
            #"time.parse_rfc3339_ns "2020-01-01""#,
            #"builtin: parsing time "2020-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T""#
        ),
        (
            #"time.parse_rfc3339_ns "abc""#,
            #"builtin: parsing time "abc" as "2006-01-02T15:04:05Z07:00": cannot parse "abc" as "2006""#
        ),
        (#"time.parse_rfc3339_ns "2262-04-11T23:47:16.854775807Z""#, "9223372036854775807"),
        (#"time.parse_rfc3339_ns "2262-04-11T23:47:16.854775808Z""#, "builtin: time outside of valid range"),
        (#"time.parse_rfc3339_ns "1677-09-21T00:12:43.145224192Z""#, "-9223372036854775808"),
        (#"time.parse_rfc3339_ns "1677-09-21T00:12:43.145224191Z""#, "builtin: time outside of valid range"),
        ("time.parse_rfc3339_ns 1", "type: operand 1 must be string but got number"),
        (#"time.parse_duration_ns "1h15m30.918273645s""#, "4530918273645"),
        (#"time.parse_duration_ns "1d""#, "86400000000000"),
        (#"time.parse_duration_ns "1w""#, "604800000000000"),
        (#"time.parse_duration_ns "1y""#, "31536000000000000"),
        (#"time.parse_duration_ns "1.5d""#, "129600000000000"),
        (#"time.parse_duration_ns "0.333333333333333y""#, "10511999999999989"),
        (#"time.parse_duration_ns "0.123456789y""#, "3893333297903999"),
        (#"time.parse_duration_ns "-1d""#, "-86400000000000"),
        (#"time.parse_duration_ns "1D""#, #"builtin: time: unknown unit "D" in duration "1D""#),
        (#"time.parse_duration_ns "1day""#, #"builtin: time: invalid duration "1day""#),
        (#"time.parse_duration_ns "1 d""#, #"builtin: time: invalid duration "1 d""#),
        (#"time.parse_duration_ns "1µs""#, "1000"),
        (#"time.parse_duration_ns "1μs""#, "1000"),
        (#"time.parse_duration_ns "1μs1d""#, #"builtin: time: invalid duration "1μs1d""#),
        (#"time.parse_duration_ns "1""#, #"builtin: time: missing unit in duration "1""#),
        (#"time.parse_duration_ns """#, #"builtin: time: invalid duration """#),
        (#"time.parse_duration_ns "-""#, #"builtin: time: invalid duration "-""#),
        (#"time.parse_duration_ns "+0""#, "0"),
        (#"time.parse_duration_ns "1x""#, #"builtin: time: unknown unit "x" in duration "1x""#),
        (#"time.parse_duration_ns "1x1d""#, #"builtin: time: unknown unit "x" in duration "1x1d""#),
        (#"time.parse_duration_ns "1.1.1s""#, #"builtin: time: missing unit in duration "1.1.1s""#),
        (#"time.parse_duration_ns "1.1.1d""#, #"builtin: time: invalid duration "1.1.1d""#),
        (#"time.parse_duration_ns "9223372036854775807ns""#, "9223372036854775807"),
        (
            #"time.parse_duration_ns "9223372036854775808ns""#,
            #"builtin: time: invalid duration "9223372036854775808ns""#
        ),
        (#"time.parse_duration_ns "-9223372036854775808ns""#, "-9223372036854775808"),
        (#"time.parse_duration_ns "0.9999999999999999999999s""#, "1000000000"),
        (
            #"time.parse_duration_ns "2562047h47m16.854775808s""#,
            #"builtin: time: invalid duration "2562047h47m16.854775808s""#
        ),
        (#"time.parse_duration_ns "106752d""#, #"builtin: time: invalid duration "106752d""#),
        (#"time.parse_duration_ns "1e3s""#, #"builtin: time: unknown unit "e" in duration "1e3s""#),
        (#"time.parse_duration_ns "é""#, #"builtin: time: invalid duration "\xc3\xa9""#),
        ("time.parse_duration_ns 1", "type: operand 1 must be string but got number"),
        ("time.add_date 0 ; 1 ; 2 ; 3", "36892800000000000"),
        ("time.add_date 951782400000000000 ; 1 ; 0 ; 0", "983404800000000000"),
        ("time.add_date 1706659200000000000 ; 0 ; 1 ; 0", "1709337600000000000"),
        ("time.add_date 0 ; 0 ; -1 ; -31", "-5356800000000000"),
        ("time.add_date 0 ; 1000 ; 0 ; 0", "builtin: time outside of valid range"),
        ("time.add_date 0 ; 0 ; 0 ; 1e3", "type: operand 4 must be integer number but got floating-point number"),
        ("time.add_date 0 ; 0 ; 0 ; 1.0", "86400000000000"),
        (
            #"time.add_date "a" ; 1 ; 1 ; 1"#,
            "type: operand 1 must be either number (ns) or [number (ns), string (tz)] but got string"
        ),
        (#"time.add_date 0 ; "a" ; 1 ; 1"#, "type: operand 2 must be number but got string"),
        ("time.diff 0 ; 1000000000000000000", "[31, 8, 8, 1, 46, 40]"),
        ("time.diff 5 ; 1", "[0, 0, 0, 0, 0, 0]"),
        ("time.diff 1709164800000000000 ; 1706659200000000000", "[0, 0, 29, 0, 0, 0]"),
        ("time.diff 1706659200000000000 ; 1709251199000000000", "[0, 0, 29, 23, 59, 59]"),
        (
            #"time.diff "a" ; 1"#,
            "type: operand 1 must be either number (ns) or [number (ns), string (tz)] but got string"
        ),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
