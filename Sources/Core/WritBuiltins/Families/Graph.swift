import WritValue

/// `walk` and `graph.*`.
enum Graph {
    static let builtins: [Builtin] = [
        Builtin(
            "walk", [Parameter("x", .any)], Parameter("output", .tuple([.anyArray, .any])), relation: true, .compiled,
            """
            The relation between a document and each pair [path, value] in it, itself first: every element of an \
            array or a set and every value of an object, at any depth.
            """),
        Builtin(
            "graph.reachable", operands, Parameter("output", .anySet),
            .pure { (context, arguments) throws(Fault) in try reachable(context, arguments) },
            """
            The vertices that can be reached from those in `initial`, them included. `graph` gives for each vertex \
            an array or set of its neighbours; a vertex that is no key of it does not count. Other types are errors.
            """),
        Builtin(
            "graph.reachable_paths", operands, Parameter("output", .set(.anyArray)),
            .pure { (context, arguments) throws(Fault) in try paths(context, arguments) },
            """
            The paths that lead from each vertex in `initial` as far as they can: to a vertex without neighbours, or \
            before one that is no key of `graph` or is on the path already. There may be very many of them. Other \
            types are errors.
            """),
    ]

    private static let operands = [
        Parameter(
            "graph", .dictionary(.any, .union([.anyArray, .anySet])), "for each vertex its neighbours"),
        Parameter("initial", .union([.anyArray, .anySet]), "where to begin"),
    ]

    /// A graph whose vertices are numbered: by their position among its keys.
    private struct Vertices {
        let space: Space
        let graph: Value
        let shape: Value

        init(_ graph: Value, _ context: BuiltinContext) throws(Fault) {
            space = context.space
            try context.spend(graph.count)
            self.graph = space.flattened(graph)
            shape = space.shape(self.graph)
        }

        var count: Int { graph.count }

        /// A vertex's number, or -1.
        func number(_ vertex: Value) -> Int { space.position(inShape: shape, of: vertex) }

        /// What follows a vertex; nothing when it is neither an array nor a set.
        func neighbours(_ number: Int) -> Elements { space.elements(space.member(graph, at: number)) }
    }

    private static func reachable(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let graph = try arguments.object(0, context)
        let initial = try arguments.elements(1, context, expected: "{array, set}")
        let vertices = try Vertices(graph, context)
        // Both tables lie in the space, so that a decision takes no memory from the system.
        let isReached = try context.space.slots(vertices.count)
        let queue = try context.space.slots(vertices.count)
        var list = ValueList()
        var found = initial
        var next = 0
        while true {
            try context.spend(found.count &+ 1)
            for index in 0..<found.count {
                let number = vertices.number(found[index])
                guard number >= 0, isReached[number] == 0 else { continue }
                isReached[number] = 1
                queue[list.count] = UInt32(truncatingIfNeeded: number)
                try list.append(found[index], in: context.space)
            }
            guard next < list.count else { break }
            found = vertices.neighbours(Int(queue[next]))
            next += 1
        }
        return context.space.set(adoptingUnique: list)
    }

    /// A vertex on the current path and how many of its neighbours were followed.
    private struct Step {
        var number: Int
        var neighbours: Elements
        var next: Int
    }

    private static func paths(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let graph = try arguments.object(0, context)
        let initial = try arguments.elements(1, context, expected: "{array, set}")
        let space = context.space
        let vertices = try Vertices(graph, context)
        var onPath = [Int](repeating: 0, count: vertices.count)
        var result = ValueList()
        for start in 0..<initial.count {
            let number = vertices.number(initial[start])
            try context.spend(1)
            guard number >= 0 else { continue }
            // Kept on a list of its own: a path may have as many steps as the graph has vertices.
            var path = [initial[start]]
            var steps = [Step(number: number, neighbours: vertices.neighbours(number), next: 0)]
            if steps[0].neighbours.count == 0 { try add(path, to: &result, context) }
            onPath[number] += 1
            while let step = steps.last {
                guard step.next < step.neighbours.count else {
                    onPath[step.number] -= 1
                    steps.removeLast()
                    path.removeLast()
                    continue
                }
                steps[steps.count - 1].next += 1
                try context.spend(1)
                let neighbour = step.neighbours[step.next]
                let number = vertices.number(neighbour)
                // A vertex that leads to itself is followed once from the start of a path, as in OPA.
                let isRepeated = number >= 0 && onPath[number] > 0 && steps.count > 1
                guard number >= 0, !isRepeated else {
                    try add(path, to: &result, context)
                    continue
                }
                let neighbours = vertices.neighbours(number)
                path.append(neighbour)
                if neighbours.count == 0 { try add(path, to: &result, context) }
                onPath[number] += 1
                steps.append(Step(number: number, neighbours: neighbours, next: 0))
            }
        }
        return try space.set(result)
    }

    private static func add(
        _ path: [Value], to result: inout ValueList, _ context: BuiltinContext
    ) throws(Fault) {
        try context.spend(path.count)
        var list = ValueList()
        try list.reserve(path.count, in: context.space)
        for vertex in path { try list.append(vertex, in: context.space) }
        try result.append(context.space.array(adopting: list), in: context.space)
    }
}
