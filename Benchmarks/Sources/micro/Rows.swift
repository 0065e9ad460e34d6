import Writ

func jsonRows(_ filter: String) throws {
    let space = Space.create()
    defer { space.destroy() }
    var large: [UInt8] = Array("[".utf8)
    for index in 0..<100 {
        if index > 0 { large.append(UInt8(ascii: ",")) }
        large.append(contentsOf: kilobyte)
    }
    large.append(UInt8(ascii: "]"))
    for (name, text) in [("\(kilobyte.count) bytes", kilobyte), ("\(large.count) bytes", large)] {
        try measure("json: read \(name)", filter) {
            space.reset()
            _ = try text.withUnsafeBufferPointer { try space.readJSON($0) }
        }
        space.reset()
        let value = try space.readJSON(text)
        var output = ByteBuffer()
        try measure("json: write \(name)", filter) {
            output.removeAll()
            try space.writeJSON(value, to: &output)
        }
    }
}

func valueRows(_ filter: String) throws {
    let space = Space.create()
    defer { space.destroy() }
    var text = "{"
    for index in 0..<10_000 { text += (index == 0 ? "" : ",") + "\"device-number-\(index)\":\(index)" }
    let large = try space.readJSON(Array((text + "}").utf8))
    let small = try space.readJSON(Array(#"{"user":1,"action":2,"type":3}"#.utf8))
    let piece = try Piece(freezing: large, of: space)
    let frozen = space.root(of: piece, attachedAs: space.attach(piece))
    let short = try space.string(Array("type".utf8))
    let long = try space.string(Array("device-number-7777".utf8))
    var sink: UInt64 = 0
    measure("value: member of 3 keys", filter) { sink &+= space.member(small, short).low }
    measure("value: member of 10,000 keys, frozen", filter) { sink &+= space.member(frozen, long).low }
    measure("value: hash of a long string", filter) { sink &+= space.hash(long) }
    measure("value: compare 10,000 keys and values", filter) {
        sink &+= UInt64(truncatingIfNeeded: space.compare(large, frozen))
    }
    try measure("value: freeze 10,000 keys and values", filter) {
        sink &+= UInt64(try Piece(freezing: large, of: space).size)
    }
    if sink == 1 { print("") }
}

func machineRows(_ filter: String) throws {
    try decision(
        "machine: one comparison", "package p\nallow if input.request.method == \"publish\"", filter)
    try decision(
        "machine: a loop of 1,000 turns", "package p\nallow := count([x | some x in data.list; x > 500])", filter)
    try decision(
        "machine: 1,000 rules told apart by an index",
        "package p\n" + (0..<1000).map { "allow if input.time.zone == \"zone-\($0)\"\n" }.joined()
            + "allow if input.time.zone == \"Europe/Paris\"", filter)
    try decision(
        "machine: a set of 100 strings", "package p\nallow := count({s | some x in data.list; s := x % 100})", filter)
}

/// A decision on the kilobyte document that is a value already.
private func decision(_ name: String, _ module: String, _ filter: String) throws {
    let policy = try Policy.compile([PolicyFile(name: "p.rego", text: Array(module.utf8))])
    var data = DataBuilder()
    try data.add(Array(("{\"list\":[" + (0..<1000).map { String($0) }.joined(separator: ",") + "]}").utf8))
    let snapshot = Snapshot(policy: policy, data: try data.freeze())
    let evaluator = Evaluator(snapshot)
    let target = snapshot.target([Array("p".utf8), Array("allow".utf8)])
    evaluator.begin()
    let read = try kilobyte.withUnsafeBufferPointer { try evaluator.read($0) }
    let piece = try Piece(freezing: read, of: evaluator.space)
    let input = evaluator.space.root(of: piece, attachedAs: evaluator.space.attach(piece))
    try measure(name, filter) {
        evaluator.begin()
        _ = try evaluator.evaluate(target, input: input)
    }
}
