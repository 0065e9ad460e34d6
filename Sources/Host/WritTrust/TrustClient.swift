/// What time it is, for expiry.
public enum TrustClock: Sendable {
    /// Seconds since 1970 UTC of a clock that is trusted.
    case trusted(Int)
    /// There is no trusted clock: the latest moment that good metadata has proved counts (see `TrustState.provedTime`),
    /// so expiry is noticed once anything newer was seen, and not before.
    case none
}

/// The metadata that a client trusts, as it was fetched, by name: `root.json`, `timestamp.json`, `snapshot.json`,
/// `targets.json`, `ROLE.json`; and the time that was proved.
public struct TrustState: Sendable {
    public var files: [String: [UInt8]]
    /// The latest moment, in seconds since 1970 UTC, at which good metadata says that it was made.
    public var provedTime: Int

    /// A client begins with a root that it got with its software, or otherwise safely.
    public init(root: [UInt8]) {
        files = ["root.json": root]
        provedTime = 0
    }

    public init(files: [String: [UInt8]], provedTime: Int = 0) {
        self.files = files
        self.provedTime = provedTime
    }
}

/// Where a client gets files: metadata by `metadata/NAME`, targets by `targets/PATH`.
public struct TrustSource {
    /// At most `limit` bytes of a file; nil where it is not there. More than `limit` bytes must not be read: give one byte
    /// more to say that there are more.
    public let fetch: (_ path: String, _ limit: Int) throws(TrustFailure) -> [UInt8]?

    public init(fetch: @escaping (_ path: String, _ limit: Int) throws(TrustFailure) -> [UInt8]?) {
        self.fetch = fetch
    }

    func get(_ path: String, _ limit: Int, _ role: String) throws(TrustFailure) -> [UInt8]? {
        guard let bytes = try fetch(path, limit) else { return nil }
        guard bytes.count <= limit else {
            throw TrustFailure(.limit, role, "\(path) has more than \(limit) bytes")
        }
        return bytes
    }

    func require(_ path: String, _ limit: Int, _ role: String) throws(TrustFailure) -> [UInt8] {
        guard let bytes = try get(path, limit, role) else {
            throw TrustFailure(.missing, role, "the repository has no \(path)")
        }
        return bytes
    }
}

/// A client of The Update Framework: the workflow of section 5 of its specification, version 1.
///
/// `update` brings the metadata up to date; then `target` finds what is said of a file and `fetch` gets it. Nothing is
/// trusted because of where it came from.
public struct TrustClient {
    public private(set) var state: TrustState
    public let clock: TrustClock
    public let limits: TrustLimits
    private let source: TrustSource
    /// Told of each file as soon as it is trusted (nil: it is not any more), so that nothing trusted is lost by a crash.
    private let persist: (_ name: String, _ content: [UInt8]?) throws(TrustFailure) -> Void

    private var root: TrustRoot
    private var timestamp: TrustTimestamp?
    private var snapshot: TrustSnapshot?
    /// By role.
    private var targets: [String: TrustTargets] = [:]
    /// Whether only what is kept counts, and whether it expired does not.
    private var isOffline = false

    /// Throws where the state's root is none: without it nothing can be trusted.
    public init(
        _ state: TrustState, source: TrustSource, clock: TrustClock, limits: TrustLimits = TrustLimits(),
        persist: @escaping (_ name: String, _ content: [UInt8]?) throws(TrustFailure) -> Void = { (_, _) in }
    ) throws(TrustFailure) {
        self.state = state
        self.source = source
        self.clock = clock
        self.limits = limits
        self.persist = persist
        guard let text = state.files["root.json"] else {
            throw TrustFailure(.missing, "root", "there is no trusted root")
        }
        let envelope = try TrustEnvelope(reading: text, "root")
        root = try TrustRoot(envelope)
        try envelope.verify(root.keys(.root), "root", under: "itself")
    }

    /// The version of the trusted root.
    public var rootVersion: Int { root.version }
    public var timestampVersion: Int { timestamp?.version ?? 0 }
    public var snapshotVersion: Int { snapshot?.version ?? 0 }

    /// When what is trusted stops to be good, in seconds since 1970 UTC: the root, the timestamp, the snapshot, the
    /// top-level targets or a role that was asked for a target, whichever is first.
    public var expires: Int? { inForce.map(\.metadata.expires).min() }

    /// All metadata that is trusted. Delegated roles are those that were asked: the same are asked the next time.
    private var inForce: [(role: String, metadata: any TrustMetadata)] {
        var all: [(role: String, metadata: any TrustMetadata)] = [("root", root)]
        if let timestamp { all.append(("timestamp", timestamp)) }
        if let snapshot { all.append(("snapshot", snapshot)) }
        return all + targets.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The moment that expiry is held against.
    public var now: Int {
        switch clock {
        case .trusted(let now): max(now, 0)
        case .none: state.provedTime
        }
    }

    private func checkExpiry(_ metadata: some TrustMetadata, _ role: String) throws(TrustFailure) {
        if isOffline { return }
        guard metadata.expires > now else {
            throw TrustFailure(
                .expired, role,
                "version \(metadata.version) expired \(TrustTime.text(metadata.expires)); it is \(TrustTime.text(now))")
        }
    }

    private mutating func keep(_ name: String, _ content: [UInt8]?) throws(TrustFailure) {
        guard state.files[name] != content else { return }
        try persist(name, content)
        state.files[name] = content
    }

    // MARK: The workflow

    /// Brings root, timestamp, snapshot and top-level targets up to date.
    public mutating func update() throws(TrustFailure) {
        try updateRoot()
        try updateTimestamp()
        try updateSnapshot()
        _ = try role("targets", root.keys(.targets), under: "root")
    }

    /// Goes on with what is kept, without asking the repository for metadata: signatures, versions and digests count as
    /// always, expiry does not. Says what was trusted last, not that it is the newest.
    public mutating func resume() throws(TrustFailure) {
        isOffline = true
        func missing(_ role: String) -> TrustFailure {
            TrustFailure(.missing, role, "nothing is kept of it that is good under root version \(root.version)")
        }
        let stamped = try trusted("timestamp", root.keys(.timestamp)) { (envelope) throws(TrustFailure) in
            try TrustTimestamp(envelope)
        }
        guard let stamped else { throw missing("timestamp") }
        timestamp = stamped
        try stamped.snapshot.check(state.files["snapshot.json"] ?? [], "snapshot", under: "the timestamp")
        let taken = try trusted("snapshot", root.keys(.snapshot)) { (envelope) throws(TrustFailure) in
            try TrustSnapshot(envelope)
        }
        guard let taken, taken.version == stamped.snapshot.version else { throw missing("snapshot") }
        snapshot = taken
        _ = try role("targets", root.keys(.targets), under: "root")
    }

    /// Throws where something that is trusted has expired.
    public func checkExpiry() throws(TrustFailure) {
        for (role, metadata) in inForce where metadata.expires <= now {
            throw TrustFailure(
                .expired, role,
                "version \(metadata.version) expired \(TrustTime.text(metadata.expires)); it is \(TrustTime.text(now))")
        }
    }

    /// 5.3: new roots one by one, each signed under the one before and under itself.
    private mutating func updateRoot() throws(TrustFailure) {
        for _ in 0..<limits.rootRotations {
            let next = root.version + 1
            guard let text = try source.get("metadata/\(next).root.json", limits.rootLength, "root") else { break }
            let envelope = try TrustEnvelope(reading: text, "root")
            try envelope.verify(root.keys(.root), "root", under: "root version \(root.version)")
            let new = try TrustRoot(envelope)
            try envelope.verify(new.keys(.root), "root", under: "root version \(new.version)")
            guard new.version == next else {
                throw TrustFailure(
                    new.version < next ? .rollback : .mismatch, "root",
                    "\(next).root.json is of version \(new.version)")
            }
            try forget(new)
            root = new
            try keep("root.json", text)
        }
        if try source.get("metadata/\(root.version + 1).root.json", limits.rootLength, "root") != nil {
            throw TrustFailure(.limit, "root", "more than \(limits.rootRotations) new versions")
        }
        try checkExpiry(root, "root")
    }

    /// Whoever had the old keys may have given metadata a version that nothing can follow, and said that it is a time that
    /// nothing is good at: under other keys that does not count any more. It is forgotten before the new root is kept, so
    /// that a crash between both leaves nothing of it.
    private mutating func forget(_ new: TrustRoot) throws(TrustFailure) {
        let isTimestamp = try new.keys(.timestamp).differs(from: root.keys(.timestamp))
        let isSnapshot = try new.keys(.snapshot).differs(from: root.keys(.snapshot))
        guard isTimestamp || isSnapshot else { return }
        try keep("timestamp.json", nil)
        try keep("snapshot.json", nil)
        guard isTimestamp, state.provedTime > 0 else { return }
        try persist("proved-time", nil)
        state.provedTime = 0
    }

    /// 5.4: the newest timestamp.
    private mutating func updateTimestamp() throws(TrustFailure) {
        let keys = try root.keys(.timestamp)
        let trusted = trusted("timestamp", keys) { (envelope) throws(TrustFailure) in try TrustTimestamp(envelope) }
        let text = try source.require("metadata/timestamp.json", limits.timestampLength, "timestamp")
        let envelope = try TrustEnvelope(reading: text, "timestamp")
        try envelope.verify(keys, "timestamp", under: "root version \(root.version)")
        let new = try TrustTimestamp(envelope)
        if let trusted {
            guard new.version >= trusted.version else {
                throw TrustFailure(
                    .rollback, "timestamp",
                    "version \(new.version) is older than the trusted version \(trusted.version)")
            }
            guard new.snapshot.version >= trusted.snapshot.version else {
                throw TrustFailure(
                    .rollback, "timestamp",
                    "it names snapshot version \(new.snapshot.version), older than \(trusted.snapshot.version)")
            }
        }
        // The trusted one stays where the version is the same.
        let isKept = trusted.map { $0.version == new.version } ?? false
        let current = isKept ? trusted ?? new : new
        if let issued = current.issued, issued > state.provedTime {
            try persist("proved-time", Array(TrustTime.text(issued).utf8))
            state.provedTime = issued
        }
        try checkExpiry(current, "timestamp")
        timestamp = current
        if !isKept { try keep("timestamp.json", text) }
    }

    /// 5.5: the snapshot that the timestamp names.
    private mutating func updateSnapshot() throws(TrustFailure) {
        guard let timestamp else { return }
        let keys = try root.keys(.snapshot)
        let trusted = trusted("snapshot", keys) { (envelope) throws(TrustFailure) in try TrustSnapshot(envelope) }
        var text = state.files["snapshot.json"] ?? []
        let info = timestamp.snapshot
        let isHere: Bool
        do throws(TrustFailure) {
            try info.check(text, "snapshot", under: "the timestamp")
            isHere = trusted?.version == info.version
        } catch { isHere = false }
        if !isHere {
            let name = root.isConsistent ? "\(info.version).snapshot.json" : "snapshot.json"
            let limit = try Self.limit(info, limits.snapshotLength, "snapshot")
            text = try source.require("metadata/\(name)", limit, "snapshot")
        }
        try info.check(text, "snapshot", under: "the timestamp")
        let envelope = try TrustEnvelope(reading: text, "snapshot")
        try envelope.verify(keys, "snapshot", under: "root version \(root.version)")
        let new = try TrustSnapshot(envelope)
        guard new.version == info.version else {
            throw TrustFailure(
                .mismatch, "snapshot", "version \(new.version); the timestamp names version \(info.version)")
        }
        for (name, before) in trusted?.files ?? [:] {
            guard let now = new.files[name] else {
                throw TrustFailure(.rollback, "snapshot", "it does not name \(name) any more")
            }
            guard now.version >= before.version else {
                throw TrustFailure(
                    .rollback, "snapshot", "it names \(name) version \(now.version), older than \(before.version)")
            }
        }
        try checkExpiry(new, "snapshot")
        snapshot = new
        try keep("snapshot.json", text)
    }

    /// 5.6: targets of a role, as the snapshot names them.
    private mutating func role(
        _ name: String, _ keys: TrustRoleKeys, under delegator: String
    ) throws(TrustFailure) -> TrustTargets {
        if let known = targets[name] { return known }
        let file = name + ".json"
        guard let snapshot, let info = snapshot.files[file] else {
            throw TrustFailure(.missing, name, "the snapshot does not name \(file)")
        }
        var text = state.files[file] ?? []
        let isHere: Bool
        do throws(TrustFailure) {
            try info.check(text, name, under: "the snapshot")
            let old = try TrustEnvelope(reading: text, name)
            try old.verify(keys, name, under: delegator)
            isHere = try TrustTargets(old, name).version == info.version
        } catch { isHere = false }
        if !isHere {
            guard !isOffline else {
                throw TrustFailure(.missing, name, "version \(info.version), which the snapshot names, is not kept")
            }
            let path = root.isConsistent ? "\(info.version).\(file)" : file
            text = try source.require("metadata/\(path)", Self.limit(info, limits.targetsLength, name), name)
        }
        try info.check(text, name, under: "the snapshot")
        let envelope = try TrustEnvelope(reading: text, name)
        try envelope.verify(keys, name, under: delegator)
        let new = try TrustTargets(envelope, name)
        guard new.version == info.version else {
            throw TrustFailure(.mismatch, name, "version \(new.version); the snapshot names version \(info.version)")
        }
        try checkExpiry(new, name)
        targets[name] = new
        try keep(file, text)
        return new
    }

    /// How much of a file is read: what is said of it, which may not be more than is ever kept.
    private static func limit(_ info: TrustFileInfo, _ most: Int, _ role: String) throws(TrustFailure) -> Int {
        guard let length = info.length else { return most }
        guard length <= most else { throw TrustFailure(.limit, role, "\(length) bytes; \(most) are allowed") }
        return length
    }

    /// Metadata that was trusted before, if it is under today's keys.
    private func trusted<Metadata>(
        _ role: String, _ keys: TrustRoleKeys, _ make: (TrustEnvelope) throws(TrustFailure) -> Metadata
    ) -> Metadata? {
        guard let text = state.files[role + ".json"] else { return nil }
        do throws(TrustFailure) {
            let envelope = try TrustEnvelope(reading: text, role)
            try envelope.verify(keys, role, under: "root")
            return try make(envelope)
        } catch { return nil }
    }

    // MARK: Targets

    /// What the role that is asked first says of a path: the top-level targets, then those whom they delegate it to, in
    /// their order and depth first.
    public mutating func target(_ path: String) throws(TrustFailure) -> TrustTarget {
        guard snapshot != nil else { throw TrustFailure(.request, path, "the metadata is not up to date") }
        var pending: [(name: String, keys: TrustRoleKeys, delegator: String)] = [
            ("targets", try root.keys(.targets), "root")
        ]
        var seen: Set<String> = []
        while let next = pending.popLast() {
            guard seen.insert(next.name).inserted else { continue }
            guard seen.count <= limits.delegations + 1 else {
                throw TrustFailure(.limit, path, "more than \(limits.delegations) delegated roles are to be asked")
            }
            let metadata = try role(next.name, next.keys, under: next.delegator)
            if let found = metadata.targets[path] { return found }
            var below: [(name: String, keys: TrustRoleKeys, delegator: String)] = []
            for delegation in metadata.delegations where delegation.covers(path) {
                below.append((delegation.name, delegation.keys, next.name))
                if delegation.isTerminating {
                    pending = []
                    break
                }
            }
            pending += below.reversed()
        }
        throw TrustFailure(.target, path, "nobody who may ship it has signed it")
    }

    /// Where the repository has a target, below its own address: any of these, with `targets/` before them.
    public func places(of target: TrustTarget) throws(TrustFailure) -> [String] {
        guard target.length <= limits.targetLength else {
            throw TrustFailure(.limit, target.path, "\(target.length) bytes; \(limits.targetLength) are allowed")
        }
        return (root.isConsistent ? target.consistentPaths() : [target.path]).map { "targets/" + $0 }
    }

    /// Gets a target and holds it against its metadata.
    public func fetch(_ target: TrustTarget) throws(TrustFailure) -> [UInt8] {
        for path in try places(of: target) {
            guard let bytes = try source.get(path, target.length, target.path) else { continue }
            try target.check(bytes)
            return bytes
        }
        throw TrustFailure(.missing, target.path, "the repository does not have it")
    }
}
