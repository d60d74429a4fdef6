import Diagnostics
import QueryCompiler
import QueryLanguage
import SQLText
import TestFixtures
import Testing

/// There is no way to spell SQL: whatever is written becomes a bound value or a diagnostic.
@Suite struct `injections` {
  static func attacks() throws -> [String] {
    String(decoding: try Snapshot.fixture("injections.txt"), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static let compiler = PipelineCompiler(scope: QueryScope(projectID: 1))

  @Test func `as a value they are bound`() throws {
    for attack in try Self.attacks() {
      let quoted = Literal.quoted(attack)
      let macros = MacroLibrary(texts: ["save @m($x) = cells where error = $x"])
      for text in ["cells where error = \(quoted)", "@m(\(quoted))", "cells where tags = \(quoted)"] {
        let pipeline = try #require(World.pipeline(text, macros: macros), "\(text)")
        let (sql, bindings) = Self.compiler.rows(pipeline).sql.rendered()
        #expect(!sql.contains(attack) || attack.count < 3, "\(sql)")
        #expect(bindings.contains(.text(attack)), "\(text)")
      }
    }
  }

  @Test func `without quotes and where a name stands they are read as statements, and never reach the database`() throws
  {
    for attack in try Self.attacks() {
      for text in [
        "\(attack)", "cells where id = \(attack)", "cells | sort \(attack)", "cells where \(attack) = 1",
        "cells | group by \(attack)", "select \(attack)", "cells where status = \(Literal.quoted(attack))",
        "cells where character = \(Literal.quoted(attack))", "describe \(attack)", "set \(attack) 1",
      ] {
        let statements = World.statements(text)
        let refused = statements.contains { World.checker().check($0).0 == nil }
        #expect(refused || attack == "/* */" || attack == "$1", "\(text)")
      }
    }
  }
}
