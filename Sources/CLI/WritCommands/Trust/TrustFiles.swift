#if !WRIT_LIGHT
    import Glibc
    import Writ
    import WritBundle
    import WritTooling
    import WritTrust

    /// Repositories, keys and states as files.
    enum TrustFiles {
        static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

        /// Nil for a file that is not there.
        static func read(_ path: String) throws(TrustFailure) -> [UInt8]? {
            do throws(FileFailure) { return try FileSystem.read(path) } catch {
                guard error.number == ENOENT else { throw TrustFailure(.storage, path, error.message) }
                return nil
            }
        }

        /// The names in a folder, sorted; none where it is not there.
        static func names(in folder: String) -> [String] {
            guard let entries = opendir(folder) else { return [] }
            defer { closedir(entries) }
            var names: [String] = []
            while let entry = readdir(entries) {
                names.append(
                    withUnsafePointer(to: &entry.pointee.d_name) {
                        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                    })
            }
            return names.sorted()
        }

        /// The private keys of a folder; other files are passed over.
        static func signers(_ folder: String) throws -> [TrustSigner] {
            var signers: [TrustSigner] = []
            for name in names(in: folder) where name.hasSuffix(".pem") {
                if let signer = try? TrustSigner(pem: FileSystem.read(folder + "/" + name), name) {
                    signers.append(signer)
                }
            }
            return signers
        }

        /// A repository as a client sees it.
        static func source(_ folder: String) -> TrustSource {
            TrustSource { (path, limit) throws(TrustFailure) in
                let name = folder + "/" + path
                let file = open(name, O_RDONLY | O_CLOEXEC)
                guard file >= 0 else {
                    guard errno == ENOENT else {
                        throw TrustFailure(
                            .storage, path, FileFailure(operation: "open", path: name, number: errno).message)
                    }
                    return nil
                }
                defer { close(file) }
                var bytes: [UInt8] = []
                var part = [UInt8](repeating: 0, count: 1 << 16)
                while bytes.count <= limit {
                    let count = part.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
                    if count < 0, errno == EINTR { continue }
                    guard count >= 0 else {
                        throw TrustFailure(
                            .storage, path, FileFailure(operation: "read", path: name, number: errno).message)
                    }
                    if count == 0 { break }
                    bytes += part[..<min(count, limit + 1 - bytes.count)]
                }
                return bytes
            }
        }

        /// What a client trusts: the files of its folder, or, the first time, a root that is given.
        static func state(_ folder: String?, root: String?) throws -> TrustState {
            var files: [String: [UInt8]] = [:]
            var proved = 0
            if let folder, exists(folder + "/root.json") {
                guard let entries = opendir(folder) else {
                    throw FileFailure(operation: "open", path: folder, number: errno)
                }
                defer { closedir(entries) }
                while let entry = readdir(entries) {
                    let name = withUnsafePointer(to: &entry.pointee.d_name) {
                        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                    }
                    if name.hasSuffix(".json") { files[name] = try FileSystem.read(folder + "/" + name) }
                }
                if let text = try read(folder + "/proved-time") {
                    proved = TrustTime.seconds(String(decoding: text.prefix(20), as: UTF8.self)) ?? 0
                }
                return TrustState(files: files, provedTime: proved)
            }
            guard let root else {
                throw TrustFailure(.request, "root", "name the trusted root with --root, or a folder with --state")
            }
            let text = try FileSystem.read(root)
            if let folder {
                try FileSystem.makeFolder(of: folder + "/root.json")
                try FileSystem.save(text, to: folder + "/root.json")
            }
            return TrustState(root: text)
        }

        /// Keeps what is trusted as soon as it is.
        static func keeper(_ folder: String?) -> (String, [UInt8]?) throws(TrustFailure) -> Void {
            { (name, content) throws(TrustFailure) in
                guard let folder else { return }
                let path = folder + "/" + name
                do throws(FileFailure) {
                    if let content { try FileSystem.save(content, to: path) } else { try FileSystem.remove(path) }
                } catch {
                    throw TrustFailure(.storage, name, error.message)
                }
            }
        }

        /// A bundle that was fetched: an archive, or a policy image. The metadata vouches for it; whoever activates it may
        /// want a signature as well.
        static func bundle(_ content: [UInt8], _ name: String) throws -> LoadedBundle {
            guard ImageFile.isImage(content) else {
                var reader = BundleReader(name: name)
                reader.skipsVerification = true
                return try reader.read(archive: content)
            }
            // Images are mapped from files. The name goes at once; what is mapped stays until it is let go.
            let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
            let path = "\(folder)/writ-\(String(UInt64.random(in: 0 ... .max), radix: 16)).image"
            try FileSystem.saveSecret(content, to: path)
            defer { unlink(path) }
            do throws(BundleFailure) { return try Bundles.load(path) } catch {
                throw BundleFailure(
                    error.message.split(separator: path, omittingEmptySubsequences: false).joined(separator: name),
                    code: error.code, member: error.member)
            }
        }

        /// What a target's metadata says of its bundle.
        static func custom(of manifest: Manifest) -> TrustJSON {
            .object([
                "revision": .string(manifest.revision), "roots": .array(manifest.roots.map { .string($0) }),
            ])
        }
    }
#endif
