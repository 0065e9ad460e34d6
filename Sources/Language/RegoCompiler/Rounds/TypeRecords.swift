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
    /// Whether it depends on who reads some document: then it is found again each time.
    var isOfReaders = false
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
            graph: graph, schemas: schemas)
        var versions = [UInt64](repeating: 0, count: 2 * count)
        for vertex in order {
            let key = key(of: vertex, graph, versions)
            versions[Int(vertex)] = Int(vertex) < count ? type(vertex, key: key, &checker) : key
        }
        for diagnostic in checker.found { errors.add(.types, diagnostic) }
        names = checker.types.names
        if checker.found.isEmpty { lastTypes = (checker.environment, versions) }
        return checker.environment
    }

    /// What a vertex's types depend on, as one number.
    private mutating func key(of vertex: Int32, _ graph: DependencyGraph, _ versions: [UInt64]) -> UInt64 {
        let count = collection.tree.nodes.count
        var key = VersionHash()
        if Int(vertex) < count {
            for id in collection.tree.nodes[Int(vertex)].rules {
                key.add((module(of: id)?.serial ?? 0) << 24 | UInt64(UInt32(bitPattern: id.rule)))
            }
        }
        let edges = graph.edges(of: vertex)
        for target in edges {
            // Nodes keep their numbers when others are added, the vertices of what lies below do not.
            key.add(UInt64(Int(target) < count ? Int(target) * 2 : (Int(target) - count) * 2 + 1))
            key.add(versions[Int(target)])
        }
        work.linked += 1 + edges.count
        return key.value
    }

    /// Brings the types of the last round up to date, over the same graph. Nil where that needs a look at all nodes:
    /// there are errors, or types flow between the nodes of one path.
    mutating func updateTypes(
        _ former: (environment: TypeEnvironment, versions: [UInt64]), _ graph: DependencyGraph, _ order: [Int32],
        _ changed: [Int], _ types: inout StaticTypes, _ schemas: SchemaChecks
    ) -> TypeEnvironment? {
        guard !changed.isEmpty else {
            lastTypes = former
            names = types.names
            return former.environment
        }
        let count = collection.tree.nodes.count
        guard former.versions.count == 2 * count else { return nil }
        var isStale = [Bool](repeating: false, count: 2 * count)
        for number in changed {
            let start = collection.homeStarts[number]
            let end =
                number + 1 < collection.homeStarts.count ? collection.homeStarts[number + 1] : collection.homes.count
            for home in collection.homes[start..<end] { isStale[Int(home.node)] = true }
        }
        var checker = TypeChecker(
            types: types, collection: collection, environment: former.environment, equal: equal, graph: graph,
            schemas: schemas)
        // Whatever was interned is in records by now.
        defer { types = checker.types }
        var versions = former.versions
        // Flags are far cheaper to look at than other entries.
        work.linked += order.count / 8 + count
        for vertex in order {
            let isOfReaders = Int(vertex) < count && typeRecords[Int(vertex)].isOfReaders
            if !isStale[Int(vertex)], !isOfReaders {
                var isReached = false
                for target in graph.edges(of: vertex) where isStale[Int(target)] { isReached = true }
                guard isReached else { continue }
            }
            let key = key(of: vertex, graph, versions)
            var version = key
            if Int(vertex) < count, !collection.tree.nodes[Int(vertex)].rules.isEmpty {
                guard !collection.tree.nodes[Int(vertex)].isEntangled else { return nil }
                checker.environment.types[Int(vertex)] = nil
                version = type(vertex, key: key, &checker)
                guard checker.found.isEmpty, checker.environment.types[Int(vertex)] != nil else { return nil }
            } else if Int(vertex) < count {
                version = 0
            }
            isStale[Int(vertex)] = version != versions[Int(vertex)]
            versions[Int(vertex)] = version
        }
        lastTypes = (checker.environment, versions)
        names = checker.types.names
        return checker.environment
    }

    /// Gives a node its type; returns the type's version.
    private mutating func type(_ node: Int32, key: UInt64, _ checker: inout TypeChecker) -> UInt64 {
        let here = collection.tree.nodes[Int(node)]
        guard !here.rules.isEmpty else { return 0 }
        let record = typeRecords[Int(node)]
        if record.key == key, !here.isEntangled, !record.isOfReaders {
            if let type = record.type { checker.put(type, node) }
            checker.found += record.diagnostics
            return record.version
        }
        let before = checker.found.count
        checker.usesDependents = false
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
        fresh.isOfReaders = checker.usesDependents
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
