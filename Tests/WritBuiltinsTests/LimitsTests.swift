import Testing
import WritValue

@testable import WritBuiltins

/// Large and deep operands: no crash, no quadratic time, every unit of work paid.
struct LimitsTests {
    private let space = Space.create()
    private let context: BuiltinContext

    init() { context = BuiltinContext(space: space) }

    private func call(_ name: StaticString, _ operands: [Value]) -> Result<Value, Fault> {
        let bytes = Array(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        guard let number = Registry.find(bytes), case .pure(let body) = Registry.all[number].kind else {
            return .failure(Fault(.defect))
        }
        do throws(Fault) {
            return .success(
                try operands.withUnsafeBufferPointer { (buffer) throws(Fault) in
                    try body(context, Arguments(buffer.baseAddress, count: buffer.count))
                })
        } catch {
            return .failure(error)
        }
    }

    private func number(_ index: Int) -> Value { .integer(index) }

    /// {0: [1], 1: [2], …}
    private func chain(_ count: Int) throws -> Value {
        var list = ValueList()
        for index in 0..<count {
            var next = ValueList()
            try next.append(number(index + 1), in: space)
            try list.append(number(index), in: space)
            try list.append(space.array(adopting: next), in: space)
        }
        return try space.object(pairs: list)
    }

    private func nested(_ depth: Int, in key: Value) throws -> Value {
        var value = Value.emptyObject
        for _ in 0..<depth {
            var list = ValueList()
            try list.append(key, in: space)
            try list.append(value, in: space)
            value = try space.object(pairs: list)
        }
        return value
    }

    @Test func longPathsNeedNoNativeStack() throws {
        let graph = try chain(100_000)
        var start = ValueList()
        try start.append(number(0), in: space)
        let initial = space.array(adopting: start)
        #expect(try call("graph.reachable", [graph, initial]).get().count == 100_000)
        let paths = try call("graph.reachable_paths", [graph, initial]).get()
        #expect(paths.count == 1)
        #expect(space.elements(paths)[0].count == 100_000)
        space.destroy()
    }

    @Test func deepDocumentsAreRefused() throws {
        let key = Value.short("k")
        let one = try nested(Space.depthLimit + 500, in: key)
        let two = try nested(Space.depthLimit + 500, in: key)
        for name in ["object.union", "object.subset"] as [StaticString] {
            guard case .failure(let fault) = call(name, [one, two]) else {
                Issue.record("\(name) went through")
                continue
            }
            #expect(fault.code == .depthLimit)
        }
        space.destroy()
    }

    @Test func manyObjectsAreMergedTogether() throws {
        var list = ValueList()
        for index in 0..<50_000 {
            var pair = ValueList()
            try pair.append(number(index), in: space)
            try pair.append(.true, in: space)
            try list.append(try space.object(pairs: pair), in: space)
        }
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try call("object.union_n", [space.array(adopting: list)]).get().count == 50_000)
        #expect(clock.now - start < .seconds(10))
        space.destroy()
    }

    @Test func manyPatchesOfOneArray() throws {
        var patches = ValueList()
        for index in 0..<20_000 {
            var pairs = ValueList()
            for value in [
                Value.short("op"), .short("add"), .short("path"), .short("/-"), .short("value"), number(index),
            ] { try pairs.append(value, in: space) }
            try patches.append(try space.object(pairs: pairs), in: space)
        }
        let result = try call("json.patch", [.emptyArray, space.array(adopting: patches)]).get()
        #expect(result.count == 20_000)
        #expect(space.memoryHeld < 64 << 20)
        space.destroy()
    }

    @Test func workIsPaid() throws {
        context.stepsLeft.pointee = 1_000
        guard case .failure(let fault) = call("numbers.range", [number(0), number(1_000_000)]) else {
            Issue.record("a long range went through")
            return
        }
        #expect(fault.code == .stepLimit)
        space.destroy()
    }

    @Test func hugeRangesAreRefused() {
        for (low, high) in [(Int.min, Int.max), (0, Int.max), (Int.min, 0)] {
            guard case .failure(let fault) = call("numbers.range", [number(low), number(high)]) else {
                Issue.record("an endless range went through")
                continue
            }
            #expect(fault.code == .sizeLimit)
        }
        space.destroy()
    }
}
