import Writ
import WritMemory
import WritYAML

/// Reads bundles: gzipped tar archives, and the files of folders.
///
/// Policies (`.rego`), base data (`data.json`, `data.yaml`, `data.yml`), the manifest, plans, WebAssembly and changes
/// (`patch.json`) count; other files do not, but they must be signed where the bundle is.
public struct BundleReader {
    /// What the bundle is called where names of modules must be told apart.
    public var name: String
    /// The version of modules where the manifest does not say one.
    public var version = RegoVersion.v1
    /// What signatures are held against; a signed bundle is refused without it.
    public var verification: BundleVerification?
    /// Believe what is in the bundle, signed or not.
    public var skipsVerification = false
    public var limits = BundleLimits()
    /// Whether files are signed under the path that they were read from: so signatures of folders are made.
    public var isFolder = false

    public init(name: String) { self.name = name }

    /// Reads an archive.
    public func read(archive: [UInt8]) throws(BundleFailure) -> LoadedBundle {
        try read(TarReader.files(of: archive, at: name, limits: limits))
    }

    /// The files of an archive, without making anything of them.
    public static func members(
        ofArchive archive: [UInt8], at location: String, limits: BundleLimits = BundleLimits()
    ) throws(BundleFailure) -> [BundleMember] {
        try TarReader.files(of: archive, at: location, limits: limits)
    }

    /// Makes a bundle of its files. The content of each is let go as soon as it was made use of.
    public func read(_ members: consuming [BundleMember]) throws(BundleFailure) -> LoadedBundle {
        var bundle = LoadedBundle(name: name)
        bundle.isFolder = isFolder
        var files: [BundleMember] = []
        files.reserveCapacity(members.count)
        for index in members.indices {
            let member = members[index]
            members[index].content = []
            if member.path.hasSuffix(SignatureList.fileName) {
                guard !skipsVerification || member.path == "." + SignatureList.fileName else { continue }
                try checkDescription(member)
                bundle.signatures = try SignatureList(reading: member.content)
                continue
            }
            files.append(member)
            if member.name == "patch.json", let changes = try DeltaReader(limits).changes(member), !changes.isEmpty {
                bundle.changes = changes
            }
        }
        bundle.claims = try verifiedClaims(bundle)
        var signed = bundle.claims.map { SignedFiles($0.files) }
        bundle.isVerified = signed != nil
        for index in files.indices {
            var file = files[index]
            files[index].content = []
            try add(&file, to: &bundle, &signed)
        }
        try signed?.finish()
        try finish(&bundle)
        return bundle
    }

    /// What a good signature says; nil when nothing is verified.
    private func verifiedClaims(_ bundle: LoadedBundle) throws(BundleFailure) -> SignatureClaims? {
        // OPA takes changes as they are; here they are verified like everything else.
        guard !skipsVerification else { return nil }
        guard let signatures = bundle.signatures else {
            guard verification == nil else {
                throw BundleVerification.failure("bundle missing .signatures.json file")
            }
            return nil
        }
        guard let verification else { throw BundleVerification.failure("verification key not provided") }
        return try verification.claims(of: signatures)
    }

    // MARK: Files

    private func add(
        _ file: inout BundleMember, to bundle: inout LoadedBundle, _ signed: inout SignedFiles?
    ) throws(BundleFailure) {
        let ending = file.name
        let isData = ending == "data.json" || ending == "data.yaml" || ending == "data.yml"
        let path = isFolder ? trimmed(file.location) : file.path
        var digest: RunningDigest?
        if signed != nil, let verification {
            if verification.isExcluded(path) {
                signed?.pass(path)
            } else {
                digest = try signed?.digest(for: path)
            }
        }
        // Documents are parsed once, for the data and for their digest.
        if isData, SignedFile.isDocument(file.path) || digest == nil {
            try addData(&file, to: &bundle, &digest)
        } else {
            if ending == ".manifest", digest != nil {
                try checkDescription(file)
                digest?.update(try text(file, file.content))
            } else {
                digest?.update(file.content)
            }
            if isData {
                var none: RunningDigest?
                try addData(&file, to: &bundle, &none)
            }
        }
        if let digest { try signed?.check(path, digest) }
        if isData { return }
        let shown = isFolder ? file.location : file.shown
        if file.path.hasSuffix(".rego") {
            bundle.modules.append(
                LoadedBundle.Module(
                    file: PolicyFile(name: shown, text: file.content, version: version), path: "/" + file.path,
                    location: file.location))
        } else if ending == "policy.wasm" {
            bundle.wasm.append(LoadedBundle.Blob(path: shown, location: file.location, content: file.content))
        } else if ending == "plan.json" {
            bundle.plans.append(LoadedBundle.Blob(path: shown, location: file.location, content: file.content))
        } else if file.path.hasSuffix(".manifest") {
            try checkDescription(file)
            bundle.manifest = try Manifest(reading: file.content)
        }
    }

    private func trimmed(_ path: String) -> String {
        var path = path[...]
        while path.hasPrefix("/") { path = path.dropFirst() }
        return String(path)
    }

    /// Adds a document to the data at the place that its folder gives it, and its canonical text to a digest.
    private func addData(
        _ file: inout BundleMember, to bundle: inout LoadedBundle, _ digest: inout RunningDigest?
    ) throws(BundleFailure) {
        let shown = isFolder ? file.location : file.shown
        var json = file.content
        file.content = []
        if file.name != "data.json" {
            do throws(YAMLFailure) { json = try convertYAML(json) } catch {
                throw BundleFailure(
                    "bundle load failed on \(shown): \(error.message)", code: .content, member: file.shown)
            }
        }
        let place = file.path.utf8.split(separator: 0x2F).dropLast().map { Array($0) }
        bundle.dataFiles.append(
            BundleMember(path: file.path, shown: file.shown, location: file.location, content: []))
        do throws(DataFailure) {
            if json.count >= PassedText.least {
                try PassedText.read(consume json) { (text, passed) throws(DataFailure) in
                    guard var running = digest else {
                        return try bundle.data.builder.add(text, at: place, passed: passed)
                    }
                    try bundle.data.builder.addCanonically(text, at: place, passed: passed) { running.update($0) }
                    digest = running
                }
                return
            }
            guard var running = digest else {
                try bundle.data.builder.add(json, at: place)
                return
            }
            try bundle.data.builder.addCanonically(consume json, at: place) { running.update($0) }
            digest = running
        } catch {
            let reason: String
            switch error.reason {
            case .conflict:
                reason =
                    "failed to insert data file from path "
                    + file.path.split(separator: "/").dropLast().joined(separator: "/")
            case .notAnObject: reason = "root value must be object"
            case .syntax, .limit: reason = error.message
            }
            throw BundleFailure("bundle load failed on \(shown): \(reason)", code: .content, member: file.shown)
        }
    }

    private func text(_ file: BundleMember, _ json: [UInt8]) throws(BundleFailure) -> [UInt8] {
        do throws(DataFailure) { return try DataBuilder.canonicalJSON(of: json) } catch {
            throw BundleFailure(
                "bundle load failed on \(file.shown): \(error.message)", code: .content, member: file.shown)
        }
    }

    private func checkDescription(_ file: BundleMember) throws(BundleFailure) {
        guard file.content.count <= limits.descriptionSize else {
            throw BundleFailure(
                "bundle file \(file.shown) size (\(file.content.count) bytes) exceeds \(limits.descriptionSize) bytes",
                code: .limit, member: file.shown)
        }
    }

    // MARK: The whole

    private func finish(_ bundle: inout LoadedBundle) throws(BundleFailure) {
        try bundle.manifest.checkRoots()
        for index in bundle.modules.indices {
            let module = bundle.modules[index]
            if let version = bundle.manifest.regoVersion(of: module.path) {
                bundle.modules[index].file.version = version == 0 ? .v0 : .v1
            }
        }
        let roots = bundle.manifest.roots.map(Manifest.steps)
        if let changes = bundle.changes {
            try checkDelta(bundle)
            for change in changes where !roots.contains(where: { change.path.starts(with: $0) }) {
                throw BundleFailure(
                    "manifest roots \(bundle.manifest.rootsText) do not permit data patch at path "
                        + "'\(Self.shown(change.path))'", code: .roots, member: "patch.json")
            }
            return
        }
        guard !roots.contains(where: \.isEmpty) else { return }
        for module in bundle.modules {
            guard let package = PackageName.of(module.file), !bundle.manifest.owns(package.steps) else { continue }
            throw BundleFailure(
                "manifest roots \(bundle.manifest.rootsText) do not permit '\(package.text)' in module "
                    + "'\(String(decoding: module.file.name, as: UTF8.self))'", code: .roots,
                member: String(module.path.dropFirst()))
        }
        if let path = bundle.data.builder.firstPath(outside: roots) {
            throw BundleFailure(
                "manifest roots \(bundle.manifest.rootsText) do not permit data at path '/\(Self.shown(path))' "
                    + "(hint: check bundle directory structure)", code: .roots)
        }
    }

    private static func shown(_ path: [[UInt8]]) -> String {
        path.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    }

    // MARK: Changes

    private func checkDelta(_ bundle: LoadedBundle) throws(BundleFailure) {
        let found =
            !bundle.dataFiles.isEmpty
            ? "data" : !bundle.modules.isEmpty ? "policy" : !bundle.wasm.isEmpty ? "wasm" : nil
        guard let found else { return }
        throw BundleFailure(
            "delta bundle expected to contain only patch file but \(found) files found", code: .content)
    }
}

/// The package that a module says it is in.
public struct PackageName {
    /// Below `data`.
    public let steps: [[UInt8]]
    /// As Rego: `package a.b`.
    public let text: String

    /// Nil where the module does not parse: compiling it tells why.
    public static func of(_ file: PolicyFile) -> PackageName? {
        // The clause is the first line that is no comment; the whole module is read only where that does not do.
        let lines = file.text.split(separator: 0x0A, omittingEmptySubsequences: false)
        let clause = lines.first { line in
            let rest = line.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            return !rest.isEmpty && rest.first != UInt8(ascii: "#")
        }
        if let clause, clause.count < file.text.count,
            let found = parse(PolicyFile(name: "", text: Array(clause), version: file.version))
        {
            return found
        }
        return parse(file)
    }

    private static func parse(_ file: PolicyFile) -> PackageName? {
        var names = NameTable()
        let source = SourceFile(name: file.name, text: file.text)
        let (module, errors) = parseModule(source, options: ParserOptions(version: file.version), names: &names)
        guard let module, errors.isEmpty else { return nil }
        var steps: [[UInt8]] = []
        for part in module.package.path.parts {
            guard case .string(let name) = part.kind else { return nil }
            steps.append(Array(names[name]))
        }
        return PackageName(steps: steps, text: "package " + text(steps))
    }

    /// Steps as Rego writes them: `a.b["c-d"]`.
    static func text(_ steps: [[UInt8]]) -> String {
        var text = ByteBuffer()
        for (index, step) in steps.enumerated() {
            let isWord = step.allSatisfy { byte in
                byte == 0x5F || byte >= 0x30 && byte <= 0x39 || byte >= 0x41 && byte <= 0x5A
                    || byte >= 0x61 && byte <= 0x7A
            }
            if isWord || index == 0 {
                if index > 0 { text.append(".") }
                text.append(step)
            } else {
                text.append("[")
                text.appendJSONString(step)
                text.append("]")
            }
        }
        return String(decoding: text.bytes, as: UTF8.self)
    }
}
