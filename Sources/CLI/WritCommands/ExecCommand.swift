import ArgumentParser
import Glibc
import Writ
import WritHostBuiltins
import WritTooling

/// `writ exec`: one decision for each of many inputs.
struct ExecCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Decides for each of many input files.",
        discussion: """
            Prints a result for each file, folders with all JSON and YAML files in them. Exits with 1 when an input \
            cannot be read; see also --fail, --fail-defined and --fail-non-empty.
            """)
    static let usage = "<path> [<path> [...]] [flags]"
    static let example = "writ exec --decision fleet/access/allow -b bundle input.json"
    static let flags =
        [
            FlagSpec("bundle", "b"), FlagSpec("decision"), FlagSpec("fail", nil, .boolean),
            FlagSpec("fail-defined", nil, .boolean), FlagSpec("fail-non-empty", nil, .boolean),
            FlagSpec("stdin-input", "I", .boolean), FlagSpec("format", "f"), FlagSpec("log-format"),
            FlagSpec("log-level", "l"), FlagSpec("log-timestamp-format"), FlagSpec("timeout"),
            FlagSpec("config-file", "c"), FlagSpec("set"),
            FlagSpec("set-file"),
        ] + SharedFlags.versions

    @Option(
        name: [.customLong("bundle"), .customShort("b")], help: "A bundle to load, a folder or an archive (repeatable)."
    )
    var bundles: [String] = []
    @Option(name: .customLong("decision"), help: "The path of the decision. (default: system/main)")
    var decision = "system/main"
    @Flag(name: .customLong("fail"), help: "Exit with 1 when a decision is undefined or fails.")
    var failsWhenUndefined = false
    @Flag(name: .customLong("fail-defined"), help: "Exit with 1 when a decision is defined.")
    var failsWhenDefined = false
    @Flag(name: .customLong("fail-non-empty"), help: "Exit with 1 when a decision is not empty, or fails.")
    var failsWhenNotEmpty = false
    @Flag(name: [.customLong("stdin-input"), .customShort("I")], help: "Read the input from standard input.")
    var isInputOnStandardInput = false
    @Option(name: [.customLong("format"), .customShort("f")], help: "How to print: json.")
    var format = "json"
    @Option(name: .customLong("log-format"), help: "How errors are logged: text, json, json-pretty.")
    var logFormat = "json"
    @Option(name: [.customLong("log-level"), .customShort("l")], help: "Accepted; errors are logged.")
    var logLevel = "error"
    @Option(name: .customLong("log-timestamp-format"), help: "Accepted; times are as in RFC 3339.")
    var logTimestampFormat: String?
    @Option(name: .customLong("timeout"), help: "The time that all decisions may take, such as 10s.")
    var timeout: String?
    @Option(name: [.customLong("config-file"), .customShort("c")], help: .hidden) var configFile: String?
    @Option(name: .customLong("set"), help: .hidden) var settings: [String] = []
    @Option(name: .customLong("set-file"), help: .hidden) var settingFiles: [String] = []
    @OptionGroup var versions: VersionOptions
    @Argument(help: "Files and folders with inputs.")
    var paths: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        if configFile != nil || !settings.isEmpty || !settingFiles.isEmpty {
            throw UsageFailure(message: "configuration (--config-file, --set): not supported yet")
        }
        guard format == "json" || format == "pretty" else {
            throw UsageFailure(
                message: "invalid argument \"\(format)\" for \"-f, --format\" flag: must be one of {json}")
        }
        guard isInputOnStandardInput || !paths.isEmpty else {
            log("requires at least 1 path arg, or the --stdin-input flag", isText: true, console)
            return ExitStatus.failure
        }
        let asked = [failsWhenUndefined, failsWhenDefined, failsWhenNotEmpty].filter { $0 }.count
        guard asked <= 1 else {
            log("specify --fail or --fail-defined or --fail-non-empty but not more than one", isText: true, console)
            return ExitStatus.failure
        }
        let workspace: Workspace
        do throws(ProblemReport) {
            var loader = LoaderOptions()
            loader.version = versions.version
            let loaded = try Loader.load([], bundles: bundles, options: loader)
            workspace = try Workspace.make(loaded, versions.version, CompileOptions(functions: .all))
        } catch {
            console.report(error)
            return ExitStatus.failure
        }
        let inputs: [(name: String, text: [UInt8])]
        do throws(FileFailure) {
            inputs = isInputOnStandardInput ? [("--stdin-input", console.input())] : try InputFiles.all(paths)
        } catch {
            log("exec error: lstat \(error.path): \(error.message.split(separator: ": ").last ?? "")", console)
            return ExitStatus.failure
        }
        let deadline: Deadline
        do throws(ProblemReport) { deadline = try Deadline(after: timeout) } catch {
            console.report(error)
            return ExitStatus.failure
        }
        return decide(inputs, workspace, deadline, console)
    }

    private func decide(
        _ inputs: [(name: String, text: [UInt8])], _ workspace: Workspace, _ deadline: Deadline,
        _ console: Console
    ) -> Int32 {
        let evaluator = Evaluator(workspace.snapshot)
        evaluator.onPrint = { line, _, _ in console.report(line) }
        let target = workspace.snapshot.target(decision.utf8.split(separator: 0x2F).map { Array($0) })
        var results: [String] = []
        var failures = 0
        var errors = 0
        let progress = console.terminal.isErrors ? Progress("inputs", of: inputs.count) : nil
        for (number, input) in inputs.enumerated() {
            deadline.apply(to: evaluator)
            let result = self.result(input, target, evaluator)
            progress?.show(number + 1)
            results.append(result.json)
            if result.isFailure { failures += 1 }
            if result.isError { errors += 1 }
        }
        progress?.clear()
        console.print("{\n  \"result\": [\n" + results.joined(separator: ",\n") + "\n  ]\n}")
        let flag: String? =
            failsWhenUndefined
            ? "fail" : failsWhenDefined ? "fail-defined" : failsWhenNotEmpty ? "fail-non-empty" : nil
        guard let flag, failures + errors > 0 else { return ExitStatus.success }
        log(
            "exec error: there were \(failures) failures and \(errors) errors counted in the results list, and --\(flag) is set",
            console)
        return ExitStatus.failure
    }

    private func result(
        _ input: (name: String, text: [UInt8]), _ target: DecisionTarget, _ evaluator: Evaluator
    ) -> (json: String, isFailure: Bool, isError: Bool) {
        let path = "      \"path\": \(TestFormats.quoted(input.name))"
        do throws(ProblemReport) {
            let document = try Document.json(input.text, name: input.name)
            do throws(DecisionFailure) {
                evaluator.begin()
                let read: Result<Value, DecisionFailure> = document.withUnsafeBufferPointer { bytes in
                    do throws(DecisionFailure) { return .success(try evaluator.read(bytes)) } catch {
                        return .failure(error)
                    }
                }
                let value = try evaluator.evaluate(target, input: try read.get())
                guard value.isDefined else {
                    return (
                        error(path, "opa_undefined_error", "\(decision) decision was undefined"), false,
                        failsWhenUndefined
                    )
                }
                var text = ByteBuffer()
                let json = (try? evaluator.space.json(value, style: JSONStyle(isPretty: true))) ?? []
                text.appendIndented(json, by: 6)
                // As OPA has it: null is as good as nothing, and of what there is only lists can be empty.
                let isEmpty = value.isNull || (value.isArray || value.isSet) && value.count == 0
                let isFailure =
                    failsWhenUndefined && value.isNull || failsWhenDefined && !value.isNull
                    || failsWhenNotEmpty && !isEmpty
                return (
                    "    {\n      \"decision_id\": \"\(Identifier.random())\",\n\(path),\n      \"result\": \(String(decoding: text.bytes, as: UTF8.self))\n    }",
                    isFailure, false
                )
            } catch {
                return (self.error(path, error.code, error.message), false, true)
            }
        } catch {
            return (self.error(path, "invalid_parameter", error.problems.first?.message ?? ""), false, true)
        }
    }

    private func error(_ path: String, _ code: String, _ message: String) -> String {
        "    {\n\(path),\n      \"error\": {\n        \"code\": \(TestFormats.quoted(code)),\n        \"message\": \(TestFormats.quoted(message))\n      }\n    }"
    }

    /// The present second, in UTC, as RFC 3339 has it.
    private static func now() -> String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + String(number) }
        return "\(Int(parts.tm_year) + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
            + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }

    /// An error in the words and the form of OPA's log.
    private func log(_ message: String, isText: Bool = false, _ console: Console) {
        let time = Self.now()
        if isText || logFormat == "text" {
            console.report("time=\"\(time)\" level=error msg=\"Unexpected error.\" err=\"\(message)\"")
        } else {
            console.report(
                "{\"err\":\(TestFormats.quoted(message)),\"level\":\"error\",\"msg\":\"Unexpected error.\",\"time\":\"\(time)\"}"
            )
        }
    }
}
