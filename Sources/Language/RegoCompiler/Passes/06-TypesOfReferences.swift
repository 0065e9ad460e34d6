import RegoSyntax
import WritSource

/// References: what lies at the end of their path, and whether there can be something.
extension TypeChecker {
    /// Checks a reference with its parts. With `hiddenKey` the last part stands for a key that has no name.
    mutating func evaluate(_ reference: ResolvedReference, hiddenKey: Bool) -> TypedTerm {
        var base: TypedTerm?
        if case .term(let term) = reference.base {
            let value = evaluate(term)
            // It is bound to a variable of its own first: what has no type yet may be anything.
            if types.isUnknown(type(of: value)) { _ = accept(value, .anything, union: false) }
            base = value
        }
        var parts: [TypedTerm] = []
        parts.reserveCapacity(reference.parts.count)
        for (index, part) in reference.parts.enumerated() {
            if hiddenKey, index == reference.parts.count - 1 {
                parts.append(.unknown)
            } else {
                parts.append(evaluate(part))
            }
        }
        let check = ReferenceCheck(reference: reference, parts: parts, hiddenKey: hiddenKey)
        switch reference.base {
        case .input:
            for overlay in overlays.reversed() {
                if let found = follow(check, in: overlay, below: TypeOverlay.input) { return found }
            }
            if let type = described.input { return select(check, type, from: 0) }
            for part in parts { bindAnything(part) }
            return .leaf(.anything)
        case .data: return follow(check)
        case .variable(let variable):
            if variables[variable.int] == nil { variables[variable.int] = .anything }
            return select(check, variables[variable.int], from: 0)
        case .term:
            guard let base, let type = type(of: base) else {
                for part in parts { bindAnything(part) }
                return .unknown
            }
            return select(check, type, from: 0)
        }
    }

    struct ReferenceCheck {
        let reference: ResolvedReference
        let parts: [TypedTerm]
        let hiddenKey: Bool
    }

    /// Follows a path below `data` through the rules' documents.
    private mutating func follow(_ check: ReferenceCheck) -> TypedTerm {
        for document in described.data where leads(check, to: document.path) {
            return select(check, document.type, from: document.path.count)
        }
        var replaced: StaticType?
        for overlay in overlays.reversed() {
            if let found = follow(check, in: overlay, below: TypeOverlay.data) { return found }
            if replaced == nil { replaced = openType(check, in: overlay) }
        }
        var node: Int32 = 0
        for index in check.parts.indices {
            if let type = environment.types[Int(node)] {
                if case .function = type { return refuseFunction(check, type, upTo: index) }
                let selected = select(check, type, from: index)
                if case .leaf = selected, let own = ownType(check, below: node, from: index) { return .leaf(own) }
                return selected
            }
            let isHidden = check.hiddenKey && index == check.parts.count - 1
            if !isHidden, let key = Self.key(check.reference.parts[index]) {
                if let child = collection.tree.child(node, key), environment.isPresent[Int(child)] {
                    node = child
                    continue
                }
                if key.kind != .string, environment.isPresent[Int(node)] {
                    let have = types.type(of: key)
                    return refuse(check, index, have: have, want: .string, oneOf(below: node))
                }
            } else if case .variable(let number) = check.parts[index], environment.isPresent[Int(node)] {
                let keys = keys(below: node)
                if let type = variables[number] {
                    if !types.unifies(keys, type) {
                        return refuse(check, index, have: type, want: keys, oneOf(below: node))
                    }
                } else {
                    variables[number] = keys
                }
            } else if case .leaf(let type?) = check.parts[index], environment.isPresent[Int(node)] {
                let keys = keys(below: node)
                if !types.unifies(keys, type) {
                    return refuse(check, index, have: type, want: keys, oneOf(below: node))
                }
            }
            for part in check.parts[index...] { bindAnything(part) }
            guard environment.isPresent[Int(node)], isHidden || Self.key(check.reference.parts[index]) == nil else {
                return .leaf(.anything)
            }
            // Where functions leave no type, nothing is known, as in OPA.
            return .leaf(replaced ?? values(check, of: extent(node), from: index))
        }
        if let type = environment.types[Int(node)] {
            if case .function = type { return refuseFunction(check, type, upTo: check.parts.count) }
            return .leaf(type)
        }
        return .leaf(extent(node))
    }

    /// What lies under any key of a type, and under the rest of a path below that.
    func values(_ check: ReferenceCheck, of extent: StaticType, from index: Int) -> StaticType? {
        var type = types.values(extent)
        for later in check.parts.indices.dropFirst(index + 1) where type != nil {
            let isHidden = check.hiddenKey && later == check.parts.count - 1
            if !isHidden, let key = Self.key(check.reference.parts[later]) {
                type = types.select(type, key)
            } else {
                type = types.values(type)
            }
        }
        return type
    }

    /// The type of a rule below one that has computed keys.
    private func ownType(_ check: ReferenceCheck, below node: Int32, from start: Int) -> StaticType? {
        var node = node
        for index in check.parts.indices.dropFirst(start) {
            guard !(check.hiddenKey && index == check.parts.count - 1),
                let key = Self.key(check.reference.parts[index]),
                let child = collection.tree.child(node, key), environment.isPresent[Int(child)]
            else { return nil }
            node = child
            guard let type = environment.types[Int(node)] else { continue }
            if index == check.parts.count - 1 { return type }
        }
        return nil
    }

    private func leads(_ check: ReferenceCheck, to path: [TreeKey]) -> Bool {
        let count = check.parts.count - (check.hiddenKey ? 1 : 0)
        guard path.count <= count else { return false }
        return path.indices.allSatisfy { Self.key(check.reference.parts[$0]) == path[$0] }
    }

    /// Goes on inside a value from one of the parts.
    mutating func select(_ check: ReferenceCheck, _ type: StaticType?, from start: Int) -> TypedTerm {
        var type = type
        for index in check.parts.indices.dropFirst(start) {
            guard let keys = types.keys(type) else { return refuse(check, upTo: index, have: type) }
            if !(check.hiddenKey && index == check.parts.count - 1), let key = Self.key(check.reference.parts[index]) {
                guard let part = types.select(type, key) else {
                    return refuse(check, index, have: nil, want: keys, oneOf(type))
                }
                type = part
                continue
            }
            switch check.parts[index] {
            case .variable(let number):
                if let own = variables[number] {
                    if !types.unifies(own, keys) { return refuse(check, index, have: own, want: keys, oneOf(type)) }
                } else {
                    variables[number] = keys
                }
            case .leaf(let own):
                if let own, !types.unifies(own, keys) {
                    return refuse(check, index, have: own, want: keys, oneOf(type))
                }
            case .unknown: break
            case .array, .object, .set:
                if !accept(check.parts[index], keys, union: false) {
                    return refuse(check, index, have: self.type(of: check.parts[index]), want: keys, [])
                }
            }
            type = types.values(type)
        }
        if case .function(let arguments, let result) = type, start <= check.parts.count {
            return refuseFunction(check, .function(arguments, result: result), upTo: check.parts.count)
        }
        return .leaf(type)
    }

    // MARK: The tree of documents

    private func keys(below node: Int32) -> StaticType {
        var result: StaticType? = .string
        for child in collection.tree.nodes[Int(node)].children where environment.isPresent[Int(child)] {
            let key = collection.tree.nodes[Int(child)].key
            if key.kind != .string { result = types.union(result, types.type(of: key)) }
        }
        return result ?? .string
    }

    private func oneOf(below node: Int32) -> [TreeKey] {
        var keys: [TreeKey] = []
        for child in collection.tree.nodes[Int(node)].children where environment.isPresent[Int(child)] {
            keys.append(collection.tree.nodes[Int(child)].key)
        }
        return keys.sorted { types.compare($0, $1) < 0 }
    }

    /// The document of a node without rules of its own: what is below it, and whatever base data adds.
    func extent(_ node: Int32) -> StaticType {
        var budget = 1000
        return extent(node, &budget) ?? .anything
    }

    private func extent(_ node: Int32, _ budget: inout Int) -> StaticType? {
        budget -= 1
        guard budget > 0 else { return nil }
        if let type = environment.types[Int(node)] { return type }
        var properties: [StaticProperty] = []
        for child in collection.tree.nodes[Int(node)].children where environment.isPresent[Int(child)] {
            guard let type = extent(child, &budget) else { return nil }
            let key = collection.tree.nodes[Int(child)].key
            if key.kind != .null { properties.append(StaticProperty(key: key, type: type)) }
        }
        return types.object(properties, rest: StaticEntry(key: .string, value: .anything))
    }

    mutating func put(_ type: StaticType, _ node: Int32) {
        environment.types[Int(node)] = type
        var node = node
        while node >= 0, !environment.isPresent[Int(node)] {
            environment.isPresent[Int(node)] = true
            node = collection.tree.nodes[Int(node)].parent
        }
    }

    /// Adds a type to what is known of a node, and to the objects above and below it.
    mutating func insert(_ type: StaticType, _ node: Int32) {
        let path = collection.tree.path(node)
        var ancestor = collection.tree.nodes[Int(node)].parent
        var depth = path.count - 1
        while ancestor > 0 {
            if case .object(let properties, let rest) = environment.types[Int(ancestor)] {
                let object = adding(type, path[depth...], properties, rest)
                environment.types[Int(ancestor)] = types.bounded(object)
            }
            depth -= 1
            ancestor = collection.tree.nodes[Int(ancestor)].parent
        }
        var merged = merge(environment.types[Int(node)], type)
        if case .object = type {
            var pending = collection.tree.nodes[Int(node)].children
            while let below = pending.popLast() {
                guard environment.isPresent[Int(below)] else { continue }
                if let leaf = environment.types[Int(below)] {
                    guard case .object(let properties, let rest) = merged else { break }
                    merged = adding(leaf, collection.tree.path(below)[path.count...], properties, rest)
                } else {
                    pending += collection.tree.nodes[Int(below)].children
                }
            }
        }
        put(types.bounded(merged) ?? .anything, node)
    }

    private func adding(
        _ type: StaticType, _ path: ArraySlice<TreeKey>, _ properties: [StaticProperty], _ rest: StaticEntry?
    ) -> StaticType {
        guard let first = path.first else { return .object(properties, rest: rest) }
        var value = type
        for key in path.dropFirst().reversed() {
            value = .object([], rest: StaticEntry(key: types.type(of: key), value: value))
        }
        let key = types.type(of: first)
        guard let rest else { return .object(properties, rest: StaticEntry(key: key, value: value)) }
        let entry = StaticEntry(key: types.union(rest.key, key), value: types.union(rest.value, value))
        return .object(properties, rest: entry)
    }

    private func merge(_ a: StaticType?, _ b: StaticType?) -> StaticType? {
        switch (a, b) {
        case (.object(let left, let restA?), .object(let right, let restB?)) where left.isEmpty && right.isEmpty:
            let entry = StaticEntry(
                key: types.union(restA.key, restB.key), value: merge(restA.value, restB.value))
            return .object([], rest: entry)
        case (.set(let left), .set(let right)): return .set(types.union(left, right))
        default: return types.union(a, b)
        }
    }

    // MARK: Messages

    private mutating func refuseFunction(
        _ check: ReferenceCheck, _ type: StaticType, upTo index: Int
    ) -> TypedTerm {
        let ref = restored(check)
        let text = types.text(of: ref)
        add(
            namesFunctionReferences ? "function \(text) used as reference, not called" : "undefined ref: \(text)",
            check.reference.span, .unsupported(ref, position: index, have: type))
        return .leaf(type)
    }

    private mutating func refuse(_ check: ReferenceCheck, upTo index: Int, have: StaticType?) -> TypedTerm {
        let ref = restored(check)
        add(
            "undefined ref: \(types.text(of: ref))", check.reference.span,
            .unsupported(ref, position: index, have: have))
        return .unknown
    }

    mutating func refuse(
        _ check: ReferenceCheck, _ index: Int, have: StaticType?, want: StaticType?, _ oneOf: [TreeKey]
    ) -> TypedTerm {
        let ref = restored(check)
        add(
            "undefined ref: \(types.text(of: ref))", check.reference.span,
            .invalid(ref, position: index + 1, have: have, want: want, oneOf: oneOf))
        if have == nil, case .string(let name) = check.reference.parts[index].kind,
            let near = NearName.find(Array(types.names[name]), among: oneOf.map { Array(types.names[$0.name]) })
        {
            found[found.count - 1].help = "did you mean `" + String(decoding: near, as: UTF8.self) + "`?"
        }
        return .unknown
    }

    private func oneOf(_ type: StaticType?) -> [TreeKey] {
        switch type {
        case .object(let properties, _): return properties.map { $0.key }
        case .any(let members):
            var result: [TreeKey] = []
            for member in members { for key in oneOf(member) where !result.contains(key) { result.append(key) } }
            return result.sorted { types.compare($0, $1) < 0 }
        default: return []
        }
    }

    /// The reference as it was written; a key that has no name gets one.
    private mutating func restored(_ check: ReferenceCheck) -> Ref {
        let restorer = TermRestorer(names: types.names, variables: variableNames, collection: collection)
        var reference = check.reference
        if check.hiddenKey { reference.parts.removeLast() }
        if case .variable(let variable) = reference.base, variableNames.indices.contains(variable.int),
            types.names.isWildcard(variableNames[variable.int]), let term = definitions[variable.int]
        {
            reference.base = .term(term)
        }
        let term = restorer.term(ResolvedTerm(.reference(reference), reference.span))
        var ref = Ref(head: term, parts: [], span: reference.span)
        if case .ref(let inner) = term.kind { ref = inner }
        if check.hiddenKey {
            ref.parts.append(Term(.variable(types.names.intern(Array("__local0__".utf8))), reference.span))
        }
        return ref
    }
}
