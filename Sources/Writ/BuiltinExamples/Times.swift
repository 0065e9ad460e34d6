extension BuiltinExamples {
    /// Examples of times.
    static let times = #"""
        time.add_date
          time.add_date(time.parse_rfc3339_ns("2024-01-31T08:00:00Z"), 0, 1, 0)
          => 1709366400000000000
          time.add_date(0, 1000, 0, 0)
          !! eval_builtin_error: time.add_date: time outside of valid range
        time.clock
          time.clock(1700000000000000000)
          => [22, 13, 20]
          time.clock([1700000000000000000, "Asia/Tokyo"])
          => [7, 13, 20]
          time.clock([1700000000000000000, "Mars/Olympus"])
          !! eval_builtin_error: time.clock: unknown time zone Mars/Olympus
        time.date
          time.date(1700000000000000000)
          => [2023, 11, 14]
          time.date([1700000000000000000, "Asia/Tokyo"])
          => [2023, 11, 15]
          time.date(1.5)
          !! eval_builtin_error: time.date: timestamp too big
        time.diff
          time.diff(1700000000000000000, 1690000000000000000)
          => [0, 3, 23, 17, 46, 40]
          time.diff([1700000000000000000, "Mars/Olympus"], 0)
          !! eval_builtin_error: time.diff: unknown time zone Mars/Olympus
          time.diff(input.seen, 0) with input.seen as "now"
          !! eval_type_error: time.diff: operand 1 must be either number (ns) or [number (ns), string (tz)] ...
        time.format
          time.format(1700000000000000000)
          => "2023-11-14T22:13:20Z"
          time.format([1700000000000000000, "Europe/Berlin", "Mon 2 Jan 2006 15:04 MST"])
          => "Tue 14 Nov 2023 23:13 CET"
          time.format([1700000000000000000, "Mars/Olympus"])
          !! eval_builtin_error: time.format: unknown time zone Mars/Olympus
        time.now_ns
          is_number(time.now_ns())
          => true
          time.now_ns() == time.now_ns()
          => true
          time.date(time.now_ns()) with time.now_ns as 1700000000000000000
          => [2023, 11, 14]
        time.parse_duration_ns
          time.parse_duration_ns("1h30m")
          => 5400000000000
          time.parse_duration_ns("500ms")
          => 500000000
          time.parse_duration_ns("fast")
          !! eval_builtin_error: time.parse_duration_ns: time: invalid duration "fast"
        time.parse_ns
          time.parse_ns("2006-01-02 15:04", "2023-11-14 22:13")
          => 1699999980000000000
          time.parse_ns("RFC1123", "Tue, 14 Nov 2023 22:13:20 UTC")
          => 1700000000000000000
          time.parse_ns("2006-01-02", "14.11.2023")
          !! eval_builtin_error: time.parse_ns: parsing time "14.11.2023" as "2006-01-02": cannot parse ...
        time.parse_rfc3339_ns
          time.parse_rfc3339_ns("2023-11-14T23:13:20+01:00")
          => 1700000000000000000
          time.parse_rfc3339_ns("2023-11-14")
          !! eval_builtin_error: time.parse_rfc3339_ns: parsing time "2023-11-14" as ...
        time.weekday
          time.weekday(1700000000000000000)
          => "Tuesday"
          time.weekday([1700000000000000000, "Asia/Tokyo"])
          => "Wednesday"
          time.weekday(1e30)
          !! eval_builtin_error: time.weekday: timestamp too big
        """#
}
