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

        mutating func add(_ bucket: Int, _ nanoseconds: UInt64) {
            buckets[bucket] += 1
            self.nanoseconds &+= nanoseconds
            count += 1
        }
    }

    struct State {
        var requests: [Key: Histogram] = [:]
        var waiting = 0
        var overloads = 0
        /// The longest time that a task of the loop had to wait lately, in nanoseconds.
        var lag: UInt64 = 0
    }

    /// Upper bounds of the buckets, in nanoseconds.
    static let bounds: [UInt64] = [
        1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    ]
    static let boundNames = ["1e-06", "5e-06", "1e-05", "5e-05", "0.0001", "0.0005", "0.001", "0.01", "0.1", "1"]
    static let methods = ["get", "post", "put", "patch", "delete", "head", "other"]

    private let state = Mutex(State())

    func record(_ endpoint: Int, _ method: UInt8, _ status: Int, _ nanoseconds: UInt64) {
        let bucket = Self.bounds.firstIndex { nanoseconds <= $0 } ?? Self.bounds.count
        state.withLock { state in
            let key = Key(endpoint: endpoint, method: method, status: status)
            if state.requests[key] == nil {
                state.requests[key] = Histogram(buckets: [Int](repeating: 0, count: Self.bounds.count + 1))
            }
            state.requests[key]?.add(bucket, nanoseconds)
        }
    }

    func overloaded() { state.withLock { $0.overloads += 1 } }
    func waits(_ count: Int) { state.withLock { $0.waiting = count } }
    func lagged(_ nanoseconds: UInt64) { state.withLock { $0.lag = max($0.lag / 2, nanoseconds) } }

    func read() -> State { state.withLock { $0 } }
}

/// What a server tells of itself, in the text that Prometheus reads.
struct ServerMetrics: Sendable {
    let loops: [LoopMetrics]
    let started = time(nil)

    func text() -> [UInt8] {
        var output = OutputBuffer()
        var requests: [LoopMetrics.Key: LoopMetrics.Histogram] = [:]
        var (waiting, overloads, lag) = (0, 0, 0 as UInt64)
        for loop in loops {
            let state = loop.read()
            for (key, histogram) in state.requests {
                guard var sum = requests[key] else {
                    requests[key] = histogram
                    continue
                }
                for index in sum.buckets.indices { sum.buckets[index] += histogram.buckets[index] }
                sum.nanoseconds &+= histogram.nanoseconds
                sum.count += histogram.count
                requests[key] = sum
            }
            waiting += state.waiting
            overloads += state.overloads
            lag = max(lag, state.lag)
        }
        write(requests, &output)
        func single(_ name: String, _ kind: String, _ help: String, _ value: String) {
            output.append(Array("# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n\(name) \(value)\n".utf8))
        }
        single("process_start_time_seconds", "gauge", "Start of the process, in seconds since 1970.", "\(started)")
        let memory = Self.memory()
        single("process_resident_memory_bytes", "gauge", "Resident memory in bytes.", "\(memory.resident)")
        single("process_virtual_memory_bytes", "gauge", "Virtual memory in bytes.", "\(memory.virtual)")
        single("process_cpu_seconds_total", "counter", "CPU time spent, user and system.", Self.seconds(Self.cpu()))
        single("writ_waiting_decisions", "gauge", "Decisions that wait for something outside.", "\(waiting)")
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
            for (index, bound) in LoopMetrics.boundNames.enumerated() {
                sum += histogram.buckets[index]
                output.append(Array("\(name)_bucket{\(labels),le=\"\(bound)\"} \(sum)\n".utf8))
            }
            output.append(Array("\(name)_bucket{\(labels),le=\"+Inf\"} \(histogram.count)\n".utf8))
            output.append(Array("\(name)_sum{\(labels)} \(Self.seconds(histogram.nanoseconds))\n".utf8))
            output.append(Array("\(name)_count{\(labels)} \(histogram.count)\n".utf8))
        }
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
