import Writ

/// What is counted of bundles, by OPA's names.
struct BundleMetrics: Sendable {
    private struct Failure: Hashable {
        var name: String
        var code: String
        var message: String
    }

    private struct Histogram {
        var bounds: [Double]
        var counts: [Int]
        var sum: UInt64 = 0
        var count = 0
    }

    private struct Stage: Hashable {
        var name: String
        var stage: String
    }

    /// Texts of failures that are told apart; further ones are counted together.
    private static let failureLimit = 100

    private var loaded: [String: Int] = [:]
    private var failed: [Failure: Int] = [:]
    private var resumed: [String: Int] = [:]
    private var durations: [Stage: Histogram] = [:]

    mutating func record(
        _ name: String, _ problem: BundleProblem?, isLoad: Bool, _ times: [(String, UInt64)], bounds: [Double]
    ) {
        if let problem {
            var failure = Failure(name: name, code: problem.code, message: problem.cause)
            if failed[failure] == nil, failed.count >= Self.failureLimit { failure.message = "other" }
            failed[failure, default: 0] += 1
        } else if isLoad {
            loaded[name, default: 0] += 1
        }
        for (stage, nanoseconds) in times {
            let key = Stage(name: name, stage: stage)
            var histogram =
                durations[key] ?? Histogram(bounds: bounds, counts: [Int](repeating: 0, count: bounds.count))
            if let index = histogram.bounds.firstIndex(where: { Double(nanoseconds) <= $0 }) {
                histogram.counts[index] += 1
            }
            histogram.sum &+= nanoseconds
            histogram.count += 1
            durations[key] = histogram
        }
    }

    /// Notes that a download went on after it was cut.
    mutating func record(_ name: String, resumes: Int) {
        if resumes > 0 { resumed[name, default: 0] += resumes }
    }

    mutating func forget(_ name: String) {
        loaded[name] = nil
        resumed[name] = nil
        failed = failed.filter { $0.key.name != name }
        durations = durations.filter { $0.key.name != name }
    }

    func write(_ statuses: [BundleStatus], _ output: inout ByteBuffer) {
        var writer = MetricWriter()
        writer.begin("bundle_loaded_counter", "counter", "Counter for the bundle loaded.")
        for (name, count) in loaded.sorted(by: { $0.key < $1.key }) { writer.add([("name", name)], "\(count)") }
        writer.begin("bundle_failed_load_counter", "counter", "Counter for the failed bundle load.")
        for (failure, count) in failed.sorted(by: { ($0.key.name, $0.key.message) < ($1.key.name, $1.key.message) }) {
            writer.add(
                [("name", failure.name), ("code", failure.code), ("message", failure.message)], "\(count)")
        }
        writer.begin(
            "bundle_download_resumed_counter", "counter", "Counter for bundle downloads that went on after a cut.")
        for (name, count) in resumed.sorted(by: { $0.key < $1.key }) { writer.add([("name", name)], "\(count)") }
        func gauge(_ name: String, _ help: String, _ value: (BundleStatus) -> Timestamp, withRevision: Bool = false) {
            writer.begin(name, "gauge", help)
            for status in statuses {
                guard let time = value(status).nanoseconds else { continue }
                let revision = withRevision ? [("active_revision", status.activeRevision)] : []
                writer.add(revision + [("name", status.name)], "\(time)")
            }
        }
        gauge(
            "last_success_bundle_activation", "Gauge for the last success bundle activation.",
            \.lastSuccessfulActivation, withRevision: true)
        gauge(
            "last_success_bundle_download", "Gauge for the last success bundle download.", \.lastSuccessfulDownload)
        gauge("last_success_bundle_request", "Gauge for the last success bundle request.", \.lastSuccessfulRequest)
        gauge("last_bundle_request", "Gauge for the last bundle request.", \.lastRequest)
        writeTrust(statuses, &writer)
        writer.begin(
            "bundle_loading_duration_ns", "histogram", "Histogram for the bundle loading duration by stage.")
        for (key, histogram) in durations.sorted(by: { ($0.key.name, $0.key.stage) < ($1.key.name, $1.key.stage) }) {
            let labels = [("name", key.name), ("stage", key.stage)]
            var sum = 0
            for (bound, count) in zip(histogram.bounds, histogram.counts) {
                sum += count
                writer.add(labels + [("le", Self.number(bound))], "\(sum)", suffix: "_bucket")
            }
            writer.add(labels + [("le", "+Inf")], "\(histogram.count)", suffix: "_bucket")
            writer.add(labels, "\(histogram.sum)", suffix: "_sum")
            writer.add(labels, "\(histogram.count)", suffix: "_count")
        }
        output.append(writer.output)
    }

    /// Writ's own: until when what repositories say is good.
    private func writeTrust(_ statuses: [BundleStatus], _ writer: inout MetricWriter) {
        let trusted = statuses.compactMap { status in status.trust.map { (status.name, $0) } }
        writer.begin(
            "writ_trust_expires_seconds", "gauge",
            "When the trusted metadata of a bundle's repository expires, in seconds since 1970.")
        for (name, trust) in trusted {
            guard let expires = trust.expires else { continue }
            writer.add([("name", name), ("repository", trust.repository)], "\(expires)")
        }
        writer.begin("writ_trust_version", "gauge", "The versions of the trusted metadata of a bundle's repository.")
        for (name, trust) in trusted {
            for (role, version) in trust.versions {
                writer.add([("name", name), ("repository", trust.repository), ("role", role)], "\(version)")
            }
        }
    }

    private static func number(_ value: Double) -> String {
        var buffer = ByteBuffer()
        buffer.appendJSONNumber(value)
        return String(decoding: buffer.bytes, as: UTF8.self)
    }
}
