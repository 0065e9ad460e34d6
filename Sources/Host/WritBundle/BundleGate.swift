/// What a bundle must be to pass from one stage to the next, beyond being read and, where it is signed, verified.
public struct BundleGate: Sendable {
    /// A bundle that went through before.
    public struct Predecessor: Sendable {
        public var revision: String
        /// When it was signed, in seconds since 1970 UTC.
        public var issuedAt: Int?

        public init(revision: String, issuedAt: Int? = nil) {
            self.revision = revision
            self.issuedAt = issuedAt
        }

        public init(_ bundle: LoadedBundle) {
            self.init(revision: bundle.manifest.revision, issuedAt: bundle.claims?.issuedAt)
        }
    }

    /// Seconds since 1970 UTC.
    public var now: Int
    /// How long ago it may have been signed, in seconds; nil for any time.
    public var maximumAge: Int?
    /// What came before; the bundle must not be older.
    public var predecessor: Predecessor?
    /// The roots that it may own, or parts of them; nil for any.
    public var roots: [String]?
    /// How far clocks may differ, in seconds.
    public var leeway = 300

    public init(now: Int) { self.now = now }

    /// Everything that speaks against a bundle.
    public func objections(to bundle: LoadedBundle) -> [BundleFailure] {
        var found: [BundleFailure] = []
        addTimes(of: bundle, &found)
        if let predecessor { add(predecessor, bundle, &found) }
        for root in bundle.manifest.roots where !isAllowed(root) {
            let shown = root.isEmpty ? "everything (the root \"\")" : "\"\(root)\""
            found.append(
                BundleFailure(
                    "the bundle owns \(shown), which is not within \(listed(roots ?? []))", code: .breadth,
                    member: ".manifest"))
        }
        return found
    }

    private func listed(_ roots: [String]) -> String { roots.map { "\"\($0)\"" }.joined(separator: ", ") }

    private func isAllowed(_ root: String) -> Bool {
        guard let roots else { return true }
        let steps = Manifest.steps(root)
        return roots.contains { steps.starts(with: Manifest.steps($0)) }
    }

    // MARK: Times

    private func addTimes(of bundle: LoadedBundle, _ found: inout [BundleFailure]) {
        func object(_ message: String) {
            found.append(BundleFailure(message, code: .expired, member: ".signatures.json"))
        }
        if let end = bundle.claims?.expiresAt, end <= now {
            object("the signature expired \(now.subtractingReportingOverflow(end).partialValue) seconds ago (exp)")
        }
        let start = bundle.claims?.issuedAt
        if let start, start > now.addingReportingOverflow(leeway).partialValue {
            object("the signature says that it is made in the future (iat)")
        }
        guard let maximumAge else { return }
        guard let start else {
            object("the signature does not say when it was made (iat)")
            return
        }
        let age = now.subtractingReportingOverflow(start).partialValue
        if age > maximumAge { object("the signature is \(age) seconds old; \(maximumAge) are allowed") }
    }

    // MARK: Revisions

    private func add(_ before: Predecessor, _ bundle: LoadedBundle, _ found: inout [BundleFailure]) {
        let (old, new) = (before.revision, bundle.manifest.revision)
        func object(_ message: String) {
            found.append(BundleFailure(message, code: .rollback, member: ".manifest"))
        }
        if let was = before.issuedAt, let now = bundle.claims?.issuedAt, now < was {
            object("revision \"\(new)\" was signed before revision \"\(old)\", which it would replace")
            return
        }
        guard !new.isEmpty else {
            object("the bundle names no revision; it would replace \"\(old)\"")
            return
        }
        guard new != old else { return }
        switch RevisionOrder.compare(new, old) {
        case .before: object("revision \"\(new)\" is older than \"\(old)\", which it would replace")
        case .after: return
        case .unknown:
            if before.issuedAt != nil, bundle.claims?.issuedAt != nil { return }
            object(
                "it cannot be told whether revision \"\(new)\" is newer than \"\(old)\": number them, or sign with iat")
        }
    }
}

/// The order of revisions: texts of one shape, whose numbers are compared as numbers.
///
/// `r9` comes before `r10`, `1.2.0` before `1.10.0`, `2026-01-31T12:00:00Z` before `2026-02-01T00:00:00Z`. Texts that
/// differ in more than numbers, digests for example, have no order.
public enum RevisionOrder {
    public enum Result: Sendable { case before, after, unknown }

    public static func compare(_ one: String, _ two: String) -> Result {
        let (a, b) = (parts(one), parts(two))
        guard a.count == b.count else { return .unknown }
        var result = Result.unknown
        for (x, y) in zip(a, b) {
            guard x.isNumber == y.isNumber else { return .unknown }
            guard x.isNumber else {
                guard x.text == y.text else { return .unknown }
                continue
            }
            guard case .unknown = result else { continue }
            let (p, q) = (x.text.drop { $0 == 0x30 }, y.text.drop { $0 == 0x30 })
            guard !p.elementsEqual(q) else { continue }
            result =
                p.count != q.count
                ? p.count < q.count ? .before : .after : p.lexicographicallyPrecedes(q) ? .before : .after
        }
        return result
    }

    /// Runs of digits, and what stands between them.
    private static func parts(_ text: String) -> [(text: [UInt8], isNumber: Bool)] {
        var parts: [(text: [UInt8], isNumber: Bool)] = []
        for byte in text.utf8 {
            let isDigit = byte >= 0x30 && byte <= 0x39
            if let last = parts.last, last.isNumber == isDigit {
                parts[parts.count - 1].text.append(byte)
            } else {
                parts.append(([byte], isDigit))
            }
        }
        return parts
    }
}
