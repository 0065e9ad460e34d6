import Glibc
import Writ
import WritHostBuiltins

/// Asks the module `Fuzz/policies/NAME.rego` about the input: its set `data.fuzz.broken` says what does not hold.
///
/// The module sees the input as `input.texts` (its parts, split at the byte 0xff, which no UTF-8 text has) and as
/// `input.base64` (the whole).
final class Asked {
    private let evaluator: Evaluator
    private let target: DecisionTarget
    private var input = ByteBuffer()
    private var output = ByteBuffer()

    /// Nil when there is no such module.
    init?(_ name: String) {
        guard let text = Self.read("Fuzz/policies/\(name).rego") else { return nil }
        let file = PolicyFile(name: "\(name).rego", text: text)
        guard let policy = try? Policy.compile([file], options: CompileOptions(functions: .all)) else {
            fatalError("\(name).rego does not compile")
        }
        var limits = DecisionLimits()
        limits.memory = 256 << 20
        // What is within the length of the inputs (`-max_len`) costs less: work beyond it grows faster than the input.
        limits.steps = 4_000_000
        evaluator = Evaluator(Snapshot(policy: policy), limits: limits)
        target = evaluator.snapshot.target([Array("fuzz".utf8), Array("broken".utf8)])
    }

    func ask(_ bytes: UnsafeBufferPointer<UInt8>) {
        write(bytes)
        output.removeAll()
        do throws(DecisionFailure) {
            _ = try input.bytes.withUnsafeBufferPointer { (text) throws(DecisionFailure) in
                try evaluator.decide(target, input: text, into: &output)
            }
        } catch {
            // The input itself may be nested too deep or ask for much: limits of memory and size are there to be met.
            let isLimit = ["writ_memory_limit", "writ_size_limit", "writ_depth_limit"].contains(error.code)
            if !isLimit { Self.fail("\(error.code): \(error.message)") }
            return
        }
        let broken = String(decoding: output.bytes, as: UTF8.self)
        if broken != "[]" { Self.fail(broken) }
    }

    /// Ends the process as libFuzzer wants it, and says why: optimized code keeps no messages of its own.
    private static func fail(_ message: String) -> Never {
        let line = Array("Fatal error: \(message)\n".utf8)
        _ = Glibc.write(STDERR_FILENO, line, line.count)
        abort()
    }

    private func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        input.removeAll()
        input.append("{\"texts\":[")
        var isFirst = true
        for part in bytes.split(separator: 0xff, omittingEmptySubsequences: false) {
            if !isFirst { input.append(UInt8(ascii: ",")) }
            isFirst = false
            input.appendJSONString(Array(part))
        }
        input.append("],\"base64\":\"")
        input.append(Self.base64(bytes))
        input.append("\"}")
    }

    private static func base64(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            var group = 0
            for index in start..<start + 3 { group = group << 8 | (index < bytes.count ? Int(bytes[index]) : 0) }
            for place in 0..<4 {
                let isThere = start + place <= bytes.count
                text.append(isThere ? digits[group >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return text
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var text: [UInt8] = []
        while case let byte = getc(file), byte != EOF { text.append(UInt8(truncatingIfNeeded: byte)) }
        return text
    }
}
