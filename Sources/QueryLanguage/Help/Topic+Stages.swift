extension Topic {
  static let stages: [Topic] = [
    Topic(
      .stage, "where", "| where CONDITION", "keeps the rows that meet a condition",
      examples: ["cells | where status=failed", "cells | group by status | where count > 3"]),
    Topic(
      .stage, "sort", "| sort FIELD, -FIELD", "orders the rows; - is downwards, rows without a value come last",
      examples: ["cells | sort -updated_at, id"]),
    Topic(
      .stage, "take", "| take N | take last N", "keeps the first or the last rows",
      examples: ["cells | sort id | take 10", "events | take last 20"]),
    Topic(
      .stage, "offset", "| offset N", "leaves out the first rows", examples: ["cells | sort id | offset 10 | take 10"]),
    Topic(.stage, "pick", "| pick FIELD, FIELD", "chooses what is shown", examples: ["cells | pick id, status, error"]),
    Topic(
      .stage, "distinct", "| distinct FIELD, FIELD", "shows every combination once",
      examples: ["cells | distinct status"]),
    Topic(.stage, "count", "| count", "counts the rows", examples: ["cells where status=failed | count"]),
    Topic(
      .stage, "group", "| group [count, sum(FIELD), avg(..), min(..), max(..)] by FIELD, FIELD",
      "counts and adds up by the values of fields; a result is named count, sum_FIELD and so on",
      examples: [
        "cells | group by status", "cells | group count, sum(gpu_seconds) by character | sort -sum_gpu_seconds",
      ]),
    Topic(
      .stage, "union", "| union SOURCE | union (PIPELINE)", "adds other rows of the same entity",
      examples: ["cells where stale | union cells where status=failed"]),
    Topic(
      .stage, "except", "| except SOURCE | except (PIPELINE)", "takes other rows of the same entity away",
      examples: ["cells where status=failed | except cells where stale"]),
    Topic(
      .stage, "intersect", "| intersect SOURCE | intersect (PIPELINE)", "keeps the rows that both have",
      examples: ["cells where stale | intersect (cells | sort -updated_at | take 100)"]),
    Topic(.stage, "sample", "| sample N", "draws rows by lot", examples: ["cells where status=qa_review | sample 5"]),
    Topic(
      .stage, "why", "| why   or by itself:  why [where CONDITION]",
      "says what blocked cells wait for, and what clears it",
      examples: ["cells where status=blocked | why", "why"]),
    Topic(
      .stage, "matrix", "| matrix [AXIS x AXIS] [show FIELD]   or by itself:  matrix [...] [where CONDITION]",
      "draws the matrix on one screen",
      examples: ["matrix", "matrix scene_types x characters", "cells where status=failed | matrix"]),
    Topic(
      .stage, "progress", "| progress   or by itself:  progress [where CONDITION]", "sums up how far a run is",
      examples: ["progress", "cells where variant=1 | progress"]),
    Topic(
      .stage, "watch", "| watch [every DURATION] [until CONDITION]", "shows it again whenever it changes",
      examples: ["cells | count | watch every 2s until count = 0"]),
    Topic(
      .stage, "export", "| export \"FILE\" [format FORMAT]",
      "writes the rows to a file instead of showing them; a path is from the folder where the shell was started",
      examples: ["cells | export \"cells.csv\"", "cells | export \"cells.txt\" format json"]),
    Topic(
      .stage, "expect", "| expect none | expect CONDITION",
      "fails unless there are no rows, or every row meets the condition",
      examples: ["cells where status=failed | expect none", "cells where status=approved | count | expect count >= 10"]),
  ]
}
