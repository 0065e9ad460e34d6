import Foundation
import Writ

/// Runs one workload's decisions.
final class Driver {
    private let workload: Workload
    private let evaluator: Evaluator
    private var output = ByteBuffer()
    /// Inputs that lie in pieces of their own, for the prepared mode.
    private var prepared: [Value] = []
    private var pieces: [Piece] = []

    init(_ workload: Workload) throws {
        self.workload = workload
        evaluator = Evaluator(workload.snapshot)
        for input in workload.inputs {
            evaluator.begin()
            let value = try input.withUnsafeBufferPointer { try evaluator.read($0) }
            let piece = try Piece(freezing: value, of: evaluator.space)
            pieces.append(piece)
            prepared.append(evaluator.space.root(of: piece, attachedAs: evaluator.space.attach(piece)))
        }
    }

    /// Each input's answer, as the comparison wants it.
    func results() throws -> String {
        var lines: [String] = []
        for (name, input) in zip(workload.names, workload.inputs) {
            output.removeAll()
            let isDefined = try decide(input)
            let text = String(decoding: output.bytes, as: UTF8.self)
            lines.append("\"\(name)\": " + (isDefined ? "{\"result\": \(text)}" : "{\"undefined\": true}"))
        }
        return "{" + lines.joined(separator: ", ") + "}"
    }

    /// Prints how many allocations some decisions made after warming up.
    func count(_ decisions: Int) throws -> Bool {
        let repetitions = max(1, decisions / max(1, workload.inputs.count))
        _ = try pass(100, text: true)
        guard let before = AllocationCounter.read() else {
            print("no allocation counter is loaded; see Benchmarks/README.md")
            return false
        }
        _ = try pass(repetitions, text: true)
        let after = AllocationCounter.read() ?? before
        print("{\"decisions\": \(repetitions * workload.inputs.count), \"allocations\": \(after - before)}")
        return true
    }

    /// Times decisions; gives a line of JSON.
    func time(_ mode: String, samples: Int, milliseconds: Int) throws -> String {
        let isText = mode != "prepared"
        var repetitions = 1
        while true {
            let shortest = min(try pass(repetitions, text: isText).wall, try pass(repetitions, text: isText).wall)
            if shortest > Int64(milliseconds) * 500_000 || repetitions > 1 << 22 {
                repetitions = Int(Double(repetitions) * Double(milliseconds) * 1e6 / Double(max(1, shortest))) + 1
                break
            }
            repetitions *= 2
        }
        var wall: [Double] = []
        var processor: [Double] = []
        let count = Double(repetitions * workload.inputs.count)
        for _ in 0..<max(1, samples) {
            let times = try pass(repetitions, text: isText)
            wall.append(Double(times.wall) / count)
            processor.append(Double(times.processor) / count)
        }
        wall.sort()
        processor.sort()
        return "{\"engine\":\"writ\",\"mode\":\"\(mode)\",\"wall_ns\":\(wall[wall.count / 2]),"
            + "\"cpu_ns\":\(processor[processor.count / 2]),\"wall_min_ns\":\(wall[0]),"
            + "\"prepare_ms\":\(workload.prepareTime)}"
    }

    private func decide(_ input: [UInt8]) throws -> Bool {
        try input.withUnsafeBufferPointer { try evaluator.decide(workload.target, input: $0, into: &output) }
    }

    private func pass(_ repetitions: Int, text: Bool) throws -> (wall: Int64, processor: Int64) {
        var wall: Int64 = 0
        var processor: Int64 = 0
        for index in workload.inputs.indices {
            let startWall = Clock.monotonic()
            let startProcessor = Clock.processor()
            if text {
                for _ in 0..<repetitions {
                    output.removeAll()
                    _ = try decide(workload.inputs[index])
                }
            } else {
                for _ in 0..<repetitions {
                    evaluator.begin()
                    _ = try evaluator.evaluate(workload.target, input: prepared[index])
                }
            }
            processor += Clock.processor() - startProcessor
            wall += Clock.monotonic() - startWall
        }
        return (wall, processor)
    }
}
