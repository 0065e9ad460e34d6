import AsyncHTTPClient
import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends requests and waits for their responses. Blocks the calling thread; the traffic has an event loop of its
/// own, so that waiting on another loop cannot stop it.
enum HTTPExchange {
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private static let shared = HTTPClient(eventLoopGroup: group, configuration: configuration())

    private static func configuration() -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(10)
        configuration.decompression = .enabled(limit: .ratio(200))
        return configuration
    }

    private static let redirectLimit = 10

    /// Carries a request out, following redirects and trying again as it asks.
    static func run(
        _ options: HTTPRequestOptions, _ network: NetworkOptions
    ) throws(HTTPFailure) -> HTTPResponse {
        var attempt = 0
        while true {
            do throws(HTTPFailure) {
                return try follow(options, network)
            } catch {
                switch error {
                case .network, .timeout: if attempt >= options.retries { throw error }
                case .operand, .refused, .fault: throw error
                }
                // 100 ms, doubled each time, up to a minute.
                usleep(UInt32(min(60_000, 100 << min(attempt, 10))) * 1_000)
                attempt += 1
            }
        }
    }

    private static func follow(
        _ options: HTTPRequestOptions, _ network: NetworkOptions
    ) throws(HTTPFailure) -> HTTPResponse {
        var options = options
        for _ in 0...redirectLimit {
            let response = try send(options, network)
            guard options.followsRedirects, let target = redirect(response, options) else { return response }
            let origin = HTTPAddress(options.url)?.host
            options.url = target
            if response.code != 307, response.code != 308, options.method != "HEAD" {
                options.method = "GET"
                options.body = []
            }
            // What was meant for one host is not told to another.
            if HTTPAddress(target)?.host != origin {
                options.headers.removeAll { ["authorization", "cookie"].contains($0.name.lowercased()) }
            }
        }
        throw .network("\(verb(options.method)) \"\(options.url)\": stopped after \(redirectLimit) redirects")
    }

    private static func redirect(_ response: HTTPResponse, _ options: HTTPRequestOptions) -> String? {
        guard [301, 302, 303, 307, 308].contains(response.code), let target = response.header("location") else {
            return nil
        }
        return HTTPAddress(options.url)?.resolving(target)
    }

    private static func verb(_ method: String) -> String {
        method.prefix(1).uppercased() + method.dropFirst().lowercased()
    }

    private static func send(
        _ options: HTTPRequestOptions, _ network: NetworkOptions
    ) throws(HTTPFailure) -> HTTPResponse {
        let shown = "\(verb(options.method)) \"\(options.url)\""
        guard let address = HTTPAddress(options.url) else {
            throw .network("\(shown): unsupported protocol scheme \"\"")
        }
        guard network.isAllowed(address.host) else { throw .refused("unallowed host: \(address.host)") }
        if network.refusesPrivateAddresses {
            let found = address.socket.isEmpty ? Resolver.addresses(address.host) : ["127.0.0.1"]
            if found.contains(where: Resolver.isPrivate) {
                throw .refused("unallowed address of host: \(address.host)")
            }
        }
        var client = shared
        let name = serverName(options, address)
        if let name {
            var configuration = configuration()
            configuration.dnsOverride = [name: address.host]
            client = HTTPClient(eventLoopGroup: group, configuration: configuration)
        }
        let own = name == nil ? nil : client
        defer { own?.shutdown { _ in } }
        let request: HTTPClient.Request
        do { request = try self.request(options, address, name) } catch let error as HTTPFailure { throw error } catch {
            throw .network("\(shown): \(error)")
        }
        let accumulator = ResponseAccumulator(request: request, maxBodySize: network.bodyLimit)
        let deadline: NIODeadline? = options.timeout > 0 ? .now() + .nanoseconds(options.timeout) : nil
        let outcome = NIOLockedValueBox<Result<HTTPClient.Response, any Error>?>(nil)
        let gate = ConditionLock(value: 0)
        client.execute(request: request, delegate: accumulator, deadline: deadline).futureResult.whenComplete {
            result in
            outcome.withLockedValue { $0 = result }
            gate.lock()
            gate.unlock(withValue: 1)
        }
        gate.lock(whenValue: 1)
        gate.unlock()
        switch outcome.withLockedValue({ $0 }) {
        case .success(let response): return self.response(response)
        case .failure(let error as HTTPClientError) where error == .deadlineExceeded || error == .readTimeout:
            throw .timeout(verb(options.method), options.url)
        case .failure(let error):
            let text = "\(error)"
            // 111 is ECONNREFUSED.
            guard text.contains("errno: 111)") else { throw .network("\(shown): \(text)") }
            let isPlain = address.scheme == "http" ? ":80" : ":443"
            let place = address.authority.contains(":") ? address.authority : address.authority + isPlain
            throw .network("\(shown): dial tcp \(place): connect: connection refused")
        case nil: throw .network("\(shown): no answer")
        }
    }

    private static func request(
        _ options: HTTPRequestOptions, _ address: HTTPAddress, _ name: String?
    ) throws -> HTTPClient.Request {
        var headers = HTTPHeaders()
        for (name, value) in options.headers { headers.add(name: name, value: value) }
        if !headers.contains(name: "User-Agent") { headers.add(name: "User-Agent", value: "Writ") }
        var tls: TLSConfiguration?
        if !options.tls.isDefault || headers.contains(name: "Host") {
            tls = try HTTPTLS.configuration(options.tls)
        }
        return try HTTPClient.Request(
            url: address.clientURL(under: name), method: HTTPMethod(rawValue: options.method), headers: headers,
            body: options.body.isEmpty ? nil : .bytes(options.body), tlsConfiguration: tls)
    }

    /// The name under which a server shows its certificate, where it is not that of the address.
    private static func serverName(_ options: HTTPRequestOptions, _ address: HTTPAddress) -> String? {
        guard address.scheme == "https" else { return nil }
        var name = options.tls.serverName
        if name.isEmpty { name = options.headers.first { $0.name.lowercased() == "host" }?.value ?? "" }
        return name.isEmpty || name == address.host ? nil : name
    }

    private static func response(_ response: HTTPClient.Response) -> HTTPResponse {
        var body: [UInt8] = []
        if let buffer = response.body { body = Array(buffer.readableBytesView) }
        return HTTPResponse(
            status: "\(response.status.code) \(response.status.reasonPhrase)", code: Int(response.status.code),
            headers: response.headers.map { ($0.name.lowercased(), $0.value) }, body: body)
    }
}

/// The parts of an address that matter here.
struct HTTPAddress {
    let scheme: String
    let authority: String
    let host: String
    let rest: String
    /// The path of a Unix socket, where the address names one.
    let socket: String

    init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return nil }
        let scheme = text[..<colon].lowercased()
        guard ["http", "https", "unix"].contains(scheme) else { return nil }
        let behind = text[colon...].dropFirst(3)
        let end = behind.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? behind.endIndex
        authority = String(behind[..<end])
        var name = authority.split(separator: "@").last.map(String.init) ?? ""
        if name.hasPrefix("["), let close = name.firstIndex(of: "]") {
            name = String(name[name.index(after: name.startIndex)..<close])
        } else if let colon = name.lastIndex(of: ":") {
            name = String(name[..<colon])
        }
        host = name
        guard scheme == "unix" || !name.isEmpty else { return nil }
        let path = String(behind[end...].prefix { $0 != "#" })
        guard scheme == "unix" else {
            self.scheme = scheme
            rest = path
            socket = ""
            return
        }
        self.scheme = "unix"
        let parts = path.split(separator: "?", maxSplits: 1)
        let query = parts.count > 1 ? parts[1].split(separator: "&") : []
        socket = query.first { $0.hasPrefix("socket=") }.map { String($0.dropFirst(7)) } ?? ""
        let others = query.filter { !$0.hasPrefix("socket=") }.joined(separator: "&")
        rest = (parts.first.map(String.init) ?? "/") + (others.isEmpty ? "" : "?" + others)
        guard !socket.isEmpty else { return nil }
    }

    /// The address as the client takes it, maybe under another name of the host.
    func clientURL(under name: String?) -> String {
        guard socket.isEmpty else { return "http+unix://\(socket)\(rest)" }
        guard let name else { return "\(scheme)://\(authority)\(rest)" }
        let port = authority.split(separator: ":", omittingEmptySubsequences: false).last ?? ""
        let suffix = !port.isEmpty && port.allSatisfy(\.isNumber) && authority.contains(":") ? ":\(port)" : ""
        return "\(scheme)://\(name)\(suffix)\(rest)"
    }

    /// Another address as it stands in a response to a request for this one.
    func resolving(_ target: String) -> String {
        if HTTPAddress(target) != nil { return target }
        if target.hasPrefix("//") { return "\(scheme):\(target)" }
        if target.hasPrefix("/") { return "\(scheme)://\(authority)\(target)" }
        let path = rest.prefix { $0 != "?" }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
        return "\(scheme)://\(authority)\(folder)\(target)"
    }
}

/// The settings of TLS that a request asks for.
enum HTTPTLS {
    static func configuration(_ options: HTTPTLSOptions) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if options.skipsVerification { configuration.certificateVerification = .none }
        var roots: [NIOSSLCertificate] = []
        for pem in try texts(options.roots) {
            guard let found = try? NIOSSLCertificate.fromPEMBytes(pem) else {
                throw HTTPFailure.refused("could not append certificates")
            }
            roots += found
        }
        if !roots.isEmpty {
            if options.usesSystemRoots == true {
                configuration.additionalTrustRoots = [.certificates(roots)]
            } else {
                configuration.trustRoots = .certificates(roots)
            }
        }
        let certificates = try texts(options.certificate)
        let keys = try texts(options.key)
        if let pem = certificates.first, let key = keys.first {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(pem).map { .certificate($0) }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem))
        }
        return configuration
    }

    /// The PEM texts that a source names.
    private static func texts(_ source: HTTPTLSOptions.Source) throws -> [[UInt8]] {
        var result: [[UInt8]] = []
        if !source.text.isEmpty { result.append(unescaped(source.text)) }
        if !source.file.isEmpty { result.append(try read(source.file)) }
        if !source.variable.isEmpty, let value = getenv(source.variable) {
            result.append(unescaped(String(cString: value)))
        }
        return result
    }

    /// Line breaks may be written as "\n".
    private static func unescaped(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        for byte in text.utf8 {
            if byte == UInt8(ascii: "n"), result.last == UInt8(ascii: "\\") {
                result.removeLast()
                result.append(10)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw HTTPFailure.refused("open \(path): no such file or directory") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }
}
