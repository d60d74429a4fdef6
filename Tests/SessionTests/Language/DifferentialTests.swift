import PostgresClient
import QueryCompiler
import QueryLanguage
import SQLText
import TestDatabase
import TestFixtures
import Testing

/// What a statement selects, against a second opinion in Swift on the same rows.
@Suite struct `random statements on random rows` {
  @Test(arguments: 0..<5) func `select what their conditions mean`(seed: Int) async throws {
    try await TestDatabase.withDatabase { connection, target in
      try await RandomRows.fill(connection, seed: seed)
      let entity = try #require(Catalogue.standard.entity("cells"))
      let rows = try await RandomRows.read(connection, entity)
      #expect(rows.count == 180)
      let checker = try await World(connection: connection, target: target).checker()
      var random = SeededGenerator(seed: seed)
      var answers: Set<Int> = []
      for _ in 0..<200 {
        let statement = RandomStatement.draw(&random, entity: entity, rows: rows)
        let pipeline = try World.pipeline(statement.text, checker)
        let found = try await connection.query(World.compiler.ids(pipeline)).rows.map { try $0.decode(Int64.self) }
        #expect(found == statement.ids, "\(statement.text)")
        answers.insert(found.count)
      }
      // Had the conditions all or nothing for an answer, this would show little.
      #expect(answers.count > 20)
    }
  }
}

/// Rows chosen, ordered, cut and combined, with the ids that have to come of it.
struct RandomStatement {
  let text: String
  let ids: [Int64]

  static func draw(_ random: inout SeededGenerator, entity: Entity, rows: [RowOfCells]) -> RandomStatement {
    let condition = RandomCondition.draw(&random, fields: entity.fields, rows: rows)
    var text = "\(entity.name) where \(condition.text)"
    var chosen = rows.filter(condition.holds)
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1:
      let other = RandomCondition.draw(&random, fields: entity.fields, rows: rows, depth: 1)
      let operation = random.any(["union", "except", "intersect"])
      text += " | \(operation) (\(entity.name) where \(other.text))"
      let others = Set(rows.filter(other.holds).map(id))
      let own = Set(chosen.map(id))
      chosen = rows.filter { row in
        switch operation {
        case "union": own.contains(id(row)) || others.contains(id(row))
        case "except": own.contains(id(row)) && !others.contains(id(row))
        default: own.contains(id(row)) && others.contains(id(row))
        }
      }
    case 2, 3:
      let key = random.any([
        "take", "-take", "finished_at", "-updated_at", "status", "-status", "note", "-progress", "character",
      ])
      chosen = sorted(chosen, by: key, entity)
      text += " | sort \(key)"
      (text, chosen) = cut(&random, text, chosen)
    case 4: (text, chosen) = cut(&random, text, chosen)
    default: break
    }
    return RandomStatement(text: text, ids: chosen.map(id))
  }

  private static func id(_ row: RowOfCells) -> Int64 { if case .int(let id) = row["id"] { id } else { 0 } }

  private static func cut(
    _ random: inout SeededGenerator, _ text: String, _ rows: [RowOfCells]
  ) -> (String, [RowOfCells]) {
    let (number, skipped) = (Int.random(in: 0...60, using: &random), Int.random(in: 0...30, using: &random))
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return (text + " | take \(number)", Array(rows.prefix(number)))
    case 1: return (text + " | take last \(number)", Array(rows.suffix(number)))
    case 2: return (text + " | offset \(skipped) | take \(number)", Array(rows.dropFirst(skipped).prefix(number)))
    default: return (text + " | take \(number) | offset \(skipped)", Array(rows.prefix(number).dropFirst(skipped)))
    }
  }

  /// Rows without a value come last whichever way it goes, equals in the order of ids.
  private static func sorted(_ rows: [RowOfCells], by key: String, _ entity: Entity) -> [RowOfCells] {
    let name = String(key.drop { $0 == "-" })
    let rank: [String: Int] =
      if case .word(let vocabulary) = entity.field(name)?.type {
        Dictionary(uniqueKeysWithValues: zip(vocabulary.words, 0...))
      } else { [:] }
    func precedes(_ left: Cell, _ right: Cell) -> Bool {
      switch (left, right) {
      case (.int(let left), .int(let right)): left < right
      case (.double(let left), .double(let right)): left < right
      case (.time(let left), .time(let right)): left < right
      case (.text(let left), .text(let right)):
        rank.isEmpty ? left.utf8.lexicographicallyPrecedes(right.utf8) : (rank[left] ?? 0) < (rank[right] ?? 0)
      default: false
      }
    }
    return rows.sorted { left, right in
      let (first, second) = (left[name] ?? .null, right[name] ?? .null)
      if first == .null || second == .null { return first == second ? id(left) < id(right) : second == .null }
      if first == second { return id(left) < id(right) }
      return key.hasPrefix("-") ? precedes(second, first) : precedes(first, second)
    }
  }
}
