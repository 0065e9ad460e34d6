#if !WRIT_LIGHT
    import Foundation
    import Testing

    @testable import WritCommands

    /// What `push` and `pull` say before they talk to anybody. Registries that answer: Tests/Clients/registry.
    @Suite struct RegistryCommandTests {
        @Test(arguments: [
            (["push"], "specify a reference and one bundle"),
            (["push", "r.example/a:1"], "specify a reference and one"),
            (["pull"], "specify exactly one reference"), (["pull", "a/b:1", "a/c:1"], "specify exactly one reference"),
            (["pull", "a/b:1", "-f", "yaml"], "must be one of {pretty,json}"),
            (["pull", "a/b:1", "--plain-http", "--ca-cert", "x"], "--plain-http has no certificates"),
            (["pull", "a/b:1", "-u", "jo"], "no password for jo"),
            (["pull", "a/b:1", "--password-stdin"], "--password-stdin wants --username"),
            (["push", "a/b:1", "x", "--annotation", "y"], "must be NAME=VALUE"),
        ])
        func usageIsTold(_ arguments: [String], _ words: String) throws {
            let run = try Workbench(["x": ""]).writ(arguments: arguments)
            #expect(run.status == 1)
            #expect(run.errors.contains(words), "\(run.errors)")
        }

        @Test(arguments: [
            (["pull", "bundle:1"], "error: reference: invalid reference \"bundle:1\""),
            (["pull", "r.example/Upper:1"], "is no name of a repository"),
            (["push", "r.example/a:1", "@x"], "error: bundle_truncated_error"),
            (["push", "r.example/a:1", "@none"], "error:"),
            (["push", "r.example/a:1", "@folder"], "is no archive"),
            // Nobody listens on port 1; other hosts are asked over TLS, those of this machine are not.
            (["pull", "0.0.0.0:1/a:1"], "Get \"https://0.0.0.0:1/v2/a/manifests/1\""),
            (["pull", "0.0.0.0:1/a:1", "--plain-http"], "Get \"http://0.0.0.0:1/v2/a/manifests/1\""),
            (["pull", "localhost:1/a:1"], "error: service: Get \"http://localhost:1/v2/a/manifests/1\""),
            (["pull", "127.0.0.1:1/a:1", "--ca-cert", "@none"], "error: service: open none"),
        ])
        func failuresAreTold(_ arguments: [String], _ words: String) async throws {
            let run = await Self.writ(arguments)
            #expect(run.status == 1)
            #expect(run.errors.contains(words), "\(run.errors)")
            let json = await Self.writ(arguments + ["-f", "json"])
            #expect(json.status == 1 && json.errors.isEmpty)
            #expect(json.output.contains("\"errors\": [") && json.output.contains("\"code\": "), "\(json.output)")
        }

        /// Runs a command on a thread of its own: it waits for tasks, which could all wait for its thread here.
        private static func writ(_ arguments: [String]) async -> Outcome {
            await withCheckedContinuation { continuation in
                Thread {
                    let bench = try? Workbench(["x": "", "folder/a.rego": "package a"])
                    continuation.resume(
                        returning: bench?.writ(arguments: arguments) ?? Outcome(status: -1, output: "", errors: ""))
                }.start()
            }
        }
    }
#endif
