import RegoSyntax
import WritBuiltins
import WritSource

/// `with`: what is replaced, and by what.
extension NameResolver {
    private enum Target {
        case input([Name])
        case data([Name], group: Int?)
        case builtin(Int)
    }

    /// Resolves one `with`; nil after an error.
    mutating func with(_ with: With) -> ResolvedWith? {
        guard let target = target(with) else {
            _ = term(with.value)
            return nil
        }
        switch target {
        case .input(let path):
            return ResolvedWith(.input(path), .term(term(with.value)), with.span)
        case .data(let path, let group):
            if let group, collection.groups[group].kind == .function {
                return ResolvedWith(.callee(.group(group)), replacement(with.value), with.span)
            }
            return ResolvedWith(.data(path), .term(term(with.value)), with.span)
        case .builtin(let number):
            mockedBuiltins.insert(number)
            return ResolvedWith(.callee(.builtin(number)), replacement(with.value), with.span)
        }
    }

    private mutating func target(_ with: With) -> Target? {
        let ref = with.target
        guard let head = ref.headName else { return refuseTarget(ref) }
        var path: [Name] = []
        var isInput = head == .input
        if let target = global(head) {
            path = target.path
            isInput = target.isInput
        } else if head != .input, head != .data {
            if scopes.meaning(head).kind >= .argument {
                _ = scopes.use(head)
                return refuseTarget(ref)
            }
            guard let number = builtin(ref) else { return refuseTarget(ref) }
            return checkTarget(number, ref) ? .builtin(number) : nil
        }
        for part in ref.parts {
            guard case .string(let name) = part.kind else {
                errors.add(
                    .with, .regoCompileError, "with keyword target must be a path of strings", at: part.span)
                return nil
            }
            path.append(name)
        }
        if isInput { return .input(path) }
        let answer = lookUp(path)
        if answer.isCovered {
            errors.add(
                .with, .regoCompileError, "with keyword cannot partially replace virtual document(s)", at: ref.span)
            return nil
        }
        return .data(path, group: answer.group >= 0 ? Int(answer.group) : nil)
    }

    private mutating func refuseTarget(_ ref: Ref) -> Target? {
        errors.add(
            .with, .regoTypeError, "with keyword target must reference existing input, data, or a function",
            at: ref.span)
        return nil
    }

    /// Whether a builtin may be replaced.
    private mutating func checkTarget(_ number: Int, _ ref: Ref) -> Bool {
        let name = names.text(of: ref)
        let prefix = "with keyword replacing built-in function: "
        let problem: String
        if ref.parts.isEmpty, ref.headName == .eq {
            problem = "replacement of \"\(name)\" invalid"
        } else if ref.headName == .rego, let number = Registry.find(Array(name.utf8)),
            isMetadata(Registry.all[number].name)
        {
            problem = "replacement of \"\(name)\" invalid"
        } else if ref.headName == .internal {
            problem = "replacement of internal function \"\(name)\" invalid"
        } else if Registry.all[number].isRelation {
            problem = "target must not be a relation"
        } else if number == printName {
            problem = "target must not be a void function"
        } else {
            return true
        }
        errors.add(.with, .regoCompileError, prefix + problem, at: ref.span)
        return false
    }

    private func isMetadata(_ name: StaticString) -> Bool {
        let prefix: StaticString = "rego.metadata."
        guard name.utf8CodeUnitCount >= prefix.utf8CodeUnitCount else { return false }
        return prefix.withUTF8Buffer { expected in
            name.withUTF8Buffer { text in
                for index in expected.indices where text[index] != expected[index] { return false }
                return true
            }
        }
    }

    /// What takes a function's place: another function by name, or a value.
    private mutating func replacement(_ value: Term) -> ResolvedWith.Replacement {
        let ref: Ref
        switch value.kind {
        case .variable: ref = Ref(head: value, parts: [], span: value.span)
        case .ref(let inner): ref = inner
        default: return .term(term(value))
        }
        switch function(ref) {
        case .builtin(let number): return .callee(.builtin(number))
        case .rules(_, let group):
            if let group, collection.groups[group].kind == .function { return .callee(.group(group)) }
            return .term(term(value))
        case .shadowed, .unknown: return .term(term(value))
        }
    }
}
