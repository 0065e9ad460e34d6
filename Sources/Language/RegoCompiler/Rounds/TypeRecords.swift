import RegoSyntax
import WritSource

/// What is kept of the types of one node's rules.
struct TypeRecord: Sendable {
    /// Of the rules and of everything that they refer to; 0 for nothing kept.
    var key: UInt64 = 0
    var type: StaticType?
    var diagnostics: [Diagnostic] = []
    /// Another number whenever the type is another one.
    var version: UInt64 = 0
}

extension Compilation {
    /// Infers the types of all nodes in the order of dependencies, or takes them from their records.
    mutating func checkTypes(
        _ graph: DependencyGraph, _ order: [Int32], _ types: StaticTypes, _ schemas: SchemaChecks,
        _ errors: inout StagedErrors
    ) -> TypeEnvironment {
        let count = collection.tree.nodes.count
        while typeRecords.count < count { typeRecords.append(TypeRecord()) }
        var checker = TypeChecker(
            types: types, collection: collection, environment: TypeEnvironment(nodeCount: count), equal: equal,
            schemas: schemas)
        var versions = [UInt64](repeating: 0, count: 2 * count)
        for vertex in order {
            let isNode = Int(vertex) < count
            var key = VersionHash()
            if isNode {
                for id in collection.tree.nodes[Int(vertex)].rules {
                    key.add((module(of: id)?.serial ?? 0) << 24 | UInt64(UInt32(bitPattern: id.rule)))
                }
            }
            for target in graph.edges(of: vertex) {
                // Nodes keep their numbers when others are added, the vertices of what lies below do not.
                key.add(UInt64(Int(target) < count ? Int(target) * 2 : (Int(target) - count) * 2 + 1))
                key.add(versions[Int(target)])
            }
            work.linked += 1 + graph.edges(of: vertex).count
            guard isNode else {
                versions[Int(vertex)] = key.value
                continue
            }
            versions[Int(vertex)] = type(vertex, key: key.value, &checker)
        }
        for diagnostic in checker.found { errors.add(.types, diagnostic) }
        names = checker.types.names
        return checker.environment
    }

    /// Gives a node its type; returns the type's version.
    private mutating func type(_ node: Int32, key: UInt64, _ checker: inout TypeChecker) -> UInt64 {
        let here = collection.tree.nodes[Int(node)]
        guard !here.rules.isEmpty else { return 0 }
        let record = typeRecords[Int(node)]
        if record.key == key, !here.isEntangled {
            if let type = record.type { checker.put(type, node) }
            checker.found += record.diagnostics
            return record.version
        }
        let before = checker.found.count
        for id in here.rules {
            guard let module = module(of: id) else { continue }
            let group = Int(collection.homes[collection.homeStarts[Int(id.module)] + Int(id.rule)].group)
            let rule = module.rules[Int(id.rule)]
            work.expressionsTyped += Int(module.expressionCounts[Int(id.rule)]) + 1
            // What of the suffix lies on the way from the group's node to the rule's own is in the tree.
            checker.describe(id)
            checker.check(rule, node: node, suffixStart: Int(here.depth) - collection.groups[group].path.count)
        }
        var fresh = TypeRecord(key: key, type: checker.environment.types[Int(node)])
        fresh.diagnostics = Array(checker.found[before...])
        let isSame = record.key != 0 && !here.isEntangled && checker.types.compare(record.type, fresh.type) == 0
        fresh.version = isSame ? record.version : serial()
        typeRecords[Int(node)] = fresh
        return fresh.version
    }
}

/// Mixes numbers that nobody outside chooses into one.
struct VersionHash {
    private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

    mutating func add(_ number: UInt64) {
        value = (value ^ number) &* 0xFF51_AFD7_ED55_8CCD
        value ^= value >> 32
    }
}
