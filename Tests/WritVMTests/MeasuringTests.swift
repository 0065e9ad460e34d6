import Testing
import WritPlan
import WritValue

@testable import WritVM

/// What measuring puts into a program, and what it leaves alone.
@Suite struct MeasuringTests {
    private static func plan() throws -> Plan {
        var builder = PlanBuilder()
        builder.function(
            [
                .data(1), .dot(2, 1, builder.json("\"a\"")), .builtin(3, builtin: builtin("plus"), [2, 2]),
                .assignOnce(0, 3, .completeRule),
            ], memo: .context)
        builder.function(
            [
                .block([.call(1, 0, []), .call(2, 0, []), .makeArray(3, [1, 2]), .assign(0, 3)])
            ], kind: .document)
        return try builder.finish()
    }

    private func opcodes(_ program: Program) -> [Opcode] {
        UnsafeBufferPointer(start: program.code, count: program.codeCount).map { $0.opcode }
    }

    @Test func othersHaveNothingOfIt() throws {
        let plain = try Program.assemble(try Self.plan())
        #expect(!opcodes(plain).contains(.trace))
        #expect(!plain.isMeasured)
        // Only marks, and jumps around what a failing step tells, come to it.
        let measured = try Program.assemble(try Self.plan(), measured: true)
        #expect(measured.isMeasured)
        let additional: Set<Opcode> = [.trace, .jump]
        #expect(opcodes(measured).filter { !additional.contains($0) } == opcodes(plain).filter { $0 != .jump })
        #expect(opcodes(measured).contains(.trace))
    }

    @Test(arguments: [#"{"a": 2}"#, "{}"]) func eventsComeInPairs(_ data: String) throws {
        let machine = try Machine(try Program.assemble(try Self.plan(), measured: true), data: data)
        var events: [String] = []
        var paths: [[[UInt8]]] = []
        machine.onMeasure = { [unowned machine] event, id in
            events.append("\(event)")
            if event == .read || event == .lack { paths.append(machine.measuredPath(id)) }
        }
        machine.begin()
        _ = try machine.start(1, input: .undefined)
        let call = ["call", "chosen", "begin"]
        #expect(
            events
                == (data == "{}"
                    ? call + ["endReference", "lack", "back"]
                    : call + [
                        "endReference", "read", "begin", "end", "begin", "end", "back", "call", "back", "begin", "end",
                    ]))
        #expect(paths == [[Array("\"a\"".utf8)]])
    }
}
