import Writ
import WritTelemetry

extension TracingSettings {
    /// What `distributed_tracing` of the configuration asks for; nil where nothing is to be traced.
    static func read(_ root: SettingsObject) throws(SettingsFailure) -> TracingSettings? {
        let object = try root.object(
            "distributed_tracing",
            [
                "type", "address", "service_name", "sample_percentage", "encryption", "allow_insecure_tls",
                "tls_cert_file", "tls_private_key_file", "tls_ca_cert_file", "resource",
                "batch_span_processor_options",
            ])
        let type = try object.text("type") ?? ""
        guard ["", "grpc", "http"].contains(type) else {
            throw SettingsFailure(
                "unknown distributed_tracing.type '\(type)', must be \"grpc\", \"http\" or \"\" (unset)")
        }
        let address = try object.text("address") ?? ""
        let (host, port) = try place(address, defaultPort: type == "http" ? 4318 : 4317)
        var result = TracingSettings(type == "http" ? .http : .grpc, host: host, port: port)
        if let name = try object.text("service_name"), !name.isEmpty { result.serviceName = name }
        if let share = try object.decimal("sample_percentage") {
            guard (0...100).contains(share) else {
                throw SettingsFailure("unsupported distributed_tracing.sample_percentage '\(share)'")
            }
            result.samplePercentage = share
        }
        let encryption = try object.text("encryption") ?? ""
        switch encryption {
        case "", "off": result.encryption = .off
        case "tls": result.encryption = .tls
        case "mtls": result.encryption = .mutual
        default: throw SettingsFailure("unsupported distributed_tracing.encryption '\(encryption)'")
        }
        result.verifiesServer = try object.flag("allow_insecure_tls") != true
        result.certificateFile = try object.text("tls_cert_file") ?? ""
        result.keyFile = try object.text("tls_private_key_file") ?? ""
        result.authorityFile = try object.text("tls_ca_cert_file") ?? ""
        try result.readResource(object)
        try result.readBatches(object)
        return type.isEmpty ? nil : result
    }

    private mutating func readResource(_ object: SettingsObject) throws(SettingsFailure) {
        let resource = try object.object(
            "resource", ["service_version", "service_instance_id", "service_namespace", "deployment_environment"])
        serviceVersion = try resource.text("service_version") ?? ""
        serviceInstance = try resource.text("service_instance_id") ?? ""
        serviceNamespace = try resource.text("service_namespace") ?? ""
        environment = try resource.text("deployment_environment") ?? ""
    }

    private mutating func readBatches(_ object: SettingsObject) throws(SettingsFailure) {
        let options = try object.object(
            "batch_span_processor_options",
            ["blocking", "batch_timeout_ms", "export_timeout_ms", "max_export_batch_size", "max_queue_size"])
        if try options.flag("blocking") == true {
            throw SettingsFailure("\(options.path)blocking: not supported, a decision never waits for a collector")
        }
        if let time = try options.number("batch_timeout_ms", 1...86_400_000) { batchTimeout = time }
        if let time = try options.number("export_timeout_ms", 1...86_400_000) { exportTimeout = time }
        if let size = try options.number("max_queue_size", 1...1_000_000) { queueSize = size }
        if let size = try options.number("max_export_batch_size", 1...1_000_000) { batchSize = size }
        batchSize = min(batchSize, queueSize)
    }

    /// `host`, `host:port`, `[v6]:port`.
    private static func place(
        _ address: String, defaultPort: Int
    ) throws(SettingsFailure) -> (host: String, port: Int) {
        guard !address.isEmpty else { return ("localhost", defaultPort) }
        let failure = SettingsFailure("distributed_tracing.address '\(address)' must be host:port")
        var host = address[...]
        var port = defaultPort
        if let colon = address.lastIndex(of: ":"), !address.hasSuffix("]") {
            guard let number = Int(address[address.index(after: colon)...]), (1...65535).contains(number) else {
                throw failure
            }
            port = number
            host = address[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.utf8.contains(where: { $0 <= 0x20 || "/@?#[]".utf8.contains($0) }) else {
            throw failure
        }
        return (String(host), port)
    }
}
