import Synchronization
import WritBundle
import WritTrust

/// Keeps bundles on disk, each once it is active. One that could not be kept is tried again with the next answer of its
/// source, and need not be fetched again for that.
final class BundleKeeper: Sendable {
    private let waiting = Mutex<[String: DownloadedBundle]>([:])

    /// Keeps a bundle; gives what went wrong.
    func keep(
        _ found: DownloadedBundle, _ settings: BundleSettings, _ context: RuntimeContext
    ) async -> BundleProblem? {
        let failure = await KeptBundle.keep(found, settings, context)
        // The file of an image is in the way of the next one: that is fetched again.
        let waits = failure != nil && found.bundle.image == nil
        waiting.withLock { $0[settings.name] = waits ? found : nil }
        guard let failure else { return nil }
        context.logger.log(.error, "Persisting bundle to disk failed: \(failure)", [("name", settings.name)])
        return BundleProblem("persisting the bundle failed: \(failure)", .lasting)
    }

    /// Keeps what could not be kept before; gives what went wrong.
    func keepAgain(_ settings: BundleSettings, _ context: RuntimeContext) async -> BundleProblem? {
        guard let found = waiting.withLock({ $0[settings.name] }) else { return nil }
        return await keep(found, settings, context)
    }

    /// Whether a bundle waits to be kept.
    func isWaiting(_ name: String) -> Bool { waiting.withLock { $0[name] != nil } }

    func forget(_ name: String) { waiting.withLock { $0[name] = nil } }
}

/// The last good bundle of a name, kept on disk so that it is active again before any service was asked.
enum KeptBundle {
    /// One name for archives and images, so that there is always one bundle: the old one or the new one.
    static let fileName = "bundle.tar.gz"

    /// Where the bundle of a name is kept.
    static func folder(_ name: String, _ context: RuntimeContext) -> String {
        "\(context.settings.persistenceFolder)/bundles/\(name)"
    }

    /// Keeps what is active, and notes that it is where trust is asked for; gives what went wrong.
    static func keep(
        _ found: DownloadedBundle, _ settings: BundleSettings, _ context: RuntimeContext
    ) async -> String? {
        var follower: (TrustFollower, target: String)?
        if case .trusted(let repository, let target) = settings.source {
            follower = context.trust[repository].map { ($0, target) }
        }
        if let image = found.bundle.image {
            let images = BundleImages(settings.name, context)
            let target = follower?.target
            let failure = await BundlePoller.offline { () -> String? in
                let vouched = target.map { TrustFollower.vouched(found.digest, $0) } ?? ""
                do throws(ServiceFailure) { try images.keep(image, settings, vouched: vouched) } catch {
                    return error.message
                }
                return nil
            }
            if let failure { return failure }
        } else if let failure = await save(found.archive, in: folder(settings.name, context)) {
            return failure
        }
        guard let (follower, target) = follower else {
            await KeptValidator.note(found.etag, settings, context)
            return nil
        }
        return await follower.note(found, of: settings.name, target)?.message
    }

    /// Keeps an archive in place of the one before; gives what went wrong.
    static func save(_ archive: [UInt8], in folder: String) async -> String? {
        await BundlePoller.offline { () -> String? in
            do throws(ServiceFailure) { try Files.save(archive, as: fileName, in: folder) } catch {
                return error.message
            }
            return nil
        }
    }

    /// Reads and verifies what is kept, and holds it against what is trusted; nil where nothing is.
    static func load(_ settings: BundleSettings, _ context: RuntimeContext) async -> BundleUpdate.Outcome? {
        guard case .trusted(let repository, let target) = settings.source else {
            let outcome = await open(settings, context)
            guard case .loaded(var found) = outcome else { return outcome }
            found.etag = await KeptValidator.find(settings, context)
            if found.etag.isEmpty, !found.archive.isEmpty, case .service(let name, _) = settings.source,
                context.services[name]?.settings.isRegistry == true
            {
                // Every registry calls the same bytes the same.
                found.etag = await RegistryBundleSource.validator(of: found.archive)
            }
            return .loaded(found)
        }
        guard let follower = context.trust[repository] else {
            return .failed(BundleProblem("there is no repository \(repository)"))
        }
        let noted = await follower.noted(settings.name, target)
        let outcome = await open(settings, context, noted.map { ($0, target) })
        guard case .loaded(var found) = outcome else { return outcome }
        let (result, digest, report) = await follower.checkKept(found, of: settings.name, target)
        switch result {
        case .failure(let failure): return .failed(BundleProblem(failure))
        case .success(let concern):
            found.trust = report
            found.concern = concern.map { BundleProblem($0) }
            found.etag = "sha256:" + digest
            return report.confined(.loaded(found))
        }
    }

    /// Opens what is kept, an image where it lies. An image that was noted with the digest of a target is not read again.
    private static func open(
        _ settings: BundleSettings, _ context: RuntimeContext, _ noted: (digest: String, target: String)? = nil
    ) async -> BundleUpdate.Outcome? {
        let images = BundleImages(settings.name, context)
        let found = await BundlePoller.offline { () -> BundleUpdate.Outcome? in
            images.removeRemains()
            guard ImageFile.isImage(images.kept) else { return nil }
            do throws(BundleFailure) {
                let vouched = noted.map { TrustFollower.vouched($0.digest, $0.target) } ?? ""
                var (found, wasKnown) = try images.open(images.kept, settings, vouched: vouched)
                if wasKnown { found.knownDigest = noted?.digest }
                return .loaded(found)
            } catch { return .failed(BundleProblem(error.message)) }
        }
        if let found { return found }
        return await load(settings, from: folder(settings.name, context))
    }

    /// Reads and verifies what is kept; nil where nothing is. What was left of a saving that did not end goes.
    static func load(_ settings: BundleSettings, from folder: String) async -> BundleUpdate.Outcome? {
        let limit = settings.archiveLimit
        let content = await BundlePoller.offline { () -> Result<[UInt8]?, ServiceFailure> in
            Files.removeRemains(of: fileName, in: folder)
            do throws(ServiceFailure) {
                return .success(try Files.content("\(folder)/\(fileName)", limit: limit))
            } catch { return .failure(error) }
        }
        switch content {
        case .failure(let failure): return .failed(BundleProblem(failure.message))
        case .success(nil): return nil
        case .success(let archive?): return await BundlePoller.read(archive: archive, etag: "", settings).outcome
        }
    }
}
