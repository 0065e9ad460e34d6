import Glibc
import NIOSSL

/// The settings of TLS that a request asks for.
enum HTTPTLS {
    /// Nil where a request asks for nothing special.
    static func configuration(_ options: HTTPTLSOptions) throws(HTTPFailure) -> TLSConfiguration? {
        guard !options.isDefault else { return nil }
        var configuration = base
        if options.skipsVerification { configuration.certificateVerification = .none }
        let roots = try roots(options)
        if !roots.isEmpty {
            if options.usesSystemRoots == true {
                configuration.additionalTrustRoots = [.certificates(roots)]
            } else {
                configuration.trustRoots = .certificates(roots)
            }
        }
        if let (certificate, key) = try pair(options) {
            configuration.certificateChain = certificate.map { .certificate($0) }
            configuration.privateKey = .privateKey(key)
        }
        return configuration
    }

    /// What holds for every request: nothing older than TLS 1.2.
    static var base: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }

    private static func roots(_ options: HTTPTLSOptions) throws(HTTPFailure) -> [NIOSSLCertificate] {
        var roots: [NIOSSLCertificate] = []
        func add(_ pem: [UInt8], _ before: String = "") throws(HTTPFailure) {
            guard let found = try? NIOSSLCertificate.fromPEMBytes(pem), !found.isEmpty else {
                throw .refused("\(before)could not append certificates")
            }
            roots += found
        }
        let source = options.roots
        if !source.text.isEmpty { try add(unescaped(source.text)) }
        if !source.file.isEmpty { try add(try read(source.file)) }
        if !source.variable.isEmpty {
            try add(
                variable(source.variable) ?? [],
                "could not add CA certificates from envvar \"\(source.variable)\": ")
        }
        return roots
    }

    /// The certificate and key of the client; each kind of source comes as a pair.
    private static func pair(
        _ options: HTTPTLSOptions
    ) throws(HTTPFailure) -> (certificate: [NIOSSLCertificate], key: NIOSSLPrivateKey)? {
        let (certificate, key) = (options.certificate, options.key)
        var found: (certificate: [NIOSSLCertificate], key: NIOSSLPrivateKey)?
        if !certificate.text.isEmpty, !key.text.isEmpty {
            found = try pair(Array(certificate.text.utf8), Array(key.text.utf8))
        }
        if !certificate.file.isEmpty, !key.file.isEmpty {
            found = try pair(try read(certificate.file), try read(key.file))
        }
        if !certificate.variable.isEmpty, !key.variable.isEmpty {
            do throws(HTTPFailure) {
                found = try pair(variable(certificate.variable) ?? [], variable(key.variable) ?? [])
            } catch {
                guard case .refused(let text) = error else { throw error }
                throw .refused(
                    "cannot extract public/private key pair from envvars \"\(certificate.variable)\", "
                        + "\"\(key.variable)\": \(text)")
            }
        }
        return found
    }

    private static func pair(
        _ certificate: [UInt8], _ key: [UInt8]
    ) throws(HTTPFailure) -> ([NIOSSLCertificate], NIOSSLPrivateKey) {
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(certificate), !chain.isEmpty else {
            throw .refused("tls: failed to find any PEM data in certificate input")
        }
        guard let key = try? NIOSSLPrivateKey(bytes: key, format: .pem) else {
            throw .refused("tls: failed to find any PEM data in key input")
        }
        return (chain, key)
    }

    private static func variable(_ name: String) -> [UInt8]? { getenv(name).map { Array(String(cString: $0).utf8) } }

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

    /// The first megabyte of a file: no certificate is longer.
    private static func read(_ path: String) throws(HTTPFailure) -> [UInt8] {
        guard let file = fopen(path, "rb") else {
            throw .refused("open \(path): \(errno == EACCES ? "permission denied" : "no such file or directory")")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }
}
