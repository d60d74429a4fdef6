import FoundationEssentials
import SQLText
import Testing

@Suite struct SQLTests {
  @Test func `bindings are numbered through splices`() {
    let condition: SQL = "b = \("x")"
    let sql: SQL = "select \(identifier: "a\"b") from t where a = \(1) and \(condition) and c = any(\([1.5]))"
    let (text, bindings) = sql.rendered()
    #expect(text == #"select "a""b" from t where a = $1 and b = $2 and c = any($3)"#)
    #expect(bindings == [.int(1), .text("x"), .doubles([1.5])])
  }

  @Test func `joined puts the separator between, and nothing for nothing`() {
    let parts: [SQL] = ["a = \(1)", "b = \(2)", "c"]
    #expect(SQL.joined(parts, separator: " and ").rendered().text == "a = $1 and b = $2 and c")
    #expect(SQL.joined([], separator: ", ").isEmpty)
  }

  @Test func `equal however it was put together`() {
    let whole: SQL = "select 1 where \(true)"
    var parts: SQL = "select "
    parts += "1"
    #expect(parts + " where \(true)" == whole)
  }

  @Test func `optionals bind null`() {
    let nothing: Int? = nil
    let date = Date(timeIntervalSinceReferenceDate: 0)
    #expect(("\(nothing)" as SQL).rendered().bindings == [.null])
    #expect(("\(Optional(date)), \(json: "{}")" as SQL).rendered().bindings == [.timestamp(date), .json("{}")])
  }

  @Test func `bytes are no array of numbers`() {
    #expect([UInt8(1), 2].sqlValue == .bytes([1, 2]))
    #expect([Int32(1), 2].sqlValue == .ints([1, 2]))
  }

  @Test func `a name cannot leave its quotes`() {
    let name = "a\"; drop table t; --\0"
    #expect(("\(identifier: name)" as SQL).rendered().text == #""a""; drop table t; --""#)
  }

  @Test func `raw text has to be asked for`() {
    #expect(("\(unsafeSQL: "now()")" as SQL).rendered().bindings.isEmpty)
  }
}
