import ArgumentParser
import Rendering

struct ShellCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shell", abstract: "The prompt, or statements from -c, -f or standard input (the default).")

  @OptionGroup var database: DatabaseOptions
  @Option(
    name: .customShort("c"), parsing: .singleValue,
    help: ArgumentHelp("Run a statement; may be repeated.", valueName: "statement"))
  var statements: [String] = []
  @Option(
    name: .customShort("f"), parsing: .singleValue,
    help: ArgumentHelp("Run a file; may be repeated.", valueName: "file"))
  var files: [String] = []
  @Option(help: "The name under which actions are recorded; else CALLSHEET_USER or the login.") var user: String?
  @Option(help: "The project to use.") var project: String?
  @Option(help: "The run to use.") var run: String?
  @Option(
    name: .customLong("var"), parsing: .singleValue,
    help: ArgumentHelp("Give a variable a value; may be repeated.", valueName: "name=value"))
  var variables: [String] = []
  @Flag(name: [.customShort("y"), .long], help: "Do not ask before actions on everything.") var yes = false
  @Flag(help: "Show what everything would do, and change nothing.") var dryRun = false
  @Flag(name: [.customShort("1"), .long], help: "All statements take effect, or none.") var singleTransaction = false
  @Option(help: "What to do after a statement that failed.") var onError = ShellInvocation.OnError.stop
  @Option(name: [.customShort("o"), .customLong("format")], help: "How results are written.")
  var format = OutputFormat.table
  @Flag(help: "Do not read the rc file.") var noRc = false
  @Option(help: "Whether colours are used; NO_COLOR counts for auto.") var color = ShellInvocation.Coloring.auto
  @Option(help: "How errors are written.") var errors = ShellInvocation.ErrorFormat.text

  func validate() throws {
    for variable in variables where !variable.contains("=") {
      throw ValidationError("--var is given as name=value, not \"\(variable)\"")
    }
  }

  func run() async throws { try await invocation.carryOut() }

  var invocation: ShellInvocation {
    ShellInvocation(
      database: database.database, statements: statements, files: files, user: user, project: project, run: run,
      variables: variables, yes: yes, dryRun: dryRun, singleTransaction: singleTransaction, onError: onError,
      format: format, noRc: noRc, color: color, errors: errors)
  }
}

extension OutputFormat: ExpressibleByArgument {}
extension ShellInvocation.OnError: ExpressibleByArgument {}
extension ShellInvocation.Coloring: ExpressibleByArgument {}
extension ShellInvocation.ErrorFormat: ExpressibleByArgument {}
