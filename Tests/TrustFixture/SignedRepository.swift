import WritTrust

/// A repository in memory with all of its keys, as tests of clients and of services have it.
public protocol SignedRepository {
    var files: [String: [UInt8]] { get set }
    var repository: TrustRepository { get set }
    var signers: [String: [TrustSigner]] { get set }
}

extension SignedRepository {
    /// New keys for the roles of every repository and for others, and a repository that knows the private ones.
    public static func make(
        rootKeys: Int, rootThreshold: Int, others: [String] = [], at now: Int
    ) throws(TrustFailure) -> (repository: TrustRepository, signers: [String: [TrustSigner]]) {
        var signers: [String: [TrustSigner]] = [:]
        for role in TrustRole.allCases.map(\.rawValue) + others {
            signers[role] = (0..<(role == "root" ? rootKeys : 1)).map { _ in TrustSigner() }
        }
        var keys: [TrustRole: [TrustKey]] = [:]
        for role in TrustRole.allCases { keys[role] = signers[role.rawValue]?.map(\.key) }
        var repository = try TrustRepository(keys: keys, thresholds: [.root: rootThreshold], now: now)
        for signer in signers.values.joined() { repository.signers[signer.key.id] = signer }
        return (repository, signers)
    }

    public mutating func commit() throws {
        for file in try repository.commit() { files[file.path] = file.content }
    }

    /// The repository as it would be read by who comes to it at another time.
    public mutating func reopen(at now: Int) throws {
        let files = files
        let before = repository.signers
        repository = try TrustRepository(reading: { path in files[path] }, now: now)
        repository.signers = before
    }

    /// Changes metadata and signs it with keys of the attacker's choice.
    public mutating func forge(
        _ path: String, _ signers: [TrustSigner], _ change: (inout [String: TrustJSON]) -> Void
    ) throws {
        var envelope = try TrustEnvelope(reading: files[path] ?? [], path)
        guard case .object(var members) = envelope.signed else { return }
        change(&members)
        envelope = TrustEnvelope(signed: .object(members))
        for signer in signers { try envelope.sign(signer) }
        files[path] = envelope.text
    }

    public func keys(_ role: String) -> [TrustSigner] { signers[role] ?? [] }
}
