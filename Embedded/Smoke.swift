import WritBuiltins
import WritPlan
import WritVM
import WritValue

/// Runs check number `number`: 0 if it holds, 1 if not, -1 if there is no such check.
@c(check)
public func check(_ number: Int32) -> Int32 {
    switch number {
    case 0: roundTrip() ? 0 : 1
    case 1: rule(#"{"user": "alice"}"#, gives: "true") && rule(#"{"user": "bob"}"#, gives: "") ? 0 : 1
    case 2: scan(#"["dev", "ops", "admin"]"#, gives: "2") && scan(#"["dev"]"#, gives: "") ? 0 : 1
    case 3: scan(#"["dev", "ops", "admin"]"#, steps: 2, gives: "!") ? 0 : 1
    case 4..<Int32(4 + calls.count): call(calls[Int(number - 4)]) ? 0 : 1
    default: -1
    }
}

/// A call of a builtin: its name, its operands as a JSON array, its result as JSON.
private struct Call {
    let name: StaticString
    let operands: StaticString
    let result: StaticString

    init(_ name: StaticString, _ operands: StaticString, _ result: StaticString) {
        self.name = name
        self.operands = operands
        self.result = result
    }
}

/// One of each kind that could need more of the platform than there is: wide arithmetic, texts, automata, time.
private var calls: [Call] {
    [
        Call("count", #"["héllo"]"#, "5"),
        Call("plus", "[9223372036854775807, 1]", "9223372036854775808"),
        Call("mul", "[12345678901234567890, 98765432109876543210]", "1219326311370217952237463801111263526900"),
        Call("div", "[1, 3]", "0.33333333333333333334"),
        Call("round", "[2.5e0]", "3"),
        Call("upper", #"["straße and éa"]"#, #""STRAßE AND ÉA""#),
        Call("split", #"["a,b", ","]"#, #"["a","b"]"#),
        Call("sprintf", #"["%v-%05.1f-%s", [[1, "a"], 3.14159, "x"]]"#, #""[1, \"a\"]-003.1-x""#),
        Call("regex.match", #"["^a.*[0-9]{3}$", "alpha 123"]"#, "true"),
        Call("glob.match", #"["*.example.com", ["."], "a.example.com"]"#, "true"),
        Call("base64.encode", #"["Writ"]"#, #""V3JpdA==""#),
        Call("json.unmarshal", #"["{\"a\": [1e2]}"]"#, #"{"a":[1e2]}"#),
        Call(
            "crypto.sha256", #"["abc"]"#, #""ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad""#),
        Call("time.parse_rfc3339_ns", #"["2024-02-29T12:00:00Z"]"#, "1709208000000000000"),
        Call("semver.compare", #"["1.2.3", "1.10.0"]"#, "-1"),
        Call("net.cidr_contains", #"["10.0.0.0/8", "10.1.2.3"]"#, "true"),
        Call("object.union", #"[{"a": {"b": 1}}, {"a": {"c": 2}}]"#, #"{"a":{"b":1,"c":2}}"#),
    ]
}

/// JSON is read and written in Rego's order of keys, numbers as they were.
private func roundTrip() -> Bool {
    let space = Space.create()
    defer { space.destroy() }
    let text: StaticString = #" {"b": [1, 2.50, 1e400, "x\u00e9"], "a": null, "a key of twenty byte": {}} "#
    guard let value = text.withUTF8Buffer({ try? space.readJSON($0) }) else { return false }
    return written(value, in: space, is: #"{"a":null,"a key of twenty byte":{},"b":[1,2.50,1e400,"xé"]}"#)
}

/// `allow if input.user == "alice"`
private func rule(_ input: StaticString, gives expected: StaticString) -> Bool {
    decision(input, gives: expected) { (builder) throws(Fault) in
        let user = builder.constant(try builder.space.string("user"))
        let alice = builder.constant(try builder.space.string("alice"))
        return [
            .input(Local(1)), .dot(Local(2), .local(Local(1)), .constant(user)),
            .equal(.local(Local(2)), .constant(alice)), .assign(Local(0), .constant(builder.constant(.true))),
        ]
    }
}

/// `place := i if some i; input[i] == "admin"`
private func scan(_ input: StaticString, steps: Int64 = 1_000, gives expected: StaticString) -> Bool {
    decision(input, steps: steps, gives: expected) { (builder) throws(Fault) in
        let admin = builder.constant(try builder.space.string("admin"))
        let found = Block(
            [.equal(.local(Local(3)), .constant(admin)), .assign(Local(0), .local(Local(2)))].map {
                Statement($0, .none)
            })
        return [.input(Local(1)), .scan(.collection(.local(Local(1))), key: Local(2), value: Local(3), found)]
    }
}

private func call(_ call: Call) -> Bool {
    let number = call.name.withUTF8Buffer { Registry.find($0) }
    guard let number else { return false }
    return decision(call.operands, steps: 100_000, gives: call.result) { (builder) throws(Fault) in
        var operands: [Operand] = []
        var statements: [Statement.Kind] = [.input(Local(1))]
        for index in 0..<Registry.all[number].parameters.count {
            let operand = Local(2 + index)
            let place = builder.constant(.integer(index))
            statements.append(.dot(operand, .local(Local(1)), .constant(place)))
            operands.append(.local(operand))
        }
        return statements + [.builtin(Local(0), builtin: number, operands)]
    }
}

/// Whether a plan of one rule, whose result is register 0 of eight, decides this; "" is undefined, "!" a fault.
private func decision(
    _ input: StaticString, steps: Int64 = 1_000, gives expected: StaticString,
    _ statements: (inout PlanBuilder) throws(Fault) -> [Statement.Kind]
) -> Bool {
    do throws(Fault) {
        var builder = PlanBuilder()
        let body = Block(try statements(&builder).map { Statement($0, .none) })
        builder.plan.functions.append(
            Function(
                kind: .rule, name: [], parameterCount: 0, localCount: 8, body: body, result: Local(0), memo: .never,
                reads: .input, range: .none))
        let program = try Program.assemble(try builder.finish())
        var limits = Limits()
        limits.steps = steps
        limits.memory = 1 << 20
        let machine = Machine(program: program, data: nil, limits: limits)
        machine.begin()
        let value = input.withUTF8Buffer { try? machine.space.readJSON($0) }
        guard let value, case .finished(let result) = try machine.start(FunctionID(0), input: value) else {
            return false
        }
        if result.isUndefined { return expected.utf8CodeUnitCount == 0 }
        return written(result, in: machine.space, is: expected)
    } catch {
        return error.code == .stepLimit && expected.utf8CodeUnitCount == 1
    }
}

private func written(_ value: Value, in space: Space, is expected: StaticString) -> Bool {
    var buffer = ByteBuffer()
    guard (try? space.writeJSON(value, to: &buffer)) != nil else { return false }
    return buffer.withBytes { bytes in expected.withUTF8Buffer { bytes.elementsEqual($0) } }
}
