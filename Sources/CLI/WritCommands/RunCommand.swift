import ArgumentParser
import Glibc
import NIOCore
import Writ
import WritBundle
import WritHostBuiltins
import WritMemory
import WritServer
import WritTelemetry
import WritTooling
import WritYAML

/// `writ run`: decisions over HTTP with `--server`, an interactive shell without.
struct RunCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Serves decisions over HTTP, or starts an interactive shell.",
        discussion: """
            Without --server: a shell that evaluates queries and takes rules, on a terminal with history, search and \
            completion; from a pipe it reads a script. `help` lists its commands. With --server: answers OPA's REST \
            API until it is told to stop (SIGTERM, SIGINT): it then takes no more connections, finishes the requests \
            in flight and exits with 0. Policies and data can be changed over HTTP while it runs; what is loaded from a \
            bundle (--bundle) belongs to the bundle.
            """)
    static let usage = "[flags] [files and folders]"
    static let example = "writ run --server --addr localhost:8181 policy data.json"
    static let flags =
        [
            FlagSpec("server", "s", .boolean), FlagSpec("addr", "a"), FlagSpec("log-level", "l"),
            FlagSpec("log-format"),
            FlagSpec("disable-telemetry", nil, .boolean), FlagSpec("skip-version-check", nil, .boolean),
            FlagSpec("skip-verify", nil, .boolean),
            FlagSpec("shutdown-grace-period"), FlagSpec("ignore"), FlagSpec("h2c", nil, .boolean),
            FlagSpec("bundle", "b", .boolean), FlagSpec("config-file", "c"), FlagSpec("set"), FlagSpec("set-file"),
            FlagSpec("authentication"), FlagSpec("authorization"), FlagSpec("watch", "w", .boolean),
            FlagSpec("diagnostic-addr"), FlagSpec("tls-cert-file"), FlagSpec("tls-private-key-file"),
            FlagSpec("tls-ca-cert-file"), FlagSpec("history", "H"), FlagSpec("format", "f"),
            FlagSpec("max-errors", "m"), FlagSpec("tls-cert-refresh-period"), FlagSpec("min-tls-version"),
            FlagSpec("tls-cipher-suites"),
            FlagSpec("shutdown-wait-period"), FlagSpec("unix-socket-perm"), FlagSpec("decision-cache-size"),
            FlagSpec("verify-images"), FlagSpec("threads"),
        ] + SharedFlags.versions + KeyedVerificationOptions.flags

    @Flag(name: [.customLong("server"), .customShort("s")], help: "Serve; without it there is a shell.")
    var isServer = false
    @Option(
        name: [.customLong("addr"), .customShort("a")],
        help:
            "Where to listen (repeatable): HOST:PORT, :PORT for every interface, unix://PATH. (default: localhost:8181)"
    )
    var addresses: [String] = []
    @Option(name: [.customLong("log-level"), .customShort("l")], help: "What is logged: debug, info, error.")
    var logLevel = "info"
    @Option(name: .customLong("log-format"), help: "How it is logged: json, text, json-pretty.")
    var logFormat = "json"
    @Flag(name: .customLong("disable-telemetry"), help: "Accepted; Writ reports to nobody.")
    var disablesTelemetry = false
    @Flag(name: .customLong("skip-version-check"), help: .hidden) var skipsVersionCheck = false
    @Option(name: .customLong("shutdown-grace-period"), help: "Seconds that requests in flight get at the end.")
    var gracePeriod = 10
    @Option(
        name: .customLong("shutdown-wait-period"),
        help: "Seconds that requests are still taken after the signal to stop, while others stop sending them.")
    var waitPeriod = 0
    @Flag(name: .customLong("h2c"), help: "Speak HTTP/2 without TLS with clients that begin with it.")
    var speaksPlainHTTP2 = false
    @Option(
        name: .customLong("decision-cache-size"),
        help: "Bytes of answers that each thread keeps, of decisions that take long and can only come out the same.")
    var cacheSize = 0
    @Option(name: .customLong("threads"), help: "Threads that answer requests; 0 for one a core.")
    var threads = 0
    @Option(name: .customLong("unix-socket-perm"), help: "The permissions of unix sockets, octal.")
    var socketPermissions = "755"
    @Option(name: .customLong("ignore"), help: "A shell pattern for names to leave out within folders (repeatable).")
    var ignored: [String] = []
    @Flag(name: [.customLong("watch"), .customShort("w")], help: "Load the files again whenever one of them changes.")
    var isWatching = false
    @Option(
        name: .customLong("verify-images"),
        help: "When a policy image (--bundle) is verified: once (a file that did not change is not read again), always."
    )
    var verifiesImages = "once"
    @OptionGroup var shell: ShellOptions
    @Flag(name: [.customLong("bundle"), .customShort("b")], help: "The paths are bundles: folders and archives.")
    var isBundle = false
    @Flag(name: .customLong("skip-verify"), help: "Believe what is in bundles, signed or not.")
    var skipsVerification = false
    @OptionGroup var verification: KeyedVerificationOptions
    @OptionGroup var versions: VersionOptions
    @OptionGroup var access: AccessOptions
    @OptionGroup var settings: ConfigurationOptions
    @Argument(help: "Files and folders to load.")
    var paths: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        let logger = try logger()
        var loader = LoaderOptions()
        loader.isBundle = isBundle
        loader.requiresVerification = isBundle && !skipsVerification
        if !skipsVerification { loader.verification = try verification.verification() }
        loader.version = versions.version
        loader.ignored = ignored.flatMap { $0.split(separator: ",").map(String.init) }
        guard isServer else { return try shell.run(paths, loader, isWatching, console) }
        guard (0...1024).contains(threads) else {
            throw UsageFailure(message: "invalid argument \"\(threads)\" for \"--threads\" flag: must be 0 to 1024")
        }
        Allocator.keepLittle(threads: threads > 0 ? threads : System.coreCount)
        var configuration = ServerConfiguration()
        let settings = try settings.read(id: Self.newID(), version: VersionCommand.current)
        settings.apply(to: &configuration)
        try access.apply(to: &configuration)
        let tracer = settings.runtime.tracing.map { SpanTracer($0) }
        configuration.tracer = tracer
        let compile = CompileOptions(functions: ConfigurationOptions.functions(settings, tracer))
        guard ["once", "always"].contains(verifiesImages) else {
            throw UsageFailure(
                message:
                    "invalid argument \"\(verifiesImages)\" for \"--verify-images\" flag: must be one of {once,always}"
            )
        }
        let served = ServedBundles(
            paths: paths, options: loader, compile: compile,
            images: ImageRecords(
                folder: settings.runtime.persistenceFolder + "/images", checksAlways: verifiesImages == "always"))
        let snapshot: Snapshot
        do throws(ProblemReport) {
            (snapshot, configuration.bundles) = try served.load()
        } catch {
            console.report(error.excerpts())
            return ExitStatus.failure
        }
        if !addresses.isEmpty {
            configuration.addresses = addresses.flatMap { $0.split(separator: ",").map(String.init) }
        }
        configuration.logger = logger
        configuration.cacheSize = max(0, cacheSize)
        configuration.threads = threads
        configuration.speaksPlainHTTP2 = speaksPlainHTTP2
        guard let permissions = Int(socketPermissions, radix: 8), (0...0o7777).contains(permissions) else {
            throw UsageFailure(message: "invalid permissions: \(socketPermissions): must be octal digits such as 755")
        }
        configuration.socketPermissions = permissions
        configuration.version = VersionCommand.current
        configuration.decodeYAML = { text in
            do throws(YAMLFailure) { return .success(try convertYAML(text)) } catch {
                return .failure(YAMLRefusal(error.message))
            }
        }
        configuration.explain = Explanations.json
        #if !WRIT_LIGHT
            configuration.describeCertificates = { ClientCertificates.json($0) }
        #endif
        let store = SnapshotStore(snapshot)
        let signals = Self.blockSignals()
        let parts = try RunningParts(
            settings.runtime, store, &configuration, isWatching: isWatching,
            verifiesImagesAlways: verifiesImages == "always")
        if isWatching { watch(store, served, logger) }
        return serve(store, configuration, signals, parts)
    }

    /// The signals that end serving. Threads that are started from here on inherit that they are not for them.
    private static func blockSignals() -> sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        return signals
    }

    /// Puts the files' present content in place of what is served whenever one of them changes. What does not compile
    /// is logged, and what was served before goes on.
    private func watch(
        _ store: SnapshotStore, _ served: ServedBundles, _ logger: ServerLogger
    ) {
        let paths = paths
        let watcher = FileWatcher(paths.map { Loader.path(of: $0) })
        Threads.detach {
            while watcher.wait() {
                let start = Measurements.now()
                do throws(ProblemReport) {
                    store.replace(with: try served.load().snapshot)
                    let took = GoDuration.text(nanoseconds: Measurements.now() &- start)
                    logger.log(.info, "Processed file watch event.", [("duration", .text(took))])
                } catch {
                    let text = String(decoding: error.concise(), as: UTF8.self)
                    logger.log(.error, "Failed to reload files.", [("err", .text(text))])
                }
            }
        }
    }

    private func serve(
        _ store: SnapshotStore, _ configuration: ServerConfiguration, _ signals: sigset_t, _ parts: RunningParts
    ) -> Int32 {
        let logger = configuration.logger
        parts.start()
        defer { parts.stop() }
        let server: Server
        do throws(ServerFailure) {
            server = try Server.start(store, configuration)
        } catch {
            logger.log(.error, "Unable to start listening.", [("err", .text(error.message))])
            return ExitStatus.failure
        }
        logger.log(
            .info, "Initializing server.",
            [
                ("addrs", .list(configuration.addresses)),
                ("diagnostic-addrs", .list(configuration.diagnosticAddresses)),
            ])
        for address in server.addresses { logger.log(.debug, "Listening.", [("addr", .text(address))]) }
        ProgramPages.giveBack()
        var signal: Int32 = 0
        var signals = signals
        while sigwait(&signals, &signal) == EINTR {}
        if waitPeriod > 0 {
            logger.log(.info, "Shutdown initiated; requests are still taken.", [("wait-period", .number(waitPeriod))])
            Self.wait(seconds: waitPeriod)
        }
        logger.log(.info, "Shutting down...")
        server.stop(gracePeriod: Double(gracePeriod))
        logger.log(.info, "Server shutdown.")
        return ExitStatus.success
    }

    /// Holds the thread for a time, or until another signal to stop comes.
    private static func wait(seconds: Int) {
        var limit = timespec(tv_sec: seconds, tv_nsec: 0)
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        while sigtimedwait(&signals, nil, &limit) == -1, errno == EINTR {}
    }

    /// An id for the server, new with each start.
    private static func newID() -> String {
        var random = SystemRandomNumberGenerator()
        var id: [UInt8] = []
        for index in 0..<16 {
            if [4, 6, 8, 10].contains(index) { id.append(UInt8(ascii: "-")) }
            var byte = UInt8.random(in: .min ... .max, using: &random)
            // Version 4, variant 1 of RFC 4122.
            if index == 6 { byte = byte & 0x0f | 0x40 }
            if index == 8 { byte = byte & 0x3f | 0x80 }
            let digits = Array("0123456789abcdef".utf8)
            id += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: id, as: UTF8.self)
    }

    private func logger() throws(UsageFailure) -> ServerLogger {
        let level: ServerLogger.Level
        switch logLevel {
        case "debug": level = .debug
        case "info": level = .info
        case "warn": level = .warn
        case "error": level = .error
        default: throw UsageFailure(message: "invalid log level: \(logLevel): must be debug, info or error")
        }
        let format: ServerLogger.Format
        switch logFormat {
        case "json": format = .json
        case "json-pretty": format = .prettyJSON
        case "text": format = .text
        default: throw UsageFailure(message: "invalid log format: \(logFormat): must be json, text or json-pretty")
        }
        return ServerLogger(level: level, format: format)
    }
}
