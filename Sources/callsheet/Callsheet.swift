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
      // The parser takes longer to set up than all else that a statement needs, so what is plain is read without it.
      let arguments = Array(CommandLine.arguments.dropFirst())
      if let plain = ShellInvocation(plain: arguments) { return try await plain.carryOut() }
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let code as ExitCode {
      // All is said.
      Foundation.exit(code.rawValue)
    } catch {
      exit(withError: error)
    }
  }
}
