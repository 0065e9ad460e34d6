import Testing

/// What commands show beside their answers.
@Suite struct ShownMembersTests {
    @Test func severalRuns() throws {
        let bench = try Workbench()
        let json = bench.writ("eval", "--count", "3", "--metrics", "x := 1 + 1").output
        #expect(json.contains(#""aggregated_metrics": {"#))
        let timer = json.split(separator: "timer_rego_query_eval_ns").last ?? ""
        #expect(timer.contains(#""count": 3"#))
        for name in ["75%", "99.99%", "max", "mean", "median", "min", "stddev"] {
            #expect(timer.contains("\"\(name)\": "))
        }
        let table = bench.writ("eval", "--count", "2", "--metrics", "-f", "pretty", "1").output
        #expect(table.contains("|  MIN  |") || table.contains(" MIN "))
        #expect(table.contains("timer_rego_query_eval_ns"))
        #expect(!bench.writ("eval", "--count", "3", "1").output.contains("aggregated"))
    }

    @Test func discarded() throws {
        let bench = try Workbench()
        #expect(bench.writ("eval", "-f", "discard", "1").output == "{\n  \"result\": \"discarded\"\n}\n")
        #expect(bench.writ("eval", "-f", "discard", "false; 1").output == "{}\n")
        let measured = bench.writ("eval", "-f", "discard", "--metrics", "1").output
        #expect(measured.hasPrefix("{\n  \"metrics\": {\n"))
        #expect(measured.hasSuffix(",\n  \"result\": \"discarded\"\n}\n"))
    }

    @Test func dependencies() throws {
        let bench = try Workbench(["p.rego": "package p\n\nq := 1\n\nr if input.x\n"])
        func deps(_ arguments: String...) -> String {
            bench.writ(arguments: ["deps", "-d", "@p.rego"] + arguments).output
        }
        #expect(
            deps("input.y")
                == "+----------------+\n| BASE DOCUMENTS |\n+----------------+\n| input.y        |\n+----------------+\n"
        )
        #expect(deps("data.p.q").hasPrefix("+-------------------+\n| VIRTUAL DOCUMENTS |\n"))
        #expect(deps("data.p.r").hasPrefix("+----------------+-------------------+\n"))
        #expect(deps("1").isEmpty)
        #expect(deps("-f", "json", "1") == "{}\n")
        #expect(!deps("-f", "json", "data.p.q").contains("base"))
    }

    @Test func targets() throws {
        let bench = try Workbench()
        let wasm = bench.writ("eval", "--target", "wasm", "1")
        #expect(wasm.status == 1)
        #expect(wasm.output.contains("engine not found"))
        #expect(bench.writ("eval", "--target", "java", "1").errors.contains("must be one of {rego,wasm}"))
    }
}
