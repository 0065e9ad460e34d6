/// What the certificates of a client look like to a policy.
public enum ClientCertificates {
    /// The JSON text of an array of certificates in DER, each as `crypto.x509.parse_certificates` shows it but without
    /// `URIStrings`: what OPA's server gives to `system.authz`. Nil where one is no certificate.
    public static func json(_ certificates: [[UInt8]]) -> [UInt8]? {
        var parsed: [Certificate] = []
        for bytes in certificates {
            guard let certificate = try? Certificate.parse(bytes) else { return nil }
            parsed.append(certificate)
        }
        var json = JSONBuilder()
        json.array(parsed) { $0.certificate($1, withTexts: false) }
        return json.bytes
    }
}
