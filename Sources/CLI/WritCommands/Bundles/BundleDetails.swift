import Writ
import WritBundle
import WritHostBuiltins
import WritTooling

#if !WRIT_LIGHT
    import WritTrust
#endif

/// What `inspect --details` adds: the sizes of files, and what the signature says of them, unverified.
struct BundleDetails {
    private var files: [(path: String, bytes: Int, isSigned: Bool)] = []
    private var claims: SignatureClaims?
    /// The digest of an image, which its signature names.
    private var digest: String?

    init(_ path: String, _ options: Bundles.Options, _ signatures: SignatureList?) throws(BundleFailure) {
        if let token = signatures?.signatures.first { claims = try SignatureClaims(unverified: token) }
        if Bundles.isImage(path) {
            let image = try ImageFile(opening: path, options: CompileOptions(functions: .all), check: .known)
            digest = image.digest
            for section in image.image.layout.sections {
                files.append(("\(section.kind)", section.range.count, signatures != nil))
            }
            return
        }
        let signed = Set(claims?.files.map(\.name) ?? [])
        let (members, isFolder) = try Bundles.members(path, options)
        for member in members {
            let name = isFolder ? String(member.location.drop { $0 == "/" }) : member.path
            files.append((member.path, member.content.count, signed.contains(name)))
        }
    }

    private var total: Int { files.reduce(0) { $0 + $1.bytes } }

    /// What the signature says, by name.
    private var fields: [(name: String, key: String, value: String)] {
        guard let claims else { return [] }
        var fields = [("Algorithm", "algorithm", claims.algorithm)]
        let key = claims.headerKeyID ?? claims.keyID
        if !key.isEmpty { fields.append(("Key", "keyid", key)) }
        if !claims.scope.isEmpty { fields.append(("Scope", "scope", claims.scope)) }
        if let issuer = claims.issuer { fields.append(("Issuer", "iss", issuer)) }
        if let issued = claims.issuedAt { fields.append(("Issued at", "iat", Self.time(issued))) }
        if let end = claims.expiresAt { fields.append(("Expires at", "exp", Self.time(end))) }
        return fields
    }

    private static func time(_ seconds: Int) -> String {
        #if WRIT_LIGHT
            String(seconds)
        #else
            TrustTime.text(seconds)
        #endif
    }

    func pretty() -> String {
        var text = ""
        if let claims {
            var table = TextTable(["FIELD", "VALUE"])
            for field in fields { table.add([field.name, field.value]) }
            table.add(["Files", String(claims.files.count)])
            text += "SIGNATURE (not verified):\n" + table.text()
        }
        if let digest { text += "IMAGE \(ImageLayout.version), SHA-256 \(digest)\n" }
        var table = TextTable(["MEMBER", "BYTES", "SIGNED"])
        for file in files { table.add([file.path, String(file.bytes), file.isSigned ? "yes" : "no"]) }
        table.add(["in all", String(total), ""])
        return text + "SIZES:\n" + table.text()
    }

    func json() -> [UInt8] {
        var text = ByteBuffer()
        text.append("{\"bytes\":")
        text.appendDecimal(total)
        text.append(",\"files\":[")
        for (index, file) in files.enumerated() {
            text.append(index == 0 ? "{\"path\":" : ",{\"path\":")
            text.appendJSONString(file.path)
            text.append(",\"bytes\":")
            text.appendDecimal(file.bytes)
            text.append(file.isSigned ? ",\"signed\":true}" : ",\"signed\":false}")
        }
        text.append("]")
        if let digest {
            text.append(",\"image\":{\"version\":")
            text.appendDecimal(Int(ImageLayout.version))
            text.append(",\"digest\":")
            text.appendJSONString(digest)
            text.append("}")
        }
        if claims != nil {
            text.append(",\"signature\":{")
            for (index, field) in fields.enumerated() {
                if index > 0 { text.append(",") }
                text.appendJSONString(field.key)
                text.append(":")
                text.appendJSONString(field.value)
            }
            text.append("}")
        }
        text.append("}")
        return text.bytes
    }
}
