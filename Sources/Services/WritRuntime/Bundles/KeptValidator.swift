import Glibc

/// The validator of a kept bundle, noted beside it: after a start the bundle is not fetched again while its source has
/// nothing newer. It counts only for the very file that it was noted for, and for the address that it came from.
enum KeptValidator {
    static let fileName = "validator"
    private static let sizeLimit = 64 << 10

    /// Notes what the source called the bundle that is kept now. Where that cannot be written, it is only fetched again.
    static func note(_ tag: String, _ settings: BundleSettings, _ context: RuntimeContext) async {
        guard let source = source(settings, context) else { return }
        let folder = KeptBundle.folder(settings.name, context)
        await BundlePoller.offline {
            guard !tag.isEmpty, let file = identity(folder) else {
                unlink("\(folder)/\(fileName)")
                return
            }
            try? Files.save(Array([source, file, tag].joined(separator: "\n").utf8), as: fileName, in: folder)
        }
    }

    /// What the source called the bundle that is kept; empty where that is not known.
    static func find(_ settings: BundleSettings, _ context: RuntimeContext) async -> String {
        guard let source = source(settings, context) else { return "" }
        let folder = KeptBundle.folder(settings.name, context)
        return await BundlePoller.offline {
            Files.removeRemains(of: fileName, in: folder)
            guard let bytes = try? Files.content("\(folder)/\(fileName)", limit: sizeLimit) else { return "" }
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            guard lines.count == 3, lines[0] == source, let file = identity(folder), lines[1] == file else { return "" }
            let tag = String(lines[2])
            return ServiceSettings.isHeader(ServiceSettings.Header("etag", tag)) ? tag : ""
        }
    }

    /// The address that a bundle is asked for at; nil where it is no service's.
    private static func source(_ settings: BundleSettings, _ context: RuntimeContext) -> String? {
        guard case .service(let name, let path) = settings.source, let service = context.services[name] else {
            return nil
        }
        // A registry's validators are digests, which others may call their own.
        let address = service.settings.url + (service.settings.isRegistry ? " oci " : " ") + path
        return address.utf8.contains(0x0A) ? nil : address
    }

    /// What tells the kept file from any other that had its name.
    private static func identity(_ folder: String) -> String? {
        var info = stat()
        guard stat("\(folder)/\(KeptBundle.fileName)", &info) == 0 else { return nil }
        let times = [info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_ctim.tv_sec, info.st_ctim.tv_nsec]
        return "\(info.st_dev) \(info.st_ino) \(info.st_size) " + times.map { "\($0)" }.joined(separator: " ")
    }
}
