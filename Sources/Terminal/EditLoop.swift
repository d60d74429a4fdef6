import CEditLine
import Glibc

/// libedit and everything that only its thread touches. Not Sendable: it is made, used and ended on that thread.
final class EditLoop {
  let settings: LineEditor.Settings
  let mailbox: Mailbox
  let editor: OpaquePointer
  private let history: OpaquePointer
  /// `nothing` takes what libedit would draw wrong.
  let files:
    (input: UnsafeMutablePointer<FILE>, output: UnsafeMutablePointer<FILE>, nothing: UnsafeMutablePointer<FILE>)
  private(set) var prompt = PromptText("")
  private(set) var rightPrompt = PromptText("")
  private var promptBytes = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
  private var rightBytes = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
  /// Set when a read is to end before Enter; libedit is then told that reading failed.
  var outcome: LineResult?
  private var request: Int?
  /// Bytes of a character that is not whole yet.
  var undecoded: [CChar] = []
  var escapes = EscapeKeys()
  /// Characters that are ready for libedit.
  var ready: [UInt32] = []
  /// A paste is read: what looks like a key in it is none.
  var isPasting = false
  private(set) var editrc = ""
  var columns = 80
  var height = 24
  private var hasLoadedHistory = false
  /// The history is being read, and what was entered since that began.
  private var load: HistoryLoad?
  private var enteredMeanwhile: [String] = []
  /// What is read is the answer to a question.
  private(set) var isAnswer = false
  /// What stands in the line came out of the history.
  var isRecalled = false
  var walk = HistoryWalk()
  /// The same of the line to which the walk comes back.
  var ownIsRecalled = false
  var matched: HistoryMatch?
  /// A place in the line to come back to, and where the exchange of it with the cursor leads.
  var mark = 0
  var leapsTo = 0
  /// What stood in the line when a search began that has not been taken into the walk yet.
  var searchedFrom: String?
  var menu: CompletionMenu?
  /// The menu is to be drawn, and it is.
  var showsMenu = false
  var hasMenuBelow = false
  /// The terminal cannot move its cursor.
  private(set) var isDumb = false
  /// It goes on in the next row by itself.
  private(set) var wraps = false
  /// libedit has drawn something.
  var isDrawn = false

  static let historyLimit: Int32 = 5000

  /// nil when libedit cannot be started on these descriptors.
  init?(_ settings: LineEditor.Settings, _ mailbox: Mailbox) {
    guard let input = fdopen(dup(settings.input), "r") else { return nil }
    guard let output = fdopen(dup(settings.output), "w") else {
      fclose(input)
      return nil
    }
    guard let nothing = fopen("/dev/null", "we") else {
      fclose(input)
      fclose(output)
      return nil
    }
    guard
      let editor = el_init_fd(
        settings.program, input, output, output, settings.input, settings.output, settings.output),
      let history = history_winit()
    else {
      fclose(input)
      fclose(output)
      fclose(nothing)
      return nil
    }
    self.settings = settings
    self.mailbox = mailbox
    self.editor = editor
    self.history = history
    files = (input, output, nothing)
    promptBytes.initialize(to: 0)
    rightBytes.initialize(to: 0)
    configure()
  }

  deinit {
    el_end(editor)
    history_wend(history)
    fclose(files.input)
    fclose(files.output)
    fclose(files.nothing)
    promptBytes.deallocate()
    rightBytes.deallocate()
  }

  private func configure() {
    callsheet_set_client(editor, Unmanaged.passUnretained(self).toOpaque())
    callsheet_set_editor(editor, "emacs")
    isDumb = callsheet_goes_up(editor) == 0
    wraps = callsheet_wraps(editor) != 0
    // libedit would send a signal on to the whole process group.
    callsheet_set_signals(editor, 0)
    callsheet_keep_output(editor)
    callsheet_set_prompt(editor, { EditLoop.of($0)?.promptBytes }, CChar(PromptText.mark))
    callsheet_set_right_prompt(editor, { EditLoop.of($0)?.rightBytes }, CChar(PromptText.mark))
    callsheet_set_getc(editor) { editor, character in
      guard let loop = EditLoop.of(editor), let character else { return -1 }
      return loop.nextCharacter(UnsafeMutableRawPointer(character))
    }
    callsheet_history_limit(history, EditLoop.historyLimit)
    callsheet_history_unique(history, 1)
    callsheet_set_history(editor, history)
    addCommands()
    bindUsualKeys()
    if settings.readsEditrc {
      el_source(editor, nil)
      editrc = EditLoop.readEditrc()
    }
    bindKeys()
  }

  static func of(_ editor: OpaquePointer?) -> EditLoop? {
    guard let editor, let client = callsheet_client(editor) else { return nil }
    return Unmanaged<EditLoop>.fromOpaque(client).takeUnretainedValue()
  }

  /// Serves one request after the other until the mailbox is closed.
  func run() {
    while true {
      mailbox.clearWake()
      if let request = mailbox.takeRequest() {
        request.finish(read(request))
      } else if mailbox.isClosed {
        return
      } else {
        var entry = pollfd(fd: mailbox.wakeEnd, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, -1)
      }
    }
  }

  /// Answers every request where no terminal could be had.
  static func refuseAll(_ mailbox: Mailbox) {
    mailbox.closeForGood()
    while let request = mailbox.takeRequest() { request.finish(.hangUp) }
  }

  private func read(_ request: Mailbox.Request) -> LineResult {
    outcome = nil
    forgetKeys()
    self.request = request.id
    isAnswer = request.isAnswer
    isRecalled = false
    (ownIsRecalled, matched, searchedFrom) = (false, nil, nil)
    walk.begin()
    mark = 0
    menu = nil
    defer { self.request = nil }
    setPrompt(request.prompt, right: request.right)
    let claim = SignalRelay.shared.claim(TerminalSignal.allCases) { [mailbox] in mailbox.post(.signal($0)) }
    defer { claim.release() }
    let before = takeMessages()
    if !before.isEmpty { write(before) }
    if let outcome { return outcome }
    updateSize()
    setBracketedPaste(true)
    // libedit does so when the prompt already stands there: keys in between would be echoed, and then drawn once more.
    callsheet_set_prepared(editor, 1)
    var count: Int32 = 0
    let line = callsheet_read(editor, &count)
    setBracketedPaste(false)
    if let outcome {
      finishBrokenLine(outcome)
      return outcome
    }
    guard let line, count > 0 else {
      write("\n")
      return .endOfInput
    }
    return .line(accepted(UnsafeBufferPointer(start: line, count: Int(count))), isRecalled: isRecalled)
  }

  func setPrompt(_ text: String, right: String) {
    prompt = PromptText(text)
    Self.replace(&promptBytes, with: prompt)
    setRightPrompt(right)
  }

  /// A dumb terminal has no right side.
  func setRightPrompt(_ text: String) {
    rightPrompt = PromptText(isDumb ? "" : text)
    Self.replace(&rightBytes, with: rightPrompt)
  }

  private static func replace(_ bytes: inout UnsafeMutablePointer<CChar>, with text: PromptText) {
    bytes.deallocate()
    bytes = .allocate(capacity: text.bytes.count)
    bytes.initialize(from: text.bytes, count: text.bytes.count)
  }

  /// Messages that came while nothing was read. Old signals are of no interest to a new line, but a cancelled request is.
  private func takeMessages() -> String {
    var text = ""
    for event in mailbox.takeEvents() {
      switch event {
      case .message(let message): text += message + "\n"
      case .cancelled(let id) where id == request: outcome = .interrupted
      case .cancelled, .signal, .prompt, .historyLoaded: break
      }
    }
    return text
  }

  private func accepted(_ characters: UnsafeBufferPointer<UInt32>) -> String {
    var text = EditLoop.string(characters)
    // Not `hasSuffix`: after a carriage return the newline is no character of its own.
    if text.unicodeScalars.last == "\n" { text.unicodeScalars.removeLast() }
    let kept = text.trimmingEnd()
    if !isAnswer, !kept.isEmpty, settings.keeps(text) { remember(kept) }
    return text
  }

  /// Called when the first prompt stands on the screen.
  func loadHistoryOnce() {
    if !hasLoadedHistory { loadHistory() }
  }

  /// Has it read beside what is typed; where that cannot be, at once.
  func loadHistory() {
    hasLoadedHistory = true
    load = HistoryLoad(settings.recall) { [mailbox] in mailbox.post(.historyLoaded) }
    if load == nil { take(settings.recall()) }
  }

  /// Takes over what was read, waiting for it if need be.
  func finishLoadingHistory() {
    guard let load else { return }
    self.load = nil
    let loaded = load.result() ?? walk.statements
    let last = loaded.suffix(enteredMeanwhile.count)
    take(loaded + enteredMeanwhile.filter { !last.contains($0) })
    enteredMeanwhile = []
  }

  private func take(_ statements: [String]) {
    walk.load(statements, limit: Int(EditLoop.historyLimit))
    callsheet_history_clear(history)
    for statement in walk.statements { enterForSearch(statement) }
  }

  private func remember(_ statement: String) {
    if load != nil { enteredMeanwhile.append(statement) }
    walk.remember(statement, limit: Int(EditLoop.historyLimit))
    enterForSearch(statement)
  }

  /// libedit only searches what it has itself.
  private func enterForSearch(_ statement: String) {
    let wide = statement.unicodeScalars.map(\.value) + [0]
    callsheet_history_enter(history, wide)
  }

  private func finishBrokenLine(_ outcome: LineResult) {
    if rightPrompt.width > 0 {
      setRightPrompt("")
      goToStart()
      callsheet_redraw(editor)
    }
    // Below all rows of the line, so that the next prompt does not overwrite its end.
    let line = callsheet_current(editor)
    let below = row(of: line.count) - row(of: line.cursor)
    let down = below > 0 ? "\u{1B}[\(below)B" : ""
    write(down + (outcome == .interrupted ? "^C\n" : "\n"))
    el_reset(editor)
    forgetKeys()
  }

  private func forgetKeys() {
    undecoded = []
    escapes = EscapeKeys()
    ready = []
  }

  func isCurrent(_ id: Int) -> Bool { id == request }

  func setBracketedPaste(_ on: Bool) {
    if !isDumb { write("\u{1B}[?2004\(on ? "h" : "l")") }
  }

  /// Writes past libedit's own buffer; a terminal that has gone is noticed when it is read.
  func write(_ text: String) {
    fflush(files.output)
    try? OutputSink(settings.output).write(text.replacing("\n", with: "\r\n"))
  }

  /// Characters beyond Unicode, which a broken terminal might send, become the replacement character.
  static func string(_ characters: UnsafeBufferPointer<UInt32>) -> String {
    var text = String.UnicodeScalarView()
    for value in characters { text.append(Unicode.Scalar(value) ?? "\u{FFFD}") }
    return String(text)
  }
}

extension String {
  fileprivate func trimmingEnd() -> String {
    var slice = self[...]
    while let last = slice.last, last.isWhitespace { slice.removeLast() }
    return String(slice)
  }
}
