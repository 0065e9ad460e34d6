import Writ
import WritBundle

extension Loader {
    /// Reads bundles, and adds what is in them. The same bundle named twice is one.
    mutating func addBundles(_ paths: [String]) {
        var loaded: [LoadedBundle] = []
        var names: Set<String> = []
        for path in paths {
            let path = Self.withoutScheme(path)
            guard names.insert(FileSystem.clean(path)).inserted else { continue }
            if let bundle = bundle(path) { loaded.append(bundle) }
        }
        loaded.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        do throws(BundleFailure) { try Bundles.checkOverlaps(loaded) } catch {
            note(Problem(message: error.message))
            return
        }
        for bundle in loaded { add(bundle) }
    }

    /// An archive among files: its policies and data are added like others.
    mutating func addBundle(_ path: String) {
        guard let bundle = bundle(path) else { return }
        add(bundle)
    }

    private mutating func bundle(_ path: String) -> LoadedBundle? {
        do throws(BundleFailure) {
            let bundle = try Bundles.load(path, bundleOptions)
            guard bundle.changes == nil else {
                throw BundleFailure(
                    "bundle \(path): a delta bundle holds changes only: it needs the bundle that they change",
                    code: .content)
            }
            return bundle
        } catch {
            note(Problem(message: error.message))
            return nil
        }
    }

    private static func withoutScheme(_ path: String) -> String {
        path.utf8.starts(with: "file://".utf8) ? String(path.dropFirst("file://".count)) : path
    }
}
