import Testing

@testable import WritCommands

/// `writ eval --explain full`: the events of OPA 1.20, which rules its index admits among them.
@Suite struct ExplainTests {
    private static let policy = """
        package door

        default open := false

        open if {
        	input.role == "keeper"
        	input.hour < 20
        }

        open if {
        	some pass in data.passes
        	pass == input.pass
        	glob.match("gate:*", [":"], input.door)
        }

        open if {
        	glob.match("hall:*", [":"], input.door)
        }

        kind(x) := "even" if x == 2

        kind(x) := "odd" if x == 1

        else := "other" if x > 2

        signs contains sign if {
        	not open
        	sign := concat("-", [input.door, kind(1)])
        }

        signs contains "wide open" if open

        """

    struct Case: Sendable {
        let name: String
        let input: String
        let query: String
        var flags: [String] = []
        let events: String
    }

    static let cases = [
        Case(
            name: "guest", input: #"{"pass": "p2", "door": "gate:1", "role": "guest"}"#, query: "data.door.signs",
            events: """
                query:1          Enter data.door.signs = _
                query:1          | Eval data.door.signs = _
                query:1          | Index data.door.signs (matched 2 rules)
                door.rego:31     | Enter data.door.signs
                door.rego:31     | | Eval data.door.open
                door.rego:31     | | Index data.door.open (matched 1 rule, early exit)
                door.rego:10     | | Enter data.door.open
                door.rego:11     | | | Eval pass = data.passes[_]
                door.rego:12     | | | Eval pass = input.pass
                door.rego:12     | | | Fail pass = input.pass
                door.rego:11     | | | Redo pass = data.passes[_]
                door.rego:12     | | | Eval pass = input.pass
                door.rego:13     | | | Eval __local9__ = input.door
                door.rego:13     | | | Eval glob.match("gate:*", [":"], __local9__)
                door.rego:10     | | | Exit data.door.open early
                door.rego:31     | | Exit data.door.signs
                door.rego:31     | Redo data.door.signs
                door.rego:31     | | Redo data.door.open
                door.rego:10     | | Redo data.door.open
                door.rego:13     | | | Redo glob.match("gate:*", [":"], __local9__)
                door.rego:13     | | | Redo __local9__ = input.door
                door.rego:12     | | | Redo pass = input.pass
                door.rego:11     | | | Redo pass = data.passes[_]
                door.rego:26     | Enter data.door.signs
                door.rego:27     | | Eval not data.door.open
                door.rego:27     | | Enter data.door.open
                door.rego:27     | | | Eval data.door.open
                door.rego:27     | | | Index data.door.open (matched 1 rule, early exit)
                door.rego:27     | | | Exit data.door.open
                door.rego:27     | | Redo data.door.open
                door.rego:27     | | | Redo data.door.open
                door.rego:27     | | Fail not data.door.open
                query:1          | Exit data.door.signs = _
                query:1          Redo data.door.signs = _
                query:1          | Redo data.door.signs = _
                [
                  "wide open"
                ]

                """),
        Case(
            name: "hall", input: #"{"door": "hall:1", "role": "keeper", "hour": 8}"#, query: "data.door.open",
            flags: ["--var-values"],
            events: """
                query:1         Enter data.door.open = _                                 {}
                query:1         | Eval data.door.open = _                                {}
                query:1         | Index data.door.open (matched 2 rules, early exit)     {}
                door.rego:5     | Enter data.door.open                                   {}
                door.rego:6     | | Eval input.role = "keeper"                           {}
                door.rego:7     | | Eval __local8__ = input.hour                         {}
                door.rego:7     | | Eval __local8__ < 20                                 {__local8__: 8}
                door.rego:5     | | Exit data.door.open early                            {}
                query:1         | Exit data.door.open = _                                {_: true, data.door.open: true}
                query:1         Redo data.door.open = _                                  {_: true, data.door.open: true}
                query:1         | Redo data.door.open = _                                {_: true, data.door.open: true}
                door.rego:5     | Redo data.door.open                                    {}
                door.rego:7     | | Redo __local8__ < 20                                 {__local8__: 8}
                door.rego:7     | | Redo __local8__ = input.hour                         {__local8__: 8}
                door.rego:6     | | Redo input.role = "keeper"                           {}
                true

                """),
        Case(
            name: "branch", input: #"{}"#, query: "data.door.kind(3)", flags: ["--var-values"],
            events: """
                query:1          Enter data.door.kind(3, _)                              {}
                query:1          | Eval data.door.kind(3, _)                             {}
                query:1          | Index data.door.kind (matched 1 rule, early exit)     {}
                door.rego:24     | Enter data.door.kind                                  {}
                door.rego:24     | | Eval x > 2                                          {x: 3}
                door.rego:24     | | Exit data.door.kind early                           {}
                query:1          | Exit data.door.kind(3, _)                             {_: "other"}
                query:1          Redo data.door.kind(3, _)                               {_: "other"}
                query:1          | Redo data.door.kind(3, _)                             {_: "other"}
                door.rego:24     | Redo data.door.kind                                   {}
                door.rego:24     | | Redo x > 2                                          {x: 3}
                "other"

                """),
        Case(
            name: "again", input: #"{}"#, query: "data.door.open; data.door.open",
            events: """
                query:1         Enter data.door.open = _; data.door.open = _; _; _
                query:1         | Eval data.door.open = _
                query:1         | Index data.door.open (matched 0 rules, early exit)
                door.rego:3     | Enter data.door.open
                door.rego:3     | | Eval true
                door.rego:3     | | Exit data.door.open early
                query:1         | Eval data.door.open = _
                query:1         | Index data.door.open (matched 0 rules, early exit)
                query:1         | Eval _
                query:1         | Fail _
                query:1         | Redo data.door.open = _
                query:1         | Redo data.door.open = _
                door.rego:3     | Redo data.door.open
                door.rego:3     | | Redo true
                undefined

                """),
    ]

    @Test(arguments: cases) func events(_ item: Case) throws {
        let bench = try Workbench([
            "door.rego": Self.policy, "door.json": #"{"passes": ["p1", "p2"]}"#, "input.json": item.input,
        ])
        let run = bench.writ(
            arguments: ["eval", "-f", "pretty", "--explain", "full"] + item.flags + [
                "-d", "@door.rego", "-d", "@door.json", "-i", "@input.json", item.query,
            ])
        // The width of the columns depends on where the files are.
        func words(_ text: String) -> [[Substring]] {
            text.split(separator: "\n").map { $0.split(separator: " ") }
        }
        #expect(words(run.output) == words(item.events))
    }
}
