import Glibc
import Writ

/// Damages an image of a policy and its data as the input says, opens what is left without verifying it, and asks it.
///
/// The first byte chooses the section, then five bytes of input are a change: where (four), what (one). With 0xff first
/// the input itself is the image, with its magic and version put right.
func fuzzImage(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let first = bytes.first else { return }
    var image: [UInt8]
    if first == 0xff {
        image = Array(bytes.dropFirst())
        for (index, byte) in (ImageLayout.magic + [1, 0, 0, 0]).enumerated() where index < image.count {
            image[index] = byte
        }
    } else {
        image = good
        let range = ranges[Int(first) % ranges.count]
        var place = 1
        while place + 4 < bytes.count {
            var offset = 0
            for index in 0..<4 { offset = offset << 8 | Int(bytes[place + index]) }
            if !range.isEmpty { image[range.lowerBound + offset % range.count] ^= bytes[place + 4] }
            place += 5
        }
    }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, image.count), alignment: 16)
    defer { memory.deallocate() }
    memory.copyBytes(from: image)
    let all = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory).prefix(image.count))
    guard let opened = try? PolicyImage(opening: all, release: {}) else { return }
    let isGood = (try? opened.verify()) != nil
    var limits = DecisionLimits()
    limits.steps = 20_000
    limits.memory = 8 << 20
    let evaluator = Evaluator(opened.snapshot, limits: limits)
    for path in ["t/p", "t/q", "t", "devices"] {
        let target = opened.snapshot.target(path.split(separator: "/").map { Array($0.utf8) })
        var output = ByteBuffer(limit: 1 << 20)
        input.withUnsafeBufferPointer { text in
            do throws(DecisionFailure) { _ = try evaluator.decide(target, input: text, into: &output) } catch {
                // What was found to be as it is written is not found to be damaged later.
                precondition(!isGood || error.message != "a piece of memory is damaged")
            }
        }
    }
}

private let input = Array(#"{"level": 2, "name": "two"}"#.utf8)

private let good: [UInt8] = {
    let module = """
        package t
        import rego.v1
        p contains name if {
            some name, device in data.devices
            device.level >= input.level
            not blocked(name)
            every x in device.x { x != "n" }
        }
        blocked(name) if name in {"a device with a name of many bytes", "b"}
        q := {"o": object.get(data.devices, input.name, "none"), "s": sprintf("%v", [input])} if input.name != "x"
        r[a] := c if { some a, b in data.devices; c := b.level with input.x as 1 }
        """
    let text = #"""
        {"devices": {"one": {"level": 3, "x": [1.5, 1e400]}, "two": {"level": 1, "x": []},
         "a device with a name of many bytes": {"level": 9, "x": ["ü"]}},
         "many": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8, "i": 9, "j": 10}}
        """#
    var data = DataBuilder()
    guard let policy = try? Policy.compile([PolicyFile(name: "t.rego", text: Array(module.utf8))]),
        (try? data.add(Array(text.utf8))) != nil, let piece = try? data.freeze(),
        let bytes = try? PolicyImage.bytes(
            of: Snapshot(policy: policy, data: piece), manifest: Array("{}".utf8),
            sha256: { ContentHash.sha256.digest($0.bindMemory(to: UInt8.self)) })
    else { fatalError("the image cannot be made") }
    return bytes
}()

private let ranges: [Range<Int>] =
    good.withUnsafeBytes { bytes in
        ((try? ImageLayout(reading: bytes))?.sections.map(\.range) ?? []) + [0..<ImageLayout.headSize]
    }
