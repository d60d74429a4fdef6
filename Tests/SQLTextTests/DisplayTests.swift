import FoundationEssentials
import SQLText
import Testing

@Suite struct DisplayTests {
  @Test(arguments: [
    (SQLValue.null, "null"), (.bool(true), "true"), (.int(-3), "-3"), (.double(0.5), "0.5::float8"),
    (.double(.infinity), "'inf'::float8"), (.text("it's"), "'it''s'"), (.text("a\\b"), #"E'a\\b'"#),
    (.text("one\ntwo\u{7}"), #"E'one\ntwo\u0007'"#), (.text("\u{202E}x\u{1F300}"), "E'\\u202ex\u{1F300}'"),
    (.text("--'; drop"), "'--''; drop'"), (.ints([1, 2]), "'{1,2}'::int8[]"),
    (.texts(["a,b", "c'd"]), "array['a,b', 'c''d']::text[]"),
    (.texts([]), "array[]::text[]"), (.doubles([1.5]), "'{1.5}'::float8[]"),
    (.bools([true, false]), "'{t,f}'::bool[]"),
    (.json("{\"a\":1}"), "'{\"a\":1}'::jsonb"), (.bytes([0, 255]), "'\\x00ff'::bytea"),
    (.timestamp(Date(timeIntervalSince1970: 1_795_348_800.25)), "'2026-11-22 12:00:00.250000Z'::timestamptz"),
    (.timestamp(Date(timeIntervalSince1970: 1_795_348_800)), "'2026-11-22 12:00:00Z'::timestamptz"),
  ])
  func `a value is written as the server reads it`(value: SQLValue, literal: String) {
    #expect(value.literal == literal)
  }

  @Test func `clauses begin lines and what is nested stands further in`() {
    let inner: SQL =
      "select q.\"id\" from \"t from x\" as q where q.a between \(1) and \(2) and (q.b or q.c) order by q.\"id\" limit \(3)"
    let sql: SQL = "select count(*) as count from (\(inner)) as q where q.x in (\(inner)) and q.y = \("z from y")"
    #expect(
      sql.displayed() == """
        select count(*) as count
        from (
          select q."id"
          from "t from x" as q
          where q.a between 1 and 2
          and (q.b or q.c)
          order by q."id"
          limit 3
        ) as q
        where q.x in (
          select q."id"
          from "t from x" as q
          where q.a between 1 and 2
          and (q.b or q.c)
          order by q."id"
          limit 3
        )
        and q.y = 'z from y'
        """)
  }
}
