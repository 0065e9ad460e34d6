/// The last good bundle of a name, kept on disk so that it is active again before any service was asked.
enum KeptBundle {
    static let fileName = "bundle.tar.gz"

    /// Where the bundle of a name is kept.
    static func folder(_ name: String, _ context: RuntimeContext) -> String {
        "\(context.settings.persistenceFolder)/bundles/\(name)"
    }

    /// Keeps what is active, and notes that it is where trust is asked for; gives what went wrong.
    static func keep(
        _ found: DownloadedBundle, _ settings: BundleSettings, _ context: RuntimeContext
    ) async -> String? {
        if let failure = await save(found.archive, in: folder(settings.name, context)) { return failure }
        guard case .trusted(let repository, let target) = settings.source else { return nil }
        return await context.trust[repository]?.note(found.archive, of: settings.name, target)?.message
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
        let outcome = await load(settings, from: folder(settings.name, context))
        guard case .trusted(let repository, let target) = settings.source, case .loaded(var found) = outcome else {
            return outcome
        }
        guard let follower = context.trust[repository] else {
            return .failed(BundleProblem("there is no repository \(repository)"))
        }
        let (result, report) = await follower.checkKept(found.archive, of: settings.name, target)
        switch result {
        case .failure(let failure): return .failed(BundleProblem(failure))
        case .success(let concern):
            found.trust = report
            found.concern = concern.map { BundleProblem($0) }
            found.etag = "sha256:" + TrustFolder.digest(found.archive)
            return report.confined(.loaded(found))
        }
    }

    /// Reads and verifies what is kept; nil where nothing is. What was left of a saving that did not end goes.
    static func load(_ settings: BundleSettings, from folder: String) async -> BundleUpdate.Outcome? {
        let limit = BundlePoller.limits(settings).totalSize
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
