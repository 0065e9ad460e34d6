import Glibc
import Synchronization
import Testing

@testable import Writ

/// What a host function waits for, under a test's control.
private final class Outside: Sendable {
    private struct State {
        var done: (@Sendable () -> Void)?
        var begun = 0
        var cancelled = 0
    }

    private let state = Mutex(State())
    /// Ends every wait as soon as it begins.
    let isPrompt: Bool

    init(isPrompt: Bool = false) { self.isPrompt = isPrompt }

    var begun: Int { state.withLock { $0.begun } }
    var cancelled: Int { state.withLock { $0.cancelled } }

    /// `http.send` that waits, then gives the status 200, or fails.
    func functions(fails: Bool = false, waits: Int = 1) -> HostFunctions {
        var functions = HostFunctions.standard
        functions.provideWaiting("http.send") { (context, arguments) throws(Fault) in
            .wait(self.wait(fails: fails, more: waits - 1))
        }
        return functions
    }

    private func wait(fails: Bool, more: Int) -> HostWait {
        HostWait(
            begin: { done in
                let now: (@Sendable () -> Void)? = self.state.withLock { state in
                    state.begun += 1
                    if self.isPrompt { return done }
                    state.done = done
                    return nil
                }
                now?()
            },
            cancel: { self.state.withLock { $0.cancelled += 1 } },
            finish: { (context) throws(Fault) in
                if more > 0 { return .wait(self.wait(fails: fails, more: more - 1)) }
                if fails { throw context.error("no answer") }
                return .value(.integer(200))
            })
    }
}

@Suite("Evaluations that wait for the host")
struct HostWaitTests {
    private func evaluator(_ functions: HostFunctions, _ policy: String) throws -> Evaluator {
        let file = PolicyFile(name: "t.rego", text: Array(policy.utf8))
        return Evaluator(Snapshot(policy: try Policy.compile([file], options: CompileOptions(functions: functions))))
    }

    private static let policy = """
        package t

        p := {"status": status, "before": [x | some x in input.list]}

        status := http.send({"method": "get", "url": "x"})

        fallback := 1 if not status
        """

    private func path(_ text: String) -> [[UInt8]] { text.split(separator: "/").map { Array($0.utf8) } }

    @Test func anEvaluationStandsStillAndGoesOn() throws {
        let outside = Outside()
        let evaluator = try evaluator(outside.functions(waits: 2), Self.policy)
        var recorded: [String] = []
        evaluator.onNondeterministic = { name, _, result in
            recorded.append("\(name) \(evaluator.space.int64(result) ?? -1)")
        }
        evaluator.begin()
        let input = try evaluator.space.readJSON(Array(#"{"list": [1, 2]}"#.utf8))
        let first = try evaluator.start(evaluator.snapshot.target(path("t/p")), input: input)
        guard case .waiting = first else {
            Issue.record("it did not wait")
            return
        }
        #expect(recorded.isEmpty)
        guard case .waiting = try evaluator.resume() else {
            Issue.record("it did not wait again")
            return
        }
        guard case .finished(let value) = try evaluator.resume() else {
            Issue.record("it did not end")
            return
        }
        #expect(try evaluator.space.json(value) == Array(#"{"before":[1,2],"status":200}"#.utf8))
        #expect(recorded == ["http.send 200"])
        #expect(outside.begun == 0)
    }

    @Test func stepsIntoTheResultAreTakenAfterTheWait() throws {
        let evaluator = try evaluator(Outside().functions(), Self.policy)
        evaluator.begin()
        let input = try evaluator.space.readJSON(Array(#"{"list": [1, 2]}"#.utf8))
        let target = evaluator.snapshot.target(path("t/p/before/1"))
        guard case .waiting = try evaluator.start(target, input: input) else {
            Issue.record("it did not wait")
            return
        }
        guard case .finished(let value) = try evaluator.resume() else {
            Issue.record("it did not end")
            return
        }
        #expect(evaluator.space.int64(value) == 2)
    }

    @Test func aThreadCanWaitInstead() throws {
        let outside = Outside(isPrompt: true)
        let evaluator = try evaluator(outside.functions(waits: 3), Self.policy)
        var output = ByteBuffer()
        #expect(try evaluator.decide(evaluator.snapshot.target(path("t/status")), input: nil, into: &output))
        #expect(output.bytes == Array("200".utf8))
        #expect(outside.begun == 3)
    }

    @Test(arguments: [true, false])
    func aFailureAfterTheWait(_ isStrict: Bool) throws {
        let evaluator = try evaluator(Outside(isPrompt: true).functions(fails: true), Self.policy)
        evaluator.isStrict = isStrict
        var output = ByteBuffer()
        let target = evaluator.snapshot.target(path("t/fallback"))
        if isStrict {
            let failure = #expect(throws: DecisionFailure.self) {
                try evaluator.decide(target, input: nil, into: &output)
            }
            #expect(failure?.message == "http.send: no answer")
            #expect(failure?.position?.row == 5)
        } else {
            #expect(try evaluator.decide(target, input: nil, into: &output))
            #expect(output.bytes == Array("1".utf8))
        }
    }

    @Test func whoGivesUpCancels() throws {
        let outside = Outside()
        let evaluator = try evaluator(outside.functions(), Self.policy)
        evaluator.begin()
        _ = try evaluator.start(evaluator.snapshot.target(path("t/status")), input: .undefined)
        evaluator.begin()
        #expect(outside.cancelled == 1)
        guard case .waiting = try evaluator.start(evaluator.snapshot.target(path("t/status")), input: .undefined) else {
            Issue.record("it did not wait")
            return
        }
    }

    @Test func anInterruptEndsTheWait() throws {
        let outside = Outside()
        let evaluator = try evaluator(outside.functions(), Self.policy)
        let flag = UnsafeMutablePointer<Bool>.allocate(capacity: 1)
        defer { flag.deallocate() }
        flag.initialize(to: false)
        evaluator.interrupt = UnsafePointer(flag)
        evaluator.begin()
        _ = try evaluator.start(evaluator.snapshot.target(path("t/status")), input: .undefined)
        flag.pointee = true
        let failure = #expect(throws: DecisionFailure.self) { try evaluator.resume() }
        #expect(failure?.code == "eval_cancel_error")
        #expect(outside.cancelled == 1)
    }

    @Test func aDeadlineEndsTheWaitOfAThread() throws {
        let outside = Outside()
        let file = PolicyFile(name: "t.rego", text: Array(Self.policy.utf8))
        let policy = try Policy.compile([file], options: CompileOptions(functions: outside.functions()))
        var limits = DecisionLimits()
        limits.nanoseconds = 50_000_000
        let evaluator = Evaluator(Snapshot(policy: policy), limits: limits)
        var output = ByteBuffer()
        let failure = #expect(throws: DecisionFailure.self) {
            try evaluator.decide(evaluator.snapshot.target(path("t/status")), input: nil, into: &output)
        }
        #expect(failure?.code == "eval_cancel_error")
        #expect(outside.cancelled >= 1)
    }
}
