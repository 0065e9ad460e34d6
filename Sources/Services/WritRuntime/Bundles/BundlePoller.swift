import Glibc
import NIOPosix
import Synchronization
import Writ
import WritBundle

/// A bundle as it came.
struct DownloadedBundle: Sendable {
    var bundle: LoadedBundle
    /// The archive; empty for a folder.
    var archive: [UInt8]
    var etag: String
    /// What is told of the trust that it was kept by; nil without.
    var trust: TrustReport?
    /// Said though it is good.
    var concern: BundleProblem?
    /// Whether it is an image that is used where it lies.
    var isPlaced = false
    /// Its SHA-256, where that is known without reading it.
    var knownDigest: String?
}

/// What a request for a bundle came to.
struct BundleUpdate: Sendable {
    enum Outcome: Sendable {
        case loaded(DownloadedBundle)
        /// The server has nothing newer than what was named.
        case unchanged
        /// The server replied, with nothing in it.
        case empty
        case failed(BundleProblem)
    }

    var outcome: Outcome
    /// Nanoseconds that the request took, and reading what came.
    var requested: UInt64 = 0
    var loaded: UInt64 = 0
    /// The validator of the content that came; empty where none came, or it has none.
    var tag = ""
    /// How often a transfer that was cut went on.
    var resumes = 0
    /// What is told of the trust that it came by; nil for sources without.
    var trust: TrustReport?
}

/// Asks for one bundle again and again, and hands over what comes.
final class BundlePoller: Sendable {
    private let settings: BundleSettings
    /// Nil for a file, and for a service that there is not.
    private let source: (any BundleSource)?
    /// Where images are put; nil where there is no place for them.
    private let images: BundleImages?
    /// The tag of what is active; empty for none.
    private let etag: @Sendable () -> String
    /// The generation of what it goes into.
    private let generation: @Sendable () -> Int
    /// Takes what came; gives what is wrong with it.
    private let take: @Sendable (BundleUpdate) async -> BundleProblem?
    /// What need not come again, and why.
    private let refused = Mutex<(tag: String, problem: BundleProblem)?>(nil)
    private let task = Mutex<Task<Void, Never>?>(nil)

    convenience init(
        _ settings: BundleSettings, _ context: RuntimeContext, etag: @escaping @Sendable () -> String,
        take: @escaping @Sendable (BundleUpdate) async -> BundleProblem?
    ) {
        let store = context.store
        self.init(
            settings, from: Self.source(settings, context), BundleImages(settings.name, context), etag: etag,
            generation: { store.generation }, take: take)
    }

    init(
        _ settings: BundleSettings, from source: (any BundleSource)?, _ images: BundleImages? = nil,
        etag: @escaping @Sendable () -> String, generation: @escaping @Sendable () -> Int,
        take: @escaping @Sendable (BundleUpdate) async -> BundleProblem?
    ) {
        self.generation = generation
        self.settings = settings
        self.source = source
        self.images = images
        self.etag = etag
        self.take = take
    }

    func start() {
        guard settings.trigger == .periodic else { return }
        task.withLock { task in
            guard task == nil else { return }
            task = Task { await self.run() }
        }
    }

    /// Ends asking. What is being activated is finished first.
    func stop() async {
        let running = task.withLock { task in
            let running = task
            task = nil
            return running
        }
        running?.cancel()
        await running?.value
    }

    private func run() async {
        if case .file(let path) = settings.source {
            let update = await Self.read(file: path, settings, images)
            _ = await take(update)
            return
        }
        var retries = 0
        var polls = settings.polling.longPollTimeout != nil
        while !Task.isCancelled {
            let (update, isLongPoll) = await ask(polls: polls)
            if Task.isCancelled { return }
            let problem = await finish(update)
            if let isLongPoll { polls = isLongPoll && settings.polling.longPollTimeout != nil }
            let delay: Double
            switch problem?.kind {
            case nil:
                retries = 0
                // A server that held the request back has waited already.
                delay = polls ? 0 : Self.delay(settings.polling)
            case .service:
                delay = Self.backoff(settings.polling, retries)
                retries += 1
            case .lasting, .content:
                retries = 0
                delay = Self.delay(settings.polling)
            }
            // A second for a server that answers at once what it should have held back.
            try? await Task.sleep(nanoseconds: UInt64(max(delay, polls ? 0.1 : 0.01) * 1e9))
        }
    }

    /// Asks once, whatever the mode; for tests and hosts.
    func trigger() async -> Bool {
        if case .file(let path) = settings.source {
            return await take(await Self.read(file: path, settings, images)) == nil
        }
        return await finish(await ask(polls: false).update) == nil
    }

    /// Hands over what came, and notes what need not come again.
    private func finish(_ update: BundleUpdate) async -> BundleProblem? {
        let problem = await take(update)
        guard !update.tag.isEmpty else { return problem }
        refused.withLock { refused in
            if let problem, case .content = problem.kind {
                refused = (update.tag, problem)
            } else {
                refused = nil
            }
        }
        return problem
    }

    /// What was refused, as long as nothing has changed that it was refused for.
    private var standing: (tag: String, problem: BundleProblem)? {
        guard let found = refused.withLock({ $0 }), case .content(let generation) = found.problem.kind,
            generation == nil || generation == self.generation()
        else { return nil }
        return found
    }

    /// Seconds between two requests that went well.
    static func delay(_ polling: PollingSettings) -> Double {
        let (low, high) = (Double(polling.minimumDelay), Double(polling.maximumDelay))
        return high > low ? Double.random(in: low...high) : low
    }

    /// Seconds before another try after one that failed: the first at once, then longer and longer, at most as long as
    /// polling waits.
    static func backoff(_ polling: PollingSettings, _ retries: Int) -> Double {
        guard retries > 0 else { return 0 }
        var pause = 0.1
        let most = Double(polling.maximumDelay)
        for _ in 0..<min(retries, 64) where pause < most { pause *= 1.6 }
        return max(0, min(pause, most) * Double.random(in: 0.8...1.2))
    }

    // MARK: One request

    /// What a service is asked by, as its kind wants it.
    private static func source(_ settings: BundleSettings, _ context: RuntimeContext) -> (any BundleSource)? {
        let limit = settings.archiveLimit
        let file = BodyFile(folder: KeptBundle.folder(settings.name, context))
        switch settings.source {
        case .service(let name, let path):
            guard let service = context.services[name] else { return nil }
            guard service.settings.isRegistry else {
                return ServiceBundleSource(service, path: path, limit: limit, file: file)
            }
            return RegistryBundleSource(service, reference: path, limit: limit, file: file)
        case .trusted(let repository, let target):
            return context.trust[repository].map { TrustedBundleSource($0, target: target, limit: limit, file: file) }
        case .file: return nil
        }
    }

    private func ask(polls: Bool) async -> (update: BundleUpdate, isLongPoll: Bool?) {
        guard let source else {
            return (BundleUpdate(outcome: .failed(BundleProblem("there is no such service"))), nil)
        }
        let start = SteadyClock.nanoseconds()
        let refused = standing
        let answer = await source.fetch(
            BundleQuestion(
                known: etag(), wait: polls ? settings.polling.longPollTimeout : nil, refused: refused?.tag ?? ""))
        let took = SteadyClock.nanoseconds() &- start
        var update: BundleUpdate
        switch answer.outcome {
        case .archive(let archive, let tag):
            update = await Self.read(archive: archive, etag: tag, settings, images)
            update.tag = tag
        case .image(let file, let tag):
            update = await Self.read(image: file, etag: tag, settings, images)
            update.tag = tag
        case .refused:
            update = BundleUpdate(
                outcome: .failed(refused?.problem ?? BundleProblem("it was refused before", .lasting)))
        case .unchanged: update = BundleUpdate(outcome: .unchanged)
        case .empty: update = BundleUpdate(outcome: .empty)
        case .failed(let problem): update = BundleUpdate(outcome: .failed(problem))
        }
        if let trust = answer.trust {
            // Its digest was held against the target's.
            if case .loaded(var found) = update.outcome, update.tag.hasPrefix("sha256:") {
                found.knownDigest = String(update.tag.dropFirst("sha256:".count))
                update.outcome = .loaded(found)
            }
            update.outcome = trust.confined(update.outcome)
        }
        update.trust = answer.trust
        update.requested = took
        update.resumes = answer.resumes
        return (update, answer.waits)
    }

    // MARK: Reading

    static func limits(_ settings: BundleSettings) -> BundleLimits {
        var limits = BundleLimits()
        limits.fileSize = settings.sizeLimit
        return limits
    }

    private static func reader(_ settings: BundleSettings) -> BundleReader {
        var reader = BundleReader(name: settings.name)
        reader.limits = limits(settings)
        reader.verification = settings.signing?.verification
        return reader
    }

    /// Reads and verifies an archive, on a thread for that.
    static func read(
        archive: [UInt8], etag: String, _ settings: BundleSettings, _ images: BundleImages? = nil
    ) async -> BundleUpdate {
        await offline { () -> BundleUpdate in
            let start = SteadyClock.nanoseconds()
            let outcome: BundleUpdate.Outcome
            do throws(BundleFailure) {
                if let images, ImageFile.isImage(archive) {
                    let found = try images.take(archive, etag: etag, settings)
                    return BundleUpdate(outcome: .loaded(found), loaded: SteadyClock.nanoseconds() &- start)
                }
                let bundle = try reader(settings).read(archive: archive)
                outcome = .loaded(DownloadedBundle(bundle: bundle, archive: archive, etag: etag))
            } catch {
                outcome = .failed(BundleProblem(error, isImage: ImageFile.isImage(archive)))
            }
            return BundleUpdate(outcome: outcome, loaded: SteadyClock.nanoseconds() &- start)
        }
    }

    /// Reads an archive or a folder of this machine.
    static func read(
        file path: String, _ settings: BundleSettings, _ images: BundleImages? = nil
    ) async -> BundleUpdate {
        var info = stat()
        guard stat(path, &info) == 0 else {
            return BundleUpdate(outcome: .failed(BundleProblem(Files.failure("stat", path, errno).message)))
        }
        if info.st_mode & S_IFMT != S_IFDIR {
            if let images, ImageFile.isImage(path) { return await read(image: path, settings, images) }
            let bytes: Result<[UInt8], ServiceFailure> = await offline {
                do throws(ServiceFailure) {
                    return .success(try Files.read(path, limit: settings.archiveLimit))
                } catch { return .failure(error) }
            }
            switch bytes {
            case .success(let bytes): return await read(archive: bytes, etag: "", settings)
            case .failure(let failure): return BundleUpdate(outcome: .failed(BundleProblem(failure.message)))
            }
        }
        return await offline { () -> BundleUpdate in
            let start = SteadyClock.nanoseconds()
            let outcome: BundleUpdate.Outcome
            do throws(BundleFailure) {
                var reader = reader(settings)
                reader.isFolder = true
                let members = try BundleFolder.members(of: path, limits(settings))
                let bundle = try reader.read(members)
                outcome = .loaded(DownloadedBundle(bundle: bundle, archive: [], etag: ""))
            } catch {
                outcome = .failed(BundleProblem(error.message))
            }
            return BundleUpdate(outcome: outcome, loaded: SteadyClock.nanoseconds() &- start)
        }
    }

    /// Opens an image that came, in the file that it came into.
    private static func read(
        image file: BodyFile, etag: String, _ settings: BundleSettings, _ images: BundleImages?
    ) async -> BundleUpdate {
        guard let images else {
            return BundleUpdate(outcome: .failed(BundleProblem("there is no place for an image")))
        }
        return await offline { () -> BundleUpdate in
            let start = SteadyClock.nanoseconds()
            let outcome: BundleUpdate.Outcome
            do throws(BundleFailure) { outcome = .loaded(try images.take(file, etag: etag, settings)) } catch {
                outcome = .failed(BundleProblem(error, isImage: true))
            }
            return BundleUpdate(outcome: outcome, loaded: SteadyClock.nanoseconds() &- start)
        }
    }

    /// Opens an image of this machine where it lies.
    private static func read(
        image path: String, _ settings: BundleSettings, _ images: BundleImages
    ) async -> BundleUpdate {
        await offline { () -> BundleUpdate in
            let start = SteadyClock.nanoseconds()
            let outcome: BundleUpdate.Outcome
            do throws(BundleFailure) { outcome = .loaded(try images.open(path, settings).found) } catch {
                outcome = .failed(BundleProblem(error.message))
            }
            return BundleUpdate(outcome: outcome, loaded: SteadyClock.nanoseconds() &- start)
        }
    }

    /// Does what takes long on a thread for that.
    static func offline<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            ServiceConnections.shared.pool.submit { _ in continuation.resume(returning: body()) }
        }
    }
}
