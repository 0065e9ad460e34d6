import RegoSyntax
import WritSource

/// What `rego.metadata`'s functions give in one rule: constants.
struct RuleMetadata: Sendable {
    /// The nearest annotation of the rule itself.
    var rule: Term
    var chain: Term
    /// The chain of the rule's branches, of which nothing is said themselves.
    var elseChain: Term
}

extension Compilation {
    /// Puts the metadata of all modules together; those in whose rules it has changed are resolved again.
    mutating func updateMetadata(_ sources: SourceMap) {
        guard hasOldMetadata else { return }
        hasOldMetadata = false
        metadataErrors = []
        annotations = nil
        let modules = modules
        let isUsed = names.find(Array("metadata".utf8)) != nil
        guard isUsed || modules.contains(where: { !$0.annotations.isEmpty }) else { return }
        let annotations = AnnotationSet(modules, sources, &metadataErrors)
        self.annotations = annotations
        guard isUsed else { return }
        for number in modules.indices where mayAsk(modules[number], sources) {
            let fresh = modules[number].rules.indices.map { rule in
                let span = modules[number].rules[rule].span
                return RuleMetadata(
                    rule: annotations.ruleValue(rule, in: number, isElse: false, at: span, &names),
                    chain: annotations.chainValue(rule, in: number, isElse: false, at: span, &names),
                    elseChain: annotations.chainValue(rule, in: number, isElse: true, at: span, &names))
            }
            work.linked += fresh.count
            guard let old = units[Int(order[number])]?.metadata else { continue }
            if !isSame(old, fresh) { units[Int(order[number])]?.resolved = nil }
            units[Int(order[number])]?.metadata = fresh
        }
    }

    /// Whether a module's text has the word without which there is no call.
    private func mayAsk(_ module: Module, _ sources: SourceMap) -> Bool {
        guard !module.rules.isEmpty else { return false }
        guard let text = sources.file(module.source)?.text else { return true }
        let word = Array("metadata".utf8)
        var index = 0
        while index + word.count <= text.count {
            if text[index] == word[0], text[index..<index + word.count].elementsEqual(word) { return true }
            index += 1
        }
        return false
    }

    private func isSame(_ old: [RuleMetadata], _ new: [RuleMetadata]) -> Bool {
        guard old.count == new.count else { return false }
        for index in old.indices {
            guard names.compare(old[index].rule, new[index].rule) == 0,
                names.compare(old[index].chain, new[index].chain) == 0,
                names.compare(old[index].elseChain, new[index].elseChain) == 0
            else { return false }
        }
        return true
    }
}
