extension Topic {
  static let conditions: [Topic] = [
    Topic(
      .condition, "and", "CONDITION and CONDITION | CONDITION or CONDITION | not CONDITION | ( CONDITION )",
      "not binds first, then comparisons, and, or", examples: ["cells where status=failed and (stale or not submitted)"]
    ),
    Topic(
      .condition, "=", "FIELD = VALUE | != < <= > >=",
      "compares; != includes rows without a value, \"= null\" asks for them",
      examples: ["cells where take > 1", "cells where status != approved"]),
    Topic(
      .condition, "in", "FIELD [not] in (VALUE, VALUE, LOW..HIGH) | FIELD = LOW..HIGH",
      "compares with several values or a range with both its ends",
      examples: ["cells where status in (failed, rejected)", "cells where id in (1, 5..9)"]),
    Topic(
      .condition, "like", "FIELD [not] like \"PATTERN\"", "* is any text, ? one character; case is ignored",
      examples: ["characters where name like \"a*\""]),
    Topic(
      .condition, "~", "FIELD ~ /PATTERN/ | FIELD ~ /PATTERN/i", "matches a regular expression; i ignores case",
      examples: ["cells where error ~ /out of memory/i"]),
    Topic(
      .condition, "is", "FIELD is null | is set | is not null | is not set", "asks whether there is a value",
      examples: ["cells where error is set"]),
    Topic(
      .condition, "since", "[FIELD] since DURATION | since DATE | before DATE | older than DURATION",
      "compares with a time; without a field it is when the row last changed",
      examples: ["cells where since 2h", "cells where finished_at before today", "jobs where older than 1h30m"]),
    Topic(
      .condition, "@", "@MACRO[(VALUE, NAME=VALUE)] | in @MACRO[(...)]",
      "a kept pipeline, as the source of rows or, behind in, as a condition: the rows that it chooses; help @MACRO explains it",
      examples: []),
    Topic(
      .condition, "values",
      "3  1.5  50%  2h30m  \"text\"  'text'  word  true  2026-11-22  2026-11-22T18:30  today  null  $name",
      "a number where an id can stand is the id, anything else a name; $name is a variable or a parameter",
      examples: ["cells where character = \"Aria Vale\"", "cells where updated_at >= today and gpu_seconds > 1h30m"]),
  ]
}
