import Glibc
import Writ

// What a PATCH of one field costs, apart from HTTP: from the value to the snapshot that decisions are made with.
//
//     data-patch FILE [CHANGES]
//
// FILE is data such as `scale.py data 100` writes: {"devices": {NAME: {"ok": …}}}. Each change replaces `ok` of another
// device. Printed are nanoseconds a change (median, 99th of a hundred, mean: the mean has in it what puts many changes
// together now and then) and bytes: of the new piece (median), and what the heap grew by for each change.

guard CommandLine.arguments.count >= 2, let file = fopen(CommandLine.arguments[1], "rb") else {
    print("usage: data-patch FILE [CHANGES]")
    exit(2)
}
let changes = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 1000 : 1000

func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

/// Bytes of the heap that are in use.
func heap() -> Int {
    let info = mallinfo2()
    return Int(info.uordblks) + Int(info.hblkhd)
}

fseek(file, 0, SEEK_END)
var text = [UInt8](repeating: 0, count: ftell(file))
rewind(file)
_ = fread(&text, 1, text.count, file)
fclose(file)
var data: Piece = try {
    var builder = DataBuilder()
    try builder.add(text)
    return try builder.freeze()
}()
text = []
let names: [[UInt8]] = {
    let transaction = DataTransaction(data)
    let devices = transaction.value(at: [Array("devices".utf8)])
    let entries = transaction.space.entries(devices)
    // Far from each other, as changes are that have nothing to do with each other.
    return (0..<changes).map { transaction.space.bytes(entries.keys[($0 &* 7_919) % max(1, entries.count)]) }
}()
let policy = try Policy.compile([
    PolicyFile(name: "p.rego", text: Array("package p\nallow if data.devices[input].ok".utf8))
])
var snapshot = Snapshot(policy: policy, data: data)
print("data: \(data.size) bytes, \(names.count) changes")
var times: [UInt64] = []
var sizes: [Int] = []
let before = heap()
for (number, name) in names.enumerated() {
    let start = now()
    var transaction = DataTransaction(snapshot.data)
    try transaction.apply(
        .replace, at: [Array("devices".utf8), name, Array("ok".utf8)], number % 2 == 0 ? .false : .true)
    guard transaction.conflicts(with: snapshot.policy).isEmpty else { exit(1) }
    data = try transaction.freeze()
    snapshot = Snapshot(policy: snapshot.policy, data: data)
    times.append(now() &- start)
    sizes.append(data.size)
}
let grown = heap() - before
let mean = times.reduce(0, +) / UInt64(max(1, times.count))
times.sort()
sizes.sort()
print("time: median \(times[times.count / 2]) ns, p99 \(times[times.count * 99 / 100]) ns, mean \(mean) ns")
print("memory: median piece \(sizes[sizes.count / 2]) bytes, \(grown / max(1, names.count)) bytes of heap a change")
print("pieces: \(data.parts.count)")
