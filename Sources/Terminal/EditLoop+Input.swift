import CEditLine
import Glibc

/// Waiting for keys, mail and signals at once, and keeping the screen right meanwhile.
extension EditLoop {
  /// libedit's request for a character: 1 with one, 0 at the end of input, -1 when the read is to be broken off.
  func nextCharacter(_ character: UnsafeMutableRawPointer) -> Int32 {
    loadHistoryOnce()
    restoreAfterSearch()
    if callsheet_current(editor).count == 0 { isRecalled = false }
    isDrawn = true
    repaint()
    drawMenu()
    while true {
      mailbox.clearWake()
      for event in mailbox.takeEvents() { handle(event) }
      if mailbox.isClosed { outcome = outcome ?? .hangUp }
      if outcome != nil {
        eraseMenu()
        errno = EINTR
        return -1
      }
      if !ready.isEmpty { return store(ready.removeFirst(), character) }
      if isDrawn, !hasMenuBelow { repaint() }
      var entries = [
        pollfd(fd: settings.input, events: Int16(POLLIN), revents: 0),
        pollfd(fd: mailbox.wakeEnd, events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&entries, 2, escapes.isWaiting ? EscapeKeys.patience : -1)
      if count < 0, errno != EINTR { outcome = .hangUp }
      if count == 0 { ready = escapes.giveUp() }
      if count <= 0 || entries[0].revents == 0 { continue }
      switch readByte() {
      case .some(0): return 0
      case .some: if let value = decoded() { ready = isPasting ? [value] : escapes.take(value, meaning: meaning) }
      case nil: continue
      }
    }
  }

  private func store(_ value: UInt32, _ character: UnsafeMutableRawPointer) -> Int32 {
    noteSize()
    eraseMenu()
    character.storeBytes(of: value, as: UInt32.self)
    return 1
  }

  /// How many bytes came: 0 at the end of input; nil when there is none now or the terminal has gone. One at a time, so
  /// that what is typed ahead stays for whoever reads the terminal next.
  private func readByte() -> Int? {
    var byte: CChar = 0
    let count = Glibc.read(settings.input, &byte, 1)
    if count == 1 { undecoded.append(byte) }
    if count < 0 {
      if errno != EINTR, errno != EAGAIN { outcome = .hangUp }
      return nil
    }
    return count
  }

  private func decoded() -> UInt32? {
    var value: UInt32 = 0
    let used = callsheet_decode(undecoded, undecoded.count, &value)
    if used == 0, undecoded.count < 8 { return nil }
    // Bytes that are no character are dropped, as libedit itself does.
    undecoded = []
    return used > 0 ? value : nil
  }

  private func handle(_ event: Mailbox.Event) {
    switch event {
    case .message(let text): printAbove(text)
    case .prompt(let text, let right): if !isAnswer { showPrompt(text, right) }
    case .historyLoaded: finishLoadingHistory()
    case .cancelled(let id): if isCurrent(id) { outcome = .interrupted }
    case .signal(let signal): handle(signal)
    }
  }

  private func handle(_ signal: TerminalSignal) {
    switch signal {
    case .interrupt: outcome = .interrupted
    case .terminate, .hangUp:
      // Also for whoever asks next: a question may be what is read now.
      mailbox.closeForGood()
      outcome = .hangUp
    case .resize: redrawResized()
    case .suspend:
      write("\u{1B}[?2004l\n")
      callsheet_set_prepared(editor, 0)
      kill(getpid(), SIGSTOP)
    case .resume:
      callsheet_set_prepared(editor, 1)
      write("\u{1B}[?2004h")
      redraw()
    }
  }

  private func printAbove(_ text: String) {
    noteSize()
    goToStart()
    write(text + "\n")
    redraw()
  }

  private func showPrompt(_ text: String, _ right: String) {
    if PromptText(text) == prompt, PromptText(right) == rightPrompt { return }
    noteSize()
    goToStart()
    setPrompt(text, right: right)
    redraw()
  }
}
