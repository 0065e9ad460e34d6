import Glibc
import NIOConcurrencyHelpers
import TrustFixture

@testable import WritTrust

/// A repository of signed targets, with all its keys, and a server that has its files.
struct TestRepository: SignedRepository {
    static let target = "fleet/medical/bundle.tar.gz"
    static let day = 86_400

    var files: [String: [UInt8]] = [:]
    var repository: TrustRepository
    var signers: [String: [TrustSigner]] = [:]

    /// A root of three keys, of which two must sign; `medical` may ship what lies below `fleet/medical`. Made at a moment,
    /// in seconds since 1970.
    init(at now: Int = time(nil)) throws {
        (repository, signers) = try Self.make(rootKeys: 3, rootThreshold: 2, others: ["medical"], at: now)
        try repository.delegate(
            to: "medical", roots: ["fleet/medical"], keys: signers["medical"]?.map(\.key) ?? [], threshold: 1,
            isTerminating: true)
        try commit()
    }

    mutating func publish(_ content: [UInt8], as target: String = TestRepository.target) throws {
        try repository.add(content, as: target, by: "medical")
        try commit()
    }

    /// The number of the newest file of a role.
    func newest(_ role: String) -> Int {
        var version = 1
        while files["metadata/\(version + 1).\(role).json"] != nil { version += 1 }
        return version
    }

    /// The places of the newest content of the target: one for each of its digests.
    var places: [String] {
        get throws {
            let text = files["metadata/\(newest("medical")).medical.json"] ?? []
            let target = try TrustTargets(TrustEnvelope(reading: text, "medical"), "medical").targets[Self.target]
            return (target?.consistentPaths() ?? []).map { "targets/" + $0 }
        }
    }
}

/// Files that a server has, and that a test changes.
final class ServedFiles: Sendable {
    private let files: NIOLockedValueBox<[String: [UInt8]]>

    init(_ files: [String: [UInt8]]) { self.files = NIOLockedValueBox(files) }

    func change(_ files: [String: [UInt8]]) { self.files.withLockedValue { $0 = files } }

    var answer: @Sendable (AnsweringServer.Question) -> AnsweringServer.Answer {
        { question in
            guard question.path.hasPrefix("/dist/"),
                let content = self.files.withLockedValue({ $0[String(question.path.dropFirst("/dist/".count))] })
            else { return .init(status: 404) }
            return .init(body: content)
        }
    }
}
