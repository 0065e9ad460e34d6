import Testing

@testable import WritRegex

@Suite struct ConstructTests {
    @Test(arguments: ConstructCase.all.indices)
    func construct(_ index: Int) {
        let example = ConstructCase.all[index]
        guard let found = example.found else {
            #expect(throws: RegexError.self, "\(example.pattern) is taken") { try regex(example.pattern) }
            return
        }
        for engines in allEngines {
            guard let regex = try? regex(example.pattern, engines) else {
                Issue.record("\(example.pattern) is refused")
                return
            }
            let answers = ConstructCase.probes.map { regex.matches($0) ? "1" : "0" }.joined()
            #expect(answers == found, "\(example.pattern) by \(engines)")
        }
    }
}
