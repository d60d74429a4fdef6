import ArgumentParser
import Foundation
import Terminal

@main
struct Callsheet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "callsheet",
    abstract: "Mission control for bulk media production.",
    discussion: """
      Without a subcommand it is the shell: a prompt on a terminal, else statements from standard input. \
      Type  help  at the prompt for the language.
      """,
    version: "0.1.0",
    subcommands: [ShellCommand.self, WorkerCommand.self, DatabaseCommand.self, DoctorCommand.self, ManualCommand.self],
    defaultSubcommand: ShellCommand.self)

  static func main() async {
    prepareLocale()
    signal(SIGPIPE, SIG_IGN)
    do {
      // The whole tree of commands takes longer to read than all else that a statement needs; what does not parse as the
      // shell is explained by the tree.
      if let shell = try? ShellCommand.parse() { return try await shell.run() }
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      exit(withError: error)
    }
  }
}
