import ArgumentParser
import Glibc
import Terminal

@main
enum Program {
  static func main() {
    prepareLocale()
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    // The parser takes longer to set up than all else that a statement needs, so what is plain is read without it.
    let plain = ShellInvocation(plain: arguments)
    let status = FirstThread.run {
      do {
        if let plain { try await plain.carryOut() } else { try await Callsheet.carryOut() }
        return 0
      } catch let code as ExitCode {
        // All is said.
        return code.rawValue
      } catch {
        Callsheet.exit(withError: error)
      }
    }
    // Nothing is left to be tidied up: connections end with the process, and whatever libraries would do at its end only
    // takes time.
    fflush(nil)
    _exit(status)
  }
}

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

  /// What the command line says, whatever it is.
  static func carryOut() async throws {
    var command = try parseAsRoot()
    if var command = command as? any AsyncParsableCommand {
      try await command.run()
    } else {
      try command.run()
    }
  }
}
