import Glibc
import WritBuiltins
import WritVM

/// Answers the machine's host calls: the clock, randomness, what the process says of itself, and host functions.
///
/// Answers are the same for the whole of one query, as in OPA.
final class HostServices {
    let context: HostContext
    private let functions: HostFunctions
    /// What `opa.runtime` tells, as JSON text.
    var runtime: [UInt8] = []
    private var randoms: [[UInt8]: Int64] = [:]
    private var uuids: [[UInt8]: [UInt8]] = [:]
    /// What these tables take of the evaluation's memory.
    private var charged = 0

    init(_ functions: HostFunctions, _ builtins: BuiltinContext) {
        self.functions = functions
        context = HostContext(builtins, functions.keptValues)
    }

    func begin() {
        context.begin()
        context.space.discharge(charged)
        charged = 0
        if !randoms.isEmpty { randoms.removeAll(keepingCapacity: true) }
        if !uuids.isEmpty { uuids.removeAll(keepingCapacity: true) }
    }

    func answer(_ call: HostCall, _ space: Space) throws(Fault) -> HostReply {
        switch call.service {
        case .clock: return .value(.integer(context.clock()))
        case .random:
            do throws(Fault) { return .value(try random(call.arguments, space)) } catch {
                throw context.named(error, call.builtin)
            }
        case .uuid: return .value(try uuid(call.arguments, space))
        case .runtime:
            guard !runtime.isEmpty else { return .value(.emptyObject) }
            do throws(JSONError) { return .value(try space.readJSON(runtime)) } catch { throw error.fault(in: space) }
        case .trace:
            let note = call.arguments[0]
            guard note.isString else { throw context.named(context.typeError(1, "string", got: note), call.builtin) }
            return .value(.true)
        case .function:
            guard let function = functions[call.builtin] else { throw Fault(.unsupported) }
            do throws(Fault) { return try function(context, call.arguments) } catch {
                throw context.named(error, call.builtin)
            }
        }
    }

    /// The answer after what was waited for.
    func answer(_ call: HostCall, after wait: HostWait) throws(Fault) -> HostReply {
        do throws(Fault) { return try wait.finish(context) } catch { throw context.named(error, call.builtin) }
    }

    /// The answer, waited for on this thread until `isOver` says that it is too late.
    func answerHolding(_ call: HostCall, _ space: Space, until isOver: () -> Bool) throws(Fault) -> Value {
        var reply = try answer(call, space)
        while case .wait(let wait) = reply {
            wait.hold(until: isOver)
            if isOver() { throw Fault(.cancelled) }
            reply = try answer(call, after: wait)
        }
        guard case .value(let value) = reply else { return .undefined }
        return value
    }

    /// Nanoseconds since 1970.
    static func wallClock() -> Int64 {
        var time = timespec()
        guard clock_gettime(CLOCK_REALTIME, &time) == 0 else { return 0 }
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    private func random(_ arguments: Arguments, _ space: Space) throws(Fault) -> Value {
        guard arguments[0].isString else { throw context.typeError(1, "string", got: arguments[0]) }
        guard arguments[1].kind == .number else { throw context.typeError(2, "number", got: arguments[1]) }
        guard let bound = space.int64(arguments[1]) else {
            let text: StaticString = "operand 2 must be integer number but got floating-point number"
            throw Fault(.type, message: try space.string(text))
        }
        guard bound != 0, bound != .min else { return .integer(0) }
        var key = space.bytes(arguments[0])
        key.append(0)
        key.append(contentsOf: space.withNumberText(arguments[1]) { Array($0) })
        if let known = randoms[key] { return .integer(known) }
        try charge(key.count + 64, space)
        let value = Int64.random(in: 0..<abs(bound))
        randoms[key] = value
        return .integer(value)
    }

    /// Answers are kept until the query ends, at its expense.
    private func charge(_ bytes: Int, _ space: Space) throws(Fault) {
        try space.charge(bytes)
        charged += bytes
    }

    private func uuid(_ arguments: Arguments, _ space: Space) throws(Fault) -> Value {
        // Any value is a key, though only strings are declared.
        let key = arguments[0].isString ? space.bytes(arguments[0]) : (try? space.json(arguments[0])) ?? []
        if let known = uuids[key] { return try space.string(known) }
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        // Version 4, variant 1 of RFC 4122.
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        try charge(key.count + 128, space)
        uuids[key] = text
        return try space.string(text)
    }
}
