import Testing

@testable import WritValue

private func bytes(_ text: some StringProtocol) -> [UInt8] { Array(text.utf8) }

@Suite struct NumberArithmeticTests {
    @Test(arguments: ArithmeticCases.all) func agreesWithOPA(_ line: String) {
        let it = Case(line)
        let operands = it.operands.map { bytes($0) }
        let result: String
        do throws(NumberError) {
            result = String(decoding: try Self.evaluate(it.operation, operands), as: UTF8.self)
        } catch {
            result = "!\(error)"
        }
        #expect(result == it.result)
    }

    static func evaluate(_ name: Substring, _ operands: [[UInt8]]) throws(NumberError) -> [UInt8] {
        switch name {
        case "+": return try NumberArithmetic.apply(.plus, operands[0], operands[1])
        case "-": return try NumberArithmetic.apply(.minus, operands[0], operands[1])
        case "*": return try NumberArithmetic.apply(.multiply, operands[0], operands[1])
        case "/": return try NumberArithmetic.apply(.divide, operands[0], operands[1])
        case "%": return try NumberArithmetic.apply(.remainder, operands[0], operands[1])
        case "abs": return try NumberArithmetic.apply(.abs, operands[0])
        case "round": return try NumberArithmetic.apply(.round, operands[0])
        case "ceil": return try NumberArithmetic.apply(.ceil, operands[0])
        case "floor": return try NumberArithmetic.apply(.floor, operands[0])
        default:
            var total = NumberAccumulator(product: name == "product")
            try total.add(operands)
            if total.needsFloats {
                total = NumberAccumulator(product: name == "product", floats: true)
                try total.add(operands)
            }
            return try total.result()
        }
    }

    @Test func exponentsBeyondReason() throws {
        func product(_ a: String, _ b: String) throws -> String {
            String(decoding: try NumberArithmetic.apply(.multiply, bytes(a), bytes(b)), as: UTF8.self)
        }
        #expect(try product("1e-100000", "1.5") == "1.5e-100000")
        #expect(try product("1e-20000", "1.5") == "1.5000000000000000001e-20000")
        #expect(try product("1e-646456900", "1.5") == "1.5e-646456900")
        #expect(try product("1e-646456993", "1e-10") == "0")
        #expect(throws: NumberError.tooLarge) { try product("1e646456990", "10.5") }
        #expect(throws: NumberError.tooLarge) { try product("1e99999999999", "1") }
        #expect(throws: NumberError.tooLarge) { try product("1e-99999999999", "1.5") }
    }
}

extension NumberAccumulator {
    fileprivate mutating func add(_ operands: [[UInt8]]) throws(NumberError) {
        for operand in operands {
            let fault: NumberError? = operand.withUnsafeBufferPointer { buffer in
                do throws(NumberError) { try self.add(buffer) } catch { return error }
                return nil
            }
            if let fault { throw fault }
        }
    }
}
