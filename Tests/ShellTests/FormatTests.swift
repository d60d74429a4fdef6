import Foundation
import Testing

@Suite struct `Formats for programs` {
  private static let statements = [
    "help", "help submit", "check matrix", "explain cells where id=1", "explain cells where id=1 | tag a",
    "cells where id=1 | tag a", "plan cells where id=1 | tag b", "create run RUN", "apply \"film/production.yaml\"",
    "describe cells", "show settings", "matrix", "progress", "cells | why", "undo",
    "pause", "resume", "budget gpu_hours=5", "limit segment none",
  ]

  @Test(arguments: ["json", "jsonl", "csv", "tsv", "ids"])
  func `hold nothing but their own, whatever is said`(_ format: String) async throws {
    try await TestHome.with { home in
      try await home.say("apply \"\(try await Production().write(to: home))\"", "create run spring")
      for statement in Self.statements {
        let ending = try await home.run("--run", "spring", "-o", format, "-c", statement.replacing("RUN", with: format))
        if format == "ids", ["describe", "show", "matrix", "progress"].contains(where: statement.hasPrefix) {
          #expect(ending.output.allSatisfy { $0.isNumber || $0.isNewline }, "\(statement): \(ending)")
          continue
        }
        #expect(ending.status == 0, "\(statement): \(ending)")
        expect(ending.output, isIn: format, statement)
        if format == "ids", !statement.hasPrefix("plan"), !statement.hasPrefix("cells"), statement != "undo" {
          #expect(ending.output.isEmpty && !ending.errors.isEmpty, "\(statement): \(ending)")
        }
      }
    }
  }

  private func expect(_ output: String, isIn format: String, _ statement: String) {
    let lines = output.split(whereSeparator: \.isNewline)
    switch format {
    case "json": #expect((try? JSONSerialization.jsonObject(with: Data(output.utf8))) != nil, "\(statement): \(output)")
    case "jsonl":
      for line in lines {
        #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil, "\(statement): \(line)")
      }
    case "csv", "tsv":
      #expect(lines.first?.contains(/^[a-z_]+([,\t][a-z0-9_]+)*$/) == true, "\(statement): \(output)")
    default: #expect(lines.allSatisfy { $0.contains(/^(p?[0-9]+)$/) }, "\(statement): \(output)")
    }
  }
}
