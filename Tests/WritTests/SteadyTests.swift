import Testing
import Writ

/// Many decisions on one evaluator, and many evaluators on one snapshot.
@Suite struct SteadyTests {
    static let policy = """
        default p := {"allow": false}
        p := {"allow": true, "roles": roles, "n": n} if {
            input.action in grants
            n := count([x | some x in input.items; x.price > 10])
        }
        roles contains r if some r in data.users[input.user].roles
        grants contains g if { some r in roles; some g in data.roles[r] }
        lasting := {k: sprintf("%s-%d", [k, count(v)]) | some k, v in data.roles}
        mocked := out if out := p with input.action as "stop" with data.users.ann.roles as ["ops"]
        """
    static let data =
        #"{"users": {"ann": {"roles": ["dev"]}, "bob": {"roles": []}}, "roles": {"dev": ["read"], "ops": ["stop"]}}"#

    static func input(_ number: Int) -> String {
        let items = (0..<number % 7).map { "{\"price\": \($0 * 5), \"name\": \"item number \($0)\"}" }
        return "{\"user\": \"\(number % 2 == 0 ? "ann" : "bob")\", \"action\": \"read\", \"items\": ["
            + items.joined(separator: ",") + "]}"
    }

    static func wanted(_ number: Int) -> Case.Answer {
        guard number % 2 == 0 else { return .value(#"{"allow":false}"#) }
        return .value("{\"allow\":true,\"n\":\(max(0, number % 7 - 3)),\"roles\":[\"dev\"]}")
    }

    @Test func twoThousandDecisions() throws {
        let snapshot = try snapshot(of: Self.policy, data: Self.data)
        let evaluator = Evaluator(snapshot)
        let target = snapshot.target(steps("t/p"))
        let mocked = snapshot.target(steps("t/mocked"))
        let lasting = snapshot.target(steps("t/lasting"))
        var highest = 0
        for number in 0..<2_000 {
            #expect(answer(of: evaluator, target, input: Self.input(number)) == Self.wanted(number))
            if number % 100 == 0 {
                #expect(
                    answer(of: evaluator, mocked, input: #"{"user": "ann", "items": []}"#)
                        == .value(#"{"allow":true,"n":0,"roles":["ops"]}"#))
                #expect(answer(of: evaluator, lasting, input: nil) == .value(#"{"dev":"dev-1","ops":"ops-1"}"#))
            }
            if number == 100 { highest = evaluator.space.memoryHeld }
            if number > 100 { #expect(evaluator.space.memoryHeld <= highest) }
        }
        #expect(highest > 0 && highest < 1 << 20)
    }

    @Test func aLargeDecisionGivesItsMemoryBack() throws {
        let snapshot = try snapshot(of: "p := count([[x, y] | some x in input; some y in input])")
        let evaluator = Evaluator(snapshot)
        let target = snapshot.target(steps("t/p"))
        let large = "[" + (0..<400).map { "\($0)" }.joined(separator: ",") + "]"
        for _ in 0..<3 {
            #expect(answer(of: evaluator, target, input: large) == .value("160000"))
            #expect(answer(of: evaluator, target, input: "[1]") == .value("1"))
            evaluator.begin()
            #expect(evaluator.space.memoryHeld <= Space.retainedMemory + 1 << 20)
        }
    }

    @Test func resultsThatLastDoNotGrow() throws {
        let snapshot = try snapshot(
            of:
                "big := [x | some x in numbers.range(1, 2000)]\np := big[input] + count(q)\nq := out if out := big with data.z as input"
        )
        let evaluator = Evaluator(snapshot)
        let target = snapshot.target(steps("t/p"))
        var held = 0
        for number in 0..<300 {
            #expect(answer(of: evaluator, target, input: "\(number)") == .value("\(number + 2001)"))
            if number == 50 { held = evaluator.space.memoryHeld }
            if number > 50 { #expect(evaluator.space.memoryHeld <= held) }
        }
    }

    @Test func oneSnapshotOnSeveralThreads() async throws {
        let snapshot = try snapshot(of: Self.policy, data: Self.data)
        let wrong = await withTaskGroup(of: Int.self) { group in
            for task in 0..<4 {
                group.addTask {
                    let evaluator = Evaluator(snapshot)
                    let target = snapshot.target(steps("t/p"))
                    var wrong = 0
                    for number in 0..<500 {
                        let number = number * 4 + task
                        if answer(of: evaluator, target, input: Self.input(number)) != Self.wanted(number) {
                            wrong += 1
                        }
                    }
                    return wrong
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }

    @Test func randomnessAndClockHoldStillWithinADecision() throws {
        let snapshot = try snapshot(
            of: """
                p := [a == b, c == d, e == f, a > 1600000000000000000] if {
                    a := time.now_ns(); b := time.now_ns()
                    c := uuid.rfc4122("k"); d := uuid.rfc4122("k")
                    e := rand.intn("k", 1000000000); f := rand.intn("k", 1000000000)
                }
                u := uuid.rfc4122("k")
                """)
        let evaluator = Evaluator(snapshot)
        #expect(answer(of: evaluator, snapshot.target(steps("t/p")), input: nil) == .value("[true,true,true,true]"))
        let first = answer(of: evaluator, snapshot.target(steps("t/u")), input: nil)
        #expect(first != answer(of: evaluator, snapshot.target(steps("t/u")), input: nil))
    }

    @Test func printGoesToTheHost() throws {
        let snapshot = try snapshot(
            of: "p := 1 if {\n\tprint(\"x is\", input.x, input.missing)\n\tprint([\"a\"], {1})\n}")
        let evaluator = Evaluator(snapshot)
        var lines: [String] = []
        evaluator.onPrint = { line, file, row in
            lines.append("\(String(decoding: file, as: UTF8.self)):\(row): \(line)")
        }
        #expect(answer(of: evaluator, snapshot.target(steps("t/p")), input: #"{"x": 5}"#) == .value("1"))
        #expect(lines == ["f0.rego:4: x is 5 <undefined>", "f0.rego:5: [\"a\"] {1}"])
        evaluator.onPrint = nil
        #expect(answer(of: evaluator, snapshot.target(steps("t/p")), input: nil) == .value("1"))
        #expect(lines.count == 2)
    }
}
