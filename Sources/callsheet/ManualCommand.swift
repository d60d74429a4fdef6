import ArgumentParser
import QueryLanguage
import Terminal

/// The manual page, from the same tables as `help` and `--help`; `scripts/install` puts it where `man` looks.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Print the manual page, for man.", shouldDisplay: false)

  func run() throws {
    var page = ".TH CALLSHEET 1 \"\" \"callsheet \(Callsheet.configuration.version)\" \"\"\n"
    page += ".SH NAME\ncallsheet \\- \(Self.plain(Callsheet.configuration.abstract))\n"
    page += ".SH SYNOPSIS\n.nf\n"
    for command in Self.commands { page += Self.plain("callsheet \(command.name)".trimmed) + " [options]\n" }
    page += ".fi\n.SH DESCRIPTION\n\(Self.plain(Callsheet.configuration.discussion))\n"
    for command in Self.commands {
      page += ".SS callsheet \(command.name)\n.nf\n\(Self.plain(command.help))\n.fi\n"
    }
    for kind in Topic.Kind.allCases {
      page += ".SH \(kind.rawValue.uppercased())S\n"
      for topic in Topic.all where topic.kind == kind {
        page += ".TP\n.B \(Self.plain(topic.usage))\n\(Self.plain(topic.summary)).\n"
        for example in topic.examples { page += ".br\n.I \(Self.plain(example))\n" }
      }
    }
    page += Self.end
    try OutputSink(1).write(page)
  }

  private static var commands: [(name: String, help: String)] {
    [
      ("", Callsheet.helpMessage(for: ShellCommand.self, columns: 78)),
      ("worker", Callsheet.helpMessage(for: WorkerCommand.self, columns: 78)),
      ("db", Callsheet.helpMessage(for: DatabaseCommand.self, columns: 78)),
      ("doctor", Callsheet.helpMessage(for: DoctorCommand.self, columns: 78)),
    ]
  }

  /// As roff takes it: no line begins as a request, and no backslash is one.
  private static func plain(_ text: String) -> String {
    text.replacing("\\", with: "\\e").replacing("-", with: "\\-").split(
      separator: "\n", omittingEmptySubsequences: false
    )
    .map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&" + $0 : $0 }.joined(separator: "\n")
  }

  private static let end = """
    .SH EXIT STATUS
    \(ExitStatus.allCases.map { "\($0.rawValue) \($0.summary)" }.joined(separator: ",\n")).
    .SH FILES
    .TP
    .I ~/.config/callsheet/rc
    statements that run when a prompt starts
    .TP
    .I ~/.local/state/callsheet/history.jsonl
    what was entered at prompts
    .TP
    .I ~/.editrc
    keys of the line editor

    """
}

extension String {
  fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}
