import Foundation
import Glibc
import Terminal
import Testing

/// Each test sits at a real terminal (a pseudo-terminal) and looks at its screen. One after the other: the signals of
/// the process belong to whoever reads last.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct LineEditorTests {
  @Test func `A typed line is read, and the terminal is given back as it was`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor()
    let result = try await terminal.read(editor, prompt: "\u{1B}[1;36mneon-city/spring\u{1B}[0m> ") {
      await terminal.waitFor("neon-city/spring>")
      terminal.type("select cells")
      await terminal.waitFor("neon-city/spring> select cells")
      terminal.type("\r")
    }
    #expect(result == .line("select cells"))
    #expect(terminal.raw.contains("\u{1B}[1;36m"))
    var attributes = termios()
    tcgetattr(terminal.slave, &attributes)
    #expect(attributes.c_lflag & tcflag_t(ECHO | ICANON) == tcflag_t(ECHO | ICANON))
    await terminal.waitUntil("the end of bracketed paste") { terminal.raw.hasSuffix("\u{1B}[?2004l") }
  }

  @Test func `Letters of all alphabets can be typed and edited`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor()
    let result = try await terminal.read(editor) {
      await terminal.waitFor(">")
      terminal.type("grün 状態x")
      await terminal.waitFor("> grün 状態x")
      terminal.type("\u{1B}[D\u{7F}")
      await terminal.waitFor("> grün 状x")
      terminal.type("\u{1}é")
      await terminal.waitFor("> égrün 状x")
      terminal.type("\r")
    }
    #expect(result == .line("égrün 状x"))
  }

  @Test func `A half character and broken bytes do not end the line`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor()
    let result = try await terminal.read(editor) {
      await terminal.waitFor(">")
      for byte: UInt8 in [0xE7, 0x8A, 0xB6, 0xFF, 0x61, 0xC3, 0x28, 0x62] {
        _ = [byte].withUnsafeBytes { write(terminal.master, $0.baseAddress, 1) }
      }
      await terminal.waitUntil("the last letter") { terminal.screen.hasSuffix("b") }
      terminal.type("\r")
    }
    #expect(result == .line("状ab"))
  }

  @Test func `Ctrl-D leaves on an empty line only`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor()
    let kept = try await terminal.read(editor) {
      await terminal.waitFor(">")
      terminal.type("a\u{4}b")
      await terminal.waitFor("> ab")
      terminal.type("\r")
    }
    #expect(kept == .line("ab"))
    let left = try await terminal.read(editor) {
      await terminal.waitUntil("the second prompt") { terminal.screen.hasSuffix("\n>") }
      terminal.type("\u{4}")
    }
    #expect(left == .endOfInput)
  }

  @Test func `A terminal that goes away hangs up`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor()
    let result = try await terminal.read(editor) {
      await terminal.waitFor(">")
      terminal.type("half")
      await terminal.waitFor("> half")
      terminal.hangUp()
    }
    #expect(result == .hangUp || result == .endOfInput)
  }

  @Test func `Up brings back whole statements, several lines as one`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor { $0.isComplete = { !$0.hasSuffix("|") } }
    let first = try await terminal.read(editor) {
      await terminal.waitFor(">")
      terminal.type("cells |\r")
      await terminal.waitFor("> cells |")
      terminal.type("count\r")
    }
    #expect(first == .line("cells |\ncount"))
    let second = try await terminal.read(editor) {
      await terminal.waitUntil("the second prompt") { terminal.screen.hasSuffix("\n>") }
      terminal.type("second\r")
    }
    #expect(second == .line("second"))
    let again = try await terminal.read(editor) {
      await terminal.waitUntil("the third prompt") { terminal.screen.hasSuffix("second\n>") }
      terminal.type("\u{1B}[A")
      await terminal.waitFor("\n> second")
      terminal.type("\u{1B}[A")
      await terminal.waitFor("\n> cells |\ncount")
      // Inside the statement Up goes to its first line, where the edit lands.
      terminal.type("\u{1B}[A\u{5}\u{7F}| take 3 |")
      await terminal.waitFor("\n> cells | take 3 |\ncount")
      terminal.type("\u{1B}[B\r")
    }
    #expect(again == .line("cells | take 3 |\ncount", isRecalled: true))
  }

  @Test func `A paste with newlines is text, and runs nothing`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor()
    let result = try await terminal.read(editor) {
      await terminal.waitFor(">")
      terminal.type("\u{1B}[200~cells | skip\r\nvariants | approve\r\u{2}\u{1B}[31m\u{1B}[201~")
      await terminal.waitFor("> cells | skip\nvariants | approve\n[31m")
      terminal.type("\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}")
      await terminal.waitFor("\nvariants | approve")
      terminal.type("\r")
    }
    #expect(result == .line("cells | skip\nvariants | approve"))
  }

  @Test func `A large paste arrives whole`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor()
    let text = (0..<400).map { "cells where id=\($0)" }.joined(separator: " ")
    let result = try await terminal.read(editor) {
      await terminal.waitFor(">")
      terminal.type("\u{1B}[200~\(text)\u{1B}[201~\r")
    }
    #expect(result == .line(text))
  }

  @Test func `A message appears above a half-typed line that has wrapped`() async throws {
    let terminal = try TypistTerminal(columns: 30)
    let editor = try terminal.editor()
    let result = try await terminal.read(editor) {
      await terminal.waitFor(">")
      terminal.type("a line that is longer than the 状態 terminal")
      await terminal.waitFor("> a line that is longer than t\nhe 状態 terminal")
      editor.printAbove("cell 17/3 finished\ncell 17/4 finished")
      await terminal.waitFor("cell 17/3 finished\ncell 17/4 finished\n> a line that is longer than t\nhe 状態 terminal")
      terminal.type("\u{1}")
      editor.printAbove("cell 17/5 finished")
      await terminal.waitFor("cell 17/5 finished\n> a line that is longer than t\nhe 状態 terminal")
      terminal.type("X\r")
    }
    #expect(result == .line("Xa line that is longer than the 状態 terminal"))
    #expect(terminal.screen.components(separatedBy: "a line").count == 2, "the line stands on the screen once")
  }

  @Test func `Messages while nothing is read come before the next prompt, a flood of them bounded`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor()
    for index in 1...2000 { editor.printAbove("event \(index)") }
    let result = try await terminal.read(editor) {
      await terminal.waitFor("event 1999\nevent 2000\n>")
      terminal.type("ok\r")
    }
    #expect(result == .line("ok"))
    #expect(terminal.screen.hasPrefix("(1500 earlier messages are not shown)\nevent 1501\n"))
  }

  @Test func `A new size keeps the typed line`() async throws {
    let terminal = try TypistTerminal(columns: 60)
    let editor = try terminal.editor()
    let result = try await terminal.read(editor) {
      await terminal.waitFor(">")
      terminal.type("cells where status=failed")
      await terminal.waitFor("> cells where status=failed")
      terminal.setSize(columns: 40, rows: 10)
      kill(getpid(), SIGWINCH)
      terminal.type(" and character=Aria")
      await terminal.waitFor("> cells where status=failed and characte\nr=Aria")
      terminal.type("\r")
    }
    #expect(result == .line("cells where status=failed and character=Aria"))
  }

  private static let words = ["status=failed", "status=approved", "stale", "character=状態"]

  private func completingEditor(_ terminal: TypistTerminal) throws -> LineEditor {
    try terminal.editor { settings in
      settings.complete = { text, cursor in
        let word = text.prefix(cursor).split(separator: " ", omittingEmptySubsequences: false).last ?? ""
        let found = Self.words.filter { $0.hasPrefix(word) }
        return Completion(replacing: word.count, candidates: found.map { Completion.Candidate($0, note: "(3)") })
      }
    }
  }

  @Test func `Tab completes one, and the common beginning of several with a menu below`() async throws {
    let terminal = try TypistTerminal()
    let editor = try completingEditor(terminal)
    let result = try await terminal.read(editor) {
      await terminal.waitFor(">")
      terminal.type("状 s\t")
      await terminal.waitFor("> 状 sta\nstatus=failed (3)    status=approved (3)  stale (3)")
      terminal.type("t\t")
      await terminal.waitFor("> 状 status=\nstatus=failed (3)    status=approved (3)")
      terminal.type("f")
      await terminal.waitFor("> 状 status=f")
      terminal.type("\t|")
      await terminal.waitFor("> 状 status=failed |")
      terminal.type(" c\tx\r")
    }
    #expect(result == .line("状 status=failed | character=状態 x"))
  }

  @Test func `Tab goes through the choices and back, and Enter takes the one that stands there`() async throws {
    let terminal = try TypistTerminal(columns: 30)
    let editor = try completingEditor(terminal)
    let result = try await terminal.read(editor) {
      await terminal.waitFor(">")
      terminal.type("cells where (stale) or st\t")
      await terminal.waitFor("\nstatus=failed (3)\nstatus=approved (3)\nstale (3)")
      terminal.type("\t\t")
      await terminal.waitUntil("the second choice") { terminal.screen.contains("or statu\ns=approved\nstatus=failed") }
      terminal.type("\u{1B}[Z")
      await terminal.waitUntil("the first choice") { terminal.screen.contains("or statu\ns=failed\nstatus=failed") }
      terminal.type("\u{1B}[Z")
      await terminal.waitUntil("the last choice") { terminal.screen.contains("or stale\n\nstatus=failed") }
      terminal.type("\r")
    }
    #expect(result == .line("cells where (stale) or stale"))
    await terminal.waitUntil("the menu to be gone") { !terminal.screen.contains("approved") }
  }

  @Test func `A question is answered in one line that is not kept, and Ctrl-C answers it too`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor { $0.isComplete = { _ in false } }
    async let yes = editor.ask("all 48? ")
    await terminal.waitFor("all 48?")
    terminal.type("y\r")
    #expect(await yes == .line("y"))
    async let no = editor.ask("again? ")
    await terminal.waitFor("again?")
    kill(getpid(), SIGINT)
    #expect(await no == .interrupted)
  }

  @Test func `A prompt changes while its line is typed`() async throws {
    let terminal = try TypistTerminal(columns: 30)
    let editor = try terminal.editor()
    let result = try await terminal.read(editor, prompt: "film> ") {
      await terminal.waitFor("film>")
      terminal.type("a line that is longer than that")
      await terminal.waitFor("film> a line that is longer th\nan that")
      editor.setPrompt("film (no server)> ")
      await terminal.waitFor("film (no server)> a line that\nis longer than that")
      terminal.type("\r")
    }
    #expect(result == .line("a line that is longer than that"))
  }

  @Test func `A cancelled task's read ends, and the next one works`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor()
    let reading = Task { await editor.readLine(prompt: "> ") }
    await terminal.waitFor(">")
    reading.cancel()
    #expect(await reading.value == .interrupted)
    let next = try await terminal.read(editor) {
      await terminal.waitUntil("the second prompt") { terminal.screen.hasSuffix("^C\n>") }
      terminal.type("ok\r")
    }
    #expect(next == .line("ok"))
  }

  @Test func `Closing ends a read under way and refuses further ones`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor()
    let result = try await terminal.read(editor) {
      await terminal.waitFor(">")
      editor.close()
    }
    #expect(result == .hangUp)
    #expect(await editor.readLine(prompt: "> ") == .hangUp)
  }

  @Test func `What is recalled is said to be, what is typed is not`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor { $0.recall = { ["cells | skip", "runs"] } }
    for (number, (keys, expected)) in [
      ("\u{1B}[A\r", LineResult.line("runs", isRecalled: true)), ("cells\r", .line("cells")),
      ("\u{12}skip\r", .line("cells | skip", isRecalled: true)),
      ("\u{1B}[A\u{1B}[A\u{15}typed\r", .line("typed")),
    ].enumerated() {
      // What stands on the screen may be the line before: each has a prompt of its own.
      async let result = editor.readLine(prompt: "\(number)> ")
      await terminal.waitFor("\(number)>")
      terminal.type(keys)
      let line = await result
      #expect(line == expected, "\(line)")
    }
  }

  @Test func `The editor that is set gets the statement, and what it saves comes back without running`() async throws {
    let terminal = try TypistTerminal()
    let editor = try terminal.editor()
    setenv("VISUAL", "sed -i s/cells/variants/", 1)
    defer { unsetenv("VISUAL") }
    let result = try await terminal.read(editor) {
      await terminal.waitFor(">")
      terminal.type("cells | count\u{18}\u{05}")
      await terminal.waitUntil("the edited line") { terminal.screen.hasSuffix("> variants | count") }
      terminal.type(" x\r")
    }
    #expect(result == .line("variants | count x"))
  }
}
