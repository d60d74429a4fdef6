import Diagnostics
import Foundation
import QueryLanguage
import SQLText
import TestFixtures
import Testing

@testable import QueryCompiler

@Suite struct `values never become SQL` {
  static let attacks = [
    "'; drop table cells; --", "\" or 1=1 --", "$1", "\\'; select 1", "x' union select 1 --", "/* */", "$$a$$", "%s",
    "\u{2028}",
    "a\nb", "ROBERT'); DROP TABLE",
  ]

  @Test(arguments: attacks) func `in every place a value can stand`(attack: String) throws {
    for (text, harmless) in zip(Self.statements(with: attack), Self.statements(with: "x")) {
      let pipeline = try #require(World.pipeline(text), "\(text)")
      let plain = try #require(World.pipeline(harmless))
      #expect(World.compiler.rows(pipeline).sql.rendered().text == World.compiler.rows(plain).sql.rendered().text)
      #expect(World.compiler.ids(pipeline).rendered().text == World.compiler.ids(plain).rendered().text)
    }
  }

  private static func statements(with value: String) -> [String] {
    let quoted = Literal.quoted(value)
    let glob = Literal.quoted(value.replacing("%", with: "*"))
    let pattern = value.replacing("/", with: "\\/").replacing("\n", with: " ")
    return [
      "jobs where worker = \(quoted)", "cells where error = \(quoted)", "cells where error in (\(quoted), b)",
      "cells where error not like \(glob)", "cells where error ~ /\(pattern)/i", "cells where tags = \(quoted)",
      "cells where tags in (\(quoted), b)", "cells where tags ~ /\(pattern)/", "cells where tags like \(glob)",
      "cells where error = \(quoted)..\(quoted)", "cells where not (error != \(quoted))",
    ]
  }

  @Test(arguments: attacks) func `in no place a name can stand`(attack: String) {
    for text in [
      "\(attack)", "cells | sort \(attack)", "cells | pick \(attack)", "cells where \(attack) = 1",
      "cells | group by \(attack)",
      "cells | group sum(\(attack)) by id", "cells where status = \(Literal.quoted(attack))", "select \(attack)",
    ] {
      #expect(World.pipeline(text) == nil, "\(text)")
    }
  }

  @Test func `every statement is limited to its project, or to a run of it`() throws {
    for entity in Catalogue.standard.entities {
      let pipeline = try #require(World.pipeline("\(entity.name) where true or id = 1 | count"))
      let text = World.compiler.rows(pipeline).sql.rendered().text
      let limit =
        switch entity.scope {
        case .run: "q.run_id = $1"
        case .project: "q.project_id = $1"
        case .shared: "(q.project_id = $1 or q.project_id is null)"
        }
      #expect(text.contains("where \(limit) and "), "\(text)")
    }
    let elsewhere = try #require(World.pipeline("cells where run = 2 | count"))
    #expect(World.compiler.rows(elsewhere).sql.rendered().text.contains("where q.project_id = $1 and "))
  }
}

@Suite struct `catalogue` {
  @Test func `default fields, time fields and names exist once`() {
    for entity in Catalogue.standard.entities {
      #expect(entity.defaultFields.allSatisfy { entity.field($0) != nil }, "\(entity.name)")
      #expect(entity.timeField.map { entity.field($0)?.type == .time } ?? true, "\(entity.name)")
      #expect(Set(entity.fields.map(\.name)).count == entity.fields.count, "\(entity.name)")
      #expect(entity.fields.contains { $0.name == "id" && $0.type == .int })
    }
  }

  @Test func `every field can be shown, sorted by and asked for`() throws {
    for entity in Catalogue.standard.entities {
      for field in entity.fields {
        let text = "\(entity.name) where \(field.name) is set | sort -\(field.name) | pick \(field.name)"
        let pipeline = try #require(World.pipeline(text), "\(text)")
        #expect(World.compiler.rows(pipeline).columns.map(\.name) == [field.name])
      }
    }
  }
}
