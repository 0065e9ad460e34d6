import RegoSyntax
import WritBuiltins
import WritPlan
import WritSource
import WritValue

extension Lowering {
    /// Emits what computes a term and gives where its value is. Where the term is undefined the block ends.
    ///
    /// Variables in references that are still unbound are bound here, by loops that stay open.
    mutating func lower(_ term: ResolvedTerm, _ state: inout FunctionState) throws(LoweringError) -> Operand {
        guard state.emitter.depth < Self.depthLimit else { throw LoweringError(code: .tooDeep, span: term.span) }
        if let constant = constant(term) { return .constant(constant) }
        switch term.kind {
        case .null, .boolean, .number, .string: throw LoweringError(code: .constant, span: term.span)
        case .variable(let variable):
            guard let operand = state[variable] else {
                throw LoweringError(code: .unbound, span: term.span)
            }
            return operand
        case .reference(let reference): return try lower(reference, &state)
        case .array(let terms):
            let operands = try lowerAll(terms, &state)
            let result = state.emitter.local()
            state.emitter.emit(.makeArray(result, operands))
            return .local(result)
        case .set(let terms):
            let operands = try lowerAll(terms, &state)
            let result = state.emitter.local()
            state.emitter.emit(.makeSet(result, operands))
            return .local(result)
        case .object(let entries): return try lowerObject(entries, &state)
        case .arrayComprehension(let head, let body):
            return try lowerComprehension(.array, body, &state) {
                (lowering, state, gathered) throws(LoweringError) in
                let value = try lowering.lower(head, &state)
                state.emitter.emit(.add(to: gathered, value))
            }
        case .setComprehension(let head, let body):
            return try lowerComprehension(.set, body, &state) { (lowering, state, gathered) throws(LoweringError) in
                let value = try lowering.lower(head, &state)
                state.emitter.emit(.add(to: gathered, value))
            }
        case .objectComprehension(let key, let value, let body):
            return try lowerComprehension(.object, body, &state) {
                (lowering, state, gathered) throws(LoweringError) in
                let key = try lowering.lower(key, &state)
                let value = try lowering.lower(value, &state)
                state.emitter.emit(.insert(into: gathered, key: key, value: value, .objectKey))
            }
        case .call(let callee, let arguments):
            // Errors of a call inside an expression are reported where the call stands.
            let range = state.emitter.range
            if !term.span.isEmpty { state.emitter.range = Self.range(term.span) }
            let result = try lowerCall(callee, arguments, term.span, &state)
            state.emitter.range = range
            return result
        case .template(let parts): return try lowerTemplate(parts, term.span, &state)
        }
    }

    /// Computes several terms. Those with unbound variables wait until the references of the others bind them.
    mutating func lowerAll(
        _ terms: [ResolvedTerm], _ state: inout FunctionState
    ) throws(LoweringError) -> [Operand] {
        var operands = [Operand](repeating: .constant(0), count: terms.count)
        var waiting: [Int] = []
        for (index, term) in terms.enumerated() {
            if hasUnbound(term, state) {
                waiting.append(index)
            } else {
                operands[index] = try lower(term, &state)
            }
        }
        for index in waiting { operands[index] = try lower(terms[index], &state) }
        return operands
    }

    private mutating func lowerObject(
        _ entries: [(key: ResolvedTerm, value: ResolvedTerm)], _ state: inout FunctionState
    ) throws(LoweringError) -> Operand {
        let result = state.emitter.local()
        var template = ValueList()
        var isRecord = true
        for entry in entries {
            guard let key = constantValue(entry.key), (try? template.append(key, in: builder.space)) != nil,
                (try? template.append(.null, in: builder.space)) != nil
            else {
                isRecord = false
                break
            }
        }
        if isRecord, let object = try? builder.space.object(pairs: template), object.count == entries.count {
            var values = [Operand](repeating: .constant(0), count: entries.count)
            let shape = builder.space.shape(object)
            for entry in entries {
                guard let key = constantValue(entry.key) else { continue }
                let position = builder.space.position(inShape: shape, of: key)
                let value = try lower(entry.value, &state)
                if values.indices.contains(position) { values[position] = value }
            }
            state.emitter.emit(.makeRecord(result, like: builder.constant(object), values))
            return .local(result)
        }
        var pairs: [(key: Operand, value: Operand)] = []
        for entry in entries {
            let key = try lower(entry.key, &state)
            pairs.append((key, try lower(entry.value, &state)))
        }
        state.emitter.emit(.makeObject(result, pairs))
        return .local(result)
    }

    /// A comprehension: what its body binds stays inside.
    mutating func lowerComprehension(
        _ kind: Gathering, _ body: [ResolvedExpression], _ state: inout FunctionState,
        head: (inout Lowering, inout FunctionState, Local) throws(LoweringError) -> Void
    ) throws(LoweringError) -> Operand {
        let gathered = state.emitter.local()
        state.emitter.emit(.gather(gathered, kind))
        let depth = state.emitter.depth
        let bindings = state.bindings
        state.emitter.open(.plain)
        try lowerInner(body, &state)
        try head(&self, &state, gathered)
        state.emitter.close(to: depth)
        state.bindings = bindings
        let result = state.emitter.local()
        state.emitter.emit(.gathered(result, from: gathered))
        return .local(result)
    }

    // MARK: Calls

    mutating func lowerCall(
        _ callee: Callee, _ arguments: [ResolvedTerm], _ span: Span, _ state: inout FunctionState
    ) throws(LoweringError) -> Operand {
        switch callee {
        case .group(let group):
            let operands = try lowerAll(arguments, &state)
            let result = state.emitter.local()
            let function = self.function(ofGroup: group)
            state.emitter.emit(.call(result, function, operands))
            return .local(result)
        case .builtin(let builtin):
            if isWalk(builtin), let source = arguments.first {
                let value = try lower(source, &state)
                let path = state.emitter.local()
                let found = state.emitter.local()
                state.emitter.open(.scan(.walk(value), key: path, value: found))
                let pair = state.emitter.local()
                state.emitter.emit(.makeArray(pair, [.local(path), .local(found)]))
                return .local(pair)
            }
            let operands = try lowerAll(arguments, &state)
            return .local(emitBuiltin(builtin, operands, &state))
        }
    }

    mutating func emitBuiltin(_ builtin: Int, _ operands: [Operand], _ state: inout FunctionState) -> Local {
        let declaration = Registry.all[builtin]
        let result = state.emitter.local()
        if case .host = declaration.kind {
            record.reads.insert(.host)
            state.emitter.emit(.host(result, builtin: builtin, operands))
        } else {
            if !declaration.isDeterministic { record.reads.insert(.host) }
            state.emitter.emit(.builtin(result, builtin: builtin, operands))
        }
        return result
    }

    mutating func isWalk(_ builtin: Int) -> Bool {
        Registry.all.indices.contains(builtin) && Registry.all[builtin].isRelation && !isReplaced(builtin)
    }

    // MARK: Templates and print

    private mutating func lowerTemplate(
        _ parts: [ResolvedTerm.TemplatePart], _ span: Span, _ state: inout FunctionState
    ) throws(LoweringError) -> Operand {
        let operands = try lowerParts(parts, &state)
        let list = state.emitter.local()
        state.emitter.emit(.makeArray(list, operands))
        guard let builtin = Registry.find(Array("internal.template_string".utf8)) else {
            throw LoweringError(code: .unbound, span: span)
        }
        return .local(emitBuiltin(builtin, [.local(list)], &state))
    }

    /// Text parts as they are, expressions as sets of at most one value: empty where undefined.
    mutating func lowerParts(
        _ parts: [ResolvedTerm.TemplatePart], _ state: inout FunctionState
    ) throws(LoweringError) -> [Operand] {
        var operands: [Operand] = []
        for part in parts {
            switch part {
            case .text(let term): operands.append(try lower(term, &state))
            case .expression(let term, let body):
                operands.append(
                    try lowerComprehension(.set, body, &state) {
                        (lowering, state, gathered) throws(LoweringError) in
                        let value = try lowering.lower(term, &state)
                        state.emitter.emit(.add(to: gathered, value))
                    })
            }
        }
        return operands
    }
}
