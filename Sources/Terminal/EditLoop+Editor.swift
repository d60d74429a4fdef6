import CEditLine
import Glibc

/// Ctrl-X Ctrl-E: the statement in an editor of its own.
extension EditLoop {
  /// Opens what is typed in `$VISUAL` or `$EDITOR`, and takes what was saved back into the line. Nothing runs by itself.
  func editOutside() -> UInt8 {
    if isAnswer { return UInt8(CC_ERROR) }
    guard let file = TemporaryText(text) else { return UInt8(CC_ERROR) }
    defer { file.remove() }
    goToEnd()
    setBracketedPaste(false)
    callsheet_set_prepared(editor, 0)
    // Ctrl-C belongs to the editor while it has the terminal.
    let claim = SignalRelay.shared.claim([.interrupt, .suspend]) { _ in }
    let isSaved = runEditor(on: file.path)
    claim.release()
    callsheet_set_prepared(editor, 1)
    setBracketedPaste(true)
    updateSize()
    if isSaved, let edited = file.read() { replaceAll(with: edited) }
    callsheet_redraw(editor)
    return UInt8(CC_NORM)
  }

  private func runEditor(on path: String) -> Bool {
    let environment = processEnvironment()
    let command = [environment["VISUAL"], environment["EDITOR"], "vi"].compactMap { $0 }.first { !$0.isEmpty } ?? "vi"
    guard
      let process = ChildProcess.spawn(
        "exec \(command) \"$1\"", environment, [path], input: settings.input, output: settings.output)
    else { return false }
    return ChildProcess.exitCode(of: process) == 0
  }

  private func replaceAll(with text: String) {
    let kept = String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 == "\n" || $0.value >= 0x20 }))
    setLine(kept.hasSuffix("\n") ? String(kept.dropLast()) : kept)
  }

  /// Below the line, so that what the editor prints does not overwrite it.
  private func goToEnd() {
    let line = callsheet_current(editor)
    let below = row(of: Int(line.count)) - row(of: Int(line.cursor))
    write((below > 0 ? "\u{1B}[\(below)B" : "") + "\n")
  }
}

/// A text in a file that only its owner can read.
private struct TemporaryText {
  let path: String

  init?(_ text: String) {
    var template = Array("/tmp/callsheet-XXXXXX.txt".utf8CString)
    let descriptor = mkstemps(&template, 4)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard (try? OutputSink(descriptor).write(text + "\n")) != nil else { return nil }
  }

  func read() -> String? { TextFile.read(path) }

  func remove() { unlink(path) }
}
