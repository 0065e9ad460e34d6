import Writ
import WritDecisionLog
import WritJournal

/// `decision_logs` of the configuration, as OPA has it; `file`, `journal` and `reporting.when_full` are Writ's own.
extension DecisionLogSettings {
    private static let known = [
        "plugin", "service", "partition_name", "reporting", "request_context", "mask_decision", "drop_decision",
        "console", "resource", "nd_builtin_cache", "file", "journal",
    ]
    private static let knownReporting = [
        "buffer_type", "buffer_size_limit_bytes", "buffer_size_limit_events", "upload_size_limit_bytes",
        "min_delay_seconds", "max_delay_seconds", "max_decisions_per_second", "trigger", "when_full",
    ]

    /// The settings; nil where nothing is to be logged.
    static func read(
        _ root: SettingsObject, services: [ServiceSettings], trigger: TriggerMode?, persistenceFolder: String
    ) throws(SettingsFailure) -> DecisionLogSettings? {
        guard root.has("decision_logs") else { return nil }
        let object = try root.object("decision_logs", known)
        guard !object.has("plugin") else {
            throw SettingsFailure("decision_logs.plugin: there are no plugins; use service, console or file")
        }
        var settings = DecisionLogSettings()
        settings.isOnConsole = try object.flag("console") ?? false
        let own = try object.flag("nd_builtin_cache")
        let common = try root.flag("nd_builtin_cache")
        settings.keepsNondeterministicResults = own ?? common ?? false
        settings.file = try file(object)
        if let name = try object.text("service"), !name.isEmpty {
            guard services.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw SettingsFailure("invalid service name \"\(name)\" in decision_logs")
            }
            settings.service = name
        } else if !settings.isOnConsole, settings.file == nil {
            // As OPA does for old configurations: the first service, where nothing else takes the events.
            settings.service = services.first?.name
        }
        guard settings.ships || settings.isOnConsole else { return nil }
        if let partition = try object.text("partition_name"), !partition.isEmpty {
            settings.resource = "/logs/\(partition)"
        } else if let resource = try object.text("resource") {
            settings.resource = resource
        }
        if let mask = try object.document("mask_decision") { settings.mask = mask }
        if let drop = try object.document("drop_decision") { settings.drop = drop }
        let context = try object.object("request_context", ["http"])
        settings.headers = try context.object("http", ["headers"]).texts("headers")
        try settings.readReporting(object, trigger)
        try settings.readJournal(object, persistenceFolder)
        return settings
    }

    private static func file(_ object: SettingsObject) throws(SettingsFailure) -> File? {
        guard object.has("file") else { return nil }
        let entry = try object.object("file", ["path", "max_bytes", "keep"])
        guard let path = try entry.text("path"), !path.isEmpty else {
            throw SettingsFailure("decision_logs.file.path is missing")
        }
        var file = File(path: path)
        if let bytes = try entry.number("max_bytes", 4096...Int.max / 2) { file.maximumBytes = bytes }
        if let keep = try entry.number("keep", 0...1000) { file.keep = keep }
        return file
    }

    private mutating func readReporting(
        _ object: SettingsObject, _ inherited: TriggerMode?
    ) throws(SettingsFailure) {
        let reporting = try object.object("reporting", Self.knownReporting)
        let range = 0...Int(Int32.max)
        let minimum = try reporting.number("min_delay_seconds", range)
        let maximum = try reporting.number("max_delay_seconds", range)
        switch (minimum, maximum) {
        case (let minimum?, let maximum?):
            guard minimum <= maximum else {
                throw SettingsFailure("max reporting delay must be >= min reporting delay in decision_logs")
            }
            (minimumDelay, maximumDelay) = (minimum, maximum)
        case (_?, nil):
            throw SettingsFailure("reporting configuration missing 'max_delay_seconds' in decision_logs")
        case (nil, _?):
            throw SettingsFailure("reporting configuration missing 'min_delay_seconds' in decision_logs")
        case (nil, nil): break
        }
        if let text = try reporting.text("trigger") {
            guard let mode = Trigger(rawValue: text) else {
                throw SettingsFailure(
                    "invalid decision_log config: invalid trigger mode \"\(text)\" "
                        + "(want \"periodic\", \"immediate\" or \"manual\")")
            }
            guard inherited == nil || inherited?.rawValue == mode.rawValue else {
                throw SettingsFailure(
                    "invalid decision_log config: trigger mode mismatch: \(inherited?.rawValue ?? "") and \(text) "
                        + "(hint: check discovery configuration)")
            }
            trigger = mode
        } else if inherited == .manual {
            trigger = .manual
        }
        if let bytes = try reporting.number("upload_size_limit_bytes", 90...1 << 30) { uploadBytes = bytes }
        if let text = try reporting.text("when_full") {
            guard let choice = JournalSettings.WhenFull(rawValue: text) else {
                throw SettingsFailure(
                    "invalid when_full \"\(text)\" in decision_logs.reporting "
                        + "(want \"drop_oldest\", \"drop_allows_first\" or \"refuse\")")
            }
            whenFull = choice
        }
        try readBuffer(reporting)
    }

    private mutating func readBuffer(_ reporting: SettingsObject) throws(SettingsFailure) {
        let type = try reporting.text("buffer_type") ?? ""
        guard ["", "size", "event"].contains(type) else {
            throw SettingsFailure("invalid buffer type \"\(type)\", expected \"event\" or \"size\"")
        }
        let countsEvents = type == "event"
        if countsEvents, reporting.has("buffer_size_limit_bytes") {
            throw SettingsFailure(
                "invalid decision_log config, 'buffer_size_limit_bytes' isn't supported for the event buffer type")
        }
        if !countsEvents, reporting.has("buffer_size_limit_events") {
            throw SettingsFailure(
                "invalid decision_log config, 'buffer_size_limit_events' isn't supported for the size buffer type")
        }
        let rate = try reporting.decimal("max_decisions_per_second")
        if rate != nil, reporting.has("buffer_size_limit_bytes") {
            throw SettingsFailure(
                "invalid decision_log config, specify either 'buffer_size_limit_bytes' or 'max_decisions_per_second'")
        }
        if let rate {
            guard rate >= 0 else { throw SettingsFailure("invalid max_decisions_per_second in decision_logs") }
            maximumPerSecond = rate
        }
        let bytes = try reporting.number("buffer_size_limit_bytes", Int.min...Int.max)
        let events = try reporting.number("buffer_size_limit_events", Int.min...Int.max)
        guard bytes ?? 1 > 0 else {
            throw SettingsFailure("invalid decision_log config, 'buffer_size_limit_bytes' must be higher than 0")
        }
        guard events ?? 1 > 0 else {
            throw SettingsFailure("invalid decision_log config, 'buffer_size_limit_entries' must be higher than 0")
        }
        buffer = .memory(bytes: bytes, events: countsEvents ? events ?? 10_000 : nil)
    }

    private mutating func readJournal(_ object: SettingsObject, _ folder: String) throws(SettingsFailure) {
        guard object.has("journal") else { return }
        let entry = try object.object(
            "journal", ["directory", "max_bytes", "segment_bytes", "sync", "sync_interval_milliseconds"])
        let bytes = try entry.number("max_bytes", 1...1 << 40) ?? 256 << 20
        var journal = JournalSettings(
            directory: try entry.text("directory") ?? folder + "/decisions", maximumBytes: bytes,
            segmentBytes: try entry.number("segment_bytes", 1...1 << 30), whenFull: whenFull)
        let milliseconds = try entry.number("sync_interval_milliseconds", 1...3_600_000)
        switch try entry.text("sync") ?? "interval" {
        case "interval": journal.sync = .interval(milliseconds: milliseconds ?? 100)
        case "each":
            guard milliseconds == nil else {
                throw SettingsFailure("decision_logs.journal.sync_interval_milliseconds is for sync: interval")
            }
            journal.sync = .each
        case let other:
            throw SettingsFailure("invalid sync \"\(other)\" in decision_logs.journal (want \"interval\" or \"each\")")
        }
        guard ships else {
            throw SettingsFailure("decision_logs.journal: nothing takes the events away; name a service or a file")
        }
        buffer = .journal(journal)
    }
}
