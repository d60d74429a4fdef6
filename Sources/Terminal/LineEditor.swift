import CEditLine
import Glibc

/// Reads statements at a terminal: editing, history, completion, and messages above the line being typed.
///
/// libedit blocks and belongs to one thread; the editor keeps a thread of its own for it. At most one read is under way;
/// further ones wait for their turn.
public final class LineEditor: Sendable {
  public struct Settings: Sendable {
    public var input: Int32
    public var output: Int32
    /// The section of `~/.editrc` that applies, and libedit's name for the program.
    public var program: String
    public var readsEditrc: Bool
    /// The statements that Up goes through, the one it finds first at the end. Called on a thread of its own when the
    /// first prompt stands and when a search begins; keys that need them wait up to two seconds.
    public var recall: @Sendable () -> [String]
    /// Whether what was typed can be recalled later in this session.
    public var keeps: @Sendable (String) -> Bool
    /// Whether Enter ends the statement; if not, it begins a new line of it. Called on the editor's thread and must
    /// answer at once.
    public var isComplete: @Sendable (String) -> Bool
    /// What Tab offers for a text and the cursor's place in it (in characters). Called as `isComplete` is.
    public var complete: @Sendable (String, Int) -> Completion

    public init(
      input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO, program: String = "callsheet",
      readsEditrc: Bool = true, recall: @escaping @Sendable () -> [String] = { [] },
      keeps: @escaping @Sendable (String) -> Bool = { !$0.hasPrefix(" ") },
      isComplete: @escaping @Sendable (String) -> Bool = { _ in true },
      complete: @escaping @Sendable (String, Int) -> Completion = { _, _ in .none }
    ) {
      self.input = input
      self.output = output
      self.program = program
      self.readsEditrc = readsEditrc
      self.recall = recall
      self.keeps = keeps
      self.isComplete = isComplete
      self.complete = complete
    }
  }

  private let mailbox: Mailbox

  /// - Throws: `TerminalError` when its thread cannot be started.
  public init(_ settings: Settings) throws(TerminalError) {
    guard let mailbox = Mailbox() else {
      throw TerminalError(description: "the process has no file descriptor left for the line editor")
    }
    self.mailbox = mailbox
    let started = startDetachedThread {
      guard let loop = EditLoop(settings, mailbox) else { return EditLoop.refuseAll(mailbox) }
      loop.run()
    }
    if !started { throw TerminalError(description: "the system has no thread left for the line editor") }
  }

  deinit { mailbox.closeForGood() }

  /// Shows the prompt and reads one statement. The prompt may hold colour sequences. A cancelled task's read ends as if
  /// interrupted.
  /// `right` stands at the end of the prompt's row for as long as the line leaves it room.
  public func readLine(prompt: String, right: String = "") async -> LineResult {
    await read(prompt, right: right, isAnswer: false)
  }

  /// Shows a question and reads the answer: one line, which is neither completed nor kept. Ctrl-C is `interrupted`.
  public func ask(_ question: String) async -> LineResult {
    await read(question, right: "", isAnswer: true)
  }

  private func read(_ prompt: String, right: String, isAnswer: Bool) async -> LineResult {
    let id = mailbox.newID()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let request = Mailbox.Request(id: id, prompt: prompt, right: right, isAnswer: isAnswer) {
          continuation.resume(returning: $0)
        }
        if !mailbox.post(request) { continuation.resume(returning: .hangUp) }
      }
    } onCancel: {
      mailbox.post(.cancelled(request: id))
    }
  }

  /// Shows a message above the line being typed, which stays as it is; while nothing is read, above the next prompt. May
  /// be called from any thread and does not wait. The message may hold colour sequences and newlines.
  public func printAbove(_ message: String) { mailbox.post(.message(message)) }

  /// Changes the prompt of the statement being typed, which stays as it is. Does nothing while none is read.
  public func setPrompt(_ prompt: String, right: String = "") { mailbox.post(.prompt(prompt, right: right)) }

  /// Ends a read under way (`hangUp`) and gives the terminal back.
  public func close() { mailbox.closeForGood() }
}

/// A terminal that cannot be used, and why.
public struct TerminalError: Error, Equatable, CustomStringConvertible {
  public let description: String
}

/// The locale decides how bytes become characters. Without one that knows UTF-8 (as in a bare container) libedit would
/// swallow every letter beyond ASCII, so C.UTF-8 stands in. To be called once, before other threads read the locale.
public func prepareLocale() {
  setlocale(LC_CTYPE, "")
  let encoding = String(cString: nl_langinfo(Int32(CODESET)))
  if encoding.hasPrefix("ANSI") || encoding.isEmpty { setlocale(LC_CTYPE, "C.UTF-8") }
}
