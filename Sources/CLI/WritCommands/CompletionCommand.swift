import ArgumentParser
import WritTooling

/// `writ completion`: what makes a shell complete commands and flags.
struct CompletionCommand: WritCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Prints what makes a shell complete commands and flags.",
        discussion: """
            bash: put `source <(writ completion bash)` into ~/.bashrc. zsh: write the output to a file `_writ` in a \
            folder of $fpath. fish: write it to ~/.config/fish/completions/writ.fish.
            """)
    static let usage = "bash|zsh|fish"
    static let example = "writ completion bash"
    static let flags: [FlagSpec] = []

    @Argument(help: "The shell: bash, zsh, fish.")
    var shells: [String] = []

    func execute(_ console: Console) throws -> Int32 {
        guard shells.count == 1, let name = shells.first else { throw UsageFailure(message: "specify one shell") }
        guard let shell = CompletionShell.supported.first(where: { $0 == name }) else {
            throw UsageFailure(
                message: "unknown shell \"\(name)\": there are bash, zsh and fish",
                suggestion: nearest(name, among: CompletionShell.supported))
        }
        switch shell {
        case "bash": console.print(Array(CompletionShell.bash(Root.commands).utf8))
        case "zsh": console.print(Array(CompletionShell.zsh(Root.commands).utf8))
        default: console.print(Array(CompletionShell.fish(Root.commands).utf8))
        }
        return ExitStatus.success
    }
}

/// Scripts of shells.
enum CompletionShell {
    static let supported = ["bash", "zsh", "fish"]

    static func bash(_ commands: [any WritCommand.Type]) -> String {
        var cases = ""
        for command in commands {
            let flags = command.flags.map { "--\($0.name)" } + ["--help"]
            cases += "        \(command.name)) words=\"\(flags.joined(separator: " "))\" ;;\n"
        }
        return """
            # bash completion for writ
            _writ() {
                local word="${COMP_WORDS[COMP_CWORD]}" words=""
                if [ "$COMP_CWORD" -eq 1 ]; then
                    COMPREPLY=($(compgen -W "\(commands.map { $0.name }.joined(separator: " ")) help" -- "$word"))
                    return
                fi
                case "${COMP_WORDS[1]}" in
            \(cases)    esac
                if [ "${word#-}" != "$word" ]; then
                    COMPREPLY=($(compgen -W "$words" -- "$word"))
                else
                    COMPREPLY=($(compgen -f -- "$word"))
                fi
            }
            complete -o filenames -F _writ writ

            """
    }

    static func zsh(_ commands: [any WritCommand.Type]) -> String {
        var text = "#compdef writ\n# zsh completion for writ\n_writ() {\n  local -a commands\n  commands=(\n"
        for command in commands {
            text += "    '\(command.name):\(quoted(command.configuration.abstract))'\n"
        }
        text +=
            "  )\n  if (( CURRENT == 2 )); then\n    _describe 'command' commands\n    return\n  fi\n  case $words[2] in\n"
        for command in commands {
            text += "    \(command.name))\n      _arguments \\\n"
            for flag in command.flags {
                text += "        '*--\(flag.name)\(flag.value == .required ? "=:value:_files" : "")' \\\n"
            }
            text += "        '*:file:_files' ;;\n"
        }
        return text + "  esac\n}\n_writ \"$@\"\n"
    }

    static func fish(_ commands: [any WritCommand.Type]) -> String {
        var text = "# fish completion for writ\n"
        for command in commands {
            text +=
                "complete -c writ -n __fish_use_subcommand -f -a \(command.name) -d '\(quoted(command.configuration.abstract))'\n"
            for flag in command.flags {
                var line = "complete -c writ -n '__fish_seen_subcommand_from \(command.name)' -l \(flag.name)"
                if let short = flag.short { line += " -s \(short)" }
                if flag.value == .required { line += " -r" }
                text += line + "\n"
            }
        }
        return text
    }

    private static func quoted(_ text: String) -> String {
        text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "").split(separator: ":")
            .joined(separator: ",")
    }
}
