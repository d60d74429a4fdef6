import Foundation
import Testing

@Suite struct `An installation` {
  private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("scripts/install").path

  @Test func `has a manual page and completions, and is removed whole`() async throws {
    try await TestHome.with { home in
      let installed = try await home.bash(
        "\(Self.script) --prefix $HOME/usr --binary $callsheet && PATH=$HOME/usr/bin:$PATH callsheet --version")
      #expect(installed.status == 0, "\(installed.errors)")
      let page = try String(contentsOfFile: home("usr/share/man/man1/callsheet.1"), encoding: .utf8)
      for part in [
        "SH NAME", "SH EXIT STATUS", "cells where status=failed", "-single-transaction".replacing("-", with: "\\-"),
      ] {
        #expect(page.contains(part), "\(part)")
      }
      #expect(try await home.bash("bash -n usr/share/bash-completion/completions/callsheet").status == 0)
      let zsh = try String(contentsOfFile: home("usr/share/zsh/site-functions/_callsheet"), encoding: .utf8)
      let fish = try String(contentsOfFile: home("usr/share/fish/vendor_completions.d/callsheet.fish"), encoding: .utf8)
      #expect(zsh.contains("--single-transaction") && fish.contains("single-transaction"))
      try home.write("usr/share/man/man1/other.1", "other")
      #expect(try await home.bash("\(Self.script) --prefix $HOME/usr --uninstall").status == 0)
      #expect(home.files("usr") == ["share/man/man1/other.1"])
    }
  }
}
