import Glibc
import Synchronization
import Writ

/// What one event loop counts. Its loop writes, `/metrics` reads now and then.
final class LoopMetrics: Sendable {
    struct Key: Hashable {
        var endpoint: Int
        var method: UInt8
        var status: Int
    }

    struct Histogram {
        /// Requests by the first bound that they keep; the last is for those that keep none.
        var buckets: [Int]
        var nanoseconds: UInt64 = 0
        var count = 0

        mutating func add(_ other: Histogram) {
            for index in buckets.indices where other.buckets.indices.contains(index) {
                buckets[index] += other.buckets[index]
            }
            nanoseconds &+= other.nanoseconds
            count += other.count
        }

        mutating func add(_ bucket: Int, _ nanoseconds: UInt64) {
            buckets[bucket] += 1
            self.nanoseconds &+= nanoseconds
            count += 1
        }
    }

    /// Requests of one endpoint and method, by their statuses, of which there are few.
    struct Statuses {
        var seen: [(status: Int, histogram: Histogram)] = []

        mutating func add(_ status: Int, _ bucket: Int, of count: Int, _ nanoseconds: UInt64) {
            for index in seen.indices where seen[index].status == status {
                seen[index].histogram.add(bucket, nanoseconds)
                return
            }
            var first = Histogram(buckets: [Int](repeating: 0, count: count))
            first.add(bucket, nanoseconds)
            seen.append((status, first))
        }
    }

    struct State {
        /// By endpoint and method: the endpoint's number times the methods', and the method's.
        var places: [Statuses] = []
        var waiting = 0
        var overloads = 0
        /// Decisions by how long they took to evaluate.
        var evaluations = Histogram(buckets: [Int](repeating: 0, count: LoopMetrics.bounds.count + 1))
        /// How late the loop was, each time that it was looked at.
        var delays = Histogram(buckets: [Int](repeating: 0, count: LoopMetrics.bounds.count + 1))
        var cacheHits = 0
        var cacheMisses = 0
        var cacheBytes = 0
        /// Requests when the loop was last looked at.
        var count = 0
        var lastCount = 0
        /// The longest time that a task of the loop had to wait lately, in nanoseconds.
        var lag: UInt64 = 0

        var requests: [(key: Key, histogram: Histogram)] {
            places.enumerated().flatMap { place, statuses in
                statuses.seen.map { item in
                    let (endpoint, method) = place.quotientAndRemainder(dividingBy: LoopMetrics.methods.count)
                    return (Key(endpoint: endpoint, method: UInt8(method), status: item.status), item.histogram)
                }
            }
        }
    }

    /// Upper bounds of the buckets, in nanoseconds.
    static let bounds: [UInt64] = [
        1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    ]
    static let boundNames = [
        "1e-06", "5e-06", "1e-05", "5e-05", "0.0001", "0.0005", "0.001", "0.005", "0.01", "0.1", "1",
    ]
    static let methods = ["get", "post", "put", "patch", "delete", "head", "other"]

    /// Upper bounds of the buckets of requests, in nanoseconds.
    let requestBounds: [Double]
    private let state = Mutex(State())

    /// `requestBounds` are in seconds.
    init(requestBounds: [Double]) { self.requestBounds = requestBounds.map { $0 * 1e9 } }

    private func requestBucket(_ nanoseconds: UInt64) -> Int {
        for index in requestBounds.indices where Double(nanoseconds) <= requestBounds[index] { return index }
        return requestBounds.count
    }

    func record(_ endpoint: Int, _ method: UInt8, _ status: Int, _ nanoseconds: UInt64) {
        let bucket = requestBucket(nanoseconds)
        state.withLock { state in
            let place = endpoint * Self.methods.count + Int(method)
            while state.places.count <= place { state.places.append(Statuses()) }
            state.places[place].add(status, bucket, of: requestBounds.count + 1, nanoseconds)
            state.count += 1
        }
    }

    func overloaded() { state.withLock { $0.overloads += 1 } }
    func waits(_ count: Int) { state.withLock { $0.waiting = count } }
    func lagged(_ nanoseconds: UInt64) {
        let bucket = Self.bucket(nanoseconds)
        state.withLock {
            $0.lag = max($0.lag / 2, nanoseconds)
            $0.delays.add(bucket, nanoseconds)
        }
    }

    func evaluated(_ nanoseconds: UInt64) {
        let bucket = Self.bucket(nanoseconds)
        state.withLock { $0.evaluations.add(bucket, nanoseconds) }
    }

    func cached(isHit: Bool, _ bytes: Int) {
        state.withLock { state in
            if isHit { state.cacheHits += 1 } else { state.cacheMisses += 1 }
            state.cacheBytes = bytes
        }
    }

    /// Whether there were requests since this was last asked.
    func wasBusy() -> Bool {
        state.withLock { state in
            defer { state.lastCount = state.count }
            return state.count != state.lastCount
        }
    }

    private static func bucket(_ nanoseconds: UInt64) -> Int {
        for index in bounds.indices where nanoseconds <= bounds[index] { return index }
        return bounds.count
    }

    func read() -> State { state.withLock { $0 } }
}

/// What a server tells of itself, in the text that Prometheus reads.
struct ServerMetrics: Sendable {
    let loops: [LoopMetrics]
    let started = time(nil)
    private let requestBounds: [String]

    /// `requestBounds` are in seconds, and those of all loops.
    init(loops: [LoopMetrics], requestBounds: [Double]) {
        self.loops = loops
        self.requestBounds = requestBounds.map { Self.number($0) }
    }

    /// A number as Prometheus writes it: `0.0001`, `1e-06`, `1`.
    static func number(_ number: Double) -> String {
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    func text() -> [UInt8] {
        var output = OutputBuffer()
        var requests: [LoopMetrics.Key: LoopMetrics.Histogram] = [:]
        var (waiting, overloads, lag) = (0, 0, 0 as UInt64)
        var all = LoopMetrics.State()
        for loop in loops {
            let state = loop.read()
            for (key, histogram) in state.requests {
                guard var sum = requests[key] else {
                    requests[key] = histogram
                    continue
                }
                sum.add(histogram)
                requests[key] = sum
            }
            all.evaluations.add(state.evaluations)
            all.delays.add(state.delays)
            all.cacheHits += state.cacheHits
            all.cacheMisses += state.cacheMisses
            all.cacheBytes += state.cacheBytes
            waiting += state.waiting
            overloads += state.overloads
            lag = max(lag, state.lag)
        }
        write(requests, &output)
        write(
            "writ_evaluation_duration_seconds", "A histogram of the time that decisions took to evaluate.",
            all.evaluations, &output)
        write(
            "writ_event_loop_delay_seconds", "A histogram of how late event loops were, each time they were looked at.",
            all.delays, &output)
        func single(_ name: String, _ kind: String, _ help: String, _ value: String) {
            output.append(Array("# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n\(name) \(value)\n".utf8))
        }
        single("process_start_time_seconds", "gauge", "Start of the process, in seconds since 1970.", "\(started)")
        let memory = Self.memory()
        single("process_resident_memory_bytes", "gauge", "Resident memory in bytes.", "\(memory.resident)")
        single("process_virtual_memory_bytes", "gauge", "Virtual memory in bytes.", "\(memory.virtual)")
        single("process_cpu_seconds_total", "counter", "CPU time spent, user and system.", Self.seconds(Self.cpu()))
        single("writ_waiting_decisions", "gauge", "Decisions that wait for something outside.", "\(waiting)")
        single(
            "writ_decision_cache_hits_total", "counter", "Decisions answered by a kept answer.", "\(all.cacheHits)")
        single(
            "writ_decision_cache_misses_total", "counter", "Decisions whose answer could have been kept and was not.",
            "\(all.cacheMisses)")
        single("writ_decision_cache_bytes", "gauge", "Bytes of kept answers and their keys.", "\(all.cacheBytes)")
        single("writ_overload_total", "counter", "Decisions refused because too many waited.", "\(overloads)")
        single(
            "writ_event_loop_lag_seconds", "gauge", "How late the slowest event loop was lately.", Self.seconds(lag))
        return output.bytes
    }

    private func write(_ requests: [LoopMetrics.Key: LoopMetrics.Histogram], _ output: inout OutputBuffer) {
        let name = "http_request_duration_seconds"
        output.append(Array("# HELP \(name) A histogram of duration for requests.\n# TYPE \(name) histogram\n".utf8))
        let keys = requests.keys.sorted {
            ($0.endpoint, $0.method, $0.status) < ($1.endpoint, $1.method, $1.status)
        }
        for key in keys {
            guard let histogram = requests[key] else { continue }
            let endpoint = Route.handlerName(key.endpoint)
            let method = LoopMetrics.methods[Int(key.method)]
            let labels = "code=\"\(key.status)\",handler=\"\(endpoint)\",method=\"\(method)\""
            var sum = 0
            for (index, bound) in requestBounds.enumerated() {
                sum += histogram.buckets[index]
                output.append(Array("\(name)_bucket{\(labels),le=\"\(bound)\"} \(sum)\n".utf8))
            }
            output.append(Array("\(name)_bucket{\(labels),le=\"+Inf\"} \(histogram.count)\n".utf8))
            output.append(Array("\(name)_sum{\(labels)} \(Self.seconds(histogram.nanoseconds))\n".utf8))
            output.append(Array("\(name)_count{\(labels)} \(histogram.count)\n".utf8))
        }
    }

    private func write(
        _ name: String, _ help: String, _ histogram: LoopMetrics.Histogram, _ output: inout OutputBuffer
    ) {
        output.append(Array("# HELP \(name) \(help)\n# TYPE \(name) histogram\n".utf8))
        var sum = 0
        for (index, bound) in LoopMetrics.boundNames.enumerated() {
            sum += histogram.buckets[index]
            output.append(Array("\(name)_bucket{le=\"\(bound)\"} \(sum)\n".utf8))
        }
        output.append(Array("\(name)_bucket{le=\"+Inf\"} \(histogram.count)\n".utf8))
        output.append(Array("\(name)_sum \(Self.seconds(histogram.nanoseconds))\n".utf8))
        output.append(Array("\(name)_count \(histogram.count)\n".utf8))
    }

    private static func seconds(_ nanoseconds: UInt64) -> String {
        let fraction = String(nanoseconds % 1_000_000_000)
        return "\(nanoseconds / 1_000_000_000)." + String(repeating: "0", count: 9 - fraction.count) + fraction
    }

    private static func cpu() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(max(0, time.tv_sec)) &* 1_000_000_000 &+ UInt64(max(0, time.tv_nsec))
    }

    /// Bytes of memory, by /proc.
    private static func memory() -> (virtual: Int, resident: Int) {
        guard let file = fopen("/proc/self/statm", "r") else { return (0, 0) }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = fread(&bytes, 1, bytes.count, file)
        let pages = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ").compactMap { Int($0) }
        guard pages.count > 1 else { return (0, 0) }
        let size = sysconf(Int32(_SC_PAGESIZE))
        return (pages[0] * size, pages[1] * size)
    }
}
