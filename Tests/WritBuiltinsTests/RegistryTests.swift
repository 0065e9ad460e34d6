import Testing
import WritValue

@testable import WritBuiltins

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The registry as a whole: that nothing is there twice, that names are found, and, where the capabilities file of
/// OPA is at hand (`WRIT_CONFORMANCE` or its usual folder), that it says the same as OPA.
struct RegistryTests {
    @Test func everyNameIsFoundOnce() {
        var seen = Set<String>()
        for (index, builtin) in Registry.all.enumerated() {
            let name = builtin.name.description
            #expect(seen.insert(name).inserted, "\(name) is there twice")
            #expect(Registry.find(Array(name.utf8)) == index, "\(name) is not found")
            #expect(builtin.documentation.utf8CodeUnitCount > 10, "\(name) is not documented")
        }
        #expect(Registry.all.count == 206)
        #expect(Registry.implementations.count == 206)
        for (index, builtin) in Registry.all.enumerated() {
            var isPure = false
            if case .pure = builtin.kind { isPure = true }
            #expect(isPure == (Registry.implementations[index] != nil), "\(builtin.name)")
        }
        #expect(Registry.find(Array("nothing".utf8)) == nil)
        #expect(Registry.find([]) == nil)
        #expect(Registry.find(Array("counts".utf8)) == nil)
    }

    /// Nothing is declared without being built, but what stands here.
    @Test func everyBuiltinIsBuilt() {
        let open: Set<String> = ["providers.aws.sign_req", "rego.metadata.chain", "rego.metadata.rule"]
        for builtin in Registry.all {
            guard case .missing = builtin.kind else { continue }
            #expect(open.contains(builtin.name.description), "\(builtin.name) is not built")
        }
    }

    private static let folder = getenv("WRIT_CONFORMANCE").map { String(cString: $0) } ?? "../shared/conformance"

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(folder + path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return bytes }
            bytes += chunk[0..<count]
        }
    }

    @Test(.enabled(if: read("/capabilities/v1.20.2.json") != nil))
    func agreesWithCapabilities() throws {
        let space = Space.create()
        defer { space.destroy() }
        let text = try #require(Self.read("/capabilities/v1.20.2.json"))
        let document = try space.readJSON(text)
        let builtins = space.elements(space.member(document, .short("builtins")))
        #expect(builtins.count == Registry.all.count)
        for index in 0..<builtins.count {
            let wanted = builtins[index]
            let name = space.bytes(space.member(wanted, .short("name")))
            let label = String(decoding: name, as: UTF8.self)
            let number = try #require(Registry.find(name), "\(label) is missing")
            let builtin = Registry.all[number]
            let declaration = space.member(wanted, .short("decl"))
            let parameters = space.elements(space.member(declaration, .short("args")))
            #expect(builtin.parameters.count == parameters.count, "\(label): number of operands")
            for position in 0..<min(parameters.count, builtin.parameters.count) {
                #expect(
                    spell(builtin.parameters[position].type) == spell(parameters[position], space),
                    "\(label): operand \(position + 1)")
            }
            let result = space.member(declaration, .short("result"))
            #expect(
                spell(builtin.result.type) == (result.isUndefined ? "union()" : spell(result, space)),
                "\(label): result")
            let infix = space.member(wanted, .short("infix"))
            #expect(
                builtin.infix.map { $0.description }
                    == (infix.isUndefined ? nil : String(decoding: space.bytes(infix), as: UTF8.self)), "\(label)")
            func flag(_ name: StaticString) throws -> Bool { space.member(wanted, try space.string(name)).isTrue }
            #expect(builtin.isDeprecated == (try flag("deprecated")), "\(label): deprecated")
            #expect(builtin.isRelation == (try flag("relation")), "\(label): relation")
            #expect(builtin.isDeterministic == !(try flag("nondeterministic")), "\(label): nondeterministic")
        }
    }

    @Test(.enabled(if: read("/capabilities/signatures-1.20.2.json") != nil))
    func namesItsOperandsAsOPA() throws {
        let space = Space.create()
        defer { space.destroy() }
        let text = try #require(Self.read("/capabilities/signatures-1.20.2.json"))
        let document = try space.readJSON(text)
        let signatures = space.elements(space.member(document, .short("signatures")))
        for index in 0..<signatures.count {
            let want = space.member(signatures[index], .short("want"))
            guard want.isString else { continue }
            let name = space.bytes(space.member(signatures[index], .short("name")))
            let number = try #require(Registry.find(name))
            let own = Registry.all[number].parameters.map { parameter in
                let name = parameter.name.description
                return (name.isEmpty ? "" : name + ": ") + print(parameter.type)
            }
            #expect(
                "(" + own.joined(separator: ", ") + ")" == String(decoding: space.bytes(want), as: UTF8.self),
                "\(String(decoding: name, as: UTF8.self))")
        }
    }

    // MARK: Types as text

    private func spell(_ type: TypeSpec) -> String {
        switch type {
        case .any: "union()"
        case .null: "null"
        case .boolean: "boolean"
        case .number: "number"
        case .string: "string"
        case .array(let element): "array(\(spell(element)))"
        case .tuple(let elements): "tuple(\(elements.map(spell).joined(separator: ", ")))"
        case .set(let element): "set(\(spell(element)))"
        case .dictionary(let key, let value): "object([\(spell(key)): \(spell(value))])"
        case .record(let fields, let rest):
            "object(" + fields.map { "\($0.key): \(spell($0.type)), " }.joined() + spell(rest) + ")"
        case .union(let types): "union(\(types.map(spell).joined(separator: ", ")))"
        case .function(let operands, let result): "\(operands.map(spell)) -> \(spell(result))"
        }
    }

    private func spell(_ rest: TypeSpec.Dictionary) -> String {
        switch rest {
        case .none: ""
        case .of(let key, let value): "[\(spell(key)): \(spell(value))]"
        }
    }

    private func spell(_ type: Value, _ space: Space) -> String {
        func list(_ name: StaticString) -> String {
            let elements = space.elements(space.member(type, .short(name)))
            return (0..<elements.count).map { spell(elements[$0], space) }.joined(separator: ", ")
        }
        let name = String(decoding: space.bytes(space.member(type, .short("type"))), as: UTF8.self)
        let dynamic = space.member(type, .short("dynamic"))
        switch name {
        case "any": return "union(\(list("of")))"
        case "set": return "set(\(spell(space.member(type, .short("of")), space)))"
        case "array": return dynamic.isDefined ? "array(\(spell(dynamic, space)))" : "tuple(\(list("static")))"
        case "object":
            let fields = space.elements(space.member(type, .short("static")))
            var text = "object("
            for index in 0..<fields.count {
                let key = String(decoding: space.bytes(space.member(fields[index], .short("key"))), as: UTF8.self)
                text += "\(key): \(spell(space.member(fields[index], .short("value")), space)), "
            }
            if dynamic.isDefined {
                let key = spell(space.member(dynamic, .short("key")), space)
                text += "[\(key): \(spell(space.member(dynamic, .short("value")), space))]"
            }
            return text + ")"
        default: return name
        }
    }

    /// A type as OPA's signatures print it.
    private func print(_ type: TypeSpec) -> String {
        switch type {
        case .any: return "any"
        case .null: return "null"
        case .boolean: return "boolean"
        case .number: return "number"
        case .string: return "string"
        case .array(let element): return "array[\(print(element))]"
        case .tuple(let elements): return "array<\(elements.map(print).joined(separator: ", "))>"
        case .set(let element): return "set[\(print(element))]"
        case .dictionary(let key, let value): return "object[\(print(key)): \(print(value))]"
        case .record(let fields, let rest):
            var text = "object<" + fields.map { "\($0.key): \(print($0.type))" }.joined(separator: ", ") + ">"
            if case .of(let key, let value) = rest { text += "[\(print(key)): \(print(value))]" }
            return text
        case .union(let types): return types.isEmpty ? "any" : "any<\(types.map(print).joined(separator: ", "))>"
        case .function: return "function"
        }
    }
}
