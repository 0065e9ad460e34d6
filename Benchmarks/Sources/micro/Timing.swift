import Foundation

/// Runs `body` often enough to time it and prints a row: the best of seven rounds of CPU time.
func measure(_ name: String, _ filter: String, _ body: () throws -> Void) rethrows {
    guard filter.isEmpty || name.contains(filter) else { return }
    var count = 1
    while try time(count, body) < 5_000_000, count < 1 << 26 { count *= 2 }
    var best = Double.infinity
    for _ in 0..<7 { best = min(best, Double(try time(count, body)) / Double(count)) }
    print(name.padding(toLength: 44, withPad: " ", startingAt: 0) + String(format: "%12.1f ns", best))
}

private func time(_ count: Int, _ body: () throws -> Void) rethrows -> Int64 {
    let start = processorTime()
    for _ in 0..<count { try body() }
    return processorTime() - start
}

private func processorTime() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// A document of about a kilobyte as machines send it: nested objects, short and long strings, decimals.
let kilobyte: [UInt8] = Array(
    """
    {"device":{"id":"spiffe://fleet.example/site/lyon/sensor/temp-01","kind":"sensor","firmware":"2.4.1","owner":\
    "plant-operations"},"request":{"method":"publish","topic":"sites/lyon/sensors/temp-01/telemetry/air","qos":1,\
    "retain":false,"payload":{"celsius":21.75,"humidity":40.5,"battery":3.61,"sequence":184467,"ok":true}},\
    "network":{"address":"10.20.4.17","interface":"eth0","zone":"factory-floor","tls":{"version":"1.3","cipher":\
    "TLS_AES_128_GCM_SHA256","peer":"spiffe://fleet.example/site/lyon/gateway/gw-1"}},"labels":["north","air","critical\
    ","revision-b"],"time":{"sent":1700000000123,"received":1700000000201,"zone":"Europe/Paris"},"trace":{"id":\
    "4bf92f3577b34da6a3ce929d0e0e4736","span":"00f067aa0ba902b7","sampled":true},"limits":{"rate":12.5,"burst":40,\
    "window":60,"quota":null},"previous":[{"sequence":184466,"celsius":21.7},{"sequence":184465,"celsius":21.68},\
    {"sequence":184464,"celsius":21.6}]}
    """.utf8)
