import Glibc
import Synchronization
import Writ
import WritTrust

/// What a repository's metadata says of a bundle now.
struct TrustedTarget: Sendable {
    var target: TrustTarget
    /// Where it is, below the service's address: any of these.
    var places: [String]
    var report: TrustReport
}

/// What the status tells of a bundle's trust.
struct TrustReport: Sendable, Equatable {
    var repository: String
    var target: String
    /// Who signed for it; empty as long as that is not known.
    var role = ""
    var rootVersion = 0
    var timestampVersion = 0
    var snapshotVersion = 0
    /// When what is trusted stops to be good, in seconds since 1970 UTC.
    var expires: Int?
}

/// Follows one repository: keeps its metadata up to date, and says which content of a bundle is good.
///
/// Nothing of it blocks: where the client needs a file that is not there yet, it is asked for, and the client runs again
/// from where it began, with all files that have come. So an update sees each file once, and either ends or changes
/// nothing but what it proved on its way.
final class TrustFollower: Sendable {
    let settings: TrustRepositorySettings
    let client: ServiceClient
    let folder: TrustFolder
    /// Lets one update through at a time.
    private let turn = AsyncTurn()
    /// What is trusted; nil before it was read.
    private let known = Mutex<TrustState?>(nil)

    init(_ settings: TrustRepositorySettings, _ client: ServiceClient, persistenceFolder: String) {
        self.settings = settings
        self.client = client
        folder = TrustFolder(path: "\(persistenceFolder)/trust/\(settings.name)")
    }

    /// Whether another follows the same in the same way.
    func isSame(as other: TrustFollower) -> Bool {
        settings == other.settings && client === other.client && folder.path == other.folder.path
    }

    /// Throws for a repository that there is not.
    static func check(_ source: BundleSettings.Source, _ settings: RuntimeSettings) throws(SettingsFailure) {
        guard case .trusted(let name, _) = source else { return }
        guard settings.trust.repositories.contains(where: { $0.name == name }) else {
            throw SettingsFailure("there is no repository \"\(name)\" in trust.repositories")
        }
    }

    private var clock: TrustClock { settings.hasClock ? .trusted(time(nil)) : .none }

    // MARK: Metadata

    /// Brings the metadata up to date, and finds what it says of a target. The report is there also where that fails.
    func target(_ path: String) async -> (found: Result<TrustedTarget, TrustFailure>, report: TrustReport) {
        await turn.take()
        let result = await followed(path)
        await turn.give()
        return result
    }

    /// Files as they came, by path; nil for one that there is not.
    private typealias Answers = [String: [UInt8]?]

    private struct Step: Sendable {
        var result: Result<TrustedTarget, TrustFailure>
        var report: TrustReport
        /// What it needs to go on.
        var needed: (path: String, limit: Int)?
        var state: TrustState
        /// What is trusted that was not, in order.
        var changes: [(name: String, content: [UInt8]?)] = []
    }

    private func followed(_ path: String) async -> (Result<TrustedTarget, TrustFailure>, TrustReport) {
        var answers: Answers = [:]
        var statuses: [String: Int] = [:]
        while true {
            let (given, folder, settings, clock) = (answers, folder, settings, clock)
            let former = known.withLock { $0 }
            let step = await BundlePoller.offline { () -> Step in
                let state: TrustState
                do throws(TrustFailure) { state = try folder.state(former, givenRoot: settings.root) } catch {
                    let report = TrustReport(repository: settings.name, target: path)
                    return Step(result: .failure(error), report: report, state: TrustState(files: [:]))
                }
                return Self.step(state, given, settings.name, path, clock)
            }
            if let needed = step.needed {
                do throws(TrustFailure) {
                    let (content, status) = try await fetch(needed.path, needed.limit)
                    answers[needed.path] = .some(content)
                    if content == nil { statuses[needed.path] = status }
                    continue
                } catch { return await end(step, failing: error, clock) }
            }
            let (result, report) = await end(step, failing: nil, clock)
            guard case .failure(let failure) = result, failure.code == .missing,
                let status = statuses.first(where: { failure.message.hasSuffix(" \($0.key)") })?.value
            else { return (result, report) }
            return (.failure(failure.adding(Self.told(status))), report)
        }
    }

    /// Keeps what was proved on the way.
    private func end(
        _ step: Step, failing failure: TrustFailure?, _ clock: TrustClock
    ) async -> (Result<TrustedTarget, TrustFailure>, TrustReport) {
        let folder = folder
        let problem = await BundlePoller.offline { () -> TrustFailure? in
            do throws(TrustFailure) { try folder.keep(step.changes) } catch { return error }
            return nil
        }
        // What could not be kept is not used: after a restart it would be forgotten.
        if let problem { return (.failure(problem), step.report) }
        if !step.state.files.isEmpty { known.withLock { $0 = step.state } }
        guard let failure else { return (step.result, step.report) }
        return (.failure(Self.told(failure, step.state, clock, step.report.target)), step.report)
    }

    /// Runs the client with the files that have come.
    private static func step(
        _ state: TrustState, _ answers: Answers, _ repository: String, _ path: String, _ clock: TrustClock
    ) -> Step {
        var needed: (path: String, limit: Int)?
        var changes: [(name: String, content: [UInt8]?)] = []
        var report = TrustReport(repository: repository, target: path)
        let source = TrustSource { (path, limit) throws(TrustFailure) in
            if let answer = answers[path] { return answer }
            if needed == nil { needed = (path, limit) }
            throw TrustFailure(.storage, path, "it has not come yet")
        }
        var client: TrustClient
        do throws(TrustFailure) {
            client = try TrustClient(
                state, source: source, clock: clock,
                persist: { (name, content) throws(TrustFailure) in changes.append((name, content)) })
        } catch {
            return Step(result: .failure(error), report: report, state: state)
        }
        let result: Result<TrustedTarget, TrustFailure>
        do throws(TrustFailure) {
            try client.update()
            let target = try client.target(path)
            report.role = target.role
            note(client, &report)
            result = .success(TrustedTarget(target: target, places: try client.places(of: target), report: report))
        } catch {
            note(client, &report)
            result = .failure(error)
        }
        return Step(result: result, report: report, needed: needed, state: client.state, changes: changes)
    }

    private static func note(_ client: TrustClient, _ report: inout TrustReport) {
        report.rootVersion = client.rootVersion
        report.timestampVersion = client.timestampVersion
        report.snapshotVersion = client.snapshotVersion
        report.expires = client.expires
    }

    /// A failure to get metadata; where what is there has expired meanwhile, that is what matters.
    private static func told(
        _ failure: TrustFailure, _ state: TrustState, _ clock: TrustClock, _ target: String
    ) -> TrustFailure {
        do throws(TrustFailure) {
            var client = try TrustClient(state, source: .none, clock: clock)
            try client.resume()
            // The roles that signed it, as far as they are kept, expire as well.
            do throws(TrustFailure) { _ = try client.target(target) } catch {}
            try client.checkExpiry()
        } catch {
            guard error.code == .expired else { return failure }
            return TrustFailure(expired: error, because: failure)
        }
        return failure
    }

    /// A status that says that something is not there: it may also be one that says that it is not for everybody.
    static func told(_ status: Int) -> String { " (\(status) \(HTTPStatus.phrase(status)))" }

    private func fetch(_ path: String, _ limit: Int) async throws(TrustFailure) -> (content: [UInt8]?, status: Int) {
        var request = ServiceRequest(path: address(of: path))
        request.bodyLimit = limit
        let response: ServiceResponse
        do throws(ServiceFailure) { response = try await client.send(request) } catch {
            guard !error.isTooLarge else { throw TrustFailure(.limit, path, "more than \(limit) bytes") }
            throw TrustFailure(.storage, path, "request failed: \(error.cause)")
        }
        switch response.status {
        case 200: return (response.body, response.status)
        // Stores of objects say 403 for what is not there.
        case 403, 404, 410: return (nil, response.status)
        default:
            throw TrustFailure(.storage, path, "server replied with \(HTTPStatus.phrase(response.status))")
        }
    }

    /// A path of the repository below the service's address.
    func address(of path: String) -> String {
        let path = path.split(separator: "/").map { Self.escaped($0) }.joined(separator: "/")
        return settings.path.isEmpty ? path : settings.path + "/" + path
    }

    /// A step of a path as addresses have it (RFC 3986).
    private static func escaped(_ step: Substring) -> String {
        let digits = Array("0123456789ABCDEF")
        var result = ""
        for byte in step.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
            }
        }
        return result
    }

    // MARK: What was kept of bundles

    /// Whether a content that was kept on this machine may be activated: what was activated last, or what the kept
    /// metadata says of the target. Gives too what is to be told: the metadata may have expired meanwhile.
    func checkKept(
        _ found: DownloadedBundle, of bundle: String, _ path: String
    ) async -> (result: Result<TrustFailure?, TrustFailure>, digest: String, report: TrustReport) {
        await turn.take()
        let (folder, settings, clock) = (folder, settings, clock)
        let former = known.withLock { $0 }
        let outcome = await BundlePoller.offline {
            () -> (Result<TrustFailure?, TrustFailure>, String, TrustReport, TrustState?) in
            let digest = found.digest
            var report = TrustReport(repository: settings.name, target: path)
            do throws(TrustFailure) {
                let state = try folder.state(former, givenRoot: settings.root)
                var client = try TrustClient(state, source: .none, clock: clock)
                var problem: TrustFailure?
                do throws(TrustFailure) {
                    try client.resume()
                    let target = try client.target(path)
                    report.role = target.role
                    try found.check(target)
                } catch { problem = error }
                Self.note(client, &report)
                if let problem, try folder.noted(bundle, path) != digest {
                    return (.failure(problem), digest, report, state)
                }
                do throws(TrustFailure) { try client.checkExpiry() } catch {
                    return (.success(error), digest, report, state)
                }
                return (.success(nil), digest, report, state)
            } catch {
                return (.failure(error), digest, report, nil)
            }
        }
        if let state = outcome.3 { known.withLock { $0 = $0 ?? state } }
        await turn.give()
        return (outcome.0, outcome.1, outcome.2)
    }

    /// The digest of the content that a bundle was activated with last; nil where none is noted.
    func noted(_ bundle: String, _ path: String) async -> String? {
        let folder = folder
        return await BundlePoller.offline { try? folder.noted(bundle, path) }
    }

    /// What an image is noted to have been held against, beside its signature.
    static func vouched(_ digest: String, _ path: String) -> String { "\(digest) \(path)" }

    /// Notes that a content of a bundle is active; gives what went wrong.
    func note(_ found: DownloadedBundle, of bundle: String, _ path: String) async -> TrustFailure? {
        let folder = folder
        return await BundlePoller.offline { () -> TrustFailure? in
            do throws(TrustFailure) { try folder.note(found.digest, of: bundle, path) } catch {
                return error
            }
            return nil
        }
    }
}

extension TrustSource {
    /// Has nothing.
    fileprivate static var none: TrustSource { TrustSource { (_, _) in nil } }
}

extension TrustFailure {
    /// The same, with more said behind it.
    fileprivate func adding(_ text: String) -> TrustFailure {
        TrustFailure(code, role, message.dropFirst("\(role): ".count) + text)
    }

    /// Expired, and nothing newer came.
    fileprivate init(expired: TrustFailure, because failure: TrustFailure) {
        let message = expired.message.dropFirst("\(expired.role): ".count)
        self.init(.expired, expired.role, "\(message); nothing newer could be had: \(failure.message)")
    }
}

extension TrustReport {
    /// The versions that are trusted, by role; of roles of which none is yet: none.
    var versions: [(role: String, version: Int)] {
        [("root", rootVersion), ("timestamp", timestampVersion), ("snapshot", snapshotVersion)].filter { $0.1 > 0 }
    }

    /// As JSON text, for the status.
    var json: [UInt8] {
        var output = ByteBuffer()
        output.append("{\"repository\":")
        output.appendJSONString(repository)
        output.append(",\"target\":")
        output.appendJSONString(target)
        if !role.isEmpty {
            output.append(",\"role\":")
            output.appendJSONString(role)
        }
        for (role, version) in versions {
            output.append(Array(",\"\(role)_version\":\(version)".utf8))
        }
        if let expires {
            output.append(",\"expires\":")
            output.appendJSONString(TrustTime.text(expires))
        }
        output.append("}")
        return output.bytes
    }
}
