import Diagnostics
import QueryLanguage
import SQLText
import TestFixtures
import Testing

@testable import QueryCompiler

/// Pipelines put together from real fields and values, right and wrong ones.
struct RandomPipeline {
  private var state: UInt64

  init(seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678 }

  mutating func text() -> String {
    let entity = any(Catalogue.standard.entities)
    var fields = entity.fields
    var text = entity.name
    if pick(2) == 0 { text += " where " + condition(fields, 2) }
    for _ in 0..<pick(5) { text += " | " + stage(entity, &fields) }
    return text
  }

  private mutating func stage(_ entity: Entity, _ fields: inout [Field]) -> String {
    switch pick(11) {
    case 0: return "where " + condition(fields, 2)
    case 1: return "sort -\(any(fields).name), \(any(fields).name)"
    case 2: return "take \(pick(9))"
    case 3: return "take last \(pick(9))"
    case 4: return "offset \(pick(9))"
    case 5: return "pick \(any(fields).name), \(any(fields).name)"
    case 6:
      fields = [any(fields), any(fields)]
      return "distinct \(fields[0].name), \(fields[1].name)"
    case 7:
      let (key, number) = (any(fields), any(fields))
      fields = [key, Field("count", .int, "")]
      return "group count, \(["sum", "avg", "min", "max"][pick(4)])(\(number.name)) by \(key.name)"
    case 8:
      return
        "\(["union", "except", "intersect"][pick(3)]) (\(entity.name) where \(condition(entity.fields, 1)) | take 3)"
    case 9: return "sample \(pick(9))"
    default:
      fields = [Field("count", .int, "")]
      return "count"
    }
  }

  private mutating func condition(_ fields: [Field], _ depth: Int) -> String {
    if depth > 0, pick(3) == 0 {
      let (left, right) = (condition(fields, depth - 1), condition(fields, depth - 1))
      return ["(\(left) and \(right))", "(\(left) or \(right))", "not (\(left))"][pick(3)]
    }
    let field = any(fields)
    let (value, other) = (value(field), value(field))
    switch pick(7) {
    case 0: return "\(field.name) != \(value)"
    case 1: return "\(field.name) in (\(value), \(other), null)"
    case 2: return "\(field.name) not in (\(value), \(other))"
    case 3: return "\(field.name) is set"
    case 4: return "\(field.name) = \(value)..\(value)"
    case 5: return "\(field.name) like \"a*\""
    default: return "\(field.name) \(["=", "<", ">="][pick(3)]) \(value)"
    }
  }

  private mutating func value(_ field: Field) -> String {
    switch field.type {
    case .bool: "true"
    case .int: "\(pick(9))"
    case .double: "0.\(pick(9))"
    case .text: "\"it's\""
    case .word(let vocabulary): any(vocabulary.words)
    case .time: any(["today", "now", "2026-11-22"])
    case .duration: "\(pick(9))h"
    case .list(let vocabulary): vocabulary.map { any($0.words) } ?? "hero"
    case .reference: any(["1", "2", "suit", "Aria", "spring"])
    }
  }

  private mutating func any<Item>(_ items: [Item]) -> Item { items[pick(items.count)] }

  private mutating func pick(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(count))
  }
}

@Suite struct `random pipelines` {
  @Test(arguments: 0..<500) func `what the checker lets pass has SQL and columns`(seed: Int) throws {
    var random = RandomPipeline(seed: seed)
    let text = random.text()
    let (checked, diagnostics) = World.check(text)
    #expect((checked == nil) == diagnostics.contains { $0.severity == .error }, "\(text)")
    #expect(!diagnostics.contains { $0.code == "syntax" }, "\(text)")
    guard let pipeline = World.pipeline(text) else { return }
    let rows = World.compiler.rows(pipeline, limit: 10)
    #expect(rows.columns.map(\.name) == pipeline.shape.shown.map(\.name))
    #expect(!rows.columns.isEmpty)
    #expect(World.compiler.rows(pipeline, limit: 10) == rows)
    #expect(World.compiler.total(pipeline).rendered().text.hasPrefix("select q.\"count\" from (select "))
  }
}
