import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Time zones: a file of our own with known answers, damaged files, and the system's zones where there are any.
struct TimeZoneTests {
    /// A TZif file of version 2: an hour and a half east ("OLD") before 1970, CET from then on, CEST from second
    /// 1,000,000 on, and behind that the rule of Central Europe.
    private static let file: [UInt8] = [
        84, 90, 105, 102, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 2, 0, 0, 0, 3, 0, 0, 0, 13, 0, 0, 0, 0, 0, 15, 66, 64, 0, 1, 0, 0, 14, 16, 0, 0, 0, 0, 28, 32, 1, 4, 0, 0,
        21, 24, 0, 9, 67, 69, 84, 0, 67, 69, 83, 84, 0, 79, 76, 68, 0, 84, 90, 105, 102, 50, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 13, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 15, 66, 64, 0, 1, 0, 0, 14, 16, 0, 0, 0, 0, 28, 32, 1, 4, 0, 0, 21, 24, 0, 9, 67, 69,
        84, 0, 67, 69, 83, 84, 0, 79, 76, 68, 0, 10, 67, 69, 84, 45, 49, 67, 69, 83, 84, 44, 77, 51, 46, 53, 46, 48,
        44, 77, 49, 48, 46, 53, 46, 48, 47, 51, 10,
    ]

    private static func caller(_ file: [UInt8]) -> Caller {
        let caller = Caller()
        caller.context.loadTimeZone = { name in name == Array("Test/Zone".utf8) ? file : nil }
        return caller
    }

    private static let cases: [(nanoseconds: String, text: String)] = [
        // The one kind that no transition leads to is not the first, so the first standard time holds.
        ("-1000000000", "1970-01-01T00:59:59+01:00 CET"),
        ("0", "1970-01-01T01:00:00+01:00 CET"),
        ("999999000000000", "1970-01-12T14:46:39+01:00 CET"),
        // Behind the last transition the rule holds, whatever the transition said.
        ("1000000000000000", "1970-01-12T14:46:40+01:00 CET"),
        ("1711846799000000000", "2024-03-31T01:59:59+01:00 CET"),
        ("1711846800000000000", "2024-03-31T03:00:00+02:00 CEST"),
        ("1729990799000000000", "2024-10-27T02:59:59+02:00 CEST"),
        ("1729990800000000000", "2024-10-27T02:00:00+01:00 CET"),
        ("9223372036854775807", "2262-04-12T01:47:16+02:00 CEST"),
    ]

    @Test func momentsAreShownInTheirZone() {
        let caller = Self.caller(Self.file)
        for (nanoseconds, text) in Self.cases {
            let call = "time.format [\(nanoseconds), \"Test/Zone\", \"2006-01-02T15:04:05-07:00 MST\"]"
            #expect(caller.call(call) == "\"\(text)\"", "\(nanoseconds)")
        }
    }

    @Test func datesAreAddedOnTheWall() {
        let caller = Self.caller(Self.file)
        // From noon of 30 March to noon of 31 March are 23 hours.
        #expect(
            caller.call("time.add_date [1711796400000000000, \"Test/Zone\"] ; 0 ; 0 ; 1") == "1711879200000000000")
        // There is no 02:30 on 31 March: it is read by the offset before.
        #expect(
            caller.call("time.add_date [1711762200000000000, \"Test/Zone\"] ; 0 ; 0 ; 1") == "1711848600000000000")
    }

    @Test func unknownZonesAreRefused() {
        let caller = Self.caller(Self.file)
        #expect(caller.call("time.clock [0, \"No/Zone\"]") == "builtin: unknown time zone No/Zone")
        #expect(caller.call("time.clock [0, \"../x\"]") == "builtin: time: invalid location name")
    }

    /// No file, however damaged, may do more than be refused or give a wrong answer.
    @Test func damagedFilesAreHarmless() {
        for length in 0..<Self.file.count {
            let caller = Self.caller([UInt8](Self.file[0..<length]))
            _ = caller.call("time.clock [1711846800000000000, \"Test/Zone\"]")
        }
        var state: UInt64 = 1
        for _ in 0..<2000 {
            var file = Self.file
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                file[Int(truncatingIfNeeded: state >> 33) % file.count] = UInt8(truncatingIfNeeded: state >> 24)
            }
            let caller = Self.caller(file)
            _ = caller.call("time.format [1711846800000000000, \"Test/Zone\"]")
            _ = caller.call("time.add_date [-9223372036854775808, \"Test/Zone\"] ; 0 ; 0 ; 0")
        }
    }

    private static let system: [(call: String, result: String)] = [
        (
            #"time.format [1700000000123456789,"America/New_York","2006-01-02T15:04:05.999999999-07:00:00 MST"]"#,
            #""2023-11-14T17:13:20.123456789-05:00:00 EST""#
        ),
        (
            #"time.format [1720000000000000000,"America/New_York","2006-01-02T15:04:05.999999999-07:00:00 MST"]"#,
            #""2024-07-03T05:46:40-04:00:00 EDT""#
        ),
        (
            #"time.format [-2500000000000000000,"Africa/Monrovia","2006-01-02T15:04:05.999999999-07:00:00 MST"]"#,
            #""1890-10-11T18:50:12-00:43:08 MMT""#
        ),
        (
            #"time.format [1325246400000000000,"Pacific/Apia","2006-01-02T15:04:05.999999999-07:00:00 MST"]"#,
            #""2011-12-31T02:00:00+14:00:00 +14""#
        ),
        (
            #"time.format [1711900000000000000,"Australia/Lord_Howe","2006-01-02T15:04:05.999999999-07:00:00 MST"]"#,
            #""2024-04-01T02:46:40+11:00:00 +11""#
        ),
        (
            #"time.format [4000000000000000000,"Europe/Dublin","2006-01-02T15:04:05.999999999-07:00:00 MST"]"#,
            #""2096-10-02T08:06:40+01:00:00 IST""#
        ),
        (
            #"time.format [4000000000000000000,"Africa/Casablanca","2006-01-02T15:04:05.999999999-07:00:00 MST"]"#,
            #""2096-10-02T08:06:40+01:00:00 +01""#
        ),
        (
            #"time.format [4010000000000000000,"Australia/Sydney","2006-01-02T15:04:05.999999999-07:00:00 MST"]"#,
            #""2097-01-26T11:53:20+11:00:00 AEDT""#
        ),
        (
            #"time.format [9000000000000000000,"America/St_Johns","2006-01-02T15:04:05.999999999-07:00:00 MST"]"#,
            #""2255-03-14T13:30:00-02:30:00 NDT""#
        ),
        (
            #"time.format [-9000000000000000000,"Europe/Berlin","2006-01-02T15:04:05.999999999-07:00:00 MST"]"#,
            #""1684-10-19T08:53:28+00:53:28 LMT""#
        ),
        (
            #"time.format [1700000000000000000,"Etc/GMT+5","2006-01-02T15:04:05.999999999-07:00:00 MST"]"#,
            #""2023-11-14T17:13:20-05:00:00 -05""#
        ),
        (
            #"time.format [1700000000000000000,"Asia/Kathmandu","2006-01-02T15:04:05.999999999-07:00:00 MST"]"#,
            #""2023-11-15T03:58:20+05:45:00 +0545""#
        ),
    ]

    @Test func zonesOfTheSystem() {
        let caller = Caller()
        caller.context.loadTimeZone = { Self.read("/usr/share/zoneinfo/" + String(decoding: $0, as: UTF8.self)) }
        guard Self.read("/usr/share/zoneinfo/Europe/Berlin") != nil else { return }
        for (call, result) in Self.system { #expect(caller.call(call) == result, "\(call)") }
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return count > 0 ? [UInt8](bytes[0..<count]) : nil
    }
}
