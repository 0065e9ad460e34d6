import Glibc
import Writ

// What a policy image costs: installing it (its hashes, the structure of its data) and opening it again.
//
//     image write DATA IMAGE     an image of JSON data and a small policy
//     image install IMAGE        CPU of what is checked once, by part
//     image open IMAGE           time from the file to a decision, and private memory then
//
// The hashes are those of Writ's own SHA-256, as no package is used here; `writ` uses BoringSSL's, several times as fast.

func usage() -> Never {
    print("usage: image write DATA IMAGE | install IMAGE | open IMAGE")
    exit(2)
}

func now(_ clock: clockid_t = CLOCK_MONOTONIC) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1_000_000
}

func shown(_ milliseconds: Double) -> String { "\((milliseconds * 100).rounded() / 100) ms" }

/// KiB of the process that are its own and not the page cache's.
func privateMemory() -> Int {
    guard let file = fopen("/proc/self/smaps_rollup", "r") else { return -1 }
    defer { fclose(file) }
    var total = 0
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, 256, file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard text.hasPrefix("Private_") else { continue }
        total += text.split(separator: " ").compactMap { Int($0) }.first ?? 0
    }
    return total
}

func read(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { usage() }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: ftell(file))
    rewind(file)
    _ = fread(&bytes, 1, bytes.count, file)
    return bytes
}

func map(_ path: String) -> UnsafeRawBufferPointer {
    let file = open(path, O_RDONLY)
    var info = stat()
    guard file >= 0, fstat(file, &info) == 0,
        let base = mmap(nil, Int(info.st_size), PROT_READ, MAP_SHARED, file, 0), base != MAP_FAILED
    else { usage() }
    return UnsafeRawBufferPointer(start: base, count: Int(info.st_size))
}

func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    ContentHash.sha256.digest(bytes.bindMemory(to: UInt8.self))
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { usage() }
switch arguments[1] {
case "write":
    guard arguments.count == 4 else { usage() }
    var data = DataBuilder()
    try data.add(read(arguments[2]))
    let policy = try Policy.compile([
        PolicyFile(name: "p.rego", text: Array("package p\nallow if data.devices[input].ok".utf8))
    ])
    let bytes = try PolicyImage.bytes(
        of: Snapshot(policy: policy, data: data.freeze()), manifest: Array("{}".utf8), sha256: sha256)
    guard let file = fopen(arguments[3], "wb"), fwrite(bytes, 1, bytes.count, file) == bytes.count else { usage() }
    fclose(file)
    print("image: \(bytes.count) bytes")
case "install":
    let bytes = map(arguments[2])
    var start = now(CLOCK_PROCESS_CPUTIME_ID)
    try ImageLayout(reading: bytes).verify(bytes, sha256: sha256)
    print("hashes: \(shown(now(CLOCK_PROCESS_CPUTIME_ID) - start)) of CPU for \(bytes.count) bytes")
    let image = try PolicyImage(opening: bytes, release: {})
    start = now(CLOCK_PROCESS_CPUTIME_ID)
    try image.verify()
    print("structure: \(shown(now(CLOCK_PROCESS_CPUTIME_ID) - start)) of CPU")
case "open":
    let start = now()
    let image = try PolicyImage(opening: map(arguments[2]), release: {})
    let opened = now()
    let evaluator = Evaluator(image.snapshot)
    var output = ByteBuffer()
    let input = Array("\"none\"".utf8)
    let target = image.snapshot.target([Array("p".utf8), Array("allow".utf8)])
    _ = try input.withUnsafeBufferPointer { try evaluator.decide(target, input: $0, into: &output) }
    let decided = now()
    print("open: \(shown(opened - start)), first decision: \(shown(decided - opened)) more")
    print("private memory of the process: \(privateMemory()) KiB")
default: usage()
}
