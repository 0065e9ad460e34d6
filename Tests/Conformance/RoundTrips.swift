import Foundation
import Writ

extension TestCase {
    /// Judges a case through OPA's IR: what it compiles to is written as OPA's plan.json, read again and evaluated.
    func judgeRoundTrip() -> Judgement {
        if tags.contains("needs:test.sleep") || tags.contains("needs:resolver") { return .skipped }
        return judge(
            evaluate { prepared, _, data, input throws in
                let text = try prepared.writePlan(named: "eval")
                if let folder = ProcessInfo.processInfo.environment["WRIT_DUMP_PLANS"] {
                    let name = id.replacingOccurrences(of: "/", with: "_")
                    try Data(text).write(to: URL(fileURLWithPath: folder + "/" + name + ".json"))
                }
                return try evaluate(PlanDocument(reading: text, functions: Self.functions), data, input)
            })
    }
}
