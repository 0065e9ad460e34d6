import WritBuiltins
import WritValue

/// Time zones (TZif): whatever a damaged file says, moments are shown in it and read back.
func fuzzZone(_ bytes: UnsafeBufferPointer<UInt8>) {
    let space = Space.create(memoryLimit: 64 << 20)
    defer { space.destroy() }
    let context = BuiltinContext(space: space)
    let file = Array(bytes)
    context.loadTimeZone = { _ in file }
    guard let zone = try? space.string("Fuzz/Zone"), let layout = try? space.string("2006-01-02 15:04:05 MST -07:00")
    else { return }
    for seconds in [0, 1_000_000_000, -8_000_000_000, 4_000_000_000, 9_000_000_000, 1_700_000_000] {
        var operands = ValueList()
        do throws(Fault) {
            try operands.append(.integer(seconds * 1_000_000_000), in: space)
            try operands.append(zone, in: space)
            let moment = try space.array(operands)
            try operands.append(layout, in: space)
            _ = try call("time.clock", [moment], context)
            _ = try call("time.date", [moment], context)
            _ = try call("time.add_date", [moment, .integer(0), .integer(1), .integer(1)], context)
            _ = try call("time.format", [space.array(adopting: operands)], context)
        } catch {
            precondition(error.code == .builtin || error.code == .type, "\(error.code)")
        }
    }
}

private func call(_ name: StaticString, _ operands: [Value], _ context: BuiltinContext) throws(Fault) -> Value {
    let bytes = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    guard let number = Registry.find(bytes), let body = Registry.implementations[number] else {
        preconditionFailure("no such builtin")
    }
    return try operands.withUnsafeBufferPointer { (buffer) throws(Fault) in
        try body(context, Arguments(buffer.baseAddress, count: buffer.count))
    }
}
